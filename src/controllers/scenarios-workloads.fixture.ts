/** For tests only: what may happen to workloads, and how their controllers' promises can be broken. */
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../api/apps/v1/types.ts';
import type { HorizontalPodAutoscaler } from '../api/autoscaling/v2/types.ts';
import type { CronJob, Job } from '../api/batch/v1/types.ts';
import type { Node, Pod, ReplicationController } from '../api/core/v1/types.ts';
import { conflict } from '../api/meta/status.ts';
import { formatTime } from '../api/meta/time.ts';
import { CronJobs, DaemonSets, Deployments, HorizontalPodAutoscalers, Jobs, Nodes, PodDisruptionBudgets, Pods, ReplicaSets, ReplicationControllers, StatefulSets } from '../api/resources.ts';
import type { PodDisruptionBudget } from '../api/policy/v1/types.ts';
import type { Act, History, Scenario } from './history.fixture.ts';

const template = (version = 0): object => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: `web:${version}` }] } });
const selector = { matchLabels: { app: 'web' } };
const ownedBy = (kind: string, uid: string): object => ({ ownerReferences: [{ apiVersion: 'apps/v1', kind, name: uid, uid, controller: true }] });
const kubelet = (history: History): void => history.kubelet();
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

/** Somebody deletes a pod, ends it, or takes its label away. */
const trouble: Act = async (history, n) => {
  const pods = history.list(Pods);
  const pod = pods[n % Math.max(1, pods.length)];
  if (!pod) return;
  if (n % 3 === 0) await history.delete(Pods, pod.metadata.name!);
  else if (n % 3 === 1) history.change<Pod>(Pods, pod.metadata.name!, (object) => { object.status = { ...object.status, phase: 'Failed', conditions: [] }; });
  else history.change<Pod>(Pods, pod.metadata.name!, (object) => { object.metadata.labels = { ...object.metadata.labels, app: 'other' }; });
};
const loss: Act = async (history, n) => {
  const pods = history.list(Pods);
  if (pods.length > 0) await history.delete(Pods, pods[n % pods.length]!.metadata.name!);
};

function replicas(resource: typeof ReplicaSets | typeof ReplicationControllers): Scenario {
  const kind = resource.kind;
  const set = (n: number): object => ({ spec: { replicas: n, selector: kind === 'ReplicaSet' ? selector : selector.matchLabels, template: template() } });
  return {
    arrange: (history) => history.put(resource, 'web', set(3) as never),
    acts: [
      (history, n) => history.change<ReplicaSet & ReplicationController>(resource as never, 'web', (object) => { object.spec!.replicas = n % 7; }),
      trouble, kubelet,
      // A pod of nobody that the selector finds.
      (history, n) => history.put(Pods, `orphan${n % 3}`, { metadata: { labels: { app: 'web' } }, spec: { containers: [] } }),
    ],
    world: kubelet, settleMs: 30_000,
    breaks: {
      [`${kind} makes no pod too many`]: (stage) => stage.put(resource, 'web', set(0) as never).put(Pods, 'a', { metadata: ownedBy(kind, 'web') }),
      [`${kind} has its replicas`]: (stage) => stage.put(resource, 'web', set(1) as never),
    },
  };
}

const deployment = (n: number, more: object = {}): object => ({ spec: { replicas: n, selector, template: template(), strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }, revisionHistoryLimit: 2, progressDeadlineSeconds: 600, ...more } });
const setOf = (size: number, available: number): object => ({ metadata: ownedBy('Deployment', 'web'), spec: { replicas: size, selector, template: template() }, status: { replicas: size, availableReplicas: available } });

