/** What the store has come to hold, as the checkers see it: every commit once, in order, and the state that follows from them. */
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Resource } from '../api/meta/resource.ts';
import { RESOURCES } from '../api/resources.ts';

/** One change of one object. */
export interface Commit {
  revision: number;
  atMs: number;
  key: string;
  /** `pods`, `minions`, `services/specs`: the folder under `/registry/`. */
  folder: string;
  type: 'created' | 'updated' | 'deleted';
  /** As it is now; the last state of what was deleted. */
  object: KubeObject;
  /** As it was before; undefined for what was created. */
  old?: KubeObject;
  /** The revision that this one replaced; 0 for what was created. */
  replaced: number;
}

/** A stored object and the revision that it has. */
export interface Held {
  key: string;
  object: KubeObject;
  revision: number;
}

const registry = '/registry/';

const resourceByFolder: ReadonlyMap<string, Resource> = new Map(RESOURCES.filter((resource) => resource.verbs.includes('watch')).map((resource) => [resource.storagePrefix, resource as Resource]));

/** The folder of a key: one path element, or two where the resource is stored so. */
export function folderOf(key: string): string {
  const [first = '', second = ''] = key.slice(registry.length).split('/', 2);
  const both = `${first}/${second}`;
  return resourceByFolder.has(both) ? both : first;
}

/** The resource that lives in a folder. */
export function resourceIn(folder: string): Resource | undefined {
  return resourceByFolder.get(folder);
}

/** The present state, by folder and key. */
export class State {
  readonly #folders = new Map<string, Map<string, Held>>();
  readonly #byUid = new Map<string, Held>();
  /** Keys of namespaced objects, by namespace. */
  readonly #namespaces = new Map<string, Set<string>>();
  revision = 0;
  /** When something other than heartbeats and events was written last. */
  lastChangeMs = 0;

  folder(name: string): ReadonlyMap<string, Held> {
    return this.#folders.get(name) ?? new Map();
  }

  /** All objects of a resource. */
  list<T extends KubeObject>(resource: Resource<T>, namespace?: string): T[] {
    const found: T[] = [];
    for (const { object } of this.folder(resource.storagePrefix).values()) if (namespace === undefined || object.metadata.namespace === namespace) found.push(object as T);
    return found;
  }

  get<T extends KubeObject>(resource: Resource<T>, namespace: string | undefined, name: string): T | undefined {
    const key = `${registry}${resource.storagePrefix}/${namespace === undefined ? '' : `${namespace}/`}${name}`;
    return this.folder(resource.storagePrefix).get(key)?.object as T | undefined;
  }

  held(key: string): Held | undefined {
    return this.folder(folderOf(key)).get(key);
  }

  byUid(uid: string): Held | undefined {
    return this.#byUid.get(uid);
  }

  /** Keys of what a namespace holds. */
  inNamespace(name: string): ReadonlySet<string> {
    return this.#namespaces.get(name) ?? new Set();
  }

  apply(commit: Commit): void {
    const { key, object, folder } = commit;
    this.revision = commit.revision;
    if (!isHeartbeat(commit)) this.lastChangeMs = commit.atMs;
    let held = this.#folders.get(folder);
    if (!held) this.#folders.set(folder, (held = new Map()));
    const { namespace, uid } = object.metadata;
    if (commit.type === 'deleted') {
      held.delete(key);
      if (uid) this.#byUid.delete(uid);
      if (namespace) this.#namespaces.get(namespace)?.delete(key);
      return;
    }
    const entry = { key, object, revision: commit.revision };
    held.set(key, entry);
    if (uid) this.#byUid.set(uid, entry);
    if (!namespace) return;
    const keys = this.#namespaces.get(namespace) ?? new Set();
    this.#namespaces.set(namespace, keys.add(key));
  }
}

const heartbeatTimes = /"(lastHeartbeatTime|lastProbeTime|time|resourceVersion|lastScheduleTime)":"[^"]*"/g;
const essence = (object: KubeObject): string => JSON.stringify(object).replaceAll(heartbeatTimes, '');

/** Leases and events come for ever, and so do statuses that only say that all is as it was. */
function isHeartbeat({ folder, type, object, old }: Commit): boolean {
  if (folder === 'leases' || folder === 'events') return true;
  return folder === 'minions' && type === 'updated' && old !== undefined && essence(object) === essence(old);
}
