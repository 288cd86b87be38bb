/**
 * The schema of every API type, read from the generated tables. Codecs, defaulting, strict decoding, OpenAPI, strategic merge and
 * structured merge all read these descriptions; nothing else in the code knows a field list.
 */
import { TABLES } from './generated/tables.ts';

/** What a field's value is, before list or map is wrapped around it. `object` has a `ref`. */
export type FieldType =
  | 'string' | 'boolean' | 'int32' | 'int64' | 'double' | 'bytes'
  | 'quantity' | 'intOrString' | 'time' | 'microTime' | 'duration'
  /** Any JSON object with its own apiVersion and kind (RawExtension) or any JSON at all. */
  | 'raw' | 'json' | 'fieldsV1'
  | 'object';

export interface FieldSchema {
  /** The JSON name. */
  name: string;
  type: FieldType;
  /** Name of the object type, as `io.k8s.api.core.v1.Container`. */
  ref?: string;
  shape: 'one' | 'list' | 'map';
  /** A map's values are lists of `type`. */
  valueShape?: 'list';
  /** The list is a message of its own in protobuf, with the items at number 1. */
  wrapped?: boolean;
  required: boolean;
  /** Absent and zero are different things. */
  pointer: boolean;
  /** Left out of JSON when false, 0, '', empty list or map. */
  omitEmpty: boolean;
  /** A struct whose zero value is left out of JSON too. */
  omitZero?: boolean;
  /** Always '': the texts are kept apart so that starting up need not load them; see `openapi/docs.ts`. */
  doc: string;
  enum?: readonly string[];
  /** The default that the schema itself declares. */
  default?: unknown;
  /** Protobuf field number; `via` are the numbers of the messages around a field that JSON shows inline. */
  proto?: number;
  via?: readonly (number | null)[];
  listType?: 'atomic' | 'set' | 'map';
  listKeys?: readonly string[];
  mapType?: 'atomic' | 'granular';
  patchStrategy?: string;
  patchMergeKey?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  /** `apiVersion` or `kind` of an object: JSON only, in protobuf they travel in the envelope. */
  typeMeta?: boolean;
}

export interface TypeSchema {
  /** As `io.k8s.api.core.v1.Pod`. */
  name: string;
  doc: string;
  fields: readonly FieldSchema[];
  byName: ReadonlyMap<string, FieldSchema>;
  /** Has apiVersion and kind of its own. */
  isKind: boolean;
  /** Name of the kind's schema, for a list of that kind. */
  listOf?: string;
  /** Not a part of the published OpenAPI. */
  unpublished?: boolean;
  /** structType atomic: server-side apply takes the whole object as one value. */
  atomic?: boolean;
  /** Discriminated unions and other `x-kubernetes-*` extensions of the type. */
  extensions?: Readonly<Record<string, unknown>>;
}

type Tables = Readonly<Record<string, Readonly<Record<string, string>>>>;

let tables: Tables = TABLES;

