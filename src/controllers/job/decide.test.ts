/** The next step of a Job, as tables: elastic and indexed ones, back-off per index, policies, replacement of pods, suspension. */
import { describe, expect, test } from 'vitest';
import type { Job } from '../../api/batch/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import { FAILURE_COUNT_ANNOTATION } from './backoff.ts';
import { decideJob, type JobActions } from './decide.ts';
import { COMPLETION_INDEX_ANNOTATION } from './indexes.ts';
import { TRACKING_FINALIZER } from './pods.ts';

const now = Date.UTC(2030, 0, 1);
const job = (spec: object = {}, status: Job['status'] = { startTime: formatTime(now - 60_000) }): Job => ({
  metadata: { name: 'w', namespace: 'default', uid: 'w', generation: 1 },
  spec: { parallelism: 2, completions: 4, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false, podReplacementPolicy: 'TerminatingOrFailed', template: { spec: { restartPolicy: 'Never', containers: [] } }, ...spec } as Job['spec'],
  status,
});
const indexed = (spec: object = {}, status?: Job['status']): Job => job({ completionMode: 'Indexed', ...spec }, status);
interface PodSpec { phase?: string; index?: number; going?: boolean; ago?: number; exit?: number; failures?: number; condition?: string; restarts?: number }
let serial = 0;
function pod({ phase = 'Running', index, going, ago = 3600, exit = 1, failures, condition, restarts = 0 }: PodSpec): Pod {
  const name = `p${serial++}`;
  const ended = phase === 'Failed' || phase === 'Succeeded';
  return {
    metadata: {
      name, uid: name, namespace: 'default', finalizers: [TRACKING_FINALIZER], creationTimestamp: formatTime(now - 7200_000), ...(going ? { deletionTimestamp: formatTime(now - ago * 1000) } : {}),
      annotations: { ...(index === undefined ? {} : { [COMPLETION_INDEX_ANNOTATION]: String(index) }), ...(failures === undefined ? {} : { [FAILURE_COUNT_ANNOTATION]: String(failures) }) },
    },
    spec: { containers: [] },
    status: {
      phase, ...(condition ? { conditions: [{ type: condition, status: 'True' }] } : {}),
      containerStatuses: [{ name: 'c', image: '', imageID: '', ready: false, restartCount: restarts, state: ended ? { terminated: { exitCode: phase === 'Succeeded' ? 0 : exit, finishedAt: formatTime(now - ago * 1000) } } : {} }],
    },
  };
}
const failed = (more: PodSpec = {}): Pod => pod({ phase: 'Failed', ...more });
const done = (more: PodSpec = {}): Pod => pod({ phase: 'Succeeded', ...more });
const decide = (object: Job, pods: Pod[]): JobActions => decideJob({ job: object, pods, upToDate: true }, now);
/** `+n` pods made, `+[0,2]` by index, `-n` deleted, and the condition that says how it ends. */
function told({ create, delete: gone, status, afterMs }: JobActions, before?: Job['status']): string {
  const indexes = create.map(({ index }) => index);
  const made = create.length === 0 ? [] : [indexes[0] === undefined ? `+${create.length}` : `+[${indexes.join()}]`];
  const fresh = (status.conditions ?? []).filter((each) => !before?.conditions?.some(({ type }) => type === each.type)).map(({ type, reason }) => `${type}:${reason}`);
  return [...made, ...(gone.length > 0 ? [`-${gone.length}`] : []), ...fresh, ...(afterMs === undefined ? [] : [`in ${afterMs / 1000} s`])].join(' ');
}

