import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { nodeHost } from '../../host/node/index.ts';
import type { ServerResponse } from 'node:http';
import type { AnyServerRequest, AnyServerResponse } from '../../host/types.ts';
import { publish, register, send, startRig, type Rig } from './rig.fixture.ts';

const eventually = { timeout: 20_000, interval: 20 };
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const base = '/apis/old.example.com/v1';
const ref = { $ref: '#/definitions/com.example.old.v1.Thing' };

/** A server of the days before aggregated discovery and OpenAPI v3. */
const DOCUMENTS: Readonly<Record<string, object>> = {
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [{ name: 'old.example.com', versions: [{ groupVersion: 'old.example.com/v1', version: 'v1' }] }] },
  [base]: {
    kind: 'APIResourceList', groupVersion: 'old.example.com/v1', resources: [
      { name: 'things', singularName: 'thing', namespaced: true, kind: 'Thing', verbs: ['get', 'list'], shortNames: ['th'] }, { name: 'things/status', singularName: '', namespaced: true, kind: 'Thing', verbs: ['get'] },
    ],
  },
  '/openapi/v2': {
    swagger: '2.0', info: { title: 'Old', version: 'v1' },
    paths: {
      [`${base}/things`]: {
        parameters: [{ name: 'namespace', in: 'path', type: 'string', required: true, uniqueItems: true }, { name: 'limit', in: 'query', type: 'integer', description: 'How many.' }],
        post: {
          operationId: 'create', consumes: ['application/json'], produces: ['application/json', 'application/yaml'], parameters: [{ name: 'body', in: 'body', required: true, schema: ref }],
          responses: { 200: { description: 'OK', schema: ref }, 401: { description: 'Unauthorized' } },
        },
      },
    },
    definitions: {
      'com.example.old.v1.Thing': { type: 'object', properties: { metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', description: 'What it is called.' }, parts: { type: 'array', items: { type: 'string' } } } },
      'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': { type: 'object', properties: { name: { type: 'string' } } },
    },
  },
};

function answer(request: AnyServerRequest, response: AnyServerResponse): void {
  const document = DOCUMENTS[request.url!.split('?')[0]!];
  (response as ServerResponse).writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
  (response as { end(text: string): void }).end(JSON.stringify(document ?? {}));
}

describe('a server that speaks only the older forms', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
    const { net } = nodeHost({ logLevel: 'silent' });
    await rig.listen(net.listen({ address: '127.0.0.1', port: 0, tls: rig.pki.serving, onRequest: answer, onUpgrade: (_request, socket) => socket.destroy() }), 8443);
    await publish(rig.admin, 8443);
    await register(rig.admin, 'old.example.com', 'v1', { caBundle: rig.pki.server.cert });
  }, 60_000);
  afterAll(() => rig.close());

  test('has its resources in aggregated discovery', () => vi.waitFor(async () => {
    const { items } = JSON.parse((await send(rig.transport, '/apis', { headers: { accept: aggregated } })).text) as { items: { metadata: { name: string }; versions: object[] }[] };
    expect(items.find(({ metadata }) => metadata.name === 'old.example.com')?.versions).toEqual([{
      version: 'v1', freshness: 'Current', resources: [{
        resource: 'things', responseKind: { group: 'old.example.com', version: 'v1', kind: 'Thing' }, scope: 'Namespaced', singularResource: 'thing', verbs: ['get', 'list'], shortNames: ['th'],
        subresources: [{ subresource: 'status', responseKind: { group: 'old.example.com', version: 'v1', kind: 'Thing' }, verbs: ['get'] }],
      }],
    }]);
  }, eventually));

  test('has a document of version 3, made of its version 2', async () => {
    const url = await vi.waitFor(async () => {
      const { paths } = JSON.parse((await send(rig.transport, '/openapi/v3')).text) as { paths: Record<string, { serverRelativeURL: string }> };
      expect(paths['apis/old.example.com/v1']).toBeDefined();
      return paths['apis/old.example.com/v1']!.serverRelativeURL;
    }, eventually);
    const [path, hash] = url.split('?hash=');
    const { text, headers } = await send(rig.transport, path!, { query: { hash } });
    expect((await send(rig.transport, path!, { headers: { 'if-none-match': headers['etag']! } })).status).toBe(304);
    const reference = { $ref: '#/components/schemas/com.example.old.v1.Thing' };
    expect(JSON.parse(text)).toMatchObject({
      openapi: '3.0.0',
      paths: {
        [`${base}/things`]: {
          parameters: [{ name: 'namespace', in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }, { name: 'limit', in: 'query', description: 'How many.', schema: { type: 'integer' } }],
          post: {
            operationId: 'create', requestBody: { required: true, content: { 'application/json': { schema: reference } } },
            responses: { 200: { description: 'OK', content: { 'application/json': { schema: reference }, 'application/yaml': { schema: reference } } }, 401: { description: 'Unauthorized' } },
          },
        },
      },
      components: { schemas: { 'com.example.old.v1.Thing': { properties: { metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }], description: 'What it is called.' } } } } },
    });
  });

  test('is in version 2 in JSON and in protobuf; what it calls ObjectMeta gets a name of its own', async () => {
    await vi.waitFor(async () => {
      const { paths, definitions } = JSON.parse((await send(rig.transport, '/openapi/v2', { headers: { accept: 'application/json' } })).text) as { paths: object; definitions: Record<string, { properties: object }> };
      expect(Object.keys(paths)).toEqual(expect.arrayContaining([`${base}/things`, '/api/v1/pods']));
      expect(definitions['com.example.old.v1.Thing']).toMatchObject({ properties: { metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta_v2' } } });
      expect(Object.keys(definitions['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta']!.properties).length).toBeGreaterThan(5);
    }, eventually);
    const binary = await send(rig.transport, '/openapi/v2', { headers: { accept: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' } });
    expect(binary.headers['content-type']).toContain('protobuf');
    for (const name of [`${base}/things`, 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta_v2', '/api/v1/pods']) expect(binary.text).toContain(name);
  });
});
