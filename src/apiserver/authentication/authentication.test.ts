import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Secret } from '../../api/core/v1/types.ts';
import { nodeHost } from '../../host/node/index.ts';
import type { ServerRequest } from '../types.ts';
import { anonymousAuthenticator } from './anonymous.ts';
import { bearerAuthenticator, bearerTokenOf, withoutBearerProtocol } from './bearer.ts';
import { bootstrapTokenAuthenticator } from './bootstrap-tokens.ts';
import { certificateAuthenticator } from './certificates.ts';
import { decodeJwt, jwkOf, signingKeyFrom, signJwt, verifyingKeyFrom, verifySignature } from './jwt.ts';
import { serviceAccountTokenAuthenticator, type AccountObjects } from './service-account-tokens.ts';
import { parseTokenFile, staticTokenAuthenticator } from './static-tokens.ts';
import { TokenIssuer } from './token-request.ts';
import { unionAuthenticator } from './union.ts';

const pem = (kind: 'ec' | 'rsa'): string => (kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 })).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const [ec, rsa] = [pem('ec'), pem('rsa')];
const host = nodeHost({ logLevel: 'silent' });

describe('jwt', () => {
  test.each([['ES256', ec], ['RS256', rsa]])('%s: signs and verifies', (algorithm, key) => {
    const token = signJwt({ sub: 'x' }, signingKeyFrom(key));
    const { header, claims } = decodeJwt(token)!;
    expect(header).toMatchObject({ alg: algorithm, kid: verifyingKeyFrom(key).keyId });
    expect(claims).toEqual({ sub: 'x' });
    expect(verifySignature(token, header, [verifyingKeyFrom(key)])).toBe(true);
    expect(verifySignature(token, header, [verifyingKeyFrom(key === ec ? rsa : ec)])).toBe(false);
    expect(verifySignature(`${token.slice(0, -6)}AAAAAA`, header, [verifyingKeyFrom(key)])).toBe(false);
  });
  test.each(['', 'a.b', 'a.b.c', 'e30.e30.!!', `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`])('%j is no token', (text) => expect(decodeJwt(text)).toBeUndefined());
  test('a token cannot choose `none`, nor a public key as a shared secret', () => {
    const forged = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}.AAAA`;
    expect(verifySignature(forged, { alg: 'HS256' }, [verifyingKeyFrom(rsa)])).toBe(false);
    expect(verifySignature(forged, { alg: 'none' }, [verifyingKeyFrom(rsa)])).toBe(false);
  });
  test('keys as JWK', () => expect(jwkOf(verifyingKeyFrom(ec))).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256' }));
});

const meta = (name: string, uid: string) => ({ metadata: { name, namespace: 'ns', uid } });
function world(): AccountObjects & { things: Map<string, unknown> } {
  const things = new Map<string, unknown>([['sa', meta('sa', 'u-sa')], ['pod', { ...meta('pod', 'u-pod'), spec: { serviceAccountName: 'sa', nodeName: 'n1' } }], ['n1', meta('n1', 'u-n1')]]);
  const find = async (name: string) => things.get(name) as never;
  return { things, serviceAccount: (_, name) => find(name), pod: (_, name) => find(name), secret: (_, name) => find(name), node: find };
}

function setUp() {
  const objects = world();
  let now = 1_800_000_000_000;
  const clock = { ...host.clock, now: () => now };
  const key = signingKeyFrom(ec);
  const issuer = new TokenIssuer({ host: { ...host, clock }, issuer: 'https://me', key, apiAudiences: ['https://me'], objects });
  const authenticator = serviceAccountTokenAuthenticator({ issuers: ['https://me'], keys: [verifyingKeyFrom(ec)], apiAudiences: ['https://me'], objects, clock });
  return { objects, issuer, authenticator, advance: (ms: number) => (now += ms) };
}
const boundToPod = { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'pod', uid: 'u-pod' } };

describe('service account tokens', () => {
  test('a bound token authenticates, with its pod and node', async () => {
    const { issuer, authenticator } = setUp();
    const { status, spec } = await issuer.issue('ns', 'sa', { metadata: {}, spec: { ...boundToPod } });
    expect(spec).toMatchObject({ audiences: ['https://me'], expirationSeconds: 3600 });
    expect(status?.expirationTimestamp).toBe('2027-01-15T09:00:00Z');
    expect(await authenticator.authenticateToken(status!.token!, ['https://me'])).toMatchObject({
      user: {
        name: 'system:serviceaccount:ns:sa', uid: 'u-sa', groups: ['system:serviceaccounts', 'system:serviceaccounts:ns'],
        extra: { 'authentication.kubernetes.io/pod-name': ['pod'], 'authentication.kubernetes.io/pod-uid': ['u-pod'], 'authentication.kubernetes.io/node-name': ['n1'], 'authentication.kubernetes.io/node-uid': ['u-n1'] },
      },
      audiences: ['https://me'],
    });
  });

  test.each([
    ['the account is gone', (t: Map<string, unknown>) => t.delete('sa')],
    ['the account is another', (t: Map<string, unknown>) => t.set('sa', meta('sa', 'other'))],
    ['the pod is gone', (t: Map<string, unknown>) => t.delete('pod')],
    ['the pod is another', (t: Map<string, unknown>) => t.set('pod', meta('pod', 'other'))],
  ])('a token dies when %s', async (_, change) => {
    const { objects, issuer, authenticator } = setUp();
    const { status } = await issuer.issue('ns', 'sa', { metadata: {}, spec: { ...boundToPod } });
    change(objects.things);
    expect(await authenticator.authenticateToken(status!.token!, ['https://me'])).toHaveProperty('invalid');
  });

  test('expiry, audience and issuer', async () => {
    const { issuer, authenticator, advance } = setUp();
    const token = (await issuer.issue('ns', 'sa', { metadata: {}, spec: { audiences: ['vault'], expirationSeconds: 600 } })).status!.token!;
    expect(await authenticator.authenticateToken(token, ['https://me'])).toHaveProperty('invalid');
    expect(await authenticator.authenticateToken(token, ['vault'])).toHaveProperty('user');
    advance(601_000);
    expect(await authenticator.authenticateToken(token, ['vault'])).toHaveProperty('invalid');
    const other = signJwt({ iss: 'https://other', aud: ['https://me'] }, signingKeyFrom(ec));
    expect(await authenticator.authenticateToken(other, ['https://me'])).toBeUndefined();
    const forged = signJwt({ ...decodeJwt(token)!.claims }, signingKeyFrom(rsa));
    expect(await authenticator.authenticateToken(forged, ['vault'])).toHaveProperty('invalid');
  });

  test('the projected token of a pod lives a year, and says an hour', async () => {
    const { issuer } = setUp();
    const { status } = await issuer.issue('ns', 'sa', { metadata: {}, spec: { ...boundToPod, expirationSeconds: 3607 } });
    const claims = decodeJwt(status!.token!)!.claims as { exp: number; iat: number; 'kubernetes.io': { warnafter: number } };
    expect(claims.exp - claims.iat).toBe(365 * 86_400 + 3607);
    expect(claims['kubernetes.io'].warnafter - claims.iat).toBe(3607);
  });

  test.each([
    ['too short', { expirationSeconds: 60 }, 422, 'TokenRequest.authentication.k8s.io "sa" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes'],
    ['a pod of another account', { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'n1' } }, 400, 'cannot bind token for serviceaccount "sa" to pod running with different serviceaccount name.'],
    ['no such pod', { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'none' } }, 404, 'pods "none" not found'],
    ['another uid', { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'pod', uid: 'x' } }, 409, 'the UID in the bound object reference'],
    ['another kind', { boundObjectRef: { kind: 'Service', apiVersion: 'v1', name: 'x' } }, 400, 'cannot bind token to object of type v1, Kind=Service'],
  ])('refused: %s', async (_, spec, code, message) => {
    const { issuer } = setUp();
    await expect(issuer.issue('ns', 'sa', { metadata: {}, spec })).rejects.toMatchObject({ status: { code, message: expect.stringContaining(message) } });
  });
});

const request = (more: Partial<ServerRequest>): ServerRequest => ({ headers: {}, ...more }) as ServerRequest;

describe('authenticators', () => {
  const tokens = staticTokenAuthenticator([{ token: 'secret', user: { name: 'jane', groups: ['dev'] } }]);
  const all = unionAuthenticator([certificateAuthenticator(), bearerAuthenticator([tokens], ['a']), anonymousAuthenticator()]);

  test.each([
    ['a certificate', { clientCertificate: { commonName: 'joe', organizations: ['ops'] } }, { name: 'joe', groups: ['ops', 'system:authenticated'] }],
    ['a token', { headers: { authorization: 'Bearer secret' } }, { name: 'jane', groups: ['dev', 'system:authenticated'] }],
    ['nothing', {}, { name: 'system:anonymous', groups: ['system:unauthenticated'] }],
  ])('%s', async (_, more, user) => expect(await all.authenticate(request(more))).toMatchObject(user));

  test('a wrong token is not anonymous', async () => {
    await expect(all.authenticate(request({ headers: { authorization: 'Bearer nope' } }))).rejects.toMatchObject({ status: { code: 401, message: 'Unauthorized' } });
  });

  test('tokens in the WebSocket protocol list', () => {
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('secret').toString('base64url')}`;
    expect(bearerTokenOf({ upgrade: 'websocket', 'sec-websocket-protocol': `v4.channel.k8s.io, ${protocol}` })).toBe('secret');
    expect(withoutBearerProtocol(`v4.channel.k8s.io, ${protocol}`)).toBe('v4.channel.k8s.io');
  });

  test('token files', () => {
    expect(parseTokenFile('abc,jane,1,"a,b"\n\ndef,joe,2\n')).toEqual([{ token: 'abc', user: { name: 'jane', uid: '1', groups: ['a', 'b'] } }, { token: 'def', user: { name: 'joe', uid: '2', groups: [] } }]);
    expect(() => parseTokenFile('abc,jane')).toThrow('line 1');
  });
});

