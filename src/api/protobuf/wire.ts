/**
 * The wire form of protobuf, as far as the API uses it: varints, 64-bit fixed numbers and length-delimited fields.
 * https://protobuf.dev/programming-guides/encoding/
 */

import { nearestNumber, wholeOf } from '../exact-json.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
const GROUP = 3;
const END_OF_GROUP = 4;
const FIXED32 = 5;

/** Bytes that are no protobuf of the expected message. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

/** Texts up to here are copied character by character: calling into the engine costs more. */
const SHORT_TEXT = 64;

/** Room that one writer after the other uses; a larger message gets room of its own. */
const SCRATCH_BYTES = 64 * 1024;
let scratch: Buffer | undefined;

/**
 * Writes a message from its end to its start: then the length of what is inside a field is known when its head is written, and nothing is
 * measured twice. Write fields in descending order, and of each field first the value, then the tag.
 */
export class BackwardWriter {
  #buffer: Buffer;
  #at: number;

  constructor() {
    // Taken while this writer writes, so that a second one in between gets its own.
    this.#buffer = scratch ?? Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    scratch = undefined;
    this.#at = this.#buffer.length;
  }

  /** How many bytes there are; differences give the length of what was written in between. */
  get size(): number {
    return this.#buffer.length - this.#at;
  }

