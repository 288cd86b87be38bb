import { expect, test } from 'vitest';
import { decodeProtobuf } from '../../api/protobuf/decode.ts';
import { parseYaml } from '../../api/decode.ts';
import { notFound } from '../../api/meta/status.ts';
import { STANDARD_FORMATS } from '../accept.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { answerEncoding } from './answer-encoding.ts';
import { json, objectResponse, statusResponse } from './responses.ts';

const STATUS = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const stage = answerEncoding(STANDARD_FORMATS);
const answer = (accept: string, response: ServerResponse): Promise<ServerResponse> => stage.handle({ headers: { accept }, query: new URLSearchParams() } as unknown as ServerRequest, async () => response);
const missing = (): ServerResponse => statusResponse(notFound({ group: '', plural: 'pods' }, 'a').status);

test('a Status in protobuf has all that it has in JSON', async () => {
  const response = await answer(`${PROTOBUF},application/json`, missing());
  expect(response.headers['content-type']).toBe(PROTOBUF);
  const inJson = JSON.parse(missing().body as string) as object;
  expect(decodeProtobuf(STATUS, response.body as Uint8Array)).toEqual(inJson);
});

test('a Status in YAML', async () => {
  const response = await answer('application/yaml', missing());
  expect(response.headers['content-type']).toBe('application/yaml');
  expect(parseYaml((response.body as Uint8Array).toString())).toEqual(JSON.parse(missing().body as string));
});

test.each([
  ['a client of tables: they are not for errors', 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'],
  ['a client of metadata', `${PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json`],
  ['a client of something else', 'text/html'],
])('JSON for %s', async (_, accept) => {
  expect((await answer(accept, missing())).headers['content-type']).toBe('application/json');
});

test('what is no object, or has no messages, stays JSON', async () => {
  expect((await answer(PROTOBUF, json(200, { major: '1' }))).headers['content-type']).toBe('application/json');
  expect((await answer(PROTOBUF, objectResponse(200, { kind: 'Table', apiVersion: 'meta.k8s.io/v1' }))).headers['content-type']).toBe('application/json');
});

test.each([
  ['for programs, with a line feed', {}, '', (text: string) => text.endsWith('}\n') && !text.includes('\n ')],
  ['for curl, with line breaks', { 'user-agent': 'curl/8.5' }, '', (text: string) => text.startsWith('{\n  "kind": "Status",\n') && text.endsWith('}')],
  ['for curl that does not want them', { 'user-agent': 'curl/8.5' }, 'pretty=false', (text: string) => !text.includes('\n ')],
  ['for whom nothing suits, with line breaks', { accept: 'text/html' }, '', (text: string) => text.startsWith('{\n  "kind": "Status",\n') && text.endsWith('}')],
] as const)('JSON %s', async (_, headers, query, looks) => {
  const { body } = await stage.handle({ headers, query: new URLSearchParams(query) } as unknown as ServerRequest, async () => missing());
  expect(looks(body as string), body as string).toBe(true);
});

test('discovery in protobuf', async () => {
  const group = { kind: 'APIGroup', apiVersion: 'v1', name: 'apps', versions: [{ groupVersion: 'apps/v1', version: 'v1' }], preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } };
  const response = await answer(PROTOBUF, objectResponse(200, group));
  expect(decodeProtobuf('io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup', response.body as Uint8Array)).toMatchObject(group);
  const list = { kind: 'APIResourceList', groupVersion: 'v1', resources: [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'], shortNames: ['po'] }] };
  const resources = await answer(PROTOBUF, objectResponse(200, list));
  expect(decodeProtobuf('io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList', resources.body as Uint8Array)).toMatchObject(list);
});
