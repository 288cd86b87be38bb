/**
 * What a controller has asked for and its informer has not shown yet. Until everything expected has been seen (or five minutes are over)
 * the local copy is known to be behind, and deciding on it would create or delete twice.
 */
import type { Clock } from '../../host/types.ts';

export const EXPECTATION_TIMEOUT_MS = 5 * 60_000;

interface Expected {
  creations: number;
  /** Uids of objects that were asked to go. */
  deletions: Set<string>;
  atMs: number;
}

export class Expectations {
  readonly #clock: Clock;
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call before asking, since the informer may show the result before the answer arrives. */
  expect(key: string, creations: number, deletions: Iterable<string> = []): void {
    this.#expected.set(key, { creations, deletions: new Set(deletions), atMs: this.#clock.monotonic() });
  }

  /** A creation was seen, or will never come because asking failed. */
  creationObserved(key: string, count = 1): void {
    const expected = this.#expected.get(key);
    if (expected) expected.creations -= count;
  }

  /** A deletion was seen (or at least its beginning), or will never come. */
  deletionObserved(key: string, uid: string): void {
    this.#expected.get(key)?.deletions.delete(uid);
  }

  satisfied(key: string): boolean {
    return this.remainingMs(key) === 0;
  }

  /** How long the key's expectations hold at most; 0 when there is nothing to wait for. */
  remainingMs(key: string): number {
    const expected = this.#expected.get(key);
    if (!expected || (expected.creations <= 0 && expected.deletions.size === 0)) return 0;
    return Math.max(0, expected.atMs + EXPECTATION_TIMEOUT_MS - this.#clock.monotonic());
  }

  forget(key: string): void {
    this.#expected.delete(key);
  }
}
