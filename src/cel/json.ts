/** Values as JSON, for patches, messages and audit annotations. */
import { exactInteger } from '../api/exact-json.ts';
import type { Whole } from './numbers.ts';
import { doubleText } from './library/conversions.ts';
import { formatDuration, formatTimestamp } from './time.ts';
import { CelError } from './types.ts';
import { CelObject, Double, Duration, JsonList, JsonMap, JsonObject, ListValue, MapValue, Optional, StructValue, Timestamp, Uint, type Value } from './values.ts';

/** Values that one conversion makes at most. */
export const maxJsonValues = 1_000_000;

/** JSON of a value; throws CelError for what JSON cannot say (types, functions' objects), or not in good time. Views of JSON give back what they look at. */
export function toJson(value: unknown): unknown {
  let made = 0;
  const convert = (given: Value): unknown => {
    if (++made > maxJsonValues) throw new CelError('the value is too large');
    if (given === null || typeof given !== 'object') return typeof given === 'bigint' ? exactly(given) : given;
    if (given instanceof Uint8Array) return Buffer.from(given).toString('base64');
    // JSON that a view looks at.
    if (!(given instanceof CelObject)) return given;
    return scalarJson(given) ?? partsJson(given, convert);
  };
  return convert(value as Value);
}

/** Whole numbers keep all their digits as far as JSON can be read exactly: to 64 bits with a sign. */
const exactly = (value: Whole): Whole => (typeof value === 'number' ? value : (exactInteger(String(value)) ?? Number(value)));

function scalarJson(given: CelObject): Whole | string | undefined {
  if (given instanceof Double) {
    if (!Number.isFinite(given.value)) throw new CelError(`${doubleText(given.value)} is no JSON`);
    return given.value;
  }
  if (given instanceof Uint) return exactly(given.value);
  if (given instanceof Timestamp) return formatTimestamp(given.nanos);
  return given instanceof Duration ? formatDuration(given.nanos) : undefined;
}

function partsJson(given: CelObject, convert: (part: Value) => unknown): unknown {
  if (given instanceof JsonList || given instanceof JsonMap) return given.raw;
  if (given instanceof ListValue) return Array.from(given, convert);
  if (given instanceof JsonObject || given instanceof StructValue) {
    const fields: Readonly<Record<string, unknown>> = given instanceof StructValue ? given.fields : given.raw;
    return Object.fromEntries(Object.entries(fields).map(([name, item]) => [name, convert(item as Value)]));
  }
  if (given instanceof MapValue) return Object.fromEntries(given.keys().map((key) => [mapKey(key), convert(given.get(key)!)]));
  if (given instanceof Optional) return given.value === undefined ? null : convert(given.value);
  throw new CelError('a value of this type has no JSON form');
}

function mapKey(key: Value): string {
  return key instanceof Uint ? String(key.value) : String(key);
}
