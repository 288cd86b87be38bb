/** The requests that a server works on now. */
import { isLongRunning } from './chain/request-info.ts';
import type { RunningRequests } from './transport.ts';
import type { ServerRequest } from './types.ts';

export class Running implements RunningRequests {
  readonly #requests = new Set<ServerRequest>();
  #emptied: (() => void) | undefined;

  add(request: ServerRequest): void {
    this.#requests.add(request);
  }

  delete(request: ServerRequest): void {
    this.#requests.delete(request);
    if (this.#requests.size === 0) this.#emptied?.();
  }

  get size(): number {
    return this.#requests.size;
  }

  /** Ends watches and streams; their answers come to an orderly end. */
  cancelLongRunning(reason: Error): void {
    for (const request of this.#requests) if (request.wantsUpgrade || (request.info && isLongRunning(request.info))) request.cancel?.(reason);
  }

  cancelAll(reason: Error): void {
    for (const request of this.#requests) request.cancel?.(reason);
  }

  /** Resolves when no request is left. */
  empty(): Promise<void> {
    if (this.#requests.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied = resolve;
    });
  }
}
