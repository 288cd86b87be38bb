import { describe, expect, test } from 'vitest';
import type { Loose } from '../../strategies.fixture.ts';
import { created, kindOf, refusals, updateRefusals } from '../../strategies.fixture.ts';
import { parseSchedule } from './schedule.ts';
import { countIndexes } from './validation.ts';

type Row = [name: string, change: (object: Loose) => void, expected: string[]];

const indexed = (more: object) => (job: Loose): void => Object.assign(job.spec, { completionMode: 'Indexed', completions: 3, parallelism: 1 }, more);
const failurePolicy = (rule: object) => (job: Loose): void => { job.spec.podFailurePolicy = { rules: [{ action: 'FailJob', ...rule }] }; };
const rule = 'spec.podFailurePolicy.rules[0]';

const jobs: Row[] = [
  ['pods that go on', (j) => { j.spec.template.spec.restartPolicy = 'Always'; }, ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']],
  ['negative parallelism', (j) => { j.spec.parallelism = -1; }, ['spec.parallelism: Invalid value: -1: must be greater than or equal to 0']],
  ['indexed without completions', indexed({ completions: undefined }), ['spec.completions: Required value: when completion mode is Indexed']],
  ['indexed', indexed({}), []],
  ['too parallel', indexed({ parallelism: 100001 }), ['spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed']],
  ['limits of indexes without indexes', (j) => { j.spec.backoffLimitPerIndex = 1; }, ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode']],
  ['an unknown mode', (j) => { j.spec.completionMode = 'Some'; }, ['spec.completionMode: Unsupported value: "Some": supported values: "Indexed", "NonIndexed"']],
  ['labels of another job', (j) => { j.spec.template.metadata = { labels: { 'controller-uid': 'x' } }; }, [
    `spec.template.metadata.labels: Invalid value: {"controller-uid":"x","batch.kubernetes.io/controller-uid":"6f1b8d5e-1c9a-4d57-9f0f-5a8f2a0f9b11","job-name":"sums","batch.kubernetes.io/job-name":"sums"}: must be '6f1b8d5e-1c9a-4d57-9f0f-5a8f2a0f9b11'`,
  ]],
  ['managed by nobody', (j) => { j.spec.managedBy = 'me'; }, ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")']],
  ['a failure rule about nothing', failurePolicy({}), [`${rule}: Invalid value: {"Action":"FailJob","OnExitCodes":null,"OnPodConditions":null}: specifying one of OnExitCodes and OnPodConditions is required`]],
  ['a failure on success', failurePolicy({ onExitCodes: { operator: 'In', values: [0] } }), [`${rule}.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator`]],
  ['codes out of order', failurePolicy({ onExitCodes: { operator: 'In', values: [2, 1] } }), [`${rule}.onExitCodes.values: Invalid value: [2,1]: must be ordered`]],
  ['a code twice', failurePolicy({ onExitCodes: { operator: 'In', values: [1, 1] } }), [`${rule}.onExitCodes.values[1]: Duplicate value: 1`]],
  ['an unknown container', failurePolicy({ onExitCodes: { operator: 'In', values: [1], containerName: 'x' } }), [`${rule}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`]],
  ['failing an index that is not counted', failurePolicy({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }), [`${rule}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`]],
  ['success of nothing', indexed({ successPolicy: { rules: [] } }), ['spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified']],
  ['success of too many', indexed({ successPolicy: { rules: [{ succeededCount: 4 }] } }), ['spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)']],
];

const crons: Row[] = [
  ['too few fields', (c) => { c.spec.schedule = '* * *'; }, ['spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]']],
  ['no schedule', (c) => { c.spec.schedule = ''; }, ['spec.schedule: Required value']],
  ['a zone in the schedule', (c) => { c.spec.schedule = 'TZ=UTC 0 0 * * *'; }, ['spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead']],
  ['an unknown zone', (c) => { c.spec.timeZone = 'Mars/Olympus'; }, ['spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus']],
  ['the zone of the machine', (c) => { c.spec.timeZone = 'Local'; }, ['spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones']],
  ['a zone', (c) => { c.spec.timeZone = 'Europe/Zurich'; }, []],
  ['an unknown policy', (c) => { c.spec.concurrencyPolicy = 'Wait'; }, ['spec.concurrencyPolicy: Unsupported value: "Wait": supported values: "Allow", "Forbid", "Replace"']],
  ['a long name', (c) => { c.metadata.name = 'a'.repeat(53); }, [`metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`]],
  ['a fault in the template', (c) => { c.spec.jobTemplate.spec.backoffLimit = -1; }, ['spec.jobTemplate.spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0']],
  ['faults, in the order of the fields', (c) => { Object.assign(c.spec, { schedule: '', startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1 }); c.spec.jobTemplate.spec.backoffLimit = -1; }, [
    'spec.schedule: Required value', 'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
    'spec.jobTemplate.spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0', 'spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
  ]],
  ['a negative limit', (c) => { c.spec.failedJobsHistoryLimit = -1; }, ['spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0']],
];

describe.each([['batch/Job', jobs], ['batch/CronJob', crons]])('%s', (key, rows) => {
  test.each(rows)('%s', (_name, change, expected) => {
    expect(refusals(key, change)).toEqual(expected);
  });
});

describe('jobs', () => {
  test('the selector is made from the uid, and the pods are labelled', () => {
    const job = created('batch/Job');
    expect(job.spec.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': job.metadata.uid } });
    expect(job.spec.template.metadata.labels).toEqual({ 'controller-uid': job.metadata.uid, 'batch.kubernetes.io/controller-uid': job.metadata.uid, 'job-name': 'sums', 'batch.kubernetes.io/job-name': 'sums' });
    expect(kindOf('batch/Job').strategy.selectableFields!(job)).toEqual({ 'status.successful': '0' });
    expect(kindOf('batch/Job').strategy.defaultPropagation).toBe('Orphan');
  });
  test('a selector of one\'s own stays', () => {
    const job = created('batch/Job', (j) => { j.spec.manualSelector = true; j.spec.selector = { matchLabels: { a: 'b' } }; j.spec.template.metadata = { labels: { a: 'b' } }; });
    expect(job.spec.selector).toEqual({ matchLabels: { a: 'b' } });
    expect(refusals('batch/Job', (j) => { j.spec.manualSelector = true; j.spec.selector = { matchLabels: { a: 'b' } }; })).toEqual(['spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`']);
  });
  test('the template is fixed, unless the job has not begun', () => {
    const suspended = (job: Loose): void => { job.spec.suspend = true; };
    const select = (job: Loose): void => { job.spec.template.spec.nodeSelector = { a: 'b' }; };
    expect(updateRefusals('batch/Job', select)[0]).toMatch(/^spec\.template: Invalid value: .*: field is immutable$/);
    expect(updateRefusals('batch/Job', select, { stored: suspended })).toEqual([]);
    expect(updateRefusals('batch/Job', (j) => { j.spec.template.spec.hostNetwork = true; }, { stored: suspended })[0]).toMatch(/field is immutable$/);
  });
  test('completions are fixed, but for elastic indexed jobs', () => {
    expect(updateRefusals('batch/Job', (j) => { j.spec.completions = 5; })).toEqual(['spec.completions: Invalid value: 5: field is immutable']);
    const stored = (j: Loose): void => Object.assign(j.spec, { completionMode: 'Indexed', completions: 2, parallelism: 2 });
    expect(updateRefusals('batch/Job', (j) => { j.spec.completions = 3; j.spec.parallelism = 3; }, { stored })).toEqual([]);
    expect(updateRefusals('batch/Job', (j) => { j.spec.completions = 3; }, { stored })).toEqual(['spec.completions: Invalid value: 3: can only be modified in tandem with parallelism']);
  });
  test('an end is final', () => {
    const stored = (j: Loose): void => { j.status = { startTime: '2026-03-01T12:00:00Z', completionTime: '2026-03-01T12:01:00Z', conditions: [{ type: 'Complete', status: 'True' }] }; };
    const update = (status: object): string[] => updateRefusals('batch/Job', (j) => { j.status = status; }, { stored, subresource: 'status' });
    expect(update({ startTime: '2026-03-01T12:00:00Z' })).toEqual(['status.conditions: Invalid value: cannot disable the terminal Complete=True condition']);
  });
});

test.each<[string, number, number | string]>([
  ['', 5, 0], ['0', 1, 1], ['0,2-4', 5, 4], ['3,1', 5, 'non-increasing order, previous: 3, current: 1'], ['5', 5, 'too large index: "5"'], ['x', 5, 'cannot convert string to integer for index: "x"'],
])('indexes %j of %i: %s', (text, completions, expected) => {
  expect(countIndexes(text, completions)).toBe(expected);
});

describe('schedules', () => {
  const bits = (text: string, field: 'minutes' | 'hours' | 'daysOfMonth' | 'months' | 'daysOfWeek'): number[] => {
    const schedule = parseSchedule(text);
    if (schedule.kind !== 'fields') throw new Error('not fields');
    return [...Array(60).keys()].filter((i) => (schedule[field] >> BigInt(i)) & 1n);
  };
  test.each<[string, string, Parameters<typeof bits>[1], number[]]>([
    ['steps', '*/15 * * * *', 'minutes', [0, 15, 30, 45]], ['a start with steps', '50/5 * * * *', 'minutes', [50, 55]], ['lists and ranges', '0 1,3-5 * * *', 'hours', [1, 3, 4, 5]],
    ['names', '0 0 * JAN,dec sun-tue', 'months', [1, 12]], ['days by name', '0 0 * * SUN-tue', 'daysOfWeek', [0, 1, 2]], ['weekly', '@weekly', 'daysOfWeek', [0]],
  ])('%s', (_name, text, field, expected) => {
    expect(bits(text, field)).toEqual(expected);
  });
  test('every so often', () => {
    expect([parseSchedule('@every 1h30m'), parseSchedule('@every 10ms')]).toEqual([{ kind: 'every', seconds: 5400 }, { kind: 'every', seconds: 1 }]);
  });
  test('a star leaves the choice to the other day', () => {
    expect(parseSchedule('0 0 1 * *')).toMatchObject({ anyDayOfMonth: false, anyDayOfWeek: true });
  });
  test.each([
    ['60 * * * *', 'end of range (60) above maximum (59): 60'], ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'], ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'], ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'], ['@often', 'unrecognized descriptor: @often'], ['1-2-3 * * * *', 'too many hyphens: 1-2-3'], ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ])('%s: %s', (text, why) => {
    expect(() => parseSchedule(text)).toThrow(why);
  });
});

describe('what may be said of a job', () => {
  const condition = (type: string): object => ({ type, status: 'True' });
  const done = { startTime: '2026-03-01T11:00:00Z', completionTime: '2026-03-01T12:00:00Z', conditions: [condition('SuccessCriteriaMet'), condition('Complete')], succeeded: 1 };
  const indexed = (job: Loose): void => { Object.assign(job.spec, { completionMode: 'Indexed', completions: 5, backoffLimitPerIndex: 1 }); };
  const C = 'status.conditions: Invalid value: ';
  test.each<[string, object, string[], { was?: object; spec?: (job: Loose) => void }?]>([
    ['done', done, []],
    ['done without a sign before', { ...done, conditions: [condition('Complete')] }, [`${C}cannot set Complete=True condition without the SuccessCriteriaMet=true condition`]],
    ['failed without a sign before', { startTime: 't', conditions: [condition('Failed')] }, [`${C}cannot set Failed=True condition without the FailureTarget=true condition`]],
    ['done and failed', { ...done, conditions: [...done.conditions, condition('FailureTarget')] }, [`${C}cannot set Complete=True and FailureTarget=true conditions`, `${C}cannot set FailureTarget=True and SuccessCriteriaMet=true conditions`]],
    ['done before it began', { ...done, startTime: '2026-03-01T13:00:00Z' }, ['status.completionTime: Invalid value: "2026-03-01T12:00:00Z": completionTime cannot be set before startTime']],
    ['done with pods at work', { ...done, active: 1, terminating: 1, uncountedTerminatedPods: { failed: ['a'] } }, [
      'status.active: Invalid value: 1: active>0 is invalid for finished job', 'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job', 'status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: uncountedTerminatedPods needs to be empty for finished job',
    ]],
    ['more ready than active', { active: 1, ready: 2 }, ['status.ready: Invalid value: 2: cannot set more ready pods than active']],
    ['a counter that falls', { succeeded: 1, failed: 2 }, ['status.succeeded: Invalid value: 1: cannot decrease the succeeded counter', 'status.failed: Invalid value: 2: cannot decrease the failed counter'], { was: { succeeded: 2, failed: 3 } }],
    ['a pod counted twice', { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } }, ['status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty', 'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"']],
    ['another start', { startTime: '2026-03-01T11:30:00Z' }, ['status.startTime: Invalid value: "2026-03-01T11:30:00Z": startTime cannot be modified for unsuspended job'], { was: { startTime: '2026-03-01T11:00:00Z' } }],
    ['no start any more', {}, ['status.startTime: Required value: startTime cannot be removed for unsuspended job'], { was: { startTime: '2026-03-01T11:00:00Z' } }],
    ['a start anew after a rest', {}, [], { was: { startTime: '2026-03-01T11:00:00Z' }, spec: (job) => { job.spec.suspend = true; } }],
    ['indexes of a job without', { completedIndexes: '0' }, ['status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode']],
    ['an index beyond the last', { completedIndexes: '1,7' }, ['status.completedIndexes: Invalid value: "1,7": error parsing completedIndexes: too large index: "7"'], { spec: indexed }],
    ['an index done and failed', { completedIndexes: '0-2', failedIndexes: '2-3' }, ['status.failedIndexes: Invalid value: "2-3": failedIndexes and completedIndexes overlap at index: 2'], { spec: indexed }],
    ['failed indexes where none are counted', { failedIndexes: '0' }, ['status.failedIndexes: Invalid value: "0": cannot set non-null failedIndexes when backoffLimitPerIndex is null']],
  ])('%s', (_name, status, expected, { was, spec } = {}) => {
    const stored = (job: Loose): void => { spec?.(job); job.status = was ?? {}; };
    expect(updateRefusals('batch/Job', (job) => { job.status = status; }, { stored, subresource: 'status' })).toEqual(expected);
  });
});
