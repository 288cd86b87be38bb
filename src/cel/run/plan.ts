/** Turns a checked tree into closures: nothing of the tree is looked at while an expression runs. */
import type { CallNode, ListNode, MapNode, Node, StructNode } from '../ast.ts';
import { equals } from '../compare.ts';
import { typeName } from '../type-names.ts';
import { CelError, type CelType, type Environment } from '../types.ts';
import { WRITTEN } from '../node-costs.ts';
import { TRAVERSAL_FACTOR } from '../library/declare.ts';
import { pattern } from '../library/patterns.ts';
import { ArrayList, bool, Double, keyOf, nativeMap, noSuchOverload, Optional, StructValue, TypeValue, Uint, type Value } from '../values.ts';
import { isChain, planChain, planPresence } from './chains.ts';
import { ActualMeasure, lengthOf, overloadOf } from './dispatch.ts';
import { planFold } from './folds.ts';
import { Frame, type Run } from './frame.ts';

export class Planner {
  private readonly environment: Environment;
  readonly strict: boolean;
  private readonly variables = new Map<string, number>();
  private readonly constants = new Map<Run, Value>();
  private locals = 0;

  constructor(environment: Environment) {
    this.environment = environment;
    this.strict = environment.strict ?? false;
  }

  /** A place in the frame for a local name. */
  slot(): number {
    return this.locals++;
  }

  /** Whether the run always gives the same and costs nothing. */
  isConstant(run: Run): boolean {
    return this.constants.has(run);
  }

  private constant(value: Value): Run {
    const run = (): Value => value;
    this.constants.set(run, value);
    return run;
  }

  plan(node: Node): Run {
    if (isChain(node)) return planChain(this, node);
    return this.planBase(node);
  }

  /** What is no selection; names cost nothing yet. */
  planBase(node: Node): Run {
    switch (node.kind) {
      case 'literal':
        return this.constant(literal(node.literal, node.value));
      case 'ident':
        return this.reference(node);
      case 'select':
        return node.reference ? this.reference(node) : planPresence(this, node.operand, node.field);
      case 'call':
        return this.call(node);
      case 'list':
        return this.list(node);
      case 'map':
        return this.map(node);
      case 'struct':
        return this.struct(node);
      case 'fold':
        return planFold(this, node);
      case 'bind': {
        const value = this.plan(node.value);
        const slot = (node.binding.slot = this.slot());
        node.binding.isLate = true;
        const body = this.plan(node.body);
        return (frame) => {
          frame.bind(slot, value);
          return body(frame);
        };
      }
      default:
        throw new Error('an unknown node');
    }
  }

  private reference(node: Node & { kind: 'ident' | 'select' }): Run {
    const reference = node.reference!;
    switch (reference.kind) {
      case 'local': {
        const slot = reference.binding.slot!;
        return reference.binding.isLate === true ? (frame) => frame.bound(slot) : (frame) => frame.locals[slot]!;
      }
      case 'type':
        return this.constant(new TypeValue(typeName(reference.type)));
      case 'constant':
        return this.constant(reference.value);
      default:
        return this.variable(reference.name);
    }
  }

  private variable(name: string): Run {
    let index = this.variables.get(name);
    if (index === undefined) this.variables.set(name, (index = this.variables.size));
    const type: CelType = this.environment.variables[name]!;
    const at = index;
    return (frame) => frame.variable(at, name, type);
  }

  private call(node: CallNode): Run {
    const args = [...(node.target ? [node.target] : []), ...node.args];
    if (node.name === '_&&_' || node.name === '_||_') return logic(args.map((part) => this.plan(part)), node.name === '_||_');
    if (node.name === '_?_:_') return ternary(args.map((part, i) => (i > 0 && isChain(part) ? planChain(this, part, true) : this.plan(part))));
    const runs = args.map((part) => this.plan(part));
    if (node.name === '@in') return this.membership(node, runs as [Run, Run]) ?? planCall(node, runs);
    if (node.target !== undefined && args.length === 2 && (node.name === 'or' || node.name === 'orValue')) return orElse(runs as [Run, Run], node.name === 'or');
    if (PATTERNED.has(node.name)) this.checkPattern(runs[1]);
    return this.conversion(node, runs) ?? quickEquality(node, args, runs) ?? planCall(node, runs);
  }

