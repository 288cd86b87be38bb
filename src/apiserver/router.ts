/** The last station of the chain: who answers what. */
import type { Resource } from '../api/meta/resource.ts';
import { badRequest } from '../api/meta/status.ts';
import { infoOf } from './chain/request-info.ts';
import { methodNotAllowed, pageNotFound, plainJson, unknownPath } from './chain/responses.ts';
import { choose, notAcceptable, noSuchRoute, STANDARD_FORMATS, takesPlainAnswers, takesRoute, transforms } from './accept.ts';
import { mayBeDeprecated, noteDeprecation } from './deprecation.ts';
import type { MetricsRegistry } from './endpoints/metrics.ts';
import type { Discovery } from './discovery/discovery.ts';
import type { Health } from './endpoints/health.ts';
import type { OpenApiEndpoints } from './endpoints/openapi.ts';
import type { ServerMetrics } from './endpoints/server-metrics.ts';
import type { BuildInfo } from '../base/component-metrics.ts';
import type { VirtualHandler } from './endpoints/virtual.ts';
import type { Next, RequestInfo, ServerRequest, ServerResponse } from './types.ts';

export interface RouterOptions {
  /** Answers for kinds in the store. */
  stored: Next;
  /** Answers for connections: log, exec, attach, portforward, proxy. Undefined: not one of these. */
  connect: (request: ServerRequest) => Promise<ServerResponse> | undefined;
  /** By `group/version/resource` or `group/version/resource/subresource`. */
  virtual: ReadonlyMap<string, VirtualHandler>;
  resources: readonly Resource[];
  /** Resources that come and go; the same answer a moment later may be another. */
  custom?: (info: RequestInfo, request: ServerRequest) => Promise<Resource | undefined>;
  discovery: Discovery;
  /** Resolves when everything that discovery tells of is at hand. */
  beforeDiscovery?: () => Promise<void>;
  health: Health;
  openApi: OpenApiEndpoints;
  metrics: ServerMetrics;
  /** Finds out what cannot be told at once. */
  beforeScrape?: () => Promise<void>;
  version: BuildInfo;
  /** What lies below `/debug`. */
  profiling?: (request: ServerRequest) => Promise<ServerResponse> | undefined;
  /** Paths with one fixed answer each. */
  documents: ReadonlyMap<string, (request: ServerRequest) => ServerResponse>;
}

const virtualKey = (info: RequestInfo): string => `${info.apiGroup}/${info.apiVersion}/${info.resource}${info.subresource === '' ? '' : `/${info.subresource}`}`;
const resourceKey = (info: { apiGroup: string; apiVersion: string; resource: string }): string => `${info.apiGroup}/${info.apiVersion}/${info.resource}`;

/**
 * Whether the path names a namespace for something that is in none. Such a path was authorized by the rights that its caller has in that namespace, which say
 * nothing of the cluster. A namespace itself counts as being in itself.
 */
function isElsewhere(resource: Resource, info: RequestInfo): boolean {
  if (resource.namespaced || info.namespace === '') return false;
  return !(resource.group === '' && resource.plural === 'namespaces' && info.name === info.namespace);
}

/** Documents that upstream serves by a table of routes. */
const isTable = (path: string): boolean => path.startsWith('/openid/') || path.startsWith('/.well-known/');

/**
 * Upstream's tables know no empty steps: a collection with a slash behind it is an object without a name (and no way to remove the collection), and all else that
 * has one is in no table. What is passed on may have what steps it likes.
 */
function checkSlashes(method: string, { path, name, subresource }: RequestInfo): void {
  if (subresource === 'proxy' || (!path.endsWith('/') && !path.includes('//'))) return;
  if (name !== '' || path.includes('//')) throw unknownPath();
  throw method === 'POST' ? methodNotAllowed() : badRequest('name must be provided');
}

/** These hand on what somebody else makes. */
const connections: ReadonlySet<string> = new Set(['attach', 'exec', 'portforward', 'proxy']);

/** Throws 406 where no route of upstream's table makes what the client takes. */
function checkRoute({ headers: { accept }, formats = STANDARD_FORMATS }: ServerRequest, info: RequestInfo): void {
  if (accept === undefined || info.verb === 'proxy' || connections.has(info.subresource)) return;
  const own = info.subresource === 'log' ? 'text/plain' : undefined;
  if (!takesRoute(accept, formats, own)) throw noSuchRoute(formats, { ...(own === undefined ? {} : { own }), streams: info.verb === 'list' || info.verb === 'watch' });
}

/** Of what upstream serves by a table of routes, which has GET alone; the other paths do not look at the method. */
function onlyRead({ method }: ServerRequest, answer: ServerResponse): ServerResponse {
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
  return answer;
}

export interface Router {
  answer: Next;
  /** All paths that are no resources. */
  paths(): string[];
}

