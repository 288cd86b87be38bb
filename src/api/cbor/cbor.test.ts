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

describe('what is refused', () => {
  test.each([
    ['nothing', '', 'unexpected EOF'],
    ['a cut text', '43 61', 'unexpected EOF'],
    ['a list of many items that are not there', '9b 00000000ffffffff', 'unexpected EOF'],
    ['a map of many entries that are not there', 'ba ffffffff', 'unexpected EOF'],
    ['two items', '01 02', '1 bytes of extraneous data'],
    ['a number as key', 'a1 01 02', 'map keys must be strings'],
    ['an unknown tag', 'c1 01', 'tag 1 is not supported'],
    ['infinity', 'f9 7c00', 'infinities and NaN'],
    ['undefined', 'f7', 'simple value 23'],
    ['an indefinite length', '9f 01 ff', 'indefinite-length'],
    ['more than 63 bits', '1b 8000000000000000', 'overflows int64'],
    ['bytes that are no text', '42 c328', 'invalid UTF-8'],
    ['a base64 tag on a number', 'd6 01', 'tag 22 must be of bytes'],
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