describe('how many pods', () => {
  const rows: [string, Job, Pod[], string][] = [
    ['the first', job(), [], '+2'],
    ['the rest is fewer than parallelism', job(), [done(), done(), done()], '+1'],
    ['parallelism went down', job({ parallelism: 1 }), [pod({}), pod({})], '-1'],
    ['parallelism zero', job({ parallelism: 0 }), [pod({})], '-1'],
    ['a work queue starts no more after the first success', job({ completions: undefined, parallelism: 3 }), [done(), pod({})], ''],
    ['a work queue ends with its last pod', job({ completions: undefined, parallelism: 3 }), [done(), failed()], 'SuccessCriteriaMet:CompletionsReached'],
    ['suspended: all go', job({ suspend: true }), [pod({}), pod({})], '-2 Suspended:JobSuspended'],
    ['failed a moment ago: it waits', job(), [failed({ ago: 4 })], 'in 6 s'],
    ['failed thrice: four times as long', job(), [failed({ ago: 4 }), failed({ ago: 50 }), failed({ ago: 90 })], 'in 36 s'],
    ['a success in between begins anew', job(), [failed({ ago: 90 }), done({ ago: 50 }), failed({ ago: 4 })], 'in 6 s'],
    ['going pods are replaced at once', job(), [pod({ going: true, ago: 30 }), pod({})], '+1'],
    ['replacement only of failed ones: a going pod keeps its place', job({ podReplacementPolicy: 'Failed' }), [pod({ going: true, ago: 30 }), pod({})], ''],
    ['and gives it up when it has failed', job({ podReplacementPolicy: 'Failed' }), [failed({ going: true, ago: 30 }), pod({})], '+1'],
    ['a deadline is looked forward to', job({ activeDeadlineSeconds: 100 }), [pod({}), pod({})], 'in 40 s'],
    ['a deadline that is over', job({ activeDeadlineSeconds: 60 }), [pod({}), pod({})], '-2 FailureTarget:DeadlineExceeded'],
    ['restarts within pods are failures', job({ backoffLimit: 3, template: { spec: { restartPolicy: 'OnFailure', containers: [] } } }), [pod({ restarts: 2 }), pod({ restarts: 1 })], '-2 FailureTarget:BackoffLimitExceeded'],
    ['too many failures', job({ backoffLimit: 1 }), [failed(), failed(), pod({})], '-1 FailureTarget:BackoffLimitExceeded'],
  ];
  test.each(rows)('%s', (_name, object, pods, expected) => {
    expect(told(decide(object, pods), object.status)).toBe(expected);
  });
});

describe('indexed jobs', () => {
  const rows: [string, Job, Pod[], string][] = [
    ['the lowest free indexes', indexed(), [pod({ index: 1 })], '+[0]'],
    ['what is done is not done again', indexed({}, { completedIndexes: '0,2', succeeded: 2 }), [], '+[1,3]'],
    ['one of two pods of an index goes', indexed(), [pod({ index: 0 }), pod({ index: 0 })], '-1'],
    ['a pod of an index beyond the end goes', indexed({ completions: 2 }), [pod({ index: 0 }), pod({ index: 3 })], '-1'],
    ['elastic: grown from three to five', indexed({ completions: 5, parallelism: 5 }, { completedIndexes: '0-2', succeeded: 3 }), [], '+[3,4]'],
    ['elastic: shrunk to two, of which one is done', indexed({ completions: 2, parallelism: 2 }, { completedIndexes: '0', succeeded: 1 }), [pod({ index: 1 }), pod({ index: 2 }), pod({ index: 3 })], '-2'],
    ['elastic: shrunk to what is done', indexed({ completions: 1, parallelism: 1 }, { completedIndexes: '0-2', succeeded: 3 }), [], 'SuccessCriteriaMet:CompletionsReached'],
    ['elastic: grown again, what lay beyond the end is to be done anew', indexed({ completions: 4, parallelism: 4 }, { completedIndexes: '0', succeeded: 1 }), [], '+[1,2,3]'],
  ];
  test.each(rows)('%s', (_name, object, pods, expected) => {
    expect(told(decide(object, pods), object.status)).toBe(expected);
  });

  test('an elastic job forgets completions beyond its new end', () => {
    const { status } = decide(indexed({ completions: 2, parallelism: 2 }, { completedIndexes: '0,3', succeeded: 2 }), []);
    expect(status).toMatchObject({ completedIndexes: '0', succeeded: 1 });
  });
});

