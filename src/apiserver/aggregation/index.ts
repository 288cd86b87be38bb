/** Aggregation: other servers' groups and versions under this server's roof. */
import { APIServices, type ApiGroup } from '../../api/resources.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { startController } from '../../client/index.ts';
import type { Client, Running } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';
import { follow, type Following } from '../authorization/follow.ts';
import { plainJson } from '../chain/responses.ts';
import type { Lookup } from '../lookup.ts';
import type { ServiceResolver } from '../service-resolver.ts';
import type { Next, ServerRequest, ServerResponse } from '../types.ts';
import { startAvailability } from './availability.ts';
import { MergedDiscovery, RemoteDiscovery } from './discovery.ts';
import { CustomGroups, startLocalServices, type DefinedGroups, type LocalServices } from './local-services.ts';
import { MergedOpenApi } from './openapi.ts';
import { passOn } from './proxy.ts';
import { Registrations } from './registration.ts';
import { Remotes, type ProxyClient } from './remote.ts';

export interface AggregationOptions {
  host: Host;
  client: Client;
  lookup: Lookup;
  groups: readonly ApiGroup[];
  resources: readonly Resource[];
  resolver: ServiceResolver;
  proxyClient?: ProxyClient;
  /** Custom resources, where they are served. */
  definitions?: DefinedGroups;
  /** Told of every verdict about another server. */
  observe?: (name: string, available: boolean, reason: string) => void;
}

/** Documents of other servers are read again after this long. */
const refreshMs = 60_000;

/** Watches APIServices, and stands in front of the server's own router. */
export class Aggregation {
  readonly #options: AggregationOptions;
  readonly #registrations = new Registrations();
  readonly #custom = new CustomGroups();
  readonly #remotes: Remotes;
  #following: Following[] = [];
  #running: Running[] = [];
  #local: LocalServices | undefined;

  constructor(options: AggregationOptions) {
    this.#options = options;
    this.#remotes = new Remotes(options.host, options.resolver, options.proxyClient);
  }

  /** Resolves when it is known what is whose. */
  get synced(): Promise<unknown> {
    return Promise.all(this.#following.map((following) => following.synced));
  }

  /** Resolves when every built-in group has its APIService. */
  get complete(): Promise<void> {
    return this.#local?.complete ?? Promise.resolve();
  }

  /** Begins to hear of APIServices and CustomResourceDefinitions; writes only once `ready` resolves. */
  start(served: (resource: Pick<Resource, 'group' | 'version' | 'plural'>) => boolean, ready: Promise<void>): void {
    const { host, client, lookup, groups, resources } = this.#options;
    if (!served(APIServices)) return;
    // An APIService of custom resources that are not known yet would look as if nobody wanted it.
    const known = this.#options.definitions ? this.#custom.follow(this.#options.definitions) : undefined;
    this.#local = startLocalServices({ host, client, lookup, groups, resources, custom: this.#custom, ready: known ? known.then(() => ready) : ready });
    const { look } = this.#local;
    this.#registrations.onChange(look);
    const availability = startAvailability({ host, client, lookup, registrations: this.#registrations, remotes: this.#remotes, ...(this.#options.observe ? { observe: this.#options.observe } : {}) });
    this.#running = [this.#local, availability, this.#refresh()];
    this.#following = [follow(host, client, this.#registrations.follower())];
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#following, ...this.#running].map((part) => part.stop()));
  }

  #discovered: RemoteDiscovery | undefined;
  #openApi: MergedOpenApi | undefined;

  /** Keeps in memory what others say they serve. */
  #refresh(): Running {
    const controller = startController(this.#options.host, {
      name: 'aggregated-documents', workers: 2,
      reconcile: async (name) => {
        const registration = this.#registrations.all().find((candidate) => candidate.name === name);
        if (!registration) {
          this.#discovered?.forget(name);
          this.#openApi?.forget(name);
          return { done: true };
        }
        await Promise.all([this.#discovered?.refresh(registration), this.#openApi?.refresh(registration)]);
        return { afterMs: refreshMs };
      },
    });
    this.#registrations.onChange((name) => {
      if (!this.#registrations.empty || this.#hadAny) controller.add(name);
      this.#hadAny ||= !this.#registrations.empty;
    });
    return controller;
  }

  #hadAny = false;

  /** What answers: another server where one is registered, `own` for all else. */
  wrap(own: Next): Next {
    this.#discovered = new RemoteDiscovery(this.#remotes);
    this.#openApi = new MergedOpenApi(this.#registrations, this.#remotes, own);
    const discovery = new MergedDiscovery(this.#registrations, this.#discovered, () => this.#options.lookup.list(APIServices), own);
    return (request) => (this.#registrations.empty ? own(request) : this.#answer(request, discovery, own));
  }

  async #answer(request: ServerRequest, discovery: MergedDiscovery, own: Next): Promise<ServerResponse> {
    const { path } = request;
    if (path === '/') return this.#index(request, own);
    if (path.startsWith('/openapi/')) return (await this.#openApi?.handle(request)) ?? own(request);
    if (path !== '/apis' && !path.startsWith('/apis/')) return own(request);
    const [, group, version] = path.split('/').filter((segment) => segment !== '');
    if (group === undefined) return discovery.root(request);
    if (version === undefined) return (await discovery.group(request, group)) ?? own(request);
    const registration = this.#registrations.at(group, version);
    return registration ? passOn(this.#options.host, this.#remotes, registration, request) : own(request);
  }

  async #index(request: ServerRequest, own: Next): Promise<ServerResponse> {
    const response = await own(request);
    if (response.status !== 200 || typeof response.body !== 'string') return response;
    const { paths } = JSON.parse(response.body) as { paths: string[] };
    const others = this.#registrations.all().flatMap(({ group, version }) => [`/apis/${group}`, `/apis/${group}/${version}`]);
    return plainJson(200, { paths: [...new Set([...paths, ...others])].toSorted() });
  }
}
