import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import { definitionOf, startRig, type Answer, type Rig } from './rig.fixture.ts';

const group = 'refused.example.com';
const base = `/apis/${group}/v1/namespaces/default/widgets`;
const schema: JSONSchemaProps = {
  type: 'object', properties: {
    spec: { type: 'object', properties: {
      size: { type: 'integer' }, emb: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } } },
      open: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    } },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
};
let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  await rig.define(definitionOf({ group, versions: ['v1', 'v2'].map((name) => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: schema }, subresources: { status: {} } })) }));
  const made = await rig.send('POST', base, { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'a', labels: { x: 'y' } }, spec: { size: 1 } });
  expect(made.status, made.text).toBe(201);
});
afterAll(() => rig.stop());

const said = ({ status, body }: Answer): unknown[] => [status, body.message];
const TYPES = `"apiVersion":"${group}/v1","kind":"Widget"`;

describe('strict validation of a custom resource', () => {
  const rows: [name: string, fields: string, problems: string][] = [
    ['what is twice and unknown is told as both', '"spec":{"bogus":1,"bogus":2}', 'duplicate field "spec.bogus", unknown field "spec.bogus"'],
    ['metadata comes first, then the schema by name, then embedded objects', '"zz":1,"aa":{"q":1,"q":2},"spec":{"emb":{"apiVersion":"v1","kind":"X","metadata":{"foo":1},"spec":{"z":1},"top":1}}', [
      'duplicate field "aa.q"', 'unknown field "metadata.own"', 'unknown field "aa"', 'unknown field "spec.emb.spec.z"', 'unknown field "spec.emb.top"', 'unknown field "zz"', 'unknown field "spec.emb.metadata.foo"',
    ].join(', ')],
    ['names are shown as they are', '"spec":{"a\\"b":1,"a.b":1,"":1}', 'unknown field "spec.", unknown field "spec.a"b", unknown field "spec.a.b"'],
    ['all are told', `"spec":{${Array.from({ length: 120 }, (_, i) => `"u${100 + i}":1`).join(',')}}`, Array.from({ length: 120 }, (_, i) => `unknown field "spec.u${100 + i}"`).join(', ')],
  ];
  test.each(rows)('%s', async (_name, fields, problems) => {
    const metadata = problems.includes('metadata.own') ? '{"name":"s","own":1}' : '{"name":"s"}';
    const answer = await rig.send('POST', `${base}?fieldValidation=Strict`, `{${TYPES},"metadata":${metadata},${fields}}`);
    expect(said(answer)).toEqual([400, `Widget in version "v1" cannot be handled as a Widget: strict decoding error: ${problems}`]);
  });
});

