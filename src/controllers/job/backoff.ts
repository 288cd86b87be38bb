/**
 * How long a job waits before it tries again after failures: 10 s after the first, twice as long each time, 10 minutes at most. Worked out from
 * the pods that are there, so that a restart of the controller forgets nothing.
 */
import type { Job } from '../../api/batch/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { parseTime } from '../../api/meta/time.ts';
import { isFailed } from './policies.ts';

export const FAILURE_BACKOFF_MS = 10_000;
export const MAX_FAILURE_BACKOFF_MS = 10 * 60_000;
export const FAILURE_COUNT_ANNOTATION = 'batch.kubernetes.io/job-index-failure-count';
export const IGNORED_FAILURE_COUNT_ANNOTATION = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** When the pod ended: its last container's end, or the beginning of its deletion; its creation where nothing better is known. */
export function finishedAtMs(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map((status) => status.state?.terminated?.finishedAt).filter((time) => time !== undefined && time !== null);
  if (ends.length > 0) return Math.max(...ends.map(parseTime));
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready' && condition.status === 'False')?.lastTransitionTime;
  const time = pod.metadata.deletionTimestamp ?? ready ?? pod.metadata.creationTimestamp;
  return time ? parseTime(time) : 0;
}

const delayMs = (failures: number): number => Math.min(FAILURE_BACKOFF_MS * 2 ** Math.min(failures - 1, 30), MAX_FAILURE_BACKOFF_MS);

/** Milliseconds that new pods must still wait, because of failures since the last success; 0 when they need not. */
export function backoffMs(job: Job, pods: readonly Pod[], nowMs: number): number {
  const lastSuccess = Math.max(-Infinity, ...pods.filter((pod) => pod.status?.phase === 'Succeeded').map(finishedAtMs));
  const failures = pods.filter((pod) => isFailed(job, pod)).map(finishedAtMs).filter((at) => at > lastSuccess);
  if (failures.length === 0) return 0;
  return Math.max(0, Math.max(...failures) + delayMs(failures.length) - nowMs);
}

const count = (pod: Pod, annotation: string): number => {
  const text = pod.metadata.annotations?.[annotation];
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : 0;
};

/** Failures of the pod's index before this pod: those that count, and those that a policy ignored. */
export function indexFailures(pod: Pod): { counted: number; ignored: number } {
  return { counted: count(pod, FAILURE_COUNT_ANNOTATION), ignored: count(pod, IGNORED_FAILURE_COUNT_ANNOTATION) };
}

/** The same for one index, whose last failed pod is known. */
export function indexBackoffMs(last: Pod | undefined, nowMs: number): number {
  if (!last) return 0;
  const { counted, ignored } = indexFailures(last);
  return Math.max(0, finishedAtMs(last) + delayMs(counted + ignored + 1) - nowMs);
}
