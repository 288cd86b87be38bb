/**
 * From JSON values to objects of a schema: unknown fields are dropped and named, wrong types are refused in the words of Go's decoder,
 * times and quantities get their canonical text, fields stand in the schema's order, and values that JSON leaves out when empty are left out.
 *
 * What an object always has, it has here too: a struct that is no pointer is there though empty (`status: {}`), required strings and numbers
 * are there with their zero value, and null stands for a time or raw JSON that is always written and has no value (`eventTime`). A required list or map
 * that is missing is empty in memory, a required pointer is missing there, and both are null when they are written (see `order.ts`).
 */
import { setOwn } from '../base/own.ts';
import { goElementType, goFieldPath, goTypeOfField } from './go-types.ts';
import { JsonSyntaxError, literalsIn, readJson, type Literals, type ParsedJson } from './json.ts';
import type { ParsedYaml } from './yaml.ts';
import { asGiven, isAlwaysWritten } from './order.ts';
import { canonicalQuantity } from './meta/quantity.ts';
import { quote } from './meta/quote.ts';
import { badRequest, type StatusError } from './meta/status.ts';
import { canonicalMicroTime, canonicalTime, formatDuration, isZeroTime, parseDuration } from './meta/time.ts';
import type { FieldSchema, TypeSchema } from './schema.ts';
import { schemaOf } from './schema.ts';
import { YamlSyntaxError, readYaml } from './yaml.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface Decoded<T = Record<string, unknown>> {
  object: T;
  /** Paths of fields that the schema does not know, as `spec.containers[0].foo`; none when validation is `Ignore`. */
  unknownFields: string[];
}

/** More than this many unknown fields are not named. */
const MAX_UNKNOWN_FIELDS = 100;

/** A value that does not fit the schema; the message is Go's. */
class DecodeError extends Error {}

interface Context {
  /** Names of fields only, for errors. */
  fields: string[];
  /** Steps with indexes and keys, for unknown fields. */
  steps: string[];
  /** The schemas of the structs whose fields these are. */
  structs: string[];
  /** What of the input is a number that JavaScript would not write as it came. */
  literals: Literals | undefined;
  /** The text of the value that is being read, where it is such a number. */
  literal: string | undefined;
  unknown: string[] | undefined;
  /** Whether an empty list that might as well have been left out is noted as one that came. */
  notesEmpty: boolean;
}

const newContext = (unknown: string[] | undefined, literals: Literals | undefined, notesEmpty: boolean): Context => ({ fields: [], steps: [], structs: [], literals, literal: undefined, unknown, notesEmpty });

/** undefined: nothing is to be written. */
type Reader = (value: unknown, context: Context) => unknown;

interface FieldReader {
  field: FieldSchema;
  name: string;
  read: Reader;
  /** Whether the value is left out when it is empty. */
  drops: boolean;
  /** What stands there when nothing came; undefined: nothing. */
  missing: (() => unknown) | undefined;
}

interface Plan {
  fields: readonly FieldReader[];
}

/** What Go's decoder calls a JSON value of this kind. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'object':
      return 'object';
    case 'bigint':
      return 'number';
    default:
      return typeof value;
  }
}

function mismatch(value: unknown, goType: string, context: Context, shown = kindOf(value)): never {
  throw new DecodeError(`json: cannot unmarshal ${shown} into ${placeIn(context)} of type ${namedType(goType, context)}`);
}

/** `Go struct field Volume.spec.volumes.VolumeSource.hostPath`. */
function placeIn({ fields, structs }: Context): string {
  if (fields.length === 0) return 'Go value';
  const struct = structs.at(-1)!;
  return `Go struct field ${struct.slice(struct.lastIndexOf('.') + 1)}.${fields.map((field, i) => goFieldPath(structs[i]!, field)).join('.')}`;
}

