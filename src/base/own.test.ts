import { expect, test } from 'vitest';
import { setOwn } from './own.ts';

test.each(['__proto__', 'constructor', 'toString', 'a', ''])('a key "%s" is the object\'s own, and may be set again', (key) => {
  const object: Record<string, unknown> = {};
  setOwn(object, key, { x: 1 });
  setOwn(object, key, { x: 2 });
  expect(JSON.stringify(object)).toBe(JSON.stringify(Object.fromEntries([[key, { x: 2 }]])));
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
});
