/** One metadata informer for each resource whose objects can be deleted; the set follows discovery. */
import { groupVersionOf } from '../../api/meta/objects.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { createInformers, Discovery, metadataClient, type Discovered } from '../../client/index.ts';
import type { Client, InformerEvent, InformerFactory, ResourceClient } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';

/** How often the server is asked for resources that came or went. */
export const discoveryPeriodMs = 30_000;
/** How long the first lists may take before work begins without those that are missing. */
export const initialSyncLimitMs = 30_000;
/** Monitors that begin in one turn of the event loop: some milliseconds. */
const begunInATurn = 5;
/** Resources that own nothing and are owned by nothing worth following. */
const ignored: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io']);

const can = (resource: Resource, ...verbs: string[]): boolean => verbs.every((verb) => (resource.verbs as readonly string[]).includes(verb));

/** What the graph does not need is not kept. */
function slim({ metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, ownerReferences, finalizers, deletionTimestamp } = metadata;
  return { metadata: { name, namespace, uid, resourceVersion, ownerReferences, finalizers, deletionTimestamp } };
}

export class Monitors {
  readonly #host: Host;
  readonly #metadata: Client;
  readonly #discovery: Discovery;
  /** What the monitors follow. */
  #seen: Discovered | undefined;
  readonly #onEvent: (resource: Resource, event: InformerEvent<KubeObject>) => void;
  readonly #monitors = new Map<string, { resource: Resource; factory: InformerFactory }>();
  /** By group and kind. */
  #kinds = new Map<string, Resource>();
  readonly #abort = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(host: Host, client: Client, onEvent: (resource: Resource, event: InformerEvent<KubeObject>) => void) {
    this.#host = host;
    this.#metadata = metadataClient(client);
    this.#discovery = new Discovery(client);
    this.#onEvent = onEvent;
  }

  /** Resolves when all that was found first is complete, or the limit is over. */
  async start(): Promise<void> {
    while (!(await this.#refresh())) {
      await this.#host.clock.sleep(1_000, this.#abort.signal);
      if (this.#abort.signal.aborted) throw new Error('stopped before discovery answered');
    }
    this.#loop = this.#run();
    const limit = new AbortController();
    const all = Promise.all([...this.#monitors.values()].map(({ factory }) => factory.synced())).then(() => true, () => false);
    const inTime = await Promise.race([all, this.#host.clock.sleep(initialSyncLimitMs, limit.signal).then(() => false)]);
    limit.abort();
    if (!inTime && !this.#abort.signal.aborted) this.#host.log.warn('not all resources are listed yet, collecting garbage without them', { resources: this.#unsynced() });
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
    await Promise.all([...this.#monitors.values()].map(({ factory }) => factory.stop()));
  }

  /** The resource that an owner reference's kind is served by; undefined when the server has none. */
  resourceOf(apiVersion: string, kind: string): Resource | undefined {
    return this.#kinds.get(`${groupVersionOf(apiVersion).group}/${kind}`);
  }

  isWatched(resource: Resource): boolean {
    return this.#monitors.has(keyOfResource(resource));
  }

  /** Reads and writes metadata. */
  of(resource: Resource, namespace: string): ResourceClient<KubeObject> {
    const client = this.#metadata.of(resource);
    return resource.namespaced ? client.inNamespace(namespace) : client;
  }

  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      await this.#host.clock.sleep(discoveryPeriodMs, this.#abort.signal);
      if (!this.#abort.signal.aborted) await this.#refresh();
    }
  }

  /** Returns whether discovery answered. */
  async #refresh(): Promise<boolean> {
    try {
      const discovered = await this.#discovery.discover();
      if (this.#abort.signal.aborted || discovered === this.#seen) return true;
      const { resources, failures } = discovered;
      this.#kinds = new Map(resources.map((resource) => [`${resource.group}/${resource.kind}`, resource]));
      const wanted = resources.filter((resource) => can(resource, 'list', 'watch', 'delete') && !ignored.has(groupResourceOf(resource)));
      const failed = new Set([...failures.keys()].map((groupVersion) => groupVersionOf(groupVersion).group));
      await this.#monitorAll(wanted.filter((resource) => !this.#monitors.has(keyOfResource(resource))));
      if (this.#abort.signal.aborted) return true;
      const keys = new Set(wanted.map(keyOfResource));
      for (const [key, { resource, factory }] of this.#monitors) {
        // A group that does not answer for a moment has not lost its objects.
        if (keys.has(key) || failed.has(resource.group)) continue;
        this.#monitors.delete(key);
        await factory.stop();
      }
      this.#seen = discovered;
      return true;
    } catch (error) {
      this.#host.log.warn('discovery failed', { controller: 'garbage-collector-controller', error: (error as Error).message });
      return false;
    }
  }

  /** Where a thousand kinds have been defined, each begins with a list of its own: others are served between them. */
  async #monitorAll(resources: readonly Resource[]): Promise<void> {
    for (const [i, resource] of resources.entries()) {
      if (this.#abort.signal.aborted) return;
      this.#monitor(resource);
      if (i % begunInATurn === begunInATurn - 1) await this.#host.turn?.();
    }
  }

  #monitor(resource: Resource): void {
    const factory = createInformers(this.#host, this.#metadata, { transform: slim });
    factory.of(resource).onEvent((event) => this.#onEvent(resource, event));
    factory.start();
    this.#monitors.set(keyOfResource(resource), { resource, factory });
  }

  #unsynced(): string[] {
    return [...this.#monitors.values()].filter(({ resource, factory }) => !factory.of(resource).hasSynced()).map(({ resource }) => groupResourceOf(resource));
  }
}

function keyOfResource(resource: Resource): string {
  return `${apiVersionOf(resource)}/${resource.plural}`;
}
