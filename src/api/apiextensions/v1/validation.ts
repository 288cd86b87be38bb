/** Rules of custom resource definitions. */
import { validateClientConfig } from '../../admissionregistration/v1/validation.ts';
import { isConditionTrue } from '../../core/v1/pods.ts';
import { need, needOneOf } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, notSupported, required, tooMany } from '../../meta/field.ts';
import { dnsLabel1035, dnsSubdomain } from '../../meta/names.ts';
import { each, faultsAt, immutable } from '../../meta/validation.ts';
import { validateStructural } from './structural.ts';
import type { CustomResourceColumnDefinition, CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionVersion } from './types.ts';

const SPEC = new FieldPath('spec');
const APPROVAL = 'api-approved.kubernetes.io';
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const SELECTABLE_MAX = 8;

function validateNames(path: FieldPath, names: CustomResourceDefinitionNames | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['plural', 'singular'] as const) {
    const name = names?.[field] ?? '';
    if (field === 'plural' && name === '') errors.push(required(path.child(field)));
    else if (name !== '') errors.push(...faultsAt(path.child(field), name, dnsLabel1035(name)));
  }
  for (const field of ['kind', 'listKind'] as const) {
    const name = names?.[field] ?? '';
    const faults = name === '' ? [] : dnsLabel1035(name.toLowerCase());
    if (name === '') errors.push(required(path.child(field)));
    else if (faults.length > 0) errors.push(invalidValue(path.child(field), name, `may have mixed case, but should otherwise match: ${faults.join(',')}`));
  }
  for (const field of ['shortNames', 'categories'] as const) {
    for (const [i, name] of (names?.[field] ?? []).entries()) errors.push(...faultsAt(path.child(field).index(i), name, dnsLabel1035(name)));
  }
  if (names?.kind && names.kind === names.listKind) errors.push(invalidValue(path.child('listKind'), names.listKind, 'kind and listKind may not be the same'));
  return errors;
}

/** A path of field names, as `.spec.replicas`. */
function isSimplePath(path: string): boolean {
  return /^(\.[A-Za-z_$-][\w$-]*)+$/.test(path);
}

function validateScale(path: FieldPath, version: CustomResourceDefinitionVersion): FieldError[] {
  const scale = version.subresources?.scale;
  if (scale === undefined) return [];
  const rules = [
    ['specReplicasPath', scale.specReplicasPath, ['.spec.'], 'should be a json path under .spec'],
    ['statusReplicasPath', scale.statusReplicasPath, ['.status.'], 'should be a json path under .status'],
    ['labelSelectorPath', scale.labelSelectorPath, ['.spec.', '.status.'], 'should be a json path under either .spec or .status'],
  ] as const;
  return rules.flatMap(([field, value, prefixes, text]) => {
    const at = path.child(field);
    if (!value) return field === 'labelSelectorPath' ? [] : [required(at, `${text.replace('should', 'must')}`)];
    if (!isSimplePath(value)) return [invalidValue(at, value, `${text}, without array notation`)];
    return prefixes.some((prefix) => value.startsWith(prefix)) ? [] : [invalidValue(at, value, text)];
  });
}

