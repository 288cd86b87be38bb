/** Rules of custom resource definitions. */
import { validateClientConfig } from '../../admissionregistration/v1/validation.ts';
import { isConditionTrue } from '../../core/v1/pods.ts';
import { need, needOneOf } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, notSupported, required, tooMany } from '../../meta/field.ts';
import { byteLength, dnsLabel1035, dnsSubdomain } from '../../meta/names.ts';
import { each, faultsAt, immutable, repeats } from '../../meta/validation.ts';
import { sameJson } from '../schema/index.ts';
import { validateKeywords } from './keywords.ts';
import { validateSchemaDefaults } from './schema-defaults.ts';
import { validateStructural } from './structural.ts';
import type { CustomResourceColumnDefinition, CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionVersion, JSONSchemaProps } from './types.ts';

const SPEC = new FieldPath('spec');
const APPROVAL = 'api-approved.kubernetes.io';
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const SELECTABLE_MAX = 8;
const DEPRECATION_MAX_BYTES = 256;

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

function validateSimplePath(path: FieldPath, text: string): FieldError[] {
  if (text === '') return [invalidValue(path, text, 'must not be empty')];
  return text.startsWith('.') ? [] : [invalidValue(path, text, 'must be a simple json path starting with .')];
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
    if (!value) return field === 'labelSelectorPath' ? [] : [required(at)];
    const faults = validateSimplePath(at, value);
    if (faults.length > 0) return faults;
    return prefixes.some((prefix) => value.startsWith(prefix)) ? [] : [invalidValue(at, value, text)];
  });
}

function validateColumns(path: FieldPath, columns: readonly CustomResourceColumnDefinition[] | undefined): FieldError[] {
  return each(columns, (column, i) => {
    const at = path.index(i);
    const errors = [...need(at.child('name'), column.name), ...needOneOf(at.child('type'), column.type, COLUMN_TYPES)];
    if (column.format && !COLUMN_FORMATS.includes(column.format)) errors.push(notSupported(at.child('format'), column.format, COLUMN_FORMATS));
    return [...errors, ...(column.jsonPath ? validateSimplePath(at.child('jsonPath'), column.jsonPath) : [required(at.child('jsonPath'))])];
  });
}

/** The schema at the end of a simple path, or why there is none. */
function schemaAt(schema: JSONSchemaProps | undefined, path: string): JSONSchemaProps | string {
  if (!/^(\.[A-Za-z_$-][\w$-]*)+$/.test(path)) return 'must be a simple path of field names';
  let at = schema;
  for (const name of path.slice(1).split('.')) {
    const next: JSONSchemaProps | undefined = at?.properties?.[name];
    if (next === undefined) return `does not refer to a valid field`;
    at = next;
  }
  return at!;
}

const SELECTABLE_TYPES: ReadonlySet<string> = new Set(['string', 'boolean', 'integer']);

