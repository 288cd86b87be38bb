/** Rules of priority classes. */
import { own } from '../../../base/own.ts';
import { oneOf } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, forbiddenField } from '../../meta/field.ts';
import { immutable } from '../../meta/validation.ts';
import type { PriorityClass } from './types.ts';

/** Classes above this belong to the system. */
export const USER_PRIORITY_MAX = 1000000000;
/** The two classes that every cluster has. */
export const SYSTEM_CLASSES: Readonly<Record<string, number>> = { 'system-node-critical': 2000001000, 'system-cluster-critical': 2000000000 };

function systemFault(priority: PriorityClass): string | undefined {
  const name = priority.metadata.name ?? '';
  const known = own(SYSTEM_CLASSES, name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (priority.value !== known) return `value of ${name} PriorityClass must be ${known}`;
  if (priority.globalDefault) return `globalDefault of ${name} PriorityClass must be false`;
  return undefined;
}

export function validatePriorityClass(priority: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  if (priority.metadata.name?.startsWith('system-')) {
    const fault = systemFault(priority);
    if (fault !== undefined) errors.push(forbiddenField(new FieldPath('metadata.name'), `priority class names with 'system-' prefix are reserved for system use only. error: ${fault}`));
  } else if ((priority.value ?? 0) > USER_PRIORITY_MAX) {
    errors.push(forbiddenField(new FieldPath('value'), `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`));
  }
  return [...errors, ...oneOf(new FieldPath('preemptionPolicy'), priority.preemptionPolicy, ['Never', 'PreemptLowerPriority'])];
}

export function validatePriorityClassUpdate(priority: PriorityClass, old: PriorityClass): FieldError[] {
  const errors = (priority.value ?? 0) === (old.value ?? 0) ? [] : [forbiddenField(new FieldPath('value'), 'may not be changed in an update.')];
  return [...errors, ...immutable(new FieldPath('preemptionPolicy'), priority.preemptionPolicy, old.preemptionPolicy)];
}
