/** Turns a checked tree into closures: nothing of the tree is looked at while an expression runs. */
import type { CallNode, ListNode, MapNode, Node, SelectNode, StructNode } from '../ast.ts';
import { equals } from '../compare.ts';
import { optionalIndex } from '../library/standard.ts';
import { typeName } from '../type-names.ts';
import { CelError, type CelType, type Environment } from '../types.ts';
import {
  ArrayList, bool, Double, JsonMap, MapValue, nativeMap, noSuchOverload, Optional, StructValue, TypeValue, Uint, type Value,
} from '../values.ts';
import { ActualMeasure, overloadOf } from './dispatch.ts';
import { planFold } from './folds.ts';
import { Frame, type Run } from './frame.ts';

/** Costs of what is no call. */
export const nodeCosts = { name: 1, list: 10, map: 30, struct: 40 } as const;

export class Planner {
  private readonly environment: Environment;
  private readonly variables = new Map<string, number>();
  private locals = 0;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /** A place in the frame for a local name. */
  slot(): number {
    return this.locals++;
  }

  plan(node: Node): Run {
    switch (node.kind) {
      case 'literal': {
        const value = literal(node.literal, node.value);
        return () => value;
      }
      case 'ident':
        return this.reference(node);
      case 'select':
        return node.reference ? this.reference(node) : this.select(node);
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
        const body = this.plan(node.body);
        return (frame) => {
          frame.locals[slot] = value(frame);
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
        return (frame) => {
          frame.charge(nodeCosts.name);
          return frame.locals[slot]!;
        };
      }
      case 'type': {
        const value = new TypeValue(typeName(reference.type));
        return () => value;
      }
      case 'constant': {
        const { value } = reference;
        return () => value;
      }
      default:
        return this.variable(reference.name);
    }
  }

  private variable(name: string): Run {
    let index = this.variables.get(name);
    if (index === undefined) this.variables.set(name, (index = this.variables.size));
    const type: CelType = this.environment.variables[name]!;
    const at = index;
    return (frame) => {
      frame.charge(nodeCosts.name);
      return frame.variable(at, name, type);
    };
  }

  private select(node: SelectNode): Run {
    const operand = this.plan(node.operand);
    const { field, optional } = node;
    if (node.test) return (frame) => hasField(operand(frame), field);
    if (optional) {
      return (frame) => paidIfThere(frame, optionalIndex(operand(frame), field));
    }
    return (frame) => {
      const from = operand(frame);
      frame.charge(nodeCosts.name);
      return fieldOf(from, field);
    };
  }

  private call(node: CallNode): Run {
    const args = [...(node.target ? [node.target] : []), ...node.args];
    if (node.name === '_&&_' || node.name === '_||_') return logic(args.map((part) => this.plan(part)), node.name === '_||_');
    const runs = args.map((part) => this.plan(part));
    if (node.name === '_?_:_') return ternary(args, runs);
    if (node.name === '@in' && isConstant(args[1]!) && args[1]!.kind === 'list') return memberOfConstant(node, runs);
    if (node.target !== undefined && (node.name === 'or' || node.name === 'orValue') && node.target.type?.kind === 'opaque') return orElse(runs as [Run, Run], node.name === 'or');
    const folded = foldedConversion(node, args, runs);
    if (folded !== undefined) return folded;
    return quickEquality(node, args, runs) ?? planCall(node, runs);
  }

