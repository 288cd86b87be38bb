/** Which keywords a schema of a custom resource may use, and what they may say. */
import { RE2JS } from 're2js';
import type { FieldError, FieldPath } from '../../meta/field.ts';
import { forbiddenField, invalidValue, notSupported, required } from '../../meta/field.ts';
import { isSchema } from './structural.ts';
import type { JSONSchemaProps, ValidationRule } from './types.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const REASONS = ['FieldValueRequired', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueDuplicate'];
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;

/** Patterns are of RE2, in which matching takes linear time. */
function patternFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function validatePlain(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of UNSUPPORTED) {
    const value = schema[field];
    if (value !== undefined && value !== '') errors.push(forbiddenField(path.child(field), `${field} is not supported`));
  }
  if (schema.type === 'null') errors.push(forbiddenField(path.child('type'), 'type cannot be set to null, use nullable as an alternative'));
  else if (schema.type && !TYPES.includes(schema.type)) errors.push(notSupported(path.child('type'), schema.type, TYPES));
  if (Array.isArray(schema.items)) errors.push(forbiddenField(path.child('items'), 'items must be a schema object and not an array'));
  if (schema.type === 'array' && schema.items === undefined) errors.push(required(path.child('items'), 'must be specified'));
  if (schema.uniqueItems) errors.push(forbiddenField(path.child('uniqueItems'), 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  if (schema.additionalProperties === false) errors.push(forbiddenField(path.child('additionalProperties'), 'additionalProperties cannot be set to false'));
  else if (schema.additionalProperties !== undefined && Object.keys(schema.properties ?? {}).length > 0) errors.push(forbiddenField(path.child('additionalProperties'), 'additionalProperties and properties are mutual exclusive'));
  const fault = schema.pattern ? patternFault(schema.pattern) : undefined;
  if (fault !== undefined) errors.push(invalidValue(path.child('pattern'), schema.pattern, `must be a valid regular expression, but isn't: ${fault}`));
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.push(invalidValue(path.child('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'));
  return errors;
}

function needsType(path: FieldPath, schema: JSONSchemaProps, type: string, keyword: string): FieldError[] {
  if (schema.type === type) return [];
  const text = `must be ${type} if ${keyword} is specified`;
  return [schema.type ? invalidValue(path.child('type'), schema.type, text) : required(path.child('type'), text)];
}

function validateMapKeys(path: FieldPath, keys: readonly string[], items: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  const at = path.child('x-kubernetes-list-map-keys');
  for (const [i, key] of keys.entries()) {
    const property = items.properties?.[key];
    const where = path.child('items', 'properties').key(key);
    if (property === undefined) errors.push(invalidValue(at, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') errors.push(invalidValue(where.child('type'), property.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"));
    if (keys.indexOf(key) < i) errors.push(invalidValue(at, keys, 'must not contain duplicate entries'));
    if (property === undefined) continue;
    if (property.default === undefined && !items.required?.includes(key)) errors.push(required(where.child('default'), 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'));
    if (property.nullable) errors.push(forbiddenField(where.child('nullable'), 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
  }
  return errors;
}

function validateMapList(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length === 0) errors.push(required(path.child('x-kubernetes-list-map-keys'), 'must not be empty if x-kubernetes-list-type is map'));
  if (schema.items === undefined) return [...errors, required(path.child('items'), 'must have a schema if x-kubernetes-list-type is map')];
  if (!isSchema(schema.items)) return [...errors, invalidValue(path.child('items'), schema.items, 'must only have a single schema if x-kubernetes-list-type is map')];
  if (schema.items.type !== 'object') errors.push(invalidValue(path.child('items', 'type'), schema.items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"));
  else errors.push(...validateMapKeys(path, keys, schema.items));
  if (schema.items.nullable) errors.push(forbiddenField(path.child('items', 'nullable'), 'cannot be nullable when x-kubernetes-list-type is map'));
  return errors;
}

function validateSetList(path: FieldPath, items: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = items.nullable ? [forbiddenField(path.child('items', 'nullable'), 'cannot be nullable when x-kubernetes-list-type is set')] : [];
  const listType = items['x-kubernetes-list-type'];
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') errors.push(forbiddenField(path.child('items', 'x-kubernetes-list-type'), text));
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') errors.push(forbiddenField(path.child('items', 'x-kubernetes-map-type'), text));
  return errors;
}

function validateTopology(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType !== undefined) {
    errors.push(...needsType(path, schema, 'object', 'x-kubernetes-map-type'));
    if (mapType !== 'atomic' && mapType !== 'granular') errors.push(notSupported(path.child('x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
  }
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== undefined) {
    const wrong = needsType(path, schema, 'array', 'x-kubernetes-list-type');
    errors.push(...wrong);
    if (wrong.length === 0 && !['atomic', 'set', 'map'].includes(listType)) errors.push(notSupported(path.child('x-kubernetes-list-type'), listType, ['atomic', 'set', 'map']));
  }
  if ((schema['x-kubernetes-list-map-keys']?.length ?? 0) > 0 && listType !== 'map') {
    const text = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? required(path.child('x-kubernetes-list-type'), text) : invalidValue(path.child('x-kubernetes-list-type'), listType, text));
  }
  if (listType === 'map') errors.push(...validateMapList(path, schema));
  else if (listType === 'set' && isSchema(schema.items)) errors.push(...validateSetList(path, schema.items));
  return errors;
}

const broken = (text: string): boolean => /[\n\r]/.test(text);

/** The form of a rule; what it says is for the compiler of rules. */
function validateRule(path: FieldPath, rule: ValidationRule): FieldError[] {
  const errors: FieldError[] = [];
  const { message = '', messageExpression = '', fieldPath = '', reason } = rule;
  const [text, said] = [(rule.rule ?? '').trim(), message.trim()];
  if (text === '') errors.push(required(path.child('rule'), 'rule is not specified'));
  else if (message !== '' && said === '') errors.push(invalidValue(path.child('message'), message, 'message must be non-empty if specified'));
  else if (broken(said)) errors.push(invalidValue(path.child('message'), message, 'message must not contain line breaks'));
  else if (broken(text) && said === '') errors.push(required(path.child('message'), 'message must be specified if rule contains line breaks'));
  if (messageExpression !== '' && messageExpression.trim() === '') errors.push(required(path.child('messageExpression'), 'messageExpression must be non-empty if specified'));
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(path.child('reason'), reason, REASONS));
  if (fieldPath !== '' && fieldPath.trim() === '') errors.push(invalidValue(path.child('fieldPath'), fieldPath, 'fieldPath must be non-empty if specified'));
  else if (broken(fieldPath)) errors.push(invalidValue(path.child('fieldPath'), fieldPath, 'fieldPath must not contain line breaks'));
  return errors;
}

/** All faults of the keywords of a schema and of those below it. */
export function validateKeywords(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const errors = [...validatePlain(path, schema), ...validateTopology(path, schema)];
  for (const [i, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) errors.push(...validateRule(path.child('x-kubernetes-validations').index(i), rule));
  if (isSchema(schema.additionalProperties)) errors.push(...validateKeywords(path.child('additionalProperties'), schema.additionalProperties));
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...validateKeywords(path.child('properties').key(name), property));
  if (isSchema(schema.items)) errors.push(...validateKeywords(path.child('items'), schema.items));
  for (const field of ['allOf', 'anyOf', 'oneOf'] as const) for (const [i, inner] of (schema[field] ?? []).entries()) errors.push(...validateKeywords(path.child(field).index(i), inner));
  if (schema.not !== undefined) errors.push(...validateKeywords(path.child('not'), schema.not));
  return errors;
}
