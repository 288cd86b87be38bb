/** The sentences of the types files: what `kubectl explain` prints. Kept apart from the schemas, because only OpenAPI needs them. */
import { DOCS } from '../generated/docs.ts';
import { findSchema } from '../schema.ts';

const META_KIND = 'Name of the kind, as `Pod`.';
const META_VERSION = 'Group and version, as `apps/v1`; core kinds have the version alone.';
const META_OBJECT = 'Name, labels and the rest that all objects have.';
const META_LIST = 'Resource version and paging.';

let texts = DOCS;

/** Adds the sentences of versions that are off by default. */
export function addDocs(more: typeof DOCS): void {
  texts = { ...texts, ...more };
}

interface TypeDocs {
  type: string;
  fields: ReadonlyMap<string, string>;
}

const known = new Map<string, TypeDocs>();

function standardDoc(name: string, field: string): string {
  if (field === 'kind') return META_KIND;
  if (field === 'apiVersion') return META_VERSION;
  if (field === 'metadata') return findSchema(name)?.listOf === undefined ? META_OBJECT : META_LIST;
  return field === 'items' ? 'The objects.' : '';
}

function docsOf(name: string): TypeDocs {
  const before = known.get(name);
  if (before !== undefined) return before;
  const dot = name.lastIndexOf('.');
  const lines = texts[name.slice(0, dot)]?.[name.slice(dot + 1)]?.split('\n') ?? [];
  const schema = findSchema(name);
  const fields = schema?.fields ?? [];
  const own = fields.slice(fields.length - Math.max(0, lines.length - 1));
  const docs: TypeDocs = {
    type: lines[0] ?? (schema?.listOf === undefined ? '' : `A list of ${schema.listOf.slice(schema.listOf.lastIndexOf('.') + 1)} objects.`),
    fields: new Map(own.map((field, i) => [field.name, lines[i + 1]!])),
  };
  known.set(name, docs);
  return docs;
}

/** The sentence about a type, '' when there is none. */
export function typeDoc(name: string): string {
  return docsOf(name).type;
}

/** The sentence about a field of a type. */
export function fieldDoc(name: string, field: string): string {
  return docsOf(name).fields.get(field) ?? standardDoc(name, field);
}
