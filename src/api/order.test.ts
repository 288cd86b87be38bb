import { expect, test } from 'vitest';
import { parseWritten } from './empty-lists.ts';
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

const K8S = 'io.k8s.api';
const written: [string, string, object, string][] = [
  ['a role without rules', `${K8S}.rbac.v1.Role`, { metadata: {}, rules: [] }, '{"metadata":{},"rules":null}'],
  ['a rule without verbs', `${K8S}.rbac.v1.Role`, { metadata: {}, rules: [{ verbs: [], resources: [] }] }, '{"metadata":{},"rules":[{"verbs":null,"resources":[]}]}'],
  ['a slice of no endpoints and no ports', `${K8S}.discovery.v1.EndpointSlice`, { metadata: {}, addressType: 'IPv4', endpoints: [], ports: [] }, '{"metadata":{},"addressType":"IPv4","endpoints":null,"ports":null}'],
  ['a reference into the core group', `${K8S}.core.v1.PersistentVolumeClaimSpec`, { dataSource: { kind: 'PersistentVolumeClaim', name: 'a' }, resources: {} }, '{"resources":{},"dataSource":{"apiGroup":null,"kind":"PersistentVolumeClaim","name":"a"}}'],
  ['a deployment that selects nothing', `${K8S}.apps.v1.DeploymentSpec`, { template: {}, replicas: 1, strategy: {} }, '{"replicas":1,"selector":null,"template":{},"strategy":{}}'],
  ['who asks for a certificate', `${K8S}.certificates.v1.CertificateSigningRequestSpec`, { request: 'Yg==', signerName: 's', extra: { b: ['x'], a: [] } }, '{"request":"Yg==","signerName":"s","extra":{"a":[],"b":["x"]}}'],
];

test.each(written)('null for what is always written and is not there: %s', (_name, schema, object, text) => {
  expect(JSON.stringify(inTypeOrder(schema, object))).toBe(text);
  expect(parseWritten(schema, text)).toEqual(object);
});

test('raw JSON stays as it came, and schemas have their values by name', () => {
  expect(JSON.stringify(inTypeOrder(`${K8S}.apps.v1.ControllerRevision`, { revision: 1, data: { b: { d: 1, c: [] }, a: null } }))).toBe('{"data":{"b":{"d":1,"c":[]},"a":null},"revision":1}');
  expect(JSON.stringify(inTypeOrder('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps', { default: { b: 1, a: 2 } }))).toBe('{"default":{"a":2,"b":1}}');
});

test('a type without a schema has its members by name', () => expect(JSON.stringify(inTypeOrder('of nothing', { b: [{ d: 1, c: 2 }], a: 1 }))).toBe('{"a":1,"b":[{"c":2,"d":1}]}'));
