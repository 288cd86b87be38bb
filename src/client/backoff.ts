/** Growing waits between attempts. */
import type { Clock, Random } from '../host/types.ts';

export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** What each wait is multiplied by. Default 2. */
  factor?: number;
  /** A wait of d becomes d to d × (1 + jitter). Default 0. */
  jitter?: number;
  /** After this long without a failure the next wait is the base again. Default: never. */
  resetAfterMs?: number;
}

export class Backoff {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #options: BackoffOptions;
  #failures = 0;
  #lastAtMs = 0;

  constructor(clock: Clock, random: Random, options: BackoffOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#options = options;
  }

  /** How long to wait after one more failure. */
  nextMs(): number {
    const { baseMs, maxMs, factor = 2, jitter = 0, resetAfterMs } = this.#options;
    const now = this.#clock.monotonic();
    if (resetAfterMs !== undefined && now - this.#lastAtMs > resetAfterMs) this.#failures = 0;
    this.#lastAtMs = now;
    const plain = Math.min(baseMs * factor ** this.#failures, maxMs);
    this.#failures++;
    return plain + this.#random.next() * plain * jitter;
  }

  reset(): void {
    this.#failures = 0;
  }
}
