import { expect, test } from 'vitest';
import type { Pod, Secret, ServiceAccount } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startLegacyTokenCleaner } from './controller.ts';
import { decideLegacyToken, invalidSinceLabel, lastUsedLabel } from './decide.ts';

const day = 86_400_000;
const account: ServiceAccount = { metadata: { name: 'bot', namespace: 'shop', uid: 'u' }, secrets: [{ name: 'bot-token' }] };
const secretOf = (labels: Record<string, string> = {}, name = 'bot-token'): Secret => ({
  metadata: { name, namespace: 'shop', uid: name, creationTimestamp: '2029-01-01T00:00:00Z', labels, annotations: { 'kubernetes.io/service-account.name': 'bot', 'kubernetes.io/service-account.uid': 'u' } },
  type: 'kubernetes.io/service-account-token',
});
const mounting: Pod = { metadata: { name: 'p', namespace: 'shop' }, spec: { containers: [], volumes: [{ name: 'v', secret: { secretName: 'bot-token' } }] } };

const rows: [string, Secret, Pod[], number, 'mark' | 'delete' | undefined][] = [
  ['long out of use', secretOf(), [], 2029, 'mark'],
  ['used of late', secretOf({ [lastUsedLabel]: '2029-12-20' }), [], 2029, undefined],
  ['not yet tracked for as long', secretOf(), [], 2030, undefined],
  ['mounted', secretOf(), [mounting], 2029, undefined],
  ['made by hand', secretOf({}, 'mine'), [], 2029, undefined],
  ['marked of late', secretOf({ [invalidSinceLabel]: '2029-12-25' }), [], 2029, undefined],
  ['marked long ago', secretOf({ [invalidSinceLabel]: '2029-11-01' }), [], 2029, 'delete'],
];
test.each(rows)('decide: %s', (_name, secret, pods, trackedYear, action) => {
  const trackedSinceMs = trackedYear === 2029 ? Date.UTC(2029, 0, 1) : Date.UTC(2029, 11, 20);
  expect(decideLegacyToken({ secret, account, pods, trackedSinceMs, unusedMs: 30 * day }, Date.UTC(2030, 0, 1))).toBe(action);
});

test('eventually marked, then removed; never without tracking', async () => {
  const host = virtualHost({ seed: 'legacy', settle: turn });
  const context = fakeContext(host, { legacyTokenUnusedMs: 2 * day });
  context.api.put('serviceaccounts', account);
  context.api.put('secrets', secretOf());
  context.run(startLegacyTokenCleaner);
  await host.clock.advance(1.5 * day);
  expect(context.api.objects<Secret>('secrets')[0]!.metadata.labels).toEqual({});
  context.api.put('configmaps', { metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' }, data: { since: '2029-01-01' } } as never);
  await host.clock.advance(1 * day);
  expect(Object.keys(context.api.objects<Secret>('secrets')[0]!.metadata.labels ?? {})).toEqual([invalidSinceLabel]);
  await host.clock.advance(4 * day);
  expect(context.api.objects('secrets')).toHaveLength(0);
  await context.stop();
});
