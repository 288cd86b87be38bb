import { expect, test } from 'vitest';
import { inTypeOrder } from './order.ts';

const POD = 'io.k8s.api.core.v1.Pod';

test.each<[string, unknown, string]>([
  ['fields as their types declare them', { spec: { restartPolicy: 'Always', containers: [{ image: 'i', name: 'a' }] }, metadata: { uid: 'u', name: 'n' }, apiVersion: 'v1', kind: 'Pod' },
    '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"n","uid":"u"},"spec":{"containers":[{"name":"a","image":"i"}],"restartPolicy":"Always"}}'],
  ['keys of maps by name', { metadata: { labels: { b: '1', a: '2' } } }, '{"metadata":{"labels":{"a":"2","b":"1"}}}'],
  ['maps in lists of structs', { spec: { containers: [{ name: 'a', resources: { limits: { memory: '1', cpu: '2' } } }] } }, '{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"2","memory":"1"}}}]}}'],
  ['who owns what stays as it was put', { metadata: { managedFields: [{ fieldsV1: { 'f:b': {}, 'f:a': {} }, manager: 'm' }] } }, '{"metadata":{"managedFields":[{"manager":"m","fieldsV1":{"f:b":{},"f:a":{}}}]}}'],
])('%s', (_name, value, text) => expect(JSON.stringify(inTypeOrder(POD, value))).toBe(text));

test('what is in order is handed back, and what is not is left as it was', () => {
  const ordered = { kind: 'Pod', metadata: { name: 'n', labels: { a: '1', b: '2' } } };
  expect(inTypeOrder(POD, ordered)).toBe(ordered);
  const other = Object.freeze({ metadata: Object.freeze({ uid: 'u', name: 'n' }) });
  inTypeOrder(POD, other);
  expect(Object.keys(other.metadata)).toEqual(['uid', 'name']);
});

test('a type without a schema has its members by name', () => expect(JSON.stringify(inTypeOrder('of nothing', { b: [{ d: 1, c: 2 }], a: 1 }))).toBe('{"a":1,"b":[{"c":2,"d":1}]}'));
