/** Durations as text: those of Go (`1h30m`), and those in words that schemas let pass (`3 days`). All in nanoseconds. */

const SECOND = 1_000_000_000n;
const UNITS: Readonly<Record<string, bigint>> = { ns: 1n, us: 1000n, µs: 1000n, μs: 1000n, ms: 1_000_000n, s: SECOND, m: 60n * SECOND, h: 3600n * SECOND };
const MOST = 2n ** 63n - 1n;

const WHOLE = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PARTS = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g;

/** A fraction of a unit, cut to a whole number; worked out in floating point, as Go does, with as many digits as 63 bits hold. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > MOST / 10n) break;
    value = value * 10n + BigInt(digit);
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** Go's form: `1h30m`, `-1.5s`. Undefined for what is none, and for what 64 bits do not hold. */
export function parseDuration(text: string): bigint | undefined {
  if (/^[+-]?0$/.test(text)) return 0n;
  if (!WHOLE.test(text)) return undefined;
  let nanos = 0n;
  for (const [, digits = '', fraction = '', unit] of text.matchAll(PARTS)) {
    const whole = digits.replace(/^0+/, '');
    // Longer ones need not be made numbers to see that they are too large.
    if (whole.length > 19) return undefined;
    const size = UNITS[unit!]!;
    nanos += BigInt(whole) * size + fractionOf(fraction, size);
  }
  const isNegative = text.startsWith('-');
  if (nanos > MOST + (isNegative ? 1n : 0n)) return undefined;
  return isNegative ? -nanos : nanos;
}

/** Units in words, with their length; the last word of each may go on, as `weeks`. */
const WORDS: readonly (readonly [size: bigint, ...words: string[]])[] = [
  [1n, 'ns', 'nano'], [1000n, 'us', 'µs', 'micro'], [1_000_000n, 'ms', 'milli'], [SECOND, 's', 'sec'], [60n * SECOND, 'm', 'min'], [3600n * SECOND, 'h', 'hr', 'hour'],
  [86_400n * SECOND, 'd', 'day'], [604_800n * SECOND, 'w', 'wk', 'week'],
];

/** As `parseDuration`, and else the sum of all whole numbers in a text that are followed by a unit; of 64 bits, whatever is beyond. */
export function parseWordyDuration(text: string): bigint | undefined {
  const exact = parseDuration(text);
  if (exact !== undefined) return exact;
  let sum: bigint | undefined;
  for (const [, digits, unit] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    const factor = digits!.replace(/^0+/, '');
    if (factor.length > 19 || BigInt(factor) > MOST) return undefined;
    const word = unit!.toLowerCase();
    for (const [size, ...words] of WORDS) if (words.includes(word) || word.startsWith(words.at(-1)!)) sum = (sum ?? 0n) + BigInt(factor) * size;
  }
  return sum === undefined ? undefined : BigInt.asIntN(64, sum);
}
