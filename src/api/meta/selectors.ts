/**
 * Label selectors and field selectors: their grammar, what they match, and how they are written.
 * Errors are StatusErrors 400 in upstream's words.
 */
import { own } from '../../base/own.ts';
import { labelValue, qualifiedName } from './names.ts';
import { quote } from './quote.ts';
import { badRequest } from './status.ts';
import type { LabelSelector } from './v1/types.ts';

export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt';

/** One condition on one label. */
export interface LabelRequirement {
  key: string;
  operator: LabelOperator;
  /** Sorted, without repetition. */
  values: readonly string[];
}

/** Says whether labels match; all requirements must hold. */
export interface LabelMatcher {
  (labels: Readonly<Record<string, string>> | undefined): boolean;
  readonly requirements: readonly LabelRequirement[];
  /** As the API writes it: `a=b,c in (d,e),!f`. */
  readonly text: string;
  /** True when everything matches. */
  readonly isEmpty: boolean;
}

type Token = 'error' | 'end' | ')' | ',' | '!' | '==' | '=' | '>' | 'identifier' | 'in' | '<' | '!=' | 'notin' | '(';
interface Scanned {
  token: Token;
  literal: string;
}

const SPECIAL = /[=!(),><]/;
const BLANK = /[ \t\r\n]/;
const SYMBOLS: ReadonlySet<string> = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '(']);
const BINARY_OPERATORS = 'in, notin, =, ==, !=, gt, lt';

/** The longest symbol at `at`, as the lexer sees it: special characters are taken while they still make a known symbol. */
function scanSymbol(text: string, at: number): { scanned: Scanned; next: number } {
  let buffer = '';
  let known = '';
  let next = at;
  while (next < text.length && SPECIAL.test(text[next]!)) {
    buffer += text[next]!;
    if (SYMBOLS.has(buffer)) known = buffer;
    else if (known !== '') break;
    next++;
  }
  if (known === '') return { scanned: { token: 'error', literal: `error expected: keyword found '${buffer}'` }, next };
  return { scanned: { token: known as Token, literal: known }, next };
}

function scan(text: string): Scanned[] {
  const items: Scanned[] = [];
  let at = 0;
  while (at < text.length) {
    if (BLANK.test(text[at]!)) {
      at++;
      continue;
    }
    if (SPECIAL.test(text[at]!)) {
      const { scanned, next } = scanSymbol(text, at);
      items.push(scanned);
      at = next;
      continue;
    }
    const start = at;
    while (at < text.length && !SPECIAL.test(text[at]!) && !BLANK.test(text[at]!)) at++;
    const literal = text.slice(start, at);
    items.push({ token: literal === 'in' || literal === 'notin' ? literal : 'identifier', literal });
  }
  items.push({ token: 'end', literal: '' });
  return items;
}

const invalidAt = (path: string, value: unknown, detail: string): string => `${path}: Invalid value: ${typeof value === 'string' ? quote(value) : JSON.stringify(value)}: ${detail}`;

function checkKey(key: string, path: string): string[] {
  const problems = qualifiedName(key).map((problem) => problem.replace(/^a qualified name must/, 'a valid label key must'));
  return problems.length === 0 ? [] : [invalidAt(path, key, problems.join('; '))];
}

const INT64 = /^[+-]?\d+$/;
function int64(text: string): bigint | undefined {
  if (!INT64.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined;
}

function countProblem(operator: LabelOperator, values: readonly string[]): string[] {
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length === 0 ? [invalidAt('values', [], "for 'in', 'notin' operators, values set can't be empty")] : [];
    case '=':
    case '==':
    case '!=':
      return values.length === 1 ? [] : [invalidAt('values', values, 'exact-match compatibility requires one single value')];
    case 'exists':
    case '!':
      return values.length === 0 ? [] : [invalidAt('values', values, 'values set must be empty for exists and does not exist')];
    default: {
      const wrong = values.flatMap((v, i) => (int64(v) === undefined ? [invalidAt(`values[${i}]`, v, "for 'Gt', 'Lt' operators, the value must be an integer")] : []));
      return values.length === 1 ? wrong : [invalidAt('values', values, "for 'Gt', 'Lt' operators, exactly one value is required"), ...wrong];
    }
  }
}

