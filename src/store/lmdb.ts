/**
 * The embedded store: LMDB underneath, revisions and history on top. A commit is acknowledged once it is on disk; commits that wait at the
 * same time share one transaction and one flush. Tables: `index` (key → newest record), `values` (revision → record), `expiry`, `meta`.
 */
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import type { Clock, Disk } from '../host/types.ts';
import type { Backend, Change, CommitResult, Entry, Page, PageRequest, Revision, WatchBatch, WatchChange } from './backend.ts';
import { CompactedError, FutureRevisionError } from './backend.ts';
import { ExpiryQueue } from './expiry.ts';
import type { Expiring } from './expiry.ts';
import { checkDirectory, decodePointer, decodeRecord, encodePointer, encodeRecord, expiryKey, FORMAT, readRevisionKey, revisionKey, StoreError } from './lmdb-format.ts';
import type { Pointer, StoredRecord } from './lmdb-format.ts';
import { prefixEnd } from './prefix-end.ts';
import { WatchHub } from './watch-hub.ts';

export interface LmdbBackendOptions {
  /** The data directory; made when absent. */
  path: string;
  disk: Disk;
  clock: Clock;
  /** Lets others go on in the midst of a long list. Absent: it is read at once. */
  turn?: (() => Promise<void>) | undefined;
  /** Changes that a watcher may lag behind before it is cut off. */
  watchBufferLimit?: number;
  /** The most that the store can ever hold. Address space, not disk. Default 32 GiB. */
  mapSizeBytes?: number;
}

/** Changes that share one transaction at most; a longer queue makes several. */
const GROUP_LIMIT = 512;
/** What is read in one turn of the event loop: some milliseconds, dearer where the pages are not in memory yet. */
const TURN_BYTES = 2 * 2 ** 20;
/** Records that one compaction step removes; writers get their turn between steps. */
const COMPACTION_STEP = 1_000;
const DEFAULT_MAP_SIZE_BYTES = 32 * 2 ** 30;

type Table = Database<Buffer, Buffer>;

interface Tables {
  root: RootDatabase<Buffer, Buffer>;
  index: Table;
  values: Table;
  expiry: Table;
  meta: Table;
}

interface Waiting {
  change: Change;
  resolve: (result: CommitResult) => void;
  reject: (error: Error) => void;
}

/** What one transaction is going to do. */
interface Group {
  waiting: Waiting[];
  answers: CommitResult[];
  changes: WatchChange[];
  writes: (() => void)[];
  expiring: { item: Expiring; atMs: number }[];
  revision: Revision;
}

/** Opens or makes the store in a directory. Rejects with StoreError when the directory holds something else, or a damaged store. */
export async function lmdbBackend(options: LmdbBackendOptions): Promise<Backend> {
  await options.disk.mkdir(options.path, 0o700);
  const found = await checkDirectory(options.disk, options.path);
  const tables = openTables(options);
  try {
    await checkFormat(tables.meta, found, options.path);
    return new LmdbBackend(options, tables, await takeOver(tables.meta));
  } catch (error) {
    await tables.root.close();
    throw error;
  }
}

function openTables(options: LmdbBackendOptions): Tables {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  try {
    const root = open<Buffer, Buffer>({
      path: options.path,
      // With batching by turn the library leaves a promise of its own unheard when a commit fails, which would end the process.
      overlappingSync: false, eventTurnBatching: false, maxDbs: 8, mapSize: options.mapSizeBytes ?? DEFAULT_MAP_SIZE_BYTES, ...binary,
    });
    const table = (name: string): Table => root.openDB<Buffer, Buffer>({ name, ...binary });
    return { root, index: table('index'), values: table('values'), expiry: table('expiry'), meta: root.openDB<Buffer, Buffer>({ name: 'meta', useVersions: true, ...binary }) };
  } catch (error) {
    throw explain(error, options.path);
  }
}

const META = { format: Buffer.from('format'), session: Buffer.from('session'), compacted: Buffer.from('compacted'), swept: Buffer.from('swept') };

