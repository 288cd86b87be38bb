/** The API's requirements on the validation of fields, by their names in the conformance list, with the real kubectl and over HTTPS. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../src/api/apiextensions/v1/types.ts';
import { define, definition, open, version } from './definitions.ts';
import { startTestServer, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const prefix = '[sig-api-machinery] FieldValidation should';
const yaml = { 'content-type': 'application/apply-patch+yaml' };
const schema: JSONSchemaProps = {
  type: 'object', properties: {
    spec: {
      type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: {
        cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
        ports: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['containerPort', 'protocol'], items: { type: 'object', required: ['containerPort', 'protocol'], properties: { containerPort: { type: 'integer' }, hostPort: { type: 'integer' }, protocol: { type: 'string' } } } },
        embeddedObj: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
};
const at = (group: string, name: string): string => `/apis/${group}/v1/namespaces/default/crons/${name}`;
const cron = (group: string, name: string, spec: string, metadata = ''): string => `{"apiVersion":"${group}/v1","kind":"Cron","metadata":{"name":"${name}"${metadata}},"spec":${spec}}`;
const apply = (group: string, name: string, body: string): ReturnType<TestServer['send']> => server.send('PATCH', `${at(group, name)}?fieldManager=test&fieldValidation=Strict`, body, yaml);
const deployment = (name: string, extra: string, metadata = ''): string =>
  `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"${name}"${metadata}},"spec":{${extra}"paused":true,"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}`;

test(`${prefix} detect unknown and duplicate fields of a typed object [Conformance]`, async () => {
  const answer = await server.send('POST', '/apis/apps/v1/namespaces/default/deployments?fieldValidation=Strict', deployment('typed', '"unknownField":"foo","paused":true,'));
  expect(answer.status).toBe(400);
  expect(answer.body.message).toContain('strict decoding error');
  for (const text of ['unknown field "spec.unknownField"', 'duplicate field "spec.paused"']) expect(answer.body.message).toContain(text);
});

test(`${prefix} detect unknown metadata fields of a typed object [Conformance]`, async () => {
  const answer = await server.send('POST', '/apis/apps/v1/namespaces/default/deployments?fieldValidation=Strict', deployment('typed', '', ',"unknownMeta":"x"'));
  expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining('unknown field "metadata.unknownMeta"')]);
});

test(`${prefix} create/apply a CR with unknown fields for CRD with no validation schema [Conformance]`, async () => {
  const group = 'noschema.example.com';
  await define(server, definition(group, 'crons', 'Cron', [version('v1', open)]));
  const applied = await apply(group, 'any', cron(group, 'any', '{"foo":"foo1","cronSpec":"* * * * */5"}'));
  expect([applied.status, applied.body.spec]).toEqual([201, { foo: 'foo1', cronSpec: '* * * * */5' }]);
  const command = await server.kubectl(['apply', '--validate=strict', '-f', '-'], cron(group, 'told', '{"unknown":"x"}'));
  expect([command.code, command.stdout]).toEqual([0, `cron.${group}/told created\n`]);
});

test(`${prefix} create/apply a valid CR for CRD with validation schema [Conformance]`, async () => {
  const group = 'valid.example.com';
  await define(server, definition(group, 'crons', 'Cron', [version('v1', schema)]));
  const spec = '{"cronSpec":"* * * * */5","ports":[{"containerPort":8081,"protocol":"TCP","hostPort":8082}]}';
  const applied = await apply(group, 'fine', cron(group, 'fine', spec));
  expect([applied.status, applied.body.spec]).toEqual([201, JSON.parse(spec)]);
  expect((await server.kubectl(['apply', '--validate=strict', '-f', '-'], cron(group, 'told', spec))).code).toBe(0);
});

test(`${prefix} create/apply an invalid CR with extra properties for CRD with validation schema [Conformance]`, async () => {
  const group = 'extra.example.com';
  await define(server, definition(group, 'crons', 'Cron', [version('v1', schema)]));
  const spec = '{"cronSpec":"* * * * */5","ports":[{"containerPort":8081,"protocol":"TCP","unknownField":"x"}]}';
  const applied = await apply(group, 'extra', cron(group, 'extra', spec));
  expect([applied.status, applied.body.message]).toEqual([400, expect.stringContaining('.spec.ports[0].unknownField: field not declared in schema')]);
  const command = await server.kubectl(['create', '--validate=strict', '-f', '-'], cron(group, 'extra', spec));
  expect([command.code, command.stderr]).toEqual([1, expect.stringContaining('strict decoding error: unknown field "spec.ports[0].unknownField"')]);
  const warned = await server.send('POST', `/apis/${group}/v1/namespaces/default/crons?fieldValidation=Warn`, cron(group, 'warned', spec));
  expect([warned.status, warned.headers['warning'], warned.body.spec.ports]).toEqual([201, expect.stringContaining('unknown field'), [{ containerPort: 8081, protocol: 'TCP' }]]);
  const ignored = await server.send('POST', `/apis/${group}/v1/namespaces/default/crons?fieldValidation=Ignore`, cron(group, 'ignored', spec));
  expect([ignored.status, ignored.headers['warning']]).toEqual([201, undefined]);
});

test(`${prefix} detect duplicates in a CR when preserving unknown fields [Conformance]`, async () => {
  const group = 'duplicates.example.com';
  await define(server, definition(group, 'crons', 'Cron', [version('v1', schema)]));
  const body = cron(group, 'twice', '{"unknown":"uk1","unknown":"uk2","ports":[{"containerPort":8081,"containerPort":8082,"protocol":"TCP"}]}');
  const created = await server.send('POST', `/apis/${group}/v1/namespaces/default/crons?fieldValidation=Strict`, body);
  expect(created.status).toBe(400);
  for (const text of ['duplicate field "spec.unknown"', 'duplicate field "spec.ports[0].containerPort"']) expect(created.body.message).toContain(text);
});

test(`${prefix} detect unknown metadata fields in both the root and embedded object of a CR [Conformance]`, async () => {
  const group = 'metadata.example.com';
  await define(server, definition(group, 'crons', 'Cron', [version('v1', schema)]));
  const body = cron(group, 'meta', '{"embeddedObj":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","unknownEmbeddedMetadata":"foo"}}}', ',"unknownMeta":"foo"');
  const created = await server.send('POST', `/apis/${group}/v1/namespaces/default/crons?fieldValidation=Strict`, body);
  expect(created.status).toBe(400);
  for (const text of ['unknown field "metadata.unknownMeta"', 'unknown field "spec.embeddedObj.metadata.unknownEmbeddedMetadata"']) expect(created.body.message).toContain(text);
});
