/** OpenAPI with other servers' documents in it: version 3 by passing on what is theirs, version 2 by putting their part into one document. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { json } from '../chain/responses.ts';
import { JoinedDocument, Part } from '../endpoints/openapi-parts.ts';
import type { Next, ServerRequest, ServerResponse } from '../types.ts';
import { documentOfPart, type SpecPart } from './openapi-convert.ts';
import type { Registration, Registrations } from './registration.ts';
import type { RemoteAnswer, Remotes } from './remote.ts';
import { derived } from '../derive.ts';

const v3Prefix = '/openapi/v3/';
/** What of another server's answer is the document's own. */
const keptHeaders: ReadonlySet<string> = new Set(['content-type', 'etag', 'cache-control', 'vary', 'expires', 'content-encoding', 'last-modified']);
const refPrefix = '#/definitions/';

type Json = Record<string, unknown>;

interface Spec extends Json {
  paths?: Json;
  definitions?: Json;
}

/** Names of definitions below `value`. */
function references(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) references(item, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (key === '$ref' && typeof item === 'string' && item.startsWith(refPrefix)) found.add(item.slice(refPrefix.length));
      else references(item, found);
    }
  }
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => {
    if (key !== '$ref' || typeof item !== 'string' || !item.startsWith(refPrefix)) return [key, renamed(item, names)];
    return [key, `${refPrefix}${names.get(item.slice(refPrefix.length)) ?? item.slice(refPrefix.length)}`];
  }));
}

/** The part of a document below one group and version: its paths, and the definitions that they lead to. */
export function partOf(spec: Spec, group: string, version: string): SpecPart {
  const base = `/apis/${group}/${version}/`;
  const paths = Object.fromEntries(Object.entries(spec.paths ?? {}).filter(([path]) => path === base || path.startsWith(base)));
  const all = spec.definitions ?? {};
  const definitions: Json = {};
  const waiting = new Set<string>();
  references(paths, waiting);
  for (const name of waiting) {
    const definition = Object.hasOwn(all, name) ? all[name] : undefined;
    if (definition === undefined) continue;
    definitions[name] = definition;
    references(definition, waiting);
  }
  return { paths, definitions };
}

/** New names for definitions that have the name of another one and differ from it, or that lead to one of these. */
function newNames({ definitions }: SpecPart, taken: (name: string) => unknown): Map<string, string> {
  const names = new Map<string, string>();
  const rename = (name: string): void => {
    let n = 2;
    while (taken(`${name}_v${n}`) !== undefined || Object.hasOwn(definitions, `${name}_v${n}`)) n++;
    names.set(name, `${name}_v${n}`);
  };
  const shared = new Map<string, Set<string>>();
  for (const [name, definition] of Object.entries(definitions)) {
    const other = taken(name);
    if (other === undefined) continue;
    const below = new Set<string>();
    references(definition, below);
    if (isDeepStrictEqual(other, definition)) shared.set(name, below);
    else rename(name);
  }
  for (let before = -1; before < names.size; ) {
    before = names.size;
    for (const [name, below] of shared) if (!names.has(name) && [...below].some((one) => names.has(one))) rename(name);
  }
  return names;
}

/** The part with names of its own (`…_v2`) for what this server means something else by. */
export function fitted(part: SpecPart, taken: (name: string) => unknown): SpecPart {
  const names = newNames(part, taken);
  if (names.size === 0) return part;
  return {
    paths: renamed(part.paths, names) as Json,
    definitions: Object.fromEntries(Object.entries(part.definitions).map(([name, definition]) => [names.get(name) ?? name, renamed(definition, names)])),
  };
}

interface V2 {
  etag: string;
  part: SpecPart;
  /** The same in version 3, where the server has none of its own. */
  third?: string;
}

export class MergedOpenApi {
  readonly #registrations: Registrations;
  readonly #remotes: Remotes;
  readonly #own: Next;
  readonly #v3 = new Map<string, string>();
  readonly #v2 = new Map<string, V2>();
  #merged: { key: string; document: JoinedDocument } | undefined;

  constructor(registrations: Registrations, remotes: Remotes, own: Next) {
    this.#registrations = registrations;
    this.#remotes = remotes;
    this.#own = own;
  }

  forget(name: string): void {
    this.#v3.delete(name);
    this.#v2.delete(name);
  }

  /** Reads where a server's documents are. What was known stays when it does not answer. */
  async refresh(registration: Registration): Promise<void> {
    if (!registration.available) return;
    const { name, group, version } = registration;
    await this.#refreshV2(registration);
    const answer = await this.#remotes.get(registration, '/openapi/v3', { accept: 'application/json' }).catch(() => undefined);
    if (answer?.status === 200) {
      const url = (JSON.parse(answer.body.toString('utf8')) as { paths?: Record<string, { serverRelativeURL?: string }> }).paths?.[`apis/${group}/${version}`]?.serverRelativeURL;
      if (url === undefined) this.#v3.delete(name);
      else this.#v3.set(name, url);
    } else if (answer?.status === 404) this.#v3.delete(name);
  }

