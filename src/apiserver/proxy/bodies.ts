/** Bodies that pass through, and the headers that follow them: neither is held, and the slower side sets the pace. */
import type { HttpRequest, HttpResponse } from '../../host/types.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { hopByHop } from './tunnel.ts';

type Headers = Readonly<Record<string, string>>;

/** Names of the headers that are announced to follow a body. What must not pass before it does not pass behind it. */
function announced(headers: Headers, mayPass: (name: string) => boolean): string[] {
  if (headers['trailer'] === undefined || headers['content-length'] !== undefined) return [];
  return headers['trailer'].split(',').map((name) => name.trim().toLowerCase()).filter((name) => name !== '' && !hopByHop.has(name) && mayPass(name));
}

const picked = (from: Headers, names: readonly string[]): Record<string, string> => Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));

/** The client's body as it is sent on. Adds to `headers` what is to follow it. */
export function bodyOf(request: ServerRequest, headers: Record<string, string | string[]>, mayPass: (name: string) => boolean): Pick<HttpRequest, 'body' | 'bodyLength' | 'trailers'> {
  const body = request.bodyStream?.();
  if (body === undefined) return {};
  const length = request.headers['content-length'];
  const names = announced(request.headers, mayPass);
  if (names.length > 0) headers['trailer'] = names.join(', ');
  return {
    body,
    ...(length === undefined ? {} : { bodyLength: Number(length) }),
    ...(names.length === 0 ? {} : { trailers: () => picked(request.trailers?.() ?? {}, names) }),
  };
}

/** The other side's body as its client gets it. Adds to `headers` what is to follow it. */
export function answerBodyOf(response: HttpResponse, headers: Record<string, string>): Pick<ServerResponse, 'body' | 'passedOn' | 'trailers'> {
  const names = announced(response.headers, () => true);
  if (names.length > 0) headers['trailer'] = names.join(', ');
  return { body: response.body, passedOn: true, ...(names.length === 0 ? {} : { trailers: () => picked(response.trailers?.() ?? {}, names) }) };
}
