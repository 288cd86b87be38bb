/**
 * What a server serves: every group's resources in its preferred version, from the aggregated documents (apidiscovery.k8s.io/v2) or, where
 * a server has none, from one document a group and version.
 */
import type { Resource } from '../api/meta/resource.ts';
import { StatusError } from '../api/meta/status.ts';
import type { APIGroupDiscovery, APIResourceDiscovery } from '../api/apidiscovery/v2/types.ts';
import type { Client } from './types.ts';

/** A resource as discovery tells of it: enough for a client, not typed. */
export type DiscoveredResource = Resource;

export interface Discovered {
  /** One a group and plural, sorted by group and plural. */
  resources: DiscoveredResource[];
  /** Groups and versions that could not be asked: `metrics.k8s.io/v1beta1` and why. */
  failures: Map<string, string>;
}

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
      if (version.freshness === 'Stale') failures.set(name === '' ? version.version : `${name}/${version.version}`, 'the server behind it does not answer');
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

/** Asks the server. Rejects when it cannot be reached or refuses discovery altogether. */
export async function discoverResources(client: Client): Promise<Discovered> {
  const into = new Collected();
  const failures = new Map<string, string>();
  for (const path of ['/api', '/apis']) {
    const list = await client.request<GroupList>({ method: 'GET', path, headers: { accept: aggregatedAccept } });
    if (list.kind === 'APIGroupDiscoveryList') {
      addAggregated(into, failures, list.items ?? []);
      continue;
    }
    for (const version of list.versions ?? []) await addLegacy(client, into, failures, '', version);
    for (const group of list.groups ?? []) {
      const preferred = group.preferredVersion?.version;
      const versions = group.versions.map(({ version }) => version).sort((a, b) => Number(b === preferred) - Number(a === preferred));
      for (const version of versions) await addLegacy(client, into, failures, group.name, version);
    }
  }
  return { resources: into.sorted(), failures };
}
