/** The strings extension: positions count code points. */
import { CelError } from '../types.ts';
import { ArrayList, ListValue, noSuchOverload, type Value } from '../values.ts';
import { costs, overload, sizes, type Measure, type Overload } from './declare.ts';
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

const joined = (measure: Measure): number => {
  const between = measure.size(1) * measure.size(0);
  return Math.ceil(measure.traverse(0) + (Number.isNaN(between) ? 0 : between) * 0.1);
};

export function stringLibrary(): Overload[] {
  const same = { cost: costs.text, resultSize: sizes.first };
  const grown = (measure: Measure): number => {
    const { 0: text, 1: by } = { 0: measure.size(0), 1: measure.size(2) };
    return by === 0 ? text : (text + 1) * Math.max(1, by) + text;
  };
  const replaced = { cost: (measure: Measure): number => Math.ceil(grown(measure) * 0.1), resultSize: grown };
  const parts = { cost: costs.text, resultSize: sizes.first };
  return [
    overload('charAt', 'string.(int) -> string', charAt, { resultSize: sizes.fixed(2) }),
    overload('indexOf', 'string.(string) -> int', indexOf, { cost: costs.product }),
    overload('indexOf', 'string.(string, int) -> int', indexOf, { cost: costs.product }),
    overload('lastIndexOf', 'string.(string) -> int', lastIndexOf, { cost: costs.product }),
    overload('lastIndexOf', 'string.(string, int) -> int', lastIndexOf, { cost: costs.product }),
    overload('join', 'list(string).() -> string', join, { cost: costs.traverse, resultSize: (measure) => measure.traverse(0) * 10 }),
    overload('join', 'list(string).(string) -> string', join, { cost: joined, resultSize: (measure) => joined(measure) * 10 }),
    overload('lowerAscii', 'string.() -> string', lower, same),
    overload('upperAscii', 'string.() -> string', upper, same),
    overload('replace', 'string.(string, string) -> string', replace, replaced),
    overload('replace', 'string.(string, string, int) -> string', replace, replaced),
    overload('split', 'string.(string) -> list(string)', split, parts),
    overload('split', 'string.(string, int) -> list(string)', split, parts),
    overload('substring', 'string.(int) -> string', substring, same),
    overload('substring', 'string.(int, int) -> string', substring, same),
    overload('trim', 'string.() -> string', trim, same),
    overload('reverse', 'string.() -> string', (text: string) => [...text].toReversed().join(''), same),
    overload('strings.quote', '(string) -> string', quote, { cost: costs.text, resultSize: (measure) => measure.size(0) * 2 + 2 }),
    overload('format', 'string.(list) -> string', formatText, { cost: (measure) => Math.ceil(measure.size(0) * 0.1) + measure.traverse(1) }),
  ];
}
