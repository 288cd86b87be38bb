import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import { definitionOf, eventually, startRig, startWebhook, type Rig, type TestWebhook } from './rig.fixture.ts';

type Loose = Record<string, unknown>;
const group = 'admitted.example.com';
const base = `/apis/${group}/v1/namespaces/default/widgets`;

let change: (object: Loose) => void = () => undefined;
let shown: string[] = [];
let rig: Rig;
let webhook: TestWebhook;

/** What a change has done to the fields of an object, as a JSON patch. */
function patchOf(before: Loose): object[] {
  const after = structuredClone(before);
  change(after);
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return fields.map((field) => (field in after ? { op: 'add', path: `/${field}`, value: after[field] } : { op: 'remove', path: `/${field}` }));
}

beforeAll(async () => {
  rig = await startRig();
  webhook = await startWebhook((body) => {
    const { request, apiVersion, kind } = JSON.parse(body) as { request: { uid: string; object: Loose }; apiVersion: string; kind: string };
    shown.push(JSON.stringify(request.object));
    const patch = Buffer.from(JSON.stringify(patchOf(request.object))).toString('base64');
    return JSON.stringify({ apiVersion, kind, response: { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch } });
  });
  const schema: JSONSchemaProps = { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string' }, i: { type: 'integer' }, d: { type: 'string', default: 'dd' as never } } }, status: { type: 'object', properties: { s: { type: 'string' } } } } };
  await rig.define(definitionOf({ group, versions: ['v1', 'v2'].map((name) => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: schema }, subresources: { status: {} } })) }));
  const made = await rig.send('POST', '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', {
    apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata: { name: 'spoiler' }, webhooks: [{
      name: 'spoiler.example.com', clientConfig: { url: webhook.url, caBundle: webhook.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'],
      rules: [{ apiGroups: [group], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['widgets'] }],
    }],
  });
  expect(made.status, made.text).toBe(201);
  change = (object) => void Object.assign(object['metadata'] as object, { labels: { seen: 'yes' } });
  await eventually(async () => expect((await rig.send('POST', `${base}?dryRun=All`, { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'first' } })).body.metadata.labels).toEqual({ seen: 'yes' }));
});
afterAll(async () => {
  await webhook.close();
  await rig.stop();
});

const metadata = (fields: Loose) => (object: Loose): void => void Object.assign(object['metadata'] as object, fields);
const all = (fields: Loose) => (object: Loose): void => void Object.assign(object, fields);
const without = (field: string) => (object: Loose): void => void delete object[field];

