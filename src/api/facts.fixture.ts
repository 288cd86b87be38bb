/** For every rule and every fixed field that the facts of v1.36 name, samples that break it and the places where they must be refused. */
import type { Loose } from './strategies.fixture.ts';

export type Change = (object: Loose) => void;
/** Kind, what breaks the rule, where the error must stand. A fourth: how the stored object is, and through which subresource the change comes. */
export type Breach = readonly [key: string, change: Change, place: string, options?: { stored?: Change; subresource?: string; late?: boolean }];

const pod = (change: Change, place: string): Breach => ['/Pod', (p) => change(p.spec), `spec.${place}`];
const first = (change: Change, place: string): Breach => ['/Pod', (p) => change(p.spec.containers[0]), `spec.containers[0].${place}`];
const status = (key: string, value: object, place: string): Breach => [key, (o) => { o.status = value; }, place, { subresource: 'status' }];
const spec = (key: string, fields: object, place: string): Breach => [key, (o) => { Object.assign(o.spec, fields); }, place];
const RBAC = 'rbac.authorization.k8s.io';
const AR = 'admissionregistration.k8s.io';
const version = (change: Change): Change => (d) => change(d.spec.versions[0]);
const CRD = 'apiextensions.k8s.io/CustomResourceDefinition';
const CSR = 'certificates.k8s.io/CertificateSigningRequest';
const job = (fields: object, place: string): Breach => spec('batch/Job', fields, place);
const many = (entry: object): object[] => Array.from({ length: 21 }, () => ({ ...entry }));
const exit = (onExitCodes: object): object => ({ podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes }] } });

