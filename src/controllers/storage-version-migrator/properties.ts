import type { Resource } from '../../api/meta/resource.ts';
import type { StorageVersionMigration } from '../../api/storagemigration/v1beta1/types.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';

/** As much of the resource as finds its objects: the whole of it is loaded only where it is served. */
const migrations = { group: 'storagemigration.k8s.io', version: 'v1beta1', plural: 'storageversionmigrations', kind: 'StorageVersionMigration', namespaced: false, storagePrefix: 'storagemigration.k8s.io/storageversionmigrations' } as Resource<StorageVersionMigration>;

const endOf = (migration: StorageVersionMigration | undefined): string | undefined => migration?.status?.conditions?.find(({ type, status }) => (type === 'Succeeded' || type === 'Failed') && status === 'True')?.type;

export const properties: Properties = {
  safety: [
    safety<StorageVersionMigration>({
      name: 'ended migrations stay ended', promise: 'a migration that has succeeded or failed does not become the other, nor goes up to another revision', of: migrations,
      broken({ type, object, old }) {
        if (type !== 'updated' || endOf(old) === undefined) return undefined;
        return endOf(object) !== endOf(old) || object.status?.resourceVersion !== old!.status?.resourceVersion ? `${nameOf(object)} had ${endOf(old)} and is ${endOf(object)}` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'migrations end', promise: 'every migration has succeeded or failed',
    *missing(world) {
      for (const migration of world.list(migrations)) if (!isGoing(migration) && endOf(migration) === undefined) yield `${nameOf(migration)} has neither succeeded nor failed`;
    },
  }],
};

/** For tests of the promises. */
export const migrationsResource: Resource<StorageVersionMigration> = migrations;
