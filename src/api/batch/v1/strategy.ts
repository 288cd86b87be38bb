/** Strategies of the group batch. */
import { hostNameWarnings, isRaised, templateWarnings } from '../../core/v1/pod-warnings.ts';
import { FieldPath } from '../../meta/field.ts';
import { dropDisabledFields } from '../../core/v1/strategy/pod.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import { dropFromTemplate } from '../../apps/v1/strategy.ts';
import type { CronJob, Job, JobSpec } from './types.ts';
import { validateJobStatus } from './job-status.ts';
import { validateCronJob, validateJob, validateJobUpdate } from './validation.ts';

/** Labels the pods with the Job's uid and name, under the older names too, and selects them by the uid. Needs metadata.uid. */
function generateSelector(job: Job): void {
  const spec = job.spec;
  if (spec === undefined || spec.manualSelector) return;
  const template = (spec.template ??= {});
  const uid = job.metadata.uid ?? '';
  const name = job.metadata.name ?? '';
  const made = { 'controller-uid': uid, 'batch.kubernetes.io/controller-uid': uid, 'job-name': name, 'batch.kubernetes.io/job-name': name };
  // What the user set stays, so that validation can refuse it where it is not this Job's.
  template.metadata = { ...template.metadata, labels: { ...made, ...template.metadata?.labels } };
  const selected = spec.selector?.matchLabels ?? {};
  spec.selector = { ...spec.selector, matchLabels: { 'batch.kubernetes.io/controller-uid': uid, ...selected } };
}

function dropFromJobTemplate(cron: CronJob, old?: CronJob): void {
  const spec = cron.spec?.jobTemplate?.spec?.template?.spec;
  if (spec) dropDisabledFields(spec, old?.spec?.jobTemplate?.spec?.template?.spec);
}

const SPEC = new FieldPath('spec');
/** More completions than this, and more pods at once than that, and failed indexes may no longer fit into a Job. */
const SOFT_LIMITS = { completions: 100_000, parallelism: 10_000 };

function jobWarnings(spec: JobSpec | undefined, at: FieldPath): string[] {
  const large = spec?.completionMode === 'Indexed' && (spec.completions ?? 0) > SOFT_LIMITS.completions && (spec.parallelism ?? 0) > SOFT_LIMITS.parallelism;
  return [
    ...(large ? [`${at}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`] : []),
    ...templateWarnings(spec?.template, at.child('template')),
  ];
}

/** Kind to strategy. */
export function batchStrategies(): Record<string, Strategy<never>> {
  return {
    Job: makeStrategy<Job>({
      namespaced: true, generation: ['spec'], status: true, defaultPropagation: 'Orphan',
      prepareForCreate(job) {
        generateSelector(job);
        job.status = {};
        dropFromTemplate(job);
      },
      prepareForUpdate: dropFromTemplate,
      validate: validateJob, validateUpdate: validateJobUpdate, validateStatus: validateJobStatus,
      warnings: (job, old) => [...(old === undefined ? hostNameWarnings(job.metadata) : []), ...(isRaised(job, old) ? jobWarnings(job.spec, SPEC) : [])],
      selectableFields: (job) => ({ 'status.successful': String(job.status?.succeeded ?? 0) }),
    }),
    CronJob: makeStrategy<CronJob>({
      namespaced: true, generation: ['spec'], status: true,
      prepareForCreate(cron) {
        cron.status = {};
        dropFromJobTemplate(cron);
      },
      prepareForUpdate: dropFromJobTemplate,
      validate: (cron, _context, old) => validateCronJob(cron, old),
      warnings: (cron, old) => [
        ...(old === undefined ? hostNameWarnings(cron.metadata) : []),
        ...(isRaised(cron, old) ? jobWarnings(cron.spec?.jobTemplate?.spec, SPEC.child('jobTemplate', 'spec')) : []),
        ...(cron.spec?.schedule?.includes('TZ') ? [`CRON_TZ or TZ used in ${SPEC.child('schedule')} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`] : []),
      ],
    }),
  };
}
