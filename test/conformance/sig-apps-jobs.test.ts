/** The requirements on Jobs and CronJobs. The titles are the requirements' code names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CronJob, Job, JobSpec } from '../../src/api/batch/v1/types.ts';
import type { Pod, PodSpec } from '../../src/api/core/v1/types.ts';
import { CronJobs, Jobs, Pods } from '../../src/testing/index.ts';
import { checkStatusEndpoints, hollowCluster, steady, template, type HollowCluster, type InNamespace } from './hollow-cluster.ts';

let hollow: HollowCluster;
beforeAll(async () => {
  hollow = await hollowCluster(3);
}, 60_000);
afterAll(() => hollow.stop());

const indexAnnotation = 'batch.kubernetes.io/job-completion-index';
const gate = 'example.com/decided';

function jobOf(image: string, spec: Partial<JobSpec> = {}, podSpec: Partial<PodSpec> = {}): Job {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'task', labels: { suite: 'job' } }, spec: { template: template({}, image, { restartPolicy: 'Never', ...podSpec }), ...spec } };
}

const conditionsOf = (job: Job): string[] => (job.status?.conditions ?? []).filter((condition) => condition.status === 'True').map((condition) => `${condition.type} ${condition.reason ?? ''}`.trim());
const finished = (within: InNamespace, type: 'Complete' | 'Failed'): Promise<void> =>
  within.until(`the job is ${type}`, async () => conditionsOf(await within.get(Jobs, 'task')).some((each) => each.startsWith(type)), 900_000);
const running = (within: InNamespace, count: number): Promise<void> =>
  within.until(`${count} pods run`, async () => (await within.pods()).filter((pod) => pod.status?.phase === 'Running').length === count);
const indexOf = (pod: Pod): number => Number(pod.metadata.annotations?.[indexAnnotation]);

/** Pods of an indexed job wait at a gate until it is decided by their index how they end; undefined: they stay at the gate. */
async function decideEnds(within: InNamespace, endOf: (index: number) => number | undefined, over: (job: Job) => boolean): Promise<void> {
  await within.until('the job is over', async () => {
    for (const pod of await within.pods()) {
      if ((pod.spec?.schedulingGates ?? []).length === 0 || pod.metadata.deletionTimestamp) continue;
      const code = endOf(indexOf(pod));
      if (code === undefined) continue;
      await within.edit(Pods, pod.metadata.name!, (object) => {
        object.metadata.annotations = { ...object.metadata.annotations, 'kubets.dev/hollow-exit-code': String(code) };
        object.spec!.schedulingGates = [];
      });
    }
    return over(await within.get(Jobs, 'task'));
  }, 900_000);
}
const gated = (spec: Partial<JobSpec>): Job => jobOf('registry.example/task:1', { completionMode: 'Indexed', ...spec }, { schedulingGates: [{ name: gate }] });
const isOver = (job: Job): boolean => conditionsOf(job).some((each) => each.startsWith('Complete') || each.startsWith('Failed'));

test('[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, jobOf('hollow/exit:0-1s', { completions: 4, parallelism: 2, completionMode: 'Indexed' }, { subdomain: 'tasks' }));
  await finished(within, 'Complete');
  const pods = await within.pods();
  expect(pods.map((pod) => `${indexOf(pod)} ${pod.spec?.hostname}`).sort()).toEqual([0, 1, 2, 3].map((i) => `${i} task-${i}`));
  expect(pods.every((pod) => pod.metadata.labels?.[indexAnnotation] === String(indexOf(pod)))).toBe(true);
  const [variable] = pods[0]!.spec!.containers[0]!.env!;
  expect([variable!.name, variable!.valueFrom?.fieldRef?.fieldPath]).toEqual(['JOB_COMPLETION_INDEX', `metadata.labels['${indexAnnotation}']`]);
  expect((await within.get(Jobs, 'task')).status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
});

test('[sig-apps] Job should execute all indexes despite some failing when using backoffLimitPerIndex [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, gated({ completions: 4, parallelism: 2, backoffLimitPerIndex: 1 }));
  await decideEnds(within, (index) => index % 2, isOver);
  const job = await within.get(Jobs, 'task');
  expect([job.status?.completedIndexes, job.status?.failedIndexes, job.status?.succeeded, job.status?.failed]).toEqual(['0,2', '1,3', 2, 4]);
  expect(conditionsOf(job)).toContain('Failed FailedIndexes');
});

test('[sig-apps] Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, gated({ completions: 2, parallelism: 2, backoffLimitPerIndex: 1, podFailurePolicy: { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } }] } }));
  await decideEnds(within, (index) => (index === 0 ? 42 : 0), isOver);
  const job = await within.get(Jobs, 'task');
  // Without a second try.
  expect([job.status?.failedIndexes, job.status?.completedIndexes, job.status?.failed]).toEqual(['0', '1', 1]);
});

