/**
 * Workloads of the scheduler benchmark as data: the shapes, sizes and thresholds of upstream's scheduler_perf suite (its `performance` label).
 * `threshold` is the pods a second below which upstream's own runs fail; `upstream` is what its scheduler did on a machine of two cores.
 */
import type { Affinity, Node, Pod, PodSpec, TopologySpreadConstraint } from '../src/api/core/v1/types.ts';

export const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
const image = 'registry.k8s.io/pause:3.10.2';

export interface PodTemplate {
  prefix: string;
  labels?: Record<string, string>;
  spec: Partial<PodSpec>;
  /** Each pod brings a claim: bound to a volume of this kind, or one that waits for its node, with a local volume that it may get there. */
  volume?: 'csi' | 'in-tree' | 'waiting';
  /** Each pod has a claim for a device, made from this template. */
  claimTemplate?: string;
  /** An extended resource that the pod with this index asks for. */
  extended?: (i: number) => string;
  finalizers?: string[];
}

export interface NodeTemplate {
  count: number;
  zones?: readonly string[];
  pods?: string;
  taint?: { key: string; effect: string };
  name?: string;
  /** Volumes of the driver `ebs.csi.aws.com` that a node can hold; and whether it serves those of the plug-in before it, too. */
  csiLimit?: number;
  migrated?: boolean;
  cpu?: string;
  memory?: string;
  /** An extended resource that the node with this index has one of. */
  extended?: (i: number) => string;
  declaredFeatures?: number;
  /** Devices of the test driver on each node. */
  devices?: number;
}

export type Step =
  | { do: 'namespaces'; prefix: string; count: number; labels?: Record<string, string> }
  | { do: 'service'; namespace: string }
  /** Classes of the test driver's devices, each standing for an extended resource where `extended` names it; and a claim template in each namespace. */
  | { do: 'device-classes'; count: number; extended?: (i: number) => string; templates?: readonly string[] }
  /** Claims that have devices already. */
  | { do: 'allocated-claims'; count: number; perNode: number }
  /** Goes on beside what follows: pods made before are deleted, so many a second. */
  | { do: 'delete-pods'; perSecond: number }
  | { do: 'pods'; count: number; template: PodTemplate; namespace?: string; namespaces?: { prefix: string; count: number }; leaveWaiting?: boolean }
  /** Goes on until the end of the measurement: `create` adds a pod each time, `recreate` also takes node, pod and service away again. */
  | { do: 'churn'; mode: 'create' | 'recreate'; intervalMs: number; template: PodTemplate };

export interface Workload {
  name: string;
  /** Case and workload of upstream's suite that this one is; absent: it has none of the kind. */
  source?: string;
  threshold?: number;
  upstream?: number;
  nodes: readonly NodeTemplate[];
  before: readonly Step[];
  /** `steadyMs`: so many pods at a time, made anew when all of them have a node, for so long. */
  measure: { count: number; template: PodTemplate; namespace?: string; steadyMs?: number };
  /** Controllers that run beside the scheduler. */
  controllers?: readonly string[];
}

const requests = (cpu: string, memory = '500Mi', limits = true): Partial<PodSpec> => ({
  containers: [{ name: 'pause', image, ports: [{ containerPort: 80 }], resources: { requests: { cpu, memory }, ...(limits ? { limits: { cpu, memory } } : {}) } }],
});
const usual = requests('100m');
const term = (color: string, topologyKey: string, where: object = { namespaces: ['sched-1', 'sched-0'] }) => ({ labelSelector: { matchLabels: { color } }, topologyKey, ...where });
const devops = { namespaceSelector: { matchLabels: { team: 'devops' } } };
const withAffinity = (prefix: string, color: string, affinity: Affinity): PodTemplate => ({ prefix, labels: { color }, spec: { ...usual, affinity } });
const spread = (topologyKey: string, whenUnsatisfiable: string): TopologySpreadConstraint[] => [{ maxSkew: 5, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: { color: 'blue' } } }];