const deployments: Scenario = {
  beside: ['replicaset-controller'],
  arrange: (history) => history.put(Deployments, 'web', deployment(4) as never),
  acts: [
    (history, n) => history.change<Deployment>(Deployments, 'web', (object) => { object.spec!.replicas = n % 9; }),
    (history, n) => history.change<Deployment>(Deployments, 'web', (object) => { object.spec!.template = template(n % 6) as never; }),
    (history, n) => history.change<Deployment>(Deployments, 'web', (object) => { object.spec!.strategy = n % 4 === 0 ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate: { maxSurge: n % 3, maxUnavailable: n % 3 === 0 ? 1 : n % 2 } }; }),
    (history, n) => history.change<Deployment>(Deployments, 'web', (object) => { object.spec!.paused = n % 2 === 0; }),
    loss, kubelet, kubelet,
    (history) => history.change<Deployment>(Deployments, 'web', (object) => { object.spec!.paused = false; }),
  ],
  world: kubelet, settleMs: 120_000, settleSteps: 24,
  breaks: {
    'deployments keep within the surge': (stage) => stage.put(Deployments, 'web', deployment(4) as never).put(ReplicaSets, 'a', setOf(4, 4) as never).put(ReplicaSets, 'b', setOf(2, 0) as never),
    'deployments keep their pods available': (stage) => stage.put(Deployments, 'web', deployment(4) as never).put(ReplicaSets, 'a', setOf(4, 4) as never).put(ReplicaSets, 'a', setOf(1, 4) as never),
    'rollouts end': (stage) => stage.put(Deployments, 'web', deployment(1) as never),
    'history is kept short': (stage) => {
      stage.put(Deployments, 'web', deployment(1, { template: template(9), revisionHistoryLimit: 0 }) as never).put(ReplicaSets, 'a', setOf(0, 0) as never);
    },
  },
};

const node = (name: string, more: object = {}): object => ({ metadata: { labels: { name } }, spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] }, ...more });
const daemonSet = (more: object = {}): object => ({ spec: { selector, template: template(), updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, ...more } });
const daemonOn = (name: string): object => ({ metadata: ownedBy('DaemonSet', 'web'), spec: { nodeName: name, containers: [] }, status: ready });

const daemonSets: Scenario = {
  arrange: (history) => {
    for (const name of ['n0', 'n1', 'n2']) history.put(Nodes, name, node(name) as never);
    history.put(DaemonSets, 'web', daemonSet() as never);
  },
  acts: [
    (history, n) => history.put(Nodes, `n${n % 6}`, node(`n${n % 6}`) as never),
    async (history, n) => {
      await history.delete(Nodes, `n${n % 6}`);
      // The pod collector's part.
      for (const pod of history.list(Pods)) if (pod.spec?.nodeName === `n${n % 6}`) await history.delete(Pods, pod.metadata.name!);
    },
    (history, n) => history.change<DaemonSet>(DaemonSets, 'web', (object) => { object.spec!.template = template(n % 4) as never; }),
    (history, n) => history.change<DaemonSet>(DaemonSets, 'web', (object) => { object.spec!.updateStrategy = { type: n % 5 === 0 ? 'OnDelete' : 'RollingUpdate', ...(n % 5 === 0 ? {} : { rollingUpdate: n % 2 === 0 ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 2 } }) }; }),
    (history, n) => history.change<Node>(Nodes, `n${n % 6}`, (object) => { object.spec = n % 2 === 0 ? { taints: [{ key: 'x', effect: 'NoExecute' }] } : {}; }),
    loss, bindDaemons,
  ],
  world: bindDaemons, settleMs: 120_000, settleSteps: 20,
  breaks: {
    'one daemon a node': (stage) => stage.put(Nodes, 'n', node('n') as never).put(DaemonSets, 'web', daemonSet() as never).put(Pods, 'a', daemonOn('n') as never).put(Pods, 'b', daemonOn('n') as never),
    'daemons come only where they belong': (stage) => stage.put(Nodes, 'n', node('n', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } }) as never).put(DaemonSets, 'web', daemonSet() as never).put(Pods, 'a', daemonOn('n') as never),
    'every node has its daemon': (stage) => stage.put(Nodes, 'n', node('n') as never).put(DaemonSets, 'web', daemonSet() as never),
  },
};

