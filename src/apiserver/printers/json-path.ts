/**
 * JSONPath as kubectl and printer columns have it: fields, `['name']`, `*`, `..`, indexes, slices `[from:to:step]`, unions `[0,2]`, and filters
 * `[?(@.type=="Ready")]`. What does not fit a value (an index of an object, a comparison of a text with a number) is a fault of the whole, and a missing
 * field is nothing. https://kubernetes.io/docs/reference/kubectl/jsonpath/
 */

/** A number that is written with a fraction: it compares with fractions alone. */
class Fraction {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

interface Bound { known: boolean; value: number; derived?: boolean }

export type Step =
  | { kind: 'field'; name: string }
  | { kind: 'every' }
  | { kind: 'below' }
  | { kind: 'slice'; from: Bound; to: Bound; step: Bound }
  | { kind: 'union'; parts: readonly (readonly Step[])[] }
  | { kind: 'filter'; left: readonly Step[]; operator: string; right: readonly Step[] }
  | { kind: 'literal'; value: string | number | boolean | Fraction }
  | { kind: 'word'; name: string };

/** Blocks of steps, each between braces or a text between them. The first gives the values. */
export type Path = readonly (readonly Step[])[];

class PathError extends Error {}

/** A step does not fit a value; `found` is what there was so far, which is enough to exist. */
class MisfitError extends Error {
  readonly found: readonly unknown[];
  constructor(found: readonly unknown[]) {
    super('a step does not fit');
    this.found = found;
  }
}

/** Values that a step goes on with at most: steps such as `..` multiply them. */
const valuesLimit = 10_000;

const ENDS: ReadonlySet<string> = new Set(['', '.', ',', '[', ']', '$', '@', '{', '}', ' ', '\t', '\n', '\r']);
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/;
const COMPARISON = /^([^!<>=]+)([!<>=]+)(.+?)$/s;
const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };

