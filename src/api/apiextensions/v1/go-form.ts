/** Schemas, versions and rules as messages show them: upstream prints its own structures there, all fields with their own names, and `<`, `>` and `&` escaped. */
import type { CustomResourceDefinitionVersion, JSONSchemaProps, ValidationRule } from './types.ts';

/** The form of a field: `''`, `false` and `null` are what stands there when nothing is set. */
type Empty = '' | false | null;
type Convert = (value: never) => unknown;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (convert: (value: never) => unknown): Convert => (values: readonly unknown[]) => (values.length === 0 ? null : values.map((value) => convert(value as never)));
const map = (convert: (value: never) => unknown): Convert => (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.keys(values).sort().map((key) => [key, convert(values[key] as never)]));
const schemaOrBool = (value: JSONSchemaProps | boolean): object => ({ Allows: value !== false, Schema: isRecord(value) ? schemaForm(value) : null });
const schemaOrList = (value: JSONSchemaProps | readonly JSONSchemaProps[]): object => ({ Schema: isRecord(value) ? schemaForm(value as JSONSchemaProps) : null, JSONSchemas: Array.isArray(value) ? value.map(schemaForm) : null });
const schemaOrNames = (value: JSONSchemaProps | readonly string[]): object => ({ Schema: isRecord(value) ? schemaForm(value as JSONSchemaProps) : null, Property: Array.isArray(value) ? value : null });
const documents = (value: { description?: string; url?: string }): object => ({ Description: value.description ?? '', URL: value.url ?? '' });

/** A rule, as a message shows it. */
export function ruleForm(rule: ValidationRule): object {
  return { Rule: rule.rule ?? '', Message: rule.message ?? '', MessageExpression: rule.messageExpression ?? '', Reason: rule.reason ?? null, FieldPath: rule.fieldPath ?? '', OptionalOldSelf: rule.optionalOldSelf ?? null };
}

/** Fields of a schema in upstream's order: their name there, ours, what stands for none, and how to convert what is there. */
export const SCHEMA_FIELDS: readonly (readonly [name: string, field: keyof JSONSchemaProps & string, empty: Empty, convert?: Convert])[] = [
  ['ID', 'id', ''], ['Schema', '$schema', ''], ['Ref', '$ref', null], ['Description', 'description', ''], ['Type', 'type', ''], ['Nullable', 'nullable', false],
  ['Format', 'format', ''], ['Title', 'title', ''], ['Default', 'default', null], ['Maximum', 'maximum', null], ['ExclusiveMaximum', 'exclusiveMaximum', false],
  ['Minimum', 'minimum', null], ['ExclusiveMinimum', 'exclusiveMinimum', false], ['MaxLength', 'maxLength', null], ['MinLength', 'minLength', null], ['Pattern', 'pattern', ''],
  ['MaxItems', 'maxItems', null], ['MinItems', 'minItems', null], ['UniqueItems', 'uniqueItems', false], ['MultipleOf', 'multipleOf', null], ['Enum', 'enum', null],
  ['MaxProperties', 'maxProperties', null], ['MinProperties', 'minProperties', null], ['Required', 'required', null], ['Items', 'items', null, schemaOrList],
  ['AllOf', 'allOf', null, list(schemaForm)], ['OneOf', 'oneOf', null, list(schemaForm)], ['AnyOf', 'anyOf', null, list(schemaForm)], ['Not', 'not', null, schemaForm],
  ['Properties', 'properties', null, map(schemaForm)], ['AdditionalProperties', 'additionalProperties', null, schemaOrBool], ['PatternProperties', 'patternProperties', null, map(schemaForm)],
  ['Dependencies', 'dependencies', null, map(schemaOrNames)], ['AdditionalItems', 'additionalItems', null, schemaOrBool], ['Definitions', 'definitions', null, map(schemaForm)],
  ['ExternalDocs', 'externalDocs', null, documents], ['Example', 'example', null], ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', null],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', false], ['XIntOrString', 'x-kubernetes-int-or-string', false], ['XListMapKeys', 'x-kubernetes-list-map-keys', null],
  ['XListType', 'x-kubernetes-list-type', null], ['XMapType', 'x-kubernetes-map-type', null], ['XValidations', 'x-kubernetes-validations', null, list(ruleForm)],
];

/** A schema, as a message shows it. */
export function schemaForm(schema: JSONSchemaProps): object {
  return Object.fromEntries(SCHEMA_FIELDS.map(([name, field, empty, convert]) => {
    const value = schema[field] as unknown;
    return [name, value === undefined || value === null ? empty : convert === undefined ? value : convert(value as never)];
  }));
}

/** The items of a schema, as a message shows them. */
export const itemsForm = (items: JSONSchemaProps | readonly JSONSchemaProps[]): object => schemaOrList(items);

function versionForm(version: CustomResourceDefinitionVersion, shared: ReadonlySet<string>): object {
  const { schema, subresources: sub, additionalPrinterColumns: columns = [], selectableFields: selectable = [] } = version;
  const scale = sub?.scale;
  return {
    Name: version.name ?? '', Served: version.served ?? false, Storage: version.storage ?? false, Deprecated: version.deprecated ?? false, DeprecationWarning: version.deprecationWarning ?? null,
    Schema: schema === undefined || shared.has('schema') ? null : { OpenAPIV3Schema: schema.openAPIV3Schema === undefined ? null : schemaForm(schema.openAPIV3Schema) },
    Subresources: sub === undefined || shared.has('subresources') ? null : {
      Status: sub.status === undefined ? null : {},
      Scale: scale === undefined ? null : { SpecReplicasPath: scale.specReplicasPath ?? '', StatusReplicasPath: scale.statusReplicasPath ?? '', LabelSelectorPath: scale.labelSelectorPath ?? null },
    },
    AdditionalPrinterColumns: columns.length === 0 || shared.has('additionalPrinterColumns') ? null : columns.map((column) => ({
      Name: column.name ?? '', Type: column.type ?? '', Format: column.format ?? '', Description: column.description ?? '', Priority: column.priority ?? 0, JSONPath: column.jsonPath ?? '',
    })),
    SelectableFields: selectable.length === 0 || shared.has('selectableFields') ? null : selectable.map(({ jsonPath }) => ({ JSONPath: jsonPath ?? '' })),
  };
}

/** Versions, as a message shows them: what is the same in all of them is kept beside them there. */
export function versionsForm(versions: readonly CustomResourceDefinitionVersion[], shared: ReadonlySet<string>): object[] {
  return versions.map((version) => versionForm(version, shared));
}
