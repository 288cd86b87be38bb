/** The schema of a custom resource, made ready for walking objects with it: what pruning, defaulting, merging and validation ask of it at each place. */
import type { JSONSchemaProps, ValidationRule } from '../v1/types.ts';

/** One place of a structural schema. */
export interface Node {
  readonly schema: JSONSchemaProps;
  /** '' where any type may stand (int-or-string, preserve-unknown-fields). */
  readonly type: string;
  readonly nullable: boolean;
  /** Fields without a schema of their own stay. */
  readonly preserve: boolean;
  readonly intOrString: boolean;
  /** An object with apiVersion, kind and metadata. */
  readonly embedded: boolean;
  readonly properties: ReadonlyMap<string, Node>;
  /** Of keys that are not among the properties: their schema, or only that they are allowed. */
  readonly additional: Node | boolean;
  readonly items: Node | undefined;
  /** Undefined: none. */
  readonly default: unknown;
  readonly listType: 'atomic' | 'set' | 'map';
  readonly listKeys: readonly string[];
  readonly mapType: 'granular' | 'atomic';
  readonly rules: readonly ValidationRule[];
  /** What there is here or anywhere below: walks that would find nothing are not begun. */
  readonly within: Within;
}

export interface Within {
  readonly defaults: boolean;
  readonly lists: boolean;
  readonly embedded: boolean;
  readonly rules: boolean;
}

const isSchema = (value: unknown): value is JSONSchemaProps => typeof value === 'object' && value !== null && !Array.isArray(value);
const NO_PROPERTIES: ReadonlyMap<string, Node> = new Map();
const NONE: readonly never[] = [];

/** Combinations of `Within` that have come up: there are sixteen at most, and thousands of nodes. */
const withins = new Map<number, Within>();

function withinOf(defaults: boolean, lists: boolean, embedded: boolean, rules: boolean): Within {
  const key = Number(defaults) | (Number(lists) << 1) | (Number(embedded) << 2) | (Number(rules) << 3);
  let within = withins.get(key);
  if (within === undefined) withins.set(key, (within = Object.freeze({ defaults, lists, embedded, rules })));
  return within;
}

function listTypeOf(schema: JSONSchemaProps): Node['listType'] {
  const type = schema['x-kubernetes-list-type'];
  return type === 'set' || type === 'map' ? type : 'atomic';
}

/** Makes the nodes of a schema. Logical junctors (allOf and the like) bring no structure and are left to validation. */
export function compileSchema(schema: JSONSchemaProps): Node {
  const properties = schema.properties === undefined ? NO_PROPERTIES : new Map(Object.entries(schema.properties).map(([name, inner]) => [name, compileSchema(inner)]));
  const additional = isSchema(schema.additionalProperties) ? compileSchema(schema.additionalProperties) : schema.additionalProperties === true;
  const items = isSchema(schema.items) ? compileSchema(schema.items) : undefined;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const listType = listTypeOf(schema);
  const rules = schema['x-kubernetes-validations'] ?? NONE;
  const below = [...properties.values(), ...(typeof additional === 'object' ? [additional] : []), ...(items ? [items] : [])];
  return {
    schema, properties, additional, items, embedded, listType, rules,
    type: schema.type ?? '', nullable: schema.nullable === true, preserve: schema['x-kubernetes-preserve-unknown-fields'] === true, intOrString: schema['x-kubernetes-int-or-string'] === true,
    default: schema.default ?? undefined, listKeys: schema['x-kubernetes-list-map-keys'] ?? NONE, mapType: schema['x-kubernetes-map-type'] === 'atomic' ? 'atomic' : 'granular',
    within: withinOf(
      below.some((node) => node.default !== undefined || node.within.defaults), listType !== 'atomic' || below.some((node) => node.within.lists),
      embedded || below.some((node) => node.within.embedded), rules.length > 0 || below.some((node) => node.within.rules),
    ),
  };
}

/** The node below a key of an object; undefined when nothing is known of it. */
export function nodeBelow(node: Node, key: string): Node | undefined {
  return node.properties.get(key) ?? (typeof node.additional === 'object' ? node.additional : undefined);
}

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonRecord = { [key: string]: JsonValue };

export const isRecord = (value: unknown): value is JsonRecord => typeof value === 'object' && value !== null && !Array.isArray(value);
