import { describe, expect, test } from 'vitest';
import { nodeRandom } from './random.ts';

describe('whole numbers by chance', () => {
  const random = nodeRandom();
  test.each([0, 1])('below %i there is only 0', (bound) => expect(random.int(bound)).toBe(0));

  test.each([2, 27, 1_000, 2 ** 32, 2 ** 40])('lie below %i', (bound) => {
    for (let i = 0; i < 2_000; i++) {
      const value = random.int(bound);
      expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
    }
  });

  test('all of a few come', () => {
    const seen = new Set<number>();
    // That one of 27 stays away 3,000 times happens once in 10^49 runs.
    for (let i = 0; i < 3_000; i++) seen.add(random.int(27));
    expect(seen.size).toBe(27);
  });

  test('a bound that is no whole number is refused', () => expect(() => random.int(Number.NaN)).toThrow());
});
