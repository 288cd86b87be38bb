/** The front: HTTP/1.1 and HTTP/2 requests into values for the chain, and the chain's answers back onto the wire. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse as Http1Response } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { AnyServerRequest, AnyServerResponse, Clock, Log } from '../host/types.ts';
import { badRequest, internalError, StatusError } from '../api/meta/status.ts';
import { release } from './body.ts';
import { statusResponse } from './chain/responses.ts';
import { WireRequest, type Incoming, type RequestHead } from './incoming.ts';
import { writeAnswer, type Outgoing, type Turn } from './outgoing.ts';
import { decodePath } from './paths.ts';
import { isWhole, Pieces } from './pieces.ts';
import { requestOver, type RunningRequests } from './transport.ts';
import type { StreamResponse } from './web-socket/stream.ts';
import type { Next, ServerRequest, ServerResponse } from './types.ts';

export interface FrontOptions {
  clock: Clock;
  log: Log;
  handle: Next;
  running: RunningRequests;
  /** Whether a connection of HTTP/2 is to end after an answer: the client is told to open another (GOAWAY), what runs comes to its end. */
  endsAfter?: (request: ServerRequest, answer: ServerResponse) => boolean;
  /** For long answers that are compressed. */
  turn?: Turn | undefined;
}

/** What `Network.listen` calls. */
export interface Front {
  /** HTTP/1.1. */
  onRequest(request: AnyServerRequest, response: AnyServerResponse): void;
  /** HTTP/2 without the objects that make it look like HTTP/1.1, which cost more than a small answer does. */
  onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

class HttpFront implements Front {
  readonly #options: FrontOptions;

  constructor(options: FrontOptions) {
    this.#options = options;
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
    const incoming = raw as IncomingMessage;
    this.#serve(incoming, response as Http1Response, headOf(incoming));
    // Both sides may fail at any moment; over HTTP/2 they are one.
    incoming.on('error', () => undefined);
  }

  onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    const ends = this.#options.endsAfter;
    const ended = ends && ((request: ServerRequest, answer: ServerResponse): void => {
      if (ends(request, answer)) stream.session?.close();
    });
    this.#serve(stream, stream, { method: String(headers[':method'] ?? 'GET'), target: String(headers[':path'] ?? '/'), headers, rawHeaders }, ended);
  }

  #serve(incoming: Incoming, out: Outgoing, head: RequestHead, answered?: (request: ServerRequest, answer: ServerResponse) => void): void {
    const request = new WireRequest(incoming, head, this.#options.clock.now(), false);
    const { running } = this.#options;
    running.add(request);
    // A failure is followed by the end of the connection, before the answer was written whole or after.
    out.on('error', () => request.cancel(requestOver));
    out.on('close', () => {
      running.delete(request);
      request.cancel(requestOver);
    });
    void this.#run(request, incoming, out, answered);
  }

  async #run(request: WireRequest, incoming: Incoming, out: Outgoing, answered: ((request: ServerRequest, answer: ServerResponse) => void) | undefined): Promise<void> {
    try {
      const answer = await this.#answer(request);
      answered?.(request, answer);
      if (isLeftUnread(incoming, out)) await Promise.race([readRest(incoming), this.#options.clock.sleep(restMs)]);
      await writeAnswer(request, incoming, out, answer, this.#options.turn);
    } catch (error) {
      this.#options.log.debug('an answer was cut off', { path: request.rawPath, error: String(error) });
      out.destroy();
    }
  }

  onUpgrade(raw: IncomingMessage, socket: Duplex, headBytes: Buffer): void {
    const request = new WireRequest(raw, headOf(raw), this.#options.clock.now(), true);
    this.#options.running.add(request);
    socket.on('error', () => request.cancel(requestOver));
    socket.on('close', () => {
      this.#options.running.delete(request);
      request.cancel(requestOver);
    });
    void this.#answer(request)
      .then((answer) => {
        if (answer.upgrade) return answer.upgrade(socket, headBytes);
        return isStream(answer) && raw.headers.upgrade?.toLowerCase() === 'websocket' ? this.#overWebSocket(request, socket, headBytes, answer) : refuse(this.#options.clock, socket, answer);
      })
      .catch((error: unknown) => {
        this.#options.log.debug('an upgraded connection was cut off', { path: request.rawPath, error: String(error) });
        socket.destroy();
      });
  }

  /** A watch or a log for a client that reads messages; the code is loaded with the first of them. */
  async #overWebSocket(request: WireRequest, socket: Duplex, head: Buffer, answer: StreamResponse): Promise<void> {
    const { inMessages } = await import('./web-socket/stream.ts');
    const answered = await inMessages(this.#options.clock, request, answer, () => request.cancel(requestOver));
    await (answered.upgrade ? answered.upgrade(socket, head) : refuse(this.#options.clock, socket, answered));
  }
}

/** Time that a client has to send the rest of a body that nobody wants, and how much of it is read. */
const restMs = 500;
const restBytes = 256 * 1024;

/** Whether the connection ends with this answer, with a part of its request unread: closing on bytes that nobody has read would take the answer from the client again. */
function isLeftUnread(incoming: Incoming, out: Outgoing): boolean {
  return !('session' in incoming) && !incoming.complete && !incoming.destroyed && !(out as Http1Response).shouldKeepAlive && !(out as Http1Response).headersSent;
}

function readRest(incoming: Incoming): Promise<void> {
  return new Promise((resolve) => {
    let left = restBytes;
    incoming.on('data', (piece: Buffer) => {
      left -= piece.length;
      if (left < 0) resolve();
    });
    incoming.on('end', resolve);
    incoming.on('close', resolve);
  });
}

const headOf = ({ method = 'GET', url = '/', headers, rawHeaders }: IncomingMessage): RequestHead => ({ method, target: url, headers, rawHeaders });

export function httpFront(options: FrontOptions): Front {
  const front = new HttpFront(options);
  return { onRequest: front.onRequest.bind(front), onStream: front.onStream.bind(front), onUpgrade: front.onUpgrade.bind(front) };
}

const isStream = (answer: ServerResponse): answer is StreamResponse => answer.status === 200 && !isWhole(answer.body);

/** Time for a client to read why it may not change protocols, before its connection goes. */
const refusedMs = 500;

/** Answers an upgrade request with an ordinary answer, as text onto the raw connection, and closes it. */
async function refuse(clock: Clock, socket: Duplex, answer: ServerResponse): Promise<void> {
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
  // What the client still sends is dropped. Unread, it would keep the end of the connection from being noticed, and the connection for good.
  socket.resume();
  const timer = clock.setTimer(() => socket.destroy(), refusedMs);
  socket.once('close', () => timer.cancel());
}

const phrases: Readonly<Record<number, string>> = {
  200: 'OK', 201: 'Created', 301: 'Moved Permanently', 302: 'Found', 304: 'Not Modified', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 409: 'Conflict',
  413: 'Content Too Large', 415: 'Unsupported Media Type', 422: 'Unprocessable Content', 429: 'Too Many Requests', 500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout',
};

/** The words behind a status code. */
export function reasonPhrase(status: number): string {
  return phrases[status] ?? 'Status';
}

