import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../../host/node/index.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../../pki/certificates.ts';
import type { ServerRequest, UserInfo } from '../types.ts';
import { anonymousAuthenticator } from './anonymous.ts';
import { certificateAuthenticator } from './certificates.ts';
import { authorityCheck, requestHeaderAuthenticator, requestHeaderConfig } from './request-header.ts';
import { unionAuthenticator } from './union.ts';

const certs: Record<string, KeyPair> = {};
beforeAll(async () => {
  const common = { nowMs: nodeHost({ logLevel: 'silent' }).clock.now(), days: 1 };
  certs['front-ca'] = await createAuthority({ commonName: 'same-name', ...common });
  certs['client-ca'] = await createAuthority({ commonName: 'same-name', ...common });
  certs['front'] = await issueCertificate(certs['front-ca'], { commonName: 'front', usages: ['client'], ...common });
  certs['other-front'] = await issueCertificate(certs['front-ca'], { commonName: 'other', usages: ['client'], ...common });
  certs['client'] = await issueCertificate(certs['client-ca'], { commonName: 'front', organizations: ['clients'], usages: ['client'], ...common });
});

function ask(cert: string | undefined, raw: readonly [string, string][], withIssuer: boolean): Promise<UserInfo | undefined | string> {
  const chain = [cert, ...(withIssuer && cert ? [cert.includes('front') ? 'front-ca' : 'client-ca'] : [])].flatMap((name) => (name ? [new X509Certificate(certs[name]!.cert).raw] : []));
  const subject = cert && new X509Certificate(certs[cert]!.cert).subject;
  const headers: Record<string, string> = {};
  for (const [name, value] of raw) headers[name.toLowerCase()] = headers[name.toLowerCase()] === undefined ? value : `${headers[name.toLowerCase()]}, ${value}`;
  const request = {
    headers, rawHeaders: raw.flat(), ...(subject ? { clientCertificate: { commonName: /CN=(.*)/.exec(subject)![1]!, organizations: ['clients'], chain: () => chain } } : {}),
  } as unknown as ServerRequest;
  const authenticator = unionAuthenticator([
    requestHeaderAuthenticator({ clientCa: certs['front-ca']!.cert, allowedNames: ['front'] }), certificateAuthenticator(authorityCheck(certs['client-ca']!.cert)), anonymousAuthenticator(),
  ]);
  return Promise.resolve(authenticator.authenticate(request)).catch((error: Error) => error.message);
}

const alice: [string, string][] = [['X-Remote-User', 'alice'], ['X-Remote-Group', 'a, b'], ['X-Remote-Group', 'c'], ['X-Remote-Uid', '7'], ['X-Remote-Extra-Example.com%2FScopes', 'x'], ['X-Remote-Extra-Example.com%2FScopes', 'y']];
const aliceFound = { name: 'alice', uid: '7', groups: ['a, b', 'c', 'system:authenticated'], extra: { 'example.com/scopes': ['x', 'y'] } };

describe.each([['with the issuer known', true], ['of a resumed session', false]])('a front proxy, %s', (_, withIssuer) => {
  test.each<[string, string | undefined, [string, string][], unknown]>([
    ['speaks for its client', 'front', alice, aliceFound],
    ['that says nothing is nobody', 'front', [], 'Unauthorized'],
    ['of a name that is not allowed is nobody', 'other-front', alice, 'Unauthorized'],
    ['is not whoever has the right name from another authority: that one is itself', 'client', alice, expect.objectContaining({ name: 'front', groups: ['clients', 'system:authenticated'] })],
    ['needs a certificate', undefined, alice, expect.objectContaining({ name: 'system:anonymous' })],
  ])('%s', async (__, cert, headers, expected) => expect(await ask(cert, headers, withIssuer)).toEqual(expected));
});

test('what other servers are told', () => {
  expect(requestHeaderConfig({ clientCa: 'PEM', allowedNames: ['front'] })).toEqual({
    'requestheader-allowed-names': '["front"]', 'requestheader-client-ca-file': 'PEM', 'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]', 'requestheader-uid-headers': '["X-Remote-Uid"]', 'requestheader-username-headers': '["X-Remote-User"]',
  });
});
