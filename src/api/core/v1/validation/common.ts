/** Small checks that the core kinds share: choices, required texts, paths, quantities, resource names. */
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { invalidValue, notSupported, required } from '../../../meta/field.ts';
import { inRange, portName, portNumber, qualifiedName } from '../../../meta/names.ts';
import { compareQuantity, formatQuantity, parseQuantity, scaledValue } from '../../../meta/quantity.ts';
import { faultsAt } from '../../../meta/validation.ts';
import { isExtendedResource, isHugePages, isNativeResource } from '../resources.ts';

/** Must be there. */
export function need(path: FieldPath, value: unknown, detail = ''): FieldError[] {
  return value === undefined || value === null || value === '' ? [required(path, detail)] : [];
}

/** Must be one of the choices; empty is fine. */
export function oneOf(path: FieldPath, value: string | undefined, choices: readonly string[]): FieldError[] {
  return value === undefined || value === '' || choices.includes(value) ? [] : [notSupported(path, value, choices)];
}

/** Must be there and one of the choices. */
export function needOneOf(path: FieldPath, value: string | undefined, choices: readonly string[]): FieldError[] {
  return value === undefined || value === '' ? [required(path)] : oneOf(path, value, choices);
}

export function positive(path: FieldPath, value: number | undefined): FieldError[] {
  return value !== undefined && value <= 0 ? [invalidValue(path, value, 'must be greater than zero')] : [];
}

export function ranged(path: FieldPath, value: number | undefined, low: number, high: number): FieldError[] {
  return value === undefined ? [] : faultsAt(path, value, inRange(value, low, high));
}

/** A port by number or by name. */
export function validatePortReference(path: FieldPath, port: number | string | undefined): FieldError[] {
  if (typeof port === 'string') return faultsAt(path, port, portName(port));
  return faultsAt(path, port ?? 0, portNumber(port ?? 0));
}

/** A path without steps upwards. */
export function noBacksteps(path: FieldPath, value: string): FieldError[] {
  return value.split('/').includes('..') ? [invalidValue(path, value, "must not contain '..'")] : [];
}

/** A relative path that stays below where it starts. */
export function descendingPath(path: FieldPath, value: string): FieldError[] {
  const errors = value.startsWith('/') ? [invalidValue(path, value, 'must be a relative path')] : [];
  return [...errors, ...noBacksteps(path, value)];
}

/** As `descendingPath`, and not in the way of the names that atomic updates of volumes use. */
export function unreservedPath(path: FieldPath, value: string): FieldError[] {
  const errors = descendingPath(path, value);
  if (value.startsWith('..') && !value.startsWith('../')) errors.push(invalidValue(path, value, "must not start with '..'"));
  return errors;
}

export function validateFileMode(path: FieldPath, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

const STANDARD_RESOURCES: ReadonlySet<string> = new Set([
  'cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage',
  'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'storage', 'requests.storage',
  'services.nodeports', 'services.loadbalancers',
]);
const CONTAINER_RESOURCES: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const WHOLE_RESOURCES: ReadonlySet<string> = new Set([
  'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers',
]);

/** A resource's name: one of the API's own, or with a domain. */
export function validateResourceName(path: FieldPath, name: string): FieldError[] {
  const errors = faultsAt(path, name, qualifiedName(name));
  if (errors.length > 0) return errors;
  const known = name.includes('/') || isStandardResource(name);
  return known ? [] : [invalidValue(path, name, 'must be a standard resource type or fully qualified')];
}

/** A resource's name as containers may ask for it. */
export function validateContainerResourceName(path: FieldPath, name: string): FieldError[] {
  const errors = validateResourceName(path, name);
  if (!name.includes('/')) {
    if (!CONTAINER_RESOURCES.has(name) && !isHugePages(name)) errors.push(invalidValue(path, name, 'must be a standard resource for containers'));
  } else if (!isNativeResource(name) && !isExtendedName(name)) errors.push(invalidValue(path, name, "doesn't follow extended resource name standard"));
  return errors;
}

/** The name must also make a quota's key when `requests.` comes before it. */
function isExtendedName(name: string): boolean {
  return isExtendedResource(name) && qualifiedName(`requests.${name}`).length === 0;
}

/** A resource's name as nodes, quotas and volumes may have it: also the API's own for pieces. */
export function isStandardResource(name: string): boolean {
  return STANDARD_RESOURCES.has(name) || isHugePages(name.replace(/^requests\./, ''));
}

export function shownQuantity(text: string): string {
  return formatQuantity(parseQuantity(text));
}

export function nonNegativeQuantity(path: FieldPath, text: string): FieldError[] {
  return compareQuantity(text, '0') < 0 ? [invalidValue(path, shownQuantity(text), 'must be greater than or equal to 0')] : [];
}

export function isWholeQuantity(text: string): boolean {
  return scaledValue(text, -3) % 1000n === 0n;
}

/** An amount of a resource: not negative, and whole where pieces are counted. */
export function validateResourceAmount(path: FieldPath, resource: string, text: string): FieldError[] {
  const errors = nonNegativeQuantity(path, text);
  const whole = WHOLE_RESOURCES.has(resource) || isExtendedResource(resource);
  if (whole && !isWholeQuantity(text)) errors.push(invalidValue(path, shownQuantity(text), 'must be an integer'));
  return errors;
}

/** Names that occur twice, one error each. */
export function duplicatesOf<T>(items: readonly T[], keyOf: (item: T) => string | undefined, report: (item: T, index: number) => FieldError): FieldError[] {
  const errors: FieldError[] = [];
  if (items.length < 2) return errors;
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    const key = keyOf(item);
    if (key === undefined || key === '') continue;
    if (seen.has(key)) errors.push(report(item, i));
    seen.add(key);
  }
  return errors;
}
