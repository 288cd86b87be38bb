/**
 * What an expression can cost at least and at most, from its tree and from what schemas say of sizes. Macros count as the loops that they stand
 * for upstream, whose steps are expressions of their own.
 */
import type { Binding, CallNode, FoldNode, ListNode, MapNode, Node, SelectNode } from '../ast.ts';
import { NAME, WRITTEN } from '../node-costs.ts';
import { types, type CelType, type CostEstimate, type Environment } from '../types.ts';
import { estimateOverloads } from './calls.ts';
import { step, type Path } from './paths.ts';
import { fixed, knownSize, MOST, plus, sizeAt, sizeOf, times, total, unite, type Entries, type Part, type Range } from './sizes.ts';

const uniteEntries = (a: Entries | undefined, b: Entries | undefined): Entries | undefined => (a && b ? { container: a.container, key: unite(a.key, b.key), value: unite(a.value, b.value) } : undefined);

/** What a name stands for. */
interface Local { size?: Range | undefined; entries?: Entries | undefined; path?: Path | undefined }

/** A loop as upstream writes it: where the result begins, whether to go on, what each turn does, and what comes out. */
interface Steps {
  start: Part;
  condition: Range;
  step: Part;
  result: Range;
}

class Estimator {
  private readonly environment: Environment;
  private readonly root: Path;
  private readonly locals = new Map<Binding, Local>();

  constructor(environment: Environment) {
    this.environment = environment;
    // What has no path of its own is looked up at the root.
    const { variables } = environment;
    const names = Object.keys(variables);
    this.root = { type: variables['self'] ?? (names.length === 1 ? variables[names[0]!] : undefined) };
  }

  estimate(node: Node): Part {
    switch (node.kind) {
      case 'literal':
        return { cost: fixed(0), type: node.type!, size: fixed(literalSize(node.value)), literal: node.value };
      case 'ident':
        return this.name(node);
      case 'select':
        return node.reference === undefined ? this.select(node) : this.name(node);
      case 'call':
        return this.call(node);
      case 'list':
        return this.list(node);
      case 'map':
        return this.map(node);
      case 'struct':
        return { cost: plus(total(node.fields.map(({ value }) => this.estimate(value).cost)), fixed(WRITTEN.struct)), type: node.type! };
      case 'bind': {
        const value = this.estimate(node.value);
        const body = this.within([[node.binding, localOf(value)]], () => this.estimate(node.body));
        return bound(value, body);
      }
      default:
        return node.macro === 'optMap' || node.macro === 'optFlatMap' ? this.optional(node) : this.fold(node);
    }
  }

  /** Estimates with names known. */
  private within<T>(names: readonly [Binding, Local][], act: () => T): T {
    for (const [binding, local] of names) this.locals.set(binding, local);
    return act();
  }

  private name(node: Node & { kind: 'ident' | 'select' }): Part {
    const { reference } = node;
    const type = node.type!;
    if (reference?.kind === 'constant') return { cost: fixed(0), type, size: fixed(1), literal: reference.value };
    if (reference?.kind === 'local') {
      const local = this.locals.get(reference.binding);
      return { cost: fixed(NAME), type, bound: local?.size, entries: local?.entries, path: local?.path, isName: node.kind === 'ident' };
    }
    if (reference?.kind === 'type') return { cost: fixed(NAME), type, path: this.root, isName: true };
    return { cost: fixed(NAME), type, path: { type: this.environment.variables[reference?.name ?? ''] }, isName: true };
  }

  private select(node: SelectNode): Part {
    const operand = this.estimate(node.operand);
    if (node.test) return { cost: operand.cost, type: types.bool };
    const type = node.type!;
    if (node.optional) return { cost: plus(operand.cost, fixed(1)), type };
    const isField = operand.type.kind === 'map' || operand.type.kind === 'object';
    return { cost: isField ? plus(operand.cost, fixed(NAME)) : operand.cost, type, path: this.below(operand, node.field) };
  }

