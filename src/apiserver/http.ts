/** The front: HTTP/1.1 and HTTP/2 requests into values for the chain, and the chain's answers back onto the wire. */
import type { IncomingMessage, ServerResponse as Http1Response } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';
import type { AnyServerRequest, AnyServerResponse, Clock, Log } from '../host/types.ts';
import { badRequest, internalError, StatusError } from '../api/meta/status.ts';
import { release } from './body.ts';
import { statusResponse } from './chain/responses.ts';
import { decodePath, splitTarget } from './paths.ts';
import { Pieces } from './pieces.ts';
import { bodyTooLarge, maxBodyBytes, requestOver, type RunningRequests } from './transport.ts';
import type { Next, ServerRequest, ServerResponse } from './types.ts';

/** Answers at least this long are compressed for clients that take gzip. */
export const gzipThresholdBytes = 128 * 1024;
/** Speed matters more than the last percent of size. */
const gzipLevel = 1;

/** Headers of one hop only (RFC 9110, 7.6.1); HTTP/2 forbids them. */
const hopHeaders: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

function headersOf(raw: AnyServerRequest['headers']): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined || name.startsWith(':')) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const authority = raw[':authority'];
  if (typeof authority === 'string' && headers['host'] === undefined) headers['host'] = authority;
  return headers;
}

type Certificate = NonNullable<ServerRequest['clientCertificate']>;

/** What a connection's handshake has told: the client's certificate, or why it is no good, or neither. */
interface Identity {
  certificate?: Certificate;
  error?: string;
}

/** Certificates do not change during a connection: read once. */
const identities = new WeakMap<object, Identity>();

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

function identityOf(request: AnyServerRequest): Identity {
  // With HTTP/2 the request's own `socket` hides the handshake: the session has the real one.
  const session = 'stream' in request ? request.stream?.session : undefined;
  const socket = (session ? session.socket : request.socket) as TLSSocket | undefined;
  if (!socket || typeof socket.getPeerCertificate !== 'function') return {};
  const key: object = session ?? socket;
  let identity = identities.get(key);
  if (!identity) identities.set(key, (identity = readIdentity(socket)));
  return identity;
}

function readIdentity(socket: TLSSocket): Identity {
  const peer = socket.getPeerCertificate();
  // Without a certificate there is an empty object.
  if (!peer || Object.keys(peer).length === 0) return {};
  if (!socket.authorized) return { error: String(socket.authorizationError ?? 'the certificate is not trusted') };
  const subject = peer.subject as unknown as Record<string, string | string[] | undefined> | undefined;
  const commonName = listOf(subject?.['CN'])[0];
  if (commonName === undefined) return {};
  return { certificate: { commonName, organizations: listOf(subject?.['O']), ...(peer.fingerprint256 ? { fingerprint: peer.fingerprint256.replaceAll(':', '').toLowerCase() } : {}), chain: () => chainOf(socket) } };
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

async function readAll(request: AnyServerRequest): Promise<Uint8Array> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBodyBytes) throw bodyTooLarge();
  const pieces: Buffer[] = [];
  let length = 0;
  // Leaving an iterator early would close the connection, and the refusal with it.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBodyBytes) throw bodyTooLarge();
    pieces.push(piece);
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

/** What follows the head of a request to change protocols is the new protocol's: HTTP's parser has let go of the connection, and nobody would ever read a body. */
async function noBody(request: AnyServerRequest): Promise<Uint8Array> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (Number(length) !== 0 || encoding !== undefined) throw badRequest('a request to change protocols must not have a body');
  return new Uint8Array();
}

export interface FrontOptions {
  clock: Clock;
  log: Log;
  handle: Next;
  running: RunningRequests;
}

