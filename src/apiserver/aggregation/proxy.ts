/** Passes requests on to another API server, under its client's name, and the answers back. */
import { addressOf, networkErrorText } from '../../base/network-errors.ts';
import type { Host, HttpResponse } from '../../host/types.ts';
import { release } from '../body.ts';
import { userOf } from '../chain/authorization.ts';
import { text } from '../chain/responses.ts';
import { answerBodyOf, bodyOf } from '../proxy/bodies.ts';
import { queryOf } from '../proxy/reverse-proxy.ts';
import { isPrivate, tunnel, upgradeHeaders, withoutHops } from '../proxy/tunnel.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { identityHeaders, isIdentityHeader } from './identity.ts';
import type { Registration } from './registration.ts';
import type { Remotes } from './remote.ts';

const unavailable = (): ServerResponse => text(503, 'service unavailable\n');

/** The client's own headers, without those of one hop, its credentials, and whatever would say who it is. */
export function passedHeaders(request: ServerRequest): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = withoutHops(request.headers);
  for (const name of Object.keys(passed)) if (isPrivate(name) || isIdentityHeader(name)) delete passed[name];
  if (request.remoteAddress !== '') passed['x-forwarded-for'] = passed['x-forwarded-for'] ? `${String(passed['x-forwarded-for'])}, ${request.remoteAddress}` : request.remoteAddress;
  if (request.auditId !== undefined) passed['audit-id'] = request.auditId;
  return { ...passed, ...identityHeaders(userOf(request)) };
}

/** A client that followed another server's redirect would take its credentials with it, to wherever that server likes. */
function isRedirect(status: number, headers: Record<string, string>): boolean {
  return status >= 300 && status < 400 && headers['location'] !== undefined;
}

const noRedirect = (): ServerResponse => text(502, 'the backend attempted to redirect this request, which is not permitted');

/** Sends the request to the server that the registration names; 503 while that one is not available. */
export async function passOn(host: Host, remotes: Remotes, registration: Registration, request: ServerRequest): Promise<ServerResponse> {
  if (!registration.available) return unavailable();
  let target: ReturnType<Remotes['locate']>;
  try {
    target = remotes.locate(registration);
  } catch {
    return unavailable();
  }
  const url = `${target.origin}${request.rawPath}${queryOf(request)}`;
  if (request.wantsUpgrade) {
    let answer: ServerResponse;
    try {
      answer = await tunnel(host, request, { method: request.method, url, headers: { ...passedHeaders(request), ...upgradeHeaders(request.headers) }, tls: target.tls });
    } catch (error) {
      return text(503, `${error instanceof Error ? error.message : String(error)}\n`);
    }
    return isRedirect(answer.status, answer.headers) ? noRedirect() : answer;
  }
  const passed = passedHeaders(request);
  // Nor may what says who the client is come behind the body.
  const body = bodyOf(request, passed, (name) => !isPrivate(name) && !isIdentityHeader(name));
  let response: HttpResponse;
  try {
    response = await host.net.request({ method: request.method, url, headers: passed, signal: request.signal, tls: target.tls, ...body });
  } catch (error) {
    return text(503, `error trying to reach service: ${networkErrorText(error, addressOf(url))}\n`);
  }
  if (isRedirect(response.status, response.headers)) {
    await release(response.body);
    return noRedirect();
  }
  const headers = withoutHops(response.headers);
  if (response.headers['content-length'] !== undefined) headers['content-length'] = response.headers['content-length'];
  return { status: response.status, headers, ...answerBodyOf(response, headers), ...(response.cookies ? { cookies: response.cookies } : {}) };
}
