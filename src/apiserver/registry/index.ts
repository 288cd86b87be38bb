/** The registry: everything that the API server does with kinds that are stored. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { Strategy } from '../../api/meta/strategy.ts';
import { CustomResourceDefinitions, Pods, Services } from '../../api/resources.ts';
import type { Host, Timer } from '../../host/types.ts';
import type { Backend } from '../../store/backend.ts';
import { Feed, type FeedSource } from '../cache/feed.ts';
import { DecodedPool } from '../cache/pool.ts';
import type { StorageEncoding } from '../cache/stored.ts';
import { tableFor } from '../printers/index.ts';
import type { AdmissionPlugin, ServerRequest, ServerResponse } from '../types.ts';
import { cacheOf, type RegistryContext } from './context.ts';
import { describeKind, kindKey, type Kind, type StoredKinds, type TableFor } from './kinds.ts';
import type { CustomKinds } from './kinds.ts';
import { dispatch } from './dispatch.ts';
import { ServiceAddresses } from './services/index.ts';
import type { Finding } from './services/repair.ts';

export type { TableFor } from './kinds.ts';

export interface CreateResourcesOptions {
  host: Host;
  backend: Backend;
  /** What is served; kinds without a `watch` verb are not stored and not answered here. */
  resources: readonly Resource[];
  strategyFor: (schema: string) => Strategy;
  /** In order; may grow until `start`. */
  admission: readonly AdmissionPlugin[];
  serviceCidr: string;
  /** Default 30000 to 32767. */
  nodePortRange?: { from: number; to: number };
  /** Makes the tables of `kubectl get`. Default: the printers. */
  tableFor?: TableFor;
  /** Told how long all plug-ins of one step took together: [operation, rejected, type] and seconds. */
  /** Takes the seconds of a watch from its request to the end of the state that it begins with. */
  observeWatchList?: (labels: readonly string[], seconds: number) => void;
  observeAdmission?: (labels: readonly string[], seconds: number) => void;
  /** Told what was found wrong with addresses and ports of services, and put right. */
  onFinding?: (finding: Finding) => void;
  /** Default one hour. */
  eventTtlSeconds?: number;
  /** What stored values are written as; either is read. Custom resources are always JSON. Default `json`. */
  storageEncoding?: StorageEncoding;
  /** Kinds that come and go while the server runs. */
  custom?: CustomKinds;
  /** How often history is forgotten; what is older than one interval goes. Default five minutes; 0: never. */
  compactionIntervalMs?: number;
}

export interface Resources {
  /** Fills the caches; requests are answered from when it resolves. */
  start(): Promise<void>;
  handle(request: ServerRequest): Promise<ServerResponse>;
  /** Ends watches and timers. The backend stays open. */
  stop(): Promise<void>;
  /** The stored object as the caches show it, in its stored version: frozen and shared. For readers inside the server. What is not served has none. */
  peek(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined;
  /** How many objects of a kind there are; undefined for kinds that are not stored here. */
  count(group: string, version: string, plural: string): number | undefined;
  /** In numbers: objects of each stored kind, and changes that the store has told of. */
  statistics(): { group: string; resource: string; objects: number; received: number }[];
  /** What the caches hold beside the objects, in bytes, with the limit of each; and how many watches do not keep up. */
  memory(): { parts: { part: string; bytes: number; limit: number }[]; watchesBehind: number };
  /** All objects of a kind, or of one namespace, as above. */
  peekAll(resource: Resource, namespace?: string): KubeObject[];
}

const BOOKMARK_INTERVAL_MS = 60_000;
/** How often services are compared with what is marked as theirs. */
const REPAIR_INTERVAL_MS = 180_000;
const COMPACTION_INTERVAL_MS = 300_000;
const EVENT_TTL_SECONDS = 3_600;

/** Fields by which lists and watches are so often narrowed that an index pays. */
const INDEXED: Readonly<Record<string, string>> = { [Pods.schema]: 'spec.nodeName' };

export function createResources(options: CreateResourcesOptions): Resources {
  return new Registry(options);
}

class Registry implements Resources {
  readonly #context: RegistryContext;
  readonly #compactionIntervalMs: number;
  readonly #onFinding: ((finding: Finding) => void) | undefined;
  readonly #pool = new DecodedPool();
  readonly #kinds = new WeakMap<Resource, Kind | undefined>();
  #timers: Timer[] = [];
  #stopped = false;

  constructor(options: CreateResourcesOptions) {
    const stored = options.resources.filter((resource) => (resource.verbs as readonly string[]).includes('watch'));
    const kinds = new Map<string, Kind>();
    for (const resource of stored) kinds.set(kindKey(resource.group, resource.version, resource.plural), describeKind(resource, stored, options.strategyFor, options.storageEncoding));
    const random = options.host.random.fork('registry');
    const pool = this.#pool;
    const sources = sourcesOf(kinds.values(), pool);
    const definitions = kinds.get(kindKey(CustomResourceDefinitions.group, CustomResourceDefinitions.version, CustomResourceDefinitions.plural));
    if (definitions !== undefined) options.custom?.follow(sources.find((source) => source.prefix === definitions.prefix)!);
    this.#compactionIntervalMs = options.compactionIntervalMs ?? COMPACTION_INTERVAL_MS;
    this.#onFinding = options.onFinding;
    const context: StoredKinds = {
      host: options.host, backend: options.backend, kinds, admission: options.admission, tableFor: options.tableFor ?? tableFor, random,
      feed: new Feed(options.host, options.backend, sources), custom: options.custom,
      ...(options.observeWatchList ? { observeWatchList: options.observeWatchList } : {}),
      ...(options.observeAdmission ? { observeAdmission: options.observeAdmission } : {}),
      eventTtlSeconds: options.eventTtlSeconds ?? EVENT_TTL_SECONDS,
    };
    this.#context = Object.assign(context, {
      serviceAddresses: new ServiceAddresses(context, { serviceCidr: options.serviceCidr, nodePortRange: options.nodePortRange ?? { from: 30_000, to: 32_767 }, encoding: options.storageEncoding ?? 'json' }),
    });
    options.custom?.attach(this.#context.feed, pool);
  }

