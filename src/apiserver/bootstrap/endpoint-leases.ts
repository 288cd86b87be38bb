/**
 * The endpoints of `default/kubernetes`, where several API servers share a store: each keeps a short-lived key with its address, and whoever
 * renews its own writes the addresses of all that are there. One that leaves takes its address with it; one that dies is left out when its key ends.
 */
import type { Endpoints as EndpointsKind } from '../../api/core/v1/types.ts';
import { Endpoints } from '../../api/resources.ts';
import type { Client } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';
import type { Backend } from '../../store/backend.ts';
import { encodeStored, storedFormOf, type StorageEncoding } from '../cache/stored.ts';
import { REGISTRY_PREFIX } from '../cache/feed.ts';
import { publishEndpoints } from './kubernetes-service.ts';

export const LEASE_PREFIX = `${REGISTRY_PREFIX}masterleases/`;
/** How long a server's address stays without being renewed. */
export const LEASE_SECONDS = 15;
export const RENEW_INTERVAL_MS = 10_000;
const ATTEMPTS = 5;

export interface EndpointLeasesOptions {
  host: Host;
  backend: Backend;
  client: Client;
  address: string;
  securePort: number;
  encoding: StorageEncoding;
}

export class EndpointLeases {
  readonly #options: EndpointLeasesOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: EndpointLeasesOptions) {
    this.#options = options;
  }

  /** Renews this server's address and writes all of them; goes on doing so. Rejects when the first time fails. */
  async start(): Promise<void> {
    await this.#renew();
    this.#running ??= this.#run();
  }

  /** Takes this server's address away. */
  async stop(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#running;
    if (this.#running === undefined) return;
    const { backend, host } = this.#options;
    try {
      const there = await backend.get(this.#key);
      if (there) await backend.commit({ type: 'delete', key: this.#key, expected: there.modRevision });
      await this.#publish();
    } catch (error) {
      host.log.warn('the endpoint of this server could not be taken away', { error: String(error) });
    }
  }

  get #key(): string {
    return `${LEASE_PREFIX}${this.#options.address}`;
  }

  async #run(): Promise<void> {
    const { host } = this.#options;
    while (!this.#stop.signal.aborted) {
      await host.clock.sleep(RENEW_INTERVAL_MS, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      await this.#renew().catch((error: unknown) => host.log.warn('the endpoint of this server could not be renewed', { error: String(error) }));
    }
  }

  async #renew(): Promise<void> {
    const { backend, address, encoding } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const there = await backend.get(this.#key);
      const generation = attempt + (there?.modRevision ?? 0);
      const object = { metadata: { generation }, subsets: [{ addresses: [{ ip: address }] }] } as unknown as EndpointsKind;
      const value = encodeStored(storedFormOf(Endpoints, encoding), object);
      const result = await backend.commit(there ? { type: 'update', key: this.#key, value, expected: there.modRevision, ttlSeconds: LEASE_SECONDS } : { type: 'create', key: this.#key, value, ttlSeconds: LEASE_SECONDS });
      if (result.ok) break;
      if (attempt >= ATTEMPTS) throw new Error(`"${this.#key}" is written by another server with the same address`);
    }
    await this.#publish();
  }

  async #publish(): Promise<void> {
    const { backend, client, securePort } = this.#options;
    const { entries } = await backend.list(LEASE_PREFIX);
    const addresses = entries.map(({ key }) => key.slice(LEASE_PREFIX.length)).toSorted();
    // Nobody is left who could be reached: the last word stays, as upstream's does.
    if (addresses.length > 0) await publishEndpoints(client, addresses, securePort);
  }
}