const plain: PodTemplate = { prefix: 'pod-', spec: usual };
const affinity = withAffinity('affinity-pod-', 'blue', { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('blue', ZONE)] } });
const antiAffinity = withAffinity('anti-affinity-pod-', 'green', { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('green', HOSTNAME)] } });
const preferredAffinity = withAffinity('preferred-affinity-pod-', 'red', { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term('red', HOSTNAME) }] } });
const preferredAntiAffinity = withAffinity('preferred-anti-affinity-pod-', 'yellow', { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term('yellow', HOSTNAME) }] } });
const antiAffinityByNamespace = withAffinity('anti-affinity-pod-', 'green', { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('green', HOSTNAME, devops)] } });
const lowPriority: PodTemplate = { prefix: 'low-', spec: { ...requests('900m'), terminationGracePeriodSeconds: 0 } };
const highPriority: PodTemplate = { prefix: 'high-', spec: { ...requests('3000m'), priority: 10 } };
const tooLarge: PodTemplate = { prefix: 'large-', spec: { ...requests('9', '500Mi', false), priority: 10 } };
const withSecret: PodTemplate = { prefix: 'secret-volume-', spec: { ...usual, volumes: [{ name: 'secret', secret: { secretName: 'secret' } }] } };
const light: PodTemplate = { prefix: 'light-', spec: { containers: [{ name: 'pause', image }], terminationGracePeriodSeconds: 0 } };
const gated: PodTemplate = { prefix: 'gated-', spec: { containers: [{ name: 'pause', image }], schedulingGates: [{ name: 'test.k8s.io/hold' }] } };
const daemon: PodTemplate = {
  prefix: 'daemon-',
  spec: { containers: [{ name: 'pause', image }], affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['scheduler-perf-node'] }] }] } } } },
};
const nodeAffinity: PodTemplate = {
  prefix: 'node-affinity-',
  spec: { ...usual, affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['zone1', 'zone2'] }] }] } } } },
};
const inclusion: PodTemplate = {
  prefix: 'spreading-', labels: { foo: 'bar' },
  spec: { ...usual, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: HOSTNAME, whenUnsatisfiable: 'DoNotSchedule', nodeAffinityPolicy: 'Honor', nodeTaintsPolicy: 'Honor', labelSelector: { matchLabels: { foo: 'bar' } } }] },
};

const near = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term('red', HOSTNAME, devops) }] };
const apart = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term('green', HOSTNAME, devops) }] };
const preferredAffinityByNamespace = withAffinity('preferred-affinity-pod-', 'red', { podAffinity: near });
const preferredAntiAffinityByNamespace = withAffinity('anti-affinity-pod-', 'green', { podAntiAffinity: apart });
const affinityByNamespace = withAffinity('affinity-pod-', 'blue', { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('blue', ZONE, devops)] } });
const labelled: PodTemplate = { prefix: 'pod-', labels: { app: 'scheduler-perf' }, spec: { containers: [{ name: 'pause', image }] } };
const gatedWithAffinity: PodTemplate = { ...labelled, prefix: 'gated-', spec: { ...labelled.spec, schedulingGates: [{ name: 'scheduling-gate-1' }], affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: labelled.labels! }, topologyKey: HOSTNAME }] } } } };
const podLevel: PodTemplate = { prefix: 'pod-', spec: { resources: { requests: { cpu: '100m', memory: '200Mi' } }, containers: [{ name: 'container-a', image }] } };
const withClaim = (claimTemplate: string): PodTemplate => ({ prefix: 'device-', spec: { containers: [{ name: 'pause', image, resources: { claims: [{ name: 'resource' }] } }] }, claimTemplate });