/** `group/version field` to breaches. */
export const RULES: Readonly<Record<string, readonly Breach[]>> = {
  'core/v1 PodSpec.containers': [pod((s) => { s.containers = []; }, 'containers'), pod((s) => { s.initContainers = [{ ...s.containers[0] }]; }, 'initContainers[0].name')],
  'core/v1 Container.image': [first((c) => { c.image = ''; }, 'image'), first((c) => { c.image = ' a'; }, 'image')],
  'core/v1 Container.ports': [
    first((c) => { c.ports = [{ containerPort: 0 }]; }, 'ports[0].containerPort'), first((c) => { c.ports = [{ containerPort: 1, hostPort: 65536 }]; }, 'ports[0].hostPort'), first((c) => { c.ports = [{ containerPort: 1, protocol: 'X' }]; }, 'ports[0].protocol'),
    first((c) => { c.ports = [{ containerPort: 1, name: 'a--b' }]; }, 'ports[0].name'), first((c) => { c.ports = [{ containerPort: 1, hostPort: 9 }, { containerPort: 2, hostPort: 9 }]; }, 'ports[1].hostPort'),
    pod((s) => { s.hostNetwork = true; s.containers[0].ports = [{ containerPort: 1, hostPort: 9 }]; }, 'containers[0].ports[0].hostPort'),
  ],
  'core/v1 Container.env': [first((c) => { c.env = [{ name: 'a=b' }]; }, 'env[0].name'), first((c) => { c.env = [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } }]; }, 'env[0].valueFrom'), first((c) => { c.env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }]; }, 'env[0].valueFrom.fieldRef.fieldPath')],
  'core/v1 resourceFieldRef': [first((c) => { c.env = [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } }]; }, 'env[0].valueFrom.resourceFieldRef.resource'), first((c) => { c.env = [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '2' } } }]; }, 'env[0].valueFrom.resourceFieldRef.divisor')],
  'core/v1 downwardAPI items': [pod((s) => { s.volumes = [{ name: 'v', downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'spec.nodeName' } }] } }]; }, 'volumes[0].downwardAPI.items[0].fieldRef.fieldPath'), pod((s) => { s.volumes = [{ name: 'v', downwardAPI: { items: [{ path: '../a', fieldRef: { fieldPath: 'metadata.name' } }] } }]; }, 'volumes[0].downwardAPI.items[0].path')],
  'core/v1 Container.volumeMounts': [
    first((c) => { c.volumeMounts = [{ name: 'x', mountPath: '/a' }]; }, 'volumeMounts[0].name'),
    pod((s) => { s.volumes = [{ name: 'v', emptyDir: {} }]; s.containers[0].volumeMounts = [{ name: 'v', mountPath: '/a' }, { name: 'v', mountPath: '/a' }]; }, 'containers[0].volumeMounts[1].mountPath'),
    pod((s) => { s.volumes = [{ name: 'v', emptyDir: {} }]; s.containers[0].volumeMounts = [{ name: 'v', mountPath: '/a', subPath: '../b', subPathExpr: 'c' }]; }, 'containers[0].volumeMounts[0].subPath'),
    pod((s) => { s.volumes = [{ name: 'v', emptyDir: {} }]; s.containers[0].volumeMounts = [{ name: 'v', mountPath: '/a', mountPropagation: 'Bidirectional' }]; }, 'containers[0].volumeMounts[0].mountPropagation'),
  ],
  'core/v1 Container.resources': [
    first((c) => { c.resources = { requests: { cpu: '2' }, limits: { cpu: '1' } }; }, 'resources.requests'), first((c) => { c.resources = { requests: { 'example.com/a': '1' }, limits: { 'example.com/a': '2' } }; }, 'resources.requests'),
    first((c) => { c.resources = { requests: { cpu: '-1' } }; }, 'resources.requests[cpu]'), first((c) => { c.resources = { limits: { 'example.com/a': '1500m' } }; }, 'resources.limits[example.com/a]'),
  ],
  'core/v1 Container.lifecycle handlers': [first((c) => { c.lifecycle = { preStop: {} }; }, 'lifecycle.preStop'), first((c) => { c.lifecycle = { preStop: { exec: { command: ['a'] }, sleep: { seconds: 1 } } }; }, 'lifecycle.preStop.sleep')],
  'core/v1 Probe': [first((c) => { c.livenessProbe = { tcpSocket: { port: 1 }, successThreshold: 2 }; }, 'livenessProbe.successThreshold'), first((c) => { c.readinessProbe = { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 1 }; }, 'readinessProbe.terminationGracePeriodSeconds'), first((c) => { c.startupProbe = { grpc: { port: 1 }, periodSeconds: -1 }; }, 'startupProbe.periodSeconds')],
  'core/v1 initContainers': [pod((s) => { s.initContainers = [{ name: 'i', image: 'i', lifecycle: { preStop: { sleep: { seconds: 1 } } } }]; }, 'initContainers[0].lifecycle')],
  'core/v1 ephemeralContainers': [pod((s) => { s.ephemeralContainers = [{ name: 'e', image: 'e' }]; }, 'ephemeralContainers'), pod((s) => { s.ephemeralContainers = [{ name: 'e', image: 'e', ports: [{ containerPort: 1 }], targetContainerName: 'x' }]; }, 'ephemeralContainers[0].targetContainerName')],
  'core/v1 PodSpec.restartPolicy': [pod((s) => { s.restartPolicy = 'X'; }, 'restartPolicy')],
  'core/v1 PodSpec.dnsPolicy': [pod((s) => { s.dnsPolicy = 'X'; }, 'dnsPolicy'), pod((s) => { s.dnsPolicy = 'None'; s.dnsConfig = {}; }, 'dnsConfig.nameservers')],
  'core/v1 PodSpec.dnsConfig': [pod((s) => { s.dnsConfig = { nameservers: Array(4).fill('1.1.1.1') }; }, 'dnsConfig.nameservers'), pod((s) => { s.dnsConfig = { searches: Array(33).fill('a') }; }, 'dnsConfig.searches'), pod((s) => { s.dnsConfig = { searches: Array(9).fill('a'.repeat(250)) }; }, 'dnsConfig.searches')],
  'core/v1 PodSpec.terminationGracePeriodSeconds': [['/Pod', (p) => { delete p.spec.terminationGracePeriodSeconds; }, 'spec.terminationGracePeriodSeconds', { late: true }]],
  'core/v1 PodSpec.activeDeadlineSeconds': [pod((s) => { s.activeDeadlineSeconds = 0; }, 'activeDeadlineSeconds')],
  'core/v1 PodSpec.hostname/subdomain': [pod((s) => { s.hostname = 'A'; }, 'hostname'), pod((s) => { s.subdomain = 'a.b'; }, 'subdomain')],
  'core/v1 PodSpec.nodeName': [pod((s) => { s.nodeName = 'n'; s.schedulingGates = [{ name: 'a/b' }]; }, 'nodeName')],
  'core/v1 PodSpec.tolerations': [pod((s) => { s.tolerations = [{ value: 'a' }]; }, 'tolerations[0].operator'), pod((s) => { s.tolerations = [{ key: 'a', operator: 'Exists', value: 'b' }]; }, 'tolerations[0].operator'), pod((s) => { s.tolerations = [{ key: 'a', operator: 'Exists', tolerationSeconds: 1 }]; }, 'tolerations[0].effect')],
  'core/v1 PodSpec.affinity': [
    pod((s) => { s.affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } }; }, 'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'),
    pod((s) => { s.affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1', '2'] }] }] } } }; }, 'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values'),
    pod((s) => { s.affinity = { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, podAffinityTerm: { topologyKey: 'a', labelSelector: {} } }] } }; }, 'affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight'),
    pod((s) => { s.affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: '', labelSelector: {} }] } }; }, 'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey'),
  ],
  'core/v1 PodSpec.topologySpreadConstraints': [
    pod((s) => { s.topologySpreadConstraints = [{ maxSkew: 0, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }]; }, 'topologySpreadConstraints[0].maxSkew'), pod((s) => { s.topologySpreadConstraints = [{ maxSkew: 1, topologyKey: '', whenUnsatisfiable: 'X' }]; }, 'topologySpreadConstraints[0].whenUnsatisfiable'),
    pod((s) => { const one = { maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }; s.topologySpreadConstraints = [one, one]; }, 'topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}'), pod((s) => { s.topologySpreadConstraints = [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 1 }]; }, 'topologySpreadConstraints[0].minDomains'),
  ],
  'core/v1 PodSpec.securityContext': [pod((s) => { s.securityContext = { runAsUser: -1 }; }, 'securityContext.runAsUser'), pod((s) => { s.shareProcessNamespace = true; s.hostPID = true; }, 'securityContext.shareProcessNamespace'), pod((s) => { s.os = { name: 'windows' }; s.securityContext = { seLinuxOptions: {} }; }, 'securityContext.seLinuxOptions'), pod((s) => { s.os = { name: 'linux' }; s.securityContext = { windowsOptions: {} }; }, 'securityContext.windowsOptions')],
  'core/v1 PodSpec.volumes': [pod((s) => { s.volumes = [{ name: 'A', emptyDir: {} }]; }, 'volumes[0].name'), pod((s) => { s.volumes = [{ name: 'a', emptyDir: {} }, { name: 'a', emptyDir: {} }]; }, 'volumes[1].name'), pod((s) => { s.volumes = [{ name: 'a', emptyDir: {}, secret: { secretName: 's' } }]; }, 'volumes[0].secret')],
  'core/v1 PodSpec.overhead': [pod((s) => { s.overhead = { cpu: '-1' }; }, 'overhead[cpu]')],
  'core/v1 projected serviceAccountToken': [pod((s) => { s.volumes = [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 599 } }] } }]; }, 'volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds'), pod((s) => { s.volumes = [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 2 ** 32 + 1 } }] } }]; }, 'volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds')],
  'core/v1 projected podCertificate': [['/Pod', (p) => { p.spec.volumes = [{ name: 'v', projected: { sources: [{ podCertificate: { signerName: 'kubernetes.io/x', keyType: 'ED25519', keyPath: 'k', maxExpirationSeconds: 86_401 } }] } }]; }, 'spec.volumes[0].projected.sources[0].podCertificate.maxExpirationSeconds', { late: true }]],
  'core/v1 Service.ports': [
    spec('/Service', { ports: [] }, 'spec.ports'), spec('/Service', { ports: [{ port: 1 }, { port: 2 }] }, 'spec.ports[0].name'), spec('/Service', { ports: [{ port: 0 }] }, 'spec.ports[0].port'), spec('/Service', { ports: [{ port: 1, targetPort: 'a--b' }] }, 'spec.ports[0].targetPort'),
    spec('/Service', { ports: [{ name: 'a', port: 1 }, { name: 'b', port: 1 }] }, 'spec.ports[1]'), spec('/Service', { ports: [{ port: 1, nodePort: 30000 }] }, 'spec.ports[0].nodePort'),
  ],
  'core/v1 Service.type': [spec('/Service', { type: 'X' }, 'spec.type'), spec('/Service', { type: 'NodePort', clusterIP: 'None' }, 'spec.clusterIPs[0]'), spec('/Service', { type: 'ExternalName' }, 'spec.externalName'), spec('/Service', { type: 'ExternalName', externalName: 'a', ipFamilies: ['IPv4'] }, 'spec.ipFamilies')],
  'core/v1 Service.sessionAffinityConfig.clientIP.timeoutSeconds': [spec('/Service', { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } }, 'spec.sessionAffinityConfig.clientIP.timeoutSeconds')],
  'core/v1 Service.loadBalancerClass, allocateLoadBalancerNodePorts, loadBalancerSourceRanges': [spec('/Service', { loadBalancerClass: 'a/b' }, 'spec.loadBalancerClass'), spec('/Service', { allocateLoadBalancerNodePorts: true }, 'spec.allocateLoadBalancerNodePorts'), spec('/Service', { loadBalancerSourceRanges: ['10.0.0.0/8'] }, 'spec.LoadBalancerSourceRanges')],
  'core/v1 Service.healthCheckNodePort': [spec('/Service', { type: 'LoadBalancer', healthCheckNodePort: 30000 }, 'spec.healthCheckNodePort')],
  'core/v1 Service.selector': [spec('/Service', { selector: { a: 'b c' } }, 'spec.selector')],
  'core/v1 Service.appProtocol': [spec('/Service', { ports: [{ port: 1, appProtocol: 'a b' }] }, 'spec.ports[0].appProtocol')],
  'core/v1 Secret': [
    ['/Secret', (s) => { s.data = { a: btoa('x'.repeat(1024 * 1024 + 3)) }; delete s.stringData; }, 'data'], ['/Secret', (s) => { s.stringData = { 'a/b': '' }; }, 'data[a/b]'], ['/Secret', (s) => { s.type = 'kubernetes.io/service-account-token'; }, 'metadata.annotations[kubernetes.io/service-account.name]'],
    ['/Secret', (s) => { s.type = 'kubernetes.io/dockerconfigjson'; s.stringData = { '.dockerconfigjson': '{' }; }, 'data[.dockerconfigjson]'], ['/Secret', (s) => { s.type = 'kubernetes.io/tls'; }, 'data[tls.crt]'], ['/Secret', (s) => { s.type = 'kubernetes.io/basic-auth'; s.stringData = {}; }, 'data[username]'],
    ['/Secret', (s) => { s.type = 'kubernetes.io/ssh-auth'; }, 'data[ssh-privatekey]'], ['/Secret', (s) => { s.type = 'kubernetes.io/dockercfg'; }, 'data[.dockercfg]'],
  ],
  'core/v1 ConfigMap': [['/ConfigMap', (c) => { c.data = { a: 'x'.repeat(1024 * 1024 + 1) }; }, ''], ['/ConfigMap', (c) => { c.binaryData = { 'app.conf': '' }; }, 'data[app.conf]']],
  'core/v1 PersistentVolume': [
    spec('/PersistentVolume', { capacity: { storage: '0' } }, 'spec.capacity[storage]'), spec('/PersistentVolume', { capacity: { cpu: '1' } }, 'spec.capacity'), spec('/PersistentVolume', { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] }, 'spec.accessModes'), spec('/PersistentVolume', { nfs: { server: 's', path: '/' } }, 'spec.nfs'),
    spec('/PersistentVolume', { hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' }, 'spec.persistentVolumeReclaimPolicy'),
  ],
  'core/v1 PersistentVolumeClaim': [spec('/PersistentVolumeClaim', { accessModes: [] }, 'spec.accessModes'), spec('/PersistentVolumeClaim', { resources: { requests: {} } }, 'spec.resources[storage]'), spec('/PersistentVolumeClaim', { storageClassName: 'A' }, 'spec.storageClassName'), spec('/PersistentVolumeClaim', { dataSource: { kind: 'X', name: 'a' } }, 'spec.dataSource')],
  'core/v1 LimitRange': [
    spec('/LimitRange', { limits: [{ type: 'X' }] }, 'spec.limits[0].type'), spec('/LimitRange', { limits: [{ type: 'Pod', default: { cpu: '1' } }] }, 'spec.limits[0].default'), spec('/LimitRange', { limits: [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }] }, 'spec.limits[0].min[cpu]'),
    spec('/LimitRange', { limits: [{ type: 'Container', defaultRequest: { cpu: '2' }, default: { cpu: '1' } }] }, 'spec.limits[0].defaultRequest[cpu]'), spec('/LimitRange', { limits: [{ type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } }] }, 'spec.limits[0].maxLimitRequestRatio[cpu]'),
    spec('/LimitRange', { limits: [{ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }] }, 'spec.limits[0].maxLimitRequestRatio[cpu]'), spec('/LimitRange', { limits: [{ type: 'Pod', max: { storage: '1' } }] }, 'spec.limits[0].max[storage]'),
  ],
  'core/v1 ResourceQuota': [spec('/ResourceQuota', { hard: { pods: '-1' } }, 'spec.hard[pods]'), spec('/ResourceQuota', { hard: { pods: '1500m' } }, 'spec.hard[pods]'), spec('/ResourceQuota', { hard: { services: '1' }, scopes: ['BestEffort'] }, 'spec.scopes')],
  'core/v1 Node': [['/Node', (n) => { n.spec = { taints: [{ key: 'a', effect: 'NoExecute' }, { key: 'a', effect: 'NoExecute' }] }; }, 'metadata.taints[1]'], ['/Node', (n) => { n.spec = { taints: [{ key: 'a', effect: 'X' }] }; }, 'metadata.taints[0].effect'], ['/Node', (n) => { n.spec = { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] }; }, 'spec.podCIDRs']],
  'core/v1 Endpoints': ['127.0.0.1', '169.254.1.1', '0.0.0.0', '224.0.0.1'].map((ip): Breach => ['/Endpoints', (e) => { e.subsets[0].addresses[0].ip = ip; }, 'subsets[0].addresses[0].ip']),
  'core/v1 Event': [['/Event', (e) => { e.involvedObject.namespace = 'other'; }, 'involvedObject.namespace']],
  'core/v1 Binding': [],
  'core/v1 ReplicationController': [spec('/ReplicationController', { selector: { app: 'x' } }, 'spec.template.metadata.labels'), spec('/ReplicationController', { replicas: -1 }, 'spec.replicas'), ['/ReplicationController', (c) => { c.spec.selector = {}; }, 'spec.selector', { late: true }]],
  'apps/v1 *.spec.selector': ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'].flatMap((kind): Breach[] => [spec(`apps/${kind}`, { selector: {} }, 'spec.selector'), spec(`apps/${kind}`, { selector: { matchLabels: { app: 'x' } } }, 'spec.template.metadata.labels'), ['apps/' + kind, (o) => { delete o.spec.selector; }, 'spec.selector', { late: true }]]),
  'apps/v1 *.spec.replicas, minReadySeconds, revisionHistoryLimit': [spec('apps/Deployment', { replicas: -1 }, 'spec.replicas'), spec('apps/ReplicaSet', { minReadySeconds: -1 }, 'spec.minReadySeconds'), spec('apps/DaemonSet', { revisionHistoryLimit: -1 }, 'spec.revisionHistoryLimit'), spec('apps/StatefulSet', { replicas: -1 }, 'spec.replicas')],
  'apps/v1 Deployment/ReplicaSet/DaemonSet/StatefulSet template': ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'].flatMap((kind): Breach[] => [[`apps/${kind}`, (o) => { o.spec.template.spec.restartPolicy = 'Never'; }, 'spec.template.spec.restartPolicy'], [`apps/${kind}`, (o) => { o.spec.template.spec.activeDeadlineSeconds = 1; }, 'spec.template.spec.activeDeadlineSeconds']]),
  'apps/v1 Deployment.strategy': [spec('apps/Deployment', { strategy: { type: 'Recreate', rollingUpdate: {} } }, 'spec.strategy.rollingUpdate'), spec('apps/Deployment', { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '0%' } } }, 'spec.strategy.rollingUpdate.maxUnavailable'), spec('apps/Deployment', { strategy: { rollingUpdate: { maxUnavailable: '101%' } } }, 'spec.strategy.rollingUpdate.maxUnavailable')],
  'apps/v1 Deployment.progressDeadlineSeconds': [spec('apps/Deployment', { progressDeadlineSeconds: 5, minReadySeconds: 5 }, 'spec.progressDeadlineSeconds')],
  'apps/v1 DaemonSet.rollingUpdate': [spec('apps/DaemonSet', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } }, 'spec.updateStrategy.rollingUpdate.maxSurge'), spec('apps/DaemonSet', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } } }, 'spec.updateStrategy.rollingUpdate.maxUnavailable'), spec('apps/DaemonSet', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '101%' } } }, 'spec.updateStrategy.rollingUpdate.maxUnavailable')],
  'apps/v1 StatefulSet': [
    spec('apps/StatefulSet', { podManagementPolicy: 'X' }, 'spec.podManagementPolicy'), spec('apps/StatefulSet', { updateStrategy: { type: 'OnDelete', rollingUpdate: {} } }, 'spec.updateStrategy.rollingUpdate'), spec('apps/StatefulSet', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: -1 } } }, 'spec.updateStrategy.rollingUpdate.partition'),
    spec('apps/StatefulSet', { ordinals: { start: -1 } }, 'spec.ordinals.start'), spec('apps/StatefulSet', { serviceName: 'A' }, 'spec.serviceName'), spec('apps/StatefulSet', { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'X', whenScaled: 'Retain' } }, 'spec.persistentVolumeClaimRetentionPolicy.whenDeleted'),
  ],
  'apps/v1 status counters': [status('apps/Deployment', { replicas: 1, updatedReplicas: 2 }, 'status.updatedReplicas'), status('apps/ReplicaSet', { replicas: -1 }, 'status.replicas'), status('apps/StatefulSet', { replicas: 2, readyReplicas: 1, availableReplicas: 2 }, 'status.availableReplicas'), ['apps/DaemonSet', (o) => { o.status.collisionCount = 1; }, 'status.collisionCount', { subresource: 'status', stored: (o) => { o.status.collisionCount = 2; } }]],
  'apps/v1 ControllerRevision': [['apps/ControllerRevision', (r) => { delete r.data; }, 'data'], ['apps/ControllerRevision', (r) => { r.revision = -1; }, 'revision']],
  'batch/v1 Job counts': ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'].map((field) => job({ [field]: -1 }, `spec.${field}`)),
  'batch/v1 Job template': [['batch/Job', (j) => { j.spec.template.spec.restartPolicy = 'Always'; }, 'spec.template.spec.restartPolicy'], ['batch/Job', (j) => { j.spec.template.spec.restartPolicy = 'OnFailure'; Object.assign(j.spec, exit({ operator: 'In', values: [1] })); }, 'spec.template.spec.restartPolicy']],
  'batch/v1 Job Indexed': [
    job({ completionMode: 'Indexed', parallelism: 1 }, 'spec.completions'), job({ completionMode: 'Indexed', completions: 1, parallelism: 100_001 }, 'spec.parallelism'), job({ completionMode: 'Indexed', completions: 1, backoffLimitPerIndex: 1, maxFailedIndexes: 2 }, 'spec.maxFailedIndexes'),
    job({ completionMode: 'Indexed', completions: 100_001, backoffLimitPerIndex: 1 }, 'spec.maxFailedIndexes'), job({ completionMode: 'Indexed', completions: 100_001, backoffLimitPerIndex: 1, maxFailedIndexes: 1, parallelism: 10_001 }, 'spec.parallelism'),
  ],
  'batch/v1 Job NonIndexed': [job({ backoffLimitPerIndex: 1 }, 'spec.backoffLimitPerIndex'), job({ maxFailedIndexes: 1 }, 'spec.maxFailedIndexes'), job({ successPolicy: { rules: [{ succeededCount: 1 }] } }, 'spec.successPolicy')],
  'batch/v1 podFailurePolicy': [
    job({ podFailurePolicy: { rules: many({ action: 'Ignore', onPodConditions: [{ type: 'A' }] }) } }, 'spec.podFailurePolicy.rules'), job(exit({ operator: 'In', values: [0] }), 'spec.podFailurePolicy.rules[0].onExitCodes.values[0]'), job(exit({ operator: 'In', values: [2, 1] }), 'spec.podFailurePolicy.rules[0].onExitCodes.values'),
    job(exit({ operator: 'In', values: [1, 1] }), 'spec.podFailurePolicy.rules[0].onExitCodes.values[1]'), job(exit({ operator: 'In', values: Array.from({ length: 256 }, (_, i) => i + 1) }), 'spec.podFailurePolicy.rules[0].onExitCodes.values'), job({ podFailurePolicy: { rules: [{ action: 'X', onPodConditions: [{ type: 'A' }] }] } }, 'spec.podFailurePolicy.rules[0].action'),
    job({ podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: many({ type: 'A' }) }] } }, 'spec.podFailurePolicy.rules[0].onPodConditions'),
  ],
  'batch/v1 successPolicy': [job({ completionMode: 'Indexed', completions: 2, successPolicy: { rules: [] } }, 'spec.successPolicy.rules'), job({ completionMode: 'Indexed', completions: 2, successPolicy: { rules: many({ succeededCount: 1 }) } }, 'spec.successPolicy.rules'), job({ completionMode: 'Indexed', completions: 2, successPolicy: { rules: [{ succeededCount: 0 }] } }, 'spec.successPolicy.rules[0].succeededCount'), job({ completionMode: 'Indexed', completions: 2, successPolicy: { rules: [{ succeededIndexes: '0'.repeat(65_537) }] } }, 'spec.successPolicy.rules[0].succeededIndexes')],
  'batch/v1 managedBy': [job({ managedBy: 'me' }, 'spec.managedBy'), job({ managedBy: `a.b/${'c'.repeat(63)}` }, 'spec.managedBy')],
  'batch/v1 CronJob': [
    ['batch/CronJob', (c) => { c.metadata.name = 'a'.repeat(53); }, 'metadata.name'], spec('batch/CronJob', { schedule: '* * *' }, 'spec.schedule'), spec('batch/CronJob', { schedule: 'TZ=UTC * * * * *' }, 'spec.schedule'), spec('batch/CronJob', { timeZone: 'Mars/Base' }, 'spec.timeZone'),
    spec('batch/CronJob', { startingDeadlineSeconds: -1 }, 'spec.startingDeadlineSeconds'), spec('batch/CronJob', { failedJobsHistoryLimit: -1 }, 'spec.failedJobsHistoryLimit'), spec('batch/CronJob', { concurrencyPolicy: 'X' }, 'spec.concurrencyPolicy'),
  ],
  'networking/v1 ServiceCIDR': [spec('networking.k8s.io/ServiceCIDR', { cidrs: ['10.0.0.0/8', '11.0.0.0/8'] }, 'spec.cidrs'), spec('networking.k8s.io/ServiceCIDR', { cidrs: ['10.0.0.0/8', 'fd00::/64', '11.0.0.0/8'] }, 'spec.cidrs')],
  'networking/v1 IPAddress': [['networking.k8s.io/IPAddress', (a) => { a.spec.parentRef.resource = ''; }, 'spec.parentRef.resource']],
  ...networking(),
  'autoscaling/v2 HorizontalPodAutoscaler': [
    spec('autoscaling/HorizontalPodAutoscaler', { minReplicas: 0 }, 'spec.minReplicas'), spec('autoscaling/HorizontalPodAutoscaler', { maxReplicas: 1 }, 'spec.maxReplicas'), spec('autoscaling/HorizontalPodAutoscaler', { scaleTargetRef: { kind: 'a/b', name: 'c' } }, 'spec.scaleTargetRef.kind'),
    spec('autoscaling/HorizontalPodAutoscaler', { metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Value', averageValue: '0' } } }] }, 'spec.metrics[0].resource.target.averageValue'), spec('autoscaling/HorizontalPodAutoscaler', { behavior: { scaleUp: { stabilizationWindowSeconds: 3601 } } }, 'spec.behavior.scaleUp.stabilizationWindowSeconds'),
    spec('autoscaling/HorizontalPodAutoscaler', { behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 1801 }] } } }, 'spec.behavior.scaleUp.policies[0].periodSeconds'), spec('autoscaling/HorizontalPodAutoscaler', { behavior: { scaleUp: { selectPolicy: 'X' } } }, 'spec.behavior.scaleUp.selectPolicy'), spec('autoscaling/HorizontalPodAutoscaler', { behavior: { scaleUp: { tolerance: '-1' } } }, 'spec.behavior.scaleUp.tolerance'),
  ],
  'policy/v1 PodDisruptionBudget': [spec('policy/PodDisruptionBudget', { maxUnavailable: 1 }, 'spec'), spec('policy/PodDisruptionBudget', { minAvailable: '101%' }, 'spec.minAvailable'), spec('policy/PodDisruptionBudget', { minAvailable: -1 }, 'spec.minAvailable'), spec('policy/PodDisruptionBudget', { unhealthyPodEvictionPolicy: 'X' }, 'spec.unhealthyPodEvictionPolicy')],
  'policy/v1 Eviction': [],
  [`${RBAC}/v1 PolicyRule`]: [[`${RBAC}/Role`, (r) => { r.rules[0].verbs = []; }, 'rules[0].verbs'], [`${RBAC}/Role`, (r) => { r.rules = [{ verbs: ['get'], nonResourceURLs: ['/a'] }]; }, 'rules[0].nonResourceURLs'], [`${RBAC}/ClusterRole`, (r) => { r.rules[0].resources = ['pods']; }, 'rules[0].nonResourceURLs'], [`${RBAC}/Role`, (r) => { r.rules = [{ verbs: ['get'] }]; }, 'rules[0].apiGroups']],
  [`${RBAC}/v1 roleRef`]: [[`${RBAC}/RoleBinding`, (b) => { b.roleRef.apiGroup = 'x'; }, 'roleRef.apiGroup'], [`${RBAC}/ClusterRoleBinding`, (b) => { b.roleRef.kind = 'Role'; }, 'roleRef.kind'], [`${RBAC}/RoleBinding`, (b) => { b.roleRef.name = ''; }, 'roleRef.name']],
  [`${RBAC}/v1 subjects`]: [[`${RBAC}/RoleBinding`, (b) => { b.subjects = [{ kind: 'ServiceAccount', name: 'a' }]; }, 'subjects[0].namespace'], [`${RBAC}/RoleBinding`, (b) => { b.subjects = [{ kind: 'User', name: 'a', apiGroup: 'x' }]; }, 'subjects[0].apiGroup'], [`${RBAC}/RoleBinding`, (b) => { b.subjects = [{ kind: 'Group', name: '' }]; }, 'subjects[0].name']],
  [`${RBAC}/v1 aggregationRule`]: [[`${RBAC}/ClusterRole`, (r) => { r.aggregationRule = {}; }, 'aggregationRule.clusterRoleSelectors']],
  [`${RBAC}/v1 escalation`]: [],
  ...storage(),
  'discovery.k8s.io/v1 EndpointSlice': [
    ['discovery.k8s.io/EndpointSlice', (s) => { s.addressType = 'X'; }, 'addressType'], ['discovery.k8s.io/EndpointSlice', (s) => { s.endpoints = Array(1001).fill(s.endpoints[0]); }, 'endpoints'], ['discovery.k8s.io/EndpointSlice', (s) => { s.endpoints[0].addresses = Array(101).fill('10.0.0.1'); }, 'endpoints[0].addresses'],
    ['discovery.k8s.io/EndpointSlice', (s) => { s.ports = [{ port: 1, name: 'a' }, { port: 2, name: 'a' }]; }, 'ports[1].name'],
    ['discovery.k8s.io/EndpointSlice', (s) => { s.endpoints[0].hints = { forZones: Array.from({ length: 9 }, (_, i) => ({ name: `z${i}` })) }; }, 'endpoints[0].hints.forZones'],
  ],
  'coordination.k8s.io/v1 Lease': [spec('coordination.k8s.io/Lease', { leaseDurationSeconds: 0 }, 'spec.leaseDurationSeconds'), spec('coordination.k8s.io/Lease', { leaseTransitions: -1 }, 'spec.leaseTransitions'), spec('coordination.k8s.io/Lease', { preferredHolder: 'a' }, 'spec.preferredHolder'), spec('coordination.k8s.io/Lease', { strategy: 'X' }, 'spec.strategy.strategy')],
  ...admission(),
  'apiextensions.k8s.io/v1 CustomResourceDefinition': [
    [CRD, (d) => { d.metadata.name = 'a.b'; }, 'metadata.name'], [CRD, (d) => { d.spec.group = 'nodot'; d.metadata.name = 'crontabs.nodot'; }, 'spec.group'], [CRD, (d) => { d.spec.scope = 'X'; }, 'spec.scope'], [CRD, (d) => d.spec.versions.push({ ...d.spec.versions[0], storage: false }), 'spec.versions'], [CRD, version((v) => { v.name = '1'; }), 'spec.versions[0].name'],
    [CRD, version((v) => { v.storage = false; }), 'spec.versions'], [CRD, version((v) => { delete v.schema; }), 'spec.versions[0].schema.openAPIV3Schema'], [CRD, (d) => { d.spec.names.shortNames = ['A']; }, 'spec.names.shortNames[0]'], [CRD, (d) => { d.spec.names.listKind = 'CronTab'; }, 'spec.names.listKind'], [CRD, (d) => { d.spec.preserveUnknownFields = true; }, 'spec.preserveUnknownFields'],
    [CRD, (d) => { d.spec.conversion = { strategy: 'Webhook' }; }, 'spec.conversion.webhookClientConfig'], [CRD, version((v) => { v.additionalPrinterColumns = [{ name: 'a', type: 'X', jsonPath: '.a' }]; }), 'spec.additionalPrinterColumns[0].type'], [CRD, version((v) => { v.selectableFields = [{ jsonPath: '.spec.nothing' }]; }), 'spec.selectableFields[0].jsonPath'],
    [CRD, (d) => { d.spec.group = 'a.k8s.io'; d.metadata.name = 'crontabs.a.k8s.io'; }, 'metadata.annotations[api-approved.kubernetes.io]'],
  ],
  'apiextensions.k8s.io/v1 scale subresource': [[CRD, version((v) => { v.subresources = { scale: { specReplicasPath: '.status.a', statusReplicasPath: '.status.b' } }; }), 'spec.subresources.scale.specReplicasPath'], [CRD, version((v) => { v.subresources = { scale: { specReplicasPath: '.spec.a', statusReplicasPath: '.spec.b', labelSelectorPath: '.x' } }; }), 'spec.subresources.scale.labelSelectorPath']],
  'scheduling.k8s.io/v1 PriorityClass': [['scheduling.k8s.io/PriorityClass', (c) => { c.value = 1_000_000_001; }, 'value'], ['scheduling.k8s.io/PriorityClass', (c) => { c.metadata.name = 'system-x'; }, 'metadata.name'], ['scheduling.k8s.io/PriorityClass', (c) => { c.preemptionPolicy = 'X'; }, 'preemptionPolicy']],
  'certificates.k8s.io/v1 CertificateSigningRequest': [
    spec(CSR, { request: btoa('x') }, 'spec.request'), spec(CSR, { usages: ['x'] }, 'spec.usages[0]'), spec(CSR, { usages: ['any', 'any'] }, 'spec.usages[1]'), spec(CSR, { signerName: 'kubernetes.io/legacy-unknown' }, 'spec.signerName'), spec(CSR, { expirationSeconds: 599 }, 'spec.expirationSeconds'),
    [CSR, (r) => { r.status = { conditions: [{ type: 'Approved', status: 'True' }, { type: 'Denied', status: 'True' }] }; }, 'status.conditions[1].type', { subresource: 'approval' }], [CSR, (r) => { r.status = { conditions: [{ type: 'Approved', status: 'False' }] }; }, 'status.conditions[0].status', { subresource: 'approval' }],
    status(CSR, { certificate: btoa('x') }, 'status.certificate'),
  ],
  'authentication.k8s.io/v1 TokenRequest': [],
};

