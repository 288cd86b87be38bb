/** CEL's standard functions and operators. Those that are logic (`&&`, `||`, `?:`) are the planner's. */
import { add, compare, equals } from '../compare.ts';
import { divideInt, divideUint, moduloInt, moduloUint, multiplyInt, multiplyUint, negateInt, subtractInt, subtractUint, type Whole } from '../numbers.ts';
import { matchesPattern } from './patterns.ts';
import { checkDifference, checkDuration, checkTimestamp, timestampPart, type TimestampPart } from '../time.ts';
import { typeName } from '../type-names.ts';
import { CelError } from '../types.ts';
import { Double, Duration, JsonList, keyOf, ListValue, MapValue, noSuchOverload, StructValue, Timestamp, Uint, type Value } from '../values.ts';
import { both, compared, costs, overload, type Overload } from './declare.ts';

const codePoints = (text: string): number => {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) count--;
  }
  return count;
};

export function sizeOf(value: Value): number {
  if (typeof value === 'string') return codePoints(value);
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  if (value instanceof Uint8Array) return value.length;
  throw noSuchOverload();
}

const kindOf = (key: Value): string => (key === null ? 'null_type' : typeof key === 'boolean' ? 'bool' : typeof key === 'object' && 'celType' in key ? typeName(key.celType) : typeof key === 'object' ? 'bytes' : typeof key);

const keyText = (key: Value): string => (typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key));

/** `list[i]` and `map[key]`. */
export function index(from: Value, key: Value): Value {
  const found = lookUp(from, key);
  if (found !== undefined) return found;
  throw from instanceof ListValue ? new CelError(`index out of bounds: ${keyText(key)}`) : new CelError(`no such key: ${keyText(key)}`);
}

/** As `index`, undefined where there is nothing. */
export function lookUp(from: Value, key: Value): Value | undefined {
  if (from instanceof ListValue) {
    const position = keyOf(key);
    if (typeof position === 'bigint') return undefined;
    if (typeof position !== 'number') throw new CelError(key instanceof Double ? `unsupported index value ${key.value} in list` : `unsupported index type '${kindOf(key)}' in list`);
    // Lists of objects know ints alone.
    if (from instanceof JsonList && typeof key === 'object') throw new CelError(`unsupported index: ${position}`);
    return position >= 0 && position < from.size ? from.at(position) : undefined;
  }
  if (from instanceof MapValue) {
    if (keyOf(key) === undefined && !(key instanceof Double)) throw new CelError('unsupported key type');
    return from.get(key);
  }
  if (from instanceof StructValue && typeof key === 'string') return from.get(key);
  throw new CelError(`no such key: ${keyText(key)}`);
}

function contains(item: Value, container: Value): boolean {
  if (container instanceof ListValue) {
    for (let i = 0; i < container.size; i++) if (equals(item, container.at(i))) return true;
    return false;
  }
  if (container instanceof MapValue) return container.get(item) !== undefined;
  throw noSuchOverload();
}

const isInt = (value: Value): value is Whole => typeof value === 'number' || typeof value === 'bigint';

function subtract(a: Value, b: Value): Value {
  if (isInt(a) && isInt(b)) return subtractInt(a, b);
  if (a instanceof Double && b instanceof Double) return new Double(a.value - b.value);
  if (a instanceof Uint && b instanceof Uint) return new Uint(subtractUint(a.value, b.value));
  if (a instanceof Timestamp && b instanceof Timestamp) return new Duration(checkDifference(a.nanos - b.nanos));
  if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(checkTimestamp(a.nanos - b.nanos));
  if (a instanceof Duration && b instanceof Duration) return new Duration(checkDuration(a.nanos - b.nanos));
  throw noSuchOverload();
}

/** The operators that only numbers have. */
function numeric(ints: (a: Whole, b: Whole) => Whole, uints: (a: Whole, b: Whole) => Whole, doubles?: (a: number, b: number) => number) {
  return (a: Value, b: Value): Value => {
    if (isInt(a) && isInt(b)) return ints(a, b);
    if (doubles !== undefined && a instanceof Double && b instanceof Double) return new Double(doubles(a.value, b.value));
    if (a instanceof Uint && b instanceof Uint) return new Uint(uints(a.value, b.value));
    throw noSuchOverload();
  };
}

function negate(a: Value): Value {
  if (isInt(a)) return negateInt(a);
  if (a instanceof Double) return new Double(-a.value);
  throw noSuchOverload();
}

const ORDERED = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'];
const NUMBERS = ['int', 'uint', 'double'];

function orderings(): Overload[] {
  const tests: [string, (order: number) => boolean][] = [['_<_', (o) => o < 0], ['_<=_', (o) => o <= 0], ['_>_', (o) => o > 0], ['_>=_', (o) => o >= 0]];
  return tests.flatMap(([name, test]) => {
    const invoke = (a: Value, b: Value): boolean => test(compare(a, b));
    const same = ORDERED.map((type) => overload(name, `(${type}, ${type}) -> bool`, invoke, type === 'string' || type === 'bytes' ? compared : {}));
    const mixed = NUMBERS.flatMap((a) => NUMBERS.filter((b) => b !== a).map((b) => overload(name, `(${a}, ${b}) -> bool`, invoke)));
    return [...same, ...mixed];
  });
}

