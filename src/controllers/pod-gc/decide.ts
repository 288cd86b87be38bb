import type { Node, Pod } from '../../api/core/v1/types.ts';
import { isConditionTrue, isPodTerminal } from '../../api/core/v1/pods.ts';

export const outOfServiceTaint = 'node.kubernetes.io/out-of-service';

export type PodGcReason = 'terminated' | 'orphaned' | 'unscheduled' | 'out-of-service';

export interface PodGcAction {
  pod: Pod;
  reason: PodGcReason;
  /** Its phase is not final yet: it is marked Failed before it goes. */
  markFailed: boolean;
}

export interface PodGcSnapshot {
  pods: readonly Pod[];
  nodes: ReadonlyMap<string, Node>;
  /** Nodes that pods name and that surely do not exist (asked of the server, after a while of absence). */
  absentNodes: ReadonlySet<string>;
  /** Terminated pods that may stay. 0 and below: all. */
  terminatedThreshold: number;
}

const isEvicted = (pod: Pod): boolean => pod.status?.phase === 'Failed' && pod.status.reason === 'Evicted';

/** Evicted pods first, then the oldest. */
function byExpendability(a: Pod, b: Pod): number {
  if (isEvicted(a) !== isEvicted(b)) return isEvicted(a) ? -1 : 1;
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return `${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1;
}

function isOutOfService(node: Node | undefined): boolean {
  if (!node || isConditionTrue(node.status?.conditions, 'Ready')) return false;
  return (node.spec?.taints ?? []).some((taint) => taint.key === outOfServiceTaint && (taint.effect === 'NoExecute' || taint.effect === 'NoSchedule'));
}

/** Pods that nobody else will remove. A pod is named once. */
export function decidePodGc(snapshot: PodGcSnapshot): PodGcAction[] {
  const { pods, nodes, absentNodes, terminatedThreshold } = snapshot;
  const actions = new Map<Pod, PodGcReason>();
  if (terminatedThreshold > 0) {
    const terminated = pods.filter((pod) => isPodTerminal(pod) && !pod.metadata.deletionTimestamp);
    const surplus = terminated.length - terminatedThreshold;
    if (surplus > 0) for (const pod of terminated.sort(byExpendability).slice(0, surplus)) actions.set(pod, 'terminated');
  }
  for (const pod of pods) {
    if (actions.has(pod)) continue;
    const node = pod.spec?.nodeName ?? '';
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    if (node !== '' && absentNodes.has(node)) actions.set(pod, 'orphaned');
    else if (terminating && node === '') actions.set(pod, 'unscheduled');
    else if (terminating && isOutOfService(nodes.get(node))) actions.set(pod, 'out-of-service');
  }
  return [...actions].map(([pod, reason]) => ({ pod, reason, markFailed: !isPodTerminal(pod) }));
}
