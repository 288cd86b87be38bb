/**
 * What an expression can cost at least and at most, from its tree and from what schemas say of sizes. Never below what a run costs: the same
 * functions price a call here and there.
 */
import type { CallNode, FoldNode, Node } from './ast.ts';
import { parametersOf } from './check/unify.ts';
import type { Measure, Overload } from './library/declare.ts';
import { foldCosts } from './run/folds.ts';
import { nodeCosts } from './run/plan.ts';
import { types, type CelType, type CostEstimate, type ObjectType, type SizeHints } from './types.ts';

/** As upstream counts no further than an unsigned number of 64 bits. */
const MOST = 2 ** 64;

/** How large a value is, and what is in it. */
interface Extent {
  min: number;
  max: number;
  element?: () => Extent;
  key?: () => Extent;
  object?: ObjectType | undefined;
  /** False for what has no length of its own. */
  textual?: boolean;
  /** Of a number that stands in the expression. */
  number?: number;
  /** Where it stands, for hints: `self.items.@items`. */
  path?: string;
}

interface Estimated { min: number; max: number; extent: Extent }

const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);
const SCALAR: Extent = { min: 1, max: 1 };
const UNKNOWN: Extent = { min: 0, max: MOST };

const isScalar = (type: CelType): boolean => (type.kind === 'opaque' && type.name === 'optional_type' ? isScalar(parametersOf(type)[0] ?? types.dyn) : isOneThing(type));

const isOneThing = (type: CelType): boolean => !['string', 'bytes', 'list', 'map', 'dyn', 'parameter', 'opaque', 'wrapper', 'error'].includes(type.kind);

class Estimator {
  private readonly hints: SizeHints;
  private readonly locals = new Map<object, Extent>();

  constructor(hints: SizeHints) {
    this.hints = hints;
  }

  /** What a schema says of a value of the type. */
  private ofType(type: CelType, path: string): Extent {
    const hint = Object.hasOwn(this.hints, path) ? this.hints[path] : undefined;
    const max = hint ?? type.maxSize ?? (isScalar(type) ? 1 : Infinity);
    const timely = type.kind === 'timestamp' || type.kind === 'duration';
    const extent: Extent = { min: isScalar(type) ? 1 : 0, max: isScalar(type) && !timely ? 1 : max, path };
    if (type.kind === 'list') extent.element = () => this.ofType(type.element, `${path}.@items`);
    if (type.kind === 'map') {
      extent.element = () => this.ofType(type.value, `${path}.@values`);
      // What keys are long is not counted.
      extent.key = () => ({ min: 0, max: 0 });
    }
    if (type.kind === 'object') extent.object = type;
    if (type.kind !== 'string' && type.kind !== 'bytes' && type.kind !== 'dyn') extent.textual = false;
    return extent;
  }

  estimate(node: Node): Estimated {
    switch (node.kind) {
      case 'literal': {
        const size = typeof node.value === 'string' || node.value instanceof Uint8Array ? node.value.length : 1;
        return { min: 0, max: 0, extent: { min: size, max: size, ...(typeof node.value === 'number' ? { number: Math.max(0, node.value) } : {}) } };
      }
      case 'ident':
      case 'select':
        return this.name(node);
      case 'call':
        return this.call(node);
      case 'fold':
        return this.fold(node);
      case 'bind': {
        const value = this.estimate(node.value);
        this.locals.set(node.binding, value.extent);
        const body = this.estimate(node.body);
        // It stands for a loop over an empty list.
        return { min: value.min + body.min + nodeCosts.list, max: value.max + body.max + nodeCosts.list, extent: body.extent };
      }
      default:
        return this.made(node);
    }
  }

  private made(node: Node & { kind: 'list' | 'map' | 'struct' }): Estimated {
    const parts = node.kind === 'list' ? node.elements : node.kind === 'map' ? node.entries.flatMap(({ key, value }) => [key, value]) : node.fields.map(({ value }) => value);
    const found = parts.map((part) => this.estimate(part));
    const base = nodeCosts[node.kind];
    const count = node.kind === 'list' ? node.elements.length : node.kind === 'map' ? node.entries.length : 1;
    const optional = node.kind === 'list' ? node.optional.size : node.kind === 'map' ? node.entries.filter((entry) => entry.optional).length : 0;
    const extent: Extent = { min: count - optional, max: count };
    if (node.kind !== 'struct') {
      const isValue = (i: number): boolean => node.kind === 'list' || i % 2 === 1;
      extent.element = () => unite(found.filter((_, i) => isValue(i)).map((part) => part.extent));
      extent.key = () => unite(found.filter((_, i) => !isValue(i)).map((part) => part.extent));
    } else extent.object = node.struct;
    return { min: base + sum(found, 'min'), max: base + sum(found, 'max'), extent };
  }

