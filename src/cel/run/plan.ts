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
import type { Frame, Run } from './frame.ts';

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
      return (frame) => {
        frame.charge(nodeCosts.name);
        return optionalIndex(operand(frame), field);
      };
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
    if (node.name === '_?_:_') {
      const [condition, yes, no] = runs as [Run, Run, Run];
      return (frame) => (bool(condition(frame)) ? yes(frame) : no(frame));
    }
    return quickEquality(node, args, runs) ?? planCall(node, runs);
  }

  private list(node: ListNode): Run {
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
