/** A small protobuf codec (proto3) driven by a table of messages: plain objects in, bytes out, and back. https://protobuf.dev/programming-guides/encoding/ */
import { setOwn } from '../base/own.ts';

export type Message = Record<string, unknown>;

interface Field {
  number: number;
  name: string;
  type: string;
  repeated: boolean;
  /** A wrapped scalar (Int64Value …): present or not, and read as the bare value. */
  wrapped: boolean;
}

const nanosPerMilli = 1e6;
const scalarTypes = new Set(['string', 'bytes', 'bool', 'int32', 'int64', 'uint32', 'uint64', 'double', 'time', 'map']);

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

/** Collects bytes; grows as it needs to. */
class Writer {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  varint(value: bigint | number): void {
    this.#room(10);
    // Negative numbers are sign-extended to 64 bits.
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  double(value: number): void {
    this.#room(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.#room(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  done(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

class Reader {
  readonly #bytes: Buffer;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get ended(): boolean {
    return this.position >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.position++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('protobuf: a number is cut short or too long');
  }

  take(length: number): Buffer {
    if (this.position + length > this.#bytes.length) throw new Error('protobuf: a field is cut short');
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }

  bytes(): Buffer {
    return this.take(Number(this.varint()));
  }

  skip(wire: number): void {
    if (wire === WIRE_VARINT) this.varint();
    else if (wire === WIRE_FIXED64) this.take(8);
    else if (wire === WIRE_BYTES) this.bytes();
    else if (wire === WIRE_FIXED32) this.take(4);
    else throw new Error(`protobuf: wire type ${wire} is unknown`);
  }
}

function parseFields(text: string): Field[] {
  if (text === '') return [];
  return text.split('|').map((part) => {
    const [number, name, type] = part.split(' ') as [string, string, string];
    const mark = type.at(-1);
    return { number: Number(number), name, type: mark === '*' || mark === '?' ? type.slice(0, -1) : type, repeated: mark === '*', wrapped: mark === '?' };
  });
}

/** Encoder and decoder for the messages of a table (see `messages.ts` for its form). Tables are read on first use. */
export class Codec {
  readonly #messages: Readonly<Record<string, string>>;
  readonly #enums: Readonly<Record<string, readonly string[]>>;
  readonly #fields = new Map<string, Field[]>();

  constructor(messages: Readonly<Record<string, string>>, enums: Readonly<Record<string, readonly string[]>>) {
    this.#messages = messages;
    this.#enums = enums;
  }

  #fieldsOf(name: string): Field[] {
    let fields = this.#fields.get(name);
    if (!fields) {
      const text = this.#messages[name];
      if (text === undefined) throw new Error(`protobuf: message "${name}" is not in the table`);
      fields = parseFields(text);
      this.#fields.set(name, fields);
    }
    return fields;
  }

  /** Absent fields and zero values are left out, as proto3 has it; a present sub-message is written even when empty. */
  encode(name: string, value: object): Buffer {
    const writer = new Writer();
    for (const field of this.#fieldsOf(name)) {
      const given = (value as Message)[field.name];
      if (given === undefined || given === null) continue;
      if (field.type === 'map') this.#encodeMap(writer, field, given as Record<string, string>);
      else if (field.repeated) for (const item of given as unknown[]) this.#encodeField(writer, field, item, true);
      else this.#encodeField(writer, field, given, false);
    }
    return writer.done();
  }

  #encodeMap(writer: Writer, field: Field, map: Record<string, string>): void {
    for (const [key, value] of Object.entries(map)) {
      const entry = new Writer();
      entry.varint((1 << 3) | WIRE_BYTES);
      entry.bytes(Buffer.from(key));
      entry.varint((2 << 3) | WIRE_BYTES);
      entry.bytes(Buffer.from(value));
      writer.varint((field.number << 3) | WIRE_BYTES);
      writer.bytes(entry.done());
    }
  }

  #encodeField(writer: Writer, field: Field, value: unknown, evenZero: boolean): void {
    const { type } = field;
    const tag = (wire: number): void => writer.varint((field.number << 3) | wire);
    if (field.wrapped) {
      const inner = new Writer();
      inner.varint((1 << 3) | WIRE_VARINT);
      inner.varint(value as number);
      tag(WIRE_BYTES);
      return writer.bytes(inner.done());
    }
    if (!scalarTypes.has(type) && !this.#enums[type]) {
      tag(WIRE_BYTES);
      return writer.bytes(this.encode(type, value as object));
    }
    if (type === 'string' || type === 'bytes') {
      const bytes = type === 'string' ? Buffer.from(value as string) : (value as Uint8Array);
      if (bytes.length === 0 && !evenZero) return;
      tag(WIRE_BYTES);
      return writer.bytes(bytes);
    }
    if (type === 'double') {
      if (value === 0 && !evenZero) return;
      tag(WIRE_FIXED64);
      return writer.double(value as number);
    }
    const number = this.#numberOf(type, value);
    if (number === 0n && !evenZero) return;
    tag(WIRE_VARINT);
    writer.varint(number);
  }

