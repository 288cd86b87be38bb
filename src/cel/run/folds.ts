/**
 * Loops. The costs are those of the comprehensions that the macros stand for in the reference, where the accumulator, the test whether to go on
 * and each step are expressions of their own.
 */
import type { FoldNode, Node } from '../ast.ts';
import { typeOf } from '../library/conversions.ts';
import { CelError } from '../types.ts';
import { ArrayList, bool, ListValue, MapValue, nativeMap, none, noSuchOverload, Optional, type TypeValue, type Value } from '../values.ts';
import { WRITTEN } from '../node-costs.ts';
import type { Frame, Run } from './frame.ts';

interface FoldCosts {
  turn: number;
  /** More for a turn that adds to the result. */
  taken: number;
  end: number;
}

/** What each turn of a loop costs beside its body, and what its end costs. The lists and maps that loops begin with are constants, which cost nothing. */
const runCosts: Readonly<Record<Exclude<FoldNode['macro'], 'optMap' | 'optFlatMap'>, FoldCosts>> = {
  all: { turn: 3, taken: 0, end: 1 },
  exists: { turn: 4, taken: 0, end: 1 },
  existsOne: { turn: 0, taken: 2, end: 2 },
  map: { turn: 0, taken: 12, end: 1 },
  filter: { turn: 0, taken: 13, end: 1 },
  transformList: { turn: 0, taken: 12, end: 1 },
  transformMap: { turn: 0, taken: 3, end: 1 },
  transformMapEntry: { turn: 0, taken: 2, end: 1 },
};

/** `a.optMap(x, f)` is `a.hasValue() ? optional.of(f) : optional.none()`, with `x` bound to `a.value()`. */
const optionalCosts = { hasValue: 2, value: 2, of: 1, none: 1 } as const;

/** The test whether to go on that ends a loop before its last turn. */
const breakCosts = { all: 2, exists: 3 } as const;

/** Calls `visit` for each pair of index and item, or key and value, until it answers true. Answers whether that was before the end. */
function walk(range: Value, pairs: boolean, visit: (first: Value, second: Value) => boolean): boolean {
  if (range instanceof ListValue) {
    const { size } = range;
    for (let i = 0; i < size; i++) if (pairs ? visit(i, range.at(i)) : visit(range.at(i), null)) return i < size - 1;
    return false;
  }
  if (range instanceof MapValue) {
    const keys = range.keys();
    for (const [i, key] of keys.entries()) if (visit(key, pairs ? (range.get(key) ?? null) : null)) return i < keys.length - 1;
    return false;
  }
  throw new CelError(`got '${goType(range)}', expected iterable type`);
}

/** What is no range, as Go names its type. */
function goType(value: Value): string {
  const name = (typeOf(value) as TypeValue).name.replace(/^google\.protobuf\.|_type$/g, '');
  return name.startsWith('kubernetes.') || name.startsWith('net.') ? `cel.${name.split('.').at(-1)}` : `types.${name[0]!.toUpperCase()}${name.slice(1)}`;
}

interface Loop {
  range: Run;
  body: Run;
  filter: Run | undefined;
  first: number;
  second: number | undefined;
  costs: FoldCosts;
  /** What leaving it early costs. */
  leaving?: number;
}

/** Goes through a loop's range with its names set. */
function each(frame: Frame, loop: Loop, visit: (first: Value, second: Value) => boolean): void {
  const { first, second, costs } = loop;
  const range = loop.range(frame);
  const early = walk(range, second !== undefined, (a, b) => {
    frame.charge(costs.turn);
    frame.locals[first] = a;
    if (second !== undefined) frame.locals[second] = b;
    return visit(a, b);
  });
  frame.charge(costs.end + (early ? (loop.leaving ?? 0) : 0));
}

/** What plans the parts of a loop. */
export interface PartPlanner {
  plan(node: Node): Run;
  /** A place in the frame for a local name. */
  slot(): number;
  /** Whether the run always gives the same and costs nothing. */
  isConstant(run: Run): boolean;
}

