/**
 * The Job contract: pods run until so many have succeeded as `completions` says, at most `parallelism` at a time; failures are tried again,
 * more slowly each time, until one of the limits says that the job has failed. Every pod is counted once: a finished pod keeps a finalizer
 * until the status names it (`uncountedTerminatedPods`), then loses it, and only then becomes part of the count. Each step can be repeated
 * after a crash without counting twice (KEP-2307). The final condition comes last, when all pods are counted and gone.
 */
import type { Job, JobCondition, JobStatus } from '../../api/batch/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { getCondition, isConditionTrue, isPodActive, isPodReady, isPodTerminating, restartCountOf } from '../../api/core/v1/pods.ts';
import { isTerminating } from '../../api/meta/objects.ts';
import { formatTime, parseTime } from '../../api/meta/time.ts';
import { podsToDelete } from '../shared/pod-ranking.ts';
import { backoffMs, finishedAtMs, indexBackoffMs, indexFailures } from './backoff.ts';
import { firstFreeIndexes, formatIndexes, indexOfPod, parseIndexes } from './indexes.ts';
import { isIndexed, isTracked } from './pods.ts';
import { isFailed, judgeFailure, judgeSuccess, onlyReplacesFailed } from './policies.ts';

/** Pods created or deleted in one go at most. */
export const BURST_LIMIT = 500;
/** Pods that the status names as uncounted at most. */
export const MAX_UNCOUNTED_PODS = 500;

export interface JobSnapshot {
  job: Job;
  /** Pods that it manages, finished and terminating ones included. */
  pods: readonly Pod[];
  /** False while pods that were asked for or deleted have not been seen so: nothing is created or deleted then. */
  upToDate: boolean;
}

/** What a look at a job has led to, as metrics name it. */
export type SyncAction = 'reconciling' | 'tracking' | 'pods_created' | 'pods_deleted';

export interface JobActions {
  action: SyncAction;
  create: { index?: number; replaces?: Pod }[];
  delete: Pod[];
  /** Deleted pods are counted as failed (the job ends) or not (there were too many, or the job is suspended). */
  deletedCount: boolean;
  /** The status to store, before any finalizer is taken off. */
  status: JobStatus;
  removeFinalizer: Pod[];
  /** Failed pods that a rule of the pod failure policy has judged, and that the status does not name yet. */
  judged: { uid: string; action: string }[];
  events: { type: 'Normal' | 'Warning'; reason: string; message: string }[];
  /** Look again after so long, though nothing happens. */
  afterMs?: number;
}

export const isFinished = (job: Job): boolean => isConditionTrue(job.status?.conditions, 'Complete') || isConditionTrue(job.status?.conditions, 'Failed');

