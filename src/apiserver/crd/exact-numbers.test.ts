/** Whole numbers of custom resources are exact to 64 bits on every way in and out. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeCbor } from '../../api/cbor/decode.ts';
import type { JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { memoryBackend } from '../../store/memory.ts';
import { definitionOf, startRig, type Answer, type Rig } from './rig.fixture.ts';

const LARGE = '9007199254740993';
const base = '/apis/example.com/v1/namespaces/default/widgets';
const backend = memoryBackend();
let rig: Rig;

const integers: JSONSchemaProps = { type: 'integer' };
const spec: JSONSchemaProps = {
  type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: {
    i: integers, filled: { type: 'integer', default: 5 }, least: { type: 'integer', minimum: 10 },
    ruled: { type: 'integer', 'x-kubernetes-validations': [{ rule: `self != ${LARGE}`, message: 'that one not' }] },
    set: { type: 'array', items: integers, 'x-kubernetes-list-type': 'set' },
  },
};
const columns = [{ name: 'I', type: 'integer', jsonPath: '.spec.i' }, { name: 'Text', type: 'string', jsonPath: '.spec.i' }];
const widget = (name: string, fields: string): string => `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"${name}"},"spec":{${fields}}}`;
const patch = (name: string, type: string, body: string, query = ''): Promise<Answer> => rig.send('PATCH', `${base}/${name}${query}`, body, { 'content-type': `application/${type}` });

beforeAll(async () => {
  rig = await startRig({ backend });
  const text = JSON.stringify(definitionOf({ schema: { type: 'object', properties: { spec } }, version: { additionalPrinterColumns: columns, selectableFields: [{ jsonPath: '.spec.i' }] } }));
  await rig.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', text.replace('"default":5', `"default":${LARGE}`));
  await rig.define(definitionOf({ group: 'other.example.com' }));
});
afterAll(() => rig.stop());

test('what is written is read again: alone, in lists, by a selector, as a table, as YAML, from the store', async () => {
  const created = await rig.send('POST', base, widget('whole', `"i":${LARGE},"set":[${LARGE},9007199254740992],"x":{"y":[9223372036854775807,-9223372036854775808]}`));
  expect(created.status, created.text).toBe(201);
  for (const answer of [created, await rig.send('GET', `${base}/whole`), await rig.send('GET', base), await rig.send('GET', `${base}?fieldSelector=spec.i%3D${LARGE}`)]) {
    expect(answer.text).toContain(`"i":${LARGE},"set":[${LARGE},9007199254740992],"x":{"y":[9223372036854775807,-9223372036854775808]}`);
    expect(answer.text).toContain(`"filled":${LARGE}`);
  }
  expect((await rig.send('GET', `${base}?fieldSelector=spec.i%3D9007199254740992`)).body.items).toEqual([]);
  const table = await rig.send('GET', `${base}/whole`, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  expect(table.text).toContain(`"cells":["whole",${LARGE},"${LARGE}"]`);
  expect((await rig.send('GET', `${base}/whole`, undefined, { accept: 'application/yaml' })).text).toMatch(new RegExp(`^  i: ${LARGE}$`, 'm'));
  const stored = (await backend.list('/registry/example.com/widgets/')).entries[0]!.value;
  expect(Buffer.from(stored).toString()).toContain(`"i":${LARGE}`);
});

test('schemas and rules see the number as it is', async () => {
  expect((await rig.send('POST', base, widget('a', `"i":"x"`))).status).toBe(422);
  expect((await rig.send('POST', base, widget('a', `"ruled":${LARGE}`))).text).toContain(`spec.ruled: Invalid value: ${LARGE}: that one not`);
  expect((await rig.send('POST', `${base}?dryRun=All`, widget('a', '"ruled":9007199254740992'))).status).toBe(201);
  expect((await rig.send('POST', base, widget('a', `"least":-${LARGE}`))).text).toContain(`spec.least: Invalid value: -${LARGE}: spec.least in body should be greater than or equal to 10`);
  expect((await rig.send('POST', base, widget('a', `"set":[${LARGE},${LARGE}]`))).text).toContain(`spec.set[1]: Duplicate value: ${LARGE}`);
});

test('patches keep and compare all digits', async () => {
  await rig.send('POST', base, widget('patched', `"i":${LARGE}`));
  expect((await patch('patched', 'json-patch+json', `[{"op":"test","path":"/spec/i","value":9007199254740992}]`)).status).toBe(422);
  const replaced = await patch('patched', 'json-patch+json', `[{"op":"test","path":"/spec/i","value":${LARGE}},{"op":"replace","path":"/spec/i","value":9007199254740997}]`);
  expect([replaced.status, replaced.text.includes('"i":9007199254740997')]).toEqual([200, true]);
  expect((await patch('patched', 'merge-patch+json', '{"spec":{"n":9007199254740995}}')).text).toContain('"n":9007199254740995');
});

test('apply tells items of sets apart by all digits', async () => {
  const apply = (manager: string, fields: string): Promise<Answer> => patch('applied', 'apply-patch+yaml', widget('applied', fields), `?fieldManager=${manager}`);
  await apply('one', `"set":[${LARGE}]`);
  const both = await apply('two', '"set":[9007199254740992]');
  expect(both.text).toContain(`"set":[${LARGE},9007199254740992]`);
  expect((await apply('one', '"set":[]')).text).toContain('"set":[9007199254740992]');
});

test('the typed client writes back what it read', async () => {
  const widgets = rig.client.of({ group: 'example.com', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true } as Resource).inNamespace('default');
  const found = await widgets.get('whole');
  await widgets.update({ ...found, metadata: { ...found.metadata, labels: { written: 'again' } } });
  const { text } = await rig.send('GET', `${base}/whole`);
  expect(text).toContain(`"i":${LARGE}`);
  expect(text).toContain('"labels":{"written":"again"}');
});

test('CBOR in and out', async () => {
  await rig.stop();
  rig = await startRig({ backend, featureGates: { CBORServingAndStorage: true } });
  const answer = await rig.transport.send({ method: 'GET', path: `${base}/whole`, query: {}, headers: { accept: 'application/cbor' } });
  const pieces: Buffer[] = [];
  for await (const piece of answer.body) pieces.push(Buffer.from(piece));
  expect((decodeCbor(Buffer.concat(pieces)).value as { spec: { i: unknown } }).spec.i).toBe(9_007_199_254_740_993n);
  expect((await rig.send('POST', base, widget('cbor', `"i":${LARGE}`))).text).toContain(`"i":${LARGE}`);
  expect((await rig.send('GET', `${base}/cbor`)).text).toContain(`"i":${LARGE}`);
});

test('a number that is larger than any is refused on every way in; one that only fits without a sign is a near one', async () => {
  const beyond = (number: string): string => `cannot be handled as a Widget: json: cannot unmarshal number ${number} into Go value of type float64`;
  for (const number of ['1e400', `-1${'0'.repeat(400)}`, '1.5E+999']) expect((await rig.send('POST', base, widget('beyond', `"x":[${number}]`))).body).toMatchObject({ code: 400, message: expect.stringContaining(beyond(number)) as string });
  await rig.send('POST', base, widget('beyond', '"x":1'));
  expect((await patch('beyond', 'merge-patch+json', '{"spec":{"x":1e400}}')).body).toMatchObject({ code: 400, message: 'error decoding patch: json: cannot unmarshal number 1e400 into Go value of type float64' });
  expect((await patch('beyond', 'json-patch+json', '[{"op":"add","path":"/spec/x","value":1e400}]')).body).toMatchObject({ code: 400, message: 'error decoding patch: json: cannot unmarshal number 1e400 into Go struct field jsonPatchOp.value of type float64' });
  expect((await patch('beyond', 'apply-patch+yaml', 'apiVersion: example.com/v1\nkind: Widget\nspec: {x: 9223372036854775808}\n', '?fieldManager=m&force=true')).text).toContain('"x":9223372036854776000');
  const least = await rig.send('POST', base, widget('least', '"i":-9223372036854775809'));
  expect(least.body.details.causes.map(({ message }: { message: string }) => message)).toEqual(expect.arrayContaining(['Invalid value: "number": spec.i in body must be of type integer: "number"', 'Invalid value: "": Checked value must be of type integer (default format) in spec.i']));
});
