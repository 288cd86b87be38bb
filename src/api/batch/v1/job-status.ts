/** What the Job controller may say of a Job: counts that only rise, indexes that fit, and an end that is final, of one kind and announced. */
import { isConditionTrue } from '../../core/v1/pods.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, invalidOmitted, invalidValue, required } from '../../meta/field.ts';
import { nonNegative, repeats, sameValue } from '../../meta/validation.ts';
import type { Job, JobStatus } from './types.ts';
import { countIndexes } from './validation.ts';

const STATUS = new FieldPath('status');
const CONDITIONS = STATUS.child('conditions');
const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;

type Is = (type: string) => boolean;
const isOf = (job: Job): Is => (type) => isConditionTrue(job.status?.conditions, type);

/** Ends exclude each other, and each is announced by a condition before the pods are gone. */
function validateEnds(is: Is, was: Is): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (text: string): void => void errors.push(invalidOmitted(CONDITIONS, text));
  if (is('Complete') && is('Failed')) refuse('cannot set Complete=True and Failed=true conditions');
  if (is('Complete') && is('FailureTarget')) refuse('cannot set Complete=True and FailureTarget=true conditions');
  if (is('Failed') && is('SuccessCriteriaMet')) refuse('cannot set Failed=True and SuccessCriteriaMet=true conditions');
  if (is('FailureTarget') && is('SuccessCriteriaMet')) refuse('cannot set FailureTarget=True and SuccessCriteriaMet=true conditions');
  if (is('Failed') && !was('Failed') && !is('FailureTarget')) refuse('cannot set Failed=True condition without the FailureTarget=true condition');
  if (is('Complete') && !was('Complete') && !is('SuccessCriteriaMet')) refuse('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  for (const type of ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet']) {
    const terminal = type === 'Complete' || type === 'Failed';
    if (was(type) && !is(type)) refuse(`cannot disable the ${terminal ? 'terminal ' : ''}${type}=True condition`);
  }
  return errors;
}

function validateTimes(status: JobStatus, old: JobStatus, complete: boolean, unsuspended: boolean): FieldError[] {
  const [completion, start] = [STATUS.child('completionTime'), STATUS.child('startTime')];
  const errors: FieldError[] = [];
  if (complete && status.completionTime === undefined) errors.push(required(completion, 'completionTime is required for Complete jobs'));
  if (!complete && status.completionTime !== undefined) errors.push(invalidValue(completion, status.completionTime, 'cannot set completionTime when there is no Complete=True condition'));
  if (status.completionTime && status.startTime && Date.parse(status.completionTime) < Date.parse(status.startTime)) errors.push(invalidValue(completion, status.completionTime, 'completionTime cannot be set before startTime'));
  if (old.completionTime !== undefined && status.completionTime !== undefined && status.completionTime !== old.completionTime) errors.push(invalidValue(completion, status.completionTime, 'completionTime cannot be mutated'));
  if (unsuspended && old.startTime !== undefined && status.startTime !== old.startTime) {
    errors.push(status.startTime === undefined ? required(start, 'startTime cannot be removed for unsuspended job') : invalidValue(start, status.startTime, 'startTime cannot be modified for unsuspended job'));
  }
  return errors;
}

function validateUncounted(status: JobStatus): FieldError[] {
  const seen = repeats();
  return (['succeeded', 'failed'] as const).flatMap((field) => (status.uncountedTerminatedPods?.[field] ?? []).flatMap((uid, i) => {
    const path = STATUS.child('uncountedTerminatedPods', field).index(i);
    if (uid === '') return [invalidValue(path, uid, 'must not be empty')];
    return seen(uid) ? [duplicate(path, uid)] : [];
  }));
}

/** Ranges of a text of indexes that is known to be well formed. */
function rangesOf(text: string): [number, number][] {
  return text === '' ? [] : text.split(',').map((part) => part.split('-').map(Number)).map(([from, to]) => [from!, to ?? from!]);
}

/** The first index that is in both texts. */
function overlapOf(a: string, b: string): number | undefined {
  const [first, second] = [rangesOf(a), rangesOf(b)];
  for (let i = 0, j = 0; i < first.length && j < second.length;) {
    const [x, y] = [first[i]!, second[j]!];
    if (Math.max(x[0], y[0]) <= Math.min(x[1], y[1])) return Math.max(x[0], y[0]);
    if (x[1] < y[1]) i++;
    else j++;
  }
  return undefined;
}

function validateIndexes(job: Job, status: JobStatus): FieldError[] {
  const { completedIndexes = '', failedIndexes } = status;
  const [completed, failed] = [STATUS.child('completedIndexes'), STATUS.child('failedIndexes')];
  const errors: FieldError[] = [];
  const parse = (path: FieldPath, text: string, field: string): boolean => {
    if (job.spec?.completions === undefined) return false;
    const count = countIndexes(text, job.spec.completions);
    if (typeof count === 'string') errors.push(invalidValue(path, text, `error parsing ${field}: ${count}`));
    return typeof count === 'number';
  };
  const fine = parse(completed, completedIndexes, 'completedIndexes');
  if (completedIndexes !== '' && job.spec?.completionMode !== 'Indexed') errors.push(invalidValue(completed, completedIndexes, 'cannot set non-empty completedIndexes when non-indexed completion mode'));
  if (failedIndexes === undefined) return errors;
  if (job.spec?.backoffLimitPerIndex === undefined) errors.push(invalidValue(failed, failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'));
  const both = parse(failed, failedIndexes, 'failedIndexes') && fine ? overlapOf(completedIndexes, failedIndexes) : undefined;
  if (both !== undefined) errors.push(invalidValue(failed, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${both}`));
  return errors;
}

function validateFinished(status: JobStatus, old: JobStatus): FieldError[] {
  const errors: FieldError[] = [];
  const uncounted = status.uncountedTerminatedPods;
  if ((status.active ?? 0) > 0) errors.push(invalidValue(STATUS.child('active'), status.active, 'active>0 is invalid for finished job'));
  if ((status.terminating ?? 0) > 0 && status.terminating !== old.terminating) errors.push(invalidValue(STATUS.child('terminating'), status.terminating, 'terminating>0 is invalid for finished job'));
  if (status.startTime === undefined) errors.push(required(STATUS.child('startTime'), 'startTime is required for finished job'));
  if ((uncounted?.succeeded ?? []).length + (uncounted?.failed ?? []).length > 0 && !sameValue(uncounted, old.uncountedTerminatedPods)) {
    errors.push(invalidValue(STATUS.child('uncountedTerminatedPods'), uncounted, 'uncountedTerminatedPods needs to be empty for finished job'));
  }
  return errors;
}

export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const [status, before] = [job.status ?? {}, old.status ?? {}];
  const [is, was] = [isOf(job), isOf(old)];
  const errors = COUNTS.flatMap((field) => nonNegative(STATUS.child(field), status[field]));
  errors.push(...validateUncounted(status), ...validateEnds(is, was), ...validateTimes(status, before, is('Complete'), job.spec?.suspend !== true));
  if (is('Complete') || is('Failed')) errors.push(...validateFinished(status, before));
  errors.push(...validateIndexes(job, status));
  if ((status.ready ?? 0) > (status.active ?? 0) && (status.ready !== before.ready || status.active !== before.active)) errors.push(invalidValue(STATUS.child('ready'), status.ready, 'cannot set more ready pods than active'));
  for (const field of ['succeeded', 'failed'] as const) {
    if ((status[field] ?? 0) < (before[field] ?? 0)) errors.push(invalidValue(STATUS.child(field), status[field] ?? 0, `cannot decrease the ${field} counter`));
  }
  return errors;
}
