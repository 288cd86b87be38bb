/** For tests: what a packet tracer is asked and what it says. A tracer reads generated rules as text and walks a packet through them as the kernel would. */

export interface Packet {
  source: string;
  destination: string;
  protocol: 'tcp' | 'udp' | 'sctp';
  port: number;
  /** True when a program on this node sends it; else it comes in through an interface (from a pod or from outside). */
  fromNode: boolean;
}

export interface TraceContext {
  /** Addresses of this node. */
  local: ReadonlySet<string>;
  /** Affinity: names of lists (or sets) that remember the packet's source. */
  remembered?: ReadonlySet<string>;
}

export interface Outcome {
  verdict: 'pass' | 'drop' | 'reject';
  /** `ip:port` after translation. */
  destination: string;
  masquerade: boolean;
}

export const outcomeText = (outcome: Outcome): string => (outcome.verdict === 'pass' ? `${outcome.destination}${outcome.masquerade ? ' masqueraded' : ''}` : outcome.verdict);

/** Chooses one of `count` ways where the rules throw dice. */
export type Pick = (count: number) => number;

/** All outcomes that the dice can give, each once, sorted. */
export function allOutcomes(trace: (pick: Pick) => Outcome): string[] {
  const found = new Set<string>();
  const pending: number[][] = [[]];
  while (pending.length > 0) {
    const planned = pending.pop()!;
    let step = 0;
    const outcome = trace((count) => {
      const at = step++;
      if (at < planned.length) return planned[at]!;
      const taken = planned.slice(0, at);
      for (let other = 1; other < count; other++) pending.push([...taken, other]);
      planned.push(0);
      return 0;
    });
    found.add(outcomeText(outcome));
  }
  return [...found].toSorted();
}
