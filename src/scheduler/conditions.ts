/** Waiting for something that the informers will show. */
import type { Clock } from '../host/types.ts';

export class Conditions {
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #looks = new Set<() => void>();

  constructor(clock: Clock, stop: AbortSignal) {
    this.#clock = clock;
    this.#stop = stop;
  }

  /** Something happened: conditions are looked at again. */
  look(): void {
    for (const look of this.#looks) look();
  }

  /** Resolves when the condition holds, or false when the time is over or the scheduler ends; rejects with what the condition throws. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return true;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    // What the condition throws is the waiter's: whoever brought the event must not hear of it.
    const look = (): void => {
      try {
        if (condition()) resolve(true);
        else if (this.#stop.aborted) resolve(false);
      } catch (error) {
        reject(error as Error);
      }
    };
    const timer = this.#clock.setTimer(() => {
      look();
      resolve(false);
    }, timeoutMs);
    this.#looks.add(look);
    try {
      return await promise;
    } finally {
      timer.cancel();
      this.#looks.delete(look);
    }
  }
}
