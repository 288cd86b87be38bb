/** What etcd answers when it does not do as asked, and what that means here. */

/** An etcd cluster that refuses or cannot be reached. The message is one line that names the member and says what to do. */
export class EtcdError extends Error {
  readonly reason: 'endpoint' | 'unavailable' | 'too-large' | 'no-space' | 'not-allowed' | 'compacted' | 'future' | 'failed';
  constructor(reason: EtcdError['reason'], message: string) {
    super(message);
    this.name = 'EtcdError';
    this.reason = reason;
  }
}

/** A gRPC error, or what looks like one. */
interface CodedError extends Error {
  code?: number;
  details?: string;
}

const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const OUT_OF_RANGE = 11;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;
const CANCELLED = 1;

/** True for failures that another try, perhaps over another member, may get past. */
export function isTransient(error: unknown): error is CodedError {
  const { code, details = '' } = error as CodedError;
  if (code === UNAVAILABLE || code === DEADLINE_EXCEEDED) return true;
  // The connection broke: Node reports it as an internal error or a reset.
  if (code === INTERNAL) return /RST_STREAM|ECONNRESET|socket|stream|connection/i.test(details);
  if (code === CANCELLED || code === UNKNOWN) return /server stopped|context canceled|etcdserver: (no leader|leader changed|request timed out)|transport|Stream removed/i.test(details);
  if (code === FAILED_PRECONDITION) return details.includes('not leader');
  return code === RESOURCE_EXHAUSTED && details.includes('too many requests');
}

/** The failure in words that say which member, and what can be done. */
export function explain(error: unknown, endpoint: string): EtcdError {
  if (error instanceof EtcdError) return error;
  const { code, details } = error as CodedError;
  const text = details ?? (error instanceof Error ? error.message : String(error));
  if (code === OUT_OF_RANGE && text.includes('compacted')) return new EtcdError('compacted', text);
  if (code === OUT_OF_RANGE && text.includes('future')) return new EtcdError('future', text);
  if ((code === INVALID_ARGUMENT && text.includes('too large')) || (code === RESOURCE_EXHAUSTED && text.includes('larger than max'))) {
    return new EtcdError('too-large', 'etcdserver: request is too large: the object exceeds what this etcd accepts in one request (its --max-request-bytes, 1.5 MiB by default)');
  }
  if (code === RESOURCE_EXHAUSTED && text.includes('space exceeded')) {
    return new EtcdError('no-space', `etcd at ${endpoint} has no space left (${text}): writes are refused until it has been compacted and defragmented, or its quota raised, and the alarm disarmed`);
  }
  if (code === UNAUTHENTICATED || code === PERMISSION_DENIED || (code === INVALID_ARGUMENT && /user name|authentication|auth/.test(text))) {
    return new EtcdError('not-allowed', `etcd at ${endpoint} refuses this client (${text}): give it a client certificate whose name may read and write the keys, with --etcd-certfile and --etcd-keyfile`);
  }
  if (isTransient(error)) return new EtcdError('unavailable', `etcd at ${endpoint} does not answer: ${text}`);
  return new EtcdError('failed', `etcd at ${endpoint}: ${text}`);
}