function validateSelectable(path: FieldPath, version: CustomResourceDefinitionVersion): FieldError[] {
  const selectable = version.selectableFields ?? [];
  const seen = repeats();
  const errors = each(selectable, ({ jsonPath }, i) => {
    const at = path.index(i).child('jsonPath');
    if (!jsonPath) return [required(at)];
    if (jsonPath.startsWith('.metadata.') || jsonPath === '.metadata') return [invalidValue(at, jsonPath, 'must not point to fields in metadata')];
    const found = schemaAt(version.schema?.openAPIV3Schema, jsonPath);
    if (typeof found === 'string') return [invalidValue(at, jsonPath, `is an invalid path: ${found}`)];
    const wrong: FieldError[] = SELECTABLE_TYPES.has(found.type ?? '') ? [] : [invalidValue(at, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.')];
    if (seen(jsonPath)) wrong.push(duplicate(at, jsonPath));
    return wrong;
  });
  const unique = new Set(selectable.map(({ jsonPath }) => jsonPath)).size;
  return unique > SELECTABLE_MAX ? [...errors, tooMany(path, unique, SELECTABLE_MAX)] : errors;
}

/** Fields that may stand at the root of a schema whose status is validated apart: what they say does not reach into it. */
const ROOT_WITH_STATUS = [
  'description', 'type', 'format', 'title', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength', 'pattern', 'maxItems', 'minItems',
  'uniqueItems', 'multipleOf', 'required', 'items', 'properties', 'externalDocs', 'example', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations',
];

function validateSchema(path: FieldPath, version: CustomResourceDefinitionVersion): FieldError[] {
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) return [];
  const errors: FieldError[] = [];
  if (version.subresources?.status !== undefined && Object.keys(schema).some((field) => !ROOT_WITH_STATUS.includes(field))) {
    const names = ROOT_WITH_STATUS.map((name) => JSON.stringify(name)).join(' ');
    errors.push(invalidValue(path, schema, `only [${names}] fields are allowed at the root of the schema if the status subresource is enabled`));
  }
  if (schema.nullable) errors.push(forbiddenField(path.child('nullable'), 'nullable cannot be true at the root'));
  errors.push(...validateKeywords(path, schema), ...validateStructural(path, schema));
  return errors.length > 0 ? errors : validateSchemaDefaults(path, schema);
}

function validateDeprecation(path: FieldPath, version: CustomResourceDefinitionVersion): FieldError[] {
  const warning = version.deprecationWarning;
  if (warning === undefined) return [];
  const errors: FieldError[] = [];
  if (!version.deprecated) errors.push(invalidValue(path, warning, 'can only be set for deprecated versions'));
  if (warning === '') errors.push(invalidValue(path, warning, 'must not be an empty string'));
  if (byteLength(warning) > DEPRECATION_MAX_BYTES) errors.push(invalidValue(path, warning, `must be <= ${DEPRECATION_MAX_BYTES} bytes of UTF-8`));
  return errors;
}

type VersionCheck = (path: FieldPath, version: CustomResourceDefinitionVersion) => FieldError[];

/** What versions say each for themselves; where all say the same, the API keeps it once beside them, and errors name that place. */
const PARTS: readonly { of: (version: CustomResourceDefinitionVersion) => unknown; own: readonly string[]; shared: readonly string[]; check: VersionCheck }[] = [
  { of: ({ schema }) => schema, own: ['schema', 'openAPIV3Schema'], shared: ['validation', 'openAPIV3Schema'], check: validateSchema },
  { of: ({ subresources }) => subresources, own: ['subresources', 'scale'], shared: ['subresources', 'scale'], check: validateScale },
  { of: ({ additionalPrinterColumns }) => additionalPrinterColumns, own: ['additionalPrinterColumns'], shared: ['additionalPrinterColumns'], check: (path, version) => validateColumns(path, version.additionalPrinterColumns) },
  { of: ({ selectableFields }) => selectableFields, own: ['selectableFields'], shared: ['selectableFields'], check: validateSelectable },
];

function validateVersions(path: FieldPath, versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const errors = versions.flatMap((version, i) => [
    ...faultsAt(path.index(i).child('name'), version.name ?? '', dnsLabel1035(version.name ?? '')),
    ...validateDeprecation(path.index(i).child('deprecationWarning'), version),
    ...(version.schema?.openAPIV3Schema === undefined ? [required(path.index(i).child('schema', 'openAPIV3Schema'), 'schemas are required')] : []),
  ]);
  for (const { of, own, shared, check } of PARTS) {
    const first = versions[0];
    if (first !== undefined && versions.every((version) => sameJson(of(version), of(first)))) errors.push(...check(SPEC.child(...shared), first));
    else errors.push(...versions.flatMap((version, i) => check(path.index(i).child(...own), version)));
  }
  return errors;
}

function validateConversion(path: FieldPath, conversion: CustomResourceConversion | undefined): FieldError[] {
  if (conversion === undefined) return [];
  const errors = needOneOf(path.child('strategy'), conversion.strategy, ['None', 'Webhook']);
  const webhook = conversion.webhook;
  if (conversion.strategy !== 'Webhook') {
    const text = 'should not be set when strategy is not set to Webhook';
    if (webhook?.clientConfig) errors.push(forbiddenField(path.child('webhookClientConfig'), text));
    if ((webhook?.conversionReviewVersions ?? []).length > 0) errors.push(forbiddenField(path.child('conversionReviewVersions'), text));
    return errors;
  }
  if (webhook?.clientConfig === undefined) errors.push(required(path.child('webhookClientConfig'), 'required when strategy is set to Webhook'));
  else errors.push(...validateClientConfig(path.child('webhookClientConfig'), webhook.clientConfig));
  const versions = webhook?.conversionReviewVersions ?? [];
  const at = path.child('conversionReviewVersions');
  if (versions.length === 0) errors.push(required(at));
  else if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) errors.push(invalidValue(at, versions, 'must include at least one of v1, v1beta1'));
  const seen = repeats();
  for (const [i, version] of versions.entries()) if (seen(version)) errors.push(invalidValue(at.index(i), version, 'duplicate version'));
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
  errors.push(...validateVersions(at, versions));
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
