/** Answers on their way to the wire. */
import type { ServerResponse as Http1Response } from 'node:http';
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { writePieces } from '../base/write-pieces.ts';
import { release } from './body.ts';
import type { Incoming } from './incoming.ts';
import { Pieces } from './pieces.ts';
import type { ServerRequest, ServerResponse } from './types.ts';

/** Where an answer is written: HTTP/1.1's response, or the HTTP/2 stream itself. */
export type Outgoing = Http1Response | ServerHttp2Stream;

/** Answers at least this long are compressed for clients that take gzip. */
export const gzipThresholdBytes = 128 * 1024;
/** Speed matters more than the last percent of size. */
const gzipLevel = 1;

/** Headers of one hop only (RFC 9110, 7.6.1); HTTP/2 forbids them. */
const hopHeaders: readonly string[] = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'];

type Headers = Record<string, string>;

const isStream = (out: Outgoing): out is ServerHttp2Stream => 'respond' in out;

/** Lets other work go on. */
export type Turn = () => Promise<void>;

/** Writes an answer; resolves when all of it has been handed on, or its client has gone. */
export async function writeAnswer(request: ServerRequest, incoming: Incoming, out: Outgoing, answer: ServerResponse, turn?: Turn): Promise<void> {
  if (out.destroyed) return release(answer.body);
  const { headers } = answer;
  if (answer.cookies !== undefined) (headers as Record<string, unknown>)['set-cookie'] = answer.cookies;
  if (isStream(out)) for (const name of hopHeaders) if (name in headers) delete headers[name];
  let { body } = answer;
  if (typeof body === 'string') body = Buffer.from(body, 'utf8');
  if (body instanceof Pieces && takesGzip(request, headers, body.length)) {
    markGzip(headers);
    body = await gzipOf(body, turn);
    if (out.destroyed) return;
  }
  if (body === undefined || body instanceof Uint8Array) {
    writeWhole(request, out, answer, body ?? noBytes);
    return dropRest(incoming);
  }
  if (body instanceof Pieces) headers['content-length'] = String(body.length);
  if (request.method === 'HEAD') {
    head(out, answer.status, headers, true);
    return release(body);
  }
  const { trailers } = answer;
  head(out, answer.status, headers, false, trailers !== undefined);
  if (body instanceof Pieces) {
    const taken = new Taken(out);
    if (await body.writeTo((piece) => taken.write(piece))) out.end();
    return dropRest(incoming);
  }
  // Clients of a watch wait for the headers before the first event.
  if (!isStream(out)) out.flushHeaders();
  if (answer.passedOn !== true) return pump(body, out);
  // The last word of HTTP/2 is asked for when all else has been sent.
  if (trailers !== undefined && isStream(out)) out.on('wantTrailers', () => out.sendTrailers(trailers()));
  if (await writePieces(body, out as Http1Response)) {
    if (trailers !== undefined && !isStream(out)) out.addTrailers(Object.entries(trailers()));
    out.end();
  }
  dropRest(incoming);
}

/**
 * Lets what nobody has read of a request go by. HTTP/2 does so itself when the answer is written, as long as nobody has begun to read; told earlier, Node gives
 * a stream up before it hears that its answer has been written, and makes an error with a stack of that, which nobody sees but costs a tenth of a small read.
 */
function dropRest(incoming: Incoming): void {
  if ('session' in incoming ? incoming.readableFlowing === false : !incoming.readableEnded) incoming.resume();
}

const noBytes = new Uint8Array();

function writeWhole(request: ServerRequest, out: Outgoing, { status, headers }: ServerResponse, body: Uint8Array): void {
  const bytes = compressed(request, headers, body);
  const bodiless = status === 204 || status === 304;
  if (!bodiless) headers['content-length'] = String(bytes.length);
  const empty = request.method === 'HEAD' || bodiless || bytes.length === 0;
  head(out, status, headers, empty);
  if (!empty) out.end(bytes);
}

/** Writes status and headers; with `end` there is nothing more to come, `trailers` may follow the body. */
function head(out: Outgoing, status: number, headers: Headers, end: boolean, trailers = false): void {
  if (isStream(out)) {
    // As a list: Node copies an object of headers into one that is slow to read, and looks at each again.
    const list: (string | number | string[])[] = [':status', status];
    for (const name in headers) list.push(name, headers[name]!);
    out.respond(list as unknown as OutgoingHttpHeaders, end ? { endStream: true } : trailers ? { waitForTrailers: true } : undefined);
    return;
  }
  out.writeHead(status, headers);
  if (end) out.end();
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

/** Pieces that are compressed in one turn of the event loop: a few milliseconds. */
const compressedInATurn = 4;

/** One gzip member of a body in parts: each piece ends on a byte, and so they can be joined without the body ever being whole. */
async function gzipOf(body: Pieces, turn: Turn | undefined): Promise<Buffer> {
  const out: Buffer[] = [gzipHead];
  let checksum = 0;
  let pieces = 0;
  await body.writeTo(async (piece) => {
    if (++pieces % compressedInATurn === 0) await turn?.();
    checksum = crc32(piece, checksum);
    out.push(deflateRawSync(piece, { level: gzipLevel, finishFlush: constants.Z_SYNC_FLUSH }));
    return true;
  });
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(checksum, 0);
  tail.writeUInt32LE(body.length % 2 ** 32, 4);
  return Buffer.concat([...out, lastBlock, tail]);
}

/**
 * Writes a stream piece by piece, the next once the connection has taken the last: what is to follow waits where it can be shared, not in each
 * connection's own buffers.
 */
async function pump(body: AsyncIterable<Uint8Array>, out: Outgoing): Promise<void> {
  const taken = new Taken(out);
  for await (const piece of body) if (!(await taken.write(piece))) return;
  out.end();
}

/** Writes pieces one at a time, and tells when the connection has taken each. */
class Taken {
  readonly #out: Outgoing;
  #settle: ((taken: boolean) => void) | undefined;

  constructor(out: Outgoing) {
    this.#out = out;
    // One listener for the whole body: a long list has hundreds of pieces, a watch any number.
    out.on('close', () => this.#settle?.(false));
  }

  readonly #written = (error: Error | null | undefined): void => this.#settle?.(!error);

  /** True once the connection has taken the piece, false when the connection has gone. */
  write(piece: Uint8Array): Promise<boolean> {
    if (this.#out.destroyed || this.#out.writableEnded) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#settle = resolve;
      // Both kinds write alike; their types do not.
      (this.#out as Http1Response).write(piece, this.#written);
    });
  }
}
