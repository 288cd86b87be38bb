/** For tests only: what may happen to nodes and services, and how their controllers' promises can be broken. */
import type { Lease } from '../api/coordination/v1/types.ts';
import type { Endpoints as EndpointsObject, Node, Pod, Service } from '../api/core/v1/types.ts';
import { formatMicroTime, formatTime } from '../api/meta/time.ts';
import { Endpoints, EndpointSlices, IPAddresses, Leases, Nodes, Pods, ServiceCIDRs, Services } from '../api/resources.ts';
import type { IPAddress } from '../api/networking/v1/types.ts';
import type { Act, History, Scenario } from './history.fixture.ts';

type Loose = Record<string, unknown>;

const ready = (status: string): Loose => ({ conditions: [{ type: 'Ready', status }] });
const tainted = (...taints: Loose[]): Loose => ({ taints });
const nodeName = (n: number): string => `n${n % 4}`;
const putNode = (history: History, name: string): void => history.put(Nodes, name, { spec: {}, status: ready('True') });
const someNodes = (history: History): void => [0, 1, 2].forEach((n) => putNode(history, nodeName(n)));
const addNode: Act = (history, n) => putNode(history, nodeName(n));
const loseNode: Act = (history, n) => history.delete(Nodes, nodeName(n));

/** Kubelets that live renew their leases; `quiet` ones do not. */
function heartbeats(history: History): void {
  for (const node of history.list(Nodes)) {
    const name = node.metadata.name!;
    if (node.metadata.labels?.['quiet'] !== undefined) continue;
    const renewTime = formatMicroTime(history.host.clock.now());
    history.put(Leases, name, { spec: { renewTime } }, 'kube-node-lease');
    history.change<Lease>(Leases, name, (lease) => { lease.spec = { renewTime }; }, 'kube-node-lease');
    if (node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'Unknown')) setReady(history, name, 'True');
  }
}

function setReady(history: History, name: string, status: string): void {
  history.change<Node>(Nodes, name, (object) => { object.status = { ...object.status, conditions: [...(object.status?.conditions ?? []).filter(({ type }) => type !== 'Ready'), { type: 'Ready', status }] }; });
}

const lifecycle: Scenario = {
  settings: { nodeMonitorGraceMs: 50_000, nodeMonitorPeriodMs: 5_000 },
  arrange: someNodes,
  acts: [
    addNode, loseNode, heartbeats,
    (history, n) => history.change<Node>(Nodes, nodeName(n), (object) => { object.metadata.labels = n % 2 === 0 ? { quiet: '' } : {}; }),
    (history, n) => setReady(history, nodeName(n), n % 2 === 0 ? 'False' : 'True'),
    (history, n) => history.change<Node>(Nodes, nodeName(n), (object) => { object.spec = { ...object.spec, unschedulable: n % 2 === 0 }; }),
    async (history) => {
      for (let i = 0; i < 8; i++) {
        heartbeats(history);
        await history.advance(10_000);
      }
    },
  ],
  world: heartbeats, settleMs: 120_000, settleSteps: 12,
  breaks: {
    'well nodes are not emptied': (stage) => stage.put(Nodes, 'n', { status: ready('True') }).put(Nodes, 'n', { spec: tainted({ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }), status: ready('True') }),
    'conditions become taints': (stage) => stage.put(Nodes, 'n', { status: ready('False') }),
    'well nodes are free': (stage) => stage.put(Nodes, 'n', { spec: tainted({ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }), status: ready('True') }),
  },
};

const tolerations: readonly Loose[][] = [[], [{ key: 'x', operator: 'Exists' }], [{ key: 'x', operator: 'Exists', tolerationSeconds: 30 }], [{ operator: 'Exists' }]];
const putPod = (history: History, n: number): void => history.put(Pods, `p${n % 5}`, { metadata: { labels: { app: 'web' } }, spec: { nodeName: nodeName(n), containers: [], tolerations: tolerations[n % tolerations.length] }, status: { phase: 'Running' } });
const taint: Act = (history, n) => history.change<Node>(Nodes, nodeName(n), (object) => { object.spec = n % 3 === 0 ? {} : (tainted({ key: n % 3 === 1 ? 'x' : 'y', effect: 'NoExecute' }) as never); });
const mark = (reason: string): Loose => ({ conditions: [{ type: 'DisruptionTarget', status: 'True', reason }] });

const taintEviction: Scenario = {
  arrange: someNodes, acts: [putPod, putPod, taint, (history, n) => history.delete(Pods, `p${n % 5}`)], settleMs: 60_000,
  breaks: {
    'who tolerates stays': (stage) => stage.put(Nodes, 'n', { spec: tainted({ key: 'x', effect: 'NoExecute' }) }).put(Pods, 'a', { spec: { nodeName: 'n', tolerations: [{ operator: 'Exists' }] }, status: mark('DeletionByTaintManager') }),
    'who does not tolerate goes': (stage) => stage.put(Nodes, 'n', { spec: tainted({ key: 'x', effect: 'NoExecute' }) }).put(Pods, 'a', { spec: { nodeName: 'n' } }),
  },
};

