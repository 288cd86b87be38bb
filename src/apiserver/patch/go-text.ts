/** How Go prints what was read from JSON, as errors show it, and what it calls the types of such values. */
import { isObject, type Json } from './shape.ts';

/** A value as Go prints maps and lists: `map[a:1 b:[x y]]`. */
export function goText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isObject(value)) return `map[${Object.keys(value).sort().map((key) => `${key}:${goText(value[key]!)}`).join(' ')}]`;
  return value === null ? '<nil>' : String(value);
}

/** Go's name of the type that a JSON value has once read. */
export function goTypeOf(value: Json): string {
  if (value === null) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    default:
      return 'map[string]interface {}';
  }
}
