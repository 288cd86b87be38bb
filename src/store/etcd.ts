/**
 * The store of several control-plane machines: an etcd v3 cluster, in upstream's layout. Its revisions are etcd's own. Reads are linearizable;
 * a write is one transaction on its key's revision, sent again over another member when its answer is lost.
 */
import type { Clock, Log } from '../host/types.ts';
import { CompactedError, FutureRevisionError, type Backend, type Change, type CommitResult, type Entry, type Page, type PageRequest, type Revision, type WatchBatch, type WatchChange } from './backend.ts';
import { Compactor } from './etcd/compactor.ts';
import { EtcdConnection, type EtcdTls } from './etcd/connection.ts';
import { EtcdError } from './etcd/errors.ts';
import { LEASE_REUSE_SECONDS, Leases } from './etcd/leases.ts';
import { compactRequest, METHODS, rangeRequest, readRange, readStatus, readTxn, txnRequest, type Deed, type KeyValue, type RangeAnswer, type TxnAnswer, type WatchEvent } from './etcd/messages.ts';
import { OwnValues } from './etcd/own-values.ts';
import { reportsProgress } from './etcd/version.ts';
import { EtcdWatch } from './etcd/watch.ts';
import { prefixEnd } from './prefix-end.ts';
import { DEFAULT_WATCH_BUFFER_LIMIT } from './watch-hub.ts';

export type { EtcdTls } from './etcd/connection.ts';
export { EtcdError } from './etcd/errors.ts';

export interface EtcdBackendOptions {
  /** As `https://10.0.0.1:2379`; several members of one cluster. */
  endpoints: readonly string[];
  tls?: EtcdTls;
  clock: Clock;
  log?: Log;
  /** Keys that begin with `from` begin with `to` in etcd. */
  rename?: { from: string; to: string };
  /** History older than this is forgotten. 0: by others. Default five minutes. */
  compactionIntervalMs?: number;
  /** Default 2 s. */
  healthTimeoutMs?: number;
  /** How long a call is tried over all members together. Default 30 s. */
  callTimeoutMs?: number;
  /** How long the first member is waited for before the next is asked. Default 2 s. */
  attemptTimeoutMs?: number;
  /** By how much a shared lease may outlive what was asked for. Default 60 s. */
  leaseReuseSeconds?: number;
  watchBufferLimit?: number;
  /** How watches learn how far they are: by asking (members that answer rightly), or by watching all keys there are. Default: by the version. */
  progress?: 'ask' | 'all-keys';
}

export const DEFAULT_COMPACTION_INTERVAL_MS = 300_000;
export const DEFAULT_HEALTH_TIMEOUT_MS = 2_000;
/** Entries that one request reads at most: a large list comes in pages, all of one revision. */
const PAGE = 5_000;
const OLDEST_TIMEOUT_MS = 2_000;
/** An empty etcd is at revision 1, with nothing in it; 0 would mean the present. */
const FIRST_REVISION = 1;

const ALL_KEYS = { key: Buffer.from([0]), end: Buffer.from([0]) };

/** Connects to a cluster. Rejects with EtcdError when no member answers, or none that this client can use. */
export async function etcdBackend(options: EtcdBackendOptions): Promise<Backend> {
  const connection = new EtcdConnection(options);
  try {
    const { version } = await connection.call(METHODS.status, Buffer.alloc(0), readStatus);
    const progress = options.progress ?? (reportsProgress(version) ? 'ask' : 'all-keys');
    options.log?.info('connected to etcd', { version, progress });
    return new EtcdBackend(options, connection, progress === 'ask');
  } catch (error) {
    connection.close();
    throw error;
  }
}

class EtcdBackend implements Backend {
  readonly shared = true;
  readonly compactsByItself = true;
  readonly #options: EtcdBackendOptions;
  readonly #connection: EtcdConnection;
  readonly #asksProgress: boolean;
  readonly #rename: { from: string; to: string };
  /** Never written: reading it shows that the cluster answers, and its revision. */
  readonly #healthKey: Buffer;
  readonly #leases: Leases;
  readonly #compactor: Compactor | undefined;
  readonly #watches = new Set<EtcdWatch>();
  readonly #own = new OwnValues();
  /** Revision requests: one is under way, and one more for all who came since. */
  #asking: Promise<Revision> | undefined;
  #asksNext: Promise<Revision> | undefined;
  #closed = false;

  constructor(options: EtcdBackendOptions, connection: EtcdConnection, asksProgress: boolean) {
    this.#options = options;
    this.#connection = connection;
    this.#asksProgress = asksProgress;
    this.#rename = options.rename ?? { from: '', to: '' };
    this.#healthKey = Buffer.from(`${this.#rename.to}/health`);
    this.#leases = new Leases(connection, options.clock, options.leaseReuseSeconds ?? LEASE_REUSE_SECONDS);
    const intervalMs = options.compactionIntervalMs ?? DEFAULT_COMPACTION_INTERVAL_MS;
    if (intervalMs > 0) {
      this.#compactor = new Compactor({ connection, clock: options.clock, log: options.log, intervalMs, compact: (upTo) => this.compact(upTo) });
      this.#compactor.start();
    }
  }

