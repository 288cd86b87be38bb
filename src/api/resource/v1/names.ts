/** Forms of the names and identifiers that devices, pools and claims have (KEP-4381), shared by their rules. */
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidOmitted, invalidValue, required, tooLong, tooMany } from '../../meta/field.ts';
import { byteLength, cIdentifier, dnsLabel, dnsSubdomain } from '../../meta/names.ts';
import { faultsAt, repeats } from '../../meta/validation.ts';
import { selectorCompiler } from './selector-hook.ts';
import type { DeviceSelector, OpaqueDeviceConfiguration } from './types.ts';

export const SPEC = new FieldPath('spec');
export const LIST_MAX = 32;
const POOL_NAME_MAX = 253;
const IDENTIFIER_MAX = 32;
const EXPRESSION_MAX_BYTES = 10 * 1024;
/** Parameters for drivers, and what drivers report. */
const RAW_MAX_BYTES = 10 * 1024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function limited(path: FieldPath, list: readonly unknown[] | undefined, max: number): FieldError[] {
  return (list ?? []).length > max ? [tooMany(path, list!.length, max)] : [];
}

/** A name that is a DNS label and must be there. */
export function labelled(path: FieldPath, name: string | undefined): FieldError[] {
  return name ? faultsAt(path, name, dnsLabel(name)) : [required(path)];
}

/** Texts that stand more than once in a list, one error each. */
export function repeated(path: FieldPath, list: readonly string[] | undefined): FieldError[] {
  const seen = repeats();
  return (list ?? []).flatMap((value, i) => (seen(value) ? [duplicate(path.index(i), value)] : []));
}

/** A pool's name: DNS names with slashes between them. */
export function validatePool(path: FieldPath, name: string | undefined): FieldError[] {
  if (!name) return [required(path)];
  const errors: FieldError[] = byteLength(name) > POOL_NAME_MAX ? [tooLong(path, POOL_NAME_MAX)] : [];
  return [...errors, ...name.split('/').flatMap((part) => faultsAt(path, part, dnsSubdomain(part)))];
}

function validateIdentifier(path: FieldPath, name: string): FieldError[] {
  return byteLength(name) > IDENTIFIER_MAX ? [tooLong(path, IDENTIFIER_MAX)] : faultsAt(path, name, cIdentifier(name));
}

/** The name of an attribute or capacity: an identifier, with the domain of whoever has defined it in front, or without. */
export function validateQualified(path: FieldPath, name: string, needsDomain = false): FieldError[] {
  if (name === '') return [required(path, 'name required')];
  const [first, second, ...rest] = name.split('/');
  if (rest.length > 0) return [invalidValue(path, name, 'a fully qualified name must be a domain and a name separated by a slash')];
  if (second === undefined) return needsDomain ? [invalidValue(path, name, 'must include a domain')] : validateIdentifier(path, first!);
  return [
    ...(first === '' ? [required(path, 'the domain must not be empty')] : validateDriverName(path, first)),
    ...(second === '' ? [required(path, 'the name must not be empty')] : validateIdentifier(path, second)),
  ];
}

export function validateUuid(path: FieldPath, text: string | undefined): FieldError[] {
  return text === undefined || UUID.test(text) ? [] : [invalidValue(path, text, 'must be a lowercase UUID in 8-4-4-4-12 format')];
}

/** JSON of somebody else's form: an object that is not too long. */
export function validateRaw(path: FieldPath, value: unknown): FieldError[] {
  if (byteLength(JSON.stringify(value)) > RAW_MAX_BYTES) return [tooLong(path, RAW_MAX_BYTES)];
  return typeof value === 'object' && !Array.isArray(value) ? [] : [invalidOmitted(path, 'must be a valid JSON object')];
}

export function validateOpaque(path: FieldPath, opaque: OpaqueDeviceConfiguration | undefined): FieldError[] {
  if (opaque === undefined) return [required(path, 'exactly one field must be set')];
  const parameters = path.child('parameters');
  const errors = validateDriverName(path.child('driver'), opaque.driver);
  return [...errors, ...(opaque.parameters === undefined || opaque.parameters === null ? [required(parameters)] : validateRaw(parameters, opaque.parameters))];
}

function validateExpression(path: FieldPath, expression: string): FieldError[] {
  if (byteLength(expression) > EXPRESSION_MAX_BYTES) return [tooLong(path, EXPRESSION_MAX_BYTES)];
  const fault = selectorCompiler()?.(expression);
  if (fault === undefined) return [];
  return [fault.kind === 'costly' ? forbiddenField(path, 'too complex, exceeds cost limit') : invalidValue(path, expression, fault.text)];
}

/** `stored`: the expressions are there already, and stay whatever the rules have become. */
export function validateSelectors(path: FieldPath, selectors: readonly DeviceSelector[] | undefined, stored: boolean): FieldError[] {
  return [
    ...limited(path, selectors, LIST_MAX),
    ...(selectors ?? []).flatMap(({ cel }, i) => {
      const at = path.index(i).child('cel');
      if (cel === undefined) return [required(at)];
      if (!cel.expression) return [required(at.child('expression'))];
      return stored ? [] : validateExpression(at.child('expression'), cel.expression);
    }),
  ];
}

const CONDITIONS_MAX = 4;

/** Conditions that a device needs before it is bound, and those that say it never will be: both or neither, and none in both. */
export function validateBinding(path: FieldPath, ready: readonly string[] | undefined, failed: readonly string[] | undefined, form: (name: string) => string[]): FieldError[] {
  const [conditions, failures] = [ready ?? [], failed ?? []];
  const [at, failAt] = [path.child('bindingConditions'), path.child('bindingFailureConditions')];
  const errors = [...limited(at, conditions, CONDITIONS_MAX), ...limited(failAt, failures, CONDITIONS_MAX), ...repeated(at, conditions), ...repeated(failAt, failures)];
  for (const [i, name] of conditions.entries()) errors.push(...faultsAt(at.index(i), name, form(name)));
  for (const [i, name] of failures.entries()) errors.push(...faultsAt(failAt.index(i), name, form(name)));
  if (conditions.length === 0 && failures.length > 0) errors.push(invalidValue(at, conditions, 'bindingConditions are required to use bindingFailureConditions'));
  if (failures.length === 0 && conditions.length > 0) errors.push(invalidValue(failAt, failures, 'bindingFailureConditions are required to use bindingConditions'));
  return [...errors, ...failures.flatMap((name, i) => (conditions.includes(name) ? [invalidValue(failAt.index(i), name, 'bindingFailureConditions must not overlap with bindingConditions')] : []))];
}
