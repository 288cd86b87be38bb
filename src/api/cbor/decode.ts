/**
 * CBOR as the Kubernetes API reads it (RFC 8949): one data item whose maps have text keys. Bytes become texts, or base64 where a tag says so; most other
 * tags are not looked at. What JSON has no word for (undefined, infinities, numbers beyond 64 bits) is refused.
 */
import { setOwn } from '../../base/own.ts';
import { exactNumber } from '../exact-json.ts';
import { MAX_DEPTH } from '../json.ts';
import { formatTime } from '../meta/time.ts';
import { SELF_DESCRIBED } from './encode.ts';

/** Bytes that are no CBOR of that kind. */
export class CborSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CborSyntaxError';
  }
}

export interface ParsedCbor {
  value: unknown;
  /** Paths of map keys that came more than once; the last value counts. */
  duplicates: string[];
}

const BASE64_TAGS: ReadonlySet<number> = new Set([21, 22]);
const HEX_TAG = 23;
const EPOCH_TAG = 1;
const BIGNUM_TAG = 2;
/** What says that a length is not said. */
const INDEFINITE = 31;
const BREAK = 0xff;
/** What the kinds of items are called. */
const TYPES: readonly string[] = ['positive integer', 'negative integer', 'byte string', 'UTF-8 text string', 'array', 'map', 'tag', 'primitives'];

class CborReader {
  readonly #buffer: Buffer;
  #at = 0;
  readonly #path: string[] = [];
  readonly duplicates: string[] = [];

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get rest(): number {
    return this.#buffer.length - this.#at;
  }

