/** Strategic merge patches, row by row: what comes of them, and in which words they are refused. */
import { describe, expect, test } from 'vitest';
import { strategicMergePatch, type Json, type JsonObject } from './index.ts';

const pod = 'io.k8s.api.core.v1.Pod';
const finalizers = (...names: string[]): JsonObject => ({ metadata: { finalizers: names } });
const containers = (...items: Json[]): JsonObject => ({ spec: { containers: items } });
const named = (...names: string[]): JsonObject => containers(...names.map((name) => ({ name })));

describe('what comes of a patch', () => {
  test.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['new scalars come before those of the server', finalizers('h', 'g'), finalizers('f'), finalizers('f', 'h', 'g')],
    ['scalars that both have stand in the order of the patch', finalizers('g', 'f'), finalizers('f', 'g'), finalizers('f', 'g')],
    ['new items come before those of the server', named('a', 'b'), named('c'), named('c', 'a', 'b')],
    ['items that both have keep their place among those of the server', named('a', 'b', 'c'), named('b'), named('a', 'b', 'c')],
    ['an order puts items where the server has none', named('a', 'b'), { spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }], containers: [{ name: 'c' }] } }, named('c', 'a', 'b')],
    ['an order alone orders', named('a', 'b', 'c'), { spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] } }, named('b', 'c', 'a')],
    ['nulls of what is new are left out', { spec: {} }, { spec: { containers: [{ name: 'a', image: null }], nodeSelector: { a: null } } }, { spec: { containers: [{ name: 'a' }], nodeSelector: {} } }],
    ['a directive in what is new takes all of it along', {}, { spec: { $patch: 'replace', nodeName: 'x' } }, {}],
    ['$patch: delete empties an object', { spec: { nodeName: 'x' } }, { spec: { $patch: 'delete' } }, { spec: {} }],
    ['$patch: replace of a list keeps its other items', named('a'), containers({ name: 'b', $patch: 'replace' }, { name: 'c' }), named('c')],
    ['scalars are taken out after others have come', finalizers('a', 'b'), { metadata: { finalizers: ['c'], '$deleteFromPrimitiveList/finalizers': ['a'] } }, finalizers('c', 'b')],
    ['a list of scalars to take out that is no list does nothing', finalizers('a'), { metadata: { '$deleteFromPrimitiveList/finalizers': 'a' } }, finalizers('a')],
    ['a value of another type replaces', { spec: { nodeSelector: { a: 'b' } } }, { spec: { nodeSelector: ['x'] } }, { spec: { nodeSelector: ['x'] } }],
  ])('%s', (_name, original, patch, expected) => {
    expect(strategicMergePatch(original, patch, pod)).toEqual(expected);
  });
});

describe('what is refused', () => {
  test.each<[string, JsonObject, JsonObject, string]>([
    ['an unknown directive', { spec: {} }, { spec: { $patch: 'bogus' } }, 'unknown patch type: bogus in map: map[$patch:bogus]'],
    ['a directive that is no text', { spec: {} }, { spec: { $patch: 5 } }, 'unknown patch type: %!s(int64=5) in map: map[$patch:5]'],
    ['an unknown directive of an item', named('a'), containers({ name: 'a', $patch: 'bogus' }), 'unknown patch type: bogus in map: map[$patch:bogus name:a]'],
    ['an item to merge', named('a'), containers({ name: 'a', $patch: 'merge' }), 'merging lists cannot yet be specified in the patch'],
    ['keys to retain that miss one of the patch', { spec: {} }, { spec: { $retainKeys: ['nodeName'], hostname: 'x' } }, 'invalid patch format of retainKeys'],
    ['keys to retain that are no list', { spec: {} }, { spec: { $retainKeys: 'x' } }, 'invalid patch format of retainKeys'],
    ['an item without its key', named('a'), containers({ image: 'x' }), 'map: map[image:x] does not contain declared merge key: name'],
    ['items of several types', finalizers('a'), { metadata: { finalizers: ['b', 5] } }, 'list element types are not identical: [[a] [b 5]]'],
    ['an order of nothing', finalizers(), { metadata: { '$setElementOrder/finalizers': ['a'], finalizers: [] } }, 'no elements in any of the given slices'],
    ['an order that is no list', finalizers('a'), { metadata: { '$setElementOrder/finalizers': 'x' } }, 'expected a []interface {}, but received a string'],
    ['an order of a field that is no list', { spec: {} }, { spec: { '$setElementOrder/nodeName': [] } }, 'expected slice or array type, but got: struct'],
    ['an order of an unknown field', { spec: {} }, { spec: { '$setElementOrder/foo': [] } }, 'unable to find api field in struct PodSpec for the json field "foo"'],
    ['an order that contradicts the list', finalizers('a'), { metadata: { '$setElementOrder/finalizers': ['b', 'a'], finalizers: ['a', 'b'] } },
      "The order in patch list:\n[a b]\n doesn't match $setElementOrder list:\n[b a]\n"],
    ['lists of lists', finalizers('a'), { metadata: { finalizers: [[]] } }, 'list element types are not identical: [[a] [[]]]'],
  ])('%s', (_name, original, patch, message) => {
    expect(() => strategicMergePatch(original, patch, pod)).toThrow(expect.objectContaining({ message }) as Error);
  });
});
