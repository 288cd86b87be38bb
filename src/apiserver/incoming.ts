/** A request as the chain sees it, made from what came over the wire. Most fields are worked out when somebody asks, since most requests are small reads that need few of them. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { badRequest } from '../api/meta/status.ts';
import { Gathered } from '../base/gathered.ts';
import { splitTarget } from './paths.ts';
import { bodyTooLarge, maxBodyBytes, requestOver } from './transport.ts';
import type { RequestInfo, ServerRequest, UserInfo } from './types.ts';

/** A request over HTTP/1.1, or the stream of one over HTTP/2: either is read as the body. */
export type Incoming = IncomingMessage | ServerHttp2Stream;

/** What stands before the body. */
export interface RequestHead {
  method: string;
  target: string;
  headers: IncomingHttpHeaders;
  rawHeaders: readonly string[];
}

function headersOf(raw: IncomingHttpHeaders): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in raw) {
    const value = raw[name];
    // Names that begin so are HTTP/2's own.
    if (value !== undefined && name.charCodeAt(0) !== 0x3a) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const authority = raw[':authority'];
  if (typeof authority === 'string' && headers['host'] === undefined) headers['host'] = authority;
  return headers;
}

type Certificate = NonNullable<ServerRequest['clientCertificate']>;

/** What a connection has told: its other end, and the client's certificate, or why it is no good, or neither. */
interface Identity {
  remoteAddress: string;
  certificate?: Certificate;
  error?: string;
}

/** None of it changes during a connection: read once. */
const identities = new WeakMap<object, Identity>();

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

function identityOf(incoming: Incoming): Identity {
  // With HTTP/2 the connection hides behind a session.
  const connection: Http2Session | TLSSocket | undefined = 'session' in incoming ? incoming.session : (incoming.socket as TLSSocket | undefined);
  if (connection === undefined) return { remoteAddress: '' };
  let identity = identities.get(connection);
  if (identity === undefined) identities.set(connection, (identity = readIdentity('socket' in connection ? (connection.socket as TLSSocket) : connection)));
  return identity;
}

function readIdentity(socket: TLSSocket): Identity {
  const remoteAddress = socket.remoteAddress ?? '';
  if (typeof socket.getPeerCertificate !== 'function') return { remoteAddress };
  const peer = socket.getPeerCertificate();
  // Without a certificate there is an empty object.
  if (!peer || Object.keys(peer).length === 0) return { remoteAddress };
  if (!socket.authorized) return { remoteAddress, error: String(socket.authorizationError ?? 'the certificate is not trusted') };
  const subject = peer.subject as unknown as Record<string, string | string[] | undefined> | undefined;
  const commonName = listOf(subject?.['CN'])[0];
  if (commonName === undefined) return { remoteAddress };
  return { remoteAddress, certificate: { commonName, organizations: listOf(subject?.['O']), ...(peer.fingerprint256 ? { fingerprint: peer.fingerprint256.replaceAll(':', '').toLowerCase() } : {}), chain: () => chainOf(socket) } };
}

/** The peer's certificate and its issuers, as far as they are known. */
function chainOf(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let at = socket.getPeerCertificate(true) as ReturnType<TLSSocket['getPeerCertificate']> & { issuerCertificate?: ReturnType<TLSSocket['getPeerCertificate']> };
  // A root is its own issuer.
  while (at?.raw && !chain.some((der) => Buffer.compare(der, at.raw) === 0)) {
    chain.push(at.raw);
    at = (at.issuerCertificate ?? {}) as typeof at;
  }
  return chain;
}

/** The whole body. Listeners rather than an iterator, which would cost a small write more than decoding it does. */
function readAll(incoming: Incoming, declared: string | undefined, onOver: (stop: (() => void) | undefined) => void): Promise<Uint8Array> {
  if (Number(declared ?? 0) > maxBodyBytes) return Promise.reject(bodyTooLarge());
  if (incoming.readableEnded) return Promise.resolve(new Uint8Array());
  // The client has gone before anybody asked: nothing more will be heard of it.
  if (incoming.destroyed) return Promise.reject(requestOver);
  return new Promise((resolve, reject) => {
    const gathered = new Gathered();
    const settle = (): void => {
      onOver(undefined);
      incoming.removeListener('data', onData);
      incoming.removeListener('end', onEnd);
      incoming.removeListener('close', onClose);
    };
    const onData = (piece: Buffer): void => {
      if (gathered.length + piece.length <= maxBodyBytes) {
        gathered.add(piece);
        return;
      }
      settle();
      // Nobody reads on: what the client still sends waits until it has been refused.
      incoming.pause();
      reject(bodyTooLarge());
    };
    const onEnd = (): void => {
      settle();
      resolve(gathered.whole());
    };
    const onClose = (): void => {
      settle();
      reject(requestOver);
    };
    incoming.on('data', onData);
    incoming.on('end', onEnd);
    incoming.on('close', onClose);
    // An answer may be given before all has come, after which Node says no more of the request.
    onOver(onClose);
  });
}