  /** The path of a part of what is at another; below what has none, the root's. */
  private below(part: Part, name: string): Path {
    return part.path === undefined ? this.root : step(part.path, name);
  }

  private list(node: ListNode): Part {
    const parts = node.elements.map((element) => this.estimate(element));
    return { cost: plus(total(parts.map(({ cost }) => cost)), fixed(WRITTEN.list)), type: node.type!, size: fixed(parts.length), entries: { container: 'list', key: fixed(1), value: around(parts) } };
  }

  private map(node: MapNode): Part {
    const keys = node.entries.map(({ key }) => this.estimate(key));
    const values = node.entries.map(({ value }) => this.estimate(value));
    return {
      cost: plus(total([...keys, ...values].map(({ cost }) => cost)), fixed(WRITTEN.map)), type: node.type!, size: fixed(keys.length),
      entries: { container: 'map', key: around(keys), value: around(values) },
    };
  }

  private call(node: CallNode): Part {
    const type = node.type!;
    const args = node.args.map((part) => this.estimate(part));
    if (node.name === '_&&_' || node.name === '_||_') return { cost: { min: args[0]!.cost.min, max: total(args.map(({ cost }) => cost)).max }, type };
    if (node.name === '_?_:_') return choice(args as [Part, Part, Part], type);
    if (node.name === 'dyn') return { cost: plus(args[0]!.cost, fixed(1)), type, size: knownSize(args[0]!), entries: args[0]!.entries };
    const target = node.target && this.estimate(node.target);
    const found = estimateOverloads(node.name, target, args, node.overloads!);
    const part: Part = { cost: plus(total([...(target ? [target] : []), ...args].map(({ cost }) => cost)), found.cost), type, size: found.size };
    if (node.name === '_[_]') this.index(node, args[0]!, part);
    else if (node.name === '_+_') part.entries = uniteEntries(args[0]!.entries, args[1]!.entries);
    part.size ??= knownSize(part);
    return part;
  }

  private index(node: CallNode, container: Part, part: Part): void {
    for (const { params } of node.overloads!) {
      const { kind } = params[0]!;
      if (kind !== 'list' && kind !== 'map') continue;
      part.path = this.below(container, kind === 'list' ? '@items' : '@values');
      part.size = container.entries?.value ?? part.size ?? sizeAt(part.path);
    }
  }

  private fold(node: FoldNode): Part {
    const range = this.estimate(node.range);
    const isList = (range.entries?.container ?? range.type.kind) === 'list';
    const keys: Local = { size: range.entries?.key, path: this.below(range, isList ? '@indices' : '@keys') };
    const items: Local = { size: range.entries?.value, path: this.below(range, isList ? '@items' : '@values') };
    const names: [Binding, Local][] = node.second ? [[node.first, keys], [node.second, items]] : [[node.first, isList ? items : keys]];
    const { start, condition, step: turn, result } = this.within(names, () => this.steps(node));
    const turns = sizeOf(range);
    const cost = plus(plus(plus(range.cost, start.cost), result), times(turns, plus(turn.cost, condition)));
    const collects = start.entries !== undefined;
    return { cost, type: node.type!, size: collects ? turns : fixed(1), entries: collects ? (turn.entries ?? start.entries) : undefined };
  }

