/** Types of CEL from structural OpenAPI schemas, as Kubernetes derives them for `self`, `object` and `params`. */
import { escapeName } from './names.ts';
import { types, type CelType, type Field, type ObjectType } from './types.ts';

/** The part of a schema that matters here; JSONSchemaProps and the API's own OpenAPI documents have this form. */
export interface StructuralSchema {
  type?: string;
  format?: string;
  nullable?: boolean;
  properties?: Readonly<Record<string, StructuralSchema>>;
  required?: readonly string[];
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema | boolean;
  maxItems?: number;
  maxLength?: number;
  maxProperties?: number;
  enum?: readonly unknown[];
  default?: unknown;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: readonly string[];
  [other: string]: unknown;
}

export interface SchemaTypeOptions {
  /** The schema is a whole object: it has apiVersion, kind, metadata.name and metadata.generateName whatever the schema says. */
  root?: boolean;
  /** Names the type in messages; `object` by default. */
  name?: string;
}

/** The largest request that the API server takes: no value can be longer. */
export const maxRequestBytes = 3 * 1024 * 1024;

const smallest = { string: 2, bool: 4, number: 1, duration: 4, dateTime: 22, date: 12, list: 2, map: 2 };
const largest = { duration: 32, dateTime: 32, date: 12 };

/** A derived type with the fewest bytes that a value of it takes in JSON. */
interface Sized { type: CelType; bytes: number }

/** The type of values that fit the schema; undefined where CEL cannot look in (no type given, unknown fields alone). */
export function typeFromSchema(schema: StructuralSchema, options: SchemaTypeOptions = {}): CelType | undefined {
  return derive(schema, options.root ?? false, options.name ?? 'object')?.type;
}

/** The fewest bytes that a value which fits the schema takes in a request. */
export function leastBytesOf(schema: StructuralSchema, root = false): number {
  return derive(schema, root, '')?.bytes ?? smallest.number;
}

function derive(schema: StructuralSchema, root: boolean, name: string): Sized | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: { kind: 'dyn', maxSize: maxRequestBytes - 2 }, bytes: smallest.number };
  switch (schema.type) {
    case 'array':
      return deriveList(schema, name);
    case 'object':
      return deriveObject(schema, root, name);
    case 'string':
      return deriveString(schema);
    case 'boolean':
      return { type: types.bool, bytes: smallest.bool };
    case 'number':
      return { type: types.double, bytes: smallest.number };
    case 'integer':
      return { type: types.int, bytes: smallest.number };
    default:
      return undefined;
  }
}

/** Limits may be whole numbers of 64 bits. */
const numberOf = (limit: number | undefined): number | undefined => (limit === undefined ? undefined : Number(limit));

function deriveList(schema: StructuralSchema, name: string): Sized | undefined {
  if (schema.items === undefined) return undefined;
  const element = derive(schema.items, schema.items['x-kubernetes-embedded-resource'] === true, `${name}.@idx`);
  if (element === undefined) return undefined;
  const maxSize = numberOf(schema.maxItems) ?? Math.floor((maxRequestBytes - 2) / (element.bytes + 1));
  return { type: { kind: 'list', element: element.type, maxSize: Math.max(0, maxSize), ...listMarks(schema) }, bytes: smallest.list };
}

/** Sets and maps compare without order; the value's maker reads this off the type. */
function listMarks(schema: StructuralSchema): { listType?: 'set' | 'map'; listKeys?: readonly string[] } {
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== 'set' && listType !== 'map') return {};
  return { listType, ...(schema['x-kubernetes-list-map-keys'] ? { listKeys: schema['x-kubernetes-list-map-keys'] } : {}) };
}

function deriveObject(schema: StructuralSchema, root: boolean, name: string): Sized | undefined {
  const { additionalProperties } = schema;
  if (typeof additionalProperties === 'object' && additionalProperties !== null && schema.properties === undefined) {
    const value = derive(additionalProperties, additionalProperties['x-kubernetes-embedded-resource'] === true, `${name}.@elem`);
    if (value === undefined) return undefined;
    const maxSize = numberOf(schema.maxProperties) ?? Math.floor((maxRequestBytes - 2) / (value.bytes + 6));
    return { type: { kind: 'map', key: types.string, value: value.type, maxSize: Math.max(0, maxSize) }, bytes: smallest.map };
  }
  const embedded = root || schema['x-kubernetes-embedded-resource'] === true;
  const properties = embedded ? withTypeMeta(schema.properties ?? {}) : (schema.properties ?? {});
  const required = new Set(schema.required ?? []);
  const fields = new Map<string, Field>();
  let bytes = smallest.map;
  for (const [property, inner] of Object.entries(properties)) {
    const derived = derive(inner, inner['x-kubernetes-embedded-resource'] === true, `${name}.${property}`);
    if (derived === undefined) continue;
    if (required.has(property) && inner.default === undefined) bytes += property.length + derived.bytes + 4;
    const escaped = escapeName(property);
    if (escaped !== undefined) fields.set(escaped, { name: property, type: derived.type });
  }
  const type: ObjectType = { kind: 'object', name, field: (key) => fields.get(key), fieldNames: () => [...fields.keys()] };
  return { type, bytes };
}

function withTypeMeta(properties: Readonly<Record<string, StructuralSchema>>): Readonly<Record<string, StructuralSchema>> {
  const text: StructuralSchema = { type: 'string' };
  const own = properties['metadata']?.properties ?? {};
  const metadata: StructuralSchema = { type: 'object', properties: { name: own['name'] ?? text, generateName: own['generateName'] ?? text } };
  return { ...properties, kind: properties['kind'] ?? text, apiVersion: properties['apiVersion'] ?? text, metadata };
}

function deriveString(schema: StructuralSchema): Sized {
  switch (schema.format) {
    case 'byte':
      return { type: { kind: 'bytes', maxSize: numberOf(schema.maxLength) ?? maxRequestBytes - 2 }, bytes: smallest.string };
    case 'duration':
      return { type: { kind: 'duration', maxSize: largest.duration }, bytes: smallest.duration };
    case 'date':
      return { type: { kind: 'timestamp', maxSize: largest.date }, bytes: smallest.date };
    case 'date-time':
      return { type: { kind: 'timestamp', maxSize: largest.dateTime }, bytes: smallest.dateTime };
    default:
  }
  if (schema.maxLength !== undefined) return { type: { kind: 'string', maxSize: Math.max(0, Number(schema.maxLength)) * 4 }, bytes: smallest.string };
  const words = schema.enum?.filter((word): word is string => typeof word === 'string') ?? [];
  if (words.length > 0) return { type: { kind: 'string', maxSize: words.reduce((most, word) => Math.max(most, word.length), 0) }, bytes: smallest.string };
  return { type: { kind: 'string', maxSize: maxRequestBytes - 2 }, bytes: smallest.string };
}
