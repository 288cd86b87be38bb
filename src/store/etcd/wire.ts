/** The bytes of etcd's v3 messages, as far as a backend needs them. Hand-written, because every put, read and watch event passes here. */

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

const LOW_BITS = 0x7f;
const MORE = 0x80;
/** 2 to the power of 28: four groups of seven bits, the most that fits into integer arithmetic at ease. */
const FOUR_GROUPS = 0x1000_0000;

/** Collects the fields of one message. Zero, empty and false are left out, as proto3 has it. */
export class MessageWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(sizeHint = 128) {
    this.#buffer = Buffer.allocUnsafe(sizeHint);
  }

  number(field: number, value: number): this {
    if (value === 0) return this;
    this.#room(20);
    this.#varint((field << 3) | WIRE_VARINT);
    this.#varint(value);
    return this;
  }

  /** A 64 bit number that a double cannot hold (lease and member numbers). */
  large(field: number, value: bigint): this {
    if (value === 0n) return this;
    this.#room(20);
    this.#varint((field << 3) | WIRE_VARINT);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#buffer[this.#length++] = Number(rest & 0x7fn) | MORE;
    this.#buffer[this.#length++] = Number(rest);
    return this;
  }

  flag(field: number, value: boolean): this {
    return this.number(field, value ? 1 : 0);
  }

  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.message(field, value);
  }

  /** A sub-message is written though it be empty: its presence says something. */
  message(field: number, value: Uint8Array): this {
    this.#room(20 + value.length);
    this.#varint((field << 3) | WIRE_BYTES);
    this.#varint(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  done(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > LOW_BITS) {
      this.#buffer[this.#length++] = (rest % MORE) | MORE;
      rest = Math.floor(rest / MORE);
    }
    this.#buffer[this.#length++] = rest;
  }
}

/** Walks over the fields of one message. Values that are bytes are views, not copies. */
export class MessageReader {
  readonly #bytes: Buffer;
  #at = 0;
  #wire = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The number of the next field; 0 at the end. */
  next(): number {
    if (this.#at >= this.#bytes.length) return 0;
    const tag = this.number();
    this.#wire = tag & 7;
    return tag >>> 3;
  }

  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || scale > FOUR_GROUPS ** 2 * 2 ** 7) throw new Error('a message of etcd is cut short');
      value += (byte & LOW_BITS) * scale;
      if (byte < MORE) return value;
      scale *= MORE;
    }
  }

  large(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || shift > 63n) throw new Error('a message of etcd is cut short');
      value |= BigInt(byte & LOW_BITS) << shift;
      if (byte < MORE) return BigInt.asIntN(64, value);
    }
  }

  bytes(): Buffer {
    const length = this.number();
    if (this.#at + length > this.#bytes.length) throw new Error('a message of etcd is cut short');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.bytes().toString();
  }

  /** Passes over a field that nobody asked for. */
  skip(): void {
    if (this.#wire === WIRE_VARINT) this.large();
    else if (this.#wire === WIRE_FIXED64) this.#at += 8;
    else if (this.#wire === WIRE_BYTES) this.bytes();
    else if (this.#wire === WIRE_FIXED32) this.#at += 4;
    else throw new Error(`a message of etcd has a field of the unknown form ${this.#wire}`);
  }
}

/** Reads a message field by field: `take` answers false for what it does not know. */
export function readMessage(bytes: Buffer, take: (field: number, reader: MessageReader) => boolean): void {
  const reader = new MessageReader(bytes);
  for (let field = reader.next(); field !== 0; field = reader.next()) if (!take(field, reader)) reader.skip();
}
