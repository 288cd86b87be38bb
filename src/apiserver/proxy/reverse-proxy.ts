/** HTTP to pods, services and nodes through the API server. */
import { parseIp } from '../../api/meta/addresses.ts';
import { internalError, serviceUnavailable } from '../../api/meta/status.ts';
import { addressOf, networkErrorText } from '../../base/network-errors.ts';
import type { Host, HttpResponse, TlsClientOptions } from '../../host/types.ts';
import { release } from '../body.ts';
import { methodNotAllowed } from '../chain/responses.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { answerBodyOf, bodyOf } from './bodies.ts';
import { isPage, pageOf } from './pages.ts';
import { isPrivate, tunnel, upgradeHeaders, withoutHops } from './tunnel.ts';

/** Where a proxied request goes. */
export interface ProxyTarget {
  /** As `http://10.0.0.5:8080`. */
  origin: string;
  tls?: TlsClientOptions;
}

const proxiedMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The raw path in two: up to and with `/proxy`, and what follows it as the other side is to see it. */
export function splitProxyPath(rawPath: string): { base: string; rest: string } {
  const segments = rawPath.split('/');
  // /api/v1/namespaces/<ns>/<resource>/<name>/proxy or /api/v1/nodes/<name>/proxy
  const at = segments[3] === 'namespaces' ? 7 : 5;
  return { base: segments.slice(0, at + 1).join('/'), rest: segments.length > at + 1 ? plainPath(segments.slice(at + 1).join('/')) : '' };
}

/** A character a byte, as paths come: what needs no escape in one. */
const escapable = /[^\w\-.~$&+,/:;=@]/g;

/**
 * A path as upstream passes it on: with slashes that clients escape (a path as one parameter is `a%2Fb`), without empty steps and without a way up,
 * what else needs an escape escaped again. A slash at the end stays.
 */
export function plainPath(raw: string): string {
  const steps: string[] = [];
  const text = raw.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  for (const step of text.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  const path = `/${steps.join('/')}${text.endsWith('/') && steps.length > 0 ? '/' : ''}`;
  return path.replaceAll(escapable, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/**
 * Where a `Location` or a link of the other side leads when it is followed through this server: paths stay below the proxy's, other hosts stay
 * what they are. The other side cannot lead a client to another path of this server. `seenAs` is the host that the client asked.
 */
export function rewrittenLocation(location: string, origin: string, base: string, seenAs = ''): string {
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(location);
  // A path relative to the page is resolved by the client against the proxied address: it is right as it is.
  if (absolute ? !/^https?:\/\//i.test(location) : !location.startsWith('/')) return location;
  // Some clients take a backslash for a slash, and what follows two of them for a host.
  const target = parsed(location.replaceAll('\\', '%5C'), `${origin}/`);
  if (!target || (target.host !== new URL(origin).host && target.host !== seenAs)) return location;
  // Who minds `X-Forwarded-Uri` says the whole path already.
  const known = target.pathname === base || target.pathname.startsWith(`${base}/`);
  return `${known ? '' : base}${target.pathname}${target.search}${target.hash}`;
}

function parsed(location: string, origin: string): URL | undefined {
  try {
    return new URL(location, origin);
  } catch {
    return undefined;
  }
}

/** The path that the client asked, without the steps that say nothing. */
function forwardedUri(base: string, rest: string): string {
  const path = [...base.split('/'), ...rest.split('/')].filter((part) => part !== '').join('/');
  return `/${path}${rest.endsWith('/') || rest === '' ? '/' : ''}`;
}

/** The client's headers as the other side is to see them. What hosts this server has been asked as, it may know. */
function forwardedHeaders(request: ServerRequest, base: string, rest: string): Record<string, string> {
  const headers = withoutHops(request.headers);
  for (const name of Object.keys(headers)) if (isPrivate(name)) delete headers[name];
  const sender = request.remoteAddress;
  if (sender !== '') headers['x-forwarded-for'] = headers['x-forwarded-for'] ? `${headers['x-forwarded-for']}, ${sender}` : sender;
  if (request.headers['host'] !== undefined) headers['host'] = request.headers['host'];
  if (!request.wantsUpgrade) headers['x-forwarded-uri'] = forwardedUri(base, rest);
  return headers;
}

/** The query as it came. */
export function queryOf(request: ServerRequest): string {
  const query = request.rawQuery ?? request.query.toString();
  return query === '' ? '' : `?${query}`;
}

/** Who may read an answer is for this server to say. */
const corsHeaders = ['access-control-allow-credentials', 'access-control-allow-headers', 'access-control-allow-methods', 'access-control-allow-origin'] as const;

/** Certificates are for the address that is dialled, whatever host the client asked. */
function tlsFor({ origin, tls }: ProxyTarget): { tls?: TlsClientOptions } {
  if (!tls) return {};
  const { hostname } = new URL(origin);
  return { tls: { serverName: parseIp(hostname.replaceAll(/[[\]]/g, '')) ? '' : hostname, ...tls } };
}

/** Sends the request on, and the answer back; never follows a redirect. */
export async function proxy(host: Host, request: ServerRequest, target: ProxyTarget): Promise<ServerResponse> {
  if (!proxiedMethods.has(request.method)) throw methodNotAllowed();
  const { base, rest } = splitProxyPath(request.rawPath);
  const query = queryOf(request);
  const url = `${target.origin}${rest === '' ? '/' : rest}${query}`;
  const headers = forwardedHeaders(request, base, rest);
  if (request.wantsUpgrade) return tunnel(host, request, { method: request.method, url, headers: { ...headers, ...upgradeHeaders(request.headers) }, ...tlsFor(target) });
  if (rest === '' && (request.method === 'GET' || request.method === 'HEAD')) {
    // Relative links of a page need its address to end with a slash.
    return { status: 301, headers: { location: `${base}/${query}` } };
  }
  const body = bodyOf(request, headers, (name) => !isPrivate(name));
  let response: HttpResponse;
  try {
    response = await host.net.request({ method: request.method, url, headers, signal: request.signal, ...body, ...tlsFor(target) });
  } catch (error) {
    throw serviceUnavailable(`error trying to reach service: ${networkErrorText(error, addressOf(url))}`);
  }
  return answerOf(request, response, (link) => rewrittenLocation(link, target.origin, base, request.headers['host']));
}

/** The other side's answer as the client is to see it. */
async function answerOf(request: ServerRequest, response: HttpResponse, rewrite: (link: string) => string): Promise<ServerResponse> {
  const { status } = response;
  const headers = withoutHops(response.headers);
  const passed = answerBodyOf(response, headers);
  for (const name of corsHeaders) delete headers[name];
  if (response.headers['content-length'] !== undefined) headers['content-length'] = response.headers['content-length'];
  const cookies = response.cookies ? { cookies: response.cookies } : {};
  const { location = '' } = headers;
  if (location !== '') {
    if (!parsed(location, 'http://localhost/')) {
      await release(response.body);
      throw internalError(`error trying to parse Location header: parse ${JSON.stringify(location)}: invalid URL`);
    }
    headers['location'] = rewrite(location);
  } else if (request.method !== 'HEAD' && isPage(headers)) {
    return { status, ...passed, ...await pageOf(headers, response.body, rewrite), ...cookies };
  }
  return { status, headers, ...passed, ...cookies };
}
