/** Validation errors with a path, worded as the API words them (`spec.replicas: Invalid value: -1: must be …`). */
import { quote } from './quote.ts';

/** A place in an object. Immutable: each step makes a new path, whose text is put together when an error shows it. Rules step through every object, and hardly any is at fault. */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #step: string | number;
  readonly #inBrackets: boolean;

  constructor(text: string | number = '', parent?: FieldPath, inBrackets = false) {
    this.#step = text;
    this.#parent = parent;
    this.#inBrackets = inBrackets;
  }
  child(...names: string[]): FieldPath;
  // One name is what nearly all have: no list is made for it.
  child(name?: string, ...below: string[]): FieldPath {
    if (name === undefined) return this;
    const path = new FieldPath(name, this);
    return below.length === 0 ? path : below.reduce<FieldPath>((above, step) => new FieldPath(step, above), path);
  }
  index(i: number): FieldPath {
    return new FieldPath(i, this, true);
  }
  key(k: string): FieldPath {
    return new FieldPath(k, this, true);
  }
  get text(): string {
    const before = this.#parent?.text ?? '';
    if (this.#inBrackets) return `${before}[${this.#step}]`;
    return before === '' ? String(this.#step) : `${before}.${this.#step}`;
  }
  toString(): string {
    return this.text;
  }
}

export type FieldErrorType =
  | 'FieldValueNotFound' | 'FieldValueRequired' | 'FieldValueDuplicate' | 'FieldValueInvalid' | 'FieldValueNotSupported'
  | 'FieldValueForbidden' | 'FieldValueTooLong' | 'FieldValueTooMany' | 'InternalError' | 'FieldValueTypeInvalid';

/** One broken rule. `detail` is the whole text after the path and is also the cause's message. */
export interface FieldError {
  type: FieldErrorType;
  field: string;
  detail: string;
}

const ESCAPED: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', '\u2028': '\\u2028', '\u2029': '\\u2029' };

/** JSON as Go writes it: what means something in HTML is escaped. */
export const goJson = (value: unknown): string => JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => ESCAPED[character]!);

/** A fraction as Go prints it: with an exponent of two digits at least where it is large or small. */
export function floatText(value: number): string {
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (!Number.isFinite(value) || (power >= -4 && power < 6)) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** A number as Go prints it: whole ones plainly. */
export const shownNumber = (value: number): string => (Number.isSafeInteger(value) ? String(value) : floatText(value));

/** A value as the messages show it: strings quoted, numbers and booleans bare, the rest as JSON. */
export function shown(value: unknown): string {
  if (value === undefined) return 'null';
  if (typeof value === 'number') return shownNumber(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return quote(value);
  return typeof value === 'object' && value !== null ? goJson(value) : JSON.stringify(value);
}

const make = (type: FieldErrorType, path: FieldPath, detail: string): FieldError => ({ type, field: path.text, detail });
const withDetail = (head: string, detail: string): string => (detail === '' ? head : `${head}: ${detail}`);

export const required = (path: FieldPath, detail = ''): FieldError => make('FieldValueRequired', path, withDetail('Required value', detail));
export const invalidValue = (path: FieldPath, value: unknown, detail: string): FieldError =>
  make('FieldValueInvalid', path, withDetail(`Invalid value: ${shown(value)}`, detail));
export const duplicate = (path: FieldPath, value: unknown): FieldError => make('FieldValueDuplicate', path, `Duplicate value: ${shown(value)}`);
export const forbiddenField = (path: FieldPath, detail: string): FieldError => make('FieldValueForbidden', path, withDetail('Forbidden', detail));
export const notFoundField = (path: FieldPath, value: unknown): FieldError => make('FieldValueNotFound', path, `Not found: ${shown(value)}`);
export const notSupported = (path: FieldPath, value: unknown, supported: readonly string[]): FieldError =>
  make('FieldValueNotSupported', path, `Unsupported value: ${shown(value)}: supported values: ${[...supported].map(quote).join(', ')}`);
export const tooLong = (path: FieldPath, maxBytes: number): FieldError => make('FieldValueTooLong', path, `Too long: may not be more than ${maxBytes} ${maxBytes === 1 ? 'byte' : 'bytes'}`);
export const tooMany = (path: FieldPath, actual: number, max: number): FieldError => make('FieldValueTooMany', path, `Too many: ${actual}: must have at most ${max} ${max === 1 ? 'item' : 'items'}`);
export const typeInvalid = (path: FieldPath, value: unknown, detail: string): FieldError =>
  make('FieldValueTypeInvalid', path, withDetail(`Invalid value: ${shown(value)}`, detail));
/** As `invalidValue`, with the value left out: it is long, secret or of no help. */
export const invalidOmitted = (path: FieldPath, detail: string): FieldError => make('FieldValueInvalid', path, `Invalid value: ${detail}`);
