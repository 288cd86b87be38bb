/**
 * JSON Web Tokens (RFC 7515, 7519) as service accounts need them: compact form, RS256/384/512 and ES256/384/512, synchronous.
 * A library would bring promises from a thread pool into every request; node:crypto answers at once, and the same way on a simulated clock.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

export interface JwtHeader {
  alg: string;
  kid?: string;
  typ?: string;
}

export interface SigningKey {
  key: KeyObject;
  algorithm: string;
  keyId: string;
}

export interface VerifyingKey {
  key: KeyObject;
  algorithms: readonly string[];
  keyId: string;
}

const curves: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
const hashOf = (algorithm: string): string => `sha${algorithm.slice(2)}`;
const maxTokenLength = 16 * 1024;

/** Which algorithms a key can speak, the usual one first. Throws for keys that no service account token can be signed with. */
function algorithmsOf(key: KeyObject): string[] {
  if (key.asymmetricKeyType === 'rsa') return ['RS256', 'RS384', 'RS512'];
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  const algorithm = key.asymmetricKeyType === 'ec' ? curves[curve] : undefined;
  if (!algorithm) throw new Error(`a service account key must be RSA or ECDSA (P-256, P-384, P-521), not ${key.asymmetricKeyType ?? 'unknown'} ${curve}`);
  return [algorithm];
}

/** The key's name: base64url of the sha256 of its public part in DER (SubjectPublicKeyInfo). */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64url');
}

export function signingKeyFrom(pem: string): SigningKey {
  const key = createPrivateKey(pem);
  return { key, algorithm: algorithmsOf(key)[0]!, keyId: keyIdOf(createPublicKey(key)) };
}

/** Takes a public key, or a private one whose public half is used. */
export function verifyingKeyFrom(pem: string): VerifyingKey {
  const key = createPublicKey(pem);
  return { key, algorithms: algorithmsOf(key), keyId: keyIdOf(key) };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs claims into a compact token. */
export function signJwt(claims: object, { key, algorithm, keyId }: SigningKey): string {
  const signed = `${encode({ alg: algorithm, kid: keyId })}.${encode(claims)}`;
  const signature = sign(hashOf(algorithm), Buffer.from(signed), algorithm.startsWith('ES') ? { key, dsaEncoding: 'ieee-p1363' } : key);
  return `${signed}.${signature.toString('base64url')}`;
}

/** What a token claims, not verified; undefined when the text is no token. */
export function decodeJwt(token: string): { header: JwtHeader; claims: Record<string, unknown> } | undefined {
  if (token.length > maxTokenLength) return undefined;
  const parts = token.split('.');
  if (parts.length !== 3 || parts.some((part) => part === '' || !/^[A-Za-z0-9_-]+$/.test(part))) return undefined;
  try {
    const header: unknown = JSON.parse(Buffer.from(parts[0]!, 'base64url').toString('utf8'));
    const claims: unknown = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8'));
    if (!isRecord(header) || !isRecord(claims) || typeof header['alg'] !== 'string') return undefined;
    return { header: header as unknown as JwtHeader, claims };
  } catch {
    return undefined;
  }
}

/** True when one of the keys made the signature. The token's own `alg` must be one that the key speaks: it chooses nothing else. */
export function verifySignature(token: string, header: JwtHeader, keys: readonly VerifyingKey[]): boolean {
  const cut = token.lastIndexOf('.');
  const signed = Buffer.from(token.slice(0, cut));
  const signature = Buffer.from(token.slice(cut + 1), 'base64url');
  const named = header.kid === undefined ? [] : keys.filter((key) => key.keyId === header.kid);
  return (named.length > 0 ? named : keys).some(({ key, algorithms }) => {
    if (!algorithms.includes(header.alg)) return false;
    return verify(hashOf(header.alg), signed, header.alg.startsWith('ES') ? { key, dsaEncoding: 'ieee-p1363' } : key, signature);
  });
}

/** The key as a JSON Web Key (RFC 7517) for the key set document. */
export function jwkOf({ key, algorithms, keyId }: VerifyingKey): JsonWebKey {
  return { use: 'sig', ...key.export({ format: 'jwk' }), kid: keyId, alg: algorithms[0]! };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
