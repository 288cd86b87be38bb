/** Watching, for backends that live in this process: past changes are read from history, new ones are handed over as they become durable. */
import type { Revision, WatchBatch, WatchChange } from './backend.ts';
import { CompactedError, SlowWatcherError } from './backend.ts';

/** What the hub reads of a backend's past. Both calls answer at once: what a change can slip between leaves gaps. */
export interface History {
  /** The newest revision that may be shown. */
  newest(): Revision;
  /** History holds every change above this revision. */
  compacted(): Revision;
  /** Changes under `prefix` above `from`, about `limit` of them; `revision` is how far the answer reaches. */
  read(prefix: string, from: Revision, limit: number): WatchBatch;
}

/** Changes that one read of history hands over at most. */
const HISTORY_PAGE = 1_000;

/** What a watcher may lag behind before it is cut off, where the caller names no limit. */
export const DEFAULT_WATCH_BUFFER_LIMIT = 100_000;

interface Live {
  prefix: string;
  pending: WatchChange[];
  /** Newest revision that the hub has shown this watcher. */
  seen: Revision;
  cut: boolean;
  wake: (() => void) | undefined;
}

export class WatchHub {
  readonly #history: History;
  readonly #bufferLimit: number;
  readonly #live = new Set<Live>();
  #closed: Error | undefined;

  readonly #turn: (() => Promise<void>) | undefined;

  /** `turn` lets others go on between one read of history and the next. */
  constructor(history: History, bufferLimit: number = DEFAULT_WATCH_BUFFER_LIMIT, turn?: () => Promise<void>) {
    this.#turn = turn;
    this.#history = history;
    this.#bufferLimit = bufferLimit;
  }

  /** Hands over durable changes, in order; `revision` is the newest of them. */
  publish(changes: readonly WatchChange[], revision: Revision): void {
    for (const watcher of this.#live) {
      for (const change of changes) if (change.revision > watcher.seen && change.key.startsWith(watcher.prefix)) watcher.pending.push(change);
      if (watcher.pending.length > this.#bufferLimit) {
        watcher.cut = true;
        watcher.pending = [];
      }
      if (revision > watcher.seen) watcher.seen = revision;
      watcher.wake?.();
    }
  }

  /** Ends every watch with `error`. */
  close(error: Error): void {
    this.#closed = error;
    for (const watcher of this.#live) watcher.wake?.();
  }

  async *watch(prefix: string, from: Revision, signal?: AbortSignal): AsyncGenerator<WatchBatch, void, undefined> {
    let position = from;
    let live: Live | undefined;
    const wakeUp = (): void => live?.wake?.();
    signal?.addEventListener('abort', wakeUp, { once: true });
    try {
      for (;;) {
        if (signal?.aborted === true) return;
        if (this.#closed) throw this.#closed;
        if (live === undefined) {
          if (position < this.#history.compacted()) throw new CompactedError(position, this.#history.compacted());
          if (position < this.#history.newest()) {
            const batch = this.#history.read(prefix, position, HISTORY_PAGE);
            position = batch.revision;
            yield batch;
            if (position < this.#history.newest()) await this.#turn?.();
            continue;
          }
          live = { prefix, pending: [], seen: position, cut: false, wake: undefined };
          this.#live.add(live);
        }
        if (live.cut) throw new SlowWatcherError(this.#bufferLimit);
        if (live.seen > position) {
          const changes = live.pending;
          live.pending = [];
          position = live.seen;
          yield { changes, revision: position };
          continue;
        }
        await waitFor(live);
      }
    } finally {
      signal?.removeEventListener('abort', wakeUp);
      if (live) this.#live.delete(live);
    }
  }
}

function waitFor(live: Live): Promise<void> {
  return new Promise((resolve) => {
    live.wake = () => {
      live.wake = undefined;
      resolve();
    };
  });
}