describe('back-off per index', () => {
  const perIndex = (spec: object = {}, status?: Job['status']): Job => indexed({ backoffLimitPerIndex: 1, backoffLimit: 2 ** 31 - 1, parallelism: 4, ...spec }, status);
  const rows: [string, Job, Pod[], string, string][] = [
    ['a failed index is tried again', perIndex(), [failed({ index: 0 }), pod({ index: 1 }), pod({ index: 2 }), pod({ index: 3 })], '+[0]', ''],
    ['after its own wait, that of others does not matter', perIndex({ backoffLimitPerIndex: 3 }), [failed({ index: 0, ago: 5, failures: 1 }), failed({ index: 1, ago: 60 }), pod({ index: 2 }), pod({ index: 3 })], '+[1] in 15 s', ''],
    ['over its limit it has failed, and the others go on', perIndex(), [failed({ index: 0, failures: 1 }), pod({ index: 1 }), pod({ index: 2 }), pod({ index: 3 })], '', '0'],
    ['all ended, one of them badly', perIndex({}, { completedIndexes: '1-3', succeeded: 3 }), [failed({ index: 0, failures: 1 })], 'FailureTarget:FailedIndexes', '0'],
    ['too many failed indexes', perIndex({ maxFailedIndexes: 1 }), [failed({ index: 0, failures: 1 }), failed({ index: 1, failures: 1 }), pod({ index: 2 })], '-1 FailureTarget:MaxFailedIndexesExceeded', '0,1'],
    ['as many as may fail', perIndex({ maxFailedIndexes: 2 }), [failed({ index: 0, failures: 1 }), failed({ index: 1, failures: 1 }), pod({ index: 2 }), pod({ index: 3 })], '', '0,1'],
    ['a policy fails an index at once', perIndex({ podFailurePolicy: { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } }] }, podReplacementPolicy: 'Failed' }), [failed({ index: 0, exit: 42 }), pod({ index: 1 }), pod({ index: 2 }), pod({ index: 3 })], '', '0'],
    ['a disruption that is ignored does not count', perIndex({ podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] }, podReplacementPolicy: 'Failed' }), [failed({ index: 0, failures: 1, condition: 'DisruptionTarget' }), pod({ index: 1 }), pod({ index: 2 }), pod({ index: 3 })], '+[0]', ''],
  ];
  test.each(rows)('%s', (_name, object, pods, expected, failedIndexes) => {
    const actions = decide(object, pods);
    expect([told(actions, object.status), actions.status.failedIndexes ?? '']).toEqual([expected, failedIndexes]);
  });
});

describe('success policy', () => {
  const withPolicy = (rules: object[], spec: object = {}, status?: Job['status']): Job => indexed({ successPolicy: { rules }, ...spec }, status);
  const rows: [string, Job, Pod[], string][] = [
    ['the leader is done: the others go', withPolicy([{ succeededIndexes: '0' }]), [done({ index: 0 }), pod({ index: 1 })], '-1 SuccessCriteriaMet:SuccessPolicy'],
    ['another is done', withPolicy([{ succeededIndexes: '0' }]), [done({ index: 1 }), pod({ index: 0 })], '+[2]'],
    ['any two', withPolicy([{ succeededCount: 2 }], {}, { completedIndexes: '3', succeeded: 1 }), [done({ index: 1 }), pod({ index: 0 })], '-1 SuccessCriteriaMet:SuccessPolicy'],
    ['failure has been decided before: it stays', withPolicy([{ succeededIndexes: '0' }], {}, { conditions: [{ type: 'FailureTarget', status: 'True', reason: 'BackoffLimitExceeded' }] }), [done({ index: 0 }), pod({ index: 1 })], '-1'],
    ['both at once: failure counts', withPolicy([{ succeededIndexes: '0' }], { backoffLimit: 0 }), [done({ index: 0 }), failed({ index: 1 })], 'FailureTarget:BackoffLimitExceeded'],
  ];
  test.each(rows)('%s', (_name, object, pods, expected) => {
    expect(told(decide(object, pods), object.status)).toBe(expected);
  });
});

describe('counting', () => {
  test('nothing is created or deleted while the last creations have not been seen', () => {
    const actions = decideJob({ job: job(), pods: [], upToDate: false }, now);
    expect([actions.create, actions.delete]).toEqual([[], []]);
  });

  test('a finished pod is named in the status, then loses its finalizer, then counts', () => {
    const pods = [done(), pod({})];
    const first = decide(job(), pods);
    const uid = pods[0]!.metadata.uid!;
    expect([first.status.succeeded, first.status.uncountedTerminatedPods, first.removeFinalizer]).toEqual([0, { succeeded: [uid] }, [pods[0]]]);
    // A crash in between: the same again, and nothing twice.
    const again = decide({ ...job(), status: first.status }, pods);
    expect([again.status.succeeded, again.status.uncountedTerminatedPods]).toEqual([0, { succeeded: [uid] }]);
    const freed = [{ ...pods[0]!, metadata: { ...pods[0]!.metadata, finalizers: [] } }, pods[1]!];
    const last = decide({ ...job(), status: first.status }, freed);
    expect([last.status.succeeded, last.status.uncountedTerminatedPods]).toEqual([1, {}]);
  });

  test('the end is told only when all is counted and gone', () => {
    const conditions = [{ type: 'SuccessCriteriaMet', status: 'True', reason: 'CompletionsReached' }];
    const still = decide(job({ completions: 1 }, { succeeded: 1, conditions }), [pod({ going: true })]);
    expect(still.status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet']);
    const gone = decide(job({ completions: 1 }, { succeeded: 1, conditions }), []);
    expect(gone.status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet', 'Complete']);
  });
});
