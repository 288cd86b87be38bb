/**
 * The ReplicaSet contract: as many active pods as `spec.replicas` says, no more and no fewer, whoever removed or added one. Too few: pods are
 * made from the template; too many: those whose loss hurts least go first. Level-based: it looks at what is there, never at what happened.
 */
import { getCondition, isPodActive, isPodAvailable, isPodReady, isPodTerminating, podReadySinceMs, removeCondition, setCondition } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../../api/apps/v1/types.ts';
import { labelsMatcher } from '../../api/meta/selectors.ts';
import { formatTime } from '../../api/meta/time.ts';
import { podsToDelete } from '../shared/pod-ranking.ts';

/** Pods created or deleted in one go at most. */
export const BURST_LIMIT = 500;

export interface ReplicaSetSnapshot {
  replicaSet: ReplicaSet;
  /** All pods that it manages, finished and terminating ones included. Where `active` is given they are read only when some must go. */
  readonly pods: readonly Pod[];
  /** How many of the pods are active, where that is known already. */
  active?: number;
  /** Pods whose spread over the nodes matters when some must go; those of the same Deployment. Read only then: a getter may gather them. */
  readonly related: readonly Pod[];
}

export interface ReplicaSetActions {
  /** How many pods to create. */
  create: number;
  delete: Pod[];
}

/** What to do so that the number of active pods becomes right. */
export function decideReplicaSet(snapshot: ReplicaSetSnapshot, nowMs: number): ReplicaSetActions {
  const wanted = snapshot.replicaSet.spec?.replicas ?? 1;
  const difference = (snapshot.active ?? snapshot.pods.filter(isPodActive).length) - wanted;
  if (difference < 0) return { create: Math.min(-difference, BURST_LIMIT), delete: [] };
  if (difference > 0) return { create: 0, delete: podsToDelete(snapshot.pods.filter(isPodActive), snapshot.related, Math.min(difference, BURST_LIMIT), nowMs) };
  return { create: 0, delete: [] };
}

/** What went wrong with the last actions. */
export interface ReplicaFailure {
  reason: 'FailedCreate' | 'FailedDelete';
  message: string;
}

/** How many pods there are of each sort. */
export type PodCounts = Required<Pick<ReplicaSetStatus, 'replicas' | 'fullyLabeledReplicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas'>>;

function countPods(replicaSet: ReplicaSet, pods: readonly Pod[], nowMs: number): PodCounts {
  const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0;
  const matchesTemplate = labelsMatcher(replicaSet.spec?.template?.metadata?.labels);
  const counts = { replicas: 0, fullyLabeledReplicas: 0, readyReplicas: 0, availableReplicas: 0, terminatingReplicas: 0 };
  for (const pod of pods) {
    if (isPodTerminating(pod)) counts.terminatingReplicas++;
    if (!isPodActive(pod)) continue;
    counts.replicas++;
    if (matchesTemplate(pod.metadata.labels)) counts.fullyLabeledReplicas++;
    if (!isPodReady(pod)) continue;
    counts.readyReplicas++;
    if (isPodAvailable(pod, minReadySeconds, nowMs)) counts.availableReplicas++;
  }
  return counts;
}

/** The status that describes these pods, or pods that have been counted. */
export function replicaSetStatus(replicaSet: ReplicaSet, pods: readonly Pod[] | PodCounts, failure: ReplicaFailure | undefined, nowMs: number): ReplicaSetStatus {
  const counts = 'replicas' in pods ? pods : countPods(replicaSet, pods, nowMs);
  const old = replicaSet.status?.conditions;
  let conditions = old;
  if (failure && !getCondition(old, 'ReplicaFailure')) {
    conditions = setCondition(old, { type: 'ReplicaFailure', status: 'True', ...failure, lastTransitionTime: formatTime(nowMs) });
  } else if (!failure && getCondition(old, 'ReplicaFailure')) conditions = removeCondition(old, 'ReplicaFailure');
  return {
    ...counts,
    ...(replicaSet.metadata.generation === undefined ? {} : { observedGeneration: replicaSet.metadata.generation }),
    ...(conditions && conditions.length > 0 ? { conditions } : {}),
  };
}

/** Milliseconds until the next ready pod becomes available; undefined when none is on its way. */
export function nextAvailabilityMs(pods: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const waits = pods
    .filter(isPodActive)
    .map((pod) => (podReadySinceMs(pod) ?? -Infinity) + minReadySeconds * 1000 - nowMs)
    .filter((wait) => wait > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}
