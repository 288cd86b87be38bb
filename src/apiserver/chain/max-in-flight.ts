/**
 * Keeps the number of requests that run at once within bounds. What comes on top waits in line for a while; what does not fit the line,
 * or waits too long, gets 429 and is told when to come back. Watches, streams and `system:masters` do not count.
 */
import { tooManyRequests } from '../../api/meta/status.ts';
import type { Clock } from '../../host/types.ts';
import type { Stage } from '../types.ts';
import { userOf } from './authorization.ts';
import { infoOf, isLongRunning } from './request-info.ts';

export interface InFlightLimits {
  /** Reads that may run at once. */
  readOnly: number;
  /** Writes that may run at once. */
  mutating: number;
  /** How many may wait behind each. */
  queueLength: number;
  maxWaitMs: number;
}

export const defaultInFlightLimits: InFlightLimits = { readOnly: 400, mutating: 200, queueLength: 3200, maxWaitMs: 15_000 };
const retryAfterSeconds = 1;

const readVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options']);

/** Counts who is inside, and lets the next in, first come first served. */
export class Gate {
  readonly #limit: number;
  readonly #queueLength: number;
  readonly #maxWaitMs: number;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(clock: Clock, limit: number, queueLength: number, maxWaitMs: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#queueLength = queueLength;
    this.#maxWaitMs = maxWaitMs;
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place without waiting; false when none is free. */
  tryEnter(): boolean {
    if (this.#inside >= this.#limit) return false;
    this.#inside++;
    return true;
  }

  /** Waits for a place; false when the line is full, the wait too long, or the caller gone. */
  wait(signal: AbortSignal): Promise<boolean> {
    if (this.#waiting.size >= this.#queueLength || signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (entered: boolean): void => {
        this.#waiting.delete(enter);
        timer.cancel();
        signal.removeEventListener('abort', giveUp);
        resolve(entered);
      };
      const enter = (): void => settle(true);
      const giveUp = (): void => settle(false);
      const timer = this.#clock.setTimer(giveUp, this.#maxWaitMs);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(enter);
    });
  }

  leave(): void {
    const next = this.#waiting.values().next();
    // The place passes on to the first in line, so that nobody can overtake.
    if (next.done) this.#inside--;
    else next.value();
  }
}

export interface InFlight {
  stage: Stage;
  readOnly: Gate;
  mutating: Gate;
}

export function maxInFlight(clock: Clock, limits: InFlightLimits = defaultInFlightLimits): InFlight {
  const readOnly = new Gate(clock, limits.readOnly, limits.queueLength, limits.maxWaitMs);
  const mutating = new Gate(clock, limits.mutating, limits.queueLength, limits.maxWaitMs);
  const stage: Stage = {
    name: 'max-in-flight',
    async handle(request, next) {
      const info = infoOf(request);
      if (isLongRunning(info) || userOf(request).groups.includes('system:masters')) return next(request);
      const gate = readVerbs.has(info.verb) ? readOnly : mutating;
      if (!gate.tryEnter() && !(await gate.wait(request.signal))) throw tooManyRequests('Too many requests, please try again later.', retryAfterSeconds);
      try {
        return await next(request);
      } finally {
        gate.leave();
      }
    },
  };
  return { stage, readOnly, mutating };
}
