/** The strings extension: positions count code points. */
import { CelError } from '../types.ts';
import type { Whole } from '../numbers.ts';
import { ArrayList, ListValue, type Value } from '../values.ts';
import { costs, overload, type Measure, type Overload, type OverloadOptions } from './declare.ts';
import { ESCAPES } from './quotes.ts';
import { formatter, kubernetesStyle } from './string-format.ts';

const isPlain = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

const outOfRange = (at: Whole): CelError => new CelError(`index out of range: ${at}`);

function charAt(text: string, at: Whole): string {
  const points = isPlain(text) ? text : [...text];
  if (at < 0 || at > points.length) throw outOfRange(at);
  return points[Number(at)] ?? '';
}

function substring(text: string, from: Whole, to?: Whole): string {
  const points = isPlain(text) ? text : [...text];
  const end = to ?? points.length;
  if (to !== undefined && from > to) throw new CelError(`invalid substring range. start: ${from}, end: ${to}`);
  if (from < 0 || from > points.length) throw outOfRange(from);
  if (end < 0 || end > points.length) throw outOfRange(end);
  return typeof points === 'string' ? points.slice(Number(from), Number(end)) : points.slice(Number(from), Number(end)).join('');
}

/** A position in UTF-16 units as one in code points. */
const inPoints = (text: string, at: number): number => (at < 0 || isPlain(text) ? at : lengthOf(text.slice(0, at)));
const inUnits = (text: string, at: number): number => (isPlain(text) ? at : [...text].slice(0, at).join('').length);
const lengthOf = (text: string): number => (isPlain(text) ? text.length : [...text].length);

/** Nothing is found anywhere, also beyond the end, where it is found at the end. */
export function indexOf(text: string, part: string, from: Whole = 0): Value {
  if (from < 0) throw outOfRange(from);
  const length = lengthOf(text);
  if (part === '') return from > length ? length : from;
  return from >= length ? -1 : inPoints(text, text.indexOf(part, inUnits(text, Number(from))));
}

export function lastIndexOf(text: string, part: string, from?: Whole): Value {
  if (from !== undefined && from < 0) throw outOfRange(from);
  const length = lengthOf(text);
  if (part === '') return from === undefined || from > length ? length : from;
  if (from !== undefined && from >= length) return -1;
  return inPoints(text, text.lastIndexOf(part, from === undefined ? text.length : inUnits(text, Number(from))));
}

/** Results larger than this are refused before they are made. */
export const maxTextLength = 16 * 1024 * 1024;

function replace(text: string, old: string, by: string, most: Whole = -1): string {
  const limit = Number(most);
  if (limit === 0) return text;
  const parts = old === '' ? [...text] : text.split(old);
  if (old === '') return replaceEmpty(parts, by, limit);
  const count = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1);
  if (text.length + count * by.length > maxTextLength) throw new CelError('the result of replace() is too long');
  return [parts.slice(0, count + 1).join(by), ...parts.slice(count + 1)].join(old);
}

/** Puts `by` before each code point and at the end, at most `limit` times. */
function replaceEmpty(points: readonly string[], by: string, limit: number): string {
  const most = limit < 0 ? points.length + 1 : Math.min(limit, points.length + 1);
  if (points.length + most * by.length > maxTextLength) throw new CelError('the result of replace() is too long');
  let made = '';
  points.forEach((point, i) => {
    made += (i < most ? by : '') + point;
  });
  return points.length < most ? made + by : made;
}

function split(text: string, by: string, most: Whole = -1): Value {
  const limit = Number(most);
  if (limit === 0) return new ArrayList([]);
  if (limit === 1) return new ArrayList([text]);
  const parts = by === '' ? [...text] : text.split(by);
  if (limit < 0 || parts.length <= limit) return new ArrayList(parts);
  return new ArrayList([...parts.slice(0, limit - 1), parts.slice(limit - 1).join(by)]);
}

function join(list: ListValue, by = ''): string {
  const parts = [...list];
  const bad = parts.find((part) => typeof part !== 'string');
  if (bad !== undefined) throw new CelError(`join: invalid input: ${typeof bad === 'object' ? '' : String(bad)}`);
  const length = (parts as string[]).reduce((total, part) => total + part.length + by.length, 0);
  if (length > maxTextLength) throw new CelError('the result of join() is too long');
  return parts.join(by);
}

const lower = (text: string): string => text.replace(/[A-Z]+/g, (found) => found.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]+/g, (found) => found.toUpperCase());
// What Go calls white space: not what JavaScript does.
const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const LEADING = new RegExp(`^${SPACE}+`);

function trim(text: string): string {
  const rest = text.replace(LEADING, '');
  let end = rest.length;
  const one = new RegExp(`^${SPACE}$`);
  while (end > 0 && one.test(rest[end - 1]!)) end--;
  return rest.slice(0, end);
}

// eslint-disable-next-line no-control-regex -- these are the characters to escape
const quote = (text: string): string => `"${text.toWellFormed().replace(/[\x07\b\f\n\r\t\v\\"]/g, (found) => ESCAPES[found]!)}"`;

/** Characters of all texts and of what stands between them. */
function joined(measure: Measure): number {
  const between = Math.max(0, measure.size(0) - 1) * measure.size(1);
  return measure.texts(0) + (Number.isNaN(between) ? 0 : between);
}

/** What is formatted is not counted, up to a size that no request has: lists may hold one list many times. */
const FREE_FORMAT = 1_000_000;
export function formatted(measure: Measure): number {
  const values = measure.traverse(1);
  return costs.text(measure) + (values > FREE_FORMAT ? values : 0);
}

export function stringLibrary(): Overload[] {
  const same = { cost: costs.text };
  const twice = { cost: costs.twice };
  const found: OverloadOptions = { cost: (measure) => measure.walk(0) };
  const join1: OverloadOptions = { cost: (measure) => Math.ceil(measure.texts(0) * 0.2) };
  const join2: OverloadOptions = { cost: (measure) => Math.ceil(joined(measure) * 0.2) };
  return [
    overload('charAt', 'string.(int) -> string', charAt),
    overload('indexOf', 'string.(string) -> int', indexOf, found),
    overload('indexOf', 'string.(string, int) -> int', indexOf, found),
    overload('lastIndexOf', 'string.(string) -> int', lastIndexOf, found),
    overload('lastIndexOf', 'string.(string, int) -> int', lastIndexOf, found),
    overload('join', 'list(string).() -> string', join, join1),
    overload('join', 'list(string).(string) -> string', join, join2),
    overload('lowerAscii', 'string.() -> string', lower, same),
    overload('upperAscii', 'string.() -> string', upper, same),
    overload('replace', 'string.(string, string) -> string', replace, twice),
    overload('replace', 'string.(string, string, int) -> string', replace, twice),
    overload('split', 'string.(string) -> list(string)', split, twice),
    overload('split', 'string.(string, int) -> list(string)', split, twice),
    overload('substring', 'string.(int) -> string', substring, same),
    overload('substring', 'string.(int, int) -> string', substring, same),
    overload('trim', 'string.() -> string', trim, same),
    overload('strings.quote', '(string) -> string', quote, same),
    overload('format', 'string.(list) -> string', formatter(kubernetesStyle), { cost: formatted }),
  ];
}
