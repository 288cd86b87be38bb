/**
 * Writes of a resource wait until this server's entry in its StorageVersion is there: before that, nobody who migrates the store could tell in which version
 * an object has been written. Only where StorageVersions are served (KEP-2339).
 *
 * Contract: what is read, what is no resource, and what the entries themselves need (the system's namespaces, Leases, StorageVersions) passes at once.
 */
import { serviceUnavailable } from '../../api/meta/status.ts';
import { APISERVER, MASTERS } from '../authentication/identities.ts';
import { infoOf } from '../chain/request-info.ts';
import type { Next, RequestInfo, ServerRequest } from '../types.ts';

const reads: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** What StorageVersions are written with. */
function isNeeded({ apiGroup, resource, verb, namespace }: RequestInfo, { user }: ServerRequest): boolean {
  if (apiGroup === 'internal.apiserver.k8s.io') return resource === 'storageversions';
  if (apiGroup === 'coordination.k8s.io') return resource === 'leases' && namespace === 'kube-system';
  return apiGroup === '' && resource === 'namespaces' && verb === 'create' && user?.name === APISERVER && user.groups.includes(MASTERS);
}

/** Names of StorageVersions: `<group>.<resource>`. */
export const storageVersionName = (group: string, resource: string): string => `${group === '' ? 'core' : group}.${resource}`;

export class StorageVersionBarrier {
  /** Entries that are not there yet, and why the last attempt to write one failed. */
  readonly #pending: Map<string, string>;
  #open: () => void = () => undefined;
  /** Resolves when all writes pass. */
  readonly opened: Promise<void>;

  constructor(names: Iterable<string>) {
    this.#pending = new Map(Array.from(names, (name) => [name, '<nil>']));
    this.opened = new Promise((resolve) => (this.#open = resolve));
    this.#settle();
  }

  #settle(): void {
    if (this.#pending.size === 0) this.#open();
  }

  /** The entry of a resource is there. */
  written(name: string): void {
    if (this.#pending.delete(name)) this.#settle();
  }

  /** It could not be written yet. */
  failed(name: string, error: unknown): void {
    if (this.#pending.has(name)) this.#pending.set(name, error instanceof Error ? error.message : String(error));
  }

  /** Why a request has to wait; undefined when it has not. */
  #reason(request: ServerRequest): string | undefined {
    const info = infoOf(request);
    if (!info.isResourceRequest || reads.has(info.verb)) return undefined;
    const error = this.#pending.get(storageVersionName(info.apiGroup, info.resource));
    if (error === undefined || isNeeded(info, request)) return undefined;
    return `wait for storage version registration to complete for resource: ${info.resource}${info.apiGroup === '' ? '' : `.${info.apiGroup}`}, last seen error: ${error}`;
  }

  /** Stands in front of what answers. */
  wrap(next: Next): Next {
    return (request) => {
      const reason = this.#pending.size === 0 ? undefined : this.#reason(request);
      return reason === undefined ? next(request) : Promise.reject(serviceUnavailable(reason));
    };
  }
}
