import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RESOURCES } from '../../api/resources.ts';
import { durationText } from './cells.ts';
import { podStatusText, printerFor, tableFor } from './index.ts';

// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;
const NOW = Date.parse('2026-03-01T12:00:00Z');
const CREATED = '2026-03-01T11:55:00Z';
const meta = (rest: object = {}): object => ({ name: 'a', namespace: 'default', creationTimestamp: CREATED, ...rest });
const cells = (kind: string, object: object): unknown[] => {
  const resource = RESOURCES.find((r) => `${r.group}/${r.kind}` === kind)!;
  return tableFor(resource, [{ metadata: meta(), ...object } as Loose], { now: NOW }).rows[0]!.cells;
};

const FACTS = new URL('../../../../shared/k8s-api/printcolumns.json', import.meta.url);
interface Facts { kinds: Record<string, { group: string; columns: [string, string, string, number, string][] }> }
const facts = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as Facts) : undefined;
if (facts === undefined) console.warn('SKIPPED: columns are not compared with the facts, which are not here');

describe.skipIf(facts === undefined)('columns', () => {
  const served = new Set(RESOURCES.map((resource) => `${resource.group}/${resource.kind}`));
  const rows = Object.entries(facts?.kinds ?? {}).filter(([kind, { group }]) => served.has(`${group}/${kind}`) || kind === 'Scale');
  test('most kinds are compared', () => {
    expect(rows.length).toBeGreaterThanOrEqual(55);
  });
  test.each(rows)('%s', (kind, { group, columns }) => {
    const printer = printerFor({ group, version: 'v1', kind });
    expect(printer.columns).toEqual(columns.map(([name, type, format, priority]) => [name, type, format, priority]));
    const row = printer.cells({ metadata: {}, spec: {}, status: {}, roleRef: {}, involvedObject: {} } as Loose, NOW);
    expect(row).toHaveLength(columns.length + (kind === 'IPAddress' ? 1 : 0));
  });
});