function condition(type: string, status: 'True' | 'False', reason: string, message: string, nowMs: number): JobCondition {
  const time = formatTime(nowMs);
  return { type, status, lastProbeTime: time, lastTransitionTime: time, ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}

/** All that is counted before deciding. */
interface Tally {
  job: Job;
  pods: readonly Pod[];
  active: Pod[];
  terminating: number;
  completions: number | undefined;
  /** Counted, named and just seen, together. */
  succeeded: number;
  failed: number;
  succeededIndexes: Set<number>;
  storedIndexes: Set<number>;
  failedIndexes: Set<number> | undefined;
  /** Failed pods by index that stay until their successor is there, so that it can take over their failure count. */
  delayed: Map<number, Pod>;
}

const hasValidIndex = (job: Job, pod: Pod): boolean => !isIndexed(job) || (indexOfPod(pod) ?? Infinity) < (job.spec?.completions ?? 0);

function failedIndex(job: Job, pod: Pod): boolean {
  if (!isFailed(job, pod)) return false;
  const verdict = judgeFailure(job.spec?.podFailurePolicy, pod);
  if (verdict.action === 'FailIndex') return true;
  return verdict.counts && indexFailures(pod).counted >= job.spec!.backoffLimitPerIndex!;
}

function tallyIndexes(tally: Tally): void {
  const { job, pods } = tally;
  const completions = tally.completions ?? 0;
  tally.storedIndexes = parseIndexes(job.status?.completedIndexes, completions);
  tally.succeededIndexes = new Set(tally.storedIndexes);
  const tracked = pods.filter((pod) => isTracked(pod) && hasValidIndex(job, pod));
  for (const pod of tracked) if (pod.status?.phase === 'Succeeded') tally.succeededIndexes.add(indexOfPod(pod)!);
  tally.succeeded = tally.succeededIndexes.size;
  if (job.spec?.backoffLimitPerIndex === undefined) return;
  tally.failedIndexes = parseIndexes(job.status?.failedIndexes, completions);
  for (const pod of tracked) if (failedIndex(job, pod)) tally.failedIndexes.add(indexOfPod(pod)!);
  const activeIndexes = new Set(tally.active.map(indexOfPod));
  const total = (pod: Pod): number => indexFailures(pod).counted + indexFailures(pod).ignored;
  for (const pod of tracked) {
    const index = indexOfPod(pod)!;
    if (!isFailed(job, pod) || tally.succeededIndexes.has(index) || tally.failedIndexes.has(index) || activeIndexes.has(index)) continue;
    const other = tally.delayed.get(index);
    if (!other || (total(pod) >= total(other) && finishedAtMs(pod) >= finishedAtMs(other))) tally.delayed.set(index, pod);
  }
}

function tallyUp({ job, pods }: JobSnapshot): Tally {
  const uncounted = job.status?.uncountedTerminatedPods;
  const fresh = (named: readonly string[] | undefined) => (pod: Pod): boolean => isTracked(pod) && hasValidIndex(job, pod) && !named?.includes(pod.metadata.uid!);
  const newlySucceeded = pods.filter(fresh(uncounted?.succeeded)).filter((pod) => pod.status?.phase === 'Succeeded');
  const newlyFailed = pods.filter(fresh(uncounted?.failed)).filter((pod) => isFailed(job, pod) && judgeFailure(job.spec?.podFailurePolicy, pod).counts);
  const tally: Tally = {
    job, pods,
    active: pods.filter(isPodActive),
    terminating: pods.filter(isPodTerminating).length,
    completions: job.spec?.completions,
    succeeded: (job.status?.succeeded ?? 0) + newlySucceeded.length + (uncounted?.succeeded?.length ?? 0),
    failed: (job.status?.failed ?? 0) + newlyFailed.length + (uncounted?.failed?.length ?? 0),
    succeededIndexes: new Set(), storedIndexes: new Set(), failedIndexes: undefined, delayed: new Map(),
  };
  if (isIndexed(job)) tallyIndexes(tally);
  return tally;
}

/** With restartPolicy OnFailure the kubelet tries again within a pod: its restarts are the failures. */
function restartsExceedLimit({ job, pods }: Tally): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  const limit = job.spec.backoffLimit ?? 6;
  const restarts = pods.filter((pod) => pod.status?.phase === 'Running' || pod.status?.phase === 'Pending').reduce((sum, pod) => sum + restartCountOf(pod), 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Milliseconds until activeDeadlineSeconds are over; undefined when the job has no such limit or does not run. */
function deadlineMs(job: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec ?? {};
  if (activeDeadlineSeconds === undefined || suspend) return undefined;
  const startedAt = job.status?.startTime ? parseTime(job.status.startTime) : nowMs;
  return startedAt + Number(activeDeadlineSeconds) * 1000 - nowMs;
}

function failurePolicyMessage({ job, pods }: Tally): string | undefined {
  for (const pod of job.spec?.podFailurePolicy ? pods : []) {
    const message = isFailed(job, pod) ? judgeFailure(job.spec!.podFailurePolicy, pod).message : undefined;
    if (message) return message;
  }
  return undefined;
}

/** The interim condition that says how the job is going to end: the one it has, or the first limit that is reached. */
function ending(tally: Tally, nowMs: number): JobCondition | undefined {
  const { job } = tally;
  for (const type of ['SuccessCriteriaMet', 'FailureTarget']) {
    const present = getCondition(job.status?.conditions, type);
    if (present?.status === 'True') return present;
  }
  const fail = (reason: string, message: string): JobCondition => condition('FailureTarget', 'True', reason, message, nowMs);
  const policy = failurePolicyMessage(tally);
  if (policy !== undefined) return fail('PodFailurePolicy', policy);
  if (tally.failed > (job.spec?.backoffLimit ?? 6) || restartsExceedLimit(tally)) return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if ((deadlineMs(job, nowMs) ?? 1) <= 0) return fail('DeadlineExceeded', 'Job was active longer than specified deadline');
  if (tally.failedIndexes) {
    const failed = tally.failedIndexes.size;
    if (failed > (job.spec?.maxFailedIndexes ?? Infinity)) return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
    if (failed > 0 && failed + tally.succeededIndexes.size >= (tally.completions ?? 0)) return fail('FailedIndexes', 'Job has failed indexes');
  }
  if (isIndexed(job)) {
    const met = judgeSuccess(job.spec?.successPolicy, tally.completions ?? 0, tally.succeededIndexes);
    if (met !== undefined) return condition('SuccessCriteriaMet', 'True', 'SuccessPolicy', met, nowMs);
  }
  return undefined;
}

/** Pods of an indexed job beyond the first of each index, and those of no valid index. */
function misplaced({ job, active }: Tally, nowMs: number): Pod[] {
  if (!isIndexed(job)) return [];
  const gone: Pod[] = active.filter((pod) => !hasValidIndex(job, pod) || indexOfPod(pod) === undefined);
  const byIndex = Map.groupBy(active.filter((pod) => !gone.includes(pod)), (pod) => indexOfPod(pod)!);
  for (const same of byIndex.values()) if (same.length > 1) gone.push(...podsToDelete(same, [], same.length - 1, nowMs));
  return gone;
}

function wantedActive({ job, active, succeeded, completions }: Tally): number {
  const parallelism = job.spec?.parallelism ?? 1;
  // Without a number of completions the first success means that no more pods are started.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

type Managed = Pick<JobActions, 'create' | 'delete' | 'afterMs'>;

function createMissing(tally: Tally, count: number, nowMs: number): Managed {
  const { job, pods } = tally;
  if (!isIndexed(job)) {
    const waitMs = backoffMs(job, pods, nowMs);
    return waitMs > 0 ? { create: [], delete: [], afterMs: waitMs } : { create: Array.from({ length: count }, () => ({})), delete: [] };
  }
  const perIndex = job.spec?.backoffLimitPerIndex !== undefined;
  const waitMs = perIndex ? 0 : backoffMs(job, pods, nowMs);
  if (waitMs > 0) return { create: [], delete: [], afterMs: waitMs };
  const blocking = onlyReplacesFailed(job) ? pods.filter((pod) => isPodActive(pod) || isPodTerminating(pod)) : tally.active;
  const taken = new Set([...tally.succeededIndexes, ...(tally.failedIndexes ?? []), ...blocking.map((pod) => indexOfPod(pod) ?? -1)]);
  const free = firstFreeIndexes(count, tally.completions ?? 0, taken);
  const due = free.filter((index) => indexBackoffMs(tally.delayed.get(index), nowMs) === 0);
  const waits = free.filter((index) => !due.includes(index)).map((index) => indexBackoffMs(tally.delayed.get(index), nowMs));
  const create = due.map((index) => {
    const replaces = tally.delayed.get(index);
    return replaces ? { index, replaces } : { index };
  });
  return { create, delete: [], ...(waits.length > 0 ? { afterMs: Math.min(...waits) } : {}) };
}

/** Brings the number of active pods to what is wanted: either creates or deletes. */
function manage(tally: Tally, nowMs: number): Managed {
  const { job, active } = tally;
  if (job.spec?.suspend) return { create: [], delete: active };
  const wanted = wantedActive(tally);
  const gone = misplaced(tally, nowMs);
  const rest = active.filter((pod) => !gone.includes(pod));
  const excess = active.length - wanted - gone.length;
  if (excess > 0) gone.push(...podsToDelete(rest, [], excess, nowMs));
  if (gone.length > 0) return { create: [], delete: gone.slice(0, BURST_LIMIT) };
  const missing = wanted - active.length - (onlyReplacesFailed(job) ? tally.terminating : 0);
  return missing > 0 ? createMissing(tally, Math.min(missing, BURST_LIMIT), nowMs) : { create: [], delete: [] };
}

/** Moves pods through the three steps of counting: named in the status, finalizer off, counted. */
function count(tally: Tally, end: JobCondition | undefined, { status, judged }: JobActions): Pod[] {
  const { job, pods } = tally;
  const tracked = new Set(pods.filter(isTracked).map((pod) => pod.metadata.uid!));
  const named = { succeeded: job.status?.uncountedTerminatedPods?.succeeded ?? [], failed: job.status?.uncountedTerminatedPods?.failed ?? [] };
  const uncounted = { succeeded: named.succeeded.filter((uid) => tracked.has(uid)), failed: named.failed.filter((uid) => tracked.has(uid)) };
  let succeeded = (job.status?.succeeded ?? 0) + named.succeeded.length - uncounted.succeeded.length;
  const failed = (job.status?.failed ?? 0) + named.failed.length - uncounted.failed.length;
  const completed = new Set(tally.storedIndexes);
  const removable: Pod[] = [];
  for (const pod of pods) {
    if (!isTracked(pod)) continue;
    const uid = pod.metadata.uid!;
    const hasFailed = isFailed(job, pod);
    const isDelayed = isIndexed(job) && tally.delayed.get(indexOfPod(pod) ?? -1) === pod;
    if (!isTerminating(job) && !end && pod.status?.phase !== 'Succeeded' && (!hasFailed || isDelayed)) continue;
    removable.push(pod);
    if (pod.status?.phase === 'Succeeded' && !uncounted.failed.includes(uid)) {
      if (isIndexed(job)) {
        if (hasValidIndex(job, pod)) completed.add(indexOfPod(pod)!);
      } else if (!uncounted.succeeded.includes(uid)) uncounted.succeeded.push(uid);
    } else if (hasFailed || end?.type === 'FailureTarget') {
      const verdict = hasValidIndex(job, pod) && !uncounted.failed.includes(uid) ? judgeFailure(job.spec?.podFailurePolicy, pod) : undefined;
      if (verdict?.action) judged.push({ uid, action: verdict.action });
      if (verdict?.counts) uncounted.failed.push(uid);
    }
    if (uncounted.succeeded.length + uncounted.failed.length >= MAX_UNCOUNTED_PODS) break;
  }
  if (isIndexed(job)) {
    succeeded = completed.size;
    if (completed.size > 0) status.completedIndexes = formatIndexes(completed);
    if (tally.failedIndexes) status.failedIndexes = formatIndexes(tally.failedIndexes);
  }
  status.succeeded = succeeded;
  status.failed = failed;
  status.uncountedTerminatedPods = {
    ...(uncounted.succeeded.length > 0 ? { succeeded: uncounted.succeeded } : {}),
    ...(uncounted.failed.length > 0 ? { failed: uncounted.failed } : {}),
  };
  return removable;
}

/** Sets the Suspended condition where it must change; going from nothing to False says nothing. */
function noteSuspension(tally: Tally, status: JobStatus, events: JobActions['events'], nowMs: number): void {
  const conditions = status.conditions ?? [];
  const old = getCondition(conditions, 'Suspended');
  const suspended = tally.job.spec?.suspend ?? false;
  if (suspended ? old?.status === 'True' : old?.status !== 'True') return;
  const [reason, message] = suspended ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed'];
  const next = condition('Suspended', suspended ? 'True' : 'False', reason, message, nowMs);
  status.conditions = old ? conditions.with(conditions.indexOf(old), next) : [...conditions, next];
  // The deadline counts from the moment in which the job runs again.
  if (!suspended) status.startTime = formatTime(nowMs);
  events.push({ type: 'Normal', reason: suspended ? 'Suspended' : 'Resumed', message });
}

/** Everything has been counted and every pod is gone: the final word. */
function finish(tally: Tally, end: JobCondition, status: JobStatus, events: JobActions['events'], nowMs: number): void {
  const uncounted = status.uncountedTerminatedPods;
  const stored = getCondition(tally.job.status?.conditions, end.type)?.status === 'True';
  const left = tally.active.length + tally.terminating + (uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0);
  if (!stored || left > 0 || tally.pods.some(isTracked)) return;
  const succeeded = end.type === 'SuccessCriteriaMet';
  const last = condition(succeeded ? 'Complete' : 'Failed', 'True', end.reason ?? '', end.message ?? '', nowMs);
  status.conditions = [...(status.conditions ?? []), last];
  if (succeeded) {
    status.completionTime = last.lastTransitionTime!;
    if (tally.completions !== undefined && (status.succeeded ?? 0) > tally.completions) {
      events.push({ type: 'Warning', reason: 'TooManySucceededPods', message: 'Too many succeeded pods running after completion count reached' });
    }
    events.push({ type: 'Normal', reason: 'Completed', message: 'Job completed' });
  } else events.push({ type: 'Warning', reason: end.reason ?? '', message: end.message ?? '' });
}

const isDone = ({ completions, succeeded }: Tally, activeAfter: number): boolean =>
  activeAfter === 0 && (completions === undefined ? succeeded > 0 : succeeded >= completions);

/** The next step: pods to create or delete, the status to store, finalizers to take off. Not to be asked for finished jobs. */
export function decideJob(snapshot: JobSnapshot, nowMs: number): JobActions {
  const { job, upToDate } = snapshot;
  const tally = tallyUp(snapshot);
  const status: JobStatus = { ...job.status };
  const actions: JobActions = { action: 'reconciling', judged: [], create: [], delete: [], deletedCount: false, status, removeFinalizer: [], events: [] };
  if (status.startTime === undefined && !job.spec?.suspend) status.startTime = formatTime(nowMs);
  let end = ending(tally, nowMs);
  if (end) {
    // Pods that are on their way and not seen yet must be deleted too before the job can be said to end.
    if (upToDate) actions.delete = tally.active;
    else end = undefined;
    actions.deletedCount = end?.type === 'FailureTarget';
  } else {
    if (upToDate && !isTerminating(job)) {
      Object.assign(actions, manage(tally, nowMs));
      actions.action = job.spec?.suspend || actions.delete.length > 0 ? 'pods_deleted' : actions.create.length > 0 ? 'pods_created' : 'tracking';
    }
    if (isDone(tally, tally.active.length + actions.create.length - actions.delete.length)) end = condition('SuccessCriteriaMet', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods', nowMs);
    else if (upToDate && !isTerminating(job)) noteSuspension(tally, status, actions.events, nowMs);
  }
  actions.removeFinalizer = count(tally, end, actions);
  status.active = tally.active.length + actions.create.length - actions.delete.length;
  status.ready = tally.active.filter((pod) => isPodReady(pod) && !actions.delete.includes(pod)).length;
  status.terminating = tally.terminating + actions.delete.length;
  if (end) {
    if (!getCondition(status.conditions, end.type)) status.conditions = [...(status.conditions ?? []), end];
    finish(tally, end, status, actions.events, nowMs);
  } else {
    const untilDeadline = deadlineMs({ ...job, status }, nowMs);
    if (untilDeadline !== undefined) actions.afterMs = Math.min(actions.afterMs ?? Infinity, Math.max(0, untilDeadline));
  }
  return actions;
}