  #numberOf(type: string, value: unknown): bigint {
    const words = this.#enums[type];
    if (words) {
      const at = words.indexOf(value as string);
      if (at < 0) throw new Error(`"${String(value)}" is not a ${type}: use one of ${words.join(', ')}`);
      return BigInt(at);
    }
    if (type === 'bool') return value ? 1n : 0n;
    if (type === 'time') return BigInt(Math.round((value as number) * nanosPerMilli));
    return BigInt(value as number | bigint);
  }

  /** Every field is present afterwards (zero, empty, first word of an enumeration), save sub-messages and wrapped scalars that were not sent. */
  decode<T>(name: string, bytes: Uint8Array): T {
    const fields = this.#fieldsOf(name);
    const value: Message = {};
    for (const field of fields) this.#fillDefault(value, field);
    const reader = new Reader(bytes);
    while (!reader.ended) {
      const tag = Number(reader.varint());
      const field = fields.find((f) => f.number === tag >>> 3);
      if (field) this.#decodeField(reader, field, tag & 7, value);
      else reader.skip(tag & 7);
    }
    return value as T;
  }

  #fillDefault(value: Message, field: Field): void {
    const { type, name } = field;
    if (field.repeated) value[name] = [];
    else if (type === 'map') value[name] = {};
    else if (field.wrapped) return;
    else if (type === 'string') value[name] = '';
    else if (type === 'bytes') value[name] = Buffer.alloc(0);
    else if (type === 'bool') value[name] = false;
    else if (this.#enums[type]) value[name] = this.#enums[type][0];
    else if (scalarTypes.has(type)) value[name] = 0;
  }

  #decodeField(reader: Reader, field: Field, wire: number, value: Message): void {
    if (field.type === 'map') {
      const entry = this.#decodePair(reader.bytes());
      setOwn(value[field.name] as Record<string, unknown>, entry.key, entry.value);
      return;
    }
    if (field.wrapped) {
      const inner = new Reader(reader.bytes());
      value[field.name] = 0;
      while (!inner.ended) {
        const tag = Number(inner.varint());
        if (tag === ((1 << 3) | WIRE_VARINT)) value[field.name] = this.#numberIn(field.type, inner.varint());
        else inner.skip(tag & 7);
      }
      return;
    }
    const list = field.repeated ? (value[field.name] as unknown[]) : undefined;
    if (list && wire === WIRE_BYTES && this.#isPackable(field.type)) {
      const packed = new Reader(reader.bytes());
      while (!packed.ended) list.push(this.#decodeScalar(packed, field.type));
      return;
    }
    const one = this.#decodeScalar(reader, field.type);
    if (list) list.push(one);
    else value[field.name] = one;
  }

  #isPackable(type: string): boolean {
    return this.#enums[type] !== undefined || (scalarTypes.has(type) && type !== 'string' && type !== 'bytes');
  }

  #decodePair(bytes: Buffer): { key: string; value: string } {
    const pair = { key: '', value: '' };
    const reader = new Reader(bytes);
    while (!reader.ended) {
      const tag = Number(reader.varint());
      if (tag >>> 3 === 1) pair.key = reader.bytes().toString('utf8');
      else if (tag >>> 3 === 2) pair.value = reader.bytes().toString('utf8');
      else reader.skip(tag & 7);
    }
    return pair;
  }

  #decodeScalar(reader: Reader, type: string): unknown {
    if (type === 'string') return reader.bytes().toString('utf8');
    if (type === 'bytes') return Buffer.from(reader.bytes());
    if (type === 'double') return reader.take(8).readDoubleLE();
    const words = this.#enums[type];
    if (words) {
      const number = Number(reader.varint());
      return words[number] ?? `unknown(${number})`;
    }
    if (scalarTypes.has(type)) return this.#numberIn(type, reader.varint());
    return this.decode(type, reader.bytes());
  }

  #numberIn(type: string, raw: bigint): number | boolean {
    if (type === 'bool') return raw !== 0n;
    if (type === 'uint32' || type === 'uint64') return Number(raw);
    if (type === 'int32') return Number(BigInt.asIntN(32, raw));
    const signed = Number(BigInt.asIntN(64, raw));
    return type === 'time' ? signed / nanosPerMilli : signed;
  }
}
