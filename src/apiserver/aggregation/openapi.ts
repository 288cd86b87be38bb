/** OpenAPI with other servers' documents in it: version 3 by passing on what is theirs, version 2 by putting their part into one document. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { json } from '../chain/responses.ts';
import { isWhole, Pieces } from '../pieces.ts';
import type { Next, ServerRequest, ServerResponse } from '../types.ts';
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
export function partOf(spec: Spec, group: string, version: string): { paths: Json; definitions: Json } {
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

/** Puts a part into a document. A definition that has the name of another one, and differs, gets a name of its own (`…_v2`). */
export function merge(spec: Spec, part: { paths: Json; definitions: Json }): Spec {
  const definitions: Json = { ...spec.definitions };
  const names = new Map<string, string>();
  for (const [name, definition] of Object.entries(part.definitions)) {
    if (!Object.hasOwn(definitions, name) || isDeepStrictEqual(definitions[name], definition)) continue;
    let n = 2;
    while (Object.hasOwn(definitions, `${name}_v${n}`) || Object.hasOwn(part.definitions, `${name}_v${n}`)) n++;
    names.set(name, `${name}_v${n}`);
  }
  for (const [name, definition] of Object.entries(part.definitions)) definitions[names.get(name) ?? name] = renamed(definition, names);
  // What this server serves itself is not for others to describe.
  return { ...spec, paths: { ...(renamed(part.paths, names) as Json), ...spec.paths }, definitions };
}

interface V2 {
  etag: string;
  part: { paths: Json; definitions: Json };
}

const textOf = (body: string | Uint8Array | Pieces): string => (typeof body === 'string' ? body : Buffer.from(body instanceof Pieces ? body.bytes() : body).toString('utf8'));

export class MergedOpenApi {
  readonly #registrations: Registrations;
  readonly #remotes: Remotes;
  readonly #own: Next;
  readonly #v3 = new Map<string, string>();
  readonly #v2 = new Map<string, V2>();
  #merged: { key: string; body: string; etag: string } | undefined;

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
    const answer = await this.#remotes.get(registration, '/openapi/v3', { accept: 'application/json' }).catch(() => undefined);
    if (answer?.status === 200) {
      const url = (JSON.parse(answer.body.toString('utf8')) as { paths?: Record<string, { serverRelativeURL?: string }> }).paths?.[`apis/${group}/${version}`]?.serverRelativeURL;
      if (url === undefined) this.#v3.delete(name);
      else this.#v3.set(name, url);
    }
    await this.#refreshV2(registration);
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
    for (const { name, group, version } of this.#registrations.all()) {
      const url = this.#v3.get(name);
      if (url !== undefined) paths[`apis/${group}/${version}`] = { serverRelativeURL: url };
    }
    return json(200, { paths }, { vary: 'Accept' });
  }

  async #third(registration: Registration, request: ServerRequest): Promise<ServerResponse> {
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

  async #second(request: ServerRequest): Promise<ServerResponse | undefined> {
    // The protobuf form is this server's own part alone.
    if (!/(?:^|,)\s*(?:application\/json|\*\/\*|application\/\*)\s*(?:[,;]|$)/i.test(request.headers['accept'] || '*/*')) return undefined;
    const parts = this.#registrations.all().flatMap(({ name }) => this.#v2.get(name) ?? []);
    if (parts.length === 0) return this.#own(request);
    const own = await this.#own(derived(request, { headers: { accept: 'application/json' } }));
    if (own.status !== 200 || own.body === undefined || !isWhole(own.body)) return own;
    const key = [own.headers['etag'], ...parts.map(({ etag }) => etag)].join('\n');
    if (this.#merged?.key !== key) {
      const spec = parts.reduce<Spec>((merged, { part }) => merge(merged, part), JSON.parse(textOf(own.body)) as Spec);
      const body = JSON.stringify(spec);
      this.#merged = { key, body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
    }
    const { body, etag } = this.#merged;
    const headers = { 'content-type': 'application/json', etag, vary: 'Accept' };
    return request.headers['if-none-match'] === etag ? { status: 304, headers } : { status: 200, headers, body };
  }
}
