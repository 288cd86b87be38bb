import { describe, expect, test } from 'vitest';
import { jsonPatch } from './index.ts';

describe('JSON patch as upstream does it', () => {
  const original = { a: { b: 1 }, list: [1, 2], nothing: null };
  test.each<[string, object[], object]>([
    ['replace adds what is missing', [{ op: 'replace', path: '/x', value: 1 }], { ...original, x: 1 }],
    ['replace of the whole', [{ op: 'replace', path: '', value: { x: 1 } }], { x: 1 }],
    ['a copy of what is missing', [{ op: 'copy', from: '/x', path: '/y' }], { ...original, y: null }],
    ['what is missing is null', [{ op: 'test', path: '/x', value: null }], original],
    ['null is null', [{ op: 'test', path: '/nothing' }], original],
    ['null can be removed', [{ op: 'remove', path: '/nothing' }], { a: { b: 1 }, list: [1, 2] }],
    ['a place counted from the end', [{ op: 'replace', path: '/list/-1', value: 3 }], { ...original, list: [1, 3] }],
    ['a place counted from the end, to add at', [{ op: 'add', path: '/list/-1', value: 3 }], { ...original, list: [1, 2, 3] }],
    ['places with zeros and signs', [{ op: 'remove', path: '/list/+01' }], { ...original, list: [1] }],
    ['a member without a name', [{ op: 'add', path: '/', value: 1 }], { ...original, '': 1 }],
    ['a member with a name that objects have by themselves', [{ op: 'add', path: '/constructor', value: 1 }], { ...original, constructor: 1 }],
    ['escapes', [{ op: 'add', path: '/m~0n~1o', value: 1 }], { ...original, 'm~n/o': 1 }],
  ])('%s', (_name, patch, expected) => {
    expect(jsonPatch(original as never, patch as never)).toEqual(expected);
  });
  test.each<[string, object]>([
    ['a place in what is missing', { op: 'add', path: '/x/y', value: 1 }], ['a place in null', { op: 'replace', path: '/nothing/x', value: 1 }], ['what is missing, to remove', { op: 'remove', path: '/x' }],
    ['what is missing, to move', { op: 'move', from: '/x', path: '/y' }], ['a place that a list does not have', { op: 'replace', path: '/list/2', value: 1 }], ['one too far to add at', { op: 'add', path: '/list/4', value: 1 }],
    ['the whole to add', { op: 'add', path: '', value: {} }], ['another value', { op: 'test', path: '/a', value: { b: 2 } }], ['a scalar for the whole', { op: 'replace', path: '', value: 1 }],
  ])('%s is refused', (_name, operation) => {
    expect(() => jsonPatch(original as never, [operation] as never)).toThrow(expect.objectContaining({ code: 422 }));
  });
});