describe('a change of a custom resource', () => {
  const patchFaults: [name: string, patch: object, why: string][] = [
    ['labels that are none', { metadata: { labels: { x: 5 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string'],
    ['an embedded object whose metadata is none', { spec: { open: { apiVersion: 'v1', kind: 'X', metadata: { name: 5 } } } }, 'spec.open.metadata: Invalid value: {"name":5}: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string'],
    ['a version that is none', { apiVersion: 'x/y/z' }, 'unexpected GroupVersion string: x/y/z'],
  ];
  test.each(patchFaults)('is the patch\'s fault: %s', async (_name, patch, why) => {
    const answer = await rig.send('PATCH', `${base}/a`, patch);
    expect(answer.status).toBe(422);
    const [cause] = answer.body.details.causes as [{ field: string; message: string }];
    expect(cause.field).toBe('patch');
    expect(cause.message.endsWith(`": ${why}`), cause.message).toBe(true);
    // Shown as it is stored, with what the patch adds at the end.
    expect(cause.message).toMatch(/^Invalid value: "\{\\"apiVersion\\":.*\\"metadata\\":\{\\"creationTimestamp\\":/);
  });

  const puts: [name: string, change: (body: Record<string, unknown>) => void, status: number, message: string][] = [
    ['a version that is null', (body) => void (body['apiVersion'] = null), 400, 'Widget in version "" cannot be handled as a Widget: .apiVersion accessor error: <nil> is of the type <nil>, expected string'],
    ['a resourceVersion that is no number', (body) => void Object.assign(body['metadata'] as object, { resourceVersion: 'abc' }), 400, 'strconv.ParseUint: parsing "abc": invalid syntax'],
    ['no resourceVersion', (body) => void Object.assign(body['metadata'] as object, { resourceVersion: '' }), 422, `widgets.${group} "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`],
  ];
  test.each(puts)('is refused for %s', async (_name, change, status, message) => {
    const { body } = await rig.send('GET', `${base}/a`);
    change(body as Record<string, unknown>);
    expect(said(await rig.send('PUT', `${base}/a`, body))).toEqual([status, message]);
  });

  const repeated: [name: string, metadata: object, field: string, times: number][] = [
    ['labels are looked at three times', { labels: { 'bad key': 'v' } }, 'metadata.labels', 3],
    ['finalizers once', { finalizers: ['A B'] }, 'metadata.finalizers', 1],
    ['owners three times', { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: '', uid: 'u' }] }, 'metadata.ownerReferences.name', 3],
  ];
  test.each(repeated)('%s', async (_name, metadata, field, times) => {
    const answer = await rig.send('PATCH', `${base}/a`, { metadata });
    expect([answer.status, (answer.body.details.causes as { field: string }[]).map((cause) => cause.field)]).toEqual([422, Array.from({ length: times }, () => field)]);
  });

  test('of its status takes nothing else from a patch, be it another kind, version or uid', async () => {
    for (const more of [{ kind: 'Other' }, { apiVersion: `${group}/v2` }, { metadata: { uid: 'other', labels: { z: 'z' } } }]) {
      const answer = await rig.send('PATCH', `${base}/a/status`, { ...more, status: { phase: 'x' } });
      expect(answer.body).toMatchObject({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'a', labels: { x: 'y' } }, spec: { size: 1 }, status: { phase: 'x' } });
      expect(answer.body.metadata.labels).toEqual({ x: 'y' });
    }
  });

  test('of its status owns nothing but that', async () => {
    await rig.send('POST', base, { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'owned', labels: { x: 'y' } }, spec: { size: 1 } });
    const { body } = await rig.send('PATCH', `${base}/owned/status`, { metadata: { labels: { x: 'z' }, finalizers: ['a.b/c'] }, spec: { size: 2 }, status: { phase: 'x' } });
    const owners = body.metadata.managedFields as { subresource?: string; fieldsV1: object }[];
    expect(owners.map(({ subresource, fieldsV1 }) => [subresource, fieldsV1])).toEqual([
      [undefined, { 'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } }, 'f:spec': { '.': {}, 'f:size': {} } }], ['status', { 'f:status': { '.': {}, 'f:phase': {} } }],
    ]);
  });

  const unnamed = 'the name of the object (a based on URL) was undeterminable: name must be provided';
  const stateless = `widgets.${group} "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`;
  const applies: [metadata: object, status: number, message: string | undefined][] = [
    [{}, 200, undefined], [{ name: 'a', namespace: '' }, 200, undefined], [{ name: 'a', uid: '' }, 200, undefined],
    [{ name: 'b' }, 400, 'the name of the object (b) does not match the name on the URL (a)'], [{ name: null }, 400, unnamed], [{ name: '' }, 400, unnamed],
    [{ name: 'a', namespace: 'other' }, 400, 'the namespace of the provided object does not match the namespace sent on the request'],
    [{ name: 'a', resourceVersion: null }, 422, stateless], [{ name: 'a', resourceVersion: '' }, 422, stateless],
  ];
  for (const sub of ['', '/status']) {
    test.each(applies)(`by an apply${sub} that says of itself %j`, async (metadata, status, message) => {
      for (const more of [{}, { spec: { size: 2 }, status: { phase: 'y' } }]) {
        const answer = await rig.send('PATCH', `${base}/a${sub}?fieldManager=m&force=true&dryRun=All`, { apiVersion: `${group}/v1`, kind: 'Widget', metadata, ...more }, { 'content-type': 'application/apply-patch+yaml' });
        expect([answer.status, status < 300 ? undefined : answer.body.message], answer.text).toEqual([status, message]);
      }
    });
  }
});
