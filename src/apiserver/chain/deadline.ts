/** Ends requests that take too long. Watches and streams have no deadline here. */
import { badRequest, failure, type StatusError } from '../../api/meta/status.ts';
import { parseDuration } from '../../api/meta/time.ts';
import type { Clock, Timer } from '../../host/types.ts';
import type { ServerResponse, Stage } from '../types.ts';
import { infoOf, isLongRunning } from './request-info.ts';

export const requestTimeoutMs = 60_000;

function timedOut(): StatusError {
  return failure(504, 'Timeout', 'Timeout: request did not complete within requested timeout - context deadline exceeded', {});
}

/** A request that may not take longer, in the order in which they came. */
interface Waiting {
  atMs: number;
  late: () => void;
  before: Waiting | undefined;
  after: Waiting | undefined;
}

/** Deadlines that all lie equally far ahead. One timer serves all that are under way, since hardly any is ever reached. */
class Deadlines {
  readonly #clock: Clock;
  readonly #afterMs: number;
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  /** There while somebody waits, and longer where it does not keep a process from its end. */
  #timer: Timer | undefined;

  constructor(clock: Clock, afterMs: number) {
    this.#clock = clock;
    this.#afterMs = afterMs;
  }

  /** Calls back when the time has passed, unless the deadline is removed before. */
  add(late: () => void): Waiting {
    const waiting: Waiting = { atMs: this.#clock.monotonic() + this.#afterMs, late, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = waiting;
    else this.#last.after = waiting;
    this.#last = waiting;
    if (this.#timer === undefined) this.#arm(this.#afterMs);
    return waiting;
  }

  remove(waiting: Waiting): void {
    const { before, after } = waiting;
    if (before === undefined && this.#first !== waiting) return;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    waiting.before = waiting.after = undefined;
    // A timer that holds nobody up may as well go on: setting one for each request costs more than finding nobody late.
    if (this.#first !== undefined || this.#timer?.yield !== undefined) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      const nowMs = this.#clock.monotonic();
      for (let first = this.#first; first !== undefined && first.atMs <= nowMs; first = this.#first) {
        this.remove(first);
        first.late();
      }
      if (this.#first !== undefined && this.#timer === undefined) this.#arm(this.#first.atMs - nowMs);
    }, delayMs);
    this.#timer.yield?.();
  }
}

/** How long a request may take by its own wish; undefined without one. Throws StatusError 400. */
function askedTimeoutMs(asked: string | null): number | undefined {
  if (asked === null || asked === '') return undefined;
  let parsedMs: number;
  try {
    parsedMs = Number(parseDuration(asked)) / 1e6;
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${(error as Error).message}`);
  }
  // Less than nothing is nothing asked for.
  return parsedMs > 0 && parsedMs < requestTimeoutMs ? parsedMs : undefined;
}

export function deadline(clock: Clock): Stage {
  const common = new Deadlines(clock, requestTimeoutMs);
  return {
    name: 'deadline',
    handle(request, next) {
      if (isLongRunning(infoOf(request))) return next(request);
      const timeoutMs = askedTimeoutMs(request.query.get('timeout'));
      return new Promise<ServerResponse>((resolve, reject) => {
        const late = (): void => {
          const error = timedOut();
          reject(error);
          request.cancel?.(error);
        };
        const timer = timeoutMs === undefined ? undefined : clock.setTimer(late, timeoutMs);
        const waiting = timer === undefined ? common.add(late) : undefined;
        const over = (): void => (waiting === undefined ? timer!.cancel() : common.remove(waiting));
        const failed = (error: unknown): void => {
          over();
          reject(error);
        };
        try {
          next(request).then((response) => {
            over();
            resolve(response);
          }, failed);
        } catch (error) {
          failed(error);
        }
      });
    },
  };
}
