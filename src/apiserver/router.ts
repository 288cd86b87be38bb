/** The last station of the chain: who answers what. */
import { failure, methodNotSupported } from '../api/meta/status.ts';
import type { Resource } from '../api/meta/resource.ts';
import { infoOf } from './chain/request-info.ts';
import { json, text, unknownPath } from './chain/responses.ts';
import { notAcceptable, STANDARD_FORMATS, takesPlainAnswers } from './accept.ts';
import { noteDeprecation } from './deprecation.ts';
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
    if (path === '/') return json(200, { paths: paths() });
    if (path === '/version' || path === '/version/') return json(200, version);
    if (path === '/metrics') await options.beforeScrape?.();
    if (path === '/metrics') return text(200, metrics.registry.text(), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    const document = documents.get(path);
    if (document) return document(request);
    const answer = discovery.handle(request) ?? (await health.handle(request)) ?? (await openApi.handle(request)) ?? (await options.profiling?.(request));
    if (!answer) throw unknownPath();
    return answer;
  }

  async function resource(request: ServerRequest, info: RequestInfo): Promise<ServerResponse> {
    const found = known.get(resourceKey(info)) ?? (await options.custom?.(info, request));
    if (!found || isElsewhere(found, info)) throw unknownPath();
    if (info.apiGroup === '') noteDeprecation(request, info, metrics);
    // These act on one object; without its name there is no such route.
    if (info.name === '' && (info.verb === 'update' || info.verb === 'patch')) throw failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
    const virtual = options.virtual.get(virtualKey(info));
    if (virtual) {
      const verbs = info.subresource === '' ? found.verbs : (found.subresources.find((sub) => sub.name === info.subresource)?.verbs ?? []);
      if (!(verbs as readonly string[]).includes(info.verb)) throw methodNotSupported({ group: info.apiGroup, plural: info.resource }, info.verb);
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
