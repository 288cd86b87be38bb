/**
 * Whether a schema of a custom resource is structural: every field has a type, and the logical junctors only narrow what is said outside of them.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import { own } from '../../../base/own.ts';
import { compilePattern, patternFault } from '../../meta/patterns.ts';
import type { FieldError, FieldPath } from '../../meta/field.ts';
import { forbiddenField, invalidValue, required } from '../../meta/field.ts';
import type { JSONSchemaProps } from './types.ts';

type Level = 'root' | 'field' | 'item';

export const isSchema = (value: unknown): value is JSONSchemaProps => typeof value === 'object' && value !== null && !Array.isArray(value);

const NO_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root', field: 'must not be empty for specified object fields', item: 'must not be empty for specified array items',
};

/** What schemas below junctors must leave to the schema outside, and how the API says so. */
const OUTSIDE_ONLY: readonly (readonly [keyof JSONSchemaProps & string, string])[] = [
  ['type', 'must be empty to be structural'], ['additionalProperties', 'must be undefined to be structural'], ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'], ['description', 'must be empty to be structural'], ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'], ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'], ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'], ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

const isSet = (value: unknown): boolean => value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);

/** `anyOf: [{type: integer}, {type: string}]`, by which int-or-string is spelled. */
function spellsIntOrString(anyOf: readonly JSONSchemaProps[] | undefined): boolean {
  const only = (schema: JSONSchemaProps | undefined, type: string): boolean => schema?.type === type && Object.keys(schema).length === 1;
  return anyOf?.length === 2 && only(anyOf[0], 'integer') && only(anyOf[1], 'string');
}

/** Each schema directly below a junctor, with its path; those that spell int-or-string are left out where they may. */
function* junctorsOf(schema: JSONSchemaProps, path: FieldPath, exempt: boolean): Generator<[JSONSchemaProps, FieldPath, boolean], void, undefined> {
  for (const field of ['anyOf', 'allOf', 'oneOf'] as const) {
    if (field === 'anyOf' && exempt && spellsIntOrString(schema.anyOf)) continue;
    // int-or-string may also be spelled in the first of allOf.
    for (const [i, inner] of (schema[field] ?? []).entries()) yield [inner, path.child(field).index(i), field === 'allOf' && exempt && i === 0];
  }
  if (schema.not !== undefined) yield [schema.not, path.child('not'), false];
}

/** Patterns are of RE2, in which matching takes linear time. */
function faultOf(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    return patternFault(error);
  }
}

function validateNested(path: FieldPath, schema: JSONSchemaProps, exempt: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, text] of OUTSIDE_ONLY) if (isSet(schema[field])) errors.push(forbiddenField(path.child(field), text));
  const fault = schema.pattern ? faultOf(schema.pattern) : undefined;
  if (fault !== undefined) errors.push(invalidValue(path.child('pattern'), schema.pattern, `must be a valid regular expression, but isn't: ${fault}`));
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, 'metadata')) errors.push(forbiddenField(path.child('properties').key('metadata'), 'must not be specified in a nested context'));
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...validateNested(path.child('properties').key(name), property, false));
  if (isSchema(schema.items)) errors.push(...validateNested(path.child('items'), schema.items, false));
  for (const [inner, at, spelled] of junctorsOf(schema, path, exempt)) errors.push(...validateNested(at, inner, spelled));
  return errors;
}

/** Whatever a schema below a junctor speaks of must be there outside as well. */
function validateComplete(outside: JSONSchemaProps | undefined, outsidePath: FieldPath, nested: JSONSchemaProps, path: FieldPath): FieldError[] {
  if (outside === undefined) return [required(outsidePath, `because it is defined in ${path.text}`)];
  const errors = Object.entries(nested.properties ?? {}).flatMap(([name, property]) =>
    validateComplete(own(outside.properties, name), outsidePath.child('properties').key(name), property, path.child('properties').key(name)));
  if (isSchema(nested.items)) errors.push(...validateComplete(isSchema(outside.items) ? outside.items : undefined, outsidePath.child('items'), nested.items, path.child('items')));
  for (const [inner, at] of junctorsOf(nested, path, false)) errors.push(...validateComplete(outside, outsidePath, inner, at));
  return errors;
}

