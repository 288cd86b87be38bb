/** Misses in a row after which nothing seems to come again. */
const DOUBT_AFTER = 64;
/** From then on one in so many is remembered, in case that changes. */
const DOUBTED_ONE_IN = 16;

/** The things that were of use last, few enough to ask each of them. What has not been of use for longest goes first. */
export class Recent<T> {
  readonly #limit: number;
  readonly #kept: T[] = [];
  #missesInRow = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#kept.length;
  }

  /** The first that is wanted, the last used first; undefined: a miss. */
  find(isWanted: (kept: T) => boolean): T | undefined {
    const kept = this.#kept;
    for (let i = 0; i < kept.length; i++) {
      const one = kept[i]!;
      if (!isWanted(one)) continue;
      this.#missesInRow = 0;
      for (let at = i; at > 0; at--) kept[at] = kept[at - 1]!;
      kept[0] = one;
      return one;
    }
    this.#missesInRow++;
    return undefined;
  }

  /** Remembers what `make` makes, after a miss. Where nothing has come again for long, most are let go by, and `make` is not called. */
  add(make: () => T): void {
    if (this.#missesInRow > DOUBT_AFTER && this.#missesInRow % DOUBTED_ONE_IN !== 0) return;
    if (this.#kept.length >= this.#limit) this.#kept.pop();
    this.#kept.unshift(make());
  }
}
