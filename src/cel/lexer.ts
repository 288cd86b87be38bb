/** Text to tokens. */
import { decodeLiteral } from './escapes.ts';
import type { Issue } from './types.ts';

export type TokenKind = 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'ident' | 'quoted' | 'op' | 'end';

export interface Token {
  kind: TokenKind;
  /** Operators and names as written, numbers as digits, strings decoded. */
  text: string;
  /** As written, for messages. */
  raw: string;
  at: number;
  bytes?: Uint8Array;
  /** A string's body stands for nothing. */
  fault?: string;
}

const SPACE = /(?:[\t\n\f\r ]+|\/\/[^\n]*)+/y;
const NUMBER = /0x[0-9a-fA-F]+[uU]?|[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+[uU]?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const QUOTED_NAME = /`[A-Za-z0-9_./\- ]+`/y;
const QUOTED_PART = /`[A-Za-z0-9_./\- ]*/y;
const STRING = /([bB]?[rR]?)("""|'''|"|')/y;
/** Of an escape, as much as can be one. */
const ESCAPE = /\\(?:[abfnrtv"'\\?`]|[xX][0-9a-fA-F]{0,2}|u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|[0-3][0-7]{0,2})?/y;
const ESCAPE_LENGTH: Readonly<Record<string, number>> = { x: 4, X: 4, u: 6, U: 10, 0: 4, 1: 4, 2: 4, 3: 4 };

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

/** Where what could not be read stands: before the first column. */
export const BEFORE = -2;

/** Turns an index into line and column, both from 1; columns count code points. Below zero it stands nowhere. */
export function issueAt(source: string, at: number, message: string): Issue {
  if (source === '' || at === BEFORE) return { message, line: 1, column: 0 };
  if (at < 0) return { message, line: -1, column: 0 };
  let line = 1;
  let start = 0;
  for (let i = source.indexOf('\n'); i >= 0 && i < at; i = source.indexOf('\n', i + 1)) {
    line++;
    start = i + 1;
  }
  return { message, line, column: Array.from(source.slice(start, at)).length + 1 };
}

export class SyntaxFault extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.name = 'SyntaxFault';
    this.at = at;
  }
}

/** What is no token. */
export interface TokenFault {
  message: string;
  at: number;
  /** Where reading goes on. */
  end?: number;
}

/** Where a string ends whose quotes have been opened, or where it can go on no longer. */
function endOfString(source: string, at: number, quote: string, isRaw: boolean): { end: number } | { stuck: number } {
  for (let i = at; i < source.length; i++) {
    const c = source[i]!;
    if (c === '\\' && !isRaw) {
      const escape = match(ESCAPE, source, i)!;
      if (escape.length < (ESCAPE_LENGTH[escape[1] ?? ''] ?? 2)) return { stuck: i + escape.length };
      i += escape.length - 1;
    } else if (quote.length === 1 && (c === '\n' || c === '\r')) return { stuck: i };
    else if (c === quote[0] && source.startsWith(quote, i)) return { end: i + quote.length };
  }
  return { stuck: source.length };
}

function stringToken(source: string, at: number, prefix: string, quote: string, end: number): Token {
  const raw = source.slice(at, end);
  const body = source.slice(at + prefix.length + quote.length, end - quote.length);
  const isBytes = /b/i.test(prefix);
  const decoded = decodeLiteral(body, /r/i.test(prefix), isBytes);
  if (typeof decoded === 'string') return { kind: 'string', text: decoded, raw, at };
  return 'fault' in decoded ? { kind: isBytes ? 'bytes' : 'string', text: '', raw, at, fault: decoded.fault } : { kind: 'bytes', text: '', raw, at, bytes: decoded };
}

/** A string, or what else can be made of its beginning: a name of its prefix, an empty string of three quotes. */
function readString(source: string, at: number): Token | { stuck: number } | undefined {
  STRING.lastIndex = at;
  const found = STRING.exec(source);
  if (found === null) return undefined;
  const [opening, prefix, quote] = found as unknown as [string, string, string];
  const ending = endOfString(source, at + opening.length, quote, /r/i.test(prefix));
  if ('end' in ending) return stringToken(source, at, prefix, quote, ending.end);
  if (quote.length === 3) return stringToken(source, at, prefix, quote[0]!, at + prefix.length + 2);
  return prefix === '' ? ending : undefined;
}

function numberToken(text: string, at: number): Token {
  if (/[uU]$/.test(text)) return { kind: 'uint', text: text.slice(0, -1), raw: text, at };
  const isDouble = !text.startsWith('0x') && /[.eE]/.test(text);
  return { kind: isDouble ? 'double' : 'int', text, raw: text, at };
}

const NUMERIC = /(?:[0-9]|\.[0-9])/y;
const TWO: ReadonlySet<string> = new Set(['==', '!=', '<=', '>=', '&&', '||']);
const ONE = '<>!()[]{}.,:?+-*/%';

/** The token at a place, or where reading one got stuck. */
function readToken(source: string, at: number): Token | { stuck: number } {
  const c = source[at]!;
  const string = '"\'bBrR'.includes(c) ? readString(source, at) : undefined;
  if (string !== undefined) return string;
  const name = match(NAME, source, at);
  if (name !== undefined) return { kind: 'ident', text: name, raw: name, at };
  if (match(NUMERIC, source, at) !== undefined) return numberToken(match(NUMBER, source, at)!, at);
  const two = source.slice(at, at + 2);
  if (TWO.has(two)) return { kind: 'op', text: two, raw: two, at };
  if (ONE.includes(c)) return { kind: 'op', text: c, raw: c, at };
  const quoted = match(QUOTED_NAME, source, at);
  if (quoted !== undefined) return { kind: 'quoted', text: quoted.slice(1, -1), raw: quoted, at };
  return { stuck: at + (match(QUOTED_PART, source, at)?.length ?? ('=&|'.includes(c) ? 1 : 0)) };
}

/** All tokens of the source, an `end` last. What is none goes to `faults`, with the character at which that shows. */
export function tokenize(source: string, faults: TokenFault[]): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const c = source[at]!;
    const skipped = c <= ' ' || c === '/' ? match(SPACE, source, at) : undefined;
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    const found = readToken(source, at);
    if ('stuck' in found) {
      const end = found.stuck < source.length ? found.stuck + (source.codePointAt(found.stuck)! > 0xffff ? 2 : 1) : source.length;
      faults.push({ message: `Syntax error: token recognition error at: '${source.slice(at, end)}'`, at, end });
      at = end;
    } else {
      tokens.push(found);
      at += found.raw.length;
    }
  }
  tokens.push({ kind: 'end', text: '<EOF>', raw: '<EOF>', at: source.length });
  return tokens;
}
