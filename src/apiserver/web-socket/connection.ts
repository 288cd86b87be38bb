/** A client's connection after it has become a WebSocket. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../../host/types.ts';
import { drained, endSoon, writeTogether } from './drained.ts';
import { binaryHead, closeCodes, closeFrame, FrameParser, pongFrame, textHead, WebSocketError } from './frames.ts';

/** One message is no longer than this: what clients send are pieces of some kilobytes. */
export const maxMessageBytes = 32 * 1024 * 1024;
/** How long a client may take to read what is left for it. */
const closeGraceMs = 10_000;

export interface MessagePiece {
  bytes: Uint8Array;
  first: boolean;
  last: boolean;
  binary: boolean;
}

export class WebSocketConnection {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  #closed = false;

  /** `head` is what came with the handshake. */
  constructor(socket: Duplex, head: Uint8Array, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('error', () => socket.destroy());
    if (head.length > 0) socket.unshift(head);
  }

  /** Sends one message, of a channel where one is given. Undefined, or resolves when there is room for more. */
  send(bytes: Uint8Array, channel?: number): Promise<void> | undefined {
    if (this.#closed) return undefined;
    if (channel === undefined) return writeTogether(this.#socket, binaryHead(bytes.length), bytes);
    return writeTogether(this.#socket, binaryHead(bytes.length + 1), Uint8Array.of(channel), bytes);
  }

  /** Sends one message of text. Undefined, or resolves when there is room for more. */
  sendText(text: string): Promise<void> | undefined {
    if (this.#closed) return undefined;
    const bytes = Buffer.from(text, 'utf8');
    return writeTogether(this.#socket, textHead(bytes.length), bytes);
  }

  /** Messages in pieces, until the client leaves; its pings are answered. Throws WebSocketError, after which the connection is to be closed with its code. */
  async *messages(): AsyncGenerator<MessagePiece> {
    const parser = new FrameParser(maxMessageBytes);
    try {
      for await (const chunk of this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        for (const event of parser.push(chunk)) {
          if (event.kind === 'close') return;
          if (event.kind === 'piece') {
            yield event;
          } else if (event.kind === 'ping' && !this.#closed) {
            void writeTogether(this.#socket, pongFrame(event.payload));
            // Who pings and does not read gets no more answers until it does.
            await drained(this.#socket);
          }
        }
      }
    } catch (error) {
      if (error instanceof WebSocketError) throw error;
      // A connection that breaks: the client has left.
    }
  }

  /** Says goodbye, and ends the connection once that has been sent. What the client still sends is dropped: it has not heard yet. */
  close(code: number = closeCodes.normal): void {
    if (this.#closed) return;
    this.#closed = true;
    void writeTogether(this.#socket, closeFrame(code));
    endSoon(this.#socket, (callback, delayMs) => this.#clock.setTimer(callback, delayMs), closeGraceMs);
    this.#socket.resume();
  }
}
