/** The store of a simulation: memory behind a disk that takes time to flush, may lose what it has not flushed, and tells every change to whoever checks. */
import type { Clock, Random } from '../host/types.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Backend, Change, CommitResult, WatchBatch, WatchChange } from '../store/backend.ts';
import { folderOf, type Commit } from './commits.ts';
import { following } from './signals.ts';

/** How long a flush takes, evenly drawn, and how long a slow one may. */
const flushMs = { min: 0, max: 3, slow: 80 } as const;

interface Pending {
  change: Change;
  session: Session;
  resolve(result: CommitResult): void;
  reject(error: Error): void;
}

/** What one API server has opened. After `kill` it answers nothing any more, and writes that wait for it are gone. */
export interface Session {
  backend: Backend;
  kill(): void;
}

const decoder = new TextDecoder();
const parse = (value: Uint8Array): KubeObject => JSON.parse(decoder.decode(value)) as KubeObject;

export interface SimulatedStoreOptions {
  inner: Backend;
  clock: Clock;
  random: Random;
  onCommit(commit: Commit): void;
  /** Commits take time to become durable, in groups. Without it each is durable at once. */
  flushes: boolean;
}

export class SimulatedStore {
  readonly #options: SimulatedStoreOptions;
  readonly #stop = new AbortController();
  readonly #sessions = new Set<Session>();
  #pending: Pending[] = [];
  #flushing = false;
  /** A share of flushes that are slow. */
  slowShare = 0;
  /** Writes that a crash has lost, none of them acknowledged. */
  lost = 0;

  constructor(options: SimulatedStoreOptions) {
    this.#options = options;
    void this.#follow();
  }

  async #follow(): Promise<void> {
    const { inner, clock, onCommit } = this.#options;
    for await (const batch of inner.watch('', 0, this.#stop.signal)) {
      for (const change of batch.changes) onCommit(commitOf(change, clock.now()));
    }
  }

  open(): Session {
    let alive = true;
    const killed = new AbortController();
    const { inner } = this.#options;
    const check = (): void => {
      if (!alive) throw new Error('the store has been closed');
    };
    const session: Session = {
      kill: () => {
        alive = false;
        this.#pending = this.#pending.filter((one) => one.session !== session || this.#lose(one));
        this.#sessions.delete(session);
        killed.abort();
      },
      backend: {
        get: async (key, at) => (check(), inner.get(key, at)),
        list: async (prefix, page) => (check(), inner.list(prefix, page)),
        count: async (prefix) => (check(), inner.count(prefix)),
        commit: async (change) => (check(), this.#options.flushes ? this.#queue(change, session) : inner.commit(change)),
        watch: (prefix, from, signal) => watchUntil(inner, prefix, from, signal, killed.signal),
        compact: async (upTo) => (check(), inner.compact(upTo)),
        revision: async () => (check(), inner.revision()),
        health: async () => (check(), inner.health()),
        close: async () => undefined,
      },
    };
    this.#sessions.add(session);
    return session;
  }

  /** The machine with the store loses power: of what was not flushed some may have reached the disk, in order; nobody is told. */
  crash(): void {
    const survivors = this.#options.random.int(this.#pending.length + 1);
    const pending = this.#pending.splice(0);
    for (const one of pending.slice(0, survivors)) void this.#options.inner.commit(one.change);
    for (const one of pending.slice(survivors)) this.#lose(one);
    for (const one of pending.slice(0, survivors)) one.reject(new Error('the store has crashed'));
    for (const session of Array.from(this.#sessions)) session.kill();
  }

  async compact(): Promise<void> {
    const { inner } = this.#options;
    await inner.compact(await inner.revision());
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const session of Array.from(this.#sessions)) session.kill();
    await this.#options.inner.close();
  }

  #lose(one: Pending): false {
    this.lost++;
    one.reject(new Error('the store has crashed'));
    return false;
  }

  #queue(change: Change, session: Session): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ change, session, resolve, reject });
      if (!this.#flushing) this.#schedule();
    });
  }

  #schedule(): void {
    const { clock, random } = this.#options;
    this.#flushing = true;
    const isSlow = this.slowShare > 0 && random.next() < this.slowShare;
    clock.setTimer(() => void this.#flush(), flushMs.min + random.int((isSlow ? flushMs.slow : flushMs.max) + 1));
  }

  /** All that waits becomes durable together, then is acknowledged. */
  async #flush(): Promise<void> {
    const group = this.#pending.splice(0);
    this.#flushing = false;
    const results = await Promise.all(group.map((one) => this.#options.inner.commit(one.change).then((result) => () => one.resolve(result), (error: Error) => () => one.reject(error))));
    for (const acknowledge of results) acknowledge();
    if (this.#pending.length > 0 && !this.#flushing) this.#schedule();
  }
}

async function* watchUntil(inner: Backend, prefix: string, from: number, signal: AbortSignal | undefined, killed: AbortSignal): AsyncGenerator<WatchBatch> {
  if (killed.aborted) throw new Error('the store has been closed');
  const either = following([signal, killed]);
  try {
    yield* inner.watch(prefix, from, either.signal);
  } finally {
    either.release();
  }
  if (killed.aborted && signal?.aborted !== true) throw new Error('the store has been closed');
}

function commitOf(change: WatchChange, atMs: number): Commit {
  const { key, revision, previous } = change;
  const type = change.type === 'delete' ? 'deleted' : previous === undefined ? 'created' : 'updated';
  const old = previous && parse(previous.value);
  const object = type === 'deleted' && old ? old : parse(change.value);
  return { revision, atMs, key, folder: folderOf(key), type, object, ...(old ? { old } : {}), replaced: previous?.modRevision ?? 0 };
}
