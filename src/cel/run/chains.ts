/**
 * Names with all that is selected below them: `self.items[0].name` is one step upstream, and is priced as one. It costs one, and one for each
 * selection that finds something; what stands in a branch of `? :` or between brackets is not priced itself, only its selections.
 */
import type { Node } from '../ast.ts';
import { NAME } from '../node-costs.ts';
import { index, lookUp } from '../library/standard.ts';
import { CelError } from '../types.ts';
import { ListValue, MapValue, none, Optional, StructValue, type Value } from '../values.ts';
import type { Frame, Run } from './frame.ts';

type Link = { optional: boolean } & ({ field: string } | { key: Run });

/** What chains need of the planner. */
export interface ChainPlanner {
  plan(node: Node): Run;
  /** As `plan`, of what is no chain. */
  planBase(node: Node): Run;
  /** As `strict` of the environment. */
  readonly strict: boolean;
}

const isSelection = (node: Node): boolean => (node.kind === 'select' ? node.reference === undefined && !node.test : node.kind === 'call' && (node.name === '_[_]' || node.name === '_[?_]'));
const isTernary = (node: Node): boolean => node.kind === 'call' && node.name === '_?_:_';
const isName = (node: Node): boolean => (node.kind === 'ident' || (node.kind === 'select' && !node.test)) && (node.reference?.kind === 'local' || node.reference?.kind === 'variable');

/** Whether the node is a name or selections. */
export const isChain = (node: Node): boolean => isName(node) || isSelection(node);

/** What a node selects from, and through what. */
function unfold(planner: ChainPlanner, whole: Node): { base: Node; links: Link[] } {
  const links: Link[] = [];
  let node = whole;
  while (isSelection(node)) {
    if (node.kind === 'select') {
      links.push({ optional: node.optional, field: node.field });
      node = node.operand;
    } else if (node.kind === 'call') {
      const key = node.args[1]!;
      links.push({ optional: node.name === '_[?_]', key: isChain(key) ? planChain(planner, key, true) : planner.plan(key) });
      node = node.args[0]!;
    }
  }
  return { base: node, links: links.toReversed() };
}

/** `free`: it is part of something else, and its own step costs nothing. */
export function planChain(planner: ChainPlanner, node: Node, free = false): Run {
  const { base, links } = unfold(planner, node);
  const own = free || isTernary(base) ? 0 : NAME;
  const from = planner.planBase(base);
  if (links.length === 0) return own === 0 ? from : charged(from, own);
  if (links.every((link) => 'field' in link && !link.optional)) return fieldChain(from, links.map((link) => ('field' in link ? link.field : '')), own, planner.strict);
  return (frame) => {
    frame.charge(own);
    return follow(frame, from(frame), links, planner.strict);
  };
}

const charged = (run: Run, amount: number): Run => (frame) => {
  frame.charge(amount);
  return run(frame);
};

/** The usual chain: nothing but fields. */
function fieldChain(from: Run, fields: readonly string[], own: number, strict: boolean): Run {
  const [first, second] = fields;
  // An optional goes its own way: what comes after nothing costs nothing.
  const cost = own + fields.length * NAME;
  const links = fields.map((field): Link => ({ optional: false, field }));
  const rest = (frame: Frame, value: Value): Value => {
    frame.charge(own);
    return follow(frame, value, links, strict);
  };
  if (fields.length === 1) {
    return (frame) => {
      const value = from(frame);
      if (value instanceof Optional) return rest(frame, value);
      frame.charge(cost);
      return fieldOf(value, first!);
    };
  }
  if (fields.length === 2) {
    return (frame) => {
      const value = from(frame);
      if (value instanceof Optional) return rest(frame, value);
      frame.charge(cost);
      return fieldOf(fieldOf(value, first!), second!);
    };
  }
  return (frame) => {
    let value = from(frame);
    if (value instanceof Optional) return rest(frame, value);
    frame.charge(cost);
    for (const field of fields) value = fieldOf(value, field);
    return value;
  };
}

/** Once something is optional, all that follows is, and what is not there ends it. */
function follow(frame: Frame, start: Value, links: readonly Link[], strict: boolean): Value {
  let optional = start instanceof Optional;
  let value = start;
  if (start instanceof Optional) {
    if (start.value === undefined) return none;
    value = start.value;
  }
  for (const link of links) {
    optional ||= link.optional;
    const key = 'field' in link ? link.field : link.key(frame);
    if (optional) {
      const found = find(value, key, strict);
      if (found === undefined) return none;
      frame.charge(NAME);
      value = found;
    } else {
      frame.charge(NAME);
      value = 'field' in link ? fieldOf(value, link.field) : index(value, key);
    }
  }
  return optional ? new Optional(value) : value;
}

/** What has no parts has none of that name either. */
function find(from: Value, key: Value, strict: boolean): Value | undefined {
  if (from instanceof ListValue || from instanceof MapValue || from instanceof StructValue) return lookUp(from, key);
  if (strict) throw new CelError(`no such key: ${String(key)}`);
  return undefined;
}

const unsupportedIndex = (): CelError => new CelError("unsupported index type 'string' in list");

function fieldOf(from: Value, field: string): Value {
  if (from instanceof MapValue || from instanceof StructValue) {
    const found = from.get(field);
    if (found !== undefined) return found;
    throw new CelError(`no such key: ${field}`);
  }
  if (from instanceof ListValue) throw unsupportedIndex();
  throw new CelError(`no such key: ${field}`);
}

/** `has(a.b)`: the name costs nothing, the selection one. */
export function planPresence(planner: ChainPlanner, operand: Node, field: string): Run {
  const from = planChain(planner, operand, true);
  return (frame) => {
    const value = from(frame);
    frame.charge(isTernary(operand) ? 0 : NAME);
    return hasField(value, field, planner.strict);
  };
}

function hasField(from: Value, field: string, strict: boolean): boolean {
  if (from instanceof MapValue || from instanceof StructValue) return from.get(field) !== undefined;
  if (from instanceof Optional) return from.value !== undefined && hasField(from.value, field, strict);
  if (from instanceof ListValue) throw unsupportedIndex();
  if (strict) throw new CelError(`no such key: ${field}`);
  return false;
}
