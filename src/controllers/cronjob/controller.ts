/** cronjob-controller: runs `decideCronJob` against the API. */
import type { CronJob, Job } from '../../api/batch/v1/types.ts';
import { controllerOf, isControlledBy, keyOf } from '../../api/meta/objects.ts';
import { isAlreadyExists, isNotFound } from '../../api/meta/status.ts';
import { formatTime, parseTime } from '../../api/meta/time.ts';
import { CronJobs, Jobs } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { indexByOwner, isNamespaceTerminating, ownedBy, sameStatus } from '../shared/index.ts';
import { decideCronJob, referenceTo } from './decide.ts';

const workers = 5;

export function startCronJob(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const cronJobs = informers.of(CronJobs);
  const jobs = informers.of(Jobs);
  indexByOwner(jobs);
  const recorder = context.recorder('cronjob-controller');

  async function remove(cronJob: CronJob, job: Job): Promise<void> {
    try {
      await client.of(Jobs).inNamespace(job.metadata.namespace!).delete(job.metadata.name!, { propagationPolicy: 'Background', preconditions: { uid: job.metadata.uid } });
      recorder.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
    } catch (error) {
      if (isNotFound(error)) return;
      recorder.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${(error as Error).message}`);
      throw error;
    }
  }

  /** The job, newly made or found under its name. */
  async function create(cronJob: CronJob, job: Job, atMs: number): Promise<Job | undefined> {
    try {
      const created = await client.of(Jobs).create(job);
      const createdMs = created.metadata.creationTimestamp ? parseTime(created.metadata.creationTimestamp) : host.clock.now();
      context.metrics?.jobs.creationSkew.observe([], (createdMs - atMs) / 1000);
      recorder.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
      return created;
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (isAlreadyExists(error)) {
        const existing = await client.of(Jobs).inNamespace(job.metadata.namespace!).get(job.metadata.name!);
        if (isControlledBy(existing, cronJob)) return existing;
      }
      recorder.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${(error as Error).message}`);
      throw error;
    }
  }

  async function reconcile(key: string): Promise<Outcome> {
    const cronJob = cronJobs.lister.byKey(key);
    if (!cronJob) return { done: true };
    const decision = decideCronJob({ cronJob, jobs: ownedBy(jobs.lister, cronJob) }, host.clock.now());
    for (const { type, reason, message } of decision.events) recorder.event(cronJob, type, reason, message);
    for (const job of [...decision.remove, ...decision.replace]) await remove(cronJob, job);
    const { status } = decision;
    if (decision.replace.length > 0) status.active = (status.active ?? []).filter((reference) => !decision.replace.some((job) => job.metadata.uid === reference.uid));
    if (decision.create) {
      const job = await create(cronJob, decision.create.job, decision.create.atMs);
      if (job && !(status.active ?? []).some((reference) => reference.uid === job.metadata.uid)) status.active = [...(status.active ?? []), referenceTo(job)];
      status.lastScheduleTime = formatTime(decision.create.atMs);
    }
    if (!sameStatus(cronJob.status, status)) await client.of(CronJobs).updateStatus({ ...cronJob, status });
    return decision.afterMs === undefined ? { done: true } : { afterMs: decision.afterMs };
  }

  const queue = startController(host, { name: 'cronjob-controller', informers, workers: workersOf(context, 'concurrent-cron-job-syncs', workers), reconcile });
  cronJobs.onEvent(({ object }) => queue.add(keyOf(object)));
  jobs.onEvent(({ object }) => {
    const owner = controllerOf(object);
    if (owner?.kind === 'CronJob') queue.add(`${object.metadata.namespace}/${owner.name}`);
  });
  return queue;
}
