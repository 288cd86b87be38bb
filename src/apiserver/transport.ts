/** Requests from within the process, straight into the chain: no sockets, no credentials, the user is given. */
import { tooLarge, StatusError } from '../api/meta/status.ts';
import type { ApiRequest, ApiResponse, Transport } from '../client/types.ts';
import type { Clock } from '../host/types.ts';
import type { Next, ServerRequest, ServerResponse, UserInfo } from './types.ts';
import { oneOf, withEnd } from './body.ts';
import { statusResponse } from './chain/responses.ts';
import { decodePath } from './paths.ts';
import { isWhole, Pieces } from './pieces.ts';

/** The largest body that is read into memory (3 MiB). */
export const maxBodyBytes = 3 * 1024 * 1024;

export function bodyTooLarge(): StatusError {
  return tooLarge(`Request entity too large: limit is ${maxBodyBytes}`);
}

/** Why a request's signal aborts when its answer has been given, or its client has gone. */
export const requestOver = new Error('the request is over');

/** What the server keeps of requests that are running. */
export interface RunningRequests {
  add(request: ServerRequest): void;
  delete(request: ServerRequest): void;
}

const encoder = new TextEncoder();
const noBody = oneOf(new Uint8Array());
/** Bodies in parts that are joined for their reader at most: some milliseconds of copying. */
const joinedBytes = 8 * 1024 * 1024;

function queryOf(query: ApiRequest['query']): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) params.append(name, String(value));
  return params;
}

/** A transport that acts as `user`. Groups should hold `system:authenticated`. */
export function inProcessTransport(clock: Clock, handle: Next, user: UserInfo, running: RunningRequests): Transport {
  return {
    async send(api: ApiRequest): Promise<ApiResponse> {
      const abort = new AbortController();
      const forward = (): void => abort.abort(api.signal?.reason);
      if (api.signal?.aborted) forward();
      else api.signal?.addEventListener('abort', forward, { once: true });
      let bytes: Uint8Array | undefined;
      const body = (): Uint8Array => (bytes ??= typeof api.body === 'string' ? encoder.encode(api.body) : (api.body ?? new Uint8Array()));
      const request: ServerRequest = {
        method: api.method,
        path: '/',
        rawPath: api.path,
        query: queryOf(api.query),
        headers: api.headers ?? {},
        body: async () => {
          if (body().length > maxBodyBytes) throw bodyTooLarge();
          return body();
        },
        // No character takes more than three bytes.
        ...(api.isOwnJson === true && typeof api.body === 'string' && api.body.length * 3 <= maxBodyBytes ? { ownText: api.body } : {}),
        bodyStream: () => (body().length > 0 ? oneOf(body()) : undefined),
        signal: abort.signal,
        remoteAddress: '',
        wantsUpgrade: false,
        user,
        warnings: [],
        receivedAt: clock.now(),
        takesShared: api.takesShared === true,
        cancel: (reason) => abort.abort(reason),
      };
      running.add(request);
      const ended = (): void => {
        api.signal?.removeEventListener('abort', forward);
        running.delete(request);
        // A reason of one's own: making the default one, with its stack, costs more than the request.
        abort.abort(requestOver);
      };
      let response: ServerResponse;
      try {
        request.path = decodePath(api.path);
        response = await handle(request);
      } catch (error) {
        ended();
        if (!(error instanceof StatusError)) throw error;
        response = statusResponse(error.status);
      }
      const { status, headers, body: answer, events, shared } = response;
      if (shared !== undefined) {
        ended();
        return { status, headers, body: noBody, shared };
      }
      if (events !== undefined) return { status, headers, body: noBody, events: withEnd(events, ended) };
      if (isWhole(answer)) {
        ended();
        // What is very long is handed on as it is put together: joining it would hold up everybody else.
        if (answer instanceof Pieces && api.method !== 'HEAD' && answer.length > joinedBytes) return { status, headers, body: answer };
        const whole = answer === undefined || api.method === 'HEAD' ? new Uint8Array() : typeof answer === 'string' ? encoder.encode(answer) : answer instanceof Pieces ? answer.bytes() : answer;
        return { status, headers, body: oneOf(whole) };
      }
      return { status, headers, body: withEnd(answer, ended) };
    },
  };
}
