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
}

const SPACE = /[\t\n\f\r ]+/y;
const COMMENT = /\/\/[^\n]*/y;
const NUMBER = /0x[0-9a-fA-F]+[uU]?|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[uU]?|\.[0-9]+(?:[eE][+-]?[0-9]+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const QUOTED_NAME = /`[A-Za-z0-9_./\- ]+`/y;
const STRING = /([rR]?[bB]|[bB]?[rR])?("""|'''|"|')/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||[<>!()[\]{}.,:?+\-*/%=]/y;

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

/** Turns an index into line and column, both from 1; columns count code points. */
export function issueAt(source: string, at: number, message: string): Issue {
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

/** Where a string that begins at `at` (after its quotes) ends, or -1. */
function endOfString(source: string, at: number, quote: string, isRaw: boolean): number {
  for (let i = at; i < source.length; i++) {
    const c = source[i]!;
    if (c === '\\' && !isRaw) i++;
    else if (quote.length === 1 && (c === '\n' || c === '\r')) return -1;
    else if (c === quote[0] && source.startsWith(quote, i)) return i;
  }
  return -1;
}

function readString(source: string, at: number, opening: string): { token: Token; end: number } {
  const [, prefix = '', quote = ''] = /^([a-zA-Z]*)(.*)$/.exec(opening)!;
  const isRaw = /r/i.test(prefix);
  const isBytes = /b/i.test(prefix);
  const from = at + opening.length;
  const end = endOfString(source, from, quote, isRaw);
  if (end < 0) throw new SyntaxFault(`Syntax error: token recognition error at: '${source.slice(at).split('\n')[0]}'`, at);
  const body = source.slice(from, end);
  const raw = source.slice(at, end + quote.length);
  const decoded = decodeLiteral(body, isRaw, isBytes);
  if (typeof decoded === 'object' && 'fault' in decoded) throw new SyntaxFault(decoded.fault, at);
  const token: Token = typeof decoded === 'string' ? { kind: 'string', text: decoded, raw, at } : { kind: 'bytes', text: '', raw, at, bytes: decoded };
  return { token, end: end + quote.length };
}

function readNumber(text: string, at: number): Token {
  if (/[uU]$/.test(text)) return { kind: 'uint', text: text.slice(0, -1), raw: text, at };
  const isDouble = !text.startsWith('0x') && /[.eE]/.test(text);
  return { kind: isDouble ? 'double' : 'int', text, raw: text, at };
}

/** All tokens of the source, an `end` last. Throws SyntaxFault. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const skipped = match(SPACE, source, at) ?? match(COMMENT, source, at);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    const opening = match(STRING, source, at);
    if (opening !== undefined) {
      const { token, end } = readString(source, at, opening);
      tokens.push(token);
      at = end;
      continue;
    }
    const text = match(NUMBER, source, at);
    if (text !== undefined) {
      tokens.push(readNumber(text, at));
      at += text.length;
      continue;
    }
    const name = match(NAME, source, at) ?? match(QUOTED_NAME, source, at);
    if (name !== undefined) {
      tokens.push(name.startsWith('`') ? { kind: 'quoted', text: name.slice(1, -1), raw: name, at } : { kind: 'ident', text: name, raw: name, at });
      at += name.length;
      continue;
    }
    const operator = match(OPERATOR, source, at);
    if (operator === undefined) throw new SyntaxFault(`Syntax error: token recognition error at: '${String.fromCodePoint(source.codePointAt(at)!)}'`, at);
    tokens.push({ kind: 'op', text: operator, raw: operator, at });
    at += operator.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', raw: '<EOF>', at: source.length });
  return tokens;
}
