/** Gives every node its type, and every name and call what it refers to. Faults are gathered, not thrown. */
import { eachPart, type Binding, type CallNode, type FoldNode, type IdentNode, type ListNode, type MapNode, type Node, type SelectNode, type StructNode } from '../ast.ts';
import { issueAt } from '../lexer.ts';
import type { Overload } from '../library/declare.ts';
import { qualifiedName } from '../nodes.ts';
import { formatType } from '../type-names.ts';
import { optionalOf, types, type CelType, type Environment, type Issue } from '../types.ts';
import { checkLiterals, isSuspect, type Suspect } from './literals.ts';
import { Scope } from './scope.ts';
import { isAssignable, isSame, Mapping, mostGeneral, rename, substitute, weightOf } from './unify.ts';

/** Faults that are told at most. */
export const maxIssues = 100;
/** Parts of a type at most. */
export const maxTypeWeight = 1000;

export interface Checked {
  issues: Issue[];
  /** The environment's variables that the tree names. */
  variables: Set<string>;
  /** Making a program may fail, since something constant is converted. */
  mayFail: boolean;
}

/** Checks a tree; the result's type is the tree's. */
export function check(source: string, node: Node, environment: Environment): Checked {
  const checker = new Checker(source, environment);
  checker.check(node);
  checker.finishAll(node);
  // Literals are looked at where nothing else is wrong.
  if (checker.issues.length === 0 && environment.homogeneousLiterals !== false) checkLiterals(checker.suspects, (at, message) => checker.report(at, message));
  return { issues: checker.issues.sort((a, b) => a.line - b.line || a.column - b.column), variables: checker.variables, mayFail: checker.mayFail };
}

/** Conversions are done beforehand where they can, and patterns made. */
const CONVERTS: ReadonlySet<string> = new Set(['bool', 'bytes', 'double', 'duration', 'int', 'string', 'timestamp', 'uint', 'matches', 'find', 'findAll']);
const isVariable = (node: Node | undefined): boolean => node?.kind === 'ident' || node?.kind === 'select';

const unwrapOptional = (type: CelType): CelType | undefined => (type.kind === 'opaque' && type.name === 'optional_type' ? type.parameters[0] : undefined);

class Checker {
  readonly issues: Issue[] = [];
  readonly suspects: Suspect[] = [];
  mayFail = false;
  readonly variables = new Set<string>();
  private readonly source: string;
  private readonly scope: Scope;
  private readonly mapping = new Mapping();
  private free = 0;
  /** Calls of `format` around. */
  private formats = 0;

  constructor(source: string, environment: Environment) {
    this.source = source;
    this.scope = new Scope(environment);
  }

  report(at: number, message: string): CelType {
    if (this.issues.length < maxIssues) this.issues.push(issueAt(this.source, at, message));
    return types.error;
  }

  private fresh = (): CelType => ({ kind: 'parameter', name: `_var${this.free++}` });

  private known(type: CelType): CelType {
    return substitute(this.mapping, type, false);
  }

  check(node: Node): CelType {
    const isFormat = node.kind === 'call' && node.name === 'format';
    if (isFormat) this.formats++;
    const type = this.typeOf(node);
    if (isFormat) this.formats--;
    if (isSuspect(node)) this.suspects.push({ node, formatted: this.formats > 0 });
    return (node.type = weightOf(type) > maxTypeWeight ? this.report(node.at, 'the type of the expression is too large') : type);
  }

  finishAll(node: Node): void {
    if (this.free > 0) this.finish(node);
  }

  /** Replaces parameters in all types by what they came to stand for. */
  private finish(node: Node): void {
    if (node.type) node.type = substitute(this.mapping, node.type, true);
    if (node.kind === 'fold' || node.kind === 'bind') {
      const bindings: (Binding | undefined)[] = node.kind === 'fold' ? [node.first, node.second] : [node.binding];
      for (const binding of bindings) if (binding?.type) binding.type = substitute(this.mapping, binding.type, true);
    }
    eachPart(node, (part) => this.finish(part));
  }