  async start(): Promise<void> {
    const { feed, host, backend } = this.#context;
    await feed.start();
    // A store that somebody else wrote, or an older form of this server, must be complete before the first address is taken.
    if (this.#context.kinds.has(kindKey(Services.group, Services.version, Services.plural)) && this.peekAll(Services).length > 0) await this.#repair();
    this.#every(REPAIR_INTERVAL_MS, () => void this.#repair());
    this.#every(BOOKMARK_INTERVAL_MS, () => this.#bookmark());
    let upTo = await backend.revision();
    if (this.#compactionIntervalMs > 0 && backend.compactsByItself !== true) {
      this.#every(this.#compactionIntervalMs, () => {
        const old = upTo;
        upTo = feed.revision;
        backend.compact(old).catch((error: unknown) => host.log.warn('old history could not be removed', { error: String(error) }));
      });
    }
  }

  handle(request: ServerRequest): Promise<ServerResponse> {
    return dispatch(this.#context, request);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    await this.#context.feed.stop();
  }

  /** By the resource itself: admission looks up a dozen kinds for each write, and their names would be joined each time. */
  #kindOf(resource: Resource): Kind | undefined {
    if (!this.#kinds.has(resource)) this.#kinds.set(resource, this.#context.kinds.get(kindKey(resource.group, resource.version, resource.plural)));
    return this.#kinds.get(resource);
  }

  peek(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    const kind = this.#kindOf(resource);
    return kind && cacheOf({ context: this.#context, kind }).get(namespace ?? '', name)?.object;
  }

  count(group: string, version: string, plural: string): number | undefined {
    const kind = this.#context.kinds.get(kindKey(group, version, plural));
    return kind && cacheOf({ context: this.#context, kind }).size;
  }

  statistics(): { group: string; resource: string; objects: number; received: number }[] {
    const names = new Map([...this.#context.kinds.values()].map(({ prefix, stored }) => [prefix, stored]));
    return [...this.#context.feed.caches()].map(({ source, size, received }) => {
      // The path of a custom resource's objects says it all: /registry/<group>/<plural>/.
      const [, , group = '', plural = ''] = source.prefix.split('/');
      const known = names.get(source.prefix);
      return { group: known?.group ?? group, resource: known?.plural ?? plural, objects: size, received };
    });
  }

  memory(): ReturnType<Resources['memory']> {
    let watchesBehind = 0;
    for (const cache of this.#context.feed.caches()) watchesBehind += cache.behindCount;
    return { parts: this.#pool.memory(), watchesBehind };
  }

  peekAll(resource: Resource, namespace = ''): KubeObject[] {
    const kind = this.#kindOf(resource);
    if (kind === undefined) return [];
    const objects = cacheOf({ context: this.#context, kind }).all(namespace);
    return objects.length === 0 ? [] : objects.map((object) => object.object);
  }

  #every(intervalMs: number, act: () => void): void {
    const at = this.#timers.length;
    const arm = (): void => {
      this.#timers[at] = this.#context.host.clock.setTimer(() => {
        if (this.#stopped) return;
        act();
        arm();
      }, intervalMs);
    };
    arm();
  }

  async #repair(): Promise<void> {
    try {
      for (const finding of await this.#context.serviceAddresses.repair()) this.#onFinding?.(finding);
    } catch (error) {
      if (!this.#stopped) this.#context.host.log.warn('addresses and ports of services could not be checked', { error: String(error) });
    }
  }

  /** Tells watchers how far they are, so that they can resume there. */
  #bookmark(): void {
    const { feed } = this.#context;
    for (const cache of feed.caches()) for (const watcher of cache.bookmarkWatchers()) if (watcher.bookmarks === true || watcher.told < feed.revision) watcher.bookmark(feed.revision, false);
  }
}

function sourcesOf(kinds: Iterable<Kind>, pool: DecodedPool): FeedSource[] {
  const sources = new Map<string, FeedSource>();
  for (const kind of kinds) {
    if (kind.resource !== kind.stored && sources.has(kind.prefix)) continue;
    const indexedField = INDEXED[kind.stored.schema];
    const { strategy } = kind;
    sources.set(kind.prefix, {
      prefix: kind.prefix, form: kind.storedForm, pool,
      fieldsOf: (object) => strategy.selectableFields?.(object) ?? {},
      ...(indexedField === undefined ? {} : { indexedField }),
    });
  }
  return [...sources.values()];
}
