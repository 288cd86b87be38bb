/** Schemas of types in the forms of OpenAPI v3 (`components`) and v2 (`definitions`). */
import type { Resource } from '../meta/resource.ts';
import { knownResources, type ApiGroup } from '../resources.ts';
import type { FieldSchema, TypeSchema } from '../schema.ts';
import { findSchema, schemaOf } from '../schema.ts';
import { fieldDoc, typeDoc } from './docs.ts';

export type Json = Record<string, unknown>;
export type OpenApiVersion = 2 | 3;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const RAW = 'io.k8s.apimachinery.pkg.runtime.RawExtension';

/** Types that are values of their own in JSON: their name, sentence and schema in both versions. */
const VALUE_TYPES: Readonly<Record<string, { description: string; v3: Json; v2: Json }>> = {
  [QUANTITY]: {
    description: 'An amount: a decimal number with an optional suffix (m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei) or exponent, as `100m`, `1.5` or `64Mi`.',
    v3: { oneOf: [{ type: 'string' }, { type: 'number' }] },
    v2: { type: 'string' },
  },
  [INT_OR_STRING]: {
    description: 'A whole number, or a string such as a percentage or a name.',
    v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
    v2: { format: 'int-or-string', type: 'string' },
  },
  [`${META}.Time`]: both('A moment in RFC 3339, whole seconds, as `2026-01-31T12:00:00Z`.', { format: 'date-time', type: 'string' }),
  [`${META}.MicroTime`]: both('A moment in RFC 3339 to the microsecond, as `2026-01-31T12:00:00.000000Z`.', { format: 'date-time', type: 'string' }),
  [`${META}.Duration`]: both('A length of time, as `1h30m`.', { type: 'string' }),
  [`${META}.FieldsV1`]: both('A set of fields, as a tree in JSON: `f:name` for a field, `k:{…}` for an item of a list by its keys, `v:…` for one by its value, `.` for the place itself.', { type: 'object' }),
  [RAW]: both('An object of any kind, embedded as it is.', { type: 'object' }),
  [`${EXTENSIONS}.JSON`]: both('Any JSON value.', {}),
  [`${EXTENSIONS}.JSONSchemaPropsOrArray`]: both('One schema, or a list of schemas, one a position.', {}),
  [`${EXTENSIONS}.JSONSchemaPropsOrBool`]: both('A schema, or whether anything more is allowed at all.', {}),
  [`${EXTENSIONS}.JSONSchemaPropsOrStringArray`]: both('A schema, or the names of properties that must come along.', {}),
};

function both(description: string, schema: Json): { description: string; v3: Json; v2: Json } {
  return { description, v3: schema, v2: schema };
}

/** Name of the component that a field refers to; undefined for plain scalars. */
function componentOf(field: FieldSchema): string | undefined {
  switch (field.type) {
    case 'object':
      return field.ref;
    case 'quantity':
      return QUANTITY;
    case 'intOrString':
      return INT_OR_STRING;
    case 'time':
      return `${META}.Time`;
    case 'microTime':
      return `${META}.MicroTime`;
    case 'duration':
      return `${META}.Duration`;
    case 'fieldsV1':
      return `${META}.FieldsV1`;
    case 'raw':
      return RAW;
    case 'json':
      return field.ref ?? `${EXTENSIONS}.JSON`;
    default:
      return undefined;
  }
}

const SCALARS: Readonly<Partial<Record<FieldSchema['type'], Json>>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { format: 'int32', type: 'integer' },
  int64: { format: 'int64', type: 'integer' },
  double: { format: 'double', type: 'number' },
  bytes: { format: 'byte', type: 'string' },
};

export function refTo(name: string, version: OpenApiVersion): Json {
  return { $ref: version === 3 ? `#/components/schemas/${name}` : `#/definitions/${name}` };
}

/** The schema of a single value, without description and default. */
function valueSchema(field: FieldSchema, version: OpenApiVersion): Json {
  const component = componentOf(field);
  if (component !== undefined) return refTo(component, version);
  const scalar = { ...SCALARS[field.type] };
  if (field.format !== undefined) scalar.format = field.format;
  if (field.enum !== undefined) scalar.enum = [...field.enum];
  return scalar;
}

const ZEROS: Readonly<Partial<Record<FieldSchema['type'], unknown>>> = { string: '', boolean: false, int32: 0, int64: 0, double: 0 };

/** The default that OpenAPI v3 shows: the declared one, or the zero value of what is always written. */
function shownDefault(field: FieldSchema): unknown {
  if (field.default !== undefined) return field.default;
  if (field.pointer || field.shape !== 'one') return undefined;
  if (field.type === 'object') return {};
  return field.omitEmpty ? undefined : ZEROS[field.type];
}

