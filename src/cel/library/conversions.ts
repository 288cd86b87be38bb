/** `int(…)`, `string(…)` and their like, and `type(…)`. */
import { canonical, parseIntegerText, wholeOf, type Whole } from '../numbers.ts';
import { checkTimestamp, formatDuration, formatTimestamp, parseDuration, parseWrittenTimestamp } from '../time.ts';
import { CelError } from '../types.ts';
import { typeName } from '../type-names.ts';
import { CelObject, Double, Duration, ListValue, MapValue, Timestamp, TypeValue, Uint, type Value } from '../values.ts';
import { costs, overload, type Overload } from './declare.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The shortest text that reads back as the same double, in the form of Go's `%g`: from a million on with an exponent. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  return power < -4 || power >= 6 ? `${mantissa}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}` : String(value);
}

function toInt(value: Double | Uint): Value {
  const whole = value instanceof Double ? wholeOf(value.value, 'int') : value.value;
  if (whole === undefined || whole > 2n ** 63n - 1n) throw new CelError('integer overflow');
  return whole;
}

function toUint(value: Whole | Double): Value {
  const whole = value instanceof Double ? wholeOf(value.value, 'uint') : value;
  if (whole === undefined || whole < 0) throw new CelError('unsigned integer overflow');
  return new Uint(whole);
}

function textToWhole(text: string, kind: 'int' | 'uint'): Whole {
  const value = /^[+-]?\d+$/.test(text) ? parseIntegerText(text, kind) : undefined;
  if (value === undefined) throw new CelError(`type conversion error from 'string' to '${kind}'`);
  return value;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX](?=\.?[\da-fA-F])([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)$/;

/** A double as Go writes one: decimal or hexadecimal, with `_` between digits. Undefined for what is none, NaN for one by name. */
function readDouble(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  const decimal = text.replace(/(?<=\d)_(?=\d)/g, '');
  if (DECIMAL.test(decimal)) return Number(decimal);
  const found = HEXADECIMAL.exec(text.replace(/(?<=[\da-fA-F]|0[xX])_(?=[\da-fA-F])/g, ''));
  if (found === null) return undefined;
  const [, sign, whole, fraction, exponent] = found as unknown as [string, string, string, string, string];
  return Number(`${sign}1`) * Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
}

function textToDouble(text: string): Value {
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite !== null) return new Double(infinite[1] === '-' ? -Infinity : Infinity);
  const value = readDouble(text);
  if (value === undefined || Math.abs(value) === Infinity) throw new CelError("type conversion error from 'string' to 'double'");
  return new Double(value);
}

function textToBool(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new CelError("type conversion error from 'string' to 'bool'");
}

export function bytesToText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const encode = new TextEncoder();
const self = (value: Value): Value => value;

function numbers(): Overload[] {
  return [
    overload('int', '(int) -> int', self),
    overload('int', '(uint) -> int', toInt),
    overload('int', '(double) -> int', toInt),
    overload('int', '(string) -> int', (text: string) => textToWhole(text, 'int')),
    overload('int', '(timestamp) -> int', (time: Timestamp) => canonical((time.nanos - (((time.nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n)),
    overload('int', '(duration) -> int', (duration: Duration) => canonical(duration.nanos)),
    overload('uint', '(uint) -> uint', self),
    overload('uint', '(int) -> uint', toUint),
    overload('uint', '(double) -> uint', toUint),
    overload('uint', '(string) -> uint', (text: string) => new Uint(textToWhole(text, 'uint'))),
    overload('double', '(double) -> double', self),
    overload('double', '(int) -> double', (value: Whole) => new Double(Number(value))),
    overload('double', '(uint) -> double', (value: Uint) => new Double(Number(value.value))),
    overload('double', '(string) -> double', textToDouble),
    overload('bool', '(bool) -> bool', self),
    overload('bool', '(string) -> bool', textToBool),
  ];
}

function texts(): Overload[] {
  const text = { cost: costs.text };
  return [
    overload('string', '(string) -> string', self),
    overload('string', '(bool) -> string', String),
    overload('string', '(int) -> string', String),
    overload('string', '(uint) -> string', (value: Uint) => String(value.value)),
    overload('string', '(double) -> string', (value: Double) => doubleText(value.value)),
    overload('string', '(bytes) -> string', bytesToText, text),
    overload('string', '(timestamp) -> string', (time: Timestamp) => formatTimestamp(time.nanos)),
    overload('string', '(duration) -> string', (duration: Duration) => formatDuration(duration.nanos)),
    overload('bytes', '(bytes) -> bytes', self),
    overload('bytes', '(string) -> bytes', (value: string) => encode.encode(value), text),
    overload('timestamp', '(timestamp) -> timestamp', self),
    overload('timestamp', '(string) -> timestamp', (value: string) => new Timestamp(parseWrittenTimestamp(value))),
    overload('timestamp', '(int) -> timestamp', (value: Whole) => new Timestamp(checkTimestamp(BigInt(value) * 1_000_000_000n))),
    overload('duration', '(duration) -> duration', self),
    overload('duration', '(string) -> duration', (value: string) => new Duration(parseDuration(value))),
    overload('dyn', '(A) -> dyn', self),
    overload('type', '(A) -> type(A)', typeOf),
  ];
}

export function conversionLibrary(): Overload[] {
  return [...numbers(), ...texts()];
}

/** `type(value)`. */
export function typeOf(value: Value): Value {
  if (value === null) return new TypeValue('null_type');
  switch (typeof value) {
    case 'boolean':
      return new TypeValue('bool');
    case 'string':
      return new TypeValue('string');
    case 'number':
    case 'bigint':
      return new TypeValue('int');
    default:
  }
  if (value instanceof Uint8Array) return new TypeValue('bytes');
  if (value instanceof ListValue) return new TypeValue('list');
  if (value instanceof MapValue) return new TypeValue('map');
  if (value instanceof TypeValue) return new TypeValue('type');
  return value instanceof CelObject ? new TypeValue(typeName(value.celType)) : new TypeValue('dyn');
}
