/** Works out what a request is about, from its method and path. */
import { pathSegmentName } from '../../api/meta/names.ts';
import type { RequestInfo, ServerRequest, Stage } from '../types.ts';

const methodVerbs: ReadonlyMap<string, string> = new Map([['POST', 'create'], ['GET', 'get'], ['HEAD', 'get'], ['PUT', 'update'], ['PATCH', 'patch'], ['DELETE', 'delete']]);
/** Below `/namespaces/x` these words are subresources of the namespace, every other word is a resource inside it. */
const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);
/** Verbs that used to stand in the path, before the resource. */
const pathVerbs: ReadonlySet<string> = new Set(['proxy', 'watch']);

const notResource = (path: string, method: string): RequestInfo => ({
  isResourceRequest: false, path, verb: method.toLowerCase(), apiGroup: '', apiVersion: '', namespace: '', resource: '', subresource: '', name: '', parts: [],
});

/** True for `?watch`, `?watch=1`, `?watch=true`: any value but `false` and `0`. */
export function booleanQuery(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** The name that a field selector pins (`metadata.name=x`), when it is one that can stand in a path. */
function pinnedName(fieldSelector: string): string {
  // Backslashes keep what follows them from ending a term.
  for (const term of fieldSelector.match(/(?:\\[\s\S]|[^\\,])+/g) ?? []) {
    const match = /^metadata\.name={1,2}([^=!][\s\S]*)$/.exec(term);
    if (match === null) continue;
    const name = match[1]!.replace(/\\([\\,=])/g, '$1');
    return pathSegmentName(name).length > 0 ? '' : name;
  }
  return '';
}

const SLASH = 0x2f;

function segmentsOf(path: string): string[] {
  let from = 0;
  let to = path.length;
  while (from < to && path.charCodeAt(from) === SLASH) from++;
  while (to > from && path.charCodeAt(to - 1) === SLASH) to--;
  return path.slice(from, to).split('/');
}

/**
 * The facts of a request. `path` is decoded. Paths outside `/api/<version>/…` and `/apis/<group>/<version>/…` with something behind them
 * are no resource requests.
 */
export function requestInfoOf(method: string, path: string, query: URLSearchParams): RequestInfo {
  // A slash too many inside is an empty segment, which nothing is served under.
  const segments = segmentsOf(path);
  const grouped = segments[0] === 'apis';
  if (segments.length < (grouped ? 4 : 3) || (!grouped && segments[0] !== 'api')) return notResource(path, method);
  const apiGroup = grouped ? segments[1]! : '';
  const apiVersion = grouped ? segments[2]! : segments[1]!;
  let rest = segments.slice(grouped ? 3 : 2);
  let verb = methodVerbs.get(method) ?? '';
  const pathVerb = pathVerbs.has(rest[0]!) ? rest[0]! : '';
  if (pathVerb !== '') {
    if (rest.length < 2) return notResource(path, method);
    verb = pathVerb;
    rest = rest.slice(1);
  }
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1]!;
    if (rest.length > 2 && !namespaceSubresources.has(rest[2]!)) rest = rest.slice(2);
  }
  const info: RequestInfo = {
    isResourceRequest: true, path, verb, apiGroup, apiVersion, namespace,
    resource: rest[0] ?? '', name: rest[1] ?? '', subresource: pathVerb === 'proxy' ? '' : (rest[2] ?? ''), parts: rest.slice(pathVerb === 'proxy' ? 2 : 3),
  };
  if (info.name === '') collectionVerb(info, query, pathVerb !== '');
  return info;
}

/** Without a name in the path a read is a list or a watch, and a delete is of the whole collection. */
function collectionVerb(info: RequestInfo, query: URLSearchParams, verbInPath: boolean): void {
  if (info.verb === 'get') info.verb = booleanQuery(query, 'watch') ? 'watch' : 'list';
  else if (info.verb === 'delete') info.verb = 'deletecollection';
  if (info.verb !== 'list' && info.verb !== 'watch' && info.verb !== 'deletecollection') return;
  // What is asked for in the old way is allowed or not as a whole.
  if (verbInPath) return;
  const fieldSelector = query.get('fieldSelector') ?? '';
  const labelSelector = query.get('labelSelector') ?? '';
  if (fieldSelector !== '') {
    info.fieldSelector = fieldSelector;
    if (info.verb !== 'deletecollection') info.name = pinnedName(fieldSelector);
  }
  if (labelSelector !== '') info.labelSelector = labelSelector;
}

const longRunningSubresources: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/** Requests that may go on for as long as both sides like: watches and streams to nodes and pods. */
export function isLongRunning(info: RequestInfo): boolean {
  return info.isResourceRequest && (info.verb === 'watch' || info.verb === 'proxy' || longRunningSubresources.has(info.subresource));
}

export function requestInfo(): Stage {
  return {
    name: 'request-info',
    handle: (request: ServerRequest, next) => {
      request.info = requestInfoOf(request.method, request.path, request.query);
      return next(request);
    },
  };
}

/** The facts that the stage above has set; a request that got past it always has them. */
export function infoOf(request: ServerRequest): RequestInfo {
  if (!request.info) throw new Error('the request-info stage has not run');
  return request.info;
}
