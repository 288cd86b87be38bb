/** Strategies of the group batch. */
import { templateWarnings } from '../../core/v1/pod-warnings.ts';
import { FieldPath } from '../../meta/field.ts';
import { dropDisabledFields } from '../../core/v1/strategy/pod.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import { dropFromTemplate } from '../../apps/v1/strategy.ts';
import type { CronJob, Job } from './types.ts';
import { validateCronJob, validateJob, validateJobStatus, validateJobUpdate } from './validation.ts';

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
      warnings: (job, old) => templateWarnings(job.spec?.template, old?.spec?.template),
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
      warnings: (cron, old) => templateWarnings(cron.spec?.jobTemplate?.spec?.template, old?.spec?.jobTemplate?.spec?.template, new FieldPath('spec.jobTemplate.spec.template')),
    }),
  };
}
