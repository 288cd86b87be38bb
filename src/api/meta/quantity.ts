/**
 * Amounts such as `100m`, `1.5`, `64Mi` or `1e3`: exact arithmetic, and the one canonical text of each.
 * Rounding, caps and the texts that stay as they were typed are those of upstream's `resource.Quantity`.
 */
import type { Quantity } from './v1/scalars.ts';

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A read amount: `unscaled × 10^scale`. */
export interface ParsedQuantity {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  /** The text as it was typed, when upstream would write it back unchanged. */
  readonly text?: string;
  /** Too wide or too fine for 64 bits: rounding then always makes the canonical text anew. */
  readonly wide: boolean;
}

/** Thrown for a text that is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuantityError';
  }
}

const WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_NUMBER = "unable to parse numeric part of quantity";
const WRONG_SUFFIX = "unable to parse quantity's suffix";

const DECIMAL_EXPONENT: ReadonlyMap<string, number> = new Map([
  ['n', -9], ['u', -6], ['m', -3], ['', 0], ['k', 3], ['M', 6], ['G', 9], ['T', 12], ['P', 15], ['E', 18],
]);
const DECIMAL_SUFFIX: ReadonlyMap<number, string> = new Map([...DECIMAL_EXPONENT].map(([suffix, exponent]) => [exponent, suffix]));
const BINARY_EXPONENT: ReadonlyMap<string, number> = new Map([['Ki', 10], ['Mi', 20], ['Gi', 30], ['Ti', 40], ['Pi', 50], ['Ei', 60]]);
const BINARY_SUFFIX: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const MAX_INT64 = 2n ** 63n - 1n;
/** Digits that a 64-bit number surely holds. */
const SAFE_DIGITS = 18;
/** No exponent that a sane text has comes near; a larger one would only exhaust memory. */
const MAX_EXPONENT = 10_000;
const NANO = -9;

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;

