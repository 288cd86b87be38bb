/** The API's requirements on conversion webhooks, by their names in the conformance list. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Listener } from '../../src/host/types.ts';
import type { JSONSchemaProps } from '../../src/api/apiextensions/v1/types.ts';
import { createAuthority, issueCertificate } from '../../src/pki/certificates.ts';
import { crds, define, definition, version } from './definitions.ts';
import { eventually, startTestServer, type TestServer } from './server.ts';

const prefix = '[sig-api-machinery] CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to';

interface Thing { apiVersion: string; metadata: { name: string }; hostPort?: string; host?: string; port?: string }

let server: TestServer;
let listener: Listener;
let conversion: object;

/** What upstream's test image does: one field in v1 is two in v2. */
function converted({ hostPort, host, port, ...rest }: Thing, apiVersion: string): Thing {
  const [left = '', right = ''] = (hostPort ?? '').split(':');
  return apiVersion.endsWith('/v2') ? { ...rest, apiVersion, host: left, port: right } : { ...rest, apiVersion, hostPort: `${host}:${port}` };
}

beforeAll(async () => {
  server = await startTestServer();
  const { host } = server;
  const nowMs = host.clock.now();
  const authority = await createAuthority({ commonName: 'conversion authority', nowMs, days: 1 });
  const tls = await issueCertificate(authority, { commonName: 'conversion', usages: ['server'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 });
  listener = await host.net.listen({
    address: '127.0.0.1', port: 0, tls, onRequest: (incoming, outgoing) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (piece: string) => (text += piece));
      incoming.on('end', () => {
        const { request, ...review } = JSON.parse(text) as { request: { uid: string; objects: Thing[]; desiredAPIVersion: string } };
        const convertedObjects = request.objects.map((object) => converted(object, request.desiredAPIVersion));
        outgoing.setHeader('content-type', 'application/json');
        outgoing.end(JSON.stringify({ ...review, response: { uid: request.uid, convertedObjects, result: { status: 'Success' } } }));
      });
    },
  });
  const caBundle = Buffer.from(authority.cert).toString('base64');
  conversion = { conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: `https://127.0.0.1:${listener.port}/crdconvert`, caBundle }, conversionReviewVersions: ['v1', 'v1beta1'] } } };
});
afterAll(async () => {
  await listener.close();
  await server.stop();
});

const fields = (...names: string[]): JSONSchemaProps => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
const versions = (): ReturnType<typeof version>[] => [version('v1', fields('hostPort'), { storage: true }), version('v2', fields('host', 'port'))];
const at = (group: string, name: string): string => `/apis/${group}/${name}/namespaces/default/things`;
const thing = (group: string, name: string): object => ({ apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name }, hostPort: 'localhost:8080' });

test(`${prefix} convert from CR v1 to CR v2 [Conformance]`, async () => {
  const group = 'single.example.com';
  await define(server, definition(group, 'things', 'Thing', versions(), conversion));
  expect((await server.send('POST', at(group, 'v1'), thing(group, 'one'))).status).toBe(201);
  expect((await server.send('GET', `${at(group, 'v2')}/one`)).body).toMatchObject({ apiVersion: `${group}/v2`, host: 'localhost', port: '8080' });
});

test(`${prefix} convert a non homogeneous list of CRs [Conformance]`, async () => {
  const group = 'mixed.example.com';
  await define(server, definition(group, 'things', 'Thing', versions(), conversion));
  expect((await server.send('POST', at(group, 'v1'), thing(group, 'one'))).status).toBe(201);
  const patch = [{ op: 'replace', path: '/spec/versions/0/storage', value: false }, { op: 'replace', path: '/spec/versions/1/storage', value: true }];
  const patched = await server.send('PATCH', `${crds}/things.${group}`, patch, { 'content-type': 'application/json-patch+json' });
  expect(patched.body.status.storedVersions).toEqual(['v1', 'v2']);
  expect((await server.send('POST', at(group, 'v2'), { apiVersion: `${group}/v2`, kind: 'Thing', metadata: { name: 'two' }, host: 'other', port: '9090' })).status).toBe(201);
  await eventually(server.host, async () => {
    const { items } = (await server.send('GET', at(group, 'v2'))).body as { items: Thing[] };
    expect(items.map(({ host, port }) => `${host}:${port}`)).toEqual(['localhost:8080', 'other:9090']);
  });
  const { items } = (await server.send('GET', at(group, 'v1'))).body as { items: Thing[] };
  expect(items.map(({ hostPort }) => hostPort)).toEqual(['localhost:8080', 'other:9090']);
});
