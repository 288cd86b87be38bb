import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedKeys } from './sorted-keys.ts';

const inByteOrder = (keys: Iterable<string>): string[] => [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Letters whose order in UTF-16 is not that of their bytes, among some that are plain. */
const key = fc.array(fc.constantFrom('a', 'b', '/', '\u{1f600}', '\uffff', 'é'), { minLength: 1, maxLength: 4 }).map((letters) => letters.join(''));
const plainKey = fc.array(fc.constantFrom('a', 'b', 'c', '/'), { minLength: 1, maxLength: 6 }).map((letters) => letters.join(''));

test('always: keys come in the order of their bytes, whatever came and went, and prefixes find them all', () => {
  const step = fc.oneof({ weight: 3, arbitrary: plainKey }, key).chain((name) => fc.boolean().map((adds) => ({ name, adds })));
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.oneof(key, plainKey), fc.option(fc.oneof(key, plainKey), { nil: undefined }), (steps, prefix, after) => {
    const keys = new SortedKeys();
    const naive = new Set<string>();
    for (const { name, adds } of steps) {
      if (adds) {
        keys.add(name);
        naive.add(name);
      } else {
        keys.remove(name);
        naive.delete(name);
      }
    }
    expect(keys.size).toBe(naive.size);
    expect([...keys.range('')]).toEqual(inByteOrder(naive));
    const expected = inByteOrder(naive).filter((name) => name.startsWith(prefix) && (after === undefined || Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0));
    expect([...keys.range(prefix, after)]).toEqual(expected);
    expect(keys.count(prefix, after)).toBe(expected.length);
  }), { seed: 20_261, numRuns: 1_000 });
});

test('always: many keys, over many chunks, stay in order', () => {
  const keys = new SortedKeys();
  const names = Array.from({ length: 5_000 }, (_, i) => `/registry/pods/ns-${i % 7}/pod-${(i * 7_919) % 5_000}`);
  for (const name of names) keys.add(name);
  expect([...keys.range('/registry/pods/ns-3/')]).toEqual(inByteOrder(new Set(names)).filter((name) => name.startsWith('/registry/pods/ns-3/')));
  for (const name of names.slice(0, 4_990)) keys.remove(name);
  expect([...keys.range('')]).toEqual(inByteOrder(new Set(names.slice(4_990))));
});
