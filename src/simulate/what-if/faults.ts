/** What may befall the nodes of a "what would happen": each by name, with how often (`node-crash=10m`) or how likely (`pull=0.05`). */
import type { HollowFailure } from '../../cri/index.ts';
import type { Clock, Random } from '../../host/types.ts';

export interface WhatIfNode {
  readonly name: string;
  readonly zone: string;
  readonly up: boolean;
  boot(): Promise<unknown>;
  crash(): void;
  /** One of its containers fails; which one, the number from 0 to 1 says. False: none runs. */
  failContainer(chance: number): boolean;
}

export interface StormOptions {
  clock: Clock;
  random: Random;
  nodes: readonly WhatIfNode[];
  incident(what: string): void;
  signal: AbortSignal;
}

interface Strike {
  what: string;
  everyMs: number;
  strike(options: StormOptions, random: Random): Promise<void>;
}

const between = (random: Random, min: number, max: number): number => min + Math.floor(random.next() * (max - min));

async function outage(nodes: readonly WhatIfNode[], what: string, options: StormOptions, downMs: number): Promise<void> {
  options.incident(`${what} loses power for ${Math.round(downMs / 1000)} s`);
  for (const node of nodes) node.crash();
  await options.clock.sleep(downMs, options.signal);
  if (!options.signal.aborted) await Promise.all(nodes.map((node) => node.boot()));
}

const strikes: Readonly<Record<string, Strike>> = {
  'node-crash': {
    what: 'a node loses power for one to twenty minutes', everyMs: 3_600_000,
    async strike(options, random) {
      const up = options.nodes.filter((node) => node.up);
      const node = up[random.int(Math.max(1, up.length))];
      if (node) await outage([node], `node ${node.name}`, options, between(random, 60_000, 1_200_000));
    },
  },
  'zone-outage': {
    what: 'a whole zone loses power for five to thirty minutes', everyMs: 8 * 3_600_000,
    async strike(options, random) {
      const zones = [...new Set(options.nodes.map((node) => node.zone))].toSorted();
      const zone = zones[random.int(Math.max(1, zones.length))];
      await outage(options.nodes.filter((node) => node.zone === zone && node.up), `${zone}`, options, between(random, 300_000, 1_800_000));
    },
  },
  'container-crash': {
    what: 'a container fails', everyMs: 60_000,
    async strike(options, random) {
      // Most nodes of a large cluster may be empty.
      for (let i = 0; i < 20; i++) if (options.nodes[random.int(options.nodes.length)]?.failContainer(random.next())) return;
    },
  },
};

const steps: Readonly<Record<string, HollowFailure>> = { pull: 'pull', start: 'start', sandbox: 'sandbox' };
const defaultShare = 0.05;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Names and what they do, for help texts. */
export const whatIfFaults: readonly (readonly [name: string, what: string])[] = [
  ...Object.entries(strikes).map(([name, { what, everyMs }]) => [`${name}[=TIME]`, `${what}; on average every TIME (${everyMs / 60_000}m)`] as const),
  ...Object.keys(steps).map((name) => [`${name}[=SHARE]`, `a share of ${name === 'pull' ? 'image pulls' : name === 'start' ? 'container starts' : 'sandboxes'} fails (${defaultShare})`] as const),
];

export interface ChosenFaults {
  strikes: { name: string; everyMs: number }[];
  stepShares: Map<HollowFailure, number>;
}

/** Throws, by name, for what is no fault or no measure of it. */
export function parseWhatIfFaults(texts: readonly string[]): ChosenFaults {
  const chosen: ChosenFaults = { strikes: [], stepShares: new Map() };
  for (const text of texts) {
    const [name = '', measure] = text.split('=', 2);
    if (strikes[name]) {
      const match = measure === undefined ? undefined : /^(\d+(?:\.\d+)?)([smhd])$/.exec(measure);
      if (match === null) throw new Error(`fault "${text}": "${measure}" is no time: 90s, 10m, 2h, 1d`);
      chosen.strikes.push({ name, everyMs: match ? Number(match[1]) * unitMs[match[2]!]! : strikes[name].everyMs });
    } else if (steps[name]) {
      const share = measure === undefined ? defaultShare : Number(measure);
      if (!(share >= 0 && share <= 1)) throw new Error(`fault "${text}": "${measure}" is no share from 0 to 1`);
      chosen.stepShares.set(steps[name], share);
    } else throw new Error(`"${name}" is no fault: ${[...Object.keys(strikes), ...Object.keys(steps)].join(', ')}`);
  }
  return chosen;
}

/** Lets the chosen faults strike until the signal aborts. Times between strikes are as chance has it: exponentially distributed. */
export async function storm(chosen: ChosenFaults, options: StormOptions): Promise<void> {
  await Promise.all(chosen.strikes.map(async ({ name, everyMs }) => {
    const random = options.random.fork(name);
    const running = new Set<Promise<void>>();
    for (;;) {
      await options.clock.sleep(-Math.log(1 - random.next()) * everyMs, options.signal);
      if (options.signal.aborted) break;
      const strike = strikes[name]!.strike(options, random);
      running.add(strike);
      void strike.finally(() => running.delete(strike));
    }
    await Promise.all(running);
  }));
}