describe('a custom resource that admission has changed', () => {
  const rows: [name: string, how: typeof change, created: [number, unknown], updated: [number, unknown]][] = [
    ['its kind', all({ kind: 'Other' }), [422, `Other.${group} "x" is invalid: kind: Invalid value: "Other": must be Widget`], [422, `Other.${group} "x" is invalid: kind: Invalid value: "Other": must be Widget`]],
    ['its kind away', without('kind'), [500, expect.stringContaining("Internal error occurred: Object 'Kind' is missing in '{")], [500, expect.stringContaining("Internal error occurred: Object 'Kind' is missing in '{")]],
    ['its version, to another that there is', all({ apiVersion: `${group}/v2` }), [201, undefined], [200, undefined]],
    ['its group', all({ apiVersion: 'x/v1' }), [500, `x/v1, Kind=Widget is unstructured and is not suitable for converting to "${group}/v1"`], [500, `x/v1, Kind=Widget is unstructured and is not suitable for converting to "${group}/v1"`]],
    ['its version away', without('apiVersion'), [500, `/, Kind=Widget is unstructured and is not suitable for converting to "${group}/v1"`], [500, `/, Kind=Widget is unstructured and is not suitable for converting to "${group}/v1"`]],
    ['its namespace', metadata({ namespace: 'other' }), [400, 'the namespace of the provided object does not match the namespace sent on the request'], [400, 'the namespace of the provided object does not match the namespace sent on the request']],
    ['its namespace away', metadata({ namespace: undefined }), [201, undefined], [200, undefined]],
    ['its resourceVersion', metadata({ resourceVersion: '5' }), [500, 'resourceVersion should not be set on objects to be created'], [409, `Operation cannot be fulfilled on widgets.${group} "x": the object has been modified; please apply your changes to the latest version and try again`]],
    ['a field to null', (object) => void ((object['spec'] as Loose)['i'] = null), [422, `Widget.${group} "x" is invalid: spec.i: Invalid value: "null": spec.i in body must be of type integer: "null"`], [422, `Widget.${group} "x" is invalid: spec.i: Invalid value: "null": spec.i in body must be of type integer: "null"`]],
    ['its spec to null', all({ spec: null }), [422, `Widget.${group} "x" is invalid: spec: Invalid value: "null": spec in body must be of type object: "null"`], [422, `Widget.${group} "x" is invalid: spec: Invalid value: "null": spec in body must be of type object: "null"`]],
    ['when it was created', metadata({ creationTimestamp: '2020-01-01T00:00:00Z' }), [201, undefined], [200, undefined]],
  ];
  test.each(rows)('%s', async (_name, how, created, updated) => {
    const object = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'x', labels: { l: 'm' } }, spec: { a: 'b' } };
    const told = ({ status, body }: Awaited<ReturnType<Rig['send']>>): unknown[] => [status, status < 300 ? undefined : (body as { message: string }).message];
    change = how;
    expect(told(await rig.send('POST', base, object))).toEqual(created);
    change = () => undefined;
    await rig.send('DELETE', `${base}/x`);
    const { body } = await rig.send('POST', base, object);
    change = how;
    expect(told(await rig.send('PATCH', `${base}/x`, { spec: { a: 'c' } }))).toEqual(updated);
    change = () => undefined;
    const now = (await rig.send('GET', `${base}/x`)).body;
    expect(now).toMatchObject({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { namespace: 'default', uid: body.metadata.uid, creationTimestamp: body.metadata.creationTimestamp }, spec: { a: updated[0] === 200 ? 'c' : 'b', d: 'dd' } });
    await rig.send('DELETE', `${base}/x`);
  });

  test('is shown, when it is new, without what upstream gives it afterwards, and with the status that the client has sent', async () => {
    shown = [];
    const made = await rig.send('POST', base, { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'seen', labels: { l: 'm' } }, spec: { a: 'b' }, status: { s: 't' } });
    const { metadata: { managedFields, ...rest }, ...object } = JSON.parse(shown[0]!) as { metadata: { managedFields: unknown[] } } & Loose;
    expect([rest, object]).toEqual([{ labels: { l: 'm' }, name: 'seen', namespace: 'default' }, { apiVersion: `${group}/v1`, kind: 'Widget', spec: { a: 'b', d: 'dd' }, status: { s: 't' } }]);
    expect([Object.keys(rest), Object.keys(managedFields[0] as object)]).toEqual([['labels', 'name', 'namespace'], ['apiVersion', 'fieldsType', 'fieldsV1', 'manager', 'operation', 'time']]);
    expect(made.body).toMatchObject({ metadata: { generation: 1, uid: expect.any(String), creationTimestamp: expect.any(String) } });
    expect(made.body.status).toBeUndefined();
  });

  test('loses of its metadata what is unknown or cannot be', async () => {
    change = metadata({ foo: 1, labels: { a: 5 }, annotations: { c: 'd' }, managedFields: [] });
    const made = await rig.send('POST', base, { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'meta' } });
    change = () => undefined;
    expect(made.body.metadata).toMatchObject({ name: 'meta', annotations: { c: 'd' } });
    expect(['foo', 'labels', 'managedFields'].filter((field) => field in made.body.metadata)).toEqual([]);
  });

  test('which is being deleted keeps its name from a new one', async () => {
    const object = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'held', finalizers: ['example.com/wait'] } };
    await rig.send('POST', base, object);
    expect((await rig.send('POST', base, object)).body.message).toBe(`widgets.${group} "held" already exists`);
    await rig.send('DELETE', `${base}/held`);
    expect((await rig.send('POST', base, object)).body).toMatchObject({ code: 409, reason: 'AlreadyExists', message: `object is being deleted: widgets.${group} "held" already exists` });
  });
});
