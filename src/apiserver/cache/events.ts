/** Changes as the watch cache remembers them, in the order in which they happened. */
import type { Revision } from '../../store/backend.ts';
import { CachedObject, type CachedSource } from './object.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** How a watcher wants objects: one per encoding, version and form. Equal keys give equal frames. */
export interface EventView<Frame = Uint8Array> {
  key: string;
  /** One framed event: as bytes `{"type":"ADDED","object":{…}}` and a line feed. */
  frame(type: EventType, object: CachedObject): Frame;
  bookmark(revision: Revision, initialEnd: boolean): Frame;
}

/** One change of one object. `object` is the new state; of a deletion the last state, with the deletion's revision. */
export class CacheEvent {
  readonly deleted: boolean;
  readonly revision: Revision;
  /** Its place among all events of the cache, from 1 on; set when it is remembered. */
  number = 0;
  readonly object: CachedObject;
  readonly previous: CachedObject | undefined;
  readonly #source: CachedSource;
  /** Type, form and frame: alternating. Few forms are asked for at a time. */
  #frames: unknown[] = NONE;
  #departed: CachedObject | undefined;
  /** Bytes that the frames hold. */
  #bytes = 0;

  constructor(source: CachedSource, deleted: boolean, object: CachedObject, previous: CachedObject | undefined) {
    this.#source = source;
    this.deleted = deleted;
    this.revision = object.revision;
    this.object = object;
    this.previous = previous;
  }

  /** The previous state with this event's revision: what a watcher gets when an object leaves its selector. */
  get departed(): CachedObject {
    if (this.deleted || this.previous === undefined) return this.object;
    if (this.#departed === undefined) {
      this.#departed = new CachedObject(this.#source, this.previous.key, this.previous.stored, this.revision);
      this.#note(this.#departed.size);
    }
    return this.#departed;
  }

  /** The framed event, encoded once for all watchers that want it the same way while it is remembered. */
  frame<Frame>(view: EventView<Frame>, type: EventType, object: CachedObject): Frame {
    const frames = this.#frames;
    for (let i = 0; i < frames.length; i += 3) if (frames[i] === type && frames[i + 1] === view.key) return frames[i + 2] as Frame;
    const frame = view.frame(type, object);
    // What is no bytes costs nothing to make.
    if (frame instanceof Uint8Array) {
      this.#frames = [...frames, type, view.key, frame];
      this.#note(frame.length);
    }
    return frame;
  }

  #note(bytes: number): void {
    const first = this.#bytes === 0;
    this.#bytes += bytes;
    this.#source.pool.frames.keep(this, bytes, first);
  }

  isOf(source: object): boolean {
    return this.#source === source;
  }

  /** Lets go of what has been encoded. Returns how many bytes that was. */
  settle(): number {
    const bytes = this.#bytes;
    this.#frames = NONE;
    this.#departed = undefined;
    this.#bytes = 0;
    return bytes;
  }
}

const NONE: unknown[] = [];

/** Events that one resource's cache remembers, for watches to resume and lists to page through. */
export const EVENT_HISTORY_LIMIT = 10_000;
/** Bytes of objects that those events may hold; at least `EVENT_HISTORY_MINIMUM` are kept whatever their size. */
export const EVENT_HISTORY_BYTES_LIMIT = 8 * 2 ** 20;
/** As long as a watcher is behind and still needs them, those events may hold so much. */
export const EVENT_HISTORY_NEEDED_BYTES_LIMIT = 32 * 2 ** 20;
export const EVENT_HISTORY_MINIMUM = 100;

/** The newest events. All with a revision above `since` are here. */
export class EventHistory {
  #events: CacheEvent[] = [];
  #first = 0;
  #bytes = 0;
  #since: Revision;
  #numbered = 0;

  constructor(since: Revision) {
    this.#since = since;
  }

  get since(): Revision {
    return this.#since;
  }

  get newest(): CacheEvent | undefined {
    return this.#events.at(-1);
  }

  /** `needed`: somebody is still to read what is remembered. */
  push(event: CacheEvent, needed: boolean): void {
    event.number = ++this.#numbered;
    this.#events.push(event);
    this.#bytes += event.object.size;
    const bytesLimit = needed ? EVENT_HISTORY_NEEDED_BYTES_LIMIT : EVENT_HISTORY_BYTES_LIMIT;
    while (this.#size > EVENT_HISTORY_LIMIT || (this.#bytes > bytesLimit && this.#size > EVENT_HISTORY_MINIMUM)) {
      const dropped = this.#events[this.#first]!;
      // The place is kept for a while, what stood there is not.
      this.#events[this.#first++] = event;
      this.#bytes -= dropped.object.size;
      this.#since = dropped.revision;
    }
    if (this.#first > 1_000 && this.#first > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
  }

  get #size(): number {
    return this.#events.length - this.#first;
  }

  /** Events with a revision above `from`, oldest first. */
  *after(from: Revision): Generator<CacheEvent, void, undefined> {
    let low = this.#first;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.revision <= from) low = middle + 1;
      else high = middle;
    }
    for (; low < this.#events.length; low++) yield this.#events[low]!;
  }
}
