/** `"%s has %d".format([a, b])`, in the two ways there are: Kubernetes' own, with grouped digits, and the specification's. */
import { typeName } from '../type-names.ts';
import { formatDuration, formatTimestamp } from '../time.ts';
import { CelError } from '../types.ts';
import { CelObject, Double, Duration, ListValue, MapValue, Timestamp, TypeValue, Uint, type Value } from '../values.ts';
import { bytesToText, doubleText, typeOf } from './conversions.ts';
import { FormatFault, parseFormat } from './format-clauses.ts';
import { goQuote } from './quotes.ts';

/** How numbers and what is in lists are written. */
export interface FormatStyle {
  text(value: Value): string;
  decimal(value: Value): string;
  fixed(value: number, precision: number | undefined): string;
  scientific(value: number, precision: number | undefined): string;
  /** The number of a value, undefined for what is none. */
  number(value: Value): number | undefined;
}

/** Digits after the point where none are asked for. */
const DIGITS = 6;
/** Digits after the point at most. */
const maxPrecision = 100;

const isWhole = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';
const fault = (letter: string, value: Value): CelError => new FormatFault(letter, value instanceof CelObject ? typeName(value.celType) : (typeOf(value) as TypeValue).name);

function notFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? 'Infinity' : '-Infinity';
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
function fixedDigits(value: number, precision: number): string {
  if (Math.abs(value) < 1e21) return halfToEven(value, precision);
  return `${BigInt(value)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`;
}

function decode(value: Uint8Array): string {
  try {
    return bytesToText(value);
  } catch (error) {
    throw error instanceof CelError ? new CelError(`error during formatting: could not convert argument ${goQuote(error.message)} to string`) : error;
  }
}

/** What is written the same way in both. */
function plainText(value: Value, inner: (value: Value) => string, separator: string): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return decode(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value.nanos);
  if (value instanceof Duration) return formatDuration(value.nanos);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof ListValue) return `[${[...value].map(inner).join(', ')}]`;
  if (value instanceof MapValue) return `{${value.keys().map((key) => [keyText(key, inner), inner(value.get(key) ?? null)] as const).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => `${key}${separator}${item}`).join(', ')}}`;
  throw fault('s', value);
}

function keyText(key: Value, inner: (value: Value) => string): string {
  if (key === null || key instanceof Uint8Array || (typeof key === 'object' && !(key instanceof Uint))) throw new CelError(`error during formatting: no formatting function for map key of type ${(typeOf(key) as TypeValue).name}`);
  return inner(key);
}

/** As the specification has it. */
export const standardStyle: FormatStyle = {
  text: (value) => (value instanceof Double ? (notFinite(value.value) ?? doubleText(value.value)) : plainText(value, standardStyle.text, ': ')),
  decimal(value) {
    if (value instanceof Double && notFinite(value.value) !== undefined) return notFinite(value.value)!;
    return whole(value, 10, 'd');
  },
  fixed: (value, precision) => notFinite(value) ?? fixedDigits(value, precision ?? DIGITS),
  scientific: (value, precision) => notFinite(value) ?? value.toExponential(precision ?? DIGITS).replace(/e([+-])(\d)$/, 'e$10$2'),
  number: (value) => (value instanceof Double ? value.value : isWhole(value) ? Number(value) : value instanceof Uint ? Number(value.value) : undefined),
};

const NAMED: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const infinite = (value: number): string | undefined => (Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? undefined : value > 0 ? '∞' : '-∞');

/** In lists and maps values are written as they would be in an expression. */
function literalText(value: Value): string {
  if (typeof value === 'string') return goQuote(value);
  if (value instanceof Uint8Array) return `b${goQuote(decode(value))}`;
  if (value instanceof Timestamp) return `timestamp("${formatTimestamp(value.nanos)}")`;
  if (value instanceof Duration) return `duration("${formatDuration(value.nanos)}")`;
  if (value instanceof Double) return Number.isFinite(value.value) ? fixedDigits(value.value, DIGITS) : `"${doubleText(value.value)}"`;
  if (value instanceof CelObject && !(value instanceof Uint || value instanceof TypeValue || value instanceof ListValue || value instanceof MapValue)) throw new CelError(`error during formatting: no formatting function for ${typeName(value.celType)}`);
  return kubernetesStyle.text(value);
}

/** As Kubernetes has it: thousands are grouped, exponents are raised, and of `%e` the number is a width. */
export const kubernetesStyle: FormatStyle = {
  text: (value) => (value instanceof Double ? doubleText(value.value) : plainText(value, literalText, ':')),
  decimal: (value) => whole(value, 10, 'd'),
  fixed(value, precision) {
    const special = infinite(value);
    if (special !== undefined) return special;
    const [, sign, digits, rest] = /^(-?)(\d+)(.*)$/.exec(fixedDigits(value, precision ?? DIGITS))!;
    return `${sign}${digits!.replace(/\B(?=(?:\d{3})+$)/g, ',')}${rest}`;
  },
  scientific(value, precision) {
    const special = infinite(value);
    const [mantissa, exponent] = value.toExponential(DIGITS).split('e') as [string, string | undefined];
    const raised = (exponent ?? '').replace(/^([+-])(\d*)$/, (_, sign: string, digits: string) => `${sign === '-' ? '⁻' : ''}${digits.padStart(2, '0').replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]!)}`);
    return (special ?? `${mantissa}×10${raised}`).padStart(precision ?? DIGITS);
  },
  number: (value) => (value instanceof Double ? value.value : typeof value === 'string' && Object.hasOwn(NAMED, value) ? NAMED[value] : undefined),
};

function whole(value: Value, base: 2 | 8 | 10, letter: string): string {
  if (isWhole(value)) return value.toString(base);
  if (value instanceof Uint) return value.value.toString(base);
  if (base === 2 && typeof value === 'boolean') return value ? '1' : '0';
  throw fault(letter, value);
}

function hexadecimal(value: Value, letter: string): string {
  if (isWhole(value)) return value.toString(16);
  if (value instanceof Uint) return value.value.toString(16);
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  throw fault(letter, value);
}

function clauseText(style: FormatStyle, letter: string, precision: number | undefined, value: Value): string {
  switch (letter) {
    case 's':
      return style.text(value);
    case 'd':
      return style.decimal(value);
    case 'b':
      return whole(value, 2, 'b');
    case 'o':
      return whole(value, 8, 'o');
    case 'x':
      return hexadecimal(value, letter);
    case 'X':
      return hexadecimal(value, letter).toUpperCase();
    default: {
      const number = style.number(value);
      if (number === undefined) throw fault(letter, value);
      return letter === 'f' ? style.fixed(number, precision) : style.scientific(number, precision);
    }
  }
}

/** The function, in a style. */
export const formatter = (style: FormatStyle) => (template: string, args: ListValue): string =>
  parseFormat(template, args.size, (letter, precision, i) => {
    if (precision !== undefined && precision > maxPrecision) throw new CelError(`could not parse formatting clause: error while parsing precision: precision ${precision} exceeds maximum allowed precision ${maxPrecision}`);
    return clauseText(style, letter, precision, args.at(i));
  }, true);
