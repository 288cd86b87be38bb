/**
 * Who has which service address. Every address in use is an IPAddress object named by it, so that the store itself decides which of several API
 * servers gets an address; the ranges are those of the ServiceCIDR objects. KEP-1880. Nothing here is authoritative but what is in the store.
 */
import { formatIp, parseIp } from '../../../api/meta/addresses.ts';
import { failure } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import type { IPAddress, ServiceCIDR } from '../../../api/networking/v1/types.ts';
import { IPAddresses, ServiceCIDRs } from '../../../api/resources.ts';
import type { CachedObject } from '../../cache/object.ts';
import { encodeStored } from '../../cache/stored.ts';
import { kindOf, type Kind, type StoredKinds } from '../kinds.ts';
import { AddressRange, freePlace, type Family } from './ranges.ts';

export const FAMILY_LABEL = 'ipaddress.kubernetes.io/ip-family';
export const MANAGED_BY_LABEL = 'ipaddress.kubernetes.io/managed-by';
export const MANAGER = 'ipallocator.k8s.io';

/** The object that the first ranges of a cluster are kept in. */
export const DEFAULT_RANGE = 'kubernetes';

/** Places that are tried of one range; more are lost to other servers only when the range is all but full. */
const ATTEMPTS = 64;

export interface ServiceName {
  namespace: string;
  name: string;
}

/** An address that was just taken. */
export interface Taken {
  address: string;
  revision: number;
}

/** The object by which a service has an address. */
export function addressObject(address: string, owner: ServiceName): IPAddress {
  return {
    kind: 'IPAddress', apiVersion: 'networking.k8s.io/v1',
    metadata: { name: address, labels: { [FAMILY_LABEL]: address.includes(':') ? 'IPv6' : 'IPv4', [MANAGED_BY_LABEL]: MANAGER } },
    spec: { parentRef: { resource: 'services', namespace: owner.namespace, name: owner.name } },
  };
}

export const belongsTo = (object: KubeObject, owner: ServiceName): boolean => {
  const { group, resource, namespace, name } = (object as IPAddress).spec?.parentRef ?? {};
  return !group && resource === 'services' && namespace === owner.namespace && name === owner.name;
};

/** A range takes no more addresses while it is being deleted, or not ready; nobody having said so means ready. */
export function isReady(cidr: ServiceCIDR): boolean {
  const ready = cidr.status?.conditions?.find((condition) => condition.type === 'Ready');
  return cidr.metadata.deletionTimestamp === undefined && (ready === undefined || ready.status === 'True');
}

export class Addresses {
  readonly #context: StoredKinds;
  readonly #configured: readonly AddressRange[];
  readonly #parsed = new WeakMap<KubeObject, AddressRange[]>();
  /** What requests of this server are about to take. */
  readonly #wanted = new Set<string>();
  #kind: Kind | undefined;

  constructor(context: StoredKinds, configured: readonly AddressRange[]) {
    this.#context = context;
    this.#configured = configured;
  }

  /** Families that services can have, the default first. */
  get families(): Family[] {
    return this.#configured.map((range) => range.family);
  }

