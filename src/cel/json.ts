/** Values as JSON, for patches, messages and audit annotations. */
import { doubleText } from './library/conversions.ts';
import { formatDuration, formatTimestamp } from './time.ts';
import { CelError } from './types.ts';
import { CelObject, Double, Duration, ListValue, MapValue, Optional, StructValue, Timestamp, Uint, type Value } from './values.ts';

/** JSON of a value; throws CelError for what JSON cannot say (types, functions' objects). Views of JSON give back what they look at. */
export function toJson(value: unknown): unknown {
  const given = value as Value;
  if (given === null || typeof given !== 'object') return typeof given === 'bigint' ? Number(given) : given;
  if (given instanceof Uint8Array) return Buffer.from(given).toString('base64');
  // JSON that a view looks at.
  if (!(given instanceof CelObject)) return given;
  if (given instanceof Double) {
    if (!Number.isFinite(given.value)) throw new CelError(`${doubleText(given.value)} is no JSON`);
    return given.value;
  }
  if (given instanceof Uint) return Number(given.value);
  if (given instanceof Timestamp) return formatTimestamp(given.nanos);
  if (given instanceof Duration) return formatDuration(given.nanos);
  if (given instanceof ListValue) return [...given].map(toJson);
  if (given instanceof MapValue) return Object.fromEntries(given.keys().map((key) => [mapKey(key), toJson(given.get(key)!)]));
  if (given instanceof StructValue) return Object.fromEntries(Object.entries(given.raw).map(([name, item]) => [name, toJson(item)]));
  if (given instanceof Optional) return given.value === undefined ? null : toJson(given.value);
  throw new CelError('a value of this type has no JSON form');
}

function mapKey(key: Value): string {
  return key instanceof Uint ? String(key.value) : String(key);
}