function networking(): Record<string, Breach[]> {
  const path = (fields: object): Change => (i) => { Object.assign(i.spec.rules[0].http.paths[0], fields); };
  const P = 'spec.rules[0].http.paths[0]';
  const I = 'networking.k8s.io/Ingress';
  const C = 'networking.k8s.io/IngressClass';
  const N = 'networking.k8s.io/NetworkPolicy';
  return {
    'networking/v1 Ingress': [
      [I, (i) => { i.spec = {}; }, 'spec'], [I, (i) => { i.spec.rules[0].host = '1.2.3.4'; }, 'spec.rules[0].host'], [I, (i) => { i.spec.rules[0].host = '*.A'; }, 'spec.rules[0].host'], [I, path({ pathType: '' }), `${P}.pathType`], ...['a', '/a//b', '/a/./b', '/a/../b', '/a%2fb', '/a/..', '/a/.'].map((text): Breach => [I, path({ pathType: 'Exact', path: text }), `${P}.path`]),
      [I, path({ pathType: 'ImplementationSpecific', path: 'a' }), `${P}.path`], [I, path({ backend: {} }), `${P}.backend`], [I, path({ backend: { service: { name: 'a', port: { name: 'b', number: 1 } } } }), `${P}.backend`], [I, (i) => { i.metadata.annotations = { 'kubernetes.io/ingress.class': 'a' }; i.spec.ingressClassName = 'b'; }, 'annotations.kubernetes.io/ingress.class'],
    ],
    'networking/v1 IngressClass': [spec(C, { controller: '' }, 'spec.controller'), spec(C, { controller: `a.b/${'c'.repeat(250)}` }, 'spec.controller'), spec(C, { parameters: { kind: 'A', name: 'b', scope: 'Namespace' } }, 'spec.parameters.namespace'), spec(C, { parameters: { kind: 'A', name: 'b', scope: 'X' } }, 'spec.parameters.scope')],
    'networking/v1 NetworkPolicy': [
      spec(N, { policyTypes: ['Ingress', 'Egress', 'Ingress'] }, 'spec.policyTypes'), [N, (n) => { n.spec.ingress[0].from[0].podSelector = {}; }, 'spec.ingress[0].from[0]'], [N, (n) => { n.spec.ingress[0].from[0].ipBlock.except = ['10.0.0.0/8']; }, 'spec.ingress[0].from[0].ipBlock.except[0]'],
      [N, (n) => { n.spec.ingress[0].ports = [{ port: 9, endPort: 8 }]; }, 'spec.ingress[0].ports[0].endPort'], [N, (n) => { n.spec.ingress[0].ports = [{ port: 'a', endPort: 8 }]; }, 'spec.ingress[0].ports[0].endPort'], [N, (n) => { n.spec.ingress[0].ports = [{ protocol: 'X' }]; }, 'spec.ingress[0].ports[0].protocol'],
    ],
  };
}