  /** The ranges that addresses may be taken of now. Before anybody has written the first object, those that this server was given. */
  ranges(): AddressRange[] {
    const cache = this.#context.feed.cache(kindOf(this.#context, ServiceCIDRs).prefix);
    const found: AddressRange[] = [];
    for (const { object } of cache.all('')) if (isReady(object as ServiceCIDR)) found.push(...this.#rangesOf(object as ServiceCIDR));
    if (cache.get('', DEFAULT_RANGE) === undefined) found.push(...this.#configured);
    return found;
  }

  find(address: string): CachedObject | undefined {
    return this.#context.feed.cache(this.#addressKind.prefix).get('', address);
  }

  /** Takes a free address. Rejects with StatusError 500 when there is none. */
  async takeAny(family: Family, owner: ServiceName, dryRun: boolean): Promise<Taken> {
    for (const range of this.ranges()) {
      if (range.family !== family) continue;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const place = freePlace(range.size, range.reserved, this.#context.random, (offset) => this.#looksFree(range.at(offset)));
        if (place === undefined) break;
        const address = range.at(place);
        if (dryRun) return { address, revision: 0 };
        const taken = await this.#create(address, owner);
        if (taken !== undefined) return taken;
        // Another server has it: the caches will tell.
        await this.#context.feed.caughtUp();
      }
    }
    throw failure(500, 'InternalError', 'Internal error occurred: failed to allocate a serviceIP: range is full');
  }

  /** Takes that address; the reason when it cannot be had. */
  async take(text: string, owner: ServiceName, dryRun: boolean): Promise<Taken | string> {
    const ip = parseIp(text)!;
    const address = formatIp(ip);
    const around = this.ranges().filter((range) => range.contains(ip));
    if (around.length === 0) return 'the provided network does not match the current range';
    if (!around.some((range) => range.has(ip))) return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${around[0]!.text}`;
    if (dryRun) return this.#looksFree(address) ? { address, revision: 0 } : 'provided IP is already allocated';
    return (await this.#create(address, owner)) ?? 'provided IP is already allocated';
  }

  /** Gives an address back that the service has, or had. One that is somebody else's stays. */
  async release(text: string, owner: ServiceName, revision?: number): Promise<void> {
    const ip = parseIp(text);
    if (ip === undefined) return;
    const address = formatIp(ip);
    const cached = this.find(address);
    let expected = revision;
    if (expected === undefined) {
      if (cached === undefined || !belongsTo(cached.object, owner)) return;
      expected = cached.revision;
    }
    const { backend } = this.#context;
    const key = this.#key(address);
    const result = await backend.commit({ type: 'delete', key, expected });
    // Somebody wrote a label on it, or made it anew: what it has become decides.
    if (!result.ok && result.actual !== undefined) {
      await this.#context.feed.reached(result.actual.modRevision);
      const now = this.find(address);
      if (now !== undefined && belongsTo(now.object, owner)) await backend.commit({ type: 'delete', key, expected: now.revision });
    }
  }

  /** Writes the object of an address that a service has already. False when it is there. */
  async restore(address: string, owner: ServiceName): Promise<boolean> {
    return (await this.#create(address, owner)) !== undefined;
  }

  get #addressKind(): Kind {
    return (this.#kind ??= kindOf(this.#context, IPAddresses));
  }

  #key(address: string): string {
    return `${this.#addressKind.prefix}${address}`;
  }

  #rangesOf(cidr: ServiceCIDR): AddressRange[] {
    let ranges = this.#parsed.get(cidr);
    if (ranges === undefined) {
      ranges = (cidr.spec?.cidrs ?? []).map((text) => new AddressRange(text));
      this.#parsed.set(cidr, ranges);
    }
    return ranges;
  }

  #looksFree(address: string): boolean {
    return !this.#wanted.has(address) && this.find(address) === undefined;
  }

  /** Undefined: somebody has it. */
  async #create(address: string, owner: ServiceName): Promise<Taken | undefined> {
    if (this.#wanted.has(address)) return undefined;
    const { random, host, backend, feed } = this.#context;
    const object = addressObject(address, owner);
    object.metadata = { name: address, uid: random.uuid(), generation: 1, creationTimestamp: formatTime(host.clock.now()), labels: object.metadata.labels! };
    const value = encodeStored(this.#addressKind.storedForm, object);
    this.#wanted.add(address);
    let shown: Promise<unknown> = Promise.resolve();
    try {
      const result = await backend.commit({ type: 'create', key: this.#key(address), value });
      if (result.ok) shown = feed.reached(result.revision);
      return result.ok ? { address, revision: result.revision } : undefined;
    } finally {
      // Until the caches show it, only this set knows.
      void shown.then(() => this.#wanted.delete(address));
    }
  }
}
