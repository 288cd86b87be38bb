/**
 * Times and durations of the API as text: `Time` (whole seconds), `MicroTime` (six digits of a second), and Go's durations.
 * Source: RFC 3339 as Go's `time` package reads and writes it.
 */

const TIME_LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Midnight that begins the year 1, which Go holds for no time at all. */
const NO_TIME = '0001-01-01T00:00:00';

/** Whether a canonical text is Go's zero time, which is written as null or left out. */
export const isZeroTime = (text: string): boolean => text.startsWith(NO_TIME) && (text === `${NO_TIME}Z` || text === `${NO_TIME}.000000Z`);

/** The second that was asked for last, and its text: thousands of writes a second say the same time. */
const latest = { second: Number.NaN, text: '' };

/** Milliseconds since 1970 as a `Time`: `2026-01-31T12:00:00Z`. Parts of a second are cut off. */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== latest.second) {
    // Years beyond four digits have six and a sign in JavaScript; only an offset leads there.
    latest.text = `${new Date(second * 1000).toISOString().slice(0, -5).replace(/^\+0?|(?<=^-)00/, '')}Z`;
    latest.second = second;
  }
  return latest.text;
}

/** Milliseconds since 1970 (fractions count) as a `MicroTime`: `2026-01-31T12:00:00.123456Z`. */
export function formatMicroTime(ms: number): string {
  const wholeMs = Math.floor(ms);
  const micros = Math.floor((ms - wholeMs) * 1000 + 1e-6);
  return `${new Date(wholeMs).toISOString().slice(0, 23)}${String(micros).padStart(3, '0')}Z`;
}

/** A text as Go's time package quotes it: every byte that is no printable ASCII as `\\x0a`. */
function quoted(text: string): string {
  let shown = '';
  for (const byte of Buffer.from(text)) {
    const c = String.fromCharCode(byte);
    if (c === '"' || c === '\\') shown += `\\${c}`;
    else shown += byte < 0x20 || byte >= 0x80 ? `\\x${byte.toString(16).padStart(2, '0')}` : c;
  }
  return `"${shown}"`;
}

function fail(text: string, layout: string, rest: string, element: string): never {
  throw new RangeError(`parsing time ${quoted(text)} as ${quoted(layout)}: cannot parse ${quoted(rest)} as ${quoted(element)}`);
}

function outOfRange(text: string, what: string): never {
  throw new RangeError(`parsing time ${quoted(text)}: ${what} out of range`);
}

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : DAYS[month - 1]!;
}

interface Parsed {
  /** Milliseconds since 1970, whole seconds only. */
  secondsMs: number;
  /** Digits after the decimal point, '' when there is none. */
  fraction: string;
}

/** The steps of the layout: what it is called, how many digits it has, and the range it must lie in. */
const STEPS: readonly (readonly [element: string, digits: number, low: number, high: number, what: string])[] = [
  ['2006', 4, 0, 9999, 'year'], ['-', 0, 0, 0, ''], ['01', 2, 1, 12, 'month'], ['-', 0, 0, 0, ''], ['02', 2, 0, 99, 'day'],
  ['T', 0, 0, 0, ''], ['15', 2, 0, 23, 'hour'], [':', 0, 0, 0, ''], ['04', 2, 0, 59, 'minute'], [':', 0, 0, 0, ''], ['05', 2, 0, 59, 'second'],
];

