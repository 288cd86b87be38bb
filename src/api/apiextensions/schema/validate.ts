/** Whether a value fits its schema. Errors are worded as the API words them: a cause names its path twice, once as a field and once in the sentence. */
import { RE2JS } from 're2js';
import { shown, type FieldError } from '../../meta/field.ts';
import type { JSONSchemaProps } from '../v1/types.ts';
import { canonicalText, sameJson } from './canonical.ts';
import { formatCheck } from './formats.ts';
import { isRecord } from './node.ts';

/** What has been worked out about a schema: kept as long as the schema is. */
interface Prepared {
  pattern: RE2JS | undefined;
  format: ((text: string) => boolean) | undefined;
}

const prepared = new WeakMap<JSONSchemaProps, Prepared>();

function prepare(schema: JSONSchemaProps): Prepared {
  let found = prepared.get(schema);
  if (found === undefined) {
    found = { pattern: schema.pattern ? RE2JS.compile(schema.pattern) : undefined, format: schema.format ? formatCheck(schema.format) : undefined };
    prepared.set(schema, found);
  }
  return found;
}

/** Where an error of a whole value has no field of its own. */
const NOWHERE = '<nil>';

/** What one schema says of one value. `matched` counts the places that were looked at: of several alternatives the one that got furthest is reported. */
interface Outcome {
  errors: FieldError[];
  matched: number;
}

const isSchema = (value: unknown): value is JSONSchemaProps => isRecord(value);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const invalid = (path: string, value: unknown, sentence: string): FieldError => ({ type: 'FieldValueInvalid', field: path, detail: `Invalid value: ${shown(value)}: ${path} in body ${sentence}` });
const tooMany = (path: string, actual: number, most: number): FieldError => ({ type: 'FieldValueTooMany', field: path, detail: `Too many: ${actual}: must have at most ${most} items` });
const whole = (path: string, sentence: string): FieldError => ({ type: 'FieldValueInvalid', field: NOWHERE, detail: `Invalid value: "": ${JSON.stringify(path)} ${sentence}` });

function wrongType(path: string, wanted: string, value: unknown): FieldError {
  return { type: 'FieldValueTypeInvalid', field: path, detail: `Invalid value: ${shown(value)}: ${path} in body must be of type ${wanted}: ${shown(value)}` };
}

/** The types that a schema allows, as text; '' for any. */
function allowedTypes(schema: JSONSchemaProps): string {
  return schema['x-kubernetes-int-or-string'] ? 'integer,string' : (schema.type ?? '');
}

function checkType(value: unknown, schema: JSONSchemaProps, path: string): FieldError | undefined {
  const allowed = allowedTypes(schema);
  if (allowed === '') return undefined;
  const type = typeOf(value);
  if (type === 'null') return schema.nullable ? undefined : wrongType(path, allowed, 'null');
  if (allowed === type || (allowed === 'number' && type === 'integer') || (allowed === 'integer,string' && (type === 'integer' || type === 'string'))) return undefined;
  return wrongType(path, allowed, type);
}

function checkEnum(value: unknown, schema: JSONSchemaProps, path: string): FieldError | undefined {
  const allowed = schema.enum;
  if (allowed === undefined || allowed.length === 0 || allowed.some((one) => sameJson(one, value))) return undefined;
  const texts = allowed.map((one) => JSON.stringify(typeof one === 'string' ? one : JSON.stringify(one)));
  return { type: 'FieldValueNotSupported', field: path, detail: `Unsupported value: ${shown(value)}: supported values: ${texts.join(', ')}` };
}

function checkString(value: string, schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { pattern, format } = prepare(schema);
  if (schema.maxLength !== undefined || schema.minLength !== undefined) {
    const length = lengthOf(value);
    if (schema.maxLength !== undefined && length > schema.maxLength) errors.push({ type: 'FieldValueTooLong', field: path, detail: `Too long: may not be more than ${schema.maxLength} bytes` });
    if (schema.minLength !== undefined && length < schema.minLength) errors.push(invalid(path, value, `should be at least ${schema.minLength} chars long`));
  }
  if (pattern !== undefined && !pattern.matcher(value).find()) errors.push(invalid(path, value, `should match '${schema.pattern}'`));
  if (format !== undefined && !format(value)) errors.push(wrongType(path, schema.format!, value));
  return errors;
}

/** Characters, not the units that JavaScript counts. */
export function lengthOf(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) count += 1;
  }
  return count;
}

function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(factor)) return value % factor === 0;
  const ratio = value / factor;
  return Number.isInteger(ratio) || Math.abs(ratio - Math.round(ratio)) < 1e-9;
}

function checkNumber(value: number, schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { multipleOf, maximum, minimum } = schema;
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) errors.push(invalid(path, value, `should be a multiple of ${multipleOf}`));
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) errors.push(invalid(path, value, `should be less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`));
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) errors.push(invalid(path, value, `should be greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`));
  return errors;
}

function checkItems(value: readonly unknown[], schema: JSONSchemaProps, path: string, into: Outcome, old: unknown): void {
  if (isSchema(schema.items)) {
    const before = Array.isArray(old) && schema['x-kubernetes-list-type'] === 'map' ? itemsByKeys(old, schema) : undefined;
    for (let i = 0; i < value.length; i++) merge(into, examine(value[i], schema.items, `${path}[${i}]`, before?.get(keysText(value[i], schema))));
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) into.errors.push(invalid(path, value.length, `should have at least ${schema.minItems} items`));
  if (schema.maxItems !== undefined && value.length > schema.maxItems) into.errors.push(tooMany(path, value.length, schema.maxItems));
}

