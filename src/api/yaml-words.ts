/** What a plain text means in YAML, by the rules of Kubernetes' library: those of YAML 1.1 with some of its own. Reading and writing both go by it. */
import { exactInteger } from './exact-json.ts';

const TRUE_WORDS: ReadonlySet<string> = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NULL_WORDS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
const SPECIAL_FLOAT = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** What a word is: its value, or `text` for one that is a text like any other. */
export type Meaning =
  | { is: 'text' } | { is: 'null' } | { is: 'timestamp' }
  | { is: 'boolean'; value: boolean } | { is: 'integer' | 'float'; value: number | bigint } | { is: 'special'; value: string };

const TEXT: Meaning = { is: 'text' };
const NULL: Meaning = { is: 'null' };
const BASES: Readonly<Record<string, string>> = { x: '^[\\da-f]+$', o: '^[0-7]+$', b: '^[01]+$' };
const PATTERNS = new Map(Object.entries(BASES).map(([letter, pattern]) => [letter, new RegExp(pattern, 'i')]));
const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** The digits of a whole number in any of Go's notations; undefined for others. */
function magnitudeOf(digits: string): bigint | undefined {
  if (/^[1-9]\d*$|^0$/.test(digits)) return BigInt(digits);
  const octal = /^0([0-7]+)$/.exec(digits);
  if (octal !== null) return BigInt(`0o${octal[1]}`);
  const letter = digits[0] === '0' ? digits[1]?.toLowerCase() : undefined;
  const rest = digits.slice(2);
  return letter !== undefined && PATTERNS.get(letter)?.test(rest) === true ? BigInt(`0${letter}${rest}`) : undefined;
}

function integerOf(plain: string): number | bigint | undefined {
  const signed = plain[0] === '-' || plain[0] === '+';
  const magnitude = magnitudeOf(signed ? plain.slice(1) : plain);
  if (magnitude === undefined) return undefined;
  const value = plain[0] === '-' ? -magnitude : magnitude;
  // A sign does not go with numbers that only fit without one.
  if (value < MIN_INT64 || value > (signed ? -MIN_INT64 - 1n : MAX_UINT64)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : (exactInteger(String(value)) ?? value);
}

const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const AFTER_POINT = /^\.\d+(?:[eE][-+]?\d+)?$/;

function floatOf(plain: string, form: RegExp): number | undefined {
  const value = form.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const TIMESTAMP = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))|(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/;

function isTimestamp(text: string): boolean {
  const found = TIMESTAMP.exec(text);
  if (found === null) return false;
  const [year, month, day, ...rest] = found.slice(1).map(Number) as [number, number, number, ...number[]];
  const [hour, minute, second] = (found[4] === undefined ? rest.slice(5) : rest).map((part) => (Number.isNaN(part) ? 0 : part)) as [number, number, number];
  const last = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const [zoneHour, zoneMinute] = [found[7], found[8]].map((part) => Number(part ?? 0)) as [number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= last && hour < 24 && minute < 60 && second < 60 && zoneHour <= 24 && zoneMinute < 60;
}

/** What a plain text means. */
export function meaningOf(text: string): Meaning {
  const first = text.charCodeAt(0);
  // Digits, signs, the point; else a word, or nothing of that kind.
  if (!(first >= 0x2b && first <= 0x39)) return wordOf(text);
  if (SPECIAL_FLOAT.test(text)) return { is: 'special', value: text };
  if (text[0] === '.') {
    const value = floatOf(text, AFTER_POINT);
    return value === undefined ? TEXT : { is: 'float', value };
  }
  if (!/^[-+\d]/.test(text)) return TEXT;
  if (isTimestamp(text)) return { is: 'timestamp' };
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const integer = integerOf(plain);
  if (integer !== undefined) return { is: 'integer', value: integer };
  const value = floatOf(plain, FLOAT);
  return value === undefined ? TEXT : { is: 'float', value };
}

function wordOf(text: string): Meaning {
  if (text.length > 5) return TEXT;
  if (NULL_WORDS.has(text)) return NULL;
  if (TRUE_WORDS.has(text)) return { is: 'boolean', value: true };
  if (FALSE_WORDS.has(text)) return { is: 'boolean', value: false };
  return TEXT;
}

const BASE_60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;

/** Whether a text that stands without quotes is read as that text, also by readers that count to 60. */
export const isPlainText = (text: string): boolean => meaningOf(text).is === 'text' && !(text.includes(':') && BASE_60.test(text));
