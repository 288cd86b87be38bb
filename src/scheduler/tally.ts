/**
 * Counts by the value of a topology label, read straight from the index (PodIndex keeps them up to date) with this cycle's own changes on top,
 * so that a cycle copies none of them.
 */

/** Beyond so many sources they are added up once, so that asking for a value stays one look-up. */
const SOURCES_LIMIT = 8;

interface Source {
  readonly counts: ReadonlyMap<string, number>;
  readonly weight: number;
}

export class Tally {
  readonly key: string;
  #sources: Source[] = [];
  #changes: Map<string, number> | undefined;

  constructor(key: string) {
    this.key = key;
  }

  /** Adds counts that others keep; they must not change while this tally is read. */
  include(counts: ReadonlyMap<string, number>, weight = 1): void {
    if (counts.size === 0 || weight === 0) return;
    this.#sources.push({ counts, weight });
    if (this.#sources.length <= SOURCES_LIMIT) return;
    const sum = new Map<string, number>();
    for (const source of this.#sources) for (const [value, count] of source.counts) sum.set(value, (sum.get(value) ?? 0) + count * source.weight);
    this.#sources = [{ counts: sum, weight: 1 }];
  }

  /** Counts more or fewer at a value, in this tally only. */
  change(value: string, by: number): void {
    this.#changes ??= new Map();
    this.#changes.set(value, (this.#changes.get(value) ?? 0) + by);
  }

  at(value: string): number {
    let sum = this.#changes?.get(value) ?? 0;
    for (const source of this.#sources) sum += (source.counts.get(value) ?? 0) * source.weight;
    return sum;
  }

  /** Whether nothing is counted anywhere. */
  get isEmpty(): boolean {
    if (!this.#changes) return this.#sources.length === 0;
    for (const value of this.#changes.keys()) if (this.at(value) !== 0) return false;
    return this.#sources.every(({ counts }) => counts.keys().every((value) => this.at(value) === 0));
  }

  /** The lowest count over these values. */
  min(values: Iterable<string>): number {
    let min = Infinity;
    const only = this.#sources.length === 1 && !this.#changes ? this.#sources[0]! : undefined;
    for (const value of values) {
      const count = only ? (only.counts.get(value) ?? 0) * only.weight : this.at(value);
      if (count < min) min = count;
      // A count of things never falls below zero.
      if (min === 0) break;
    }
    return min === Infinity ? 0 : min;
  }

  copy(): Tally {
    const copy = new Tally(this.key);
    copy.#sources = this.#sources;
    if (this.#changes) copy.#changes = new Map(this.#changes);
    return copy;
  }
}
