/**
 * How many replicas a metric asks for. Pure: pods, samples and targets in, a count out. Amounts are thousandths, as whole numbers.
 */
import { getPodCondition, isPodReady, podPhase } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { quantityToMilli } from '../../api/meta/quantity.ts';
import { parseTime } from '../../api/meta/time.ts';

/** What a metrics API said of a pod. */
export interface PodSample {
  milli: number;
  /** When the window ended. */
  timestampMs: number;
  windowMs: number;
}

export type Samples = ReadonlyMap<string, PodSample>;

/** How far usage may be off the target before anything is done, as a share: 0.1 is a tenth. */
export interface Tolerance {
  up: number;
  down: number;
}

export interface ReplicaTiming {
  /** A pod this young may be busy with starting: its processor use counts only once it is ready. Default 5 min. */
  cpuInitializationMs: number;
  /** A pod that was never ready and turned unready this soon after its start is still starting. Default 30 s. */
  initialReadinessDelayMs: number;
}

export interface Proposal {
  replicas: number;
  /** Percent of the request, for utilization targets. */
  utilization?: number;
  /** The average over pods, or the metric's value. */
  milli: number;
}

export class MetricError extends Error {}

const within = (ratio: number, tolerance: Tolerance): boolean => 1 - tolerance.down <= ratio && ratio <= 1 + tolerance.up;
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
/** Binary fractions must not turn 3.0000000000000004 into four. */
const roundUp = (value: number): number => Math.ceil(Number(value.toPrecision(15)));

interface Groups {
  ready: number;
  unready: string[];
  missing: string[];
  ignored: string[];
}

function isStarting(pod: Pod, sample: PodSample, timing: ReplicaTiming, nowMs: number): boolean {
  const condition = getPodCondition(pod, 'Ready');
  const startTime = pod.status?.startTime;
  if (!condition || !startTime) return true;
  const startMs = parseTime(startTime);
  const changedMs = condition.lastTransitionTime ? parseTime(condition.lastTransitionTime) : 0;
  if (startMs + timing.cpuInitializationMs > nowMs) {
    // A window that reaches back to before it was ready says more about starting than about serving.
    return condition.status === 'False' || sample.timestampMs < changedMs + sample.windowMs;
  }
  return condition.status === 'False' && startMs + timing.initialReadinessDelayMs > changedMs;
}

/** Pods by what can be said of them: ready and measured, not ready yet, not measured, and those that do not count at all. */
export function groupPods(pods: readonly Pod[], samples: Samples, resource: string | undefined, timing: ReplicaTiming, nowMs: number): Groups {
  const groups: Groups = { ready: 0, unready: [], missing: [], ignored: [] };
  for (const pod of pods) {
    const name = pod.metadata.name!;
    const sample = samples.get(name);
    if (pod.metadata.deletionTimestamp || podPhase(pod) === 'Failed') groups.ignored.push(name);
    else if (podPhase(pod) === 'Pending') groups.unready.push(name);
    else if (!sample) groups.missing.push(name);
    else if (resource === 'cpu' && isStarting(pod, sample, timing, nowMs)) groups.unready.push(name);
    else groups.ready++;
  }
  return groups;
}

/** What each pod asks for of a resource; a container without a request makes utilization meaningless. */
export function podRequests(pods: readonly Pod[], resource: string, container: string | undefined): Map<string, number> {
  const requests = new Map<string, number>();
  for (const pod of pods) {
    const podLevel = container === undefined ? pod.spec?.resources?.requests?.[resource] : undefined;
    if (podLevel !== undefined) {
      requests.set(pod.metadata.name!, quantityToMilli(podLevel));
      continue;
    }
    let total = 0;
    const sidecars = (pod.spec?.initContainers ?? []).filter((each) => each.restartPolicy === 'Always');
    for (const each of [...(pod.spec?.containers ?? []), ...sidecars]) {
      if (container !== undefined && each.name !== container) continue;
      const request = each.resources?.requests?.[resource];
      if (request === undefined) throw new MetricError(`missing request for ${resource} in container ${each.name} of Pod ${pod.metadata.name}`);
      total += quantityToMilli(request);
    }
    requests.set(pod.metadata.name!, total);
  }
  return requests;
}

export interface PodsQuestion {
  currentReplicas: number;
  /** Those that the target's selector finds. */
  pods: readonly Pod[];
  samples: Samples;
  tolerance: Tolerance;
  timing: ReplicaTiming;
  nowMs: number;
  resource?: string;
}

/** Usage over target, and what to say of it. */
type Ratio = (samples: ReadonlyMap<string, number>) => { ratio: number; milli: number; utilization?: number };