/** A checked requirement. Throws Error with all problems, joined as upstream joins them. */
function requirementOf(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const problems = [
    ...checkKey(key, 'key'),
    ...countProblem(operator, values),
    ...values.flatMap((value, i) => {
      const wrong = labelValue(value);
      return wrong.length === 0 ? [] : [invalidAt(`values[${i}][${key}]`, value, wrong.join('; '))];
    }),
  ];
  if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`);
  return { key, operator, values };
}

class LabelParser {
  readonly #items: readonly Scanned[];
  #at = 0;
  constructor(text: string) {
    this.#items = scan(text);
  }

  #peek(): Scanned {
    return this.#items[Math.min(this.#at, this.#items.length - 1)]!;
  }

  /** `in` and `notin` are words like any other except where an operator is due. */
  #peekValue(): Scanned {
    const { token, literal } = this.#peek();
    return token === 'in' || token === 'notin' ? { token: 'identifier', literal } : { token, literal };
  }

  #takeValue(): Scanned {
    const item = this.#peekValue();
    this.#at++;
    return item;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const { token, literal } = this.#peekValue();
      if (token === 'end') return requirements;
      if (token !== 'identifier' && token !== '!') throw new Error(`found '${literal}', expected: !, identifier, or 'end of string'`);
      try {
        requirements.push(this.#requirement());
      } catch (error) {
        throw new Error(`unable to parse requirement: ${(error as Error).message}`, { cause: error });
      }
      const after = this.#takeValue();
      if (after.token === 'end') return requirements;
      if (after.token !== ',') throw new Error(`found '${after.literal}', expected: ',' or 'end of string'`);
      const next = this.#peekValue();
      if (next.token !== 'identifier' && next.token !== '!') throw new Error(`found '${next.literal}', expected: identifier after ','`);
    }
  }

  #requirement(): LabelRequirement {
    let first = this.#takeValue();
    const negated = first.token === '!';
    if (negated) first = this.#takeValue();
    if (first.token !== 'identifier') throw new Error(`found '${first.literal}', expected: identifier`);
    const key = first.literal;
    const wrong = checkKey(key, '<nil>');
    if (wrong.length > 0) throw new Error(wrong[0]);
    const next = this.#peekValue().token;
    if (negated) return requirementOf(key, '!', []);
    if (next === 'end' || next === ',') return requirementOf(key, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#valueSet() : this.#exactValue();
    return requirementOf(key, operator, [...values].sort());
  }

  #operator(): LabelOperator {
    const { token, literal } = this.#peek();
    this.#at++;
    switch (token) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
        return token;
      case '>':
        return 'gt';
      case '<':
        return 'lt';
      default:
        throw new Error(`found '${literal}', expected: ${BINARY_OPERATORS}`);
    }
  }

  #valueSet(): Set<string> {
    const open = this.#takeValue();
    if (open.token !== '(') throw new Error(`found '${open.literal}' expected: '('`);
    const next = this.#peekValue();
    if (next.token === ')') {
      this.#at++;
      return new Set(['']);
    }
    if (next.token !== 'identifier' && next.token !== ',') throw new Error(`found '${next.literal}', expected: ',', ')' or identifier`);
    const values = this.#identifiers();
    if (this.#takeValue().token !== ')') throw new Error(`found '${next.literal}', expected: ')'`);
    return values;
  }

  #identifiers(): Set<string> {
    const values = new Set<string>();
    for (;;) {
      const { token, literal } = this.#takeValue();
      const next = this.#peekValue();
      if (token === 'identifier') {
        values.add(literal);
        if (next.token === ',') continue;
        if (next.token === ')') return values;
        throw new Error(`found '${next.literal}', expected: ',' or ')'`);
      }
      if (token !== ',') throw new Error(`found '${literal}', expected: ',', or identifier`);
      if (values.size === 0) values.add('');
      if (next.token === ')') {
        values.add('');
        return values;
      }
      if (next.token === ',') {
        this.#at++;
        values.add('');
      }
    }
  }

  #exactValue(): Set<string> {
    const next = this.#peekValue();
    if (next.token === 'end' || next.token === ',') return new Set(['']);
    this.#at++;
    if (next.token !== 'identifier') throw new Error(`found '${next.literal}', expected: identifier`);
    return new Set([next.literal]);
  }
}

function holds({ key, operator, values }: LabelRequirement, labels: Readonly<Record<string, string>>): boolean {
  const value = own(labels, key);
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    default: {
      const left = value === undefined ? undefined : int64(value);
      const right = int64(values[0] ?? '');
      if (left === undefined || right === undefined) return false;
      return operator === 'gt' ? left > right : left < right;
    }
  }
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`;
    default:
      return `${key}${operator === 'gt' ? '>' : operator === 'lt' ? '<' : operator}${values.join(',')}`;
  }
}

const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});

function matcherOf(unsorted: readonly LabelRequirement[]): LabelMatcher {
  const requirements = [...unsorted].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const matches = (labels: Readonly<Record<string, string>> | undefined): boolean => requirements.every((r) => holds(r, labels ?? NO_LABELS));
  return Object.assign(matches, { requirements, text: requirements.map(requirementText).join(','), isEmpty: requirements.length === 0 });
}

