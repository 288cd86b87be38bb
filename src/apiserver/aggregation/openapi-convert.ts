/** A part of a document of OpenAPI version 2 as a document of version 3: for servers that speak only the older one. */
type Json = Record<string, unknown>;

/** What of a document of version 2 concerns one group and version. */
export interface SpecPart {
  paths: Json;
  definitions: Json;
}

const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);
/** What stands at a parameter or header itself in version 2, and in its schema in version 3. */
const IN_SCHEMA: ReadonlySet<string> = new Set([
  'type', 'format', 'items', 'default', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength', 'pattern', 'maxItems', 'minItems', 'uniqueItems', 'enum', 'multipleOf',
]);
const NOT_IN_3: ReadonlySet<string> = new Set(['collectionFormat', 'discriminator', 'example', 'readOnly']);
const REFERENCE = /^#\/definitions\//;
const ANY_TYPE = ['*/*'];

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const mapped = (value: unknown, convert: (value: unknown) => unknown): Json => Object.fromEntries(Object.entries(isObject(value) ? value : {}).map(([name, one]) => [name, convert(one)]));

/** A schema: references lead elsewhere, and stand alone where something is said beside them. */
function schema3(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { $ref, ...rest } = value;
  const out: Json = {};
  for (const [field, inner] of Object.entries(rest)) {
    if (NOT_IN_3.has(field)) continue;
    if (field === 'properties' || field === 'patternProperties') out[field] = mapped(inner, schema3);
    else if (field === 'allOf' || field === 'anyOf' || field === 'oneOf') out[field] = list(inner).map(schema3);
    else if (field === 'items' || field === 'additionalProperties' || field === 'not') out[field] = schema3(inner);
    else out[field] = inner;
  }
  if (typeof $ref !== 'string') return out;
  const reference = { $ref: $ref.replace(REFERENCE, '#/components/schemas/') };
  return Object.keys(out).length === 0 ? reference : { allOf: [reference], ...out };
}

function split(value: Json): { schema: Json; rest: Json } {
  const of = (inside: boolean): Json => Object.fromEntries(Object.entries(value).filter(([field]) => !NOT_IN_3.has(field) && IN_SCHEMA.has(field) === inside));
  return { schema: schema3(of(true)) as Json, rest: of(false) };
}

function parameter3(value: unknown): unknown {
  if (!isObject(value) || '$ref' in value) return value;
  const { schema, rest } = split(value);
  return { ...rest, schema };
}

const isBody = (value: unknown): value is Json => isObject(value) && value.in === 'body';
const content = (types: readonly unknown[], schema: unknown): Json => Object.fromEntries((types.length === 0 ? ANY_TYPE : types).map((type) => [String(type), { schema: schema3(schema) }]));

function bodyOf({ description, required, schema }: Json, consumes: readonly unknown[]): Json {
  return { ...(description === undefined ? {} : { description }), content: content(consumes, schema), ...(required === true ? { required } : {}) };
}

function response3(produces: readonly unknown[]) {
  return (value: unknown): unknown => {
    if (!isObject(value)) return value;
    const { schema, headers, examples: _examples, ...rest } = value;
    const named = mapped(headers, (header) => {
      const parts = split(isObject(header) ? header : {});
      return { ...parts.rest, schema: parts.schema };
    });
    return { ...rest, ...(schema === undefined ? {} : { content: content(produces, schema) }), ...(headers === undefined ? {} : { headers: named }) };
  };
}

function operation3(value: unknown, shared: readonly unknown[]): unknown {
  if (!isObject(value)) return value;
  const { consumes, produces, parameters, responses, schemes: _schemes, ...rest } = value;
  const own = list(parameters);
  const body = [...own, ...shared].find(isBody);
  return {
    ...rest, ...(own.length === 0 ? {} : { parameters: own.filter((one) => !isBody(one)).map(parameter3) }),
    ...(body === undefined ? {} : { requestBody: bodyOf(body, list(consumes)) }), responses: mapped(responses, response3(list(produces))),
  };
}

function path3(value: unknown): unknown {
  if (!isObject(value)) return value;
  const shared = list(value.parameters);
  return Object.fromEntries(Object.entries(value).map(([field, one]) => {
    if (field === 'parameters') return [field, shared.filter((parameter) => !isBody(parameter)).map(parameter3)];
    return [field, METHODS.has(field) ? operation3(one, shared) : one];
  }));
}

/** The document of version 3 for a group version of which version 2 tells. */
export function documentOfPart(group: string, version: string, { paths, definitions }: SpecPart): Json {
  return { openapi: '3.0.0', info: { title: group, version }, paths: mapped(paths, path3), components: { schemas: mapped(definitions, schema3) } };
}
