import type { Pod } from '../../api/core/v1/types.ts';
import { isPodTerminal } from '../../api/core/v1/pods.ts';
import { parseTime } from '../../api/meta/time.ts';
import type { DeviceTaint, DeviceToleration, ResourceClaim } from '../../api/resource/v1/types.ts';

/** What a toleration of a device's taint says; an empty key with Exists tolerates all. */
function tolerates(toleration: DeviceToleration, taint: DeviceTaint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
}

/** When the claim's devices must be let go, in milliseconds since 1970; undefined: never. */
export function claimEndsMs(claim: ResourceClaim, taintsOf: (driver: string, pool: string, device: string) => readonly DeviceTaint[], nowMs: number): number | undefined {
  let ends: number | undefined;
  for (const result of claim.status?.allocation?.devices?.results ?? []) {
    for (const taint of taintsOf(result.driver, result.pool, result.device)) {
      if (taint.effect !== 'NoExecute') continue;
      const sinceMs = taint.timeAdded ? parseTime(taint.timeAdded) : nowMs;
      const tolerations = (result.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
      // Of several that match, the shortest time counts; one without a time is for ever.
      const seconds = tolerations.map((toleration) => toleration.tolerationSeconds).filter((each) => each !== undefined && each !== null);
      if (tolerations.length > 0 && seconds.length === 0) continue;
      const atMs = tolerations.length === 0 ? nowMs : sinceMs + Math.max(0, Math.min(...seconds.map(Number))) * 1000;
      ends = Math.min(ends ?? Infinity, atMs);
    }
  }
  return ends;
}

export type DeviceEviction = 'now' | { atMs: number } | undefined;

/** Whether, and when, a pod must go because of the devices that it uses. */
export function decideDeviceEviction(pod: Pod, claims: readonly ResourceClaim[], taintsOf: (driver: string, pool: string, device: string) => readonly DeviceTaint[], nowMs: number): DeviceEviction {
  if (isPodTerminal(pod) || pod.metadata.deletionTimestamp || !pod.spec?.nodeName) return undefined;
  const held = claims.filter((claim) => (claim.status?.reservedFor ?? []).some((consumer) => consumer.uid === pod.metadata.uid));
  const ends = held.map((claim) => claimEndsMs(claim, taintsOf, nowMs)).filter((each) => each !== undefined);
  if (ends.length === 0) return undefined;
  const atMs = Math.min(...ends);
  return atMs <= nowMs ? 'now' : { atMs };
}
