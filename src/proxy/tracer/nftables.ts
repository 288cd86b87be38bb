/** For tests: walks a packet through a table in the form of `nft -f`. Words that it does not know throw, so that no rule is read wrongly in silence. */
import { inCidr } from '../rules.ts';
import type { Outcome, Packet, Pick, TraceContext } from './packet.ts';

interface Base {
  name: string;
  hook: string;
  priority: number;
  type: string;
}

export interface NftablesText {
  chains: Map<string, string[]>;
  bases: Base[];
  sets: Map<string, Set<string>>;
  maps: Map<string, Map<string, string>>;
}

/** Reads a whole table as `fullText` writes it, and updates to it as `updateText` does. */
export function readNftables(script: string, into?: NftablesText): NftablesText {
  const text: NftablesText = into ?? { chains: new Map(), bases: [], sets: new Map(), maps: new Map() };
  let chain: string | undefined;
  for (const raw of script.split('\n')) {
    const line = raw.trim();
    const opened = /^chain (\S+) \{$/.exec(line);
    const set = /^(set|map) (\S+) \{/.exec(line);
    const base = /^type (\w+) hook (\w+) priority (-?\d+);$/.exec(line);
    if (opened) text.chains.set((chain = opened[1]!), []);
    else if (set?.[1] === 'set') text.sets.set(set[2]!, new Set());
    else if (set) text.maps.set(set[2]!, new Map());
    else if (base) text.bases.push({ name: chain!, type: base[1]!, hook: base[2]!, priority: Number(base[3]) });
    else if (line === '}') chain = undefined;
    else if (chain !== undefined && line !== '') text.chains.get(chain)!.push(line);
    else if (line !== '') command(text, line);
  }
  return text;
}

const listed = (text: string): string[] => text.replace(/^\{\s*|\s*\}$/g, '').split(', ');

function command(text: NftablesText, line: string): void {
  const match = /^(add|delete|flush) (table|chain|rule|set|element) ip6? kube-proxy ?(\S*) ?(.*)$/.exec(line);
  if (match === null) {
    if (/^table ip6? kube-proxy \{$/.test(line)) return;
    throw new Error(`the tracer does not know the statement "${line}"`);
  }
  const [, verb, kind, name, rest] = match as unknown as [string, string, string, string, string];
  if (kind === 'chain') {
    if (verb === 'delete') text.chains.delete(name);
    else text.chains.set(name, []);
  } else if (kind === 'rule') text.chains.get(name)!.push(rest);
  else if (kind === 'set') {
    if (verb === 'add') text.sets.set(name, new Set());
    else text.sets.delete(name);
  }
  else if (kind === 'element') elements(text, verb, name, listed(rest));
}

function elements(text: NftablesText, verb: string, name: string, items: string[]): void {
  const set = text.sets.get(name);
  const map = text.maps.get(name);
  for (const item of items) {
    const [key, value] = item.split(' : ') as [string, string | undefined];
    const present = set?.has(key) ?? map!.has(key);
    // The kernel refuses both: so the tracer holds the generator to it.
    if (verb === 'add' ? present : !present) throw new Error(`"${key}" ${present ? 'is already' : 'is not'} in ${name}`);
    if (verb === 'delete') (set ?? map!).delete(key);
    else if (set === undefined) map!.set(key, value!);
    else set.add(key);
  }
}

interface State {
  source: string;
  destination: string;
  port: number;
  protocol: string;
  mark: number;
  masquerade: boolean;
}

type Verdict = 'accept' | 'drop' | 'reject' | 'return' | 'continue';

class Walk {
  readonly #text: NftablesText;
  readonly #context: TraceContext;
  readonly #pick: Pick;
  readonly state: State;
  constructor(text: NftablesText, context: TraceContext, pick: Pick, packet: Packet) {
    this.#text = text;
    this.#context = context;
    this.#pick = pick;
    this.state = { source: packet.source, destination: packet.destination, port: packet.port, protocol: packet.protocol, mark: 0, masquerade: false };
  }

  chain(name: string, depth = 0): Verdict {
    const rules = this.#text.chains.get(name);
    if (rules === undefined) throw new Error(`the chain "${name}" does not exist`);
    if (depth > 16) throw new Error('chains call each other in a circle');
    for (const rule of rules) {
      const verdict = this.#rule(rule, depth);
      if (verdict === 'return') return 'continue';
      if (verdict !== 'continue') return verdict;
    }
    return 'continue';
  }

  #address(which: string): string {
    return which === 'saddr' ? this.state.source : this.state.destination;
  }

  #inside(address: string, what: string): boolean {
    if (what.startsWith('@')) {
      const set = this.#text.sets.get(what.slice(1));
      if (set === undefined) throw new Error(`the set "${what}" does not exist`);
      return set.has(address) || (this.#context.remembered?.has(what.slice(1)) ?? false);
    }
    return (what.startsWith('{') ? listed(what) : [what]).some((range) => inCidr(address, range));
  }

  /** Conditions and statements at the head of a rule, each with what it does: a boolean lets the rule go on or not, a verdict ends it. */
  readonly #forms: [RegExp, (...groups: string[]) => boolean | { verdict: string }][] = [
    [/^ip6? daddr \. meta l4proto \. th dport vmap @(\S+)/, (map) => this.#map(map!, `${this.state.destination} . ${this.state.protocol} . ${this.state.port}`)],
    [/^meta l4proto \. th dport vmap @(\S+)/, (map) => this.#map(map!, `${this.state.protocol} . ${this.state.port}`)],
    [/^ip6? (saddr|daddr) (!= )?(@\S+|\{[^}]*\}|[0-9a-f.:/]+)/, (which, not, what) => this.#inside(this.#address(which!), what!) !== (not !== undefined)],
    [/^fib (saddr|daddr) type local/, (which) => this.#context.local.has(this.#address(which!))],
    [/^meta l4proto (\w+)/, (protocol) => this.state.protocol === protocol],
    [/^(tcp|udp|sctp) dport (\d+)/, (protocol, port) => this.state.protocol === protocol && this.state.port === Number(port)],
    [/^ct state new/, () => true],
    [/^numgen random mod (\d+) vmap \{([^}]*)\}/, (count, items) => ({ verdict: listed(items!)[this.#pick(Number(count))]!.trim().split(' : ')[1]! })],
    [/^meta mark and (\w+) == 0/, (mask) => (this.state.mark & Number(mask)) === 0],
    [/^meta mark set meta mark (or|xor) (\w+)/, (how, bits) => ((this.state.mark = how === 'or' ? this.state.mark | Number(bits) : this.state.mark ^ Number(bits)), true)],
    [/^update @(\S+) \{ ip6? saddr \}/, (set) => this.#exists(set!)],
    [/^dnat to (\S+)/, (target) => this.#translate(target!)],
    [/^masquerade fully-random/, () => ((this.state.masquerade = true), { verdict: 'accept' })],
    [/^((?:jump|goto) \S+|drop|reject|return)/, (verdict) => ({ verdict: verdict! })],
  ];

  #exists(set: string): boolean {
    if (!this.#text.sets.has(set)) throw new Error(`the set "${set}" does not exist`);
    return true;
  }

  #map(name: string, key: string): boolean | { verdict: string } {
    const map = this.#text.maps.get(name);
    if (map === undefined) throw new Error(`the map "${name}" does not exist`);
    const verdict = map.get(key);
    return verdict === undefined ? false : { verdict };
  }

  #translate(target: string): { verdict: string } {
    const match = /^\[?([^\]]+?)\]?:(\d+)$/.exec(target)!;
    this.state.destination = match[1]!;
    this.state.port = Number(match[2]);
    return { verdict: 'accept' };
  }

  #rule(rule: string, depth: number): Verdict {
    let rest = rule;
    while (rest !== '') {
      const form = this.#forms.map(([pattern, run]) => ({ match: pattern.exec(rest), run })).find((candidate) => candidate.match !== null);
      if (form === undefined) throw new Error(`the tracer does not know "${rest}" in "${rule}"`);
      const result = form.run(...(form.match!.slice(1) as string[]));
      if (result === false) return 'continue';
      rest = rest.slice(form.match![0].length).trim();
      if (result === true) continue;
      const verdict = this.#verdict(result.verdict, depth);
      if (verdict !== 'continue') return verdict;
    }
    return 'continue';
  }

  #verdict(text: string, depth: number): Verdict {
    const [word, chain] = text.split(' ') as [string, string | undefined];
    if (word === 'jump') return this.chain(chain!, depth + 1);
    if (word === 'goto') {
      const verdict = this.chain(chain!, depth + 1);
      return verdict === 'continue' ? 'return' : verdict;
    }
    return word as Verdict;
  }
}

/** Where a new connection's first packet ends up. */
export function traceNftables(text: NftablesText, packet: Packet, context: TraceContext, pick: Pick): Outcome {
  const walk = new Walk(text, context, pick, packet);
  const done = (verdict: Outcome['verdict']): Outcome => ({ verdict, destination: walk.state.destination.includes(':') ? `[${walk.state.destination}]:${walk.state.port}` : `${walk.state.destination}:${walk.state.port}`, masquerade: walk.state.masquerade });
  const isLocal = (): boolean => context.local.has(walk.state.destination);
  const hook = (name: string): Verdict => {
    for (const base of text.bases.filter((candidate) => candidate.hook === name).toSorted((a, b) => a.priority - b.priority)) {
      const verdict = walk.chain(base.name);
      if (verdict === 'drop' || verdict === 'reject') return verdict;
    }
    return 'accept';
  };
  const first = hook(packet.fromNode ? 'output' : 'prerouting');
  if (first !== 'accept') return done(first as Outcome['verdict']);
  if (!packet.fromNode || isLocal()) {
    const verdict = hook(isLocal() ? 'input' : 'forward');
    if (verdict !== 'accept') return done(verdict as Outcome['verdict']);
  }
  if (packet.fromNode || !isLocal()) hook('postrouting');
  return done('pass');
}