test.each([
  [-5000, '<invalid>'], [-500, '0s'], [0, '0s'], [119_000, '119s'], [120_000, '2m'], [125_000, '2m5s'], [599_000, '9m59s'], [600_000, '10m'], [3 * 3600_000 - 1, '179m'], [3 * 3600_000, '3h'], [3.5 * 3600_000, '3h30m'],
  [8 * 3600_000, '8h'], [47 * 3600_000, '47h'], [48 * 3600_000, '2d'], [50 * 3600_000, '2d2h'], [8 * 86400_000, '8d'], [729 * 86400_000, '729d'], [730 * 86400_000, '2y'], [800 * 86400_000, '2y70d'], [8 * 365 * 86400_000, '8y'],
])('%i ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

describe('pods', () => {
  const state = (fields: object, rest: object = {}): object => ({ name: 'app', ready: false, restartCount: 0, state: fields, ...rest });
  const running = state({ running: {} }, { ready: true });
  const spec = { containers: [{ name: 'app' }] };
  const two = { containers: [{ name: 'app' }, { name: 'b' }] };
  const init = (rest: object = {}): object => ({ ...spec, initContainers: [{ name: 'init', ...rest }] });
  const initStatus = (fields: object, rest: object = {}): object => ({ phase: 'Pending', initContainerStatuses: [{ name: 'init', ready: false, restartCount: 0, state: fields, ...rest }] });
  test.each<[string, Loose, [string, string, string]]>([
    ['new', { spec, status: { phase: 'Pending' } }, ['0/1', 'Pending', '0']],
    ['being created', { spec, status: { phase: 'Pending', containerStatuses: [state({ waiting: { reason: 'ContainerCreating' } })] } }, ['0/1', 'ContainerCreating', '0']],
    ['running', { spec, status: { phase: 'Running', containerStatuses: [running] } }, ['1/1', 'Running', '0']],
    ['crashing', { spec, status: { phase: 'Running', containerStatuses: [state({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: '2026-03-01T11:55:00Z' } } })] } }, ['0/1', 'CrashLoopBackOff', '3 (5m ago)']],
    ['restarted, nobody knows when', { spec, status: { phase: 'Running', containerStatuses: [{ ...running, restartCount: 2 }] } }, ['1/1', 'Running', '2']],
    ['ended', { spec, status: { phase: 'Succeeded', containerStatuses: [state({ terminated: { exitCode: 0, reason: 'Completed' } })] } }, ['0/1', 'Completed', '0']],
    ['failed without a reason', { spec, status: { phase: 'Failed', containerStatuses: [state({ terminated: { exitCode: 3 } })] } }, ['0/1', 'ExitCode:3', '0']],
    ['killed', { spec, status: { phase: 'Failed', containerStatuses: [state({ terminated: { exitCode: 137, signal: 9 } })] } }, ['0/1', 'Signal:9', '0']],
    ['half ended', { spec: two, status: { phase: 'Running', containerStatuses: [state({ terminated: { exitCode: 0, reason: 'Completed' } }), running] } }, ['1/2', 'NotReady', '0']],
    ['half ended, ready', { spec: two, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [state({ terminated: { exitCode: 0, reason: 'Completed' } }), running] } }, ['1/2', 'Running', '0']],
    ['initializing', { spec: init(), status: initStatus({ running: {} }) }, ['0/1', 'Init:0/1', '0']],
    ['an init container failed', { spec: init(), status: initStatus({ terminated: { exitCode: 1 } }, { restartCount: 1 }) }, ['0/1', 'Init:ExitCode:1', '1']],
    ['an init container with a reason', { spec: init(), status: initStatus({ terminated: { exitCode: 1, reason: 'Error' } }) }, ['0/1', 'Init:Error', '0']],
    ['an init container crashing', { spec: init(), status: initStatus({ waiting: { reason: 'CrashLoopBackOff' } }) }, ['0/1', 'Init:CrashLoopBackOff', '0']],
    ['initialized', { spec: init(), status: { ...initStatus({ terminated: { exitCode: 0 } }, { restartCount: 4 }), phase: 'Running', containerStatuses: [running] } }, ['1/1', 'Running', '0']],
    ['a sidecar', { spec: init({ restartPolicy: 'Always' }), status: { ...initStatus({ running: {} }, { started: true, ready: true, restartCount: 2 }), phase: 'Running', containerStatuses: [running] } }, ['2/2', 'Running', '2']],
    ['gated', { spec, status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] } }, ['0/1', 'SchedulingGated', '0']],
    ['evicted', { spec, status: { phase: 'Failed', reason: 'Evicted' } }, ['0/1', 'Evicted', '0']],
    ['being deleted', { metadata: meta({ deletionTimestamp: CREATED }), spec, status: { phase: 'Running', containerStatuses: [running] } }, ['1/1', 'Terminating', '0']],
    ['ended and being deleted', { metadata: meta({ deletionTimestamp: CREATED }), spec, status: { phase: 'Failed', reason: 'Evicted' } }, ['0/1', 'Evicted', '0']],
    ['on a lost node', { metadata: meta({ deletionTimestamp: CREATED }), spec, status: { phase: 'Running', reason: 'NodeLost' } }, ['0/1', 'Unknown', '0']],
  ])('%s', (_name, pod, expected) => {
    expect(cells('/Pod', pod).slice(1, 4)).toEqual(expected);
    expect(podStatusText({ metadata: meta(), ...pod })).toBe(expected[1]);
  });
  test('the wide columns, and the mark of ended pods', () => {
    const pod = { spec: { ...spec, nodeName: 'n1', readinessGates: [{ conditionType: 'x' }, { conditionType: 'y' }] }, status: { phase: 'Succeeded', podIPs: [{ ip: '10.0.0.1' }], conditions: [{ type: 'x', status: 'True' }] } };
    expect(cells('/Pod', pod).slice(4)).toEqual(['5m', '10.0.0.1', 'n1', '<none>', '1/2']);
    const resource = RESOURCES.find((r) => r.kind === 'Pod')!;
    expect(tableFor(resource, [{ metadata: meta(), ...pod } as Loose], { now: NOW }).rows[0]!.conditions).toEqual([{ type: 'Completed', status: 'True', reason: 'Succeeded' }]);
  });
});