  private name(node: Node & { kind: 'ident' | 'select' }): Estimated {
    const { reference } = node;
    if (reference !== undefined) {
      if (reference.kind === 'type' || reference.kind === 'constant') return { min: 0, max: 0, extent: SCALAR };
      const extent = reference.kind === 'local' ? (this.locals.get(reference.binding) ?? UNKNOWN) : this.ofType(node.type!, reference.name);
      return { min: nodeCosts.name, max: nodeCosts.name, extent };
    }
    if (node.kind === 'ident') return { min: nodeCosts.name, max: nodeCosts.name, extent: UNKNOWN };
    const operand = this.estimate(node.operand);
    if (node.test) return { ...operand, extent: SCALAR };
    return { min: operand.min + nodeCosts.name, max: operand.max + nodeCosts.name, extent: this.member(operand.extent, node.field) };
  }

  private member(from: Extent, field: string): Extent {
    const type = from.object?.field(field)?.type;
    if (type !== undefined) return this.ofType(type, `${from.path ?? ''}.${field}`);
    return from.element?.() ?? UNKNOWN;
  }

  private call(node: CallNode): Estimated {
    const args = [...(node.target ? [node.target] : []), ...node.args].map((part) => this.estimate(part));
    if (node.name === '_&&_' || node.name === '_||_') return { min: args[0]!.min, max: sum(args, 'max'), extent: SCALAR };
    if (node.name === '_?_:_') {
      const [condition, yes, no] = args as [Estimated, Estimated, Estimated];
      return { min: condition.min + Math.min(yes.min, no.min), max: condition.max + Math.max(yes.max, no.max), extent: unite([yes.extent, no.extent]) };
    }
    const extents = args.map(({ extent }) => extent);
    const constant = constantEquality(node);
    const prices = constant === undefined ? node.overloads!.map((overload) => price(overload, extents)) : [constant];
    const min = Math.min(...prices.map((each) => each.min));
    const max = Math.max(...prices.map((each) => each.max));
    return { min: sum(args, 'min') + min, max: sum(args, 'max') + max, extent: resultOf(node, extents) };
  }

  private fold(node: FoldNode): Estimated {
    const range = this.estimate(node.range);
    const costs = foldCosts[node.macro];
    const isOptional = node.macro === 'optMap' || node.macro === 'optFlatMap';
    const element = range.extent.element?.() ?? UNKNOWN;
    const isMap = node.range.type?.kind === 'map';
    const key = isMap ? (range.extent.key?.() ?? UNKNOWN) : SCALAR;
    this.locals.set(node.first, node.second ? key : isMap ? key : element);
    if (node.second) this.locals.set(node.second, element);
    const filter = node.filter ? this.estimate(node.filter) : undefined;
    const body = this.estimate(node.body);
    const turns = isOptional ? { min: 0, max: 1 } : range.extent;
    const early = node.macro === 'all' || node.macro === 'exists';
    const least = costs.turn + (filter ? filter.min : body.min);
    const most = costs.turn + costs.taken + (filter?.max ?? 0) + body.max;
    return {
      min: range.min + costs.end + (isOptional ? costs.turn + costs.least : times(early ? Math.min(1, turns.min) : turns.min, least)),
      max: range.max + costs.end + times(turns.max, most),
      extent: foldExtent(node, range.extent, body.extent, isMap ? key : element),
    };
  }
}

/** Kubernetes' own things compare in one step. */
const ONE_STEP: ReadonlySet<string> = new Set(['net.IP', 'net.CIDR', 'kubernetes.Quantity', 'kubernetes.Semver']);

function constantEquality(node: CallNode): CostEstimate | undefined {
  const type = node.args[0]?.type;
  if ((node.name !== '_==_' && node.name !== '_!=_') || type?.kind !== 'opaque') return undefined;
  if (ONE_STEP.has(type.name)) return { min: 1, max: 1 };
  return type.name === 'kubernetes.NamedFormat' ? { min: 1, max: 7 } : undefined;
}

/** What a loop makes. */
function foldExtent(node: FoldNode, range: Extent, body: Extent, item: Extent): Extent {
  switch (node.macro) {
    case 'filter':
      return { min: 0, max: range.max, element: () => item };
    case 'map':
    case 'transformList':
      return { min: node.filter ? 0 : range.min, max: range.max, element: () => body };
    case 'transformMap':
      return { min: 0, max: range.max, element: () => body, key: () => range.key?.() ?? SCALAR };
    case 'transformMapEntry':
      return { min: 0, max: times(range.max, body.max), element: () => body.element?.() ?? UNKNOWN, key: () => body.key?.() ?? UNKNOWN };
    case 'optMap':
    case 'optFlatMap':
      return UNKNOWN;
    default:
      return SCALAR;
  }
}