  /** A conversion of what is constant is done beforehand: one that fails fails here. */
  private conversion(node: CallNode, runs: readonly Run[]): Run | undefined {
    if (runs.length !== 1 || node.target !== undefined || !FOLDED.has(node.name) || !this.isConstant(runs[0]!)) return undefined;
    return this.constant(planCall(node, runs)(NOTHING));
  }

  private checkPattern(run: Run | undefined): void {
    const text = run && this.constants.get(run);
    if (typeof text === 'string') pattern(text);
  }

  /** Looking for something in a constant list of plain values is one step that costs nothing. */
  private membership(node: CallNode, [item, list]: [Run, Run]): Run | undefined {
    const known = this.constants.get(list);
    if (!(known instanceof ArrayList) || node.overloads!.length !== 1) return undefined;
    if (known.size === 0) return this.constant(false);
    if (known.items.some((each) => each === null || each instanceof Uint8Array || (typeof each === 'object' && !(each instanceof Uint) && !(each instanceof Double)))) return undefined;
    const { invoke } = node.overloads![0]!;
    if (known.items.some((each) => typeof each === 'object')) return (frame) => invoke(item(frame), known);
    const values = new Set(known.items);
    return (frame) => {
      const value = item(frame);
      const key = typeof value === 'object' && value !== null ? keyOf(value) : value;
      return key !== undefined && values.has(key);
    };
  }

  private list(node: ListNode): Run {
    const runs = node.elements.map((part) => this.plan(part));
    const { optional } = node;
    if (optional.size === 0) {
      if (runs.every((run) => this.isConstant(run))) return this.constant(new ArrayList(runs.map((run) => this.constants.get(run)!)));
      return (frame) => {
        const items = runs.map((run) => run(frame));
        frame.charge(WRITTEN.list);
        return new ArrayList(items);
      };
    }
    return (frame) => {
      const items: Value[] = [];
      runs.forEach((run, i) => {
        const value = run(frame);
        const item = optional.has(i) ? optionalItem(value) : value;
        if (item !== undefined) items.push(item);
      });
      frame.charge(WRITTEN.list);
      return new ArrayList(items);
    };
  }

  private map(node: MapNode): Run {
    const entries = node.entries.map(({ key, value, optional }) => ({ key: this.plan(key), value: this.plan(value), optional }));
    if (entries.every(({ key, value, optional }) => !optional && this.isConstant(key) && this.isConstant(value))) {
      try {
        return this.constant(nativeMap(entries.map(({ key, value }) => [this.constants.get(key)!, this.constants.get(value)!] as const), !this.strict));
      } catch (error) {
        // Keys that come twice are told of when it runs.
        return () => {
          throw error;
        };
      }
    }
    const lastWins = !this.strict;
    return (frame) => {
      const made: [Value, Value][] = [];
      for (const { key, value, optional } of entries) {
        const name = key(frame);
        const given = value(frame);
        const item = optional ? optionalItem(given) : given;
        if (item !== undefined) made.push([name, item]);
      }
      frame.charge(WRITTEN.map);
      return nativeMap(made, lastWins);
    };
  }

  private struct(node: StructNode): Run {
    const type = node.struct!;
    const fields = node.fields.map(({ name, value, optional }) => ({ name: type.field(name)!.name, value: this.plan(value), optional }));
    return (frame) => {
      const made: Record<string, Value> = Object.create(null) as Record<string, Value>;
      for (const { name, value, optional } of fields) {
        const given = value(frame);
        const item = optional ? optionalItem(given) : given;
        if (item !== undefined) made[name] = item;
      }
      frame.charge(WRITTEN.struct);
      return new StructValue(type, made);
    };
  }
}

