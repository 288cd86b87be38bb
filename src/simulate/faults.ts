/**
 * What goes wrong in a simulation, each by name and each for itself to be switched on. A fault lives for as long as the stormy part of a run lasts;
 * what it broke is whole again when `heal` has run.
 */
import type { KubeObject } from '../api/meta/v1/types.ts';
import { ConfigMaps, Deployments, Jobs, Nodes, Pods, ReplicaSets, StatefulSets } from '../api/resources.ts';
import type { Resource } from '../api/meta/resource.ts';
import type { Random } from '../host/types.ts';
import { noMessageFaults } from './network.ts';
import type { SimulatedProcess, World } from './world.ts';

export interface Fault {
  readonly name: string;
  /** One line for `--help` and the documentation. */
  readonly what: string;
  /** Sets shares of messages and steps that go wrong all the time. */
  begin?(world: World, random: Random): void;
  /** Strikes once; called again and again, `everyMs` apart on average. */
  strike?(world: World, random: Random): Promise<void> | void;
  everyMs?: number;
}

/** Some number between the two, evenly drawn. */
const between = (random: Random, min: number, max: number): number => min + random.int(max - min + 1);

function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items[random.int(Math.max(items.length, 1))];
}

async function restart(world: World, random: Random, processes: readonly SimulatedProcess[], downMs: readonly [number, number]): Promise<void> {
  const process = pick(random, processes.filter((each) => each.up));
  if (!process) return;
  world.note(`${process.name} ends`);
  process.crash();
  await world.clock.sleep(between(random, ...downMs));
  process.start();
  world.note(`${process.name} starts`);
}

const touched: readonly Resource[] = [Deployments, ReplicaSets, StatefulSets, Jobs, Pods, Nodes, ConfigMaps];

/** A second writer changes something that nobody acts upon: only the revision moves. */
async function touch(world: World, random: Random): Promise<void> {
  const objects = touched.flatMap((resource) => world.state.list(resource as Resource<KubeObject>).map((object) => ({ resource, object })));
  for (let i = 0; i < 3; i++) {
    const one = pick(random, objects);
    if (!one) return;
    const { name, namespace } = one.object.metadata;
    const client = namespace === undefined ? world.client.of(one.resource) : world.client.of(one.resource).inNamespace(namespace);
    await client.patch(name!, { metadata: { annotations: { 'simulation/touched': String(random.int(1_000_000)) } } }, { type: 'merge' }).catch(() => undefined);
  }
}

