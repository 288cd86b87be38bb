import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeObject } from './decode.ts';
import { applyDefaults, defaultersOf } from './defaults.ts';

const FACTS = new URL('../../../shared/k8s-api/defaults.json', import.meta.url);
const CORE = 'io.k8s.api.core.v1';

function defaulted(schema: string, object: Record<string, unknown>): Record<string, unknown> {
  const decoded = decodeObject(schema, object).object;
  applyDefaults(schema, decoded);
  return decoded;
}

/** The value at a path with dots and indexes. */
function at(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], object);
}

const pod = (spec: Record<string, unknown>): Record<string, unknown> => ({ metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i:1' }], ...spec } });

const rows: [name: string, schema: string, object: Record<string, unknown>, path: string, expected: unknown][] = [
  ['service links on', `${CORE}.Pod`, pod({}), 'spec.enableServiceLinks', true],
  ['DNS policy', `${CORE}.Pod`, pod({}), 'spec.dnsPolicy', 'ClusterFirst'],
  ['restart policy', `${CORE}.Pod`, pod({}), 'spec.restartPolicy', 'Always'],
  ['security context', `${CORE}.Pod`, pod({}), 'spec.securityContext', {}],
  ['grace period', `${CORE}.Pod`, pod({}), 'spec.terminationGracePeriodSeconds', 30],
  ['a grace period of zero stays', `${CORE}.Pod`, pod({ terminationGracePeriodSeconds: 0 }), 'spec.terminationGracePeriodSeconds', 0],
  ['scheduler', `${CORE}.Pod`, pod({}), 'spec.schedulerName', 'default-scheduler'],
  ['no such links in templates', 'io.k8s.api.apps.v1.Deployment', { spec: { template: pod({}) } }, 'spec.template.spec.enableServiceLinks', undefined],
  ['pull policy of a tag', `${CORE}.Pod`, pod({}), 'spec.containers.0.imagePullPolicy', 'IfNotPresent'],
  ['pull policy of latest', `${CORE}.Pod`, pod({ containers: [{ name: 'c', image: 'registry:5000/a/b:latest' }] }), 'spec.containers.0.imagePullPolicy', 'Always'],
  ['pull policy without a tag', `${CORE}.Pod`, pod({ containers: [{ name: 'c', image: 'registry:5000/a/b' }] }), 'spec.containers.0.imagePullPolicy', 'Always'],
  ['pull policy of a digest', `${CORE}.Pod`, pod({ containers: [{ name: 'c', image: `a@sha256:${'0'.repeat(64)}` }] }), 'spec.containers.0.imagePullPolicy', 'IfNotPresent'],
  ['pull policy of a broken name', `${CORE}.Pod`, pod({ containers: [{ name: 'c', image: 'A B' }] }), 'spec.containers.0.imagePullPolicy', 'IfNotPresent'],
  ['pull policy of an ephemeral container', `${CORE}.Pod`, pod({ ephemeralContainers: [{ name: 'e', image: 'x' }] }), 'spec.ephemeralContainers.0.imagePullPolicy', 'Always'],
  ['termination message path', `${CORE}.Pod`, pod({}), 'spec.containers.0.terminationMessagePath', '/dev/termination-log'],
  ['termination message policy', `${CORE}.Pod`, pod({}), 'spec.containers.0.terminationMessagePolicy', 'File'],
  ['port protocol', `${CORE}.Pod`, pod({ containers: [{ name: 'c', ports: [{ containerPort: 1 }] }] }), 'spec.containers.0.ports.0.protocol', 'TCP'],
  ['host port in the host network', `${CORE}.Pod`, pod({ hostNetwork: true, containers: [{ name: 'c', ports: [{ containerPort: 7 }] }] }), 'spec.containers.0.ports.0.hostPort', 7],
  ['requests from limits', `${CORE}.Pod`, pod({ containers: [{ name: 'c', resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m' } } }] }), 'spec.containers.0.resources.requests', { cpu: '100m', memory: '1Gi' }],
  ['no requests from limits in templates', 'io.k8s.api.batch.v1.Job', { spec: { template: pod({ containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }] }) } }, 'spec.template.spec.containers.0.resources.requests', undefined],
  ['amounts are rounded up to thousandths', `${CORE}.Pod`, pod({ containers: [{ name: 'c', resources: { requests: { cpu: '100u' } } }] }), 'spec.containers.0.resources.requests.cpu', '1m'],
  ['pod requests are the sum of the containers', `${CORE}.Pod`, pod({ resources: { limits: { cpu: '2' } }, containers: [{ name: 'a', resources: { requests: { cpu: '200m' } } }, { name: 'b', resources: { requests: { cpu: '300m' } } }] }), 'spec.resources.requests.cpu', '500m'],
  ['pod requests are else the pod limits', `${CORE}.Pod`, pod({ resources: { limits: { cpu: '2' } } }), 'spec.resources.requests.cpu', '2'],
  ['huge pages of the pod', `${CORE}.Pod`, pod({ resources: { limits: { cpu: '1' } }, containers: [{ name: 'a', resources: { limits: { 'hugepages-2Mi': '4Mi' } } }] }), 'spec.resources.limits.hugepages-2Mi', '4Mi'],
  ['probe period', `${CORE}.Pod`, pod({ containers: [{ name: 'c', livenessProbe: { httpGet: { port: 1 } } }] }), 'spec.containers.0.livenessProbe', { httpGet: { path: '/', port: 1, scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }],
  ['gRPC service', `${CORE}.Pod`, pod({ containers: [{ name: 'c', livenessProbe: { grpc: { port: 1 } } }] }), 'spec.containers.0.livenessProbe.grpc.service', ''],
  ['a volume without a source', `${CORE}.Pod`, pod({ volumes: [{ name: 'v' }] }), 'spec.volumes.0.emptyDir', {}],
  ['secret mode', `${CORE}.Pod`, pod({ volumes: [{ name: 'v', secret: {} }] }), 'spec.volumes.0.secret.defaultMode', 420],
  ['projected token', `${CORE}.Pod`, pod({ volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] }), 'spec.volumes.0.projected', { sources: [{ serviceAccountToken: { expirationSeconds: 3600, path: 't' } }], defaultMode: 420 }],
  ['host path type', `${CORE}.Pod`, pod({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }), 'spec.volumes.0.hostPath.type', ''],
  ['field API version', `${CORE}.Pod`, pod({ containers: [{ name: 'c', env: [{ name: 'E', valueFrom: { fieldRef: { fieldPath: 'x' } } }] }] }), 'spec.containers.0.env.0.valueFrom.fieldRef.apiVersion', 'v1'],
  ['image volume pull policy', `${CORE}.Pod`, pod({ volumes: [{ name: 'v', image: { reference: 'a' } }] }), 'spec.volumes.0.image.pullPolicy', 'Always'],
  ['RBD user', `${CORE}.PersistentVolume`, { spec: { rbd: { image: 'i', monitors: [] } } }, 'spec.rbd.user', 'admin'],
  ['Azure disk', `${CORE}.PersistentVolume`, { spec: { azureDisk: { diskName: 'd', diskURI: 'u' } } }, 'spec.azureDisk', { diskName: 'd', diskURI: 'u', cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' }],
  ['service type', `${CORE}.Service`, { spec: { ports: [{ port: 80 }] } }, 'spec', { ports: [{ protocol: 'TCP', port: 80, targetPort: 80 }], sessionAffinity: 'None', type: 'ClusterIP', internalTrafficPolicy: 'Cluster' }],
  ['session affinity', `${CORE}.Service`, { spec: { sessionAffinity: 'ClientIP' } }, 'spec.sessionAffinityConfig.clientIP.timeoutSeconds', 10_800],
  ['no affinity configuration without affinity', `${CORE}.Service`, { spec: { sessionAffinityConfig: { clientIP: {} } } }, 'spec.sessionAffinityConfig', undefined],
  ['external traffic of a node port', `${CORE}.Service`, { spec: { type: 'NodePort' } }, 'spec.externalTrafficPolicy', 'Cluster'],
  ['external traffic of external addresses', `${CORE}.Service`, { spec: { externalIPs: ['1.1.1.1'] } }, 'spec.externalTrafficPolicy', 'Cluster'],
  ['load balancer node ports', `${CORE}.Service`, { spec: { type: 'LoadBalancer' } }, 'spec.allocateLoadBalancerNodePorts', true],
  ['load balancer address mode', `${CORE}.Service`, { spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress: [{ ip: '1.1.1.1' }] } } }, 'status.loadBalancer.ingress.0.ipMode', 'VIP'],
  ['internal traffic of an external name', `${CORE}.Service`, { spec: { type: 'ExternalName' } }, 'spec.internalTrafficPolicy', undefined],
  ['secret type', `${CORE}.Secret`, {}, 'type', 'Opaque'],
  ['namespace label', `${CORE}.Namespace`, { metadata: { name: 'n', labels: { 'kubernetes.io/metadata.name': 'x' } } }, 'metadata.labels', { 'kubernetes.io/metadata.name': 'n' }],
  ['namespace phase', `${CORE}.Namespace`, { metadata: { name: 'n' } }, 'status.phase', 'Active'],
  ['node allocatable', `${CORE}.Node`, { status: { capacity: { cpu: '2' } } }, 'status.allocatable', { cpu: '2' }],
  ['limit range', `${CORE}.LimitRange`, { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '1', memory: '1Mi' } }] } }, 'spec.limits.0', { type: 'Container', max: { cpu: '2' }, min: { cpu: '1', memory: '1Mi' }, default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1Mi' } }],
  ['claim', `${CORE}.PersistentVolumeClaim`, { spec: {} }, 'spec.volumeMode', 'Filesystem'],
  ['claim phase', `${CORE}.PersistentVolumeClaim`, { spec: {} }, 'status.phase', 'Pending'],
  ['volume reclaim policy', `${CORE}.PersistentVolume`, { spec: {} }, 'spec.persistentVolumeReclaimPolicy', 'Retain'],
  ['endpoint protocol', `${CORE}.Endpoints`, { subsets: [{ ports: [{ port: 1 }] }] }, 'subsets.0.ports.0.protocol', 'TCP'],
  ['replication controller replicas', `${CORE}.ReplicationController`, { spec: { template: { metadata: { labels: { a: 'b' } } } } }, 'spec.replicas', 1],
  ['replication controller selector', `${CORE}.ReplicationController`, { spec: { template: { metadata: { labels: { a: 'b' } } } } }, 'spec.selector', { a: 'b' }],
  ['deployment', 'io.k8s.api.apps.v1.Deployment', { spec: {} }, 'spec.strategy', { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } }],
  ['deployment that recreates', 'io.k8s.api.apps.v1.Deployment', { spec: { strategy: { type: 'Recreate' } } }, 'spec.strategy', { type: 'Recreate' }],
  ['deployment deadline', 'io.k8s.api.apps.v1.Deployment', { spec: {} }, 'spec.progressDeadlineSeconds', 600],
  ['deployment replicas', 'io.k8s.api.apps.v1.Deployment', { spec: {} }, 'spec.replicas', 1],
  ['deployment of none', 'io.k8s.api.apps.v1.Deployment', { spec: { replicas: 0 } }, 'spec.replicas', 0],
  ['daemon set', 'io.k8s.api.apps.v1.DaemonSet', { spec: {} }, 'spec.updateStrategy', { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }],
  ['stateful set strategy', 'io.k8s.api.apps.v1.StatefulSet', { spec: {} }, 'spec.updateStrategy', { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }],
  ['stateful set retention', 'io.k8s.api.apps.v1.StatefulSet', { spec: {} }, 'spec.persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Retain', whenScaled: 'Retain' }],
  ['stateful set claims', 'io.k8s.api.apps.v1.StatefulSet', { spec: { volumeClaimTemplates: [{ spec: {} }] } }, 'spec.volumeClaimTemplates.0.spec.volumeMode', 'Filesystem'],
  ['job', 'io.k8s.api.batch.v1.Job', { spec: {} }, 'spec.completions', 1],
  ['job with parallelism', 'io.k8s.api.batch.v1.Job', { spec: { parallelism: 2 } }, 'spec.completions', undefined],
  ['job back-off limit', 'io.k8s.api.batch.v1.Job', { spec: {} }, 'spec.backoffLimit', 6],
  ['job back-off limit per index', 'io.k8s.api.batch.v1.Job', { spec: { backoffLimitPerIndex: 1 } }, 'spec.backoffLimit', 2_147_483_647],
  ['job replacement', 'io.k8s.api.batch.v1.Job', { spec: { podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'X' }] }] } } }, 'spec.podReplacementPolicy', 'Failed'],
  ['job pod condition', 'io.k8s.api.batch.v1.Job', { spec: { podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'X' }] }] } } }, 'spec.podFailurePolicy.rules.0.onPodConditions.0.status', 'True'],
  ['job labels', 'io.k8s.api.batch.v1.Job', { spec: { template: { metadata: { labels: { a: 'b' } } } } }, 'metadata.labels', { a: 'b' }],
  ['cron job', 'io.k8s.api.batch.v1.CronJob', { spec: { schedule: '* * * * *' } }, 'spec.concurrencyPolicy', 'Allow'],
  ['cron job history', 'io.k8s.api.batch.v1.CronJob', { spec: { schedule: '* * * * *' } }, 'spec.failedJobsHistoryLimit', 1],
  ['autoscaler metrics', 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler', { spec: { maxReplicas: 3 } }, 'spec.metrics', [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]],
  ['autoscaler behaviour', 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler', { spec: { maxReplicas: 3, behavior: {} } }, 'spec.behavior.scaleDown', { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] }],
  ['network policy', 'io.k8s.api.networking.v1.NetworkPolicy', { spec: { egress: [{ ports: [{}] }] } }, 'spec.policyTypes', ['Ingress', 'Egress']],
  ['network policy port', 'io.k8s.api.networking.v1.NetworkPolicy', { spec: { egress: [{ ports: [{}] }] } }, 'spec.egress.0.ports.0.protocol', 'TCP'],
  ['ingress class scope', 'io.k8s.api.networking.v1.IngressClass', { spec: { parameters: { kind: 'K', name: 'n' } } }, 'spec.parameters.scope', 'Cluster'],
  ['role reference', 'io.k8s.api.rbac.v1.RoleBinding', { roleRef: { kind: 'Role', name: 'r' } }, 'roleRef.apiGroup', 'rbac.authorization.k8s.io'],
  ['subject user', 'io.k8s.api.rbac.v1.RoleBinding', { subjects: [{ kind: 'User', name: 'u' }] }, 'subjects.0.apiGroup', 'rbac.authorization.k8s.io'],
  ['subject service account', 'io.k8s.api.rbac.v1.ClusterRoleBinding', { subjects: [{ kind: 'ServiceAccount', name: 'u' }] }, 'subjects.0.apiGroup', undefined],
  ['storage class', 'io.k8s.api.storage.v1.StorageClass', { provisioner: 'p' }, 'volumeBindingMode', 'Immediate'],
  ['CSI driver', 'io.k8s.api.storage.v1.CSIDriver', { spec: {} }, 'spec', { attachRequired: true, podInfoOnMount: false, volumeLifecycleModes: ['Persistent'], storageCapacity: false, fsGroupPolicy: 'ReadWriteOnceWithFSType', requiresRepublish: false, seLinuxMount: false }],
  ['endpoint slice port', 'io.k8s.api.discovery.v1.EndpointSlice', { ports: [{ port: 1 }] }, 'ports.0', { name: '', protocol: 'TCP', port: 1 }],
  ['webhook', 'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration', { webhooks: [{ name: 'w', rules: [{}], clientConfig: { service: { name: 's', namespace: 'n' } } }] }, 'webhooks.0', {
    name: 'w', clientConfig: { service: { namespace: 'n', name: 's', port: 443 } }, rules: [{ scope: '*' }], failurePolicy: 'Fail', matchPolicy: 'Equivalent',
    namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10, admissionReviewVersions: [], reinvocationPolicy: 'Never', sideEffects: undefined,
  }],
  ['admission policy', 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy', { spec: { matchConstraints: {} } }, 'spec', { failurePolicy: 'Fail', matchConstraints: { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} } }],
  ['definition names', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition', { spec: { group: 'g', scope: 'Cluster', names: { kind: 'FooBar', plural: 'foobars' }, versions: [{ name: 'v1', served: true, storage: true }] } }, 'spec.names', { plural: 'foobars', singular: 'foobar', kind: 'FooBar', listKind: 'FooBarList' }],
  ['definition stored versions', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition', { spec: { group: 'g', scope: 'Cluster', names: { kind: 'F', plural: 'fs' }, versions: [{ name: 'v1', served: true, storage: true }] } }, 'status.storedVersions', ['v1']],
  ['API service port', 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService', { spec: { service: { name: 's' } } }, 'spec.service.port', 443],
  ['priority class', 'io.k8s.api.scheduling.v1.PriorityClass', { value: 1 }, 'preemptionPolicy', 'PreemptLowerPriority'],
  ['flow schema', 'io.k8s.api.flowcontrol.v1.FlowSchema', { spec: {} }, 'spec.matchingPrecedence', 1000],
  ['limited level', 'io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration', { spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } } }, 'spec.limited', { nominalConcurrencyShares: 30, limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } }, lendablePercent: 0 }],
  ['token request', 'io.k8s.api.authentication.v1.TokenRequest', { spec: {} }, 'spec.expirationSeconds', 3600],
  ['device request', 'io.k8s.api.resource.v1.ResourceClaim', { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'd' } }] } } }, 'spec.devices.requests.0.exactly', { deviceClassName: 'd', allocationMode: 'ExactCount', count: 1 }],
  ['device toleration', 'io.k8s.api.resource.v1.ResourceClaim', { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'd', tolerations: [{ key: 'k' }] } }] } } }, 'spec.devices.requests.0.exactly.tolerations.0.operator', 'Equal'],
];

