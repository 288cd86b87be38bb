/** What workloads and faults can take hold of: a whole cluster on a virtual clock, and the means to hurt it. */
import type { Client } from '../client/types.ts';
import type { HollowFailure } from '../cri/index.ts';
import type { Random } from '../host/types.ts';
import type { State } from './commits.ts';
import type { SimulatedNetwork } from './network.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A node as faults see it. */
export interface SimulatedNode {
  readonly name: string;
  readonly state: 'up' | 'down' | 'partitioned';
  /** Power off: the kubelet and all containers end at once. */
  crash(): void;
  /** Power on again: a new kubelet finds what is on disk. */
  boot(): void;
  /** The kubelet ends and starts anew; containers go on. */
  restartKubelet(): void;
  /** Nothing between the node and the API server; containers go on. */
  partition(): void;
  heal(): void;
  /** One of its running containers fails, which one the seed decides. */
  failContainer(): void;
}

/** One of several processes of a component, such as a controller manager. */
export interface SimulatedProcess {
  readonly name: string;
  readonly up: boolean;
  /** It ends without another word. */
  crash(): void;
  start(): void;
}

export interface WorldShape {
  nodes: number;
  apiServers: number;
  controllerManagers: number;
  schedulers: number;
  nodeCpus: number;
  nodeMemoryBytes: number;
  zones: number;
}

export const defaultShape: WorldShape = { nodes: 4, apiServers: 1, controllerManagers: 1, schedulers: 1, nodeCpus: 4, nodeMemoryBytes: 8 * 2 ** 30, zones: 2 };

export interface World {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly state: State;
  readonly network: SimulatedNetwork;
  readonly nodes: readonly SimulatedNode[];
  readonly apiServers: readonly SimulatedProcess[];
  readonly managers: readonly SimulatedProcess[];
  readonly schedulers: readonly SimulatedProcess[];
  /** An admin; messages take time, and are lost only when a server goes down. */
  readonly client: Client;
  /** Shares of runtime steps that fail, by step. */
  runtimeFaults: Partial<Record<HollowFailure, number>>;
  /** The disk of the store: share of slow flushes. */
  setSlowDisk(share: number): void;
  /** The store's machine loses power, and the API servers with it. */
  crashStore(): void;
  /** History up to now is forgotten. */
  compact(): void;
  /** Sets a component's wall clock off the common time. */
  skew(component: string, skewMs: number): void;
  components(): readonly string[];
  /** A line of the history that a failure prints. */
  note(text: string): void;
}
