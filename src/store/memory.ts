/** The backend that keeps everything in this process: for tests and for simulation. Deterministic: it acts only when called, or when the clock it was given says so. */
import type { Clock } from '../host/types.ts';
import type { Backend, Change, CommitResult, Entry, Page, PageRequest, Revision, WatchBatch, WatchChange } from './backend.ts';
import { CompactedError, FutureRevisionError } from './backend.ts';
import { ExpiryQueue } from './expiry.ts';
import type { Expiring } from './expiry.ts';
import { compareKeys, SortedKeys } from './sorted-keys.ts';
import { WatchHub } from './watch-hub.ts';

export interface MemoryBackendOptions {
  /** Needed by keys with a time to live; without it such a commit is refused. */
  clock?: Clock;
  /** Changes that a watcher may lag behind before it is cut off. */
  watchBufferLimit?: number;
  /** Begins with this state instead of none. Its past is not in it: as if it had been compacted. */
  from?: MemorySnapshot;
}

/** The state of a store at one revision. Values are shared, not copied: nobody ever changes one. */
export interface MemorySnapshot {
  revision: Revision;
  entries: readonly Entry[];
  expiring: readonly (Expiring & { atMs: number })[];
}

export interface MemoryBackend extends Backend {
  snapshot(): MemorySnapshot;
}

/** A store in memory, empty unless told otherwise. Values are kept and handed out without copying: whoever writes one must not change it afterwards. */
export function memoryBackend(options: MemoryBackendOptions = {}): MemoryBackend {
  return new InMemory(options);
}

class InMemory implements MemoryBackend {
  readonly #entries = new Map<string, Entry>();
  readonly #keys = new SortedKeys();
  /** Every change above `#compacted`, one a revision. */
  #log: WatchChange[] = [];
  #compacted: Revision = 0;
  #newest: Revision = 0;
  readonly #hub: WatchHub;
  readonly #expiry: ExpiryQueue | undefined;
  readonly #clock: Clock | undefined;
  #closed = false;

  constructor(options: MemoryBackendOptions) {
    this.#clock = options.clock;
    this.#expiry = options.clock && new ExpiryQueue(options.clock, (items) => this.#expire(items));
    this.#hub = new WatchHub(
      { newest: () => this.#newest, compacted: () => this.#compacted, read: (prefix, from, limit) => this.#read(prefix, from, limit) },
      options.watchBufferLimit,
    );
    if (options.from) this.#restore(options.from);
  }

  #restore({ revision, entries, expiring }: MemorySnapshot): void {
    this.#newest = revision;
    this.#compacted = revision;
    for (const entry of entries) {
      this.#entries.set(entry.key, entry);
      this.#keys.add(entry.key);
    }
    if (expiring.length > 0 && !this.#expiry) throw new Error('the state holds keys with a time to live, but the store was given no clock');
    for (const { key, revision: at, atMs } of expiring) this.#expiry!.add({ key, revision: at }, atMs);
  }

