/** One watch on the whole store, dealt out to the caches of the resources. They all show the same revision. */
import { CompactedError, type Backend, type Entry, type Revision, type WatchChange } from '../../store/backend.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Host } from '../../host/types.ts';
import type { CachedObject, CachedSource } from './object.ts';
import { compareKeys } from '../../store/sorted-keys.ts';
import { WatchCache } from './watch-cache.ts';

/** Changes that the caches take in again at the start, so that watches and pages from before a restart can go on. */
export const REPLAYED_CHANGES_LIMIT = 1_000;

/** Waits before the store is read anew after its watch failed. */
const RETRY_AFTER_MS = 500;

export const REGISTRY_PREFIX = '/registry/';

export interface FeedSource extends CachedSource {
  indexedField?: string;
  /** Told of all objects whenever the cache has been filled, and then of each change before any watcher hears of it. */
  onLoad?: (objects: Iterable<CachedObject>) => void;
}

/** Changes of a prefix whose cache is being filled. */
interface Opening {
  changes: WatchChange[];
  done: Promise<WatchCache>;
}

interface Waiting {
  revision: Revision;
  resolve: () => void;
}

export class Feed {
  readonly #host: Host;
  readonly #backend: Backend;
  readonly #sources: Map<string, FeedSource>;
  readonly #caches = new Map<string, WatchCache>();
  readonly #opening = new Map<string, Opening>();
  /** Counts how often everything was read anew. */
  #epoch = 0;
  readonly #stop = new AbortController();
  /** Decoded forms of what this process has written, until the cache has taken them. */
  readonly decoded = new WeakMap<Uint8Array, KubeObject>();
  /** In place of those: what has been answered with already. */
  readonly written = new WeakMap<Uint8Array, CachedObject>();
  #position: { revision: Revision } = { revision: 0 };
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(host: Host, backend: Backend, sources: readonly FeedSource[]) {
    this.#host = host;
    this.#backend = backend;
    this.#sources = new Map(sources.map((source) => [source.prefix, source]));
  }

  /** The revision that all caches show. */
  get revision(): Revision {
    return this.#position.revision;
  }

  /** The cache of a prefix such as `/registry/pods/`. */
  cache(prefix: string): WatchCache {
    const cache = this.#caches.get(prefix);
    if (cache === undefined) throw new Error(`nothing is cached under "${prefix}"`);
    return cache;
  }

  /** Whether a prefix is cached. */
  has(prefix: string): boolean {
    return this.#caches.has(prefix);
  }

  /** The cache of a prefix that may not have had one so far: it is filled first. */
  open(source: FeedSource): Promise<WatchCache> {
    const cache = this.#caches.get(source.prefix);
    if (cache !== undefined) return Promise.resolve(cache);
    let opening = this.#opening.get(source.prefix);
    if (opening === undefined) {
      const changes: WatchChange[] = [];
      const done = this.#fill(source, changes).finally(() => this.#opening.delete(source.prefix));
      this.#opening.set(source.prefix, (opening = { changes, done }));
    }
    return opening.done;
  }

  async #fill(source: FeedSource, changes: WatchChange[]): Promise<WatchCache> {
    for (;;) {
      const epoch = this.#epoch;
      const page = await this.#backend.list(source.prefix);
      await this.reached(page.revision);
      // What was gathered before the caches were read anew may have gaps.
      if (epoch !== this.#epoch) continue;
      const entries = new Map(page.entries.map((entry) => [entry.key, entry]));
      for (const change of changes) {
        if (change.revision <= page.revision) continue;
        if (change.type === 'delete') entries.delete(change.key);
        else entries.set(change.key, { key: change.key, value: change.value, createRevision: change.createRevision, modRevision: change.revision });
      }
      return this.#install(source, [...entries.values()].sort((a, b) => compareKeys(a.key, b.key)));
    }
  }