/** What `Network.listen` calls. */
export interface Front {
  onRequest(request: AnyServerRequest, response: AnyServerResponse): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

class HttpFront implements Front {
  readonly #options: FrontOptions;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  #requestFrom(raw: AnyServerRequest, abort: AbortController, wantsUpgrade: boolean): ServerRequest {
    const { rawPath, query } = splitTarget(raw.url ?? '/');
    let whole: Promise<Uint8Array> | undefined;
    const identity = identityOf(raw);
    return {
      method: raw.method ?? 'GET',
      path: rawPath,
      rawPath,
      query: new URLSearchParams(query),
      headers: headersOf(raw.headers),
      rawHeaders: raw.rawHeaders,
      body: () => (whole ??= wantsUpgrade ? noBody(raw) : readAll(raw)),
      bodyStream: () => raw as AsyncIterable<Uint8Array>,
      signal: abort.signal,
      remoteAddress: raw.socket?.remoteAddress ?? '',
      ...(identity.certificate ? { clientCertificate: identity.certificate } : {}),
      ...(identity.error === undefined ? {} : { clientCertificateError: identity.error }),
      wantsUpgrade,
      warnings: [],
      receivedAt: this.#options.clock.now(),
      cancel: (reason) => abort.abort(reason),
    };
  }

  async #answer(request: ServerRequest): Promise<ServerResponse> {
    try {
      request.path = decodePath(request.rawPath);
      return await this.#options.handle(request);
    } catch (error) {
      if (error instanceof StatusError) return statusResponse(error.status);
      this.#options.log.error('a request failed outside the chain', { path: request.rawPath, error: String(error) });
      return statusResponse(internalError(error).status);
    }
  }

  onRequest(raw: AnyServerRequest, response: AnyServerResponse): void {
    const abort = new AbortController();
    const request = this.#requestFrom(raw, abort, false);
    this.#options.running.add(request);
    // Both sides may fail at any moment; a response that is closed before it was written whole tells that the client is gone.
    raw.on('error', () => abort.abort(requestOver));
    response.on('error', () => abort.abort(requestOver));
    response.on('close', () => {
      this.#options.running.delete(request);
      abort.abort(requestOver);
    });
    void this.#answer(request)
      .then((answer) => this.#write(request, raw, response, answer))
      .catch((error: unknown) => {
        this.#options.log.debug('an answer was cut off', { path: request.rawPath, error: String(error) });
        response.destroy();
      });
  }

  async #write(request: ServerRequest, raw: AnyServerRequest, response: AnyServerResponse, answer: ServerResponse): Promise<void> {
    if (isGone(response)) return release(answer.body);
    const headers = answer.headers;
    if (raw.httpVersionMajor >= 2) for (const name of hopHeaders) delete headers[name];
    let { body } = answer;
    if (typeof body === 'string') body = Buffer.from(body, 'utf8');
    if (body instanceof Pieces && takesGzip(request, headers, body.length)) {
      markGzip(headers);
      body = gzipOf(body);
    }
    if (body === undefined || body instanceof Uint8Array) {
      const bytes = compressed(request, headers, body ?? new Uint8Array());
      const bodiless = answer.status === 204 || answer.status === 304;
      if (!bodiless) headers['content-length'] = String(bytes.length);
      // A body that nobody has read would keep an HTTP/1.1 connection from being used again.
      if (answer.status === 413 && raw.httpVersionMajor < 2) headers['connection'] = 'close';
      head(response, answer.status, headers);
      if (request.method === 'HEAD' || bodiless) response.end();
      else response.end(bytes);
      if (!raw.readableEnded) raw.resume();
      return;
    }
    if (body instanceof Pieces) headers['content-length'] = String(body.length);
    head(response, answer.status, headers);
    if (request.method === 'HEAD') {
      response.end();
      return release(body);
    }
    if (body instanceof Pieces) {
      if (await body.writeTo((piece) => written(response, piece))) response.end();
      if (!raw.readableEnded) raw.resume();
      return;
    }
    // Clients of a watch wait for the headers before the first event.
    if ('flushHeaders' in response) response.flushHeaders();
    await pump(body, response);
  }

  onUpgrade(raw: IncomingMessage, socket: Duplex, headBytes: Buffer): void {
    const abort = new AbortController();
    const request = this.#requestFrom(raw, abort, true);
    this.#options.running.add(request);
    socket.on('error', () => abort.abort(requestOver));
    socket.on('close', () => {
      this.#options.running.delete(request);
      abort.abort(requestOver);
    });
    void this.#answer(request)
      .then((answer) => (answer.upgrade ? answer.upgrade(socket, headBytes) : refuse(socket, answer)))
      .catch((error: unknown) => {
        this.#options.log.debug('an upgraded connection was cut off', { path: request.rawPath, error: String(error) });
        socket.destroy();
      });
  }
}

export function httpFront(options: FrontOptions): Front {
  const front = new HttpFront(options);
  return { onRequest: front.onRequest.bind(front), onUpgrade: front.onUpgrade.bind(front) };
}