/** Text between quotes, with escapes as in Go. */
function unquote(text: string): string {
  const quote = text[0]!;
  const inner = text.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  return inner.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/gs, (_, escape: string) => {
    if (escape.length > 1) return String.fromCodePoint(/^[xuU]/.test(escape) ? Number.parseInt(escape.slice(1), 16) : Number.parseInt(escape, 8));
    const known = escape === quote ? escape : ESCAPES[escape];
    if (known === undefined) throw new PathError(`unquote string ${text}`);
    return known;
  });
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The whole text. */
  blocks(): Step[][] {
    const blocks: Step[][] = [];
    while (this.at < this.text.length) {
      const brace = this.text.indexOf('{', this.at);
      const plain = this.text.slice(this.at, brace < 0 ? undefined : brace);
      if (plain !== '') blocks.push([{ kind: 'literal', value: plain }]);
      if (brace < 0) break;
      this.at = brace + 1;
      blocks.push(this.steps());
    }
    return blocks;
  }

  /** Steps up to the closing brace. */
  private steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      const char = this.text[this.at] ?? '';
      if (char === '}') {
        this.at++;
        return steps;
      }
      if (this.text.startsWith('[?(', this.at)) steps.push(this.filter());
      else if (this.text.startsWith('..', this.at)) this.below(steps);
      else if (char === '' || char === '\r' || char === '\n') throw new PathError('unclosed action');
      else if (char === ' ' || char === '@' || char === '$') this.at++;
      else if (char === '[') steps.push(...this.bracket());
      else if (char === '"' || char === "'") steps.push({ kind: 'literal', value: this.quoted(char) });
      else if (char === '.') {
        this.at++;
        steps.push(this.field());
      } else if (/[-+\p{Nd}]/u.test(char)) steps.push({ kind: 'literal', value: this.number() });
      else if (/[_\p{L}]/u.test(char)) steps.push(this.word());
      else throw new PathError(`unrecognized character in action: ${char}`);
    }
  }

  private below(steps: Step[]): void {
    if (steps.at(-1)?.kind === 'below') throw new PathError('invalid multiple recursive descent');
    this.at += 2;
    steps.push({ kind: 'below' });
    if (/[_\p{L}\p{Nd}]/u.test(this.text[this.at] ?? '')) steps.push(this.field());
  }

  private until(): string {
    const start = this.at;
    while (!ENDS.has(this.text[this.at] ?? '')) this.at += this.text[this.at] === '\\' ? 2 : 1;
    return this.text.slice(start, this.at);
  }

  private field(): Step {
    const name = this.until();
    return name === '*' ? { kind: 'every' } : { kind: 'field', name: name.replaceAll('\\', '') };
  }

  private word(): Step {
    const start = this.at;
    while (!ENDS.has(this.text[this.at] ?? '')) this.at++;
    const name = this.text.slice(start, this.at);
    return name === 'true' || name === 'false' ? { kind: 'literal', value: name === 'true' } : { kind: 'word', name };
  }

  private number(): number | Fraction {
    const text = /^[-+]?[.\p{Nd}]*/u.exec(this.text.slice(this.at))![0];
    this.at += text.length;
    if (/^[-+]?\d+$/.test(text)) return Number(text);
    if (/^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text)) return new Fraction(Number(text));
    throw new PathError(`cannot parse number ${text}`);
  }

  private quoted(quote: string): string {
    const start = this.at;
    for (this.at++; ; this.at++) {
      const char = this.text[this.at];
      if (char === undefined || char === '\n') throw new PathError('unterminated quoted string');
      if (char === quote && this.text[this.at - 1] !== '\\') break;
    }
    this.at++;
    return unquote(this.text.slice(start, this.at));
  }

  private bracket(): readonly Step[] {
    const end = /[\]\n]/.exec(this.text.slice(this.at));
    if (end?.[0] !== ']') throw new PathError('unterminated array');
    const text = this.text.slice(this.at + 1, this.at + end.index);
    this.at += end.index + 1;
    const parts = text.split(',');
    if (parts.length > 1) return [{ kind: 'union', parts: parts.map((part) => action(`[${part.replace(/^ +| +$/g, '')}]`)) }];
    const name = /^'([^']*)'$/.exec(text);
    return name === null ? [sliceOf(text)] : action(`.${name[1]}`);
  }

  private filter(): Step {
    const start = this.at + 3;
    let opened = false;
    let closed = false;
    let quote = '';
    for (this.at = start; ; this.at++) {
      const char = this.text[this.at];
      if (char === undefined || char === '\n') throw new PathError('unterminated filter');
      if (char === '"' || char === "'") {
        if (!opened) [opened, quote] = [true, char];
        else if (this.text[this.at - 1] !== '\\' && char === quote) closed = true;
      } else if (char === ')' && opened === closed) break;
    }
    const text = this.text.slice(start, this.at);
    if (this.text[this.at + 1] !== ']') throw new PathError('unclosed array expect ]');
    this.at += 2;
    const compared = COMPARISON.exec(text);
    if (compared === null) return { kind: 'filter', left: action(text), operator: 'exists', right: [] };
    return { kind: 'filter', left: action(compared[1]!), operator: compared[2]!, right: action(compared[3]!) };
  }
}

/** The steps of a part that is read on its own. */
const action = (text: string): Step[] => new Reader(`{${text}}`).blocks()[0]!;

function sliceOf(text: string): Step {
  const found = SLICE.exec(text === '*' ? ':' : text);
  if (found === null) throw new PathError(`invalid array index ${text}`);
  const [from, to, step] = found.slice(1).map((part, i): Bound => {
    const digits = i > 0 ? (part ?? '').slice(1) : (part ?? '');
    if (digits === '') return { known: false, value: 0 };
    if (!(Math.abs(Number(digits)) < 2 ** 63)) throw new PathError(`array index ${digits} is not a number`);
    return { known: true, value: Number(digits) };
  }) as [Bound, Bound, Bound];
  // One index is a slice of one.
  return { kind: 'slice', from, to: found[2] ? to : { known: true, value: from.value + 1, derived: true }, step };
}

