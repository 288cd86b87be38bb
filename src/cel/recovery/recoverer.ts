/** How the rules of a grammar are followed, and left when something is wrong, as the parsers do that ANTLR makes. */
import type { Node } from '../ast.ts';
import { BEFORE, SyntaxFault, tokenize, type Token, type TokenFault } from '../lexer.ts';
import type { Macros } from '../macros.ts';
import { Maker, maxDepth } from '../nodes.ts';
import { displayOf, kindOf, show, union, type Kinds } from './token-kinds.ts';

/** The rule may end here. */
export const END = '';
export const EOF = '<EOF>';

/** Recoveries at most, and tokens that one may skip. */
const maxRecoveries = 30;
const maxSkipped = 256;
/** Faults that are told at most. */
const maxFaults = 100;

/** Nothing in the grammar goes on like this. */
class Stuck extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** No more is looked for. */
export class GivenUp extends Error {}

/**
 * Goes on after a fault: a token too many is left out, one that is missing is taken as read, and else all is skipped up to what may follow. Words and
 * places of faults are thereby upstream's.
 */
export class Recoverer extends Maker {
  readonly faults: TokenFault[];
  protected readonly source: string;
  protected readonly tokens: readonly Token[];
  protected position = 0;
  /** What may follow each rule that is being read. */
  private readonly follows: Kinds[] = [];
  private readonly nesting = new Map<string, number>();
  /** A fault has been told, and nothing has matched since. */
  private recovering = false;
  private place = '';
  private lastPosition = -1;
  private readonly lastPlaces = new Set<string>();
  private recoveries = 0;

  constructor(source: string, macros: Macros) {
    super(macros);
    this.source = source;
    this.faults = [];
    this.tokens = tokenize(source, this.faults);
  }