function head(response: AnyServerResponse, status: number, headers: Record<string, string>): void {
  (response as Http1Response & Http2ServerResponse).writeHead(status, headers);
}

function takesGzip(request: ServerRequest, headers: Record<string, string>, length: number): boolean {
  return length >= gzipThresholdBytes && headers['content-encoding'] === undefined && /(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0+)?\s*(?:,|$))|,|$)/i.test(request.headers['accept-encoding'] ?? '');
}

function compressed(request: ServerRequest, headers: Record<string, string>, body: Uint8Array): Uint8Array {
  if (!takesGzip(request, headers, body.length)) return body;
  markGzip(headers);
  return gzipSync(body, { level: gzipLevel });
}

function markGzip(headers: Record<string, string>): void {
  headers['content-encoding'] = 'gzip';
  headers['vary'] = headers['vary'] ? `${headers['vary']}, Accept-Encoding` : 'Accept-Encoding';
}

/** RFC 1952: no name, no time, of no particular system. */
const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty last block (RFC 1951). */
const lastBlock = Buffer.from([3, 0]);

/** One gzip member of a body in parts: each piece ends on a byte, and so they can be joined without the body ever being whole. */
function gzipOf(body: Pieces): Buffer {
  const out: Buffer[] = [gzipHead];
  let checksum = 0;
  body.each((piece) => {
    checksum = crc32(piece, checksum);
    out.push(deflateRawSync(piece, { level: gzipLevel, finishFlush: constants.Z_SYNC_FLUSH }));
  });
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(checksum, 0);
  tail.writeUInt32LE(body.length % 2 ** 32, 4);
  return Buffer.concat([...out, lastBlock, tail]);
}

/** Whether nobody can read an answer any more. HTTP/2 answers do not say so themselves: their streams do. */
function isGone(response: AnyServerResponse): boolean {
  if (!('stream' in response)) return response.destroyed;
  const stream = response.stream as Http2ServerResponse['stream'] | undefined;
  return stream === undefined || stream.destroyed;
}

/**
 * Writes a stream piece by piece, the next once the connection has taken the last: what is to follow waits where it can be shared, not in each
 * connection's own buffers.
 */
async function pump(body: AsyncIterable<Uint8Array>, response: AnyServerResponse): Promise<void> {
  for await (const piece of body) if (!(await written(response, piece))) return;
  response.end();
}

/** Writes a piece whose memory is needed again: true once the connection has taken it, false when the connection has gone. */
function written(response: AnyServerResponse, piece: Uint8Array): Promise<boolean> {
  if (isGone(response) || response.writableEnded) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onClose = (): void => resolve(false);
    response.on('close', onClose);
    (response as Http1Response).write(piece, (error) => {
      response.removeListener('close', onClose);
      resolve(!error);
    });
  });
}

/** Answers an upgrade request with an ordinary answer, as text onto the raw connection, and closes it. */
async function refuse(socket: Duplex, answer: ServerResponse): Promise<void> {
  const { body } = answer;
  let { status, headers } = answer;
  let bytes: Uint8Array;
  if (body === undefined) bytes = new Uint8Array();
  else if (typeof body === 'string') bytes = Buffer.from(body, 'utf8');
  else if (body instanceof Uint8Array) bytes = body;
  else if (body instanceof Pieces) bytes = body.bytes();
  else {
    await release(body);
    const refusal = statusResponse(badRequest('this answer cannot be given to an upgrade request').status);
    ({ status, headers } = refusal);
    bytes = Buffer.from(refusal.body as string, 'utf8');
  }
  const lines = Object.entries({ ...headers, 'content-length': String(bytes.length), connection: 'close' }).map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, ' ')}`);
  socket.write(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${lines.join('\r\n')}\r\n\r\n`);
  socket.end(bytes);
}

const phrases: Readonly<Record<number, string>> = {
  200: 'OK', 201: 'Created', 301: 'Moved Permanently', 302: 'Found', 304: 'Not Modified', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 409: 'Conflict',
  413: 'Content Too Large', 415: 'Unsupported Media Type', 422: 'Unprocessable Content', 429: 'Too Many Requests', 500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout',
};

/** The words behind a status code. */
export function reasonPhrase(status: number): string {
  return phrases[status] ?? 'Status';
}

