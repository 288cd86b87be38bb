/**
 * JSON with whole numbers exact to 64 bits, as Go reads it: those that JavaScript's numbers do not hold come as bigint, all others as numbers. Texts without a
 * long row of digits, which is nearly all of them, are read by the engine alone.
 */

const LONG = /\d{16}/;
const WHOLE = /^-?\d+$/;

type Source = { source: string };
type ExactJson = { rawJSON(text: string): unknown; parse(text: string, reviver: (key: string, value: unknown, context: Source) => unknown): unknown };
const engine = JSON as unknown as ExactJson;

/** Writers of JSON write a bigint with all its digits, from when there is one to write. */
function teachWriters(): void {
  if ('toJSON' in BigInt.prototype) return;
  // oxlint-disable-next-line no-extend-native -- the one place where JSON.stringify asks how to write a bigint
  Object.defineProperty(BigInt.prototype, 'toJSON', { configurable: true, writable: true, value: toJson });
}

function toJson(this: bigint): unknown {
  return engine.rawJSON(String(this));
}

/** A whole number by its text: bigint where a number would not be exact; undefined where 64 bits do not hold it, or it is no whole number. */
export function exactInteger(text: string): bigint | undefined {
  if (!WHOLE.test(text)) return undefined;
  const whole = BigInt(text);
  if (BigInt.asIntN(64, whole) !== whole) return undefined;
  teachWriters();
  return whole;
}

/** A whole number of 64 bits as the API's objects have it: a number where that is exact, and nearly all are; else a bigint. */
export function wholeOf(whole: bigint): number | bigint {
  const number = Number(whole);
  if (Number.isSafeInteger(number)) return number;
  teachWriters();
  return whole;
}

/** The whole number after one of an object, which has the type of a number whatever it is. */
export function oneAfter(whole: number): number {
  return Number.isSafeInteger(whole) ? whole + 1 : (wholeOf(BigInt(whole) + 1n) as number);
}

/** The last number before 2^63: between it and that there is none. */
const FARTHEST = 2 ** 63 - 1024;

/** The number for a whole number of 64 bits that is reckoned with: where numbers are too coarse for it a near one, which 64 bits hold too. */
export function nearestNumber(whole: bigint): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, Number(whole)));
}

/** A number by its text, as JSON has it. */
export function exactNumber(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) || !Number.isInteger(value) ? value : (exactInteger(text) ?? value);
}

const exactly = (_key: string, value: unknown, { source }: Source): unknown =>
  typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value) ? value : (exactInteger(source) ?? value);

/** As `parseExactly`, where it is known whether the text has a long row of digits in a number. */
export function parseKnowing(text: string, hasLong: boolean): unknown {
  return hasLong ? engine.parse(text, exactly) : JSON.parse(text);
}

/** As JSON.parse, and throws what it throws. */
export function parseExactly(text: string): unknown {
  return parseKnowing(text, LONG.test(text));
}
