/**
 * What kubets needs of a state store: bytes under keys, one cluster-wide revision that only rises, and every change once, in order.
 * A backend knows no Kind. `memory`, `lmdb` and `etcd` implement it and pass one suite (`conformance.ts`).
 * The model is etcd's MVCC, narrowed: https://etcd.io/docs/v3.6/learning/api/
 */

/** A point in the store's history. The first commit makes revision 1 or higher (etcd begins at 1, and shows its own revisions); zero is "before everything". */
export type Revision = number;

/** A value as it stands at some revision. */
export interface Entry {
  key: string;
  value: Uint8Array;
  /** The revision of the key's creation. */
  createRevision: Revision;
  /** The revision of its last change: the object's resourceVersion. */
  modRevision: Revision;
}

export interface PageRequest {
  /** At most so many entries; all when absent. */
  limit?: number;
  /** Only keys that sort after this one. */
  after?: string;
  /** As of this revision; the present when absent. Rejects with CompactedError or FutureRevisionError. */
  at?: Revision;
}

export interface Page {
  entries: Entry[];
  /** The revision that the page shows. */
  revision: Revision;
  /** True when the limit cut the list short. */
  more: boolean;
  /** How many keys under the prefix sort after the last entry of this page. */
  remaining: number;
}

export interface Create {
  type: 'create';
  key: string;
  value: Uint8Array;
  /** Seconds until the store may remove the key by itself (events). */
  ttlSeconds?: number;
}

export interface Update {
  type: 'update';
  key: string;
  value: Uint8Array;
  /** The modRevision that the key must have. */
  expected: Revision;
  ttlSeconds?: number;
}

export interface Delete {
  type: 'delete';
  key: string;
  expected: Revision;
}

export type Change = Create | Update | Delete;

export type CommitResult =
  | { ok: true; revision: Revision; /** What was there before an update or delete. */ previous?: Entry }
  | { ok: false; /** What is there instead; undefined when the key is absent. */ actual?: Entry };

/** One change as a watcher sees it. */
export interface WatchChange {
  type: 'put' | 'delete';
  key: string;
  /** The new value; on a delete the last value. */
  value: Uint8Array;
  revision: Revision;
  createRevision: Revision;
  /** The value before the change, where there was one. */
  previous?: Entry;
}

/** Changes in order. All changes of one revision are in one batch. An empty batch is a progress mark: all up to `revision` has been delivered. */
export interface WatchBatch {
  changes: WatchChange[];
  revision: Revision;
}

export interface Backend {
  /** Several API servers may use it at the same time. */
  readonly shared?: boolean;
  /** The backend forgets history by age itself; nobody else needs to call `compact`. */
  readonly compactsByItself?: boolean;
  get(key: string, at?: Revision): Promise<Entry | undefined>;
  /** Entries whose key starts with `prefix`, in byte order of the key. */
  list(prefix: string, page?: PageRequest): Promise<Page>;
  count(prefix: string): Promise<number>;
  /** Resolves when the change is durable, or refused because the key is not as expected. */
  commit(change: Change): Promise<CommitResult>;
  /**
   * Changes under `prefix` with a revision above `from`, until `signal` aborts or the iterator is returned. Rejects with CompactedError when
   * `from` is below what history holds. A reader that falls `watchBufferLimit` changes behind is cut off with SlowWatcherError.
   */
  watch(prefix: string, from: Revision, signal?: AbortSignal): AsyncIterable<WatchBatch>;
  /** Forgets history up to and including the revision; present values stay. */
  compact(upTo: Revision): Promise<void>;
  /** The newest revision. */
  revision(): Promise<Revision>;
  /** Rejects, with the reason, when the store cannot serve. */
  health(): Promise<void>;
  /** What the store takes on its medium; absent where nothing is kept. */
  sizeBytes?(): Promise<number>;
  close(): Promise<void>;
}

/** The wanted revision has been compacted away (HTTP 410, reason Expired). */
export class CompactedError extends Error {
  readonly wanted: Revision;
  readonly oldest: Revision;
  constructor(wanted: Revision, oldest: Revision) {
    super(`revision ${wanted} has been compacted, the oldest that can be read is ${oldest}`);
    this.name = 'CompactedError';
    this.wanted = wanted;
    this.oldest = oldest;
  }
}

/** The wanted revision has not happened yet. */
export class FutureRevisionError extends Error {
  readonly wanted: Revision;
  readonly newest: Revision;
  constructor(wanted: Revision, newest: Revision) {
    super(`revision ${wanted} is in the future, the newest is ${newest}`);
    this.name = 'FutureRevisionError';
    this.wanted = wanted;
    this.newest = newest;
  }
}

/** A watcher fell too far behind and was dropped. */
export class SlowWatcherError extends Error {
  constructor(limit: number) {
    super(`the watcher fell more than ${limit} changes behind and was dropped`);
    this.name = 'SlowWatcherError';
  }
}
