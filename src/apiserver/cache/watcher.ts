/**
 * One client's watch. What the client has not taken yet waits as references to the cache's events, never as bytes: few in line, and beyond that
 * as a position in the history. Frames are made when the client has room for them.
 */
import type { LabelMatcher, FieldMatcher } from '../../api/meta/selectors.ts';
import type { Revision } from '../../store/backend.ts';
import type { CacheEvent, EventType, EventView } from './events.ts';
import type { CachedObject } from './object.ts';
import type { WatchSending } from './sending.ts';

/** Events that wait in a watcher's own line; a client that is further behind is read to out of the history. */
export const WATCHER_LINE_LIMIT = 256;
/** Frames without bytes (for readers within the process) that are handed over at a time, at most. */
const FRAMES_AT_A_TIME = 1_000;

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

/** The changes that a cache remembers: all above `since`. */
export interface Past {
  readonly since: Revision;
  after(from: Revision): Iterable<CacheEvent>;
}

/** Whether the client is told by the minute how far the watch is; `news`: only where it has not heard of that yet (readers within the process). */
export type Bookmarks = boolean | 'news';

export interface WatcherOptions<Frame = Uint8Array> {
  selection: Selection;
  view: EventView<Frame>;
  /** For the first frame only, where that differs (tables begin with their columns). */
  firstView?: EventView<Frame>;
  bookmarks: Bookmarks;
  /** The frame that tells the client why it has been cut off. */
  tooSlow: () => Frame;
  /** Called once, when the watch is over for whatever reason. */
  ended: (watcher: Watcher<Frame>) => void;
  /** Called when the watcher begins to read the past, and when it has come to its end. */
  behind?: (watcher: Watcher<Frame>, is: boolean) => void;
  past: Past;
  /** Called when the end of that state has been told. */
  initialEnded?: () => void;
  /** The state that is shown first. */
  initial?: readonly CachedObject[];
  sending: WatchSending;
}

interface Bookmark {
  revision: Revision;
  initialEnd: boolean;
}

/** What a watch response brings, turn by turn. No event is taken twice, so that it may be fed from history and from live changes. */
export class Watcher<Frame = Uint8Array> implements AsyncIterable<Frame[]> {
  readonly selection: Selection;
  readonly bookmarks: Bookmarks;
  readonly #options: WatcherOptions<Frame>;
  /** The newest revision that has been looked at: in line, or handed over. */
  #position: Revision;
  /** The number of the newest event that has been looked at: one transaction may make several events of one revision. */
  #looked = 0;
  /** What has happened up to here the client knows without being told. */
  readonly #floor: Revision;
  #initial: readonly CachedObject[];
  #nextInitial = 0;
  #initialEnd: Bookmark | undefined;
  #line: (CacheEvent | Bookmark)[] = [];
  #behind = false;
  #cut = false;
  #firstView: EventView<Frame> | undefined;
  #wake: (() => void) | undefined;
  #over = false;
  /** The newest revision that the client has heard of, or is about to. */
  #told: Revision = 0;

  constructor(position: Revision, options: WatcherOptions<Frame>) {
    this.selection = options.selection;
    this.#firstView = options.firstView;
    this.bookmarks = options.bookmarks;
    this.#options = options;
    this.#position = position;
    this.#floor = position;
    this.#initial = options.initial ?? NOTHING;
  }

  get told(): Revision {
    return this.#told;
  }

  /** The revision up to which everything that concerns the watch is in line or has been handed over. */
  get position(): Revision {
    return this.#position;
  }

