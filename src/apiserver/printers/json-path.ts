/**
 * JSONPath as kubectl and printer columns have it: fields, `['dotted.name']`, `*`, `..`, indexes, slices `[from:to:step]`, unions `[0,2]`, and filters
 * `[?(@.type=="Ready")]`. https://kubernetes.io/docs/reference/kubectl/jsonpath/
 */
type Literal = string | number | boolean;
type Side = { path: readonly Step[] } | { literal: Literal };

export type Step =
  | { field: string }
  | { every: true }
  | { below: true }
  | { from: number | undefined; to: number | undefined; step: number; single: boolean }
  | { union: readonly (readonly Step[])[] }
  | { left: Side; operator: string; right: Side }
  | { exists: readonly Step[] };

class PathError extends Error {}

/** Values that a step goes on with at most: steps such as `..` multiply them. */
const valuesLimit = 10_000;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
/** What ends a field's name. */
const ENDS: ReadonlySet<string> = new Set(['.', ',', '[', ']', '$', '@', '{', '}', ' ', '\t', '\n', '\r', undefined as never]);

/** Where the bracket closes that opens at `start`; brackets in quotes do not count. */
function closing(text: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let i = start; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== '') {
      if (char === '\\') i++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '[') depth++;
    else if (char === ']' && --depth === 0) return i;
  }
  throw new PathError('unterminated array');
}

/** Parts between commas that stand in no quotes. */
function commaParts(text: string): string[] {
  return text.match(/(?:'[^']*'|"[^"]*"|[^,'"])+/g) ?? [text];
}

function literalOf(text: string): Literal | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$|^'((?:[^'\\]|\\.)*)'$/.exec(text);
  if (quoted !== null) return (quoted[1] ?? quoted[2]!).replaceAll(/\\(.)/g, '$1');
  if (text === 'true' || text === 'false') return text === 'true';
  return /^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function sideOf(text: string): Side {
  const literal = literalOf(text);
  if (literal !== undefined) return { literal };
  if (!/^[@.$]/.test(text)) throw new PathError(`unrecognized identifier ${text}`);
  return { path: stepsOf(text) };
}

function filterOf(text: string): Step {
  const parts = /^((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^!<>="'])+)([!<>=]+)([^]+)$/.exec(text.trim());
  if (parts === null) return { exists: stepsOf(text.trim()) };
  const [, left = '', operator = '', right = ''] = parts;
  if (!['==', '!=', '<', '<=', '>', '>='].includes(operator)) throw new PathError(`unrecognized filter operator ${operator}`);
  return { left: sideOf(left.trim()), operator, right: sideOf(right.trim()) };
}

const SLICE = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/;
const numberOf = (text: string | undefined): number | undefined => (text === undefined || text === '' ? undefined : Number(text));

function bracketOf(inside: string): Step {
  const text = inside.trim();
  if (text.startsWith('?(') && text.endsWith(')')) return filterOf(text.slice(2, -1));
  const parts = commaParts(text);
  if (parts.length > 1) return { union: parts.map((part) => [bracketOf(part)]) };
  const name = /^'([^']*)'$|^"([^"]*)"$/.exec(text);
  if (name !== null) return { field: name[1] ?? name[2]! };
  if (text === '*') return { from: undefined, to: undefined, step: 1, single: false };
  const slice = SLICE.exec(text);
  if (slice === null || text === '') throw new PathError(`invalid array index ${text}`);
  const single = slice[2] === undefined && slice[3] === undefined;
  const step = numberOf(slice[3]) ?? 1;
  if (step <= 0) throw new PathError('step must be > 0');
  return { from: numberOf(slice[1]), to: numberOf(slice[2]), step, single };
}

/** The steps of an expression. Throws PathError. */
function stepsOf(text: string): Step[] {
  const steps: Step[] = [];
  let at = /^[$@]/.test(text) ? 1 : 0;
  while (at < text.length) {
    if (text[at] === '[') {
      const end = closing(text, at);
      steps.push(bracketOf(text.slice(at + 1, end)));
      at = end + 1;
      continue;
    }
    if (text[at] !== '.') throw new PathError(`unrecognized character ${text[at]}`);
    if (text[at + 1] === '.') {
      if (!('below' in (steps.at(-1) ?? {}))) steps.push({ below: true });
      at += 1;
    }
    let name = '';
    for (at += 1; at < text.length && !ENDS.has(text[at]!); at++) name += text[at] === '\\' ? (text[++at] ?? '') : text[at];
    if (name === '*') steps.push({ every: true });
    else if (name !== '') steps.push({ field: name });
  }
  return steps;
}

/** The text of the first expression: a path may be written with its braces, and more may follow it. */
function firstExpression(text: string): string {
  const start = text.startsWith('{') ? 1 : 0;
  let quote = '';
  for (let i = start; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== '') {
      if (char === '\\') i++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '}') return text.slice(start, i).trim();
  }
  return text.slice(start).trim();
}

/** Reads a path; undefined for one that cannot be read. */
export function parsePath(text: string): Step[] | undefined {
  try {
    return stepsOf(firstExpression(text));
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

function compared(a: unknown, operator: string, b: unknown): boolean {
  if (typeof a !== typeof b || isObject(a) || isObject(b)) return false;
  const [left, right] = [a as Literal, b as Literal];
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

const valuesOf = (side: Side, item: unknown): unknown[] => ('literal' in side ? [side.literal] : resolvePath([item], side.path));

function holds(item: unknown, filter: Extract<Step, { operator: string }>): boolean {
  const [left, right] = [valuesOf(filter.left, item), valuesOf(filter.right, item)];
  return left.length === 1 && right.length === 1 && compared(left[0], filter.operator, right[0]);
}

function sliced(list: readonly unknown[], { from, to, step, single }: Extract<Step, { single: boolean }>): unknown[] {
  const place = (index: number): number => (index < 0 ? index + list.length : index);
  if (single) {
    const at = place(from ?? 0);
    return at >= 0 && at < list.length ? [list[at]] : [];
  }
  const start = Math.max(0, place(from ?? 0));
  const end = Math.min(list.length, place(to ?? list.length));
  const found: unknown[] = [];
  for (let i = start; i < end; i += step) found.push(list[i]);
  return found;
}

function* selfAndBelow(value: unknown): Generator<unknown, void, undefined> {
  if (!isObject(value)) return;
  yield value;
  for (const below of Object.values(value)) yield* selfAndBelow(below);
}

function follow(value: unknown, step: Step): unknown[] {
  if ('union' in step) return step.union.flatMap((steps) => resolvePath([value], steps));
  if (!isObject(value)) return [];
  if ('field' in step) return !Array.isArray(value) && Object.hasOwn(value, step.field) ? [value[step.field]] : [];
  if ('every' in step) return Object.values(value);
  if ('below' in step) return [...selfAndBelow(value)];
  if (!Array.isArray(value)) return [];
  if ('single' in step) return sliced(value, step);
  if ('exists' in step) return value.filter((item) => resolvePath([item], step.exists).length > 0);
  return value.filter((item) => holds(item, step));
}

/** What is at the end of a path, from each of the values. */
export function resolvePath(values: readonly unknown[], steps: readonly Step[]): unknown[] {
  return steps.reduce<unknown[]>((current, step) => current.flatMap((value) => follow(value, step)).slice(0, valuesLimit), [...values]);
}
