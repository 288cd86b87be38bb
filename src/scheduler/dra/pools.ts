/** What drivers offer: devices of complete pools, by where they can be used, and what is taken of them. */
import type { Node } from '../../api/core/v1/types.ts';
import { matchesNodeSelector } from '../../api/core/v1/scheduling-terms.ts';
import { quantityToNumber } from '../../api/meta/quantity.ts';
import type { AllocationResult, Device, ResourceSlice } from '../../api/resource/v1/types.ts';

/** A device with its place. `key` is unique. */
export interface Offer {
  key: string;
  driver: string;
  pool: string;
  device: Device;
  slice: ResourceSlice;
}

export interface Pool {
  driver: string;
  name: string;
  slices: ResourceSlice[];
  /** Counters that devices of the pool share, by set and name. */
  counters: ReadonlyMap<string, number>;
}

export const deviceKey = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`;
const poolKey = (driver: string, pool: string): string => `${driver}/${pool}`;

/** The newest generation of each pool; one that is not complete yet offers nothing. */
export function poolsOf(slices: readonly ResourceSlice[]): Map<string, Pool> {
  const newest = new Map<string, { generation: number; count: number; slices: ResourceSlice[] }>();
  for (const slice of slices) {
    const { driver, pool } = slice.spec;
    const key = poolKey(driver, pool.name);
    const generation = Number(pool.generation);
    const known = newest.get(key);
    if (!known || generation > known.generation) newest.set(key, { generation, count: Number(pool.resourceSliceCount), slices: [slice] });
    else if (generation === known.generation) known.slices.push(slice);
  }
  const pools = new Map<string, Pool>();
  for (const [key, { count, slices: own }] of newest) {
    if (own.length !== count) continue;
    const counters = new Map<string, number>();
    for (const slice of own) {
      for (const set of slice.spec.sharedCounters ?? []) {
        for (const [name, counter] of Object.entries(set.counters)) counters.set(`${set.name}/${name}`, quantityToNumber(counter.value));
      }
    }
    pools.set(key, { driver: own[0]!.spec.driver, name: own[0]!.spec.pool.name, slices: own.toSorted((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1)), counters });
  }
  return pools;
}

type Place = Pick<ResourceSlice['spec'], 'nodeName' | 'nodeSelector' | 'allNodes'>;

function usableOn(place: Place, node: Node): boolean {
  if (place.nodeName) return place.nodeName === node.metadata.name;
  if (place.allNodes) return true;
  return place.nodeSelector !== undefined && matchesNodeSelector(place.nodeSelector, node);
}

/** Slices sorted by node once a cycle, so that a node does not look through those of all others. */
export class Offers {
  readonly pools: ReadonlyMap<string, Pool>;
  readonly #byNode = new Map<string, ResourceSlice[]>();
  readonly #others: ResourceSlice[] = [];

  constructor(slices: readonly ResourceSlice[]) {
    this.pools = poolsOf(slices);
    for (const pool of this.pools.values()) {
      for (const slice of pool.slices) {
        const { nodeName } = slice.spec;
        if (!nodeName) this.#others.push(slice);
        else if (this.#byNode.has(nodeName)) this.#byNode.get(nodeName)!.push(slice);
        else this.#byNode.set(nodeName, [slice]);
      }
    }
  }

  on(node: Node): Offer[] {
    const offers: Offer[] = [];
    for (const slice of [...(this.#byNode.get(node.metadata.name!) ?? []), ...this.#others]) {
      const { driver, pool, perDeviceNodeSelection } = slice.spec;
      if (!perDeviceNodeSelection && !usableOn(slice.spec, node)) continue;
      for (const device of slice.spec.devices ?? []) {
        if (perDeviceNodeSelection && !usableOn(device, node)) continue;
        offers.push({ key: deviceKey(driver, pool.name, device.name), driver, pool: pool.name, device, slice });
      }
    }
    return offers;
  }

  poolOf(offer: Offer): Pool {
    return this.pools.get(poolKey(offer.driver, offer.pool))!;
  }
}

/** What claims hold: whole devices, shares of capacity, and amounts of shared counters. */
export class Taken {
  readonly #devices = new Map<string, number>();
  readonly #capacity = new Map<string, number>();
  readonly #counters = new Map<string, number>();

  has(offer: Offer): boolean {
    return (this.#devices.get(offer.key) ?? 0) > 0;
  }

  capacity(offer: Offer, name: string): number {
    return this.#capacity.get(`${offer.key}/${name}`) ?? 0;
  }

  counter(offer: Offer, name: string): number {
    return this.#counters.get(`${poolKey(offer.driver, offer.pool)}/${name}`) ?? 0;
  }

  /** A device is taken (or given back, with -1), with shares of its capacity. Its counters are taken by the first share only. */
  take(offer: Offer, consumed: Readonly<Record<string, number>> | undefined, by: 1 | -1): void {
    const before = this.#devices.get(offer.key) ?? 0;
    this.#devices.set(offer.key, before + by);
    for (const [name, amount] of Object.entries(consumed ?? {})) this.#add(this.#capacity, `${offer.key}/${name}`, by * amount);
    if ((by === 1 && before === 0) || (by === -1 && before === 1)) {
      for (const { counterSet, counters } of offer.device.consumesCounters ?? []) {
        for (const [name, { value }] of Object.entries(counters)) this.#add(this.#counters, `${poolKey(offer.driver, offer.pool)}/${counterSet}/${name}`, by * quantityToNumber(value));
      }
    }
  }

  #add(map: Map<string, number>, key: string, by: number): void {
    map.set(key, (map.get(key) ?? 0) + by);
  }

  /** Counts an allocation (or takes it out, with -1) whose devices are looked up by their keys; admin access takes nothing. */
  count(allocation: AllocationResult, find: (key: string) => Offer | undefined, by: 1 | -1 = 1): void {
    for (const result of allocation.devices?.results ?? []) {
      if (result.adminAccess) continue;
      const offer = find(deviceKey(result.driver, result.pool, result.device));
      if (offer) this.take(offer, result.consumedCapacity && Object.fromEntries(Object.entries(result.consumedCapacity).map(([name, value]) => [name, quantityToNumber(value)])), by);
    }
  }
}
