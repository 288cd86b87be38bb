/** A machine's own idea of the wall clock: as far off the common time as the simulation says. Monotonic time and timers stay true. */
import type { Clock, Timer } from '../host/types.ts';

export class SkewedClock implements Clock {
  readonly #base: Clock;
  /** Milliseconds that this machine's wall clock is ahead; negative: behind. */
  skewMs = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.skewMs;
  }

  monotonic(): number {
    return this.#base.monotonic();
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    return this.#base.setTimer(callback, delayMs);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#base.sleep(delayMs, signal);
  }
}
