import type { Condition } from '../../api/meta/v1/types.ts';
import { formatTime, parseTime } from '../../api/meta/time.ts';
import type { DiscoveredResource } from '../../client/index.ts';
import type { StorageVersionMigration, StorageVersionMigrationStatus } from '../../api/storagemigration/v1beta1/types.ts';

/** How long a resource may be unknown before its migration fails: definitions may have just come. */
export const unknownForMs = 60_000;
const retryMs = 5_000;

const REASONS = { Running: 'StorageVersionMigrationInProgress', Succeeded: 'StorageVersionMigrationSucceeded', Failed: 'StorageVersionMigrationFailed' } as const;
export type MigrationState = keyof typeof REASONS;

const is = (migration: StorageVersionMigration, type: MigrationState): boolean => migration.status?.conditions?.some((one) => one.type === type && one.status === 'True') === true;

/** The status with a state in it; what has ended runs no longer. */
export function withState(migration: StorageVersionMigration, state: MigrationState, message: string, nowMs: number): StorageVersionMigrationStatus {
  const now = formatTime(nowMs);
  const others = (migration.status?.conditions ?? []).filter(({ type }) => type !== state).map((one): Condition => (one.type === 'Running' && one.status === 'True' ? { ...one, status: 'False', lastTransitionTime: now } : one));
  return { ...migration.status, conditions: [...others, { type: state, status: 'True', lastTransitionTime: now, reason: REASONS[state], message }] };
}

export type MigrationAction =
  | { do: 'nothing' }
  | { do: 'wait'; afterMs: number }
  | { do: 'fail'; message: string }
  /** Find out the revision that the migration goes up to. */
  | { do: 'begin'; resource: DiscoveredResource }
  | { do: 'migrate'; resource: DiscoveredResource; upTo: number };

/** The next step of a migration. `resource` is what discovery tells of the resource that it names. */
export function decideMigration(migration: StorageVersionMigration | undefined, resource: DiscoveredResource | undefined, nowMs: number): MigrationAction {
  if (migration === undefined || migration.metadata.deletionTimestamp !== undefined || is(migration, 'Succeeded') || is(migration, 'Failed')) return { do: 'nothing' };
  if (resource === undefined) {
    const age = nowMs - parseTime(migration.metadata.creationTimestamp ?? formatTime(nowMs));
    return age < unknownForMs ? { do: 'wait', afterMs: retryMs } : { do: 'fail', message: 'resource does not exist in discovery, failing migration' };
  }
  const missing = ['list', 'patch'].filter((verb) => !(resource.verbs as readonly string[]).includes(verb));
  if (missing.length > 0) return { do: 'fail', message: `resource does not support ${missing.join(' and ')}, failing migration` };
  const upTo = migration.status?.resourceVersion ?? '';
  return upTo === '' ? { do: 'begin', resource } : { do: 'migrate', resource, upTo: Number(upTo) };
}