  #take(length: number): number {
    if (length > this.rest) throw new CborSyntaxError('unexpected EOF');
    this.#at += length;
    return this.#at - length;
  }

  /** The number behind an initial byte. */
  #argument(additional: number, major: number): number {
    if (additional < 24) return additional;
    switch (additional) {
      case 24:
        return this.#buffer[this.#take(1)]!;
      case 25:
        return this.#buffer.readUInt16BE(this.#take(2));
      case 26:
        return this.#buffer.readUInt32BE(this.#take(4));
      case 27: {
        const value = this.#buffer.readBigUInt64BE(this.#take(8));
        return Number(value);
      }
      default:
        throw new CborSyntaxError(`cbor: invalid additional information ${additional} for type ${TYPES[major]}`);
    }
  }

  /** A whole number: exact, whatever its size. */
  #integer(additional: number, sign: 1 | -1): number | bigint {
    const at = this.#at;
    const argument = this.#argument(additional, sign === 1 ? 0 : 1);
    const value = sign === 1 ? argument : -1 - argument;
    if (Number.isSafeInteger(value)) return value;
    const exact = this.#buffer.readBigUInt64BE(at);
    const whole = sign === 1 ? exact : -1n - exact;
    if (exact > 0x7fffffffffffffffn) throw new CborSyntaxError(`cbor: cannot unmarshal ${TYPES[sign === 1 ? 0 : 1]} into Go value of type int64 (${whole} overflows Go's int64)`);
    return exactNumber(String(whole));
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new CborSyntaxError('cbor: exceeded max nested level');
    const initial = this.#buffer[this.#take(1)]!;
    const additional = initial & 0x1f;
    switch (initial >> 5) {
      case 0:
        return this.#integer(additional, 1);
      case 1:
        return this.#integer(additional, -1);
      case 2:
      case 3:
        return this.#text(initial);
      case 4:
        return this.#list(this.#lengthOf(additional, 4), depth);
      case 5:
        return this.#map(this.#lengthOf(additional, 5), depth);
      case 6:
        return this.#tagged(this.#argument(additional, 6), depth);
      default:
        return this.#simple(additional);
    }
  }

  /** How many items there are; undefined where a mark behind the last of them says so. */
  #lengthOf(additional: number, major: number): number | undefined {
    return additional === INDEFINITE ? undefined : this.#argument(additional, major);
  }

  /** Whether the mark comes next that ends an item of indefinite length; it is then read. */
  #ends(): boolean {
    if (this.#buffer[this.#take(1)] === BREAK) return true;
    this.#at--;
    return false;
  }

  /** Bytes, or those of a text. */
  #bytes(initial: number): Buffer {
    const major = initial >> 5;
    if ((initial & 0x1f) !== INDEFINITE) {
      const length = this.#argument(initial & 0x1f, major);
      const from = this.#take(length);
      return this.#buffer.subarray(from, from + length);
    }
    const pieces: Buffer[] = [];
    while (!this.#ends()) {
      const piece = this.#buffer[this.#take(1)]!;
      if (piece >> 5 !== major) throw new CborSyntaxError(`cbor: wrong element type ${TYPES[piece >> 5]} for indefinite-length ${TYPES[major]}`);
      if ((piece & 0x1f) === INDEFINITE) throw new CborSyntaxError(`cbor: indefinite-length ${TYPES[major]} chunk is not definite-length`);
      pieces.push(this.#bytes(piece));
    }
    return Buffer.concat(pieces);
  }

  #text(initial: number): string {
    const bytes = this.#bytes(initial);
    const text = bytes.toString('utf8');
    // Only what calls itself a text must be one.
    if (initial >> 5 === 3 && text.includes('\ufffd') && !Buffer.from(text).equals(bytes)) throw new CborSyntaxError('cbor: invalid UTF-8 string');
    return text;
  }

  #list(length: number | undefined, depth: number): unknown[] {
    // Each item takes a byte at least: a length without items must not make room for them.
    if (length !== undefined && length > this.rest) throw new CborSyntaxError('unexpected EOF');
    const items: unknown[] = [];
    for (let i = 0; length === undefined ? !this.#ends() : i < length; i++) {
      this.#path.push(`[${i}]`);
      items.push(this.value(depth + 1));
      this.#path.pop();
    }
    return items;
  }

  #map(length: number | undefined, depth: number): Record<string, unknown> {
    if (length !== undefined && length * 2 > this.rest) throw new CborSyntaxError('unexpected EOF');
    const map: Record<string, unknown> = {};
    for (let i = 0; length === undefined ? !this.#ends() : i < length; i++) {
      const initial = this.#buffer[this.#take(1)]!;
      if (initial >> 5 !== 2 && initial >> 5 !== 3) throw new CborSyntaxError(`cbor: cannot unmarshal ${TYPES[initial >> 5]} into Go value of type string`);
      const key = this.#text(initial);
      this.#path.push(this.#path.length === 0 ? key : `.${key}`);
      if (Object.hasOwn(map, key)) this.duplicates.push(this.#path.join(''));
      const value = this.value(depth + 1);
      setOwn(map, key, value);
      this.#path.pop();
    }
    return map;
  }

  #tagged(tag: number, depth: number): unknown {
    if (tag === BIGNUM_TAG || tag === BIGNUM_TAG + 1) throw new CborSyntaxError('cbor: data item of cbor type tag is not accepted by protocol: bignum');
    if (BASE64_TAGS.has(tag) || tag === HEX_TAG) {
      const initial = this.#buffer[this.#take(1)]!;
      if (initial >> 5 === 2) return this.#bytes(initial).toString(tag === HEX_TAG ? 'hex' : tag === 21 ? 'base64url' : 'base64');
      this.#at--;
    }
    const value = this.value(depth + 1);
    if (tag !== EPOCH_TAG) return value;
    if (typeof value !== 'number') throw new CborSyntaxError('cbor: tag number 1 must be followed by integer or floating-point number');
    return formatTime(Math.floor(value) * 1000);
  }

  #simple(additional: number): unknown {
    switch (additional) {
      case 20:
      case 21:
        return additional === 21;
      case 22:
        return null;
      case 25:
        return finite(readHalf(this.#buffer.readUInt16BE(this.#take(2))));
      case 26:
        return finite(this.#buffer.readFloatBE(this.#take(4)));
      case 27:
        return finite(this.#buffer.readDoubleBE(this.#take(8)));
      case 24: {
        const value = this.#buffer[this.#take(1)]!;
        if (value < 32) throw new CborSyntaxError(`cbor: invalid simple value ${value} for type primitives`);
        throw unrecognized(value);
      }
      case INDEFINITE:
        throw new CborSyntaxError('cbor: unexpected "break" code');
      default:
        if (additional > 27) throw new CborSyntaxError(`cbor: invalid additional information ${additional} for type primitives`);
        throw unrecognized(additional);
    }
  }
}

const NOT_ACCEPTED = 'cbor: data item of cbor type primitives is not accepted by protocol:';

const unrecognized = (value: number): CborSyntaxError => new CborSyntaxError(`${NOT_ACCEPTED} simple value ${value} is not recognized`);

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new CborSyntaxError(`${NOT_ACCEPTED} floating-point ${Number.isNaN(value) ? 'NaN' : 'infinity'}`);
  return value;
}

function readHalf(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  const size = exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction === 0 ? Infinity : NaN) : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return (bits & 0x8000) === 0 ? size : -size;
}

/** Whether bytes say of themselves that they are CBOR. */
export function isCbor(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && SELF_DESCRIBED.equals(bytes.subarray(0, 3));
}

/** Reads one data item. Throws CborSyntaxError. */
export function decodeCbor(bytes: Uint8Array): ParsedCbor {
  if (bytes.length === 0) throw new CborSyntaxError('EOF');
  const reader = new CborReader(bytes);
  const value = reader.value(0);
  if (reader.rest > 0) throw new CborSyntaxError(`cbor: ${reader.rest} bytes of extraneous data starting at index ${bytes.length - reader.rest}`);
  return { value, duplicates: reader.duplicates };
}
