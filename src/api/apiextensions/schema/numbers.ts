/**
 * Numbers against their schema. A whole number is compared as one, with borders and factors cut to whole numbers, as upstream does: a fraction is compared as it is.
 * Numbers that JavaScript cannot hold exactly come as bigint.
 */
import { own } from '../../../base/own.ts';
import { floatText, shown, type FieldError } from '../../meta/field.ts';
import type { JSONSchemaProps } from '../v1/types.ts';

type Whole = number | bigint;

const MOST_INT64 = 2n ** 63n;
const MOST_FLOAT32 = 3.402_823_567_797_336_6e38;
const EPSILON = 1e-9;
const FORMATS: Readonly<Record<string, readonly string[]>> = { integer: ['int32', 'int64'], number: ['float', 'double'] };

/** Whether a fraction is so close to a whole number that it counts as one. */
export function nearlyWhole(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  const nearest = Math.sign(value) * Math.round(Math.abs(value));
  return value === nearest || Math.abs(value - nearest) < EPSILON * Math.abs(nearest);
}

/** What is wrong with a number by itself: it is not of the type, or does not fit the format. */
function rangeFault(value: Whole, what: string, schema: JSONSchemaProps, path: string): FieldError | undefined {
  const type = schema['x-kubernetes-int-or-string'] ? '' : (schema.type ?? '');
  const format = own(FORMATS, type)?.includes(schema.format ?? '') ? schema.format! : '';
  let fits = true;
  if (type === 'integer') {
    const limit = format === 'int32' ? 2n ** 31n : MOST_INT64;
    const whole = typeof value === 'bigint' || Number.isInteger(value) ? BigInt(value) : undefined;
    // The least of 64 bits is no number of JavaScript's: what comes as that was longer.
    fits = whole !== undefined && whole >= -limit && whole < limit && value !== -(2 ** 63);
  } else if (type === 'number' && format === 'float') fits = Math.abs(Number(value)) < MOST_FLOAT32;
  if (fits) return undefined;
  return { type: 'FieldValueInvalid', field: '<nil>', detail: `Invalid value: "": ${what} value must be of type ${type} ${format === '' ? '(default format)' : `with format ${format}`} in ${path}` };
}

const told = (path: string, value: Whole, sentence: string): FieldError => ({ type: 'FieldValueInvalid', field: path, detail: `Invalid value: ${shown(value)}: ${path} in body ${sentence}` });

function multipleFault(value: Whole, factor: number, path: string): FieldError | undefined {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  const used = whole ? Math.trunc(factor) : factor;
  if (used <= 0) return { type: 'FieldValueInvalid', field: path, detail: `Invalid value: ${shown(used)}: factor MultipleOf declared for ${path} must be positive: ${used}` };
  const fits = whole ? BigInt(value) % BigInt(used) === 0n : nearlyWhole(used < 1 ? (1 / used) * Number(value) : Number(value) / used);
  return fits ? undefined : told(path, value, `should be a multiple of ${whole ? String(used) : floatText(used)}`);
}

/** A border as it is compared and shown: whole for whole numbers, unless it is none of the schema's type. */
function borderFor(value: Whole, border: number, odd: boolean): { border: Whole; shown: string } {
  if (odd || (typeof value === 'number' && !Number.isSafeInteger(value))) return { border, shown: floatText(border) };
  const cut = Math.trunc(border);
  const whole = Number.isSafeInteger(cut) || !Number.isFinite(cut) ? cut : BigInt(cut);
  return { border: whole, shown: String(whole) };
}

function checkMultiple(value: Whole, factor: number, schema: JSONSchemaProps, path: string): (FieldError | undefined)[] {
  const odd = rangeFault(factor, 'MultipleOf', schema, path);
  if (odd === undefined) return [multipleFault(value, factor, path)];
  const fits = nearlyWhole(factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor);
  return [odd, fits ? undefined : told(path, value, `should be a multiple of ${floatText(factor)}`)];
}

function checkBorder(value: Whole, least: boolean, schema: JSONSchemaProps, path: string): (FieldError | undefined)[] {
  const odd = rangeFault((least ? schema.minimum : schema.maximum)!, least ? 'Minimum boundary' : 'Maximum boundary', schema, path);
  const { border, shown: text } = borderFor(value, (least ? schema.minimum : schema.maximum)!, odd !== undefined);
  const exclusive = least ? schema.exclusiveMinimum : schema.exclusiveMaximum;
  const beyond = (least ? value < border : value > border) || (exclusive && value == border); // oxlint-disable-line eqeqeq -- a bigint equals a number only so
  return [odd, beyond ? told(path, value, `should be ${least ? 'greater' : 'less'} than ${exclusive ? '' : 'or equal to '}${text}`) : undefined];
}

/** All that is wrong with a number. */
export function checkNumber(value: Whole, schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const { multipleOf, maximum, minimum } = schema;
  const found = [rangeFault(value, 'Checked', schema, path)];
  if (multipleOf !== undefined) found.push(...checkMultiple(value, multipleOf, schema, path));
  if (minimum !== undefined) found.push(...checkBorder(value, true, schema, path));
  if (maximum !== undefined) found.push(...checkBorder(value, false, schema, path));
  for (const error of found) if (error !== undefined) errors.push(error);
}
