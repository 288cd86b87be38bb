/**
 * The OpenAPI documents: one of version 3 for every group version, an index of them, and one of version 2 for everything.
 * They are built when first asked for and then kept.
 */
import { createHash } from 'node:crypto';
import { DOCS } from '../generated/docs.ts';
import { TABLES } from '../generated/tables.ts';
import type { Resource } from '../meta/resource.ts';
import { GROUPS, RESOURCES, type ApiGroup } from '../resources.ts';
import type { Operation, Parameter, Paths } from './paths.ts';
import { discovery, groupWord, pathsOf, typesOf } from './paths.ts';
import type { Json } from './schemas.ts';
import { closure, everywhereOf, refTo, typeComponent } from './schemas.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const VERSION_INFO = 'io.k8s.apimachinery.pkg.version.Info';

/** Raised when the builder itself changes what documents hold, so that clients fetch them anew. */
const BUILDER_VERSION = 1;

const OBJECT_TYPES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];
const PRODUCES: Readonly<Record<Operation['produces'], readonly string[]>> = {
  object: OBJECT_TYPES,
  list: ['application/json', 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf', 'application/vnd.kubernetes.protobuf;stream=watch', 'application/yaml'],
  discovery: OBJECT_TYPES,
  json: ['application/json'],
  jwks: ['application/jwk-set+json'],
  log: [...OBJECT_TYPES, 'text/plain'],
  raw: ['*/*'],
};
const PATCH_TYPES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json'];
/** Custom resources have no form in protobuf, and nothing says how their lists would be merged. */
const CUSTOM_TYPES = ['application/json', 'application/yaml'];
const CUSTOM_PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
const producedBy = (operation: Operation): readonly string[] => (operation.custom === true ? CUSTOM_TYPES : PRODUCES[operation.produces]);
/** What a body may be written in; also said of operations that have none. */
function takenBy({ body, custom }: Operation): readonly string[] {
  if (body?.patch === true) return custom === true ? CUSTOM_PATCH_TYPES : PATCH_TYPES;
  return custom === true ? CUSTOM_TYPES : ['*/*'];
}
const MEANINGS: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 401: 'Unauthorized' };

const keyOf = (p: Parameter): string => `${p.name} ${p.in}`;
const byKey = (a: Parameter, b: Parameter): number => (keyOf(a) < keyOf(b) ? -1 : 1);

/** Parameters that all operations of a path share stand at the path. */
function sharedParameters(operations: readonly Operation[]): Parameter[] {
  const [first, ...rest] = operations;
  return (first?.parameters ?? []).filter((p) => rest.every((other) => other.parameters.some((q) => keyOf(p) === keyOf(q)))).sort(byKey);
}

const answerSchema = (name: string, version: 2 | 3): Json => (name === 'string' ? { type: 'string' } : refTo(name, version));

function marksOf(operation: Operation): Json {
  return {
    tags: [operation.tag],
    ...(operation.action === '' ? {} : { 'x-kubernetes-action': operation.action }),
    ...(operation.kind === undefined ? {} : { 'x-kubernetes-group-version-kind': { group: operation.kind.group, kind: operation.kind.kind, version: operation.kind.version } }),
  };
}

function operation3(operation: Operation, shared: readonly Parameter[]): Json {
  const own = operation.parameters.filter((p) => !shared.some((q) => keyOf(p) === keyOf(q))).sort(byKey);
  const { body } = operation;
  const content = (types: readonly string[], schema: Json): Json => Object.fromEntries(types.map((type) => [type, { schema }]));
  return {
    description: operation.description,
    operationId: operation.id,
    ...(own.length === 0 ? {} : { parameters: own.map(parameter3) }),
    ...(body === undefined ? {} : { requestBody: { content: content(takenBy(operation).toSorted(), refTo(body.schema, 3)), ...(body.required ? { required: true } : {}) } }),
    responses: {
      ...Object.fromEntries(Object.entries(operation.answers).map(([code, name]) => [code, { content: content(producedBy(operation), answerSchema(name, 3)), description: MEANINGS[code] }])),
      401: { description: MEANINGS[401] },
    },
    ...marksOf(operation),
  };
}

