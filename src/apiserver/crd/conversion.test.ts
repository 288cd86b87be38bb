import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CustomResourceDefinition, JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import { CustomResourceDefinitions } from '../../api/resources.ts';
import { definitionOf, eventually, startRig, startWebhook, type Rig, type TestWebhook } from './rig.fixture.ts';

interface Object_ { apiVersion: string; kind: string; metadata: Record<string, unknown>; spec?: { hostPort?: string; host?: string; port?: string } }

const group = 'converted.example.com';
const schema = (names: string[]): JSONSchemaProps => ({ type: 'object', properties: { spec: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) } } });

/** v1 has one field where v2 has two. */
function converted(object: Object_, apiVersion: string): Object_ {
  const { hostPort, host, port } = object.spec ?? {};
  if (hostPort === undefined && host === undefined && port === undefined) return { ...object, apiVersion };
  const spec = apiVersion.endsWith('/v2') ? { host: hostPort?.split(':')[0] ?? '', port: hostPort?.split(':')[1] ?? '' } : { hostPort: `${host}:${port}` };
  return { ...object, apiVersion, spec };
}

let rig: Rig;
let webhook: TestWebhook;
let calls: { objects: Object_[]; desiredAPIVersion: string }[] = [];
/** Spoils answers. */
let spoil: (response: { uid: string; convertedObjects: Object_[]; result: { status: string; message?: string } }) => void = () => undefined;
/** What is answered in place of the review. */
let instead: ((review: string) => string) | undefined;
let bodies: string[] = [];

beforeAll(async () => {
  rig = await startRig();
  webhook = await startWebhook((body) => {
    const { request, ...review } = JSON.parse(body) as { request: { uid: string; objects: Object_[]; desiredAPIVersion: string } };
    calls.push(request);
    bodies.push(body);
    const response = { uid: request.uid, convertedObjects: request.objects.map((object) => converted(object, request.desiredAPIVersion)), result: { status: 'Success' } };
    spoil(response);
    const answer = JSON.stringify({ ...review, response });
    return instead?.(answer) ?? answer;
  });
  await rig.define(definitionFor('v1'));
});
afterAll(async () => {
  await webhook.close();
  await rig.stop();
});
beforeEach(() => {
  calls = [];
  bodies = [];
  spoil = () => undefined;
  instead = undefined;
});

function definitionFor(storage: string): CustomResourceDefinition {
  const version = (name: string, fields: string[]) => ({
    name, served: true, storage: name === storage, schema: { openAPIV3Schema: schema(fields) }, selectableFields: fields.map((field) => ({ jsonPath: `.spec.${field}` })),
  });
  return definitionOf({
    group, versions: [version('v1', ['hostPort']), version('v2', ['host', 'port'])],
    spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: `${webhook.url}convert`, caBundle: webhook.caBundle }, conversionReviewVersions: ['v1'] } } },
  });
}

const at = (version: string): string => `/apis/${group}/${version}/namespaces/default/widgets`;
const widget = (name: string, hostPort: string): object => ({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, spec: { hostPort } });

async function store(version: string): Promise<void> {
  const definition = await rig.client.of(CustomResourceDefinitions).get(`widgets.${group}`);
  const wanted = definitionFor(version);
  await rig.client.of(CustomResourceDefinitions).update({ ...definition, spec: wanted.spec });
}

