/** Rules of disruption budgets. */
import { percentOf, validateIntOrPercent } from '../../apps/v1/validation.ts';
import { oneOf } from '../../core/v1/validation/common.ts';
import { internalForm } from '../../internal-form.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue } from '../../meta/field.ts';
import { nonNegative, validateConditions, validateLabelSelector } from '../../meta/validation.ts';
import type { PodDisruptionBudget } from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');

export function validateBudget(budget: PodDisruptionBudget): FieldError[] {
  const spec = budget.spec ?? {};
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) errors.push(invalidValue(SPEC, internalForm('io.k8s.api.policy.v1.PodDisruptionBudgetSpec', { ...spec }), 'minAvailable and maxUnavailable cannot be both set'));
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    errors.push(...validateIntOrPercent(SPEC.child(field), spec[field]));
    if ((percentOf(spec[field]) ?? 0) > 100) errors.push(invalidValue(SPEC.child(field), spec[field], 'must not be greater than 100%'));
  }
  errors.push(...validateLabelSelector(SPEC.child('selector'), spec.selector));
  return [...errors, ...oneOf(SPEC.child('unhealthyPodEvictionPolicy'), spec.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'])];
}

export function validateBudgetStatus(budget: PodDisruptionBudget): FieldError[] {
  return [
    ...validateConditions(STATUS.child('conditions'), budget.status?.conditions),
    ...(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((field) => nonNegative(STATUS.child(field), budget.status?.[field])),
  ];
}
