import { expect, describe, test } from 'vitest';
import { asLine, bytesOfLine, escaped, lineOf, sortedJson, withoutRevisionInJson, withRevisionInJson } from './go-json.ts';

describe('members in the order of their names', () => {
  test.each<[string, unknown, string]>([
    ['at every depth', { b: { z: 1, a: [{ y: 1, x: 2 }] }, a: null }, '{"a":null,"b":{"a":[{"x":2,"y":1}],"z":1}}'],
    ['digits are texts too', { 9: 1, 10: 2 }, '{"10":2,"9":1}'],
    ['what is undefined is left out', { a: undefined, b: [undefined] }, '{"b":[null]}'],
    ['nothing', {}, '{}'],
    ['a key that all objects have', JSON.parse('{"z":1,"__proto__":{"b":1,"a":2}}'), '{"__proto__":{"a":2,"b":1},"z":1}'],
  ])('%s', (_name, value, text) => expect(sortedJson(value)).toBe(text));
});

test('characters that are escaped', () => expect(escaped(JSON.stringify('<a> & \u2028\u2029 "ü"'))).toBe(String.raw`"\u003ca\u003e \u0026 \u2028\u2029 \"ü\""`));

describe('resourceVersion', () => {
  const typed = { head: Buffer.from('{"kind":"A","apiVersion":"v1","metadata":{') };
  const sorted = { head: Buffer.from('{"apiVersion":"v1",'), sorted: true };
  test.each<[string, typeof typed & { sorted?: boolean }, string, string]>([
    ['behind name and uid', typed, '{"kind":"A","apiVersion":"v1","metadata":{"name":"\\"a","uid":"u","labels":{}}}', '{"kind":"A","apiVersion":"v1","metadata":{"name":"\\"a","uid":"u","resourceVersion":"7","labels":{}}}'],
    ['last', typed, '{"kind":"A","apiVersion":"v1","metadata":{"name":"a"},"spec":{}}', '{"kind":"A","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"7"},"spec":{}}'],
    ['alone', typed, '{"kind":"A","apiVersion":"v1","metadata":{}}', '{"kind":"A","apiVersion":"v1","metadata":{"resourceVersion":"7"}}'],
    ['by its name', sorted, '{"apiVersion":"v1","data":{"metadata":{"uid":"}"}},"kind":"A","metadata":{"labels":{"uid":"1","z":"2"},"name":"a","uid":"u"},"z":[1,{"b":[]}]}', '{"apiVersion":"v1","data":{"metadata":{"uid":"}"}},"kind":"A","metadata":{"labels":{"uid":"1","z":"2"},"name":"a","resourceVersion":"7","uid":"u"},"z":[1,{"b":[]}]}'],
    ['behind members that come before the version', sorted, '{"a":{"apiVersion":"x"},"aZ":1,"apiVersion":"v1","kind":"A","metadata":{"name":"a"}}', '{"a":{"apiVersion":"x"},"aZ":1,"apiVersion":"v1","kind":"A","metadata":{"name":"a","resourceVersion":"7"}}'],
    ['by its name, last', sorted, '{"apiVersion":"v1","kind":"A","metadata":{"name":"a"}}', '{"apiVersion":"v1","kind":"A","metadata":{"name":"a","resourceVersion":"7"}}'],
    ['by its name, alone', sorted, '{"apiVersion":"v1","kind":"A","metadata":{}}', '{"apiVersion":"v1","kind":"A","metadata":{"resourceVersion":"7"}}'],
  ])('%s', (_name, form, stored, shown) => {
    const out = withRevisionInJson(form, lineOf(stored), 7)!;
    expect(out.toString()).toBe(shown);
    expect(withoutRevisionInJson(form, out).equals(lineOf(stored))).toBe(true);
    expect(asLine(out).buffer).toBe(out.buffer);
  });

  test.each<[string, typeof typed & { sorted?: boolean }, string]>([
    ['another kind', typed, '{"kind":"B","apiVersion":"v1","metadata":{}}\n'],
    ['no line feed: written before members had an order', typed, '{"kind":"A","apiVersion":"v1","metadata":{}}'],
    ['spaces', sorted, '{"apiVersion":"v1", "kind":"A","metadata":{}}\n'],
    ['another version behind other members', sorted, '{"a":1,"apiVersion":"v2","kind":"A","metadata":{}}\n'],
    ['no metadata', sorted, '{"apiVersion":"v1","kind":"A"}\n'],
    ['one that is there', sorted, '{"apiVersion":"v1","kind":"A","metadata":{"resourceVersion":"3"}}\n'],
    ['cut off', sorted, '{"apiVersion":"v1","kind":"A","metadata":{"na\n'],
  ])('not into %s', (_name, form, stored) => expect(withRevisionInJson(form, Buffer.from(stored), 7)).toBeUndefined());
});

test('a line feed is found behind the bytes, or added to a copy', () => {
  expect(Buffer.from(asLine(bytesOfLine('{}'))).toString()).toBe('{}\n');
  const piece = Buffer.from('{}\n{}').subarray(0, 2);
  expect(Buffer.from(asLine(piece)).toString()).toBe('{}\n');
});
