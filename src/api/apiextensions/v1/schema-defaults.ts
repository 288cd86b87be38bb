/** Defaults that a schema gives must themselves be what the schema allows. */
import { compileSchema, prune, sameJson, validateEmbedded, validateListTypes, validateValue, type JsonValue, type Node } from '../schema/index.ts';
import type { FieldError, FieldPath } from '../../meta/field.ts';
import { invalidValue } from '../../meta/field.ts';
import type { JSONSchemaProps } from './types.ts';

function validateDefault(path: FieldPath, node: Node): FieldError[] {
  const at = path.child('default');
  const value = node.default as JsonValue;
  const pruned = structuredClone(value);
  prune(pruned, node, { root: node.embedded, quiet: true });
  const errors: FieldError[] = sameJson(pruned, value) ? [] : [invalidValue(at, value, 'must not have unknown fields')];
  // A default at its own place: paths in the sentence begin there.
  errors.push(...validateValue(value, node.schema).map((error): FieldError => ({ ...error, field: error.field === '' || error.field === '<nil>' ? at.text : `${at.text}.${error.field}` })));
  errors.push(...validateEmbedded(at, value, node, false), ...validateListTypes(at, value, node));
  return errors;
}

function walk(path: FieldPath, node: Node): FieldError[] {
  const errors = node.default === undefined ? [] : validateDefault(path, node);
  if (!node.within.defaults) return errors;
  for (const [name, property] of node.properties) errors.push(...walk(path.child('properties').key(name), property));
  if (node.items !== undefined) errors.push(...walk(path.child('items'), node.items));
  if (typeof node.additional === 'object') errors.push(...walk(path.child('additionalProperties'), node.additional));
  return errors;
}

/** All faults of the defaults of a structural schema. */
export function validateSchemaDefaults(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  return walk(path, compileSchema(schema));
}
