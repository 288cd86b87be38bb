/**
 * Whether a schema of a custom resource is structural: every field has a type, and the logical junctors only narrow what is said outside of them.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import { RE2JS } from 're2js';
import type { FieldError, FieldPath } from '../../meta/field.ts';
import { forbiddenField, invalidValue, notSupported, required } from '../../meta/field.ts';
import type { JSONSchemaProps } from './types.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const UNSUPPORTED: Readonly<Record<string, string>> = {
  $ref: '$ref is not supported', definitions: 'definitions is not supported', dependencies: 'dependencies is not supported', id: 'id is not supported',
  patternProperties: 'patternProperties is not supported', additionalItems: 'additionalItems is not supported',
};
const JUNCTOR_FORBIDS: readonly (keyof JSONSchemaProps & string)[] = [
  'description', 'type', 'default', 'title', 'nullable', 'additionalProperties', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string',
];
const isSchema = (value: unknown): value is JSONSchemaProps => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Patterns are of RE2, in which matching takes linear time. */
function patternFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function validateExtensions(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.push(invalidValue(path.child('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'));
  if (schema['x-kubernetes-embedded-resource']) {
    if (schema.type !== 'object') errors.push(invalidValue(path.child('type'), schema.type ?? '', 'must be object if x-kubernetes-embedded-resource is true'));
    if (!schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(schema.properties ?? {}).length === 0) errors.push(required(path.child('properties'), 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'));
  }
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== undefined) {
    if (schema.type !== 'array') errors.push(invalidValue(path.child('type'), schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'));
    if (!['atomic', 'map', 'set'].includes(listType)) errors.push(notSupported(path.child('x-kubernetes-list-type'), listType, ['atomic', 'set', 'map']));
  }
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const at = path.child('x-kubernetes-list-map-keys');
  if (keys.length > 0 && listType !== 'map') errors.push(invalidValue(path.child('x-kubernetes-list-type'), listType ?? '', 'must be map if x-kubernetes-list-map-keys is non-empty'));
  if (listType === 'map') {
    if (keys.length === 0) errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'));
    const items = isSchema(schema.items) ? schema.items : undefined;
    if (items !== undefined && items.type !== 'object') errors.push(invalidValue(path.child('items', 'type'), items.type ?? '', `must be object if parent array's x-kubernetes-list-type is map`));
    for (const [i, key] of keys.entries()) {
      const property = items?.properties?.[key];
      if (property === undefined) errors.push(invalidValue(at.index(i), key, 'entries must all be names of item properties'));
      else if (property.default === undefined && !items?.required?.includes(key)) errors.push(required(path.child('items', 'properties').key(key).child('default'), 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'));
    }
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType !== undefined) {
    if (schema.type !== 'object') errors.push(invalidValue(path.child('type'), schema.type ?? '', 'must be object if x-kubernetes-map-type is specified'));
    if (!['atomic', 'granular'].includes(mapType)) errors.push(notSupported(path.child('x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
  }
  return errors;
}

function validateKeywords(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, text] of Object.entries(UNSUPPORTED)) {
    const value = (schema as Record<string, unknown>)[field];
    if (value !== undefined && value !== '') errors.push(forbiddenField(path.child(field), text));
  }
  if (schema.uniqueItems) errors.push(forbiddenField(path.child('uniqueItems'), 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  if (schema.type === 'null') errors.push(forbiddenField(path.child('type'), 'type cannot be set to null, use nullable as an alternative'));
  else if (schema.type !== undefined && schema.type !== '' && !TYPES.includes(schema.type)) errors.push(notSupported(path.child('type'), schema.type, TYPES));
  if (Array.isArray(schema.items)) errors.push(forbiddenField(path.child('items'), 'items must be a schema object and not an array'));
  const additional = schema.additionalProperties;
  if (additional === false) errors.push(forbiddenField(path.child('additionalProperties'), 'additionalProperties cannot be set to false'));
  if (additional !== undefined && Object.keys(schema.properties ?? {}).length > 0) errors.push(forbiddenField(path.child('additionalProperties'), 'additionalProperties and properties are mutual exclusive'));
  if (schema.pattern) {
    const fault = patternFault(schema.pattern);
    if (fault !== undefined) errors.push(invalidValue(path.child('pattern'), schema.pattern, `must be a valid regular expression, but isn't: ${fault}`));
  }
  return errors;
}

/** Schemas below allOf and the like may not bring what defines the structure. */
function validateJunctors(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const check = (at: FieldPath, inner: JSONSchemaProps): FieldError[] => {
    const errors = JUNCTOR_FORBIDS.flatMap((field) => {
      const value = inner[field];
      // int-or-string is spelled with types inside anyOf.
      if (value === undefined || (field === 'type' && schema['x-kubernetes-int-or-string'])) return [];
      return [forbiddenField(at.child(field), 'must be empty to be structural')];
    });
    const nested = Object.entries(inner.properties ?? {}).flatMap(([name, property]) => check(at.child('properties').key(name), property));
    return [...errors, ...nested, ...(isSchema(inner.items) ? check(at.child('items'), inner.items) : []), ...validateJunctors(at, inner)];
  };
  const lists = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((field) => (schema[field] ?? []).flatMap((inner, i) => check(path.child(field).index(i), inner)));
  return schema.not === undefined ? lists : [...lists, ...check(path.child('not'), schema.not)];
}

function validateType(path: FieldPath, schema: JSONSchemaProps, level: 'root' | 'field' | 'item' | 'additional'): FieldError[] {
  const free = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields'];
  if (schema.type) {
    if (level === 'root' && schema.type !== 'object') return [invalidValue(path.child('type'), schema.type, 'must be object at the root')];
    if (schema['x-kubernetes-int-or-string']) return [invalidValue(path.child('type'), schema.type, 'must be empty if x-kubernetes-int-or-string is true')];
    return [];
  }
  if (level === 'root') return [required(path.child('type'), 'must not be empty at the root')];
  if (free) return [];
  const what = { field: 'object fields', item: 'array items', additional: 'object fields' }[level];
  return [required(path.child('type'), `must not be empty for specified ${what}`)];
}

function walk(path: FieldPath, schema: JSONSchemaProps, level: 'root' | 'field' | 'item' | 'additional'): FieldError[] {
  const errors = [...validateType(path, schema, level), ...validateKeywords(path, schema), ...validateExtensions(path, schema), ...validateJunctors(path, schema)];
  if (schema.type === 'array' && schema.items === undefined) errors.push(required(path.child('items'), 'must be specified'));
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...walk(path.child('properties').key(name), property, 'field'));
  if (isSchema(schema.items)) errors.push(...walk(path.child('items'), schema.items, 'item'));
  if (isSchema(schema.additionalProperties)) errors.push(...walk(path.child('additionalProperties'), schema.additionalProperties, 'additional'));
  return errors;
}

/** Of metadata a schema may only say what names may look like. */
function validateMetadata(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const metadata = schema.properties?.['metadata'];
  if (metadata === undefined) return [];
  const at = path.child('properties').key('metadata');
  const errors: FieldError[] = metadata.type === 'object' || metadata.type === undefined ? [] : [invalidValue(at.child('type'), metadata.type, 'must be object')];
  const other = Object.keys(metadata.properties ?? {}).filter((name) => name !== 'name' && name !== 'generateName');
  if (other.length > 0) errors.push(forbiddenField(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
  return errors;
}

/** All faults of a schema at the root of a custom resource. */
export function validateStructural(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const errors = [...walk(path, schema, 'root'), ...validateMetadata(path, schema)];
  if (schema.nullable) errors.push(forbiddenField(path.child('nullable'), 'nullable cannot be true at the root'));
  if (schema.additionalProperties !== undefined) errors.push(forbiddenField(path.child('additionalProperties'), 'must not be used at the root'));
  return errors;
}
