/** Requests for custom resources and upstream's answers to them: statuses, words, and bytes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../store/memory.ts';
import { definitionOf, startRig, type Rig } from './rig.fixture.ts';

let rig: Rig;
const base = '/apis/example.com/v1/namespaces/default/widgets';
const merge = { 'content-type': 'application/merge-patch+json' };
const json = { 'content-type': 'application/json-patch+json' };
const apply = { 'content-type': 'application/apply-patch+yaml' };

beforeAll(async () => {
  rig = await startRig({ backend: memoryBackend() });
  await rig.define(definitionOf());
  await rig.send('POST', base, { metadata: { name: 'a', finalizers: ['example.com/b'] }, spec: { size: 1 }, kind: 'Widget', apiVersion: 'example.com/v1' });
});
afterAll(() => rig.stop());

describe('words', () => {
  test.each<[string, string, string, unknown, Record<string, string>, number, string]>([
    ['a verb that the collection has not', 'OPTIONS', base, undefined, {}, 405, ' is not supported on resources of kind "widgets.example.com"'],
    ['a subresource that is not there', 'GET', `${base}/a/none`, undefined, {}, 404, 'widgets.example.com "a" not found'],
    ['a PUT of the collection', 'PUT', base, {}, {}, 400, 'name must be provided'],
    ['a body without a kind', 'POST', base, {}, {}, 400, "the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{}' ({})"],
    ['a merge patch that is none', 'PATCH', `${base}/a`, [], merge, 400, 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['a JSON patch that is none', 'PATCH', `${base}/a`, {}, json, 400, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
    ['an operation that nobody knows', 'PATCH', `${base}/a`, [{ op: 'foo', path: '/spec' }], json, 400, 'invalid operation {"op":"foo","path":"/spec"}: unsupported operation'],
    ['an operation without a value', 'PATCH', `${base}/a`, [{ op: 'add', path: '/spec' }], json, 400, 'invalid operation {"op":"add","path":"/spec"}: failed to decode \'value\': operation, missing value field: missing value'],
    ['an apply of another version', 'PATCH', `${base}/a?fieldManager=m`, { apiVersion: 'example.com/v9', kind: 'Widget' }, apply, 400, 'invalid object type: example.com/v9, Kind=Widget'],
    ['an apply of nothing', 'PATCH', `${base}/a?fieldManager=m`, 'null', apply, 400, 'invalid object type: /, Kind='],
    ['a patch that takes the version away', 'PATCH', `${base}/a`, { metadata: { resourceVersion: null } }, merge, 422, 'widgets.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update'],
    ['a body of a delete that is no options', 'DELETE', `${base}/a`, { kind: 'Widget', apiVersion: 'example.com/v1' }, {}, 400, 'no kind "Widget" is registered for version "example.com/v1" in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"'],
    ['a limit that is empty', 'GET', `${base}?limit=`, undefined, {}, 400, 'strconv.ParseInt: parsing "": invalid syntax'],
  ])('%s', async (_name, method, path, body, headers, status, message) => {
    const answer = await rig.send(method as 'GET', path, body, headers);
    expect([answer.status, answer.body.message]).toEqual([status, message]);
  });
});

test('members in the order of their names, a line feed at the end', async () => {
  const { text } = await rig.send('GET', `${base}/a`);
  expect(text).toMatch(/^\{"apiVersion":"example\.com\/v1","kind":"Widget","metadata":\{"creationTimestamp":"[^"]*","finalizers":\["example\.com\/b"\],"generation":1,"managedFields":\[\{"apiVersion":.*\],"name":"a","namespace":"default","resourceVersion":"\d+","uid":"[^"]*"\},"spec":\{"size":1\}\}\n$/);
});

test('nobody owns the metadata itself', async () => {
  const { body } = await rig.send('GET', `${base}/a`);
  expect(body.metadata.managedFields[0].fieldsV1['f:metadata']).toEqual({ 'f:finalizers': { '.': {}, 'v:"example.com/b"': {} } });
});
