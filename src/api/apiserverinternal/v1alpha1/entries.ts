/** What the entries of a storage version come to: the version that all servers write, and the condition that says whether there is one (KEP-2339). */
import { formatTime } from '../../meta/time.ts';
import type { ServerStorageVersion, StorageVersion, StorageVersionCondition, StorageVersionStatus } from './types.ts';

/** Type of the condition that is true while all servers write the same version. */
const ALL_EQUAL = 'AllEncodingVersionsEqual';

/** The version that all of them write; undefined where they differ, or where there is none. */
export function commonVersionOf(entries: readonly ServerStorageVersion[]): string | undefined {
  const first = entries[0]?.encodingVersion;
  return entries.every(({ encodingVersion }) => encodingVersion === first) ? first : undefined;
}

/** The status with these entries in place of those that it has: the common version and the condition are worked out anew. */
export function statusOfEntries({ metadata, status: before }: StorageVersion, entries: readonly ServerStorageVersion[], nowMs: number): StorageVersionStatus {
  const common = commonVersionOf(entries);
  const status = common === undefined ? 'False' : 'True';
  const earlier = before?.conditions?.find(({ type }) => type === ALL_EQUAL);
  const lastTransitionTime = earlier?.status === status ? earlier.lastTransitionTime : undefined;
  const condition: StorageVersionCondition = {
    type: ALL_EQUAL, status,
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    lastTransitionTime: lastTransitionTime ?? formatTime(nowMs),
    reason: common === undefined ? 'CommonEncodingVersionUnset' : 'CommonEncodingVersionSet',
    message: common === undefined ? 'Common encoding version unset' : 'Common encoding version set',
  };
  return {
    storageVersions: [...entries],
    ...(common === undefined ? {} : { commonEncodingVersion: common }),
    conditions: [...(before?.conditions ?? []).filter(({ type }) => type !== ALL_EQUAL), condition],
  };
}