function storage(): Record<string, Breach[]> {
  const S = 'storage.k8s.io';
  const many = Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`k${i}`, 'v']));
  const top = (kind: string, fields: object, place: string): Breach => [`${S}/${kind}`, (o) => { Object.assign(o, fields); }, place];
  return {
    [`${S}/v1 StorageClass`]: [
      top('StorageClass', { provisioner: '' }, 'provisioner'), top('StorageClass', { parameters: many }, 'parameters'), top('StorageClass', { parameters: { a: 'x'.repeat(256 * 1024) } }, 'parameters'), top('StorageClass', { parameters: { '': 'x' } }, 'parameters'), top('StorageClass', { reclaimPolicy: 'Recycle' }, 'reclaimPolicy'), top('StorageClass', { volumeBindingMode: 'X' }, 'volumeBindingMode'),
      top('StorageClass', { allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }] }, { matchLabelExpressions: [{ key: 'a', values: ['b'] }] }] }, 'allowedTopologies[1].matchLabelExpressions'),
    ],
    [`${S}/v1 CSIDriver`]: [
      [`${S}/CSIDriver`, (d) => { d.metadata.name = `${'a'.repeat(62)}.b`; }, 'metadata.name'], spec(`${S}/CSIDriver`, { tokenRequests: [{ audience: 'a' }, { audience: 'a' }] }, 'spec.tokenRequests[1].audience'), spec(`${S}/CSIDriver`, { tokenRequests: [{ audience: 'a', expirationSeconds: 599 }] }, 'spec.tokenRequests[0].expirationSeconds'),
      spec(`${S}/CSIDriver`, { nodeAllocatableUpdatePeriodSeconds: 9 }, 'spec.nodeAllocatableUpdatePeriodSeconds'), spec(`${S}/CSIDriver`, { volumeLifecycleModes: ['X'] }, 'spec.volumeLifecycleModes[0]'), spec(`${S}/CSIDriver`, { fsGroupPolicy: 'X' }, 'spec.fsGroupPolicy'),
    ],
    [`${S}/v1 CSINode`]: [[`${S}/CSINode`, (n) => n.spec.drivers.push(n.spec.drivers[0]), 'spec.drivers[1].name'], [`${S}/CSINode`, (n) => { n.spec.drivers[0].nodeID = 'x'.repeat(257); }, 'spec.drivers[0].nodeID'], [`${S}/CSINode`, (n) => { n.spec.drivers[0].allocatable = { count: -1 }; }, 'spec.drivers[0].allocatable.count']],
    [`${S}/v1 VolumeAttachment`]: [
      spec(`${S}/VolumeAttachment`, { attacher: '' }, 'spec.attacher'), spec(`${S}/VolumeAttachment`, { source: {} }, 'spec.source'), spec(`${S}/VolumeAttachment`, { nodeName: '' }, 'spec.nodeName'), status(`${S}/VolumeAttachment`, { attached: true, attachmentMetadata: { a: 'x'.repeat(256 * 1024) } }, 'status.attachmentMetadata'),
      status(`${S}/VolumeAttachment`, { attached: false, attachError: { message: 'x'.repeat(1025) } }, 'status.attachError.message'),
    ],
    [`${S}/v1 VolumeAttributesClass`]: [top('VolumeAttributesClass', { driverName: '' }, 'driverName'), top('VolumeAttributesClass', { parameters: {} }, 'parameters'), top('VolumeAttributesClass', { parameters: many }, 'parameters')],
  };
}

