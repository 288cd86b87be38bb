/** Requests made from others. */
import type { ServerRequest } from './types.ts';

/** The request with some facts changed. What it works out when asked, it goes on to share with the original: a plain `{ ...request }` would lose that. */
export function derived(request: ServerRequest, changes: Partial<ServerRequest>): ServerRequest {
  const { bodyStream, trailers } = request;
  return {
    ...request,
    get query() { return request.query; },
    get signal() { return request.signal; },
    body: () => request.body(),
    ...(bodyStream ? { bodyStream: () => bodyStream.call(request) } : {}),
    ...(trailers ? { trailers: () => trailers.call(request) } : {}),
    cancel: (reason) => request.cancel?.(reason),
    ...changes,
  };
}
