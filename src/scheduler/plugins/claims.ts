/** The persistent volume claims of a pod. */
import type { PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type { Lookups } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

/** The claims that are there. */
export function claimsOf(pod: PodInfo, lookups: Lookups): PersistentVolumeClaim[] {
  return pod.claimNames.flatMap((name) => lookups.claim(pod.namespace, name) ?? []);
}

/** Names of the claims that a controller makes for the pod alone. */
export function ephemeralClaims({ pod }: PodInfo): ReadonlySet<string> {
  return new Set((pod.spec?.volumes ?? []).filter((volume) => volume.ephemeral).map((volume) => `${pod.metadata.name}-${volume.name}`));
}

/** Whether the claim was made for this pod. */
export const ownsClaim = (pod: PodInfo, claim: PersistentVolumeClaim): boolean => claim.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === pod.pod.metadata.uid) ?? false;
