/** Valid objects of every stored kind, and what the tests of strategies and validation do with them. */
import { decodeObject } from './decode.ts';
import { applyDefaults } from './defaults.ts';
import type { FieldError } from './meta/field.ts';
import type { Strategy, StrategyContext } from './meta/strategy.ts';
import type { KubeObject } from './meta/v1/types.ts';
import type { Resource } from './meta/resource.ts';
import { loadResourcesOffByDefault } from './off-by-default.ts';
import { RESOURCES } from './resources.ts';
import { strategyFor } from './strategies.ts';

/** An object that tests may reach into without types. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;

export const NOW = Date.parse('2026-03-01T12:00:00Z');
const UID = '6f1b8d5e-1c9a-4d57-9f0f-5a8f2a0f9b11';

const meta = (name: string, rest: object = {}): object => ({ name, namespace: 'default', ...rest });
const inCluster = (name: string, rest: object = {}): object => ({ name, ...rest });
const container = { name: 'app', image: 'registry.example/app:1' };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };
const selector = { matchLabels: { app: 'web' } };
const REQUEST = btoa(`-----BEGIN CERTIFICATE REQUEST-----
MIHIMHACAQAwDjEMMAoGA1UEAwwDYW5uMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEgp0F5qE/zujQPGwSoh4IO1eZKPQkkbB4nURuN+133kigcZ2Y4wUGGdfGgxF2
lC99IKilZ+A3GCaIt5p6RQsTm6AAMAoGCCqGSM49BAMCA0gAMEUCIQDqoXDYS9t6
Ac2HmS38cJgLdmoSEdQGruC2ZTjM4KR0lQIgELfTrK0WC9h7mpYiALOtKh8yuI0m
8QfViuNeoIFxLBM=
-----END CERTIFICATE REQUEST-----
`);
const RBAC = 'rbac.authorization.k8s.io';

/** Group/kind to an object as a user would write it. */
const SAMPLES: Readonly<Record<string, () => object>> = {
  '/Pod': () => ({ metadata: meta('web', { labels: { app: 'web' } }), spec: { containers: [container] } }),
  '/Service': () => ({ metadata: meta('web'), spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } }),
  '/ConfigMap': () => ({ metadata: meta('settings'), data: { 'app.conf': 'x=1' } }),
  '/Secret': () => ({ metadata: meta('password'), stringData: { password: 'pässword' } }),
  '/Namespace': () => ({ metadata: inCluster('team-a') }),
  '/Node': () => ({ metadata: inCluster('node-1'), status: { capacity: { cpu: '4', memory: '8Gi', pods: '110' } } }),
  '/ServiceAccount': () => ({ metadata: meta('robot') }),
  '/PersistentVolume': () => ({ metadata: inCluster('disk'), spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } } }),
  '/PersistentVolumeClaim': () => ({ metadata: meta('data'), spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }),
  '/LimitRange': () => ({ metadata: meta('limits'), spec: { limits: [{ type: 'Container', max: { cpu: '2' }, default: { cpu: '1' } }] } }),
  '/ResourceQuota': () => ({ metadata: meta('quota'), spec: { hard: { pods: '10', 'requests.cpu': '4' } } }),
  '/Event': () => ({ metadata: meta('web.1'), involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' }, reason: 'Started', type: 'Normal' }),
  '/Endpoints': () => ({ metadata: meta('web'), subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 8080 }] }] }),
  '/ReplicationController': () => ({ metadata: meta('web'), spec: { selector: { app: 'web' }, template } }),
  '/PodTemplate': () => ({ metadata: meta('web'), template }),
  'apps/Deployment': () => ({ metadata: meta('web'), spec: { selector, template } }),
  'apps/ReplicaSet': () => ({ metadata: meta('web'), spec: { selector, template } }),
  'apps/DaemonSet': () => ({ metadata: meta('web'), spec: { selector, template } }),
  'apps/StatefulSet': () => ({ metadata: meta('web'), spec: { selector, template, serviceName: 'web' } }),
  'apps/ControllerRevision': () => ({ metadata: meta('web-1'), data: { spec: {} }, revision: 1 }),
  'batch/Job': () => ({ metadata: meta('sums'), spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } }),
  'batch/CronJob': () => ({ metadata: meta('nightly'), spec: { schedule: '30 2 * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'OnFailure', containers: [container] } } } } } }),
  'autoscaling/HorizontalPodAutoscaler': () => ({
    metadata: meta('web'), spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 5, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }] },
  }),
  'policy/PodDisruptionBudget': () => ({ metadata: meta('web'), spec: { selector, minAvailable: 1 } }),
  [`${RBAC}/Role`]: () => ({ metadata: meta('reader'), rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] }),
  [`${RBAC}/ClusterRole`]: () => ({ metadata: inCluster('system:reader'), rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }] }),
  [`${RBAC}/RoleBinding`]: () => ({ metadata: meta('reader'), roleRef: { kind: 'Role', name: 'reader', apiGroup: RBAC }, subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }] }),
  [`${RBAC}/ClusterRoleBinding`]: () => ({ metadata: inCluster('reader'), roleRef: { kind: 'ClusterRole', name: 'reader', apiGroup: RBAC }, subjects: [{ kind: 'User', name: 'ann' }] }),
  'coordination.k8s.io/Lease': () => ({ metadata: meta('leader'), spec: { holderIdentity: 'a', leaseDurationSeconds: 15 } }),
  'discovery.k8s.io/EndpointSlice': () => ({ metadata: meta('web-1'), addressType: 'IPv4', endpoints: [{ addresses: ['10.1.2.3'] }], ports: [{ port: 8080 }] }),
  'networking.k8s.io/Ingress': () => ({ metadata: meta('web'), spec: { rules: [{ host: 'web.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] } }),
  'networking.k8s.io/IngressClass': () => ({ metadata: inCluster('front'), spec: { controller: 'example.com/ingress' } }),
  'networking.k8s.io/NetworkPolicy': () => ({ metadata: meta('deny'), spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 80, endPort: 90 }] }] } }),
  'networking.k8s.io/IPAddress': () => ({ metadata: inCluster('10.96.0.1'), spec: { parentRef: { resource: 'services', namespace: 'default', name: 'kubernetes' } } }),
  'networking.k8s.io/ServiceCIDR': () => ({ metadata: inCluster('kubernetes'), spec: { cidrs: ['10.96.0.0/16'] } }),
  'storage.k8s.io/StorageClass': () => ({ metadata: inCluster('fast'), provisioner: 'example.com/fast', parameters: { type: 'ssd' } }),
  'storage.k8s.io/CSIDriver': () => ({ metadata: inCluster('disks.example.com'), spec: {} }),
  'storage.k8s.io/CSINode': () => ({ metadata: inCluster('node-1'), spec: { drivers: [{ name: 'disks.example.com', nodeID: 'n1', topologyKeys: ['zone'] }] } }),
  'storage.k8s.io/CSIStorageCapacity': () => ({ metadata: meta('zone-a'), storageClassName: 'fast', capacity: '1Ti' }),
  'storage.k8s.io/VolumeAttachment': () => ({ metadata: inCluster('csi-1'), spec: { attacher: 'disks.example.com', nodeName: 'node-1', source: { persistentVolumeName: 'disk' } } }),
  'storage.k8s.io/VolumeAttributesClass': () => ({ metadata: inCluster('gold'), driverName: 'disks.example.com', parameters: { iops: '100' } }),
  'scheduling.k8s.io/PriorityClass': () => ({ metadata: inCluster('high'), value: 1000 }),
  'node.k8s.io/RuntimeClass': () => ({ metadata: inCluster('sandboxed'), handler: 'gvisor', overhead: { podFixed: { cpu: '100m' } } }),
  'certificates.k8s.io/CertificateSigningRequest': () => ({ metadata: inCluster('ann'), spec: { request: REQUEST, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] } }),
  'apiregistration.k8s.io/APIService': () => ({ metadata: inCluster('v1.metrics.example.com'), spec: { group: 'metrics.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, service: { namespace: 'kube-system', name: 'metrics' } } }),
  'flowcontrol.apiserver.k8s.io/FlowSchema': () => ({
    metadata: inCluster('mine'),
    spec: { priorityLevelConfiguration: { name: 'global-default' }, matchingPrecedence: 100, rules: [{ subjects: [{ kind: 'User', user: { name: 'ann' } }], resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true }] }] },
  }),
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': () => ({ metadata: inCluster('mine'), spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } } } } }),
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': () => ({ metadata: inCluster('checks'), webhooks: [webhook()] }),
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': () => ({ metadata: inCluster('changes'), webhooks: [webhook()] }),
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': () => ({ metadata: inCluster('policy'), spec: { matchConstraints: constraints(), validations: [{ expression: 'true' }] } }),
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': () => ({ metadata: inCluster('binding'), spec: { policyName: 'policy', validationActions: ['Deny'] } }),
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': () => ({ metadata: inCluster('policy'), spec: { matchConstraints: constraints(), reinvocationPolicy: 'Never', mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }] } }),
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': () => ({ metadata: inCluster('binding'), spec: { policyName: 'policy' } }),
  'apiextensions.k8s.io/CustomResourceDefinition': () => ({
    metadata: inCluster('crontabs.stable.example.com'),
    spec: {
      group: 'stable.example.com', scope: 'Namespaced', names: { plural: 'crontabs', kind: 'CronTab' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { replicas: { type: 'integer' } } } } } } }],
    },
  }),
  'resource.k8s.io/DeviceClass': () => ({ metadata: inCluster('gpu'), spec: { selectors: [{ cel: { expression: 'true' } }] } }),
  'resource.k8s.io/ResourceClaim': () => ({ metadata: meta('claim'), spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } } }),
  'resource.k8s.io/ResourceClaimTemplate': () => ({ metadata: meta('claim'), spec: { spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } } } }),
  'resource.k8s.io/ResourceSlice': () => ({ metadata: inCluster('node-1-gpus'), spec: { driver: 'gpus.example.com', nodeName: 'node-1', pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'gpu-0' }] } }),
};

