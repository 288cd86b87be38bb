import { commonVersionOf } from '../../api/apiserverinternal/v1alpha1/entries.ts';
import type { StorageVersion } from '../../api/apiserverinternal/v1alpha1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { Leases } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties, type World } from '../property.ts';
import { isIdentity, kind, leaseNamespace, serversOf } from './decide.ts';

/** As much of the resource as finds its objects: the whole of it is loaded only where it is served. */
export const storageVersionsResource = { ...kind, kind: 'StorageVersion', namespaced: false, storagePrefix: 'internal.apiserver.k8s.io/storageversions' } as Resource<StorageVersion>;

const isThere = (world: World, apiServerID: string): boolean => isIdentity(world.get(Leases, leaseNamespace, apiServerID));

export const properties: Properties = {
  safety: [
    safety<StorageVersion>({
      name: 'entries of servers that are there stay', promise: 'no entry goes while the Lease of its server is there, be it with its object', of: storageVersionsResource, alone: true,
      broken({ type, object, old }, world) {
        const [before, after] = type === 'deleted' ? [object, []] : [old, serversOf(object)];
        const lost = before && serversOf(before).find((server) => !after.includes(server) && isThere(world, server));
        return lost === undefined ? undefined : `${nameOf(object)} has lost the entry of ${lost}, whose Lease is there`;
      },
    }),
    safety<StorageVersion>({
      name: 'the common version is common', promise: 'the common version is the one that all entries write, and absent where they differ', of: storageVersionsResource,
      broken({ type, object }) {
        const [said, common] = [object.status?.commonEncodingVersion, commonVersionOf(object.status?.storageVersions ?? [])];
        return type === 'deleted' || said === common ? undefined : `${nameOf(object)} says ${said}, and its entries ${common}`;
      },
    }),
  ],
  liveness: [{
    name: 'entries of servers that are gone go', promise: 'every entry is of a server whose Lease is there',
    *missing(world) {
      for (const version of world.list(storageVersionsResource)) {
        if (isGoing(version)) continue;
        for (const server of serversOf(version)) if (!isThere(world, server)) yield `${nameOf(version)} has an entry of ${server}, which is gone`;
      }
    },
  }],
};
