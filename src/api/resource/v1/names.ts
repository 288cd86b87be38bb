/** Forms of the names and identifiers that devices, pools and claims have (KEP-4381), shared by their rules. */
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, required, tooLong, tooMany } from '../../meta/field.ts';
import { byteLength, cIdentifier, dnsLabel, dnsSubdomain, qualifiedName } from '../../meta/names.ts';
import { quote } from '../../meta/quote.ts';
import { each, faultsAt, repeats } from '../../meta/validation.ts';
import { selectorCompiler } from './selector-hook.ts';
import type { DeviceSelector, OpaqueDeviceConfiguration } from './types.ts';

export const SPEC = new FieldPath('spec');
export const LIST_MAX = 32;
const POOL_NAME_MAX = 253;
const IDENTIFIER_MAX = 32;
const EXPRESSION_MAX_BYTES = 10 * 1024;
/** Parameters for drivers, and what drivers report. */
const RAW_MAX_BYTES = 10 * 1024;

/** Nothing more is said of a list that is too long than that. */
export function limited<T>(path: FieldPath, list: readonly T[] | undefined, max: number, check: (path: FieldPath, item: T, index: number) => readonly FieldError[]): FieldError[] {
  if (list === undefined) return [];
  return list.length > max ? [tooMany(path, list.length, max)] : each(list, (item, i) => check(path.index(i), item, i));
}

/** As `limited`, of items that differ in their keys. */
export function limitedSet<T>(path: FieldPath, list: readonly T[] | undefined, max: number, keyOf: (item: T) => string, check: (path: FieldPath, item: T, index: number) => readonly FieldError[]): FieldError[] {
  const errors = limited(path, list, max, check);
  if (list === undefined || list.length > max) return errors;
  const seen = repeats();
  return [...errors, ...each(list, (item, i) => (seen(keyOf(item)) ? [duplicate(path.index(i), keyOf(item))] : []))];
}

/** A name that is a DNS label. */
export function labelled(path: FieldPath, name: string | undefined): FieldError[] {
  return faultsAt(path, name ?? '', dnsLabel(name ?? ''));
}

/** As `labelled`, where none is missing rather than wrong. */
export function neededLabel(path: FieldPath, name: string | undefined): FieldError[] {
  return name ? labelled(path, name) : [required(path)];
}

/** A pool's name: DNS names with slashes between them. */
export function validatePool(path: FieldPath, name: string | undefined): FieldError[] {
  if (!name) return [required(path)];
  const errors: FieldError[] = byteLength(name) > POOL_NAME_MAX ? [tooLong(path, POOL_NAME_MAX)] : [];
  return [...errors, ...name.split('/').flatMap((part) => faultsAt(path, part, dnsSubdomain(part)))];
}

function validateIdentifier(path: FieldPath, name: string): FieldError[] {
  return [...(byteLength(name) > IDENTIFIER_MAX ? [tooLong(path, IDENTIFIER_MAX)] : []), ...faultsAt(path, name, cIdentifier(name))];
}

/** The name of an attribute or capacity: an identifier, with the domain of whoever has defined it in front, or without. More slashes than one were always let through. */
export function validateQualified(path: FieldPath, name: string): FieldError[] {
  const [first = '', second, ...rest] = name.split('/');
  if (rest.length > 0) return [];
  if (second === undefined) return validateIdentifier(path, first);
  return [
    ...(first === '' ? [invalidValue(path, '', 'the domain must not be empty')] : validateDriverName(path, first)),
    ...(second === '' ? [invalidValue(path, '', 'the name must not be empty')] : validateIdentifier(path, second)),
  ];
}

/** As `validateQualified`, with a domain. */
export function validateFullyQualified(path: FieldPath, name: string): FieldError[] {
  return [...validateQualified(path, name), ...(name.includes('/') ? [] : [invalidValue(path, name, 'a fully qualified name must be a domain and a name separated by a slash')])];
}

