import type { Pod } from '../../api/core/v1/types.ts';
import type { ResourceClaim } from '../../api/resource/v1/types.ts';
import { Pods, ResourceClaims, ResourceClaimTemplates } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';
import { isPodDone } from './decide.ts';

export const properties: Properties = {
  safety: [
    safety<ResourceClaim>({
      name: 'devices in use stay', promise: 'an allocation is not given back while a pod that it is reserved for needs it', of: ResourceClaims,
      broken({ type, object, old }, world) {
        if (type !== 'updated' || !old!.status?.allocation || object.status?.allocation) return undefined;
        const user = (old!.status.reservedFor ?? []).map(({ uid }) => world.byUid(uid) as Pod | undefined).find((pod) => pod && !isPodDone(pod));
        return user && `${nameOf(object)} was given back, and ${nameOf(user)} uses it`;
      },
    }),
  ],
  liveness: [
    {
      name: 'pods have their device claims', promise: 'each claim that a pod wants from a template is made and named in its status',
      *missing(world) {
        for (const pod of world.list(Pods)) {
          if (isGoing(pod) || isPodDone(pod)) continue;
          for (const { name, resourceClaimTemplateName } of pod.spec?.resourceClaims ?? []) {
            if (resourceClaimTemplateName === undefined || !world.get(ResourceClaimTemplates, pod.metadata.namespace, resourceClaimTemplateName)) continue;
            const told = (pod.status?.resourceClaimStatuses ?? []).find((status) => status.name === name);
            if (!told?.resourceClaimName || !world.get(ResourceClaims, pod.metadata.namespace, told.resourceClaimName)) yield `${nameOf(pod)} has no claim ${name}`;
          }
        }
      },
    },
    {
      name: 'reservations end with their pods', promise: 'no claim is reserved for a pod that is gone or has ended',
      *missing(world) {
        for (const claim of world.list(ResourceClaims)) {
          const gone = (claim.status?.reservedFor ?? []).find(({ resource, uid }) => resource === 'pods' && (!world.byUid(uid) || isPodDone(world.byUid(uid) as Pod)));
          if (gone) yield `${nameOf(claim)} is reserved for pod ${gone.name}, which needs it no more`;
        }
      },
    },
  ],
};
