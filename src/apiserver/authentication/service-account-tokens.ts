/**
 * Tokens of service accounts: makes them and checks them. A bound token is good while its account and the object it is bound to live.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
 */
import { createHash } from 'node:crypto';
import type { Node, Pod, Secret, ServiceAccount } from '../../api/core/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { Clock } from '../../host/types.ts';
import type { UserInfo } from '../types.ts';
import type { TokenAnswer, TokenAuthenticator } from './bearer.ts';
import { serviceAccountGroups, serviceAccountUser } from './identities.ts';
import { decodeJwt, isRecord, signJwt, signingKeyFrom, verifySignature, type SigningKey, type VerifyingKey } from './jwt.ts';

export interface ObjectReference {
  name: string;
  uid?: string;
}

/** The `kubernetes.io` claim. */
export interface PrivateClaims {
  namespace: string;
  serviceaccount: ObjectReference;
  pod?: ObjectReference;
  secret?: ObjectReference;
  node?: ObjectReference;
  warnafter?: number;
}

export interface AccountClaims {
  aud: string[];
  exp: number;
  iat: number;
  nbf: number;
  iss: string;
  jti: string;
  sub: string;
  'kubernetes.io': PrivateClaims;
}

/** Where the objects are that tokens are bound to. Each answers undefined when there is none. */
export interface AccountObjects {
  serviceAccount(namespace: string, name: string): Promise<ServiceAccount | undefined>;
  pod(namespace: string, name: string): Promise<Pod | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  node(name: string): Promise<Node | undefined>;
  /** Writes down that the token in a secret was used on a day, as `2026-01-31`. */
  noteUse?(secret: Secret, day: string): Promise<void>;
}

/** The day on which the token in a secret was last used. */
export const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
/** Set on secrets whose token has been out of use for long: it counts no longer. */
const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';

export interface ServiceAccountTokenOptions {
  issuers: readonly string[];
  keys: readonly VerifyingKey[];
  /** Who this server is, when a caller names no audience. */
  apiAudiences: readonly string[];
  objects: AccountObjects;
  clock: Clock;
}

const legacyIssuer = 'kubernetes/serviceaccount';
const legacyPrefix = 'kubernetes.io/serviceaccount/';
/** How long clocks may differ. */
const leewaySeconds = 60;
/** A token outlives its deleted account or object by so much at most. */
const deletionLeewayMs = 60_000;
const maxVerifiedTokens = 4096;

/** Signs the claims. */
export function mintToken(claims: AccountClaims, key: SigningKey): string {
  return signJwt(claims, key);
}

/** What a token in a secret is about. */
export interface SecretTokenClaims {
  namespace: string;
  serviceAccount: string;
  serviceAccountUid: string;
  secret: string;
}

