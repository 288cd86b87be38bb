/**
 * Requests that come through a front proxy, such as another API server's aggregator: its certificate says who it is, its headers say for whom it speaks.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#authenticating-proxy
 */
import { X509Certificate } from 'node:crypto';
import type { Authenticator, ServerRequest, UserInfo } from '../types.ts';
import { AUTHENTICATED } from './identities.ts';

export interface RequestHeaderOptions {
  /** PEM bundle that front proxies' certificates chain up to. */
  clientCa: string;
  /** Common names that a front proxy may have; empty or absent: any that the bundle vouches for. */
  allowedNames?: readonly string[];
  /** Default `X-Remote-User`, `X-Remote-Uid`, `X-Remote-Group`, `X-Remote-Extra-`. */
  usernameHeaders?: readonly string[];
  uidHeaders?: readonly string[];
  groupHeaders?: readonly string[];
  extraHeaderPrefixes?: readonly string[];
}

export const requestHeaderDefaults = {
  usernameHeaders: ['X-Remote-User'], uidHeaders: ['X-Remote-Uid'], groupHeaders: ['X-Remote-Group'], extraHeaderPrefixes: ['X-Remote-Extra-'],
} as const;

type Certificate = NonNullable<ServerRequest['clientCertificate']>;

/** The certificates of a PEM bundle. */
export function certificatesIn(bundle: string): X509Certificate[] {
  return (bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).map((pem) => new X509Certificate(pem));
}

/** Whether one of the authorities has signed the first certificate of the chain, or a later one that is behind it. The handshake has verified the chain itself. */
export function chainsUpTo(chain: readonly Uint8Array[], authorities: readonly X509Certificate[]): boolean {
  const [leaf, ...issuers] = chain;
  if (!leaf) return false;
  const known = new Set(authorities.map((authority) => authority.fingerprint256));
  if (issuers.some((der) => known.has(new X509Certificate(der).fingerprint256))) return true;
  // A resumed session knows the leaf alone.
  const certificate = new X509Certificate(leaf);
  return authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
}

/** Answers whether a connection's certificate comes from these authorities; asked once a connection. */
export function authorityCheck(bundle: string): (certificate: Certificate) => boolean {
  const authorities = certificatesIn(bundle);
  const answers = new WeakMap<Certificate, boolean>();
  return (certificate) => {
    let answer = answers.get(certificate);
    if (answer === undefined) answers.set(certificate, (answer = chainsUpTo(certificate.chain?.() ?? [], authorities)));
    return answer;
  };
}

/** Every value of a header, in order, none split: names of groups may hold commas. */
function valuesOf(request: ServerRequest, names: readonly string[]): string[] {
  const values: string[] = [];
  const { rawHeaders } = request;
  for (const name of names) {
    if (rawHeaders) {
      for (let i = 0; i + 1 < rawHeaders.length; i += 2) if (rawHeaders[i]!.toLowerCase() === name) values.push(rawHeaders[i + 1]!);
    } else if (request.headers[name] !== undefined) values.push(request.headers[name]);
  }
  return values;
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function extraOf(request: ServerRequest, prefixes: readonly string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const header of Object.keys(request.headers)) {
    const prefix = prefixes.find((candidate) => header.startsWith(candidate));
    if (prefix === undefined) continue;
    const key = unescaped(header.slice(prefix.length)).toLowerCase();
    if (key !== '') extra[key] = [...(extra[key] ?? []), ...valuesOf(request, [header])];
  }
  return extra;
}

export function requestHeaderAuthenticator(options: RequestHeaderOptions): Authenticator {
  const lower = (names: readonly string[]): string[] => names.map((name) => name.toLowerCase());
  const isFrontProxy = authorityCheck(options.clientCa);
  const allowed = new Set(options.allowedNames);
  const userHeaders = lower(options.usernameHeaders ?? requestHeaderDefaults.usernameHeaders);
  const uidHeaders = lower(options.uidHeaders ?? requestHeaderDefaults.uidHeaders);
  const groupHeaders = lower(options.groupHeaders ?? requestHeaderDefaults.groupHeaders);
  const prefixes = lower(options.extraHeaderPrefixes ?? requestHeaderDefaults.extraHeaderPrefixes);
  return {
    name: 'request-header',
    async authenticate(request): Promise<UserInfo | undefined> {
      const { clientCertificate: certificate } = request;
      if (!certificate || !userHeaders.some((name) => request.headers[name] !== undefined)) return undefined;
      if ((allowed.size > 0 && !allowed.has(certificate.commonName)) || !isFrontProxy(certificate)) return undefined;
      const name = valuesOf(request, userHeaders).find((value) => value !== '');
      if (name === undefined) return undefined;
      const uid = valuesOf(request, uidHeaders)[0];
      const groups = valuesOf(request, groupHeaders);
      const extra = extraOf(request, prefixes);
      return { name, ...(uid ? { uid } : {}), groups: groups.includes(AUTHENTICATED) ? groups : [...groups, AUTHENTICATED], ...(Object.keys(extra).length > 0 ? { extra } : {}) };
    },
  };
}

/** What `kube-system/extension-apiserver-authentication` says of it, for other API servers that trust the same front proxies. */
export function requestHeaderConfig(options: RequestHeaderOptions): Record<string, string> {
  const all = { ...requestHeaderDefaults, ...options };
  return {
    'requestheader-allowed-names': JSON.stringify(options.allowedNames ?? []),
    'requestheader-client-ca-file': options.clientCa,
    'requestheader-extra-headers-prefix': JSON.stringify(all.extraHeaderPrefixes),
    'requestheader-group-headers': JSON.stringify(all.groupHeaders),
    'requestheader-uid-headers': JSON.stringify(all.uidHeaders),
    'requestheader-username-headers': JSON.stringify(all.usernameHeaders),
  };
}
