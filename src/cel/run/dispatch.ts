/** Picks the overload of a call: while planning where types are known, by the values where they are not. */
import type { CallNode } from '../ast.ts';
import { parametersOf } from '../check/unify.ts';
import { TRAVERSAL_FACTOR, type Measure, type Overload } from '../library/declare.ts';
import { typeOf } from '../library/conversions.ts';
import { sizeOf } from '../library/standard.ts';
import { CelError, type CelType } from '../types.ts';
import { CelObject, Double, Duration, ListValue, MapValue, noSuchOverload, OpaqueValue, Optional, StructValue, Timestamp, TypeValue, Uint, type Value } from '../values.ts';

/** Whether a value is of a type, as far as its outside shows. */
function fits(value: Value, type: CelType): boolean {
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'string':
      return typeof value === 'string';
    case 'uint':
      return value instanceof Uint;
    case 'double':
      return value instanceof Double;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'null':
      return value === null;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'duration':
      return value instanceof Duration;
    case 'list':
      return value instanceof ListValue;
    case 'map':
      return value instanceof MapValue;
    case 'type':
      return value instanceof TypeValue;
    case 'wrapper':
      return value === null || fits(value, type.of);
    case 'object':
      return value instanceof StructValue || value instanceof MapValue;
    case 'opaque':
      if (type.name === 'optional_type') return value instanceof Optional;
      return value instanceof OpaqueValue && value.celType.name === type.name;
    default:
      return true;
  }
}

const isDynamic = (type: CelType): boolean => type.kind === 'dyn' || type.kind === 'error' || type.kind === 'wrapper' || parametersOf(type).some(isDynamic);

/** One overload is sure to be right whatever comes. */
function isCertain(node: CallNode, overloads: readonly Overload[]): boolean {
  if (overloads.some(({ invoke }) => invoke !== overloads[0]!.invoke)) return false;
  const args = [...(node.target ? [node.target] : []), ...node.args];
  // Operators look at their values themselves.
  if (/^[^a-zA-Z]/.test(node.name)) return !Object.hasOwn(OPERANDS, node.name) || !args.some(({ type }) => isDynamic(type!));
  return args.every((argument, i) => overloads[0]!.params[i]!.kind === 'parameter' || overloads[0]!.params[i]!.kind === 'dyn' || !isDynamic(argument.type!));
}

const NUMBERS = ['int', 'uint', 'double'];
const TIMES = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
/** Types that have an operator, or that say themselves what they have not. */
const OPERANDS: Readonly<Record<string, ReadonlySet<string>>> = {
  '_+_': new Set([...NUMBERS, ...TIMES, 'string', 'bytes', 'list']), '_-_': new Set([...NUMBERS, ...TIMES, 'string']), '_*_': new Set([...NUMBERS, ...TIMES, 'string']),
  '_/_': new Set([...NUMBERS, ...TIMES, 'string']), '_%_': new Set(['int', 'uint', ...TIMES, 'string']),
  ...Object.fromEntries(['_<_', '_<=_', '_>_', '_>=_'].map((name) => [name, new Set([...NUMBERS, ...TIMES, 'bool', 'string', 'bytes'])])),
};
const nameOf = (value: Value): string => (typeOf(value) as TypeValue).name;
const lacks = (operator: string, value: Value): boolean => Object.hasOwn(OPERANDS, operator) && !OPERANDS[operator]!.has(nameOf(value));

/** Functions of one form, which do not say what they were given. */
const TERSE: ReadonlySet<string> = new Set(['startsWith', 'endsWith', 'contains', 'matches']);

/** No form of a function takes these. */
function unfitting(name: string, args: readonly Value[]): CelError {
  if (TERSE.has(name)) return noSuchOverload();
  return new CelError(`no such overload: ${name === 'size' ? name : `${name}(${args.map(nameOf).join(', ')})`}`);
}

/** Functions that cost one where it shows only when they run which of their forms is meant: their costs are known by the form alone. */
const COSTS_BY_FORM: ReadonlySet<string> = new Set(['_+_', '_<_', '_<=_', '_>_', '_>=_', '@in', 'string', 'bytes', 'sort', '@sortByAssociatedKeys']);
/** These cost then what their first form does. */
const COSTS_AS_FIRST: ReadonlySet<string> = new Set(['containsIP', 'containsCIDR']);

function costOfAny(node: CallNode): PickedCall['cost'] {
  if (COSTS_BY_FORM.has(node.name)) return () => 1;
  const first = node.overloads![0]!.cost;
  return COSTS_AS_FIRST.has(node.name) && first !== undefined ? (args) => first(new ActualMeasure(args)) : undefined;
}

