/** The persistent volume claims of a pod. */
import type { PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import type { Lookups } from '../framework.ts';

/** Names of the claims that the pod uses, those of ephemeral volumes included. */
export function claimNamesOf(pod: Pod): string[] {
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral ? [`${pod.metadata.name}-${volume.name}`] : [];
  });
}

/** The claims that are there. */
export function claimsOf(pod: Pod, lookups: Lookups): PersistentVolumeClaim[] {
  return claimNamesOf(pod).flatMap((name) => lookups.claim(pod.metadata.namespace ?? '', name) ?? []);
}
