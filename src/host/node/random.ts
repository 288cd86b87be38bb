import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Random } from '../types.ts';

/** Chance from the operating system, fit for keys and tokens. Forks are the same source: there is nothing to replay. */
export function nodeRandom(): Random {
  const random: Random = {
    next: () => randomBytes(4).readUInt32LE() / 2 ** 32,
    int: (bound) => (bound <= 1 ? 0 : randomInt(bound)),
    bytes: (length) => randomBytes(length),
    uuid: () => randomUUID(),
    fork: () => random,
  };
  return random;
}
