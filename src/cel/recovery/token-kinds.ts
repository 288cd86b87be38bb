/** Kinds of tokens as messages name them. */
import type { Token } from '../lexer.ts';

export type Kinds = ReadonlySet<string>;

/** In the order in which messages list them. */
const ORDER: readonly string[] = [
  '<EOF>', "'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'", "'&&'", "'||'", "'['", "']'", "'{'", "'}'", "'('", "')'", "'.'", "','", "'-'", "'!'", "'?'", "':'", "'+'", "'*'", "'/'", "'%'",
  "'true'", "'false'", "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER', 'ESC_IDENTIFIER',
];

const NAMES: Readonly<Partial<Record<Token['kind'], string>>> = { int: 'NUM_INT', uint: 'NUM_UINT', double: 'NUM_FLOAT', string: 'STRING', bytes: 'BYTES', quoted: 'ESC_IDENTIFIER', end: '<EOF>' };
const WORDS: Kinds = new Set(['true', 'false', 'null', 'in']);

export function kindOf({ kind, text }: Token): string {
  if (kind === 'ident') return WORDS.has(text) ? `'${text}'` : 'IDENTIFIER';
  return NAMES[kind] ?? `'${text}'`;
}

/** A set of signs, words and named kinds; names in capitals, and the empty one, stand for themselves. */
export const setOf = (...kinds: readonly string[]): Kinds => new Set(kinds.map((kind) => (kind === '' || /^[A-Z<]..*/.test(kind) ? kind : `'${kind}'`)));

export const union = (a: Kinds, b: Kinds): Kinds => new Set([...a, ...b]);

/** `{'a', 'b'}`, or the only one bare. */
export function show(kinds: Kinds): string {
  const names = ORDER.filter((kind) => kinds.has(kind));
  return names.length === 1 ? names[0]! : `{${names.join(', ')}}`;
}

/** A token between quotes. */
export const displayOf = ({ raw }: Token): string => `'${raw.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
