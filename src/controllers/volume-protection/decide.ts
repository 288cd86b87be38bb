/** Whether the finalizer that protects a claim, a volume or a class of volume attributes must come or go. */
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';

export const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection';
export const VOLUME_FINALIZER = 'kubernetes.io/pv-protection';
export const ATTRIBUTES_CLASS_FINALIZER = 'kubernetes.io/vac-protection';

/** `release` only counts when nothing uses the object: whether something does is asked for no other. */
export type ProtectionAction = 'add' | 'release' | undefined;

/** What the object is waiting for: protection where it has none, the end of its use where it is being deleted. */
export function decideProtection(object: KubeObject, finalizer: string): ProtectionAction {
  const has = object.metadata.finalizers?.includes(finalizer) ?? false;
  if (object.metadata.deletionTimestamp === undefined) return has ? undefined : 'add';
  return has ? 'release' : undefined;
}

/** The object with the finalizer there or gone, to be written with the revision that it was read at. */
export function withFinalizer<T extends KubeObject>(object: T, finalizer: string, present: boolean): T {
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers: present ? [...others, finalizer] : others } };
}

/** The kubelet is done with it, or it was deleted by force. */
const isShutDown = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined && pod.metadata.deletionGracePeriodSeconds === 0;

/** Names of the claims that the pod's volumes speak of; generic ephemeral volumes have claims named after pod and volume. */
export function claimNamesOf(pod: Pod): string[] {
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral ? [`${pod.metadata.name}-${volume.name}`] : [];
  });
}

/**
 * Whether the pod stands in the way of the claim's end. A pod without a node does not: no kubelet starts a pod whose claim is being deleted.
 * An ended pod does, as long as it exists.
 */
export function podUsesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec?.nodeName || pod.metadata.namespace !== claim.metadata.namespace) return false;
  return (pod.spec.volumes ?? []).some((volume) => {
    if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName === claim.metadata.name;
    if (!volume.ephemeral || `${pod.metadata.name}-${volume.name}` !== claim.metadata.name || isShutDown(pod)) return false;
    return claim.metadata.ownerReferences?.some(({ controller, uid }) => controller === true && uid === pod.metadata.uid) ?? false;
  });
}

export const isVolumeUsed = (volume: PersistentVolume): boolean => volume.status?.phase === 'Bound';

/** Names of the attributes classes that a claim has, had a moment ago, or is on its way to. */
export function attributesClassesOf({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName];
  return [...new Set(names.filter((name): name is string => Boolean(name)))];
}