/** A certificate of an authority, and a request for a certificate with an Ed25519 key (in base64). */
export const ANCHOR = `-----BEGIN CERTIFICATE-----
MIIBejCCAR+gAwIBAgIUEtLSWXmBH3WbzkIb/oK6laZrtgcwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGYW5jaG9yMCAXDTI2MTEyNjE4MDcyOFoYDzIxMjYxMTAyMTgw
NzI4WjARMQ8wDQYDVQQDDAZhbmNob3IwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AASCnQXmoT/O6NA8bBKiHgg7V5ko9CSRsHidRG437XfeSKBxnZjjBQYZ18aDEXaU
L30gqKVn4DcYJoi3mnpFCxObo1MwUTAdBgNVHQ4EFgQUagAk2sCVKiCTeY5O8Lv5
3w1RIkMwHwYDVR0jBBgwFoAUagAk2sCVKiCTeY5O8Lv53w1RIkMwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAlpg35Es8dDuJlcYt/fUqaSou9BPc
3uQzWLtDvMMT/WECIQDml2bDtwOYblo8tDrigEVHkkWOsE0n+SkKtNxrkgmXVg==
-----END CERTIFICATE-----
`;
export const STUB = 'MIGOMEICAQAwDzENMAsGA1UEAwwEc3R1YjAqMAUGAytlcAMhANo3rWe7aNJvSp6RMpLEV4z1c4pEbnzWcQs1BnNhIYHYoAAwBQYDK2VwA0EABh4O6bkxUjzz+B6kWBjilosZXvkmoaMA1kcD3uRTQbMwrlvu05f+oZOYji8lhWkV3Vb2ZxO0MmGzMQhlZbauCg==';

