/** Which volume suits which claim. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding */
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { compareQuantity } from '../../api/meta/quantity.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';

/** The old way to name a class; where it is set it has the last word. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

export const classOfClaim = ({ metadata, spec }: PersistentVolumeClaim): string => metadata.annotations?.[classAnnotation] ?? spec?.storageClassName ?? '';
export const classOfVolume = ({ metadata, spec }: PersistentVolume): string => metadata.annotations?.[classAnnotation] ?? spec?.storageClassName ?? '';

/** Whether the claim says anything about its class; '' is a class too: none. */
export const namesClass = ({ metadata, spec }: PersistentVolumeClaim): boolean => metadata.annotations?.[classAnnotation] !== undefined || spec?.storageClassName !== undefined;

const sizeOf = (volume: PersistentVolume): string => volume.spec?.capacity?.['storage'] ?? '0';
const requestOf = (claim: PersistentVolumeClaim): string => claim.spec?.resources?.requests?.['storage'] ?? '0';

/** Reserved for the claim by name; with a uid, for that very one. */
export function isReservedFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = volume.spec?.claimRef;
  if (!reference || reference.name !== claim.metadata.name || reference.namespace !== claim.metadata.namespace) return false;
  return !reference.uid || reference.uid === claim.metadata.uid;
}

export const sameVolumeMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => (volume.spec?.volumeMode ?? 'Filesystem') === (claim.spec?.volumeMode ?? 'Filesystem');
const offersModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => (claim.spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode));
const sameAttributes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => (volume.spec?.volumeAttributesClassName ?? '') === (claim.spec?.volumeAttributesClassName ?? '');
const isLargeEnough = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => compareQuantity(sizeOf(volume), requestOf(claim)) >= 0;

/** Why a volume that the claim asks for by name cannot be its own; undefined when it can. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small';
  if (classOfVolume(volume) !== classOfClaim(claim)) return 'storageClassName does not match';
  if (!sameAttributes(volume, claim)) return 'volumeAttributesClassName does not match';
  if (!sameVolumeMode(volume, claim)) return 'incompatible volumeMode';
  if (!offersModes(volume, claim)) return 'incompatible accessMode';
  return undefined;
}

/** How good a fit is: few access modes beyond those asked for, then little room beyond, then by name so that every run decides alike. */
function compareFit(a: PersistentVolume, b: PersistentVolume): number {
  const modes = (a.spec?.accessModes?.length ?? 0) - (b.spec?.accessModes?.length ?? 0);
  return modes || compareQuantity(sizeOf(a), sizeOf(b)) || (a.metadata.name! < b.metadata.name! ? -1 : 1);
}

/**
 * The volume to bind the claim to: one reserved for it if there is one, else the best fit that is free. With `waits` (the class waits for the first
 * consumer) only a reserved one: the scheduler chooses among the free.
 */
export function findVolume(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[], waits: boolean): PersistentVolume | undefined {
  const selects = claim.spec?.selector ? labelSelectorOf(claim.spec.selector) : () => true;
  const usable = volumes.filter((volume) => volume.metadata.deletionTimestamp === undefined && sameVolumeMode(volume, claim) && sameAttributes(volume, claim) && offersModes(volume, claim) && isLargeEnough(volume, claim));
  const reserved = usable.filter((volume) => isReservedFor(volume, claim)).sort(compareFit)[0];
  if (reserved || waits) return reserved;
  const free = usable.filter((volume) => volume.spec?.claimRef === undefined && volume.status?.phase === 'Available' && classOfVolume(volume) === classOfClaim(claim) && selects(volume.metadata.labels));
  return free.sort(compareFit)[0];
}
