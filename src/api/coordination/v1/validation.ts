/** Rules of leases. */
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue } from '../../meta/field.ts';
import { byteLength, qualifiedName } from '../../meta/names.ts';
import { faultsAt } from '../../meta/validation.ts';
import type { Lease } from './types.ts';

const SPEC = new FieldPath('spec');

export function validateLease(lease: Lease): FieldError[] {
  const spec = lease.spec ?? {};
  const errors: FieldError[] = [];
  if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0) errors.push(invalidValue(SPEC.child('leaseDurationSeconds'), spec.leaseDurationSeconds, 'must be greater than 0'));
  if (spec.leaseTransitions !== undefined && spec.leaseTransitions < 0) errors.push(invalidValue(SPEC.child('leaseTransitions'), spec.leaseTransitions, 'must be greater than or equal to 0'));
  if (spec.strategy !== undefined && spec.strategy !== 'OldestEmulationVersion') errors.push(...faultsAt(SPEC.child('strategy'), spec.strategy, qualifiedName(spec.strategy)));
  if (spec.preferredHolder !== undefined && byteLength(spec.preferredHolder) > 0 && spec.strategy === undefined) errors.push(forbiddenField(SPEC.child('preferredHolder'), 'may only be specified when `strategy` is defined'));
  return errors;
}