describe('bootstrap tokens', () => {
  const b64 = (text: string): string => Buffer.from(text).toString('base64');
  const secret = (more: Record<string, string> = {}, type = 'bootstrap.kubernetes.io/token'): Secret => ({ metadata: {}, type, data: { 'token-id': b64('abcdef'), 'token-secret': b64('0123456789abcdef'), 'usage-bootstrap-authentication': b64('true'), ...more } });
  const run = (found: Secret | undefined, token = 'abcdef.0123456789abcdef') => bootstrapTokenAuthenticator(host.clock, async () => found).authenticateToken(token, []);

  test('gives the bootstrapper its groups', async () => {
    expect(await run(secret({ 'auth-extra-groups': b64('system:bootstrappers:workers') }))).toMatchObject({ user: { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:bootstrappers:workers'] } });
  });
  test.each([
    ['no secret', undefined], ['another secret', secret({ 'token-secret': b64('ffffffffffffffff') })], ['expired', secret({ expiration: b64('2020-01-01T00:00:00Z') })],
    ['not for authentication', secret({ 'usage-bootstrap-authentication': b64('false') })], ['another type', secret({}, 'Opaque')],
  ])('refused: %s', async (_, found) => expect(await run(found)).toHaveProperty('invalid'));
  test('other tokens are not its business', async () => expect(await run(secret(), 'abc')).toBeUndefined());
});
