import { afterEach, describe, expect, test } from 'vitest';
import type { Job } from '../../api/batch/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { about, fakeCluster } from '../shared/fake-cluster.ts';
import type { FakeCluster } from '../shared/fake-cluster.ts';
import { startJob } from './controller.ts';
import { formatIndexes, indexOfPod, parseIndexes } from './indexes.ts';
import { TRACKING_FINALIZER } from './pods.ts';
import { judgeFailure, judgeSuccess } from './policies.ts';

const newHost = () => virtualHost({ seed: 'job', settle: turn });

const job = (spec: Partial<NonNullable<Job['spec']>> = {}, metadata: object = {}): Job => ({
  apiVersion: 'batch/v1', kind: 'Job', metadata: about('work', metadata),
  spec: {
    parallelism: 1, completions: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false, podReplacementPolicy: spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed',
    selector: { matchLabels: { job: 'work' } },
    template: { metadata: { labels: { job: 'work' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'task' }] } },
    ...spec,
  },
});

describe('indexes', () => {
  test.each([['', []], ['1', [1]], ['1,3-5,7', [1, 3, 4, 5, 7]], ['8-20', [8, 9]], ['x,2', [2]]] as [string, number[]][])('"%s" read', (text, list) => {
    expect([...parseIndexes(text, 10)]).toEqual(list);
  });
  test.each([[[], ''], [[2, 1], '1,2'], [[1, 2, 3], '1-3'], [[7, 1, 3, 4, 5], '1,3-5,7']] as [number[], string][])('%j written', (list, text) => {
    expect(formatIndexes(list)).toBe(text);
  });
});

describe('policies', () => {
  const failed = (exitCode: number, conditions: object[] = []): Pod => ({
    metadata: { name: 'p', namespace: 'default' },
    status: { phase: 'Failed', conditions: conditions as never, containerStatuses: [{ name: 'main', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode } } }] },
  });
  const rule = (action: string, values: number[]) => ({ action, onExitCodes: { operator: 'In', values } });
  test.each([
    ['no policy', [], failed(1), { counts: true }],
    ['no rule matches', [rule('Ignore', [3])], failed(1), { counts: true }],
    ['ignored', [rule('Ignore', [3])], failed(3), { counts: false, action: 'Ignore' }],
    ['fails the job', [rule('Count', [3]), rule('FailJob', [42])], failed(42), { counts: true, action: 'FailJob', message: 'Container main for pod default/p failed with exit code 42 matching FailJob rule at index 1' }],
    ['by condition', [{ action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }], failed(1, [{ type: 'DisruptionTarget', status: 'True' }]), { counts: true, action: 'FailJob', message: 'Pod default/p has condition DisruptionTarget matching FailJob rule at index 0' }],
  ])('failure: %s', (_name, rules, pod, verdict) => {
    expect(judgeFailure({ rules }, pod)).toEqual(verdict);
  });
  test.each([
    ['count', [{ succeededCount: 2 }], [1, 4], 'Matched rules at index 0'],
    ['indexes', [{ succeededIndexes: '0-1' }], [0, 4], undefined],
    ['count among indexes', [{ succeededIndexes: '9' }, { succeededIndexes: '0-4', succeededCount: 1 }], [4], 'Matched rules at index 1'],
  ])('success: %s', (_name, rules, done, message) => {
    expect(judgeSuccess({ rules }, 10, new Set(done))).toBe(message);
  });
});