/** The type by its own name, where it has one. */
function namedType(goType: string, { fields, structs }: Context): string {
  const name = fields.at(-1);
  const whole = name === undefined ? undefined : goTypeOfField(structs.at(-1)!, name);
  if (whole === undefined) return goType;
  const field = schemaOf(structs.at(-1)!).byName.get(name!)!;
  return goType === wholeType(field) ? whole : (goElementType(whole) ?? goType);
}

/** An error of a type that reads itself: of what it reads, and not of its name. */
function ownMismatch(value: unknown, goType: string, context: Context, shown = kindOf(value)): never {
  throw new DecodeError(`json: cannot unmarshal ${shown} into ${placeIn(context)} of type ${goType}`);
}

/** `v1.PodSpec`, as Go names the type of a schema. */
function goName(name: string): string {
  return name.split('.').slice(-2).join('.');
}

const GO_SCALARS: Readonly<Partial<Record<FieldSchema['type'], string>>> = {
  string: 'string', boolean: 'bool', int32: 'int32', int64: 'int64', double: 'float64', bytes: '[]uint8',
  quantity: 'resource.Quantity', intOrString: 'intstr.IntOrString', time: 'v1.Time', microTime: 'v1.MicroTime', duration: 'v1.Duration',
  raw: 'runtime.RawExtension', json: 'v1.JSON', fieldsV1: 'v1.FieldsV1',
};

function goScalar(field: FieldSchema): string {
  return field.type === 'object' ? goName(field.ref!) : GO_SCALARS[field.type]!;
}

/** The type of all that a field holds. */
function wholeType(field: FieldSchema): string {
  if (field.shape === 'map') return `map[string]${field.valueShape === 'list' ? 'v1.ExtraValue' : goScalar(field)}`;
  return field.shape === 'list' ? `[]${goScalar(field)}` : goScalar(field);
}

function readString(value: unknown, context: Context): unknown {
  return typeof value === 'string' ? value : mismatch(value, 'string', context);
}

function readBoolean(value: unknown, context: Context): unknown {
  return typeof value === 'boolean' ? value : mismatch(value, 'bool', context);
}

function integerReader(goType: 'int32' | 'int64'): Reader {
  // What has 64 bits and is too long for a number has come as bigint.
  const [least, limit] = goType === 'int32' ? [-(2 ** 31), 2 ** 31] : [Number.MIN_SAFE_INTEGER, 2 ** 53];
  return (value, context) => {
    if (typeof value === 'bigint' && goType === 'int64') return value;
    if (typeof value !== 'number') return mismatch(value, goType, context, typeof value === 'bigint' ? `number ${value}` : undefined);
    if (context.literal !== undefined || !Number.isInteger(value) || value < least || value >= limit) return mismatch(value, goType, context, `number ${context.literal ?? value}`);
    return value;
  };
}

function readDouble(value: unknown, context: Context): unknown {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : mismatch(value, 'float64', context, typeof value === 'number' ? `number ${context.literal ?? value}` : undefined);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The first place in a text where Go's base64 decoder stops. */
function base64Fault(text: string): number {
  // What comes after the padding.
  const padded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)/.exec(text);
  if (padded !== null) return padded[0].length;
  const wrong = text.search(/[^A-Za-z0-9+/=]/);
  const padding = text.search(/=(?!=?$)/);
  const places = [wrong, padding].filter((at) => at >= 0);
  return places.length > 0 ? Math.min(...places) : text.length - (text.length % 4);
}

function readBytes(value: unknown, context: Context): unknown {
  if (typeof value !== 'string') return mismatch(value, '[]uint8', context);
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  if (!BASE64.test(text)) throw new DecodeError(`illegal base64 data at input byte ${base64Fault(text)}`);
  return text;
}

function readQuantity(value: unknown, context: Context): unknown {
  return canonicalQuantity((typeof value === 'string' ? value : (context.literal ?? JSON.stringify(value))).trim());
}

