/** A transport that sends no more than so many requests a second (`--kube-api-qps`): the others wait their turn. */
import type { Host } from '../host/types.ts';
import type { Transport } from './types.ts';

export interface RequestLimit {
  perSecond: number;
  /** Requests that may go at once after a pause. */
  burst: number;
}

/** Puts a token bucket before a transport. A request whose signal aborts while it waits gives its place back. */
export function limitedTransport({ clock }: Pick<Host, 'clock'>, transport: Transport, { perSecond, burst }: RequestLimit): Transport {
  let tokens = burst;
  let atMs = clock.monotonic();

  function takeTurn(): number {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - atMs) / 1000) * perSecond) - 1;
    atMs = now;
    return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000;
  }

  function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      const stop = (): void => {
        timer.cancel();
        tokens++;
        reject(signal!.reason as Error);
      };
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  return {
    async send(request) {
      request.signal?.throwIfAborted();
      const waitMs = takeTurn();
      if (waitMs > 0) await wait(waitMs, request.signal);
      return transport.send(request);
    },
  };
}
