/** Optional values. `optMap` and `optFlatMap` are macros. */
import { CelError } from '../types.ts';
import { ArrayList, Double, Duration, ListValue, MapValue, none, noSuchOverload, Optional, StructValue, Timestamp, Uint, type Value } from '../values.ts';
import { overload, type Overload } from './declare.ts';
import { index } from './standard.ts';

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  if (value instanceof Uint || value instanceof Double) return value.value === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return false;
  if (value instanceof StructValue) return Object.keys(value.raw).length === 0;
  return value instanceof Optional && value.value === undefined;
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

export function optionalLibrary(): Overload[] {
  return [
    overload('optional.of', '(A) -> optional(A)', (value: Value) => new Optional(value)),
    overload('optional.ofNonZeroValue', '(A) -> optional(A)', (value: Value) => (isZero(value) ? none : new Optional(value))),
    overload('optional.none', '() -> optional(A)', () => none),
    overload('hasValue', 'optional(A).() -> bool', (optional: Optional) => optional.value !== undefined),
    overload('value', 'optional(A).() -> A', valueOf),
    overload('or', 'optional(A).(optional(A)) -> optional(A)', (optional: Optional, other: Value) => (optional.value === undefined ? other : optional)),
    overload('orValue', 'optional(A).(A) -> A', (optional: Optional, other: Value) => optional.value ?? (optional.value === undefined ? other : null)),
    overload('optional.unwrap', '(list(optional(A))) -> list(A)', unwrapAll, { cost: (measure) => Math.max(1, measure.size(0)) }),
    overload('unwrapOpt', 'list(optional(A)).() -> list(A)', unwrapAll, { cost: (measure) => Math.max(1, measure.size(0)) }),
    overload('_[?_]', '(list(A), int) -> optional(A)', index),
    overload('_[?_]', '(optional(list(A)), int) -> optional(A)', index),
    overload('_[?_]', '(map(A, B), A) -> optional(B)', index),
    overload('_[?_]', '(optional(map(A, B)), A) -> optional(B)', index),
    overload('_[_]', '(optional(list(A)), int) -> optional(A)', index),
    overload('_[_]', '(optional(map(A, B)), A) -> optional(B)', index),
  ];
}

