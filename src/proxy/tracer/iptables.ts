/** For tests: walks a packet through rules in the form of iptables-restore. Words that it does not know throw, so that no rule is read wrongly in silence. */
import { jumps } from '../iptables/rules.ts';
import { inCidr } from '../rules.ts';
import type { Outcome, Packet, Pick, TraceContext } from './packet.ts';

type Table = Map<string, string[][]>;

export interface IptablesText {
  nat: Table;
  filter: Table;
}

const words = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);

/** Reads the text, with the jumps from the built-in chains as `-I` in turn leaves them. */
export function readIptables(text: string): IptablesText {
  const tables: Record<string, Table> = { nat: new Map(), filter: new Map() };
  let table: Table | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = tables[line.slice(1)]!;
    else if (line.startsWith(':')) table!.set(line.slice(1).split(' ')[0]!, []);
    else if (line.startsWith('-A ')) {
      const [, chain, ...rule] = words(line);
      const rules = table!.get(chain!);
      if (rules === undefined) throw new Error(`a rule for the chain "${chain}" that is not declared`);
      rules.push(rule);
    }
  }
  for (const jump of jumps) {
    const chains = tables[jump.table]!;
    chains.set(jump.from, [words(jump.rule), ...(chains.get(jump.from) ?? [])]);
  }
  return { nat: tables['nat']!, filter: tables['filter']! };
}

interface State {
  source: string;
  destination: string;
  port: number;
  protocol: string;
  mark: number;
  masquerade: boolean;
  translated: boolean;
}

type Verdict = 'accept' | 'drop' | 'reject' | 'return' | 'continue';

class Walk {
  readonly #text: IptablesText;
  readonly #context: TraceContext;
  readonly #pick: Pick;
  readonly state: State;
  constructor(text: IptablesText, context: TraceContext, pick: Pick, packet: Packet) {
    this.#text = text;
    this.#context = context;
    this.#pick = pick;
    this.state = { source: packet.source, destination: packet.destination, port: packet.port, protocol: packet.protocol, mark: 0, masquerade: false, translated: false };
  }

  chain(table: 'nat' | 'filter', name: string, depth = 0): Verdict {
    if (depth > 20) throw new Error('chains call each other in a circle');
    const rules = this.#text[table].get(name);
    if (rules === undefined) {
      if (depth > 0) throw new Error(`a jump to the chain "${name}" that does not exist`);
      return 'continue';
    }
    for (const rule of rules) {
      const verdict = this.#rule(table, rule, depth);
      if (verdict === 'return') return 'continue';
      if (verdict !== 'continue') return verdict;
    }
    return 'continue';
  }

  #rule(table: 'nat' | 'filter', rule: readonly string[], depth: number): Verdict {
    let at = 0;
    let not = false;
    const next = (): string => rule[at++]!;
    while (at < rule.length) {
      const word = next();
      if (word === '!') {
        not = true;
        continue;
      }
      if (word === '-j') return this.#target(table, rule.slice(at), depth);
      const matched = this.#match(word, next, rule[at] === '!' ? () => ((at += 1), (not = true)) : undefined);
      if (matched === undefined) continue;
      if (matched === not) return 'continue';
      not = false;
    }
    return 'continue';
  }

  /** True or false for a condition, undefined for words that only announce one. `takeNot` handles `--match ! --option`. */
  #match(word: string, next: () => string, takeNot?: () => void): boolean | undefined {
    const { state } = this;
    switch (word) {
      case '-m': {
        next();
        return undefined;
      }
      case '--comment':
        next();
        return undefined;
      case '-p':
        return state.protocol === next();
      case '-d':
        return inCidr(state.destination, next());
      case '-s':
        return inCidr(state.source, next());
      case '--dport':
        return state.port === Number(next());
      case '--dst-type':
        return next() === 'LOCAL' && this.#context.local.has(state.destination);
      case '--src-type':
        return next() === 'LOCAL' && this.#context.local.has(state.source);
      case '--mark': {
        takeNot?.();
        const [value, mask] = next().split('/').map(Number);
        return (state.mark & mask!) === value;
      }
      case '--ctstate': {
        const states = next().split(',');
        return states.includes('NEW') || (states.includes('DNAT') && state.translated);
      }
      case '--mode':
        next();
        return undefined;
      case '--probability':
        next();
        return this.#pick(2) === 0;
      case '--name':
        return this.#recent(next(), next());
      case '--seconds':
        next();
        return undefined;
      case '--reap':
        return undefined;
      default:
        throw new Error(`the tracer does not know the word "${word}"`);
    }
  }

  #recent(name: string, what: string): boolean | undefined {
    if (what === '--rcheck') return this.#context.remembered?.has(name) ?? false;
    if (what === '--set') return true;
    throw new Error(`the tracer does not know "-m recent ${what}"`);
  }

  #target(table: 'nat' | 'filter', [name, ...rest]: readonly string[], depth: number): Verdict {
    const { state } = this;
    switch (name) {
      case 'ACCEPT':
        return 'accept';
      case 'DROP':
        if (table === 'nat') throw new Error('DROP in the nat table');
        return 'drop';
      case 'REJECT':
        return 'reject';
      case 'RETURN':
        return 'return';
      case 'MASQUERADE':
        state.masquerade = true;
        return 'accept';
      case 'MARK':
        if (rest[0] === '--or-mark') state.mark |= Number(rest[1]);
        else if (rest[0] === '--xor-mark') state.mark ^= Number(rest[1]);
        else throw new Error(`the tracer does not know "MARK ${rest[0]}"`);
        return 'continue';
      case 'DNAT': {
        const match = /^\[?([^\]]+?)\]?:(\d+)$/.exec(rest[1]!)!;
        state.destination = match[1]!;
        state.port = Number(match[2]);
        state.translated = true;
        return 'accept';
      }
      default:
        return this.chain(table, name!, depth + 1);
    }
  }
}

/** Where a new connection's first packet ends up. */
export function traceIptables(text: IptablesText, packet: Packet, context: TraceContext, pick: Pick): Outcome {
  const walk = new Walk(text, context, pick, packet);
  const done = (verdict: Outcome['verdict']): Outcome => ({ verdict, destination: walk.state.destination.includes(':') ? `[${walk.state.destination}]:${walk.state.port}` : `${walk.state.destination}:${walk.state.port}`, masquerade: walk.state.masquerade });
  walk.chain('nat', packet.fromNode ? 'OUTPUT' : 'PREROUTING');
  const isLocal = (): boolean => context.local.has(walk.state.destination);
  const filters = packet.fromNode ? ['OUTPUT', ...(isLocal() ? ['INPUT'] : [])] : [isLocal() ? 'INPUT' : 'FORWARD'];
  for (const filter of filters) {
    const verdict = walk.chain('filter', filter);
    if (verdict === 'drop' || verdict === 'reject') return done(verdict);
  }
  if (packet.fromNode || !isLocal()) walk.chain('nat', 'POSTROUTING');
  return done('pass');
}