export function planFold(planner: PartPlanner, node: FoldNode): Run {
  const range = planner.plan(node.range);
  if (node.macro === 'optMap' || node.macro === 'optFlatMap') return planOptional(planner, node, range);
  const first = (node.first.slot = planner.slot());
  const second = node.second ? (node.second.slot = planner.slot()) : undefined;
  const filter = node.filter ? planner.plan(node.filter) : undefined;
  const loop: Loop = { range, body: planner.plan(node.body), filter, first, second, costs: runCosts[node.macro] };
  switch (node.macro) {
    case 'all':
      return test({ ...loop, leaving: breakCosts.all }, false);
    case 'exists':
      return test({ ...loop, leaving: breakCosts.exists }, true);
    case 'existsOne':
      return existsOne(loop);
    case 'filter':
      return filtered(loop);
    case 'map':
    case 'transformList':
      return mapped(loop, planner.isConstant(loop.body));
    default:
      return transformed(loop, node.macro === 'transformMapEntry');
  }
}

/** A fault in one turn counts only if no other turn decides. */
function test(loop: Loop, decisive: boolean): Run {
  return (frame) => {
    let fault: unknown;
    let decided = false;
    each(frame, loop, () => {
      try {
        const value = loop.body(frame);
        if (value === decisive) return (decided = true);
        if (typeof value !== 'boolean') fault ??= noSuchOverload();
      } catch (error) {
        if (!(error instanceof CelError) || error.costExceeded) throw error;
        fault ??= error;
      }
      return false;
    });
    if (decided) return decisive;
    if (fault !== undefined) throw fault;
    return !decisive;
  };
}

function existsOne(loop: Loop): Run {
  return (frame) => {
    let count = 0;
    each(frame, loop, () => {
      if (!bool(loop.body(frame))) return false;
      frame.charge(loop.costs.taken);
      count++;
      return false;
    });
    return count === 1;
  };
}

function filtered(loop: Loop): Run {
  return (frame) => {
    const items: Value[] = [];
    each(frame, loop, (first, second) => {
      if (!bool(loop.body(frame))) return false;
      frame.charge(loop.costs.taken);
      items.push(loop.second === undefined ? first : second);
      return false;
    });
    return new ArrayList(items);
  };
}

const isTaken = (frame: Frame, { filter }: Loop): boolean => filter === undefined || bool(filter(frame));

function mapped(loop: Loop, isConstant: boolean): Run {
  // The list of one that is added costs nothing where it is always the same.
  const taken = loop.costs.taken - (isConstant ? WRITTEN.list : 0);
  return (frame) => {
    const items: Value[] = [];
    each(frame, loop, () => {
      if (!isTaken(frame, loop)) return false;
      frame.charge(taken);
      items.push(loop.body(frame));
      return false;
    });
    return new ArrayList(items);
  };
}

function transformed(loop: Loop, entries: boolean): Run {
  return (frame) => {
    const made: [Value, Value][] = [];
    each(frame, loop, (first) => {
      if (!isTaken(frame, loop)) return false;
      frame.charge(loop.costs.taken);
      const value = loop.body(frame);
      if (!entries) made.push([first, value]);
      else if (value instanceof MapValue) for (const key of value.keys()) made.push([key, value.get(key)!]);
      else throw noSuchOverload();
      return false;
    });
    return nativeMap(made);
  };
}

function planOptional(planner: PartPlanner, node: FoldNode, range: Run): Run {
  const slot = (node.first.slot = planner.slot());
  node.first.isLate = true;
  const body = planner.plan(node.body);
  const isFlat = node.macro === 'optFlatMap';
  return (frame) => {
    const target = range(frame);
    frame.charge(optionalCosts.hasValue);
    if (!(target instanceof Optional)) throw noSuchOverload();
    const held = target.value;
    if (held === undefined) {
      frame.charge(optionalCosts.none);
      return none;
    }
    frame.bind(slot, (within) => {
      within.charge(optionalCosts.value);
      return held;
    });
    const value = body(frame);
    if (isFlat) {
      if (value instanceof Optional) return value;
      throw noSuchOverload();
    }
    frame.charge(optionalCosts.of);
    return new Optional(value);
  };
}
