/** How functions are declared: a signature as text, what runs, and what it costs. */
import type { Value } from '../values.ts';
import { listOf, mapOf, opaque, types, type CelType } from '../types.ts';

/** Sizes of a call's arguments. `size` is the length of a text or a collection and 1 for anything else; `traverse` what walking all of it costs. */
export interface Measure {
  size(index: number): number;
  traverse(index: number): number;
  /** What a number is, where it decides how much is made. */
  number(index: number): number;
  /** What Kubernetes' own list functions count: the items, and of texts a tenth of their length, cut to a whole number. */
  walk(index: number): number;
  /** Whether the first item of a list is a text or bytes. */
  holdsText(index: number): boolean;
  /** Whether it is of a type of a library, such as an address: equal or not at one look. */
  isOpaque(index: number): boolean;
  /** How long all texts of a list are together. */
  texts(index: number): number;
}

export type Invoke = (...args: never[]) => Value;

export interface Overload {
  readonly name: string;
  readonly member: boolean;
  /** Its types have parameters. */
  readonly generic: boolean;
  /** The receiver is the first. */
  readonly params: readonly CelType[];
  readonly result: CelType;
  readonly invoke: (...args: Value[]) => Value;
  /** What a call costs when it runs, 1 by default; `estimate/calls.ts` has what it costs beforehand. */
  readonly cost?: (measure: Measure) => number;
}

export interface OverloadOptions {
  cost?: (measure: Measure) => number;
}

export const TRAVERSAL_FACTOR = 0.1;

/** Costs that many functions share. */
export const costs = {
  text: (measure: Measure): number => Math.ceil(measure.size(0) * TRAVERSAL_FACTOR),
  traverse: (measure: Measure): number => measure.traverse(0),
  /** The text that is looked for. */
  second: (measure: Measure): number => Math.ceil(measure.size(1) * TRAVERSAL_FACTOR),
  /** Text is read, and as much written. */
  twice: (measure: Measure): number => Math.ceil(measure.size(0) * 2 * TRAVERSAL_FACTOR),
  smaller: (measure: Measure): number => Math.ceil(Math.min(measure.size(0), measure.size(1)) * TRAVERSAL_FACTOR),
  both: (measure: Measure): number => Math.ceil((measure.size(0) + measure.size(1)) * TRAVERSAL_FACTOR),
  product: (measure: Measure): number => Math.ceil(measure.size(0) * TRAVERSAL_FACTOR) * Math.ceil(measure.size(1) * TRAVERSAL_FACTOR),
  /** A pattern against a text. */
  pattern: (measure: Measure): number => Math.ceil((measure.size(0) + 1) * TRAVERSAL_FACTOR) * Math.ceil(measure.size(1) * 0.25),
  fixed: (amount: number) => (): number => amount,
};

/** As much as the shorter of two takes. */
export const compared: OverloadOptions = { cost: costs.smaller };

const NAMED: Readonly<Record<string, CelType>> = {
  ...types,
  list: listOf(types.dyn),
  quantity: opaque('kubernetes.Quantity'),
  url: opaque('kubernetes.URL'),
  ip: opaque('net.IP'),
  cidr: opaque('net.CIDR'),
  semver: opaque('kubernetes.Semver'),
  format: opaque('kubernetes.NamedFormat'),
  authorizer: opaque('kubernetes.authorization.Authorizer'),
  path_check: opaque('kubernetes.authorization.PathCheck'),
  group_check: opaque('kubernetes.authorization.GroupCheck'),
  resource_check: opaque('kubernetes.authorization.ResourceCheck'),
  decision: opaque('kubernetes.authorization.Decision'),
};

/** Reads `list(A)`, `map(string, B)`, `optional(A)`, `int`; single capitals are parameters. */
function readType(text: string): CelType {
  const found = /^(\w+)(?:\((.*)\))?$/.exec(text.trim());
  if (found === null) throw new Error(`bad type ${text}`);
  const name = found[1]!;
  if (/^[A-Z]$/.test(name)) return { kind: 'parameter', name };
  const inner = found[2] === undefined ? [] : splitTypes(found[2]).map(readType);
  if (name === 'list' && inner.length === 1) return listOf(inner[0]!);
  if (name === 'map') return mapOf(inner[0]!, inner[1]!);
  if (name === 'optional') return opaque('optional_type', inner[0]!);
  if (name === 'type') return inner.length === 0 ? { kind: 'type' } : { kind: 'type', of: inner[0]! };
  const known = NAMED[name];
  if (known === undefined) throw new Error(`unknown type ${name}`);
  return known;
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (text.slice(from).trim() !== '') parts.push(text.slice(from));
  return parts;
}

/** The closing bracket of the one at `from`. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i;
  }
  throw new Error(`unbalanced ${text}`);
}

function isGeneric(type: CelType): boolean {
  switch (type.kind) {
    case 'parameter':
      return true;
    case 'list':
      return isGeneric(type.element);
    case 'map':
      return isGeneric(type.key) || isGeneric(type.value);
    case 'opaque':
      return type.parameters.some(isGeneric);
    default:
      return false;
  }
}

/** One overload: `overload('startsWith', 'string.(string) -> bool', …)` is a member, `'(int) -> string'` is global. */
export function overload(name: string, signature: string, invoke: Invoke, options: OverloadOptions = {}): Overload {
  const [before, result] = signature.split('->') as [string, string];
  const member = /\.\s*\(/.exec(before);
  const open = member === null ? before.indexOf('(') : member.index + member[0].length - 1;
  const args = splitTypes(before.slice(open + 1, closing(before, open))).map(readType);
  const receiver = member === null ? [] : [readType(before.slice(0, member.index))];
  const params = [...receiver, ...args];
  const made = readType(result);
  return { name, member: member !== null, generic: [...params, made].some(isGeneric), params, result: made, invoke: invoke as Overload['invoke'], ...options };
}

/** The same function as a member and as a global. */
export function both(name: string, params: string, result: string, invoke: Invoke, options: OverloadOptions = {}): Overload[] {
  const [receiver, ...rest] = splitTypes(params);
  return [overload(name, `(${params}) -> ${result}`, invoke, options), overload(name, `${receiver}.(${rest.join(',')}) -> ${result}`, invoke, options)];
}
