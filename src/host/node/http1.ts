/**
 * A connection of HTTP/1.1 as a server has it: requests are answered one after the other, what is no HTTP is refused behind the answers to what was, and no
 * client is read for longer than its requests last.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Time for a client to read why it has been refused, or to end the body of a request that has its answer, before the connection goes. */
const lastWordsMs = 500;
/** Requests that wait for the answers to those before them. Hardly any client sends a second one before it has been answered. */
const maxWaiting = 100;

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** Words of web servers for what is no request (RFC 9110, 15.5). */
export function refusalOf({ code }: NodeJS.ErrnoException): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return '413 Content Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

/** Node begins with each request as soon as it has read it, and says nothing of the end of those whose answers have not had their turn when a connection breaks. */
export class Http1Connection {
  readonly #socket: Socket;
  readonly #serve: Serve;
  #current: Exchange | undefined;
  #waiting: Exchange[] = [];
  /** Answered, while its body still came. */
  #unfinished: IncomingMessage | undefined;
  #refusal: string | undefined;

  constructor(socket: Socket, serve: Serve) {
    this.#socket = socket;
    this.#serve = serve;
  }

  /** Whether a request is being answered, or waits for that. */
  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    if (this.#refusal !== undefined) return;
    const exchange = { request, response };
    if (this.#current === undefined) this.#begin(exchange);
    else if (this.#waiting.length < maxWaiting) this.#waiting.push(exchange);
    else this.refuse('429 Too Many Requests');
  }

  #begin(exchange: Exchange): void {
    this.#current = exchange;
    exchange.response.once('close', () => this.#end(exchange));
    this.#serve(exchange.request, exchange.response);
  }

  #end({ request }: Exchange): void {
    this.#current = this.#waiting.shift();
    if (!request.complete) this.#dropRest(request);
    // In a turn of its own: whoever sends many at once does not keep others from theirs.
    if (this.#current === undefined) this.#settle();
    else setImmediate(() => this.#goOn());
  }

  #goOn(): void {
    const next = this.#current!;
    if (this.#socket.destroyed) return;
    // Its body is what has been refused.
    if (this.#refusal !== undefined && !next.request.complete) this.#tell(this.#refusal);
    else this.#begin(next);
  }

  /** A body that goes on after its answer is nobody's. */
  #dropRest(request: IncomingMessage): void {
    this.#unfinished = request;
    const timer = setTimeout(() => {
      if (!request.complete) this.#socket.destroy();
    }, lastWordsMs);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** Takes nothing more, and ends the connection with a reason once what came before has been answered. */
  refuse(refusal: string): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = refusal;
    // From here on it is nothing that would have to be understood. Read it must be: the end of the connection is heard so, and closing on unread bytes would take the answer from the client again.
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', () => undefined);
    this.#settle();
  }

  /** What is broken may be the body of the request that is being answered, whose handler waits for it in vain. */
  #settle(): void {
    if (this.#refusal === undefined) return;
    if (this.#current === undefined || (!this.#current.request.complete && !this.#current.response.headersSent)) this.#tell(this.#refusal);
  }

  #tell(refusal: string): void {
    const socket = this.#socket;
    // What is broken may as well be the rest of a body: its request has had its answer.
    if (!socket.writable || this.#unfinished?.complete === false) {
      socket.destroySoon();
      return;
    }
    socket.end(`HTTP/1.1 ${refusal}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${refusal}`);
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), lastWordsMs);
    socket.once('close', () => clearTimeout(timer));
  }
}
