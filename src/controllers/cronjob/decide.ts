/**
 * The CronJob contract: at each time of its schedule one Job, named after that time so that it is made once however often it is tried; never two
 * at once under Forbid; of several times that were missed only the last is made up for.
 */
import type { CronJob, CronJobStatus, Job } from '../../api/batch/v1/types.ts';
import type { ObjectReference } from '../../api/core/v1/types.ts';
import { isTerminating, ownerReference } from '../../api/meta/objects.ts';
import { formatTime } from '../../api/meta/time.ts';
import { CronJobs } from '../../api/resources.ts';
import { manyMissed, mostRecent, parseSchedule, zoneOf, type Schedule } from './schedule.ts';

export const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** Work begins a little after the time, so that clocks that differ slightly agree on it. */
const skewMs = 100;

export interface CronEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

export interface CronDecision {
  /** Finished jobs over the limits. */
  remove: Job[];
  /** Running jobs that the next one replaces. */
  replace: Job[];
  create?: { job: Job; atMs: number };
  status: CronJobStatus;
  events: CronEvent[];
  afterMs?: number;
}

export interface CronSnapshot {
  cronJob: CronJob;
  /** Those that it controls. */
  jobs: readonly Job[];
}

export function finishOf(job: Job): { type: 'Complete' | 'Failed'; at: string } | undefined {
  const condition = (job.status?.conditions ?? []).find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');
  return condition && { type: condition.type as 'Complete' | 'Failed', at: condition.lastTransitionTime ?? '' };
}

export function referenceTo(job: Job): ObjectReference {
  return { kind: 'Job', apiVersion: 'batch/v1', name: job.metadata.name, namespace: job.metadata.namespace, uid: job.metadata.uid, resourceVersion: job.metadata.resourceVersion };
}

const byStart = (a: Job, b: Job): number => {
  const [left, right] = [a.status?.startTime ?? '', b.status?.startTime ?? ''];
  return left === right ? (a.metadata.name! < b.metadata.name! ? -1 : 1) : left < right ? -1 : 1;
};

function overLimit(cronJob: CronJob, jobs: readonly Job[]): Job[] {
  const surplus = (type: 'Complete' | 'Failed', limit: number | undefined): Job[] => {
    if (limit === undefined) return [];
    const finished = jobs.filter((job) => finishOf(job)?.type === type && !isTerminating(job)).sort(byStart);
    return finished.slice(0, Math.max(0, finished.length - limit));
  };
  return [...surplus('Complete', cronJob.spec.successfulJobsHistoryLimit), ...surplus('Failed', cronJob.spec.failedJobsHistoryLimit)];
}

/** Brings the list of running jobs up to date. */
function settle(cronJob: CronJob, jobs: readonly Job[], events: CronEvent[]): CronJobStatus {
  const status: CronJobStatus = { ...cronJob.status };
  const byUid = new Map(jobs.map((job) => [job.metadata.uid, job]));
  const active: ObjectReference[] = [];
  for (const reference of cronJob.status?.active ?? []) {
    const job = byUid.get(reference.uid);
    if (!job) events.push({ type: 'Normal', reason: 'MissingJob', message: `Active job went missing: ${reference.name}` });
    else if (finishOf(job)) events.push({ type: 'Normal', reason: 'SawCompletedJob', message: `Saw completed job: ${reference.name}, condition: ${finishOf(job)!.type}` });
    else active.push(reference);
  }
  for (const job of [...jobs].sort(byStart)) {
    const finish = finishOf(job);
    if (finish?.type === 'Complete' && finish.at > (status.lastSuccessfulTime ?? '')) status.lastSuccessfulTime = finish.at;
    if (finish || active.some((reference) => reference.uid === job.metadata.uid)) continue;
    // One that was made and not noted down: the note was lost, not the job.
    active.push(referenceTo(job));
  }
  if (active.length > 0) status.active = active;
  else delete status.active;
  return status;
}

/** The job of one time. Its name ends in that time's minute since 1970. */
export function jobFor(cronJob: CronJob, atMs: number): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${cronJob.metadata.name}-${Math.floor(atMs / 60_000)}`,
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels ? { labels: { ...metadata.labels } } : {}),
      annotations: { ...metadata?.annotations, [scheduledAnnotation]: formatTime(atMs) },
      ownerReferences: [ownerReference(cronJob, CronJobs)],
    },
    spec: structuredClone(spec),
  };
}

function scheduleOf(cronJob: CronJob, events: CronEvent[]): Schedule | undefined {
  const { schedule, timeZone } = cronJob.spec;
  try {
    zoneOf(timeZone);
  } catch {
    events.push({ type: 'Warning', reason: 'UnknownTimeZone', message: `invalid timeZone: "${timeZone}": unknown time zone ${timeZone}` });
    return undefined;
  }
  try {
    return parseSchedule(schedule, timeZone);
  } catch (error) {
    events.push({ type: 'Warning', reason: 'UnparseableSchedule', message: `unparseable schedule: "${schedule}" : ${(error as Error).message}` });
    return undefined;
  }
}

/** What to do now, and when to look again. */
export function decideCronJob({ cronJob, jobs }: CronSnapshot, nowMs: number): CronDecision {
  const events: CronEvent[] = [];
  const decision: CronDecision = { remove: overLimit(cronJob, jobs), replace: [], status: settle(cronJob, jobs, events), events };
  if (isTerminating(cronJob) || cronJob.spec.suspend) return decision;
  const schedule = scheduleOf(cronJob, events);
  if (!schedule) return decision;
  const next = schedule.next(nowMs);
  if (next !== undefined) decision.afterMs = next - nowMs + skewMs;
  const deadlineMs = cronJob.spec.startingDeadlineSeconds === undefined ? undefined : Number(cronJob.spec.startingDeadlineSeconds) * 1000;
  const since = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? '') || nowMs;
  const earliest = deadlineMs === undefined ? since : Math.max(since, nowMs - deadlineMs);
  const { atMs, missed } = mostRecent(schedule, earliest, nowMs);
  if (missed > manyMissed) events.push({ type: 'Warning', reason: 'TooManyMissedTimes', message: `too many missed start times: ${missed}. Set or decrease .spec.startingDeadlineSeconds or check clock skew` });
  if (atMs === undefined) return decision;
  if (deadlineMs !== undefined && atMs + deadlineMs < nowMs) {
    events.push({ type: 'Warning', reason: 'MissSchedule', message: `Missed scheduled time to start a job: ${formatTime(atMs)}` });
    return decision;
  }
  const job = jobFor(cronJob, atMs);
  const active = decision.status.active ?? [];
  if (active.some((reference) => reference.name === job.metadata.name)) return decision;
  if (active.length > 0 && cronJob.spec.concurrencyPolicy === 'Forbid') {
    events.push({ type: 'Normal', reason: 'JobAlreadyActive', message: 'Not starting job because prior execution is running and concurrency policy is Forbid' });
    return decision;
  }
  if (cronJob.spec.concurrencyPolicy === 'Replace') decision.replace = jobs.filter((each) => active.some((reference) => reference.uid === each.metadata.uid));
  decision.create = { job, atMs };
  return decision;
}
