/**
 * What went wrong on the way to another server, in the words that operators know from Go programs and search for:
 * `dial tcp 10.0.0.7:443: connect: connection refused`, `x509: certificate signed by unknown authority`.
 */

interface NetworkError {
  code?: string;
  name?: string;
  message?: string;
  hostname?: string;
  /** Of a certificate that is for other names: the name that was asked for, and the certificate. */
  host?: string;
  cert?: { subjectaltname?: string; valid_from?: string; valid_to?: string };
}

const dialling: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused', EHOSTUNREACH: 'connect: no route to host', ENETUNREACH: 'connect: network is unreachable', EADDRNOTAVAIL: 'connect: cannot assign requested address',
};

const strangers = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_UNTRUSTED']);

/** `DNS:a, IP Address:10.0.0.1` → `a`, or `10.0.0.1` where an address was asked for. */
function namesOf(alternatives: string | undefined, isAddress: boolean): string {
  const prefix = isAddress ? 'IP Address:' : 'DNS:';
  return (alternatives ?? '').split(/,\s*/).filter((part) => part.startsWith(prefix)).map((part) => part.slice(prefix.length)).join(', ');
}

function certificateText({ code, host, cert }: NetworkError): string | undefined {
  const refused = (why: string): string => `tls: failed to verify certificate: x509: ${why}`;
  if (code === undefined) return undefined;
  if (strangers.has(code)) return refused('certificate signed by unknown authority');
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return refused('certificate has expired or is not yet valid');
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return undefined;
  const isAddress = /^[\d.]+$|:/.test(host ?? '');
  const names = namesOf(cert?.subjectaltname, isAddress);
  if (names === '' && isAddress) return refused(`cannot validate certificate for ${host} because it doesn't contain any IP SANs`);
  return refused(names === '' ? `certificate is not valid for any names, but wanted to match ${host ?? ''}` : `certificate is valid for ${names}, not ${host ?? ''}`);
}

/** The host and port that a URL leads to, as `10.0.0.7:443`. */
export function addressOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
}

/** Tells of an error on the way to an address (`host:port`). What is not of the network keeps its own words. */
export function networkErrorText(error: unknown, address: string): string {
  const known = (typeof error === 'object' && error !== null ? error : {}) as NetworkError;
  const { code = '', message = String(error) } = known;
  if (dialling[code] !== undefined) return `dial tcp ${address}: ${dialling[code]}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${known.hostname ?? address.replace(/:\d+$/, '')}: ${code === 'ENOTFOUND' ? 'no such host' : 'Temporary failure in name resolution'}`;
  // The other side closed the connection instead of answering; Node calls both a reset.
  if (code === 'ECONNRESET') return message === 'socket hang up' ? 'EOF' : 'read: connection reset by peer';
  if (code === 'EPIPE') return 'write: broken pipe';
  if (code === 'ETIMEDOUT' || known.name === 'TimeoutError' || known.name === 'AbortError') return 'context deadline exceeded';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') return 'http: server gave HTTP response to HTTPS client';
  return certificateText(known) ?? message;
}
