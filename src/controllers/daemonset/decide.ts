/**
 * The DaemonSet contract: one pod on every node that the template's affinity and tolerations allow, none elsewhere. A failed daemon is deleted
 * and made again, more slowly each time. A new template reaches the nodes a few at a time (RollingUpdate) or as pods are deleted (OnDelete).
 */
import type { DaemonSet, DaemonSetStatus } from '../../api/apps/v1/types.ts';
import type { Node, Pod } from '../../api/core/v1/types.ts';
import { isPodAvailable, isPodReady, podPhase } from '../../api/core/v1/pods.ts';
import { isTerminating } from '../../api/meta/objects.ts';
import { countOf } from '../shared/int-or-percent.ts';
import { belongsOn, isCurrent, nodeOfPod } from './placement.ts';

/** Pods created or deleted in one go at most. */
export const BURST_LIMIT = 250;

export interface DaemonSetSnapshot {
  daemonSet: DaemonSet;
  nodes: readonly Node[];
  /** Pods that it manages, terminating ones included. */
  pods: readonly Pod[];
  /** The present revision's hash. */
  hash: string;
}

export interface DaemonSetActions {
  createOn: string[];
  delete: Pod[];
  /** Pods among `delete` that ended by themselves: an event tells of each. */
  ended: Pod[];
  /** Look again after so long: a failed pod's node is not due yet. */
  afterMs?: number;
}

const byCreation = (a: Pod, b: Pod): number => {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
};

/** Bound pods first, then older ones: the one that counts for the node. */
const byWeight = (a: Pod, b: Pod): number => Number(Boolean(b.spec?.nodeName)) - Number(Boolean(a.spec?.nodeName)) || byCreation(a, b);

/** Pods by the node that they are on or pinned to. */
export function podsByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = nodeOfPod(pod);
    if (node === undefined) continue;
    const there = byNode.get(node);
    if (there) there.push(pod);
    else byNode.set(node, [pod]);
  }
  return byNode;
}

export interface UpdateLimits {
  maxSurge: number;
  maxUnavailable: number;
}

