/** Rules of custom resource definitions. */
import { validateClientConfig } from '../../admissionregistration/v1/validation.ts';
import { isConditionTrue } from '../../core/v1/pods.ts';
import { need, needOneOf } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, required, tooMany } from '../../meta/field.ts';
import { byteLength, dnsLabel1035, dnsSubdomain } from '../../meta/names.ts';
import { each, faultsAt, immutable, repeats } from '../../meta/validation.ts';
import { sameJson } from '../schema/index.ts';
import { findFieldPath } from './field-paths.ts';
import { SCHEMA_FIELDS, schemaForm, versionsForm } from './go-form.ts';
import { validateKeywords, validateMapKeys, validateSetItems, type KeywordLeniency } from './keywords.ts';
import { ruleCompiler } from './rule-hook.ts';
import { validateSchemaDefaults } from './schema-defaults.ts';
import { isSchema, unreadable, validateStructural } from './structural.ts';
import { schemasWithin } from './warnings.ts';
import type { CustomResourceColumnDefinition, CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionVersion, JSONSchemaProps } from './types.ts';

const SPEC = new FieldPath('spec');
const APPROVAL = 'api-approved.kubernetes.io';
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const SELECTABLE_MAX = 8;
const DEPRECATION_MAX_BYTES = 256;

function validateRequiredNames(path: FieldPath, names: CustomResourceDefinitionNames | undefined): FieldError[] {
  return (['plural', 'singular', 'kind', 'listKind'] as const).flatMap((field) => need(path.child(field), names?.[field]));
}

function validateNames(path: FieldPath, names: CustomResourceDefinitionNames | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['plural', 'singular'] as const) {
    const name = names?.[field] ?? '';
    if (name !== '') errors.push(...joinedFaults(path.child(field), name));
  }
  for (const field of ['kind', 'listKind'] as const) {
    const name = names?.[field] ?? '';
    const faults = name === '' ? [] : dnsLabel1035(name.toLowerCase());
    if (faults.length > 0) errors.push(invalidValue(path.child(field), name, `may have mixed case, but should otherwise match: ${faults.join(',')}`));
  }
  const all = (field: 'shortNames' | 'categories'): FieldError[] => (names?.[field] ?? []).flatMap((name, i) => joinedFaults(path.child(field).index(i), name));
  errors.push(...all('shortNames'));
  if (names?.kind && names.kind === names.listKind) errors.push(invalidValue(path.child('listKind'), names.listKind, 'kind and listKind may not be the same'));
  return [...errors, ...all('categories')];
}

/** All that is wrong with a label, in one error. */
function joinedFaults(path: FieldPath, label: string): FieldError[] {
  const faults = dnsLabel1035(label);
  return faults.length > 0 ? [invalidValue(path, label, faults.join(','))] : [];
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
    const at = path.child('scale', field);
    if (!value) return field === 'labelSelectorPath' ? [] : [required(at)];
    const faults = validateSimplePath(at, value);
    if (faults.length > 0) return faults;
    if (prefixes.some((prefix) => value.startsWith(prefix))) return [];
    return [field === 'labelSelectorPath' ? invalidValue(at, { toJSON: () => value }, text) : invalidValue(at, value, text)];
  });
}

const listed = (values: readonly string[]): string => `must be one of ${values.join(',')}`;

function validateColumns(path: FieldPath, columns: readonly CustomResourceColumnDefinition[] | undefined): FieldError[] {
  return each(columns, (column, i) => {
    const at = path.index(i);
    const errors = need(at.child('name'), column.name);
    if (!column.type) errors.push(required(at.child('type'), listed(COLUMN_TYPES)));
    else if (!COLUMN_TYPES.includes(column.type)) errors.push(invalidValue(at.child('type'), column.type, listed(COLUMN_TYPES)));
    if (column.format && !COLUMN_FORMATS.includes(column.format)) errors.push(invalidValue(at.child('format'), column.format, listed(COLUMN_FORMATS)));
    return [...errors, ...(column.jsonPath ? validateSimplePath(at.child('JSONPath'), column.jsonPath) : [required(at.child('JSONPath'))])];
  });
}

