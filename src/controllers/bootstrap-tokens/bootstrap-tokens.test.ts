import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ConfigMap, Secret } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startBootstrapSigner, startTokenCleaner } from './controller.ts';
import { decideSignatures, detachedSignature, remainingMs } from './decide.ts';

const nowMs = Date.UTC(2030, 0, 1);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
function tokenOf(id: string, data: Record<string, string> = {}): Secret {
  const all = { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...data };
  return { metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' }, type: 'bootstrap.kubernetes.io/token', data: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, base64(value)])) };
}
const info = (data: Record<string, string> = {}): ConfigMap => ({ metadata: { name: 'cluster-info', namespace: 'kube-public' }, data: { kubeconfig: 'text', ...data } });

test('a signature verifies with the token, by RFC 7515 and without our code', () => {
  const [header, payload, signature] = detachedSignature('text', 'abcdef', '0123456789abcdef').split('.');
  expect(payload).toBe('');
  expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toEqual({ alg: 'HS256', kid: 'abcdef' });
  expect(createHmac('sha256', 'abcdef.0123456789abcdef').update(`${header}.${Buffer.from('text').toString('base64url')}`).digest('base64url')).toBe(signature);
});

describe('decide', () => {
  const rows: [string, ConfigMap | undefined, Secret[], string[] | undefined][] = [
    ['no cluster-info', undefined, [tokenOf('abcdef')], undefined],
    ['a token that may sign', info(), [tokenOf('abcdef')], ['jws-kubeconfig-abcdef', 'kubeconfig']],
    ['one that may not', info(), [tokenOf('abcdef', { 'usage-bootstrap-signing': 'false' })], undefined],
    ['one that is over', info(), [tokenOf('abcdef', { expiration: '2029-12-31T00:00:00Z' })], undefined],
    ['one whose secret has another name', info(), [{ ...tokenOf('abcdef'), metadata: { name: 'x', namespace: 'kube-system' } }], undefined],
    ['a signature left over goes, other data stays', info({ 'jws-kubeconfig-zzzzzz': 'x', 'note': 'y' }), [], ['kubeconfig', 'note']],
    ['nothing to do', info({ 'jws-kubeconfig-abcdef': detachedSignature('text', 'abcdef', '0123456789abcdef') }), [tokenOf('abcdef')], undefined],
  ];
  test.each(rows)('%s', (_name, map, secrets, keys) => {
    const data = decideSignatures(map, secrets, nowMs);
    expect(data && Object.keys(data).sort()).toEqual(keys);
  });

  test.each([['never', {}, undefined], ['later', { expiration: '2030-01-01T00:01:00Z' }, 60_000], ['over', { expiration: '2029-12-31T23:59:59Z' }, -1000], ['unreadable', { expiration: 'soon' }, -1]])('ends: %s', (_name, data, left) => {
    expect(remainingMs(tokenOf('abcdef', data as Record<string, string>), nowMs)).toBe(left);
  });
});

test('eventually a token that ends is gone, and its signature with it', async () => {
  const host = virtualHost({ seed: 'tokens', settle: turn });
  const context = fakeContext(host);
  context.api.put('configmaps', info());
  context.api.put('secrets', tokenOf('abcdef', { expiration: '2030-01-01T00:05:00Z' }));
  context.api.put('secrets', tokenOf('ghijkl'));
  context.run(startBootstrapSigner, startTokenCleaner);
  await host.clock.advance(10_000);
  const keys = (): string[] => Object.keys(context.api.object<ConfigMap>('configmaps', 'kube-public/cluster-info')!.data!).sort();
  expect(keys()).toEqual(['jws-kubeconfig-abcdef', 'jws-kubeconfig-ghijkl', 'kubeconfig']);
  await host.clock.advance(280_000);
  expect(context.api.objects('secrets')).toHaveLength(2);
  await host.clock.advance(20_000);
  expect(context.api.objects('secrets').map((secret) => secret.metadata.name)).toEqual(['bootstrap-token-ghijkl']);
  expect(keys()).toEqual(['jws-kubeconfig-ghijkl', 'kubeconfig']);
  await context.stop();
});