/** In one ordered list: the order decides how chance is dealt out. */
export const faults: readonly Fault[] = [
  {
    name: 'messages', what: 'requests and answers are lost, held up or brought twice',
    begin: (world, random) => (world.network.faults = { ...world.network.faults, dropRequest: random.next() * 0.02, dropAnswer: random.next() * 0.02, duplicate: random.next() * 0.02, delay: random.next() * 0.05 }),
  },
  {
    name: 'watches', what: 'watches are cut, starved, or told that their revision has gone (410)',
    begin: (world, random) => (world.network.faults = { ...world.network.faults, cutWatch: random.next() * 0.01, starveWatch: random.next() * 0.005, expireWatch: random.next() * 0.005 }),
  },
  { name: 'conflicts', what: 'a second writer touches objects', everyMs: 4_000, strike: touch },
  { name: 'api-restart', what: 'an API server dies and comes back', everyMs: 60_000, strike: (world, random) => restart(world, random, world.apiServers, [500, 15_000]) },
  {
    name: 'store-crash', what: 'the store loses power, with all writes that it has not acknowledged', everyMs: 120_000,
    async strike(world, random) {
      world.note('the store crashes');
      world.crashStore();
      await world.clock.sleep(between(random, 500, 10_000));
      for (const server of world.apiServers) server.start();
      world.note('the store is back');
    },
  },
  { name: 'slow-disk', what: 'flushes of the store take long', begin: (world, random) => world.setSlowDisk(random.next() * 0.2) },
  { name: 'compaction', what: 'the store forgets its history', everyMs: 30_000, strike: (world) => world.compact() },
  { name: 'leader-change', what: 'a controller manager dies and comes back', everyMs: 60_000, strike: (world, random) => restart(world, random, world.managers, [100, 30_000]) },
  { name: 'scheduler-restart', what: 'a scheduler dies and comes back', everyMs: 90_000, strike: (world, random) => restart(world, random, world.schedulers, [100, 20_000]) },
  {
    name: 'node-crash', what: 'a node loses power and comes back', everyMs: 150_000,
    async strike(world, random) {
      const node = pick(random, world.nodes.filter((each) => each.state === 'up'));
      if (!node) return;
      world.note(`node ${node.name} crashes`);
      node.crash();
      await world.clock.sleep(between(random, 1_000, 600_000));
      node.boot();
      world.note(`node ${node.name} boots`);
    },
  },
  { name: 'kubelet-restart', what: 'a kubelet ends and starts anew', everyMs: 90_000, strike: (world, random) => pick(random, world.nodes.filter((each) => each.state === 'up'))?.restartKubelet() },
  {
    name: 'partition', what: 'a node and the API server do not reach each other', everyMs: 150_000,
    async strike(world, random) {
      const node = pick(random, world.nodes.filter((each) => each.state === 'up'));
      if (!node) return;
      world.note(`node ${node.name} is cut off`);
      node.partition();
      await world.clock.sleep(between(random, 1_000, 400_000));
      node.heal();
      world.note(`node ${node.name} is reached again`);
    },
  },
  {
    name: 'clock-jump', what: 'the wall clock of a component jumps', everyMs: 60_000,
    strike(world, random) {
      const component = pick(random, world.components());
      if (component === undefined) return;
      const skewMs = between(random, -120_000, 120_000);
      world.skew(component, skewMs);
      world.note(`the clock of ${component} is ${skewMs} ms off`);
    },
  },
  { name: 'runtime', what: 'sandboxes, image pulls and container starts fail', begin: (world, random) => (world.runtimeFaults = { sandbox: random.next() * 0.05, pull: random.next() * 0.1, create: random.next() * 0.05, start: random.next() * 0.05 }) },
  { name: 'container-crash', what: 'containers fail', everyMs: 30_000, strike: (world, random) => pick(random, world.nodes)?.failContainer() },
];

/** The faults that a list of names means: `all`, `none`, names, or `-name` taken away from `all`. Throws for a name that is not known. */
export function chooseFaults(names: readonly string[]): readonly Fault[] {
  const known = new Set(faults.map((fault) => fault.name));
  for (const name of names) if (!['all', 'none'].includes(name) && !known.has(name.replace(/^-/, ''))) throw new Error(`"${name}" is no fault: all, none, ${[...known].join(', ')}`);
  const taken = new Set(names.filter((name) => name.startsWith('-')).map((name) => name.slice(1)));
  const isAll = names.includes('all') || (taken.size > 0 && names.length === taken.size);
  return faults.filter((fault) => !taken.has(fault.name) && (isAll || names.includes(fault.name)));
}

/** Lets faults strike until the signal aborts. Strikes that are under way come to their end. */
export async function storm(world: World, chosen: readonly Fault[], signal: AbortSignal): Promise<void> {
  await Promise.all(chosen.map(async (fault) => {
    const random = world.random.fork(`fault/${fault.name}`);
    fault.begin?.(world, random);
    while (fault.strike && !signal.aborted) {
      await world.clock.sleep(between(random, 0, 2 * fault.everyMs!), signal);
      if (!signal.aborted) await fault.strike(world, random);
    }
  }));
}

/** Makes whole what faults broke. */
export function heal(world: World): void {
  world.network.faults = noMessageFaults;
  world.runtimeFaults = {};
  world.setSlowDisk(0);
  for (const component of world.components()) world.skew(component, 0);
  for (const process of [...world.apiServers, ...world.managers, ...world.schedulers]) process.start();
  for (const node of world.nodes) {
    node.boot();
    node.heal();
  }
}
