/** HTTP to pods, services and nodes through the API server. */
import { serviceUnavailable, tooLarge } from '../../api/meta/status.ts';
import { addressOf, networkErrorText } from '../../base/network-errors.ts';
import type { Host, HttpResponse, TlsClientOptions } from '../../host/types.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { isPage, pageOf } from './pages.ts';
import { isPrivate, tunnel, upgradeHeaders, withoutHops } from './tunnel.ts';

/** Where a proxied request goes. */
export interface ProxyTarget {
  /** As `http://10.0.0.5:8080`. */
  origin: string;
  tls?: TlsClientOptions;
}

/** Bodies on their way to a pod that are held in memory at most. */
export const maxProxyBodyBytes = 64 * 1024 * 1024;
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The raw path in two: up to and with `/proxy`, and what follows it. */
export function splitProxyPath(rawPath: string): { base: string; rest: string } {
  const segments = rawPath.split('/');
  // /api/v1/namespaces/<ns>/<resource>/<name>/proxy or /api/v1/nodes/<name>/proxy
  const at = segments[3] === 'namespaces' ? 7 : 5;
  return { base: segments.slice(0, at + 1).join('/'), rest: segments.length > at + 1 ? `/${segments.slice(at + 1).join('/')}` : '' };
}

/**
 * Where a `Location` or a link of the other side leads when it is followed through this server: paths stay below the proxy's, other hosts stay
 * what they are. The other side cannot lead a client to another path of this server. `seenAs` is the host that the client asked.
 */
export function rewrittenLocation(location: string, origin: string, base: string, seenAs = ''): string {
  let target: URL;
  try {
    target = new URL(location, `${origin}/`);
  } catch {
    return location;
  }
  if (target.origin !== new URL(origin).origin && target.host !== seenAs) return location;
  // A path relative to the page is resolved by the client against the proxied address: it is right as it is.
  if (!/^[a-z][a-z0-9+.-]*:/i.test(location) && !location.startsWith('/')) return location;
  // Who minds `X-Forwarded-Uri` says the whole path already.
  const known = target.pathname === base || target.pathname.startsWith(`${base}/`);
  return `${known ? '' : base}${target.pathname}${target.search}${target.hash}`;
}

function forwardedHeaders(request: ServerRequest): Record<string, string> {
  const headers = withoutHops(request.headers);
  for (const name of Object.keys(headers)) if (isPrivate(name)) delete headers[name];
  const sender = request.remoteAddress;
  if (sender !== '') headers['x-forwarded-for'] = headers['x-forwarded-for'] ? `${headers['x-forwarded-for']}, ${sender}` : sender;
  headers['x-forwarded-uri'] = request.rawPath;
  if (request.headers['host']) headers['x-forwarded-host'] = request.headers['host'];
  headers['x-forwarded-proto'] = 'https';
  return headers;
}

/** The body of a request that is passed on; undefined for methods that have none. */
export async function bodyOf(request: ServerRequest): Promise<Uint8Array | undefined> {
  if (bodiless.has(request.method) || !request.bodyStream) return undefined;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request.bodyStream()) {
    length += piece.length;
    if (length > maxProxyBodyBytes) throw tooLarge(`Request entity too large: limit is ${maxProxyBodyBytes}`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Sends the request on, and the answer back; never follows a redirect. */
export async function proxy(host: Host, request: ServerRequest, target: ProxyTarget): Promise<ServerResponse> {
  const { base, rest } = splitProxyPath(request.rawPath);
  const query = request.query.size > 0 ? `?${request.query.toString()}` : '';
  if (rest === '' && (request.method === 'GET' || request.method === 'HEAD') && !request.wantsUpgrade) {
    // Relative links of a page need its address to end with a slash.
    return { status: 301, headers: { location: `${base}/${query}` } };
  }
  const url = `${target.origin}${rest === '' ? '/' : rest}${query}`;
  if (request.wantsUpgrade) {
    return tunnel(host, request, { method: request.method, url, headers: { ...forwardedHeaders(request), ...upgradeHeaders(request.headers) }, ...(target.tls ? { tls: target.tls } : {}) });
  }
  const body = await bodyOf(request);
  let response: HttpResponse;
  try {
    response = await host.net.request({ method: request.method, url, headers: forwardedHeaders(request), signal: request.signal, ...(body ? { body } : {}), ...(target.tls ? { tls: target.tls } : {}) });
  } catch (error) {
    throw serviceUnavailable(`error trying to reach service: ${networkErrorText(error, addressOf(url))}`);
  }
  const headers = withoutHops(response.headers);
  if (response.headers['content-length'] !== undefined) headers['content-length'] = response.headers['content-length'];
  const rewrite = (link: string): string => rewrittenLocation(link, target.origin, base, request.headers['host']);
  if (headers['location'] !== undefined) headers['location'] = rewrite(headers['location']);
  else if (request.method !== 'HEAD' && isPage(headers)) return { status: response.status, ...await pageOf(headers, response.body, rewrite) };
  return { status: response.status, headers, body: response.body };
}
