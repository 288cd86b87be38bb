/** How much of a device's capacity may be asked for at a time, where several claims share the device (KEP-5075). */
import type { FieldError, FieldPath } from '../../meta/field.ts';
import { forbiddenField, invalidValue, required } from '../../meta/field.ts';
import { addQuantity, canonicalQuantity, compareQuantity, formatQuantity, roundUpQuantity, type ParsedQuantity } from '../../meta/quantity.ts';
import { limitedSet } from './names.ts';
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from './types.ts';

type Amount = string;

const VALUES_MAX = 10;

/** Rounded up to a whole number. */
function whole(amount: Amount | ParsedQuantity): bigint {
  const { unscaled, scale } = roundUpQuantity(amount, 0);
  return unscaled * 10n ** BigInt(scale);
}

const text = canonicalQuantity;

function validateValues(path: FieldPath, values: readonly Amount[], usual: Amount, most: Amount): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, value] of values.entries()) if (i > 0 && compareQuantity(values[i - 1]!, value) > 0) errors.push(invalidValue(path.index(i), text(value), 'values must be sorted in ascending order'));
  errors.push(...limitedSet(path, values, VALUES_MAX, (value) => String(whole(value)), (at, value) => (compareQuantity(value, most) > 0 ? [invalidValue(at, text(value), `option is larger than capacity value: ${text(most)}`)] : [])));
  if (!values.some((value) => compareQuantity(value, usual) === 0)) errors.push(invalidValue(path, text(usual), 'default value is not valid according to the requestPolicy'));
  return errors;
}

function validateStep(path: FieldPath, value: Amount, min: Amount, step: Amount): FieldError[] {
  return (whole(value) - whole(min)) % whole(step) === 0n ? [] : [invalidValue(path, text(value), `value is not a multiple of a given step (${text(step)}) from (${text(min)})`)];
}

function validateRange(path: FieldPath, { min, max, step }: Partial<CapacityRequestPolicyRange>, usual: Amount, most: Amount): FieldError[] {
  if (min === undefined) return [required(path.child('min'), 'required when validRange is defined')];
  const errors: FieldError[] = [];
  if (compareQuantity(min, most) > 0) errors.push(invalidValue(path.child('min'), text(min), `min is larger than capacity value: ${text(most)}`));
  if (compareQuantity(usual, min) < 0) errors.push(invalidValue(path.child('default'), text(usual), `default is less than min: ${text(min)}`));
  if (max !== undefined) {
    if (compareQuantity(min, max) > 0) errors.push(invalidValue(path.child('max'), text(min), `min is larger than max: ${text(max)}`));
    if (compareQuantity(max, most) > 0) errors.push(invalidValue(path.child('max'), text(max), `max is larger than capacity value: ${text(most)}`));
    if (compareQuantity(usual, max) > 0) errors.push(invalidValue(path.child('default'), text(usual), `default is more than max: ${text(max)}`));
  }
  if (step === undefined) return errors;
  const at = path.child('step');
  // A step of nothing leads nowhere, and nothing is a multiple of it.
  if (compareQuantity(step, '0') <= 0) return [...errors, invalidValue(at, text(step), 'must be greater than zero')];
  const next = addQuantity(min, step);
  if (compareQuantity(next, most) > 0) errors.push(invalidValue(at, text(step), `one step ${formatQuantity(next)} is larger than capacity value: ${text(most)}`));
  return [...errors, ...validateStep(at, usual, min, step), ...(max === undefined ? [] : validateStep(at, max, min, step))];
}

function validatePolicy(path: FieldPath, policy: CapacityRequestPolicy, most: Amount): FieldError[] {
  const { default: usual, validValues = [], validRange } = policy;
  if (validValues.length > 0 && validRange !== undefined) return [forbiddenField(path, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')];
  const what = validValues.length > 0 ? 'validValues' : validRange === undefined ? undefined : 'validRange';
  if (what === undefined) return [];
  if (usual === undefined) return [required(path.child('default'), `required when ${what} is defined`)];
  return validRange === undefined ? validateValues(path.child(what), validValues, usual, most) : validateRange(path.child(what), validRange, usual, most);
}

/** `shared`: several claims may have a part of the device. */
export function validateCapacity(path: FieldPath, { value, requestPolicy }: DeviceCapacity, shared: boolean): FieldError[] {
  if (requestPolicy === undefined) return [];
  const at = path.child('requestPolicy');
  return shared ? validatePolicy(at, requestPolicy, value) : [forbiddenField(at, 'allowMultipleAllocations must be true')];
}