const nodes5k: readonly NodeTemplate[] = [{ count: 5000 }];
const zone1: readonly NodeTemplate[] = [{ count: 5000, zones: ['zone1'] }];
const moons: readonly NodeTemplate[] = [{ count: 5000, zones: ['moon-1', 'moon-2', 'moon-3'] }];
const oneNode: readonly NodeTemplate[] = [{ count: 1, name: 'scheduler-perf-node', pods: '90000' }];
const sched: Step = { do: 'namespaces', prefix: 'sched', count: 2 };
const init = (count: number, template: PodTemplate, namespace?: string): Step => ({ do: 'pods', count, template, ...(namespace ? { namespace } : {}) });
/** Pods of 100 namespaces that a selector names, and those that are measured in one more. */
const byNamespace = (perNamespace: number, measured: number, template: PodTemplate): Pick<Workload, 'before' | 'measure'> => ({
  before: [{ do: 'namespaces', prefix: 'init-ns', count: 100, labels: { team: 'devops' } }, { do: 'namespaces', prefix: 'measure-ns', count: 1, labels: { team: 'devops' } }, { do: 'pods', count: 100 * perNamespace, template, namespaces: { prefix: 'init-ns', count: 100 } }],
  measure: { count: measured, template, namespace: 'measure-ns-0' },
});
const devicesOn500: readonly NodeTemplate[] = [{ count: 500, devices: 10 }];
const claiming = withClaim('claim-template');
const initAndTest: Step[] = [{ do: 'namespaces', prefix: 'init', count: 1 }, { do: 'namespaces', prefix: 'test', count: 1 }];
const inInitAndTest = (count: number, template: PodTemplate): Pick<Workload, 'before' | 'measure'> => ({ before: [init(count, template, 'init-0')], measure: { count, template, namespace: 'test-0' } });
/** Pods that ask for one of 25 extended resources which device classes stand for. */
const extendedOf = (name: (i: number) => string): PodTemplate => ({ prefix: 'extended-', spec: { containers: [{ name: 'pause', image }] }, extended: (i) => name(i % 25) });
const withClasses = (classes: Step, { before, measure }: Pick<Workload, 'before' | 'measure'>): Pick<Workload, 'before' | 'measure'> => ({ before: [...initAndTest, classes, ...before], measure });
const explicit = (i: number): string => `example.com/gpu-${i}`;
const steady = (allocated: number): Pick<Workload, 'nodes' | 'before' | 'measure' | 'controllers'> => ({
  nodes: devicesOn500, controllers: ['resourceclaim-controller'],
  before: [...initAndTest, { do: 'device-classes', count: 1, templates: ['test-0'] }, ...(allocated > 0 ? [{ do: 'allocated-claims', count: allocated, perNode: 10 } as const] : [])],
  measure: { count: 10, template: claiming, namespace: 'test-0', steadyMs: 10_000 },
});
const inSched = (initial: number, template: PodTemplate, measured: number, measuredTemplate = template): Pick<Workload, 'before' | 'measure'> =>
  ({ before: [sched, init(initial, template, 'sched-0')], measure: { count: measured, template: measuredTemplate, namespace: 'sched-1' } });

