/** A clock for tests that have no simulated world around them. */
import type { Clock, Timer } from '../host/types.ts';

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  setTimer(callback: () => void, delayMs: number): Timer {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }
  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.setTimer(resolve, delayMs);
      signal?.addEventListener('abort', () => {
        timer.cancel();
        resolve();
      });
    });
  }
  /** Moves on, firing what falls due in order. */
  advance(byMs: number): void {
    const end = this.#now + byMs;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }
}
