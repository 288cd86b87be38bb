/** The rules that the metadata of every object keeps, and those of label selectors and conditions. */
import type { FieldError } from './field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, notSupported, required, tooLong } from './field.ts';
import type { NameCheck } from './names.ts';
import { byteLength, formText, labelName, labelValue, pathName, qualifiedName } from './names.ts';
import { quote } from './quote.ts';
import type { Condition, LabelSelector, LabelSelectorRequirement, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './v1/types.ts';

export const IMMUTABLE = 'field is immutable';
/** Keys and values of all annotations of one object together, in bytes. */
export const ANNOTATIONS_MAX_BYTES = 262144;
const FIELD_MANAGER_MAX = 128;
const SUBRESOURCE_MAX = 256;
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** What a kind asks of its objects' metadata. */
export interface MetaRules {
  namespaced: boolean;
  name: NameCheck;
  /** Custom resources may have finalizers without a domain. */
  anyFinalizer?: boolean;
}

/** Deep equality of JSON values, where a missing field, null, and an empty list, map or object are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) && isEmpty(b)) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  if (!isRecord(a) || !isRecord(b)) return false;
  for (const key in a) if (!sameField(key, a[key], b[key])) return false;
  for (const key in b) if (!(key in a) && !sameField(key, undefined, b[key])) return false;
  return true;
}

/** Fields that are maps wherever they occur: there an empty object and none are the same. Elsewhere `{}` says something (`emptyDir: {}`). */
const MAP_FIELDS: ReadonlySet<string> = new Set([
  'labels', 'annotations', 'matchLabels', 'nodeSelector', 'limits', 'requests', 'data', 'binaryData', 'stringData', 'parameters', 'overhead', 'options',
  'volumeAttributes', 'capacity', 'allocatable', 'podFixed', 'hard', 'used', 'max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio', 'userAnnotations',
]);

function sameField(key: string, a: unknown, b: unknown): boolean {
  return sameValue(a, b) || (MAP_FIELDS.has(key) && isEmptyMap(a) && isEmptyMap(b));
}

function isEmptyMap(value: unknown): boolean {
  return isEmpty(value) || (isRecord(value) && Object.keys(value).length === 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.length === 0;
}

/** The errors of all items, in their order. */
export function each<T>(items: readonly T[] | undefined, check: (item: T, index: number) => readonly FieldError[]): FieldError[] {
  const errors: FieldError[] = [];
  if (items === undefined) return errors;
  for (let i = 0; i < items.length; i++) for (const error of check(items[i]!, i)) errors.push(error);
  return errors;
}

/** Tells of each key in turn whether it came before. */
export function repeats(): (key: string) => boolean {
  const seen = new Set<string>();
  return (key) => {
    const before = seen.has(key);
    seen.add(key);
    return before;
  };
}

/** One error when the value changed. */
export function immutable(path: FieldPath, value: unknown, old: unknown): FieldError[] {
  return sameValue(value, old) ? [] : [invalidValue(path, value, IMMUTABLE)];
}

/** As `immutable`, of fields whose types declare it: what they became is not shown. */
export function declaredImmutable(path: FieldPath, value: unknown, old: unknown): FieldError[] {
  return sameValue(value, old) ? [] : [invalidValue(path, undefined, IMMUTABLE)];
}

export function nonNegative(path: FieldPath, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, 'must be greater than or equal to 0')] : [];
}

/** One error for each fault that a text check found. */
export function faultsAt(path: FieldPath, value: unknown, faults: readonly string[]): FieldError[] {
  return faults.length === 0 ? [] : faults.map((fault) => invalidValue(path, value, fault));
}

export function validateLabels(path: FieldPath, labels: Readonly<Record<string, string>> | undefined): FieldError[] {
  return each(Object.entries(labels ?? {}), ([key, value]) => [
    ...faultsAt(path, key, qualifiedName(key)),
    ...faultsAt(path, value, labelValue(value)),
  ]);
}

export function validateAnnotations(path: FieldPath, annotations: Readonly<Record<string, string>> | undefined): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) => faultsAt(path, key, qualifiedName(key.toLowerCase())));
  let bytes = 0;
  for (const [key, value] of entries) bytes += byteLength(key) + byteLength(value);
  if (bytes > ANNOTATIONS_MAX_BYTES) errors.push(tooLong(path, ANNOTATIONS_MAX_BYTES));
  return errors;
}

