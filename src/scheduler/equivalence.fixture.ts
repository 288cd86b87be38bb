/** For the equivalence tests only: dice that a seed decides, and a count of what the random clusters have shown. */
import { Prng } from '../base/prng.ts';

export class Dice {
  readonly #prng: Prng;
  constructor(seed: string) {
    this.#prng = new Prng(seed);
  }
  int = (bound: number): number => Math.floor(this.#prng.next() * bound);
  chance = (percent: number): boolean => this.int(100) < percent;
  one = <T>(of: readonly T[]): T => of[this.int(of.length)]!;
  some = <T>(of: readonly T[], max: number): T[] => Array.from({ length: this.int(max + 1) }, () => this.one(of));
  upTo = <T>(max: number, make: (i: number) => T): T[] => Array.from({ length: this.int(max + 1) }, (_, i) => make(i));
}

/** How often each thing came up: random clusters would show nothing of what they seldom hold. */
export class Hits {
  readonly #counts = new Map<string, number>();

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** Those of the names that came up less often than asked, with their counts: to be compared with nothing. */
  rare(wanted: Readonly<Record<string, number>>): Record<string, number> {
    return Object.fromEntries(Object.entries(wanted).filter(([name, least]) => (this.#counts.get(name) ?? 0) < least).map(([name]) => [name, this.#counts.get(name) ?? 0]));
  }

  names(): string[] {
    return [...this.#counts.keys()].toSorted();
  }
}
