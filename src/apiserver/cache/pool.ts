/** What is held of cached objects beside the bytes that they are cached as: decoded forms and further encodings, as many as there is room for. */
import { FramePool } from './frames.ts';
import { WatchSending } from './sending.ts';

/** Decoded objects that are kept beside their bytes at most, over all resources; the longest kept go first. */
export const DECODED_OBJECTS_LIMIT = 4_096;
/** Stored bytes of those objects; decoded they take some three times as much. */
export const DECODED_BYTES_LIMIT = 4 * 2 ** 20;
/** Bytes of objects in other encodings and versions than the one they are cached in, over all resources; the longest kept go first. */
export const ENCODED_BYTES_LIMIT = 96 * 2 ** 20;

/** What the pool knows of an object of the cache. */
export interface Pooled {
  /** Length of the stored bytes. */
  readonly size: number;
  /** Lets go of the decoded object. */
  forget(): void;
  /** Lets go of further encodings. */
  forgetEncoded(): void;
  /** Whether the object is of this cache. */
  isOf(source: object): boolean;
}

/** What one cached object has in the pool of encodings. */
export interface Kept {
  object: Pooled | undefined;
  bytes: number;
}

/** Remembers which cached objects hold a decoded form or further encodings, and has the oldest forget theirs. */
export class DecodedPool {
  readonly #decodedLimit: number;
  readonly #encodedLimit: number;
  #decoded: (Pooled | undefined)[] = [];
  #firstDecoded = 0;
  #decodedBytes = 0;
  #encoded: Kept[] = [];
  #first = 0;
  #encodedBytes = 0;
  /** What events have been framed as. */
  readonly frames = new FramePool();
  /** What watches have on its way. */
  readonly sending: WatchSending;

  constructor(limit: number = DECODED_OBJECTS_LIMIT, encodedLimit: number = ENCODED_BYTES_LIMIT, sending: WatchSending = new WatchSending()) {
    this.sending = sending;
    this.#decodedLimit = limit;
    this.#encodedLimit = encodedLimit;
  }

  /** Bytes of further encodings that are kept now. */
  get encodedBytes(): number {
    return this.#encodedBytes;
  }

  /** What is held beside the objects themselves, by part. */
  memory(): { part: string; bytes: number; limit: number }[] {
    return [
      { part: 'decoded', bytes: this.#decodedBytes, limit: DECODED_BYTES_LIMIT },
      { part: 'encodings', bytes: this.#encodedBytes, limit: this.#encodedLimit },
      { part: 'watch_frames', bytes: this.frames.bytes, limit: this.frames.limit },
      { part: 'watch_sending', bytes: this.sending.bytes, limit: this.sending.limit },
    ];
  }

  /** Notes that an object holds its decoded form. */
  keep(object: Pooled): void {
    this.#decoded.push(object);
    this.#decodedBytes += object.size;
    while (this.#decoded.length - this.#firstDecoded > this.#decodedLimit || (this.#decodedBytes > DECODED_BYTES_LIMIT && this.#decoded.length - this.#firstDecoded > 1)) {
      const oldest = this.#decoded[this.#firstDecoded];
      this.#decoded[this.#firstDecoded++] = undefined;
      this.#decodedBytes -= oldest?.size ?? 0;
      oldest?.forget();
    }
    if (this.#firstDecoded > 1_000 && this.#firstDecoded > this.#decoded.length / 2) {
      this.#decoded = this.#decoded.slice(this.#firstDecoded);
      this.#firstDecoded = 0;
    }
  }

  /** Notes that an object holds that much in a further encoding. */
  keepEncoded(object: Pooled, bytes: number): Kept {
    const kept: Kept = { object, bytes };
    this.#encoded.push(kept);
    this.#encodedBytes += bytes;
    while (this.#encodedBytes > this.#encodedLimit && this.#encoded.length - this.#first > 1) {
      const oldest = this.#encoded[this.#first++]!;
      oldest.object?.forgetEncoded();
    }
    if (this.#first > 1_000 && this.#first > this.#encoded.length / 2) {
      this.#encoded = this.#encoded.slice(this.#first);
      this.#first = 0;
    }
    return kept;
  }

  /** Lets go of all objects of a cache that is no more, and so of the rules that they were read by. */
  leave(source: object): void {
    for (let i = this.#firstDecoded; i < this.#decoded.length; i++) {
      const object = this.#decoded[i];
      if (object?.isOf(source) !== true) continue;
      this.#decoded[i] = undefined;
      this.#decodedBytes -= object.size;
      object.forget();
    }
    for (let i = this.#first; i < this.#encoded.length; i++) {
      const { object } = this.#encoded[i]!;
      if (object?.isOf(source) === true) object.forgetEncoded();
    }
    this.frames.leave(source);
  }

  /** What the object held is gone. */
  release(kept: Kept): void {
    kept.object = undefined;
    this.#encodedBytes -= kept.bytes;
    kept.bytes = 0;
  }
}
