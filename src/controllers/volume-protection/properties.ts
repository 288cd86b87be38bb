import type { PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { PersistentVolumeClaims, PersistentVolumes, Pods, VolumeAttributesClasses } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties, type World } from '../property.ts';
import { ATTRIBUTES_CLASS_FINALIZER, attributesClassesOf, CLAIM_FINALIZER, isVolumeUsed, podUsesClaim, VOLUME_FINALIZER } from './decide.ts';

/** The promises of whoever protects what is in use by a finalizer. */
function protection<T extends KubeObject>(resource: Resource<T>, finalizer: string, userOf: (object: T, world: World) => KubeObject | undefined): Properties {
  const has = (object: KubeObject): boolean => (object.metadata.finalizers ?? []).includes(finalizer);
  return {
    safety: [
      safety<T>({
        name: `${resource.kind} in use stays`, promise: `${finalizer} comes off only when nothing uses the object`, of: resource, alone: true,
        broken({ type, object, old }, world) {
          if (!old || !has(old) || (type === 'updated' && has(object))) return undefined;
          const user = userOf(object, world);
          return user && `${nameOf(object)} lost its protection, and ${nameOf(user)} uses it`;
        },
      }),
    ],
    liveness: [{
      name: `${resource.kind} is protected, and let go`, promise: `what stays has ${finalizer}; what is being deleted has it only while it is in use`,
      *missing(world) {
        for (const object of world.list(resource)) {
          if (!isGoing(object) && !has(object)) yield `${nameOf(object)} has no ${finalizer}`;
          if (isGoing(object) && has(object) && !userOf(object, world)) yield `${nameOf(object)} is being deleted and nothing uses it, and it keeps ${finalizer}`;
        }
      },
    }],
  };
}

export const claimProperties: Properties = protection<PersistentVolumeClaim>(PersistentVolumeClaims, CLAIM_FINALIZER, (claim, world) => world.list(Pods, claim.metadata.namespace).find((pod) => podUsesClaim(pod, claim)));
export const volumeProperties: Properties = protection(PersistentVolumes, VOLUME_FINALIZER, (volume) => (isVolumeUsed(volume) ? volume : undefined));
export const attributesClassProperties: Properties = protection(VolumeAttributesClasses, ATTRIBUTES_CLASS_FINALIZER, (item, world) =>
  world.list(PersistentVolumeClaims).find((claim) => attributesClassesOf(claim).includes(item.metadata.name!)) ?? world.list(PersistentVolumes).find((volume) => volume.spec?.volumeAttributesClassName === item.metadata.name));