/** The body as it comes. What its reader leaves unread is dropped: it lies before the connection's next request. */
async function* piecesOf(incoming: Incoming): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* incoming.iterator({ destroyOnReturn: false });
  } finally {
    if (!incoming.readableEnded && !incoming.destroyed) incoming.resume();
  }
}

/** What follows the head of a request to change protocols is the new protocol's: HTTP's parser has let go of the connection, and nobody would ever read a body. */
async function noBody(headers: ServerRequest['headers']): Promise<Uint8Array> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  if (Number(length) !== 0 || encoding !== undefined) throw badRequest('a request to change protocols must not have a body');
  return new Uint8Array();
}

export class WireRequest implements ServerRequest {
  readonly method: string;
  path: string;
  readonly rawPath: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  readonly remoteAddress: string;
  readonly clientCertificate: ServerRequest['clientCertificate'];
  readonly clientCertificateError: string | undefined;
  readonly wantsUpgrade: boolean;
  readonly warnings: string[] = [];
  readonly receivedAt: number;
  // Set by the stages of the chain. Named here, so that all requests have the same shape.
  user: UserInfo | undefined;
  info: RequestInfo | undefined;
  formats: ServerRequest['formats'];
  auditId: string | undefined;
  flow: ServerRequest['flow'];
  auditAnnotations: ServerRequest['auditAnnotations'];
  authenticatedUser: UserInfo | undefined;
  audited: ServerRequest['audited'];
  readonly #incoming: Incoming;
  readonly #query: string;
  #params: URLSearchParams | undefined;
  #body: Promise<Uint8Array> | undefined;
  #abort: AbortController | undefined;
  #ended: { reason: unknown } | undefined;
  #stopReading: (() => void) | undefined;
  #trailers: IncomingHttpHeaders | undefined;

  constructor(incoming: Incoming, head: RequestHead, receivedAt: number, wantsUpgrade: boolean) {
    const { rawPath, query } = splitTarget(head.target);
    const identity = identityOf(incoming);
    this.method = head.method;
    this.path = rawPath;
    this.rawPath = rawPath;
    this.headers = headersOf(head.headers);
    this.rawHeaders = head.rawHeaders;
    this.remoteAddress = identity.remoteAddress;
    this.clientCertificate = identity.certificate;
    this.clientCertificateError = identity.error;
    this.wantsUpgrade = wantsUpgrade;
    this.receivedAt = receivedAt;
    this.user = undefined;
    this.info = undefined;
    this.formats = undefined;
    this.auditId = undefined;
    this.flow = undefined;
    this.auditAnnotations = undefined;
    this.authenticatedUser = undefined;
    this.audited = undefined;
    this.#incoming = incoming;
    this.#query = query;
  }

  get rawQuery(): string {
    return this.#query;
  }

  get query(): URLSearchParams {
    return (this.#params ??= new URLSearchParams(this.#query));
  }

  /** Made when somebody wants to hear of the end; an end that nobody waits for costs nothing. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#ended !== undefined) this.#abort.abort(this.#ended.reason);
    }
    return this.#abort.signal;
  }

  body(): Promise<Uint8Array> {
    return (this.#body ??= this.wantsUpgrade ? noBody(this.headers) : readAll(this.#incoming, this.headers['content-length'], (stop) => (this.#stopReading = stop)));
  }

  /** Whoever leaves it before its end leaves the connection as it is: the answer goes over it. */
  bodyStream(): AsyncIterable<Uint8Array> | undefined {
    const incoming = this.#incoming;
    if ('session' in incoming) {
      if (incoming.endAfterHeaders) return undefined;
      incoming.once('trailers', (trailers) => (this.#trailers = trailers));
    } else if ((this.headers['content-length'] ?? '0') === '0' && this.headers['transfer-encoding'] === undefined) {
      return undefined;
    }
    return piecesOf(incoming);
  }

  trailers(): Record<string, string> {
    const incoming = this.#incoming;
    return headersOf('session' in incoming ? (this.#trailers ?? {}) : incoming.trailers);
  }

  /** Ends the request, from whichever side; the first reason counts. */
  cancel(reason?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    this.#abort?.abort(reason);
    this.#stopReading?.();
  }
}