/** The scheduler's part, and the kubelet's: daemons are pinned to their node. */
function bindDaemons(history: History): void {
  for (const pod of history.list(Pods)) {
    if (pod.spec?.nodeName) continue;
    const pinned = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0];
    history.change<Pod>(Pods, pod.metadata.name!, (object) => { object.spec!.nodeName = pinned!; });
  }
  history.kubelet();
}

const statefulSet = (n: number, more: object = {}): object => ({ spec: { replicas: n, serviceName: 'db', selector, template: template(), podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, revisionHistoryLimit: 2, ...more } });

const statefulSets: Scenario = {
  arrange: (history) => history.put(StatefulSets, 'db', statefulSet(3) as never),
  acts: [
    (history, n) => history.change<StatefulSet>(StatefulSets, 'db', (object) => { object.spec!.replicas = n % 6; }),
    (history, n) => history.change<StatefulSet>(StatefulSets, 'db', (object) => { object.spec!.template = template(n % 4) as never; }),
    (history, n) => history.change<StatefulSet>(StatefulSets, 'db', (object) => { object.spec!.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: n % 3, ...(n % 2 === 0 ? { maxUnavailable: 2 } : {}) } }; }),
    (history, n) => history.change<StatefulSet>(StatefulSets, 'db', (object) => { object.spec!.ordinals = { start: n % 3 }; }),
    loss, kubelet, kubelet,
  ],
  world: kubelet, settleMs: 120_000, settleSteps: 40,
  breaks: {
    'stateful pods come in order': (stage) => stage.put(StatefulSets, 'db', statefulSet(3) as never).put(Pods, 'db-1', { metadata: ownedBy('StatefulSet', 'db') }),
    'stateful pods have their numbers': (stage) => stage.put(StatefulSets, 'db', statefulSet(1) as never).put(Pods, 'db-4', { metadata: ownedBy('StatefulSet', 'db') }),
    'stateful sets are complete': (stage) => stage.put(StatefulSets, 'db', statefulSet(1) as never),
  },
};

const job = (more: object = {}): object => ({ spec: { parallelism: 2, completions: 4, backoffLimit: 20, completionMode: 'NonIndexed', podReplacementPolicy: 'TerminatingOrFailed', selector: { matchLabels: { job: 'w' } }, template: { metadata: { labels: { job: 'w' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'c' }] } }, ...more } });
/** Half of the pods end well, a fifth badly, the others go on for a while. */
const workDone = (history: History): void => history.kubelet((pod) => {
  const luck = Number.parseInt(pod.metadata.uid!.slice(4), 10) % 5;
  return luck === 0 ? 'Failed' : luck < 4 ? 'Succeeded' : undefined;
});
const finishAll = (history: History): void => {
  const isEnough = history.list(Jobs).some(({ status }) => (status?.failed ?? 0) > 3);
  history.kubelet((pod) => (!isEnough && Number.parseInt(pod.metadata.uid!.slice(4), 10) % 7 === 0 ? 'Failed' : 'Succeeded'));
};

const jobs: Scenario = {
  arrange: (history) => {
    history.put(Jobs, 'w', job() as never);
    history.put(Jobs, 'x', job({ completionMode: 'Indexed', completions: 3, parallelism: 3, selector: { matchLabels: { job: 'x' } }, template: { metadata: { labels: { job: 'x' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'c' }] } } }) as never);
  },
  acts: [
    (history, n) => history.change<Job>(Jobs, 'w', (object) => { object.spec!.parallelism = n % 5; }),
    (history, n) => history.change<Job>(Jobs, 'x', (object) => {
      if ((object.status?.conditions ?? []).length === 0) object.spec!.completions = object.spec!.parallelism = 1 + (n % 5);
    }),
    (history, n) => history.change<Job>(Jobs, n % 2 === 0 ? 'w' : 'x', (object) => { object.spec!.suspend = n % 4 < 2; }),
    loss, workDone, kubelet,
  ],
  world: (history) => {
    for (const name of ['w', 'x']) history.change<Job>(Jobs, name, (object) => { object.spec!.suspend = false; object.spec!.parallelism = Math.max(1, object.spec!.parallelism ?? 1); });
    finishAll(history);
  },
  settleMs: 7_200_000, settleSteps: 40,
  breaks: {
    'ended jobs stay ended': (stage) => stage.put(Jobs, 'w', { ...job(), status: { conditions: [{ type: 'Failed', status: 'True' }] } } as never).put(Jobs, 'w', job() as never),
    'jobs keep to their parallelism': (stage) => stage.put(Jobs, 'w', job({ parallelism: 0 }) as never).put(Pods, 'a', { metadata: ownedBy('Job', 'w') }),
    'jobs end': (stage) => stage.put(Jobs, 'w', job() as never),
  },
};