/** Signs tokens for secrets of type kubernetes.io/service-account-token, which do not expire. Throws, by name, for a key that cannot be read. */
export function secretTokenSigner(keyPem: string): (claims: SecretTokenClaims) => string {
  const key = signingKeyFrom(keyPem);
  return ({ namespace, serviceAccount, serviceAccountUid, secret }) => signJwt({
    iss: legacyIssuer, [`${legacyPrefix}namespace`]: namespace, [`${legacyPrefix}secret.name`]: secret, [`${legacyPrefix}service-account.name`]: serviceAccount,
    [`${legacyPrefix}service-account.uid`]: serviceAccountUid, sub: serviceAccountUser(namespace, serviceAccount),
  }, key);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Tokens whose signature was seen to be good, by hash; a bounded map that forgets the oldest. */
class VerifiedTokens {
  readonly #claims = new Map<string, Record<string, unknown>>();

  get(hash: string): Record<string, unknown> | undefined {
    return this.#claims.get(hash);
  }

  add(hash: string, claims: Record<string, unknown>): void {
    if (this.#claims.size >= maxVerifiedTokens) this.#claims.delete(this.#claims.keys().next().value!);
    this.#claims.set(hash, claims);
  }
}

function referenceOf(value: unknown): ObjectReference | undefined {
  return isRecord(value) && typeof value['name'] === 'string' ? { name: value['name'], uid: textOf(value['uid']) } : undefined;
}

/** Why the times do not fit; undefined when they do. `exp` has no leeway, as it is this server's own clock that set it. */
function timeRefusal(claims: Record<string, unknown>, nowMs: number): string | undefined {
  const now = nowMs / 1000;
  const { exp, nbf, iat } = claims;
  if (typeof exp === 'number' && now >= exp) return 'the token has expired';
  if (typeof nbf === 'number' && now + leewaySeconds < nbf) return 'the token is not valid yet';
  if (typeof iat === 'number' && now + leewaySeconds < iat) return 'the token was issued in the future';
  return undefined;
}

type Bound = { metadata: { uid?: string; deletionTimestamp?: string } } | undefined;

class ServiceAccountTokens implements TokenAuthenticator {
  readonly name = 'service-account';
  readonly #options: ServiceAccountTokenOptions;
  readonly #verified = new VerifiedTokens();
  /** Secrets whose use is being written down. */
  readonly #noting = new Set<string>();

  constructor(options: ServiceAccountTokenOptions) {
    this.#options = options;
  }

  async authenticateToken(token: string, audiences: readonly string[]): Promise<TokenAnswer | { invalid: string } | undefined> {
    const hash = createHash('sha256').update(token).digest('base64');
    let claims = this.#verified.get(hash);
    if (!claims) {
      const decoded = decodeJwt(token);
      const issuer = textOf(decoded?.claims['iss']);
      if (!decoded || (issuer !== legacyIssuer && !this.#options.issuers.includes(issuer))) return undefined;
      if (!verifySignature(token, decoded.header, this.#options.keys)) return { invalid: 'invalid signature' };
      claims = decoded.claims;
      this.#verified.add(hash, claims);
    }
    const wrong = timeRefusal(claims, this.#options.clock.now());
    if (wrong !== undefined) return { invalid: wrong };
    return claims['iss'] === legacyIssuer ? this.#legacy(token, claims, audiences) : this.#bound(claims, audiences);
  }

  async #bound(claims: Record<string, unknown>, audiences: readonly string[]): Promise<TokenAnswer | { invalid: string }> {
    const inner = claims['kubernetes.io'];
    if (!isRecord(inner) || typeof claims['exp'] !== 'number') return { invalid: 'the token lacks its claims' };
    const aud = typeof claims['aud'] === 'string' ? [claims['aud']] : Array.isArray(claims['aud']) ? claims['aud'].map(textOf) : [];
    const shared = audiences.filter((a) => aud.includes(a));
    if (shared.length === 0) return { invalid: `token audiences ${JSON.stringify(aud)} is invalid for the target audiences ${JSON.stringify(audiences)}` };
    const namespace = textOf(inner['namespace']);
    const account = referenceOf(inner['serviceaccount']);
    if (!account || claims['sub'] !== serviceAccountUser(namespace, account.name)) return { invalid: 'the token does not name its account' };
    const [pod, secret, node] = [referenceOf(inner['pod']), referenceOf(inner['secret']), referenceOf(inner['node'])];
    const wrong = await this.#objectsRefusal(namespace, account, pod, secret, pod ? undefined : node);
    if (wrong !== undefined) return { invalid: wrong };
    const jti = textOf(claims['jti']);
    const extra: Record<string, string[]> = {};
    if (jti) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`];
    if (pod) Object.assign(extra, { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid ?? ''] });
    if (node) Object.assign(extra, { 'authentication.kubernetes.io/node-name': [node.name], ...(node.uid ? { 'authentication.kubernetes.io/node-uid': [node.uid] } : {}) });
    return { user: this.#user(namespace, account.name, account.uid ?? '', extra), audiences: shared };
  }

  #user(namespace: string, name: string, uid: string, extra: Record<string, string[]>): UserInfo {
    return { name: serviceAccountUser(namespace, name), uid, groups: serviceAccountGroups(namespace), ...(Object.keys(extra).length > 0 ? { extra } : {}) };
  }

  async #objectsRefusal(namespace: string, account: ObjectReference, pod?: ObjectReference, secret?: ObjectReference, node?: ObjectReference): Promise<string | undefined> {
    const { objects } = this.#options;
    const checks: [string, ObjectReference | undefined, () => Promise<Bound>][] = [
      ['service account', account, () => objects.serviceAccount(namespace, account.name)],
      ['secret', secret, () => objects.secret(namespace, secret!.name)],
      ['pod', pod, () => objects.pod(namespace, pod!.name)],
      ['node', node, () => objects.node(node!.name)],
    ];
    for (const [what, reference, find] of checks) {
      if (!reference) continue;
      const object = await find();
      if (!object) return `the ${what} ${JSON.stringify(reference.name)} of the token does not exist`;
      if ((object.metadata.uid ?? '') !== (reference.uid ?? '')) return `the ${what} of the token has been replaced by another of the same name`;
      const deleted = object.metadata.deletionTimestamp;
      if (deleted !== undefined && Date.parse(deleted) + deletionLeewayMs < this.#options.clock.now()) return `the ${what} of the token has been deleted`;
    }
    return undefined;
  }

  /** Tokens that stand in secrets of type kubernetes.io/service-account-token: good while the secret holds them. */
  async #legacy(token: string, claims: Record<string, unknown>, audiences: readonly string[]): Promise<TokenAnswer | { invalid: string }> {
    const claim = (name: string): string => textOf(claims[`${legacyPrefix}${name}`]);
    const [namespace, secretName, name, uid] = [claim('namespace'), claim('secret.name'), claim('service-account.name'), claim('service-account.uid')];
    if (!namespace || !secretName || !name || claims['sub'] !== serviceAccountUser(namespace, name)) return { invalid: 'the token lacks its claims' };
    if (!audiences.some((a) => this.#options.apiAudiences.includes(a))) return { invalid: 'the token is only good for the API server' };
    const [secret, account] = await Promise.all([this.#options.objects.secret(namespace, secretName), this.#options.objects.serviceAccount(namespace, name)]);
    if (!secret || secret.metadata.deletionTimestamp || Buffer.from(secret.data?.['token'] ?? '', 'base64').toString('utf8') !== token) return { invalid: 'the secret of the token is gone or holds another' };
    if (!account || account.metadata.uid !== uid || account.metadata.deletionTimestamp) return { invalid: 'the service account of the token is gone' };
    if ((secret.metadata.labels?.[invalidSinceLabel] ?? '') !== '') {
      return { invalid: `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSinceLabel}' label from the secret to temporarily allow use of this token` };
    }
    this.#noteUse(secret);
    return { user: this.#user(namespace, name, uid, {}), audiences: audiences.filter((a) => this.#options.apiAudiences.includes(a)) };
  }

  /** Once a day; the request does not wait for it. */
  #noteUse(secret: Secret): void {
    const { clock, objects } = this.#options;
    const day = formatTime(clock.now()).slice(0, 10);
    const uid = secret.metadata.uid ?? '';
    if (objects.noteUse === undefined || secret.metadata.labels?.[lastUsedLabel] === day || this.#noting.has(uid)) return;
    this.#noting.add(uid);
    const done = (): boolean => this.#noting.delete(uid);
    objects.noteUse(secret, day).then(done, done);
  }
}

/** Knows the tokens of service accounts, bound ones and those in secrets. */
export function serviceAccountTokenAuthenticator(options: ServiceAccountTokenOptions): TokenAuthenticator {
  return new ServiceAccountTokens(options);
}