/** Reads a path; undefined for one that cannot be read. */
export function parsePath(text: string): Path | undefined {
  try {
    return new Reader(text.startsWith('{') ? text : `{${text}}`).blocks();
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is directly in a value; of a text its bytes. */
function partsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value === 'string') return [...Buffer.from(value)];
  return isObject(value) ? Object.values(value) : [];
}

function below(values: readonly unknown[], found: unknown[] = []): unknown[] {
  for (const value of values) {
    const parts = partsOf(value);
    if (parts.length === 0 || found.length >= valuesLimit) continue;
    found.push(value);
    below(parts, found);
  }
  return found;
}

function sliced(list: readonly unknown[], { from, to, step }: Extract<Step, { kind: 'slice' }>, input: readonly unknown[]): unknown[] {
  const { length } = list;
  const start = from.value < 0 ? from.value + length : from.value;
  let end = to.known ? to.value : length;
  if (end < 0 || (end === 0 && to.derived)) end += length;
  if (start === end) return [];
  if (start >= length || start < 0 || end > length || end < 0 || start > end || (step.known && step.value <= 0)) throw new MisfitError(input);
  const found: unknown[] = [];
  for (let i = start; i < end; i += step.known ? step.value : 1) found.push(list[i]);
  return found;
}

const kindOf = (value: unknown): string => (value instanceof Fraction ? 'float' : typeof value === 'number' ? (Number.isInteger(value) ? 'int' : 'float') : typeof value === 'bigint' ? 'int' : typeof value);

function compared(left: unknown, operator: string, right: unknown): boolean {
  const kind = kindOf(left);
  if (kind !== kindOf(right) || kind === 'object' || kind === 'undefined') throw new MisfitError([]);
  const [a, b] = [left, right].map((value) => (value instanceof Fraction ? value.value : value)) as [string, string];
  if (operator === '==' || operator === '!=') return (a === b) === (operator === '==');
  if (kind === 'boolean' || !['<', '<=', '>', '>='].includes(operator)) throw new MisfitError([]);
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b;
}

function passes(item: unknown, { left, operator, right }: Extract<Step, { kind: 'filter' }>): boolean {
  if (operator === 'exists') return exists(item, left);
  const lefts = along([item], left);
  if (lefts.length > 1) throw new MisfitError([]);
  if (lefts.length === 0) return false;
  const rights = along([item], right);
  if (rights.length > 1) throw new MisfitError([]);
  return rights.length === 1 && compared(lefts[0], operator, rights[0]);
}

/** What does not fit is there, too. */
function exists(item: unknown, steps: readonly Step[]): boolean {
  try {
    return along([item], steps).length > 0;
  } catch (error) {
    if (error instanceof MisfitError) return error.found.length > 0;
    throw error;
  }
}

function follow(input: readonly unknown[], step: Step): unknown[] {
  switch (step.kind) {
    case 'field':
      return input.flatMap((value) => (isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []));
    case 'every':
      return input.flatMap(partsOf);
    case 'below':
      return below(input);
    case 'union':
      return step.parts.flatMap((steps) => along(input, steps));
    case 'literal':
      // A text is there whatever there is else.
      return typeof step.value === 'string' ? [step.value] : input.map(() => step.value);
    case 'word':
      throw new MisfitError(input);
    case 'slice':
      return input.flatMap((value) => {
        if (value === null || value === undefined) return [];
        if (!Array.isArray(value)) throw new MisfitError(input);
        return sliced(value, step, input);
      });
    default:
      return input.flatMap((value) => {
        if (!Array.isArray(value)) throw new MisfitError(input);
        return value.filter((item) => passes(item, step));
      });
  }
}

const along = (values: readonly unknown[], steps: readonly Step[]): unknown[] => steps.reduce<unknown[]>((current, step) => follow(current, step).slice(0, valuesLimit), [...values]);

/** What is at the end of a path: values of its first block. Nothing where any of its blocks does not fit. */
export function resolvePath(object: unknown, path: Path): unknown[] {
  try {
    const [first = []] = path.map((steps) => along([object], steps));
    return first.map((value) => (value instanceof Fraction ? value.value : value));
  } catch (error) {
    if (error instanceof MisfitError) return [];
    throw error;
  }
}
