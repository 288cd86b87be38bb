/** Leases for keys with a time to live. Keys that end within the same window share one, because a lease costs etcd more than a key does. */
import type { Clock } from '../../host/types.ts';
import type { EtcdConnection } from './connection.ts';
import { EtcdError } from './errors.ts';
import { leaseGrantRequest, METHODS, readLeaseGrant } from './messages.ts';

/** A shared lease outlives what was asked for by this at most, and by this share of it. */
export const LEASE_REUSE_SECONDS = 60;
const REUSE_SHARE = 0.05;
/** Keys that share one lease at most: all go at once when it ends. */
const KEYS_LIMIT = 1_000;

interface Shared {
  id: Promise<bigint>;
  /** When it ends, on the monotonic clock. */
  endsAtMs: number;
  keys: number;
}

export class Leases {
  readonly #connection: EtcdConnection;
  readonly #clock: Clock;
  readonly #reuseSeconds: number;
  /** By time to live: in practice there is one. */
  readonly #shared = new Map<number, Shared>();

  constructor(connection: EtcdConnection, clock: Clock, reuseSeconds: number = LEASE_REUSE_SECONDS) {
    this.#connection = connection;
    this.#clock = clock;
    this.#reuseSeconds = reuseSeconds;
  }

  /** A lease that ends no sooner than `ttlSeconds` from now. */
  take(ttlSeconds: number): Promise<bigint> {
    const now = this.#clock.monotonic();
    const there = this.#shared.get(ttlSeconds);
    if (there && there.keys < KEYS_LIMIT && there.endsAtMs >= now + ttlSeconds * 1000) {
      there.keys += 1;
      return there.id;
    }
    const seconds = Math.ceil(ttlSeconds + Math.min(this.#reuseSeconds, ttlSeconds * REUSE_SHARE));
    const id = this.#grant(seconds);
    const fresh: Shared = { id, endsAtMs: now + seconds * 1000, keys: 1 };
    this.#shared.set(ttlSeconds, fresh);
    id.catch(() => {
      if (this.#shared.get(ttlSeconds) === fresh) this.#shared.delete(ttlSeconds);
    });
    return id;
  }

  /** Forgets the shared leases: one of them was not there any more. */
  forget(): void {
    this.#shared.clear();
  }

  async #grant(seconds: number): Promise<bigint> {
    const { id, error } = await this.#connection.call(METHODS.leaseGrant, leaseGrantRequest(seconds), readLeaseGrant);
    if (error !== '') throw new EtcdError('failed', `etcd grants no lease: ${error}`);
    return id;
  }
}