export const WORKLOADS: readonly Workload[] = [
  { name: 'basic', source: 'SchedulingBasic/5000Nodes_10000Pods', threshold: 270, upstream: 252, nodes: nodes5k, before: [init(1000, plain)], measure: { count: 10_000, template: plain } },
  { name: 'basic-50k', source: 'SchedulingBasic/5000Nodes_50000Pods', nodes: nodes5k, before: [init(5000, plain)], measure: { count: 50_000, template: plain } },
  { name: 'pod-affinity', source: 'SchedulingPodAffinity/5000Nodes_5000Pods', threshold: 35, upstream: 34, nodes: zone1, ...inSched(5000, affinity, 5000) },
  { name: 'pod-anti-affinity', source: 'SchedulingPodAntiAffinity/5000Nodes_2000Pods', threshold: 60, upstream: 74, nodes: nodes5k, ...inSched(1000, antiAffinity, 2000) },
  { name: 'matching-anti-affinity', source: 'SchedulingPodMatchingAntiAffinity/5000Nodes_5000Pods', threshold: 540, nodes: nodes5k, ...inSched(1000, antiAffinity, 5000, { prefix: 'matching-', labels: { color: 'green' }, spec: usual }) },
  { name: 'preferred-affinity', source: 'SchedulingPreferredPodAffinity/5000Nodes_5000Pods', threshold: 90, nodes: nodes5k, ...inSched(5000, preferredAffinity, 5000) },
  { name: 'preferred-anti-affinity', source: 'SchedulingPreferredPodAntiAffinity/5000Nodes_5000Pods', threshold: 90, nodes: nodes5k, ...inSched(5000, preferredAntiAffinity, 5000) },
  { name: 'affinity-namespace-selector', source: 'SchedulingRequiredPodAffinityWithNSSelector/5000Nodes_2000Pods', threshold: 35, nodes: zone1, ...byNamespace(50, 2000, affinityByNamespace) },
  { name: 'anti-affinity-namespace-selector', source: 'SchedulingRequiredPodAntiAffinityWithNSSelector/5000Nodes_2000Pods', threshold: 24, nodes: [{ count: 6000 }], ...byNamespace(40, 2000, antiAffinityByNamespace) },
  { name: 'preferred-affinity-namespace-selector', source: 'SchedulingPreferredAffinityWithNSSelector/5000Nodes_5000Pods', threshold: 90, nodes: nodes5k, ...byNamespace(50, 5000, preferredAffinityByNamespace) },
  { name: 'preferred-anti-affinity-namespace-selector', source: 'SchedulingPreferredAntiAffinityWithNSSelector/5000Nodes_2000Pods', threshold: 55, nodes: nodes5k, ...byNamespace(40, 2000, preferredAntiAffinityByNamespace) },
  { name: 'node-affinity', source: 'SchedulingNodeAffinity/5000Nodes_10000Pods', threshold: 220, nodes: zone1, before: [init(5000, nodeAffinity)], measure: { count: 10_000, template: nodeAffinity } },
  {
    name: 'mixed-base', source: 'MixedSchedulingBasePod/5000Nodes_5000Pods', threshold: 140, nodes: zone1,
    before: [{ do: 'namespaces', prefix: 'sched', count: 1 }, ...[plain, affinity, antiAffinity, preferredAffinity, preferredAntiAffinity].map((each) => init(2000, each, 'sched-0'))],
    measure: { count: 5000, template: plain },
  },
  { name: 'topology-spreading', source: 'TopologySpreading/5000Nodes_5000Pods', threshold: 85, upstream: 76, nodes: moons, before: [init(5000, plain)], measure: { count: 5000, template: { prefix: 'spreading-', labels: { color: 'blue' }, spec: { ...usual, topologySpreadConstraints: spread(ZONE, 'DoNotSchedule') } } } },
  { name: 'preferred-topology-spreading', source: 'PreferredTopologySpreading/5000Nodes_5000Pods', threshold: 125, upstream: 87, nodes: moons, before: [init(5000, plain)], measure: { count: 5000, template: { prefix: 'spreading-', labels: { color: 'blue' }, spec: { ...usual, topologySpreadConstraints: spread(ZONE, 'ScheduleAnyway') } } } },
  {
    name: 'default-topology-spreading', source: 'DefaultTopologySpreading/5000Nodes_10000Pods', nodes: moons,
    before: [{ do: 'namespaces', prefix: 'service-ns', count: 1 }, { do: 'service', namespace: 'service-ns-0' }, init(5000, plain)],
    measure: { count: 10_000, template: labelled, namespace: 'service-ns-0' },
  },
  { name: 'node-inclusion-policy', source: 'SchedulingWithNodeInclusionPolicy/5000Nodes', threshold: 68, nodes: [{ count: 4000 }, { count: 1000, taint: { key: 'foo', effect: 'NoSchedule' } }], before: [], measure: { count: 4000, template: inclusion } },
  { name: 'preemption', source: 'PreemptionBasic/1000Nodes', nodes: [{ count: 1000 }], before: [init(4000, lowPriority)], measure: { count: 1000, template: highPriority } },
  { name: 'preemption-async', source: 'PreemptionAsync/5000Nodes', threshold: 160, upstream: 181, nodes: nodes5k, before: [init(20_000, lowPriority), { do: 'churn', mode: 'create', intervalMs: 200, template: highPriority }], measure: { count: 5000, template: plain } },
  { name: 'unschedulable', source: 'Unschedulable/5kNodes/100Init/10kPods', threshold: 170, nodes: nodes5k, before: [init(100, plain), { do: 'churn', mode: 'create', intervalMs: 200, template: tooLarge }], measure: { count: 10_000, template: plain } },
  { name: 'unschedulable-20k', source: 'Unschedulable/5kNodes/20kInit/10kPods', nodes: nodes5k, before: [init(20_000, plain), { do: 'churn', mode: 'create', intervalMs: 200, template: tooLarge }], measure: { count: 10_000, template: plain } },
  { name: 'mixed-churn', source: 'SchedulingWithMixedChurn/5000Nodes_10000Pods', threshold: 265, nodes: nodes5k, before: [{ do: 'churn', mode: 'recreate', intervalMs: 1000, template: tooLarge }], measure: { count: 10_000, template: plain } },
  { name: 'gated', source: 'SchedulingWhileGated/1Node_10000GatedPods', threshold: 130, nodes: oneNode, before: [{ do: 'pods', count: 10_000, template: gated, leaveWaiting: true }, init(20_000, light), { do: 'delete-pods', perSecond: 50 }], measure: { count: 20_000, template: light } },
  { name: 'gated-affinity', source: 'SchedulingGatedPodsWithPodAffinityImpactForThroughput/1Node_10000GatedPods', threshold: 110, nodes: oneNode, before: [{ do: 'pods', count: 10_000, template: gatedWithAffinity, leaveWaiting: true }], measure: { count: 20_000, template: labelled } },
  { name: 'deleted-with-finalizers', source: 'SchedulingDeletedPodsWithFinalizers/5000Node_5000DeletingPods', nodes: nodes5k, before: [{ do: 'pods', count: 5000, template: { ...light, prefix: 'final-', finalizers: ['test.k8s.io/finalizer'] }, leaveWaiting: true }, { do: 'delete-pods', perSecond: 100 }], measure: { count: 5000, template: light } },
  { name: 'daemon-set', source: 'SchedulingDaemonset/15000Nodes', threshold: 390, nodes: [...oneNode, { count: 15_000 }], before: [], measure: { count: 30_000, template: daemon } },
  { name: 'extended-resource', source: 'SchedulingWithExtendedResource/5000pods_5000nodes', nodes: [{ count: 5000, extended: (i) => `foo.com/bar-${i}` }], before: [], measure: { count: 5000, template: { prefix: 'extended-', spec: { containers: [{ name: 'pause', image }] }, extended: (i) => `foo.com/bar-${i}` } } },
  ...[20, 40, 100].map((declaredFeatures): Workload => ({ name: `declared-features-${declaredFeatures}`, source: `NodeDeclaredFeaturesEnabled/5000Nodes${declaredFeatures}DeclaredFeatures`, nodes: [{ count: 5000, cpu: '128', memory: '16Gi', declaredFeatures }], before: [init(5000, podLevel)], measure: { count: 5000, template: podLevel } })),
  { name: 'secrets', source: 'SchedulingSecrets/5000Nodes_10000Pods', threshold: 260, nodes: nodes5k, before: [init(1000, withSecret)], measure: { count: 10_000, template: withSecret } },
  { name: 'in-tree-volumes', source: 'SchedulingInTreePVs/5000Nodes_2000Pods', threshold: 90, nodes: nodes5k, before: [init(1000, { ...plain, volume: 'in-tree' })], measure: { count: 2000, template: { ...plain, volume: 'in-tree' } } },
  { name: 'migrated-volumes', source: 'SchedulingMigratedInTreePVs/5000Nodes_5000Pods', threshold: 35, nodes: [{ count: 5000, csiLimit: 39, migrated: true }], before: [init(5000, { ...plain, volume: 'in-tree' })], measure: { count: 5000, template: { ...plain, volume: 'in-tree' } } },
  { name: 'csi-volumes', source: 'SchedulingCSIPVs/5000Nodes_5000Pods', threshold: 48, nodes: [{ count: 5000, csiLimit: 39 }], before: [init(5000, { ...plain, volume: 'csi' })], measure: { count: 5000, template: { ...plain, volume: 'csi' } } },
  { name: 'preemption-volumes', source: 'PreemptionPVs/1000Nodes', nodes: [{ count: 1000 }], before: [init(4000, lowPriority)], measure: { count: 1000, template: { ...highPriority, volume: 'in-tree' } } },
  // Upstream has no workload for claims that wait for their node.
  { name: 'waiting-volumes', nodes: [{ count: 1000 }], controllers: ['persistentvolume-binder-controller'], before: [], measure: { count: 1000, template: { ...plain, volume: 'waiting' } } },
  { name: 'device-claims', source: 'SchedulingWithResourceClaimTemplate/5000pods_500nodes', threshold: 56, nodes: devicesOn500, controllers: ['resourceclaim-controller'], ...withClasses({ do: 'device-classes', count: 1, templates: ['init-0', 'test-0'] }, inInitAndTest(2500, claiming)) },
  { name: 'device-claims-steady-empty', source: 'SteadyStateClusterResourceClaimTemplate/empty_500nodes', threshold: 64, ...steady(0) },
  { name: 'device-claims-steady-half', source: 'SteadyStateClusterResourceClaimTemplate/half_500nodes', threshold: 60, ...steady(2500) },
  { name: 'device-claims-steady-full', source: 'SteadyStateClusterResourceClaimTemplate/full_500nodes', threshold: 60, ...steady(4990) },
  { name: 'device-resources', source: 'ExtendedResource_25Classes/5000pods_500nodes', nodes: devicesOn500, controllers: ['resourceclaim-controller'], ...withClasses({ do: 'device-classes', count: 25, extended: explicit }, inInitAndTest(2500, extendedOf(explicit))) },
  { name: 'device-resources-implicit', source: 'ImplicitExtendedResource_25Classes/5000pods_500nodes', nodes: devicesOn500, controllers: ['resourceclaim-controller'], ...withClasses({ do: 'device-classes', count: 25 }, inInitAndTest(2500, extendedOf((i) => `deviceclass.resource.kubernetes.io/test-class-${i}`))) },
];

