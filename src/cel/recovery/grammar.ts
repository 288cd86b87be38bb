/** Reads what is no expression, to say all that is wrong with it. Only the faults are of interest, so that lists and maps come out empty. */
import type { Node } from '../ast.ts';
import { BEFORE, issueAt, type Token } from '../lexer.ts';
import { expandMacro, type Macros } from '../macros.ts';
import { RESERVED } from '../names.ts';
import { RELATIONS } from '../nodes.ts';
import { parseIntegerText } from '../numbers.ts';
import type { Issue } from '../types.ts';
import { END, EOF, GivenUp, Recoverer } from './recoverer.ts';
import { setOf, union, type Kinds } from './token-kinds.ts';

const OPTIONAL = "'?'";

const PRIMARY = setOf('[', '{', '(', '.', '-', 'true', 'false', 'null', 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER');
const EXPRESSION = union(PRIMARY, setOf('!'));
const ITEM = union(EXPRESSION, setOf('?'));
const NAME = setOf('IDENTIFIER', 'ESC_IDENTIFIER');
const FIELD = union(NAME, setOf('?'));
const LITERAL = setOf('-', 'true', 'false', 'null', 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES');
const OVER = setOf(END);
const RELATION = union(new Set([...RELATIONS].map((text) => `'${text}'`)), setOf('in', END));
const CALC = setOf('*', '/', '%', '+', '-', END);
const MEMBER = setOf('.', '[', END);
const MORE = setOf(',', END);

/** The grammar, rule by rule. The names of places and the sets that may follow are those of upstream's grammar. */
class Grammar extends Recoverer {
  start(): void {
    this.rule('start', undefined, () => {
      this.expression(setOf(EOF));
      this.match('start', EOF, OVER);
    });
  }

  private expression(follow: Kinds): Node {
    let node = this.hole(BEFORE);
    this.rule('expr', follow, () => {
      node = this.logical('||', setOf('?', END));
      if (this.next() !== OPTIONAL) return;
      const { at } = this.take();
      const condition = node;
      const yes = this.logical('||', setOf(':'));
      this.match('expr', "':'", EXPRESSION);
      const no = this.expression(OVER);
      node = this.made(() => this.call('_?_:_', at, [condition, yes, no]));
    });
    return node;
  }

  private logical(operator: '||' | '&&', follow: Kinds): Node {
    const parts: Node[] = [];
    const rest = setOf(operator, END);
    const part = (): Node => (operator === '||' ? this.logical('&&', rest) : this.relation(rest, 0));
    let at = -1;
    this.rule(operator, follow, () => {
      parts.push(part());
      while (this.next() === `'${operator}'`) {
        at = this.take().at;
        parts.push(part());
      }
    });
    return parts.length === 1 ? parts[0]! : this.made(() => this.call(`_${operator}_`, at, parts));
  }

  private relation(follow: Kinds, level: number): Node {
    let node = this.hole(BEFORE);
    this.rule('relation', follow, () => {
      node = this.calc(RELATION, 0);
      while (level <= 1 && this.next() !== END && RELATION.has(this.next())) {
        this.enter('relation');
        const { text, at } = this.take();
        const left = node;
        const right = this.relation(RELATION, 2);
        node = this.made(() => this.call(text === 'in' ? '@in' : `_${text}_`, at, [left, right]));
      }
    });
    return node;
  }

  private calc(follow: Kinds, level: number): Node {
    let node = this.hole(BEFORE);
    this.rule('calc', follow, () => {
      node = this.unary(CALC);
      for (;;) {
        const strength = "'*''/''%'".includes(this.next()) ? 2 : CALC.has(this.next()) ? 1 : 0;
        if (strength === 0 || strength < level) return;
        this.enter('calc');
        const { text, at } = this.take();
        const left = node;
        const right = this.calc(CALC, strength + 1);
        node = this.made(() => this.call(`_${text}_`, at, [left, right]));
      }
    });
    return node;
  }

  private unary(follow: Kinds): Node {
    let node: Node = { kind: 'literal', literal: 'string', value: '', at: this.token().at, depth: 1 };
    this.rule('unary', follow, () => {
      this.sync('unary', EXPRESSION);
      const sign = this.next();
      if (sign === "'!'") node = this.signed('!', () => this.next() === sign);
      else if (sign !== "'-'" || this.next(1) === 'NUM_INT' || this.next(1) === 'NUM_FLOAT') {
        if (!PRIMARY.has(sign)) throw this.noWay(0);
        node = this.member(OVER);
      } else {
        if (!PRIMARY.has(this.next(1))) throw this.noWay(1);
        node = this.signed('-', () => {
          if (!PRIMARY.has(this.next())) throw this.noWay(0);
          if (this.next() !== sign) return false;
          if (!PRIMARY.has(this.next(1))) throw this.noWay(1);
          return true;
        });
      }
    });
    return node;
  }

  /** A sign, once or more. */
  private signed(sign: '!' | '-', again: () => boolean): Node {
    const { at } = this.token();
    let odd = false;
    do {
      this.take();
      odd = !odd;
      this.sync(`unary${sign}`, sign === '!' ? EXPRESSION : PRIMARY, true);
    } while (again());
    const operand = this.member(OVER);
    return odd ? this.made(() => this.call(`${sign}_`, at, [operand])) : operand;
  }

  private member(follow: Kinds): Node {
    let node = this.hole(BEFORE);
    this.rule('member', follow, () => {
      node = this.primary(MEMBER);
      for (;;) {
        const kind = this.next();
        if (kind !== "'.'" && kind !== "'['") return;
        this.enter('member');
        const operand = node;
        if (kind === "'['") this.index(operand, (made) => (node = made));
        else if (this.next(1) === 'IDENTIFIER' && this.next(2) === "'('") this.memberCall(operand, (made) => (node = made));
        else if (FIELD.has(this.next(1))) this.selection(operand, (made) => (node = made));
        else throw this.noWay(1);
      }
    });
    return node;
  }

  private selection(operand: Node, give: (node: Node) => void): void {
    const { at } = this.take();
    this.sync('select', FIELD);
    const optional = this.accepts(OPTIONAL);
    const { at: named } = this.token();
    const name = this.fieldName(MEMBER);
    if (name === undefined) this.wrong('unsupported ident kind', named);
    give(this.made(() => this.make({ kind: 'select', at, operand, field: name?.text ?? '', test: false, optional }, [operand])));
  }

  private memberCall(operand: Node, give: (node: Node) => void): void {
    this.take();
    const { text } = this.take();
    const open = this.take().at;
    const finish = (args: Node[]): void => give(this.made(() => expandMacro(this, text, open, args, operand) ?? this.call(text, open, args, operand)));
    this.arguments('member', MEMBER, finish);
  }

  /** Arguments up to the closing bracket. */
  private arguments(place: string, after: Kinds, finish: (args: Node[]) => void): void {
    let args: Node[] = [];
    try {
      this.sync(place, union(EXPRESSION, setOf(')')));
      if (EXPRESSION.has(this.next())) args = this.expressions(setOf(')'));
      this.match(`${place})`, "')'", after);
    } finally {
      finish(args);
    }
  }

  private index(operand: Node, give: (node: Node) => void): void {
    const { at } = this.take();
    this.sync('index', ITEM);
    const optional = this.accepts(OPTIONAL);
    const key = this.expression(setOf(']'));
    give(this.made(() => this.call(optional ? '_[?_]' : '_[_]', at, [operand, key])));
    this.match('index]', "']'", MEMBER);
  }

  private accepts(kind: string): boolean {
    if (this.next() !== kind) return false;
    this.take();
    return true;
  }

  private primary(follow: Kinds): Node {
    let node = this.hole(BEFORE);
    this.rule('primary', follow, () => {
      this.sync('primary', PRIMARY);
      switch (this.next()) {
        case "'('":
          this.take();
          node = this.expression(setOf(')'));
          this.match('nested', "')'", OVER);
          return;
        case "'['":
          return this.collection(']', ITEM, (rest) => this.items(rest), (at, elements) => (node = this.made(() => this.make({ kind: 'list', at, elements, optional: new Set<number>() }, elements))));
        case "'{'":
          return this.collection('}', ITEM, (rest) => this.entries(rest), (at) => (node = this.made(() => this.make({ kind: 'map', at, entries: [] }))));
        case "'.'":
        case 'IDENTIFIER':
          return this.named((made) => (node = made));
        default:
          if (!LITERAL.has(this.next())) throw this.noWay(0);
          node = this.literal(OVER);
      }
    });
    return node;
  }

  private collection(close: string, first: Kinds, read: (rest: Kinds) => Node[], give: (at: number, parts: Node[]) => void): void {
    const { at } = this.take();
    const rest = setOf(',', close);
    let parts: Node[] = [];
    try {
      this.sync(`${close}1`, union(first, rest));
      if (first.has(this.next())) parts = read(rest);
      this.sync(`${close}2`, rest);
      this.accepts("','");
      this.match(`${close}3`, `'${close}'`, OVER);
    } finally {
      give(at, parts);
    }
  }

  /** A name, a call of a function, or a message. */
  private named(give: (node: Node) => void): void {
    const form = this.form();
    const { at: from } = this.token();
    const dot = this.accepts("'.'") ? '.' : '';
    const { text, at } = this.take();
    if (form === 'message') {
      while (this.accepts("'.'")) this.take();
      this.collection('}', FIELD, (rest) => this.fields(rest), () => give(this.hole(from)));
      return;
    }
    if (form === 'name') return give(RESERVED.has(text) ? this.wrong(`reserved identifier: ${text}`, from) : this.made(() => this.make({ kind: 'ident', at, name: dot + text })));
    const open = this.take().at;
    const before = this.faults.length;
    this.arguments('call', OVER, (args) => {
      if (!RESERVED.has(text)) return give(this.made(() => (dot === '' ? expandMacro(this, text, open, args) : undefined) ?? this.call(dot + text, open, args)));
      // Its arguments are not looked at.
      const syntax = this.faults.splice(before).filter(({ message }) => message.startsWith('Syntax error'));
      this.faults.push(...syntax);
      give(this.wrong(`reserved identifier: ${text}`, from));
    });
  }

  /** What begins with a name, by what comes after it and further names. */
  private form(): 'name' | 'call' | 'message' {
    const first = this.next() === "'.'" ? 1 : 0;
    if (this.next(first) !== 'IDENTIFIER') throw this.noWay(first);
    if (this.next(first + 1) === "'('") return 'call';
    for (let ahead = first + 1; ; ahead += 2) {
      if (this.next(ahead) === "'{'") return 'message';
      if (this.next(ahead) !== "'.'" || this.next(ahead + 1) !== 'IDENTIFIER') return 'name';
    }
  }

  private expressions(follow: Kinds): Node[] {
    const found: Node[] = [];
    this.rule('exprList', follow, () => {
      do found.push(this.expression(MORE));
      while (this.accepts("','"));
    });
    return found;
  }

  /** Another follows, not just a comma at the end. */
  private another(first: Kinds): boolean {
    return this.next() === "','" && first.has(this.next(1)) && this.accepts("','");
  }

  private items(follow: Kinds): Node[] {
    const found: Node[] = [];
    this.rule('listInit', follow, () => {
      do found.push(this.item(MORE));
      while (this.another(ITEM));
    });
    return found;
  }

  private item(follow: Kinds): Node {
    let node = this.hole(BEFORE);
    this.rule('optExpr', follow, () => {
      this.sync('optExpr', ITEM);
      this.accepts(OPTIONAL);
      node = this.expression(OVER);
    });
    return node;
  }

  private entries(follow: Kinds): Node[] {
    return this.pairs('mapInit', 'map:', follow, ITEM, (colon) => void this.item(colon));
  }

  private fields(follow: Kinds): Node[] {
    return this.pairs('fieldInit', 'field:', follow, FIELD, (colon) => this.field(colon));
  }

  /** What stands before colons and what after them; nothing comes of it. */
  private pairs(rule: string, place: string, follow: Kinds, first: Kinds, read: (colon: Kinds) => void): Node[] {
    this.rule(rule, follow, () => {
      do {
        read(setOf(':'));
        this.match(place, "':'", EXPRESSION);
        this.expression(MORE);
      } while (this.another(first));
    });
    return [];
  }

  private field(follow: Kinds): void {
    this.rule('optField', follow, () => {
      this.sync('optField', FIELD);
      this.accepts(OPTIONAL);
      this.fieldName(OVER);
    });
  }

  private fieldName(follow: Kinds): Token | undefined {
    let token: Token | undefined;
    this.rule('escapeIdent', follow, () => {
      this.sync('escapeIdent', NAME);
      if (!NAME.has(this.next())) throw this.noWay(0);
      token = this.take();
    });
    return token;
  }

  private literal(follow: Kinds): Node {
    let node = this.hole(BEFORE);
    this.rule('literal', follow, () => {
      this.sync('literal', LITERAL);
      const { at } = this.token();
      if (this.next() === "'-'" && this.next(1) !== 'NUM_INT' && this.next(1) !== 'NUM_FLOAT') throw this.noWay(1);
      const negative = this.accepts("'-'");
      const token = this.take();
      node = this.literalOf(token, negative, at);
    });
    return node;
  }

  private literalOf({ kind, text, fault }: Token, negative: boolean, at: number): Node {
    if (fault !== undefined) return this.wrong(fault, at);
    if (kind === 'double') return Number.isFinite(Number(text)) ? { kind: 'literal', literal: 'double', value: 0, at, depth: 1 } : this.wrong('invalid double literal', at);
    if (kind === 'int' || kind === 'uint') {
      const value = parseIntegerText(negative ? `-${text}` : text, kind);
      return value === undefined ? this.wrong(`invalid ${kind} literal`, at) : { kind: 'literal', literal: kind, value, at, depth: 1 };
    }
    return { kind: 'literal', literal: kind === 'string' || kind === 'bytes' ? kind : 'bool', value: text, at, depth: 1 };
  }
}

/** All that is wrong with the syntax, in order. */
export function diagnose(source: string, macros: Macros): Issue[] {
  const grammar = new Grammar(source, macros);
  try {
    grammar.start();
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
  }
  return grammar.faults.map(({ message, at }) => issueAt(source, at, message)).sort((a, b) => a.line - b.line || a.column - b.column);
}
