/** The last station of the chain: who answers what. */
import type { Resource } from '../api/meta/resource.ts';
import { infoOf } from './chain/request-info.ts';
import { json, methodNotAllowed, text, unknownPath } from './chain/responses.ts';
import { notAcceptable, STANDARD_FORMATS, takesPlainAnswers } from './accept.ts';
import { mayBeDeprecated, noteDeprecation } from './deprecation.ts';
import type { Discovery } from './discovery/discovery.ts';
import type { Health } from './endpoints/health.ts';
import type { OpenApiEndpoints } from './endpoints/openapi.ts';
import type { ServerMetrics } from './endpoints/server-metrics.ts';
import type { VersionInfo } from './endpoints/version.ts';
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
  version: VersionInfo;
  /** What lies below `/debug/pprof`. */
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

  const paths = (): string[] => {
    const all = [...discovery.paths(), ...health.paths(), ...openApi.paths(), ...documents.keys(), '/metrics', '/version', ...(options.profiling ? ['/debug/pprof', '/debug/pprof/heap', '/debug/pprof/profile'] : [])];
    return [...new Set(all)].toSorted();
  };

  async function plain(request: ServerRequest): Promise<ServerResponse> {
    const { path } = request;
    if (path === '/' || path.startsWith('/api')) await options.beforeDiscovery?.();
    if (path === '/' || path === '/index.html') return json(200, { paths: paths() });
    if (path === '/version' || path === '/version/') return onlyRead(request, json(200, version));
    if (path === '/metrics') await options.beforeScrape?.();
    if (path === '/metrics') return text(200, metrics.registry.text(), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    const document = documents.get(path);
    if (document) return path.startsWith('/openid/') || path.startsWith('/.well-known/') ? onlyRead(request, document(request)) : document(request);
    const found = discovery.handle(request);
    if (found) return onlyRead(request, found);
    const answer = (await health.handle(request)) ?? (await openApi.handle(request)) ?? (await options.profiling?.(request));
    if (answer) return answer;
    // What lies beside the API is told of in plain words, as any web server does.
    if (!/^\/(?:apis?|version|openapi)(?:\/|$)/.test(path)) return text(404, '404 page not found\n');
    throw unknownPath();
  }

  async function resource(request: ServerRequest, info: RequestInfo): Promise<ServerResponse> {
    const found = known.get(resourceKey(info)) ?? (await options.custom?.(info, request));
    if (!found || isElsewhere(found, info)) throw unknownPath();
    if (mayBeDeprecated(info)) noteDeprecation(request, info, metrics);
    // These act on one object; without its name there is no such route.
    if (info.name === '' && (info.verb === 'update' || info.verb === 'patch')) throw methodNotAllowed();
    // The old paths of watches know no other verb.
    if (info.verb === 'watch' && request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
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
