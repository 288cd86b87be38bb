/** Discovery with other servers' groups in it: what they serve is asked of them now and then, and told from memory. */
import { createHash } from 'node:crypto';
import type { APIGroupDiscovery, APIResourceDiscovery, APIVersionDiscovery } from '../../api/apidiscovery/v2/types.ts';
import type { APIService } from '../../api/apiregistration/v1/types.ts';
import { aggregatedForm, aggregatedTypeOf } from '../accept.ts';
import { objectResponse } from '../chain/responses.ts';
import { documentResponse } from '../conditional.ts';
import { aggregatedHeaders } from '../discovery/discovery.ts';
import type { Next, ServerRequest, ServerResponse } from '../types.ts';
import { Priorities } from './order.ts';
import type { Registration, Registrations } from './registration.ts';
import type { Remotes } from './remote.ts';
import { derived } from '../derive.ts';

export const aggregatedType = aggregatedTypeOf({ format: 'json', version: 'v2' });
const askAggregated = `${aggregatedType},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;

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

/** An APIResourceList in the aggregated form. */
export function fromLegacy(group: string, version: string, resources: readonly LegacyResource[]): APIResourceDiscovery[] {
  const found = new Map<string, APIResourceDiscovery>();
  const kindOf = (entry: LegacyResource) => ({ group: entry.group || group, version: entry.version || version, kind: entry.kind });
  for (const entry of resources.toSorted((a, b) => a.name.split('/').length - b.name.split('/').length)) {
    const [resource, subresource] = entry.name.split('/');
    if (subresource === undefined) {
      found.set(entry.name, {
        resource: entry.name, responseKind: kindOf(entry), scope: entry.namespaced ? 'Namespaced' : 'Cluster', singularResource: entry.singularName || entry.kind.toLowerCase(), verbs: entry.verbs,
        ...(entry.shortNames?.length ? { shortNames: entry.shortNames } : {}), ...(entry.categories?.length ? { categories: entry.categories } : {}),
      });
      continue;
    }
    const owner = found.get(resource!);
    if (owner) (owner.subresources ??= []).push({ subresource, responseKind: kindOf(entry), verbs: entry.verbs });
  }
  return [...found.values()];
}

/** What another server said it serves, and whether it still answers. */
interface Known {
  resources?: APIResourceDiscovery[];
  fresh: boolean;
}

interface GroupDocument {
  name: string;
  versions: { groupVersion: string; version: string }[];
  preferredVersion: { groupVersion: string; version: string };
}

/** What other servers serve, kept in memory. */
export class RemoteDiscovery {
  readonly #remotes: Remotes;
  readonly #known = new Map<string, Known>();

  constructor(remotes: Remotes) {
    this.#remotes = remotes;
  }

  versionOf({ name, version }: Registration): APIVersionDiscovery {
    const known = this.#known.get(name);
    return { version, ...(known?.resources ? { resources: known.resources } : {}), freshness: known?.fresh ? 'Current' : 'Stale' };
  }

  forget(name: string): void {
    this.#known.delete(name);
  }

  /** Asks the server what it serves; what it said before is kept, as stale, when it does not answer. */
  async refresh(registration: Registration): Promise<void> {
    const { name, group, version } = registration;
    try {
      if (!registration.available) throw new Error('the server is not available');
      this.#known.set(name, { resources: (await this.#aggregated(group, version, registration)) ?? (await this.#legacy(group, version, registration)), fresh: true });
    } catch {
      const { resources } = this.#known.get(name) ?? {};
      this.#known.set(name, { ...(resources ? { resources } : {}), fresh: false });
    }
  }

  async #aggregated(group: string, version: string, registration: Registration): Promise<APIResourceDiscovery[] | undefined> {
    const { status, headers, body } = await this.#remotes.get(registration, '/apis', { accept: askAggregated });
    if (status !== 200 || !/as=APIGroupDiscoveryList/i.test(headers['content-type'] ?? '')) return undefined;
    const { items = [] } = JSON.parse(body.toString('utf8')) as { items?: APIGroupDiscovery[] };
    return items.find(({ metadata }) => metadata?.name === group)?.versions?.find((candidate) => candidate.version === version)?.resources;
  }

  async #legacy(group: string, version: string, registration: Registration): Promise<APIResourceDiscovery[]> {
    const { status, body } = await this.#remotes.get(registration, `/apis/${group}/${version}`, { accept: 'application/json' });
    if (status !== 200) throw new Error(`status ${status}`);
    return fromLegacy(group, version, (JSON.parse(body.toString('utf8')) as { resources?: LegacyResource[] }).resources ?? []);
  }
}

/** This server's own documents with the others' groups put in, at their places. */
export class MergedDiscovery {
  readonly #registrations: Registrations;
  readonly #remote: RemoteDiscovery;
  readonly #services: () => readonly APIService[];
  readonly #own: Next;

  constructor(registrations: Registrations, remote: RemoteDiscovery, services: () => readonly APIService[], own: Next) {
    this.#registrations = registrations;
    this.#remote = remote;
    this.#services = services;
    this.#own = own;
  }

  async #ownDocument<Document>(request: ServerRequest, path: string, accept: string): Promise<{ response: ServerResponse; document: Document | undefined }> {
    const response = await this.#own(derived(request, { path, rawPath: path, headers: { accept } }));
    const { body } = response;
    const whole = typeof body === 'string' || body instanceof Uint8Array;
    return { response, document: response.status === 200 && whole ? (JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8')) as Document) : undefined };
  }

  /** `/apis` in either form. */
  async root(request: ServerRequest): Promise<ServerResponse> {
    const form = aggregatedForm(request.headers['accept']);
    if (form === undefined) return objectResponse(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: await this.#groups(request) });
    const { document, response } = await this.#ownDocument<{ items: APIGroupDiscovery[] }>(request, '/apis', aggregatedType);
    if (!document) return response;
    const body = JSON.stringify({ ...document, apiVersion: `apidiscovery.k8s.io/${form.version}`, items: this.#merged(document.items) });
    const etag = `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`;
    return documentResponse(request, { body, etag }, { 'content-type': aggregatedTypeOf({ format: 'json', version: form.version }), ...aggregatedHeaders });
  }

  #merged(own: readonly APIGroupDiscovery[]): APIGroupDiscovery[] {
    const priorities = new Priorities(this.#services());
    const groups = new Map(own.map((item) => [item.metadata?.name ?? '', { ...item, versions: [...(item.versions ?? [])] }]));
    for (const registration of this.#registrations.all()) {
      const group = groups.get(registration.group) ?? { metadata: { name: registration.group }, versions: [] };
      group.versions = [...group.versions.filter(({ version }) => version !== registration.version), this.#remote.versionOf(registration)];
      groups.set(registration.group, group);
    }
    for (const [name, group] of groups) group.versions.sort((a, b) => priorities.versionsOf(name)(a.version, b.version));
    return [...groups.values()].toSorted((a, b) => priorities.groups(a.metadata?.name ?? '', b.metadata?.name ?? ''));
  }

  async #groups(request: ServerRequest): Promise<GroupDocument[]> {
    const { document } = await this.#ownDocument<{ groups: GroupDocument[] }>(request, '/apis', 'application/json');
    const priorities = new Priorities(this.#services());
    const versions = new Map((document?.groups ?? []).map((group) => [group.name, new Set(group.versions.map(({ version }) => version))]));
    for (const { group, version } of this.#registrations.all()) {
      if (!versions.has(group)) versions.set(group, new Set());
      versions.get(group)!.add(version);
    }
    return [...versions.keys()].toSorted(priorities.groups).map((name) => {
      const form = (version: string) => ({ groupVersion: `${name}/${version}`, version });
      const sorted = [...versions.get(name)!].toSorted(priorities.versionsOf(name)).map(form);
      return { name, versions: sorted, preferredVersion: sorted[0]! };
    });
  }

  /** `/apis/<group>`; undefined when no other server has a part in the group. */
  async group(request: ServerRequest, name: string): Promise<ServerResponse | undefined> {
    if (!this.#registrations.all().some(({ group }) => group === name)) return undefined;
    const found = (await this.#groups(request)).find((group) => group.name === name);
    return found && objectResponse(200, { kind: 'APIGroup', apiVersion: 'v1', ...found });
  }
}
