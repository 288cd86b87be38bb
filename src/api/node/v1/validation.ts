/** Rules of runtime classes. */
import { validateResourceAmount, validateResourceName } from '../../core/v1/validation/common.ts';
import { validateTolerations } from '../../core/v1/validation/scheduling.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, required } from '../../meta/field.ts';
import { dnsLabel } from '../../meta/names.ts';
import { faultsAt, immutable, sameValue, validateLabels } from '../../meta/validation.ts';
import type { RuntimeClass } from './types.ts';

export function validateRuntimeClass(runtime: RuntimeClass): FieldError[] {
  const path = new FieldPath('handler');
  const errors = runtime.handler ? faultsAt(path, runtime.handler, dnsLabel(runtime.handler)) : [required(path)];
  const fixed = new FieldPath('overhead.podFixed');
  for (const [name, amount] of Object.entries(runtime.overhead?.podFixed ?? {})) {
    errors.push(...validateResourceName(fixed.key(name), name), ...validateResourceAmount(fixed.key(name), name, amount));
  }
  const scheduling = new FieldPath('scheduling');
  errors.push(...validateLabels(scheduling.child('nodeSelector'), runtime.scheduling?.nodeSelector));
  const tolerations = runtime.scheduling?.tolerations ?? [];
  errors.push(...validateTolerations(scheduling.child('tolerations'), tolerations));
  for (const [i, toleration] of tolerations.entries()) {
    if (tolerations.findIndex((other) => sameValue(other, toleration)) < i) errors.push(duplicate(scheduling.child('tolerations').index(i), toleration));
  }
  return errors;
}

export function validateRuntimeClassUpdate(runtime: RuntimeClass, old: RuntimeClass): FieldError[] {
  return immutable(new FieldPath('handler'), runtime.handler, old.handler);
}
