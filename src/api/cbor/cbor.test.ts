import { decode as oracleDecode, encode as oracleEncode } from 'cborg';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCbor } from './decode.ts';
import { encodeCbor } from './encode.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const from = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value), (_key, inner: unknown) => (typeof inner === 'number' && Number.isInteger(inner) && !Number.isSafeInteger(inner) ? 0 : inner)) as unknown);

describe('what is written', () => {
  test.each<[string, unknown, string]>([
    ['a text is a byte string', 'ab', '42 6162'],
    ['short keys first', { bb: 1, a: 2, c: null }, 'a3 4161 02 4163 f6 426262 01'],
    ['numbers', [0, 23, 24, 256, 65536, 4294967296, -1, -25], '88 00 17 18 18 19 0100 1a 00010000 1b 0000000100000000 20 38 18'],
    ['floats as short as can be', [1.5, 3.1415927410125732, 0.1], '83 f9 3e00 fa 40490fdb fb 3fb999999999999a'],
    ['booleans', [true, false], '82 f5 f4'],
  ])('%s', (_, value, expected) => {
    expect(hex(encodeCbor(value))).toBe(`d9d9f7${expected.replaceAll(' ', '')}`);
  });
  test('bytes are tagged as what is base64 in JSON', () => {
    const bytes = encodeCbor({ data: { k: 'aGk=' } }, 'io.k8s.api.core.v1.Secret');
    expect(hex(bytes)).toBe('d9d9f7a14464617461a1416bd6426869');
  });
  test('what the type does not know stands among what it knows', () => {
    expect(decodeCbor(encodeCbor({ data: { k: 'aGk=' }, zzz: 1, a: 'x' }, 'io.k8s.api.core.v1.Secret')).value).toEqual({ data: { k: 'aGk=' }, zzz: 1, a: 'x' });
  });
});

test('always: what is written is read again, by us and by others', () => {
  const tags = { 22: (read: () => unknown) => read() };
  fc.assert(fc.property(json, (value) => {
    const bytes = encodeCbor(value);
    expect(decodeCbor(bytes).value).toEqual(value);
    // The other reader keeps bytes apart from texts, so that only their structure is compared.
    expect(() => oracleDecode(bytes.subarray(3), { useMaps: true, tags: tags as never })).not.toThrow();
  }), { seed: 7 });
});

test('always: what others write is read', () => {
  fc.assert(fc.property(json, (value) => {
    expect(decodeCbor(oracleEncode(value)).value).toEqual(value);
  }), { seed: 8 });
});

test('never: bytes at random break the reader in another way than by saying so', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    try {
      decodeCbor(bytes);
    } catch (error) {
      expect((error as Error).name).toBe('CborSyntaxError');
    }
  }), { seed: 9, numRuns: 2000 });
});

test.each<[string, string, unknown]>([
  ['lengths that are not said', '9f 5f4161 4162ff 7f6163ff bf 4164 01 ff ff', ['ab', 'c', { d: 1 }]],
  ['tags that say nothing', 'd818 41 61', 'a'],
  ['a base64 tag on what is no bytes', '82 d6 01 d6 6161', [1, 'a']],
  ['seconds since 1970', '82 c1 1a5e0be100 c1 fb41d7829440000000', ['2020-01-01T00:00:00Z', '2019-12-30T19:33:20Z']],
  ['bytes that are no text', '42 c328', '\ufffd('],
])('reads %s', (_name, bytes, value) => expect(decodeCbor(from(bytes)).value).toEqual(value));

test.each<[number, string]>([[2 ** -24, 'f90001'], [-(2 ** -24), 'f98001'], [1023 * 2 ** -24, 'f903ff'], [2 ** -25, 'fa33000000'], [2 ** -14, 'f90400'], [65504, '19ffe0'], [1.5, 'f93e00']])('%d is as short as can be', (value, bytes) => expect(Buffer.from(encodeCbor(value)).subarray(3).toString('hex')).toBe(bytes));

describe('what is refused', () => {
  test.each([
    ['nothing', '', 'EOF'],
    ['a cut text', '43 61', 'unexpected EOF'],
    ['a list of many items that are not there', '9b 00000000ffffffff', 'unexpected EOF'],
    ['a map of many entries that are not there', 'ba ffffffff', 'unexpected EOF'],
    ['two items', '01 02', 'cbor: 1 bytes of extraneous data starting at index 1'],
    ['a number as key', 'a1 01 02', 'cbor: cannot unmarshal positive integer into Go value of type string'],
    ['a number of any length', 'c2 41 01', 'cbor: data item of cbor type tag is not accepted by protocol: bignum'],
    ['infinity', 'f9 7c00', 'cbor: data item of cbor type primitives is not accepted by protocol: floating-point infinity'],
    ['no number', 'f9 7e00', 'cbor: data item of cbor type primitives is not accepted by protocol: floating-point NaN'],
    ['undefined', 'f7', 'cbor: data item of cbor type primitives is not accepted by protocol: simple value 23 is not recognized'],
    ['an end without a begin', 'ff', 'cbor: unexpected "break" code'],
    ['a list without an end', '9f 01', 'unexpected EOF'],
    ['a piece of another kind', '5f 6161 ff', 'cbor: wrong element type UTF-8 text string for indefinite-length byte string'],
    ['more than 63 bits', '1b 8000000000000000', "cbor: cannot unmarshal positive integer into Go value of type int64 (9223372036854775808 overflows Go's int64)"],
    ['a text that is none', '62 c328', 'cbor: invalid UTF-8 string'],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeCbor(from(bytes))).toThrow(message);
  });
  test('nesting without end', () => {
    expect(() => decodeCbor(Buffer.alloc(100_000, 0x81))).toThrow('exceeded max nested level');
  });
  test('a key that comes twice is named', () => {
    expect(decodeCbor(from('a1 4161 a2 4162 01 4162 02'))).toEqual({ value: { a: { b: 2 } }, duplicates: ['a.b'] });
  });
});
