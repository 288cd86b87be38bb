/**
 * What a server serves: every group's resources in its preferred version, from the aggregated documents (apidiscovery.k8s.io/v2) or, where
 * a server has none, from one document a group and version.
 */
import type { Resource } from '../api/meta/resource.ts';
import { StatusError } from '../api/meta/status.ts';
import type { APIGroupDiscovery, APIResourceDiscovery } from '../api/apidiscovery/v2/types.ts';
import { errorOfAnswer, readBody } from './errors.ts';
import type { ApiRequest, Client } from './types.ts';

/** A resource as discovery tells of it: enough for a client, not typed. */
export type DiscoveredResource = Resource;

export interface Discovered {
  /** One a group and plural, sorted by group and plural. */
  resources: DiscoveredResource[];
  /** Groups and versions that could not be asked: `metrics.k8s.io/v1beta1` and why. */
  failures: Map<string, string>;
}

const paths = ['/api', '/apis'] as const;
const aggregatedKind = 'APIGroupDiscoveryList';
const aggregatedAccept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

interface GroupList {
  kind?: string;
  items?: APIGroupDiscovery[];
  /** Of /api. */
  versions?: string[];
  /** Of /apis. */
  groups?: { name: string; preferredVersion?: { version: string }; versions: { version: string }[] }[];
}

interface LegacyResource {
  name: string;
  singularName?: string;
  namespaced: boolean;
  kind: string;
  group?: string;
  version?: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}

function resourceOf(group: string, version: string, from: { plural: string; singular: string; kind: string; namespaced: boolean; verbs: string[]; shortNames?: string[]; categories?: string[] }): DiscoveredResource {
  return {
    group, version, plural: from.plural, singular: from.singular, kind: from.kind, listKind: `${from.kind}List`, namespaced: from.namespaced, verbs: from.verbs,
    shortNames: from.shortNames ?? [], categories: from.categories ?? [], subresources: [], storagePrefix: `${group}/${from.plural}`, schema: '',
  };
}

/** Keeps the first version that a resource is found in: versions come in the order of preference. */
class Collected {
  readonly #byName = new Map<string, DiscoveredResource>();

  add(resource: DiscoveredResource): void {
    const name = `${resource.group}/${resource.plural}`;
    if (!this.#byName.has(name)) this.#byName.set(name, resource);
  }

  sorted(): DiscoveredResource[] {
    return [...this.#byName.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, resource]) => resource);
  }
}

function addAggregated(into: Collected, failures: Map<string, string>, items: readonly APIGroupDiscovery[]): void {
  for (const group of items) {
    const name = group.metadata.name ?? '';
    for (const version of group.versions ?? []) {
      // What its server said before may be no longer so, and nobody answers for it.
      if (version.freshness === 'Stale') {
        const groupVersion = name === '' ? version.version : `${name}/${version.version}`;
        failures.set(groupVersion, `stale GroupVersion discovery: ${groupVersion}`);
        continue;
      }
      for (const resource of version.resources ?? []) into.add(fromAggregated(name, version.version, resource));
    }
  }
}

function fromAggregated(group: string, version: string, resource: APIResourceDiscovery): DiscoveredResource {
  return resourceOf(group, version, {
    plural: resource.resource, singular: resource.singularResource, kind: resource.responseKind?.kind ?? '', namespaced: resource.scope === 'Namespaced',
    verbs: resource.verbs, shortNames: resource.shortNames, categories: resource.categories,
  });
}

async function addLegacy(client: Client, into: Collected, failures: Map<string, string>, group: string, version: string): Promise<void> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  try {
    const list = await client.request<{ resources?: LegacyResource[] }>({ method: 'GET', path, headers: { accept: 'application/json' } });
    for (const each of list.resources ?? []) {
      if (each.name.includes('/')) continue;
      into.add(resourceOf(group, version, { plural: each.name, singular: each.singularName ?? '', kind: each.kind, namespaced: each.namespaced, verbs: each.verbs, shortNames: each.shortNames, categories: each.categories }));
    }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    failures.set(group === '' ? version : `${group}/${version}`, error.message);
  }
}

/** A document as it was answered last. */
interface Known {
  etag: string;
  list: GroupList;
}

/** Asks one server again and again, at the cost of what has changed: a document that is as it was is neither sent nor read anew. */
export class Discovery {
  readonly #client: Client;
  readonly #known = new Map<string, Known>();
  #last: Discovered | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** What is served; the very same value as the last time where nothing changed. Rejects when the server cannot be reached or refuses discovery altogether. */
  async discover(): Promise<Discovered> {
    const before = paths.map((path) => this.#known.get(path)?.list);
    const lists = [];
    for (const path of paths) lists.push(await this.#document(path));
    if (this.#last && lists.every((list, i) => list === before[i])) return this.#last;
    const into = new Collected();
    const failures = new Map<string, string>();
    for (const list of lists) {
      if (list.kind === aggregatedKind) addAggregated(into, failures, list.items ?? []);
      else await this.#addLegacy(list, into, failures);
    }
    return (this.#last = { resources: into.sorted(), failures });
  }

  async #document(path: string): Promise<GroupList> {
    const known = this.#known.get(path);
    const request: ApiRequest = { method: 'GET', path, headers: { accept: aggregatedAccept, ...(known ? { 'if-none-match': known.etag } : {}) } };
    const response = await this.#client.transport.send(request);
    const text = (await readBody(response.body)).toString('utf8');
    if (known && response.status === 304) return known.list;
    if (response.status >= 400) throw errorOfAnswer(request, response, text);
    const list = JSON.parse(text) as GroupList;
    const { etag } = response.headers;
    // The older documents say nothing of what is behind them: those are asked for each time.
    if (etag !== undefined && list.kind === aggregatedKind) this.#known.set(path, { etag, list });
    else this.#known.delete(path);
    return list;
  }

  async #addLegacy(list: GroupList, into: Collected, failures: Map<string, string>): Promise<void> {
    for (const version of list.versions ?? []) await addLegacy(this.#client, into, failures, '', version);
    for (const group of list.groups ?? []) {
      const preferred = group.preferredVersion?.version;
      const versions = group.versions.map(({ version }) => version).sort((a, b) => Number(b === preferred) - Number(a === preferred));
      for (const version of versions) await addLegacy(this.#client, into, failures, group.name, version);
    }
  }
}

/** Asks the server once. Rejects when it cannot be reached or refuses discovery altogether. */
export function discoverResources(client: Client): Promise<Discovered> {
  return new Discovery(client).discover();
}