describe('applyDefaults', () => {
  test.each(rows)('%s', (_, schema, object, path, expected) => {
    const result = defaulted(schema, object);
    expect(at(result, path)).toEqual(expected);
  });

  test.each(rows)('again changes nothing: %s', (_, schema, object) => {
    const once = defaulted(schema, object);
    const twice = structuredClone(once);
    applyDefaults(schema, twice);
    expect(twice).toEqual(once);
  });

  test('a device taint gets the time that the caller gives', () => {
    const slice = { spec: { devices: [{ name: 'd', taints: [{ key: 'k', effect: 'NoSchedule' } as { timeAdded?: string }] }] } };
    applyDefaults('io.k8s.api.resource.v1.ResourceSlice', slice, { nowMs: 1_000 });
    expect(slice.spec.devices[0]!.taints[0]!.timeAdded).toBe('1970-01-01T00:00:01Z');
  });
});

/** Rules upstream calls that change nothing by default (gates that are off, maps that are empty in memory only). */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['ConfigMap', 'PodLogOptions', 'Device']);

describe.skipIf(!existsSync(FACTS))('where rules run, against the facts of v1.36', () => {
  const calls = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { defaulterCalls: Record<string, [string, string][]> }).defaulterCalls : {};
  const alike = (name: string): string => name.replace(/^(Named)?RuleWithOperations$/, 'Rule').replace(/^EphemeralContainer$/, 'Container');
  test.each(Object.entries(calls))('%s', (schema, expected) => {
    const wanted = expected.filter(([, name]) => !WITHOUT_EFFECT.has(name)).map(([path, name]) => `${path}: ${alike(name)}`);
    const found = defaultersOf(schema).map(([path, name]) => `${path}: ${alike(name)}`);
    expect([...new Set(wanted)].filter((one) => !found.includes(one))).toEqual([]);
    // A declared default that is the zero value of a field without a pointer has no effect, so upstream makes no call for it.
    expect(found.filter((one) => !wanted.includes(one) && !/: =(""|0|false)$/.test(one))).toEqual([]);
  });
});