  async get(key: string, at?: Revision): Promise<Entry | undefined> {
    const answer = await this.#range({ key: this.#toEtcd(key), ...(at === undefined ? {} : { at: Math.max(FIRST_REVISION, at) }) }, at);
    return answer.kvs[0] && this.#entry(answer.kvs[0]);
  }

  async list(prefix: string, page: PageRequest = {}): Promise<Page> {
    const first = this.#toEtcd(prefix);
    const end = prefixEnd(first);
    let next = page.after === undefined ? first : this.#toEtcd(`${page.after}\0`);
    if (Buffer.compare(next, first) < 0) next = first;
    const entries: Entry[] = [];
    let at = page.at === undefined ? undefined : Math.max(FIRST_REVISION, page.at);
    for (;;) {
      const limit = Math.min(PAGE, (page.limit ?? Infinity) - entries.length);
      const answer = await this.#range({ key: next, end, limit, ...(at === undefined ? {} : { at }) }, page.at);
      at ??= answer.revision;
      for (const kv of answer.kvs) entries.push(this.#entry(kv));
      const remaining = answer.count - answer.kvs.length;
      if (!answer.more || entries.length >= (page.limit ?? Infinity)) return { entries, revision: at, more: remaining > 0, remaining };
      next = Buffer.concat([answer.kvs.at(-1)!.key, Buffer.from([0])]);
    }
  }

  async count(prefix: string): Promise<number> {
    const key = this.#toEtcd(prefix);
    return (await this.#range({ key, end: prefixEnd(key), countOnly: true })).count;
  }

  async commit(change: Change): Promise<CommitResult> {
    if (this.#closed) throw closedError();
    const key = this.#toEtcd(change.key);
    if (change.type !== 'delete') this.#own.add(change.key, change.value);
    const expected = change.type === 'create' ? 0 : change.expected;
    let uncertain = false;
    const answer = await this.#transact(key, expected, change, () => (uncertain = true));
    if (answer.succeeded) {
      const previous = answer.kv && this.#entry(answer.kv);
      return previous ? { ok: true, revision: answer.revision, previous } : { ok: true, revision: answer.revision };
    }
    if (change.type !== 'delete') this.#own.drop(change.key, change.value);
    const actual = answer.kv && this.#entry(answer.kv);
    if (uncertain) return this.#settleUncertain(change, expected, actual, answer.revision);
    return actual ? { ok: false, actual } : { ok: false };
  }

  /** An earlier try may have been carried out though its answer was lost: what is there tells, or nobody knows. */
  #settleUncertain(change: Change, expected: Revision, actual: Entry | undefined, revision: Revision): CommitResult {
    if (change.type === 'delete') {
      // The key that was to go has gone; what is there was made later.
      if (actual === undefined || actual.createRevision > expected) return { ok: true, revision };
      return { ok: false, actual };
    }
    if (actual !== undefined && Buffer.compare(actual.value, change.value) === 0) return { ok: true, revision: actual.modRevision };
    throw new EtcdError('unavailable', `the answer to a write of "${change.key}" was lost, and the key has been written since: whether it was done is not known`);
  }

  watch(prefix: string, from: Revision, signal?: AbortSignal): AsyncIterable<WatchBatch> {
    return this.#watch(prefix, from, signal);
  }

  async compact(upTo: Revision): Promise<void> {
    if (upTo <= 0) return;
    try {
      await this.#connection.call(METHODS.compact, compactRequest(upTo), () => undefined);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      if (error.reason === 'future') throw new FutureRevisionError(upTo, await this.revision());
      // It has been compacted already, by this server or another.
      if (error.reason !== 'compacted') throw error;
    }
  }

  /** Calls that come while one is under way share the next one: an answer must be asked for after the question came up. */
  async revision(): Promise<Revision> {
    if (this.#closed) throw closedError();
    if (this.#asking === undefined) this.#asking = this.#askRevision().finally(() => (this.#asking = undefined));
    else {
      const before = this.#asking;
      this.#asksNext ??= before.catch(() => undefined).then(() => {
        this.#asksNext = undefined;
        this.#asking = this.#askRevision().finally(() => (this.#asking = undefined));
        return this.#asking;
      });
      return this.#asksNext;
    }
    return this.#asking;
  }

  async sizeBytes(): Promise<number> {
    return (await this.#connection.call(METHODS.status, Buffer.alloc(0), readStatus)).sizeBytes;
  }

  async health(): Promise<void> {
    if (this.#closed) throw closedError();
    const timeoutMs = this.#options.healthTimeoutMs ?? DEFAULT_HEALTH_TIMEOUT_MS;
    await this.#connection.call(METHODS.range, rangeRequest({ key: this.#healthKey }), readRange, { timeoutMs });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#compactor?.stop();
    for (const watch of this.#watches) watch.end(closedError());
    this.#connection.close();
  }

  async *#watch(prefix: string, from: Revision, signal?: AbortSignal): AsyncGenerator<WatchBatch, void, undefined> {
    if (this.#closed) throw closedError();
    const key = this.#toEtcd(prefix);
    const watch = new EtcdWatch({
      connection: this.#connection, clock: this.#options.clock, log: this.#options.log, asksProgress: this.#asksProgress,
      range: this.#asksProgress ? { key, end: prefixEnd(key) } : ALL_KEYS,
      bufferLimit: this.#options.watchBufferLimit ?? DEFAULT_WATCH_BUFFER_LIMIT,
      changeOf: (event) => (startsWith(event.kv.key, key) ? this.#change(event) : undefined),
    }, from);
    this.#watches.add(watch);
    try {
      yield* watch.batches(signal);
    } finally {
      this.#watches.delete(watch);
    }
  }

  async #askRevision(): Promise<Revision> {
    const { revision } = await this.#connection.call(METHODS.range, rangeRequest({ key: this.#healthKey, countOnly: true }), readRange);
    for (const watch of this.#watches) watch.want(revision);
    return revision;
  }

  /** Reads; errors about the revision come as the interface names them. */
  async #range(request: Parameters<typeof rangeRequest>[0], at?: Revision): Promise<RangeAnswer> {
    if (this.#closed) throw closedError();
    try {
      return await this.#connection.call(METHODS.range, rangeRequest(request), readRange);
    } catch (error) {
      if (error instanceof EtcdError && error.reason === 'compacted') throw new CompactedError(at ?? 0, await this.#oldest());
      if (error instanceof EtcdError && error.reason === 'future') throw new FutureRevisionError(at ?? 0, await this.revision());
      throw error;
    }
  }

  /** How far history is compacted: only a watch that asks for too much is told. */
  async #oldest(): Promise<Revision> {
    const probe = new EtcdWatch({
      connection: this.#connection, clock: this.#options.clock, log: undefined, asksProgress: false, range: { key: this.#healthKey, end: Buffer.alloc(0) }, bufferLimit: 1,
      changeOf: () => undefined,
    }, 1);
    // A member that lags behind may not know of the compaction yet.
    const timer = this.#options.clock.setTimer(() => probe.end(), OLDEST_TIMEOUT_MS);
    try {
      for await (const _ of probe.batches()) break;
    } catch (error) {
      if (error instanceof CompactedError) return error.oldest;
      throw error;
    } finally {
      timer.cancel();
    }
    return this.revision();
  }

  async #transact(key: Buffer, expected: Revision, change: Change, uncertain: () => void): Promise<TxnAnswer> {
    const ttlSeconds = change.type === 'delete' ? undefined : change.ttlSeconds;
    const send = async (): Promise<TxnAnswer> => {
      const deed: Deed = change.type === 'delete' ? { delete: true } : ttlSeconds === undefined ? { put: change.value } : { put: change.value, lease: await this.#leases.take(ttlSeconds) };
      return this.#connection.call(METHODS.txn, txnRequest(key, { modRevision: expected }, deed), readTxn, { uncertain });
    };
    try {
      return await send();
    } catch (error) {
      // The shared lease has ended before its time, as leases do when etcd was restored from a backup.
      if (ttlSeconds === undefined || !(error instanceof EtcdError) || !error.message.includes('lease not found')) throw error;
      this.#leases.forget();
      return send();
    }
  }

  #toEtcd(key: string): Buffer {
    const { from, to } = this.#rename;
    if (!key.startsWith(from)) throw new EtcdError('failed', `the key "${key}" does not begin with "${from}"`);
    return Buffer.from(to + key.slice(from.length));
  }

  #fromEtcd(key: Buffer): string {
    return this.#rename.from + key.toString().slice(this.#rename.to.length);
  }

  #entry(kv: KeyValue): Entry {
    return { key: this.#fromEtcd(kv.key), value: kv.value, createRevision: kv.createRevision, modRevision: kv.modRevision };
  }

  #change({ deleted, kv, previous }: WatchEvent): WatchChange {
    const key = this.#fromEtcd(kv.key);
    // Copied out of the message, which holds the value before as well.
    const value = deleted ? (previous ? Buffer.from(previous.value) : Buffer.alloc(0)) : this.#own.take(key, kv.value);
    return {
      type: deleted ? 'delete' : 'put', key, value, revision: kv.modRevision, createRevision: deleted ? (previous?.createRevision ?? 0) : kv.createRevision,
      ...(previous ? { previous: { key, value: previous.value, createRevision: previous.createRevision, modRevision: previous.modRevision } } : {}),
    };
  }
}

const closedError = (): Error => new Error('the store has been closed');

function startsWith(key: Buffer, prefix: Buffer): boolean {
  return key.length >= prefix.length && key.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
}