const cronJob = (more: object = {}): object => ({ spec: { schedule: '* * * * *', concurrencyPolicy: 'Forbid', successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 1, jobTemplate: { spec: { template: { spec: { containers: [] } } } }, ...more } });
const endJob: Act = (history, n) => {
  const running = history.list(Jobs).filter((each) => (each.status?.conditions ?? []).length === 0);
  const chosen = running[n % Math.max(1, running.length)];
  if (chosen) history.change<Job>(Jobs, chosen.metadata.name!, (object) => { object.status = { ...object.status, conditions: [{ type: n % 3 === 0 ? 'Failed' : 'Complete', status: 'True', lastTransitionTime: formatTime(history.host.clock.now()) }] }; });
};

const cronJobs: Scenario = {
  arrange: (history) => history.put(CronJobs, 'c', cronJob() as never),
  acts: [
    (history, n) => history.change<CronJob>(CronJobs, 'c', (object) => { object.spec.concurrencyPolicy = ['Allow', 'Forbid', 'Replace'][n % 3]!; }),
    (history, n) => history.change<CronJob>(CronJobs, 'c', (object) => { object.spec.suspend = n % 2 === 0; }),
    (history, n) => history.change<CronJob>(CronJobs, 'c', (object) => { object.spec.successfulJobsHistoryLimit = n % 3; }),
    async (history, n) => {
      const all = history.list(Jobs);
      if (all.length > 0) await history.delete(Jobs, all[n % all.length]!.metadata.name!);
    },
    endJob, endJob, (history, n) => history.advance((n % 8) * 60_000),
  ],
  settleMs: 90_000,
  breaks: {
    'cron jobs do not overlap': (stage) => stage.put(CronJobs, 'c', cronJob() as never).put(Jobs, 'a', { metadata: ownedBy('CronJob', 'c') }).put(Jobs, 'b', { metadata: ownedBy('CronJob', 'c') }),
    'suspended cron jobs begin nothing': (stage) => stage.put(CronJobs, 'c', cronJob({ suspend: true }) as never).put(Jobs, 'a', { metadata: ownedBy('CronJob', 'c') }),
    'cron jobs keep their books': (stage) => stage.put(CronJobs, 'c', cronJob() as never).put(Jobs, 'a', { metadata: ownedBy('CronJob', 'c') }),
  },
};

const autoscaler = (min: number, max: number): object => ({ spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: min, maxReplicas: max, metrics: [] } });
/** The scale subresource, which the small API does not know. */
function serveScale(history: History): void {
  const before = history.context.api.intercept!;
  history.context.api.intercept = (request) => {
    if (request.target.subresource !== 'scale') return before(request);
    // Now and then somebody else was quicker.
    if (request.method === 'PUT' && history.context.api.requests.length % 3 === 0) return conflict({ group: 'apps', plural: 'deployments' }, 'web', 'the object has been modified');
    if (request.method === 'PUT') history.change<Deployment>(Deployments, 'web', (object) => { object.spec!.replicas = (request.json as { spec: { replicas: number } }).spec.replicas; });
    const { spec } = history.context.api.object<Deployment>('deployments', 'default/web')!;
    const body = Buffer.from(JSON.stringify({ kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'web', namespace: 'default' }, spec: { replicas: spec!.replicas }, status: { replicas: spec!.replicas, selector: 'app=web' } }));
    return { status: 200, headers: { 'content-type': 'application/json' }, body: (async function* bytes() { yield body; })() };
  };
}

