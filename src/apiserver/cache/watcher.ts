/** One client's watch: events that fit its selectors, framed, gathered until the client takes them. */
import type { LabelMatcher, FieldMatcher } from '../../api/meta/selectors.ts';
import type { Revision } from '../../store/backend.ts';
import type { CacheEvent, EventType, EventView } from './events.ts';
import type { CachedObject } from './object.ts';

/** Bytes that wait for a slow client at most, before it is cut off. */
export const WATCHER_PENDING_BYTES_LIMIT = 32 * 2 ** 20;
/** Events that wait for a slow client at most. */
export const WATCHER_PENDING_EVENTS_LIMIT = 20_000;

export interface Selection {
  /** '' for all namespaces. */
  namespace: string;
  labels: LabelMatcher | undefined;
  fields: FieldMatcher | undefined;
}

/** Whether an object is among what is selected. Nothing is decoded when nothing needs to be looked at. */
export function selects(selection: Selection, object: CachedObject): boolean {
  if (selection.namespace !== '' && object.namespace !== selection.namespace) return false;
  if (selection.fields !== undefined && !selection.fields(object.facts.fields)) return false;
  return selection.labels === undefined || selection.labels(object.facts.labels);
}

export interface WatcherOptions<Frame = Uint8Array> {
  selection: Selection;
  view: EventView<Frame>;
  /** For the first frame only, where that differs (tables begin with their columns). */
  firstView?: EventView<Frame>;
  bookmarks: boolean;
  /** The frame that tells the client why it has been cut off. */
  tooSlow: () => Frame;
  /** Called once, when the watch is over for whatever reason. */
  ended: (watcher: Watcher<Frame>) => void;
}

/** What a watch response brings, turn by turn. Only events above `position` are taken, so that it may be fed from history and from live changes. */
export class Watcher<Frame = Uint8Array> implements AsyncIterable<Frame[]> {
  readonly selection: Selection;
  readonly bookmarks: boolean;
  readonly #options: WatcherOptions<Frame>;
  #position: Revision;
  #pending: Frame[] = [];
  /** Of live events: the initial state may be as large as it is. */
  #pendingBytes = 0;
  #pendingEvents = 0;
  #firstView: EventView<Frame> | undefined;
  #wake: (() => void) | undefined;
  #over = false;
  /** The newest revision that the client has heard of. */
  #told: Revision = 0;

  constructor(position: Revision, options: WatcherOptions<Frame>) {
    this.selection = options.selection;
    this.#firstView = options.firstView;
    this.bookmarks = options.bookmarks;
    this.#options = options;
    this.#position = position;
  }

  get told(): Revision {
    return this.#told;
  }

  /** Takes an event, if it concerns this watch. */
  offer(event: CacheEvent): void {
    if (this.#over || event.revision <= this.#position) return;
    this.#position = event.revision;
    const before = event.previous !== undefined && selects(this.selection, event.previous);
    const now = !event.deleted && selects(this.selection, event.object);
    if (!before && !now) return;
    const type: EventType = now ? (before ? 'MODIFIED' : 'ADDED') : 'DELETED';
    this.#told = event.revision;
    this.push(event.frame(this.#view(), type, now ? event.object : event.departed));
  }

  /** An object of the initial state. */
  start(object: CachedObject): void {
    this.#pending.push(this.#view().frame('ADDED', object));
  }

  /** Says up to where the client knows everything; `initialEnd` marks the end of the initial state. */
  bookmark(revision: Revision, initialEnd: boolean): void {
    this.push(this.#view().bookmark(revision, initialEnd), revision);
  }

  #view(): EventView<Frame> {
    const view = this.#firstView ?? this.#options.view;
    this.#firstView = undefined;
    return view;
  }

  /** Puts a frame in line. */
  push(frame: Frame, told: Revision = 0): void {
    if (this.#over) return;
    this.#pending.push(frame);
    // What is no bytes is the cache's own object, and takes no room.
    if (frame instanceof Uint8Array) this.#pendingBytes += frame.length;
    this.#pendingEvents += 1;
    if (told > this.#told) this.#told = told;
    if (this.#pendingBytes > WATCHER_PENDING_BYTES_LIMIT || this.#pendingEvents > WATCHER_PENDING_EVENTS_LIMIT) this.#cut();
    this.#wake?.();
  }

  /** Ends the watch; what is in line is still delivered. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.ended(this);
    this.#wake?.();
  }

  #cut(): void {
    this.#pending = [this.#options.tooSlow()];
    this.end();
  }

  /** All frames that are in line, each time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Frame[], void, undefined> {
    try {
      for (;;) {
        if (this.#pending.length > 0) {
          const pieces = this.#pending;
          this.#pending = [];
          this.#pendingBytes = 0;
          this.#pendingEvents = 0;
          yield pieces;
        } else if (this.#over) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve)).then(() => (this.#wake = undefined));
      }
    } finally {
      this.end();
    }
  }
}

/** The watch as a body: what happened in one turn goes out in one piece. */
export async function* bodyOf(watcher: Watcher): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const frames of watcher) yield frames.length === 1 ? frames[0]! : Buffer.concat(frames);
}