  private typeOf(node: Node): CelType {
    switch (node.kind) {
      case 'literal':
        return types[node.literal];
      case 'ident':
        return this.name(node, node.name) ?? this.report(node.at, `undeclared reference to '${node.name}' (in container '${this.scope.environment.container ?? ''}')`);
      case 'select':
        return this.select(node);
      case 'call':
        return this.call(node);
      case 'list':
        return this.list(node);
      case 'map':
        return this.map(node);
      case 'struct':
        return this.struct(node);
      case 'fold':
        return this.fold(node);
      case 'bind': {
        node.binding.type = this.known(this.check(node.value));
        this.scope.enter(node.binding);
        const type = this.check(node.body);
        this.scope.leave(node.binding);
        return type;
      }
      default:
        return types.error;
    }
  }

  private name(node: IdentNode | SelectNode, name: string): CelType | undefined {
    const found = this.scope.find(name);
    if (found === undefined) return undefined;
    node.reference = found.reference;
    if (found.reference.kind === 'variable') this.variables.add(found.reference.name);
    return found.type;
  }

  private select(node: SelectNode): CelType {
    const qualified = this.isPlain(node) ? undefined : qualifiedName(node);
    if (qualified !== undefined) {
      const root = qualified.slice(0, qualified.indexOf('.', 1));
      // A local name hides the namespace of the same name.
      const type = this.scope.find(root)?.reference.kind === 'local' ? undefined : this.name(node, qualified);
      if (type !== undefined) return type;
    }
    const operand = this.known(this.check(node.operand));
    const inner = unwrapOptional(operand);
    const found = this.field(node, inner ?? operand);
    if (node.test) return types.bool;
    return inner !== undefined || node.optional ? optionalOf(found) : found;
  }

  /** Selected below a variable of which no longer name is made. */
  private isPlain(node: SelectNode): boolean {
    let base: Node = node;
    while (base.kind === 'select') base = base.operand;
    return base.kind === 'ident' && this.scope.isAlone(base.name);
  }

  private field(node: { at: number; field: string }, type: CelType): CelType {
    switch (type.kind) {
      case 'map':
        return type.value;
      case 'object':
        return type.field(node.field)?.type ?? this.report(node.at, `undefined field '${node.field}'`);
      case 'parameter':
        isAssignable(this.mapping, [types.dyn], [type]);
        return types.dyn;
      case 'dyn':
      case 'error':
        return types.dyn;
      default:
        if (type.kind === 'opaque' && type.name.startsWith('kubernetes.')) return this.report(node.at, `unexpected failed resolution of '${type.name}'`);
        this.report(node.at, `type '${formatType(type)}' does not support field selection`);
        return types.dyn;
    }
  }

  private call(node: CallNode): CelType {
    if (node.name === '_&&_' || node.name === '_||_') return this.logic(node);
    if (node.name === '_?_:_') return this.choice(node);
    if (node.target !== undefined) {
      const prefix = qualifiedName(node.target);
      const namespaced = prefix === undefined ? undefined : this.scope.findFunction(`${prefix}.${node.name}`);
      if (namespaced !== undefined) {
        delete node.target;
        node.name = namespaced.name;
        node.args.forEach((argument) => this.check(argument));
        return this.resolve(node, namespaced.overloads, false);
      }
      this.check(node.target);
    }
    node.args.forEach((argument) => this.check(argument));
    const found = this.scope.findFunction(node.name);
    if (found === undefined) return this.report(node.at, `undeclared reference to '${node.name}' (in container '${this.scope.environment.container ?? ''}')`);
    this.mayFail ||= CONVERTS.has(node.name) && !isVariable(node.args.at(-1));
    return this.resolve(node, found.overloads, node.target !== undefined);
  }

  private logic(node: CallNode): CelType {
    const fine = node.args.map((argument) => this.mustBeBool(argument, this.check(argument)));
    return fine.every(Boolean) ? types.bool : types.error;
  }

