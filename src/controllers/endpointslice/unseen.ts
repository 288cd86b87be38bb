/** Writes of EndpointSlices that the local copy has not shown yet, by service: until it has, nothing is decided on it. */
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import type { Lister } from '../../client/types.ts';

const never = 2n ** 64n;
const revisionOf = (slice: EndpointSlice): bigint => BigInt(slice.metadata.resourceVersion ?? '0');

export class UnseenSlices {
  readonly #byService = new Map<string, Map<string, bigint>>();

  /** A slice was created or changed. The event of a write may come before its answer: then there is nothing to wait for. */
  wrote(service: string, slice: EndpointSlice, seen: Lister<EndpointSlice>): void {
    const known = seen.byKey(keyOf(slice));
    if (!known || revisionOf(known) < revisionOf(slice)) this.#expect(service, slice, revisionOf(slice));
  }

  /** A slice was deleted; only its end shows that. */
  deleted(service: string, slice: EndpointSlice, seen: Lister<EndpointSlice>): void {
    if (seen.byKey(keyOf(slice))) this.#expect(service, slice, never);
  }

  /** An event came. True when it was the last that was waited for. */
  saw(service: string, slice: EndpointSlice, deleted: boolean): boolean {
    const writes = this.#byService.get(service);
    const version = writes?.get(slice.metadata.uid!);
    if (!writes || version === undefined || (!deleted && revisionOf(slice) < version)) return false;
    writes.delete(slice.metadata.uid!);
    if (writes.size > 0) return false;
    this.#byService.delete(service);
    return true;
  }

  has(service: string): boolean {
    return this.#byService.has(service);
  }

  forget(service: string): void {
    this.#byService.delete(service);
  }

  #expect(service: string, slice: EndpointSlice, version: bigint): void {
    const writes = this.#byService.get(service) ?? new Map<string, bigint>();
    writes.set(slice.metadata.uid!, version);
    this.#byService.set(service, writes);
  }
}