const HEX_32 = /^[0-9a-f]{32}$/i;
const HYPHENATED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What is wrong with a text as a UUID in any of its forms: with hyphens, without, in braces, as a URN. */
function uuidFault(text: string): string | undefined {
  const malformed = (digits: string): string | undefined => (HYPHENATED.test(digits) ? undefined : 'invalid UUID format');
  switch (byteLength(text)) {
    case 36:
      return malformed(text);
    case 45:
      return /^urn:uuid:/i.test(text) ? malformed(text.slice(9)) : `invalid urn prefix: ${quote(text.slice(0, 9))}`;
    case 38:
      return text.startsWith('{') && text.endsWith('}') ? malformed(text.slice(1, -1)) : 'invalid bracketed UUID format';
    case 32:
      return HEX_32.test(text) ? undefined : 'invalid UUID format';
    default:
      return `invalid UUID length: ${byteLength(text)}`;
  }
}

/** The identifier of a share: with hyphens and lower-case digits, of all forms that UUIDs have. */
export function validateUuid(path: FieldPath, text: string | undefined): FieldError[] {
  if (text === undefined) return [];
  const fault = uuidFault(text);
  if (fault !== undefined) return [invalidValue(path, text, `error validating uid: ${fault}`)];
  if (HYPHENATED.test(text) && text === text.toLowerCase()) return [];
  return [invalidValue(path, text, 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters')];
}

/** JSON of somebody else's form: an object, which when it is new is not too long either. */
export function validateRaw(path: FieldPath, value: unknown, stored: boolean): FieldError[] {
  if (value === undefined || value === null) return [required(path)];
  if (!stored && byteLength(JSON.stringify(value)) > RAW_MAX_BYTES) return [tooLong(path, RAW_MAX_BYTES)];
  return typeof value === 'object' && !Array.isArray(value) ? [] : [invalidValue(path, '<value omitted>', 'must be a valid JSON object')];
}

/** Settings for a driver. `at` is where they stand. */
export function validateConfiguration(at: FieldPath, { opaque }: { opaque?: OpaqueDeviceConfiguration }, stored: boolean): FieldError[] {
  const path = at.child('opaque');
  return opaque === undefined ? [required(path)] : [...validateDriverName(path.child('driver'), opaque.driver), ...validateRaw(path.child('parameters'), opaque.parameters, stored)];
}

function validateExpression(path: FieldPath, expression: string): FieldError[] {
  if (byteLength(expression) > EXPRESSION_MAX_BYTES) return [tooLong(path, EXPRESSION_MAX_BYTES)];
  const fault = selectorCompiler()?.(expression);
  if (fault === undefined) return [];
  return [fault.kind === 'costly' ? forbiddenField(path, 'too complex, exceeds cost limit') : invalidValue(path, expression, fault.text)];
}

/** `stored`: the expressions are there already, and stay whatever the rules have become. */
export function validateSelectors(path: FieldPath, selectors: readonly DeviceSelector[] | undefined, stored: boolean): FieldError[] {
  return limited(path, selectors, LIST_MAX, (at, { cel }) => {
    if (cel === undefined) return [required(at.child('cel'))];
    return stored ? [] : validateExpression(at.child('cel', 'expression'), cel.expression ?? '');
  });
}

const CONDITIONS_MAX = 4;

/** Conditions that a device needs before it is bound, and those that say it never will be: both or neither, and none in both. */
export function validateBinding(path: FieldPath, ready: readonly string[] | undefined, failed: readonly string[] | undefined): FieldError[] {
  const [conditions, failures] = [ready ?? [], failed ?? []];
  const [at, failAt] = [path.child('bindingConditions'), path.child('bindingFailureConditions')];
  const form = (place: FieldPath, name: string): FieldError[] => faultsAt(place, name, qualifiedName(name));
  const errors = [...limited(at, conditions, CONDITIONS_MAX, form), ...limited(failAt, failures, CONDITIONS_MAX, form)];
  const [seen, seenFailed] = [repeats(), repeats()];
  for (const [i, name] of conditions.entries()) if (seen(name)) errors.push(duplicate(at.index(i), name));
  for (const [i, name] of failures.entries()) {
    if (seenFailed(name)) errors.push(duplicate(failAt.index(i), name));
    if (conditions.includes(name)) errors.push(invalidValue(failAt.index(i), name, 'bindingFailureConditions must not overlap with bindingConditions'));
  }
  if (conditions.length === 0 && failures.length > 0) errors.push(invalidValue(at, ready, 'bindingConditions are required to use bindingFailureConditions'));
  if (failures.length === 0 && conditions.length > 0) errors.push(invalidValue(failAt, failed, 'bindingFailureConditions are required to use bindingConditions'));
  return errors;
}