/** Items of a map list are found again by their keys. */
function keysText(item: unknown, schema: JSONSchemaProps): string {
  const items = schema.items as JSONSchemaProps;
  return isRecord(item) ? canonicalText((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => item[key] ?? items.properties?.[key]?.default)) : '';
}

function itemsByKeys(items: readonly unknown[], schema: JSONSchemaProps): Map<string, unknown> {
  return new Map(items.map((item) => [keysText(item, schema), item]));
}

const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function checkFields(value: Readonly<Record<string, unknown>>, schema: JSONSchemaProps, path: string, into: Outcome, old: unknown): void {
  const keys = Object.keys(value);
  if (schema.minProperties !== undefined && keys.length < schema.minProperties) return void into.errors.push(invalid(path, keys.length, `should have at least ${schema.minProperties} properties`));
  if (schema.maxProperties !== undefined && keys.length > schema.maxProperties) return void into.errors.push(tooMany(path, keys.length, schema.maxProperties));
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) into.errors.push({ type: 'FieldValueRequired', field: below(path, name), detail: 'Required value' });
  const { properties, additionalProperties } = schema;
  for (const key of keys) {
    const inner = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : isSchema(additionalProperties) ? additionalProperties : undefined;
    if (inner !== undefined) merge(into, examine(value[key], inner, below(path, key), isRecord(old) && Object.hasOwn(old, key) ? old[key] : undefined));
    else if (additionalProperties === false) into.errors.push({ type: 'FieldValueInvalid', field: below(path, key), detail: `Invalid value: "": ${below(path, key)} in body is a forbidden property` });
  }
}

function merge(into: Outcome, other: Outcome): void {
  for (const error of other.errors) into.errors.push(error);
  into.matched += other.matched;
}

/** The alternative that got furthest. */
function nearest(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((best, one) => (one.matched > best.matched ? one : best));
}

function checkJunctors(value: unknown, schema: JSONSchemaProps, path: string, into: Outcome): void {
  if (schema.anyOf !== undefined && schema.anyOf.length > 0) {
    const outcomes = schema.anyOf.map((inner) => examine(value, inner, path));
    const fitting = outcomes.find((outcome) => outcome.errors.length === 0);
    if (fitting === undefined) into.errors.push(whole(path, 'must validate at least one schema (anyOf)'));
    merge(into, fitting ?? nearest(outcomes));
  }
  if (schema.oneOf !== undefined && schema.oneOf.length > 0) {
    const outcomes = schema.oneOf.map((inner) => examine(value, inner, path));
    const fitting = outcomes.filter((outcome) => outcome.errors.length === 0);
    if (fitting.length === 1) merge(into, fitting[0]!);
    else {
      into.errors.push(whole(path, `must validate one and only one schema (oneOf). Found ${fitting.length === 0 ? 'none valid' : `${fitting.length} valid alternatives`}`));
      if (fitting.length === 0) merge(into, nearest(outcomes));
    }
  }
  if (schema.allOf !== undefined && schema.allOf.length > 0) {
    const outcomes = schema.allOf.map((inner) => examine(value, inner, path));
    for (const outcome of outcomes) merge(into, outcome);
    const fitting = outcomes.filter((outcome) => outcome.errors.length === 0).length;
    if (fitting < outcomes.length) into.errors.push(whole(path, `must validate all the schemas (allOf)${fitting === 0 ? '. None validated' : ''}`));
  }
  if (schema.not !== undefined && examine(value, schema.not, path).errors.length === 0) into.errors.push(whole(path, 'must not validate the schema (not)'));
}

/** `old` is what stood in the same place before; undefined: nothing is known of it. */
function examine(value: unknown, schema: JSONSchemaProps, path: string, old?: unknown): Outcome {
  const outcome = look(value, schema, path, old);
  // What was wrong before and has not been touched may stay as it is.
  if (outcome.errors.length > 0 && old !== undefined && sameJson(value, old)) outcome.errors.length = 0;
  return outcome;
}

function look(value: unknown, schema: JSONSchemaProps, path: string, old: unknown): Outcome {
  const out: Outcome = { errors: [], matched: 1 };
  const type = checkType(value, schema, path);
  if (type !== undefined) out.errors.push(type);
  if (value === null) {
    const outside = checkEnum(value, schema, path);
    if (outside !== undefined) out.errors.push(outside);
    return out;
  }
  checkJunctors(value, schema, path, out);
  if (typeof value === 'string') out.errors.push(...checkString(value, schema, path));
  else if (typeof value === 'number') out.errors.push(...checkNumber(value, schema, path));
  else if (Array.isArray(value)) checkItems(value, schema, path, out, old);
  const outside = checkEnum(value, schema, path);
  if (outside !== undefined) out.errors.push(outside);
  if (isRecord(value)) checkFields(value, schema, path, out, old);
  if (out.errors.length === 0) out.matched += 1;
  return out;
}

/** All that does not fit. `path` is that of the value, '' for a whole object. Of what stood in `old` already nothing is said. */
export function validateValue(value: unknown, schema: JSONSchemaProps, path = '', old?: unknown): FieldError[] {
  const { errors } = examine(value, schema, path, old);
  // Alternatives that look at the same place say the same of it.
  const seen = new Set<string>();
  return errors.filter(({ field, detail }) => {
    const key = `${field} ${detail}`;
    return seen.has(key) ? false : (seen.add(key), true);
  });
}
