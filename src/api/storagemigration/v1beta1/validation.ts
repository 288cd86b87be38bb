/** Rules of storage version migrations (KEP-4192). */
import { isConditionTrue } from '../../core/v1/pods.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue, required } from '../../meta/field.ts';
import { immutable, nonNegative, validateConditions } from '../../meta/validation.ts';
import type { StorageVersionMigration } from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');

export function validateMigration(migration: StorageVersionMigration): FieldError[] {
  return migration.spec?.resource?.resource ? [] : [required(SPEC.child('resource', 'resource'), 'resource is required')];
}

export function validateMigrationUpdate(migration: StorageVersionMigration, old: StorageVersionMigration): FieldError[] {
  return (['group', 'resource'] as const).flatMap((field) => immutable(new FieldPath(field), migration.spec?.resource?.[field] ?? '', old.spec?.resource?.[field] ?? ''));
}

/** A migration ends once, one way, and does not run afterwards; the revision that it goes up to stays. */
export function validateMigrationStatus(migration: StorageVersionMigration, old: StorageVersionMigration): FieldError[] {
  const conditions = migration.status?.conditions;
  const path = STATUS.child('conditions');
  const errors = [...validateRevision(migration.status?.resourceVersion ?? '', old.status?.resourceVersion ?? ''), ...validateConditions(path, conditions)];
  const is = (type: string): boolean => isConditionTrue(conditions, type);
  const refuse = (text: string): void => void errors.push(invalidValue(path, conditions, text));
  if (is('Succeeded') && is('Failed')) refuse('Both success and failed conditions cannot be true at the same time');
  if (is('Succeeded') && is('Running')) refuse('Running condition cannot be true when success condition is true');
  if (is('Failed') && is('Running')) refuse('Running condition cannot be true when failed condition is true');
  if (isConditionTrue(old.status?.conditions, 'Succeeded') && !is('Succeeded')) refuse('Success condition cannot be set to false once it is true');
  if (isConditionTrue(old.status?.conditions, 'Failed') && !is('Failed')) refuse('Failed condition cannot be set to false once it is true');
  return errors;
}

function validateRevision(revision: string, was: string): FieldError[] {
  const path = STATUS.child('resourceVersion');
  const errors: FieldError[] = [];
  if (revision !== '' && !/^[-+]?\d+$/.test(revision)) errors.push(invalidValue(path, revision, `failed to parse resource version ${JSON.stringify(revision)}: strconv.ParseInt: parsing ${JSON.stringify(revision)}: invalid syntax`));
  else errors.push(...nonNegative(path, Number(revision)));
  if (was !== '' && was !== revision) errors.push(invalidValue(path, revision, 'cannot be updated'));
  return errors;
}
