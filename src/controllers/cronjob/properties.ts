import type { CronJob, Job } from '../../api/batch/v1/types.ts';
import { CronJobs, Jobs } from '../../api/resources.ts';
import { controllerOf, isGoing, nameOf, safety, type Properties, type World } from '../property.ts';
import { finishOf } from './decide.ts';

const jobsOf = (world: World, cronJob: CronJob): Job[] => world.list(Jobs, cronJob.metadata.namespace).filter((job) => controllerOf(world, job) === cronJob);

export const properties: Properties = {
  safety: [
    safety<Job>({
      name: 'cron jobs do not overlap', promise: 'under Forbid and Replace no job begins while another of the same CronJob runs', of: Jobs, alone: true,
      broken({ type, object }, world) {
        const cronJob = type === 'created' ? (controllerOf(world, object) as CronJob | undefined) : undefined;
        if (cronJob?.kind !== 'CronJob' || (cronJob.spec.concurrencyPolicy ?? 'Allow') === 'Allow') return undefined;
        const other = jobsOf(world, cronJob).find((job) => job !== object && !finishOf(job) && !isGoing(job));
        return other && `${nameOf(object)} began while ${nameOf(other)} runs`;
      },
    }),
    safety<Job>({
      name: 'suspended cron jobs begin nothing', promise: 'no job begins of a CronJob that is suspended', of: Jobs, alone: true,
      broken({ type, object }, world) {
        const cronJob = type === 'created' ? (controllerOf(world, object) as CronJob | undefined) : undefined;
        return cronJob?.kind === 'CronJob' && cronJob.spec.suspend ? `${nameOf(object)} began though ${nameOf(cronJob)} is suspended` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'cron jobs keep their books', promise: 'status.active names exactly the jobs that run, and no more ended ones are kept than the limits say',
    *missing(world) {
      for (const cronJob of world.list(CronJobs)) {
        const jobs = jobsOf(world, cronJob).filter((job) => !isGoing(job));
        const running = jobs.filter((job) => !finishOf(job)).map((job) => job.metadata.name!).sort();
        const told = (cronJob.status?.active ?? []).map((reference) => reference.name!).sort();
        if (running.join() !== told.join()) yield `${nameOf(cronJob)} names [${told.join(', ')}] as active, and [${running.join(', ')}] run`;
        const over = (type: string, limit: number | undefined): boolean => limit !== undefined && jobs.filter((job) => finishOf(job)?.type === type).length > limit;
        if (over('Complete', cronJob.spec.successfulJobsHistoryLimit) || over('Failed', cronJob.spec.failedJobsHistoryLimit)) yield `${nameOf(cronJob)} keeps more ended jobs than its limits say`;
      }
    },
  }],
};