/** Of an object's own metadata a schema may only say what names may look like. */
function validateMetadata(path: FieldPath, metadata: JSONSchemaProps, level: Level): FieldError[] {
  const errors: FieldError[] = metadata.type === 'object' ? [] : [invalidValue(path.child('type'), metadata.type ?? '', 'must be object')];
  if (level !== 'root') return errors;
  const { type: _type, properties = {}, default: _default, ...rest } = metadata;
  const names = Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  if (!names || Object.values(rest).some(isSet)) errors.push(forbiddenField(path, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
  return errors;
}

function validateEmbeddedParts(path: FieldPath, schema: JSONSchemaProps, level: Level): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['kind', 'apiVersion']) {
    const property = schema.properties?.[name];
    if (property !== undefined && property.type !== 'string') errors.push(invalidValue(path.child('properties').key(name).child('type'), property.type ?? '', 'must be string'));
  }
  const metadata = schema.properties?.['metadata'];
  if (metadata !== undefined) errors.push(...validateMetadata(path.child('properties').key('metadata'), metadata, level));
  return errors;
}

function validateType(path: FieldPath, schema: JSONSchemaProps, level: Level): FieldError[] {
  const type = schema.type ?? '';
  const at = path.child('type');
  if (schema['x-kubernetes-embedded-resource'] && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true';
    return [type === '' ? required(at, text) : invalidValue(at, type, text)];
  }
  if (type === '' && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) return [required(at, NO_TYPE[level])];
  return level === 'root' && type !== '' && type !== 'object' ? [invalidValue(at, type, 'must be object at the root')] : [];
}

function validateExtensions(path: FieldPath, schema: JSONSchemaProps, level: Level): FieldError[] {
  const errors: FieldError[] = [];
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  if (schema['x-kubernetes-int-or-string']) {
    for (const field of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const) {
      if (schema[field]) errors.push(invalidValue(path.child(field), true, 'must be false if x-kubernetes-int-or-string is true'));
    }
  }
  if (embedded && schema.additionalProperties !== undefined) errors.push(forbiddenField(path.child('additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'));
  if (level === 'root' && schema.additionalProperties !== undefined) errors.push(forbiddenField(path.child('additionalProperties'), 'must not be used at the root'));
  if (embedded && !schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(schema.properties ?? {}).length === 0) {
    errors.push(required(path.child('properties'), 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'));
  }
  return errors;
}

function walk(path: FieldPath, schema: JSONSchemaProps, level: Level): FieldError[] {
  const errors = [...validateType(path, schema, level), ...validateExtensions(path, schema, level)];
  if (schema.type === 'array' && schema.items === undefined) errors.push(required(path.child('items'), 'must be specified'));
  const fault = schema.pattern ? faultOf(schema.pattern) : undefined;
  if (fault !== undefined) errors.push(invalidValue(path.child('pattern'), schema.pattern, `must be a valid regular expression, but isn't: ${fault}`));
  for (const [inner, at, spelled] of junctorsOf(schema, path, true)) errors.push(...validateNested(at, inner, spelled));
  if (level === 'root') for (const [inner, at] of junctorsOf(schema, path, false)) errors.push(...validateComplete(schema, path, inner, at));
  if (level === 'root' || schema['x-kubernetes-embedded-resource']) errors.push(...validateEmbeddedParts(path, schema, level));
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...walk(path.child('properties').key(name), property, 'field'));
  if (isSchema(schema.items)) errors.push(...walk(path.child('items'), schema.items, 'item'));
  if (isSchema(schema.additionalProperties)) errors.push(...walk(path.child('additionalProperties'), schema.additionalProperties, 'field'));
  return errors;
}

/** Keywords that a structural schema cannot have, in the order in which they are looked for. */
const IMPOSSIBLE = ['id', '$schema', '$ref', 'patternProperties', 'dependencies', 'additionalItems', 'definitions'] as const;

const holds = (value: unknown): boolean => value !== undefined && value !== '' && !(isSchema(value) && Object.keys(value).length === 0);

/** Why there is no reading the schema as a structural one at all; undefined: it can be read. */
export function unreadable(schema: JSONSchemaProps): string | undefined {
  for (const field of IMPOSSIBLE) if (field === 'additionalItems' ? schema[field] !== undefined : holds(schema[field])) return `OpenAPIV3Schema '${field === '$schema' ? 'schema' : field}' is not supported`;
  const inner = [schema.not, ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  for (const one of inner) {
    const fault = one === undefined ? undefined : unreadable(one);
    if (fault !== undefined) return fault;
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  if (Array.isArray(schema.items) && schema.items.length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  for (const one of [schema.items, ...Object.values(schema.properties ?? {}), schema.additionalProperties]) {
    const fault = isSchema(one) ? unreadable(one as JSONSchemaProps) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** All that keeps a schema from being structural. */
export function validateStructural(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const text = (error: FieldError): string => `${error.field}: ${error.detail}`;
  return walk(path, schema, 'root').sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
