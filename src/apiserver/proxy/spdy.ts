/**
 * SPDY/3.1 as the streaming servers of kubelets and runtimes speak it, from the client's side. Frames come out as they arrive, data in pieces: nothing
 * but the head of a control frame is ever held. Such servers know no flow control but the connection's own, so SETTINGS and WINDOW_UPDATE say nothing here.
 */

/** A peer that breaks the rules: the one connection ends. */
export class SpdyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SpdyError';
  }
}

const VERSION = 3;
const HEAD_BYTES = 8;
const FIN = 0x01;
/** Control frames are small: a few headers at most. */
export const maxControlFrameBytes = 64 * 1024;
/** What the length of a frame, 24 bits, can say at most. */
const maxDataFrameBytes = 0xff_ff_ff;

const types = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const;
/** The least that a control frame must hold, and whether it names a stream first. */
const shapes: Readonly<Record<number, { least: number; most?: number; ofStream: boolean }>> = {
  [types.synStream]: { least: 10, ofStream: true },
  [types.synReply]: { least: 4, ofStream: true },
  [types.rstStream]: { least: 8, most: 8, ofStream: true },
  [types.settings]: { least: 4, ofStream: false },
  [types.ping]: { least: 4, most: 4, ofStream: false },
  [types.goAway]: { least: 8, most: 8, ofStream: false },
  [types.headers]: { least: 4, ofStream: true },
  [types.windowUpdate]: { least: 8, most: 8, ofStream: false },
};

export type SpdyEvent =
  | { kind: 'data'; stream: number; bytes: Uint8Array; last: boolean }
  | { kind: 'opened' | 'replied' | 'headers'; stream: number; last: boolean }
  | { kind: 'reset'; stream: number; status: number }
  | { kind: 'ping'; id: number }
  | { kind: 'goAway'; status: number };

/** Takes bytes as they come, gives what they say. */
export class SpdyParser {
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headFill = 0;
  /** What a control frame starts with; what follows (headers, compressed) is counted and left alone. */
  readonly #start = Buffer.alloc(HEAD_BYTES);
  #startFill = 0;
  #left = 0;

  /** Throws SpdyError where the bytes are no SPDY/3. */
  *push(chunk: Uint8Array): Generator<SpdyEvent> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headFill < HEAD_BYTES) {
        const taken = Math.min(HEAD_BYTES - this.#headFill, chunk.length - at);
        this.#head.set(chunk.subarray(at, at + taken), this.#headFill);
        this.#headFill += taken;
        at += taken;
        if (this.#headFill < HEAD_BYTES) return;
        this.#begin();
        if (this.#left > 0) continue;
      }
      const end = Math.min(at + this.#left, chunk.length);
      const event = this.#isControl() ? this.#control(chunk.subarray(at, end)) : this.#data(chunk.subarray(at, end));
      at = end;
      if (this.#left === 0) this.#headFill = 0;
      if (event) yield event;
    }
  }

  #isControl(): boolean {
    return (this.#head[0]! & 0x80) !== 0;
  }

  #begin(): void {
    this.#left = this.#head.readUIntBE(5, 3);
    this.#startFill = 0;
    if (!this.#isControl()) {
      if (this.#head.readUInt32BE(0) === 0) throw new SpdyError('data of stream 0');
      return;
    }
    const version = this.#head.readUInt16BE(0) & 0x7f_ff;
    if (version !== VERSION) throw new SpdyError(`version ${version} of SPDY`);
    const type = this.#head.readUInt16BE(2);
    const shape = shapes[type];
    if (!shape) throw new SpdyError(`frame of the unknown type ${type}`);
    if (this.#left > maxControlFrameBytes) throw new SpdyError(`control frame of ${this.#left} bytes: limit is ${maxControlFrameBytes}`);
    if (this.#left < shape.least || this.#left > (shape.most ?? maxControlFrameBytes)) throw new SpdyError(`frame of type ${type} has ${this.#left} bytes`);
  }

  #data(bytes: Uint8Array): SpdyEvent {
    this.#left -= bytes.length;
    return { kind: 'data', stream: this.#head.readUInt32BE(0), bytes, last: this.#left === 0 && (this.#head[4]! & FIN) !== 0 };
  }

  #control(bytes: Uint8Array): SpdyEvent | undefined {
    this.#left -= bytes.length;
    const taken = bytes.subarray(0, HEAD_BYTES - this.#startFill);
    this.#start.set(taken, this.#startFill);
    this.#startFill += taken.length;
    if (this.#left > 0) return undefined;
    const type = this.#head.readUInt16BE(2);
    const first = this.#start.readUInt32BE(0);
    const stream = first & 0x7f_ff_ff_ff;
    const last = (this.#head[4]! & FIN) !== 0;
    if (shapes[type]!.ofStream && stream === 0) throw new SpdyError(`frame of type ${type} for stream 0`);
    switch (type) {
      case types.synStream: return { kind: 'opened', stream, last };
      case types.synReply: return { kind: 'replied', stream, last };
      case types.headers: return { kind: 'headers', stream, last };
      case types.rstStream: return { kind: 'reset', stream, status: this.#start.readUInt32BE(4) };
      case types.ping: return { kind: 'ping', id: first };
      case types.goAway: return { kind: 'goAway', status: this.#start.readUInt32BE(4) };
      default: return undefined;
    }
  }
}

function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(0x80_00 | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head[4] = flags;
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

/** The frame that ends a stream before its time. */
export const resetFrame = (stream: number, status: number): Buffer => controlFrame(types.rstStream, 0, words(stream, status));
/** A ping, or the answer to one. */
export const pingFrame = (id: number): Buffer => controlFrame(types.ping, 0, words(id));
/** The last frame of a connection. */
export const goAwayFrame = (lastStream: number, status: number): Buffer => controlFrame(types.goAway, 0, words(lastStream, status));
/** The head of a data frame; its bytes follow. */
export function dataHead(stream: number, length: number, last: boolean): Buffer {
  if (length > maxDataFrameBytes) throw new RangeError(`${length} bytes do not fit a data frame`);
  const head = words(stream, length);
  head[4] = last ? FIN : 0;
  return head;
}

/** Compressed with a dictionary that is agreed on: this is its Adler-32 checksum, by which zlib names it. */
const dictionaryId = 0xe3_c6_a7_c2;
const zlibHead = Buffer.concat([Buffer.from([0x78, 0x20]), words(dictionaryId)]);
/** What zlib writes when it is flushed: an empty block, after which the reader has all that came before. */
const flushed = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);

/**
 * Writes headers of streams. All of a connection are one zlib stream; ours keeps them in blocks that are stored rather than compressed: a session opens five
 * streams of one short header each, which is not worth a compressor.
 */
export class HeaderWriter {
  #started = false;

  /** The frame that opens a stream. */
  open(stream: number, headers: Readonly<Record<string, string>>): Buffer {
    const lines = Object.entries(headers).map(([name, value]) => [Buffer.from(name.toLowerCase(), 'latin1'), Buffer.from(value, 'latin1')]);
    const plain = Buffer.concat([words(lines.length), ...lines.flat().flatMap((text) => [words(text.length), text])]);
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(plain.length, 1);
    stored.writeUInt16LE(~plain.length & 0xff_ff, 3);
    const block = Buffer.concat([...(this.#started ? [] : [zlibHead]), stored, plain, flushed]);
    this.#started = true;
    // No stream that it belongs to; priority and slot are 0.
    return controlFrame(types.synStream, 0, Buffer.concat([words(stream, 0), Buffer.alloc(2), block]));
  }
}