const template = { spec: { containers: [{ name: 'x', image: 'i:1' }, { name: 'y', image: 'j' }] } };
const selector = { matchLabels: { app: 'web' } };
test.each<[string, string, Loose, unknown[]]>([
  ['node', '/Node', { metadata: meta({ labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' } }), spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }], nodeInfo: { kubeletVersion: 'v1.36.2', osImage: 'Debian', kernelVersion: '6.1', architecture: 'amd64', containerRuntimeVersion: 'containerd://2' } } },
    ['a', 'Ready,SchedulingDisabled', 'control-plane,worker', '5m', 'v1.36.2', '10.0.0.1', '<none>', 'Debian', '6.1 (amd64)', 'containerd://2']],
  ['node nobody heard of', '/Node', {}, ['a', 'Unknown', '<none>', '5m', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>']],
  ['service', '/Service', { spec: { type: 'NodePort', clusterIPs: ['10.0.0.1'], ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }, { port: 53, protocol: 'UDP' }], selector: { b: '1', a: '2' } } }, ['a', 'NodePort', '10.0.0.1', '<none>', '80:30080/TCP,53/UDP', '5m', 'a=2,b=1']],
  ['balanced service', '/Service', { spec: { type: 'LoadBalancer', clusterIPs: ['10.0.0.1'] } }, ['a', 'LoadBalancer', '10.0.0.1', '<pending>', '<none>', '5m', '<none>']],
  ['named service', '/Service', { spec: { type: 'ExternalName', externalName: 'db.example.com' } }, ['a', 'ExternalName', '<none>', 'db.example.com', '<none>', '5m', '<none>']],
  ['endpoints', '/Endpoints', { subsets: [{ addresses: ['1', '2', '3', '4'].map((n) => ({ ip: `10.0.0.${n}` })), ports: [{ port: 80 }] }] }, ['a', '10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...', '5m']],
  ['config map', '/ConfigMap', { data: { a: '' }, binaryData: { b: '' } }, ['a', 2, '5m']],
  ['secret', '/Secret', { type: 'Opaque', data: { a: '' } }, ['a', 'Opaque', 1, '5m']],
  ['claim', '/PersistentVolumeClaim', { spec: { volumeName: 'v', storageClassName: 'fast', volumeMode: 'Filesystem' }, status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] } }, ['a', 'Bound', 'v', '1Gi', 'RWO,RWX', 'fast', '<unset>', '5m', 'Filesystem']],
  ['volume', '/PersistentVolume', { metadata: meta({ deletionTimestamp: CREATED }), spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain', claimRef: { namespace: 'n', name: 'c' } }, status: { phase: 'Bound' } }, ['a', '1Gi', 'RWO', 'Retain', 'Terminating', 'n/c', '', '<unset>', '', '5m', '<unset>']],
  ['quota', '/ResourceQuota', { status: { hard: { pods: '5', 'limits.cpu': '2', 'requests.cpu': '1' }, used: { pods: '1', 'limits.cpu': '500m' } } }, ['a', 'pods: 1/5, requests.cpu: 0/1', 'limits.cpu: 500m/2', '5m']],
  ['event', '/Event', { involvedObject: { kind: 'Pod', name: 'p' }, type: 'Warning', reason: 'Failed', message: ' no \n', source: { component: 'kubelet', host: 'n1' }, firstTimestamp: '2026-03-01T11:50:00Z', lastTimestamp: '2026-03-01T11:59:00Z', count: 3 },
    ['60s', 'Warning', 'Failed', 'pod/p', '', 'kubelet, n1', 'no', '10m', 3, 'a']],
  ['event of the newer form', 'events.k8s.io/Event', { regarding: { kind: 'Pod', name: 'p' }, type: 'Normal', reason: 'R', note: 'm', reportingController: 'c', reportingInstance: 'i', eventTime: '2026-03-01T11:59:00.000000Z' }, ['60s', 'Normal', 'R', 'pod/p', '', 'c, i', 'm', '60s', 1, 'a']],
  ['deployment', 'apps/Deployment', { spec: { replicas: 3, selector, template }, status: { readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 } }, ['a', '1/3', 2, 1, '5m', 'x,y', 'i:1,j', 'app=web']],
  ['replica set', 'apps/ReplicaSet', { spec: { replicas: 3, selector, template }, status: { replicas: 2 } }, ['a', 3, 2, 0, '5m', 'x,y', 'i:1,j', 'app=web']],
  ['daemon set', 'apps/DaemonSet', { spec: { selector, template }, status: { desiredNumberScheduled: 2 } }, ['a', 2, 0, 0, 0, 0, '<none>', '5m', 'x,y', 'i:1,j', 'app=web']],
  ['revision', 'apps/ControllerRevision', { metadata: meta({ ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: 'u', controller: true }] }), revision: 4 }, ['a', 'daemonset.apps/d', 4, '5m']],
  ['job', 'batch/Job', { spec: { parallelism: 2, template, selector }, status: { succeeded: 1, startTime: '2026-03-01T11:58:00Z' } }, ['a', 'Running', '1/1 of 2', '2m', '5m', 'x,y', 'i:1,j', 'app=web']],
  ['job that is done', 'batch/Job', { spec: { completions: 1 }, status: { succeeded: 1, startTime: '2026-03-01T11:58:00Z', completionTime: '2026-03-01T11:58:30Z', conditions: [{ type: 'Complete', status: 'True' }] } }, ['a', 'Complete', '1/1', '30s', '5m', '', '', '<none>']],
  ['cron job', 'batch/CronJob', { spec: { schedule: '* * * * *', suspend: false, jobTemplate: {} }, status: { active: [{}] } }, ['a', '* * * * *', '<none>', 'False', 1, '<none>', '5m', '', '', '<none>']],
  ['autoscaler', 'autoscaling/HorizontalPodAutoscaler', { spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, minReplicas: 1, maxReplicas: 5, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } }] }, status: { currentReplicas: 2 } }, ['a', 'Deployment/d', 'cpu: <unknown>/80%', '1', 5, 2, '5m']],
  ['budget', 'policy/PodDisruptionBudget', { spec: { maxUnavailable: '10%' }, status: { disruptionsAllowed: 1 } }, ['a', 'N/A', '10%', 1, '5m']],
  ['ingress', 'networking.k8s.io/Ingress', { spec: { rules: ['a', 'b', 'c', 'd'].map((host) => ({ host })), tls: [{}] }, status: { loadBalancer: { ingress: [{ ip: '2.2.2.2' }, { hostname: 'h' }] } } }, ['a', '<none>', 'a,b,c + 1 more...', '2.2.2.2,h', '80, 443', '5m']],
  ['slice', 'discovery.k8s.io/EndpointSlice', { addressType: 'IPv4', ports: [{ port: 80 }, { name: 'x' }, {}], endpoints: [{ addresses: ['10.0.0.1'] }] }, ['a', 'IPv4', '80,x,*', '10.0.0.1', '5m']],
  ['binding', 'rbac.authorization.k8s.io/RoleBinding', { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'u' }, { kind: 'ServiceAccount', namespace: 'n', name: 's' }, { kind: 'Group', name: 'g' }] }, ['a', 'Role/r', '5m', 'u', 'g', 'n/s']],
  ['class', 'storage.k8s.io/StorageClass', { metadata: meta({ annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }), provisioner: 'p' }, ['a (default)', 'p', 'Delete', 'Immediate', false, '5m']],
  ['certificate request', 'certificates.k8s.io/CertificateSigningRequest', { spec: { signerName: 's/t', username: 'u', expirationSeconds: 3600 }, status: { conditions: [{ type: 'Approved', status: 'True' }], certificate: 'x' } }, ['a', '5m', 's/t', 'u', '60m', 'Approved,Issued']],
  ['API service', 'apiregistration.k8s.io/APIService', { spec: { service: { namespace: 'n', name: 's' } }, status: { conditions: [{ type: 'Available', status: 'False', reason: 'Gone' }] } }, ['a', 'n/s', 'False (Gone)', '5m']],
  ['role, without a printer', 'rbac.authorization.k8s.io/Role', {}, ['a', CREATED]],
  ['address', 'networking.k8s.io/IPAddress', { spec: { parentRef: { resource: 'services', namespace: 'n', name: 's' } } }, ['a', 'services/n/s', '5m']],
])('%s', (_name, kind, object, expected) => {
  expect(cells(kind, object)).toEqual(expected);
});

