import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { compareQuantity } from '../../api/meta/quantity.ts';
import { Events, PersistentVolumeClaims, PersistentVolumes } from '../../api/resources.ts';
import { nameOf, safety, type Properties } from '../property.ts';
import { decideExpansion } from './decide.ts';

const sizeOf = (volume: PersistentVolume | undefined): string => volume?.spec?.capacity?.['storage'] ?? '0';

export const properties: Properties = {
  safety: [
    safety<PersistentVolume>({
      name: 'volumes never shrink', promise: 'the capacity of a volume does not become smaller', of: PersistentVolumes,
      broken: ({ type, object, old }) => (type === 'updated' && compareQuantity(sizeOf(object), sizeOf(old)) < 0 ? `${nameOf(object)} shrank from ${sizeOf(old)} to ${sizeOf(object)}` : undefined),
    }),
  ],
  liveness: [{
    name: 'who waits to grow is told', promise: 'a bound claim that asks for more than it has gets an event that says whom it waits for', alone: true,
    *missing(world) {
      for (const claim of world.list(PersistentVolumeClaims) as PersistentVolumeClaim[]) {
        if (!decideExpansion(claim, world.get(PersistentVolumes, undefined, claim.spec?.volumeName ?? ''))) continue;
        if (!world.list(Events, claim.metadata.namespace).some((event) => event.reason === 'ExternalExpanding' && event.involvedObject.uid === claim.metadata.uid)) yield `${nameOf(claim)} waits for an expansion, and no event says so`;
      }
    },
  }],
};
