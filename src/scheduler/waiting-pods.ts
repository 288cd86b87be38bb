/** Pods that have a node and wait at Permit until every plug-in that asked for patience has allowed them, one rejects them, or time is up. */
import type { Clock, Timer } from '../host/types.ts';
import { refusal } from './framework.ts';
import type { Status, WaitingPod } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

/** Longer than this no plug-in may make a pod wait. */
export const MAX_PERMIT_WAIT_MS = 15 * 60_000;

class Waiting implements WaitingPod {
  readonly pod: PodInfo;
  readonly nodeName: string;
  /** Resolves with the refusal, or undefined once all have allowed it. */
  readonly outcome: Promise<Status | undefined>;
  readonly #timers = new Map<string, Timer>();
  #resolve!: (status: Status | undefined) => void;

  constructor(clock: Clock, pod: PodInfo, nodeName: string, waits: ReadonlyMap<string, number>) {
    this.pod = pod;
    this.nodeName = nodeName;
    this.outcome = new Promise((resolve) => (this.#resolve = resolve));
    for (const [plugin, waitMs] of waits) {
      const limitMs = Math.min(waitMs, MAX_PERMIT_WAIT_MS);
      this.#timers.set(plugin, clock.setTimer(() => this.reject(plugin, `rejected due to timeout after waiting ${limitMs / 1000}s at plugin ${plugin}`), limitMs));
    }
  }

  pendingPlugins(): string[] {
    return [...this.#timers.keys()];
  }

  allow(plugin: string): void {
    this.#timers.get(plugin)?.cancel();
    if (this.#timers.delete(plugin) && this.#timers.size === 0) this.#resolve(undefined);
  }

  reject(plugin: string, message: string): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#resolve(refusal(plugin, 'unschedulable', message));
  }
}

export class WaitingPods {
  readonly #clock: Clock;
  readonly #pods = new Map<string, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(uid: string): WaitingPod | undefined {
    return this.#pods.get(uid);
  }

  all(): Iterable<WaitingPod> {
    return this.#pods.values();
  }

  /** Waits for the plug-ins, each at most its milliseconds. */
  async wait(pod: PodInfo, nodeName: string, waits: ReadonlyMap<string, number>): Promise<Status | undefined> {
    const waiting = new Waiting(this.#clock, pod, nodeName, waits);
    this.#pods.set(pod.uid, waiting);
    try {
      return await waiting.outcome;
    } finally {
      this.#pods.delete(pod.uid);
    }
  }

  /** A pod that is gone need not wait any more. */
  drop(uid: string, message: string): void {
    this.#pods.get(uid)?.reject('', message);
  }
}