function validateColumns(path: FieldPath, columns: readonly CustomResourceColumnDefinition[] | undefined): FieldError[] {
  return each(columns, (column, i) => {
    const at = path.index(i);
    const errors = [...need(at.child('name'), column.name), ...needOneOf(at.child('type'), column.type, COLUMN_TYPES), ...need(at.child('jsonPath'), column.jsonPath)];
    if (column.format && !['int32', 'int64', 'float', 'double', 'byte', 'date', 'date-time', 'password'].includes(column.format)) {
      errors.push(notSupported(at.child('format'), column.format, ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']));
    }
    return errors;
  });
}

function validateVersion(path: FieldPath, version: CustomResourceDefinitionVersion): FieldError[] {
  const errors: FieldError[] = faultsAt(path.child('name'), version.name ?? '', dnsLabel1035(version.name ?? ''));
  const schema = version.schema?.openAPIV3Schema;
  const at = path.child('schema', 'openAPIV3Schema');
  errors.push(...(schema === undefined ? [required(at, 'schemas are required')] : validateStructural(at, schema)));
  errors.push(...validateScale(path.child('subresources', 'scale'), version), ...validateColumns(path.child('additionalPrinterColumns'), version.additionalPrinterColumns));
  const warning = version.deprecationWarning;
  if (warning !== undefined) {
    const where = path.child('deprecationWarning');
    if (!version.deprecated) errors.push(invalidValue(where, warning, 'can only be set for deprecated versions'));
    if (warning === '') errors.push(invalidValue(where, warning, 'must not be an empty string'));
    if (warning.length > 256) errors.push(invalidValue(where, warning, 'must be <= 256 bytes of UTF-8'));
  }
  const selectable = version.selectableFields ?? [];
  const fields = path.child('selectableFields');
  if (selectable.length > SELECTABLE_MAX) errors.push(tooMany(fields, selectable.length, SELECTABLE_MAX));
  for (const [i, field] of selectable.entries()) {
    if (!isSimplePath(field.jsonPath ?? '')) errors.push(invalidValue(fields.index(i).child('jsonPath'), field.jsonPath ?? '', 'is an invalid path: must be a simple json path'));
    if (field.jsonPath?.startsWith('.metadata.')) errors.push(invalidValue(fields.index(i).child('jsonPath'), field.jsonPath, 'must not point to fields in metadata'));
    if (selectable.findIndex((other) => other.jsonPath === field.jsonPath) < i) errors.push(duplicate(fields.index(i).child('jsonPath'), field.jsonPath));
  }
  return errors;
}

function validateConversion(path: FieldPath, conversion: CustomResourceConversion | undefined): FieldError[] {
  if (conversion === undefined) return [];
  const errors = needOneOf(path.child('strategy'), conversion.strategy, ['None', 'Webhook']);
  const webhook = conversion.webhook;
  if (conversion.strategy !== 'Webhook') {
    if (webhook?.clientConfig) errors.push(forbiddenField(path.child('webhookClientConfig'), 'should not be set when strategy is not set to Webhook'));
    return errors;
  }
  if (webhook?.clientConfig === undefined) errors.push(required(path.child('webhookClientConfig'), 'required when strategy is set to Webhook'));
  else errors.push(...validateClientConfig(path.child('webhookClientConfig'), webhook.clientConfig));
  const versions = webhook?.conversionReviewVersions ?? [];
  const at = path.child('conversionReviewVersions');
  if (versions.length === 0) errors.push(required(at));
  else if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) errors.push(invalidValue(at, versions, 'must include at least one of v1, v1beta1'));
  for (const [i, version] of versions.entries()) if (versions.indexOf(version) < i) errors.push(invalidValue(at.index(i), version, 'duplicate version'));
  return errors;
}

function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

function validateApproval(definition: CustomResourceDefinition): FieldError[] {
  if (!isProtectedGroup(definition.spec?.group ?? '')) return [];
  const at = new FieldPath('metadata.annotations').key(APPROVAL);
  const value = definition.metadata.annotations?.[APPROVAL];
  if (!value) return [required(at, `protected groups must have approval annotation "${APPROVAL}", see https://github.com/kubernetes/enhancements/pull/1111`)];
  if (value.startsWith('unapproved') || URL.canParse(value)) return [];
  return [invalidValue(at, value, `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`)];
}

export function validateDefinition(definition: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  const spec = definition.spec;
  const { group = '', versions = [] } = spec ?? {};
  const errors: FieldError[] = [];
  const name = `${spec?.names?.plural ?? ''}.${group}`;
  if (definition.metadata.name !== name) errors.push(invalidValue(new FieldPath('metadata.name'), definition.metadata.name ?? '', 'must be spec.names.plural+"."+spec.group'));
  if (group === '') errors.push(required(SPEC.child('group')));
  else {
    errors.push(...faultsAt(SPEC.child('group'), group, dnsSubdomain(group)));
    if (!group.includes('.')) errors.push(invalidValue(SPEC.child('group'), group, 'should be a domain with at least one dot'));
  }
  errors.push(...needOneOf(SPEC.child('scope'), spec?.scope, ['Cluster', 'Namespaced']));
  if (spec?.preserveUnknownFields && !old?.spec.preserveUnknownFields) errors.push(invalidValue(SPEC.child('preserveUnknownFields'), true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'));
  const at = SPEC.child('versions');
  errors.push(...versions.flatMap((version, i) => validateVersion(at.index(i), version)));
  if (new Set(versions.map((version) => version.name)).size < versions.length) errors.push(invalidValue(at, shownVersions(versions), 'must contain unique version names'));
  if (versions.filter((version) => version.storage).length !== 1) errors.push(invalidValue(at, shownVersions(versions), 'must have exactly one version marked as storage version'));
  errors.push(...validateNames(SPEC.child('names'), spec?.names), ...validateConversion(SPEC.child('conversion'), spec?.conversion));
  return [...errors, ...(old === undefined || validateApproval(old).length === 0 ? validateApproval(definition) : [])];
}

/** Schemas are left out of messages. */
function shownVersions(versions: readonly CustomResourceDefinitionVersion[]): object[] {
  return versions.map(({ name, served, storage }) => ({ name, served, storage }));
}

export function validateDefinitionUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const errors = [
    ...immutable(SPEC.child('group'), definition.spec.group, old.spec.group),
    ...immutable(SPEC.child('names', 'plural'), definition.spec.names?.plural, old.spec.names?.plural),
  ];
  if (!isConditionTrue(old.status?.conditions, 'Established')) return errors;
  return [
    ...errors,
    ...immutable(SPEC.child('scope'), definition.spec.scope, old.spec.scope),
    ...immutable(SPEC.child('names', 'kind'), definition.spec.names?.kind, old.spec.names?.kind),
  ];
}

/** What has been stored in some version stays served for reading, until the list of stored versions says that it is gone. */
export function validateDefinitionStatus(definition: CustomResourceDefinition): FieldError[] {
  const stored = definition.status?.storedVersions ?? [];
  const path = new FieldPath('status.storedVersions');
  const versions = definition.spec?.versions ?? [];
  if (stored.length === 0) return [invalidValue(path, stored, 'must have at least one stored version')];
  const errors: FieldError[] = stored.flatMap((name, i) => (versions.some((version) => version.name === name) ? [] : [invalidValue(path.index(i), name, 'must appear in spec.versions')]));
  const current = versions.find((version) => version.storage)?.name;
  if (current !== undefined && !stored.includes(current)) errors.push(invalidValue(path, stored, `must have the storage version ${current}`));
  return errors;
}
