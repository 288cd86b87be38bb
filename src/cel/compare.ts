/** Equality and order of values of any types. */
import { addInt, addUint, compareNumbers, type Whole } from './numbers.ts';
import { CelError, types, type ListType } from './types.ts';
import { checkDuration, checkTimestamp } from './time.ts';
import {
  ArrayList, CelObject, Double, Duration, JoinedList, JsonObject, ListValue, MapValue, noSuchOverload, OpaqueValue, Optional, StructValue, Timestamp, toCel, TypeValue, Uint, type Value,
} from './values.ts';

const numberOf = (value: Value): Whole | undefined => {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof Uint || value instanceof Double ? value.value : undefined;
};

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function sameList(a: ListValue, b: ListValue): boolean {
  if (a.size !== b.size) return false;
  if (a.type?.listType !== undefined) return sameUnordered(a, b, a.type);
  for (let i = 0; i < a.size; i++) if (!equals(a.at(i), b.at(i))) return false;
  return true;
}

/** Lists that a schema calls a set or a map are equal in any order: of one length, and nothing in the other that is not in them. */
function sameUnordered(a: ListValue, b: ListValue, type: ListType): boolean {
  const identity = identityIn(type);
  const known = new Map([...a].map((item) => [identity(item), item]));
  for (const item of b) {
    const own = known.get(identity(item));
    if (own === undefined || !equals(own, item)) return false;
  }
  return true;
}

/** What tells items of a set or map list apart, as text. */
function identityIn({ listType, listKeys }: ListType): (item: Value) => string {
  const keys = listType === 'map' ? (listKeys ?? []) : [];
  const text = (value: Value | undefined): string => (value === undefined ? '-' : typeof value === 'object' ? JSON.stringify(value instanceof JsonObject ? value.raw : value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)) : `${typeof value}:${String(value)}`);
  if (keys.length === 0) return text;
  return (item) => keys.map((key) => text(item instanceof JsonObject ? rawField(item, key) : item instanceof MapValue ? item.get(key) : item)).join('\0');
}

function rawField(item: JsonObject, key: string): Value | undefined {
  return Object.hasOwn(item.raw, key) ? toCel(item.raw[key], types.dyn) : undefined;
}

function sameMap(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const [left, right] = [a.get(key), b.get(key)];
    if (left === undefined || right === undefined ? left !== right : !equals(left, right)) return false;
  }
  return !(a instanceof JsonObject) || sameUnknown(a, b);
}

/** What no schema knows is the same where both have it. */
function sameUnknown(a: JsonObject, b: MapValue): boolean {
  const names = a.unknown();
  if (names.length === 0) return true;
  if (!(b instanceof JsonObject)) throw noSuchOverload();
  return names.every((name) => !Object.hasOwn(b.raw, name) || equals(toCel(a.raw[name], types.dyn), toCel(b.raw[name], types.dyn)));
}

function sameStruct(a: StructValue, b: StructValue): boolean {
  if (a.type.name !== b.type.name) return false;
  for (const name of a.type.fieldNames()) {
    const left = a.get(name);
    const right = b.get(name);
    if (left === undefined || right === undefined ? left !== right : !equals(left, right)) return false;
  }
  return true;
}

function sameObject(a: CelObject, b: CelObject): boolean {
  if (a instanceof ListValue) return b instanceof ListValue && sameList(a, b);
  if (a instanceof MapValue) return b instanceof MapValue && sameMap(a, b);
  if (a instanceof StructValue) return b instanceof StructValue && sameStruct(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Optional) {
    if (!(b instanceof Optional)) return false;
    return a.value === undefined || b.value === undefined ? a.value === b.value : equals(a.value, b.value);
  }
  return a instanceof OpaqueValue && a.equalTo(b);
}

/** Steps that one comparison may take: a value whose parts are shared many times over is small to make and endless to walk. */
export const maxComparisons = 2_000_000;

let comparisons = 0;
let nesting = 0;

/** `==` on any two values; of different types they are just not equal. Throws CelError for values that are too large to compare. */
export function equals(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || a === null) return sameValue(a, b);
  if (nesting === 0) comparisons = 0;
  if (++comparisons > maxComparisons) throw new CelError('values are too large to be compared');
  nesting++;
  try {
    return sameValue(a, b);
  } finally {
    nesting--;
  }
}

function sameValue(a: Value, b: Value): boolean {
  const left = numberOf(a);
  if (left !== undefined) {
    const right = numberOf(b);
    if (right === undefined) return false;
    // Beside a double a whole number counts as one, in the reference too.
    return a instanceof Double || b instanceof Double ? Number(left) === Number(right) : left === right;
  }
  if (a instanceof CelObject) return b instanceof CelObject && sameObject(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && sameBytes(a, b);
  return false;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // Order of code points, not of UTF-16 units: they differ above the surrogates.
  for (let i = 0; ; i++) {
    const x = a.codePointAt(i);
    const y = b.codePointAt(i);
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? -1 : 1;
    if (x !== y) return x < y ? -1 : 1;
    if (x > 0xffff) i++;
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Math.sign(Buffer.compare(a, b));
}

/** Below 0, 0, above 0, or NaN for a double that is none. Throws for values that have no order. */
export function compare(a: Value, b: Value): number {
  const left = numberOf(a);
  if (left !== undefined) {
    const right = numberOf(b);
    // A double decides that the comparison is one of doubles, as in the reference.
    if (right !== undefined) return a instanceof Double || b instanceof Double ? compareNumbers(Number(left), Number(right)) : compareNumbers(left, right);
  }
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  throw noSuchOverload();
}

/** `+` of any two values. */
export function add(a: Value, b: Value): Value {
  if ((typeof a === 'number' || typeof a === 'bigint') && (typeof b === 'number' || typeof b === 'bigint')) return addInt(a, b);
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (a instanceof Double && b instanceof Double) return new Double(a.value + b.value);
  if (a instanceof Uint && b instanceof Uint) return new Uint(addUint(a.value, b.value));
  if (a instanceof ListValue && b instanceof ListValue) return concat(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return new Uint8Array(Buffer.concat([a, b]));
  if (a instanceof Duration && b instanceof Duration) return new Duration(checkDuration(a.nanos + b.nanos));
  if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(checkTimestamp(a.nanos + b.nanos));
  if (a instanceof Duration && b instanceof Timestamp) return new Timestamp(checkTimestamp(a.nanos + b.nanos));
  throw noSuchOverload();
}

/** Joins lists; those that a schema calls a set or a map are merged as the API would merge them. */
function concat(a: ListValue, b: ListValue): ListValue {
  const { type } = a;
  if (type?.listType === undefined) return a.size === 0 ? b : b.size === 0 ? a : new JoinedList(a, b);
  const identity = identityIn(type);
  const merged = new Map([...a].map((item) => [identity(item), item]));
  for (const item of b) merged.set(identity(item), item);
  return new ArrayList([...merged.values()], type);
}