function zoneMinutes(text: string, layout: string, rest: string): number {
  if (rest === 'Z') return 0;
  if (rest.startsWith('Z')) throw new RangeError(`parsing time ${quoted(text)}: extra text: ${quoted(rest.slice(1))}`);
  const zone = /^([+-])(\d\d):(\d\d)/.exec(rest);
  if (zone === null) fail(text, layout, rest, 'Z07:00');
  if (rest.length > 6) throw new RangeError(`parsing time ${quoted(text)}: extra text: ${quoted(rest.slice(6))}`);
  const hours = Number(zone[2]);
  const minutes = Number(zone[3]);
  if (hours > 24) outOfRange(text, 'time zone offset hour');
  if (minutes > 60) outOfRange(text, 'time zone offset minute');
  return (zone[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

function parse(text: string, layout: string, micro: boolean): Parsed {
  let at = 0;
  const numbers: number[] = [];
  for (const [element, digits, low, high, what] of STEPS) {
    // Go takes one digit for the hour as well.
    const short = what === 'hour' && /^\d(?!\d)/.test(text.slice(at, at + digits));
    const piece = text.slice(at, at + (short ? 1 : Math.max(digits, 1)));
    if (digits === 0 ? piece !== element : !((short || piece.length === digits) && /^\d+$/.test(piece))) fail(text, layout, text.slice(at), element);
    at += piece.length;
    if (digits > 0) {
      const value = Number(piece);
      if (value < low || value > high) outOfRange(text, what);
      numbers.push(value);
    }
  }
  let fraction = '';
  if (micro) {
    const found = /^[.,](\d{6})/.exec(text.slice(at));
    if (found === null) fail(text, layout, text.slice(at), '.000000');
    fraction = found[1]!;
    at += 7;
  } else {
    const found = /^[.,](\d+)/.exec(text.slice(at));
    if (found !== null) {
      fraction = found[1]!;
      at += found[0].length;
    }
  }
  const offset = zoneMinutes(text, layout, text.slice(at));
  const [year, month, day, hour, minute, second] = numbers as [number, number, number, number, number, number];
  if (day < 1 || day > daysIn(year, month)) outOfRange(text, 'day');
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  return { secondsMs: date.getTime() - offset * 60_000, fraction };
}

/** The two digits at a place, or NaN. */
function twoDigits(text: string, at: number): number {
  const high = text.charCodeAt(at) - 48;
  const low = text.charCodeAt(at + 1) - 48;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : Number.NaN;
}

const FEBRUARY = 2;

/** Milliseconds of the one form that the API writes (`2026-01-31T12:00:00Z`), without regular expressions; undefined for any other text. */
function canonicalMs(text: string): number | undefined {
  if (text.length !== 20 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':' || text[19] !== 'Z') return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  // Years begin in March here, so that the odd day is the last.
  const from = month <= FEBRUARY ? year - 1 : year;
  const days = 365 * from + Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400) + Math.floor((153 * (month > FEBRUARY ? month - 3 : month + 9) + 2) / 5) + day - 719_469;
  return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000;
}

/**
 * Milliseconds since 1970 of an RFC 3339 text; parts of a second are kept to the millisecond.
 * Throws RangeError in the words of Go's parser.
 */
export function parseTime(text: string): number {
  const canonical = canonicalMs(text);
  if (canonical !== undefined) return canonical;
  const { secondsMs, fraction } = parse(text, TIME_LAYOUT, false);
  return secondsMs + Math.floor(Number(`0.${fraction || '0'}`) * 1000 + 1e-9);
}

/** Microseconds since 1970 of a `MicroTime` text, which must have exactly six digits of a second. Throws RangeError. */
export function parseMicroTime(text: string): bigint {
  const { secondsMs, fraction } = parse(text, MICRO_LAYOUT, true);
  return BigInt(secondsMs) * 1000n + BigInt(fraction);
}

/** An RFC 3339 text in the one form that the API writes: UTC, whole seconds. Throws RangeError. */
export function canonicalTime(text: string): string {
  return canonicalMs(text) === undefined ? formatTime(parseTime(text)) : text;
}

/** A `MicroTime` text in the one form that the API writes: UTC, six digits. Throws RangeError. */
export function canonicalMicroTime(text: string): string {
  const { secondsMs, fraction } = parse(text, MICRO_LAYOUT, true);
  return `${formatTime(secondsMs).slice(0, -1)}.${fraction}Z`;
}

const UNIT_NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n, us: 1000n, 'µs': 1000n, 'μs': 1000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n,
};
const LIMIT_NANOS = 2n ** 63n;

const notDuration = (text: string): never => {
  throw new RangeError(`time: invalid duration ${quoted(text)}`);
};

/** What follows the decimal point; digits that 63 bits have no room for do not count. */
function fractionOf(digits: string): { value: bigint; scale: number } {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (LIMIT_NANOS - 1n) / 10n || next > LIMIT_NANOS) break;
    value = next;
    scale *= 10;
  }
  return { value, scale };
}

/** Nanoseconds of a Go duration such as `1h30m`, `-1.5s` or `0`. Throws RangeError in the words of Go's parser. */
export function parseDuration(text: string): bigint {
  let rest = text;
  let sign = 1n;
  if (/^[+-]/.test(rest)) {
    sign = rest.startsWith('-') ? -1n : 1n;
    rest = rest.slice(1);
  }
  if (rest === '0') return 0n;
  if (rest === '') notDuration(text);
  let total = 0n;
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest)!;
    const whole = BigInt(number[1] || '0');
    if ((number[1] === '' && (number[2] ?? '') === '') || whole > LIMIT_NANOS) notDuration(text);
    rest = rest.slice(number[0].length);
    const unit = /^[^.\d]+/.exec(rest)?.[0];
    if (unit === undefined) throw new RangeError(`time: missing unit in duration ${quoted(text)}`);
    const nanos = UNIT_NANOS[unit];
    if (nanos === undefined) throw new RangeError(`time: unknown unit ${quoted(unit)} in duration ${quoted(text)}`);
    const { value, scale } = fractionOf(number[2] ?? '');
    // Fractions are worked out in floating point, as upstream does: a third of an hour is rounded as it rounds.
    total += whole * nanos + BigInt(Math.trunc(Number(value) * (Number(nanos) / scale)));
    if (total > LIMIT_NANOS) notDuration(text);
    rest = rest.slice(unit.length);
  }
  if (total === LIMIT_NANOS && sign > 0n) notDuration(text);
  return sign * total;
}

function decimal(value: bigint, unit: bigint, digits: number): string {
  const fraction = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}

/** Nanoseconds as Go writes a duration: `1h0m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1000n, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n, 6)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n, 9)}s`;
  if (minutes === 0n) return `${sign}${seconds}`;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}
