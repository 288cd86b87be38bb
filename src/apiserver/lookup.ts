/** Objects as the server's own caches show them: at hand at once, frozen and shared. Never write to them. */
import type { Resource } from '../api/meta/resource.ts';
import { isNotFound } from '../api/meta/status.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Client } from '../client/types.ts';

export interface Lookup {
  /** `namespace` is undefined for kinds of the cluster. */
  get<T extends KubeObject>(resource: Resource<T>, namespace: string | undefined, name: string): T | undefined;
  /** All, or those of one namespace. */
  list<T extends KubeObject>(resource: Resource<T>, namespace?: string): T[];
}

/** The object out of the cache, or from the store when the cache may be a moment behind; undefined when there is none. */
export async function find<T extends KubeObject>(from: { lookup: Lookup; client: Client }, resource: Resource<T>, namespace: string | undefined, name: string): Promise<T | undefined> {
  return from.lookup.get(resource, namespace, name) ?? (await findLive(from.client, resource, namespace, name));
}

/** The object from the store; undefined when there is none. */
export async function findLive<T extends KubeObject>(client: Client, resource: Resource<T>, namespace: string | undefined, name: string): Promise<T | undefined> {
  const all = client.of(resource);
  try {
    return await (namespace === undefined ? all : all.inNamespace(namespace)).get(name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** As `find`, and goes on at once where the object is at hand: most of what admission looks for is, and a promise for each would cost more than the look. */
export function withFound<T extends KubeObject, R>(
  from: { lookup: Lookup; client: Client }, resource: Resource<T>, namespace: string | undefined, name: string, act: (found: T | undefined) => R,
): R | Promise<R> {
  const found = from.lookup.get(resource, namespace, name);
  return found === undefined ? findLive(from.client, resource, namespace, name).then(act) : act(found);
}
