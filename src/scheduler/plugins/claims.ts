/** The persistent volume claims of a pod. */
import type { PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type { Lookups } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

/** The claims that are there. */
export function claimsOf(pod: PodInfo, lookups: Lookups): PersistentVolumeClaim[] {
  return pod.claimNames.flatMap((name) => lookups.claim(pod.namespace, name) ?? []);
}
