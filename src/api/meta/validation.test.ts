import { describe, expect, test } from 'vitest';
import { FieldPath } from './field.ts';
import { subdomainName } from './names.ts';
import type { LabelSelector, ObjectMeta } from './v1/types.ts';
import { sameValue, validateConditions, validateLabelSelector, validateObjectMeta, validateObjectMetaUpdate } from './validation.ts';

const rules = { namespaced: true, name: subdomainName };
const valid: ObjectMeta = { name: 'web', namespace: 'default' };
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true };
const text = (errors: { field: string; detail: string }[]): string[] => errors.map((error) => `${error.field}: ${error.detail}`);

describe('metadata of a new object', () => {
  test.each<[string, ObjectMeta, string[]]>([
    ['valid', valid, []],
    ['no name', { namespace: 'default' }, ['metadata.name: Required value: name or generateName is required']],
    ['no namespace', { name: 'web' }, ['metadata.namespace: Required value']],
    ['a label key that is none', { ...valid, labels: { 'a/b/c': 'd' } }, [
      "metadata.labels: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ]],
    ['annotations too large', { ...valid, annotations: { a: 'x'.repeat(262144) } }, ['metadata.annotations: Too long: may not be more than 262144 bytes']],
    ['annotation keys in capitals', { ...valid, annotations: { 'Example.COM/a': 'b' } }, []],
    ['an owner without a uid', { ...valid, ownerReferences: [{ ...owner, uid: '' }] }, ['metadata.ownerReferences.uid: Invalid value: "": must not be empty']],
    ['two controllers', { ...valid, ownerReferences: [owner, { ...owner, name: 'b', uid: 'v' }] }, [
      `metadata.ownerReferences: Invalid value: ${JSON.stringify([owner, { ...owner, name: 'b', uid: 'v' }])}: Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/web and ReplicaSet/b`,
    ]],
    ['a finalizer without a domain', { ...valid, finalizers: ['mine'] }, ['metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified']],
    ['orphan and foreground', { ...valid, finalizers: ['orphan', 'foregroundDeletion'] }, ['metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set']],
    ['managed fields of an unknown operation', { ...valid, managedFields: [{ operation: 'Take', fieldsType: 'V2' }] }, [
      'metadata.managedFields[0].operation: Invalid value: "Take": must be `Apply` or `Update`', 'metadata.managedFields[0].fieldsType: Invalid value: "V2": must be `FieldsV1`',
    ]],
  ])('%s', (_name, meta, expected) => {
    expect(text(validateObjectMeta(meta, rules))).toEqual(expected);
  });
  test('kinds of the cluster have no namespace', () => {
    expect(text(validateObjectMeta(valid, { ...rules, namespaced: false }))).toEqual(['metadata.namespace: Forbidden: not allowed on this type']);
  });
  test('custom resources may have any finalizer', () => {
    expect(validateObjectMeta({ ...valid, finalizers: ['mine'] }, { ...rules, anyFinalizer: true })).toEqual([]);
  });
});

describe('metadata of a changed object', () => {
  const old: ObjectMeta = { ...valid, uid: 'u', resourceVersion: '1', generation: 2, creationTimestamp: '2026-01-01T00:00:00Z' };
  test.each<[string, Partial<ObjectMeta>, Partial<ObjectMeta>, string[]]>([
    ['nothing', {}, {}, []],
    ['no version', { resourceVersion: '' }, {}, ['metadata.resourceVersion: Invalid value: "": must be specified for an update']],
    ['a lower generation', { generation: 1 }, {}, ['metadata.generation: Invalid value: 1: must not be decremented']],
    ['another name', { name: 'b' }, {}, ['metadata.name: Invalid value: "b": field is immutable']],
    ['no uid', { uid: '' }, {}, ['metadata.uid: Invalid value: "": field is immutable']],
    ['an owner without a version', { ownerReferences: [{ apiVersion: 'a/b/c', kind: 'K', name: 'n', uid: 'u' }] }, {}, ['metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty']],
    ['an owner without a name', { ownerReferences: [{ apiVersion: 'v1', kind: 'K', name: '', uid: 'u' }] }, {}, ['metadata.ownerReferences.name: Invalid value: "": must not be empty']],
    ['another time', { creationTimestamp: '2026-01-01T00:00:01Z' }, {}, ['metadata.creationTimestamp: Invalid value: "2026-01-01T00:00:01Z": field is immutable']],
    ['an event for an owner', { ownerReferences: [{ apiVersion: '/v1', kind: 'Event', name: 'n', uid: 'u' }] }, {}, ['metadata.ownerReferences: Invalid value: {"apiVersion":"/v1","kind":"Event","name":"n","uid":"u"}: /v1, Kind=Event is disallowed from being an owner']],
    ['a long domain of a label', { labels: { [`${'a.'.repeat(127)}b/c`]: '' } }, {}, [`metadata.labels: Invalid value: "${'a.'.repeat(127)}b/c": prefix part must be no more than 253 bytes`]],
    ['a finalizer twice while being deleted', { deletionTimestamp: 't', finalizers: ['a.b/\u007f', 'a.b/\u007f'] }, { deletionTimestamp: 't' }, [
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/\\x7f"}',
    ]],
    ['a finalizer while being deleted', { deletionTimestamp: 't', finalizers: ['a.b/c'] }, { deletionTimestamp: 't' }, [
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/c"}',
    ]],
  ])('%s', (_name, change, before, expected) => {
    expect(text(validateObjectMetaUpdate({ ...old, ...change }, { ...old, ...before }))).toEqual(expected);
  });
});

test.each<[string, LabelSelector, string[]]>([
  ['valid', { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, []],
  ['In without values', { matchExpressions: [{ key: 'a', operator: 'In' }] }, ["s.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"]],
  ['Exists with values', { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] }, ["s.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"]],
  ['an unknown operator', { matchExpressions: [{ key: 'a', operator: 'Is' }] }, ['s.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator']],
])('selector: %s', (_name, selector, expected) => {
  expect(text(validateLabelSelector(new FieldPath('s'), selector))).toEqual(expected);
});

test('conditions', () => {
  const condition = { type: 'Ready', status: 'Maybe', lastTransitionTime: '', reason: '', message: '' };
  expect(text(validateConditions(new FieldPath('c'), [condition, { ...condition, status: 'True', lastTransitionTime: 't', reason: 'Ok' }]))).toEqual([
    'c[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"', 'c[0].lastTransitionTime: Required value', 'c[0].reason: Required value', 'c[1].type: Duplicate value: "Ready"',
  ]);
});

test.each<[unknown, unknown, boolean]>([
  [{ a: [] }, {}, true], [{ labels: {} }, {}, true], [{ emptyDir: {} }, {}, false], [{ a: 1 }, { a: 1, b: null }, true], [{ a: [1, 2] }, { a: [2, 1] }, false], ['1', 1, false], [{ a: 0 }, {}, false],
])('%j and %j are the same: %s', (a, b, same) => {
  expect([sameValue(a, b), sameValue(b, a)]).toEqual([same, same]);
});
