/**
 * The StatefulSet contract: pods with lasting names, `name-0` to `name-(n-1)`. Ordered: a pod is made, replaced or removed only while all before it
 * (for removal: after it) are well; Parallel drops that for making and removing, never for replacing. No two pods of one name at once: a pod is
 * made again only when the old one is gone.
 */
import type { ControllerRevision, StatefulSet, StatefulSetStatus } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { podReadySinceMs } from '../../api/core/v1/pods.ts';
import { countOf } from '../shared/index.ts';
import { firstOrdinal, isFinished, isGoing, isRunningAndAvailable, isRunningAndReady, missingLabels, newPod, ordinalOf, replicasOf, revisionOf, templateOf } from './pods.ts';

export interface StatefulSetSnapshot {
  set: StatefulSet;
  /** All that it manages. */
  pods: readonly Pod[];
  /** What pods are replaced from; the same as `update` when nothing is rolled out. */
  current: ControllerRevision;
  update: ControllerRevision;
}

export type StatefulSetAction =
  | { do: 'create'; pod: Pod; ordinal: number }
  | { do: 'delete'; pod: Pod; ordinal: number; why: 'finished' | 'condemned' | 'outdated' }
  /** Puts labels right that somebody took away. */
  | { do: 'label'; pod: Pod; labels: Record<string, string> };

export interface StatefulSetDecision {
  actions: StatefulSetAction[];
  status: StatefulSetStatus;
  /** Look again then: a pod's minReadySeconds end without an event. */
  afterMs?: number;
}

const isOrdered = (set: StatefulSet): boolean => set.spec?.podManagementPolicy !== 'Parallel';
const nameOf = (revision: ControllerRevision): string => revision.metadata.name!;

/** Pods below the partition keep the current revision. */
function partitionOf(set: StatefulSet): number {
  return set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
}