  private mustBeBool(node: Node, type: CelType): boolean {
    const known = this.known(type);
    if (known.kind === 'error' || isAssignable(this.mapping, [known], [types.bool])) return true;
    this.report(node.at, `expected type 'bool' but found '${formatType(substitute(this.mapping, known, true))}'`);
    return false;
  }

  private choice(node: CallNode): CelType {
    const found = node.args.map((argument) => this.check(argument));
    const result = this.fresh();
    return isAssignable(this.mapping, found, [types.bool, result, result]) ? this.known(result) : this.noOverload(node, found);
  }

  private noOverload(node: { at: number; name: string }, args: readonly CelType[], member = false): CelType {
    const shown = args.map((type) => formatType(substitute(this.mapping, type, true)));
    const form = member ? `${shown[0]}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`;
    return this.report(node.at, `found no matching overload for '${node.name}' applied to '${form}'`);
  }

  private resolve(node: CallNode, overloads: readonly Overload[], member: boolean): CelType {
    const args = [...(node.target ? [node.target] : []), ...node.args].map((argument) => argument.type!);
    const matching: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of overloads) {
      if (overload.member !== member || overload.params.length !== args.length) continue;
      const type = overload.generic ? this.fitting(overload, args) : isAssignable(this.mapping, args, overload.params) ? overload.result : undefined;
      if (type === undefined) continue;
      matching.push(overload);
      if (result === undefined) result = type;
      else if (result.kind !== 'dyn' && !isSame(result, type)) result = types.dyn;
    }
    node.overloads = matching;
    return result ?? this.noOverload(node, args, member);
  }

  /** The result where the arguments fit; types' parameters are renamed, so that two calls of one function do not share them. */
  private fitting({ params, result }: Overload, args: readonly CelType[]): CelType | undefined {
    const names = new Map<string, CelType>();
    if (!isAssignable(this.mapping, args, params.map((type) => rename(type, names, this.fresh)))) return undefined;
    return this.known(rename(result, names, this.fresh));
  }

  /** The type of a collection's items once one more is in it. */
  private join(before: CelType | undefined, next: CelType): CelType {
    if (before === undefined) return next;
    return isAssignable(this.mapping, [before], [next]) ? mostGeneral(before, next) : types.dyn;
  }

  /** What an optional item is when it is there. */
  private optionalItem(at: number, type: CelType): CelType {
    const known = this.known(type);
    const inner = unwrapOptional(known);
    if (inner !== undefined) return inner;
    return known.kind === 'dyn' || known.kind === 'error' ? known : this.report(at, `expected type 'optional_type(${formatType(known)})' but found '${formatType(known)}'`);
  }

  private list(node: ListNode): CelType {
    let element: CelType | undefined;
    node.elements.forEach((part, i) => {
      const type = this.check(part);
      element = this.join(element, node.optional.has(i) ? this.optionalItem(part.at, type) : type);
    });
    return { kind: 'list', element: element ?? this.fresh() };
  }

  private map(node: MapNode): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of node.entries) {
      key = this.join(key, this.check(entry.key));
      const type = this.check(entry.value);
      value = this.join(value, entry.optional ? this.optionalItem(entry.value.at, type) : type);
    }
    return { kind: 'map', key: key ?? this.fresh(), value: value ?? this.fresh() };
  }

  private struct(node: StructNode): CelType {
    const found = this.scope.findStruct(node.name);
    if (found === undefined) return this.report(node.at, `undeclared reference to '${node.name}' (in container '${this.scope.environment.container ?? ''}')`);
    if (found.kind !== 'object') return this.report(node.at, `'${node.name}' is not a message type`);
    node.struct = found;
    for (const field of node.fields) {
      const given = this.check(field.value);
      const type = field.optional ? this.optionalItem(field.value.at, given) : given;
      const wanted = found.field(field.name)?.type;
      if (wanted === undefined) this.report(field.at, `undefined field '${field.name}'`);
      else if (!isAssignable(this.mapping, [type], [wanted])) this.report(field.at, `expected type of field '${field.name}' is '${formatType(wanted)}' but provided type is '${formatType(this.known(type))}'`);
    }
    return found;
  }

  private fold(node: FoldNode): CelType {
    const range = this.known(this.check(node.range));
    if (node.macro === 'optMap' || node.macro === 'optFlatMap') return this.optional(node, range);
    const [first, second] = this.items(node, range);
    node.first.type = node.second ? first.key : first.item;
    if (node.second) node.second.type = second;
    this.scope.enter(node.first, node.second);
    const filter = node.filter ? this.check(node.filter) : undefined;
    const body = this.check(node.body);
    this.scope.leave(node.first, node.second);
    return this.folded(node, filter, body);
  }

  /** Types of what a loop goes through. */
  private items(node: FoldNode, range: CelType): [{ key: CelType; item: CelType }, CelType] {
    switch (range.kind) {
      case 'list':
        return [{ key: types.int, item: range.element }, range.element];
      case 'map':
        return [{ key: range.key, item: range.key }, range.value];
      case 'parameter':
        isAssignable(this.mapping, [types.dyn], [range]);
        return [{ key: types.dyn, item: types.dyn }, types.dyn];
      case 'dyn':
      case 'error':
        return [{ key: types.dyn, item: types.dyn }, types.dyn];
      default:
        this.report(node.range.at, `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
        return [{ key: types.error, item: types.error }, types.error];
    }
  }

  private folded(node: FoldNode, filter: CelType | undefined, body: CelType): CelType {
    const test = (type: CelType, name: string, shown: readonly CelType[]): void => {
      if (!isAssignable(this.mapping, [type], [types.bool])) this.noOverload({ at: node.at, name }, shown);
    };
    const item = node.second?.type ?? node.first.type!;
    switch (node.macro) {
      case 'all':
      case 'exists':
        this.mustBeBool(node.body, body);
        return types.bool;
      case 'existsOne':
        test(body, '_?_:_', [body, types.int, types.int]);
        return types.bool;
      case 'filter': {
        const list: CelType = { kind: 'list', element: item };
        test(body, '_?_:_', [body, list, list]);
        return list;
      }
      case 'map':
      case 'transformList': {
        const list: CelType = { kind: 'list', element: body };
        if (filter) test(filter, '_?_:_', [filter, list, list]);
        return list;
      }
      case 'transformMap':
      default: {
        const made: CelType = { kind: 'map', key: node.first.type!, value: body };
        const result = node.macro === 'transformMap' ? made : this.known(body);
        if (filter) test(filter, '_?_:_', [filter, result, result]);
        return result.kind === 'map' || result.kind === 'dyn' || result.kind === 'error' ? result : this.noOverload({ at: node.at, name: 'cel.@mapInsert' }, [made, body]);
      }
    }
  }

  /** What an optional holds. */
  private heldBy(node: FoldNode, range: CelType): CelType {
    const known = unwrapOptional(range);
    if (known !== undefined) return known;
    if (range.kind === 'dyn' || range.kind === 'error') return types.dyn;
    const held = this.fresh();
    if (range.kind === 'parameter' && isAssignable(this.mapping, [range], [optionalOf(held)])) return held;
    this.noOverload({ at: node.at, name: 'hasValue' }, [range], true);
    return this.noOverload({ at: node.at, name: 'value' }, [range], true);
  }

  private optional(node: FoldNode, range: CelType): CelType {
    const inner = this.heldBy(node, range);
    node.first.type = inner;
    this.scope.enter(node.first);
    const body = this.check(node.body);
    this.scope.leave(node.first);
    if (node.macro === 'optMap') return optionalOf(body);
    const result = optionalOf(this.fresh());
    return isAssignable(this.mapping, [body], [result]) ? this.known(result) : this.noOverload({ at: node.at, name: '_?_:_' }, [types.bool, body, result]);
  }
}
