/**
 * Keys to work on. A key waits at most once; a key that is being worked on and added meanwhile comes up again afterwards, never beside
 * itself; a key that failed comes back after a wait that grows with each failure.
 */
import { PriorityQueue } from '../base/priority-queue.ts';
import type { Clock, Timer } from '../host/types.ts';
import type { WorkQueue } from './types.ts';

/** First wait after a failure; it doubles with each further one. */
export const baseRetryMs = 5;
/** The longest wait after a failure. */
export const maxRetryMs = 1_000_000;

/** Is told what becomes of keys, for metrics. */
export interface QueueWatch {
  /** A key came that did not wait already. */
  added(): void;
  /** A key was taken up after so long. */
  taken(waitedSeconds: number): void;
  /** Work on a key ended after so long. */
  worked(seconds: number): void;
  /** A key failed and is to come again. */
  retried(): void;
}

export interface WorkQueueOptions {
  baseRetryMs?: number;
  maxRetryMs?: number;
  /** Called (synchronously) whenever a key became ready. */
  onReady?: () => void;
  watch?: QueueWatch;
}

/** The queue from the worker's side. */
export interface WorkerQueue extends WorkQueue {
  /** Takes the key that has waited longest; undefined when none is ready. The taker owes a `done`. */
  take(): string | undefined;
  done(key: string): void;
  /** Adds the key after its failures' wait. Returns that wait. */
  addRateLimited(key: string): number;
  /** Failures of the key no longer count. */
  forget(key: string): void;
  failures(key: string): number;
  /** Since when each key that is worked on is; only with a `watch`. */
  workingSinceMs(): Iterable<number>;
  /** Drops everything; later adds do nothing. */
  shutDown(): void;
}

interface Delayed {
  key: string;
  atMs: number;
  sequence: number;
}

class KeyQueue implements WorkerQueue {
  readonly #clock: Clock;
  readonly #options: WorkQueueOptions;
  #ready: string[] = [];
  #head = 0;
  /** In `#ready`, or to be put there when the work on it ends. */
  readonly #dirty = new Set<string>();
  readonly #processing = new Set<string>();
  /** Only for the watch: since when keys wait, and are worked on. */
  readonly #waitingSince = new Map<string, number>();
  readonly #workingSince = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new PriorityQueue<Delayed>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence));
  /** When a key's earliest wait ends; entries of the heap that say otherwise are stale. */
  readonly #dueAt = new Map<string, number>();
  #timer: Timer | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #sequence = 0;
  #closed = false;

  constructor(clock: Clock, options: WorkQueueOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get length(): number {
    return this.#ready.length - this.#head;
  }

  add(key: string): void {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    if (this.#options.watch) {
      this.#options.watch.added();
      this.#waitingSince.set(key, this.#clock.monotonic());
    }
    if (this.#processing.has(key)) return;
    this.#push(key);
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) return this.add(key);
    const atMs = this.#clock.monotonic() + delayMs;
    const due = this.#dueAt.get(key);
    if (due !== undefined && due <= atMs) return;
    this.#dueAt.set(key, atMs);
    this.#delayed.push({ key, atMs, sequence: this.#sequence++ });
    this.#arm();
  }

  addRateLimited(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#options.watch?.retried();
    const waitMs = Math.min((this.#options.baseRetryMs ?? baseRetryMs) * 2 ** failures, this.#options.maxRetryMs ?? maxRetryMs);
    this.addAfter(key, waitMs);
    return waitMs;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  take(): string | undefined {
    if (this.#head === this.#ready.length) return undefined;
    const key = this.#ready[this.#head++]!;
    if (this.#head > 1024 && this.#head * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
    this.#dirty.delete(key);
    this.#processing.add(key);
    if (this.#options.watch) this.#noteTaken(key, this.#options.watch);
    return key;
  }

  done(key: string): void {
    this.#processing.delete(key);
    if (this.#options.watch) {
      this.#options.watch.worked((this.#clock.monotonic() - (this.#workingSince.get(key) ?? 0)) / 1000);
      this.#workingSince.delete(key);
    }
    if (this.#dirty.has(key) && !this.#closed) this.#push(key);
  }

  shutDown(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#ready = [];
    this.#head = 0;
    this.#dirty.clear();
    this.#dueAt.clear();
    this.#waitingSince.clear();
  }

  workingSinceMs(): Iterable<number> {
    return this.#workingSince.values();
  }

  #noteTaken(key: string, watch: QueueWatch): void {
    const now = this.#clock.monotonic();
    watch.taken((now - (this.#waitingSince.get(key) ?? now)) / 1000);
    this.#waitingSince.delete(key);
    this.#workingSince.set(key, now);
  }

  #push(key: string): void {
    this.#ready.push(key);
    this.#options.onReady?.();
  }

  /** One timer, for the earliest wait. */
  #arm(): void {
    const next = this.#delayed.peek();
    if (!next || next.atMs >= this.#timerAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = next.atMs;
    this.#timer = this.#clock.setTimer(() => this.#ring(), next.atMs - this.#clock.monotonic());
  }

  #ring(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.#timer = undefined;
    if (this.#closed) return;
    const now = this.#clock.monotonic();
    for (let next = this.#delayed.peek(); next && next.atMs <= now; next = this.#delayed.peek()) {
      this.#delayed.pop();
      if (this.#dueAt.get(next.key) !== next.atMs) continue;
      this.#dueAt.delete(next.key);
      this.add(next.key);
    }
    this.#arm();
  }
}

/** A queue for a worker to take from; `startController` is the usual one. */
export function createWorkQueue(host: { clock: Clock }, options: WorkQueueOptions = {}): WorkerQueue {
  return new KeyQueue(host.clock, options);
}
