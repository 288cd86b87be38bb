import { randomBytes, randomFillSync, randomInt, randomUUID } from 'node:crypto';
import type { Random } from '../types.ts';

/** Bytes fetched from the system at once: asking costs more than they do. */
const poolBytes = 4_096;
/** Longer ones (keys) are asked for themselves. */
const pooledLengthLimit = 64;
const words = 2 ** 32;

/** Chance from the operating system, fit for keys and tokens. Forks are the same source: there is nothing to replay. */
export function nodeRandom(): Random {
  let pool: Buffer | undefined;
  let used = poolBytes;
  const take = (length: number): number => {
    if (pool === undefined || used + length > poolBytes) {
      pool = randomFillSync(pool ?? Buffer.alloc(poolBytes));
      used = 0;
    }
    used += length;
    return used - length;
  };
  /** What is given out is wiped from the pool: nobody finds it there later. */
  const bytes = (length: number): Uint8Array => {
    if (length > pooledLengthLimit) return randomBytes(length);
    const from = take(length);
    const given = new Uint8Array(pool!.subarray(from, from + length));
    pool!.fill(0, from, from + length);
    return given;
  };
  const word = (): number => {
    const from = take(4);
    const value = pool!.readUInt32LE(from);
    pool!.writeUInt32LE(0, from);
    return value;
  };
  /** The words above the last whole multiple of the bound are drawn again: they would favour small numbers. */
  const below = (bound: number): number => {
    const whole = words - (words % bound);
    let value = word();
    while (value >= whole) value = word();
    return value % bound;
  };
  const random: Random = {
    next: () => word() / words,
    int: (bound) => (bound <= 1 ? 0 : bound <= words ? below(bound) : randomInt(bound)),
    bytes,
    uuid: () => randomUUID(),
    fork: () => random,
  };
  return random;
}
