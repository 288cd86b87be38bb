import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { ConfigMaps, Deployments, EndpointSlices, Jobs, Pods, ReplicaSets } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';
import { foregroundFinalizer } from './graph.ts';

const isForeground = (object: KubeObject): boolean => isGoing(object) && (object.metadata.finalizers ?? []).includes(foregroundFinalizer);

function ownersLast(resource: Resource): ReturnType<typeof safety> {
  return safety({
    name: `foreground deletion: ${resource.kind} goes last`, promise: 'what is deleted in the foreground goes only when no dependent that blocks it is left', of: resource, alone: true,
    broken({ type, object, old }, world) {
      if (!isForeground(old ?? object) || (type === 'updated' && isForeground(object))) return undefined;
      const left = world.inNamespace(object.metadata.namespace ?? '').find((each) => each.metadata.ownerReferences?.some((owner) => owner.uid === object.metadata.uid && owner.blockOwnerDeletion));
      return left && `${nameOf(object)} is gone, and ${nameOf(left)}, which it should wait for, is there`;
    },
  });
}

export const properties: Properties = {
  safety: [ownersLast(ReplicaSets), ownersLast(Deployments), ownersLast(ConfigMaps)],
  liveness: [{
    name: 'nothing outlives its owners', promise: 'nothing is left whose owners are all gone, and no deletion hangs',
    *missing(world) {
      for (const resource of [Pods, ReplicaSets, Jobs, EndpointSlices, ConfigMaps] as Resource[]) {
        for (const object of world.list(resource)) {
          const owners = object.metadata.ownerReferences ?? [];
          if (owners.length > 0 && owners.every((owner) => world.byUid(owner.uid) === undefined)) yield `${nameOf(object)} has outlived its owner ${owners[0]!.kind} ${owners[0]!.name}`;
          if (isGoing(object)) yield `${nameOf(object)} is still being deleted (finalizers: ${(object.metadata.finalizers ?? []).join(', ') || 'none'})`;
        }
      }
    },
  }],
};
