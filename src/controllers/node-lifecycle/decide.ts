import type { Node, NodeCondition, Taint } from '../../api/core/v1/types.ts';
import { getCondition } from '../../api/core/v1/pods.ts';
import type { Lease } from '../../api/coordination/v1/types.ts';

export const notReadyTaint = 'node.kubernetes.io/not-ready';
export const unreachableTaint = 'node.kubernetes.io/unreachable';
export const unschedulableTaint = 'node.kubernetes.io/unschedulable';

/** Conditions that a silent kubelet can no longer vouch for. */
const vouchedConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** Which condition, in which state, keeps new pods away, by which taint. */
const conditionTaints: readonly [condition: string, status: string, taint: string][] = [
  ['Ready', 'False', notReadyTaint], ['Ready', 'Unknown', unreachableTaint],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'], ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'], ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
];
const managedKeys: ReadonlySet<string> = new Set([...conditionTaints.map(([, , key]) => key), unschedulableTaint]);

/** What was last seen of a node, by this process's own clock. */
export interface Sighting {
  /** When a heartbeat last changed, monotonic milliseconds. */
  aliveAtMs: number;
  heartbeat: string;
  renewTime: string;
  readySignature: string;
}

export interface HealthSnapshot {
  node: Node;
  lease: Lease | undefined;
  sighting: Sighting | undefined;
  graceMs: number;
  /** For nodes that never posted a status. */
  startupGraceMs: number;
}

export interface HealthDecision {
  sighting: Sighting;
  /** The conditions to write; undefined when nothing changes. */
  conditions?: NodeCondition[];
  /** Ready was True and is no longer: pods on it are to be marked. */
  lost: boolean;
  /** Ready's status after this decision. */
  ready: 'True' | 'False' | 'Unknown';
}

/** Judges a node by its heartbeats. `nowMs` is monotonic, `now` the wall clock as RFC 3339. */
export function decideHealth(snapshot: HealthSnapshot, nowMs: number, now: string): HealthDecision {
  const { node, lease, sighting: before } = snapshot;
  const ready = getCondition(node.status?.conditions, 'Ready');
  const heartbeat = ready?.lastHeartbeatTime ?? '';
  const renewTime = lease?.spec?.renewTime ?? '';
  const readySignature = ready ? `${ready.status}/${ready.lastTransitionTime}` : '';
  const alive = !before || (heartbeat !== before.heartbeat && heartbeat !== '') || (ready !== undefined && before.heartbeat === '' && heartbeat === '' && readySignature !== before.readySignature) || (renewTime !== before.renewTime && renewTime !== '');
  const sighting: Sighting = { aliveAtMs: alive ? nowMs : before!.aliveAtMs, heartbeat, renewTime, readySignature };
  const graceMs = ready ? snapshot.graceMs : snapshot.startupGraceMs;
  const status = statusOf(ready);
  if (nowMs - sighting.aliveAtMs <= graceMs) return { sighting, lost: false, ready: status };
  const conditions = silenced(node, now);
  return { sighting, ...(conditions ? { conditions } : {}), lost: status === 'True', ready: 'Unknown' };
}

function statusOf(ready: NodeCondition | undefined): HealthDecision['ready'] {
  return ready?.status === 'True' ? 'True' : ready?.status === 'False' ? 'False' : 'Unknown';
}

/** The conditions of a node that has fallen silent; undefined when they say so already. */
function silenced(node: Node, now: string): NodeCondition[] | undefined {
  const before = node.status?.conditions ?? [];
  const conditions = before.map((condition): NodeCondition => {
    const vouched = (vouchedConditions as readonly string[]).includes(condition.type);
    return !vouched || condition.status === 'Unknown' ? condition : unknown(condition, now);
  });
  for (const type of vouchedConditions) {
    if (before.some((condition) => condition.type === type)) continue;
    conditions.push({ type, status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.', lastHeartbeatTime: node.metadata.creationTimestamp, lastTransitionTime: now });
  }
  return conditions.length === before.length && conditions.every((condition, i) => condition === before[i]) ? undefined : conditions;
}

function unknown(condition: NodeCondition, now: string): NodeCondition {
  return { ...condition, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: now };
}

const sameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

/** The node's taints with those that keep new pods away put right; undefined when they are. */
export function decideNoScheduleTaints(node: Node, now: string): Taint[] | undefined {
  const wanted = new Set<string>();
  for (const [type, status, key] of conditionTaints) if (getCondition(node.status?.conditions, type)?.status === status) wanted.add(key);
  if (node.spec?.unschedulable) wanted.add(unschedulableTaint);
  const taints = node.spec?.taints ?? [];
  const kept = taints.filter((taint) => !(managedKeys.has(taint.key) && taint.effect === 'NoSchedule' && !wanted.has(taint.key)));
  const missing = [...wanted].filter((key) => !kept.some((taint) => sameTaint(taint, { key, effect: 'NoSchedule' })));
  if (kept.length === taints.length && missing.length === 0) return undefined;
  return [...kept, ...missing.map((key) => ({ key, effect: 'NoSchedule', timeAdded: now }))];
}

/** Which NoExecute taint a node in this state must have. */
export function noExecuteKey(ready: HealthDecision['ready']): string | undefined {
  return ready === 'True' ? undefined : ready === 'False' ? notReadyTaint : unreachableTaint;
}

export interface NoExecuteDecision {
  taints?: Taint[];
  /** Pods will begin to be driven out that were not before: this counts against the zone's rate. */
  evicts: boolean;
}

/** The node's taints with those that drive pods out put right. */
export function decideNoExecuteTaints(node: Node, key: string | undefined, now: string): NoExecuteDecision {
  const taints = node.spec?.taints ?? [];
  const ours = taints.filter((taint) => (taint.key === notReadyTaint || taint.key === unreachableTaint) && taint.effect === 'NoExecute');
  if (key === undefined ? ours.length === 0 : ours.length === 1 && ours[0]!.key === key) return { evicts: false };
  const others = taints.filter((taint) => !ours.includes(taint));
  if (key === undefined) return { taints: others, evicts: false };
  return { taints: [...others, { key, effect: 'NoExecute', timeAdded: now }], evicts: ours.length === 0 };
}

/** Old and new names of one fact: the new ones rule, the old ones follow (KEP-1860's beta labels). */
const labelPairs: readonly [stable: string, beta: string][] = [['kubernetes.io/os', 'beta.kubernetes.io/os'], ['kubernetes.io/arch', 'beta.kubernetes.io/arch']];

/** Labels to set; undefined when all are right. */
export function decideLabels(node: Node): Record<string, string> | undefined {
  const labels = node.metadata.labels ?? {};
  const wrong = labelPairs.filter(([stable, beta]) => labels[stable] !== undefined && labels[beta] !== labels[stable]);
  return wrong.length === 0 ? undefined : Object.fromEntries(wrong.map(([stable, beta]) => [beta, labels[stable]!]));
}
