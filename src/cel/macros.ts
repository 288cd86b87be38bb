/** The macros: calls that are loops or bindings in truth. */
import type { Binding, CallNode, FoldNode, Macro, Node, Unfinished } from './ast.ts';
import { SyntaxFault } from './lexer.ts';

/** Which macros there are beside the standard ones. */
export interface Macros {
  bindings: boolean;
  optional: boolean;
  twoVariables: boolean;
  math: boolean;
  lists: boolean;
}

/** What makes the nodes that macros stand for, and counts how deep they are nested: the maker. */
export interface NodeMaker {
  readonly macros: Macros;
  make(node: Unfinished, parts?: readonly (Node | undefined)[]): Node;
  call(name: string, at: number, args: Node[], target?: Node): CallNode;
  fold(node: Omit<FoldNode, 'depth' | 'kind'>): FoldNode;
  bind(at: number, binding: Binding, value: Node, body: Node): Node;
}

function binding(node: Node, fault = 'argument must be a simple name'): Binding {
  if (node.kind !== 'ident' || node.name.startsWith('.')) throw new SyntaxFault(fault, node.at);
  if (node.name === '__result__' || node.name === '@result') throw new SyntaxFault('iteration variable overwrites accumulator variable', node.at);
  return { name: node.name };
}

/** What a call of this name and form stands for; undefined for a plain call. */
export function expandMacro(maker: NodeMaker, name: string, at: number, args: Node[], target?: Node): Node | undefined {
  if (target === undefined) return name === 'has' && args.length === 1 ? presence(maker, at, args[0]!) : undefined;
  if (maker.macros.bindings && name === 'bind' && args.length === 3 && target.kind === 'ident' && target.name === 'cel') {
    return maker.bind(at, binding(args[0]!, 'cel.bind() variable names must be simple identifiers'), args[1]!, args[2]!);
  }
  if (maker.macros.optional && (name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    return maker.fold({ at, macro: name, range: target, first: binding(args[0]!, `${name}() variable name must be a simple identifier`), body: args[1]! });
  }
  if (maker.macros.math && target.kind === 'ident' && target.name === 'math' && (name === 'greatest' || name === 'least')) return extreme(maker, name, at, args);
  if (maker.macros.lists && name === 'sortBy' && args.length === 2) {
    const list: Node = maker.make({ kind: 'ident', at, name: '@list' });
    const keys = maker.fold({ at, macro: 'map', range: list, first: binding(args[0]!), body: args[1]! });
    return maker.bind(at, { name: '@list' }, target, maker.call('@sortByAssociatedKeys', at, [keys], list));
  }
  return comprehension(maker, name, at, args, target);
}

/** `math.greatest(a, b, …)`: many arguments become a list. */
function extreme(maker: NodeMaker, name: string, at: number, args: Node[]): Node {
  const call = `math.@${name === 'greatest' ? 'max' : 'min'}`;
  if (args.length === 0) throw new SyntaxFault(`math.${name}() requires at least one argument`, at);
  const bad = args.find((argument) => (argument.kind === 'literal' && !['int', 'uint', 'double'].includes(argument.literal)) || argument.kind === 'map' || argument.kind === 'struct' || (argument.kind === 'list' && (args.length > 1 || argument.elements.length === 0)));
  if (bad !== undefined) throw new SyntaxFault(`math.${name}() simple literal arguments must be numeric`, bad.at);
  if (args.length <= 2) return maker.call(call, at, args);
  return maker.call(call, at, [maker.make({ kind: 'list', at, elements: args, optional: new Set<number>() }, args)]);
}

function presence(maker: NodeMaker, at: number, argument: Node): Node {
  if (argument.kind !== 'select' || argument.test || argument.optional) throw new SyntaxFault('invalid argument to has() macro', argument.at);
  return maker.make({ kind: 'select', at, operand: argument.operand, field: argument.field, test: true, optional: false }, [argument.operand]);
}

/** `map` and `filter` word the same fault in their own way. */
const NO_NAME = 'argument is not an identifier';

const TESTS: Readonly<Record<string, Macro>> = { all: 'all', exists: 'exists', exists_one: 'existsOne', existsOne: 'existsOne' };
/** `existsOne` has two variables; with one the name is `exists_one`. */
const ONE_VARIABLE: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one']);
const TWO: ReadonlySet<string> = new Set(['transformList', 'transformMap', 'transformMapEntry']);

function comprehension(maker: NodeMaker, name: string, at: number, args: Node[], range: Node): Node | undefined {
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  if (test !== undefined && args.length === 2 && ONE_VARIABLE.has(name)) return maker.fold({ at, macro: test, range, first: binding(args[0]!), body: args[1]! });
  if (name === 'filter' && args.length === 2) return maker.fold({ at, macro: 'filter', range, first: binding(args[0]!, NO_NAME), body: args[1]! });
  if (name === 'map' && args.length === 2) return maker.fold({ at, macro: 'map', range, first: binding(args[0]!, NO_NAME), body: args[1]! });
  if (name === 'map' && args.length === 3) return maker.fold({ at, macro: 'map', range, first: binding(args[0]!, NO_NAME), filter: args[1]!, body: args[2]! });
  if (!maker.macros.twoVariables) return undefined;
  const isTest = test !== undefined && args.length === 3;
  const isTransform = TWO.has(name) && (args.length === 3 || args.length === 4);
  if (!isTest && !isTransform) return undefined;
  const first = binding(args[0]!);
  const second = binding(args[1]!);
  if (first.name === second.name) throw new SyntaxFault(`duplicate variable name: ${second.name}`, args[1]!.at);
  const macro = isTest ? test! : (name as Macro);
  return args.length === 4
    ? maker.fold({ at, macro, range, first, second, filter: args[2]!, body: args[3]! })
    : maker.fold({ at, macro, range, first, second, body: args[2]! });
}
