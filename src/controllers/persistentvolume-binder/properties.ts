import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { PersistentVolumeClaims, PersistentVolumes, StorageClasses } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';
import { classOfClaim, findVolume } from './matching.ts';

export const properties: Properties = {
  safety: [
    safety<PersistentVolume>({
      name: 'volumes do not change hands', promise: 'a volume goes from one claim to another only through being free', of: PersistentVolumes,
      broken({ type, object, old }) {
        const [before, after] = [old?.spec?.claimRef?.uid, object.spec?.claimRef?.uid];
        return type === 'updated' && before && after && before !== after ? `${nameOf(object)} was bound to ${before} and is to ${after}` : undefined;
      },
    }),
    safety<PersistentVolumeClaim>({
      name: 'claims keep their volume', promise: 'a claim that names a volume never names another', of: PersistentVolumeClaims,
      broken({ type, object, old }) {
        const [before, after] = [old?.spec?.volumeName, object.spec?.volumeName];
        return type === 'updated' && before && before !== after && old!.metadata.uid === object.metadata.uid ? `${nameOf(object)} named ${before} and names ${after}` : undefined;
      },
    }),
    safety<PersistentVolumeClaim>({
      name: 'bound claims are held', promise: 'a claim becomes Bound only when its volume refers to it by uid', of: PersistentVolumeClaims,
      broken({ type, object, old }, world) {
        if (type !== 'updated' || object.status?.phase !== 'Bound' || old!.status?.phase === 'Bound') return undefined;
        const volume = world.get(PersistentVolumes, undefined, object.spec?.volumeName ?? '');
        return volume?.spec?.claimRef?.uid === object.metadata.uid ? undefined : `${nameOf(object)} is bound, and ${object.spec?.volumeName} does not refer to it`;
      },
    }),
  ],
  liveness: [
    {
      name: 'claims find volumes', promise: 'no claim waits while a free volume fits it, unless its class waits for the first consumer',
      *missing(world) {
        const volumes = world.list(PersistentVolumes);
        for (const claim of world.list(PersistentVolumeClaims)) {
          const waits = world.get(StorageClasses, undefined, classOfClaim(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
          const fit = claim.spec?.volumeName || isGoing(claim) ? undefined : findVolume(claim, volumes, waits);
          if (fit) yield `${nameOf(claim)} waits, and ${nameOf(fit)} fits`;
        }
      },
    },
    {
      name: 'volumes say where they stand', promise: 'a volume whose claim is there and names it is Bound, one whose claim is gone is Released or Failed, a free one is Available',
      *missing(world) {
        for (const volume of world.list(PersistentVolumes)) {
          const reference = volume.spec?.claimRef;
          const claim = reference?.uid ? (world.byUid(reference.uid) as PersistentVolumeClaim | undefined) : undefined;
          const allowed = !reference?.uid ? ['Available'] : !claim ? ['Released', 'Failed'] : claim.spec?.volumeName === volume.metadata.name ? ['Bound'] : undefined;
          if (allowed && !isGoing(volume) && !allowed.includes(volume.status?.phase ?? '')) yield `${nameOf(volume)} is ${volume.status?.phase}, and should be ${allowed.join(' or ')}`;
        }
      },
    },
  ],
};
