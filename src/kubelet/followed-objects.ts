/**
 * Watches the ConfigMaps and Secrets that pods of this node refer to, each one once however many pods follow it, and tells their followers when
 * one is not the object any more that the kubelet has last read. A node may watch only single objects that its pods use, by name.
 */
import { groupResourceOf, type Resource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { createInformers } from '../client/index.ts';
import type { Client, InformerFactory } from '../client/types.ts';
import type { Host } from '../host/types.ts';
import type { ObjectCache } from './objects.ts';

export interface ObjectReference {
  resource: Resource;
  namespace: string;
  name: string;
}

interface Followed {
  informers: InformerFactory;
  /** By the uid of the pod that follows. */
  followers: Map<string, () => void>;
}

const keyOf = ({ resource, namespace, name }: ObjectReference): string => `${groupResourceOf(resource)}/${namespace}/${name}`;

export class FollowedObjects {
  readonly #host: Host;
  readonly #client: Client;
  readonly #objects: ObjectCache;
  readonly #followed = new Map<string, Followed>();
  /** Keys by the uid of the pod that follows them. */
  readonly #keys = new Map<string, ReadonlySet<string>>();

  constructor(host: Host, client: Client, objects: ObjectCache) {
    this.#host = host;
    this.#client = client;
    this.#objects = objects;
  }

  /** How many objects are watched. */
  get size(): number {
    return this.#followed.size;
  }

  /** From now on the pod follows these objects and no others. `changed` is called once for each change, never before this returns. */
  follow(uid: string, references: readonly ObjectReference[], changed: () => void): void {
    const wanted = new Map(references.map((reference) => [keyOf(reference), reference]));
    for (const key of this.#keys.get(uid) ?? []) if (!wanted.has(key)) this.#leave(uid, key);
    this.#keys.set(uid, new Set(wanted.keys()));
    for (const [key, reference] of wanted) {
      let followed = this.#followed.get(key);
      if (!followed) {
        followed = { informers: this.#watch(key, reference), followers: new Map() };
        this.#followed.set(key, followed);
      }
      followed.followers.set(uid, changed);
    }
  }

  /** The pod follows nothing any more. */
  forget(uid: string): void {
    for (const key of this.#keys.get(uid) ?? []) this.#leave(uid, key);
    this.#keys.delete(uid);
  }

  #leave(uid: string, key: string): void {
    const followed = this.#followed.get(key);
    followed?.followers.delete(uid);
    if (!followed || followed.followers.size > 0) return;
    this.#followed.delete(key);
    void followed.informers.stop();
  }

  #watch(key: string, { resource, namespace, name }: ObjectReference): InformerFactory {
    const informers = createInformers(this.#host, this.#client);
    informers.of(resource, { namespace, fieldSelector: `metadata.name=${name}` }).onEvent(({ type, object }) => void this.#heard(key, { resource, namespace, name }, type, object));
    informers.start();
    return informers;
  }

  async #heard(key: string, { resource, namespace, name }: ObjectReference, type: 'added' | 'updated' | 'deleted', object: KubeObject): Promise<void> {
    const known = await this.#objects.lastRead(resource, namespace, name);
    // Nobody has read it: whoever does so later reads no older state than this one.
    const isNews = known !== undefined && known !== (type === 'deleted' ? '' : object.metadata.resourceVersion);
    if (isNews) for (const changed of this.#followed.get(key)?.followers.values() ?? []) changed();
  }
}
