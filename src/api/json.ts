/**
 * JSON as the API reads it: the fast parser of the engine for what is right, and a careful one that finds duplicate fields and words
 * errors as Go's decoder does.
 */

import { setOwn } from '../base/own.ts';
import { isUtf8 } from 'node:buffer';
import { exactNumber, parseKnowing } from './exact-json.ts';
import { quote } from './meta/quote.ts';

/** Deeper nesting than any object of the API has; keeps recursive code off the end of the stack. */
export const MAX_DEPTH = 500;

/** A text that is no JSON; the message is Go's. */
export class JsonSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonSyntaxError';
  }
}

export interface ParsedJson {
  value: unknown;
  /** Paths of fields that came more than once, as `spec.containers[0].name`; the last value counts. */
  duplicates: string[];
}

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;

/** Where the string that opens at `from` closes; the end of the text where it does not. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = at - 1;
    while (text.charCodeAt(escapes) === BACKSLASH) escapes--;
    // Every second backslash is one itself. The opening quote stops the count.
    if ((at - escapes) % 2 === 1) return at;
  }
  return text.length;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** More digits than any number has that JavaScript holds exactly. */
const LONG_DIGITS = 16;

/** How many keys the text has, how deep it nests, and whether a number has a point or an exponent, or many digits, without looking at anything else. */
function survey(text: string): { keys: number; depth: number; fractions: boolean; long: boolean } {
  let keys = 0;
  let fractions = false;
  let long = false;
  let level = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = closingQuote(text, i);
    else if (c === COLON) keys++;
    else if (c === 123 || c === 91) {
      if (++level > depth) depth = level;
    } else if (c === 125 || c === 93) level--;
    else if (isDigit(c)) {
      const from = i;
      while (isDigit(text.charCodeAt(i + 1))) i++;
      if (i - from + 1 >= LONG_DIGITS) long = true;
    } else if (c === 46 || ((c | 32) === 101 && isDigit(text.charCodeAt(i - 1)))) fractions = true;
  }
  return { keys, depth, fractions, long };
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) {
    let count = 0;
    for (const item of value) count += countKeys(item);
    return count;
  }
  let count = 0;
  for (const key in value) count += 1 + countKeys((value as Record<string, unknown>)[key]);
  return count;
}

/** A mark of byte order is no part of JSON: it is left there, and refused. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The texts of numbers that JavaScript would write in another way, by the object or list they are in, and their key there. */
export type Literals = ReadonlyMap<object, ReadonlyMap<string, string>>;

const literalsByRoot = new WeakMap<object, Literals>();

/** What is known of the numbers in a value that `readJson` has read. */
export function literalsIn(root: unknown): Literals | undefined {
  return typeof root === 'object' && root !== null ? literalsByRoot.get(root) : undefined;
}

/** The text of a number in a value that `readJson` has read, where that is larger than any number can be. */
export function beyondNumbers(root: unknown): string | undefined {
  for (const here of literalsIn(root)?.values() ?? []) for (const text of here.values()) if (!Number.isFinite(Number(text))) return text;
  return undefined;
}

type Reviver = (this: object, key: string, value: unknown, context: { source?: string }) => unknown;

/** Reads once more, and notes how numbers are written: `1.0` and `1e3` are no whole numbers to Go, and quantities keep their form. */
function withLiterals(text: string): unknown {
  const found = new Map<object, Map<string, string>>();
  const note: Reviver = function (key, value, { source }) {
    if (typeof value === 'number' && source !== undefined && (/[.eE]/.test(source) || !Number.isFinite(value)) && String(value) !== source) {
      let here = found.get(this);
      if (here === undefined) found.set(this, (here = new Map<string, string>()));
      here.set(key, source);
    }
    return typeof value === 'number' && source !== undefined ? exactNumber(source) : value;
  };
  const value = (JSON.parse as (text: string, reviver: Reviver) => unknown)(text, note);
  if (found.size > 0 && typeof value === 'object' && value !== null) literalsByRoot.set(value, found);
  return value;
}

/**
 * Reads a JSON text.
 * @param options.strict also looks for duplicate fields.
 * Throws JsonSyntaxError.
 */
