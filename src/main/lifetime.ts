/** What a process has started so far: a signal may come at any moment of its start, and all that runs by then is stopped in good order. */
import type { Running } from '../client/types.ts';

/** How long the step of a start that is under way when the end is asked for is waited for; a store that nobody answers for takes forever. */
const stepMs = 3_000;

/** Why a start goes no further. */
export const ending = new Error('the process is ending');

export class Lifetime {
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #parts: Running[] = [];
  readonly #ending = new AbortController();
  #unwound = false;

  /** `sleep` waits in real time. */
  constructor(sleep: (ms: number) => Promise<void>) {
    this.#sleep = sleep;
  }

  /** Takes charge of a part that runs. Throws where the end has been asked for: the start goes no further, and the part is stopped with the others. */
  async add<Part extends Running>(part: Part): Promise<Part> {
    if (this.#unwound) await part.stop();
    else this.#parts.push(part);
    if (this.#ending.signal.aborted) throw ending;
    return part;
  }

  /** Waits for a step of the start that a part which is in charge already can be stopped in the midst of; no longer than until the end is asked for. */
  async during<Value>(step: Promise<Value>): Promise<Value> {
    const { signal } = this.#ending;
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(ending);
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([step, left]);
    } finally {
      if (leave) signal.removeEventListener('abort', leave);
    }
  }

  /** Stops what has been started, the last first. `starting`: the start, which may still be under way. */
  async end(starting: Promise<unknown>): Promise<void> {
    this.#ending.abort(ending);
    await Promise.race([starting.then(() => undefined, () => undefined), this.#sleep(stepMs)]);
    this.#unwound = true;
    for (const part of this.#parts.toReversed()) await part.stop();
  }
}
