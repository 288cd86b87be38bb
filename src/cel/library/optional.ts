/** Optional values. `optMap` and `optFlatMap` are macros. */
import { CelError, type CelType } from '../types.ts';
import { MIN_TIMESTAMP } from '../time.ts';
import { ArrayList, Double, Duration, hasSchema, JsonList, JsonMap, JsonObject, ListValue, MapValue, none, noSuchOverload, Optional, StructValue, Timestamp, toCel, Uint, type CelObject, type Value } from '../values.ts';
import { overload, type Overload } from './declare.ts';
import { index } from './standard.ts';

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  if (value instanceof Uint || value instanceof Double) return value.value === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  // What a schema describes is never nothing.
  if (value instanceof JsonObject || ((value instanceof JsonList || value instanceof JsonMap) && hasSchema(value.type))) return false;
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return value.nanos === MIN_TIMESTAMP;
  return value instanceof StructValue && Object.keys(value.fields).length === 0;
}

function valueOf(optional: Optional): Value {
  if (optional.value === undefined) throw new CelError('optional.none() dereference');
  return optional.value;
}

function unwrapAll(list: ListValue): Value {
  const items: Value[] = [];
  for (const item of list) {
    if (!(item instanceof Optional)) throw noSuchOverload();
    if (item.value !== undefined) items.push(item.value);
  }
  return new ArrayList(items);
}

/** JSON of a type as an optional, nothing where it is undefined: for callers that have a value at hand. */
export const optionalValue = (json: unknown, type: CelType): CelObject => (json === undefined ? none : new Optional(toCel(json, type)));

export function optionalLibrary(): Overload[] {
  return [
    overload('optional.of', '(A) -> optional(A)', (value: Value) => new Optional(value)),
    overload('optional.ofNonZeroValue', '(A) -> optional(A)', (value: Value) => (isZero(value) ? none : new Optional(value))),
    overload('optional.none', '() -> optional(A)', () => none),
    overload('hasValue', 'optional(A).() -> bool', (optional: Optional) => optional.value !== undefined),
    overload('value', 'optional(A).() -> A', valueOf),
    overload('or', 'optional(A).(optional(A)) -> optional(A)', (optional: Optional, other: Value) => (optional.value === undefined ? other : optional)),
    overload('orValue', 'optional(A).(A) -> A', (optional: Optional, other: Value) => optional.value ?? (optional.value === undefined ? other : null)),
    overload('optional.unwrap', '(list(optional(A))) -> list(A)', unwrapAll),
    overload('unwrapOpt', 'list(optional(A)).() -> list(A)', unwrapAll),
    overload('_[?_]', '(list(A), int) -> optional(A)', index),
    overload('_[?_]', '(optional(list(A)), int) -> optional(A)', index),
    overload('_[?_]', '(map(A, B), A) -> optional(B)', index),
    overload('_[?_]', '(optional(map(A, B)), A) -> optional(B)', index),
    overload('_[_]', '(optional(list(A)), int) -> optional(A)', index),
    overload('_[_]', '(optional(map(A, B)), A) -> optional(B)', index),
  ];
}