/** As `SAMPLES`, of the kinds that have no version on by default. */
const OFF_SAMPLES: Readonly<Record<string, () => object>> = {
  'certificates.k8s.io/ClusterTrustBundle': () => ({ metadata: inCluster('example.com:signer:first'), spec: { signerName: 'example.com/signer', trustBundle: ANCHOR } }),
  'certificates.k8s.io/PodCertificateRequest': () => ({
    metadata: meta('web-1'),
    spec: { signerName: 'example.com/signer', podName: 'web', podUID: UID, serviceAccountName: 'robot', serviceAccountUID: UID, nodeName: 'node-1', nodeUID: UID, stubPKCS10Request: STUB },
  }),
  'coordination.k8s.io/LeaseCandidate': () => ({ metadata: meta('a'), spec: { leaseName: 'leader', binaryVersion: '1.36.0', emulationVersion: '1.36.0', strategy: 'OldestEmulationVersion' } }),
  'scheduling.k8s.io/PodGroup': () => ({ metadata: meta('workers'), spec: { podGroupTemplateRef: { workload: { workloadName: 'training', podGroupTemplateName: 'workers' } }, schedulingPolicy: { gang: { minCount: 4 } } } }),
  'scheduling.k8s.io/Workload': () => ({ metadata: meta('training'), spec: { controllerRef: { apiGroup: 'batch', kind: 'Job', name: 'training' }, podGroupTemplates: [{ name: 'workers', schedulingPolicy: { gang: { minCount: 4 } } }] } }),
  'resource.k8s.io/DeviceTaintRule': () => ({ metadata: inCluster('broken'), spec: { deviceSelector: { driver: 'gpus.example.com', pool: 'node-1', device: 'gpu-0' }, taint: { key: 'example.com/broken', value: 'yes', effect: 'NoExecute' } } }),
  'resource.k8s.io/ResourcePoolStatusRequest': () => ({ metadata: inCluster('gpus'), spec: { driver: 'gpus.example.com', poolName: 'node-1', limit: 10 } }),
  'internal.apiserver.k8s.io/StorageVersion': () => ({ metadata: inCluster('apps.deployments'), spec: {} }),
  'storagemigration.k8s.io/StorageVersionMigration': () => ({ metadata: inCluster('deployments'), spec: { resource: { group: 'apps', resource: 'deployments' } } }),
};