test('[sig-apps] Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, gated({ completions: 10, parallelism: 10, backoffLimitPerIndex: 0, maxFailedIndexes: 4 }));
  await decideEnds(within, (index) => (index % 2 === 0 ? 1 : undefined), isOver);
  const job = await within.get(Jobs, 'task');
  expect(conditionsOf(job)).toContain('Failed MaxFailedIndexesExceeded');
  expect([job.status?.active ?? 0, (job.status?.failedIndexes ?? '').split(',').length]).toEqual([0, 5]);
});

test('[sig-apps] Job with successPolicy should succeeded when all indexes succeeded [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, gated({ completions: 3, parallelism: 3, successPolicy: { rules: [{ succeededIndexes: '0-2' }] } }));
  await decideEnds(within, () => 0, isOver);
  expect(conditionsOf(await within.get(Jobs, 'task'))).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
});

test('[sig-apps] Job with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, gated({ completions: 5, parallelism: 5, successPolicy: { rules: [{ succeededIndexes: '0' }] } }));
  await decideEnds(within, (index) => (index === 0 ? 0 : undefined), isOver);
  const job = await within.get(Jobs, 'task');
  expect([conditionsOf(job), job.status?.completedIndexes, job.status?.active ?? 0]).toEqual([['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy'], '0', 0]);
});

test('[sig-apps] Job with successPolicy succeededCount rule should succeeded even when some indexes remain pending [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, gated({ completions: 5, parallelism: 5, successPolicy: { rules: [{ succeededCount: 1 }] } }));
  await decideEnds(within, (index) => (index === 3 ? 0 : undefined), isOver);
  const job = await within.get(Jobs, 'task');
  expect([conditionsOf(job), job.status?.completedIndexes]).toEqual([['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy'], '3']);
});

test('[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, jobOf('hollow/exit:1-1s', { completions: 4, parallelism: 1, backoffLimit: 6, podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [1] } }] } }));
  await finished(within, 'Failed');
  const job = await within.get(Jobs, 'task');
  expect([conditionsOf(job).at(-1), job.status?.failed]).toEqual(['Failed PodFailurePolicy', 1]);
  expect(job.status!.conditions!.at(-1)!.message).toMatch(/^Container c for pod test-\d+\/task-\w+ failed with exit code 1 matching FailJob rule at index 0$/);
});

test('[sig-apps] Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, jobOf(steady, {
    completions: 1, parallelism: 1, backoffLimit: 0, completionMode: 'Indexed',
    podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }, { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [0] } }] },
  }));
  await running(within, 1);
  const [first] = await within.pods();
  await hollow.run(hollow.cluster.client.of(Pods).inNamespace(within.name).createSubresource(first!.metadata.name!, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: first!.metadata.name, namespace: within.name } }));
  await within.until('another takes its place', async () => (await within.pods()).some((pod) => pod.metadata.uid !== first!.metadata.uid && pod.status?.phase === 'Running'));
  const job = await within.get(Jobs, 'task');
  expect([conditionsOf(job), job.status?.failed ?? 0]).toEqual([[], 0]);
});

test('[sig-apps] Job should run a job to completion when tasks sometimes fail and are locally restarted [Conformance]', async () => {
  const within = await hollow.namespace();
  // Its container fails until it is told otherwise, and is restarted where it stands.
  await within.create(Jobs, jobOf('registry.example/task:1', { completions: 2, parallelism: 2 }, { restartPolicy: 'OnFailure', schedulingGates: [{ name: gate }] }));
  await within.until('its pods are there', async () => (await within.pods()).length === 2);
  for (const pod of await within.pods()) {
    await within.edit(Pods, pod.metadata.name!, (object) => {
      object.metadata.annotations = { ...object.metadata.annotations, 'kubets.dev/hollow-exit-code': '1' };
      object.spec!.schedulingGates = [];
    });
  }
  await within.until('they are restarted', async () => (await within.pods()).every((pod) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0));
  for (const pod of await within.pods()) await within.patch(Pods, pod.metadata.name!, { metadata: { annotations: { 'kubets.dev/hollow-exit-code': '0' } } });
  await finished(within, 'Complete');
  expect((await within.pods())).toHaveLength(2);
});

test('[sig-apps] Job should adopt matching orphans and release non-matching pods [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, jobOf(steady, { parallelism: 2, completions: 4 }));
  await running(within, 2);
  const { name } = (await within.pods())[0]!.metadata;
  await within.edit(Pods, name!, (pod) => (pod.metadata.ownerReferences = []));
  await within.until('it is adopted again', async () => (await within.get(Pods, name!)).metadata.ownerReferences?.[0]?.kind === 'Job');
  await within.edit(Pods, name!, (pod) => (pod.metadata.labels = {}));
  await within.until('it is let go', async () => (await within.get(Pods, name!)).metadata.ownerReferences === undefined);
});

test('[sig-apps] Job should delete a job [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, jobOf(steady, { parallelism: 2, completions: 4 }));
  await running(within, 2);
  await within.delete(Jobs, 'task', { propagationPolicy: 'Background' });
  await within.gone(Jobs, 'task');
  await within.until('its pods too', async () => (await within.pods()).length === 0);
});