const SELECTABLE_TYPES: ReadonlySet<string> = new Set(['string', 'boolean', 'integer']);

function validateSelectable(path: FieldPath, version: CustomResourceDefinitionVersion, { old }: Leniency): FieldError[] {
  const selectable = version.selectableFields ?? [];
  if (selectable.length === 0) return [];
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) return [invalidValue(path, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')];
  if (unreadable(schema) !== undefined) return [];
  const unique = new Set<string>();
  const errors = each(selectable, ({ jsonPath }, i) => {
    const at = path.index(i).child('jsonPath');
    if (!jsonPath) return [required(at)];
    const found = findFieldPath(jsonPath, schema, { brackets: false });
    if ('fault' in found) return [invalidValue(at, jsonPath, `is an invalid path: ${found.fault}`)];
    const wrong: FieldError[] = found.root === 'metadata' ? [invalidValue(at, jsonPath, 'must not point to fields in metadata')] : [];
    if (!SELECTABLE_TYPES.has(found.schema.type ?? '')) wrong.push(invalidValue(at, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'));
    if (unique.has(found.path.text)) wrong.push(duplicate(at, jsonPath));
    unique.add(found.path.text);
    return wrong;
  });
  const before = old?.spec.versions.find(({ name }) => name === version.name)?.selectableFields ?? [];
  const stays = before.length > SELECTABLE_MAX && sameJson(before, selectable);
  return unique.size > SELECTABLE_MAX && !stays ? [...errors, tooMany(path, unique.size, SELECTABLE_MAX)] : errors;
}

/** Fields that may stand at the root of a schema whose status is validated apart: what they say does not reach into it. */
const ROOT_WITH_STATUS = [
  'Description', 'Type', 'Format', 'Title', 'Maximum', 'ExclusiveMaximum', 'Minimum', 'ExclusiveMinimum', 'MaxLength', 'MinLength', 'Pattern', 'MaxItems', 'MinItems',
  'UniqueItems', 'MultipleOf', 'Required', 'Items', 'Properties', 'ExternalDocs', 'Example', 'XPreserveUnknownFields', 'XValidations',
];

/** The first thing at the root of a schema that cannot be there beside a status subresource. */
function validateRootWithStatus(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  for (const [name, field, empty] of SCHEMA_FIELDS) {
    const value = schema[field];
    if (value === undefined || value === null || value === empty) continue;
    if (name === 'Type' && value !== 'object') return [invalidValue(path.child('type'), value, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled')];
    if (!ROOT_WITH_STATUS.includes(name)) return [invalidValue(path, schemaForm(schema), `only [${ROOT_WITH_STATUS.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`)];
  }
  return [];
}

function validateSchema(path: FieldPath, version: CustomResourceDefinitionVersion, lenient: Leniency): FieldError[] {
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) return [];
  const errors: FieldError[] = lenient.status(version) ? validateRootWithStatus(path, schema) : [];
  if (schema.nullable) errors.push(forbiddenField(path.child('nullable'), 'nullable cannot be true at the root'));
  const fault = unreadable(schema);
  let structural: FieldError[] = [];
  if (fault === undefined) {
    structural = validateStructural(path, schema);
    if (structural.length === 0) structural = validateSchemaDefaults(path, schema, { anyFields: lenient.anyDefaults });
  }
  const before = lenient.old?.spec.versions.find(({ name }) => name === version.name)?.schema?.openAPIV3Schema;
  const rules = fault === undefined && structural.length === 0 ? ruleCompiler()?.start({ anyCost: before !== undefined && sameJson(before, schema) }) : undefined;
  errors.push(...structural, ...validateKeywords(path, schema, lenient.keywords, rules));
  if (errors.length === 0 && fault !== undefined) errors.push(invalidValue(path, '', fault));
  return rules === undefined ? errors : [...errors, ...rules.total(path)];
}

/** Of each character of a warning; a tab or a line break is none. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function validateDeprecation(path: FieldPath, version: CustomResourceDefinitionVersion): FieldError[] {
  const warning = version.deprecationWarning;
  if (warning === undefined) return [];
  const told = (text: string): FieldError => invalidValue(path, { toJSON: () => warning }, text);
  if (!version.deprecated) return [told('can only be set for deprecated versions')];
  const errors: FieldError[] = [];
  if (byteLength(warning) > DEPRECATION_MAX_BYTES) errors.push(told(`must be <= ${DEPRECATION_MAX_BYTES} characters long`));
  if (warning === '') errors.push(told('must not be an empty string'));
  let at = 0;
  for (const character of warning) {
    if (!PRINTABLE.test(character)) {
      errors.push(told(`must only contain printable UTF-8 characters; non-printable character found at index ${at}`));
      break;
    }
    at += byteLength(character);
  }
  return errors;
}

/** What an update may leave as it was, though it would not be let in today. */
interface Leniency {
  old: CustomResourceDefinition | undefined;
  keywords: KeywordLeniency;
  anyDefaults: boolean;
  /** Whether status is written apart, in the version or, where all versions say the same of their schema, in any. */
  status(version: CustomResourceDefinitionVersion): boolean;
}

const NOWHERE = new FieldPath();
const KNOWN_TYPES: ReadonlySet<string> = new Set(['array', 'boolean', 'integer', 'number', 'object', 'string']);

function leniencyOf(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined, shared: ReadonlySet<string>): Leniency {
  const schemas = (old?.spec.versions ?? []).flatMap(({ schema }) => schema?.openAPIV3Schema ?? []);
  const has = (test: (schema: JSONSchemaProps) => boolean): boolean => schemas.some((schema) => schemasWithin(schema).some(test));
  const separate = (version: CustomResourceDefinitionVersion): boolean => version.subresources?.status !== undefined;
  const anyStatus = (definition.spec?.versions ?? []).some(separate);
  return {
    old, status: shared.has('schema') ? () => anyStatus : separate,
    keywords: old === undefined ? {} : {
      anyType: has(({ type }) => Boolean(type) && !KNOWN_TYPES.has(type!)), anyMapKeys: has((schema) => validateMapKeys(NOWHERE, schema).length > 0),
      anySet: has((schema) => schema['x-kubernetes-list-type'] === 'set' && isSchema(schema.items) && validateSetItems(NOWHERE, schema.items).length > 0),
    },
    anyDefaults: schemas.some((schema) => validateSchemaDefaults(NOWHERE, schema).some(({ detail }) => detail.endsWith('must not have unknown fields'))),
  };
}

type VersionCheck = (path: FieldPath, version: CustomResourceDefinitionVersion, lenient: Leniency) => FieldError[];

/** What versions say each for themselves; where all say the same, the API keeps it once beside them, and errors name that place. */
const PARTS: readonly { of: keyof CustomResourceDefinitionVersion & string; own: readonly string[]; shared: readonly string[]; check: VersionCheck }[] = [
  { of: 'schema', own: ['schema', 'openAPIV3Schema'], shared: ['validation', 'openAPIV3Schema'], check: validateSchema },
  { of: 'subresources', own: ['subresources'], shared: ['subresources'], check: validateScale },
  { of: 'additionalPrinterColumns', own: ['additionalPrinterColumns'], shared: ['additionalPrinterColumns'], check: (path, version) => validateColumns(path, version.additionalPrinterColumns) },
  { of: 'selectableFields', own: ['selectableFields'], shared: ['selectableFields'], check: validateSelectable },
];

/** The parts that are the same in all versions. */
function sharedParts(versions: readonly CustomResourceDefinitionVersion[]): ReadonlySet<string> {
  const [first] = versions;
  return new Set(PARTS.filter(({ of }) => first !== undefined && versions.every((version) => sameJson(version[of], first[of]))).map(({ of }) => of));
}

/** Errors of the versions, and those of what they share, which come last. */
function validateVersions(path: FieldPath, versions: readonly CustomResourceDefinitionVersion[], shared: ReadonlySet<string>, lenient: Leniency): { own: FieldError[]; shared: FieldError[] } {
  const own = versions.flatMap((version, i) => (version.schema?.openAPIV3Schema === undefined ? [required(path.index(i).child('schema', 'openAPIV3Schema'))] : []));
  const anySchema = lenient.old?.spec.versions.some(({ schema }) => schema?.openAPIV3Schema === undefined) === true;
  const errors = anySchema ? [] : own;
  for (const [i, version] of versions.entries()) {
    errors.push(...joinedFaults(path.index(i).child('name'), version.name ?? ''), ...validateDeprecation(path.index(i).child('deprecationWarning'), version));
    for (const part of PARTS) if (!shared.has(part.of)) errors.push(...part.check(path.index(i).child(...part.own), version, lenient));
  }
  return { own: errors, shared: PARTS.filter(({ of }) => shared.has(of)).flatMap((part) => (versions[0] === undefined ? [] : part.check(SPEC.child(...part.shared), versions[0], lenient))) };
}

function validateConversion(path: FieldPath, conversion: CustomResourceConversion | undefined, old: CustomResourceDefinition | undefined): FieldError[] {
  if (conversion === undefined) return [];
  const errors = needOneOf(path.child('strategy'), conversion.strategy, ['None', 'Webhook']);
  const webhook = conversion.webhook;
  if (conversion.strategy !== 'Webhook') {
    const text = 'should not be set when strategy is not set to Webhook';
    if (webhook?.clientConfig) errors.push(forbiddenField(path.child('webhookClientConfig'), text));
    if ((webhook?.conversionReviewVersions ?? []).length > 0) errors.push(forbiddenField(path.child('conversionReviewVersions'), text));
    return errors;
  }
  const config = webhook?.clientConfig;
  const client = path.child('webhookClientConfig');
  if (config === undefined) errors.push(required(client, 'required when strategy is set to Webhook'));
  else errors.push(...validateClientConfig(client, config), ...validateBundle(client.child('caBundle'), config.caBundle, old));
  const versions = webhook?.conversionReviewVersions ?? [];
  const at = path.child('conversionReviewVersions');
  if (versions.length === 0) return [...errors, required(at)];
  const seen = repeats();
  for (const [i, version] of versions.entries()) {
    if (seen(version)) errors.push(invalidValue(at.index(i), version, 'duplicate version'));
    else errors.push(...faultsAt(at.index(i), version, dnsLabel1035(version)));
  }
  const before = old?.spec.conversion?.webhook?.conversionReviewVersions ?? [];
  const unknownBefore = before.length > 0 && !before.some(isReviewVersion);
  if (!unknownBefore && !versions.some(isReviewVersion)) errors.push(invalidValue(at, versions, 'must include at least one of v1, v1beta1'));
  return errors;
}

const isReviewVersion = (version: string): boolean => version === 'v1' || version === 'v1beta1';
const NO_CERTIFICATES = 'unable to load root certificates: unable to parse bytes as PEM block';

/** Certificates that a conversion webhook is trusted by must be some, once the definition is established and unless they never were any. */
function validateBundle(path: FieldPath, bundle: string | undefined, old: CustomResourceDefinition | undefined): FieldError[] {
  const holdsNone = (text: string): boolean => !Buffer.from(text, 'base64').toString('latin1').includes('-----BEGIN CERTIFICATE-----');
  const before = old?.spec.conversion?.webhook?.clientConfig?.caBundle;
  if (!bundle || !holdsNone(bundle) || !isConditionTrue(old?.status?.conditions, 'Established') || (before && holdsNone(before))) return [];
  return [invalidValue(path, bundle, NO_CERTIFICATES)];
}

function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

/** What the annotation says of a protected group's approval. */
function approvalOf(definition: CustomResourceDefinition): 'missing' | 'bypassed' | 'approved' | 'invalid' {
  const value = definition.metadata.annotations?.[APPROVAL];
  if (!value) return 'missing';
  if (value.startsWith('unapproved')) return 'bypassed';
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#\s]+[^\s]*$/.test(value) ? 'approved' : 'invalid';
}

/** An annotation that says what the old one said is not looked at again. */
function validateApproval(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined): FieldError[] {
  const state = approvalOf(definition);
  if (!isProtectedGroup(definition.spec?.group ?? '') || state === 'bypassed' || state === 'approved' || (old !== undefined && approvalOf(old) === state)) return [];
  const at = new FieldPath('metadata.annotations').key(APPROVAL);
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (state === 'missing') return [required(at, `protected groups must have approval annotation "${APPROVAL}", ${see}`)];
  return [invalidValue(at, definition.metadata.annotations![APPROVAL], `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", ${see}`)];
}

function validateGroup(path: FieldPath, group: string): FieldError[] {
  if (group === '') return [required(path)];
  const faults = dnsSubdomain(group);
  if (faults.length > 0) return [invalidValue(path, group, faults.join(','))];
  return group.includes('.') ? [] : [invalidValue(path, group, 'should be a domain with at least one dot')];
}

/** What a name of a definition has to be, beside being a subdomain. */
export function definitionNameFaults(definition: CustomResourceDefinition): string[] {
  const name = definition.metadata.name ?? '';
  const faults = dnsSubdomain(name);
  return name === `${definition.spec?.names?.plural ?? ''}.${definition.spec?.group ?? ''}` ? faults : [...faults, 'must be spec.names.plural+"."+spec.group'];
}

export function validateDefinition(definition: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  const spec = definition.spec;
  const { versions = [] } = spec ?? {};
  const shared = sharedParts(versions);
  const errors = [...validateGroup(SPEC.child('group'), spec?.group ?? ''), ...needOneOf(SPEC.child('scope'), spec?.scope, ['Cluster', 'Namespaced'])];
  const at = SPEC.child('versions');
  const found = validateVersions(at, versions, shared, leniencyOf(definition, old, shared));
  errors.push(...found.own);
  const shown = spec?.versions === undefined || spec.versions === null ? null : versionsForm(versions, shared);
  if (new Set(versions.map((version) => version.name)).size < versions.length) errors.push(invalidValue(at, shown, 'must contain unique version names'));
  if (versions.filter((version) => version.storage).length !== 1) errors.push(invalidValue(at, shown, 'must have exactly one version marked as storage version'));
  // Upstream keeps the first version's name a second time.
  if (versions[0]?.name) errors.push(...joinedFaults(SPEC.child('version'), versions[0].name));
  errors.push(...validateRequiredNames(SPEC.child('names'), spec?.names), ...validateNames(SPEC.child('names'), spec?.names), ...found.shared, ...validateConversion(SPEC.child('conversion'), spec?.conversion, old));
  if (old !== undefined) errors.push(...validateDefinitionUpdate(definition, old));
  errors.push(...validateDefinitionStatus(definition), ...validateStoredVersions(definition), ...validateApproval(definition, old));
  if (spec?.preserveUnknownFields && !old?.spec.preserveUnknownFields) errors.push(invalidValue(SPEC.child('preserveUnknownFields'), true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'));
  return errors;
}

function validateDefinitionUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const [names, before] = [definition.spec.names, old.spec.names];
  return [
    ...(isConditionTrue(old.status?.conditions, 'Established') ? [...immutable(SPEC.child('scope'), definition.spec.scope, old.spec.scope), ...immutable(SPEC.child('names', 'kind'), names?.kind, before?.kind)] : []),
    ...immutable(SPEC.child('group'), definition.spec.group, old.spec.group), ...immutable(SPEC.child('names', 'plural'), names?.plural, before?.plural),
  ];
}

export function validateDefinitionStatus(definition: CustomResourceDefinition): FieldError[] {
  return validateNames(new FieldPath('status.acceptedNames'), definition.status?.acceptedNames);
}

/** What has been stored in some version stays served for reading, until the list of stored versions says that it is gone. */
export function validateStoredVersions(definition: CustomResourceDefinition): FieldError[] {
  const stored = definition.status?.storedVersions ?? [];
  const path = new FieldPath('status.storedVersions');
  const versions = definition.spec?.versions ?? [];
  if (stored.length === 0) return [invalidValue(path, definition.status?.storedVersions ?? null, 'must have at least one stored version')];
  const current = versions.filter(({ name, storage }) => storage && !stored.includes(name)).map(({ name }) => invalidValue(path, stored, `must have the storage version ${name}`));
  return [...current, ...stored.flatMap((name, i) => (versions.some((version) => version.name === name) ? [] : [
    invalidValue(path.index(i), name, `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`),
  ]))];
}
