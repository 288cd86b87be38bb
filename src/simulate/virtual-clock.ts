/** Time that passes only when it is told to: the clock of the simulator. */
import type { Clock, Random, Timer } from '../host/types.ts';
import { PriorityQueue } from '../base/priority-queue.ts';

interface Alarm {
  atMs: number;
  /** Decides between alarms of one instant: drawn from the seed, so that every seed tries another order. */
  tie: number;
  sequence: number;
  callback: () => void;
  cancelled: boolean;
}

const sooner = (a: Alarm, b: Alarm): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && (a.tie < b.tie || (a.tie === b.tie && a.sequence < b.sequence)));

export interface VirtualClockOptions {
  /** Wall-clock time at the start, in milliseconds since 1970. */
  startMs: number;
  random: Random;
  /** Resolves when all work that is ready now has run (promises, microtasks). */
  settle: () => Promise<void>;
}

/** One alarm at a time; between two alarms everything that can run has run. */
export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  readonly #alarms = new PriorityQueue<Alarm>(sooner);
  readonly #random: Random;
  readonly #settle: () => Promise<void>;
  #sequence = 0;

  constructor(options: VirtualClockOptions) {
    this.#nowMs = options.startMs;
    this.#startMs = options.startMs;
    this.#random = options.random;
    this.#settle = options.settle;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    // Fractions of a millisecond would make the order of alarms depend on floating-point sums.
    const atMs = this.#nowMs + Math.max(0, Math.ceil(delayMs));
    const alarm: Alarm = { atMs, tie: this.#random.next(), sequence: this.#sequence++, callback, cancelled: false };
    this.#alarms.push(alarm);
    return {
      cancel() {
        alarm.cancelled = true;
      },
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.setTimer(done, delayMs);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  /** Runs alarms until none is due within `durationMs`, then stands exactly that much later. */
  async advance(durationMs: number): Promise<void> {
    await this.runUntil(() => false, durationMs);
  }

  /**
   * Runs alarms until `condition` holds (looked at after every alarm), or `limitMs` of virtual time are over.
   * Returns whether the condition held.
   */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.#nowMs + limitMs;
    for (;;) {
      await this.#settle();
      if (condition()) return true;
      const next = this.#nextAlarm();
      if (!next || next.atMs > endMs) {
        this.#nowMs = endMs;
        return condition();
      }
      this.#alarms.pop();
      this.#nowMs = next.atMs;
      next.callback();
    }
  }

  #nextAlarm(): Alarm | undefined {
    for (let next = this.#alarms.peek(); next; next = this.#alarms.peek()) {
      if (!next.cancelled) return next;
      this.#alarms.pop();
    }
    return undefined;
  }
}
