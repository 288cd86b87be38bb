/** Pods that wait for room which preemption is making on a node. Filters count them as if they were there. */
import type { PodInfo } from './pod-info.ts';

const NONE: readonly PodInfo[] = Object.freeze([]);

export class Nominator {
  readonly #byNode = new Map<string, PodInfo[]>();
  readonly #nodeOf = new Map<string, string>();

  nominatedTo(nodeName: string): readonly PodInfo[] {
    return this.#byNode.get(nodeName) ?? NONE;
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid);
  }

  /** Takes over what the API shows of the pod's nomination; what was decided since stays. */
  follow(pod: PodInfo, before: string | undefined, now: string | undefined): void {
    if (now) this.set(pod, now);
    else if (before && this.nodeOf(pod.uid) === before) this.remove(pod.uid);
  }

  set(pod: PodInfo, nodeName: string): void {
    this.remove(pod.uid);
    this.#nodeOf.set(pod.uid, nodeName);
    this.#byNode.set(nodeName, [...this.nominatedTo(nodeName), pod]);
  }

  remove(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const left = this.nominatedTo(nodeName).filter((pod) => pod.uid !== uid);
    if (left.length > 0) this.#byNode.set(nodeName, left);
    else this.#byNode.delete(nodeName);
  }
}
