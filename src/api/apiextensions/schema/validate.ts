/** Whether a value fits its schema. Errors are worded as the API words them: a cause names its path twice, once as a field and once in the sentence. */
import { own } from '../../../base/own.ts';
import type { RE2JS } from 're2js';
import { FieldPath, shown, tooLong, tooMany, type FieldError } from '../../meta/field.ts';
import type { JSONSchemaProps } from '../v1/types.ts';
import { canonicalText, sameJson } from './canonical.ts';
import { formatCheck, knownFormat } from './formats.ts';
import { checkNumber, nearlyWhole } from './numbers.ts';
import { isRecord } from './node.ts';
import { compilePattern } from '../../meta/patterns.ts';

/** What has been worked out about a schema: kept as long as the schema is. */
interface Prepared {
  pattern: RE2JS | undefined;
  check: ((text: string) => boolean) | undefined;
  /** '' where it says nothing of the type. */
  format: string;
  /** None: any. */
  types: readonly string[];
}

const prepared = new WeakMap<JSONSchemaProps, Prepared>();

function prepare(schema: JSONSchemaProps): Prepared {
  let found = prepared.get(schema);
  if (found === undefined) {
    const { format = '', type = '' } = schema;
    const types = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : type === '' ? [] : [type];
    const known = format !== '' && knownFormat(type, format);
    found = { pattern: schema.pattern ? compilePattern(schema.pattern) : undefined, check: known ? formatCheck(format) : undefined, format: known ? format : '', types };
    prepared.set(schema, found);
  }
  return found;
}

/** Where an error of a whole value has no field of its own. */
export const NOWHERE = '<nil>';

/** What one schema says of one value. `matched` counts the places that were looked at: of several alternatives the one that got furthest is reported. */
interface Outcome {
  errors: FieldError[];
  matched: number;
}

const isSchema = (value: unknown): value is JSONSchemaProps => isRecord(value);

/** The type of a value and, for numbers, the format that goes with it. Whole numbers that 64 bits do not hold are no integers. */
function typeOf(value: unknown): readonly [type: string, format: string] {
  if (value === null) return ['null', ''];
  if (Array.isArray(value)) return ['array', ''];
  if (typeof value === 'number') return Number.isSafeInteger(value) ? INTEGER : NUMBER;
  return typeof value === 'bigint' ? INTEGER : [typeof value, ''];
}

const INTEGER = ['integer', 'int64'] as const;
const NUMBER = ['number', 'float64'] as const;

const invalid = (path: string, value: unknown, sentence: string): FieldError => ({ type: 'FieldValueInvalid', field: path, detail: `Invalid value: ${shown(value)}: ${path} in body ${sentence}` });
const stated = (sentence: string): FieldError => ({ type: 'FieldValueInvalid', field: NOWHERE, detail: `Invalid value: "": ${sentence}` });
const whole = (path: string, sentence: string): FieldError => stated(`${JSON.stringify(path)} ${sentence}`);

function wrongType(path: string, wanted: string, value: unknown): FieldError {
  return { type: 'FieldValueTypeInvalid', field: path, detail: `Invalid value: ${shown(value)}: ${path} in body must be of type ${wanted}: ${shown(value)}` };
}

function checkType(value: unknown, schema: JSONSchemaProps, path: string): FieldError | undefined {
  const { types, format } = prepare(schema);
  if (types.length === 0 && format === '') return undefined;
  const [type, own] = typeOf(value);
  if (type === 'null') return types.length === 0 || schema.nullable ? undefined : wrongType(path, types.join(), 'null');
  const fits = types.includes(type) || (type === 'integer' && types.includes('number')) || (type === 'number' && types.includes('integer') && nearlyWhole(value as number));
  const textual = type === 'string' || type === 'array';
  if (!textual && format !== '' && !fits && format !== own) return wrongType(path, format, own);
  if (textual && format !== '' && !types.includes('number') && !types.includes('integer')) return undefined;
  return fits ? undefined : wrongType(path, types.join(), type);
}