/**
 * The rule that all metrics of pods share. Unmeasured pods count as if they used all (when shrinking) or nothing (when growing), pods that
 * are not ready as using nothing when growing: so what is not known never makes the change larger.
 */
function replicasOf(question: PodsQuestion, ratioOf: Ratio, whenMissing: (pod: string) => number): Proposal {
  const { currentReplicas, pods, tolerance } = question;
  if (pods.length === 0) throw new MetricError('no pods returned by selector while calculating replica count');
  const groups = groupPods(pods, question.samples, question.resource, question.timing, question.nowMs);
  const measured = new Map([...question.samples].map(([name, sample]) => [name, sample.milli]));
  for (const name of [...groups.ignored, ...groups.unready]) measured.delete(name);
  if (measured.size === 0) throw new MetricError('did not receive metrics for targeted pods (pods might be unready)');
  const seen = ratioOf(measured);
  const proposal = { milli: seen.milli, ...(seen.utilization === undefined ? {} : { utilization: seen.utilization }) };
  const growsPastUnready = groups.unready.length > 0 && seen.ratio > 1;
  if (!growsPastUnready && groups.missing.length === 0) {
    if (within(seen.ratio, tolerance)) return { ...proposal, replicas: currentReplicas };
    return { ...proposal, replicas: roundUp(seen.ratio * groups.ready) };
  }
  for (const name of groups.missing) {
    if (seen.ratio < 1) measured.set(name, whenMissing(name));
    else if (seen.ratio > 1) measured.set(name, 0);
  }
  if (growsPastUnready) for (const name of groups.unready) measured.set(name, 0);
  const { ratio } = ratioOf(measured);
  const turned = (seen.ratio < 1 && ratio > 1) || (seen.ratio > 1 && ratio < 1);
  if (within(ratio, tolerance) || turned) return { ...proposal, replicas: currentReplicas };
  const replicas = roundUp(ratio * measured.size);
  const wrongWay = (ratio < 1 && replicas > currentReplicas) || (ratio > 1 && replicas < currentReplicas);
  return { ...proposal, replicas: wrongWay ? currentReplicas : replicas };
}

/** For a target of so many percent of what pods ask for. */
export function utilizationReplicas(question: PodsQuestion & { resource: string; container?: string }, targetPercent: number): Proposal {
  if (question.pods.length === 0) throw new MetricError('no pods returned by selector while calculating replica count');
  const requests = podRequests(question.pods, question.resource, question.container);
  const ratioOf: Ratio = (samples) => {
    const known = [...samples].filter(([name]) => requests.has(name));
    const asked = sum(known.map(([name]) => requests.get(name)!));
    if (asked === 0) throw new MetricError('no metrics returned matched known pods');
    const used = sum(known.map(([, milli]) => milli));
    const utilization = Math.trunc((used * 100) / asked);
    return { ratio: utilization / targetPercent, utilization, milli: Math.trunc(used / known.length) };
  };
  return replicasOf(question, ratioOf, (name) => Math.trunc((requests.get(name)! * Math.max(100, targetPercent)) / 100));
}

/** For a target of so much a pod. */
export function averageReplicas(question: PodsQuestion, targetMilli: number): Proposal {
  const ratioOf: Ratio = (samples) => {
    const milli = Math.trunc(sum(samples.values()) / samples.size);
    return { ratio: milli / targetMilli, milli };
  };
  return replicasOf(question, ratioOf, () => targetMilli);
}

/** For one value of one thing (an object, a queue), with a target for it. */
export function valueReplicas(currentReplicas: number, milli: number, targetMilli: number, tolerance: Tolerance, pods: readonly Pod[]): Proposal {
  const ratio = milli / targetMilli;
  if (currentReplicas === 0) return { replicas: roundUp(ratio), milli };
  if (within(ratio, tolerance)) return { replicas: currentReplicas, milli };
  if (pods.length === 0) throw new MetricError('unable to calculate ready pods: no pods returned by selector while calculating replica count');
  const ready = pods.filter((pod) => podPhase(pod) === 'Running' && isPodReady(pod)).length;
  return { replicas: roundUp(ratio * ready), milli };
}

/** For one value that the replicas share, with a target for each one's share. */
export function sharedReplicas(statusReplicas: number, milli: number, targetMilli: number, tolerance: Tolerance): Proposal {
  const ratio = statusReplicas === 0 ? Infinity : milli / (targetMilli * statusReplicas);
  const replicas = statusReplicas > 0 && within(ratio, tolerance) ? statusReplicas : roundUp(milli / targetMilli);
  return { replicas, milli: statusReplicas === 0 ? milli : Math.ceil(milli / statusReplicas) };
}
