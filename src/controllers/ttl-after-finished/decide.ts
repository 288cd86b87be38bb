import type { Job } from '../../api/batch/v1/types.ts';
import { parseTime } from '../../api/meta/time.ts';

export type FinishedAction = { delete: true } | { afterMs: number } | undefined;

/** When the job ended: the moment its terminal condition turned true. */
export function finishedMs(job: Job): number | undefined {
  const end = job.status?.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');
  return end?.lastTransitionTime ? parseTime(end.lastTransitionTime) : undefined;
}

/** Whether a finished job's time is over, or how long it still has. */
export function decideFinished(job: Job | undefined, nowMs: number): FinishedAction {
  const ttl = job?.spec?.ttlSecondsAfterFinished;
  if (!job || ttl === undefined || job.metadata.deletionTimestamp) return undefined;
  const endedMs = finishedMs(job);
  if (endedMs === undefined) return undefined;
  const afterMs = endedMs + ttl * 1000 - nowMs;
  return afterMs > 0 ? { afterMs } : { delete: true };
}