/** Go's conversions between numbers, and of numbers to characters, count as the same. */
function equalsChoice(value: unknown, choice: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (typeof choice === 'string') return Number.isSafeInteger(Number(value)) && Number(value) >= 0 && Number(value) <= 0x10_ffff && String.fromCodePoint(Number(value)) === choice;
    if (typeof choice === 'number' && Number.isSafeInteger(choice)) return typeof value === 'number' && Math.trunc(value) === choice;
    return typeof choice === 'number' ? Number(value) === choice : value === choice;
  }
  return value !== null && sameJson(value, choice);
}

function checkEnum(value: unknown, schema: JSONSchemaProps, path: string): FieldError | undefined {
  const allowed = schema.enum;
  if (allowed === undefined || allowed.length === 0 || allowed.some((one) => equalsChoice(value, one))) return undefined;
  const texts = allowed.map((one) => JSON.stringify(typeof one === 'string' ? one : JSON.stringify(one)));
  return { type: 'FieldValueNotSupported', field: path, detail: `Unsupported value: ${shown(value)}: supported values: ${texts.join(', ')}` };
}

/** The first of length and pattern that the text does not keep. */
function checkText(value: string, schema: JSONSchemaProps, path: string, pattern: RE2JS | undefined): FieldError | undefined {
  if (schema.maxLength !== undefined || schema.minLength !== undefined) {
    const length = lengthOf(value);
    if (schema.maxLength !== undefined && length > schema.maxLength) return tooLong(new FieldPath(path), schema.maxLength);
    if (schema.minLength !== undefined && length < schema.minLength) return invalid(path, value, `should be at least ${schema.minLength} chars long`);
  }
  return pattern !== undefined && !pattern.matcher(value).find() ? invalid(path, value, `should match '${schema.pattern}'`) : undefined;
}

function checkString(value: string, schema: JSONSchemaProps, path: string, into: FieldError[]): void {
  const { pattern, check } = prepare(schema);
  const fault = checkText(value, schema, path, pattern);
  if (fault !== undefined) into.push(fault);
  if (check !== undefined && !check(value)) into.push(wrongType(path, schema.format!, value));
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

function checkItems(value: readonly unknown[], schema: JSONSchemaProps, path: string, into: Outcome, old: unknown): void {
  if (isSchema(schema.items)) {
    const before = Array.isArray(old) && schema['x-kubernetes-list-type'] === 'map' ? itemsByKeys(old, schema) : undefined;
    for (let i = 0; i < value.length; i++) merge(into, examine(value[i], schema.items, `${path}[${i}]`, before?.get(keysText(value[i], schema))));
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) into.errors.push(invalid(path, value.length, `should have at least ${schema.minItems} items`));
  if (schema.maxItems !== undefined && value.length > schema.maxItems) into.errors.push(tooMany(new FieldPath(path), value.length, schema.maxItems));
}

/** Items of a map list are found again by their keys. */
function keysText(item: unknown, schema: JSONSchemaProps): string {
  const items = schema.items as JSONSchemaProps;
  return isRecord(item) ? canonicalText((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => own(item, key) ?? own(items.properties, key)?.default)) : '';
}

function itemsByKeys(items: readonly unknown[], schema: JSONSchemaProps): Map<string, unknown> {
  return new Map(items.map((item) => [keysText(item, schema), item]));
}

const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function checkFields(value: Readonly<Record<string, unknown>>, schema: JSONSchemaProps, path: string, into: Outcome, old: unknown): void {
  const keys = Object.keys(value);
  const { properties, additionalProperties, minProperties, maxProperties } = schema;
  if (minProperties !== undefined && keys.length < minProperties) into.errors.push(invalid(path, keys.length, `should have at least ${minProperties} properties`));
  if (maxProperties !== undefined && keys.length > maxProperties) into.errors.push(tooMany(new FieldPath(path), keys.length, maxProperties));
  const before = (key: string): unknown => (isRecord(old) ? own(old, key) : undefined);
  const known = (key: string): boolean => properties !== undefined && Object.hasOwn(properties, key);
  if (isSchema(additionalProperties)) for (const key of keys) if (!known(key)) merge(into, examine(value[key], additionalProperties, `${path}.${key}`, before(key)));
  if (additionalProperties === false) for (const key of keys) if (!known(key)) into.errors.push(invalid(below(path, key), '', 'is a forbidden property'));
  if (properties !== undefined) for (const key of keys) if (known(key)) merge(into, examine(value[key], properties[key]!, below(path, key), before(key)));
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) into.errors.push({ type: 'FieldValueRequired', field: below(path, name), detail: 'Required value' });
}

