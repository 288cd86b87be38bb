/**
 * storageversion-garbage-collector-controller: takes the entries of API servers that are gone out of StorageVersions (KEP-2339).
 * Works where the API server serves internal.apiserver.k8s.io/v1alpha1, which is off by default; otherwise it asks once and rests.
 *
 * Contract: a server is there while its identity Lease in kube-system is, expired or not: the API servers themselves delete the Leases that ran out.
 * Never: takes away the entry of a server whose Lease is there; the API is asked about each Lease that the cache does not have. Eventually: every
 * entry has its Lease, the common version and its condition speak of the entries that are left, and objects that lost their last entry are gone.
 */
import type { StorageVersion } from '../../api/apiserverinternal/v1alpha1/types.ts';
import type { Lease } from '../../api/coordination/v1/types.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { Leases } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { startWhereServed } from '../shared/where-served.ts';
import { decideEntries, isIdentity, kind, leaseNamespace, serversOf } from './decide.ts';

const name = 'storageversion-garbage-collector-controller';
const workers = 5;

export function startStorageVersionGarbageCollector(context: ControllerContext): Running {
  return startWhereServed<StorageVersion>(context, kind, (resource) => {
    const { host, client, informers } = context;
    const versions = informers.of(resource);
    const leases = informers.of(Leases);

    /** Whether the server is there, by the cache, or where that has no Lease of it, by the API. */
    async function isThere(apiServerID: string): Promise<boolean> {
      if (isIdentity(leases.lister.byKey(`${leaseNamespace}/${apiServerID}`))) return true;
      const lease = await client.of(Leases).inNamespace(leaseNamespace).get(apiServerID).catch((error: unknown): Lease | undefined => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
      return isIdentity(lease);
    }

    async function collect(key: string): Promise<void> {
      const known = versions.lister.byKey(key);
      if (known === undefined) return;
      const there = new Set<string>();
      for (const apiServerID of serversOf(known)) if (await isThere(apiServerID)) there.add(apiServerID);
      const action = decideEntries(known, (apiServerID) => there.has(apiServerID), host.clock.now());
      const { uid, resourceVersion } = known.metadata;
      // What has been written meanwhile is looked at before anything of it goes.
      if (action.do === 'delete') await client.of(resource).delete(key, { preconditions: { uid: uid!, resourceVersion: resourceVersion! } });
      else if (action.do === 'update') await client.of(resource).updateStatus({ ...known, status: action.status });
    }

    const reconcile = (key: string): Promise<Outcome> => collect(key).then((): Outcome => ({ done: true }), (error: unknown): Outcome => {
      if (isNotFound(error)) return { done: true };
      if (isConflict(error)) return { retry: error as Error };
      throw error;
    });
    const queue = startController(host, { name, workers, informers, reconcile });
    versions.onEvent(({ type, object }) => {
      if (type !== 'deleted') queue.add(object.metadata.name!);
    });
    leases.onEvent(({ type, object }) => {
      const { namespace, name: apiServerID } = object.metadata;
      if (type !== 'deleted' || namespace !== leaseNamespace || !isIdentity(object)) return;
      for (const version of versions.lister.list()) if (serversOf(version).includes(apiServerID!)) queue.add(version.metadata.name!);
    });
    informers.start();
    return queue;
  });
}