/** Matches everything; the text is ''. */
export const everything: LabelMatcher = matcherOf([]);
/** Matches nothing: what an absent LabelSelector means. */
export const nothing: LabelMatcher = Object.assign(() => false, { requirements: [], text: '', isEmpty: false });

/** Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>5`. Throws StatusError 400 in upstream's words. */
export function parseLabelSelector(text: string): LabelMatcher {
  if (text === '') return everything;
  try {
    return matcherOf(new LabelParser(text).parse());
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

const SELECTOR_OPERATORS: Readonly<Record<string, LabelOperator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

/**
 * The matcher of a LabelSelector object: absent matches nothing, `{}` matches everything.
 * Throws StatusError 400 for an unknown operator or a broken key or value.
 */
export function labelSelectorOf(selector: LabelSelector | undefined | null): LabelMatcher {
  if (selector === undefined || selector === null) return nothing;
  const requirements: LabelRequirement[] = [];
  try {
    for (const [key, value] of Object.entries(selector.matchLabels ?? {})) requirements.push(requirementOf(key, '=', [value]));
    for (const { key, operator, values } of selector.matchExpressions ?? []) {
      const known = own(SELECTOR_OPERATORS, operator);
      if (known === undefined) throw new Error(`${quote(operator)} is not a valid label selector operator`);
      requirements.push(requirementOf(key, known, [...(values ?? [])].sort()));
    }
  } catch (error) {
    throw badRequest((error as Error).message);
  }
  return requirements.length === 0 ? everything : matcherOf(requirements);
}

/** The matcher that asks for every one of these labels. Nothing is checked; no labels match everything. */
export function labelsMatcher(labels: Readonly<Record<string, string>> | undefined): LabelMatcher {
  const requirements = Object.entries(labels ?? {}).map(([key, value]): LabelRequirement => ({ key, operator: '=', values: [value] }));
  return requirements.length === 0 ? everything : matcherOf(requirements);
}

/** A LabelSelector as printed for people: `<none>` when it is empty, `<error>` when it is broken. */
export function formatLabelSelector(selector: LabelSelector | undefined | null): string {
  try {
    return labelSelectorOf(selector).text || '<none>';
  } catch {
    return '<error>';
  }
}

/** One condition on one field. */
export interface FieldRequirement {
  field: string;
  operator: '=' | '!=';
  value: string;
}

/** Says whether an object's selectable fields match; a field that is not there counts as ''. */
export interface FieldMatcher {
  (fields: Readonly<Record<string, string>>): boolean;
  readonly requirements: readonly FieldRequirement[];
  readonly text: string;
  readonly isEmpty: boolean;
  /** The value that the selector asks of that field exactly, if it does. */
  exact(field: string): string | undefined;
}

/** Splits at commas that no backslash protects. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescapeValue(value: string): string {
  let result = '';
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    if (c === '\\') {
      const next = value[++i];
      if (next === undefined) throw badRequest('invalid field selector: invalid escape sequence: \\');
      if (next !== '\\' && next !== ',' && next !== '=') throw badRequest(`invalid field selector: invalid escape sequence: \\${next}`);
      result += next;
    } else if (c === ',' || c === '=') {
      throw badRequest(`invalid field selector: unescaped character in value: ${c.codePointAt(0)}`);
    } else {
      result += c;
    }
  }
  return result;
}

const escapeValue = (value: string): string => value.replace(/[\\,=]/g, (c) => `\\${c}`);

function fieldRequirement(whole: string, term: string): FieldRequirement {
  const found = /!=|==|=/.exec(term);
  if (found === null) throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
  return {
    field: term.slice(0, found.index),
    operator: found[0] === '!=' ? '!=' : '=',
    value: unescapeValue(term.slice(found.index + found[0].length)),
  };
}

/** A matcher of these requirements, in this order. */
export function fieldMatcher(requirements: readonly FieldRequirement[]): FieldMatcher {
  const matches = (fields: Readonly<Record<string, string>>): boolean =>
    requirements.every(({ field, operator, value }) => ((fields[field] ?? '') === value) === (operator === '='));
  return Object.assign(matches, {
    requirements,
    text: requirements.map(({ field, operator, value }) => `${field}${operator}${escapeValue(value)}`).join(','),
    isEmpty: requirements.length === 0,
    exact: (field: string) => requirements.find((r) => r.field === field && r.operator === '=')?.value,
  });
}

/** Reads `metadata.name=x,spec.nodeName!=y`; `\`, `,` and `=` in values are written with a backslash. Throws StatusError 400. */
export function parseFieldSelector(text: string): FieldMatcher {
  // A term that has neither field nor value asks for nothing.
  const terms = splitTerms(text).sort().filter((term) => term !== '' && term !== '=' && term !== '==');
  return fieldMatcher(terms.map((term) => fieldRequirement(text, term)));
}