async function checkFormat(meta: Table, found: 'empty' | 'store', path: string): Promise<void> {
  const format = meta.get(META.format)?.toString();
  if (format === FORMAT) return;
  if (format === undefined && (found === 'empty' || meta.getKeysCount() === 0)) {
    await meta.put(META.format, Buffer.from(FORMAT), 1);
    return;
  }
  throw new StoreError('foreign', `"${path}" holds a store of the format "${format ?? 'unknown'}", this version reads "${FORMAT}": name another directory, or use the version that wrote it`);
}

/** Makes this process the only writer: every later write names this session's number, and an older process's writes are refused. */
async function takeOver(meta: Table): Promise<number> {
  for (;;) {
    const before = meta.getEntry(META.session)?.version;
    const mine = (before ?? 0) + 1;
    const put = (): unknown => meta.put(META.session, Buffer.from('1'), mine);
    const won = before === undefined ? await meta.ifNoExists(META.session, put) : await meta.ifVersion(META.session, before, put);
    if (won) return mine;
    meta.resetReadTxn();
  }
}

const ignore = (): undefined => undefined;

/** With less than this free, a failed write is put down to the disk being full. */
const FULL_BELOW_BYTES = 2 * 2 ** 20;

function diskFull(path: string): StoreError {
  return new StoreError('disk-full', `the disk that holds the store is full ("${path}"): nothing was lost, and writes are refused until there is space`);
}

function explain(error: unknown, path: string): Error {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/no space left|ENOSPC|MDB_MAP_FULL|disk quota/i.test(message)) {
    return diskFull(path);
  }
  if (/MDB_CORRUPTED|MDB_PAGE_NOTFOUND|MDB_INVALID|MDB_VERSION_MISMATCH|MDB_PANIC/.test(message)) {
    return new StoreError('damaged', `the store in "${path}" is damaged (${message}): restore it from a backup, or move the directory away to start anew`);
  }
  return new StoreError('write-failed', `the store in "${path}" failed: ${message}`);
}

