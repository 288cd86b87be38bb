/**
 * Objects in CBOR, as the Kubernetes API writes it (RFC 8949, deterministic form): texts as byte strings, bytes tagged as what becomes base64
 * in JSON, map keys sorted by their encoded bytes, numbers as short as they can be.
 */
import { findSchema, type FieldSchema, type TypeSchema } from '../schema.ts';

/** «This is CBOR» (tag 55799): in front of every object. */
export const SELF_DESCRIBED: Readonly<Buffer> = Buffer.from([0xd9, 0xd9, 0xf7]);

const UNSIGNED = 0x00;
const NEGATIVE = 0x20;
const BYTES = 0x40;
const LIST = 0x80;
const MAP = 0xa0;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
/** Tag 22: bytes that stand as base64 in JSON. */
const BASE64_LATER = 0xd6;
const FLOAT16 = 0xf9;
const FLOAT32 = 0xfa;
const FLOAT64 = 0xfb;

const SHORT_TEXT = 64;

/** Bytes that grow. */
class Writer {
  #buffer = Buffer.allocUnsafe(4096);
  #at = 0;

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#at++] = value;
  }

  /** A major type with its argument. */
  head(major: number, given: number | bigint): void {
    this.#room(9);
    const buffer = this.#buffer;
    // Numbers that are written as bigint are long ones.
    const argument = typeof given === 'bigint' ? Infinity : given;
    if (argument < 24) buffer[this.#at++] = major | argument;
    else if (argument < 0x100) {
      buffer[this.#at++] = major | 24;
      buffer[this.#at++] = argument;
    } else if (argument < 0x10000) {
      buffer[this.#at++] = major | 25;
      this.#at = buffer.writeUInt16BE(argument, this.#at);
    } else if (argument < 0x100000000) {
      buffer[this.#at++] = major | 26;
      this.#at = buffer.writeUInt32BE(argument, this.#at);
    } else {
      buffer[this.#at++] = major | 27;
      this.#at = buffer.writeBigUInt64BE(BigInt(given), this.#at);
    }
  }

  text(value: string): void {
    if (value.length < SHORT_TEXT && this.#ascii(value)) return;
    const length = Buffer.byteLength(value);
    this.head(BYTES, length);
    this.#room(length);
    this.#at += this.#buffer.write(value, this.#at);
  }

  /** A short text of ASCII, copied character by character: calling into the engine costs more. False, and nothing written, for any other. */
  #ascii(value: string): boolean {
    const { length } = value;
    const start = this.#at;
    this.head(BYTES, length);
    this.#room(length);
    const buffer = this.#buffer;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.#at = start;
        return false;
      }
      buffer[this.#at + i] = code;
    }
    this.#at += length;
    return true;
  }

  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  float(value: number): void {
    this.#room(9);
    const half = halfOf(value);
    if (half !== undefined) {
      this.#buffer[this.#at++] = FLOAT16;
      this.#at = this.#buffer.writeUInt16BE(half, this.#at);
    } else if (Math.fround(value) === value) {
      this.#buffer[this.#at++] = FLOAT32;
      this.#at = this.#buffer.writeFloatBE(value, this.#at);
    } else {
      this.#buffer[this.#at++] = FLOAT64;
      this.#at = this.#buffer.writeDoubleBE(value, this.#at);
    }
  }

  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#at));
  }
}

/** A number in 16 bits, where it fits exactly. */
function halfOf(value: number): number | undefined {
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  if (exponent > 15) return undefined;
  if (exponent < -14) {
    const steps = Math.abs(value) * 2 ** 24;
    return Number.isInteger(steps) ? (value < 0 ? 0x8000 : 0) | steps : undefined;
  }
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  if (!Number.isInteger(fraction)) return undefined;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

// oxlint-disable-next-line no-control-regex -- what is no ASCII.
const BEYOND_ASCII = /[^\u0000-\u007f]/;

/** Shorter keys come first, since their length stands before them. */
function compareKeys(a: string, b: string): number {
  if (!BEYOND_ASCII.test(a) && !BEYOND_ASCII.test(b)) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length - right.length || Buffer.compare(left, right);
}

/** Keys of the schema's fields in their order, once a type. */
const orders = new WeakMap<TypeSchema, readonly FieldSchema[]>();

function orderOf(schema: TypeSchema): readonly FieldSchema[] {
  let order = orders.get(schema);
  if (order === undefined) orders.set(schema, (order = schema.fields.toSorted((a, b) => compareKeys(a.name, b.name))));
  return order;
}

function putNumber(writer: Writer, value: number | bigint): void {
  if (typeof value === 'bigint') return value < 0 ? writer.head(NEGATIVE, -1n - value) : writer.head(UNSIGNED, value);
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 63) writer.float(value);
  else if (value < 0) writer.head(NEGATIVE, -1 - value);
  else writer.head(UNSIGNED, value);
}

/** A value of which nothing more is known than what it is. */
function putAny(writer: Writer, value: unknown): void {
  if (typeof value === 'string') writer.text(value);
  else if (typeof value === 'number' || typeof value === 'bigint') putNumber(writer, value);
  else if (typeof value === 'boolean') writer.byte(value ? TRUE : FALSE);
  else if (value === null || value === undefined) writer.byte(NULL);
  else if (Array.isArray(value)) {
    writer.head(LIST, value.length);
    for (const item of value) putAny(writer, item);
  } else putMap(writer, value as object, putAny);
}

function putMap(writer: Writer, map: object, put: (writer: Writer, value: unknown) => void): void {
  const keys = Object.keys(map).filter((key) => (map as Record<string, unknown>)[key] !== undefined).sort(compareKeys);
  writer.head(MAP, keys.length);
  for (const key of keys) {
    writer.text(key);
    put(writer, (map as Record<string, unknown>)[key]);
  }
}

function putBytes(writer: Writer, value: unknown): void {
  const bytes = Buffer.from(value as string, 'base64');
  writer.byte(BASE64_LATER);
  writer.head(BYTES, bytes.length);
  writer.raw(bytes);
}

function putField(writer: Writer, field: FieldSchema, value: unknown): void {
  const one = field.type === 'bytes' ? putBytes : field.type === 'object' && field.ref !== undefined ? (to: Writer, item: unknown) => putObject(to, findSchema(field.ref!), item) : putAny;
  if (value === null) writer.byte(NULL);
  else if (field.shape === 'one') one(writer, value);
  else if (field.shape === 'list') {
    writer.head(LIST, (value as unknown[]).length);
    for (const item of value as unknown[]) one(writer, item);
  } else putMap(writer, value as object, field.valueShape === 'list' ? putAny : one);
}

/** An object of a type. What the type does not know is written by what it is, after the known fields are counted in. */
function putObject(writer: Writer, schema: TypeSchema | undefined, value: unknown): void {
  if (schema === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return putAny(writer, value);
  const source = value as Record<string, unknown>;
  const keys = Object.keys(source).filter((key) => source[key] !== undefined);
  const fields = orderOf(schema).filter((field) => source[field.name] !== undefined);
  writer.head(MAP, keys.length);
  if (fields.length === keys.length) {
    for (const field of fields) {
      writer.text(field.name);
      putField(writer, field, source[field.name]);
    }
    return;
  }
  for (const key of keys.sort(compareKeys)) {
    const field = schema.byName.get(key);
    writer.text(key);
    if (field === undefined) putAny(writer, source[key]);
    else putField(writer, field, source[key]);
  }
}

/**
 * An object in CBOR.
 * @param schema the name of its type, which tells bytes from texts; without it everything is written by what it is.
 */
export function encodeCbor(value: unknown, schema?: string): Buffer {
  const writer = new Writer();
  writer.raw(SELF_DESCRIBED);
  putObject(writer, schema === undefined ? undefined : findSchema(schema), value);
  return writer.finish();
}

const MARK_LENGTH = SELF_DESCRIBED.length;

/** A list out of items that are encoded already, each with its mark in front, which it loses here. */
export function joinCborList(kind: string, apiVersion: string, metadata: object, items: readonly Uint8Array[]): Buffer {
  const writer = new Writer();
  writer.raw(SELF_DESCRIBED);
  writer.head(MAP, 4);
  writer.text('kind');
  writer.text(kind);
  writer.text('items');
  writer.head(LIST, items.length);
  for (const item of items) writer.raw(item.subarray(MARK_LENGTH));
  writer.text('metadata');
  putAny(writer, metadata);
  writer.text('apiVersion');
  writer.text(apiVersion);
  return writer.finish();
}

/** An event of a watch, of an object that is encoded already. */
export function joinCborEvent(type: string, object: Uint8Array): Buffer {
  const writer = new Writer();
  writer.raw(SELF_DESCRIBED);
  writer.head(MAP, 2);
  writer.text('type');
  writer.text(type);
  writer.text('object');
  writer.raw(object.subarray(MARK_LENGTH));
  return writer.finish();
}
