/** The loop that every controller runs: keys in, one reconcile at a time for each key, four ways to end. */
import { isConflict } from '../api/meta/status.ts';
import type { Host } from '../host/types.ts';
import type { InformerFactory, Outcome, Running, WorkQueue } from './types.ts';
import { createWorkQueue, type QueueWatch, type WorkerQueue } from './work-queue.ts';

/** Reconciles that may start in one go before timers and sockets get their turn. */
export const reconcilesPerTurn = 32;

/** Watches queues as they are made, by the names of their controllers. */
export interface QueueObserver {
  observe(name: string, state: { length(): number; workingSinceMs(): Iterable<number> }): QueueWatch;
}

/** A host, and who is told of the queues that are made on it. */
export type ObservedHost = Host & { readonly queues?: QueueObserver };

export interface ControllerOptions {
  /** As logs show it: `replicaset-controller`. */
  name: string;
  /** Reconciles at the same time (of different keys). Default 1. */
  workers?: number;
  /**
   * Makes the world as the key's object wants it. Level-based: it may run twice, late, or after a restart. What it throws counts as `retry`.
   * The signal aborts when the controller stops.
   */
  reconcile(key: string, signal: AbortSignal): Promise<Outcome>;
  /** Work begins when all of this factory's informers (asked for so far) hold a complete list. */
  informers?: InformerFactory;
  /** Work begins when this resolves, too. */
  ready?: Promise<void>;
  baseRetryMs?: number;
  maxRetryMs?: number;
}

/** Reconciles that take less than this are not worth gathering. */
const restFromMs = 3;
/** Keys whose rest is remembered before those that are over are swept out. */
const restingKeysLimit = 1_000;
/** A key rests for so many times as long as its reconcile took. */
const restFactor = 4;
/** What looking at one object counts for, in milliseconds of rest: a virtual clock does not see how long a look takes. */
const restPerObjectMs = 0.05;
/** The longest that a key rests. */
const longestRestMs = 250;

class Controller implements WorkQueue, Running {
  readonly #host: Host;
  readonly #options: ControllerOptions;
  readonly #queue: WorkerQueue;
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #open = false;
  #pumping = false;
  #startedInTurn = 0;

  constructor(host: ObservedHost, options: ControllerOptions) {
    this.#host = host;
    this.#options = options;
    const watch = host.queues?.observe(options.name, { length: () => this.#queue.length, workingSinceMs: () => this.#queue.workingSinceMs() });
    this.#queue = createWorkQueue(host, { baseRetryMs: options.baseRetryMs, maxRetryMs: options.maxRetryMs, onReady: () => this.#schedulePump(), ...(watch ? { watch } : {}) });
    void this.#begin();
  }

  readonly #active = new Set<string>();
  /** Keys that were added while they were being worked on. */
  readonly #again = new Set<string>();
  readonly #restUntil = new Map<string, number>();

  get length(): number {
    return this.#queue.length;
  }

  add(key: string): void {
    if (this.#active.has(key)) {
      this.#again.add(key);
      return;
    }
    const restMs = (this.#restUntil.get(key) ?? 0) - this.#host.clock.monotonic();
    if (restMs > 0) this.#queue.addAfter(key, restMs);
    else {
      this.#restUntil.delete(key);
      this.#queue.add(key);
    }
  }

  addAfter(key: string, delayMs: number): void {
    this.#queue.addAfter(key, delayMs);
  }

  /** Takes up no further key, waits for the reconciles that run. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#queue.shutDown();
    await Promise.all(this.#running);
  }

  async #begin(): Promise<void> {
    try {
      await Promise.all([this.#options.informers?.synced(), this.#options.ready]);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#host.log.error('controller cannot begin', { controller: this.#options.name, error: String((error as Error)?.message ?? error) });
      return;
    }
    this.#open = true;
    this.#pump();
  }

  #schedulePump(): void {
    if (this.#pumping || !this.#open) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    const workers = this.#options.workers ?? 1;
    while (this.#open && !this.#abort.signal.aborted && this.#running.size < workers && this.#queue.length > 0) {
      if (this.#startedInTurn >= reconcilesPerTurn) {
        this.#breathe();
        return;
      }
      this.#startedInTurn++;
      const key = this.#queue.take()!;
      const work: Promise<void> = this.#work(key).finally(() => {
        this.#running.delete(work);
        this.#queue.done(key);
        this.#schedulePump();
      });
      this.#running.add(work);
    }
    if (this.#queue.length === 0 && this.#running.size === 0) this.#startedInTurn = 0;
  }

  /** Answers that come as microtasks alone would let nothing else in for as long as keys wait. */
  #breathe(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#host.clock.setTimer(() => {
      this.#pumping = false;
      this.#startedInTurn = 0;
      this.#pump();
    }, 0);
  }

  /**
   * A key rests after a reconcile for four times as long as that took: what changes meanwhile is seen to in one go. So an object with a thousand
   * pods is not reconciled anew for each of them, and one with three is not held up.
   */
  #rest(key: string, spentMs: number, lookedAt: number): void {
    const nowMs = this.#host.clock.monotonic();
    const restMs = Math.max(spentMs >= restFromMs ? spentMs * restFactor : 0, lookedAt * restPerObjectMs);
    if (restMs >= restFromMs) this.#restUntil.set(key, nowMs + Math.min(restMs, longestRestMs));
    if (this.#restUntil.size > restingKeysLimit) for (const [other, untilMs] of this.#restUntil) if (untilMs <= nowMs) this.#restUntil.delete(other);
    if (this.#again.delete(key)) this.add(key);
  }

  async #work(key: string): Promise<void> {
    this.#active.add(key);
    const startedMs = this.#host.clock.monotonic();
    const lookedAt = await this.#reconcileOnce(key);
    this.#active.delete(key);
    this.#rest(key, this.#host.clock.monotonic() - startedMs, lookedAt);
  }

  /** Returns how many objects it has looked at, as far as it says. */
  async #reconcileOnce(key: string): Promise<number> {
    let outcome: Outcome;
    try {
      outcome = await this.#options.reconcile(key, this.#abort.signal);
    } catch (error) {
      outcome = { retry: error instanceof Error ? error : new Error(String(error)) };
    }
    if (this.#abort.signal.aborted) return 0;
    if ('retry' in outcome) this.#retry(key, outcome.retry);
    else {
      this.#queue.forget(key);
      if ('afterMs' in outcome) this.#queue.addAfter(key, outcome.afterMs);
      else if ('terminal' in outcome) this.#host.log.error('reconcile failed for good', { controller: this.#options.name, key, error: outcome.terminal.message });
    }
    return 'lookedAt' in outcome ? (outcome.lookedAt ?? 0) : 0;
  }

  #retry(key: string, error: Error): void {
    const delayMs = this.#queue.addRateLimited(key);
    // A conflict means that the local copy is behind: common, harmless, and gone with the next event.
    const level = isConflict(error) ? 'debug' : 'warn';
    this.#host.log[level]('reconcile failed, trying again', { controller: this.#options.name, key, error: error.message, delayMs });
  }
}

/** Starts workers over a fresh queue. Add keys from informer handlers: they wait until the informers are complete. */
export function startController(host: ObservedHost, options: ControllerOptions): WorkQueue & Running {
  return new Controller(host, options);
}

/** Several parts that stop together, the last first. */
export function runningAll(parts: readonly Running[]): Running {
  return {
    async stop() {
      for (const part of parts.toReversed()) await part.stop();
    },
  };
}
