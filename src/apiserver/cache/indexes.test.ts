import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFieldSelector, parseLabelSelector } from '../../api/meta/selectors.ts';
import { sortKeys } from '../../store/sorted-keys.ts';
import { CacheIndexes, INDEX_MINIMUM_OBJECTS, LABEL_INDEX_IDLE_LISTS, LABEL_INDEXES_LIMIT } from './indexes.ts';
import type { CachedObject } from './object.ts';
import { selects, type Selection } from './watcher.ts';

const object = (key: string, labels?: Record<string, string>, node = ''): CachedObject => ({ key, namespace: 'n', name: key, facts: { labels, fields: { node } } }) as unknown as CachedObject;
const labelled = (text: string): Selection => ({ namespace: '', labels: parseLabelSelector(text), fields: undefined });

/** As many objects as an index is made for, each with labels of its own choice. */
function filled(labelsOf: (i: number) => Record<string, string> | undefined, count = INDEX_MINIMUM_OBJECTS): Map<string, CachedObject> {
  return new Map(Array.from({ length: count }, (_, i) => [`k${i}`, object(`k${i}`, labelsOf(i))]));
}

describe('lists by label', () => {
  const tenths = (i: number): Record<string, string> => ({ tenth: String(i % 10), half: String(i % 2), all: 'x' });

  test.each<[string, string, number | undefined]>([
    ['one value', 'tenth=3', 20],
    ['one value in a list', 'tenth in (3)', 20],
    ['the value that leaves the fewest', 'half=1,tenth=3', 20],
    ['a value that nothing has', 'tenth=99', 0],
    ['a label that nothing has', 'none=1', 0],
    ['a name that objects have by nature', 'constructor=1', 0],
    ['a value that too many have', 'all=x', undefined],
    ['several values', 'tenth in (3,4)', undefined],
    ['anything but a value', 'tenth!=3', undefined],
    ['any value', 'tenth', undefined],
  ])('%s', (_name, text, size) => expect(new CacheIndexes(filled(tenths), undefined).candidates(labelled(text))?.size).toBe(size));

  test('few objects are looked at one by one', () => expect(new CacheIndexes(filled(tenths, INDEX_MINIMUM_OBJECTS - 1), undefined).candidates(labelled('tenth=3'))).toBeUndefined());

  test('labels beyond the limit have to wait until one is out of use', () => {
    const indexes = new CacheIndexes(filled(() => undefined), undefined);
    for (let i = 0; i < LABEL_INDEXES_LIMIT; i++) expect(indexes.candidates(labelled(`l${i}=1`))).toBeDefined();
    expect(indexes.candidates(labelled('late=1'))).toBeUndefined();
    for (let i = 0; i < LABEL_INDEX_IDLE_LISTS; i++) indexes.candidates(labelled('l1=1'));
    expect(indexes.candidates(labelled('late=1'))).toBeDefined();
  });
});

test('whatever changes, an index gives all that a selection chooses', () => {
  const labels = fc.option(fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2', ''), { maxKeys: 2 }), { nil: undefined });
  const change = fc.record({ key: fc.integer({ min: 0, max: 30 }), gone: fc.boolean(), labels, node: fc.constantFrom('', 'x', 'y') });
  const selections: Selection[] = [labelled('a=1'), labelled('b=2'), labelled('a=1,b='), { namespace: '', labels: undefined, fields: parseFieldSelector('node=x') }, { ...labelled('a=2'), fields: parseFieldSelector('node=y') }];
  fc.assert(fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
    const objects = filled(() => ({ other: '1' }));
    const indexes = new CacheIndexes(objects, 'node');
    for (const { key, gone, labels: now, node } of changes) {
      for (const selection of selections) {
        const found = indexes.candidates(selection);
        const chosen = [...objects.values()].filter((one) => selects(selection, one)).map((one) => one.key);
        if (found !== undefined) expect(chosen.filter((one) => !found.has(one))).toEqual([]);
      }
      const previous = objects.get(`c${key}`);
      const next = gone ? undefined : object(`c${key}`, now, node);
      if (next === undefined) objects.delete(`c${key}`);
      else objects.set(`c${key}`, next);
      indexes.change(previous, next);
    }
  }), { numRuns: 30, seed: 5 });
});

test('keys sort by their bytes', () => {
  expect(sortKeys(['b', 'a', 'a/b'])).toEqual(['a', 'a/b', 'b']);
  expect(sortKeys(['\ud83d\ude00', '\uff5e', 'z'])).toEqual(['z', '\uff5e', '\ud83d\ude00']);
});
