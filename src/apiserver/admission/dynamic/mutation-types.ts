/** The types that mutations construct: `Object{…}` with its parts `Object.spec{…}`, and `JSONPatch{…}`. */
import { objectOf, types, unescapeName, type ObjectType } from '../../../cel/index.ts';

const JSON_PATCH = objectOf('JSONPatch', { op: types.string, path: types.string, from: types.string, value: types.dyn });

/** Any field: what the object is like is found out when the result is merged. */
function partOf(name: string): ObjectType {
  return { kind: 'object', name, field: (field) => ({ name: unescapeName(field), type: types.dyn }), fieldNames: () => [] };
}

export function mutationTypes(name: string): ObjectType | undefined {
  if (name === 'JSONPatch') return JSON_PATCH;
  return name === 'Object' || name.startsWith('Object.') ? partOf(name) : undefined;
}
