/** Whole numbers of JSON, YAML and CBOR are exact to 64 bits. */
import { expect, test } from 'vitest';
import { decodeCbor } from './cbor/decode.ts';
import { encodeCbor } from './cbor/encode.ts';
import { exactInteger, exactNumber, parseExactly } from './exact-json.ts';
import { readJson } from './json.ts';
import { readYaml } from './yaml.ts';

const rows: [text: string, value: unknown, written: string][] = [
  ['1', 1, '1'], ['-1', -1, '-1'], ['1.0', 1, '1'], ['1.5', 1.5, '1.5'], ['1e3', 1000, '1000'], ['1e300', 1e300, '1e+300'],
  ['9007199254740991', 9_007_199_254_740_991, '9007199254740991'], ['9007199254740993', 9_007_199_254_740_993n, '9007199254740993'],
  ['-9007199254740993', -9_007_199_254_740_993n, '-9007199254740993'], ['9223372036854775807', 2n ** 63n - 1n, '9223372036854775807'],
  ['-9223372036854775808', -(2n ** 63n), '-9223372036854775808'], ['9223372036854775808', 2 ** 63, '9223372036854776000'],
  ['9007199254740993.0', 9_007_199_254_740_992, '9007199254740992'], ['12345678901234567890123', 1.2345678901234568e22, '1.2345678901234568e+22'],
];

test.each(rows)('%s', (text, value, written) => {
  expect(parseExactly(text)).toBe(value);
  expect(exactNumber(text)).toBe(value);
  expect(JSON.stringify({ a: [parseExactly(text)] })).toBe(`{"a":[${written}]}`);
  expect((readJson(`{"a":{"b":[${text}]},"a":{"b":[${text}]}}`, { strict: true }).value as { a: { b: unknown[] } }).a.b[0]).toBe(value);
});

test('only whole numbers of 64 bits are exact ones', () => {
  expect(['1.0', '1e3', '', '9223372036854775808', '-9223372036854775809', '0x10'].map(exactInteger)).toEqual(Array.from({ length: 6 }, () => undefined));
  expect(exactInteger('17')).toBe(17n);
});

test('digits in texts and in names change nothing', () => {
  const text = '{"9007199254740993":"9007199254740993","__proto__":{"a":9007199254740993}}';
  const value = parseExactly(text) as Record<string, unknown>;
  expect(Object.keys(value)).toEqual(['9007199254740993', '__proto__']);
  expect(JSON.stringify(value)).toBe(text);
});

test.each([['9007199254740993', 9_007_199_254_740_993n], ['-0x20000000000001', -9_007_199_254_740_993n], ['0o400000000000000001', 9_007_199_254_740_993n], ['9_007_199_254_740_993', 9_007_199_254_740_993n], ['1.0', 1], ['0o17', 15]])('in YAML: %s', (text, value) => {
  expect((readYaml(`a: ${text}`).value as { a: unknown }).a).toBe(value);
});

test.each([[9_007_199_254_740_993n, '1b0020000000000001'], [-9_007_199_254_740_993n, '3b0020000000000000'], [-(2n ** 63n), '3b7fffffffffffffff'], [17, '11']])('in CBOR: %s', (value, hex) => {
  const bytes = encodeCbor({ a: value });
  expect(bytes.toString('hex').endsWith(hex)).toBe(true);
  expect((decodeCbor(bytes).value as { a: unknown }).a).toBe(value);
});
