import { expect, test } from 'vitest';
import type { Job } from '../../api/batch/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startTtlAfterFinished } from './controller.ts';
import { decideFinished } from './decide.ts';

const start = Date.UTC(2030, 0, 1);
function jobOf(ttl: number | undefined, condition?: string, status = 'True', extra: object = {}): Job {
  return {
    metadata: { name: 'j', namespace: 'default', uid: 'u', ...extra },
    spec: { template: { spec: { containers: [] } }, ...(ttl === undefined ? {} : { ttlSecondsAfterFinished: ttl }) },
    status: condition ? { conditions: [{ type: condition, status, lastTransitionTime: '2030-01-01T00:00:00Z' }] } : {},
  };
}

test.each([
  ['gone', undefined, 0, undefined],
  ['no time given', jobOf(undefined, 'Complete'), 100, undefined],
  ['still running', jobOf(5), 100, undefined],
  ['suspended is not finished', jobOf(5, 'Suspended'), 100, undefined],
  ['a condition that is false', jobOf(5, 'Failed', 'False'), 100, undefined],
  ['not yet', jobOf(5, 'Complete'), 2, { afterMs: 3000 }],
  ['over, complete', jobOf(5, 'Complete'), 5, { delete: true }],
  ['over, failed', jobOf(5, 'Failed'), 6, { delete: true }],
  ['at once', jobOf(0, 'Failed'), 0, { delete: true }],
  ['being deleted already', jobOf(0, 'Failed', 'True', { deletionTimestamp: '2030-01-01T00:00:00Z' }), 1, undefined],
])('decide: %s', (_name, job, seconds, action) => {
  expect(decideFinished(job, start + seconds * 1000)).toEqual(action);
});

test('eventually goes; never before a time that was raised meanwhile', async () => {
  const host = virtualHost({ seed: 'ttl', settle: turn });
  const context = fakeContext(host);
  context.api.put('jobs', jobOf(10, 'Complete'));
  context.run(startTtlAfterFinished);
  await host.clock.advance(5000);
  context.api.put('jobs', jobOf(30, 'Complete'));
  await host.clock.advance(20_000);
  expect(context.api.objects('jobs')).toHaveLength(1);
  await host.clock.advance(6000);
  // Foreground: its pods go first, by the hand of the garbage collector.
  expect(context.api.objects('jobs').map(({ metadata }) => [metadata.deletionTimestamp !== undefined, metadata.finalizers])).toEqual([[true, ['foregroundDeletion']]]);
  await context.stop();
});
