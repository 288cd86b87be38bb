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
  /** Each pod brings a claim that is bound to a volume of this kind. */
  volume?: 'csi' | 'in-tree';
}

export interface NodeTemplate {
  count: number;
  zones?: readonly string[];
  pods?: string;
  taint?: { key: string; effect: string };
  name?: string;
  /** Volumes of the driver `ebs.csi.aws.com` that a node can hold. */
  csiLimit?: number;
}

export type Step =
  | { do: 'namespaces'; prefix: string; count: number; labels?: Record<string, string> }
  | { do: 'service'; namespace: string }
  | { do: 'pods'; count: number; template: PodTemplate; namespace?: string; namespaces?: { prefix: string; count: number }; leaveWaiting?: boolean }
  /** Goes on until the end of the measurement: `create` adds a pod each time, `recreate` also takes node, pod and service away again. */
  | { do: 'churn'; mode: 'create' | 'recreate'; intervalMs: number; template: PodTemplate };

export interface Workload {
  name: string;
  threshold?: number;
  upstream?: number;
  nodes: readonly NodeTemplate[];
  before: readonly Step[];
  measure: { count: number; template: PodTemplate; namespace?: string };
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

const nodes5k: readonly NodeTemplate[] = [{ count: 5000 }];
const zone1: readonly NodeTemplate[] = [{ count: 5000, zones: ['zone1'] }];
const moons: readonly NodeTemplate[] = [{ count: 5000, zones: ['moon-1', 'moon-2', 'moon-3'] }];
const oneNode: readonly NodeTemplate[] = [{ count: 1, name: 'scheduler-perf-node', pods: '90000' }];
const sched: Step = { do: 'namespaces', prefix: 'sched', count: 2 };
const init = (count: number, template: PodTemplate, namespace?: string): Step => ({ do: 'pods', count, template, ...(namespace ? { namespace } : {}) });
const inSched = (initial: number, template: PodTemplate, measured: number, measuredTemplate = template): Pick<Workload, 'before' | 'measure'> =>
  ({ before: [sched, init(initial, template, 'sched-0')], measure: { count: measured, template: measuredTemplate, namespace: 'sched-1' } });

export const WORKLOADS: readonly Workload[] = [
  { name: 'basic', threshold: 270, upstream: 252, nodes: nodes5k, before: [init(1000, plain)], measure: { count: 10_000, template: plain } },
  { name: 'pod-affinity', threshold: 35, upstream: 34, nodes: zone1, ...inSched(5000, affinity, 5000) },
  { name: 'pod-anti-affinity', threshold: 60, upstream: 74, nodes: nodes5k, ...inSched(1000, antiAffinity, 2000) },
  { name: 'matching-anti-affinity', threshold: 540, nodes: nodes5k, ...inSched(1000, antiAffinity, 5000, { prefix: 'matching-', labels: { color: 'green' }, spec: usual }) },
  { name: 'preferred-affinity', threshold: 90, nodes: nodes5k, ...inSched(5000, preferredAffinity, 5000) },
  { name: 'preferred-anti-affinity', threshold: 90, nodes: nodes5k, ...inSched(5000, preferredAntiAffinity, 5000) },
  {
    name: 'anti-affinity-namespace-selector', threshold: 24, nodes: [{ count: 6000 }],
    before: [{ do: 'namespaces', prefix: 'init-ns', count: 100, labels: { team: 'devops' } }, { do: 'namespaces', prefix: 'measure-ns', count: 1, labels: { team: 'devops' } }, { do: 'pods', count: 4000, template: antiAffinityByNamespace, namespaces: { prefix: 'init-ns', count: 100 } }],
    measure: { count: 2000, template: antiAffinityByNamespace, namespace: 'measure-ns-0' },
  },
  { name: 'node-affinity', threshold: 220, nodes: zone1, before: [init(5000, nodeAffinity)], measure: { count: 10_000, template: nodeAffinity } },
  {
    name: 'mixed-base', threshold: 140, nodes: zone1,
    before: [{ do: 'namespaces', prefix: 'sched', count: 1 }, ...[plain, affinity, antiAffinity, preferredAffinity, preferredAntiAffinity].map((each) => init(2000, each, 'sched-0'))],
    measure: { count: 5000, template: plain },
  },
  { name: 'topology-spreading', threshold: 85, upstream: 76, nodes: moons, before: [init(5000, plain)], measure: { count: 5000, template: { prefix: 'spreading-', labels: { color: 'blue' }, spec: { ...usual, topologySpreadConstraints: spread(ZONE, 'DoNotSchedule') } } } },
  { name: 'preferred-topology-spreading', threshold: 125, upstream: 87, nodes: moons, before: [init(5000, plain)], measure: { count: 5000, template: { prefix: 'spreading-', labels: { color: 'blue' }, spec: { ...usual, topologySpreadConstraints: spread(ZONE, 'ScheduleAnyway') } } } },
  {
    name: 'default-topology-spreading', nodes: moons,
    before: [{ do: 'namespaces', prefix: 'service-ns', count: 1 }, { do: 'service', namespace: 'service-ns-0' }, init(5000, plain)],
    measure: { count: 10_000, template: { prefix: 'pod-', labels: { app: 'scheduler-perf' }, spec: { containers: [{ name: 'pause', image }] } }, namespace: 'service-ns-0' },
  },
  { name: 'node-inclusion-policy', threshold: 68, nodes: [{ count: 4000 }, { count: 1000, taint: { key: 'foo', effect: 'NoSchedule' } }], before: [], measure: { count: 4000, template: inclusion } },
  { name: 'preemption', nodes: [{ count: 1000 }], before: [init(4000, lowPriority)], measure: { count: 1000, template: highPriority } },
  { name: 'preemption-async', threshold: 160, upstream: 181, nodes: nodes5k, before: [init(20_000, lowPriority), { do: 'churn', mode: 'create', intervalMs: 200, template: highPriority }], measure: { count: 5000, template: plain } },
  { name: 'unschedulable', threshold: 170, nodes: nodes5k, before: [init(100, plain), { do: 'churn', mode: 'create', intervalMs: 200, template: tooLarge }], measure: { count: 10_000, template: plain } },
  { name: 'mixed-churn', threshold: 265, nodes: nodes5k, before: [{ do: 'churn', mode: 'recreate', intervalMs: 1000, template: tooLarge }], measure: { count: 10_000, template: plain } },
  { name: 'gated', threshold: 130, nodes: oneNode, before: [{ do: 'pods', count: 10_000, template: gated, leaveWaiting: true }], measure: { count: 20_000, template: light } },
  { name: 'daemon-set', threshold: 390, nodes: [...oneNode, { count: 15_000 }], before: [], measure: { count: 30_000, template: daemon } },
  { name: 'secrets', threshold: 260, nodes: nodes5k, before: [init(1000, withSecret)], measure: { count: 10_000, template: withSecret } },
  { name: 'in-tree-volumes', threshold: 90, nodes: nodes5k, before: [init(1000, { ...plain, volume: 'in-tree' })], measure: { count: 2000, template: { ...plain, volume: 'in-tree' } } },
  { name: 'csi-volumes', threshold: 48, nodes: [{ count: 5000, csiLimit: 39 }], before: [init(5000, { ...plain, volume: 'csi' })], measure: { count: 5000, template: { ...plain, volume: 'csi' } } },
];

export function nodeOf(template: NodeTemplate, i: number, prefix: string): Node {
  const name = template.name ?? `${prefix}${i}`;
  const amounts = { cpu: '4', memory: '32Gi', pods: template.pods ?? '110' };
  return {
    apiVersion: 'v1', kind: 'Node',
    metadata: { name, labels: { [HOSTNAME]: name, ...(template.zones ? { [ZONE]: template.zones[i % template.zones.length]! } : {}) } },
    spec: template.taint ? { taints: [template.taint] } : {},
    status: { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

export function podOf(template: PodTemplate, i: number, namespace: string): Pod {
  const claim = template.volume ? { volumes: [{ name: 'vol', persistentVolumeClaim: { claimName: `claim-${template.prefix}${i}` } }] } : {};
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name: `${template.prefix}${i}`, namespace, ...(template.labels ? { labels: template.labels } : {}) },
    spec: { ...template.spec, ...claim } as PodSpec,
  };
}
