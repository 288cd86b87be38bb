/** Waits where the server asks for it: answers 429 and 5xx that carry Retry-After are asked again, a bounded number of times. */
import type { Clock } from '../host/types.ts';
import type { ApiRequest, ApiResponse, Transport } from './types.ts';

/** Attempts after the first that one request may cost. */
export const maxRetries = 10;
/** The longest single wait that is honoured. */
export const maxRetryAfterSeconds = 60;

function retryAfterSeconds(response: ApiResponse): number | undefined {
  if (response.status !== 429 && response.status < 500) return undefined;
  const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
  return Number.isInteger(seconds) && seconds >= 0 ? Math.min(seconds, maxRetryAfterSeconds) : undefined;
}

/** Reads what is left, so that the connection can carry the next request. */
async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _ of body);
  } catch {
    // The answer was not wanted anyway.
  }
}

/** A transport that repeats a request for as long as the server says when to come back. A server that says so has not acted on it. */
export function withRetries(transport: Transport, clock: Clock): Transport {
  return {
    async send(request: ApiRequest): Promise<ApiResponse> {
      for (let retries = 0; ; retries++) {
        const response = await transport.send(request);
        const seconds = retryAfterSeconds(response);
        if (seconds === undefined || retries >= maxRetries) return response;
        await drain(response.body);
        await clock.sleep(Math.max(seconds, 1) * 1000, request.signal);
        request.signal?.throwIfAborted();
      }
    },
  };
}
