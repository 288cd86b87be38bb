/** disruption-controller: runs `decideBudget` against the API. */
import type { Scale } from '../../api/autoscaling/v1/types.ts';
import { getPodCondition } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { controllerOf, groupVersionOf, keyOf } from '../../api/meta/objects.ts';
import { labelSelectorOf, type LabelMatcher } from '../../api/meta/selectors.ts';
import { groupResourceOf } from '../../api/meta/resource.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { KubeObject, OwnerReference } from '../../api/meta/v1/types.ts';
import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { Deployments, PodDisruptionBudgets, Pods, ReplicaSets, ReplicationControllers, StatefulSets } from '../../api/resources.ts';
import { discoverResources, runningAll, startController, type DiscoveredResource } from '../../client/index.ts';
import type { Lister, Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { sameStatus } from '../shared/index.ts';
import { decideBudget, decideStaleDisruption, needsScale } from './decide.ts';

/** Kinds whose number of replicas is in the local copy, by group and kind; others are asked for their scale. */
const scalable = { 'apps/ReplicaSet': ReplicaSets, 'apps/Deployment': Deployments, 'apps/StatefulSet': StatefulSets, '/ReplicationController': ReplicationControllers } as const;

interface Scaled {
  uid: string;
  replicas: number;
}

/** How long what the server serves is not asked for again. */
const discoveryGoodMs = 30_000;

const unmanagedText = ({ spec }: PodDisruptionBudget): string => `Pods selected by this PodDisruptionBudget (selector: ${JSON.stringify(spec?.selector ?? {})}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;

/** Takes back conditions DisruptionTarget after which nothing came. */
function startStaleDisruption({ client, host, informers }: ControllerContext): Running {
  const pods = informers.of(Pods);

  async function reconcile(key: string): Promise<Outcome> {
    const pod = pods.lister.byKey(key);
    const decision = pod && decideStaleDisruption(pod, host.clock.now());
    if (!decision) return { done: true };
    if ('afterMs' in decision) return decision;
    const condition = { type: 'DisruptionTarget', status: 'False', reason: null, message: null, lastTransitionTime: formatTime(host.clock.now()), observedGeneration: pod!.metadata.generation };
    await client.of(Pods).inNamespace(pod!.metadata.namespace!).patch(pod!.metadata.name!, { metadata: { uid: pod!.metadata.uid }, status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' }).catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    });
    return { done: true };
  }

  const queue = startController(host, { name: 'disruption-controller-stale-pods', informers, reconcile });
  pods.onEvent(({ type, object }) => {
    if (type !== 'deleted' && getPodCondition(object, 'DisruptionTarget')?.status === 'True') queue.add(keyOf(object));
  });
  return queue;
}

/** Starts what counts budgets, and what takes back marks on pods that were not disrupted after all. */
export function startDisruption(context: ControllerContext): Running {
  return runningAll([startStaleDisruption(context), startBudgets(context)]);
}

function startBudgets(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const budgets = informers.of(PodDisruptionBudgets);
  const pods = informers.of(Pods);
  const listers = new Map<string, Lister<KubeObject>>(Object.entries(scalable).map(([kind, resource]) => [kind, informers.of<KubeObject>(resource).lister]));
  const recorder = context.recorder('controllermanager');

  /** Read once for each state of a budget: it is asked of thousands of pods. */
  const matchers = new WeakMap<PodDisruptionBudget, LabelMatcher>();
  function selects(budget: PodDisruptionBudget, pod: Pod): boolean {
    if (budget.spec?.selector === undefined) return false;
    let matcher = matchers.get(budget);
    if (!matcher) matchers.set(budget, (matcher = labelSelectorOf(budget.spec.selector)));
    return matcher(pod.metadata.labels);
  }

  /** The number of replicas that a known kind's owner wants: a Deployment stands above its ReplicaSet. Undefined: the owner is gone. */
  function knownScale(namespace: string | undefined, reference: OwnerReference, kind: string): Scaled | undefined {
    const owner = listers.get(kind)!.get(namespace, reference.name);
    if (!owner || owner.metadata.uid !== reference.uid) return undefined;
    const above = kind === 'apps/ReplicaSet' ? controllerOf(owner) : undefined;
    const aboveKind = above && `${groupVersionOf(above.apiVersion).group}/${above.kind}`;
    const scaled = aboveKind !== undefined && listers.has(aboveKind) ? knownScale(namespace, above!, aboveKind) : undefined;
    return scaled ?? { uid: owner.metadata.uid!, replicas: (owner as { spec?: { replicas?: number } }).spec?.replicas ?? 1 };
  }

  /** Of any other kind the scale subresource is asked. */
  async function otherScale(namespace: string, { apiVersion, kind, name, uid }: OwnerReference): Promise<Scaled | undefined> {
    const { group, version } = groupVersionOf(apiVersion);
    const resource = (await kinds()).find((each) => each.group === group && each.kind === kind);
    if (!resource) throw new Error(`no matches for kind "${kind}" in group "${group}"`);
    try {
      const path = `${group === '' ? '/api' : `/apis/${group}`}/${version}/namespaces/${namespace}/${resource.plural}/${name}/scale`;
      const scale = await client.request<Scale>({ method: 'GET', path });
      return scale.metadata?.uid === uid ? { uid, replicas: scale.spec?.replicas ?? 0 } : undefined;
    } catch (error) {
      if (isNotFound(error)) throw new Error(`${groupResourceOf(resource)} does not implement the scale subresource, or "${name}" is gone`, { cause: error });
      throw error;
    }
  }

  let served: { atMs: number; resources: Promise<DiscoveredResource[]> } | undefined;
  function kinds(): Promise<DiscoveredResource[]> {
    const now = host.clock.monotonic();
    if (!served || now - served.atMs > discoveryGoodMs) served = { atMs: now, resources: discoverResources(client).then(({ resources }) => resources) };
    served.resources.catch(() => (served = undefined));
    return served.resources;
  }

  /** How many pods the controllers of these want in all. Pods of nobody are left out, and named. */
  async function scaleOf(selected: readonly Pod[]): Promise<{ scale: number | Error; unmanaged: string[] }> {
    const owners = new Map<string, number>();
    const asked = new Set<string>();
    const unmanaged: string[] = [];
    for (const pod of selected) {
      const reference = controllerOf(pod);
      if (!reference) {
        unmanaged.push(pod.metadata.name!);
        continue;
      }
      if (asked.has(reference.uid)) continue;
      asked.add(reference.uid);
      const kind = `${groupVersionOf(reference.apiVersion).group}/${reference.kind}`;
      try {
        const scaled = listers.has(kind) ? knownScale(pod.metadata.namespace, reference, kind) : await otherScale(pod.metadata.namespace!, reference);
        if (!scaled) return { scale: new Error(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`), unmanaged };
        owners.set(scaled.uid, scaled.replicas);
      } catch (error) {
        return { scale: error as Error, unmanaged };
      }
    }
    return { scale: owners.values().reduce((sum, replicas) => sum + replicas, 0), unmanaged };
  }

  async function reconcile(key: string): Promise<Outcome> {
    const budget = budgets.lister.byKey(key);
    if (!budget) return { done: true };
    const selected = pods.lister.list(budget.metadata.namespace).filter((pod) => selects(budget, pod));
    if (selected.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const { scale, unmanaged } = needsScale(budget) ? await scaleOf(selected) : { scale: 0, unmanaged: [] };
    if (unmanaged.length > 0) recorder.event(budget, 'Warning', 'UnmanagedPods', unmanagedText(budget));
    const decision = decideBudget({ budget, pods: selected, scale }, host.clock.now());
    for (const pod of decision.overdue) recorder.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${key} to be deleted but it wasn't`);
    if (decision.error) recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${decision.error.message}`);
    // The revision of the copy goes along: an eviction in between makes this a conflict, and it is counted anew.
    if (!sameStatus(budget.status, decision.status) || budget.status?.observedGeneration !== decision.status.observedGeneration) await client.of(PodDisruptionBudgets).updateStatus({ ...budget, status: decision.status });
    const lookedAt = selected.length;
    return decision.afterMs === undefined ? { done: true, lookedAt } : { afterMs: decision.afterMs, lookedAt };
  }

  const queue = startController(host, { name: 'disruption-controller', informers, reconcile });
  budgets.onEvent(({ object }) => queue.add(keyOf(object)));
  const touch = (namespace: string | undefined, concerned: (budget: PodDisruptionBudget) => boolean): void => {
    for (const budget of budgets.lister.list(namespace)) if (concerned(budget)) queue.add(keyOf(budget));
  };
  pods.onEvent((event) => {
    const old = event.type === 'updated' ? event.old : undefined;
    touch(event.object.metadata.namespace, (budget) => selects(budget, event.object) || (old !== undefined && selects(budget, old)));
  });
  for (const resource of Object.values(scalable)) {
    informers.of<KubeObject>(resource).onEvent((event) => {
      const replicas = (object: KubeObject): number | undefined => (object as { spec?: { replicas?: number } }).spec?.replicas;
      if (event.type === 'updated' && replicas(event.old) === replicas(event.object)) return;
      touch(event.object.metadata.namespace, needsScale);
    });
  }
  return queue;
}