interface PickedCall {
  pick(args: readonly Value[]): Overload;
  /** What the call costs whatever is picked; undefined where that decides. */
  cost: ((args: readonly Value[]) => number) | undefined;
}

/** The overload of a call where it is certain, else one that is picked for the values. */
export function overloadOf(node: CallNode): { certain: Overload } | PickedCall {
  const overloads = node.overloads!;
  if (isCertain(node, overloads) && overloads.every(({ cost }) => cost === overloads[0]!.cost)) return { certain: overloads[0]! };
  const isOperator = /^[^a-zA-Z]/.test(node.name);
  return {
    cost: overloads.length > 1 ? costOfAny(node) : undefined,
    pick(args) {
      for (const overload of overloads) if (overload.params.every((type, i) => fits(args[i]!, type))) return overload;
      // An operator's implementation knows more than its signatures say.
      if (isOperator) {
        if (lacks(node.name, args[0]!)) throw new CelError(`no such overload: ${node.name}`);
        return overloads[0]!;
      }
      throw unfitting(node.name, args);
    },
  };
}

/** Values that are looked at to say what walking them costs; more than any request can hold. Beyond, it costs more than anybody has. */
const maxWalked = 3_000_000;

/** What walking all of a value costs. */
function traverse(whole: Value): number {
  let walked = 0;
  let cost = 0;
  const walk = (value: Value): void => {
    if (++walked > maxWalked) return;
    if (typeof value === 'string' || value instanceof Uint8Array) cost += value.length * TRAVERSAL_FACTOR;
    else if (value instanceof ListValue) {
      // Empty lists in lists are walked too.
      cost += TRAVERSAL_FACTOR;
      for (let i = 0; i < value.size && walked <= maxWalked; i++) walk(value.at(i));
    } else if (value instanceof MapValue) {
      cost += TRAVERSAL_FACTOR;
      for (const key of value.keys()) {
        walk(key);
        walk(value.get(key) ?? null);
      }
    } else cost += 1;
  };
  walk(whole);
  return walked > maxWalked ? Infinity : cost;
}

/** What Kubernetes counts for going through a value. */
function walkedCost(whole: Value): number {
  let seen = 0;
  const walk = (value: Value): number => {
    if (++seen > maxWalked) return Infinity;
    if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * TRAVERSAL_FACTOR);
    if (value instanceof Uint8Array) return Math.floor(value.length * TRAVERSAL_FACTOR);
    let cost = 0;
    if (value instanceof ListValue) for (let i = 0; i < value.size && seen <= maxWalked; i++) cost += walk(value.at(i));
    else if (value instanceof MapValue) for (const key of value.keys()) cost += walk(key) + walk(value.get(key) ?? null);
    else cost = 1;
    return cost;
  };
  return walk(whole);
}

const SURROGATES = /[\ud800-\udfff]/;
/** Code points of a text, 1 for anything else; few texts have any beyond UTF-16's units. */
export const lengthOf = (text: Value): number => (typeof text !== 'string' ? 1 : SURROGATES.test(text) ? sizeOf(text) : text.length);

/** Sizes as they are. */
export class ActualMeasure implements Measure {
  private readonly args: readonly Value[];
  constructor(args: readonly Value[]) {
    this.args = args;
  }
  size(index: number): number {
    const value = this.args[index]!;
    if (typeof value === 'string') return lengthOf(value);
    if (value instanceof ListValue || value instanceof MapValue) return value.size;
    if (value instanceof Uint8Array) return value.length;
    if (value instanceof Optional && value.value !== undefined) return new ActualMeasure([value.value]).size(0);
    return value instanceof CelObject ? value.measured : 1;
  }
  walk(index: number): number {
    return walkedCost(this.args[index]!);
  }
  holdsText(index: number): boolean {
    const value = this.args[index]!;
    const first = value instanceof ListValue && value.size > 0 ? value.at(0) : undefined;
    return typeof first === 'string' || first instanceof Uint8Array;
  }
  isOpaque(index: number): boolean {
    return this.args[index] instanceof OpaqueValue;
  }
  texts(index: number): number {
    const value = this.args[index]!;
    let length = 0;
    if (value instanceof ListValue) for (const item of value) length += typeof item === 'string' ? lengthOf(item) : 0;
    return length;
  }
  traverse(index: number): number {
    return Math.ceil(traverse(this.args[index]!));
  }
  number(index: number): number {
    const value = this.args[index]!;
    return typeof value === 'number' || typeof value === 'bigint' ? Math.max(0, Number(value)) : 0;
  }
}