function revisionFor(snapshot: StatefulSetSnapshot, ordinal: number): ControllerRevision {
  const { set, current, update } = snapshot;
  if ((set.spec?.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return update;
  return ordinal < firstOrdinal(set) + partitionOf(set) ? current : update;
}

interface Slots {
  /** By ordinal, those that should be there. */
  wanted: { ordinal: number; pod: Pod | undefined }[];
  /** Beyond the range, the highest ordinal first. */
  condemned: { ordinal: number; pod: Pod }[];
}

function sortIntoSlots({ set, pods }: StatefulSetSnapshot): Slots {
  const first = firstOrdinal(set);
  const wanted: Slots['wanted'] = Array.from({ length: replicasOf(set) }, (_, i) => ({ ordinal: first + i, pod: undefined }));
  const condemned: Slots['condemned'] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    const slot = wanted[ordinal - first];
    if (slot) slot.pod = pod;
    else condemned.push({ ordinal, pod });
  }
  return { wanted, condemned: condemned.sort((a, b) => b.ordinal - a.ordinal) };
}

/** Makes what is missing. Returns whether an ordered set must stop here. */
function fill(snapshot: StatefulSetSnapshot, wanted: Slots['wanted'], actions: StatefulSetAction[], nowMs: number): boolean {
  const { set } = snapshot;
  const ordered = isOrdered(set);
  for (const { ordinal, pod } of wanted) {
    if (!pod) {
      const revision = revisionFor(snapshot, ordinal);
      actions.push({ do: 'create', ordinal, pod: newPod(set, ordinal, templateOf(revision), nameOf(revision)) });
      if (ordered) return true;
      continue;
    }
    if (isFinished(pod)) {
      if (!isGoing(pod)) actions.push({ do: 'delete', pod, ordinal, why: 'finished' });
      if (ordered) return true;
      continue;
    }
    if (!isGoing(pod)) {
      const labels = missingLabels(set, pod, ordinal);
      if (labels) actions.push({ do: 'label', pod, labels });
    }
    if (ordered && (isGoing(pod) || !isRunningAndAvailable(set, pod, nowMs))) return true;
  }
  return false;
}

/** Removes what is too much. Returns whether an ordered set must stop here. */
function shrink(set: StatefulSet, slots: Slots, actions: StatefulSetAction[], nowMs: number): boolean {
  const ordered = isOrdered(set);
  const unhealthy = firstUnhealthy(slots);
  for (const { ordinal, pod } of slots.condemned) {
    if (isGoing(pod)) {
      if (ordered) return true;
      continue;
    }
    // The first sick one may go although it is not well: it would block its own removal.
    if (ordered && pod !== unhealthy && !isRunningAndAvailable(set, pod, nowMs)) return true;
    actions.push({ do: 'delete', pod, ordinal, why: 'condemned' });
    if (ordered) return true;
  }
  return false;
}

function firstUnhealthy({ wanted, condemned }: Slots): Pod | undefined {
  const all = [...wanted, ...condemned.toReversed()];
  return all.find(({ pod }) => pod !== undefined && !(isRunningAndReady(pod) && !isGoing(pod)))?.pod;
}

/** Replaces pods of an old revision from the highest ordinal down, as many at once as may be unavailable. */
function roll(snapshot: StatefulSetSnapshot, wanted: Slots['wanted'], actions: StatefulSetAction[], nowMs: number): void {
  const { set, update } = snapshot;
  if ((set.spec?.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return;
  const maxUnavailable = Math.max(1, countOf(set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, replicasOf(set), 'down'));
  const targets = wanted.slice(Math.min(partitionOf(set), wanted.length)).toReversed();
  let unavailable = wanted.filter(({ pod }) => !pod || isGoing(pod) || !isRunningAndAvailable(set, pod, nowMs)).length;
  if (maxUnavailable === 1) unavailable = 0;
  for (const { ordinal, pod } of targets) {
    if (!pod) return;
    const sick = isGoing(pod) || !isRunningAndAvailable(set, pod, nowMs);
    if (revisionOf(pod) !== nameOf(update) && !isGoing(pod)) {
      if (!sick && unavailable >= maxUnavailable) return;
      actions.push({ do: 'delete', pod, ordinal, why: 'outdated' });
      if (maxUnavailable === 1) return;
      if (!sick) unavailable++;
      continue;
    }
    if (sick && maxUnavailable === 1) return;
  }
}

function statusOf(snapshot: StatefulSetSnapshot, nowMs: number): StatefulSetStatus {
  const { set, pods, current, update } = snapshot;
  const count = (holds: (pod: Pod) => boolean): number => pods.filter((pod) => ordinalOf(set, pod) !== undefined && holds(pod)).length;
  const of = (revision: ControllerRevision): number => count((pod) => !isGoing(pod) && revisionOf(pod) === nameOf(revision));
  const status: StatefulSetStatus = {
    observedGeneration: set.metadata.generation,
    replicas: count(() => true),
    readyReplicas: count(isRunningAndReady),
    availableReplicas: count((pod) => isRunningAndAvailable(set, pod, nowMs)),
    currentReplicas: of(current),
    updatedReplicas: of(update),
    currentRevision: nameOf(current),
    updateRevision: nameOf(update),
    ...(set.status?.collisionCount === undefined ? {} : { collisionCount: set.status.collisionCount }),
    ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
  };
  const rolling = (set.spec?.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  if (rolling && status.updatedReplicas === replicasOf(set) && status.replicas === replicasOf(set) && status.readyReplicas === replicasOf(set)) {
    status.currentReplicas = status.updatedReplicas;
    status.currentRevision = status.updateRevision;
  }
  return status;
}

function nextAvailableMs(set: StatefulSet, pods: readonly Pod[], nowMs: number): number | undefined {
  const minReadyMs = (set.spec?.minReadySeconds ?? 0) * 1000;
  const waits = pods.map((pod) => (podReadySinceMs(pod) ?? Number.NEGATIVE_INFINITY) + minReadyMs - nowMs).filter((wait) => wait > 0);
  return waits.length > 0 ? Math.min(...waits) : undefined;
}

/** What to do next, and what to say of how it is. */
export function decideStatefulSet(snapshot: StatefulSetSnapshot, nowMs: number): StatefulSetDecision {
  const { set, pods } = snapshot;
  const actions: StatefulSetAction[] = [];
  const slots = sortIntoSlots(snapshot);
  if (!set.metadata.deletionTimestamp) {
    const stop = fill(snapshot, slots.wanted, actions, nowMs) || shrink(set, slots, actions, nowMs);
    if (!stop) roll(snapshot, slots.wanted, actions, nowMs);
  }
  const afterMs = nextAvailableMs(set, pods, nowMs);
  return { actions, status: statusOf(snapshot, nowMs), ...(afterMs === undefined ? {} : { afterMs }) };
}

