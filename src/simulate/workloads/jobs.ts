/** Jobs of every kind: many completions, indexed, failing, suspended, and made by a CronJob. */
import type { Job, JobSpec } from '../../api/batch/v1/types.ts';
import { CronJobs, Jobs } from '../../api/resources.ts';
import { change, put, remove, type Workload } from './workload.ts';

const namespace = 'default';

function jobSpec(image: string, more: Partial<JobSpec>): JobSpec {
  return { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image, resources: { requests: { cpu: '100m' } } }] } }, ...more } as JobSpec;
}

function job(name: string, image: string, more: Partial<JobSpec>): Job {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace }, spec: jobSpec(image, more) };
}

export const jobs: Workload = {
  name: 'jobs',
  what: 'jobs complete, fail, wait, and are made by the clock',
  durationMs: 240_000,
  async run(world) {
    const random = world.random.fork('jobs');
    await put(world, Jobs, job('many', 'hollow/exit:0-5s', { completions: 8 + random.int(8), parallelism: 3, backoffLimit: 50 }));
    await put(world, Jobs, job('indexed', 'hollow/exit:0-3s', { completions: 6, parallelism: 4, completionMode: 'Indexed', backoffLimit: 50 }));
    await put(world, Jobs, job('failing', 'hollow/exit:1-1s', { backoffLimit: 2 }));
    await put(world, Jobs, job('waiting', 'hollow/exit:0-2s', { suspend: true, completions: 2, backoffLimit: 50 }));
    await put(world, CronJobs, {
      apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'minutely', namespace },
      spec: { schedule: '* * * * *', concurrencyPolicy: 'Forbid', successfulJobsHistoryLimit: 2, jobTemplate: { spec: jobSpec('hollow/exit:0-2s', { backoffLimit: 50 }) } },
    });
    await world.clock.sleep(30_000 + random.int(60_000));
    await change(world, Jobs, namespace, 'waiting', { spec: { suspend: false } });
    await change(world, Jobs, namespace, 'many', { spec: { parallelism: 5 } });
    await world.clock.sleep(60_000 + random.int(90_000));
    await change(world, CronJobs, namespace, 'minutely', { spec: { suspend: true } });
    await remove(world, Jobs, namespace, 'failing', 'Foreground');
  },
  verify(state, fail) {
    if (state.get(Jobs, namespace, 'failing')) fail('job failing was deleted and is there');
    for (const name of ['many', 'indexed', 'waiting']) {
      if (!state.get(Jobs, namespace, name)?.status?.conditions?.some((c) => c.type === 'Complete' && c.status === 'True')) fail(`job ${name} has not completed`);
    }
  },
};