/** Makes further types known: those of versions that are off by default (see `off-by-default.ts`). */
export function addTables(more: Tables): void {
  tables = { ...tables, ...more };
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

const TYPE_CODES: Readonly<Record<string, FieldType>> = {
  s: 'string', b: 'boolean', i: 'int32', l: 'int64', d: 'double', y: 'bytes', q: 'quantity', x: 'intOrString', t: 'time', u: 'microTime',
  D: 'duration', R: 'raw', J: 'json', F: 'fieldsV1', '@': 'object',
};

/** Number, type and markers of a line of the tables; the letters are those of scripts/generate-api.ts. */
function readField(packageName: string, line: string): FieldSchema {
  const [name = '', number = '', type = '', ...markers] = line.split(' ');
  const found = /^([a-zA-Z@])([^[{]*)(\[\]|\{\}|\{\[\]\})?(w?)$/.exec(type);
  if (found === null) throw new Error(`bad type ${type} of field ${name} in ${packageName}`);
  const target = (found[1] === '@' ? found[2]! : found[2]!.slice(1));
  const fieldType = TYPE_CODES[found[1]!]!;
  const field: FieldSchema = {
    name,
    type: fieldType,
    shape: found[3] === '[]' ? 'list' : found[3] === undefined ? 'one' : 'map',
    required: false,
    pointer: false,
    omitEmpty: true,
    doc: '',
  };
  if (target !== '') field.ref = target.includes('.') ? target : `${packageName}.${target}`;
  if (found[3] === '{[]}') field.valueShape = 'list';
  if (found[4] === 'w') field.wrapped = true;
  if (number !== '') field.proto = Number(number);
  for (const marker of markers) applyMarker(field, marker);
  return field;
}

function applyMarker(field: FieldSchema, marker: string): void {
  const value = marker.slice(1).replaceAll('~', ' ');
  switch (marker[0]) {
    case '!':
      field.required = true;
      field.omitEmpty = false;
      break;
    case '*':
      field.pointer = true;
      break;
    case 'o':
      field.omitEmpty = true;
      break;
    case 'k':
      field.omitEmpty = false;
      break;
    case 'z':
      field.omitZero = true;
      break;
    case 'v':
      field.via = value.split(',').map((n) => (n === '-' ? null : Number(n)));
      break;
    default:
      applyValue(field, marker[0]!, value);
  }
}

function applyValue(field: FieldSchema, letter: string, value: string): void {
  switch (letter) {
    case 'L':
      field.listType = value as 'atomic' | 'set' | 'map';
      break;
    case 'K':
      field.listKeys = value.split(',');
      break;
    case 'T':
      field.mapType = value as 'atomic' | 'granular';
      break;
    case 'S':
      field.patchStrategy = value;
      break;
    case 'G':
      field.patchMergeKey = value;
      break;
    case 'E':
      field.enum = value.split('|').map((word) => (word === '""' ? '' : word));
      break;
    case 'f':
      field.format = value;
      break;
    case 'd':
      field.default = JSON.parse(value);
      break;
    case 'm':
      field.minimum = Number(value);
      break;
    case 'M':
      field.maximum = Number(value);
      break;
    default:
      throw new Error(`unknown marker ${letter}${value} of field ${field.name}`);
  }
}

const simple = (name: string, extra: Partial<FieldSchema> = {}): FieldSchema => ({
  name, type: 'string', shape: 'one', required: false, pointer: false, omitEmpty: true, doc: '', ...extra,
});

/** kind and apiVersion, in the order that the API writes them. */
const TYPE_META: readonly FieldSchema[] = [simple('kind', { typeMeta: true }), simple('apiVersion', { typeMeta: true })];

function metadata(ref: string): FieldSchema {
  return simple('metadata', { type: 'object', ref: `${META}.${ref}`, proto: 1 });
}

function typeSchema(name: string, fields: readonly FieldSchema[], extra: Partial<TypeSchema>): TypeSchema {
  return { name, doc: '', fields, byName: new Map(fields.map((field) => [field.name, field])), isKind: false, ...extra };
}

function split(name: string): { packageName: string; short: string } {
  const dot = name.lastIndexOf('.');
  return { packageName: name.slice(0, dot), short: name.slice(dot + 1) };
}

function readType(name: string): TypeSchema | undefined {
  const { packageName, short } = split(name);
  const table = tables[packageName]?.[short];
  if (table === undefined) return readList(name, packageName, short);
  const [head = '', ...lines] = table.split('\n');
  const base = head[0] === ' ' ? '' : head[0]!;
  const own = lines.map((line) => readField(packageName, line));
  const hasMetadata = own.some((field) => field.name === 'metadata');
  const fields = base === '' ? own : [...TYPE_META, ...(base === 'T' || hasMetadata ? [] : [metadata('ObjectMeta')]), ...own];
  const flags = head.slice(head.indexOf(' ') + 1);
  const union = flags.indexOf('U');
  const letters = union < 0 ? flags : flags.slice(0, union);
  return typeSchema(name, fields, {
    isKind: base !== '',
    ...(letters.includes('A') ? { atomic: true } : {}),
    ...(letters.includes('X') ? { unpublished: true } : {}),
    ...(union < 0 ? {} : { extensions: { 'x-kubernetes-unions': JSON.parse(flags.slice(union + 1)) as unknown } }),
  });
}

/** The list of a kind, which no types file spells out: all lists look alike. */
function readList(name: string, packageName: string, short: string): TypeSchema | undefined {
  const item = short.endsWith('List') ? short.slice(0, -4) : '';
  const head = tables[packageName]?.[item]?.split('\n', 1)[0];
  if (head?.startsWith('K') !== true) return undefined;
  const items = simple('items', { type: 'object', ref: `${packageName}.${item}`, shape: 'list', required: true, omitEmpty: false, proto: 2 });
  return typeSchema(name, [...TYPE_META, metadata('ListMeta'), items], {
    isKind: true, listOf: `${packageName}.${item}`, ...(/^K A?X/.test(head) ? { unpublished: true } : {}),
  });
}

const known = new Map<string, TypeSchema>();

/** The schema of a type if there is one: `io.k8s.api.core.v1.Pod`, and lists as `io.k8s.api.core.v1.PodList`. */
export function findSchema(name: string): TypeSchema | undefined {
  const before = known.get(name);
  if (before !== undefined) return before;
  const schema = readType(name);
  if (schema !== undefined) known.set(name, schema);
  return schema;
}

/** Whether a name is one of the API's own types, or the list of one: not that of a custom resource. */
export function isBuiltIn(name: string): boolean {
  const { packageName, short } = split(name);
  const types = tables[packageName];
  if (types === undefined) return false;
  return Object.hasOwn(types, short) || (short.endsWith('List') && Object.hasOwn(types, short.slice(0, -4)) && readType(name) !== undefined);
}

/** The schema of a type. Throws Error for a name that no type has. */
export function schemaOf(name: string): TypeSchema {
  const schema = findSchema(name);
  if (schema === undefined) throw new Error(`no schema is named ${JSON.stringify(name)}`);
  return schema;
}

/** Names of all types, lists included, package by package. */
export function schemaNames(): string[] {
  return Object.entries(tables).flatMap(([packageName, types]) =>
    Object.entries(types).flatMap(([short, table]) => (table.startsWith('K') ? [`${packageName}.${short}`, `${packageName}.${short}List`] : [`${packageName}.${short}`])));
}