function merge(into: Outcome, other: Outcome): void {
  for (const error of other.errors) into.errors.push(error);
  into.matched += other.matched;
}

/** The alternative that got furthest. */
function nearest(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((best, one) => (one.matched > best.matched ? one : best));
}

function checkJunctors(value: unknown, schema: JSONSchemaProps, path: string, into: Outcome, old: unknown): void {
  // What an alternative says of fields that are as they were is let pass; what it says of the value itself is not.
  const examine = (inner: JSONSchemaProps): Outcome => look(value, inner, path, old);
  if (schema.anyOf !== undefined && schema.anyOf.length > 0) {
    const outcomes = schema.anyOf.map(examine);
    const fitting = outcomes.find((outcome) => outcome.errors.length === 0);
    if (fitting === undefined) into.errors.push(whole(path, 'must validate at least one schema (anyOf)'));
    merge(into, fitting ?? nearest(outcomes));
  }
  if (schema.oneOf !== undefined && schema.oneOf.length > 0) {
    const outcomes = schema.oneOf.map(examine);
    const fitting = outcomes.filter((outcome) => outcome.errors.length === 0);
    if (fitting.length === 1) merge(into, fitting[0]!);
    else {
      into.errors.push(whole(path, `must validate one and only one schema (oneOf). Found ${fitting.length === 0 ? 'none valid' : `${fitting.length} valid alternatives`}`));
      if (fitting.length === 0) merge(into, nearest(outcomes));
    }
  }
  if (schema.allOf !== undefined && schema.allOf.length > 0) {
    const outcomes = schema.allOf.map(examine);
    for (const outcome of outcomes) merge(into, outcome);
    const fitting = outcomes.filter((outcome) => outcome.errors.length === 0).length;
    if (fitting < outcomes.length) into.errors.push(whole(path, `must validate all the schemas (allOf)${fitting === 0 ? '. None validated' : ''}`));
  }
  if (schema.not !== undefined && examine(schema.not).errors.length === 0) into.errors.push(whole(path, 'must not validate the schema (not)'));
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
  if (type === undefined) out.matched += 1;
  else out.errors.push(type);
  if (value !== null) {
    checkJunctors(value, schema, path, out, old);
    if (typeof value === 'string') checkString(value, schema, path, out.errors);
    else if (typeof value === 'number' || typeof value === 'bigint') checkNumber(value, schema, path, out.errors);
    else if (Array.isArray(value)) checkItems(value, schema, path, out, old);
  }
  const outside = checkEnum(value, schema, path);
  if (outside !== undefined) out.errors.push(outside);
  if (isRecord(value)) checkFields(value, schema, path, out, old);
  return out;
}

/** All that does not fit. `path` is that of the value, '' for a whole object. Of what stood in `old` already nothing is said. */
export function validateValue(value: unknown, schema: JSONSchemaProps, path = '', old?: unknown): FieldError[] {
  const { errors } = examine(value, schema, path, old);
  if (errors.length < 2) return errors;
  // Alternatives that look at the same place say the same of it.
  const seen = new Set<string>();
  return errors.filter(({ field, detail }) => {
    const key = `${field} ${detail}`;
    return seen.has(key) ? false : (seen.add(key), true);
  });
}
