/** A whole server, spoken to as Go clients speak: protobuf over HTTP/2 and TLS, both ways, gzip accepted. */
import * as http2 from 'node:http2';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { decodeProtobuf, readEnvelope } from '../api/protobuf/decode.ts';
import { encodeProtobuf } from '../api/protobuf/encode.ts';
import { isProtobuf } from '../api/protobuf/envelope.ts';
import { protobufSchema } from '../api/protobuf/kinds.ts';
import { nodeHost } from '../host/node/index.ts';
import { createAuthority, issueCertificate } from '../pki/certificates.ts';
import { memoryBackend } from '../store/memory.ts';
import type { ApiServer } from './options.ts';
import { createApiServer } from './server.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const ACCEPT = `${PROTOBUF},application/json`;
const host = nodeHost({ logLevel: 'silent' });
let server: ApiServer;
let session: http2.ClientHttp2Session;

beforeAll(async () => {
  const nowMs = host.clock.now();
  const authority = await createAuthority({ commonName: 'ca', nowMs, days: 1 });
  const serving = await issueCertificate(authority, { commonName: 's', usages: ['server'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 });
  server = await createApiServer({
    host, backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authorizationModes: 'AlwaysAllow', storageMediaType: PROTOBUF, runtimeConfig: { 'resource.k8s.io/v1beta1': true },
    authentication: { tokens: [{ token: 'secret', user: { name: 'go', groups: ['system:masters'] } }] },
  });
  await server.start();
  const { port } = await server.listen({ address: '127.0.0.1', port: 0, tls: serving });
  await server.ready();
  session = http2.connect(`https://127.0.0.1:${port}`, { ca: authority.cert });
});
afterAll(async () => {
  session.close();
  await server.stop();
});

interface Answer {
  status: number;
  type: string;
  compressed: boolean;
  object: KubeObject & Record<string, unknown>;
}

function send(method: string, path: string, body?: object): http2.ClientHttp2Stream {
  const stream = session.request({ ':method': method, ':path': path, authorization: 'Bearer secret', accept: ACCEPT, 'accept-encoding': 'gzip', ...(body === undefined ? {} : { 'content-type': PROTOBUF }) }, { endStream: false });
  if (body !== undefined) {
    const { apiVersion, kind } = body as { apiVersion: string; kind: string };
    stream.write(encodeProtobuf(protobufSchema(apiVersion, kind)!, body));
  }
  stream.end();
  return stream;
}

function opened(bytes: Buffer): KubeObject & Record<string, unknown> {
  const { apiVersion, kind } = readEnvelope(bytes);
  return decodeProtobuf(protobufSchema(apiVersion, kind)!, bytes);
}

async function call(method: string, path: string, body?: object): Promise<Answer> {
  const stream = send(method, path, body);
  let head: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {};
  stream.on('response', (headers) => (head = headers));
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  const raw = Buffer.concat(pieces);
  const compressed = head['content-encoding'] === 'gzip';
  const bytes = compressed ? gunzipSync(raw) : raw;
  return { status: head[':status'] ?? 0, type: head['content-type'] ?? '', compressed, object: isProtobuf(bytes) ? opened(bytes) : (JSON.parse(bytes.toString()) as Answer['object']) };
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string, size = 3): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: 'x'.repeat(size) } });

test('create, get, update, delete', async () => {
  expect(await call('POST', MAPS, map('one'))).toMatchObject({ status: 201, type: PROTOBUF, object: { kind: 'ConfigMap', data: { text: 'xxx' } } });
  const { object } = await call('GET', `${MAPS}/one`);
  expect(await call('PUT', `${MAPS}/one`, { ...object, data: { text: 'new' } })).toMatchObject({ status: 200, object: { data: { text: 'new' } } });
  expect(await call('DELETE', `${MAPS}/one`, { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: object.metadata.uid } })).toMatchObject({ status: 200, type: PROTOBUF, object: { kind: 'Status', status: 'Success' } });
});

test('errors are Status objects in protobuf, in every stage', async () => {
  expect(await call('GET', `${MAPS}/nothing`)).toMatchObject({ status: 404, type: PROTOBUF, object: { kind: 'Status', reason: 'NotFound', message: 'configmaps "nothing" not found', code: 404, details: { name: 'nothing', kind: 'configmaps' } } });
  expect(await call('POST', MAPS, map('Not A Name'))).toMatchObject({ status: 422, type: PROTOBUF, object: { reason: 'Invalid', details: { causes: [{ field: 'metadata.name' }] } } });
  expect(await call('GET', '/apis/apps/v1/things')).toMatchObject({ status: 404, type: PROTOBUF, object: { kind: 'Status' } });
});

test('a large list is compressed', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => call('POST', MAPS, map(`large-${i}`, 20_000))));
  const list = await call('GET', `${MAPS}?fieldSelector=metadata.name!=kube-root-ca.crt`);
  expect([list.status, list.type, list.compressed, (list.object['items'] as object[]).length >= 20]).toEqual([200, PROTOBUF, true, true]);
});

test('a watch comes in frames, and is not compressed', async () => {
  const stream = send('GET', `${MAPS}?watch=1&fieldSelector=metadata.name%3Dwatched&timeoutSeconds=20`);
  const head = await new Promise<http2.IncomingHttpHeaders>((resolve) => stream.once('response', resolve));
  expect([head['content-type'], head['content-encoding']]).toEqual([`${PROTOBUF};stream=watch`, undefined]);
  await call('POST', MAPS, map('watched'));
  await call('DELETE', `${MAPS}/watched`);
  let bytes = Buffer.alloc(0);
  const names: string[] = [];
  for await (const piece of stream) {
    bytes = Buffer.concat([bytes, piece as Buffer]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
      const frame = bytes.subarray(4, 4 + bytes.readUInt32BE(0));
      bytes = bytes.subarray(4 + frame.length);
      names.push(`${frame.subarray(2, 2 + frame[1]!).toString()} ${opened(frame.subarray(frame.indexOf('k8s\0'))).metadata.name}`);
    }
    if (names.length === 2) break;
  }
  expect(names).toEqual(['ADDED watched', 'DELETED watched']);
});

test('reviews and discovery', async () => {
  const review = await call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } });
  expect(review).toMatchObject({ status: 201, type: PROTOBUF, object: { kind: 'SelfSubjectAccessReview', status: { allowed: true } } });
  const resources = await call('GET', '/apis/resource.k8s.io/v1beta1');
  expect([resources.type, (resources.object['resources'] as { name: string }[]).map(({ name }) => name)]).toEqual([PROTOBUF, ['deviceclasses', 'resourceclaims', 'resourceclaims/status', 'resourceclaimtemplates', 'resourceslices']]);
  const groups = await call('GET', '/apis');
  expect((groups.object['groups'] as { name: string; versions: { version: string }[] }[]).find(({ name }) => name === 'resource.k8s.io')!.versions.map(({ version }) => version)).toEqual(['v1', 'v1beta1']);
});

test('definitions of custom resources are stored as v1beta1; their objects have no protobuf, and come as JSON', async () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'tabs.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'tabs', kind: 'Tab' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }] },
  };
  expect(await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)).toMatchObject({ status: 201, type: PROTOBUF });
  await expect.poll(async () => (await call('GET', '/apis/example.com/v1/namespaces/default/tabs')).type, { timeout: 20_000 }).toBe('application/json');
});