const ipam: Scenario = {
  settings: { clusterCidr: '10.244.0.0/20' }, arrange: someNodes, acts: [addNode, loseNode, addNode], settleMs: 60_000,
  breaks: {
    'shares of nodes are apart': (stage) => stage.put(Nodes, 'a', { spec: { podCIDR: '10.0.0.0/24' } }).put(Nodes, 'b', { spec: { podCIDR: '10.0.0.0/25' } }),
    'shares of nodes are lasting': (stage) => stage.put(Nodes, 'a', { spec: { podCIDR: '10.0.0.0/24' } }).put(Nodes, 'a', { spec: { podCIDR: '10.0.1.0/24' } }),
    'nodes have their shares': (stage) => stage.put(Nodes, 'a', { spec: {} }),
  },
};

const podGc: Scenario = {
  settings: { terminatedPodThreshold: 3 }, arrange: someNodes,
  acts: [putPod, loseNode, addNode,
    (history, n) => history.change<Pod>(Pods, `p${n % 5}`, (object) => { object.status = { ...object.status, phase: 'Succeeded' }; }),
    (history, n) => history.put(Pods, `q${n % 5}`, { metadata: { finalizers: ['test/hold'] }, spec: { containers: [] } }),
    async (history, n) => {
      await history.delete(Pods, `q${n % 5}`);
      history.change<Pod>(Pods, `q${n % 5}`, (object) => { delete object.metadata.finalizers; });
    }],
  settleMs: 180_000,
  breaks: {
    'pods of living nodes stay': (stage) => stage.put(Nodes, 'n').put(Pods, 'a', { spec: { nodeName: 'n' }, status: mark('DeletionByPodGC') }),
    'orphaned pods go': (stage) => stage.put(Pods, 'a', { spec: { nodeName: 'n' } }),
  },
};

const ttl: Scenario = {
  arrange: (history) => { for (let i = 0; i < 97; i++) history.put(Nodes, `m${i}`, {}); },
  acts: [(history, n) => history.put(Nodes, `x${n % 6}`, {}), (history, n) => history.delete(Nodes, `x${n % 6}`), (history, n) => history.delete(Nodes, `m${n % 97}`)], settleMs: 30_000, runs: 4,
  breaks: {
    'cache times are known ones': (stage) => stage.put(Nodes, 'a', { metadata: { annotations: { 'node.alpha.kubernetes.io/ttl': '7' } } }),
    'cache times fit the cluster': (stage) => stage.put(Nodes, 'a', {}),
  },
};