function readIntOrString(value: unknown, context: Context): unknown {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return ownMismatch(value, 'int32', context, typeof value === 'bigint' ? `number ${value}` : undefined);
  const fits = context.literal === undefined && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
  return fits ? value : ownMismatch(value, 'int32', context, `number ${context.literal ?? value}`);
}

function textReader(canonical: (text: string) => string | undefined): Reader {
  return (value, context) => (typeof value === 'string' ? canonical(value) : ownMismatch(value, 'string', context));
}

/** The zero time of Go is no time. */
function timeReader(canonical: (text: string) => string): Reader {
  return textReader((text) => {
    const time = canonical(text);
    return isZeroTime(time) ? undefined : time;
  });
}

const readDuration = textReader((text) => formatDuration(parseDuration(text)));

function readRaw(value: unknown): unknown {
  return value;
}

function readFieldsV1(value: unknown, context: Context): unknown {
  return kindOf(value) === 'object' ? value : mismatch(value, 'v1.FieldsV1', context);
}

/** The three unions of CRD schemas; what is unknown inside is dropped silently, as upstream's own readers of these types do. */
function unionReader(ref: string): Reader {
  const props = `${ref.slice(0, ref.lastIndexOf('.'))}.JSONSchemaProps`;
  const silent = (value: unknown, context: Context): unknown => readObject(props, value, { ...context, unknown: undefined });
  if (ref.endsWith('OrBool')) {
    return (value, context) => {
      if (typeof value === 'boolean') return value;
      if (kindOf(value) === 'object') return silent(value, context);
      throw new DecodeError('boolean or JSON schema expected');
    };
  }
  const strings = ref.endsWith('OrStringArray');
  return (value, context) => {
    if (!Array.isArray(value)) return kindOf(value) === 'object' ? silent(value, context) : undefined;
    if (!strings) return value.map((item) => silent(item, context));
    for (const item of value) if (typeof item !== 'string') ownMismatch(item, 'string', context);
    return value;
  };
}

function scalarReader(field: FieldSchema): Reader {
  switch (field.type) {
    case 'string':
      return readString;
    case 'boolean':
      return readBoolean;
    case 'int32':
    case 'int64':
      return integerReader(field.type);
    case 'double':
      return readDouble;
    case 'bytes':
      return readBytes;
    case 'quantity':
      return readQuantity;
    case 'intOrString':
      return readIntOrString;
    case 'time':
      return timeReader(canonicalTime);
    case 'microTime':
      return timeReader(canonicalMicroTime);
    case 'duration':
      return readDuration;
    case 'raw':
      return readRaw;
    case 'json':
      return field.ref === undefined ? readRaw : unionReader(field.ref);
    case 'fieldsV1':
      return readFieldsV1;
    default:
      return (value, context) => readObject(field.ref!, value, context);
  }
}

/** The zero value of an element of a list or map, for a null that stands in its place. */
export function zeroOf(field: FieldSchema): unknown {
  switch (field.type) {
    case 'string':
    case 'bytes':
      return '';
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'duration':
      return '0s';
    case 'object':
      return emptyObject(field.ref!);
    default:
      return null;
  }
}

function listReader(field: FieldSchema, goType: string): Reader {
  const read = scalarReader(field);
  return (value, context) => {
    if (!Array.isArray(value)) return mismatch(value, goType, context);
    if (value.length === 0 && context.notesEmpty && isAlwaysWritten(field)) return asGiven([]);
    const result: unknown[] = Array.from({ length: value.length });
    for (let i = 0; i < value.length; i++) {
      context.steps.push(`[${i}]`);
      if (context.literals !== undefined) context.literal = context.literals.get(value)?.get(String(i));
      result[i] = value[i] === null ? zeroOf(field) : read(value[i], context);
      context.steps.pop();
    }
    return result;
  };
}

