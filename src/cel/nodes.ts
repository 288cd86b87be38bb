/** Makes nodes, each with its depth. */
import type { Binding, CallNode, FoldNode, Node, Unfinished } from './ast.ts';
import { SyntaxFault } from './lexer.ts';
import type { Macros, NodeMaker } from './macros.ts';

/** Deeper trees are refused: everything that walks a tree is recursive. */
export const maxDepth = 250;

export class Maker implements NodeMaker {
  readonly macros: Macros;

  constructor(macros: Macros) {
    this.macros = macros;
  }

  /** Gives a node its depth. */
  make<T extends Unfinished>(node: T, parts: readonly (Node | undefined)[] = []): T & { depth: number } {
    let depth = 0;
    for (const part of parts) if (part !== undefined && part.depth > depth) depth = part.depth;
    if (++depth > maxDepth) throw tooDeep();
    // The node is new, and nobody else's.
    return Object.assign(node, { depth });
  }

  call(name: string, at: number, args: Node[], target?: Node): CallNode {
    return this.make({ kind: 'call', name, at, args, ...(target ? { target } : {}) }, [target, ...args]) as CallNode;
  }

  fold(node: Omit<FoldNode, 'depth' | 'kind'>): FoldNode {
    return this.make({ kind: 'fold', ...node }, [node.range, node.filter, node.body]) as FoldNode;
  }

  bind(at: number, binding: Binding, value: Node, body: Node): Node {
    return this.make({ kind: 'bind', at, binding, value, body }, [value, body]);
  }
}

/** It stands nowhere. */
export const tooDeep = (): SyntaxFault => new SyntaxFault(`expression recursion limit exceeded: ${maxDepth}`, -1);

export const RELATIONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);

/** `a.b.c` of a chain of plain selections. */
export function qualifiedName(node: Node): string | undefined {
  if (node.kind === 'ident') return node.name;
  if (node.kind !== 'select' || node.test || node.optional) return undefined;
  const operand = qualifiedName(node.operand);
  return operand === undefined ? undefined : `${operand}.${node.field}`;
}