export function createRouter(options: RouterOptions): Router {
  const known = new Map(options.resources.map((resource) => [`${resource.group}/${resource.version}/${resource.plural}`, resource]));
  const { discovery, health, openApi, metrics, version, documents } = options;

  const builtIn = new Set(options.resources.map(({ group }) => group));

  const paths = (): string[] => {
    const all = [...discovery.paths(), ...health.paths(), ...openApi.paths(), ...[...documents.keys()].filter((path) => !path.startsWith('/debug/')), '/metrics', '/metrics/slis', '/version'];
    return [...new Set(all)].toSorted();
  };

  /** Whether the path lies below one that upstream has a table of routes for: only there is a Status the answer to what is in no table. */
  function hasTable(path: string): boolean {
    const [, root = '', group = ''] = path.split('/');
    if (root === 'apis') return group !== '' && builtIn.has(group);
    return root === 'api' || root === 'version' || [...documents.keys()].some((document) => isTable(document) && path.startsWith(`${document}/`));
  }

  /** Throws 406 as upstream does: of `/apis` and its groups, and of custom resources, in another way than of what is in tables. */
  function checkDiscovery({ path, headers: { accept }, formats = STANDARD_FORMATS }: ServerRequest): void {
    const [root, group, version] = path.split('/').filter((segment) => segment !== '');
    if ((root === 'api' || (version !== undefined && builtIn.has(group!))) && !takesRoute(accept, formats)) throw noSuchRoute(formats);
    if (accept !== undefined && choose(accept, formats, (clause) => !transforms(clause) && (clause.parameters['stream'] ?? '') === '') === undefined) throw notAcceptable(formats);
  }

  async function plain(request: ServerRequest): Promise<ServerResponse> {
    const { path } = request;
    if (path === '/' || path.startsWith('/api')) await options.beforeDiscovery?.();
    if (path === '/' || path === '/index.html') return plainJson(200, { paths: paths() });
    if (path === '/version' || path === '/version/') return onlyRead(request, plainJson(200, version));
    if (path === '/metrics' || path === '/metrics/slis') return scrape(request, path === '/metrics' ? metrics.registry : metrics.indicators);
    const document = documents.get(path);
    if (document) return isTable(path) ? onlyRead(request, document(request)) : document(request);
    const found = discovery.handle(request);
    if (found) {
      // Behind a group or a version there is no empty step either.
      if (path.endsWith('/') && path.length > '/apis/'.length && hasTable(path)) throw unknownPath();
      // The aggregated form was asked for in a way that suits.
      if (found.object !== undefined) checkDiscovery(request);
      // The documents of custom resources' groups do not look at the method.
      return /^\/apis\/./.test(path) && !builtIn.has(path.split('/')[2]!) ? found : onlyRead(request, found);
    }
    const answer = (await health.handle(request)) ?? (await openApi.handle(request)) ?? (await options.profiling?.(request));
    if (answer) return answer;
    if (hasTable(path)) throw unknownPath();
    // What lies beside the API is told of in plain words, as any web server does.
    return pageNotFound();
  }

  async function scrape({ method }: ServerRequest, registry: MetricsRegistry): Promise<ServerResponse> {
    if (method === 'DELETE' && options.profiling) {
      registry.reset();
      return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'metrics reset\n' };
    }
    if (registry === metrics.registry) await options.beforeScrape?.();
    return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores' }, body: registry.text() };
  }

  async function resource(request: ServerRequest, info: RequestInfo): Promise<ServerResponse> {
    if (info.path.startsWith('//')) return pageNotFound();
    const table = known.get(resourceKey(info));
    const found = table ?? (await options.custom?.(info, request));
    if (!found || isElsewhere(found, info)) {
      if (!hasTable(info.path)) return pageNotFound();
      throw unknownPath();
    }
    if (table !== undefined) checkSlashes(request.method, info);
    if (mayBeDeprecated(info)) noteDeprecation(request, info, metrics);
    // These act on one object; without its name there is no such route.
    if (info.name === '' && (info.verb === 'update' || info.verb === 'patch')) throw table !== undefined ? methodNotAllowed() : badRequest('name must be provided');
    // The old paths of watches know no other verb; those of custom resources do not look at it.
    if (table !== undefined && info.verb === 'watch' && request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
    if (table !== undefined) checkRoute(request, info);
    const virtual = options.virtual.get(virtualKey(info));
    if (virtual) {
      const verbs = info.subresource === '' ? found.verbs : (found.subresources.find((sub) => sub.name === info.subresource)?.verbs ?? []);
      if (!(verbs as readonly string[]).includes(info.verb)) throw methodNotAllowed();
      // Answers of this kind have no columns and no metadata to show alone. (ComponentStatus, which is read, makes its own tables.)
      if (info.verb === 'create' && !takesPlainAnswers(request.headers['accept'])) throw notAcceptable(STANDARD_FORMATS);
      return virtual(request);
    }
    return (await options.connect(request)) ?? options.stored(request);
  }

  return { paths, answer: (request) => {
    const info = infoOf(request);
    return info.isResourceRequest ? resource(request, info) : plain(request);
  } };
}