function validateOwner(path: FieldPath, owner: OwnerReference): FieldError[] {
  const errors: FieldError[] = [];
  const version = (owner.apiVersion ?? '').split('/');
  if (version.length > 2 || version.at(-1) === '') errors.push(invalidValue(path.child('apiVersion'), owner.apiVersion ?? '', 'version must not be empty'));
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (!owner[field]) errors.push(invalidValue(path.child(field), owner[field] ?? '', 'must not be empty'));
  }
  if ((owner.apiVersion === 'v1' || owner.apiVersion === '/v1') && owner.kind === 'Event') errors.push(invalidValue(path, owner, '/v1, Kind=Event is disallowed from being an owner'));
  return errors;
}

export function validateOwners(path: FieldPath, owners: readonly OwnerReference[] | undefined): FieldError[] {
  const errors: FieldError[] = [];
  let first = '';
  for (const owner of owners ?? []) {
    errors.push(...validateOwner(path, owner));
    if (owner.controller !== true) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (first === '') first = name;
    else errors.push(invalidValue(path, owners, `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${name}`));
  }
  return errors;
}

function validateFinalizers(path: FieldPath, finalizers: readonly string[] | undefined): FieldError[] {
  const list = finalizers ?? [];
  const errors = list.flatMap((finalizer) => faultsAt(path, finalizer, qualifiedName(finalizer)));
  if (list.includes('orphan') && list.includes('foregroundDeletion')) {
    errors.push(invalidValue(path, list, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

/** Finalizers of built-in kinds have a domain in front, or are the API's own. */
function validateFinalizerDomains(path: FieldPath, finalizers: readonly string[] | undefined, rules: Pick<MetaRules, 'anyFinalizer'>): FieldError[] {
  if (rules.anyFinalizer) return [];
  return each(finalizers, (finalizer, i) => (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)
    ? [] : [invalidValue(path.index(i), finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]));
}

/** Length and printable characters of a field manager's name. */
export function validateFieldManager(path: FieldPath, manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(manager) > FIELD_MANAGER_MAX) errors.push(tooLong(path, FIELD_MANAGER_MAX));
  let at = 0;
  for (const character of manager) {
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) {
      const point = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalidValue(path, manager, `invalid character U+${point} (at position ${at})`));
    }
    at += byteLength(character);
  }
  return errors;
}

function validateManagedFields(path: FieldPath, entries: readonly ManagedFieldsEntry[] | undefined): FieldError[] {
  return (entries ?? []).flatMap((entry, i) => {
    const at = path.index(i);
    const errors: FieldError[] = [];
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') errors.push(invalidValue(at.child('operation'), entry.operation ?? '', 'must be `Apply` or `Update`'));
    if (entry.fieldsType && entry.fieldsType !== 'FieldsV1') errors.push(invalidValue(at.child('fieldsType'), entry.fieldsType, 'must be `FieldsV1`'));
    errors.push(...validateFieldManager(at.child('manager'), entry.manager ?? ''));
    if (byteLength(entry.subresource ?? '') > SUBRESOURCE_MAX) errors.push(tooLong(at.child('subresource'), SUBRESOURCE_MAX));
    return errors;
  });
}

/** Metadata of a new object; a name has been generated by now where one was asked for. */
export function validateObjectMeta(meta: ObjectMeta, rules: MetaRules, path: FieldPath = new FieldPath('metadata')): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.generateName) errors.push(...faultsAt(path.child('generateName'), meta.generateName, rules.name(meta.generateName, true)));
  if (!meta.name) errors.push(required(path.child('name'), 'name or generateName is required'));
  else errors.push(...faultsAt(path.child('name'), meta.name, rules.name(meta.name)));
  if (!rules.namespaced) {
    if (meta.namespace) errors.push(forbiddenField(path.child('namespace'), 'not allowed on this type'));
  } else if (!meta.namespace) errors.push(required(path.child('namespace')));
  else errors.push(...faultsAt(path.child('namespace'), meta.namespace, labelName(meta.namespace)));
  errors.push(...nonNegative(path.child('generation'), meta.generation));
  errors.push(...validateMetaMaps(meta, path));
  errors.push(...validateFinalizers(path.child('finalizers'), meta.finalizers));
  errors.push(...validateManagedFields(path.child('managedFields'), meta.managedFields));
  errors.push(...validateFinalizerDomains(path.child('finalizers'), meta.finalizers, rules));
  return errors;
}

function validateMetaMaps(meta: ObjectMeta, path: FieldPath): FieldError[] {
  return [
    ...validateLabels(path.child('labels'), meta.labels),
    ...validateAnnotations(path.child('annotations'), meta.annotations),
    ...validateOwners(path.child('ownerReferences'), meta.ownerReferences),
  ];
}

const TEXTS: ReadonlySet<string> = new Set(['name', 'namespace', 'uid']);
const IMMUTABLE_META = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

