/** The tree of an expression. The checker writes types and references into it; the planner and the cost estimate read them. */
import type { Overload } from './library/declare.ts';
import type { CelType, ObjectType } from './types.ts';

interface Common {
  /** Where faults of this node are reported: an index into the source. */
  readonly at: number;
  readonly depth: number;
  type?: CelType;
}

export interface LiteralNode extends Common { kind: 'literal'; literal: 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes'; value: unknown }
export interface IdentNode extends Common { kind: 'ident'; name: string; reference?: Reference }
export interface SelectNode extends Common { kind: 'select'; operand: Node; field: string; /** `has(a.b)`. */ test: boolean; /** `a.?b`. */ optional: boolean; reference?: Reference }
export interface CallNode extends Common { kind: 'call'; name: string; target?: Node; args: Node[]; overloads?: Overload[] }
export interface ListNode extends Common { kind: 'list'; elements: Node[]; optional: ReadonlySet<number> }
export interface MapNode extends Common { kind: 'map'; entries: { at: number; key: Node; value: Node; optional: boolean }[] }
export interface StructNode extends Common { kind: 'struct'; name: string; fields: { at: number; name: string; value: Node; optional: boolean }[]; struct?: ObjectType }

export type Macro = 'all' | 'exists' | 'existsOne' | 'map' | 'filter' | 'transformList' | 'transformMap' | 'transformMapEntry' | 'optMap' | 'optFlatMap';
/** A loop over `range`. `first` is the element (or the index or key where there is a `second`). */
export interface FoldNode extends Common { kind: 'fold'; macro: Macro; range: Node; first: Binding; second?: Binding; filter?: Node; body: Node }
/** `cel.bind(name, value, body)`. */
export interface BindNode extends Common { kind: 'bind'; binding: Binding; value: Node; body: Node }

/** A local name; each has a place of its own in the frame. `isLate`: its value is worked out when it is first asked for. */
export interface Binding { name: string; type?: CelType; slot?: number; isLate?: boolean }

export type Reference =
  | { kind: 'variable'; name: string }
  | { kind: 'local'; binding: Binding }
  | { kind: 'type'; type: CelType }
  | { kind: 'constant'; value: number };

export type Node = LiteralNode | IdentNode | SelectNode | CallNode | ListNode | MapNode | StructNode | FoldNode | BindNode;

/** A node whose depth is not counted yet. */
export type Unfinished = Node extends infer Each ? (Each extends Node ? Omit<Each, 'depth'> : never) : never;

/** Calls `visit` for the direct parts of a node. */
export function eachPart(node: Node, visit: (part: Node) => void): void {
  switch (node.kind) {
    case 'literal':
    case 'ident':
      return;
    case 'select':
      return visit(node.operand);
    case 'call':
      if (node.target) visit(node.target);
      return node.args.forEach(visit);
    case 'list':
      return node.elements.forEach(visit);
    case 'map':
      for (const { key, value } of node.entries) {
        visit(key);
        visit(value);
      }
      return;
    case 'struct':
      return node.fields.forEach(({ value }) => visit(value));
    case 'fold':
      visit(node.range);
      if (node.filter) visit(node.filter);
      return visit(node.body);
    case 'bind':
      visit(node.value);
      return visit(node.body);
    default:
  }
}
