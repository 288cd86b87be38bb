/** OpenAPI of custom resources: their schemas as their definitions give them, with what every object has put in. */
import type { JSONSchemaProps } from '../apiextensions/v1/types.ts';
import type { Resource } from '../meta/resource.ts';
import { findSchema } from '../schema.ts';
import { paths2, paths3, SECURITY, type Part2 } from './documents.ts';
import { fieldDoc } from './docs.ts';
import { optionsOf, pathsOf, typesOf, type Operation, type Parameter, type Paths } from './paths.ts';
import { closure, everywhereOf, refTo, typeComponent, type Json, type OpenApiVersion } from './schemas.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** One custom resource in one version. */
export interface DescribedVersion {
  resource: Resource;
  schema: JSONSchemaProps | undefined;
  /** Without their first dot. */
  selectable: readonly string[];
}

const API_VERSION: Json = {
  description: 'Version of the schema that this object is written in, with its group. Servers may give another, and refuse those that they do not know.', type: 'string',
};
const KIND: Json = { description: 'What kind of object this is. Servers may infer it from where the object is sent. It cannot be changed.', type: 'string' };
const METADATA = 'Name, namespace, labels, annotations and what else every object has.';

const typeMeta = (version: OpenApiVersion): Json => ({
  apiVersion: API_VERSION, kind: KIND,
  metadata: version === 3 ? { allOf: [refTo(`${META}.ObjectMeta`, 3)], description: METADATA } : { ...refTo(`${META}.ObjectMeta`, 2), description: METADATA },
});

const isSchema = (value: unknown): value is JSONSchemaProps => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What kubectl's reading of version 2 cannot take. */
const NOT_IN_2: ReadonlySet<string> = new Set(['nullable', 'default', 'oneOf', 'anyOf', 'allOf', 'not']);

function plain2(schema: JSONSchemaProps): Json {
  const out: Json = Object.fromEntries(Object.entries(schema).filter(([field]) => !NOT_IN_2.has(field)));
  // A type would forbid null, and unknown fields would be refused where some are listed.
  if (schema.nullable) for (const field of ['type', 'items', 'properties']) delete out[field];
  if (schema['x-kubernetes-preserve-unknown-fields']) for (const field of ['type', 'items', 'properties']) delete out[field];
  return out;
}

/** A schema of a definition as it is published. */
function published(schema: JSONSchemaProps, version: OpenApiVersion): Json {
  const out: Json = version === 3 ? { ...schema } : plain2(schema);
  const inner = (below: JSONSchemaProps): Json => published(below, version);
  if (out.properties !== undefined) out.properties = Object.fromEntries(Object.entries(schema.properties!).map(([name, below]) => [name, inner(below)]));
  if (isSchema(out.items)) out.items = inner(schema.items as JSONSchemaProps);
  if (isSchema(out.additionalProperties)) out.additionalProperties = inner(schema.additionalProperties as JSONSchemaProps);
  if (schema['x-kubernetes-embedded-resource'] && (out.properties !== undefined || version === 3)) {
    out.properties = { ...(out.properties as Json | undefined), ...typeMeta(version) };
    out.required = [...(schema.required ?? []), ...['kind', 'apiVersion'].filter((field) => !schema.required?.includes(field))];
  }
  if (version === 3 && schema['x-kubernetes-int-or-string'] && !schema.anyOf?.length && !schema.allOf?.length) out.anyOf = [{ type: 'integer' }, { type: 'string' }];
  return out;
}

function component({ resource, schema, selectable }: DescribedVersion, version: OpenApiVersion): Json {
  const { group, kind } = resource;
  const marks = { 'x-kubernetes-group-version-kind': [{ group, kind, version: resource.version }], ...selectableOf(selectable) };
  // Of what keeps everything version 2 says nothing.
  if (schema === undefined || (version === 2 && schema['x-kubernetes-preserve-unknown-fields'])) return { type: 'object', ...marks };
  const out = published(schema, version);
  const { status, ...rest } = (out.properties ?? {}) as Json;
  return { ...out, properties: { ...rest, ...typeMeta(version), ...(status === undefined ? {} : { status }) }, ...marks };
}

const selectableOf = (selectable: readonly string[]): Json => (selectable.length === 0 ? {} : { 'x-kubernetes-selectable-fields': selectable.map((fieldPath) => ({ fieldPath })) });

