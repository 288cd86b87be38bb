import { expect, test } from 'vitest';
import { quote } from './quote.ts';

test.each([
  ['plain', 'a b', '"a b"'], ['quotes and backslashes', 'a"b\\c', String.raw`"a\"b\\c"`], ['named control characters', '\u0007\b\f\n\r\t\v', String.raw`"\a\b\f\n\r\t\v"`],
  ['other control characters', '\u0000\u0001\u007F', String.raw`"\x00\x01\x7f"`], ['letters of any script', 'é日本😀', '"é日本😀"'],
  ['what is no character to print', '\u0080\u00A0\u00AD\u2028\uFEFF\u{E0001}', String.raw`"\u0080\u00a0\u00ad\u2028\ufeff\U000e0001"`], ['half a character', '\uD800', '"\uFFFD"'],
])('%s', (_name, text, expected) => {
  expect(quote(text)).toBe(expected);
});
