/**
 * CBOR as the Kubernetes API reads it (RFC 8949): one data item whose maps have text keys. Bytes become texts, or base64 where a tag says so;
 * what JSON has no word for (undefined, infinities, other tags) is refused, and so are items of indefinite length.
 */
import { exactNumber } from '../exact-json.ts';
import { MAX_DEPTH } from '../json.ts';
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
const SELF_DESCRIBED_TAG = 55799;
const TIME_TAG = 0;

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
  #argument(additional: number): number {
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
        if (value > 0x7fffffffffffffffn) throw new CborSyntaxError(`cbor: integer ${value} overflows int64`);
        return Number(value);
      }
      case 31:
        throw new CborSyntaxError('cbor: indefinite-length items are not allowed');
      default:
        throw new CborSyntaxError(`cbor: invalid additional information ${additional}`);
    }
  }

  /** A whole number: exact, whatever its size. */
  #integer(additional: number, sign: 1 | -1): number | bigint {
    const at = this.#at;
    const argument = this.#argument(additional);
    const value = sign === 1 ? argument : -1 - argument;
    return Number.isSafeInteger(value) ? value : exactNumber(String(sign === 1 ? this.#buffer.readBigUInt64BE(at) : -1n - this.#buffer.readBigUInt64BE(at)));
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
        return this.#text(additional);
      case 4:
        return this.#list(this.#argument(additional), depth);
      case 5:
        return this.#map(this.#argument(additional), depth);
      case 6:
        return this.#tagged(this.#argument(additional), depth);
      default:
        return this.#simple(additional);
    }
  }

  #bytes(additional: number): Buffer {
    const length = this.#argument(additional);
    const from = this.#take(length);
    return this.#buffer.subarray(from, from + length);
  }

  #text(additional: number): string {
    const bytes = this.#bytes(additional);
    const text = bytes.toString('utf8');
    if (text.includes('\ufffd') && !Buffer.from(text).equals(bytes)) throw new CborSyntaxError('cbor: invalid UTF-8 string');
    return text;
  }

  #list(length: number, depth: number): unknown[] {
    // Each item takes a byte at least: a length without items must not make room for them.
    if (length > this.rest) throw new CborSyntaxError('unexpected EOF');
    const items: unknown[] = [];
    for (let i = 0; i < length; i++) {
      this.#path.push(`[${i}]`);
      items.push(this.value(depth + 1));
      this.#path.pop();
    }
    return items;
  }

  #map(length: number, depth: number): Record<string, unknown> {
    if (length * 2 > this.rest) throw new CborSyntaxError('unexpected EOF');
    const map: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) {
      const initial = this.#buffer[this.#take(1)]!;
      if (initial >> 5 !== 2 && initial >> 5 !== 3) throw new CborSyntaxError('cbor: map keys must be strings');
      const key = this.#text(initial & 0x1f);
      this.#path.push(this.#path.length === 0 ? key : `.${key}`);
      if (Object.hasOwn(map, key)) this.duplicates.push(this.#path.join(''));
      const value = this.value(depth + 1);
      if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
      else map[key] = value;
      this.#path.pop();
    }
    return map;
  }

  #tagged(tag: number, depth: number): unknown {
    if (BASE64_TAGS.has(tag) || tag === HEX_TAG) {
      const initial = this.#buffer[this.#take(1)]!;
      if (initial >> 5 !== 2) throw new CborSyntaxError(`cbor: tag ${tag} must be of bytes`);
      return this.#bytes(initial & 0x1f).toString(tag === HEX_TAG ? 'hex' : tag === 21 ? 'base64url' : 'base64');
    }
    if (tag === SELF_DESCRIBED_TAG || tag === TIME_TAG) return this.value(depth + 1);
    throw new CborSyntaxError(`cbor: tag ${tag} is not supported`);
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
      default:
        throw new CborSyntaxError(`cbor: simple value ${additional} is not supported`);
    }
  }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new CborSyntaxError('cbor: floating-point infinities and NaN are not supported');
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
  const reader = new CborReader(bytes);
  const value = reader.value(0);
  if (reader.rest > 0) throw new CborSyntaxError(`cbor: ${reader.rest} bytes of extraneous data`);
  return { value, duplicates: reader.duplicates };
}
