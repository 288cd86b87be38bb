/** Types of CEL for the API's own kinds, from its schema tables. Nested types are made when an expression first looks into them. */
import { findSchema, type FieldSchema } from '../api/schema.ts';
import { escapeName, unescapeName } from './names.ts';
import { listOf, mapOf, types, type CelType, type Field, type ObjectType } from './types.ts';

const SCALARS: Readonly<Record<Exclude<FieldSchema['type'], 'object'>, CelType>> = {
  string: types.string, boolean: types.bool, int32: types.int, int64: types.int, double: types.double, bytes: types.bytes, quantity: types.string, intOrString: types.dyn,
  time: types.timestamp, microTime: types.timestamp, duration: types.string, raw: types.dyn, json: types.dyn, fieldsV1: types.dyn,
};

const known = new Map<string, ObjectType>();

function typeOfField(field: FieldSchema): CelType {
  const one = field.type === 'object' ? (field.ref === undefined ? types.dyn : (typeOfTable(field.ref) ?? types.dyn)) : SCALARS[field.type];
  if (field.shape === 'list') return listOf(one);
  if (field.shape === 'map') return mapOf(types.string, field.valueShape === 'list' ? listOf(one) : one);
  return one;
}

/** The type of a schema by its name, as `io.k8s.api.apps.v1.Deployment`; undefined for one that is in no table. */
export function typeOfTable(name: string): ObjectType | undefined {
  const schema = findSchema(name);
  if (schema === undefined) return undefined;
  let type = known.get(name);
  if (type !== undefined) return type;
  const fields = new Map<string, Field>();
  type = {
    kind: 'object', name,
    field(escaped) {
      const found = fields.get(escaped);
      if (found !== undefined) return found;
      const property = unescapeName(escaped);
      const field = schema.byName.get(property);
      // What must be escaped is known by its escaped name alone.
      if (field === undefined || escapeName(property) !== escaped) return undefined;
      const made = { name: property, type: typeOfField(field) };
      fields.set(escaped, made);
      return made;
    },
    fieldNames: () => schema.fields.flatMap(({ name: property }) => escapeName(property) ?? []),
  };
  known.set(name, type);
  return type;
}
