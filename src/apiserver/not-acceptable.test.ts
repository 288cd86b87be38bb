/** What is told to clients that take nothing of what there is: in the words of upstream's tables of routes, or of those who answer without one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../client/index.ts';
import { CustomResourceDefinitions } from '../api/resources.ts';
import { nodeHost } from '../host/node/index.ts';
import { memoryBackend } from '../store/memory.ts';
import { takesRoute } from './accept.ts';
import { eventually } from './crd/rig.fixture.ts';
import { createApiServer, loopbackUser, type ApiServer } from './server.ts';

let server: ApiServer;

interface Answer { status: number; text: string; headers: Readonly<Record<string, string>> }

async function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const [bare, query] = path.split('?');
  const response = await server.transport(loopbackUser).send({ method: 'GET', path: bare!, query: Object.fromEntries(new URLSearchParams(query)), headers });
  let text = '';
  for await (const piece of response.body) text += Buffer.from(piece).toString();
  return { status: response.status, text, headers: response.headers };
}

beforeAll(async () => {
  server = await createApiServer({ host: nodeHost({ logLevel: 'silent' }), backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {} });
  await server.start();
  await server.ready();
  await createClient(server.transport(loopbackUser)).of(CustomResourceDefinitions).create({
    metadata: { name: 'foos.x.io' },
    spec: { group: 'x.io', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
  });
  await eventually(async () => expect((await get('/apis/x.io/v1/foos')).status).toBe(200));
});
afterAll(() => server.stop());

const FORMATS = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const table = `406: Not Acceptable\n\nAvailable representations: ${FORMATS}`;
const streams = `${table}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch`;
const plain = `only the following media types are accepted: ${FORMATS}`;

test.each([
  ['/api', table], ['/api/v1', table], ['/apis/apps/v1', table], ['/apis', plain], ['/apis/apps', plain], ['/apis/x.io', plain], ['/apis/x.io/v1', plain],
  ['/api/v1/namespaces/default', table], ['/api/v1/pods', streams], ['/api/v1/pods?watch=1', streams], ['/apis/apps/v1/namespaces/default/deployments/a/scale', table],
  ['/api/v1/namespaces/default/pods/a/log', `406: Not Acceptable\n\nAvailable representations: text/plain, ${FORMATS}`],
  ['/apis/x.io/v1/foos', plain],
])('%s as HTML', async (path, message) => {
  const { status, text, headers } = await get(path, { accept: 'text/html' });
  expect(JSON.parse(text)).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'NotAcceptable', ...(message.startsWith('406') ? { details: {} } : {}), code: 406 });
  expect([status, headers['content-type'], text.startsWith('{\n  "kind": "Status",\n')]).toEqual([406, 'application/json', true]);
});

describe('discovery', () => {
  test.each([
    ['/apis', 'application/json;as=Foo;g=meta.k8s.io;v=v1', 406], ['/apis', 'application/json;as=APIGroupDiscoveryList;g=apidiscovery.k8s.io;v=v3', 406], ['/api/v1', 'application/json;as=Table;g=meta.k8s.io;v=v1', 406],
    ['/apis', 'application/json;as=APIGroupDiscoveryList;g=apidiscovery.k8s.io;v=v3,application/json', 200], ['/apis', 'text/html, */*;q=0.1', 200], ['/api', '*/*', 200], ['/api/v1', 'application/*', 406], ['/apis', 'application/*', 200],
  ] as const)('%s for %s: %i', async (path, accept, status) => expect((await get(path, { accept })).status).toBe(status));

  test('aggregated, for those who have asked before', async () => {
    for (const version of ['v2', 'v2beta1']) {
      const accept = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
      const { status, text, headers } = await get('/apis', { accept });
      expect([status, headers['content-type'], headers['cache-control'], headers['vary']]).toEqual([200, accept, 'public', 'Accept']);
      expect(JSON.parse(text)).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}` });
      const tag = headers['etag']!;
      for (const tags of [tag, `W/${tag}`, `"a", ${tag}`]) expect((await get('/apis', { accept, 'if-none-match': tags })).status).toBe(304);
      expect((await get('/apis', { accept, 'if-none-match': '"a"' })).status).toBe(200);
      const inProtobuf = await get('/apis', { accept: accept.replace('json', 'vnd.kubernetes.protobuf') });
      expect(inProtobuf.headers['content-type']).toBe(accept.replace('json', 'vnd.kubernetes.protobuf'));
      expect(inProtobuf.text).toContain(`apidiscovery.k8s.io/${version}`);
    }
  });
});

test.each([
  [undefined, true], ['', true], ['application/json', true], ['application/json;as=Table', true], ['text/html,application/yaml;q=0', true], ['*/*', true], ['application/*', false], ['text/plain', false], ['application/jsonish', false],
])('a route for %s: %s', (accept, takes) => expect(takesRoute(accept, ['json', 'yaml', 'protobuf'])).toBe(takes));
