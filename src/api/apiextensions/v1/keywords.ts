/** Which keywords a schema of a custom resource may use, what they may say, and, where all is well with them, what its rules may say. */
import { own } from '../../../base/own.ts';
import type { FieldError, FieldPath } from '../../meta/field.ts';
import { forbiddenField, invalidValue, notSupported, required } from '../../meta/field.ts';
import { findFieldPath } from './field-paths.ts';
import { itemsForm } from './go-form.ts';
import type { RuleChecks, RulePlace } from './rule-hook.ts';
import { isSchema, unreadable } from './structural.ts';
import type { JSONSchemaProps, ValidationRule } from './types.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const META_FIELDS: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion']);

/** What was let in once stays let in: checks that are left out where the stored definition would not pass them. */
export interface KeywordLeniency {
  anyType?: boolean;
  anySet?: boolean;
  anyMapKeys?: boolean;
}

interface Place extends RulePlace {
  /** Rules are checked here. */
  ruled: boolean;
  /** Defaults are not allowed, and why. */
  noDefaults?: string;
  insideMeta?: boolean;
}

interface Found {
  errors: FieldError[];
  rules: FieldError[];
}

const holds = (value: unknown): boolean => isSchema(value) && Object.keys(value).length > 0;

function validatePlain(path: FieldPath, schema: JSONSchemaProps, place: Place, lenient: KeywordLeniency): FieldError[] {
  const errors: FieldError[] = [];
  const unsupported = (field: keyof JSONSchemaProps & string, set: boolean): void => void (set && errors.push(forbiddenField(path.child(field), `${field} is not supported`)));
  if (schema.type && !lenient.anyType && !TYPES.includes(schema.type)) errors.push(notSupported(path.child('type'), schema.type, TYPES));
  if ((schema.default ?? undefined) !== undefined && place.noDefaults !== undefined) errors.push(forbiddenField(path.child('default'), `must not be set ${place.noDefaults}`));
  unsupported('id', (schema.id ?? '') !== '');
  unsupported('additionalItems', schema.additionalItems !== undefined);
  unsupported('patternProperties', holds(schema.patternProperties));
  unsupported('definitions', holds(schema.definitions));
  unsupported('dependencies', schema.dependencies !== undefined);
  unsupported('$ref', schema.$ref !== undefined);
  if (schema.type === 'null') errors.push(forbiddenField(path.child('type'), 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(schema.items) && schema.items.length > 0) errors.push(forbiddenField(path.child('items'), 'items must be a schema object and not an array'));
  if (place.insideMeta && schema['x-kubernetes-embedded-resource']) errors.push(forbiddenField(path.child('x-kubernetes-embedded-resource'), 'must not be used inside of resource meta'));
  if (schema.uniqueItems) errors.push(forbiddenField(path.child('uniqueItems'), 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== true && Object.keys(schema.properties ?? {}).length > 0) {
    errors.push(forbiddenField(path.child('additionalProperties'), 'additionalProperties and properties are mutual exclusive'));
  }
  return errors;
}

function needsType(path: FieldPath, schema: JSONSchemaProps, type: string, keyword: string): FieldError[] {
  if (schema.type === type) return [];
  const text = `must be ${type} if ${keyword} is specified`;
  return [schema.type ? invalidValue(path.child('type'), schema.type, text) : required(path.child('type'), text)];
}

function validateKeyNames(path: FieldPath, keys: readonly string[], items: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  const at = path.child('x-kubernetes-list-map-keys');
  for (const [i, key] of keys.entries()) {
    const property = own(items.properties, key);
    if (property === undefined) errors.push(invalidValue(at, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') errors.push(invalidValue(path.child('items', 'properties').key(key).child('type'), items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"));
    if (keys.indexOf(key) < i) errors.push(invalidValue(at, keys, 'must not contain duplicate entries'));
  }
  return errors;
}

function validateMapList(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length === 0) errors.push(required(path.child('x-kubernetes-list-map-keys'), 'must not be empty if x-kubernetes-list-type is map'));
  if (schema.items === undefined) errors.push(required(path.child('items'), 'must have a schema if x-kubernetes-list-type is map'));
  else if (!isSchema(schema.items)) errors.push(invalidValue(path.child('items'), itemsForm(schema.items), 'must only have a single schema if x-kubernetes-list-type is map'));
  else if (schema.items.type !== 'object') errors.push(invalidValue(path.child('items', 'type'), schema.items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"));
  else errors.push(...validateKeyNames(path, keys, schema.items));
  return errors;
}

/** Keys of a map list are always there, and items of lists that are no atoms are never null. */
export function validateMapKeys(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const { items } = schema;
  if (!isSchema(items) || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = items.nullable ? [forbiddenField(path.child('items', 'nullable'), `cannot be nullable when x-kubernetes-list-type is ${listType}`)] : [];
  if (listType === 'set') return errors;
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = own(items.properties, key);
    const where = path.child('items', 'properties').key(key);
    if (property === undefined) continue;
    if ((property.default ?? undefined) === undefined && !items.required?.includes(key)) errors.push(required(where.child('default'), 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'));
    if (property.nullable) errors.push(forbiddenField(where.child('nullable'), 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
  }
  return errors;
}

/** Items of a set are compared as a whole. */
export function validateSetItems(path: FieldPath, items: JSONSchemaProps): FieldError[] {
  const listType = items['x-kubernetes-list-type'];
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') return [invalidValue(path.child('items', 'x-kubernetes-list-type'), listType, text)];
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') return [invalidValue(path.child('items', 'x-kubernetes-map-type'), listType ?? null, text)];
  return [];
}

function validateTopology(path: FieldPath, schema: JSONSchemaProps, lenient: KeywordLeniency): FieldError[] {
  const errors: FieldError[] = [];
  const mapType = schema['x-kubernetes-map-type'];
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.push(invalidValue(path.child('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'));
  if (mapType !== undefined) {
    errors.push(...needsType(path, schema, 'object', 'x-kubernetes-map-type'));
    if (mapType !== 'atomic' && mapType !== 'granular') errors.push(notSupported(path.child('x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
  }
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== undefined) {
    const wrong = needsType(path, schema, 'array', 'x-kubernetes-list-type');
    errors.push(...wrong);
    if (wrong.length === 0 && listType === 'set' && !lenient.anySet && isSchema(schema.items)) errors.push(...validateSetItems(path, schema.items));
    if (!['atomic', 'set', 'map'].includes(listType)) errors.push(notSupported(path.child('x-kubernetes-list-type'), listType, ['atomic', 'set', 'map']));
  }
  if ((schema['x-kubernetes-list-map-keys']?.length ?? 0) > 0 && listType !== 'map') {
    const text = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? required(path.child('x-kubernetes-list-type'), text) : invalidValue(path.child('x-kubernetes-list-type'), listType, text));
  }
  if (listType === 'map') errors.push(...validateMapList(path, schema));
  if (!lenient.anyMapKeys) errors.push(...validateMapKeys(path, schema));
  return errors;
}

const broken = (text: string): boolean => /[\n\r]/.test(text);

/** The form of a rule; what it says is for the compiler of rules. */
function validateRule(path: FieldPath, rule: ValidationRule, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  const { message = '', messageExpression = '', fieldPath = '', reason } = rule;
  const [text, said] = [(rule.rule ?? '').trim(), message.trim()];
  if (text === '') errors.push(required(path.child('rule'), 'rule is not specified'));
  else if (message !== '' && said === '') errors.push(invalidValue(path.child('message'), message, 'must be non-empty if specified'));
  else if (broken(said)) errors.push(invalidValue(path.child('message'), message, 'must not contain line breaks'));
  else if (broken(text) && said === '') errors.push(required(path.child('message'), 'message must be specified if rule contains line breaks'));
  if (messageExpression !== '' && messageExpression.trim() === '') errors.push(required(path.child('messageExpression'), 'messageExpression must be non-empty if specified'));
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(path.child('reason'), reason, REASONS));
  if (fieldPath !== '' && fieldPath.trim() === '') errors.push(invalidValue(path.child('fieldPath'), fieldPath, 'must be non-empty if specified'));
  if (broken(fieldPath)) errors.push(invalidValue(path.child('fieldPath'), fieldPath, 'must not contain line breaks'));
  if (fieldPath !== '' && unreadable(schema) === undefined && 'fault' in findFieldPath(fieldPath, schema, { brackets: true })) errors.push(invalidValue(path.child('fieldPath'), fieldPath, 'must be a valid path'));
  return errors;
}

/** How often what is below can occur for each time that the place does; undefined: nothing says. */
function factorOf(schema: JSONSchemaProps): number | undefined {
  const most = (limit: number | undefined): number | undefined => (limit === undefined ? undefined : Math.max(0, Number(limit)));
  if (schema.type === 'array') return most(schema.maxItems);
  return schema.type === 'object' && schema.additionalProperties !== undefined ? most(schema.maxProperties) : 1;
}

class Keywords {
  readonly #lenient: KeywordLeniency;
  readonly #rules: RuleChecks | undefined;

  constructor(lenient: KeywordLeniency, rules: RuleChecks | undefined) {
    this.#lenient = lenient;
    this.#rules = rules;
  }

  walk(path: FieldPath, schema: JSONSchemaProps, place: Place): Found {
    const found: Found = { errors: validatePlain(path, schema, place, this.#lenient), rules: [] };
    const factor = factorOf(schema);
    const below: Place = { ...place, root: false, times: place.times === undefined || factor === undefined ? undefined : place.times * factor };
    this.#fields(found, path, schema, place, below);
    this.#junctors(found, path, schema, { ...below, ruled: false });
    for (const [name, definition] of Object.entries(schema.definitions ?? {})) this.#add(found, path.child('definitions').key(name), definition, { ...below, ruled: false });
    const items = schema['x-kubernetes-list-type'] === 'map' ? below : { ...below, uncorrelatable: below.uncorrelatable ?? path };
    if (isSchema(schema.items)) this.#add(found, path.child('items'), schema.items, items);
    else for (const [i, inner] of (schema.items ?? []).entries()) this.#add(found, path.child('items').index(i), inner, items);
    for (const [name, inner] of Object.entries(schema.dependencies ?? {})) if (isSchema(inner)) this.#add(found, path.child('dependencies').key(name), inner as JSONSchemaProps, { ...below, ruled: false });
    found.errors.push(...validateTopology(path, schema, this.#lenient));
    for (const [i, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) found.errors.push(...validateRule(path.child('x-kubernetes-validations').index(i), rule, schema));
    // Rules are compiled for schemas without faults here and below: others may not have a type.
    if (place.ruled && found.errors.length === 0 && schema['x-kubernetes-validations']?.length && this.#rules !== undefined) found.rules.push(...this.#rules.at(path, schema, place));
    return found;
  }

  #add(into: Found, path: FieldPath, schema: JSONSchemaProps, place: Place): void {
    const { errors, rules } = this.walk(path, schema, place);
    for (const error of errors) into.errors.push(error);
    for (const error of rules) into.rules.push(error);
  }

  #fields(found: Found, path: FieldPath, schema: JSONSchemaProps, place: Place, below: Place): void {
    const { additionalProperties } = schema;
    if (isSchema(additionalProperties)) this.#add(found, path.child('additionalProperties'), additionalProperties, place.insideMeta ? { ...below, noDefaults: 'inside additionalProperties applying to object metadata' } : below);
    const lost = schema['x-kubernetes-map-type'] === 'atomic' ? { ...below, uncorrelatable: below.uncorrelatable ?? path } : below;
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const meta = (place.root || schema['x-kubernetes-embedded-resource'] === true) && META_FIELDS.has(name);
      const inner = !meta ? lost : { ...lost, insideMeta: true, ...(place.root ? { noDefaults: `in top-level ${name}` } : {}) };
      this.#add(found, path.child('properties').key(name), property, inner);
    }
  }

  #junctors(found: Found, path: FieldPath, schema: JSONSchemaProps, below: Place): void {
    if (schema.not !== undefined) this.#add(found, path.child('not'), schema.not, below);
    for (const field of ['allOf', 'oneOf', 'anyOf'] as const) for (const [i, inner] of (schema[field] ?? []).entries()) this.#add(found, path.child(field).index(i), inner, below);
  }
}

/** All faults of the keywords of a schema and of those below it, then those of its rules. */
export function validateKeywords(path: FieldPath, schema: JSONSchemaProps, lenient: KeywordLeniency = {}, rules?: RuleChecks): FieldError[] {
  const found = new Keywords(lenient, rules).walk(path, schema, { root: true, ruled: rules !== undefined, times: 1, uncorrelatable: undefined });
  return [...found.errors, ...found.rules];
}