let offResources: readonly Resource[] = [];

/** Makes the kinds that are off by default known to the tests of this file's caller. */
export async function loadOffKinds(): Promise<void> {
  offResources = (await loadResourcesOffByDefault()).resources;
}

function webhook(): object {
  return {
    name: 'check.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'], clientConfig: { service: { namespace: 'default', name: 'hook' } },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
  };
}

function constraints(): object {
  return { resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] };
}

export const SAMPLE_KINDS: readonly string[] = Object.keys(SAMPLES);
export const OFF_KINDS: readonly string[] = Object.keys(OFF_SAMPLES);

export function contextFor(subresource = ''): StrategyContext {
  return { now: NOW, subresource, dryRun: false, userName: 'ann' };
}

/** Schema and strategy of a kind written as `group/Kind`. */
export function kindOf(key: string): { schema: string; strategy: Strategy } {
  const [group, kind] = key.split('/');
  const resource = RESOURCES.find((r) => r.group === group && r.kind === kind) ?? offResources.find((r) => r.group === group && r.kind === kind && r.storageVersion === undefined);
  if (resource === undefined) throw new Error(`no resource serves ${key}`);
  return { schema: resource.schema, strategy: strategyFor(resource.schema) };
}

type Change = (object: Loose) => void;
const nothing: Change = () => undefined;

/** The sample of a kind, as a user would write it. */
export const sampleOf = (key: string): Loose => structuredClone((SAMPLES[key] ?? OFF_SAMPLES[key])!());

/** The sample, changed, read and defaulted and prepared as the server does it. */
export function created(key: string, change: Change = nothing): KubeObject & Loose {
  const { schema, strategy } = kindOf(key);
  const written = sampleOf(key);
  change(written);
  const { object } = decodeObject<KubeObject & Record<string, unknown>>(schema, written, { fieldValidation: 'Strict' });
  applyDefaults(schema, object, { nowMs: NOW });
  object.metadata = { ...object.metadata, uid: UID, creationTimestamp: '2026-03-01T11:00:00Z' };
  strategy.prepareForCreate?.(object, contextFor());
  return object;
}

const texts = (errors: readonly FieldError[]): string[] => errors.map((error) => `${error.field}: ${error.detail}`);

/** What is wrong with the changed sample when it is created. `late` changes it after defaulting, for what defaults would fill in. */
export function refusals(key: string, change: Change = nothing, late: Change = nothing): string[] {
  const object = created(key, change);
  late(object);
  return texts(kindOf(key).strategy.validate!(object, contextFor()));
}

/** What is wrong when the stored sample is changed, through a subresource perhaps. `stored` says what else is stored. */
export function updateRefusals(key: string, change: Change, options: { stored?: Change; subresource?: string } = {}): string[] {
  const { old, next } = updated(key, change, options);
  return texts(kindOf(key).strategy.validateUpdate!(next, old, contextFor(options.subresource)));
}

/** The stored sample and what an update of it would write. */
export function updated(key: string, change: Change, options: { stored?: Change; subresource?: string } = {}): { old: Loose; next: Loose } {
  const old = created(key);
  old.metadata.resourceVersion = '7';
  options.stored?.(old);
  const next = structuredClone(old);
  change(next);
  kindOf(key).strategy.prepareForUpdate?.(next, freeze(old), contextFor(options.subresource));
  return { old, next };
}

/** As cached objects are: nothing may be changed in place. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