/** For what needs no frame. */
const NOTHING = new Frame({}, Infinity);

const FOLDED: ReadonlySet<string> = new Set(['bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint']);

/** Functions whose second argument is a pattern. */
const PATTERNED: ReadonlySet<string> = new Set(['matches', 'find', 'findAll']);

function ternary(runs: readonly Run[]): Run {
  const [condition, yes, no] = runs as [Run, Run, Run];
  return (frame) => (bool(condition(frame)) ? yes(frame) : no(frame));
}

/** The other side is looked at where there is nothing. */
function orElse([first, other]: [Run, Run], whole: boolean): Run {
  return (frame) => {
    const found = first(frame);
    if (!(found instanceof Optional)) throw noSuchOverload();
    if (found.value === undefined) return other(frame);
    return whole ? found : found.value;
  };
}

function literal(kind: string, value: unknown): Value {
  if (kind === 'uint') return new Uint(value as number | bigint);
  return kind === 'double' ? new Double(value as number) : (value as Value);
}

function optionalItem(value: Value): Value | undefined {
  if (value instanceof Optional) return value.value;
  throw new CelError('cannot initialize optional entry from a value that is not optional');
}

/** A fault on one side of `&&` or `||` counts only if the other sides do not decide. */
function logic(runs: readonly Run[], decisive: boolean): Run {
  return (frame) => {
    let fault: unknown;
    for (const run of runs) {
      try {
        const value = run(frame);
        if (value === decisive) return decisive;
        if (typeof value !== 'boolean') fault ??= noSuchOverload();
      } catch (error) {
        if (!(error instanceof CelError) || error.costExceeded) throw error;
        fault ??= error;
      }
    }
    if (fault !== undefined) throw fault;
    return !decisive;
  };
}

/** Texts that are one are so at a glance; the shorter is what it costs. */
function quickText(left: Run, right: Run, wanted: boolean): Run {
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.charge(Math.ceil(Math.min(lengthOf(a), lengthOf(b)) * TRAVERSAL_FACTOR));
    return (a === b || equals(a, b)) === wanted;
  };
}

const PLAIN = new Set(['int', 'bool']);

/** Equality of ints or booleans is one comparison. */
function quickEquality(node: CallNode, args: readonly Node[], runs: readonly Run[]): Run | undefined {
  if (node.name !== '_==_' && node.name !== '_!=_') return undefined;
  const [left, right] = runs as [Run, Run];
  const wanted = node.name === '_==_';
  if (args.every(({ type }) => type!.kind === 'string')) return quickText(left, right, wanted);
  if (!args.every(({ type }) => PLAIN.has(type!.kind))) return undefined;
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.charge(1);
    return (a === b || equals(a, b)) === wanted;
  };
}

function planCall(node: CallNode, runs: readonly Run[]): Run {
  const found = overloadOf(node);
  if (!('certain' in found)) {
    return (frame) => {
      const args = runs.map((run) => run(frame));
      const { invoke, cost } = found.pick(args);
      frame.charge(found.cost !== undefined ? found.cost(args) : cost === undefined ? 1 : cost(new ActualMeasure(args)));
      return invoke(...args);
    };
  }
  const { invoke, cost } = found.certain;
  if (cost !== undefined) {
    return (frame: Frame) => {
      const args = runs.map((run) => run(frame));
      frame.charge(cost(new ActualMeasure(args)));
      return invoke(...args);
    };
  }
  const [first, second] = runs;
  if (runs.length === 1) {
    return (frame) => {
      const value = first!(frame);
      frame.charge(1);
      return invoke(value);
    };
  }
  if (runs.length === 2) {
    return (frame) => {
      const a = first!(frame);
      const b = second!(frame);
      frame.charge(1);
      return invoke(a, b);
    };
  }
  return (frame) => {
    const args = runs.map((run) => run(frame));
    frame.charge(1);
    return invoke(...args);
  };
}
