/** Tokens to a tree, by recursive descent. Operators become calls of the names that CEL gives them (`_+_`). */
import type { Node } from './ast.ts';
import { issueAt, SyntaxFault, tokenize, type Token, type TokenFault } from './lexer.ts';
import { expandMacro, type Macros } from './macros.ts';
import { RESERVED } from './names.ts';
import { Maker, maxDepth, qualifiedName, RELATIONS, tooDeep } from './nodes.ts';
import { parseIntegerText } from './numbers.ts';
import { diagnose } from './recovery/grammar.ts';
import type { Issue } from './types.ts';

/** Code points of an expression. */
export const maxSourceLength = 100_000;

/** These cannot be a name of a field either. */
const KEYWORDS = new Set(['true', 'false', 'null', 'in']);

class Parser extends Maker {
  private readonly tokens: Token[];
  private position = 0;
  private nesting = 0;

  constructor(tokens: Token[], macros: Macros) {
    super(macros);
    this.tokens = tokens;
  }

  private get token(): Token {
    return this.tokens[this.position]!;
  }

  private next(): Token {
    return this.tokens[this.position++]!;
  }

  private is(text: string): boolean {
    const { kind, text: found } = this.token;
    return kind === 'op' && found === text;
  }

  private accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.position++;
    return true;
  }

  private isWord(text: string): boolean {
    return this.token.kind === 'ident' && this.token.text === text;
  }

  private expect(text: string): Token {
    if (this.is(text)) return this.next();
    throw this.unexpected();
  }

  /** What is wrong is found out by reading again. */
  private unexpected(): SyntaxFault {
    return new SyntaxFault(`Syntax error: unexpected input '${this.token.raw}'`, this.token.at);
  }

  whole(): Node {
    const node = this.expression();
    if (this.token.kind !== 'end') throw this.unexpected();
    return node;
  }

  private expression(): Node {
    if (++this.nesting > maxDepth) throw tooDeep();
    const condition = this.logical('||');
    let node = condition;
    if (this.is('?')) {
      const { at } = this.next();
      const yes = this.logical('||');
      this.expect(':');
      node = this.call('_?_:_', at, [condition, yes, this.expression()]);
    }
    this.nesting--;
    return node;
  }

  /** Chains of one logical operator make one call with many arguments. */
  private logical(operator: '||' | '&&'): Node {
    const part = (): Node => (operator === '||' ? this.logical('&&') : this.relation());
    const first = part();
    if (!this.is(operator)) return first;
    const { at } = this.token;
    const args = [first];
    while (this.accept(operator)) args.push(part());
    return this.call(`_${operator}_`, at, args);
  }

  private relation(): Node {
    let left = this.sum();
    for (;;) {
      const { text, at, kind } = this.token;
      const isIn = this.isWord('in');
      if (!isIn && !(kind === 'op' && RELATIONS.has(text))) return left;
      this.position++;
      left = this.call(isIn ? '@in' : `_${text}_`, at, [left, this.sum()]);
    }
  }

  private sum(): Node {
    let left = this.product();
    while (this.is('+') || this.is('-')) {
      const { text, at } = this.next();
      left = this.call(`_${text}_`, at, [left, this.product()]);
    }
    return left;
  }

  private product(): Node {
    let left = this.unary();
    while (this.is('*') || this.is('/') || this.is('%')) {
      const { text, at } = this.next();
      left = this.call(`_${text}_`, at, [left, this.unary()]);
    }
    return left;
  }

  /** An even count of the same sign cancels itself, as in the reference. */
  private unary(): Node {
    if (this.is('!')) {
      const { at } = this.token;
      let odd = false;
      while (this.accept('!')) odd = !odd;
      const operand = this.member();
      return odd ? this.call('!_', at, [operand]) : operand;
    }
    if (!this.is('-')) return this.member();
    const { at } = this.token;
    const following = this.tokens[this.position + 1]!;
    if (following.kind === 'int' || following.kind === 'double') return this.member();
    let odd = false;
    while (this.accept('-')) odd = !odd;
    const operand = this.member();
    return odd ? this.call('-_', at, [operand]) : operand;
  }

  private member(): Node {
    let node = this.primary();
    for (;;) {
      if (this.is('.')) node = this.selection(node);
      else if (this.is('[')) node = this.index(node);
      else if (this.is('{') && qualifiedName(node) !== undefined) node = this.struct(node);
      else return node;
    }
  }

  private selection(operand: Node): Node {
    const { at } = this.next();
    const optional = this.macros.optional && this.accept('?');
    const { kind, text } = this.token;
    if (kind !== 'quoted' && (kind !== 'ident' || KEYWORDS.has(text))) throw this.unexpected();
    this.position++;
    if (kind === 'ident' && !optional && this.is('(')) {
      const open = this.next().at;
      const args = this.list(')');
      return expandMacro(this, text, open, args, operand) ?? this.call(text, open, args, operand);
    }
    return this.make({ kind: 'select', at, operand, field: text, test: false, optional }, [operand]);
  }

  private index(operand: Node): Node {
    const { at } = this.next();
    const optional = this.macros.optional && this.accept('?');
    const key = this.expression();
    this.expect(']');
    return this.call(optional ? '_[?_]' : '_[_]', at, [operand, key]);
  }

  /** A comma may stand where nothing else does. */
  private loneComma(close: string): void {
    const following = this.tokens[this.position + 1];
    if (this.is(',') && following?.kind === 'op' && following.text === close) this.position++;
  }

  /** Expressions up to the closing sign. */
  private list(close: ')' | ']', optional?: Set<number>): Node[] {
    const items: Node[] = [];
    if (close === ']') this.loneComma(close);
    while (!this.is(close)) {
      if (optional !== undefined && this.macros.optional && this.accept('?')) optional.add(items.length);
      items.push(this.expression());
      if (!this.accept(',')) break;
      if (close === ')' && this.is(close)) throw this.unexpected();
    }
    this.expect(close);
    return items;
  }

  private primary(): Node {
    const { kind, text, at } = this.token;
    if (kind === 'op') return this.bracketed(text, at);
    this.position++;
    switch (kind) {
      case 'int':
      case 'uint':
      case 'double':
        return this.number(kind, text, at, false);
      case 'string':
      case 'bytes': {
        const token = this.tokens[this.position - 1]!;
        if (token.fault !== undefined) throw new SyntaxFault(token.fault, at);
        return this.make({ kind: 'literal', at, literal: kind, value: token.bytes ?? text });
      }
      case 'ident':
        return this.name(text, at, '');
      default:
        this.position--;
        throw this.unexpected();
    }
  }

  private bracketed(text: string, at: number): Node {
    this.position++;
    switch (text) {
      case '(': {
        const inner = this.expression();
        this.expect(')');
        return inner;
      }
      case '[': {
        const optional = new Set<number>();
        const elements = this.list(']', optional);
        return this.make({ kind: 'list', at, elements, optional }, elements);
      }
      case '{':
        return this.map(at);
      case '.': {
        const { kind, text: name, at: named } = this.token;
        if (kind !== 'ident') throw this.unexpected();
        this.position++;
        return this.name(name, named, '.', at);
      }
      case '-': {
        const { kind, text: digits } = this.token;
        if (kind !== 'int' && kind !== 'double') break;
        this.position++;
        return this.number(kind, digits, at, true);
      }
      default:
    }
    this.position--;
    throw this.unexpected();
  }

  private number(kind: 'int' | 'uint' | 'double', text: string, at: number, negative: boolean): Node {
    if (kind === 'double') {
      const value = Number(text);
      if (!Number.isFinite(value)) throw new SyntaxFault('invalid double literal', at);
      return this.make({ kind: 'literal', at, literal: 'double', value: negative ? -value : value });
    }
    const value = parseIntegerText(negative ? `-${text}` : text, kind);
    if (value === undefined) throw new SyntaxFault(`invalid ${kind} literal`, at);
    return this.make({ kind: 'literal', at, literal: kind, value });
  }

  private name(text: string, at: number, dot: '' | '.', from = at): Node {
    if (dot === '') {
      if (text === 'true' || text === 'false') return this.make({ kind: 'literal', at, literal: 'bool', value: text === 'true' });
      if (text === 'null') return this.make({ kind: 'literal', at, literal: 'null', value: null });
      if (text === 'in') {
        this.position--;
        throw this.unexpected();
      }
    }
    if (RESERVED.has(text)) throw new SyntaxFault(`reserved identifier: ${text}`, from);
    if (!this.is('(')) return this.make({ kind: 'ident', at, name: dot + text });
    const open = this.next().at;
    const args = this.list(')');
    return (dot === '' ? expandMacro(this, text, open, args) : undefined) ?? this.call(dot + text, open, args);
  }

  private map(at: number): Node {
    const entries: { at: number; key: Node; value: Node; optional: boolean }[] = [];
    this.loneComma('}');
    while (!this.is('}')) {
      const optional = this.macros.optional && this.accept('?');
      const key = this.expression();
      const colon = this.expect(':').at;
      entries.push({ at: colon, key, value: this.expression(), optional });
      if (!this.accept(',')) break;
    }
    this.expect('}');
    return this.make({ kind: 'map', at, entries }, entries.flatMap(({ key, value }) => [key, value]));
  }

  private struct(node: Node): Node {
    const name = qualifiedName(node)!;
    const { at } = this.next();
    const fields: { at: number; name: string; value: Node; optional: boolean }[] = [];
    this.loneComma('}');
    while (!this.is('}')) {
      const optional = this.macros.optional && this.accept('?');
      const { kind, text } = this.token;
      if (kind !== 'quoted' && (kind !== 'ident' || KEYWORDS.has(text))) throw this.unexpected();
      this.position++;
      const colon = this.expect(':').at;
      fields.push({ at: colon, name: text, value: this.expression(), optional });
      if (!this.accept(',')) break;
    }
    this.expect('}');
    return this.make({ kind: 'struct', at, name, fields }, fields.map(({ value }) => value));
  }
}

/** Reads an expression; what is wrong with one that is none is found out at leisure. */
export function parse(source: string, macros: Macros): { node: Node } | { issues: Issue[] } {
  const size = source.length > maxSourceLength ? [...source].length : 0;
  if (size > maxSourceLength) return { issues: [issueAt(source, -1, `expression code point size exceeds limit: size: ${size}, limit ${maxSourceLength}`)] };
  const faults: TokenFault[] = [];
  const tokens = tokenize(source, faults);
  try {
    if (faults.length === 0) return { node: new Parser(tokens, macros).whole() };
    return { issues: diagnose(source, macros) };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const issues = diagnose(source, macros);
    return { issues: issues.length > 0 ? issues : [issueAt(source, error.at, error.message)] };
  }
}
