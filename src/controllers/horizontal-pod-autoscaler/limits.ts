/** How fast and how far a count of replicas may move: stabilisation windows, scaling policies, minimum and maximum. Pure. */
import type { HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler } from '../../api/autoscaling/v2/types.ts';

/** What an autoscaler has wanted and done; kept in memory, and so lost by a restart. */
export interface ScaleHistory {
  recommendations: readonly { replicas: number; atMs: number }[];
  up: readonly { replicas: number; atMs: number }[];
  down: readonly { replicas: number; atMs: number }[];
}

export const noHistory: ScaleHistory = { recommendations: [], up: [], down: [] };

export interface Limited {
  replicas: number;
  /** AbleToScale. */
  stabilized: { reason: string; message: string };
  /** ScalingLimited. */
  limited: { status: 'True' | 'False'; reason: string; message: string };
}

/** How long a lower count waits where the autoscaler does not say. */
export const downscaleStabilizationMs = 300_000;
/** No behaviour given: at most double, but up to four at once. */
const upFactor = 2;
const upAtLeast = 4;

const unchanged = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const heldUp = { reason: 'ScaleDownStabilized', message: 'recent recommendations were higher than current one, applying the highest recent recommendation' };
const heldDown = { reason: 'ScaleUpStabilized', message: 'recent recommendations were lower than current one, applying the lowest recent recommendation' };
const inRange = { status: 'False', reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' } as const;
const tooFew = { status: 'True', reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' } as const;
const tooMany = { status: 'True', reason: 'TooManyReplicas', message: 'the desired replica count is more than the maximum replica count' } as const;
const tooFast = { status: 'True', reason: 'ScaleUpLimit', message: 'the desired replica count is increasing faster than the maximum scale rate' } as const;
const tooFastDown = { status: 'True', reason: 'ScaleDownLimit', message: 'the desired replica count is decreasing faster than the maximum scale rate' } as const;

const changeWithin = (events: ScaleHistory['up'], periodSeconds: number, nowMs: number): number =>
  events.filter((event) => event.atMs > nowMs - periodSeconds * 1000).reduce((total, event) => total + event.replicas, 0);

function selected(rules: HPAScalingRules, current: number, of: (policy: HPAScalingPolicy) => number, direction: 'up' | 'down'): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const proposals = (rules.policies ?? []).map(of);
  // The policy that changes most is the one that gives the largest count going up and the smallest going down.
  const widest = (rules.selectPolicy !== 'Min') === (direction === 'up');
  return widest ? Math.max(...proposals) : Math.min(...proposals);
}

/** The largest count that the rules allow now. */
export function upLimit(rules: HPAScalingRules, current: number, history: ScaleHistory, nowMs: number): number {
  return selected(rules, current, (policy) => {
    const start = current - changeWithin(history.up, policy.periodSeconds, nowMs) + changeWithin(history.down, policy.periodSeconds, nowMs);
    return policy.type === 'Pods' ? start + policy.value : Math.ceil(Number((start * (1 + policy.value / 100)).toPrecision(15)));
  }, 'up');
}

/** The smallest count that the rules allow now. */
export function downLimit(rules: HPAScalingRules, current: number, history: ScaleHistory, nowMs: number): number {
  return selected(rules, current, (policy) => {
    const start = current - changeWithin(history.up, policy.periodSeconds, nowMs) + changeWithin(history.down, policy.periodSeconds, nowMs);
    return policy.type === 'Pods' ? start - policy.value : Math.trunc(Number((start * (1 - policy.value / 100)).toPrecision(15)));
  }, 'down');
}

function stabilize(current: number, wanted: number, history: ScaleHistory, upMs: number, downMs: number, nowMs: number): Pick<Limited, 'replicas' | 'stabilized'> {
  let lowest = wanted;
  let highest = wanted;
  for (const { replicas, atMs } of history.recommendations) {
    if (atMs > nowMs - upMs) lowest = Math.min(lowest, replicas);
    if (atMs > nowMs - downMs) highest = Math.max(highest, replicas);
  }
  let replicas = current;
  if (replicas < lowest) replicas = lowest;
  if (replicas > highest) replicas = highest;
  if (replicas === wanted) return { replicas, stabilized: unchanged };
  return { replicas, stabilized: wanted >= current ? heldDown : heldUp };
}

function withoutBehavior(current: number, wanted: number, min: number, max: number, history: ScaleHistory, nowMs: number, stabilizationMs: number): Limited {
  const highest = Math.max(wanted, ...history.recommendations.filter(({ atMs }) => atMs > nowMs - stabilizationMs).map(({ replicas }) => replicas));
  const stabilized = highest === wanted ? unchanged : heldUp;
  const rate = Math.max(upFactor * current, upAtLeast);
  const ceiling = Math.min(max, rate);
  if (highest < min) return { replicas: min, stabilized, limited: tooFew };
  if (highest > ceiling) return { replicas: ceiling, stabilized, limited: max > rate ? tooFast : tooMany };
  return { replicas: highest, stabilized, limited: inRange };
}

/** What becomes of a wanted count. */
export function limitReplicas(autoscaler: HorizontalPodAutoscaler, current: number, wanted: number, history: ScaleHistory, nowMs: number, stabilizationMs = downscaleStabilizationMs): Limited {
  const { minReplicas: min = 1, maxReplicas: max, behavior } = autoscaler.spec;
  if (!behavior?.scaleUp || !behavior.scaleDown) return withoutBehavior(current, wanted, min, max, history, nowMs, stabilizationMs);
  const { scaleUp, scaleDown } = behavior;
  const downMs = scaleDown.stabilizationWindowSeconds === undefined ? stabilizationMs : scaleDown.stabilizationWindowSeconds * 1000;
  const { replicas, stabilized } = stabilize(current, wanted, history, (scaleUp.stabilizationWindowSeconds ?? 0) * 1000, downMs, nowMs);
  if (replicas > current) {
    const rate = Math.max(current, upLimit(scaleUp, current, history, nowMs));
    const ceiling = Math.min(max, rate);
    return replicas > ceiling ? { replicas: ceiling, stabilized, limited: max > rate ? tooFast : tooMany } : { replicas, stabilized, limited: inRange };
  }
  if (replicas < current) {
    const rate = Math.min(current, downLimit(scaleDown, current, history, nowMs));
    const floor = Math.max(min, rate);
    return replicas < floor ? { replicas: floor, stabilized, limited: min < rate ? tooFastDown : tooFew } : { replicas, stabilized, limited: inRange };
  }
  return { replicas, stabilized, limited: inRange };
}

const longestWindowMs = 3_600_000;

/** The history after a round, without what no window reaches any more. */
export function remember(history: ScaleHistory, current: number, wanted: number | undefined, next: number | undefined, nowMs: number): ScaleHistory {
  const recent = <T extends { atMs: number }>(entries: readonly T[]): T[] => entries.filter(({ atMs }) => atMs > nowMs - longestWindowMs);
  const first = history.recommendations.length === 0 ? [{ replicas: current, atMs: nowMs }] : history.recommendations;
  return {
    recommendations: recent(wanted === undefined ? first : [...first, { replicas: wanted, atMs: nowMs }]),
    up: recent(next !== undefined && next > current ? [...history.up, { replicas: next - current, atMs: nowMs }] : history.up),
    down: recent(next !== undefined && next < current ? [...history.down, { replicas: current - next, atMs: nowMs }] : history.down),
  };
}