function extensionsOf(field: FieldSchema): Json {
  return {
    ...(field.listKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': [...field.listKeys] }),
    ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
    ...(field.mapType === undefined ? {} : { 'x-kubernetes-map-type': field.mapType }),
    ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    ...(field.patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy }),
  };
}

function boundsOf(field: FieldSchema): Json {
  return { ...(field.minimum === undefined ? {} : { minimum: field.minimum }), ...(field.maximum === undefined ? {} : { maximum: field.maximum }) };
}

/** A property of a type. */
function property(typeName: string, field: FieldSchema, version: OpenApiVersion): Json {
  const description = fieldDoc(typeName, field.name);
  const common = { ...(description === '' ? {} : { description }), ...extensionsOf(field) };
  const single = valueSchema(field, version);
  if (field.shape === 'list') return { ...common, items: single, type: 'array' };
  if (field.shape === 'map') return { ...common, additionalProperties: field.valueShape === 'list' ? { items: single, type: 'array' } : single, type: 'object' };
  if (version === 2) return { ...common, ...single, ...boundsOf(field) };
  const preset = shownDefault(field);
  const withDefault = preset === undefined ? common : { ...common, default: preset };
  return '$ref' in single ? { allOf: [single], ...withDefault } : { ...withDefault, ...single, ...boundsOf(field) };
}

let groupedFrom: readonly Resource[] | undefined;
let groupsByPackage: ReadonlyMap<string, { group: string; version: string }> | undefined;

/** Group and version of the package that a type belongs to, if it is served. */
function groupVersionOf(name: string): { group: string; version: string } | undefined {
  if (groupsByPackage === undefined || groupedFrom !== knownResources()) {
    groupedFrom = knownResources();
    groupsByPackage = new Map(groupedFrom.map((r) => [r.schema.slice(0, r.schema.lastIndexOf('.')), { group: r.group, version: r.version }]));
  }
  const packageName = name.slice(0, name.lastIndexOf('.'));
  return packageName === META ? { group: '', version: 'v1' } : groupsByPackage.get(packageName);
}

/** Kinds that every group version has; a document names them for core and for its own. */
const EVERYWHERE: ReadonlySet<string> = new Set([`${META}.DeleteOptions`, `${META}.WatchEvent`]);

function kindsOf(schema: TypeSchema, served: readonly { group: string; version: string }[]): Json[] {
  const kind = schema.name.slice(schema.name.lastIndexOf('.') + 1);
  if (EVERYWHERE.has(schema.name)) return served.map(({ group, version }) => ({ group, kind, version }));
  const own = schema.isKind ? groupVersionOf(schema.name) : undefined;
  return own === undefined ? [] : [{ group: own.group, kind, version: own.version }];
}

/** The group versions whose kinds a document of one group version names for kinds that all of them have. */
export function everywhereOf(groupVersion: { group: string; version: string } | undefined, groups: readonly ApiGroup[]): { group: string; version: string }[] {
  const core = { group: '', version: 'v1' };
  if (groupVersion === undefined) return groups.flatMap(({ group, versions }) => versions.map(({ version }) => ({ group, version }))).sort((a, b) => (a.group < b.group ? -1 : 1));
  return groupVersion.group === '' ? [core] : [core, groupVersion];
}

/** The component of a type. */
export function typeComponent(name: string, version: OpenApiVersion, everywhere: readonly { group: string; version: string }[]): Json {
  const value = VALUE_TYPES[name];
  if (value !== undefined) return { description: value.description, ...(version === 3 ? value.v3 : value.v2) };
  const schema = schemaOf(name);
  const description = typeDoc(name);
  const properties = Object.fromEntries(schema.fields.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((field) => [field.name, property(name, field, version)]));
  const required = schema.fields.filter((field) => field.required).map((field) => field.name);
  const kinds = kindsOf(schema, everywhere);
  return {
    ...(description === '' ? {} : { description }),
    ...(schema.fields.length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    type: 'object',
    ...(kinds.length === 0 ? {} : { 'x-kubernetes-group-version-kind': kinds }),
    ...(schema.atomic === true ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...schema.extensions,
  };
}

/** All types that the named ones lead to, themselves included, sorted. */
export function closure(names: Iterable<string>): string[] {
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    if (VALUE_TYPES[name] !== undefined) {
      if (name.startsWith(EXTENSIONS) && !name.endsWith('.JSON')) continue;
      continue;
    }
    for (const field of findSchema(name)?.fields ?? []) {
      const component = componentOf(field);
      if (component !== undefined) queue.push(component);
    }
  }
  return [...found].sort();
}
