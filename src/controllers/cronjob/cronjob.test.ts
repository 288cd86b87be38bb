import { afterEach, describe, expect, test } from 'vitest';
import type { CronJob, Job } from '../../api/batch/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { about, fakeCluster, type FakeCluster } from '../shared/fake-cluster.ts';
import { startCronJob } from './controller.ts';
import { decideCronJob } from './decide.ts';
import { mostRecent, parseSchedule } from './schedule.ts';

const newHost = () => virtualHost({ seed: 'cronjob', settle: turn });

const at = (text: string): number => Date.parse(text);

describe('schedules', () => {
  const rows: [string, string, string | undefined, string[]][] = [
    ['*/15 * * * *', '2030-01-01T00:07:30Z', undefined, ['2030-01-01T00:15:00Z', '2030-01-01T00:30:00Z']],
    ['0 12 * * mon-fri', '2030-01-04T13:00:00Z', undefined, ['2030-01-07T12:00:00Z']],
    ['5/20 * * * *', '2030-01-01T00:00:00Z', undefined, ['2030-01-01T00:05:00Z', '2030-01-01T00:25:00Z', '2030-01-01T00:45:00Z', '2030-01-01T01:05:00Z']],
    ['0 0 13 * 5', '2030-01-01T00:00:00Z', undefined, ['2030-01-04T00:00:00Z', '2030-01-11T00:00:00Z', '2030-01-13T00:00:00Z']],
    ['0 0 29 2 *', '2030-01-01T00:00:00Z', undefined, ['2032-02-29T00:00:00Z']],
    ['@hourly', '2030-01-01T00:00:00Z', undefined, ['2030-01-01T01:00:00Z']],
    ['@every 90s', '2030-01-01T00:00:10Z', undefined, ['2030-01-01T00:01:40Z', '2030-01-01T00:03:10Z']],
    ['30 9 * * *', '2030-07-01T00:00:00Z', 'Europe/Berlin', ['2030-07-01T07:30:00Z', '2030-07-02T07:30:00Z']],
    // Clocks go forward from 2 to 3 on 31 March, back from 3 to 2 on 27 October.
    ['30 2 * * *', '2030-03-30T12:00:00Z', 'Europe/Berlin', ['2030-04-01T00:30:00Z']],
    ['30 2 * * *', '2030-10-26T12:00:00Z', 'Europe/Berlin', ['2030-10-27T00:30:00Z', '2030-10-27T01:30:00Z', '2030-10-28T01:30:00Z']],
  ];
  test.each(rows)('%s from %s in %s', (text, from, zone, expected) => {
    const schedule = parseSchedule(text, zone);
    let ms = at(from);
    expect(expected.map(() => formatTime(ms = schedule.next(ms)!))).toEqual(expected);
  });

  test.each(['', '* * * *', '60 * * * *', '* * * * 7', '5-1 * * * *', '*/0 * * * *', 'x * * * *', '1-2-3 * * * *', '@reboot'])('%j is refused', (text) => {
    expect(() => parseSchedule(text)).toThrow();
  });

  test('30 February never comes', () => {
    expect(parseSchedule('0 0 30 2 *').next(at('2030-01-01T00:00:00Z'))).toBeUndefined();
  });

  test('the last of many missed times is found', () => {
    const now = at('2031-01-01T00:00:30Z');
    expect(mostRecent(parseSchedule('* * * * *'), at('2030-01-01T00:00:00Z'), now).atMs).toBe(at('2031-01-01T00:00:00Z'));
    expect(mostRecent(parseSchedule('0 9 * * 1-5'), at('2030-01-04T10:00:00Z'), at('2030-03-03T00:00:00Z')).atMs).toBe(at('2030-03-01T09:00:00Z'));
    expect(mostRecent(parseSchedule('0 9 * * *'), at('2030-01-01T10:00:00Z'), at('2030-01-02T08:00:00Z'))).toEqual({ missed: 0 });
  });
});

const cron = (spec: Partial<CronJob['spec']> = {}, status: CronJob['status'] = {}): CronJob => ({
  apiVersion: 'batch/v1', kind: 'CronJob', metadata: about('report', { uid: 'cron-uid', creationTimestamp: '2030-01-01T00:00:00Z' }),
  spec: { schedule: '*/10 * * * *', jobTemplate: { metadata: { labels: { a: 'b' } }, spec: { template: { spec: { containers: [] } } } }, concurrencyPolicy: 'Allow', successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1, ...spec }, status,
});
const job = (name: string, finished?: 'Complete' | 'Failed', startTime = '2030-01-01T00:00:00Z'): Job => ({
  metadata: { name, namespace: 'default', uid: name }, status: { startTime, ...(finished ? { conditions: [{ type: finished, status: 'True', lastTransitionTime: '2030-01-01T00:05:00Z' }] } : {}) },
});

