import { describe, expect, test } from 'vitest';
import type { Namespace, Secret } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startServiceAccount, startServiceAccountToken } from './controller.ts';
import { decideDefaultAccount, decideToken } from './decide.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const account = { metadata: { name: 'robot', namespace: 'shop', uid: 'u1' } };
const secret = (annotations: Record<string, string>, data?: Record<string, string>, type = 'kubernetes.io/service-account-token'): Secret => ({ metadata: { name: 's', namespace: 'shop', annotations }, type, data });
const named = { 'kubernetes.io/service-account.name': 'robot' };
const bound = { ...named, 'kubernetes.io/service-account.uid': 'u1' };
const full = { 'ca.crt': base64('CA'), namespace: base64('shop'), token: base64('T') };

describe('service accounts', () => {
  const namespaces: [string, Namespace | undefined, typeof account | undefined, 'create' | undefined][] = [
    ['an active namespace without one', { metadata: { name: 'shop' } }, undefined, 'create'],
    ['an active namespace with one', { metadata: { name: 'shop' } }, account, undefined],
    ['a namespace that is going away', { metadata: { name: 'shop' }, status: { phase: 'Terminating' } }, undefined, undefined],
    ['no namespace', undefined, undefined, undefined],
  ];
  test.each(namespaces)('default account: %s', (_name, namespace, existing, expected) => {
    expect(decideDefaultAccount({ namespace, account: existing })).toBe(expected);
  });

  const secrets: [string, Secret, typeof account | undefined, unknown][] = [
    ['a new secret is filled', secret(named), account, { fill: { 'ca.crt': base64('CA'), namespace: base64('shop') }, uid: 'u1', sign: true }],
    ['a complete secret is left alone', secret(bound, full), account, undefined],
    ['a new authority is written', secret(bound, { ...full, 'ca.crt': base64('OLD') }), account, { fill: { 'ca.crt': base64('CA') }, uid: 'u1', sign: false }],
    ['the account is gone', secret(bound, full), undefined, { delete: true }],
    ['another account has taken the name', secret({ ...named, 'kubernetes.io/service-account.uid': 'old' }, full), account, { delete: true }],
    ['another type of secret', secret(named, {}, 'Opaque'), account, undefined],
    ['a secret that names no account', secret({}), undefined, undefined],
  ];
  test.each(secrets)('token secret: %s', (_name, object, existing, expected) => {
    expect(decideToken({ secret: object, account: existing, rootCa: 'CA' })).toEqual(expected);
  });

  test('each namespace gets its account, and gets it back', async () => {
    const host = virtualHost({ seed: 'accounts', settle: turn });
    const context = fakeContext(host);
    context.api.put('namespaces', { metadata: { name: 'shop' } });
    context.run(startServiceAccount);
    await host.clock.advance(100);
    expect(context.api.object('serviceaccounts', 'shop/default')).toBeDefined();
    context.api.remove('serviceaccounts', 'shop/default');
    await host.clock.advance(100);
    expect(context.api.object('serviceaccounts', 'shop/default')).toBeDefined();
    await context.stop();
  });

  test('a token secret is filled by the signer and goes with its account', async () => {
    const host = virtualHost({ seed: 'tokens', settle: turn });
    const context = fakeContext(host, { signSecretToken: ({ namespace, serviceAccount, secret: name }) => `token of ${namespace}/${serviceAccount} in ${name}` });
    context.api.put('serviceaccounts', account);
    context.api.put('secrets', secret(named));
    context.api.put('secrets', { ...secret(named, {}, 'Opaque'), metadata: { name: 'other', namespace: 'shop' } } as Secret);
    context.run(startServiceAccountToken);
    await host.clock.advance(100);
    expect(Buffer.from(context.api.object<Secret>('secrets', 'shop/s')!.data!.token!, 'base64').toString()).toBe('token of shop/robot in s');
    context.api.remove('serviceaccounts', 'shop/robot');
    await host.clock.advance(100);
    expect(context.api.objects('secrets').map((each) => each.metadata.name)).toEqual(['other']);
    await context.stop();
  });
});