function admission(): Record<string, Breach[]> {
  const hook = (fields: object, place: string): Breach => [`${AR}/ValidatingWebhookConfiguration`, (c) => { Object.assign(c.webhooks[0], fields); }, `webhooks[0].${place}`];
  const VAP = `${AR}/ValidatingAdmissionPolicy`;
  const VAPB = `${AR}/ValidatingAdmissionPolicyBinding`;
  const MAP = `${AR}/MutatingAdmissionPolicy`;
  const rule = { operations: ['*', 'CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
  return {
    [`${AR}/v1 webhooks`]: [
      hook({ name: 'a.b' }, 'name'), [`${AR}/MutatingWebhookConfiguration`, (c) => c.webhooks.push(c.webhooks[0]), 'webhooks[1].name'], hook({ rules: [rule] }, 'rules[0].operations'), hook({ sideEffects: 'Unknown' }, 'sideEffects'), hook({ admissionReviewVersions: [] }, 'admissionReviewVersions'), hook({ timeoutSeconds: 31 }, 'timeoutSeconds'),
      hook({ clientConfig: {} }, 'clientConfig'), hook({ clientConfig: { url: 'https://a:b@c/' } }, 'clientConfig.url'), hook({ matchConditions: Array.from({ length: 65 }, (_, i) => ({ name: `m${i}`, expression: 'true' })) }, 'matchConditions'), hook({ matchConditions: [{ name: 'a', expression: 'true' }, { name: 'a', expression: 'true' }] }, 'matchConditions[1].name'),
    ],
    [`${AR}/v1 ValidatingAdmissionPolicy`]: [
      spec(VAP, { validations: [] }, 'spec.validations'), spec(VAP, { auditAnnotations: Array.from({ length: 21 }, (_, i) => ({ key: `k${i}`, valueExpression: '"a"' })) }, 'spec.auditAnnotations'), spec(VAP, { auditAnnotations: [{ key: 'a', valueExpression: `"${'x'.repeat(5 * 1024)}"` }] }, 'spec.auditAnnotations[0].valueExpression'),
      spec(VAP, { validations: [{ expression: 'true', message: 'a\nb' }] }, 'spec.validations[0].message'), spec(VAP, { validations: [{ expression: 'true', reason: 'X' }] }, 'spec.validations[0].reason'), spec(VAP, { variables: [{ name: 'a-b', expression: 'true' }] }, 'spec.variables[0].name'),
    ],
    [`${AR}/v1 bindings`]: [spec(VAPB, { policyName: '' }, 'spec.policyName'), spec(VAPB, { validationActions: [] }, 'spec.validationActions'), spec(VAPB, { validationActions: ['Deny', 'Warn'] }, 'spec.validationActions'), spec(VAPB, { paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Deny' } }, 'spec.paramRef.name'), spec(VAPB, { paramRef: { name: 'a' } }, 'spec.paramRef.parameterNotFoundAction')],
    [`${AR}/v1 MutatingAdmissionPolicy`]: [spec(MAP, { mutations: [] }, 'spec.mutations'), spec(MAP, { mutations: [{ patchType: 'X' }] }, 'spec.mutations[0].patchType'), spec(MAP, { reinvocationPolicy: '' }, 'spec.reinvocationPolicy')],
  };
}