  /** What a server without version 3 says in version 2, put into version 3. */
  #converted({ name, group, version }: Registration): { url: string; body: string; etag: string } | undefined {
    const v2 = this.#v2.get(name);
    if (v2 === undefined || this.#v3.has(name) || Object.keys(v2.part.paths).length === 0) return undefined;
    const body = (v2.third ??= JSON.stringify(documentOfPart(group, version, v2.part)));
    const hash = createHash('sha512').update(body).digest('hex').toUpperCase();
    return { url: `${v3Prefix}apis/${group}/${version}?hash=${hash}`, body, etag: `"${hash}"` };
  }

  async #refreshV2(registration: Registration): Promise<void> {
    const { name, group, version } = registration;
    const known = this.#v2.get(name);
    const answer = await this.#remotes.get(registration, '/openapi/v2', { accept: 'application/json', ...(known ? { 'if-none-match': known.etag } : {}) }).catch(() => undefined);
    if (answer?.status !== 200) return;
    this.#v2.set(name, { etag: answer.headers['etag'] ?? `"${createHash('sha512').update(answer.body).digest('hex')}"`, part: partOf(JSON.parse(answer.body.toString('utf8')) as Spec, group, version) });
  }

  /** Undefined when the path is none that others have a part in. */
  async handle(request: ServerRequest): Promise<ServerResponse | undefined> {
    const { path } = request;
    if (path === '/openapi/v3' || path === '/openapi/v3/') return this.#index(request);
    if (path === '/openapi/v2') return this.#second(request);
    if (!path.startsWith(v3Prefix)) return undefined;
    const [root, group, version, ...more] = path.slice(v3Prefix.length).split('/');
    const registration = root === 'apis' && more.length === 0 ? this.#registrations.at(group ?? '', version ?? '') : undefined;
    return registration && this.#third(registration, request);
  }

  async #index(request: ServerRequest): Promise<ServerResponse> {
    const { 'if-none-match': _, ...headers } = request.headers;
    const own = await this.#own(derived(request, { headers }));
    if (own.status !== 200 || typeof own.body !== 'string') return own;
    const { paths } = JSON.parse(own.body) as { paths: Json };
    for (const registration of this.#registrations.all()) {
      const url = this.#v3.get(registration.name) ?? this.#converted(registration)?.url;
      if (url !== undefined) paths[`apis/${registration.group}/${registration.version}`] = { serverRelativeURL: url };
    }
    return json(200, { paths }, { vary: 'Accept' });
  }

  async #third(registration: Registration, request: ServerRequest): Promise<ServerResponse> {
    const converted = this.#converted(registration);
    if (converted !== undefined) {
      const headers = { 'content-type': 'application/json', etag: converted.etag, vary: 'Accept' };
      return request.headers['if-none-match'] === converted.etag ? { status: 304, headers } : { status: 200, headers, body: converted.body };
    }
    const query = request.query.size > 0 ? `?${request.query.toString()}` : '';
    const passed = Object.fromEntries(['accept', 'if-none-match'].flatMap((name) => (request.headers[name] === undefined ? [] : [[name, request.headers[name]]])) as [string, string][]);
    let answer: RemoteAnswer;
    try {
      answer = await this.#remotes.get(registration, `${request.rawPath}${query}`, passed);
    } catch {
      return { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'service unavailable\n' };
    }
    const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => keptHeaders.has(name)));
    // Its index is read again before long; a newer document than the one asked for is found there.
    const location = answer.headers['location'];
    if (answer.status === 301 && location?.startsWith(v3Prefix)) headers['location'] = location;
    return { status: answer.status, headers, body: answer.status === 304 ? undefined : answer.body } as ServerResponse;
  }

  async #second(request: ServerRequest): Promise<ServerResponse> {
    const remote = this.#registrations.all().flatMap(({ name }) => this.#v2.get(name) ?? []);
    if (remote.length === 0) return this.#own(request);
    const { 'if-none-match': wanted, ...headers } = request.headers;
    const own = await this.#own(derived(request, { headers }));
    if (own.status !== 200 || !(own.body instanceof JoinedDocument)) return own;
    const key = [own.body.etag, ...remote.map(({ etag }) => etag)].join('\n');
    if (this.#merged?.key !== key) this.#merged = { key, document: merge(own.body, remote.map(({ part }) => part)) };
    const { document } = this.#merged;
    const answered = { 'content-type': 'application/json', etag: document.etag, vary: 'Accept' };
    return wanted === document.etag ? { status: 304, headers: answered } : { status: 200, headers: answered, body: document };
  }
}

/** Other servers' parts behind the document's own: what it says itself is not for others to say. */
export function merge(document: JoinedDocument, parts: readonly SpecPart[]): JoinedDocument {
  return parts.reduce((merged, part) => merged.with([new Part(fitted(part, (name) => merged.definition(name)))]), document);
}