/** The limits of a rolling update in nodes; both rounded up, and one node may be without when both are zero. */
export function updateLimits(daemonSet: DaemonSet, desired: number): UpdateLimits {
  const strategy = daemonSet.spec?.updateStrategy;
  if ((strategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return { maxSurge: 0, maxUnavailable: 0 };
  const maxUnavailable = countOf(strategy?.rollingUpdate?.maxUnavailable ?? 1, desired, 'up');
  const maxSurge = countOf(strategy?.rollingUpdate?.maxSurge ?? 0, desired, 'up');
  return desired > 0 && maxUnavailable === 0 && maxSurge === 0 ? { maxSurge, maxUnavailable: 1 } : { maxSurge, maxUnavailable };
}

/** More than one daemon of a node: which go. With surge an old one may stay beside a new one until that is available. */
function surplus(pods: readonly Pod[], hash: string, maxSurge: number, isAvailable: (pod: Pod) => boolean): Pod[] {
  const ordered = pods.toSorted(byCreation);
  if (maxSurge === 0) return ordered.toSorted(byWeight).slice(1);
  const newest = ordered.find((pod) => isCurrent(pod, hash));
  const old = ordered.find((pod) => !isCurrent(pod, hash));
  const extra = ordered.filter((pod) => pod !== newest && pod !== old);
  if (newest && old && (!isAvailable(old) || isAvailable(newest))) extra.push(old);
  return extra;
}

export interface FailedPodBackoff {
  /** Milliseconds until a failed pod on this node may be replaced; 0 now. */
  waitMs(nodeName: string): number;
}

/** Makes the pods match the nodes, whatever their revision. */
export function decideDaemonSet(snapshot: DaemonSetSnapshot, backoff: FailedPodBackoff, nowMs: number): DaemonSetActions {
  const { daemonSet, nodes, hash } = snapshot;
  const byNode = podsByNode(snapshot.pods);
  const known = new Set(nodes.map((node) => node.metadata.name!));
  const belongings = new Map(nodes.map((node) => [node.metadata.name!, belongsOn(daemonSet, node)]));
  const desired = [...belongings.values()].filter(({ shouldRun }) => shouldRun).length;
  const { maxSurge } = updateLimits(daemonSet, desired);
  const isAvailable = (pod: Pod): boolean => isPodAvailable(pod, daemonSet.spec?.minReadySeconds ?? 0, nowMs);
  const actions: DaemonSetActions = { createOn: [], delete: [], ended: [] };
  for (const [name, { shouldRun, mayStay }] of belongings) {
    const there = byNode.get(name) ?? [];
    if (shouldRun && there.length === 0) actions.createOn.push(name);
    const present = there.filter((pod) => !isTerminating(pod));
    if (!mayStay) {
      actions.delete.push(...present);
      continue;
    }
    const running: Pod[] = [];
    for (const pod of present) {
      const phase = podPhase(pod);
      if (phase !== 'Failed' && phase !== 'Succeeded') {
        running.push(pod);
        continue;
      }
      const waitMs = phase === 'Failed' ? backoff.waitMs(name) : 0;
      if (waitMs > 0) {
        actions.afterMs = Math.min(actions.afterMs ?? Infinity, waitMs);
        continue;
      }
      actions.delete.push(pod);
      actions.ended.push(pod);
    }
    if (running.length > 1) actions.delete.push(...surplus(running, hash, maxSurge, isAvailable));
  }
  // Nothing else cleans up pods that wait for a node that is gone.
  for (const pod of snapshot.pods) {
    const node = nodeOfPod(pod);
    if (!pod.spec?.nodeName && !isTerminating(pod) && (node === undefined || !known.has(node))) actions.delete.push(pod);
  }
  actions.createOn.length = Math.min(actions.createOn.length, BURST_LIMIT);
  actions.delete.length = Math.min(actions.delete.length, BURST_LIMIT);
  return actions;
}

interface NodePods {
  node: string;
  current?: Pod;
  old?: Pod;
}

/** One new and one old pod of a node at most; undefined while there are more, which `decideDaemonSet` sorts out first. */
function pairOf(node: string, pods: readonly Pod[], hash: string): NodePods | undefined {
  const pair: NodePods = { node };
  for (const pod of pods) {
    if (isTerminating(pod)) continue;
    const slot = isCurrent(pod, hash) ? 'current' : 'old';
    if (pair[slot]) return undefined;
    pair[slot] = pod;
  }
  return pair;
}

function replaceInPlace(pairs: readonly (NodePods | undefined)[], limit: number, isAvailable: (pod: Pod) => boolean): Pod[] {
  let unavailable = 0;
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  for (const pair of pairs) {
    if (!pair || (!pair.current && !pair.old)) unavailable++;
    else if (pair.current) unavailable += isAvailable(pair.current) ? 0 : 1;
    else if (isAvailable(pair.old!)) candidates.push(pair.old!);
    else {
      // It serves nobody: replacing it costs nothing, and it counts as missing already.
      broken.push(pair.old!);
      unavailable++;
    }
  }
  return [...broken, ...candidates.slice(0, Math.max(0, limit - unavailable))];
}

function surgeBeside(pairs: readonly (NodePods | undefined)[], limit: number, isAvailable: (pod: Pod) => boolean): DaemonSetActions {
  let surging = 0;
  const actions: DaemonSetActions = { createOn: [], delete: [], ended: [] };
  const candidates: string[] = [];
  for (const pair of pairs) {
    if (!pair) {
      surging++;
      continue;
    }
    if (!pair.current) {
      if (!pair.old) continue;
      if (isAvailable(pair.old)) candidates.push(pair.node);
      else actions.createOn.push(pair.node);
    } else if (!isAvailable(pair.current)) surging++;
    else if (pair.old) actions.delete.push(pair.old);
  }
  actions.createOn.push(...candidates.slice(0, Math.max(0, limit - surging)));
  return actions;
}

/** The next step of bringing nodes to the present revision. To be asked only when `decideDaemonSet` had nothing to do. */
export function decideRollingUpdate(snapshot: DaemonSetSnapshot, nowMs: number): DaemonSetActions {
  const { daemonSet, nodes, hash } = snapshot;
  const none: DaemonSetActions = { createOn: [], delete: [], ended: [] };
  if ((daemonSet.spec?.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return none;
  const byNode = podsByNode(snapshot.pods);
  const desired = nodes.filter((node) => belongsOn(daemonSet, node).shouldRun).map((node) => node.metadata.name!);
  const { maxSurge, maxUnavailable } = updateLimits(daemonSet, desired.length);
  const isAvailable = (pod: Pod): boolean => isPodAvailable(pod, daemonSet.spec?.minReadySeconds ?? 0, nowMs);
  const pairs = desired.map((node) => pairOf(node, byNode.get(node) ?? [], hash));
  if (maxSurge === 0) return { ...none, delete: replaceInPlace(pairs, maxUnavailable, isAvailable) };
  return surgeBeside(pairs, maxSurge, isAvailable);
}

/** The status that describes these nodes and pods. */
export function daemonSetStatus({ daemonSet, nodes, pods, hash }: DaemonSetSnapshot, nowMs: number): DaemonSetStatus {
  const byNode = podsByNode(pods);
  const minReadySeconds = daemonSet.spec?.minReadySeconds ?? 0;
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const there = byNode.get(node.metadata.name!);
    if (!belongsOn(daemonSet, node).shouldRun) {
      if (there) counts.misscheduled++;
      continue;
    }
    counts.desired++;
    if (!there) continue;
    counts.current++;
    const pod = there.toSorted((a, b) => Number(isTerminating(a)) - Number(isTerminating(b)) || byWeight(a, b))[0]!;
    if (isPodReady(pod)) {
      counts.ready++;
      if (isPodAvailable(pod, minReadySeconds, nowMs)) counts.available++;
    }
    if (isCurrent(pod, hash)) counts.updated++;
  }
  return {
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    ...(daemonSet.metadata.generation === undefined ? {} : { observedGeneration: daemonSet.metadata.generation }),
    updatedNumberScheduled: counts.updated,
    numberAvailable: counts.available,
    numberUnavailable: counts.desired - counts.available,
    ...(daemonSet.status?.collisionCount === undefined ? {} : { collisionCount: daemonSet.status.collisionCount }),
    ...(daemonSet.status?.conditions ? { conditions: daemonSet.status.conditions } : {}),
  };
}