function mapReader(field: FieldSchema): Reader {
  const element = field.valueShape === 'list' ? listReader(field, 'v1.ExtraValue') : scalarReader(field);
  const goType = wholeType(field);
  return (value, context) => {
    if (kindOf(value) !== 'object') return mismatch(value, goType, context);
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value as object)) {
      const item = (value as Record<string, unknown>)[key];
      context.steps.push(`.${key}`);
      if (context.literals !== undefined) context.literal = context.literals.get(value as object)?.get(key);
      const decoded = item === null ? (field.valueShape === 'list' ? [] : zeroOf(field)) : element(item, context);
      context.steps.pop();
      setOwn(result, key, decoded);
    }
    return result;
  };
}

const nothing = (): null => null;

/** Makes what a field holds when nothing came for it; undefined: the field is then absent. */
export function missingOf(field: FieldSchema): (() => unknown) | undefined {
  if (field.typeMeta === true || field.pointer || field.omitZero === true) return undefined;
  if (field.shape === 'list') return field.omitEmpty ? undefined : () => [];
  if (field.shape === 'map') return field.omitEmpty ? undefined : () => ({});
  switch (field.type) {
    case 'object':
    case 'quantity':
    case 'intOrString':
    case 'duration':
      return () => zeroOf(field);
    case 'time':
    case 'microTime':
    case 'raw':
    case 'json':
    case 'fieldsV1':
      return nothing;
    case 'bytes':
      return field.omitEmpty ? undefined : nothing;
    default:
      return field.omitEmpty ? undefined : () => zeroOf(field);
  }
}

function fieldReader(field: FieldSchema): FieldReader {
  const read = field.shape === 'list' ? listReader(field, wholeType(field)) : field.shape === 'map' ? mapReader(field) : scalarReader(field);
  return { field, name: field.name, read, drops: dropsWhenEmpty(field), missing: missingOf(field) };
}

const STRUCTS: ReadonlySet<FieldSchema['type']> = new Set(['object', 'quantity', 'intOrString', 'duration', 'time', 'microTime', 'raw', 'json', 'fieldsV1']);

/** Whether a field is left out when its value is empty: not for pointers, and not for structs, which are never empty. */
export function dropsWhenEmpty(field: FieldSchema): boolean {
  const struct = STRUCTS.has(field.type);
  return field.omitEmpty && !field.pointer && (field.shape !== 'one' || !struct);
}

const plans = new Map<string, Plan>();

function planOf(name: string): Plan {
  let plan = plans.get(name);
  if (plan === undefined) {
    const schema: TypeSchema = schemaOf(name);
    plan = { fields: schema.fields.map(fieldReader) };
    plans.set(name, plan);
  }
  return plan;
}

function emptyObject(name: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { name: field, missing } of planOf(name).fields) if (missing !== undefined) result[field] = missing();
  return result;
}

/** '', 0, false, and lists and maps without anything in them. */
export function isEmptyValue(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return true;
  if (typeof value !== 'object' || value === null) return false;
  for (const _ in value) return false;
  return true;
}

function noteUnknown(plan: Plan, value: object, context: Context): void {
  for (const key of Object.keys(value)) {
    if (context.unknown === undefined || context.unknown.length >= MAX_UNKNOWN_FIELDS) return;
    if (plan.fields.some((field) => field.name === key)) continue;
    const path = [...context.steps, `.${key}`].join('');
    context.unknown.push(path.startsWith('.') ? path.slice(1) : path);
  }
}

function readObject(name: string, value: unknown, context: Context): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return mismatch(value, goName(name), context);
  const plan = planOf(name);
  const source = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  let left = Object.keys(source).length;
  for (const { name: fieldName, read, drops, missing } of plan.fields) {
    const given = Object.hasOwn(source, fieldName) ? source[fieldName] : undefined;
    if (given !== undefined) left--;
    if (given === undefined || given === null) {
      if (missing !== undefined) result[fieldName] = missing();
      continue;
    }
    context.fields.push(fieldName);
    context.steps.push(`.${fieldName}`);
    context.structs.push(name);
    if (context.literals !== undefined) context.literal = context.literals.get(source)?.get(fieldName);
    const decoded = read(given, context);
    context.structs.pop();
    context.fields.pop();
    context.steps.pop();
    if (decoded === undefined) {
      if (missing !== undefined) result[fieldName] = missing();
    } else if (!(drops && isEmptyValue(decoded))) result[fieldName] = decoded;
  }
  if (left > 0 && context.unknown !== undefined) noteUnknown(plan, source, context);
  return result;
}

