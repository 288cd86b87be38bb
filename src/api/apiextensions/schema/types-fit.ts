/** Whether a value has the types that its schema names, all the way down: nothing more is asked. */
import { own } from '../../../base/own.ts';
import type { JSONSchemaProps } from '../v1/types.ts';
import { isRecord } from './node.ts';

const isSchema = (value: unknown): value is JSONSchemaProps => isRecord(value);

/** Nothing at all fits everywhere, and so does any number where a number may stand. */
export function typesFit(value: unknown, schema: JSONSchemaProps): boolean {
  if (value === null || value === undefined) return true;
  switch (schema.type ?? '') {
    case 'object':
      return isRecord(value) && fieldsFit(value, schema);
    case 'array':
      return Array.isArray(value) && value.every((item) => itemFits(item, schema));
    case 'integer':
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'string':
    case 'boolean':
      return typeof value === schema.type;
    default:
      return true;
  }
}

/** Items of a map list have one of their keys at least, said or by default. */
function itemFits(item: unknown, { items, ...list }: JSONSchemaProps): boolean {
  if (!isSchema(items)) return true;
  const keys = list['x-kubernetes-list-type'] === 'map' ? (list['x-kubernetes-list-map-keys'] ?? []) : [];
  return typesFit(item, items) && (keys.length === 0 || keys.some((key) => isRecord(item) && (own(item, key) !== undefined || own(items.properties, key)?.default !== undefined)));
}

function fieldsFit(value: Readonly<Record<string, unknown>>, { properties, additionalProperties }: JSONSchemaProps): boolean {
  return Object.keys(value).every((key) => {
    const schema = own(properties, key) ?? additionalProperties;
    return !isSchema(schema) || typesFit(value[key], schema);
  });
}
