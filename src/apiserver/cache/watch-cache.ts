/** All objects of one resource, in memory as served bytes, with the changes that led to them: what get, list and watch are answered from. */
import { CompactedError, type Backend, type Entry, type Revision, type WatchChange } from '../../store/backend.ts';
import { SortedKeys, compareKeys, sortKeys } from '../../store/sorted-keys.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { CacheIndexes } from './indexes.ts';
import { CacheEvent, EventHistory, type EventView } from './events.ts';
import { CachedObject, settled, type CachedSource } from './object.ts';
import { selects, Watcher, type Bookmarks, type Selection } from './watcher.ts';

export interface ListQuery {
  selection: Selection;
  /** 0: no limit. */
  limit: number;
  /** Only keys after this one. */
  after?: string;
  /** As of this revision; the present when absent. */
  at?: Revision;
}

export interface ListResult {
  objects: readonly CachedObject[];
  revision: Revision;
  /** Set when the limit cut the list short. */
  more: boolean;
  /** Objects that follow; known only where nothing is filtered. */
  remaining: number | undefined;
}

export interface WatchQuery<Frame = Uint8Array> {
  selection: Selection;
  view: EventView<Frame>;
  firstView?: EventView<Frame>;
  bookmarks: Bookmarks;
  /** Changes above this revision. Throws CompactedError when they are no longer known. */
  from: Revision;
  /** Frames the state as of now first; `from` is then the cache's own revision. */
  initial: boolean;
  tooSlow: () => Frame;
  initialEnded?: () => void;
  ended?: () => void;
}

export interface WatchCacheOptions {
  backend: Backend;
  source: CachedSource;
  /** The revision that `entries` show; moved on by whoever deals out the changes, for all caches at once. */
  position: { revision: Revision };
  entries: readonly Entry[];
  /** Objects whose decoded form is at hand, by their stored bytes. */
  decoded: WeakMap<Uint8Array, KubeObject>;
  /** Objects that writes of this process have been answered with, by their stored bytes. */
  written: WeakMap<Uint8Array, CachedObject>;
  /** A selectable field that lists and watches are often narrowed by. */
  indexedField?: string;
}

/** The cache hands events on to a watcher, whatever frames it makes of them. */
type AnyWatcher = Pick<Watcher<unknown>, 'offer' | 'end' | 'bookmark' | 'bookmarks' | 'told' | 'position' | 'cut'>;

/** Namespaces (and all of them together) whose objects are kept in order, at most. */
const ORDERED_LISTS_LIMIT = 16;

export class WatchCache {
  readonly source: CachedSource;
  readonly #backend: Backend;
  readonly #decoded: WeakMap<Uint8Array, KubeObject>;
  readonly #written: WeakMap<Uint8Array, CachedObject>;
  readonly #objects = new Map<string, CachedObject>();
  readonly #keys = new SortedKeys();
  /** All objects, or those of a namespace, in order: reads share them until something changes. */
  readonly #ordered = new Map<string, readonly CachedObject[]>();
  readonly #history: EventHistory;
  readonly #watchers = new Set<AnyWatcher>();
  /** Those that read the history, because their clients do not keep up or began in the past. */
  readonly #behind = new Set<AnyWatcher>();
  /** Watchers that only one name, one value of the indexed field or one namespace can concern, by bucket. */
  readonly #buckets = new Map<string, Set<AnyWatcher>>();
  readonly #indexedField: string | undefined;
  readonly #indexes: CacheIndexes;
  /** Changes that the store has told of. */
  received = 0;
  readonly #position: { revision: Revision };

  constructor(options: WatchCacheOptions) {
    this.source = options.source;
    this.#backend = options.backend;
    this.#decoded = options.decoded;
    this.#written = options.written;
    this.#indexedField = options.indexedField;
    this.#indexes = new CacheIndexes(this.#objects, options.indexedField);
    this.#position = options.position;
    this.#history = new EventHistory(options.position.revision);
    for (const entry of options.entries) {
      this.#objects.set(entry.key, new CachedObject(this.source, entry.key, entry.value, entry.modRevision));
      this.#keys.add(entry.key);
    }
  }

  /** The revision up to which the cache is complete. */
  get revision(): Revision {
    return this.#position.revision;
  }

  get size(): number {
    return this.#objects.size;
  }

  get watcherCount(): number {
    return this.#watchers.size;
  }

  /** Watchers whose clients are behind what waits in their own lines. */
  get behindCount(): number {
    return this.#behind.size;
  }

  keyOf(namespace: string, name: string): string {
    return namespace === '' ? `${this.source.prefix}${name}` : `${this.source.prefix}${namespace}/${name}`;
  }

