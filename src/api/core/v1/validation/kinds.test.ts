import { describe, expect, test } from 'vitest';
import type { Loose } from '../../../strategies.fixture.ts';
import { created, kindOf, refusals, updated, updateRefusals } from '../../../strategies.fixture.ts';

type Row = [name: string, change: (object: Loose) => void, expected: string[]];

const creates: Record<string, Row[]> = {
  '/Service': [
    ['no ports', (s) => { s.spec.ports = []; }, ['spec.ports: Required value']],
    ['headless without ports', (s) => { s.spec = { clusterIP: 'None', selector: { a: 'b' } }; }, []],
    ['unnamed ports', (s) => { s.spec.ports = [{ port: 80 }, { port: 81, name: 'b' }]; }, ['spec.ports[0].name: Required value']],
    ['the same port twice', (s) => { s.spec.ports = [{ port: 80, name: 'a' }, { port: 80, name: 'b' }]; }, ['spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}']],
    ['an unknown type', (s) => { s.spec.type = 'Magic'; }, ['spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"']],
    ['a port of 0', (s) => { s.spec.ports[0].port = 0; s.spec.ports[0].targetPort = 1; }, ['spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive']],
    ['a node port inside the cluster', (s) => { s.spec.ports[0].nodePort = 30000; }, ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]],
    ['an external name of nothing', (s) => { s.spec = { type: 'ExternalName' }; }, ['spec.externalName: Required value']],
    ['an external name', (s) => { s.spec = { type: 'ExternalName', externalName: 'db.example.com' }; }, []],
    ['headless for nodes', (s) => { s.spec.type = 'NodePort'; s.spec.clusterIP = 'None'; }, ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"]],
    ['addresses that differ', (s) => { s.spec.clusterIP = '10.0.0.1'; s.spec.clusterIPs = ['10.0.0.2']; }, ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`']],
    ['no address', (s) => { s.spec.clusterIP = 'x'; }, ['spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    ['two of one family', (s) => { s.spec.ipFamilies = ['IPv4', 'IPv4']; }, ['spec.ipFamilies[1]: Duplicate value: "IPv4"']],
    ['an unknown affinity', (s) => { s.spec.sessionAffinity = 'Cookie'; }, ['spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"']],
    ['a long affinity', (s) => { s.spec.sessionAffinity = 'ClientIP'; s.spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 86401 } }; }, ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400']],
    ['ranges without a balancer', (s) => { s.spec.loadBalancerSourceRanges = ['10.0.0.0/8']; }, ["spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"]],
    ['a policy for outside without outside', (s) => { s.spec.externalTrafficPolicy = 'Local'; }, ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services']],
    ['the kubelet, balanced', (s) => { s.spec.type = 'LoadBalancer'; s.spec.ports[0].port = 10250; }, ['spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet']],
    ['faults, in the order in which they are looked for', (s) => {
      Object.assign(s.spec, { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'None'], sessionAffinity: 'Cookie', loadBalancerSourceRanges: ['x'], loadBalancerClass: 'a' });
      s.spec.ports = [{ port: 0, name: 'a', targetPort: 1, nodePort: 30000 }, { port: 0, name: 'a', targetPort: 1 }];
    }, [
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[1].name: Duplicate value: "a"', 'spec.ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"',
      'spec.clusterIPs[1]: Invalid value: "None": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":0,"TargetPort":0,"NodePort":0}',
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
      'spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ]],
    ['a loopback address outside', (s) => { s.spec.externalIPs = ['127.0.0.1']; }, ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ],
  '/ConfigMap': [
    ['a key with a slash', (m) => { m.data = { 'a/b': '' }; }, ["data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"]],
    ['a key in both', (m) => { m.data = { a: '' }; m.binaryData = { a: '' }; }, ['data[a]: Invalid value: "a": duplicate of key present in binaryData']],
    ['too large', (m) => { m.data = { a: 'x'.repeat(1048577) }; }, [': Too long: may not be more than 1048576 bytes']],
  ],
  '/Secret': [
    ['a certificate without a key', (s) => { s.type = 'kubernetes.io/tls'; s.data = { 'tls.crt': '' }; }, ['data[tls.key]: Required value']],
    ['no account named', (s) => { s.type = 'kubernetes.io/service-account-token'; }, ['metadata.annotations[kubernetes.io/service-account.name]: Required value']],
    ['neither name nor password', (s) => { s.type = 'kubernetes.io/basic-auth'; s.stringData = {}; }, ['data[username]: Required value', 'data[password]: Required value']],
    ['too large', (s) => { s.data = { a: btoa('x'.repeat(1048577)) }; s.stringData = {}; }, ['data: Too long: may not be more than 1048576 bytes']],
  ],
  '/Node': [
    ['a taint twice', (n) => { n.spec = { taints: [{ key: 'a', effect: 'NoSchedule' }, { key: 'a', effect: 'NoSchedule' }] }; }, ['metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair']],
    ['an unknown effect', (n) => { n.spec = { taints: [{ key: 'a', effect: 'Away' }] }; }, ['metadata.taints[0].effect: Unsupported value: "Away": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"']],
    ['two ranges of one family', (n) => { n.spec = { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] }; }, ['spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family']],
  ],
  '/PersistentVolumeClaim': [
    ['no access', (c) => { delete c.spec.accessModes; }, ['spec.accessModes: Required value: at least 1 access mode is required']],
    ['one pod and others', (c) => { c.spec.accessModes = ['ReadWriteOncePod', 'ReadWriteOnce']; }, ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes']],
    ['no size', (c) => { c.spec.resources = {}; }, ['spec.resources[storage]: Required value']],
    ['a size of 0', (c) => { c.spec.resources.requests.storage = '0'; }, ['spec.resources[storage]: Invalid value: "0": must be greater than zero']],
    ['a source of another kind', (c) => { c.spec.dataSource = { kind: 'Pod', name: 'a' }; }, ["spec.dataSource: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default apiGroup", "spec.dataSourceRef: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default apiGroup"]],
  ],
  '/PersistentVolume': [
    ['no source', (v) => { delete v.spec.hostPath; }, ['spec: Required value: must specify a volume type']],
    ['no capacity', (v) => { delete v.spec.capacity; }, ['spec.capacity: Required value', 'spec.capacity: Unsupported value: {}: supported values: "storage"']],
    ['local without a node', (v) => { delete v.spec.hostPath; v.spec.local = { path: '/d' }; }, ['spec.nodeAffinity: Required value: Local volume requires node affinity']],
    ['the root, recycled', (v) => { v.spec.hostPath.path = '/'; v.spec.persistentVolumeReclaimPolicy = 'Recycle'; }, ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"]],
  ],
  '/LimitRange': [
    ['a default for pods', (l) => { l.spec.limits = [{ type: 'Pod', default: { cpu: '1' } }]; }, ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"]],
    ['a minimum above the maximum', (l) => { l.spec.limits = [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }]; }, ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1']],
    ['an unknown type', (l) => { l.spec.limits = [{ type: 'Node' }]; }, ['spec.limits[0].type: Invalid value: "Node": must be a standard limit type or fully qualified']],
    ['a small ratio', (l) => { l.spec.limits = [{ type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } }]; }, ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1']],
  ],
  '/ResourceQuota': [
    ['a resource that nobody knows', (q) => { q.spec.hard = { foo: '1' }; }, ['spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified', 'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota']],
    ['storage by its plain name', (q) => { q.spec.hard = { storage: '1' }; }, ['spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota']],
    ['half a pod', (q) => { q.spec.hard = { pods: '500m' }; }, ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
    ['scopes that exclude each other', (q) => { q.spec.scopes = ['Terminating', 'NotTerminating']; }, ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes']],
    ['a scope for other things', (q) => { q.spec = { hard: { services: '1' }, scopes: ['Terminating'] }; }, ['spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource']],
    ['an unknown operator', (q) => { q.spec.scopeSelector = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Is' }] }; }, ['spec.scopeSelector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator']],
  ],
  '/Event': [
    ['about another namespace', (e) => { e.involvedObject.namespace = 'other'; }, ['involvedObject.namespace: Invalid value: "other": does not match event.namespace']],
    ['new, but says little', (e) => { e.eventTime = '2026-03-01T12:00:00.000000Z'; e.reportingComponent = 'a'; e.reportingInstance = 'b'; }, ['action: Required value']],
  ],
  '/Endpoints': [
    ['an empty subset', (e) => { e.subsets = [{}]; }, ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`']],
    ['a loopback address', (e) => { e.subsets[0].addresses[0].ip = '127.0.0.1'; }, ['subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
    ['unnamed ports', (e) => { e.subsets[0].ports = [{ port: 1 }, { port: 2, name: 'b' }]; }, ['subsets[0].ports[0].name: Required value']],
  ],
  '/ReplicationController': [
    ['a selector that misses', (r) => { r.spec.selector = { a: 'b' }; }, ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`']],
    ['negative replicas', (r) => { r.spec.replicas = -1; }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    ['pods that end', (r) => { r.spec.template.spec.restartPolicy = 'Never'; }, ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
  ],
  '/Namespace': [
    ['a name with dots', (n) => { n.metadata.name = 'a.b'; }, ['metadata.name: Invalid value: "a.b": must not contain dots']],
    ['a finalizer of nobody', (n) => { n.spec = { finalizers: ['mine'] }; }, ['spec.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified']],
  ],
};

describe.each(Object.entries(creates))('%s', (key, rows) => {
  test.each(rows)('%s', (_name, change, expected) => {
    expect(refusals(key, change)).toEqual(expected);
  });
});

describe('changes', () => {
  const bound = (claim: Loose): void => {
    claim.spec.volumeName = 'disk';
    claim.status = { phase: 'Bound', capacity: { storage: '1Gi' } };
  };
  const addressed = (service: Loose): void => Object.assign(service.spec, { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  const frozen = (object: Loose): void => { object.immutable = true; };
  const text = 'field is immutable when `immutable` is set';
  test.each<[string, string, (object: Loose) => void, ((object: Loose) => void) | undefined, string[]]>([
    ['a service left without its address', '/Service', (s) => { delete s.spec.clusterIP; delete s.spec.clusterIPs; }, addressed, []],
    ['a service of another address', '/Service', (s) => { s.spec.clusterIP = '10.0.0.2'; s.spec.clusterIPs = ['10.0.0.2']; }, addressed, ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set']],
    ['a service of another family', '/Service', (s) => { s.spec.ipFamilies = ['IPv6']; }, addressed, ['spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`', 'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set']],
    ['a service that becomes a name', '/Service', (s) => { s.spec.type = 'ExternalName'; s.spec.externalName = 'a.b'; }, addressed, []],
    ['a frozen config map, thawed', '/ConfigMap', (m) => { delete m.immutable; }, frozen, [`immutable: Forbidden: ${text}`]],
    ['a frozen config map, changed', '/ConfigMap', (m) => { m.data = { a: 'b' }; }, frozen, [`data: Forbidden: ${text}`]],
    ['a frozen config map, labelled', '/ConfigMap', (m) => { m.metadata.labels = { a: 'b' }; }, frozen, []],
    ['a frozen secret, changed', '/Secret', (s) => { s.data = {}; }, frozen, [`data: Forbidden: ${text}`]],
    ['a secret of another type', '/Secret', (s) => { s.type = 'x'; }, undefined, ['type: Invalid value: "x": field is immutable']],
    ['a claim being bound', '/PersistentVolumeClaim', (c) => { c.spec.volumeName = 'disk'; }, undefined, []],
    ['a claim growing', '/PersistentVolumeClaim', (c) => { c.spec.resources.requests.storage = '2Gi'; }, bound, []],
    ['a claim shrinking', '/PersistentVolumeClaim', (c) => { c.spec.resources.requests.storage = '512Mi'; }, bound, ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity']],
    ['a claim of another access', '/PersistentVolumeClaim', (c) => { c.spec.accessModes = ['ReadWriteMany']; }, bound, ['spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims']],
    ['a volume of another source', '/PersistentVolume', (v) => { v.spec.hostPath.path = '/x'; }, undefined, ['spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation']],
    ['a node of other ranges', '/Node', (n) => { n.spec.podCIDRs = ['10.0.1.0/24']; n.spec.podCIDR = '10.0.1.0/24'; }, (n) => { n.spec = { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] }; }, ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid']],
    ['a node of another provider', '/Node', (n) => { n.spec.providerID = 'b'; }, (n) => { n.spec = { providerID: 'a' }; }, ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid']],
    ['a quota of other scopes', '/ResourceQuota', (q) => { q.spec = { hard: { pods: '1' }, scopes: ['Terminating'] }; }, undefined, ['spec.scopes: Invalid value: ["Terminating"]: field is immutable']],
  ])('%s', (_name, key, change, stored, expected) => {
    expect(updateRefusals(key, change, stored ? { stored } : {})).toEqual(expected);
  });

  test('a namespace ends through its status, and loses its finalizers through /finalize alone', () => {
    expect(updateRefusals('/Namespace', (n) => { n.status.phase = 'Terminating'; }, { subresource: 'status' })).toEqual(["status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"]);
    expect(updated('/Namespace', (n) => { n.spec.finalizers = []; }).next.spec.finalizers).toEqual(['kubernetes']);
    expect(updated('/Namespace', (n) => { n.spec.finalizers = []; }, { subresource: 'finalize' }).next.spec.finalizers).toEqual([]);
    expect(created('/Namespace').metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'team-a' });
  });

  test('text of a secret becomes data', () => {
    const secret = created('/Secret');
    expect([secret.stringData, Buffer.from(secret.data.password, 'base64').toString(), secret.type]).toEqual([undefined, 'pässword', 'Opaque']);
  });

  test('node ports stay where the client leaves them out, and go with the type', () => {
    const stored = (s: Loose): void => { s.spec.type = 'NodePort'; s.spec.ports[0].nodePort = 30001; s.spec.externalTrafficPolicy = 'Cluster'; };
    expect(updated('/Service', (s) => { delete s.spec.ports[0].nodePort; }, { stored }).next.spec.ports[0].nodePort).toBe(30001);
    const back = updated('/Service', (s) => { s.spec.type = 'ClusterIP'; }, { stored }).next.spec;
    expect([back.ports[0].nodePort, back.externalTrafficPolicy]).toEqual([undefined, undefined]);
  });

  test('a node registers with its status, which later comes through /status', () => {
    expect(created('/Node').status.capacity.cpu).toBe('4');
    expect(updated('/Node', (n) => { n.status.capacity.cpu = '8'; n.spec = { unschedulable: true }; }).next).toMatchObject({ status: { capacity: { cpu: '4' } }, spec: { unschedulable: true } });
    expect(updated('/Node', (n) => { n.status.capacity.cpu = '8'; n.spec = { unschedulable: true }; }, { subresource: 'status' }).next.status.capacity.cpu).toBe('8');
  });

  test.each<[string, Record<string, string>]>([
    ['/Node', { 'spec.unschedulable': 'false' }], ['/Secret', { type: 'Opaque' }], ['/Namespace', { 'status.phase': 'Active', name: 'team-a' }], ['/ReplicationController', { 'status.replicas': '0' }], ['/Service', { 'spec.clusterIP': '', 'spec.type': 'ClusterIP' }],
  ])('%s: fields to select by', (key, expected) => {
    expect(kindOf(key).strategy.selectableFields!(created(key))).toEqual(expected);
  });
});

describe('the status of claims', () => {
  const STATES = '"ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizePending", "NodeResizeInProgress", "NodeResizeInfeasible"'.split(', ').sort().join(', ');
  test.each<[string, object, string[]]>([
    ['storage that grows', { allocatedResources: { storage: '2Gi' }, allocatedResourceStatuses: { storage: 'NodeResizePending' } }, []],
    ['what somebody else gives out', { allocatedResourceStatuses: { 'example.com/iops': 'ControllerResizeInProgress' } }, []],
    ['an unknown state', { allocatedResourceStatuses: { storage: 'Growing' } }, [`status.allocatedResourceStatus: Unsupported value: "storage": supported values: ${STATES}`]],
    ['a resource of nodes', { allocatedResourceStatuses: { cpu: 'NodeResizePending' } }, ['status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "storage"']],
    ['and its amount', { allocatedResources: { memory: '1Gi' } }, ['status.allocatedResources: Unsupported value: "memory": supported values: "storage"']],
  ])('%s', (_, status, expected) => expect(updateRefusals('/PersistentVolumeClaim', (claim) => { claim.status = { ...claim.status, ...status }; }, { subresource: 'status' })).toEqual(expected));
});

describe('the devices of containers', () => {
  const at = 'status.containerStatuses[0].allocatedResourcesStatus[0]';
  const device = (resourceID: string, health = 'Healthy'): object => ({ resourceID, health });
  test.each<[string, object, string[]]>([
    ['of a request', { name: 'cpu', resources: [device('a'), device('b', 'Unknown')] }, []],
    ['of nothing asked for', { name: 'example.com/gpu', resources: [device('a')] }, [`${at}.name: Invalid value: "example.com/gpu": must match one of the container's resource requests`]],
    ['of no claim', { name: 'claim:x/y' }, [`${at}.name: Invalid value: "claim:x/y": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty`]],
    ['of unknown health', { name: 'cpu', resources: [device('a', 'Fine')] }, [`${at}.resources[0].health: Unsupported value: "Fine": supported values: "Healthy", "Unhealthy", "Unknown"`]],
    ['twice', { name: 'cpu', resources: [device('a'), device('a')] }, [`${at}.resources[1].resourceID: Duplicate value: "a"`]],
  ])('%s', (_, status, expected) => {
    const stored = (pod: Loose): void => { pod.spec.containers[0].resources = { requests: { cpu: '1' } }; };
    expect(updateRefusals('/Pod', (pod) => { pod.status.containerStatuses = [{ name: pod.spec.containers[0].name, allocatedResourcesStatus: [status] }]; }, { stored, subresource: 'status' })).toEqual(expected);
  });
  test('debugging containers have none', () => expect(updateRefusals('/Pod', (pod) => { pod.status.ephemeralContainerStatuses = [{ name: 'd', allocatedResourcesStatus: [{ name: 'cpu' }] }]; }, { subresource: 'status' })).toEqual(['status.ephemeralContainerStatuses[0].allocatedResourcesStatus: Forbidden: must not be specified in container status']));
});
