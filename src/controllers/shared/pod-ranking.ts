/** Which pods to delete first when there are too many: those whose loss hurts least. */
import { getPodCondition, isPodReady, podPhase, restartCountOf } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { parseTime } from '../../api/meta/time.ts';

export const POD_DELETION_COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost';
const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** From the annotation; anything that is not a plain 32-bit integer counts as zero. */
export function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[POD_DELETION_COST_ANNOTATION];
  if (text === undefined || !/^(0|-?[1-9][0-9]*)$/.test(text)) return 0;
  const cost = Number(text);
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : 0;
}

/** Ages within a factor of two are alike, so that not always the youngest goes (KEP-2185). Unknown times are older than all. */
function ageBucket(since: string | undefined, nowMs: number): number {
  if (!since) return Infinity;
  const ms = nowMs - parseTime(since);
  return ms <= 0 ? -1 : Math.floor(Math.log2(ms * 1e6));
}

/** Negative when the pod since `a` is younger by at least a bucket; 0 when both are alike. */
const compareAge = (a: string | undefined, b: string | undefined, nowMs: number): number => {
  const [left, right] = [ageBucket(a, nowMs), ageBucket(b, nowMs)];
  return left === right ? 0 : left < right ? -1 : 1;
};

const readySince = (pod: Pod): string | undefined => {
  const ready = getPodCondition(pod, 'Ready');
  return ready?.status === 'True' ? (ready.lastTransitionTime ?? undefined) : undefined;
};

/**
 * Below zero when `a` is to go before `b`: unscheduled before scheduled, pending before running, not ready before ready, cheaper before dearer,
 * on a node with more siblings before fewer, younger readiness, more restarts, younger; ties by uid.
 */
export function compareForDeletion(a: Pod, b: Pod, siblingsOnNode: (pod: Pod) => number, nowMs: number): number {
  const assigned = Number(Boolean(a.spec?.nodeName)) - Number(Boolean(b.spec?.nodeName));
  if (assigned !== 0) return assigned;
  const phase = (PHASES[podPhase(a)] ?? 0) - (PHASES[podPhase(b)] ?? 0);
  if (phase !== 0) return phase;
  const ready = Number(isPodReady(a)) - Number(isPodReady(b));
  if (ready !== 0) return ready;
  const cost = deletionCost(a) - deletionCost(b);
  if (cost !== 0) return cost;
  const siblings = siblingsOnNode(b) - siblingsOnNode(a);
  if (siblings !== 0) return siblings;
  if (isPodReady(a) && isPodReady(b)) {
    const readiness = compareAge(readySince(a), readySince(b), nowMs);
    if (readiness !== 0) return readiness;
  }
  const restarts = restartCountOf(b) - restartCountOf(a);
  if (restarts !== 0) return restarts;
  const age = compareAge(a.metadata.creationTimestamp, b.metadata.creationTimestamp, nowMs);
  if (age !== 0) return age;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}

/** The `count` pods to delete. `related` are the pods whose spread over nodes counts (those of a Deployment's other ReplicaSets included). */
export function podsToDelete(pods: readonly Pod[], related: readonly Pod[], count: number, nowMs: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec?.nodeName;
    if (node && podPhase(pod) !== 'Succeeded' && podPhase(pod) !== 'Failed') perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const siblingsOnNode = (pod: Pod): number => perNode.get(pod.spec?.nodeName ?? '') ?? 0;
  return pods.toSorted((a, b) => compareForDeletion(a, b, siblingsOnNode, nowMs)).slice(0, count);
}
