/** A connection to a streaming server after it has agreed to speak SPDY/3.1. */
import type { Duplex } from 'node:stream';
import { drained, writeTogether } from '../web-socket/drained.ts';
import { dataHead, goAwayFrame, HeaderWriter, pingFrame, SpdyError, SpdyParser, type SpdyEvent } from './spdy.ts';

/** What happens on a stream that was opened here. `lost`: the connection ended without a word. */
export type StreamEvent =
  | { kind: 'replied'; stream: number }
  | { kind: 'data'; stream: number; bytes: Uint8Array }
  | { kind: 'ended'; stream: number }
  | { kind: 'goAway' }
  | { kind: 'lost' };

interface StreamState {
  replied: boolean;
  /** The other side writes no more. */
  remoteEnded: boolean;
  /** This side writes no more. */
  localEnded: boolean;
}

export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #headers = new HeaderWriter();
  readonly #streams = new Map<number, StreamState>();
  #nextStream = 1;
  #nextPing = 1;
  #left = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
    // What is wrong with it is told by the reading side.
    socket.on('error', () => socket.destroy());
  }

  /** Opens a stream; its reply comes as an event. */
  open(headers: Readonly<Record<string, string>>): number {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#streams.set(stream, { replied: false, remoteEnded: false, localEnded: false });
    void writeTogether(this.#socket, this.#headers.open(stream, headers));
    return stream;
  }

  /** Undefined, or resolves when there is room for more. Bytes for a stream that has ended go nowhere. */
  write(stream: number, bytes: Uint8Array): Promise<void> | undefined {
    if (bytes.length === 0 || this.#streams.get(stream)?.localEnded !== false) return undefined;
    return writeTogether(this.#socket, dataHead(stream, bytes.length, false), bytes);
  }

  /** Half-closes a stream: the other side reads to the end. */
  finish(stream: number): void {
    const state = this.#streams.get(stream);
    if (!state || state.localEnded) return;
    state.localEnded = true;
    void writeTogether(this.#socket, dataHead(stream, 0, true));
  }

  /** Keeps what lies between from thinking the connection idle. Not while it is full: then it is not. */
  ping(): void {
    if (this.#socket.writableNeedDrain) return;
    void writeTogether(this.#socket, pingFrame(this.#nextPing));
    this.#nextPing = (this.#nextPing + 2) & 0x7f_ff_ff_ff;
  }

  /** Says that nothing more comes. */
  goAway(): void {
    if (this.#left) return;
    this.#left = true;
    void writeTogether(this.#socket, goAwayFrame(0, 0));
  }

  get socket(): Duplex {
    return this.#socket;
  }

  /** What the other side says, until it leaves. Throws SpdyError when it breaks the rules. */
  async *events(): AsyncGenerator<StreamEvent> {
    const parser = new SpdyParser();
    try {
      for await (const chunk of this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        for (const event of parser.push(chunk)) {
          if (event.kind === 'ping') {
            await this.#answer(event.id);
          } else if (event.kind === 'goAway') {
            yield { kind: 'goAway' };
            return;
          } else {
            yield* this.#onStream(event);
          }
        }
      }
    } catch (error) {
      if (error instanceof SpdyError) throw error;
      // A connection that breaks: the same as one that ends without a word.
    }
    yield { kind: 'lost' };
  }

  /** Pings of the other side have even numbers; odd ones answer ours. */
  #answer(id: number): Promise<void> | undefined {
    if (id % 2 !== 0) return undefined;
    void writeTogether(this.#socket, pingFrame(id));
    return drained(this.#socket);
  }

  *#onStream(event: Exclude<SpdyEvent, { kind: 'ping' | 'goAway' }>): Generator<StreamEvent> {
    const { kind, stream } = event;
    if (kind === 'opened') throw new SpdyError(`stream ${stream} was opened by the server`);
    const state = this.#streams.get(stream);
    if (!state) throw new SpdyError(`stream ${stream} was never opened`);
    if (kind === 'reset') {
      state.localEnded = true;
      yield* this.#ended(stream, state);
      return;
    }
    if (kind === 'replied') {
      if (state.replied) throw new SpdyError(`stream ${stream} was replied to twice`);
      state.replied = true;
      yield { kind: 'replied', stream };
    } else if (!state.replied) {
      throw new SpdyError(`stream ${stream} was used before it was replied to`);
    } else if (kind === 'data' && event.bytes.length > 0 && !state.remoteEnded) {
      yield { kind: 'data', stream, bytes: event.bytes };
    }
    if (event.last) yield* this.#ended(stream, state);
  }

  *#ended(stream: number, state: StreamState): Generator<StreamEvent> {
    if (state.remoteEnded) return;
    state.remoteEnded = true;
    yield { kind: 'ended', stream };
  }
}
