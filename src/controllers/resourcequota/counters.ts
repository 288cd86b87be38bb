/** Watches of what quotas only count: begun when a quota first names a resource, over metadata alone. */
import { groupResourceOf, type Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { createInformers, discoverResources, metadataClient } from '../../client/index.ts';
import type { Client, InformerFactory, Lister } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';

/** A resource that the server did not know is asked for again after this. */
export const discoveryPeriodMs = 30_000;

interface Counter {
  factory: InformerFactory;
  lister: Lister<KubeObject>;
  hasSynced: () => boolean;
}

/** Only names matter here. */
function slim({ metadata: { name, namespace, uid, resourceVersion } }: KubeObject): KubeObject {
  return { metadata: { name, namespace, uid, resourceVersion } };
}

export class Counters {
  readonly #host: Host;
  readonly #client: Client;
  readonly #metadata: Client;
  readonly #onGone: (groupResource: string, namespace: string) => void;
  readonly #counters = new Map<string, Counter>();
  #served = new Map<string, Resource>();
  #discovery: Promise<void> | undefined;
  #nextDiscoveryMs = 0;
  #stopped = false;

  /** `onGone` is told when an object was deleted, so that its place can be given back. */
  constructor(host: Host, client: Client, onGone: (groupResource: string, namespace: string) => void) {
    this.#host = host;
    this.#client = client;
    this.#metadata = metadataClient(client);
    this.#onGone = onGone;
  }

  /** Sees to it that these are watched, as far as the server has them. Returns those whose number is not known yet, but will be. */
  async watch(groupResources: readonly string[]): Promise<string[]> {
    if (groupResources.some((name) => !this.#counters.has(name) && !this.#served.has(name))) await this.#discover();
    for (const name of groupResources) {
      const resource = this.#served.get(name);
      if (resource && !this.#counters.has(name) && !this.#stopped) this.#begin(name, resource);
    }
    return groupResources.filter((name) => this.#counters.has(name) && !this.#counters.get(name)!.hasSynced());
  }

  /** Undefined while it is not known. */
  count(groupResource: string, namespace: string): number | undefined {
    const counter = this.#counters.get(groupResource);
    return counter?.hasSynced() ? counter.lister.list(namespace).length : undefined;
  }

  /** Ends the watches of all others: no quota names them any more. */
  async keep(groupResources: ReadonlySet<string>): Promise<void> {
    const unused = [...this.#counters].filter(([name]) => !groupResources.has(name));
    for (const [name] of unused) this.#counters.delete(name);
    await Promise.all(unused.map(([, { factory }]) => factory.stop()));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#counters.values()].map(({ factory }) => factory.stop()));
  }

  #begin(name: string, resource: Resource): void {
    const factory = createInformers(this.#host, this.#metadata, { transform: slim });
    const informer = factory.of<KubeObject>(resource);
    informer.onEvent(({ type, object }) => {
      if (type === 'deleted') this.#onGone(name, object.metadata.namespace ?? '');
    });
    factory.start();
    this.#counters.set(name, { factory, lister: informer.lister, hasSynced: () => informer.hasSynced() });
  }

  #discover(): Promise<void> {
    const now = this.#host.clock.monotonic();
    if (this.#discovery) return this.#discovery;
    if (now < this.#nextDiscoveryMs) return Promise.resolve();
    this.#nextDiscoveryMs = now + discoveryPeriodMs;
    this.#discovery = discoverResources(this.#client)
      .then(({ resources }) => {
        const counted = resources.filter(({ namespaced, verbs }) => namespaced && ['list', 'watch', 'delete'].every((verb) => (verbs as readonly string[]).includes(verb)));
        this.#served = new Map(counted.map((resource) => [groupResourceOf(resource), resource]));
      })
      .finally(() => (this.#discovery = undefined));
    return this.#discovery;
  }
}
