/**
 * What the server serves, in the old form (one document a group and version) and in the aggregated one (all in a single document).
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
import { createHash } from 'node:crypto';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import { aggregatedForm, aggregatedTypeOf } from '../accept.ts';
import { objectResponse } from '../chain/responses.ts';
import { documentResponse } from '../conditional.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';

/** A group as it is served: its versions in the order of preference. */
export interface ServedGroup {
  name: string;
  versions: readonly string[];
  preferred: string;
}

export interface DiscoveryOptions {
  /** In the order in which clients shall see them; the one without a name is the core group. */
  groups: readonly ServedGroup[];
  resources: readonly Resource[];
  /** Where the server is reached, as `host:port`. */
  serverAddress: string;
  /** What is served beside it, and changes. */
  custom?: ChangingResources;
}

/** Resources that come and go. */
export interface ChangingResources {
  /** Rises with every change. */
  readonly version: number;
  groups(): readonly { name: string; versions: readonly string[] }[];
  resources(group: string, version: string): Resource[];
}

/** Of aggregated documents, whoever puts them together. */
export const aggregatedHeaders = { vary: 'Accept', 'cache-control': 'public' } as const;

/** The value for `storageVersionHash`: base64 of the first 8 bytes of sha256 over `group/version/kind`. */
export function storageVersionHash(group: string, version: string, kind: string): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');
}

const isStored = (resource: Resource): boolean => resource.verbs.includes('watch');

function hashOf(resource: Resource): string | undefined {
  if (!isStored(resource)) return undefined;
  if (resource.storageVersionHash) return resource.storageVersionHash;
  const { group, version } = resource.storageVersion ?? resource;
  return storageVersionHash(group, version, resource.kind);
}

const kindOf = (owner: { group: string; version: string }, sub: { kind: string; group?: string; version?: string }): { group: string; version: string; kind: string } => ({ group: sub.group ?? owner.group, version: sub.version ?? owner.version, kind: sub.kind });

/** The entries of an APIResourceList for a resource: itself and its subresources. */
function apiResources(resource: Resource): object[] {
  const hash = hashOf(resource);
  const own = {
    name: resource.plural, singularName: resource.singular, namespaced: resource.namespaced, kind: resource.kind, verbs: resource.verbs,
    ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}), ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    ...(hash ? { storageVersionHash: hash } : {}),
  };
  const below = resource.subresources.map((sub) => {
    const { group, version, kind } = kindOf(resource, sub);
    const elsewhere = group !== resource.group || version !== resource.version;
    return { name: `${resource.plural}/${sub.name}`, singularName: '', namespaced: resource.namespaced, ...(elsewhere ? { group, version } : {}), kind, verbs: sub.verbs };
  });
  return [own, ...below];
}

