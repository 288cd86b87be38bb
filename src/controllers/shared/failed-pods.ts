/** Replacing pods that fail again and again must not keep the API server busy. */

const FIRST_DELAY_MS = 1000;

/** How long a failed pod waits for its successor: twice as long each time, forgotten after a calm while. Keys are the caller's. */
export class FailedPods {
  readonly #now: () => number;
  readonly #longestMs: number;
  readonly #byKey = new Map<string, { delayMs: number; atMs: number }>();

  constructor(now: () => number, longestMs: number) {
    this.#now = now;
    this.#longestMs = longestMs;
  }

  /** Milliseconds until the successor may come; 0 now. */
  waitMs(key: string): number {
    const last = this.#byKey.get(key);
    return last ? Math.max(0, last.atMs + last.delayMs - this.#now()) : 0;
  }

  failed(key: string): void {
    const last = this.#byKey.get(key);
    const now = this.#now();
    const calm = !last || now - last.atMs > 2 * this.#longestMs;
    this.#byKey.set(key, { delayMs: calm ? FIRST_DELAY_MS : Math.min(last.delayMs * 2, this.#longestMs), atMs: now });
  }

  forget(prefix: string): void {
    for (const key of this.#byKey.keys()) if (key.startsWith(prefix)) this.#byKey.delete(key);
  }
}
