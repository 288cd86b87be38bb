/** A set of strings in byte (UTF-8) order, for prefix scans over tens of thousands of keys. */

const SURROGATE = /[\ud800-\udfff]/;

/** Compares as the strings' UTF-8 bytes compare. JavaScript's own order differs only where surrogate pairs are involved. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/** Sorts keys in place, in the order of their bytes. Where that is JavaScript's own order, the engine's sort is several times as fast. */
export function sortKeys(keys: string[]): string[] {
  return keys.some((key) => SURROGATE.test(key)) ? keys.sort(compareKeys) : keys.sort();
}

type Compare = (a: string, b: string) => number;

/** The same for strings that are known to have no surrogates, which keys hardly ever have. */
const comparePlain: Compare = (a, b) => (a === b ? 0 : a < b ? -1 : 1);

/** A chunk is split when it grows past this; small enough to move cheaply, large enough that there are few. */
const CHUNK_LIMIT = 512;

/** Sorted chunks of sorted keys. Adding and removing cost a binary search and a move inside one chunk. */
export class SortedKeys {
  #chunks: string[][] = [];
  #size = 0;
  /** Until a key with surrogates comes: then all are compared with care. */
  #compare: Compare = comparePlain;

  get size(): number {
    return this.#size;
  }

  /** Adds a key; nothing happens when it is there. */
  add(key: string): void {
    // Both orders agree on the keys so far.
    if (this.#compare === comparePlain && SURROGATE.test(key)) this.#compare = compareKeys;
    if (this.#chunks.length === 0) {
      this.#chunks.push([key]);
      this.#size = 1;
      return;
    }
    let at = this.#chunkFor(key);
    if (at === this.#chunks.length) at -= 1;
    const chunk = this.#chunks[at]!;
    const place = lowerBound(chunk, key, this.#compare);
    if (chunk[place] === key) return;
    chunk.splice(place, 0, key);
    this.#size += 1;
    if (chunk.length > CHUNK_LIMIT) this.#chunks.splice(at, 1, chunk.slice(0, chunk.length >> 1), chunk.slice(chunk.length >> 1));
  }

  remove(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const place = lowerBound(chunk, key, this.#compare);
    if (chunk[place] !== key) return;
    chunk.splice(place, 1);
    this.#size -= 1;
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** Keys that start with `prefix` and sort after `after` (all of them when it is absent), in order. */
  *range(prefix: string, after?: string): Generator<string, void, undefined> {
    const from = after === undefined || compareKeys(after, prefix) < 0 ? prefix : after;
    let at = this.#chunkFor(from);
    let place = at < this.#chunks.length ? lowerBound(this.#chunks[at]!, from, this.#compareWith(from)) : 0;
    for (; at < this.#chunks.length; at++, place = 0) {
      const chunk = this.#chunks[at]!;
      for (; place < chunk.length; place++) {
        const key = chunk[place]!;
        if (!key.startsWith(prefix)) return;
        if (key !== after) yield key;
      }
    }
  }

  /** How many keys `range` would give; chunks that lie wholly inside are not walked. */
  count(prefix: string, after?: string): number {
    const from = after === undefined || compareKeys(after, prefix) < 0 ? prefix : after;
    let at = this.#chunkFor(from);
    if (at === this.#chunks.length) return 0;
    let place = lowerBound(this.#chunks[at]!, from, this.#compareWith(from));
    if (this.#chunks[at]![place] === after && after !== undefined) place += 1;
    let total = 0;
    for (; at < this.#chunks.length; at++, place = 0) {
      const chunk = this.#chunks[at]!;
      if (place >= chunk.length) continue;
      if (!chunk[place]!.startsWith(prefix)) return total;
      if (chunk.at(-1)!.startsWith(prefix)) {
        total += chunk.length - place;
        continue;
      }
      while (chunk[place]!.startsWith(prefix)) {
        total += 1;
        place += 1;
      }
      return total;
    }
    return total;
  }

  /** A prefix, or a key that is asked for, may have surrogates where no key has. */
  #compareWith(key: string): Compare {
    return this.#compare === comparePlain && SURROGATE.test(key) ? compareKeys : this.#compare;
  }

  /** Index of the first chunk whose last key is not below `key`. */
  #chunkFor(key: string): number {
    const compare = this.#compareWith(key);
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#chunks[middle]!.at(-1)!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function lowerBound(chunk: readonly string[], key: string, compare: Compare): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(chunk[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