class LmdbBackend implements Backend {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #disk: Disk;
  readonly #letOthersOn: (() => Promise<void>) | undefined;
  readonly #tables: Tables;
  readonly #session: number;
  readonly #hub: WatchHub;
  readonly #expiry: ExpiryQueue;
  #newest: Revision;
  #compacted: Revision;
  #swept: Revision;
  #queue: Waiting[] = [];
  #writing = false;
  #full: Error | undefined;
  /** Set when the store can no longer be trusted with writes, or was closed. */
  #broken: Error | undefined;
  #idle: (() => void) | undefined;
  #compaction: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LmdbBackendOptions, tables: Tables, session: number) {
    this.#path = options.path;
    this.#clock = options.clock;
    this.#disk = options.disk;
    this.#letOthersOn = options.turn;
    this.#tables = tables;
    this.#session = session;
    this.#compacted = this.#readMeta(META.compacted);
    this.#swept = this.#readMeta(META.swept);
    this.#newest = this.#compacted;
    for (const key of tables.values.getKeys({ reverse: true, limit: 1 })) this.#newest = Math.max(this.#newest, readRevisionKey(key));
    this.#hub = new WatchHub(
      { newest: () => this.#newest, compacted: () => this.#compacted, read: (prefix, from, limit) => this.#history(prefix, from, limit) },
      options.watchBufferLimit,
      options.turn,
    );
    this.#expiry = new ExpiryQueue(options.clock, (items) => this.#expire(items));
    for (const { key, value } of tables.expiry.getRange()) {
      this.#expiry.add({ key: value.toString(), revision: readRevisionKey(key.subarray(8)) }, readRevisionKey(key.subarray(0, 8)));
    }
  }

  async get(key: string, at?: Revision): Promise<Entry | undefined> {
    this.#check(at);
    const pointer = this.#pointer(Buffer.from(key));
    return pointer && this.#entryAt(pointer, at ?? this.#newest);
  }

  async list(prefix: string, page: PageRequest = {}): Promise<Page> {
    this.#check(page.at);
    const at = page.at ?? this.#newest;
    const limit = page.limit ?? Infinity;
    const entries: Entry[] = [];
    let remaining = 0;
    let { after } = page;
    for (let paused = true; paused;) {
      paused = false;
      let room = TURN_BYTES;
      for (const { value } of this.#tables.index.getRange(rangeOf(prefix, after))) {
        const pointer = decodePointer(value);
        if (entries.length >= limit) {
          if (this.#isLive(pointer, at)) remaining += 1;
          continue;
        }
        const entry = this.#entryAt(pointer, at);
        if (!entry) continue;
        entries.push(entry);
        room -= entry.value.length;
        if (room > 0 || this.#letOthersOn === undefined) continue;
        after = entry.key;
        paused = true;
        break;
      }
      if (!paused) break;
      await this.#letOthersOn?.();
      // What goes on at a revision of its own may have been compacted meanwhile.
      this.#check(at);
    }
    return { entries, revision: at, more: remaining > 0, remaining };
  }

  async count(prefix: string): Promise<number> {
    this.#check();
    let total = 0;
    for (const { value } of this.#tables.index.getRange(rangeOf(prefix))) if (this.#isLive(decodePointer(value), this.#newest)) total += 1;
    return total;
  }

  commit(change: Change): Promise<CommitResult> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#queue.push({ change, resolve, reject });
      if (this.#writing) return;
      this.#writing = true;
      // Everything that is committed in this turn shares the first transaction.
      queueMicrotask(() => void this.#writeAll());
    });
  }

  watch(prefix: string, from: Revision, signal?: AbortSignal): AsyncIterable<WatchBatch> {
    return this.#hub.watch(prefix, from, signal);
  }

  async compact(upTo: Revision): Promise<void> {
    this.#check(upTo > this.#newest ? upTo : undefined);
    if (upTo > this.#compacted) this.#compacted = upTo;
    const sweep = this.#compaction.then(() => this.#sweep());
    this.#compaction = sweep.catch(() => undefined);
    return sweep;
  }

  async revision(): Promise<Revision> {
    this.#check();
    return this.#newest;
  }

  async sizeBytes(): Promise<number> {
    return (await this.#disk.stat(join(this.#path, 'data.mdb')))?.size ?? 0;
  }

  async health(): Promise<void> {
    this.#check();
    if (this.#full) throw this.#full;
  }

  async close(): Promise<void> {
    if (this.#broken?.message === CLOSED) return;
    if (this.#writing) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#broken = new Error(CLOSED);
    this.#expiry.close();
    this.#hub.close(this.#broken);
    await this.#turn;
    await this.#tables.root.close();
  }

  #check(at?: Revision): void {
    if (this.#broken?.message === CLOSED) throw this.#broken;
    if (at === undefined) return;
    if (at > this.#newest) throw new FutureRevisionError(at, this.#newest);
    if (at < this.#compacted) throw new CompactedError(at, this.#compacted);
  }

  #readMeta(key: Buffer): number {
    const value = this.#tables.meta.get(key);
    return value === undefined ? 0 : readRevisionKey(value);
  }

  #pointer(key: Buffer): Pointer | undefined {
    const bytes = this.#tables.index.get(key);
    return bytes && decodePointer(bytes);
  }

  #record(revision: Revision): StoredRecord | undefined {
    const bytes = this.#tables.values.get(revisionKey(revision));
    return bytes && decodeRecord(bytes, revision);
  }

  /** Follows a key's records back to the one that stood at a revision. */
  #entryAt(pointer: Pointer, at: Revision): Entry | undefined {
    if (pointer.deleted && pointer.modRevision <= at) return undefined;
    let revision = pointer.modRevision;
    while (revision > 0) {
      const record = this.#record(revision);
      if (record === undefined) return undefined;
      if (revision <= at) return record.deleted ? undefined : { key: record.key, value: record.value, createRevision: record.createRevision, modRevision: revision };
      revision = record.previousRevision;
    }
    return undefined;
  }

  #isLive(pointer: Pointer, at: Revision): boolean {
    return pointer.modRevision <= at ? !pointer.deleted : this.#entryAt(pointer, at) !== undefined;
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const waiting = this.#queue.splice(0, GROUP_LIMIT);
      try {
        await this.#exclusively(() => this.#writeGroup(waiting));
      } catch (error) {
        await this.#failed(error, waiting);
      }
    }
    this.#writing = false;
    this.#idle?.();
  }

  /** Decides, writes, waits for the disk, tells the watchers, answers: in this order. */
  async #writeGroup(waiting: Waiting[]): Promise<void> {
    if (this.#broken) throw this.#broken;
    const group = this.#decide(waiting);
    if (group.writes.length > 0) await this.#transact(() => group.writes.forEach((write) => write()));
    this.#newest = group.revision;
    this.#full = undefined;
    for (const { item, atMs } of group.expiring) this.#expiry.add(item, atMs);
    if (group.changes.length > 0) this.#hub.publish(group.changes, group.revision);
    waiting.forEach((one, i) => one.resolve(group.answers[i]!));
  }

  /** Writes that all happen or none, as long as no other process has opened the store. Resolves when they are on disk. */
  async #transact(writes: () => void): Promise<void> {
    const mine = await this.#tables.meta.ifVersion(META.session, this.#session, writes);
    this.#tables.root.resetReadTxn();
    if (!mine) throw new StoreError('taken-over', `another process has opened the store in "${this.#path}": this one writes no more`);
  }

  async #failed(error: unknown, waiting: Waiting[]): Promise<void> {
    // The library tells the cause of a failed commit through a promise of its own, which must not be left unheard.
    void (error as { commitError?: Promise<unknown> }).commitError?.catch(ignore);
    const explained = this.#broken ?? (await this.#isDiskFull() ? diskFull(this.#path) : explain(error, this.#path));
    if (explained instanceof StoreError && explained.reason === 'disk-full') this.#full = explained;
    else this.#broken ??= explained;
    this.#tables.root.resetReadTxn();
    for (const one of waiting) one.reject(explained);
  }

  /** A write that only partly fits is reported as an input/output error, so free space is what tells. */
  async #isDiskFull(): Promise<boolean> {
    const usage = await this.#disk.usage(this.#path).catch(ignore);
    return usage !== undefined && usage.freeBytes < FULL_BELOW_BYTES;
  }

  #decide(waiting: Waiting[]): Group {
    const group: Group = { waiting, answers: [], changes: [], writes: [], expiring: [], revision: this.#newest };
    const states = new Map<string, { entry: Entry | undefined; newest: Revision }>();
    for (const { change } of waiting) {
      let state = states.get(change.key);
      if (state === undefined) {
        const pointer = this.#pointer(Buffer.from(change.key));
        state = { entry: pointer && this.#entryAt(pointer, Infinity), newest: pointer?.modRevision ?? 0 };
        states.set(change.key, state);
      }
      group.answers.push(this.#step(group, change, state));
    }
    return group;
  }

  #step(group: Group, change: Change, state: { entry: Entry | undefined; newest: Revision }): CommitResult {
    const before = state.entry;
    if (change.type === 'create' ? before !== undefined : before?.modRevision !== change.expected) return before ? { ok: false, actual: before } : { ok: false };
    const { key } = change;
    const deleted = change.type === 'delete';
    const revision = ++group.revision;
    const createRevision = change.type === 'create' ? revision : before!.createRevision;
    const told: WatchChange = { type: deleted ? 'delete' : 'put', key, value: deleted ? before!.value : change.value, revision, createRevision };
    if (before) told.previous = before;
    group.changes.push(told);
    const record = encodeRecord({ deleted, createRevision, previousRevision: state.newest, key, value: deleted ? NOTHING : change.value });
    group.writes.push(() => {
      void this.#tables.index.put(Buffer.from(key), encodePointer({ deleted, modRevision: revision }));
      void this.#tables.values.put(revisionKey(revision), record);
    });
    if (!deleted && change.ttlSeconds !== undefined) {
      const atMs = this.#clock.now() + change.ttlSeconds * 1000;
      group.writes.push(() => void this.#tables.expiry.put(expiryKey(atMs, revision), Buffer.from(key)));
      group.expiring.push({ item: { key, revision }, atMs });
    }
    state.entry = deleted ? undefined : { key, value: change.value, createRevision, modRevision: revision };
    state.newest = revision;
    return before ? { ok: true, revision, previous: before } : { ok: true, revision };
  }

  #history(prefix: string, from: Revision, limit: number): WatchBatch {
    const changes: WatchChange[] = [];
    let [reached, room] = [from, TURN_BYTES];
    for (const { key: at, value } of this.#tables.values.getRange({ start: revisionKey(from + 1), end: revisionKey(this.#newest + 1) })) {
      reached = readRevisionKey(at);
      const record = decodeRecord(value, reached);
      if (!record.key.startsWith(prefix)) continue;
      const before = record.previousRevision > 0 ? this.#record(record.previousRevision) : undefined;
      const previous = before && !before.deleted ? { key: before.key, value: before.value, createRevision: before.createRevision, modRevision: record.previousRevision } : undefined;
      changes.push({
        type: record.deleted ? 'delete' : 'put', key: record.key, value: record.deleted ? (previous?.value ?? NOTHING) : record.value,
        revision: reached, createRevision: record.createRevision, ...(previous ? { previous } : {}),
      });
      room -= record.value.length + (previous?.value.length ?? 0);
      if (changes.length >= limit || room <= 0) return { changes, revision: reached };
    }
    return { changes, revision: this.#newest };
  }

  /** Removes what no reader at or above the compacted revision can reach. Superseded records hang off the records that replaced them. */
  async #sweep(): Promise<void> {
    while (this.#swept < this.#compacted) await this.#exclusively(() => this.#sweepStep());
  }

  async #sweepStep(): Promise<void> {
    if (this.#broken) throw this.#broken;
    const compacted = this.#compacted;
    const upTo = Math.min(compacted, this.#swept + COMPACTION_STEP);
    const { values, index, meta } = this.#tables;
    const writes: (() => void)[] = [];
    for (const { key: at, value } of values.getRange({ start: revisionKey(this.#swept + 1), end: revisionKey(upTo + 1) })) {
      const revision = readRevisionKey(at);
      const record = decodeRecord(value, revision);
      if (record.previousRevision > 0) writes.push(() => void values.remove(revisionKey(record.previousRevision)));
      if (!record.deleted) continue;
      writes.push(() => void values.remove(revisionKey(revision)));
      const key = Buffer.from(record.key);
      if (this.#pointer(key)?.modRevision === revision) writes.push(() => void index.remove(key));
    }
    await this.#transact(() => {
      for (const write of writes) write();
      void meta.put(META.compacted, revisionKey(compacted), 1);
      void meta.put(META.swept, revisionKey(upTo), 1);
    });
    this.#swept = upTo;
  }

  #expire(items: Expiring[]): void {
    const deletes = items.map(({ key, revision }) => this.commit({ type: 'delete', key, expected: revision }).catch(ignore));
    void Promise.all(deletes).then(() => this.#exclusively(() => this.#clearExpired())).catch(ignore);
  }

  /** Forgets the limits that have passed. One that is left behind by a crash is met again, in vain, after the next start. */
  async #clearExpired(): Promise<void> {
    if (this.#broken) return;
    const past = [...this.#tables.expiry.getKeys({ end: expiryKey(this.#clock.now(), 0) })];
    if (past.length > 0) await this.#transact(() => past.forEach((key) => void this.#tables.expiry.remove(key)));
  }

  /** One at a time: transactions that first look and then write must not interleave. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work);
    this.#turn = run.then(() => undefined, () => undefined);
    return run;
  }
}

const CLOSED = 'the store has been closed';
const NOTHING = new Uint8Array(0);

function rangeOf(prefix: string, after?: string): { start: Buffer; end: Buffer } {
  const first = Buffer.from(prefix);
  const next = after === undefined ? undefined : Buffer.from(`${after}\0`);
  return { start: next && Buffer.compare(next, first) > 0 ? next : first, end: prefixEnd(first) };
}
