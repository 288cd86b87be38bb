/** What the server fills in on jobs and cron jobs. */
import type { Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import type { CronJob, Job, PodFailurePolicyOnPodConditionsPattern } from './types.ts';

const BACKOFF_LIMIT = 6;
/** Failures are counted per index then, so the limit for all of them together is out of the way. */
const NO_BACKOFF_LIMIT = 2_147_483_647;

function job(object: Job): void {
  const { spec } = object;
  if (spec === undefined) return;
  if (unset(spec.completions) && unset(spec.parallelism)) {
    spec.completions = 1;
    spec.parallelism = 1;
  }
  spec.parallelism ??= 1;
  spec.backoffLimit ??= unset(spec.backoffLimitPerIndex) ? BACKOFF_LIMIT : NO_BACKOFF_LIMIT;
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined && Object.keys(labels).length > 0 && Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
  if (unset(spec.completionMode)) spec.completionMode = 'NonIndexed';
  spec.suspend ??= false;
  if (unset(spec.podReplacementPolicy)) spec.podReplacementPolicy = spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  spec.manualSelector ??= false;
}

function cronJob({ spec }: CronJob): void {
  if (spec === undefined) return;
  if (unset(spec.concurrencyPolicy)) spec.concurrencyPolicy = 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
}

const P = 'io.k8s.api.batch.v1';

export const batchDefaulters: Defaulters = {
  [`${P}.Job`]: job,
  [`${P}.CronJob`]: cronJob,
  [`${P}.PodFailurePolicyOnPodConditionsPattern`]: (pattern: PodFailurePolicyOnPodConditionsPattern) => {
    if (unset(pattern.status)) pattern.status = 'True';
  },
};
