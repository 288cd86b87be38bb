/** What a checker is: a promise of the system that is looked at after every event, or when all has been healed. */
import type { Commit, State } from '../commits.ts';
import type { Exchange, Watched } from '../network.ts';
import type { ApiRequest } from '../../client/types.ts';

/** A container of a pod that runs on a node. */
export interface RunningPod {
  node: string;
  namespace: string;
  name: string;
  uid: string;
}

export interface Scene {
  /** As it is after the commit. */
  state: State;
  nowMs(): number;
  /** Pods whose sandbox runs, on all nodes. */
  running(): readonly RunningPod[];
}

export type Fail = (message: string) => void;

export interface Checker {
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly promise: string;
  /** A change has become durable. */
  committed?(commit: Commit, scene: Scene, fail: Fail): void;
  /** A component has sent a request. */
  sent?(request: ApiRequest, user: string, scene: Scene): void;
  /** A request has been answered. */
  exchanged?(exchange: Exchange, scene: Scene, fail: Fail): void;
  watched?(watched: Watched, scene: Scene, fail: Fail): void;
  /** No fault is at work any more, and this must come true in time. */
  healed?(scene: Scene, fail: Fail): void;
}