  protected token(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)]!;
  }

  protected next(ahead = 0): string {
    return kindOf(this.token(ahead));
  }

  /** Takes a token that is known to be right. */
  protected take(): Token {
    this.matched();
    const token = this.token();
    this.skip();
    return token;
  }

  private skip(): void {
    if (this.position < this.tokens.length - 1) this.position++;
  }

  private matched(): void {
    this.recovering = false;
    this.lastPlaces.clear();
    this.lastPosition = -1;
  }

  /** A set with what may come after the rules around it, where these may end. */
  private inContext(kinds: Kinds): Kinds {
    if (!kinds.has(END)) return kinds;
    const all = new Set(kinds);
    for (let i = this.follows.length - 1; i >= 0 && all.has(END); i--) {
      all.delete(END);
      for (const kind of this.follows[i]!) all.add(kind);
    }
    if (all.delete(END)) all.add(EOF);
    return all;
  }

  private tell(message: string, at: number): void {
    if (this.recovering) return;
    this.recovering = true;
    this.faults.push({ message: `Syntax error: ${this.faults.length < maxFaults ? message : `More than ${maxFaults} syntax errors`}`, at });
    if (this.faults.length > maxFaults) throw new GivenUp();
  }

  private unwanted(expected: Kinds): void {
    const token = this.token();
    this.tell(`extraneous input ${displayOf(token)} expecting ${show(this.inContext(expected))}`, token.at);
  }

  private mismatch(expected: Kinds): Stuck {
    const token = this.token();
    return new Stuck(`mismatched input ${displayOf(token)} expecting ${show(this.inContext(expected))}`, token.at);
  }

  /** No way goes on from this token to the one so far ahead. */
  protected noWay(ahead: number): Stuck {
    const from = this.token();
    const bad = this.token(ahead);
    const text = from.kind === 'end' ? EOF : this.textOf(from.at, bad.kind === 'end' ? this.source.length : bad.at + bad.raw.length);
    const reserved = /^.(true|false|null)$/s.exec(text)?.[1];
    return new Stuck(reserved === undefined ? `no viable alternative at input ${displayOf({ ...from, raw: text })}` : `mismatched input '${reserved}' expecting IDENTIFIER`, bad.at);
  }

  /** The source without what is no token. */
  private textOf(from: number, to: number): string {
    let text = '';
    let at = from;
    for (const { at: start, end } of this.faults) {
      if (end === undefined || start < at || end > to) continue;
      text += this.source.slice(at, start);
      at = end;
    }
    return text + this.source.slice(at, to);
  }

  /** Leaves out a token where the one after it is right. */
  private deletes(expected: Kinds): boolean {
    if (!this.inContext(expected).has(this.next(1))) return false;
    this.unwanted(expected);
    this.skip();
    this.matched();
    return true;
  }

  /** Looks whether what comes can go on here, before it is decided how. After a turn of a loop what cannot is skipped. */
  protected sync(place: string, expected: Kinds, loop = false): void {
    this.place = place;
    if (this.recovering || expected.has(this.next())) return;
    if (loop) {
      this.unwanted(expected);
      this.skipTo(union(this.inContext(expected), this.recoverySet()));
    } else if (!this.deletes(expected)) throw this.mismatch(expected);
  }

  /** Takes a token of a kind; `after` is what may come then. */
  protected match(place: string, kind: string, after: Kinds): Token | undefined {
    this.place = place;
    if (this.next() === kind) return this.take();
    this.count();
    const expected: Kinds = new Set([kind]);
    if (this.deletes(expected)) return this.take();
    if (!this.inContext(after).has(this.next())) throw this.mismatch(expected);
    const token = this.token();
    this.tell(`missing ${show(expected)} at ${displayOf(token)}`, token.at);
    return undefined;
  }

  private count(): void {
    if (this.recoveries++ < maxRecoveries) return;
    this.faults.push({ message: `Syntax error: error recovery attempt limit exceeded: ${maxRecoveries}`, at: this.token().at });
    throw new GivenUp();
  }

  private recoverySet(): Kinds {
    const all = new Set<string>();
    for (const follow of this.follows) for (const kind of follow) all.add(kind);
    all.delete(END);
    return all;
  }

  private skipTo(kinds: Kinds): void {
    for (let skipped = 0; this.next() !== EOF && !kinds.has(this.next()); skipped++) {
      if (skipped >= maxSkipped) throw this.giveUp(`error recovery token lookahead limit exceeded: ${maxSkipped}`);
      this.skip();
    }
  }

  private giveUp(message: string): GivenUp {
    this.faults.push({ message, at: -1 });
    return new GivenUp();
  }

  private recover(): void {
    this.count();
    if (this.lastPosition === this.position && this.lastPlaces.has(this.place)) this.skip();
    this.lastPosition = this.position;
    this.lastPlaces.add(this.place);
    this.skipTo(this.recoverySet());
  }

  protected enter(rule: string): void {
    const depth = (this.nesting.get(rule) ?? 0) + 1;
    if (depth > maxDepth) throw this.giveUp(`expression recursion limit exceeded: ${maxDepth}`);
    this.nesting.set(rule, depth);
  }

  /** Reads by a rule; what is wrong in it ends it. */
  protected rule(name: string, follow: Kinds | undefined, body: () => void): void {
    const { place } = this;
    const depth = this.nesting.get(name) ?? 0;
    this.enter(name);
    if (follow !== undefined) this.follows.push(follow);
    try {
      body();
    } catch (error) {
      if (!(error instanceof Stuck)) throw error;
      this.tell(error.message, error.at);
      this.recover();
    }
    if (follow !== undefined) this.follows.pop();
    this.nesting.set(name, depth);
    this.place = place;
  }

  /** Makes a node; what is wrong with it is told beside what is wrong with the syntax. */
  protected made(make: () => Node): Node {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      if (error.at === -1) throw this.giveUp(error.message);
      return this.wrong(error.message, error.at);
    }
  }

  protected wrong(message: string, at: number): Node {
    this.faults.push({ message, at });
    return this.hole(BEFORE);
  }

  /** Stands for what could not be read. */
  protected hole(at: number): Node {
    return { kind: 'literal', literal: 'null', value: null, at, depth: 1 };
  }
}

