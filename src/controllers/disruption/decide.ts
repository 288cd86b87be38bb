/**
 * The PodDisruptionBudget contract: the status says how many of the selected pods may go now of somebody's free will. When it cannot be known how many
 * there should be, none may. Evictions take from `disruptionsAllowed` themselves and note the pod in `disruptedPods`; this only counts anew.
 */
import { getPodCondition, isPodReady, isPodTerminal } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { Condition, IntOrString } from '../../api/meta/v1/types.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/policy/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import { countOf } from '../shared/index.ts';

/** How long a pod that was let go may take to begin to go. After that it counts again. */
export const deletionTimeoutMs = 120_000;

export interface BudgetSnapshot {
  budget: PodDisruptionBudget;
  /** Those that it selects. */
  pods: readonly Pod[];
  /** How many replicas the pods' controllers want in all; an Error where that cannot be known. */
  scale: number | Error;
}

export interface BudgetDecision {
  status: PodDisruptionBudgetStatus;
  /** Pods that were let go and did not. */
  overdue: Pod[];
  /** Look again then. */
  afterMs?: number;
  error?: Error;
}

/** Whether the budget needs to know what the controllers want. */
export function needsScale({ spec }: PodDisruptionBudget): boolean {
  return spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';
}

function expectations({ budget, pods, scale }: BudgetSnapshot): { expected: number; desired: number } | Error {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const share = (value: IntOrString, total: number): number => countOf(value, total, 'up');
  if (maxUnavailable !== undefined) return scale instanceof Error ? scale : { expected: scale, desired: Math.max(0, scale - share(maxUnavailable, scale)) };
  if (typeof minAvailable === 'string') return scale instanceof Error ? scale : { expected: scale, desired: share(minAvailable, scale) };
  return { expected: pods.length, desired: minAvailable ?? 0 };
}

function conditionOf(old: readonly Condition[] | undefined, status: 'True' | 'False', reason: string, message: string, generation: number | undefined, now: string): Condition[] {
  const type = 'DisruptionAllowed';
  const before = old?.find((condition) => condition.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  return [...(old ?? []).filter((condition) => condition.type !== type), { type, status, reason, message, lastTransitionTime, ...(generation === undefined ? {} : { observedGeneration: generation }) }];
}

/** A condition DisruptionTarget after which nothing came: it was not to be, and is taken back after two minutes. */
export function decideStaleDisruption(pod: Pod, nowMs: number): { clear: true } | { afterMs: number } | undefined {
  const condition = getPodCondition(pod, 'DisruptionTarget');
  // What the kubelet said may take any time; what has ended is not written to any more.
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet' || pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return undefined;
  const leftMs = Date.parse(condition.lastTransitionTime ?? '') + deletionTimeoutMs - nowMs;
  return leftMs > 0 ? { afterMs: leftMs } : { clear: true };
}

/** The status that the budget should have. */
export function decideBudget(snapshot: BudgetSnapshot, nowMs: number): BudgetDecision {
  const { budget, pods } = snapshot;
  const old = budget.status;
  const { generation } = budget.metadata;
  const expected = expectations(snapshot);
  if (expected instanceof Error) {
    const conditions = conditionOf(old?.conditions, 'False', 'SyncFailed', expected.message, generation, formatTime(nowMs));
    return { status: { ...old, disruptionsAllowed: 0, currentHealthy: old?.currentHealthy ?? 0, desiredHealthy: old?.desiredHealthy ?? 0, expectedPods: old?.expectedPods ?? 0, observedGeneration: generation, conditions }, overdue: [], error: expected };
  }
  const { disruptedPods, overdue, afterMs } = stillDisrupted(budget, pods, nowMs);
  const healthy = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && disruptedPods[pod.metadata.name!] === undefined && isPodReady(pod)).length;
  const allowed = expected.expected <= 0 ? 0 : Math.max(0, healthy - expected.desired);
  const conditions = allowed > 0
    ? conditionOf(old?.conditions, 'True', 'SufficientPods', '', generation, formatTime(nowMs))
    : conditionOf(old?.conditions, 'False', 'InsufficientPods', '', generation, formatTime(nowMs));
  return {
    status: { currentHealthy: healthy, desiredHealthy: expected.desired, expectedPods: expected.expected, disruptionsAllowed: allowed, ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}), observedGeneration: generation, conditions },
    overdue,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

function stillDisrupted(budget: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): { disruptedPods: Record<string, string>; overdue: Pod[]; afterMs?: number } {
  const disruptedPods: Record<string, string> = {};
  const overdue: Pod[] = [];
  let afterMs: number | undefined;
  for (const pod of pods) {
    const since = budget.status?.disruptedPods?.[pod.metadata.name!];
    // One that has begun to go no longer counts as healthy anyway.
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const leftMs = Date.parse(since) + deletionTimeoutMs - nowMs;
    if (leftMs <= 0) overdue.push(pod);
    else {
      disruptedPods[pod.metadata.name!] = since;
      afterMs = Math.min(afterMs ?? Infinity, leftMs);
    }
  }
  return { disruptedPods, overdue, ...(afterMs === undefined ? {} : { afterMs }) };
}
