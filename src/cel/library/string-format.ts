/** `"%s has %d".format([a, b])`. */
import { typeName } from '../type-names.ts';
import { formatDuration, formatTimestamp } from '../time.ts';
import { CelError } from '../types.ts';
import { CelObject, Double, Duration, ListValue, MapValue, Timestamp, TypeValue, Uint, type Value } from '../values.ts';
import { doubleText, typeOf } from './conversions.ts';

const isWhole = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';
const nameOf = (value: Value): string => (typeOf(value) as TypeValue).name;
const fault = (clause: string, allowed: string, value: Value): CelError => new CelError(`error during formatting: ${clause} clause can only be used on ${allowed}, was given ${nameOf(value)}`);

function notFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? 'Infinity' : '-Infinity';
}

/** What `%s` writes. */
function anyText(value: Value): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Double) return notFinite(value.value) ?? doubleText(value.value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value.nanos);
  if (value instanceof Duration) return formatDuration(value.nanos);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof ListValue) return `[${[...value].map(anyText).join(', ')}]`;
  if (value instanceof MapValue) return `{${value.keys().map((key) => [anyText(key), anyText(value.get(key)!)] as const).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => `${key}: ${item}`).join(', ')}}`;
  throw new CelError(`error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${value instanceof CelObject ? typeName(value.celType) : 'dyn'}`);
}

function decimal(value: Value): string {
  if (isWhole(value)) return String(value);
  if (value instanceof Uint) return String(value.value);
  const special = value instanceof Double ? notFinite(value.value) : undefined;
  if (special !== undefined) return special;
  throw fault('decimal', 'integers', value);
}

function number(value: Value, clause: string): number {
  if (value instanceof Double) return value.value;
  if (isWhole(value)) return Number(value);
  if (value instanceof Uint) return Number(value.value);
  throw fault(clause, 'doubles', value);
}

/** toFixed rounds an exact half up, Go to the even digit. */
function halfToEven(value: number, precision: number): string {
  const rounded = value.toFixed(precision);
  const exact = value.toFixed(Math.min(100, precision + 60));
  const rest = exact.slice(exact.indexOf('.') + 1 + precision);
  if (!/^50*$/.test(rest)) return rounded;
  const cut = exact.slice(0, exact.indexOf('.') + 1 + precision).replace(/\.$/, '');
  return /[02468]$/.test(cut) ? cut : rounded;
}

/** Digits beyond what toFixed gives for large amounts. */
function fixed(value: number, precision: number): string {
  const special = notFinite(value);
  if (special !== undefined) return special;
  if (Math.abs(value) < 1e21) return halfToEven(value, precision);
  return `${BigInt(value)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`;
}

function scientific(value: number, precision: number): string {
  return notFinite(value) ?? value.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
}

function inBase(value: Value, base: 2 | 8, clause: string): string {
  if (isWhole(value)) return value.toString(base);
  if (value instanceof Uint) return value.value.toString(base);
  if (base === 2 && typeof value === 'boolean') return value ? '1' : '0';
  throw fault(clause, base === 2 ? 'integers and bools' : 'integers', value);
}

function hexadecimal(value: Value): string {
  if (isWhole(value)) return value.toString(16);
  if (value instanceof Uint) return value.value.toString(16);
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  throw fault('hex', 'integers, byte buffers, and strings', value);
}

function clauseText(letter: string, precision: number, value: Value): string {
  switch (letter) {
    case 's':
      return anyText(value);
    case 'd':
      return decimal(value);
    case 'f':
      return fixed(number(value, 'fixed-point'), precision);
    case 'e':
      return scientific(number(value, 'scientific'), precision);
    case 'b':
      return inBase(value, 2, 'binary');
    case 'o':
      return inBase(value, 8, 'octal');
    case 'x':
      return hexadecimal(value);
    case 'X':
      return hexadecimal(value).toUpperCase();
    default:
      throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${letter}"`);
  }
}

/** Digits after the point at most. */
const maxPrecision = 100;

export function formatText(template: string, args: ListValue): string {
  let made = '';
  let next = 0;
  for (let i = 0; i < template.length; i++) {
    if (template[i] !== '%') {
      made += template[i];
      continue;
    }
    if (template[i + 1] === '%') {
      made += '%';
      i++;
      continue;
    }
    const found = /^(?:\.(\d+))?(.)?/su.exec(template.slice(i + 1, i + 32))!;
    if (found[2] === undefined) throw new CelError('unexpected end of format string');
    if (next >= args.size) throw new CelError(`index ${next} out of range`);
    const precision = Number(found[1] ?? 6);
    if (precision > maxPrecision) throw new CelError(`precision ${precision} is too large`);
    made += clauseText(found[2], precision, args.at(next++));
    i += found[0].length;
  }
  return made;
}
