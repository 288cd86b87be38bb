/** How Go prints what was read from JSON, as errors show it, and what it calls the types of such values. */
import { shownNumber } from '../../api/meta/field.ts';

/** A value as Go prints maps and lists: `map[a:1 b:[x y]]`. */
export function goText(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'object') return `map[${Object.keys(value).sort().map((key) => `${key}:${goText((value as Record<string, unknown>)[key])}`).join(' ')}]`;
  return typeof value === 'number' ? shownNumber(value) : String(value);
}

/** A value where Go expects a text (`%s`). */
export function goString(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null ? '%!s(<nil>)' : `%!s(${goTypeOf(value)}=${goText(value)})`;
}

/** Go's name of the type that a JSON value has once read; `<nil>` has none. */
export function goTypeOf(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isSafeInteger(value) ? 'int64' : 'float64';
    case 'bigint':
      return 'int64';
    case 'object':
      return 'map[string]interface {}';
    default:
      return 'string';
  }
}
