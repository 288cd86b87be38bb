/**
 * Whole numbers of 64 bits. An int is a JavaScript number while that is exact and a bigint beyond; each value has one form only, so that `===`
 * compares. Most arithmetic thus costs what it costs in JavaScript.
 */
import { CelError } from './types.ts';

/** Canonical: a number when it is safe, else a bigint. */
export type Whole = number | bigint;

export const INT_MIN = -(2n ** 63n);
export const INT_MAX = 2n ** 63n - 1n;
export const UINT_MAX = 2n ** 64n - 1n;

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export const canonical = (value: bigint): Whole => (value <= SAFE && value >= -SAFE ? Number(value) : value);

/** Decimal or `0x` digits with a sign; undefined when out of range or no number. */
export function parseIntegerText(text: string, kind: 'int' | 'uint'): Whole | undefined {
  const found = /^([+-]?)(0x[0-9a-fA-F]+|[0-9]+)$/.exec(text);
  if (found === null || found[2]!.length > 40) return undefined;
  const size = BigInt(found[2]!);
  const value = found[1] === '-' ? -size : size;
  const fits = kind === 'int' ? value >= INT_MIN && value <= INT_MAX : value >= 0n && value <= UINT_MAX && found[1] === '';
  return fits ? canonical(value) : undefined;
}

function intOf(value: bigint): Whole {
  if (value > INT_MAX || value < INT_MIN) throw new CelError('integer overflow');
  return canonical(value);
}

function uintOf(value: bigint): Whole {
  if (value > UINT_MAX || value < 0n) throw new CelError('unsigned integer overflow');
  return canonical(value);
}

/** One operation on ints: quick where the result is exact, in 64 bits where it is not. */
export function addInt(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return intOf(BigInt(a) + BigInt(b));
}

export function subtractInt(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return intOf(BigInt(a) - BigInt(b));
}

export function multiplyInt(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // Zero may come out negative, which `+ 0` mends.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return intOf(BigInt(a) * BigInt(b));
}

export function divideInt(a: Whole, b: Whole): Whole {
  if (b === 0) throw new CelError('division by zero');
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return intOf(BigInt(a) / BigInt(b));
}

export function moduloInt(a: Whole, b: Whole): Whole {
  if (b === 0) throw new CelError('modulus by zero');
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  // The quotient is what does not fit.
  if (a === INT_MIN && b === -1) throw new CelError('integer overflow');
  return intOf(BigInt(a) % BigInt(b));
}

export function negateInt(a: Whole): Whole {
  return typeof a === 'number' ? 0 - a : intOf(-a);
}

export const addUint = (a: Whole, b: Whole): Whole => uintOf(BigInt(a) + BigInt(b));
export const subtractUint = (a: Whole, b: Whole): Whole => uintOf(BigInt(a) - BigInt(b));
export const multiplyUint = (a: Whole, b: Whole): Whole => uintOf(BigInt(a) * BigInt(b));

export function divideUint(a: Whole, b: Whole): Whole {
  if (b === 0) throw new CelError('division by zero');
  return uintOf(BigInt(a) / BigInt(b));
}

export function moduloUint(a: Whole, b: Whole): Whole {
  if (b === 0) throw new CelError('modulus by zero');
  return uintOf(BigInt(a) % BigInt(b));
}

/** A double cut to a whole number; undefined when it is none that fits. */
export function wholeOf(value: number, kind: 'int' | 'uint'): Whole | undefined {
  if (!Number.isFinite(value)) return undefined;
  const cut = BigInt(Math.trunc(value));
  // The reference refuses the borders themselves, since a double cannot tell them from what lies beyond.
  const fits = kind === 'int' ? value > -(2 ** 63) && value < 2 ** 63 : cut >= 0n && value >= 0 && value < 2 ** 64;
  return fits ? canonical(cut) : undefined;
}

/** Below 0, 0 or above 0, as Compare; NaN when a double is none. */
export function compareNumbers(a: Whole, b: Whole): number {
  return a < b ? -1 : a > b ? 1 : a == b ? 0 : Number.NaN; // eslint-disable-line eqeqeq -- a bigint equals a number only so
}