  #room(bytes: number): void {
    if (this.#at >= bytes) return;
    const used = this.size;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + bytes));
    this.#buffer.copy(grown, grown.length - used, this.#at);
    this.#at = grown.length - used;
    this.#buffer = grown;
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer[--this.#at] = value;
  }

  /** A whole number; negative ones take ten bytes, as they do for int32 and int64. */
  varint(value: number): void {
    if (value >= 0 && value < 0x80) {
      if (this.#at < 1) this.#room(1);
      this.#buffer[--this.#at] = value;
      return;
    }
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) {
      this.bigVarint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    let length = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
    this.#room(length);
    this.#at -= length;
    let rest = value;
    for (let i = 0; i < length; i++) {
      this.#buffer[this.#at + i] = (rest % 0x80) + (i < length - 1 ? 0x80 : 0);
      rest = Math.floor(rest / 0x80);
    }
  }

  /** A number of 64 bits, not negative. */
  bigVarint(value: bigint): void {
    const bytes: number[] = [];
    for (let rest = value; ; rest >>= 7n) {
      if (rest < 0x80n) {
        bytes.push(Number(rest));
        break;
      }
      bytes.push(Number(rest & 0x7fn) | 0x80);
    }
    for (const byte of bytes.toReversed()) this.byte(byte);
  }

  double(value: number): void {
    this.#room(8);
    this.#at -= 8;
    this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** The bytes of a text, without their length. Returns how many there are. */
  text(value: string): number {
    const { length } = value;
    if (length < SHORT_TEXT) {
      this.#room(length);
      const buffer = this.#buffer;
      const start = this.#at - length;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        buffer[start + i] = code;
      }
      if (i === length) {
        this.#at = start;
        return length;
      }
    }
    const bytes = Buffer.byteLength(value);
    this.#room(bytes);
    this.#at -= bytes;
    this.#buffer.write(value, this.#at, bytes === length ? 'latin1' : 'utf8');
    return bytes;
  }

  /** A text with its length, and a key (number and wire type in one) in front. */
  stringField(key: number, value: string): void {
    const { length } = value;
    if (length < SHORT_TEXT && key < 0x80) {
      if (this.#at < length + 2) this.#room(length + 2);
      const buffer = this.#buffer;
      const start = this.#at - length;
      let i = 0;
      while (i < length) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        buffer[start + i++] = code;
      }
      if (i === length) {
        buffer[start - 1] = length;
        buffer[start - 2] = key;
        this.#at = start - 2;
        return;
      }
    }
    this.varint(this.text(value));
    this.varint(key);
  }

  /** Bytes that are given in base64. */
  base64Field(key: number, value: string): void {
    const bytes = Buffer.from(value, 'base64');
    this.bytes(bytes);
    this.varint(bytes.length);
    this.varint(key);
  }

  intField(key: number, value: number | bigint): void {
    if (typeof value === 'bigint') {
      this.bigVarint(BigInt.asUintN(64, value));
      this.varint(key);
    } else if (value >= 0 && value < 0x80 && key < 0x80) this.#pair(key, value);
    else {
      this.varint(value);
      this.varint(key);
    }
  }

  /** Two bytes. */
  #pair(first: number, second: number): void {
    if (this.#at < 2) this.#room(2);
    this.#buffer[--this.#at] = second;
    this.#buffer[--this.#at] = first;
  }

  doubleField(key: number, value: number): void {
    this.double(value);
    this.varint(key);
  }

  /** A zero of any wire type but that of doubles: the number 0, or nothing of no length. */
  zeroField(key: number): void {
    this.intField(key, 0);
  }

  /** Length and key in front of what was written since `size` was `before`. */
  close(key: number, before: number): void {
    this.intField(key, this.#buffer.length - this.#at - before);
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#at -= value.length;
    this.#buffer.set(value, this.#at);
  }

  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }

  /** Length and tag in front of what was written since `size` was `before`. */
  delimit(number: number, before: number): void {
    this.varint(this.size - before);
    this.tag(number, DELIMITED);
  }

  /** A copy of what was written. The writer must not be used any more. */
  finish(): Buffer {
    const result = Buffer.from(this.#buffer.subarray(this.#at));
    if (this.#buffer.length === SCRATCH_BYTES) scratch = this.#buffer;
    return result;
  }
}

/** Short texts that were read last, by a hash of their bytes: most come again and again, and making a text anew costs more than comparing. */
const SHARED_TEXT = 40;
const SHARED_TEXTS = 4096;
let sharedTexts: (string | undefined)[] | undefined;

/** A text of plain ASCII. */
function shared(buffer: Buffer, start: number, end: number, slot: number): string {
  sharedTexts ??= Array.from({ length: SHARED_TEXTS });
  const before = sharedTexts[slot];
  const length = end - start;
  if (before !== undefined && before.length === length) {
    let i = 0;
    while (i < length && before.charCodeAt(i) === buffer[start + i]) i++;
    if (i === length) return before;
  }
  const text = buffer.toString('latin1', start, end);
  sharedTexts[slot] = text;
  return text;
}

const REPLACEMENT = '\ufffd';

/** Text out of UTF-8; each byte that is none becomes a mark of its own, as in Go, where the engine has one for several. */
function utf8Text(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('utf8', start, end);
  if (!text.includes(REPLACEMENT)) return text;
  let out = '';
  for (let at = start; at < end;) {
    const byte = buffer[at]!;
    const width = byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 0;
    const one = width === 0 || at + width > end ? REPLACEMENT : buffer.toString('utf8', at, at + width);
    const isValid = !one.includes(REPLACEMENT) || (width === 3 && buffer.readUIntBE(at, 3) === 0xefbfbd);
    out += isValid ? one : REPLACEMENT;
    at += isValid ? width : 1;
  }
  return out;
}

/** Reads fields one after the other, from the start to the end of a message. */
export class Reader {
  readonly #buffer: Buffer;
  #at: number;
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    this.#end = this.#buffer.length;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  #next(): number {
    if (this.#at >= this.#end) throw new ProtobufError('unexpected EOF');
    return this.#buffer[this.#at++]!;
  }

  /** A number without a sign of up to 53 bits; larger ones lose precision. */
  varint(): number {
    if (this.#at < this.#end) {
      const first = this.#buffer[this.#at]!;
      if (first < 0x80) {
        this.#at++;
        return first;
      }
    }
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.#next();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  /** A whole number of 64 bits, of which what stands above 2^63 is negative: exact, so that long ones come as bigint. */
  int64(): number | bigint {
    const start = this.#at;
    const value = this.varint();
    if (this.#at - start < 8) return value;
    this.#at = start;
    let exact = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#next();
      exact |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return wholeOf(BigInt.asIntN(64, exact));
    }
  }

  /** A whole number of 32 bits; of a longer one they are the last. */
  int32(): number {
    const value = this.int64();
    return typeof value === 'bigint' || value !== (value | 0) ? Number(BigInt.asIntN(32, BigInt(value))) : value;
  }

  /** A whole number of 64 bits to reckon with: near, where a number is too coarse for it. */
  signed(): number {
    const value = this.int64();
    return typeof value === 'bigint' ? nearestNumber(value) : value;
  }

  double(): number {
    if (this.#at + 8 > this.#end) throw new ProtobufError('unexpected EOF');
    this.#at += 8;
    return this.#buffer.readDoubleLE(this.#at - 8);
  }

  #length(): number {
    const length = this.varint();
    // With the highest of 64 bits it is below zero.
    if (length >= 2 ** 63) throw new ProtobufError('proto: negative length found during unmarshaling');
    return length;
  }

  /** The bytes of a length-delimited field; a view, not a copy. */
  bytes(): Uint8Array {
    const length = this.#length();
    if (this.#at + length > this.#end) throw new ProtobufError('unexpected EOF');
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  /** Narrows the reader to the message whose length comes next. Answers the end of what is around, for `close`. */
  open(): number {
    const around = this.#end;
    const length = this.#length();
    if (this.#at + length > around) throw new ProtobufError('unexpected EOF');
    this.#end = this.#at + length;
    return around;
  }

  /** Goes on behind the message that was opened. */
  close(around: number): void {
    this.#at = this.#end;
    this.#end = around;
  }

  text(): string {
    const length = this.#length();
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw new ProtobufError('unexpected EOF');
    this.#at = end;
    if (length === 0) return '';
    const buffer = this.#buffer;
    if (length > SHARED_TEXT) return utf8Text(buffer, start, end);
    let hash = length;
    for (let i = start; i < end; i++) {
      const byte = buffer[i]!;
      if (byte > 0x7f) return utf8Text(buffer, start, end);
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    return shared(buffer, start, end, hash & (SHARED_TEXTS - 1));
  }

  /** Skips a field that is not known; a group with all that is in it. */
  skip(wireType: number): void {
    let type = wireType;
    for (let depth = 0; ;) {
      if (type === GROUP) depth++;
      else if (type === END_OF_GROUP) {
        if (depth-- === 0) throw new ProtobufError('proto: unexpected end of group');
      } else this.#skipOne(type);
      if (depth === 0) return;
      type = this.varint() & 7;
    }
  }

  #skipOne(wireType: number): void {
    if (wireType === VARINT) this.varint();
    else if (wireType === DELIMITED) this.bytes();
    else if (wireType === FIXED64 || wireType === FIXED32) {
      this.#at += wireType === FIXED64 ? 8 : 4;
      if (this.#at > this.#end) throw new ProtobufError('unexpected EOF');
    } else throw new ProtobufError(`proto: illegal wireType ${wireType}`);
  }
}

/** Beginnings of names that upstream's types write in capitals. */
const CAPITALS = /^(?:api(?=[A-Z])|uid$|grpc$|ip(?=Famil))/;

/** The name of a field as upstream's types have it. */
const goNameOf = (field: string): string => field.replace('$', '').replace(CAPITALS, (letters) => letters.toUpperCase()).replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** Skips a field that is not known to its message, or throws ProtobufError that says why it cannot be read. `known` are those that are, by number. */
export function skipField(reader: Reader, key: number, message: string, known: ReadonlyMap<number, string>): void {
  const wireType = key & 7;
  if (wireType === END_OF_GROUP) throw new ProtobufError(`proto: ${message}: wiretype end group for non-group`);
  // The number has 32 bits.
  const number = Math.floor(key / 8) | 0;
  if (number <= 0) throw new ProtobufError(`proto: ${message}: illegal tag ${number} (wire type ${key})`);
  const field = known.get(number);
  if (field !== undefined) throw new ProtobufError(`proto: wrong wireType = ${wireType} for field ${goNameOf(field)}`);
  reader.skip(wireType);
}
