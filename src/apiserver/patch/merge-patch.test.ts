import { expect, test } from 'vitest';
import { mergePatch } from './index.ts';

test('lists of a merge patch hold no nulls in their objects, but where one takes the place of an object', () => {
  const list = [{ x: null, y: [{ z: null }, null] }];
  expect(mergePatch({ a: [] }, { a: list })).toEqual({ a: [{ y: [{}, null] }] });
  expect(mergePatch({}, { a: list })).toEqual({ a: [{ y: [{}, null] }] });
  expect(mergePatch({ a: {} }, { a: list })).toEqual({ a: list });
});