describe('the table', () => {
  const resource = RESOURCES.find((r) => r.kind === 'ConfigMap')!;
  const object = { metadata: { name: 'a', creationTimestamp: CREATED }, data: { x: 'y' } } as Loose;
  test('has the list\'s version, and rows with metadata', () => {
    const table = tableFor(resource, [object], { now: NOW, listMeta: { resourceVersion: '5' } });
    expect([table.kind, table.apiVersion, table.metadata]).toEqual(['Table', 'meta.k8s.io/v1', { resourceVersion: '5' }]);
    expect(table.columnDefinitions!.map((column) => column.name)).toEqual(['Name', 'Data', 'Age']);
    expect(table.rows[0]!.object).toEqual({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata });
  });
  test('has whole objects or none, and no headers, when asked', () => {
    expect(tableFor(resource, [object], { now: NOW, includeObject: 'Object' }).rows[0]!.object).toEqual({ kind: 'ConfigMap', apiVersion: 'v1', ...object });
    expect(tableFor(resource, [object], { now: NOW, includeObject: 'None', noHeaders: true })).toMatchObject({ columnDefinitions: null, rows: [{ object: null }] });
  });
  test('of custom resources', () => {
    const columns = [
      { name: 'Spec', type: 'string', jsonPath: '.spec.cron' }, { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' }, { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'First', type: 'string', jsonPath: '.spec.list[0]' }, { name: 'None', type: 'string', jsonPath: '.spec.none' }, { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', priority: 1 }, { name: 'Tree', type: 'string', jsonPath: '.spec.tree' },
    ];
    const custom = { ...object, spec: { cron: '* *', replicas: 2, list: ['x', 'y'], tree: { a: 1 } }, status: { conditions: [{ type: 'A', status: 'no' }, { type: 'Ready', status: 'True' }] } };
    const table = tableFor({ group: 'x.y', version: 'v1', kind: 'Cron' }, [custom], { now: NOW, customColumns: columns });
    expect(table.rows[0]!.cells).toEqual(['a', '* *', 2, 'True', 'x', null, '5m', '{"a":1}']);
    expect(tableFor({ group: 'x.y', version: 'v1', kind: 'Cron' }, [custom], { now: NOW, customColumns: [] }).columnDefinitions!.map((column) => column.name)).toEqual(['Name', 'Age']);
  });
});