describe('an object stored in one version', () => {
  test('is read, listed, written and patched in the other', async () => {
    const posted = await rig.send('POST', at('v1'), widget('a', 'localhost:80'));
    expect(posted.status, posted.text).toBe(201);
    const read = await rig.send('GET', `${at('v2')}/a`);
    expect(read.status, read.text).toBe(200);
    expect(read.body).toMatchObject({ apiVersion: `${group}/v2`, metadata: { name: 'a' }, spec: { host: 'localhost', port: '80' } });
    expect((await rig.send('GET', at('v2'))).body).toMatchObject({ kind: 'WidgetList', apiVersion: `${group}/v2`, items: [{ spec: { host: 'localhost', port: '80' } }] });
    const patched = await rig.send('PATCH', `${at('v2')}/a`, { spec: { port: '81' } });
    expect(patched.body).toMatchObject({ apiVersion: `${group}/v2`, metadata: { generation: 2 }, spec: { host: 'localhost', port: '81' } });
    expect((await rig.send('GET', `${at('v1')}/a`)).body.spec).toEqual({ hostPort: 'localhost:81' });
    expect(JSON.parse(Buffer.from((await rig.backend.get(`/registry/${group}/widgets/default/a`))!.value).toString())).toMatchObject({ apiVersion: `${group}/v1`, spec: { hostPort: 'localhost:81' } });
  });

  test('lies beside objects in the other once the stored version changes; a write that changes nothing moves it', async () => {
    await rig.send('POST', at('v1'), widget('mixed1', 'one:1'));
    await store('v2');
    expect((await rig.client.of(CustomResourceDefinitions).get(`widgets.${group}`)).status?.storedVersions).toEqual(['v1', 'v2']);
    await rig.send('POST', at('v2'), { apiVersion: `${group}/v2`, kind: 'Widget', metadata: { name: 'mixed2' }, spec: { host: 'two', port: '2' } });
    const items = (await rig.send('GET', at('v2'))).body.items as Object_[];
    expect(items.filter(({ metadata }) => String(metadata['name']).startsWith('mixed')).map(({ spec }) => spec)).toEqual([{ host: 'one', port: '1' }, { host: 'two', port: '2' }]);
    const stored = async (): Promise<string> => (JSON.parse(Buffer.from((await rig.backend.get(`/registry/${group}/widgets/default/mixed1`))!.value).toString()) as Object_).apiVersion;
    expect(await stored()).toBe(`${group}/v1`);
    const { body } = await rig.send('GET', `${at('v1')}/mixed1`);
    expect((await rig.send('PUT', `${at('v1')}/mixed1`, body)).status).toBe(200);
    expect(await stored()).toBe(`${group}/v2`);
    await store('v1');
  });

  test('is selected by the fields of the version that is asked for', async () => {
    for (const [name, hostPort] of [['s1', 'left:1'], ['s2', 'right:1'], ['s3', 'left:2']] as const) await rig.send('POST', at('v1'), widget(name, hostPort));
    const names = async (version: string, selector: string, more = ''): Promise<unknown[]> => ((await rig.send('GET', `${at(version)}?fieldSelector=${encodeURIComponent(selector)}${more}`)).body.items as Object_[]).map(({ metadata }) => metadata['name']);
    expect(await names('v2', 'spec.host=left')).toEqual(['s1', 's3']);
    expect(await names('v2', 'spec.host=left,spec.port=2')).toEqual(['s3']);
    expect(await names('v2', 'spec.host=left', '&limit=1')).toEqual(['s1']);
    expect(await names('v1', 'spec.hostPort=right:1')).toEqual(['s2']);
    expect((await rig.send('GET', `${at('v1')}?fieldSelector=spec.host%3Dleft`)).status).toBe(400);
    const watch = rig.send('GET', `${at('v2')}?watch=true&timeoutSeconds=1&fieldSelector=spec.host%3Dright`);
    await eventually(() => expect(calls.length).toBeGreaterThan(0));
    await rig.send('PATCH', `${at('v1')}/s1`, { spec: { hostPort: 'right:9' } });
    await rig.send('PATCH', `${at('v1')}/s2`, { spec: { hostPort: 'left:9' } });
    const events = (await watch).text.trim().split('\n').map((line) => JSON.parse(line) as { type: string; object: Object_ }).map(({ type, object }) => [type, object.metadata['name'], object.spec!.host]);
    expect(events).toEqual([['ADDED', 's2', 'right'], ['ADDED', 's1', 'right'], ['DELETED', 's2', 'right']]);
  });
});