export function readJson(input: Uint8Array | string, options: { strict?: boolean } = {}): ParsedJson {
  const text = typeof input === 'string' ? input : decoder.decode(input);
  const { keys, depth, fractions, long } = survey(text);
  if (depth > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth');
  let value: unknown;
  try {
    value = parseKnowing(text, long);
  } catch {
    // What is no UTF-8 is gone through byte by byte, because the first byte that does not fit is named.
    const bytewise = typeof input !== 'string' && !isUtf8(input);
    return new CarefulParser(bytewise ? Buffer.from(input).toString('latin1') : text, bytewise).parse();
  }
  // Halves of characters are replaced, which the engine does not do.
  if (text.includes('\\ud') || text.includes('\\uD')) return new CarefulParser(text).parse();
  if (fractions || long) value = withLiterals(text);
  if (options.strict !== true || countKeys(value) === keys) return { value, duplicates: [] };
  return new CarefulParser(text).parse();
}

const SPACE = /[ \t\r\n]/;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** A character as Go's errors show it. */
function shown(c: string): string {
  if (c === "'") return `'\\''`;
  if (c === '"') return `'"'`;
  return `'${quote(c).slice(1, -1)}'`;
}

/** Recursive descent with Go's words. Only runs when something is wrong with the text. */
class CarefulParser {
  readonly #text: string;
  #at = 0;
  readonly #path: string[] = [];
  readonly #duplicates: string[] = [];

  readonly #bytewise: boolean;

  /** `bytewise`: each character of the text is a byte of what came. */
  constructor(text: string, bytewise = false) {
    this.#text = text;
    this.#bytewise = bytewise;
  }

  parse(): ParsedJson {
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) this.#fail('after top-level value');
    return { value, duplicates: this.#duplicates };
  }

  #fail(where: string): never {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new JsonSyntaxError('unexpected end of JSON input');
    // Go reads bytes: it names the first of a character, as the character with that number.
    const [byte = 0] = this.#bytewise ? [code] : Buffer.from(String.fromCodePoint(code));
    throw new JsonSyntaxError(`invalid character ${shown(String.fromCharCode(byte))} ${where}`);
  }

  #skip(): string | undefined {
    while (this.#at < this.#text.length && SPACE.test(this.#text[this.#at]!)) this.#at++;
    return this.#text[this.#at];
  }

  #value(): unknown {
    const c = this.#skip();
    switch (c) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        if (c !== undefined && /[-\d]/.test(c)) return this.#number();
        return this.#fail('looking for beginning of value');
    }
  }

  #literal<T>(word: string, value: T): T {
    for (const letter of word) {
      if (this.#text[this.#at] !== letter) this.#fail(`in literal ${word} (expecting ${shown(letter)})`);
      this.#at++;
    }
    return value;
  }

  #object(): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    this.#at++;
    if (this.#skip() === '}') {
      this.#at++;
      return result;
    }
    for (;;) {
      if (this.#skip() !== '"') this.#fail('looking for beginning of object key string');
      const key = this.#string();
      if (this.#skip() !== ':') this.#fail('after object key');
      this.#at++;
      this.#path.push(this.#path.length === 0 ? key : `.${key}`);
      if (Object.hasOwn(result, key)) this.#duplicates.push(this.#path.join(''));
      const value = this.#value();
      setOwn(result, key, value);
      this.#path.pop();
      const next = this.#skip();
      if (next !== ',' && next !== '}') this.#fail('after object key:value pair');
      this.#at++;
      if (next === '}') return result;
    }
  }

  #array(): unknown[] {
    const result: unknown[] = [];
    this.#at++;
    if (this.#skip() === ']') {
      this.#at++;
      return result;
    }
    for (;;) {
      this.#path.push(`[${result.length}]`);
      result.push(this.#value());
      this.#path.pop();
      const next = this.#skip();
      if (next !== ',' && next !== ']') this.#fail('after array element');
      this.#at++;
      if (next === ']') return result;
    }
  }

  #string(): string {
    let result = '';
    this.#at++;
    for (;;) {
      const c = this.#text[this.#at];
      if (c === undefined || c < ' ') this.#fail('in string literal');
      this.#at++;
      if (c === '"') return result.toWellFormed();
      result += c === '\\' ? this.#escape() : c;
    }
  }

  #escape(): string {
    const c = this.#text[this.#at];
    if (c === 'u') {
      this.#at++;
      const start = this.#at;
      while (this.#at < start + 4) {
        if (!/[\da-fA-F]/.test(this.#text[this.#at] ?? '')) this.#fail('in \\u hexadecimal character escape');
        this.#at++;
      }
      return String.fromCharCode(Number.parseInt(this.#text.slice(start, this.#at), 16));
    }
    const plain = c === undefined ? undefined : ESCAPES[c];
    if (plain === undefined) this.#fail('in string escape code');
    this.#at++;
    return plain;
  }

  #digits(where: string): void {
    if (!/\d/.test(this.#text[this.#at] ?? '')) this.#fail(where);
    while (/\d/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #number(): number | bigint {
    const start = this.#at;
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/[-+]/.test(this.#text[this.#at] ?? '')) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
    return exactNumber(this.#text.slice(start, this.#at));
  }
}