/** Metadata of a changed object beside the stored one: what may not change, and no finalizer added to what is being deleted. */
export function validateObjectMetaUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  path: FieldPath = new FieldPath('metadata'),
  rules: Pick<MetaRules, 'anyFinalizer'> = {},
): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp) {
    const added = [...new Set(meta.finalizers ?? [])].filter((finalizer) => !(old.finalizers ?? []).includes(finalizer)).toSorted();
    if (added.length > 0) {
      const list = added.map(quote).join(', ');
      errors.push(forbiddenField(path.child('finalizers'), `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`));
    }
  }
  if (!meta.resourceVersion) errors.push(invalidValue(path.child('resourceVersion'), meta.resourceVersion ?? '', 'must be specified for an update'));
  if ((meta.generation ?? 0) < (old.generation ?? 0)) errors.push(invalidValue(path.child('generation'), meta.generation ?? 0, 'must not be decremented'));
  for (const field of IMMUTABLE_META) {
    const missing = TEXTS.has(field) ? '' : undefined;
    errors.push(...immutable(path.child(field), meta[field] ?? missing, old[field] ?? missing));
  }
  errors.push(...validateMetaMaps(meta, path));
  errors.push(...validateManagedFields(path.child('managedFields'), meta.managedFields));
  errors.push(...validateFinalizerDomains(path.child('finalizers'), meta.finalizers, rules));
  return errors;
}

/** What every changed object is held to before its kind has a say. */
export function validateCommonUpdate(meta: ObjectMeta, old: ObjectMeta, namespaced: boolean): FieldError[] {
  return [...validateObjectMeta(meta, { namespaced, name: pathName, anyFinalizer: true }), ...validateObjectMetaUpdate(meta, old, undefined, { anyFinalizer: true })];
}

/** Whether there is something in metadata that only `validateCommonUpdate` looks at; all else kinds look at as well. */
export const needsCommonUpdate = ({ finalizers, generateName }: ObjectMeta): boolean => (finalizers?.length ?? 0) > 0 || (generateName ?? '') !== '';

function validateRequirement(path: FieldPath, requirement: LabelSelectorRequirement, strictValues: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) errors.push(forbiddenField(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    default:
      errors.push(invalidValue(path.child('operator'), requirement.operator ?? '', 'not a valid selector operator'));
  }
  errors.push(...faultsAt(path.child('key'), requirement.key ?? '', qualifiedName(requirement.key ?? '')));
  if (strictValues) {
    for (const [i, value] of values.entries()) errors.push(...faultsAt(path.child('values').index(i), value, labelValue(value)));
  }
  return errors;
}

/** A label selector. With `anyValues` the values of expressions are not checked, for fields that were always read so. */
export function validateLabelSelector(path: FieldPath, selector: LabelSelector | undefined, options: { anyValues?: boolean } = {}): FieldError[] {
  if (selector === undefined) return [];
  return [
    ...validateLabels(path.child('matchLabels'), selector.matchLabels),
    ...(selector.matchExpressions ?? []).flatMap((requirement, i) =>
      validateRequirement(path.child('matchExpressions').index(i), requirement, options.anyValues !== true)),
  ];
}

export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0;
}

const REASON_FORM = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const REASON = new RegExp(`^${REASON_FORM}$`);
const REASON_TEXT = "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";

function validateCondition(path: FieldPath, condition: Condition): FieldError[] {
  const errors = faultsAt(path.child('type'), condition.type ?? '', qualifiedName(condition.type ?? ''));
  if (!['True', 'False', 'Unknown'].includes(condition.status)) errors.push(notSupported(path.child('status'), condition.status ?? '', ['False', 'True', 'Unknown']));
  if ((condition.observedGeneration ?? 0) < 0) errors.push(invalidValue(path.child('observedGeneration'), condition.observedGeneration, 'must be greater than or equal to zero'));
  if (!condition.lastTransitionTime) errors.push(required(path.child('lastTransitionTime')));
  if (!condition.reason) errors.push(required(path.child('reason')));
  else {
    if (!REASON.test(condition.reason)) {
      errors.push(invalidValue(path.child('reason'), condition.reason, formText(REASON_TEXT, REASON_FORM, 'my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB')));
    }
    if (byteLength(condition.reason) > 1024) errors.push(tooLong(path.child('reason'), 1024));
  }
  if (byteLength(condition.message ?? '') > 32768) errors.push(tooLong(path.child('message'), 32768));
  return errors;
}

/** Conditions of the common form (meta/v1 Condition). */
export function validateConditions(path: FieldPath, conditions: readonly Condition[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return each(conditions, (condition, i) => {
    const errors = seen.has(condition.type) ? [duplicate(path.index(i).child('type'), condition.type)] : [];
    seen.add(condition.type);
    return [...errors, ...validateCondition(path.index(i), condition)];
  });
}