test('[sig-apps] Job should manage the lifecycle of a job [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, jobOf('hollow/exit:0-1s', { suspend: true, parallelism: 2, completions: 4 }));
  await within.patch(Jobs, 'task', { metadata: { labels: { patched: 'yes' } } });
  await within.edit(Jobs, 'task', (job) => {
    job.metadata.annotations = { updated: 'yes' };
    job.spec!.suspend = false;
  });
  await finished(within, 'Complete');
  expect((await hollow.clusterScope.list(Jobs, 'patched=yes')).map((job) => job.metadata.annotations?.['updated'])).toEqual(['yes']);
  await within.deleteCollection(Jobs, { labelSelector: 'patched=yes', propagationPolicy: 'Background' });
  await within.gone(Jobs, 'task');
});

test('[sig-apps] Job should apply changes to a job status [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Jobs, jobOf(steady, { parallelism: 1, completions: 1 }));
  await running(within, 1);
  await within.patch(Jobs, 'task', { metadata: { annotations: { patched: 'status' } }, status: { startTime: (await within.get(Jobs, 'task')).status!.startTime } }, { subresource: 'status', type: 'merge' });
  await within.until('the annotation is there', async () => (await within.get(Jobs, 'task')).metadata.annotations?.['patched'] === 'status');
  await checkStatusEndpoints(hollow, within, Jobs, 'task');
});

function cronJob(policy: 'Allow' | 'Forbid' | 'Replace', extra: Partial<CronJob['spec']> = {}): CronJob {
  return {
    apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'tick', labels: { suite: 'cron' } },
    spec: { schedule: '*/1 * * * *', concurrencyPolicy: policy, jobTemplate: { spec: { template: template({}, steady, { restartPolicy: 'OnFailure' }) } }, ...extra },
  };
}

test('[sig-apps] CronJob should schedule multiple jobs concurrently [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(CronJobs, cronJob('Allow'));
  await within.until('two run at once', async () => ((await within.get(CronJobs, 'tick')).status?.active ?? []).length >= 2);
  expect((await within.list(Jobs)).filter((job) => (job.status?.active ?? 0) > 0).length).toBeGreaterThanOrEqual(2);
  await within.delete(CronJobs, 'tick');
});

test('[sig-apps] CronJob should not schedule jobs when suspended [Slow] [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(CronJobs, cronJob('Allow', { suspend: true }));
  await hollow.advance(5 * 60_000);
  expect(await within.list(Jobs)).toEqual([]);
});

test('[sig-apps] CronJob should not schedule new jobs when ForbidConcurrent [Slow] [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(CronJobs, cronJob('Forbid'));
  await within.until('the first runs', async () => ((await within.get(CronJobs, 'tick')).status?.active ?? []).length === 1);
  const first = (await within.list(Jobs))[0]!.metadata.name;
  await hollow.advance(5 * 60_000);
  expect((await within.list(Jobs)).map((job) => job.metadata.name)).toEqual([first]);
  await within.delete(CronJobs, 'tick');
});

test('[sig-apps] CronJob should replace jobs when ReplaceConcurrent [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(CronJobs, cronJob('Replace'));
  await within.until('the first runs', async () => (await within.list(Jobs)).length === 1);
  const first = (await within.list(Jobs))[0]!.metadata.name;
  await within.until('another takes its place', async () => {
    const jobs = await within.list(Jobs);
    return jobs.length === 1 && jobs[0]!.metadata.name !== first;
  });
  await within.delete(CronJobs, 'tick');
});

test('[sig-apps] CronJob should support CronJob API operations [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(CronJobs, cronJob('Allow', { suspend: true }));
  expect((await hollow.clusterScope.list(CronJobs, 'suite=cron')).map((each) => each.metadata.namespace)).toContain(within.name);
  await within.patch(CronJobs, 'tick', { metadata: { annotations: { patched: 'yes' } } }, { type: 'merge' });
  const updated = await within.edit(CronJobs, 'tick', (object) => (object.metadata.annotations!['updated'] = 'yes'));
  expect(updated.metadata.annotations).toMatchObject({ patched: 'yes', updated: 'yes' });
  await within.patch(CronJobs, 'tick', { metadata: { annotations: { status: 'yes' } }, status: { lastScheduleTime: '2030-01-01T00:00:00Z' } }, { type: 'merge', subresource: 'status' });
  const status = await within.getSubresource<CronJob>(CronJobs, 'tick', 'status');
  expect([status.status?.lastScheduleTime, status.metadata.annotations?.['status']]).toEqual(['2030-01-01T00:00:00Z', 'yes']);
  await within.updateSubresource(CronJobs, 'tick', 'status', { ...status, status: { lastScheduleTime: '2030-01-01T00:01:00Z' } });
  expect((await within.get(CronJobs, 'tick')).status?.lastScheduleTime).toBe('2030-01-01T00:01:00Z');
  await within.delete(CronJobs, 'tick');
  await within.gone(CronJobs, 'tick');
  await within.create(CronJobs, cronJob('Allow', { suspend: true }));
  await within.deleteCollection(CronJobs, { labelSelector: 'suite=cron' });
  await within.gone(CronJobs, 'tick');
});
