/** disruption-controller: runs `decideBudget` against the API. */
import type { Pod } from '../../api/core/v1/types.ts';
import { controllerOf, groupVersionOf, keyOf } from '../../api/meta/objects.ts';
import { labelSelectorOf, type LabelMatcher } from '../../api/meta/selectors.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { Deployments, PodDisruptionBudgets, Pods, ReplicaSets, ReplicationControllers, StatefulSets } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Lister, Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { sameStatus } from '../shared/index.ts';
import { decideBudget, needsScale } from './decide.ts';

/** Kinds with a number of replicas, by group and kind. Others have none that a budget could count on. */
const scalable = { 'apps/ReplicaSet': ReplicaSets, 'apps/Deployment': Deployments, 'apps/StatefulSet': StatefulSets, '/ReplicationController': ReplicationControllers } as const;

export function startDisruption(context: ControllerContext): Running {
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

  /** The controller that decides on the number: a Deployment stands above its ReplicaSet. */
  function scaledBy(object: KubeObject): KubeObject | Error | undefined {
    const reference = controllerOf(object);
    if (!reference) return undefined;
    const kind = `${groupVersionOf(reference.apiVersion).group}/${reference.kind}`;
    const lister = listers.get(kind);
    if (!lister) return new Error(`${reference.kind}.${groupVersionOf(reference.apiVersion).group} ${JSON.stringify(reference.name)} has no number of replicas that is known here`);
    const owner = lister.get(object.metadata.namespace, reference.name);
    if (!owner || owner.metadata.uid !== reference.uid) return undefined;
    return kind === 'apps/ReplicaSet' ? (scaledBy(owner) ?? owner) : owner;
  }

  function scaleOf(selected: readonly Pod[]): number | Error {
    const owners = new Map<string, number>();
    for (const pod of selected) {
      const owner = scaledBy(pod);
      if (owner instanceof Error) return owner;
      if (!owner) return new Error(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`);
      owners.set(owner.metadata.uid!, (owner as { spec?: { replicas?: number } }).spec?.replicas ?? 1);
    }
    return [...owners.values()].reduce((sum, replicas) => sum + replicas, 0);
  }

  async function reconcile(key: string): Promise<Outcome> {
    const budget = budgets.lister.byKey(key);
    if (!budget) return { done: true };
    const selected = pods.lister.list(budget.metadata.namespace).filter((pod) => selects(budget, pod));
    if (selected.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const decision = decideBudget({ budget, pods: selected, scale: needsScale(budget) ? scaleOf(selected) : 0 }, host.clock.now());
    for (const pod of decision.overdue) recorder.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${key} to be deleted but it wasn't`);
    if (decision.error) recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${decision.error.message}`);
    // The revision of the copy goes along: an eviction in between makes this a conflict, and it is counted anew.
    if (!sameStatus(budget.status, decision.status) || budget.status?.observedGeneration !== decision.status.observedGeneration) await client.of(PodDisruptionBudgets).updateStatus({ ...budget, status: decision.status });
    return decision.afterMs === undefined ? { done: true } : { afterMs: decision.afterMs };
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