function arithmetic(): Overload[] {
  const multiply = numeric(multiplyInt, multiplyUint, (a, b) => a * b);
  const divide = numeric(divideInt, divideUint, (a, b) => a / b);
  const modulo = numeric(moduloInt, moduloUint);
  // Where the type is not known the first form that fits decides: their order is upstream's.
  return [
    overload('_+_', '(bytes, bytes) -> bytes', add, { cost: costs.both }),
    ...['double', 'int', 'uint'].flatMap((type) => [
      overload('_+_', `(${type}, ${type}) -> ${type}`, add),
      overload('_-_', `(${type}, ${type}) -> ${type}`, subtract),
      overload('_*_', `(${type}, ${type}) -> ${type}`, multiply),
      overload('_/_', `(${type}, ${type}) -> ${type}`, divide),
    ]),
    overload('_%_', '(int, int) -> int', modulo),
    overload('_%_', '(uint, uint) -> uint', modulo),
    overload('-_', '(double) -> double', negate),
    overload('-_', '(int) -> int', negate),
    overload('_+_', '(string, string) -> string', add, { cost: costs.both }),
    overload('_+_', '(list(A), list(A)) -> list(A)', add),
    overload('_+_', '(duration, duration) -> duration', add),
    overload('_+_', '(timestamp, duration) -> timestamp', add),
    overload('_+_', '(duration, timestamp) -> timestamp', add),
    overload('_-_', '(timestamp, duration) -> timestamp', subtract),
    overload('_-_', '(timestamp, timestamp) -> duration', subtract),
    overload('_-_', '(duration, duration) -> duration', subtract),
  ];
}

function collections(): Overload[] {
  const inside = { cost: (measure: { size(i: number): number }): number => measure.size(1) };
  const size = ['string', 'bytes', 'list(A)', 'map(A, B)'].flatMap((type) => [overload('size', `(${type}) -> int`, sizeOf), overload('size', `${type}.() -> int`, sizeOf)]);
  return [
    overload('_==_', '(A, A) -> bool', equals, { cost: (measure) => (measure.isOpaque(0) ? 1 : costs.smaller(measure)) }),
    overload('_!=_', '(A, A) -> bool', (a: Value, b: Value) => !equals(a, b), compared),
    overload('@in', '(A, list(A)) -> bool', contains, inside),
    overload('@in', '(A, map(A, B)) -> bool', contains),
    overload('_[_]', '(list(A), int) -> A', index),
    overload('_[_]', '(map(A, B), A) -> B', index),
    overload('!_', '(bool) -> bool', (value: Value) => {
      if (typeof value === 'boolean') return !value;
      throw noSuchOverload();
    }),
    ...size,
  ];
}

function text(value: Value): string {
  if (typeof value === 'string') return value;
  throw noSuchOverload();
}

function texts(): Overload[] {
  return [
    overload('startsWith', 'string.(string) -> bool', (a: Value, b: Value) => text(a).startsWith(text(b)), { cost: costs.second }),
    overload('endsWith', 'string.(string) -> bool', (a: Value, b: Value) => text(a).endsWith(text(b)), { cost: costs.second }),
    overload('contains', 'string.(string) -> bool', (a: Value, b: Value) => text(a).includes(text(b)), { cost: costs.product }),
    ...both('matches', 'string, string', 'bool', (a: Value, b: Value) => matchesPattern(text(a), text(b)), { cost: costs.pattern }),
  ];
}

const PARTS: readonly [string, TimestampPart][] = [
  ['getFullYear', 'year'], ['getMonth', 'month'], ['getDate', 'date'], ['getDayOfMonth', 'dayOfMonth'], ['getDayOfWeek', 'dayOfWeek'], ['getDayOfYear', 'dayOfYear'],
  ['getHours', 'hours'], ['getMinutes', 'minutes'], ['getSeconds', 'seconds'], ['getMilliseconds', 'milliseconds'],
];
const DURATIONS: readonly [string, bigint][] = [['getHours', 3_600_000_000_000n], ['getMinutes', 60_000_000_000n], ['getSeconds', 1_000_000_000n], ['getMilliseconds', 1_000_000n]];

function times(): Overload[] {
  return [
    ...PARTS.flatMap(([name, part]) => [
      overload(name, 'timestamp.() -> int', (time: Timestamp) => timestampPart(time.nanos, part, 'UTC')),
      overload(name, 'timestamp.(string) -> int', (time: Timestamp, zone: string) => timestampPart(time.nanos, part, zone)),
    ]),
    ...DURATIONS.map(([name, unit]) => overload(name, 'duration.() -> int', (duration: Duration) => Number(duration.nanos / unit))),
  ];
}

export function standardLibrary(): Overload[] {
  return [...collections(), ...orderings(), ...arithmetic(), ...texts(), ...times()];
}

