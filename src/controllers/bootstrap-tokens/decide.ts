import { createHmac } from 'node:crypto';
import type { ConfigMap, Secret } from '../../api/core/v1/types.ts';

export const tokenSecretType = 'bootstrap.kubernetes.io/token';
export const tokenSecretPrefix = 'bootstrap-token-';
export const clusterInfoNamespace = 'kube-public';
export const clusterInfoName = 'cluster-info';
const signaturePrefix = 'jws-kubeconfig-';
const idForm = /^[a-z0-9]{6}$/;
const secretForm = /^[a-z0-9]{16}$/;

const field = (secret: Secret, name: string): string => Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8');

/** How long the token has: negative when it is over, undefined when it never is. A time that cannot be read is over. */
export function remainingMs(secret: Secret, nowMs: number): number | undefined {
  const text = field(secret, 'expiration');
  if (text === '') return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? -1 : at - nowMs;
}

/** A JSON Web Signature (RFC 7515) over the text, without the text: HMAC-SHA256 under the whole token. */
export function detachedSignature(text: string, id: string, key: string): string {
  const base64url = (value: string): string => Buffer.from(value, 'utf8').toString('base64url');
  const header = base64url(JSON.stringify({ alg: 'HS256', kid: id }));
  return `${header}..${createHmac('sha256', `${id}.${key}`).update(`${header}.${base64url(text)}`).digest('base64url')}`;
}

/** The tokens that sign, by id. */
export function signingTokens(secrets: readonly Secret[], nowMs: number): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const secret of secrets) {
    const [id, key] = [field(secret, 'token-id'), field(secret, 'token-secret')];
    if (secret.type !== tokenSecretType || secret.metadata.deletionTimestamp || secret.metadata.name !== `${tokenSecretPrefix}${id}`) continue;
    if (!idForm.test(id) || !secretForm.test(key) || field(secret, 'usage-bootstrap-signing') !== 'true') continue;
    const left = remainingMs(secret, nowMs);
    if (left === undefined || left > 0) tokens.set(id, key);
  }
  return tokens;
}

/** The data that cluster-info is to have; undefined when nothing changes. */
export function decideSignatures(info: ConfigMap | undefined, secrets: readonly Secret[], nowMs: number): Record<string, string> | undefined {
  const kubeconfig = info?.data?.['kubeconfig'];
  if (!info || kubeconfig === undefined) return undefined;
  const data = Object.fromEntries(Object.entries(info.data ?? {}).filter(([name]) => !name.startsWith(signaturePrefix)));
  for (const [id, key] of signingTokens(secrets, nowMs)) data[`${signaturePrefix}${id}`] = detachedSignature(kubeconfig, id, key);
  const names = Object.keys(data);
  const same = names.length === Object.keys(info.data ?? {}).length && names.every((name) => info.data?.[name] === data[name]);
  return same ? undefined : data;
}
