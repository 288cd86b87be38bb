/** For everything that the facts of v1.36 say may not change: changes that are refused, with the place of the error, and changes beside it that are not. */
import type { Breach, Change } from './facts.fixture.ts';

interface Fixed {
  refused: readonly Breach[];
  allowed?: readonly Breach[];
}

const fields = (key: string, spec: object, place: string, options?: Breach[3]): Breach => [key, (o) => { Object.assign(o.spec, spec); }, place, options];
const top = (key: string, values: object, place: string, options?: Breach[3]): Breach => [key, (o) => { Object.assign(o, values); }, place, options];
const stored = (change: Change): Breach[3] => ({ stored: change });
const gated = stored((p) => { p.spec.schedulingGates = [{ name: 'a/b' }]; p.spec.nodeSelector = { a: 'b' }; });
const balanced = stored((s) => { Object.assign(s.spec, { type: 'LoadBalancer', clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', allocateLoadBalancerNodePorts: true, externalTrafficPolicy: 'Local', healthCheckNodePort: 30000, loadBalancerClass: 'a/b' }); });
const bound = stored((c) => { c.status = { phase: 'Bound', capacity: { storage: '1Gi' } }; });
const suspended = stored((j) => { j.spec.suspend = true; });
const frozen = stored((o) => { o.immutable = true; });
const CSR = 'certificates.k8s.io/CertificateSigningRequest';
const CRD = 'apiextensions.k8s.io/CustomResourceDefinition';
const S = 'storage.k8s.io';
const R = 'resource.k8s.io';
const RBAC = 'rbac.authorization.k8s.io';
const allocation = (device: string): object => ({ allocation: { devices: { results: [{ request: 'gpu', driver: 'a.b', pool: 'p', device }] } } });

/** Fact to changes. */
export const FIXED: Readonly<Record<string, Fixed>> = {
  'Pod.spec': {
    refused: [
      fields('/Pod', { hostname: 'x' }, 'spec'), fields('/Pod', { restartPolicy: 'Never' }, 'spec'), fields('/Pod', { schedulingGates: [{ name: 'a/b' }] }, 'spec.schedulingGates[0].name'), fields('/Pod', { activeDeadlineSeconds: 9 }, 'spec.activeDeadlineSeconds', stored((p) => { p.spec.activeDeadlineSeconds = 5; })),
      fields('/Pod', { tolerations: [] }, 'spec.tolerations', stored((p) => { p.spec.tolerations = [{ key: 'a', operator: 'Exists' }]; })), fields('/Pod', { nodeSelector: {} }, 'spec.nodeSelector', gated), fields('/Pod', { nodeSelector: { c: 'd' } }, 'spec'),
    ],
    allowed: [
      ['/Pod', (p) => { p.spec.containers[0].image = 'b'; }, ''], fields('/Pod', { activeDeadlineSeconds: 5 }, ''), fields('/Pod', { tolerations: [{ key: 'a', operator: 'Exists' }] }, ''), fields('/Pod', { schedulingGates: [] }, '', gated), fields('/Pod', { nodeSelector: { a: 'b', c: 'd' } }, '', gated),
      fields('/Pod', { terminationGracePeriodSeconds: 1 }, '', stored((p) => { p.spec.terminationGracePeriodSeconds = -5; })),
    ],
  },
  'Pod via /resize': {
    refused: [['/Pod', (p) => { p.spec.containers[0].resources = {}; }, 'spec.containers[0].resources.requests', { subresource: 'resize', stored: (p) => { p.spec.containers[0].resources = { requests: { cpu: '1', memory: '1' }, limits: { cpu: '2' } }; delete p.status.qosClass; } }], ['/Pod', (p) => { p.spec.containers[0].resources = { requests: { cpu: '1' } }; }, 'spec', { subresource: 'resize' }]],
    allowed: [['/Pod', (p) => { p.spec.containers[0].resources.requests.cpu = '1500m'; }, '', { subresource: 'resize', stored: (p) => { p.spec.containers[0].resources = { requests: { cpu: '1' }, limits: { cpu: '2' } }; delete p.status.qosClass; } }]],
  },
  'Pod via /ephemeralcontainers': { refused: [['/Pod', (p) => { p.spec.ephemeralContainers = []; }, 'spec.ephemeralContainers', { subresource: 'ephemeralcontainers', stored: (p) => { p.spec.ephemeralContainers = [{ name: 'd', image: 'i', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' }]; } }]] },
  'Pod.status': { refused: [['/Pod', (p) => { p.status.qosClass = 'Guaranteed'; }, 'status.qosClass', { subresource: 'status' }]] },
  'Service': {
    refused: [
      fields('/Service', { clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] }, 'spec.clusterIPs[0]', balanced), fields('/Service', { ipFamilies: ['IPv6'] }, 'spec.ipFamilies[0]', balanced), fields('/Service', { healthCheckNodePort: 30001 }, 'spec.healthCheckNodePort', balanced), fields('/Service', { loadBalancerClass: 'c/d' }, 'spec.loadBalancerClass', balanced),
    ],
    allowed: [fields('/Service', { clusterIPs: ['10.0.0.1', 'fd00::1'], ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'PreferDualStack' }, '', balanced), fields('/Service', { type: 'ExternalName', externalName: 'a.b' }, '', balanced)],
  },
  'PersistentVolume': { refused: [fields('/PersistentVolume', { hostPath: { path: '/other' } }, 'spec.persistentvolumesource'), fields('/PersistentVolume', { volumeMode: 'Block' }, 'volumeMode'), fields('/PersistentVolume', { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'b', operator: 'Exists' }] }] } } }, 'nodeAffinity', stored((v) => { v.spec.nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } }; }))] },
  'PersistentVolumeClaim.spec': {
    refused: [fields('/PersistentVolumeClaim', { accessModes: ['ReadWriteMany'] }, 'spec'), fields('/PersistentVolumeClaim', { resources: { requests: { storage: '2Gi' } } }, 'spec'), fields('/PersistentVolumeClaim', { resources: { requests: { storage: '512Mi' } } }, 'spec.resources.requests.storage', bound), fields('/PersistentVolumeClaim', { volumeName: 'b' }, 'spec', stored((c) => { c.spec.volumeName = 'a'; }))],
    allowed: [fields('/PersistentVolumeClaim', { resources: { requests: { storage: '2Gi' } } }, '', bound), fields('/PersistentVolumeClaim', { volumeAttributesClassName: 'gold' }, '', bound), fields('/PersistentVolumeClaim', { volumeName: 'a' }, ''), fields('/PersistentVolumeClaim', { storageClassName: 'fast' }, '')],
  },
  'Secret': { refused: [top('/Secret', { type: 'x' }, 'type'), top('/Secret', { data: {} }, 'data', frozen), top('/Secret', { immutable: false }, 'immutable', frozen)] },
  'ConfigMap': { refused: [top('/ConfigMap', { data: {} }, 'data', frozen), top('/ConfigMap', { binaryData: { a: '' } }, 'binaryData', frozen), top('/ConfigMap', { immutable: false }, 'immutable', frozen)] },
  'Node': { refused: [top('/Node', { spec: { podCIDRs: ['10.1.0.0/24'] } }, 'spec.podCIDRs', stored((n) => { n.spec = { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] }; })), top('/Node', { spec: { providerID: 'b' } }, 'spec.providerID', stored((n) => { n.spec = { providerID: 'a' }; })), top('/Node', { spec: { externalID: 'b' } }, 'spec.externalID')] },
  'Namespace.spec': { refused: [] },
  'ResourceQuota.spec': { refused: [fields('/ResourceQuota', { scopes: ['NotTerminating'] }, 'spec.scopes')] },
  'Event (events.k8s.io/v1)': { refused: [] },
  'Deployment, ReplicaSet, DaemonSet': { refused: ['Deployment', 'ReplicaSet', 'DaemonSet'].map((kind): Breach => [`apps/${kind}`, (o) => { o.spec.selector = { matchLabels: { app: 'web', tier: 'x' } }; o.spec.template.metadata.labels.tier = 'x'; }, 'spec.selector']) },
  'StatefulSet.spec': { refused: [fields('apps/StatefulSet', { serviceName: 'other' }, 'spec'), fields('apps/StatefulSet', { podManagementPolicy: 'Parallel' }, 'spec')], allowed: [fields('apps/StatefulSet', { replicas: 5, ordinals: { start: 1 }, revisionHistoryLimit: 1, minReadySeconds: 3 }, ''), ['apps/StatefulSet', (s) => { s.spec.template.spec.containers[0].image = 'b'; }, '']] },
  'ControllerRevision': { refused: [top('apps/ControllerRevision', { data: { spec: { a: 1 } } }, 'data')], allowed: [top('apps/ControllerRevision', { revision: 2 }, '')] },
  'Job.spec': {
    refused: [
      fields('batch/Job', { completionMode: 'Indexed' }, 'spec.completionMode'), fields('batch/Job', { completions: 2 }, 'spec.completions'), fields('batch/Job', { managedBy: 'a.b/c' }, 'spec.managedBy'), ['batch/Job', (j) => { j.spec.template.spec.containers[0].image = 'b'; }, 'spec.template'], ['batch/Job', (j) => { j.spec.template.spec.nodeSelector = { a: 'b' }; }, 'spec.template'],
      ['batch/Job', (j) => { j.spec.selector.matchLabels.a = 'b'; }, 'spec.selector'], fields('batch/Job', { podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'A', status: 'True' }] }] }, podReplacementPolicy: 'Failed' }, 'spec.podFailurePolicy'), fields('batch/Job', { backoffLimitPerIndex: 1 }, 'spec.backoffLimitPerIndex'), fields('batch/Job', { successPolicy: { rules: [{ succeededCount: 1 }] } }, 'spec.successPolicy'),
      fields('batch/Job', { completions: 3 }, 'spec.completions', stored((j) => { Object.assign(j.spec, { completionMode: 'Indexed', completions: 1, parallelism: 1 }); })),
    ],
    allowed: [
      ['batch/Job', (j) => { j.spec.template.spec.nodeSelector = { a: 'b' }; j.spec.template.spec.tolerations = [{ operator: 'Exists' }]; j.spec.template.metadata.labels.x = 'y'; }, '', suspended], ['batch/Job', (j) => { j.spec.template.spec.containers[0].resources = { requests: { cpu: '1' } }; }, '', suspended], fields('batch/Job', { parallelism: 3, suspend: true, activeDeadlineSeconds: 9 }, ''),
      fields('batch/Job', { completions: 3, parallelism: 3 }, '', stored((j) => { Object.assign(j.spec, { completionMode: 'Indexed', completions: 1, parallelism: 1 }); })),
    ],
  },
  'RoleBinding, ClusterRoleBinding': { refused: [[`${RBAC}/RoleBinding`, (b) => { b.roleRef.name = 'x'; }, 'roleRef'], [`${RBAC}/ClusterRoleBinding`, (b) => { b.roleRef.name = 'x'; }, 'roleRef']], allowed: [top(`${RBAC}/RoleBinding`, { subjects: [] }, '')] },
  'StorageClass': { refused: [top(`${S}/StorageClass`, { provisioner: 'x.y/z' }, 'provisioner'), top(`${S}/StorageClass`, { parameters: {} }, 'parameters'), top(`${S}/StorageClass`, { reclaimPolicy: 'Retain' }, 'reclaimPolicy'), top(`${S}/StorageClass`, { volumeBindingMode: 'WaitForFirstConsumer' }, 'volumeBindingMode')], allowed: [top(`${S}/StorageClass`, { allowVolumeExpansion: true }, '')] },
  'VolumeAttributesClass': { refused: [top(`${S}/VolumeAttributesClass`, { driverName: 'x.y' }, 'driverName'), top(`${S}/VolumeAttributesClass`, { parameters: { a: 'b' } }, 'parameters')] },
  'VolumeAttachment': { refused: [fields(`${S}/VolumeAttachment`, { nodeName: 'x' }, 'spec')] },
  'CSIDriver.spec': { refused: [fields(`${S}/CSIDriver`, { attachRequired: false }, 'spec.attachedRequired'), fields(`${S}/CSIDriver`, { volumeLifecycleModes: ['Ephemeral'] }, 'spec.volumeLifecycleModes')], allowed: [fields(`${S}/CSIDriver`, { requiresRepublish: true, fsGroupPolicy: 'None', podInfoOnMount: true }, '')] },
  'CSINode': { refused: [[`${S}/CSINode`, (n) => { n.spec.drivers[0].nodeID = 'x'; }, 'spec.drivers[0]']], allowed: [[`${S}/CSINode`, (n) => { n.spec.drivers[0].allocatable = { count: 5 }; }, ''], [`${S}/CSINode`, (n) => { n.spec.drivers = []; }, '']] },
  'CSIStorageCapacity': { refused: [top(`${S}/CSIStorageCapacity`, { nodeTopology: { matchLabels: { a: 'b' } } }, 'nodeTopology'), top(`${S}/CSIStorageCapacity`, { storageClassName: 'x' }, 'storageClassName')], allowed: [top(`${S}/CSIStorageCapacity`, { capacity: '2Ti' }, '')] },
  'EndpointSlice': { refused: [top('discovery.k8s.io/EndpointSlice', { addressType: 'IPv6', endpoints: [] }, 'addressType')] },
  'IngressClass': { refused: [fields('networking.k8s.io/IngressClass', { controller: 'a.b/c' }, 'spec.controller')] },
  'IPAddress': { refused: [['networking.k8s.io/IPAddress', (a) => { a.spec.parentRef.name = 'x'; }, 'spec.parentRef']] },
  'ServiceCIDR': { refused: [fields('networking.k8s.io/ServiceCIDR', { cidrs: ['10.0.0.0/8'] }, 'spec.cidrs')], allowed: [['networking.k8s.io/ServiceCIDR', (c) => c.spec.cidrs.push('fd00::/112'), '']] },
  'RuntimeClass': { refused: [top('node.k8s.io/RuntimeClass', { handler: 'x' }, 'handler')] },
  'PriorityClass': { refused: [top('scheduling.k8s.io/PriorityClass', { value: 5 }, 'value'), top('scheduling.k8s.io/PriorityClass', { preemptionPolicy: 'Never' }, 'preemptionPolicy')] },
  'LeaseCandidate': { refused: [fields('coordination.k8s.io/LeaseCandidate', { leaseName: 'x' }, 'spec.leaseName')], allowed: [fields('coordination.k8s.io/LeaseCandidate', { binaryVersion: '1.37.0' }, '')] },
  'CertificateSigningRequest': {
    refused: [[CSR, (r) => { r.status = { conditions: [{ type: 'Approved', status: 'True' }] }; }, 'status.conditions', { subresource: 'status' }], [CSR, (r) => { r.status = { conditions: [{ type: 'Denied', status: 'True' }] }; }, 'status.conditions', { subresource: 'approval', stored: (r) => { r.status = { conditions: [{ type: 'Approved', status: 'True', lastUpdateTime: 't', lastTransitionTime: 't' }] }; } }]],
    allowed: [[CSR, (r) => { r.status = { conditions: [{ type: 'Approved', status: 'True' }] }; }, '', { subresource: 'approval' }]],
  },
  'ClusterTrustBundle': { refused: [['certificates.k8s.io/ClusterTrustBundle', (b) => { b.spec.signerName = 'example.com/x'; }, 'spec.signerName']] },
  'PodCertificateRequest': { refused: [fields('certificates.k8s.io/PodCertificateRequest', { nodeName: 'x' }, 'spec')] },
  'CustomResourceDefinition.spec': {
    refused: [[CRD, (d) => { d.spec.group = 'x.y'; }, 'spec.group'], [CRD, (d) => { d.spec.names.plural = 'others'; }, 'spec.names.plural'], ...(['scope', 'kind'] as const).map((what): Breach => [CRD, (d) => { if (what === 'scope') d.spec.scope = 'Cluster'; else d.spec.names.kind = 'Other'; }, what === 'scope' ? 'spec.scope' : 'spec.names.kind', stored((d) => { d.status = { conditions: [{ type: 'Established', status: 'True' }], storedVersions: ['v1'] }; })])],
    allowed: [[CRD, (d) => { d.spec.scope = 'Cluster'; }, '']],
  },
  'FlowSchema/PriorityLevelConfiguration': {
    refused: [
      ['flowcontrol.apiserver.k8s.io/FlowSchema', (f) => { f.metadata.name = 'exempt'; }, 'spec', stored((f) => { f.metadata.name = 'exempt'; })], ['flowcontrol.apiserver.k8s.io/FlowSchema', (f) => { f.metadata.name = 'catch-all'; }, 'spec', stored((f) => { f.metadata.name = 'catch-all'; })],
      ['flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration', (p) => { p.metadata.name = 'catch-all'; }, 'spec', stored((p) => { p.metadata.name = 'catch-all'; })], ['flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration', (p) => { p.metadata.name = 'exempt'; }, 'spec.type', stored((p) => { p.metadata.name = 'exempt'; })],
    ],
  },
  'ResourceClaim': { refused: [[`${R}/ResourceClaim`, (c) => { c.spec.devices.requests[0].name = 'x'; }, 'spec'], [`${R}/ResourceClaim`, (c) => { c.status = allocation('b'); }, 'status.allocation', { subresource: 'status', stored: (c) => { c.status = allocation('a'); } }]], allowed: [[`${R}/ResourceClaim`, (c) => { c.status = {}; }, '', { subresource: 'status', stored: (c) => { c.status = allocation('a'); } }]] },
  'ResourceClaimTemplate': { refused: [[`${R}/ResourceClaimTemplate`, (t) => { t.spec.spec.devices.requests[0].name = 'x'; }, 'spec']] },
  'ResourceSlice': { refused: [fields(`${R}/ResourceSlice`, { driver: 'x.y' }, 'spec.driver'), fields(`${R}/ResourceSlice`, { nodeName: 'x' }, 'spec.nodeName'), [`${R}/ResourceSlice`, (s) => { s.spec.pool.name = 'x'; }, 'spec.pool.name']], allowed: [[`${R}/ResourceSlice`, (s) => { s.spec.pool.generation = 2; s.spec.devices = []; }, '']] },
  'StorageVersionMigration': { refused: [['storagemigration.k8s.io/StorageVersionMigration', (m) => { m.spec.resource = { group: '', resource: 'pods' }; }, 'resource']] },
};