const sum = (parts: readonly { min: number; max: number }[], side: 'min' | 'max'): number => parts.reduce((total, part) => total + part[side], 0);

/** The extent of something that is one of several. */
function unite(extents: readonly Extent[]): Extent {
  if (extents.length === 0) return UNKNOWN;
  if (extents.length === 1) return extents[0]!;
  const all = <K extends 'element' | 'key'>(side: K): Extent => (extents.every((extent) => extent[side] !== undefined) ? unite(extents.map((extent) => extent[side]!())) : UNKNOWN);
  const [first] = extents;
  return {
    min: extents.reduce((least, { min }) => Math.min(least, min), Infinity),
    max: extents.reduce((most, { max }) => Math.max(most, max), 0),
    element: () => all('element'),
    key: () => all('key'),
    object: extents.every(({ object }) => object === first!.object) ? first!.object : undefined,
    ...(extents.every(({ path }) => path === first!.path) && first!.path !== undefined ? { path: first!.path } : {}),
  };
}

function measure(extents: readonly Extent[], side: 'min' | 'max'): Measure {
  const walk = (extent: Extent, depth: number): number => {
    if (depth > 8) return side === 'max' ? Infinity : 0;
    if (extent.element === undefined) return extent[side] === 1 && extent.min === extent.max ? 1 : side === 'max' ? Math.max(1, extent.max * 0.1) : 0;
    const inner = walk(extent.element(), depth + 1) + (extent.key ? walk(extent.key(), depth + 1) : 0);
    return times(extent[side], inner) + (side === 'max' ? 0.1 : 0);
  };
  return {
    size: (index) => extents[index]?.[side] ?? 1,
    traverse: (index) => Math.ceil(walk(extents[index] ?? SCALAR, 0)),
    walk: (index) => extents[index]?.[side] ?? 1,
    texts: (index) => {
      const item = extents[index]?.element?.();
      return times(extents[index]?.[side] ?? 0, item === undefined ? (side === 'max' ? MOST : 0) : item.textual === false ? 0 : item[side]);
    },
    number: (index) => extents[index]?.number ?? (side === 'max' ? MOST : 0),
  };
}

function price(overload: Overload, extents: readonly Extent[]): CostEstimate {
  if (overload.estimate !== undefined) {
    const { min, max } = overload.estimate(measure(extents, 'min'), measure(extents, 'max'));
    return { min: Number.isNaN(min) ? 0 : min, max: Number.isNaN(max) ? 0 : max };
  }
  if (overload.cost === undefined) return { min: 1, max: 1 };
  // Zero by infinity is no number: nothing times anything is nothing.
  const clean = (value: number): number => (Number.isNaN(value) ? 0 : value);
  return { min: clean(overload.cost(measure(extents, 'min'))), max: clean(overload.cost(measure(extents, 'max'))) };
}

/** What a call gives back, as far as its overloads tell. */
function resultOf(node: CallNode, extents: readonly Extent[]): Extent {
  if (node.name === '_[_]') return extents[0]!.element?.() ?? UNKNOWN;
  if (node.name === '_+_' && node.type?.kind === 'list') {
    const [left, right] = extents as [Extent, Extent];
    return { min: left.min + right.min, max: left.max + right.max, element: () => unite([left.element?.() ?? UNKNOWN, right.element?.() ?? UNKNOWN]) };
  }
  if (node.name === 'dyn') return extents[0]!;
  const overloads = node.overloads!;
  if (overloads.every(({ resultSize }) => resultSize !== undefined)) {
    const max = Math.max(...overloads.map((overload) => overload.resultSize!(measure(extents, 'max'), measure(extents, 'min'))));
    const inner = extents[0]?.element;
    return { min: 0, max: Number.isNaN(max) ? Infinity : max, ...(inner && node.type?.kind === 'list' ? { element: inner } : {}) };
  }
  return node.type !== undefined && isScalar(node.type) ? SCALAR : UNKNOWN;
}

/** Least and most that a run of the tree can cost. */
export function estimateCost(node: Node, hints: SizeHints = {}): CostEstimate {
  const { min, max } = new Estimator(hints).estimate(node);
  return { min: Math.min(min, MOST), max: Math.min(max, MOST) };
}