function listComponent({ resource, selectable }: DescribedVersion, schema: string, version: OpenApiVersion): Json {
  const { group, version: name, kind, listKind, plural } = resource;
  const metadata = refTo(`${META}.ListMeta`, version);
  return {
    description: `A list of ${kind}.`,
    properties: {
      apiVersion: API_VERSION,
      items: { description: `List of ${plural}.`, items: refTo(schema, version), type: 'array' },
      kind: KIND,
      metadata: version === 3 ? { allOf: [metadata], description: 'What every list has.' } : { ...metadata, description: 'What every list has.' },
    },
    required: ['items'], type: 'object', 'x-kubernetes-group-version-kind': [{ group, kind: listKind, version: name }], ...selectableOf(selectable),
  };
}

/** Name of the component: the group's words turned round, as `com.example.v1.Widget`. */
function componentName({ group, version, kind }: Resource): string {
  return `${group.split('.').toReversed().join('.')}.${version}.${kind}`;
}

const STATE: Parameter = { name: 'resourceVersion', in: 'query', description: fieldDoc(`${META}.GetOptions`, 'resourceVersion'), type: 'string', required: false };

/** How upstream describes the operations of custom resources where it differs from its own kinds. */
function customOperation(operation: Operation, kind: Resource): Operation {
  const { group, version } = kind;
  const own = { ...operation, custom: true, kind: { group, version, kind: kind.kind } } as const;
  const { 201: _created, ...found } = operation.answers;
  switch (operation.action) {
    case 'get':
      return { ...own, parameters: [...operation.parameters, STATE] };
    case 'patch':
      return { ...own, answers: found };
    case 'deletecollection':
      return { ...own, parameters: collectionParameters(operation), body: undefined };
    default:
      return own;
  }
}

/** A collection is deleted by what a list is asked by, and by nothing else. */
function collectionParameters({ parameters }: Operation): Parameter[] {
  return [...parameters.filter((parameter) => parameter.in === 'path' || parameter.name === 'pretty'), ...optionsOf(`${META}.ListOptions`)];
}

function describedPaths(group: string, version: string, versions: readonly DescribedVersion[]): Paths {
  const named = versions.map(({ resource }): Resource => ({ ...resource, schema: componentName(resource) }));
  const root = `/apis/${group}/${version}/`;
  const paths: Paths = new Map();
  const kinds = new Map(named.map((resource) => [resource.plural, resource]));
  for (const [path, operations] of pathsOf(group, version, named)) {
    if (path === root || path.startsWith(`${root}watch/`)) continue;
    const [first, , namespaced] = path.slice(root.length).split('/');
    const kind = kinds.get(first === 'namespaces' && namespaced !== undefined ? namespaced : first!)!;
    paths.set(path, operations.map((operation) => customOperation(operation, kind)));
  }
  return paths;
}

function components(versions: readonly DescribedVersion[], paths: Paths, version: OpenApiVersion, elsewhere: ReadonlySet<string> = new Set()): Json {
  const out: Json = {};
  const everywhere = everywhereOf(undefined, []);
  // What stands elsewhere, stands there with all that it refers to.
  const known = [...typesOf(paths), `${META}.ObjectMeta`, `${META}.ListMeta`].filter((name) => !elsewhere.has(name) && findSchema(name) !== undefined);
  for (const name of closure(known)) if (!elsewhere.has(name)) out[name] = typeComponent(name, version, everywhere);
  for (const one of versions) {
    const name = componentName(one.resource);
    out[name] = component(one, version);
    out[`${name}List`] = listComponent(one, name, version);
  }
  return out;
}

/** The document of a group version of custom resources. */
export function customDocument3(group: string, version: string, versions: readonly DescribedVersion[]): Json {
  const paths = describedPaths(group, version, versions);
  return { components: { schemas: components(versions, paths, 3), securitySchemes: SECURITY }, info: { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }, openapi: '3.0.0', paths: paths3(paths) };
}

/** Without definitions of the names that are known elsewhere. */
export function customPart2(group: string, version: string, versions: readonly DescribedVersion[], elsewhere?: ReadonlySet<string>): Part2 {
  const paths = describedPaths(group, version, versions);
  return { paths: paths2(paths), definitions: components(versions, paths, 2, elsewhere) };
}
