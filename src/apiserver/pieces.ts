/**
 * A body made of parts that lie in memory already. It is put together a little at a time, as its reader takes it: a long list never stands in
 * memory as a whole, and fresh memory is what costs most about one (the system hands it out page by page).
 */

/** What is put together at a time, at most. */
export const pieceBytes = 256 * 1024;
/** Rooms that are kept for the next bodies. */
const idleRooms = 16;

export interface Parts {
  head: Uint8Array;
  tail: Uint8Array;
  items: readonly Buffer[];
  /** What goes before the item at an index. */
  before(index: number): Uint8Array;
  /** The first bytes of each item that are left out. */
  skipped: number;
  /** Of all together. */
  length: number;
}

export class Pieces implements AsyncIterable<Uint8Array> {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get length(): number {
    return this.#parts.length;
  }

  /** Head, then what goes before each item and the item, then the tail. */
  #part(index: number): Uint8Array {
    const { head, items, tail } = this.#parts;
    if (index === 0) return head;
    const item = (index - 1) >> 1;
    if (item === items.length) return tail;
    return index % 2 === 1 ? this.#parts.before(item) : items[item]!;
  }

  /** The body in turns, each in the room that is handed in anew for it. */
  *fill(room: () => Buffer): Generator<Buffer, void, undefined> {
    const { items, skipped } = this.#parts;
    const last = 2 * items.length + 1;
    let out = room();
    let at = 0;
    for (let index = 0; index <= last; index++) {
      const bytes = this.#part(index);
      let from = index % 2 === 0 && index > 0 ? skipped : 0;
      while (from < bytes.length) {
        if (at === out.length) {
          yield out;
          out = room();
          at = 0;
        }
        const to = Math.min(bytes.length, from + out.length - at);
        // Short ones: a call into the engine would cost more than it copies.
        if (to - from < 16) for (let i = from; i < to; i++) out[at + i - from] = bytes[i]!;
        else out.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), at);
        at += to - from;
        from = to;
      }
    }
    if (at > 0) yield out.subarray(0, at);
  }

  /** The whole body in one. */
  bytes(): Buffer {
    const whole = Buffer.allocUnsafe(this.length);
    for (const _ of this.fill(() => whole)) return whole;
    return whole;
  }

  /** Each piece is the reader's own. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.fill(() => Buffer.allocUnsafe(pieceBytes));
  }

  /** Writes the body; `write` tells when the piece has been taken, after which its memory is used again, or false when nobody reads any more. */
  async writeTo(write: (piece: Buffer) => Promise<boolean>): Promise<boolean> {
    const room = rooms.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
    for (const piece of this.fill(() => room)) if (!(await write(piece))) return false;
    if (rooms.length < idleRooms) rooms.push(room);
    return true;
  }
}

const rooms: Buffer[] = [];

/** Whether a body is there as a whole, as opposed to a stream that comes when it comes. */
export function isWhole(body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined): body is string | Uint8Array | Pieces | undefined {
  return body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof Pieces;
}
