/** Which devices are there and which are taken: what the API shows, with what placed pods are about to write on top. */
import type { AllocationResult, ResourceClaim, ResourceSlice } from '../../api/resource/v1/types.ts';
import type { BindContext, Lookups } from '../framework.ts';
import { Offers, Taken, deviceKey } from './pools.ts';
import type { Offer } from './pools.ts';

/** So long at most an allocation that was written counts before the informer shows it. */
const SHOWN_WITHIN_MS = 60_000;

/** Offers are sorted anew only when a slice has changed. */
class OfferCache {
  #slices: readonly ResourceSlice[] = [];
  #offers = new Offers([]);
  #byKey = new Map<string, Offer>();

  read(slices: readonly ResourceSlice[]): { offers: Offers; find: (key: string) => Offer | undefined } {
    if (slices.length !== this.#slices.length || slices.some((slice, i) => slice !== this.#slices[i])) {
      this.#slices = slices;
      this.#offers = new Offers(slices);
      this.#byKey = new Map();
      for (const pool of this.#offers.pools.values()) {
        for (const slice of pool.slices) {
          for (const device of slice.spec.devices ?? []) {
            const key = deviceKey(pool.driver, pool.name, device.name);
            this.#byKey.set(key, { key, driver: pool.driver, pool: pool.name, device, slice });
          }
        }
      }
    }
    return { offers: this.#offers, find: (key) => this.#byKey.get(key) };
  }
}

export class Book {
  readonly #inFlight = new Map<string, AllocationResult>();
  readonly #cache = new OfferCache();
  /** What the tally holds, by claim, and the offers that it was counted with. */
  readonly #counted = new Map<string, { allocation: AllocationResult; round: number }>();
  #countedOn: Offers | undefined;
  #taken = new Taken();
  #round = 0;

  /** Whether the claim's allocation is on its way to the API. */
  isInFlight(claim: ResourceClaim): boolean {
    if (claim.status?.allocation) this.#inFlight.delete(claim.metadata.uid!);
    return this.#inFlight.has(claim.metadata.uid!);
  }

  promise(claim: ResourceClaim, allocation: AllocationResult): void {
    this.#inFlight.set(claim.metadata.uid!, allocation);
  }

  takeBack(claim: ResourceClaim): void {
    this.#inFlight.delete(claim.metadata.uid!);
  }

  /**
   * The allocation was written (on a claim that may have been made with it): it counts until the informer shows it. Afterwards the API alone is
   * right, or devices that are given back would be taken for ever.
   */
  written(claim: ResourceClaim, made: ResourceClaim, context: BindContext): void {
    const allocation = this.#inFlight.get(claim.metadata.uid!);
    if (!allocation) return;
    this.#inFlight.delete(claim.metadata.uid!);
    const { namespace, name, uid } = made.metadata;
    this.#inFlight.set(uid!, allocation);
    let seen = false;
    const shown = (): boolean => {
      const now = context.lookups.resourceClaim(namespace!, name!);
      // A claim that was made just now may not be there yet; one that was there and is not any more has gone.
      if (!now) return seen;
      seen = true;
      return now.metadata.uid !== uid || now.status?.allocation !== undefined;
    };
    void context.until(shown, SHOWN_WITHIN_MS).finally(() => this.#inFlight.delete(uid!));
  }

  /** What is there and what is taken now. Only claims that changed since the last time are counted anew: there may be thousands. */
  read(lookups: Lookups): { offers: Offers; taken: Taken } {
    const { offers, find } = this.#cache.read(lookups.resourceSlices());
    if (offers !== this.#countedOn) {
      this.#countedOn = offers;
      this.#counted.clear();
      this.#taken = new Taken();
    }
    const round = ++this.#round;
    for (const { metadata, status } of lookups.resourceClaims()) {
      if (status?.allocation && this.#inFlight.size > 0) this.#inFlight.delete(metadata.uid!);
      this.#count(metadata.uid!, status?.allocation ?? this.#inFlight.get(metadata.uid!), round, find);
    }
    // Claims that are only about to be made.
    for (const [uid, allocation] of this.#inFlight) this.#count(uid, allocation, round, find);
    for (const [uid, counted] of this.#counted) if (counted.round !== round) this.#count(uid, undefined, round, find);
    return { offers, taken: this.#taken };
  }

  #count(uid: string, allocation: AllocationResult | undefined, round: number, find: (key: string) => Offer | undefined): void {
    const before = this.#counted.get(uid);
    if (before && before.allocation === allocation) {
      before.round = round;
      return;
    }
    if (before) this.#taken.count(before.allocation, find, -1);
    if (!allocation) {
      if (before) this.#counted.delete(uid);
      return;
    }
    this.#taken.count(allocation, find);
    this.#counted.set(uid, { allocation, round });
  }
}