function discoveredResource(resource: Resource): object {
  return {
    resource: resource.plural,
    responseKind: { group: resource.group, version: resource.version, kind: resource.kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    ...(resource.subresources.length > 0 ? { subresources: resource.subresources.map((sub) => ({ subresource: sub.name, responseKind: kindOf(resource, sub), verbs: sub.verbs })) } : {}),
  };
}

interface Document {
  body: string;
  etag: string;
}

/** Answers `/api`, `/apis`, `/api/v1`, `/apis/<group>` and `/apis/<group>/<version>`. Documents are made when first asked for. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #aggregated = new Map<string, Document>();
  /** The version of the changing resources that the documents show. */
  #at = -1;
  #all: readonly ServedGroup[] | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /** All groups as of now: the fixed ones first, those of custom resources by name. */
  get #groups(): readonly ServedGroup[] {
    const { custom, groups } = this.#options;
    if (custom === undefined) return groups;
    if (this.#all !== undefined && this.#at === custom.version) return this.#all;
    this.#at = custom.version;
    this.#aggregated.clear();
    const more = new Map(custom.groups().map((group) => [group.name, group]));
    const merged = groups.map((group) => {
      const versions = (more.get(group.name)?.versions ?? []).filter((version) => !group.versions.includes(version));
      more.delete(group.name);
      return versions.length === 0 ? group : { ...group, versions: [...group.versions, ...versions] };
    });
    return (this.#all = [...merged, ...[...more.values()].map(({ name, versions }) => ({ name, versions, preferred: versions[0]! }))]);
  }

  /** All paths that it answers, for the index at `/`. */
  paths(): string[] {
    return ['/api', '/apis', '/apis/', ...this.#groups.flatMap((group) => (group.name === '' ? group.versions.map((v) => `/api/${v}`) : [`/apis/${group.name}`, ...group.versions.map((v) => `/apis/${group.name}/${v}`)]))];
  }

  /** Undefined when the path is none of its own. */
  handle(request: ServerRequest): ServerResponse | undefined {
    const [root, group, version, ...more] = request.path.split('/').filter((s) => s !== '');
    if (more.length > 0) return undefined;
    if (root === 'api' && version === undefined) {
      if (group === undefined) return this.#root(request, 'api', () => this.#apiVersions());
      return this.#resourceList('', group);
    }
    if (root !== 'apis') return undefined;
    if (group === undefined) return this.#root(request, 'apis', () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: this.#groups.filter((g) => g.name !== '').map((g) => this.#group(g)) }));
    if (version !== undefined) return this.#resourceList(group, version);
    const found = this.#groups.find((g) => g.name === group && g.name !== '');
    return found && objectResponse(200, { kind: 'APIGroup', apiVersion: 'v1', ...this.#group(found) });
  }

  #root(request: ServerRequest, root: 'api' | 'apis', plain: () => object): ServerResponse {
    const form = aggregatedForm(request.headers['accept']);
    if (form === undefined) return objectResponse(200, plain());
    return documentResponse(request, this.#aggregatedDocument(root, form.version), { 'content-type': aggregatedTypeOf({ format: 'json', version: form.version }), ...aggregatedHeaders });
  }

  #aggregatedDocument(root: 'api' | 'apis', apiVersion: string): Document {
    const groups = this.#groups;
    const key = `${root} ${apiVersion}`;
    let document = this.#aggregated.get(key);
    if (!document) {
      const items = groups.filter((group) => (group.name === '') === (root === 'api')).map((group) => ({
        metadata: group.name === '' ? {} : { name: group.name },
        versions: group.versions.map((version) => ({ version, resources: this.#resourcesOf(group.name, version).map(discoveredResource), freshness: 'Current' })),
      }));
      const body = JSON.stringify({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${apiVersion}`, metadata: {}, items });
      document = { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
      this.#aggregated.set(key, document);
    }
    return document;
  }

  #apiVersions(): object {
    const core = this.#groups.find((group) => group.name === '');
    return { kind: 'APIVersions', versions: core?.versions ?? [], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: this.#options.serverAddress }] };
  }

  #group(group: ServedGroup): object {
    const form = (version: string): object => ({ groupVersion: `${group.name}/${version}`, version });
    return { name: group.name, versions: group.versions.map(form), preferredVersion: form(group.preferred) };
  }

  #resourcesOf(group: string, version: string): Resource[] {
    const own = this.#options.resources.filter((r) => r.group === group && r.version === version);
    // What the program serves itself cannot be added to.
    if (own.length === 0) return this.#options.custom?.resources(group, version) ?? [];
    return own.toSorted((a, b) => (a.plural < b.plural ? -1 : 1));
  }

  #resourceList(group: string, version: string): ServerResponse | undefined {
    if (!this.#groups.some((g) => g.name === group && g.versions.includes(version))) return undefined;
    const resources = this.#resourcesOf(group, version).flatMap(apiResources);
    return objectResponse(200, { kind: 'APIResourceList', ...(group === '' ? {} : { apiVersion: 'v1' }), groupVersion: apiVersionOf({ group, version }), resources });
  }
}
