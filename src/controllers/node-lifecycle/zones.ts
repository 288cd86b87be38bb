/** When many nodes fail at once the fault is likely not theirs: pods are driven out slower, or not at all. */
import type { Node } from '../../api/core/v1/types.ts';

/** Nodes a second whose pods may begin to be driven out, in a healthy zone. */
export const evictionQps = 0.1;
/** In a large zone of which a part is down. In a small one: none. */
export const secondaryEvictionQps = 0.01;
/** A zone of more nodes than this is large. */
export const largeZoneSize = 50;
/** From this share of nodes not ready (and more than two) on, a zone counts as partly down. */
export const unhealthyThreshold = 0.55;

export type ZoneState = 'Initial' | 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** Region and zone of a node as one text; '' when it has neither. */
export function zoneOf(node: Node): string {
  const labels = node.metadata.labels ?? {};
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\u0000:${zone}`;
}

/** Rates and bounds; what is left out is as above. */
export interface ZoneLimits {
  perSecond?: number;
  secondaryPerSecond?: number;
  largeZoneSize?: number;
  unhealthyShare?: number;
}

export function zoneStateOf(ready: number, notReady: number, threshold = unhealthyThreshold): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption';
  return notReady > 2 && notReady / (notReady + ready) >= threshold ? 'PartialDisruption' : 'Normal';
}

/** Nodes a second; `allDown` says that every zone is in full disruption. */
export function evictionRate(state: ZoneState, size: number, allDown: boolean, limits: ZoneLimits = {}): number {
  if (allDown) return 0;
  if (state === 'PartialDisruption') return size > (limits.largeZoneSize ?? largeZoneSize) ? (limits.secondaryPerSecond ?? secondaryEvictionQps) : 0;
  return limits.perSecond ?? evictionQps;
}

/** Lets one node through at a time, at the zone's rate. */
export class ZoneLimiter {
  #rate = evictionQps;
  #tokens = 1;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  setRate(perSecond: number, nowMs: number): void {
    if (perSecond === this.#rate) return;
    this.#refill(nowMs);
    this.#rate = perSecond;
  }

  tryTake(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#rate <= 0 || this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** What was taken did not lead to anything. */
  giveBack(): void {
    this.#tokens = Math.min(1, this.#tokens + 1);
  }

  #refill(nowMs: number): void {
    // A hair more, so that sums of tenths reach the whole they stand for.
    this.#tokens = Math.min(1, this.#tokens + ((nowMs - this.#atMs) / 1000) * this.#rate + 1e-9);
    this.#atMs = nowMs;
  }
}
