import { statusOfEntries } from '../../api/apiserverinternal/v1alpha1/entries.ts';
import type { StorageVersion, StorageVersionStatus } from '../../api/apiserverinternal/v1alpha1/types.ts';
import type { Lease } from '../../api/coordination/v1/types.ts';

/** Where the kind is served. */
export const kind = { group: 'internal.apiserver.k8s.io', version: 'v1alpha1', plural: 'storageversions' } as const;

/** Where API servers keep the Leases that name them. */
export const leaseNamespace = 'kube-system';

/** Whether it is a Lease by which an API server says that it is there. */
export const isIdentity = (lease: Lease | undefined): boolean => lease?.metadata.labels?.['apiserver.kubernetes.io/identity'] === 'kube-apiserver';

/** What is done about a storage version. */
export type EntriesAction = { do: 'nothing' } | { do: 'delete' } | { do: 'update'; status: StorageVersionStatus };

/** Names of the API servers that have an entry. */
export const serversOf = (version: StorageVersion): string[] => (version.status?.storageVersions ?? []).map(({ apiServerID }) => apiServerID);

/**
 * Takes the entries of servers away that are not there. An object that never had any stays: its server is about to write the first one.
 */
export function decideEntries(version: StorageVersion | undefined, isThere: (apiServerID: string) => boolean, nowMs: number): EntriesAction {
  if (version === undefined || version.metadata.deletionTimestamp !== undefined) return { do: 'nothing' };
  const entries = version.status?.storageVersions ?? [];
  const left = entries.filter(({ apiServerID }) => isThere(apiServerID));
  if (left.length === entries.length) return { do: 'nothing' };
  return left.length === 0 ? { do: 'delete' } : { do: 'update', status: statusOfEntries(version, left, nowMs) };
}