const service = (more: Loose = {}): Loose => ({ spec: { selector: { app: 'web' }, clusterIP: '10.96.0.1', ipFamilies: ['IPv4'], ports: [{ port: 80, protocol: 'TCP' }], ...more } });
const shine: Act = (history, n) => history.change<Pod>(Pods, `p${n % 9}`, (object) => {
  const address = `10.1.0.${(n % 9) + 1}`;
  const v6 = `fd00::${(n % 9) + 1}`;
  object.status = { phase: n % 11 === 0 ? 'Succeeded' : 'Running', podIP: address, podIPs: [{ ip: address }, { ip: v6 }], conditions: [{ type: 'Ready', status: n % 3 === 0 ? 'False' : 'True', lastTransitionTime: formatTime(history.host.clock.now()) }] };
});
const comeAndGo: readonly Act[] = [
  (history, n) => history.put(Pods, `p${n % 9}`, { metadata: { labels: { app: 'web' } }, spec: { nodeName: nodeName(n % 3), containers: [] } }),
  (history, n) => history.put(Pods, `p${n % 9}`, { metadata: { labels: { app: n % 2 === 0 ? 'web' : 'db' } }, spec: { nodeName: nodeName(n % 3), containers: [] } }),
  shine, shine, shine,
  (history, n) => history.delete(Pods, `p${n % 9}`),
  (history, n) => history.put(Services, n % 2 === 0 ? 'web' : 'db', service({ selector: { app: n % 2 === 0 ? 'web' : 'db' }, ...(n % 3 === 0 ? { ipFamilies: ['IPv4', 'IPv6'] } : {}) })),
  (history, n) => history.change<Service>(Services, 'web', (object) => { object.spec = { ...object.spec, selector: { app: n % 2 === 0 ? 'web' : 'db' } }; }),
  (history, n) => history.change<Service>(Services, 'web', (object) => { object.spec = { ...object.spec, trafficDistribution: n % 2 === 0 ? 'PreferClose' : undefined }; object.metadata.annotations = n % 3 === 0 ? { 'service.kubernetes.io/topology-mode': 'Auto' } : {}; }),
];
const readyPod = { metadata: { labels: { app: 'web' } }, status: { phase: 'Running', podIP: '10.1.0.1', ...ready('True') } };
const sliceOf = (endpoints: Loose[], manager = 'endpointslice-controller.k8s.io'): Loose => ({ metadata: { labels: { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': manager } }, addressType: 'IPv4', endpoints, ports: [] });

const slices: Scenario = {
  beside: ['garbage-collector-controller'],
  arrange: (history) => { someNodes(history); history.put(Services, 'web', service()); },
  acts: [...comeAndGo, (history, n) => history.delete(Services, n % 2 === 0 ? 'web' : 'db')], settleMs: 60_000,
  breaks: {
    'slices stay small': (stage) => stage.put(EndpointSlices, 'web-1', sliceOf([{ addresses: ['fd00::1'] }])),
    'endpoints match': (stage) => stage.put(Services, 'web', service()).put(Pods, 'a', readyPod),
  },
};

const endpoints: Scenario = {
  arrange: (history) => { someNodes(history); history.put(Services, 'web', service()); }, acts: comeAndGo, settleMs: 60_000,
  breaks: {
    'endpoints say when they are cut': (stage) => stage.put(Endpoints, 'web', { metadata: { labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } }, subsets: [{ addresses: [{ ip: '10.0.0.1' }], notReadyAddresses: [{ ip: '10.0.0.1' }] }] }),
    'the Endpoints of a service match': (stage) => stage.put(Services, 'web', service()).put(Pods, 'a', readyPod).put(Endpoints, 'web', { subsets: [] }),
  },
};

const subsets = (n: number): Loose[] => (n % 11 === 0 ? [] : [{ addresses: Array.from({ length: 1 + (n % 4) }, (_, i) => ({ ip: n % 3 === 0 ? `fd00::${i + 1}` : `10.2.0.${i + 1}` })), ports: [{ port: 80 + (n % 2), protocol: 'TCP' }] }]);
const mirroring: Scenario = {
  beside: ['garbage-collector-controller'],
  arrange: (history) => history.put(Services, 'web', service({ selector: undefined })),
  acts: [
    (history, n) => history.put(Endpoints, 'web', { subsets: subsets(n) }),
    (history, n) => history.put(Endpoints, 'web', { subsets: subsets(n) }),
    (history, n) => history.change<EndpointsObject>(Endpoints, 'web', (object) => { object.subsets = subsets(n) as never; }),
    (history) => history.delete(Endpoints, 'web'),
    (history, n) => history.change<Service>(Services, 'web', (object) => { object.spec = { ...object.spec, ...(n % 2 === 0 ? { selector: { app: 'web' } } : { selector: undefined }) }; }),
    (history, n) => (n % 2 === 0 ? history.delete(Services, 'web') : history.put(Services, 'web', service({ selector: undefined }))),
  ],
  settleMs: 120_000,
  breaks: {
    'mirrors make nothing up': (stage) => stage.put(EndpointSlices, 'web-1', sliceOf([], 'endpointslicemirroring-controller.k8s.io')),
    'mirrors match': (stage) => stage.put(Services, 'web', service({ selector: undefined })).put(Endpoints, 'web', { subsets: subsets(1) }),
  },
};

const range = (cidr: string): Loose => ({ spec: { cidrs: [cidr] } });
const serviceCidrs: Scenario = {
  arrange: (history) => history.put(ServiceCIDRs, 'kubernetes', range('10.96.0.0/24')),
  acts: [
    (history, n) => history.put(ServiceCIDRs, `r${n % 3}`, range(`10.96.0.${(n % 3) * 64}/26`)),
    (history, n) => history.delete(ServiceCIDRs, n % 4 === 0 ? 'kubernetes' : `r${n % 3}`),
    (history, n) => history.put(IPAddresses, `10.96.0.${n % 200}`, { spec: {} }),
    (history, n) => {
      const all = history.list<IPAddress>(IPAddresses);
      return all.length === 0 ? undefined : history.delete(IPAddresses, all[n % all.length]!.metadata.name!);
    },
  ],
  settleMs: 60_000,
  breaks: {
    'ranges in use stay': (stage) => stage.put(IPAddresses, '10.0.0.1').put(ServiceCIDRs, 'a', { ...range('10.0.0.0/24'), metadata: { finalizers: ['networking.k8s.io/service-cidr-finalizer'] } }).put(ServiceCIDRs, 'a', range('10.0.0.0/24')),
    'ranges are ready': (stage) => stage.put(ServiceCIDRs, 'a', range('10.0.0.0/24')),
  },
};

export const nodeScenarios: Readonly<Record<string, Scenario>> = {
  'node-lifecycle-controller': lifecycle,
  'taint-eviction-controller': taintEviction,
  'node-ipam-controller': ipam,
  'pod-garbage-collector-controller': podGc,
  'ttl-controller': ttl,
  'endpointslice-controller': slices,
  'endpoints-controller': endpoints,
  'endpointslice-mirroring-controller': mirroring,
  'service-cidr-controller': serviceCidrs,
};
