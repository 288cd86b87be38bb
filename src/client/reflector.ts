/**
 * List, then watch, for ever: the loop that keeps a local copy equal to the server's.
 * The promise: what is handed on is, key by key, the server's own order of changes, none left out between two states that both
 * were current, none twice. A watch that ends cleanly, or breaks, goes on from the last revision seen; only an expired revision
 * costs a new list, whose differences are handed on as changes.
 */
import { groupResourceOf } from '../api/meta/resource.ts';
import { isExpired, StatusError } from '../api/meta/status.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Host } from '../host/types.ts';
import { Backoff } from './backoff.ts';
import { batchesOf, listOf } from './client.ts';
import type { List, ListOptions, ResourceClient, WatchEvent } from './types.ts';

/** Waits after a failed list or watch. */
export const reflectorBackoff = { baseMs: 800, maxMs: 30_000, jitter: 1, resetAfterMs: 120_000 };
/** The server is asked to end a watch after this long, up to twice of it (chosen by chance, so that not all end together). */
export const minWatchTimeoutSeconds = 300;
/** A watch that is still open this long after the server should have ended it hangs on a dead connection. */
export const watchGraceMs = 30_000;
/** A watch that ends this soon without an event counts as a failure. */
export const shortWatchMs = 1_000;
/** Objects a page when a list must come from the store (no revision to list from). */
export const listPageSize = 500;

export interface ReflectorSink<T> {
  /** The complete state at one moment. */
  replace(items: T[]): void;
  apply(event: WatchEvent<T>): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  host: Host;
  resource: ResourceClient<T>;
  /** labelSelector and fieldSelector. */
  select: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>;
  sink: ReflectorSink<T>;
}

function isTooLargeVersion(error: unknown): boolean {
  return error instanceof StatusError && (error.status.details?.causes ?? []).some((cause) => cause.reason === 'ResourceVersionTooLarge');
}

export class Reflector<T extends KubeObject> {
  readonly #host: Host;
  readonly #resource: ResourceClient<T>;
  readonly #select: ReflectorOptions<T>['select'];
  readonly #sink: ReflectorSink<T>;
  readonly #backoff: Backoff;
  readonly #random: Host['random'];
  /** Where the next watch begins; '0' before the first list: any state will do. */
  #version = '0';
  /** The server no longer knows `#version` even for a list: ask for the newest state. */
  #versionLost = false;

  constructor(options: ReflectorOptions<T>) {
    this.#host = options.host;
    this.#resource = options.resource;
    this.#select = options.select;
    this.#sink = options.sink;
    this.#random = options.host.random.fork(`reflector/${groupResourceOf(options.resource.resource)}`);
    this.#backoff = new Backoff(options.host.clock, this.#random, reflectorBackoff);
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let listed = false;
    while (!signal.aborted) {
      try {
        if (!listed) {
          await this.#list(signal);
          listed = true;
        }
        if (!signal.aborted) await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (listed && isExpired(error)) {
          this.#host.log.debug('watch expired, listing again', { resource: this.#name(), resourceVersion: this.#version });
          listed = false;
          continue;
        }
        if (!listed && (isExpired(error) || isTooLargeVersion(error))) this.#versionLost = true;
        await this.#wait(error, signal);
      }
    }
  }

  async #wait(error: unknown, signal: AbortSignal): Promise<void> {
    const asked = error instanceof StatusError ? (error.status.details?.retryAfterSeconds ?? 0) * 1000 : 0;
    const delayMs = Math.max(this.#backoff.nextMs(), asked);
    this.#host.log.warn('watch failed, trying again', { resource: this.#name(), error: String((error as Error)?.message ?? error), delayMs: Math.round(delayMs) });
    await this.#host.clock.sleep(delayMs, signal);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const list = this.#versionLost ? await this.#listPages(signal) : await listOf(this.#resource, { ...this.#select, resourceVersion: this.#version, signal });
    if (signal.aborted) return;
    this.#version = list.metadata.resourceVersion ?? '';
    this.#versionLost = false;
    this.#sink.replace(list.items);
  }

  async #listPages(signal: AbortSignal): Promise<List<T>> {
    const first = await listOf(this.#resource, { ...this.#select, limit: listPageSize, signal });
    const items = first.items;
    let next = first.metadata.continue;
    while (next) {
      try {
        const page = await listOf(this.#resource, { ...this.#select, limit: listPageSize, continue: next, signal });
        items.push(...page.items);
        next = page.metadata.continue;
      } catch (error) {
        if (!isExpired(error)) throw error;
        // The pages outlived their snapshot: one list without pages cannot.
        return listOf(this.#resource, { ...this.#select, signal });
      }
    }
    return { ...first, items };
  }

  /** One watch, to its end. Returns on a clean end, throws on any other. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#host;
    const timeoutSeconds = Math.floor(minWatchTimeoutSeconds * (1 + this.#random.next()));
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    signal.addEventListener('abort', stop, { once: true });
    let hung = false;
    const guard = clock.setTimer(() => {
      hung = true;
      stop();
    }, timeoutSeconds * 1000 + watchGraceMs);
    const startedAt = clock.monotonic();
    let events = 0;
    try {
      const batches = batchesOf(this.#resource, { ...this.#select, resourceVersion: this.#version, allowWatchBookmarks: true, timeoutSeconds, signal: abort.signal });
      for await (const batch of batches) {
        if (signal.aborted) return;
        for (const event of batch) this.#take(event);
        events += batch.length;
      }
    } catch (error) {
      if (!hung) throw error;
    } finally {
      guard.cancel();
      signal.removeEventListener('abort', stop);
    }
    if (!signal.aborted && events === 0 && clock.monotonic() - startedAt < shortWatchMs) throw new Error('the server ended the watch at once');
  }

  #take(event: WatchEvent<T>): void {
    const version = event.object.metadata.resourceVersion;
    if (event.type !== 'BOOKMARK') this.#sink.apply(event);
    if (version) this.#version = version;
  }

  #name(): string {
    return groupResourceOf(this.#resource.resource);
  }
}
