/** A Host without an outside world: virtual time, seeded chance, files in memory, no sockets and no processes. */
import type { Exec, Host, Log, Machine, Network, Random } from '../host/types.ts';
import { MemoryDisk } from '../host/memory-disk.ts';
import { Prng } from '../base/prng.ts';
import { uuidFrom } from '../base/uuid.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A named, seeded stream of chance. */
export function seededRandom(seed: string): Random {
  const prng = new Prng(seed);
  return {
    next: () => prng.next(),
    int: (bound) => Math.floor(prng.next() * bound),
    bytes: (length) => prng.bytes(length),
    uuid: () => uuidFrom(prng.bytes(16)),
    fork: (name) => seededRandom(`${seed}/${name}`),
  };
}

function absent(what: string): never {
  throw new Error(`a simulated host has no ${what}`);
}

const noNetwork: Network = {
  request: async () => absent('network (request)'),
  upgrade: async () => absent('network (upgrade)'),
  listen: async () => absent('network (listen)'),
  connect: async () => absent('network (connect)'),
  listenTcp: async () => absent('network (listenTcp)'),
  bindUdp: async () => absent('network (bindUdp)'),
  addresses: () => [],
};

const noExec: Exec = {
  run: async () => absent('processes (run)'),
  spawn: async () => absent('processes (spawn)'),
  signal: () => absent('processes (signal)'),
};

/** The machine that a simulated or hollow node claims to be. */
export function pretendedMachine(hostname: string, cpus = 8, memoryBytes = 32 * 2 ** 30): Machine {
  return {
    info: () => ({
      hostname, cpus, memoryBytes, machineId: hostname, systemUuid: hostname, bootId: hostname,
      kernelVersion: '6.0.0-hollow', osImage: 'Hollow', operatingSystem: 'linux', architecture: 'amd64',
    }),
    isRoot: () => false,
  };
}

const quiet: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet };

export interface VirtualHostOptions {
  seed: string;
  /** Default: 2030-01-01T00:00:00Z. */
  startMs?: number;
  settle: () => Promise<void>;
  log?: Log;
}

export interface VirtualHost extends Host {
  clock: VirtualClock;
}

/** A host whose whole history follows from its seed. */
export function virtualHost(options: VirtualHostOptions): VirtualHost {
  const random = seededRandom(options.seed);
  const clock = new VirtualClock({ startMs: options.startMs ?? Date.UTC(2030, 0, 1), random: random.fork('clock'), settle: options.settle });
  return { clock, random, net: noNetwork, exec: noExec, disk: new MemoryDisk(clock), machine: pretendedMachine('simulated'), log: options.log ?? quiet };
}