  #install(source: FeedSource, entries: readonly Entry[]): WatchCache {
    const index = source.indexedField === undefined ? {} : { indexedField: source.indexedField };
    const cache = new WatchCache({ backend: this.#backend, source, position: this.#position, entries, decoded: this.decoded, written: this.written, ...index });
    this.#sources.set(source.prefix, source);
    this.#caches.set(source.prefix, cache);
    source.onLoad?.(cache.all(''));
    return cache;
  }

  /** Puts a cache with other rules in place of the one that is there, if there is one. Its watches end. */
  replace(source: FeedSource): void {
    const old = this.#caches.get(source.prefix);
    if (old === undefined) return;
    const entries = old.all('').map((object): Entry => ({ key: object.key, value: object.stored, createRevision: 0, modRevision: object.revision }));
    this.#install(source, entries);
    old.endWatches();
    old.source.pool.leave(old.source);
  }

  /** Forgets the cache of a prefix. Its watches end. */
  close(prefix: string): void {
    const cache = this.#caches.get(prefix);
    this.#sources.delete(prefix);
    this.#caches.delete(prefix);
    if (cache === undefined) return;
    cache.endWatches();
    cache.source.pool.leave(cache.source);
  }

  caches(): Iterable<WatchCache> {
    return this.#caches.values();
  }

  /** Resolves when every cache is complete. */
  async start(): Promise<void> {
    await this.#load();
    this.#running = this.#run();
    await this.caughtUp();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const cache of this.#caches.values()) cache.endWatches();
    for (const waiting of this.#waiting.splice(0)) waiting.resolve();
    await this.#running;
  }

  /** Resolves when the caches show all that has been committed by now. */
  async caughtUp(): Promise<void> {
    const revision = await this.#backend.revision();
    if (this.#position.revision < revision) await this.reached(revision);
  }

  /** Resolves when the caches show that revision; with a time limit to false when it has passed. */
  reached(revision: Revision, limitMs?: number): Promise<boolean> {
    if (this.#position.revision >= revision) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiting: Waiting = { revision, resolve: () => { timer?.cancel(); resolve(true); } };
      const timer = limitMs === undefined ? undefined : this.#host.clock.setTimer(() => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        resolve(false);
      }, limitMs);
      this.#waiting.push(waiting);
    });
  }

  async #load(): Promise<void> {
    const newest = await this.#backend.revision();
    // What has been shown is not taken back: when read anew, the caches begin no earlier than where they were.
    const shown = Math.min(this.#position.revision, newest);
    const page = await this.#listAt(Math.max(shown, newest - REPLAYED_CHANGES_LIMIT));
    const entries = new Map<string, Entry[]>([...this.#sources.keys()].map((prefix) => [prefix, []]));
    for (const entry of page.entries) this.#entriesFor(entries, entry.key)?.push(entry);
    this.#position = { revision: page.revision };
    this.#epoch += 1;
    for (const source of this.#sources.values()) {
      this.#caches.get(source.prefix)?.endWatches();
      this.#install(source, entries.get(source.prefix) ?? []);
    }
    this.#tell(page.revision);
  }

  async #listAt(revision: Revision): Promise<{ entries: Entry[]; revision: Revision }> {
    for (let at = revision; ; ) {
      try {
        return await this.#backend.list(REGISTRY_PREFIX, { at });
      } catch (error) {
        if (!(error instanceof CompactedError)) throw error;
        at = error.oldest;
      }
    }
  }

  #entriesFor<T>(by: ReadonlyMap<string, T>, key: string): T | undefined {
    const first = key.indexOf('/', REGISTRY_PREFIX.length);
    if (first < 0) return undefined;
    const found = by.get(key.slice(0, first + 1));
    if (found !== undefined) return found;
    // Some prefixes have two parts: `services/specs`, and groups of custom resources.
    const second = key.indexOf('/', first + 1);
    return second < 0 ? undefined : by.get(key.slice(0, second + 1));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const batch of this.#backend.watch(REGISTRY_PREFIX, this.#position.revision, signal)) {
          this.#deal(batch.changes, batch.revision);
          if (signal.aborted) return;
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#host.log.error('the watch on the store failed, the caches are read anew', { error: String(error) });
        await this.#host.clock.sleep(RETRY_AFTER_MS, signal);
        await this.#load().catch((again: unknown) => this.#host.log.error('the store cannot be read', { error: String(again) }));
      }
    }
  }

  #deal(changes: readonly WatchChange[], revision: Revision): void {
    const dealt = new Map<WatchCache, WatchChange[]>();
    for (const change of changes) {
      const cache = this.#entriesFor(this.#caches, change.key);
      if (cache === undefined) {
        if (this.#opening.size > 0) this.#entriesFor(this.#opening, change.key)?.changes.push(change);
        continue;
      }
      const list = dealt.get(cache);
      if (list) list.push(change);
      else dealt.set(cache, [change]);
    }
    this.#position.revision = revision;
    for (const [cache, list] of dealt) cache.apply(list);
    this.#tell(revision);
  }

  /** Lets go on who has waited for that revision. */
  #tell(revision: Revision): void {
    if (this.#waiting.length === 0) return;
    const ready = this.#waiting.filter((waiting) => waiting.revision <= revision);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => waiting.revision > revision);
    for (const waiting of ready) waiting.resolve();
  }
}