describe('a webhook that does not do its work', () => {
  const rows: [string, typeof spoil, string][] = [
    ['says no', (response) => (response.result = { status: 'Failure', message: 'not today' }), `conversion webhook for ${group}/v1, Kind=Widget failed: not today`],
    ['answers another question', (response) => (response.uid = 'x'), 'got "x"'],
    ['loses an object', (response) => void response.convertedObjects.pop(), 'returned 0 objects, expected 1'],
    ['changes a name', (response) => (response.convertedObjects[0]!.metadata['name'] = 'other'), 'must have the same name: spoiled != other'],
    ['converts to something else', (response) => (response.convertedObjects[0]!.apiVersion = `${group}/v3`), `invalid groupVersion (expected ${group}/v2, received ${group}/v3)`],
  ];
  test.each(rows)('%s', async (_name, how, expected) => {
    await rig.send('DELETE', `${at('v1')}/spoiled`);
    await rig.send('POST', at('v1'), widget('spoiled', 'x:1'));
    spoil = how;
    const answer = await rig.send('GET', `${at('v2')}/spoiled`);
    expect([answer.status, answer.body.message]).toEqual([500, expect.stringContaining(expected)]);
    expect((await rig.send('GET', `${at('v1')}/spoiled`)).status).toBe(200);
  });

  const from = `conversion webhook for ${group}/v1, Kind=Widget`;
  const set = (change: (object: Record<string, unknown>) => void): typeof spoil => ({ convertedObjects }) => change(convertedObjects[0] as unknown as Record<string, unknown>);
  const named = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const words: [name: string, how: typeof spoil, instead: typeof instead, expected: string][] = [
    ['another version', set((object) => (object['apiVersion'] = `${group}/v9`)), undefined, `${from} returned invalid object at index 0: invalid groupVersion (expected ${group}/v2, received ${group}/v9)`],
    ['another kind', set((object) => (object['kind'] = 'Other')), undefined, `${from} returned invalid object at index 0: invalid kind (expected Widget, received Other)`],
    ['another namespace', set((object) => (object['metadata'] = { ...(object['metadata'] as object), namespace: 'other' })), undefined, `${from} returned invalid object: must have the same namespace: default != other`],
    ['no metadata', set((object) => delete object['metadata']), undefined, `${from} returned invalid object: must have the same name: worded != `],
    ['labels that are none', set((object) => ((object['metadata'] as Record<string, unknown>)['labels'] = 'x')), undefined, `${from} returned invalid metadata: invalid metadata.labels of type string in converted object`],
    ['a label that is no text', set((object) => ((object['metadata'] as Record<string, unknown>)['labels'] = { a: 5 })), undefined, `${from} returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object`],
    ['a label that may not be', set((object) => ((object['metadata'] as Record<string, unknown>)['labels'] = { 'bad key': 'v' })), undefined, `${from} returned invalid metadata: metadata.labels: Invalid value: "bad key": ${named}`],
    ['an annotation that may not be', set((object) => ((object['metadata'] as Record<string, unknown>)['annotations'] = { 'bad key': 'v' })), undefined, `${from} returned invalid metadata: metadata.annotation: Invalid value: "bad key": ${named}`],
    ['a text for an object', (response) => (response.convertedObjects[0] = 'x' as never), undefined, 'json: cannot unmarshal string into Go value of type map[string]interface {}'],
    ['nothing for an object', (response) => (response.convertedObjects[0] = null as never), undefined, 'unexpected end of JSON input'],
    ['no objects', (response) => (response.convertedObjects = null as never), undefined, `${from} returned 0 objects, expected 1`],
    ['a text for the objects', (response) => (response.convertedObjects = 'x' as never), undefined, `${from} failed: json: cannot unmarshal string into Go struct field ConversionResponse.response.convertedObjects of type []runtime.RawExtension`],
    ['a failure without words', (response) => (response.result = { status: 'Failure' }), undefined, `${from} failed: response.result.status was 'Failure', not 'Success'`],
    ['no response', () => undefined, () => '{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1"}', `${from} failed: no response provided`],
    ['another review', () => undefined, (review) => review.replace('extensions.k8s.io/v1"', 'extensions.k8s.io/v1beta1"'), `${from} failed: converting (v1beta1.ConversionReview) to (v1.ConversionReview): unknown conversion`],
    ['an unknown kind of review', () => undefined, (review) => review.replace('"ConversionReview"', '"Other"'), `${from} failed: no kind "Other" is registered for version "apiextensions.k8s.io/v1" in scheme "k8s.io/apiserver/pkg/util/webhook/client.go:71"`],
    ['null', () => undefined, () => 'null', `${from} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=`],
    ['a list', () => undefined, () => '[]', `${from} failed: couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`],
  ];
  test.each(words)('answers with %s', async (_name, how, what, expected) => {
    await rig.send('DELETE', `${at('v1')}/worded`);
    await rig.send('POST', at('v1'), widget('worded', 'x:1'));
    [spoil, instead] = [how, what];
    const answer = await rig.send('GET', `${at('v2')}/worded`);
    expect([answer.status, answer.body.message]).toEqual([500, expected]);
  });

  test('is asked as upstream asks: members by name, an empty response at the end', async () => {
    await rig.send('POST', at('v1'), widget('asked', 'x:1'));
    await rig.send('GET', `${at('v2')}/asked`);
    expect(bodies.at(-1)).toMatch(/^\{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io\/v1","request":\{"uid":"[0-9a-f-]{36}","desiredAPIVersion":"converted.example.com\/v2","objects":\[\{"apiVersion":"converted.example.com\/v1","kind":"Widget","metadata":\{"creationTimestamp":.*\}\]\},"response":\{"uid":"","convertedObjects":null,"result":\{"metadata":\{\}\}\}\}\n$/);
  });

  test('cannot change metadata beyond labels and annotations', async () => {
    await rig.send('POST', at('v1'), widget('meta', 'x:1'));
    spoil = ({ convertedObjects }) => Object.assign(convertedObjects[0]!.metadata, { labels: { made: 'yes' }, finalizers: ['example.com/x'], generation: 7 });
    const { metadata } = (await rig.send('GET', `${at('v2')}/meta`)).body;
    expect(metadata).toMatchObject({ labels: { made: 'yes' }, generation: 1 });
    expect(metadata.finalizers).toBeUndefined();
  });
});

describe('managedFields', () => {
  type Entry = [manager: string | undefined, operation: string | undefined, apiVersion: string, fields: object];
  const entries = (body: { metadata: { managedFields?: { manager?: string; operation?: string; apiVersion?: string; fieldsV1?: { 'f:spec'?: object } }[] } }): Entry[] =>
    (body.metadata.managedFields ?? []).map(({ manager, operation, apiVersion, fieldsV1 }) => [manager, operation, apiVersion!.slice(group.length + 1), fieldsV1?.['f:spec'] ?? {}]);
  const whole = (...fields: string[]): object => Object.fromEntries([['.', {}], ...fields.map((field) => [`f:${field}`, {}] as [string, object])]);

  test('name the version that each manager wrote in, and what one changes others lose in theirs', async () => {
    const posted = await rig.send('POST', `${at('v1')}?fieldManager=one`, widget('owned', 'a:1'));
    expect(entries(posted.body)).toEqual([['one', 'Update', 'v1', whole('hostPort')]]);
    const patched = await rig.send('PATCH', `${at('v2')}/owned?fieldManager=two`, { spec: { port: '2' } });
    // The one field of v1 has changed with it.
    expect(entries(patched.body)).toEqual([['one', 'Update', 'v1', {}], ['two', 'Update', 'v2', { 'f:port': {} }]]);
    const again = await rig.send('PATCH', `${at('v2')}/owned?fieldManager=three`, { metadata: { labels: { a: 'b' } } });
    expect(entries(again.body).map(([manager, , version]) => `${manager} ${version}`).sort()).toEqual(['one v1', 'three v2', 'two v2']);
  });

  test('an apply in one version conflicts with what was written in another', async () => {
    await rig.send('POST', `${at('v1')}?fieldManager=one`, widget('fought', 'a:1'));
    const apply = (query: string, port: string) => rig.send('PATCH', `${at('v2')}/fought?fieldManager=applier${query}`, { apiVersion: `${group}/v2`, kind: 'Widget', metadata: { name: 'fought' }, spec: { port } }, { 'content-type': 'application/apply-patch+yaml' });
    const refused = await apply('', '2');
    expect(refused.body).toMatchObject({ code: 409, details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.hostPort', message: expect.stringContaining(`conflict with "one" using ${group}/v1`) }] } });
    const forced = await apply('&force=true', '2');
    expect(forced.body.spec).toEqual({ host: 'a', port: '2' });
    expect(entries(forced.body)).toEqual([['applier', 'Apply', 'v2', { 'f:port': {} }], ['one', 'Update', 'v1', {}]]);
    // The same again changes nothing.
    expect((await apply('', '2')).body.metadata.resourceVersion).toBe(forced.body.metadata.resourceVersion);
  });

  test('an apply in one version takes away what its manager applied in another, and no more', async () => {
    const apply = (version: string, manager: string, metadata: object, spec: object) =>
      rig.send('PATCH', `${at(version)}/moved?fieldManager=${manager}`, { apiVersion: `${group}/${version}`, kind: 'Widget', metadata: { name: 'moved', ...metadata }, spec }, { 'content-type': 'application/apply-patch+yaml' });
    await apply('v1', 'one', { labels: { a: '1', b: '1' }, annotations: { n: '1' } }, { hostPort: 'a:1' });
    await apply('v1', 'two', { labels: { b: '1' } }, {});
    const { body } = await apply('v2', 'one', { labels: { c: '1' } }, { host: 'a', port: '1' });
    expect([body.metadata.labels, body.metadata.annotations, body.spec]).toEqual([{ b: '1', c: '1' }, undefined, { host: 'a', port: '1' }]);
    expect(entries(body)).toEqual([['two', 'Apply', 'v1', {}], ['one', 'Apply', 'v2', { 'f:host': {}, 'f:port': {} }]]);
    const back = await apply('v1', 'one', {}, { hostPort: 'a:1' });
    expect([back.body.metadata.labels, back.body.spec]).toEqual([{ b: '1' }, { hostPort: 'a:1' }]);
  });

  test('who wrote in a version that is no more is forgotten', async () => {
    await rig.send('POST', `${at('v1')}?fieldManager=one`, widget('late', 'a:1'));
    const { body: { metadata } } = await rig.send('GET', `${at('v1')}/late`);
    const managedFields = [...metadata.managedFields, { manager: 'old', operation: 'Update', apiVersion: `${group}/v0`, fieldsType: 'FieldsV1', fieldsV1: { 'f:metadata': { 'f:labels': {} } } }];
    const put = await rig.send('PUT', `${at('v1')}/late?fieldManager=one`, { ...widget('late', 'a:1'), metadata: { name: 'late', resourceVersion: metadata.resourceVersion, managedFields } });
    expect(entries(put.body).map(([manager]) => manager)).toEqual(['one']);
  });
});