export function nodeOf(template: NodeTemplate, i: number, prefix: string): Node {
  const name = template.name ?? `${prefix}${i}`;
  const amounts = { cpu: template.cpu ?? '4', memory: template.memory ?? '32Gi', pods: template.pods ?? '110', ...(template.extended ? { [template.extended(i)]: '1' } : {}) };
  return {
    apiVersion: 'v1', kind: 'Node',
    metadata: { name, labels: { [HOSTNAME]: name, ...(template.zones ? { [ZONE]: template.zones[i % template.zones.length]! } : {}) } },
    spec: template.taint ? { taints: [template.taint] } : {},
    status: {
      capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }],
      ...(template.declaredFeatures ? { declaredFeatures: Array.from({ length: template.declaredFeatures }, (_, at) => `Feature${at}`).toSorted() } : {}),
    },
  };
}

export function podOf(template: PodTemplate, i: number, namespace: string): Pod {
  const claim = template.volume ? { volumes: [{ name: 'vol', persistentVolumeClaim: { claimName: `claim-${template.prefix}${i}` } }] } : {};
  const device = template.claimTemplate ? { resourceClaims: [{ name: 'resource', resourceClaimTemplateName: template.claimTemplate }] } : {};
  const amount = template.extended && { [template.extended(i)]: '1' };
  const containers = amount ? { containers: template.spec.containers!.map((each) => ({ ...each, resources: { requests: amount, limits: amount } })) } : {};
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name: `${template.prefix}${i}`, namespace, ...(template.labels ? { labels: template.labels } : {}), ...(template.finalizers ? { finalizers: template.finalizers } : {}) },
    spec: { ...template.spec, ...claim, ...device, ...containers } as PodSpec,
  };
}