const autoscalers: Scenario = {
  arrange: (history) => {
    serveScale(history);
    history.put(Deployments, 'web', deployment(2) as never);
    history.put(HorizontalPodAutoscalers, 'web', autoscaler(2, 5) as never);
  },
  acts: [
    (history, n) => history.change<Deployment>(Deployments, 'web', (object) => { object.spec!.replicas = n % 12; }),
    (history, n) => history.change<HorizontalPodAutoscaler>(HorizontalPodAutoscalers, 'web', (object) => { object.spec.minReplicas = 1 + (n % 4); object.spec.maxReplicas = 4 + (n % 5); }),
  ],
  settleMs: 60_000,
  breaks: {
    'autoscalers stay within their bounds': (stage) => stage.put(HorizontalPodAutoscalers, 'web', autoscaler(2, 5) as never).put(HorizontalPodAutoscalers, 'web', { ...autoscaler(2, 5), status: { desiredReplicas: 9 } } as never),
    'targets come within bounds': (stage) => stage.put(Deployments, 'web', deployment(9) as never).put(HorizontalPodAutoscalers, 'web', autoscaler(2, 5) as never),
  },
};

const budget = (more: object = {}): object => ({ spec: { minAvailable: 2, selector }, ...more });

const budgets: Scenario = {
  beside: ['replicaset-controller'],
  arrange: (history) => {
    history.put(ReplicaSets, 'web', { spec: { replicas: 4, selector, template: template() } });
    history.put(PodDisruptionBudgets, 'p', budget() as never);
  },
  acts: [
    (history, n) => history.change<PodDisruptionBudget>(PodDisruptionBudgets, 'p', (object) => { object.spec = { selector, ...(n % 3 === 0 ? { minAvailable: n % 5 } : n % 3 === 1 ? { minAvailable: `${n % 100}%` } : { maxUnavailable: n % 4 }) }; }),
    (history, n) => history.change<ReplicaSet>(ReplicaSets, 'web', (object) => { object.spec!.replicas = n % 6; }),
    // As an eviction does.
    (history, n) => {
      const pod = history.list(Pods)[n % 4];
      if (pod) history.change<PodDisruptionBudget>(PodDisruptionBudgets, 'p', (object) => { object.status = { ...object.status!, disruptionsAllowed: Math.max(0, (object.status?.disruptionsAllowed ?? 0) - 1), disruptedPods: { ...object.status?.disruptedPods, [pod.metadata.name!]: formatTime(history.host.clock.now()) } }; });
    },
    trouble, kubelet,
  ],
  world: kubelet, settleMs: 300_000, settleSteps: 10,
  breaks: {
    'budgets allow only what there is': (stage) => stage.put(PodDisruptionBudgets, 'p', budget() as never).put(PodDisruptionBudgets, 'p', budget({ status: { disruptionsAllowed: 2, currentHealthy: 3, desiredHealthy: 2 } }) as never),
    'budgets count truly': (stage) => stage.put(PodDisruptionBudgets, 'p', budget() as never).put(Pods, 'a', { metadata: { labels: { app: 'web' } }, status: ready }),
  },
};

export const workloadScenarios: Readonly<Record<string, Scenario>> = {
  'replicaset-controller': replicas(ReplicaSets),
  'replicationcontroller-controller': replicas(ReplicationControllers),
  'deployment-controller': deployments,
  'daemonset-controller': daemonSets,
  'statefulset-controller': statefulSets,
  'job-controller': jobs,
  'cronjob-controller': cronJobs,
  'horizontal-pod-autoscaler-controller': autoscalers,
  'disruption-controller': budgets,
};

