/**
 * What an autoscaler does next: pure. The metrics have been judged already (`metrics.ts`), the counts come from `replicas.ts`, and how far
 * and fast the count may move from `limits.ts`.
 */
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition, HorizontalPodAutoscalerStatus, MetricStatus } from '../../api/autoscaling/v2/types.ts';
import { setCondition } from '../../api/core/v1/pods.ts';
import { formatTime } from '../../api/meta/time.ts';
import { limitReplicas, remember, type ScaleHistory } from './limits.ts';

export type MetricResult = { replicas: number; name: string; status: MetricStatus } | { reason: string; prefix: string; message: string };

export interface AutoscalerSnapshot {
  autoscaler: HorizontalPodAutoscaler;
  /** Of the target's scale: spec.replicas. */
  currentReplicas: number;
  /** Empty when `needsMetrics` says so. */
  results: readonly MetricResult[];
  history: ScaleHistory;
  /** How long a lower count waits where the autoscaler does not say. Default 5 min. */
  downscaleStabilizationMs?: number | undefined;
}

export interface AutoscalerDecision {
  /** The count to write to the scale; absent: leave it. */
  rescale?: { replicas: number; reason: string };
  status: HorizontalPodAutoscalerStatus;
  events: { reason: string; message: string }[];
  history: ScaleHistory;
  /** Metrics could not be read: back off as after an error. */
  failed?: string;
}

type Condition = Omit<HorizontalPodAutoscalerCondition, 'lastTransitionTime'>;

type Good = Extract<MetricResult, { status: unknown }>;
type Bad = Exclude<MetricResult, Good>;
const isGood = (result: MetricResult): result is Good => 'status' in result;

/** Whether the count follows from metrics at all: not for a target at zero, and not outside minimum and maximum. */
export function needsMetrics(autoscaler: HorizontalPodAutoscaler, currentReplicas: number): boolean {
  const { minReplicas: min = 1, maxReplicas: max } = autoscaler.spec;
  return !(currentReplicas === 0 && min !== 0) && currentReplicas <= max && currentReplicas >= min;
}

/** The status with conditions put in; what did not change stays as it was. */
export function statusWith(autoscaler: HorizontalPodAutoscaler, change: Partial<HorizontalPodAutoscalerStatus>, conditions: readonly Condition[], nowMs: number): HorizontalPodAutoscalerStatus {
  const before = autoscaler.status;
  const now = formatTime(nowMs);
  return {
    ...(before?.lastScaleTime ? { lastScaleTime: before.lastScaleTime } : {}),
    ...(before?.currentReplicas === undefined ? {} : { currentReplicas: before.currentReplicas }),
    desiredReplicas: before?.desiredReplicas ?? 0,
    ...(before?.currentMetrics ? { currentMetrics: before.currentMetrics } : {}),
    observedGeneration: autoscaler.metadata.generation,
    ...change,
    conditions: conditions.reduce<HorizontalPodAutoscalerCondition[]>((list, condition) => setCondition(list, condition, now), before?.conditions ?? []),
  };
}

const canGetScale: Condition = { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale', message: "the HPA controller was able to get the target's current scale" };

interface Wanted {
  replicas?: number;
  name: string;
  statuses: MetricStatus[];
  condition: Condition;
  events: AutoscalerDecision['events'];
  failed?: string;
}

/** The largest count that a metric asks for; a failing metric never makes the target shrink. */
function wantedByMetrics(results: readonly MetricResult[], currentReplicas: number): Wanted {
  const good = results.filter(isGood);
  const bad = results.filter((result): result is Bad => !isGood(result));
  const largest = good.reduce<Good | undefined>((best, each) => (!best || each.replicas > best.replicas ? each : best), undefined);
  const statuses = good.map((each) => each.status);
  const events = bad.map(({ reason, message }) => ({ reason, message }));
  const [first] = bad;
  if (first && (!largest || largest.replicas < currentReplicas)) {
    const failed = `invalid metrics (${bad.length} invalid out of ${results.length}), first error is: ${first.prefix === '' ? '' : `${first.prefix}: `}${first.message}`;
    return { name: '', statuses, events, failed, condition: { type: 'ScalingActive', status: 'False', reason: first.reason, message: `the HPA was unable to compute the replica count: ${first.message}` } };
  }
  return {
    replicas: largest!.replicas, name: largest!.name, statuses, events,
    condition: { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message: `the HPA was able to successfully calculate a replica count from ${largest!.name}` },
  };
}

function decided(snapshot: AutoscalerSnapshot, to: number, reason: string, conditions: readonly Condition[], rest: Partial<AutoscalerDecision>, statuses: MetricStatus[] | undefined, nowMs: number): AutoscalerDecision {
  const { autoscaler, currentReplicas, history } = snapshot;
  const rescale = to === currentReplicas ? undefined : { replicas: to, reason };
  const change: Partial<HorizontalPodAutoscalerStatus> = { currentReplicas, desiredReplicas: to, ...(statuses ? { currentMetrics: statuses } : {}) };
  return { status: statusWith(autoscaler, change, conditions, nowMs), events: [], history, ...(rescale ? { rescale } : {}), ...rest };
}

export function decideAutoscaler(snapshot: AutoscalerSnapshot, nowMs: number): AutoscalerDecision {
  const { autoscaler, currentReplicas, results } = snapshot;
  const { minReplicas: min = 1, maxReplicas: max } = autoscaler.spec;
  if (!needsMetrics(autoscaler, currentReplicas)) {
    if (currentReplicas === 0 && min !== 0) {
      const disabled: Condition = { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message: 'scaling is disabled since the replica count of the target is zero' };
      return decided(snapshot, 0, '', [canGetScale, disabled], {}, undefined, nowMs);
    }
    const to = currentReplicas > max ? max : min;
    const history = remember(snapshot.history, currentReplicas, undefined, to, nowMs);
    return decided(snapshot, to, currentReplicas > max ? 'Current number of replicas above Spec.MaxReplicas' : 'Current number of replicas below Spec.MinReplicas', [canGetScale], { history }, undefined, nowMs);
  }
  const first = remember(snapshot.history, currentReplicas, undefined, undefined, nowMs);
  const wanted = wantedByMetrics(results, currentReplicas);
  if (wanted.replicas === undefined) {
    const events = [...wanted.events, { reason: 'FailedComputeMetricsReplicas', message: wanted.failed! }];
    const status = statusWith(autoscaler, { currentReplicas, ...(wanted.statuses.length > 0 ? { currentMetrics: wanted.statuses } : {}) }, [canGetScale, wanted.condition], nowMs);
    return { status, events, history: first, failed: wanted.failed! };
  }
  const { replicas, stabilized, limited } = limitReplicas(autoscaler, currentReplicas, wanted.replicas, first, nowMs, snapshot.downscaleStabilizationMs);
  const reason = wanted.replicas > currentReplicas ? `${wanted.name} above target` : 'All metrics below target';
  const conditions: Condition[] = [
    canGetScale, wanted.condition,
    { type: 'AbleToScale', status: 'True', ...stabilized },
    { type: 'ScalingLimited', ...limited },
  ];
  const history = remember(first, currentReplicas, wanted.replicas, replicas, nowMs);
  return decided(snapshot, replicas, reason, conditions, { history, events: wanted.events }, wanted.statuses, nowMs);
}