function interpret(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } {
  const decimal = DECIMAL_EXPONENT.get(suffix);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = BINARY_EXPONENT.get(suffix);
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  if (/^[eE][+-]?\d+$/.test(suffix)) {
    const exponent = Number(suffix.slice(1));
    if (Math.abs(exponent) > MAX_EXPONENT) throw new QuantityError(WRONG_NUMBER);
    return { base: 10, exponent, format: 'DecimalExponent' };
  }
  throw new QuantityError(WRONG_SUFFIX);
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** value / divisor, rounded away from zero. */
function divideAway(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** Whether upstream keeps the typed text of a number that fits its 64-bit form. Not all that are kept are canonical (`1.500`). */
function keepsText(format: QuantityFormat, value: bigint, scale: number, digits: string): boolean {
  if (format === 'BinarySI') return (value & 7n) !== 0n;
  return scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

/**
 * Results for texts that were read before. A cluster's objects say the same few amounts over and over, and each is read several times a write:
 * by decoding, defaults, admission, rules and counting.
 */
class Memory<Value> {
  readonly #known = new Map<string, Value>();
  readonly #make: (text: string) => Value;

  constructor(make: (text: string) => Value) {
    this.#make = make;
  }

  of(text: string): Value {
    let value = this.#known.get(text);
    if (value === undefined) {
      value = this.#make(text);
      if (text.length > MEMORY_TEXT_LIMIT) return value;
      // Who fills it with amounts of all sorts loses the advantage for a moment, no more.
      if (this.#known.size >= MEMORY_LIMIT) this.#known.clear();
      this.#known.set(text, value);
    }
    return value;
  }
}

/** Amounts that are remembered, and the longest text of one. */
const MEMORY_LIMIT = 2_000;
const MEMORY_TEXT_LIMIT = 24;

const amounts = new Memory(readAmount);
const canonicalTexts = new Memory((text) => formatQuantity(parseQuantity(text)));

/** Reads an amount. Throws QuantityError. */
export function parseQuantity(text: Quantity): ParsedQuantity {
  return amounts.of(text);
}

function readAmount(text: Quantity): ParsedQuantity {
  if (text === '') throw new QuantityError(WRONG_FORMAT);
  if (text === '0') return { unscaled: 0n, scale: 0, format: 'DecimalSI', text, wide: false };
  const found = FORM.exec(text);
  if (found === null) throw new QuantityError(WRONG_FORMAT);
  const negative = found[1] === '-';
  const whole = found[2]!.replace(/^0+/, '') || '0';
  const fraction = found[3] ?? '';
  const { base, exponent, format } = interpret(found[4]!);
  const digits = whole + fraction;
  const narrow =
    base === 10
      ? digits.length <= SAFE_DIGITS && exponent - fraction.length >= NANO
      : fraction === '' && 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 >= 0;
  if (narrow) {
    const typed = BigInt(digits);
    const scale = base === 10 ? exponent - fraction.length : 0;
    const size = base === 10 ? typed : typed << BigInt(exponent);
    const unscaled = negative ? -size : size;
    return keepsText(format, typed, scale, digits) ? { unscaled, scale, format, text, wide: false } : { unscaled, scale, format, wide: false };
  }
  if (found[2] === '' && fraction === '') throw new QuantityError(WRONG_NUMBER);
  return parseWide(negative, digits, fraction.length, base, exponent, format);
}

function parseWide(negative: boolean, digits: string, fractionLength: number, base: 2 | 10, exponent: number, asked: QuantityFormat): ParsedQuantity {
  let size = BigInt(digits);
  let scale = -fractionLength;
  let format = asked;
  if (base === 10) scale += exponent;
  else size <<= BigInt(exponent);
  if (size !== 0n && scale < NANO) {
    size = divideAway(size, 10n ** BigInt(NANO - scale));
    scale = NANO;
  }
  if (format === 'BinarySI') {
    const unit = 10n ** BigInt(-scale);
    if (size > MAX_INT64 * unit) {
      size = MAX_INT64;
      scale = 0;
    } else if (size > 0n && size < unit) {
      format = 'DecimalSI';
    }
  }
  return { unscaled: negative ? -size : size, scale, format, wide: true };
}

const parsed = (value: Quantity | ParsedQuantity): ParsedQuantity => (typeof value === 'string' ? parseQuantity(value) : value);

/** The number at a power of ten, rounded away from zero: `scaledValue('1500m', 0)` is 2n. */
export function scaledValue(value: Quantity | ParsedQuantity, scale: number): bigint {
  const q = parsed(value);
  return q.scale >= scale ? q.unscaled * 10n ** BigInt(q.scale - scale) : divideAway(q.unscaled, 10n ** BigInt(scale - q.scale));
}

function isExactAt(q: ParsedQuantity, scale: number): boolean {
  return q.scale >= scale || q.unscaled % 10n ** BigInt(scale - q.scale) === 0n;
}

/** Amount and exponent, the exponent a multiple of 3 and as large as it can be. */
function canonicalDecimal(q: ParsedQuantity): { amount: bigint; exponent: number } {
  let amount = q.unscaled;
  let exponent = q.scale;
  while (amount % 10n === 0n) {
    amount /= 10n;
    exponent++;
  }
  while (exponent % 3 !== 0) {
    amount *= 10n;
    exponent--;
  }
  return { amount, exponent };
}

function decimalText(q: ParsedQuantity, format: QuantityFormat): string {
  const { amount, exponent } = canonicalDecimal(q);
  const suffix = format === 'DecimalSI' ? DECIMAL_SUFFIX.get(exponent) : undefined;
  return `${amount}${suffix ?? (exponent === 0 ? '' : `e${exponent}`)}`;
}

/** The text of an amount as the API writes it. */
export function formatQuantity(q: ParsedQuantity): Quantity {
  if (q.text !== undefined) return q.text;
  if (q.unscaled === 0n) return '0';
  if (q.format !== 'BinarySI' || !isExactAt(q, 0)) return decimalText(q, q.format === 'DecimalExponent' ? 'DecimalExponent' : 'DecimalSI');
  let amount = scaledValue(q, 0);
  if (abs(amount) < 1024n) return decimalText(q, 'DecimalSI');
  let thousands = 0;
  while (amount % 1024n === 0n && thousands < BINARY_SUFFIX.length - 1) {
    amount /= 1024n;
    thousands++;
  }
  return `${amount}${BINARY_SUFFIX[thousands]!}`;
}

/** A text as the API writes it back: `0.5` gives `500m`, `1024Mi` gives `1Gi`. Throws QuantityError. */
export function canonicalQuantity(text: Quantity): Quantity {
  return canonicalTexts.of(text);
}

/** Rounds up (away from zero) to a power of ten; finer amounts lose their typed text. */
export function roundUpQuantity(value: Quantity | ParsedQuantity, scale: number): ParsedQuantity {
  const q = parsed(value);
  if (q.scale >= scale) return q;
  return { unscaled: scaledValue(q, scale), scale, format: q.format, wide: q.wide };
}

function aligned(a: ParsedQuantity, b: ParsedQuantity): { left: bigint; right: bigint; scale: number } {
  const scale = Math.min(a.scale, b.scale);
  return { left: scaledValue(a, scale), right: scaledValue(b, scale), scale };
}

/** Below 0 when a is less, 0 when equal, above 0 when a is more. */
export function compareQuantity(a: Quantity | ParsedQuantity, b: Quantity | ParsedQuantity): number {
  const { left, right } = aligned(parsed(a), parsed(b));
  return left < right ? -1 : left > right ? 1 : 0;
}

function combine(a: ParsedQuantity, b: ParsedQuantity, sign: 1n | -1n): ParsedQuantity {
  const { left, right, scale } = aligned(a, b);
  const unscaled = left + sign * right;
  return { unscaled, scale, format: a.unscaled === 0n ? b.format : a.format, wide: a.wide || b.wide || abs(unscaled) > MAX_INT64 };
}

/** a + b. The format is a's, unless a is zero. */
export function addQuantity(a: Quantity | ParsedQuantity, b: Quantity | ParsedQuantity): ParsedQuantity {
  return combine(parsed(a), parsed(b), 1n);
}

/** a - b. The format is a's, unless a is zero. */
export function subtractQuantity(a: Quantity | ParsedQuantity, b: Quantity | ParsedQuantity): ParsedQuantity {
  return combine(parsed(a), parsed(b), -1n);
}

export function isZeroQuantity(value: Quantity | ParsedQuantity): boolean {
  return parsed(value).unscaled === 0n;
}

/** An amount from a whole number at a power of ten: `quantityOf(1500n, -3)` is `1500m`, written `1500m`. */
export function quantityOf(unscaled: bigint | number, scale = 0, format: QuantityFormat = 'DecimalSI'): ParsedQuantity {
  return { unscaled: BigInt(unscaled), scale, format, wide: false };
}

/** Thousandths, rounded up: `100m` is 100, `2` is 2000. Meant for CPU. Exact up to 2^53. */
export function quantityToMilli(value: Quantity | ParsedQuantity): number {
  if (typeof value === 'string') {
    const plain = /^(\d{1,12})(m?)$/.exec(value);
    if (plain !== null) return plain[2] === 'm' ? Number(plain[1]) : Number(plain[1]) * 1000;
  }
  return Number(scaledValue(value, -3));
}

/** Whole units, rounded up: `1Ki` is 1024, `1500m` is 2. Meant for memory and counts. Exact up to 2^53. */
export function quantityToNumber(value: Quantity | ParsedQuantity): number {
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  return Number(scaledValue(value, 0));
}

/** Under its short name too. */
export const toNumber = quantityToNumber;