  get(namespace: string, name: string): CachedObject | undefined {
    return this.#objects.get(this.keyOf(namespace, name));
  }

  at(key: string): CachedObject | undefined {
    return this.#objects.get(key);
  }

  /** Objects in the order of their keys; all namespaces for ''. */
  all(namespace: string): readonly CachedObject[] {
    let objects = this.#ordered.get(namespace);
    if (objects === undefined) {
      objects = Array.from(this.#keys.range(namespace === '' ? this.source.prefix : `${this.source.prefix}${namespace}/`), (key) => this.#objects.get(key)!);
      if (this.#ordered.size >= ORDERED_LISTS_LIMIT) this.#ordered.clear();
      this.#ordered.set(namespace, objects);
    }
    return objects;
  }

  /** Takes changes of one turn, in order, and hands them to the watchers. */
  apply(changes: readonly WatchChange[]): void {
    const events: CacheEvent[] = [];
    if (this.#ordered.size > 0) this.#ordered.clear();
    this.received += changes.length;
    for (const change of changes) {
      const previous = this.#objects.get(change.key);
      const deleted = change.type === 'delete';
      const object = deleted ? new CachedObject(this.source, change.key, change.value, change.revision) : this.#put(change);
      if (deleted && previous === undefined) continue;
      const event = new CacheEvent(this.source, deleted, object, previous);
      if (deleted) {
        this.#objects.delete(change.key);
        this.#keys.remove(change.key);
      } else {
        this.#objects.set(change.key, object);
        if (previous === undefined) this.#keys.add(change.key);
      }
      this.#indexes.change(previous, deleted ? undefined : object);
      this.#history.push(event, this.#behind.size > 0);
      events.push(event);
    }
    for (const event of events) {
      this.source.onEvent?.(event);
      this.#dispatch(event);
      // Few ask for the past: it need not stay in every encoding.
      event.previous?.forgetEncoded();
    }
    for (const watcher of this.#behind) if (watcher.position < this.#history.since) watcher.cut();
  }

  #put(change: WatchChange): CachedObject {
    const written = this.#written.get(change.value);
    if (written?.revision === change.revision) return written;
    return new CachedObject(this.source, change.key, change.value, change.revision, this.#adopt(change));
  }

  /** The decoded form, where this process wrote the bytes itself. */
  #adopt(change: WatchChange): KubeObject | undefined {
    const object = this.#decoded.get(change.value);
    if (object === undefined) return undefined;
    this.#decoded.delete(change.value);
    return settled(object, change.revision);
  }

  /** A list in the order of the keys. Rejects with CompactedError when the revision is no longer known. */
  async list(query: ListQuery): Promise<ListResult> {
    const at = query.at ?? this.revision;
    const unchanged = at >= this.#history.since && (this.#history.newest?.revision ?? 0) <= at;
    if (!unchanged && at < this.revision) return this.#listPast(query, at);
    const { selection } = query;
    return selection.labels === undefined && selection.fields === undefined ? this.#whole(query, at) : this.#collect(query, at, this.#candidates(query));
  }

  /** A list that nothing is filtered from. Without a limit it is the very array that others get as well. */
  #whole({ selection, limit, after }: ListQuery, revision: Revision): ListResult {
    const all = this.all(selection.namespace);
    const from = after === undefined ? 0 : firstAfter(all, after);
    const to = limit > 0 ? Math.min(from + limit, all.length) : all.length;
    const remaining = all.length - to;
    return { objects: from === 0 && remaining === 0 ? all : all.slice(from, to), revision, more: remaining > 0, remaining };
  }

  async #listPast(query: ListQuery, at: Revision): Promise<ListResult> {
    const prefix = this.#prefixOf(query.selection);
    if (at < this.#history.since) {
      const page = await this.#backend.list(prefix, { at, ...(query.after === undefined ? {} : { after: query.after }) });
      const past = new Map(page.entries.map((entry) => [entry.key, new CachedObject(this.source, entry.key, entry.value, entry.modRevision)]));
      return this.#collect(query, at, past.values());
    }
    const before = new Map<string, CachedObject | undefined>();
    for (const event of this.#history.after(at)) if (!before.has(event.object.key)) before.set(event.object.key, event.previous);
    const keys = new Set(this.#keys.range(prefix, query.after));
    for (const [key, object] of before) {
      if (object === undefined) keys.delete(key);
      else if (key.startsWith(prefix) && (query.after === undefined || compareKeys(key, query.after) > 0)) keys.add(key);
    }
    return this.#collect(query, at, [...keys].sort(compareKeys).map((key) => before.get(key) ?? this.#objects.get(key)!));
  }

  #collect(query: ListQuery, revision: Revision, candidates: Iterable<CachedObject>): ListResult {
    const { selection, limit } = query;
    const filtered = selection.labels !== undefined || selection.fields !== undefined;
    const objects: CachedObject[] = [];
    let further = 0;
    for (const object of candidates) {
      if (limit > 0 && objects.length >= limit) {
        // What follows is counted where nothing is filtered; otherwise it is enough to know that something may follow.
        further += 1;
        if (filtered) break;
        continue;
      }
      if (!filtered || selects(selection, object)) objects.push(object);
    }
    return { objects, revision, more: further > 0, remaining: filtered ? undefined : further };
  }

  #prefixOf(selection: Selection): string {
    return selection.namespace === '' ? this.source.prefix : `${this.source.prefix}${selection.namespace}/`;
  }

  #candidates({ selection, after }: ListQuery): Iterable<CachedObject> {
    const name = selection.fields?.exact('metadata.name');
    if (name !== undefined) {
      const key = this.keyOf(selection.namespace, name);
      const object = this.#objects.get(key);
      if (object !== undefined) return after === undefined || compareKeys(key, after) > 0 ? [object] : [];
      if (selection.namespace !== '') return [];
    }
    const found = this.#indexes.candidates(selection);
    if (found === undefined) {
      const all = this.all(selection.namespace);
      return after === undefined ? all : all.slice(firstAfter(all, after));
    }
    return sortKeys([...found]).filter((key) => after === undefined || compareKeys(key, after) > 0).map((key) => this.#objects.get(key)!);
  }

  /** Starts a watch. Throws CompactedError when `from` is older than what is remembered. */
  watch<Frame = Uint8Array>(query: WatchQuery<Frame>): Watcher<Frame> {
    if (!query.initial && query.from < this.#history.since) throw new CompactedError(query.from, this.#history.since);
    const bucket = this.#bucketOf(query.selection);
    const all: ListQuery = { selection: query.selection, limit: 0 };
    const watcher = new Watcher<Frame>(query.initial ? this.revision : query.from, {
      selection: query.selection, view: query.view, ...(query.firstView ? { firstView: query.firstView } : {}), bookmarks: query.bookmarks, tooSlow: query.tooSlow,
      ...(query.initialEnded ? { initialEnded: query.initialEnded } : {}), past: this.#history, sending: this.source.pool.sending,
      ...(query.initial ? { initial: this.#collect(all, this.revision, this.#candidates(all)).objects } : {}),
      behind: (one, is) => void (is ? this.#behind.add(one) : this.#behind.delete(one)),
      ended: (ended) => {
        this.#watchers.delete(ended);
        const set = this.#buckets.get(bucket);
        set?.delete(ended);
        if (set?.size === 0) this.#buckets.delete(bucket);
        query.ended?.();
      },
    });
    if (!query.initial && (this.#history.newest?.revision ?? 0) > query.from) watcher.fallBehind();
    this.#watchers.add(watcher);
    const set = this.#buckets.get(bucket);
    if (set) set.add(watcher);
    else this.#buckets.set(bucket, new Set([watcher]));
    return watcher;
  }

  /** Watchers that asked for bookmarks. */
  *bookmarkWatchers(): Generator<AnyWatcher, void, undefined> {
    for (const watcher of this.#watchers) if (watcher.bookmarks !== false) yield watcher;
  }

  /** Ends all watches; clients are expected to start anew. */
  endWatches(): void {
    for (const watcher of this.#watchers) watcher.end();
  }

  #bucketOf(selection: Selection): string {
    const name = selection.fields?.exact('metadata.name');
    if (name !== undefined) return `name ${name}`;
    const value = this.#indexedField === undefined ? undefined : selection.fields?.exact(this.#indexedField);
    if (value !== undefined) return `field ${value}`;
    return selection.namespace === '' ? 'all' : `namespace ${selection.namespace}`;
  }

  #dispatch(event: CacheEvent): void {
    if (this.#watchers.size === 0) return;
    const { object, previous } = event;
    this.#offer('all', event);
    this.#offer(`namespace ${object.namespace}`, event);
    this.#offer(`name ${object.name}`, event);
    if (this.#indexedField === undefined) return;
    const now = object.facts.fields[this.#indexedField] ?? '';
    const before = previous?.facts.fields[this.#indexedField] ?? '';
    this.#offer(`field ${now}`, event);
    if (before !== now) this.#offer(`field ${before}`, event);
  }

  #offer(bucket: string, event: CacheEvent): void {
    const watchers = this.#buckets.get(bucket);
    if (watchers) for (const watcher of watchers) watcher.offer(event);
  }
}

/** Where the keys after one begin. */
function firstAfter(objects: readonly CachedObject[], key: string): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(objects[middle]!.key, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