describe('job controller', () => {
  let cluster: FakeCluster;
  afterEach(() => cluster.stop());

  const start = (object: Job): void => {
    cluster = fakeCluster(newHost(), startJob);
    cluster.context.api.put('jobs', object);
  };
  const status = (): NonNullable<Job['status']> => cluster.get<Job>('jobs', 'work').status!;
  const conditions = (): string[] => (status().conditions ?? []).filter((c) => c.status === 'True').map((c) => `${c.type} ${c.reason}`);
  const active = (): Pod[] => cluster.pods().filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && !pod.metadata.deletionTimestamp);
  function end(pods: readonly Pod[], phase: 'Succeeded' | 'Failed', exitCode = phase === 'Failed' ? 1 : 0): void {
    const finishedAt = formatTime(cluster.host.clock.now());
    for (const pod of pods) cluster.setPod(pod, { phase, containerStatuses: [{ name: 'main', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode, finishedAt } } }] });
  }
  const tracked = (): number => cluster.pods().filter((pod) => pod.metadata.finalizers?.includes(TRACKING_FINALIZER)).length;

  test('runs to completion, counting each pod once', async () => {
    start(job({ parallelism: 2, completions: 5 }));
    let most = 0;
    for (let i = 0; i < 10; i++) {
      await cluster.advance();
      most = Math.max(most, active().length);
      end(active(), 'Succeeded');
    }
    expect(most).toBe(2);
    expect(cluster.pods()).toHaveLength(5);
    expect(status()).toMatchObject({ succeeded: 5, active: 0, failed: 0, uncountedTerminatedPods: {}, terminating: 0, ready: 0 });
    expect(status().completionTime).toBeDefined();
    expect(conditions()).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']);
    expect(tracked()).toBe(0);
    expect(cluster.events('work').at(-1)).toBe('Completed: Job completed');
  });

  test('failures are tried again, more slowly, up to the limit', async () => {
    start(job({ backoffLimit: 3 }));
    const births: number[] = [];
    let seen = 0;
    for (let second = 0; second < 200; second++) {
      await cluster.advance(1000);
      if (cluster.pods().length > seen) {
        seen = cluster.pods().length;
        births.push(second);
      }
      end(active(), 'Failed');
    }
    expect(births.slice(1).map((at, i) => at - births[i]!)).toEqual([10, 20, 40]);
    expect(status()).toMatchObject({ failed: 4, active: 0 });
    expect(conditions()).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
    expect(cluster.events('work').at(-1)).toBe('BackoffLimitExceeded: Job has reached the specified backoff limit');
  });

  test('activeDeadlineSeconds ends it and its pods', async () => {
    start(job({ activeDeadlineSeconds: 30, parallelism: 2, completions: 2 }));
    await cluster.advance(20_000);
    expect(active()).toHaveLength(2);
    await cluster.advance(15_000);
    expect(cluster.pods()).toHaveLength(0);
    expect(conditions()).toEqual(['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded']);
    expect(status()).toMatchObject({ failed: 2, active: 0 });
  });

  test('indexed: one pod an index, that knows it', async () => {
    start(job({ completionMode: 'Indexed', completions: 4, parallelism: 3 }));
    await cluster.advance();
    const first = active().find((pod) => indexOfPod(pod) === 0)!;
    expect(first.metadata).toMatchObject({ generateName: 'work-0-', labels: { 'batch.kubernetes.io/job-completion-index': '0' }, annotations: { 'batch.kubernetes.io/job-completion-index': '0' } });
    expect(first.spec).toMatchObject({ hostname: 'work-0', containers: [{ env: [{ name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } } }] }] });
    expect(active().map(indexOfPod).toSorted()).toEqual([0, 1, 2]);
    end(active().filter((pod) => indexOfPod(pod) !== 1), 'Succeeded');
    await cluster.advance();
    expect(status()).toMatchObject({ succeeded: 2, completedIndexes: '0,2' });
    expect(active().map(indexOfPod).toSorted()).toEqual([1, 3]);
    end(active(), 'Succeeded');
    await cluster.advance();
    expect(status()).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
    expect(conditions()).toContain('Complete CompletionsReached');
  });

  test('backoffLimitPerIndex: a bad index fails alone, the others go on', async () => {
    start(job({ completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 1, backoffLimit: 2 ** 31 - 1 }));
    for (let i = 0; i < 20; i++) {
      await cluster.advance(5000);
      end(active().filter((pod) => indexOfPod(pod) === 1), 'Failed');
      end(active().filter((pod) => indexOfPod(pod) !== 1), 'Succeeded');
    }
    expect(status()).toMatchObject({ succeeded: 2, failed: 2, completedIndexes: '0,2', failedIndexes: '1' });
    expect(conditions()).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
    expect(cluster.pods().filter((pod) => indexOfPod(pod) === 1).map((pod) => pod.metadata.annotations!['batch.kubernetes.io/job-index-failure-count'])).toEqual(['0', '1']);
  });

  test('success policy: enough is enough', async () => {
    start(job({ completionMode: 'Indexed', completions: 3, parallelism: 3, successPolicy: { rules: [{ succeededIndexes: '0' }] } }));
    await cluster.advance();
    end(active().filter((pod) => indexOfPod(pod) === 0), 'Succeeded');
    await cluster.advance();
    expect(conditions()).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
    expect(cluster.pods()).toHaveLength(1);
    expect(status()).toMatchObject({ succeeded: 1, failed: 0, active: 0 });
  });

  test('pod failure policy: ignored failures do not count, FailJob ends it', async () => {
    start(job({ backoffLimit: 0, podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [5] } }, { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] } }));
    await cluster.advance();
    end(active(), 'Failed', 5);
    await cluster.advance(15_000);
    expect(status()).toMatchObject({ failed: 0, active: 1 });
    end(active(), 'Failed', 42);
    await cluster.advance();
    expect(conditions()).toEqual(['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy']);
    expect(status()).toMatchObject({ failed: 1 });
  });

  test('suspend deletes the pods without counting them, resume starts the clock anew', async () => {
    start(job({ parallelism: 2, completions: 2 }));
    await cluster.advance();
    const startedAt = status().startTime!;
    cluster.change<Job>('jobs', 'work', (object) => (object.spec!.suspend = true));
    await cluster.advance(5000);
    expect(cluster.pods()).toHaveLength(0);
    expect(status()).toMatchObject({ active: 0, failed: 0 });
    expect(conditions()).toEqual(['Suspended JobSuspended']);
    cluster.change<Job>('jobs', 'work', (object) => (object.spec!.suspend = false));
    await cluster.advance();
    expect(active()).toHaveLength(2);
    expect(status().conditions).toMatchObject([{ type: 'Suspended', status: 'False', reason: 'JobResumed' }]);
    expect(status().startTime! > startedAt).toBe(true);
    expect(cluster.events('work')).toEqual(expect.arrayContaining(['Suspended: Job suspended', 'Resumed: Job resumed']));
  });

  test('created suspended: nothing starts', async () => {
    start(job({ suspend: true }));
    await cluster.advance(60_000);
    expect(cluster.pods()).toEqual([]);
    expect(status().startTime).toBeUndefined();
  });

  test('a pod that is deleted is replaced and counted as failed', async () => {
    start(job());
    await cluster.advance();
    const victim = active()[0]!;
    await cluster.context.client.request({ method: 'DELETE', path: `/api/v1/namespaces/default/pods/${victim.metadata.name}` });
    await cluster.advance(15_000);
    expect(cluster.context.api.object('pods', `default/${victim.metadata.name}`)).toBeUndefined();
    expect(active()).toHaveLength(1);
    expect(status()).toMatchObject({ failed: 1 });
  });

  test('a tracked pod without a job loses its finalizer', async () => {
    start(job());
    await cluster.advance();
    cluster.context.api.remove('jobs', 'default/work');
    await cluster.advance();
    expect(tracked()).toBe(0);
  });

  test('a job that somebody else manages is left alone', async () => {
    start(job({ managedBy: 'example.com/other' }));
    await cluster.advance();
    expect(cluster.pods()).toEqual([]);
    expect(cluster.get<Job>('jobs', 'work').status).toBeUndefined();
  });

  test('pods of a job that another controller has ended keep their finalizer: it is for that to count them', async () => {
    start({ ...job({ managedBy: 'example.com/other' }), status: { conditions: [{ type: 'Failed', status: 'True' }] } });
    const { uid } = cluster.get<Job>('jobs', 'work').metadata;
    cluster.context.api.put('pods', { metadata: { name: 'p', namespace: 'default', labels: { job: 'work' }, finalizers: [TRACKING_FINALIZER], ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'work', uid: uid!, controller: true }] }, spec: { containers: [] } } as Pod);
    await cluster.advance(60_000);
    expect(tracked()).toBe(1);
  });

  test('a finished job writes nothing', async () => {
    start(job());
    await cluster.advance();
    end(active(), 'Succeeded');
    await cluster.advance();
    const before = cluster.context.api.requests.length;
    await cluster.advance(3_600_000);
    expect(cluster.context.api.requests.slice(before).filter((r) => r.method !== 'GET')).toEqual([]);
  });
});
