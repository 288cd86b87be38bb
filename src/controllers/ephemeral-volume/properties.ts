import type { PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import { PersistentVolumeClaims, Pods } from '../../api/resources.ts';
import { controllerOf, isGoing, nameOf, safety, type Properties } from '../property.ts';
import { ephemeralClaimName } from './decide.ts';

export const properties: Properties = {
  safety: [
    safety<PersistentVolumeClaim>({
      name: 'ephemeral claims are their pod\'s', promise: 'a claim that a pod owns is named after the pod and one of its ephemeral volumes', of: PersistentVolumeClaims,
      broken({ type, object }, world) {
        const pod = type === 'created' ? (controllerOf(world, object) as Pod | undefined) : undefined;
        if (pod?.kind !== 'Pod') return undefined;
        return (pod.spec?.volumes ?? []).some((volume) => volume.ephemeral && ephemeralClaimName(pod, volume) === object.metadata.name) ? undefined : `${nameOf(object)} belongs to ${nameOf(pod)}, which has no such volume`;
      },
    }),
  ],
  liveness: [{
    name: 'ephemeral volumes have claims', promise: 'each ephemeral volume of a pod that stays has its claim',
    *missing(world) {
      for (const pod of world.list(Pods)) {
        for (const volume of isGoing(pod) ? [] : (pod.spec?.volumes ?? [])) {
          if (volume.ephemeral && !world.get(PersistentVolumeClaims, pod.metadata.namespace, ephemeralClaimName(pod, volume))) yield `${nameOf(pod)} has no claim for its volume ${volume.name}`;
        }
      }
    },
  }],
};
