/** Waits that double with each failure in a row, by key, and start anew after a long calm. Holds values only: the clock's reading is given. */

interface Entry {
  delayMs: number;
  /** When it was last raised. */
  atMs: number;
}

export class BackoffTable {
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(baseMs: number, maxMs: number) {
    this.#baseMs = baseMs;
    this.#maxMs = maxMs;
  }

  #entry(key: string, nowMs: number): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (nowMs - entry.atMs <= 2 * this.#maxMs) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  /** The wait counted from `sinceMs`: its length and its end, or undefined when it is over (or there was none). */
  waiting(key: string, sinceMs: number, nowMs: number): { delayMs: number; untilMs: number } | undefined {
    const entry = this.#entry(key, nowMs);
    if (!entry) return undefined;
    const untilMs = sinceMs + entry.delayMs;
    return nowMs < untilMs ? { delayMs: entry.delayMs, untilMs } : undefined;
  }

  /** Another try begins: the next wait is longer. Returns it. */
  raise(key: string, nowMs: number): number {
    const entry = this.#entry(key, nowMs);
    const delayMs = entry ? Math.min(entry.delayMs * 2, this.#maxMs) : this.#baseMs;
    this.#entries.set(key, { delayMs, atMs: nowMs });
    return delayMs;
  }

  clear(key: string): void {
    this.#entries.delete(key);
  }

  clearAll(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }
}