describe('what a cron job does', () => {
  const running = { active: [{ name: 'old', uid: 'old' }], lastScheduleTime: '2030-01-01T00:00:00Z' };
  const rows: [string, CronJob, Job[], string, { create?: string; replace?: string[]; reasons?: string[] }][] = [
    ['before its time nothing', cron(), [], '2030-01-01T00:09:59Z', {}],
    ['at its time a job', cron(), [], '2030-01-01T00:10:00Z', { create: 'report-31557610' }],
    ['of several missed the last', cron(), [], '2030-01-01T00:39:00Z', { create: 'report-31557630' }],
    ['suspended: nothing', cron({ suspend: true }), [], '2030-01-01T00:10:00Z', {}],
    ['too late: said, not done', cron({ startingDeadlineSeconds: 60 }), [], '2030-01-01T00:15:00Z', {}],
    ['Forbid while one runs', cron({ concurrencyPolicy: 'Forbid' }, running), [job('old')], '2030-01-01T00:10:00Z', { reasons: ['JobAlreadyActive'] }],
    ['Replace while one runs', cron({ concurrencyPolicy: 'Replace' }, running), [job('old')], '2030-01-01T00:10:00Z', { create: 'report-31557610', replace: ['old'] }],
    ['Allow while one runs', cron({}, running), [job('old')], '2030-01-01T00:10:00Z', { create: 'report-31557610' }],
    ['a job that finished no longer stands in the way', cron({ concurrencyPolicy: 'Forbid' }, running), [job('old', 'Complete')], '2030-01-01T00:10:00Z', { create: 'report-31557610', reasons: ['SawCompletedJob'] }],
    ['a job that is gone', cron({}, running), [], '2030-01-01T00:01:00Z', { reasons: ['MissingJob'] }],
    ['a schedule that cannot be read', cron({ schedule: 'x' }), [], '2030-01-01T00:10:00Z', { reasons: ['UnparseableSchedule'] }],
    ['a zone that nobody knows', cron({ timeZone: 'Mars/Olympus' }), [], '2030-01-01T00:10:00Z', { reasons: ['UnknownTimeZone'] }],
    ['many missed', cron(), [], '2030-02-01T00:00:00Z', { create: 'report-31602240', reasons: ['TooManyMissedTimes'] }],
  ];
  test.each(rows)('%s', (_name, cronJob, jobs, now, { create, replace = [], reasons = [] }) => {
    const decision = decideCronJob({ cronJob, jobs }, at(now));
    expect({ create: decision.create?.job.metadata.name, replace: decision.replace.map((each) => each.metadata.name), reasons: decision.events.map((event) => event.reason) }).toEqual({ create, replace, reasons });
  });

  test('finished jobs over the limits go, the oldest first', () => {
    const jobs = [job('b', 'Complete', '2030-01-02T00:00:00Z'), job('a', 'Complete', '2030-01-01T00:00:00Z'), job('f', 'Failed')];
    expect(decideCronJob({ cronJob: cron(), jobs }, at('2030-01-01T00:00:00Z')).remove.map((each) => each.metadata.name)).toEqual(['a']);
  });
});

describe('cron job controller', () => {
  let cluster: FakeCluster;
  afterEach(() => cluster.stop());

  test('makes one job each ten minutes, and tidies up', async () => {
    cluster = fakeCluster(newHost(), startCronJob);
    cluster.context.api.put('cronjobs', { ...cron(), metadata: about('report', { uid: 'cron-uid' }) });
    await cluster.advance(10 * 60_000 + 1_000);
    const names = () => cluster.context.api.objects<Job>('jobs').map((each) => each.metadata.name);
    expect(names()).toEqual(['report-31557610']);
    expect(cluster.get<CronJob>('cronjobs', 'report').status).toMatchObject({ lastScheduleTime: '2030-01-01T00:10:00Z', active: [{ name: 'report-31557610' }] });
    for (let i = 0; i < 3; i++) {
      for (const each of cluster.context.api.objects<Job>('jobs')) cluster.change<Job>('jobs', each.metadata.name!, (object) => (object.status = { startTime: formatTime(cluster.host.clock.now()), conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: formatTime(cluster.host.clock.now()) }] }));
      await cluster.advance(10 * 60_000);
    }
    expect(names()).toEqual(['report-31557630', 'report-31557640']);
    expect(cluster.get<CronJob>('cronjobs', 'report').status?.lastSuccessfulTime).toBeDefined();
  });
});