function parameter3(p: Parameter): Json {
  return { description: p.description, in: p.in, name: p.name, ...(p.required ? { required: true } : {}), schema: { type: p.type, uniqueItems: true } };
}

/** Paths in the form of version 3. */
export function paths3(paths: Paths): Json {
  const result: Json = {};
  for (const [path, operations] of paths) {
    const shared = sharedParameters(operations);
    const item: Json = Object.fromEntries(operations.map((one) => [one.method, operation3(one, shared)]));
    if (shared.length > 0) item.parameters = shared.map(parameter3);
    result[path] = item;
  }
  return result;
}

export const SECURITY = { BearerToken: { description: 'A bearer token.', in: 'header', name: 'authorization', type: 'apiKey' } };

function document3(paths: Paths, groups: readonly ApiGroup[], groupVersion?: { group: string; version: string }): Json {
  const everywhere = everywhereOf(groupVersion ?? { group: '', version: 'v1' }, groups);
  const schemas = Object.fromEntries(closure(typesOf(paths)).map((name) => [name, typeComponent(name, 3, everywhere)]));
  return {
    components: { ...(Object.keys(schemas).length === 0 ? {} : { schemas }), securitySchemes: SECURITY },
    info: { title: 'Kubernetes', version: 'unversioned' },
    openapi: '3.0.0',
    paths: paths3(paths),
  };
}

/** What is described. */
export interface Described {
  resources: readonly Resource[];
  groups: readonly ApiGroup[];
}

type Builder = () => { paths: Paths; groupVersion?: { group: string; version: string } };

const JWKS: Operation = { ...discovery('getServiceAccountIssuerOpenIDKeyset', 'string', 'openid', 'Keys that verify service account tokens.'), produces: 'jwks' };

/** The paths of every document, by its name: `api/v1`, `apis/apps`, `apis/apps/v1`, `version`. */
function builders({ resources, groups }: Described): Map<string, Builder> {
  const found = new Map<string, Builder>();
  const single = (path: string, operation: Operation): Builder => () => ({ paths: new Map([[path, [operation]]]) });
  found.set('api', single('/api/', discovery('getCoreAPIVersions', `${META}.APIVersions`, 'core', 'Which versions of the core group there are.')));
  found.set('apis', single('/apis/', discovery('getAPIVersions', `${META}.APIGroupList`, 'apis', 'Which groups there are.')));
  for (const { group, versions } of groups) {
    const word = groupWord(group);
    const name = word.charAt(0).toUpperCase() + word.slice(1);
    if (group !== '') found.set(`apis/${group}`, single(`/apis/${group}/`, discovery(`get${name}APIGroup`, `${META}.APIGroup`, word, 'Which versions of the group there are.')));
    for (const { version } of versions) {
      found.set(group === '' ? `api/${version}` : `apis/${group}/${version}`, () => ({
        paths: pathsOf(group, version, resources.filter((r) => r.group === group && r.version === version)),
        groupVersion: { group, version },
      }));
    }
  }
  found.set('openid/v1/jwks', single('/openid/v1/jwks/', JWKS));
  found.set('version', single('/version/', discovery('getCodeVersion', VERSION_INFO, 'version', 'Version of the server.', 'json')));
  return found;
}

/** Hash of everything that documents are made of. Changes when any of them may have changed. */
let contentHash: string | undefined;

/** The hash of a document, as it stands in the index: 128 upper-case hexadecimal digits. */
export function openApiV3Hash(name: string): string {
  contentHash ??= createHash('sha512').update(JSON.stringify([BUILDER_VERSION, TABLES, DOCS])).digest('hex');
  return createHash('sha512').update(`${name} ${contentHash}`).digest('hex').toUpperCase();
}

function operation2(operation: Operation, shared: readonly Parameter[]): Json {
  const own = operation.parameters.filter((p) => !shared.some((q) => keyOf(p) === keyOf(q))).sort(byKey).map(parameter2);
  const { body } = operation;
  if (body !== undefined) own.unshift({ in: 'body', name: 'body', ...(body.required ? { required: true } : {}), schema: refTo(body.schema, 2) });
  return {
    consumes: [...takenBy(operation)],
    description: operation.description,
    operationId: operation.id,
    ...(own.length === 0 ? {} : { parameters: own }),
    produces: [...producedBy(operation)],
    responses: {
      ...Object.fromEntries(Object.entries(operation.answers).map(([code, name]) => [code, { description: MEANINGS[code], schema: answerSchema(name, 2) }])),
      401: { description: MEANINGS[401] },
    },
    schemes: ['https'],
    ...marksOf(operation),
  };
}

