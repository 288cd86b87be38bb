/** The strings extension: positions count code points. */
import { CelError } from '../types.ts';
import { ArrayList, ListValue, noSuchOverload, type Value } from '../values.ts';
import { costs, overload, sizes, type Measure, type Overload, type OverloadOptions } from './declare.ts';
import { formatText } from './string-format.ts';

const isPlain = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

function charAt(text: string, at: number): string {
  const points = isPlain(text) ? text : [...text];
  if (at < 0 || at > points.length) throw new CelError(`index out of range: ${at}`);
  return points[at] ?? '';
}

function substring(text: string, from: number, to?: number): string {
  const points = isPlain(text) ? text : [...text];
  const end = to ?? points.length;
  if (from < 0 || from > points.length) throw new CelError(`index out of range: ${from}`);
  if (end < 0 || end > points.length) throw new CelError(`index out of range: ${end}`);
  if (from > end) throw new CelError(`invalid substring range. start: ${from}, end: ${end}`);
  return typeof points === 'string' ? points.slice(from, end) : points.slice(from, end).join('');
}

/** A position in UTF-16 units as one in code points. */
const inPoints = (text: string, at: number): number => (at < 0 || isPlain(text) ? at : lengthOf(text.slice(0, at)));
const inUnits = (text: string, at: number): number => (isPlain(text) ? at : [...text].slice(0, at).join('').length);
const lengthOf = (text: string): number => (isPlain(text) ? text.length : [...text].length);

function indexOf(text: string, part: string, from = 0): number {
  if (from < 0 || from > lengthOf(text)) throw new CelError(`index out of range: ${from}`);
  return inPoints(text, text.indexOf(part, inUnits(text, from)));
}

function lastIndexOf(text: string, part: string, from?: number): number {
  if (from !== undefined && (from < 0 || from > lengthOf(text))) throw new CelError(`index out of range: ${from}`);
  return inPoints(text, text.lastIndexOf(part, from === undefined ? text.length : inUnits(text, from)));
}

/** Results larger than this are refused before they are made. */
export const maxTextLength = 16 * 1024 * 1024;

function replace(text: string, old: string, by: string, limit = -1): string {
  if (limit === 0) return text;
  const parts = old === '' ? [...text] : text.split(old);
  if (old === '') return replaceEmpty(parts, by, limit);
  const count = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1);
  if (text.length + count * by.length > maxTextLength) throw new CelError('the result of replace() is too long');
  return [parts.slice(0, count + 1).join(by), ...parts.slice(count + 1)].join(old);
}

/** Puts `by` before each code point and at the end, at most `limit` times. */
function replaceEmpty(points: readonly string[], by: string, limit: number): string {
  const most = limit < 0 ? points.length + 1 : limit;
  if (points.length + most * by.length > maxTextLength) throw new CelError('the result of replace() is too long');
  let made = '';
  points.forEach((point, i) => {
    made += (i < most ? by : '') + point;
  });
  return points.length < most ? made + by : made;
}

function split(text: string, by: string, limit = -1): Value {
  if (limit === 0) return new ArrayList([]);
  if (limit === 1) return new ArrayList([text]);
  const parts = by === '' ? [...text] : text.split(by);
  if (limit < 0 || parts.length <= limit) return new ArrayList(parts);
  return new ArrayList([...parts.slice(0, limit - 1), parts.slice(limit - 1).join(by)]);
}

function join(list: ListValue, by = ''): string {
  const parts = [...list];
  if (parts.some((part) => typeof part !== 'string')) throw noSuchOverload();
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

const QUOTES: Readonly<Record<string, string>> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', '"': '\\"' };
// eslint-disable-next-line no-control-regex -- these are the characters to escape
const quote = (text: string): string => `"${text.toWellFormed().replace(/[\x07\b\f\n\r\t\v\\"]/g, (found) => QUOTES[found]!)}"`;

/** Characters of all texts and of what stands between them. */
function joined(measure: Measure): number {
  const between = Math.max(0, measure.size(0) - 1) * measure.size(1);
  return measure.texts(0) + (Number.isNaN(between) ? 0 : between);
}

/** The longest that replacing can make of a text. */
function grown(most: Measure, least: Measure): number {
  const [size, by, from] = [most.size(0), most.size(2), least.size(1)];
  if (from === 0) return (size + 1) * by + size;
  return by <= from ? size : Math.ceil(size / from) * by;
}

/** What is formatted is not counted, up to a size that no request has: lists may hold one list many times. */
const FREE_FORMAT = 1_000_000;
function formatted(measure: Measure): number {
  const values = measure.traverse(1);
  return costs.text(measure) + (values > FREE_FORMAT ? values : 0);
}

const tenth = (length: number): number => Math.ceil(length * 0.1);

export function stringLibrary(): Overload[] {
  const same = { cost: costs.text, resultSize: sizes.first };
  const replaced = { cost: costs.twice, resultSize: grown };
  const parts = { cost: costs.twice, resultSize: sizes.first };
  const found: OverloadOptions = { cost: (measure) => measure.walk(0), estimate: (least, most) => ({ min: costs.text(least), max: costs.text(most) }) };
  const one = (measure: Measure): number => measure.texts(0);
  const join1: OverloadOptions = { cost: (measure) => Math.ceil(one(measure) * 0.2), estimate: (least, most) => ({ min: tenth(one(least)), max: tenth(one(most)) }), resultSize: one };
  const join2: OverloadOptions = { cost: (measure) => Math.ceil(joined(measure) * 0.2), estimate: (least, most) => ({ min: tenth(joined(least)), max: tenth(joined(most)) }), resultSize: joined };
  return [
    overload('charAt', 'string.(int) -> string', charAt, { resultSize: sizes.fixed(2) }),
    overload('indexOf', 'string.(string) -> int', indexOf, found),
    overload('indexOf', 'string.(string, int) -> int', indexOf, found),
    overload('lastIndexOf', 'string.(string) -> int', lastIndexOf, found),
    overload('lastIndexOf', 'string.(string, int) -> int', lastIndexOf, found),
    overload('join', 'list(string).() -> string', join, join1),
    overload('join', 'list(string).(string) -> string', join, join2),
    overload('lowerAscii', 'string.() -> string', lower, same),
    overload('upperAscii', 'string.() -> string', upper, same),
    overload('replace', 'string.(string, string) -> string', replace, replaced),
    overload('replace', 'string.(string, string, int) -> string', replace, replaced),
    overload('split', 'string.(string) -> list(string)', split, parts),
    overload('split', 'string.(string, int) -> list(string)', split, parts),
    overload('substring', 'string.(int) -> string', substring, same),
    overload('substring', 'string.(int, int) -> string', substring, same),
    overload('trim', 'string.() -> string', trim, same),
    overload('strings.quote', '(string) -> string', quote, { cost: costs.text, resultSize: (measure) => measure.size(0) * 2 + 2 }),
    overload('format', 'string.(list) -> string', formatText, { cost: formatted, estimate: (least, most) => ({ min: costs.text(least), max: costs.text(most) }) }),
  ];
}
