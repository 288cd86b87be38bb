import { randomBytes, randomFillSync, randomInt, randomUUID } from 'node:crypto';
import type { Random } from '../types.ts';

/** Bytes fetched from the system at once: asking costs more than they do. */
const poolBytes = 4_096;
/** Longer ones (keys) are asked for themselves. */
const pooledLengthLimit = 64;

/** Chance from the operating system, fit for keys and tokens. Forks are the same source: there is nothing to replay. */
export function nodeRandom(): Random {
  let pool: Buffer | undefined;
  let used = poolBytes;
  /** What is given out is wiped from the pool: nobody finds it there later. */
  const bytes = (length: number): Uint8Array => {
    if (length > pooledLengthLimit) return randomBytes(length);
    if (used + length > poolBytes) {
      pool = randomFillSync((pool ??= Buffer.alloc(poolBytes)));
      used = 0;
    }
    const given = new Uint8Array(pool!.subarray(used, used + length));
    pool!.fill(0, used, used + length);
    used += length;
    return given;
  };
  const word = (): number => {
    const [a, b, c, d] = bytes(4) as unknown as [number, number, number, number];
    return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
  };
  const random: Random = {
    next: () => word() / 2 ** 32,
    int: (bound) => (bound <= 1 ? 0 : randomInt(bound)),
    bytes,
    uuid: () => randomUUID(),
    fork: () => random,
  };
  return random;
}