  private list(node: ListNode): Run {
    if (isConstant(node)) {
      const value = new ArrayList(node.elements.map((part) => this.plan(part)(NOTHING)));
      return () => value;
    }
    const runs = node.elements.map((part) => this.plan(part));
    const { optional } = node;
    if (optional.size === 0) {
      return (frame) => {
        const items = runs.map((run) => run(frame));
        frame.charge(nodeCosts.list);
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
      frame.charge(nodeCosts.list);
      return new ArrayList(items);
    };
  }

  private map(node: MapNode): Run {
    if (isConstant(node)) {
      // Keys that come twice are told of when it runs.
      const pairs = node.entries.map(({ key, value }) => [this.plan(key)(NOTHING), this.plan(value)(NOTHING)] as const);
      let value: Value | undefined;
      return () => (value ??= nativeMap(pairs));
    }
    const entries = node.entries.map(({ key, value, optional }) => ({ key: this.plan(key), value: this.plan(value), optional }));
    return (frame) => {
      const made: [Value, Value][] = [];
      for (const { key, value, optional } of entries) {
        const name = key(frame);
        const given = value(frame);
        const item = optional ? optionalItem(given) : given;
        if (item !== undefined) made.push([name, item]);
      }
      frame.charge(nodeCosts.map);
      return nativeMap(made);
    };
  }

  private struct(node: StructNode): Run {
    const type = node.struct!;
    const fields = node.fields.map(({ name, value, optional }) => ({ name: type.field(name)!.name, value: this.plan(value), optional }));
    return (frame) => {
      const raw: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
      for (const { name, value, optional } of fields) {
        const given = value(frame);
        const item = optional ? optionalItem(given) : given;
        if (item !== undefined) raw[name] = item;
      }
      frame.charge(nodeCosts.struct);
      return new StructValue(type, raw);
    };
  }
}

/** For what needs no frame. */
const NOTHING = new Frame({}, Infinity);

/** Lists and maps of literals: they are made once, and cost nothing. */
function isConstant(node: Node): boolean {
  if (node.kind === 'literal') return true;
  if (node.kind === 'list') return node.optional.size === 0 && node.elements.every(isConstant);
  return node.kind === 'map' && node.entries.every(({ key, value, optional }) => !optional && isConstant(key) && isConstant(value));
}

const FOLDED: ReadonlySet<string> = new Set(['bytes', 'double', 'duration', 'int', 'string', 'timestamp', 'uint']);

/** A conversion of a literal is done beforehand. */
function foldedConversion(node: CallNode, args: readonly Node[], runs: readonly Run[]): Run | undefined {
  if (args.length !== 1 || node.target !== undefined || !FOLDED.has(node.name) || args[0]!.kind !== 'literal') return undefined;
  const run = planCall(node, runs);
  try {
    const value = run(NOTHING);
    return () => value;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return run;
  }
}

/** Names, fields and items: of a branch that is one the first step is not counted. */
const isAttribute = (node: Node): boolean => (node.kind === 'ident' || (node.kind === 'select' && !node.test) ? node.reference?.kind !== 'type' && node.reference?.kind !== 'constant' : node.kind === 'call' && (node.name === '_[_]' || node.name === '_[?_]'));

function ternary(args: readonly Node[], runs: readonly Run[]): Run {
  const [condition, yes, no] = runs as [Run, Run, Run];
  const branch = (run: Run, node: Node): Run => (!isAttribute(node) ? run : (frame) => {
    frame.charge(-1);
    return run(frame);
  });
  const [then, otherwise] = [branch(yes, args[1]!), branch(no, args[2]!)];
  return (frame) => (bool(condition(frame)) ? then(frame) : otherwise(frame));
}

function paidIfThere(frame: Frame, found: Value): Value {
  if (!(found instanceof Optional) || found.value !== undefined) frame.charge(nodeCosts.name);
  return found;
}

function memberOfConstant(node: CallNode, runs: readonly Run[]): Run {
  const { invoke } = node.overloads![0]!;
  const [item, list] = runs as [Run, Run];
  return (frame) => invoke(item(frame), list(frame));
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

function fieldOf(from: Value, field: string): Value {
  const found = from instanceof StructValue ? from.get(field) : from instanceof MapValue ? from.get(field) : undefined;
  if (found !== undefined) return found;
  if (from instanceof Optional) return optionalIndex(from, field);
  if (from instanceof StructValue || from instanceof MapValue) throw new CelError(`no such key: ${field}`);
  throw from === null || typeof from !== 'object' ? new CelError(`no such key: ${field}`) : noSuchOverload();
}

function hasField(from: Value, field: string): boolean {
  if (from instanceof StructValue || from instanceof JsonMap || from instanceof MapValue) return from.get(field) !== undefined;
  if (from instanceof Optional) return from.value !== undefined && hasField(from.value, field);
  throw noSuchOverload();
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

const PLAIN = new Set(['int', 'bool']);

/** Equality of ints or booleans is one comparison. */
function quickEquality(node: CallNode, args: readonly Node[], runs: readonly Run[]): Run | undefined {
  if (node.name !== '_==_' && node.name !== '_!=_') return undefined;
  const [left, right] = runs as [Run, Run];
  const wanted = node.name === '_==_';
  if (!args.every(({ type }) => PLAIN.has(type!.kind))) return undefined;
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.charge(1);
    return (a === b || equals(a, b)) === wanted;
  };
}

function planCall(node: CallNode, runs: readonly Run[]): Run {
  if (node.name === '_[?_]') {
    const [from, key] = runs as [Run, Run];
    return (frame) => paidIfThere(frame, optionalIndex(from(frame), key(frame)));
  }
  const found = overloadOf(node);
  if (!('certain' in found)) {
    return (frame) => {
      const args = runs.map((run) => run(frame));
      const { invoke, cost } = found.pick(args);
      frame.charge(cost === undefined ? 1 : cost(new ActualMeasure(args)));
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
