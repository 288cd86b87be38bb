/** Rules of leases. */
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue, notSupported } from '../../meta/field.ts';
import { qualifiedName } from '../../meta/names.ts';
import { faultsAt } from '../../meta/validation.ts';
import type { Lease } from './types.ts';

const SPEC = new FieldPath('spec');

/** One of the API's own ways to choose a leader, or one with a domain. The API names the place twice. */
export function validateStrategy(path: FieldPath, strategy: string): FieldError[] {
  const at = path.child('strategy');
  if (strategy.includes('/')) return faultsAt(at, strategy, qualifiedName(strategy));
  return strategy === 'OldestEmulationVersion' ? [] : [notSupported(at, strategy, ['OldestEmulationVersion'])];
}

export function validateLease(lease: Lease): FieldError[] {
  const spec = lease.spec ?? {};
  const errors: FieldError[] = [];
  if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0) errors.push(invalidValue(SPEC.child('leaseDurationSeconds'), spec.leaseDurationSeconds, 'must be greater than 0'));
  if (spec.leaseTransitions !== undefined && spec.leaseTransitions < 0) errors.push(invalidValue(SPEC.child('leaseTransitions'), spec.leaseTransitions, 'must be greater than or equal to 0'));
  if (spec.strategy !== undefined) errors.push(...validateStrategy(SPEC.child('strategy'), spec.strategy));
  if (spec.preferredHolder && !spec.strategy) errors.push(forbiddenField(SPEC.child('preferredHolder'), 'may only be specified if `strategy` is defined'));
  return errors;
}
