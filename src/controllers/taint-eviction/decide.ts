import type { Pod, Taint } from '../../api/core/v1/types.ts';
import { tolerates } from '../../api/core/v1/scheduling-terms.ts';

export type EvictionDecision =
  | { evict: 'never' }
  | { evict: 'now' }
  /** When its shortest toleration is used up. */
  | { evict: 'later'; atMs: number };

export interface EvictionSnapshot {
  pod: Pod;
  /** The node's taints; only those with effect NoExecute count. */
  taints: readonly Taint[];
  /** When the pod was first seen beside such taints. */
  sinceMs: number;
}

/** Whether, and when, a pod must leave its node. */
export function decideEviction({ pod, taints, sinceMs }: EvictionSnapshot, nowMs: number): EvictionDecision {
  const driving = taints.filter((taint) => taint.effect === 'NoExecute');
  if (driving.length === 0) return { evict: 'never' };
  const tolerations = pod.spec?.tolerations ?? [];
  const used = new Set<(typeof tolerations)[number]>();
  for (const taint of driving) {
    // Of several that tolerate a taint the first in the list counts.
    const toleration = tolerations.find((each) => tolerates(each, taint));
    if (!toleration) return { evict: 'now' };
    used.add(toleration);
  }
  const limits = [...used].map((toleration) => toleration.tolerationSeconds).filter((seconds) => seconds !== undefined && seconds !== null);
  if (limits.length === 0) return { evict: 'never' };
  const atMs = sinceMs + Math.max(0, Math.min(...limits.map(Number))) * 1000;
  return atMs <= nowMs ? { evict: 'now' } : { evict: 'later', atMs };
}