function parameter2(p: Parameter): Json {
  return { description: p.description, in: p.in, name: p.name, ...(p.required ? { required: true } : {}), type: p.type, uniqueItems: true };
}

/** The documents of one set of resources. Each is made when it is first asked for, and shared: do not change it. */
export class OpenApi {
  readonly #described: Described;
  readonly #builders: Map<string, Builder>;
  readonly #documents = new Map<string, Json>();
  #document2: Json | undefined;

  constructor(described: Described) {
    this.#described = described;
    this.#builders = builders(described);
  }

  /** The document of a group version, `api/v1` or `apis/apps/v1`, or of another path of the index. undefined when there is none. */
  v3(name: string): Json | undefined {
    const before = this.#documents.get(name);
    if (before !== undefined) return before;
    const built = this.#builders.get(name)?.();
    if (built === undefined) return undefined;
    const document = document3(built.paths, this.#described.groups, built.groupVersion);
    this.#documents.set(name, document);
    return document;
  }

  /** What `/openapi/v3` answers: where the document of each path is, with its hash. */
  index(): { paths: Record<string, { serverRelativeURL: string }> } {
    const paths = [...this.#builders.keys()].sort().map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${openApiV3Hash(name)}` }] as const);
    return { paths: Object.fromEntries(paths) };
  }

  /** The one document of OpenAPI version 2, over all groups. */
  v2(): Json {
    if (this.#document2 === undefined) {
      const parts = [...this.parts2()];
      const all = (of: (part: Part2) => Json): Json => Object.assign({}, ...parts.map(of)) as Json;
      this.#document2 = { ...REST2, definitions: all(({ definitions }) => definitions), paths: all(({ paths }) => paths) };
    }
    return this.#document2;
  }

  /** The same document in parts, one a group version; each is made when it is taken. A definition stands in the first part that leads to it. */
  *parts2(): Generator<Part2, void, undefined> {
    const everywhere = everywhereOf(undefined, this.#described.groups);
    const known = new Set<string>();
    for (const name of [...this.#builders.keys()].sort()) {
      const { paths } = this.#builders.get(name)!();
      const definitions: Json = {};
      for (const type of closure(typesOf(paths))) {
        if (known.has(type)) continue;
        known.add(type);
        definitions[type] = typeComponent(type, 2, everywhere);
      }
      yield { paths: paths2(new Map([...paths].sort(([a], [b]) => (a < b ? -1 : 1)))), definitions };
    }
  }
}

/** What a group version adds to the one document of version 2. */
export interface Part2 {
  paths: Json;
  definitions: Json;
}

/** What stands in the document of version 2 beside paths and definitions. */
export const REST2: Json = { info: { title: 'Kubernetes', version: 'v1.36.2' }, security: [{ BearerToken: [] }], securityDefinitions: SECURITY, swagger: '2.0' };

/** Paths in the form of version 2. */
export function paths2(paths: Paths): Json {
  return Object.fromEntries([...paths].map(([path, operations]) => {
    const shared = sharedParameters(operations);
    const item: Json = Object.fromEntries(operations.map((one) => [one.method, operation2(one, shared)]));
    if (shared.length > 0) item.parameters = shared.map(parameter2);
    return [path, item];
  }));
}

let byDefault: OpenApi | undefined;
const ofDefault = (): OpenApi => (byDefault ??= new OpenApi({ resources: RESOURCES, groups: GROUPS }));

/** As `OpenApi.v3`, of what is served by default. */
export const openApiV3 = (name: string): Json | undefined => ofDefault().v3(name);

/** As `OpenApi.index`, of what is served by default. */
export const openApiV3Index = (): { paths: Record<string, { serverRelativeURL: string }> } => ofDefault().index();

/** As `OpenApi.v2`, of what is served by default. */
export const openApiV2 = (): Json => ofDefault().v2();
