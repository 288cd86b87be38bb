/** ConfigMaps, Secrets and other objects that pods refer to, fetched when needed; several pods that ask at once share one request. */
import type { Resource } from '../api/meta/resource.ts';
import { isStatus, notFound } from '../api/meta/status.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Client } from '../client/types.ts';
import type { Clock } from '../host/types.ts';

/** Objects kept; the longest unused are forgotten. */
const cacheLimit = 2_048;

/** Waits between tries while the API server does not know yet that a pod of this node needs the object. */
const forbiddenRetriesMs = [20, 60, 200];

/** A node may read what its pods refer to, but the authorizer hears of a pod no sooner than the kubelet: being forbidden at first means little. */
export async function patiently<T>(clock: Clock, ask: () => Promise<T>): Promise<T> {
  for (const waitMs of forbiddenRetriesMs) {
    try {
      return await ask();
    } catch (error) {
      if (!isStatus(error, 'Forbidden')) throw error;
    }
    await clock.sleep(waitMs);
  }
  return ask();
}

const keyOf = (resource: Pick<Resource, 'group' | 'plural'>, namespace: string | undefined, name: string): string => `${resource.group}/${resource.plural}/${namespace ?? ''}/${name}`;

interface Cached {
  object: KubeObject;
  atMs: number;
}

export class ObjectCache {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #cached = new Map<string, Cached>();
  readonly #asking = new Map<string, Promise<KubeObject>>();
  /** The resourceVersion of what was read last, empty where the object was missing. */
  readonly #lastRead = new Map<string, string>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** The object, not older than `maxAgeMs`. Rejects with the API's error: absence is never remembered. Do not change what is returned. */
  async get<T extends KubeObject>(resource: Resource<T>, namespace: string | undefined, name: string, maxAgeMs = 0): Promise<T> {
    const key = keyOf(resource, namespace, name);
    const cached = this.#cached.get(key);
    const isImmutable = (cached?.object as { immutable?: boolean } | undefined)?.immutable === true;
    const age = cached ? this.#clock.monotonic() - cached.atMs : Number.POSITIVE_INFINITY;
    if (cached && (age < maxAgeMs || (isImmutable && maxAgeMs > 0))) return cached.object as T;
    let asking = this.#asking.get(key);
    if (!asking) {
      asking = this.#fetch(resource as unknown as Resource, namespace, name, key);
      this.#asking.set(key, asking);
    }
    return (await asking) as T;
  }

  /** The resourceVersion that the object had when it was last read: empty when it was missing, undefined when it was never read. Waits for a read that is under way. */
  async lastRead(resource: Resource, namespace: string | undefined, name: string): Promise<string | undefined> {
    const key = keyOf(resource, namespace, name);
    await this.#asking.get(key)?.catch(() => undefined);
    return this.#lastRead.get(key);
  }

  #note(key: string, resourceVersion: string): void {
    this.#lastRead.delete(key);
    this.#lastRead.set(key, resourceVersion);
    if (this.#lastRead.size > cacheLimit) this.#lastRead.delete(this.#lastRead.keys().next().value!);
  }

  async #fetch(resource: Resource, namespace: string | undefined, name: string, key: string): Promise<KubeObject> {
    const of = this.#client.of(resource);
    try {
      const object = await patiently(this.#clock, () => (namespace === undefined ? of : of.inNamespace(namespace)).get(name));
      this.#cached.delete(key);
      this.#cached.set(key, { object, atMs: this.#clock.monotonic() });
      this.#note(key, object.metadata.resourceVersion ?? '');
      if (this.#cached.size > cacheLimit) this.#cached.delete(this.#cached.keys().next().value!);
      return object;
    } catch (error) {
      this.#cached.delete(key);
      // What is missing is one thing: the kubelet's words name it in the singular.
      if (!isStatus(error, 'NotFound')) throw error;
      this.#note(key, '');
      throw notFound({ group: resource.group, plural: resource.singular }, name);
    } finally {
      this.#asking.delete(key);
    }
  }
}
