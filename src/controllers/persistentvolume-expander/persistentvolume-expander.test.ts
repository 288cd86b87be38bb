import { expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startVolumeExpander } from './controller.ts';
import { decideExpansion } from './decide.ts';

const claimOf = (wanted: string, has: string | undefined, phase = 'Bound'): PersistentVolumeClaim => ({
  metadata: { name: 'c', namespace: 'shop', uid: 'u' }, spec: { volumeName: 'v', resources: { requests: { storage: wanted } } }, status: { phase, ...(has ? { capacity: { storage: has } } : {}) },
});
const volumeOf = (uid = 'u'): PersistentVolume => ({ metadata: { name: 'v' }, spec: { claimRef: { namespace: 'shop', name: 'c', uid } } });

test.each([
  ['gone', undefined, volumeOf(), false], ['wants what it has', claimOf('1Gi', '1Gi'), volumeOf(), false], ['has more', claimOf('1Gi', '2Gi'), volumeOf(), false],
  ['wants more', claimOf('2Gi', '1Gi'), volumeOf(), true], ['not bound', claimOf('2Gi', '1Gi', 'Pending'), volumeOf(), false], ['no volume', claimOf('2Gi', '1Gi'), undefined, false],
  ['another\'s volume', claimOf('2Gi', '1Gi'), volumeOf('w'), false], ['the same in other words', claimOf('1024Mi', '1Gi'), volumeOf(), false],
])('decide: %s', (_name, claim, volume, waits) => {
  expect(decideExpansion(claim, volume) !== undefined).toBe(waits);
});

test('eventually the claim is told whom it waits for; never is anything written', async () => {
  const host = virtualHost({ seed: 'expand', settle: turn });
  const context = fakeContext(host);
  context.api.put('persistentvolumes', volumeOf());
  context.api.put('persistentvolumeclaims', claimOf('1Gi', '1Gi'));
  context.run(startVolumeExpander);
  await host.clock.advance(1000);
  expect(context.eventReasons()).toEqual([]);
  context.api.put('persistentvolumeclaims', claimOf('2Gi', '1Gi'));
  await host.clock.advance(1000);
  expect(context.eventReasons()).toEqual(['Normal ExternalExpanding c']);
  expect(context.api.requests.filter(({ method, target }) => method !== 'GET' && target.plural !== 'events')).toEqual([]);
  await context.stop();
});