  private steps(node: FoldNode): Steps {
    const filter = node.filter && this.estimate(node.filter);
    const body = this.estimate(node.body);
    const literal: Part = { cost: fixed(0), type: types.int, size: fixed(1) };
    const name = fixed(NAME);
    switch (node.macro) {
      case 'all':
      case 'exists': {
        const turn: Part = { cost: { min: NAME, max: plus(name, body.cost).max }, type: types.bool };
        return { start: literal, condition: fixed(node.macro === 'all' ? 2 : 3), step: turn, result: name };
      }
      case 'existsOne':
        return { start: literal, condition: fixed(0), step: { cost: plus(body.cost, { min: 1, max: 2 }), type: types.int }, result: fixed(2) };
      case 'transformMap':
      case 'transformMapEntry': {
        const start: Part = { cost: fixed(WRITTEN.map), type: node.type!, size: fixed(0), entries: { container: 'map', key: fixed(0), value: fixed(0) } };
        const added: Part = { cost: plus(body.cost, fixed(node.macro === 'transformMap' ? 3 : 2)), type: node.type! };
        return { start, condition: fixed(0), step: filter ? choice([filter, added, resultName(start)], node.type!) : added, result: name };
      }
      default: {
        const start: Part = { cost: fixed(WRITTEN.list), type: node.type!, size: fixed(0), entries: { container: 'list', key: fixed(1), value: fixed(0) } };
        const made = node.macro === 'filter' ? this.name({ kind: 'ident', at: node.at, depth: 1, name: node.first.name, type: node.first.type!, reference: { kind: 'local', binding: node.second ?? node.first } }) : body;
        const one: Entries = { container: 'list', key: fixed(1), value: sizeOf(made) };
        // The name, the list of one, and joining them.
        const added: Part = { cost: plus(made.cost, fixed(NAME + WRITTEN.list + 1)), type: node.type!, size: fixed(1), entries: uniteEntries(start.entries, one) };
        const test = node.macro === 'filter' ? body : filter;
        return { start, condition: fixed(0), step: test ? choice([test, added, resultName(start)], node.type!) : added, result: name };
      }
    }
  }

  /** `a.optMap(x, f)` is `a.hasValue() ? optional.of(f) : optional.none()`, with `x` bound to `a.value()`; what is no name is bound first. */
  private optional(node: FoldNode): Part {
    const given = this.estimate(node.range);
    const target: Part = node.range.kind === 'ident' ? given : { cost: fixed(NAME), type: given.type, bound: knownSize(given), path: given.path };
    const has: Part = { cost: plus(target.cost, fixed(1)), type: types.bool };
    const value: Part = { cost: plus(target.cost, fixed(1)), type: node.first.type! };
    value.size = knownSize(value);
    const body = bound(value, this.within([[node.first, localOf(value)]], () => this.estimate(node.body)));
    const made: Part = node.macro === 'optMap' ? { cost: plus(body.cost, fixed(1)), type: node.type! } : body;
    const found = choice([has, made, { cost: fixed(1), type: node.type! }], node.type!);
    return node.range.kind === 'ident' ? found : bound(given, found);
  }
}

const localOf = (value: Part): Local => ({ size: knownSize(value), entries: value.entries, path: value.path });
/** The result so far, in a turn of a loop. */
const resultName = (start: Part): Part => ({ cost: fixed(NAME), type: start.type, bound: start.size, entries: start.entries });

/** A binding stands for a loop over an empty list. */
const bound = (value: Part, body: Part): Part => ({ cost: plus(plus(value.cost, body.cost), fixed(WRITTEN.list)), type: body.type, size: knownSize(body), entries: body.entries });

function choice([condition, yes, no]: [Part, Part, Part], type: CelType): Part {
  return { cost: plus(condition.cost, unite(yes.cost, no.cost)), type, size: unite(sizeOf(yes), sizeOf(no)), entries: uniteEntries(yes.entries, no.entries) };
}

/** From the smallest to the largest of the parts. */
function around(parts: readonly Part[]): Range {
  if (parts.length === 0) return fixed(0);
  return parts.map(sizeOf).reduce(unite, { min: MOST, max: 0 });
}

function literalSize(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'string') return 1;
  let count = 0;
  for (let i = 0; i < value.length; i += value.codePointAt(i)! > 0xffff ? 2 : 1) count++;
  return count;
}

/** Least and most that a run of the tree can cost. */
export function estimateCost(node: Node, environment: Environment): CostEstimate {
  const { min, max } = new Estimator(environment).estimate(node).cost;
  return { min, max };
}
