/** Shared informers: one reflector and one local copy a resource and selector, any number of listeners. */
import { keyOf } from '../api/meta/objects.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Host } from '../host/types.ts';
import { Reflector, type ReflectorSink } from './reflector.ts';
import { IndexedStore } from './store.ts';
import type { Client, Informer, InformerEvent, InformerFactory, Lister, WatchEvent } from './types.ts';

export interface InformerOptions {
  /**
   * Freezes every cached object through and through, so that a write to a shared object throws. It costs about as much as decoding:
   * tests switch it on.
   */
  freeze?: boolean;
  /** Makes of each object what is kept of it: less, where nobody here needs the whole. It must not write to the object; name, namespace, uid and resourceVersion must stay. */
  transform?: (object: KubeObject) => KubeObject;
}

interface Selection {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}

class SharedInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly resource: Resource<T>;
  readonly #host: Host;
  readonly #freeze: boolean;
  readonly #transform: InformerOptions['transform'];
  readonly #store = new IndexedStore<T>();
  readonly #handlers: ((event: InformerEvent<T>) => void)[] = [];
  readonly synced: Promise<void>;
  #resolveSynced: () => void = () => undefined;
  #rejectSynced: (error: Error) => void = () => undefined;
  #hasSynced = false;

  constructor(host: Host, resource: Resource<T>, options: InformerOptions) {
    this.#host = host;
    this.resource = resource;
    this.#freeze = options.freeze ?? false;
    this.#transform = options.transform;
    this.synced = new Promise((resolve, reject) => {
      this.#resolveSynced = resolve;
      this.#rejectSynced = reject;
    });
    // Nobody may be waiting when it fails.
    this.synced.catch(() => undefined);
  }

  get lister(): Lister<T> {
    return this.#store;
  }

  addIndex(name: string, valuesOf: (object: T) => string[]): void {
    this.#store.addIndex(name, valuesOf);
  }

  /** A listener that comes late is told of all that is there already. */
  onEvent(handler: (event: InformerEvent<T>) => void): void {
    this.#handlers.push(handler);
    for (const object of this.#store.list()) this.#call(handler, { type: 'added', object });
  }

  hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Lets those go that wait for a list that will not come. */
  release(): void {
    this.#rejectSynced(new Error(`informer of ${groupResourceOf(this.resource)} stopped before its first list`));
  }

  replace(items: T[]): void {
    const keys = new Set(items.map(keyOf));
    for (const key of this.#store.keys()) if (!keys.has(key)) this.#remove(key);
    for (const item of items) this.#put(item);
    this.#hasSynced = true;
    this.#resolveSynced();
  }

  apply(event: WatchEvent<T>): void {
    if (event.type === 'DELETED') this.#remove(keyOf(event.object), event.object);
    else this.#put(event.object);
  }

  #put(object: T): void {
    const key = keyOf(object);
    const old = this.#store.byKey(key);
    if (old && old.metadata.uid !== object.metadata.uid) {
      // Deleted and made again between two lists: for those who listen these are two objects.
      this.#remove(key);
      return this.#put(object);
    }
    if (old && old.metadata.resourceVersion === object.metadata.resourceVersion) return;
    if (this.#transform) object = this.#transform(object) as T;
    if (this.#freeze) deepFreeze(object);
    this.#store.set(key, object);
    this.#tell(old ? { type: 'updated', object, old } : { type: 'added', object });
  }

  /** `last` is the state that the server's delete event carries; without it the last one known is told. */
  #remove(key: string, last?: T): void {
    const known = this.#store.byKey(key);
    if (!known) return;
    if (last && this.#transform) last = this.#transform(last) as T;
    if (last && this.#freeze) deepFreeze(last);
    this.#store.delete(key);
    this.#tell({ type: 'deleted', object: last ?? known });
  }

  #tell(event: InformerEvent<T>): void {
    for (const handler of this.#handlers) this.#call(handler, event);
  }

  #call(handler: (event: InformerEvent<T>) => void, event: InformerEvent<T>): void {
    try {
      handler(event);
    } catch (error) {
      this.#host.log.error('informer handler failed', { resource: groupResourceOf(this.resource), key: keyOf(event.object), error: String((error as Error)?.stack ?? error) });
    }
  }
}

interface Entry {
  informer: SharedInformer<KubeObject>;
  reflector: Reflector<KubeObject>;
  started: boolean;
}

class SharedInformers implements InformerFactory {
  readonly #host: Host;
  readonly #client: Client;
  readonly #options: InformerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #abort = new AbortController();
  readonly #runs: Promise<void>[] = [];
  /** When the last of those that have been started has its turn. */
  #place: Promise<void> = Promise.resolve();

  constructor(host: Host, client: Client, options: InformerOptions) {
    this.#host = host;
    this.#client = client;
    this.#options = options;
  }

  of<T extends KubeObject>(resource: Resource<T>, selection: Selection = {}): Informer<T> {
    const { namespace, labelSelector, fieldSelector } = selection;
    const key = JSON.stringify([apiVersionOf(resource), resource.plural, namespace ?? '', labelSelector ?? '', fieldSelector ?? '']);
    let entry = this.#entries.get(key);
    if (!entry) {
      const informer = new SharedInformer<KubeObject>(this.#host, resource as Resource, this.#options);
      const all = this.#client.of(resource as Resource);
      const reflector = new Reflector<KubeObject>({
        host: this.#host, resource: namespace === undefined ? all : all.inNamespace(namespace), select: { labelSelector, fieldSelector }, sink: informer,
      });
      entry = { informer, reflector, started: false };
      this.#entries.set(key, entry);
    }
    return entry.informer as unknown as Informer<T>;
  }

  start(): void {
    for (const entry of this.#entries.values()) {
      if (entry.started || this.#abort.signal.aborted) continue;
      entry.started = true;
      this.#runs.push(this.#run(entry.reflector));
    }
  }

  /** One more in each turn of the event loop, where there are turns: dozens of first lists at once would keep all else waiting. */
  async #run(reflector: Reflector<KubeObject>): Promise<void> {
    const { turn } = this.#host;
    if (turn !== undefined) await (this.#place = this.#place.then(turn));
    if (!this.#abort.signal.aborted) await reflector.run(this.#abort.signal);
  }

  /** Counts in those that were asked for and not started yet: a controller may wait before the process starts its informers. */
  async synced(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => entry.informer.synced));
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    for (const entry of this.#entries.values()) entry.informer.release();
    await Promise.all(this.#runs);
  }
}

/** A factory of shared informers over one client. `synced` rejects when the factory stops first. */
export function createInformers(host: Host, client: Client, options: InformerOptions = {}): InformerFactory {
  return new SharedInformers(host, client, options);
}