  snapshot(): MemorySnapshot {
    this.#check();
    return { revision: this.#newest, entries: [...this.#entries.values()], expiring: this.#expiry?.waiting() ?? [] };
  }

  async get(key: string, at?: Revision): Promise<Entry | undefined> {
    this.#check(at);
    if (at === undefined || at === this.#newest) return this.#entries.get(key);
    const overlay = this.#statesAt(key, at);
    return overlay.has(key) ? overlay.get(key) : this.#entries.get(key);
  }

  async list(prefix: string, page: PageRequest = {}): Promise<Page> {
    this.#check(page.at);
    const revision = page.at ?? this.#newest;
    const limit = page.limit ?? Infinity;
    const entries: Entry[] = [];
    if (revision === this.#newest) {
      for (const key of this.#keys.range(prefix, page.after)) {
        if (entries.length >= limit) break;
        entries.push(this.#entries.get(key)!);
      }
      const remaining = limit === Infinity ? 0 : this.#keys.count(prefix, entries.at(-1)?.key ?? page.after);
      return { entries, revision, more: remaining > 0, remaining };
    }
    const overlay = this.#statesAt(prefix, revision);
    const keys = new Set(this.#keys.range(prefix, page.after));
    for (const [key, entry] of overlay) {
      if (entry === undefined) keys.delete(key);
      else if (page.after === undefined || compareKeys(key, page.after) > 0) keys.add(key);
    }
    const sorted = [...keys].sort(compareKeys);
    for (const key of sorted.slice(0, limit)) entries.push(overlay.get(key) ?? this.#entries.get(key)!);
    const remaining = sorted.length - entries.length;
    return { entries, revision, more: remaining > 0, remaining };
  }

  async count(prefix: string): Promise<number> {
    this.#check();
    return this.#keys.count(prefix);
  }

  async commit(change: Change): Promise<CommitResult> {
    this.#check();
    return this.#apply(change);
  }

  watch(prefix: string, from: Revision, signal?: AbortSignal): AsyncIterable<WatchBatch> {
    return this.#hub.watch(prefix, from, signal);
  }

  async compact(upTo: Revision): Promise<void> {
    this.#check(upTo > this.#newest ? upTo : undefined);
    if (upTo <= this.#compacted) return;
    this.#log = this.#log.slice(upTo - this.#compacted);
    this.#compacted = upTo;
  }

  async revision(): Promise<Revision> {
    this.#check();
    return this.#newest;
  }

  async health(): Promise<void> {
    this.#check();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#expiry?.close();
    this.#hub.close(new Error('the store has been closed'));
  }

  #check(at?: Revision): void {
    if (this.#closed) throw new Error('the store has been closed');
    if (at === undefined) return;
    if (at > this.#newest) throw new FutureRevisionError(at, this.#newest);
    if (at < this.#compacted) throw new CompactedError(at, this.#compacted);
  }

  #apply(change: Change): CommitResult {
    const before = this.#entries.get(change.key);
    if (change.type === 'create' ? before !== undefined : before?.modRevision !== change.expected) return before ? { ok: false, actual: before } : { ok: false };
    if (change.type !== 'delete' && change.ttlSeconds !== undefined && !this.#clock) throw new Error(`"${change.key}" has a time to live, but the store was given no clock`);
    const revision = ++this.#newest;
    const createRevision = change.type === 'create' ? revision : before!.createRevision;
    const told: WatchChange = { type: change.type === 'delete' ? 'delete' : 'put', key: change.key, value: change.type === 'delete' ? before!.value : change.value, revision, createRevision };
    if (before) told.previous = before;
    if (change.type === 'delete') {
      this.#entries.delete(change.key);
      this.#keys.remove(change.key);
    } else {
      this.#entries.set(change.key, { key: change.key, value: change.value, createRevision, modRevision: revision });
      if (change.type === 'create') this.#keys.add(change.key);
      if (change.ttlSeconds !== undefined) this.#expiry!.add({ key: change.key, revision }, this.#clock!.now() + change.ttlSeconds * 1000);
    }
    this.#log.push(told);
    this.#hub.publish([told], revision);
    return before ? { ok: true, revision, previous: before } : { ok: true, revision };
  }

  #expire(items: Expiring[]): void {
    for (const { key, revision } of items) this.#apply({ type: 'delete', key, expected: revision });
  }

  /** How keys under `prefix` that changed after `at` stood at that revision. */
  #statesAt(prefix: string, at: Revision): Map<string, Entry | undefined> {
    const states = new Map<string, Entry | undefined>();
    for (let i = this.#log.length - 1; i >= at - this.#compacted; i--) {
      const change = this.#log[i]!;
      if (change.key.startsWith(prefix)) states.set(change.key, change.previous);
    }
    return states;
  }

  #read(prefix: string, from: Revision, limit: number): WatchBatch {
    const changes: WatchChange[] = [];
    let i = from - this.#compacted;
    for (; i < this.#log.length && changes.length < limit; i++) if (this.#log[i]!.key.startsWith(prefix)) changes.push(this.#log[i]!);
    return { changes, revision: this.#compacted + i };
  }
}
