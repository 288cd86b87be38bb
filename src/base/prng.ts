/** Seeded pseudo-random numbers: xoshiro128** (Blackman and Vigna), seeded through an FNV-1a hash of the seed's text. Not for secrets. */

/** Four 32-bit words of state that are never all zero. */
function seedState(seed: string): Uint32Array {
  const state = new Uint32Array(4);
  for (let word = 0; word < 4; word++) {
    let hash = 0x811c9dc5 ^ word;
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
    // A final mix (murmur3) spreads short seeds over all bits.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    state[word] = (hash ^ (hash >>> 16)) >>> 0;
  }
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}

const rotateLeft = (value: number, by: number): number => ((value << by) | (value >>> (32 - by))) >>> 0;

/** A stream of 32-bit numbers that the seed alone decides. */
export class Prng {
  readonly seed: string;
  #state: Uint32Array;

  constructor(seed: string) {
    this.seed = seed;
    this.#state = seedState(seed);
  }

  /** A whole number in [0, 2^32). */
  uint32(): number {
    const s = this.#state as unknown as [number, number, number, number];
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5) >>> 0, 7), 9) >>> 0;
    const t = (s[1] << 9) >>> 0;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** A float in [0, 1) with 32 bits of chance. */
  next(): number {
    return this.uint32() / 2 ** 32;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) out[i] = this.uint32() & 0xff;
    return out;
  }
}