  /** Has the watch read what the cache remembers, from its position on. */
  fallBehind(): void {
    if (this.#behind || this.#over) return;
    this.#behind = true;
    const first = this.#line.find((waiting): waiting is CacheEvent => !('initialEnd' in waiting));
    if (first !== undefined) {
      this.#position = first.revision - 1;
      this.#looked = first.number - 1;
    }
    this.#line = [];
    this.#options.behind?.(this, true);
  }

  /** Takes an event, if it concerns this watch. */
  offer(event: CacheEvent): void {
    if (this.#over || this.#behind || event.number <= this.#looked || event.revision <= this.#floor) return;
    const concerns = this.#typeOf(event) !== undefined;
    if (concerns && this.#line.length >= WATCHER_LINE_LIMIT) return this.fallBehind();
    this.#position = event.revision;
    this.#looked = event.number;
    if (!concerns) return;
    this.#told = event.revision;
    this.#line.push(event);
    this.#wake?.();
  }

  /** Says up to where the client knows everything; `initialEnd` marks the end of the initial state. */
  bookmark(revision: Revision, initialEnd: boolean): void {
    if (this.#over) return;
    if (initialEnd) this.#initialEnd = { revision, initialEnd };
    // Who is behind knows less than that.
    else if (this.#behind || this.#line.length >= WATCHER_LINE_LIMIT) return;
    else this.#line.push({ revision, initialEnd });
    if (revision > this.#told) this.#told = revision;
    this.#wake?.();
  }

  /** Ends the watch; what is in line is still delivered. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.behind?.(this, false);
    this.#options.ended(this);
    this.#wake?.();
  }

  /** Ends the watch because the cache no longer remembers what the client has to hear of next. */
  cut(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#initial = NOTHING;
    this.#line = [];
    this.end();
    this.#wake?.();
  }

  #typeOf(event: CacheEvent): EventType | undefined {
    const before = event.previous !== undefined && selects(this.selection, event.previous);
    if (!event.deleted && selects(this.selection, event.object)) return before ? 'MODIFIED' : 'ADDED';
    return before ? 'DELETED' : undefined;
  }

  #view(): EventView<Frame> {
    const view = this.#firstView ?? this.#options.view;
    this.#firstView = undefined;
    return view;
  }

  #frameOf(event: CacheEvent, type: EventType): Frame {
    return event.frame(this.#view(), type, type === 'DELETED' ? event.departed : event.object);
  }

  /** What the client gets next: about as much as there is room for. Nothing: it has to wait, or the watch is over. */
  #take(): Frame[] {
    const batch = new Batch<Frame>(this.#options.sending.room());
    while (!batch.full && this.#nextInitial < this.#initial.length) batch.add(this.#view().frame('ADDED', this.#initial[this.#nextInitial++]!));
    if (this.#nextInitial < this.#initial.length || batch.full) return batch.frames;
    this.#initial = NOTHING;
    this.#nextInitial = 0;
    if (this.#initialEnd !== undefined) {
      batch.add(this.#view().bookmark(this.#initialEnd.revision, true));
      this.#initialEnd = undefined;
      this.#options.initialEnded?.();
    }
    if (this.#behind) this.#catchUp(batch);
    else this.#serve(batch);
    if (this.#cut) {
      this.#cut = false;
      this.#behind = false;
      batch.add(this.#options.tooSlow());
    }
    return batch.frames;
  }

  /** Hands over what is in line. */
  #serve(batch: Batch<Frame>): void {
    let at = 0;
    for (; at < this.#line.length && !batch.full; at++) {
      const waiting = this.#line[at]!;
      if ('initialEnd' in waiting) batch.add(this.#view().bookmark(waiting.revision, waiting.initialEnd));
      else batch.add(this.#frameOf(waiting, this.#typeOf(waiting)!));
    }
    this.#line = at === this.#line.length ? [] : this.#line.slice(at);
  }

  /** Hands over what the cache remembers. At its end the watch is live again. */
  #catchUp(batch: Batch<Frame>): void {
    const { past } = this.#options;
    if (past.since > this.#position) return this.cut();
    let newest = this.#position;
    for (const event of past.after(this.#position)) {
      newest = event.revision;
      if (event.number <= this.#looked) continue;
      // Others of this revision may follow: it is behind the watch only when an event of the next one comes up.
      this.#position = event.revision - 1;
      if (batch.full) return;
      this.#looked = event.number;
      const type = this.#typeOf(event);
      if (type === undefined) continue;
      this.#told = event.revision;
      batch.add(this.#frameOf(event, type));
    }
    this.#position = newest;
    this.#behind = false;
    this.#options.behind?.(this, false);
  }

  /** Frames that are due, each time; the next are made when these have been taken. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Frame[], void, undefined> {
    try {
      for (;;) {
        const frames = this.#take();
        if (frames.length > 0) yield frames;
        else if (this.#over) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve)).then(() => (this.#wake = undefined));
      }
    } finally {
      this.#initial = NOTHING;
      this.#line = [];
      this.end();
    }
  }
}

const NOTHING: readonly CachedObject[] = [];

/** Frames for one turn. */
class Batch<Frame> {
  readonly frames: Frame[] = [];
  #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  get full(): boolean {
    return this.#room <= 0 || this.frames.length >= FRAMES_AT_A_TIME;
  }

  add(frame: Frame): void {
    this.frames.push(frame);
    // What is no bytes is the cache's own object, and takes no room.
    if (frame instanceof Uint8Array) this.#room -= frame.length;
  }
}

/** The watch as a body: what happened in one turn goes out in one piece. Until the next piece is asked for, the last is taken to be on its way. */
export async function* bodyOf(watcher: AsyncIterable<Uint8Array[]>, sending: WatchSending): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const frames of watcher) {
    const piece = sending.join(frames);
    sending.begin(piece.length);
    try {
      yield piece;
    } finally {
      sending.done(piece.length);
    }
  }
}