/** The sentence of a body that is refused: `Pod in version "v1" cannot be handled as a Pod: …`. */
export function cannotHandle(schemaName: string, json: unknown, why: string): string {
  const wanted = schemaName.slice(schemaName.lastIndexOf('.') + 1);
  const { apiVersion, kind } = (typeof json === 'object' && json !== null ? json : {}) as { apiVersion?: unknown; kind?: unknown };
  const version = typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion.slice(apiVersion.indexOf('/') + 1) : schemaName.split('.').at(-2)!;
  return `${typeof kind === 'string' && kind !== '' ? kind : wanted} in version ${quote(version)} cannot be handled as a ${wanted}: ${why}`;
}

/**
 * An object of the schema out of a JSON value. The input is left as it is, and the result shares what holds raw JSON with it.
 * @param schemaName as `io.k8s.api.apps.v1.Deployment`.
 * @param options.notesEmpty lists that are always written, and came empty, are told from those that did not come (`inArrivingOrder`).
 * Throws StatusError 400 when a value has the wrong type.
 */
export function decodeObject<T = Record<string, unknown>>(schemaName: string, json: unknown, options: { fieldValidation?: FieldValidation; notesEmpty?: boolean } = {}): Decoded<T> {
  const unknown: string[] = [];
  const context = newContext(options.fieldValidation === 'Ignore' ? undefined : unknown, literalsIn(json), options.notesEmpty === true);
  try {
    const object = readObject(schemaName, json, context);
    return { object: (options.notesEmpty === true ? asGiven(object) : object) as T, unknownFields: unknown };
  } catch (error) {
    if (error instanceof DecodeError || error instanceof RangeError || (error instanceof Error && error.name === 'QuantityError')) {
      throw undecodable(schemaName, json, error.message);
    }
    throw error;
  }
}

/** The texts of what strict validation refuses and lenient validation warns of: `unknown field "spec.foo"`, `duplicate field "spec.bar"`. */
export function fieldProblems(found: { unknownFields?: readonly string[]; duplicates?: readonly string[] }): string[] {
  return [
    ...(found.duplicates ?? []).map((path) => `duplicate field ${quote(path)}`),
    ...(found.unknownFields ?? []).map((path) => `unknown field ${quote(path)}`),
  ];
}

/** Why strict validation refuses a body. */
export function strictDecodingMessage(problems: readonly string[]): string {
  return `strict decoding error: ${problems.join(', ')}`;
}

/** 400 of a body that is no object of the schema; its `cause` is the reason alone. */
export function undecodable(schemaName: string, json: unknown, why: string): StatusError {
  return Object.assign(badRequest(cannotHandle(schemaName, json, why)), { cause: why });
}

/**
 * A JSON body.
 * @param options.strict also finds duplicate fields (their paths are the answer's `duplicates`).
 * Throws StatusError 400 in upstream's words.
 */
export function parseJson(bytes: Uint8Array | string, options: { strict?: boolean } = {}): ParsedJson {
  try {
    return readJson(bytes, options);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw badRequest(`couldn't get version/kind; json parse error: ${error.message}`);
    throw error;
  }
}

/** A YAML body: its first document. Throws StatusError 400. */
export function parseYaml(text: string): unknown {
  return parseYamlStrictly(text).value;
}

/** As parseYaml, with the keys that came twice. */
export function parseYamlStrictly(text: string): ParsedYaml {
  try {
    return readYaml(text);
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw badRequest(error.message.replace(/^error converting YAML to JSON: /, ''));
    throw error;
  }
}
