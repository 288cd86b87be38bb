import { expect, test } from 'vitest';
import type { Pod } from '../../api/core/v1/types.ts';
import type { DeviceTaint, DeviceToleration, ResourceClaim, ResourceSlice } from '../../api/resource/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startDeviceTaintEviction } from './controller.ts';
import { decideDeviceEviction } from './decide.ts';

const nowMs = Date.UTC(2030, 0, 1);
const pod: Pod = { metadata: { name: 'p', namespace: 'shop', uid: 'u' }, spec: { nodeName: 'n', containers: [], resourceClaims: [{ name: 'g', resourceClaimName: 'c' }] } };
const claimOf = (tolerations?: DeviceToleration[], uid = 'u'): ResourceClaim => ({
  metadata: { name: 'c', namespace: 'shop' }, spec: {},
  status: { allocation: { devices: { results: [{ request: 'r', driver: 'd', pool: 'q', device: 'x', ...(tolerations ? { tolerations } : {}) }] } }, reservedFor: [{ resource: 'pods', name: 'p', uid }] },
});
const taint = (effect = 'NoExecute'): DeviceTaint => ({ key: 'broken', value: 'yes', effect, timeAdded: formatTime(nowMs - 10_000) });

test.each([
  ['no taint', claimOf(), [], undefined],
  ['another effect', claimOf(), [taint('NoSchedule')], undefined],
  ['not tolerated', claimOf(), [taint()], 'now'],
  ['tolerated', claimOf([{ key: 'broken', operator: 'Exists' }]), [taint()], undefined],
  ['all tolerated', claimOf([{ operator: 'Exists' }]), [taint()], undefined],
  ['tolerated by value', claimOf([{ key: 'broken', operator: 'Equal', value: 'yes', effect: 'NoExecute' }]), [taint()], undefined],
  ['another value', claimOf([{ key: 'broken', operator: 'Equal', value: 'no' }]), [taint()], 'now'],
  ['tolerated for a while', claimOf([{ operator: 'Exists', tolerationSeconds: 30 }]), [taint()], { atMs: nowMs + 20_000 }],
  ['tolerated for too short', claimOf([{ operator: 'Exists', tolerationSeconds: 5 }]), [taint()], 'now'],
  ['reserved for another', claimOf(undefined, 'w'), [taint()], undefined],
])('decide: %s', (_name, claim, taints, expected) => {
  expect(decideDeviceEviction(pod, [claim], () => taints, nowMs)).toEqual(expected);
});

test('eventually a pod leaves a device that drives it out; a taint that goes in time cancels it', async () => {
  const host = virtualHost({ seed: 'devices', settle: turn });
  const context = fakeContext(host);
  const slice = (taints: DeviceTaint[], generation = 1): ResourceSlice => ({ metadata: { name: 's' }, spec: { driver: 'd', pool: { name: 'q', generation, resourceSliceCount: 1 }, devices: [{ name: 'x', taints }] } });
  const now = (): DeviceTaint => ({ ...taint(), timeAdded: formatTime(host.clock.now()) });
  context.api.put('pods', pod);
  context.api.put('resourceclaims', claimOf([{ operator: 'Exists', tolerationSeconds: 60 }]));
  context.api.put('resourceslices', slice([]));
  context.run(startDeviceTaintEviction);
  await host.clock.advance(1000);
  context.api.put('resourceslices', slice([now()]));
  await host.clock.advance(30_000);
  context.api.put('resourceslices', slice([], 2));
  await host.clock.advance(60_000);
  expect(context.api.objects('pods')).toHaveLength(1);
  expect(context.eventReasons()).toEqual(['Normal DeviceTaintManagerEviction p']);
  context.api.put('resourceslices', slice([now()], 3));
  await host.clock.advance(62_000);
  expect(context.api.objects('pods')).toHaveLength(0);
  await context.stop();
});
