import { afterEach, expect, test } from 'vitest';
import { CustomResourceDefinitions } from '../../api/resources.ts';
import { createClient, Discovery, discoverResources, type Client } from '../../client/index.ts';
import { nodeHost } from '../../host/node/index.ts';
import { memoryBackend } from '../../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';

const host = nodeHost({ logLevel: 'silent' });
let server: ApiServer;
afterEach(() => server.stop());

async function startServer(): Promise<{ client: Client; statuses: number[] }> {
  server = await createApiServer({ host, backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authorizationModes: ['RBAC'] });
  await server.start();
  await server.ready();
  const inner = server.transport(loopbackUser);
  const statuses: number[] = [];
  const client = createClient({
    async send(request) {
      const response = await inner.send(request);
      if (request.path === '/api' || request.path === '/apis') statuses.push(response.status);
      return response;
    },
  });
  return { client, statuses };
}

test('discovery that is asked again gets only what has changed', async () => {
  const { client, statuses } = await startServer();
  const discovery = new Discovery(client);
  const first = await discovery.discover();
  expect(first.resources.some(({ plural }) => plural === 'pods')).toBe(true);
  expect(await discovery.discover()).toBe(first);
  expect(statuses).toEqual([200, 200, 304, 304]);

  await client.of(CustomResourceDefinitions).create({
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'toys.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'toys', kind: 'Toy' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
  });
  let next = await discovery.discover();
  for (let i = 0; i < 1_000 && !next.resources.some(({ plural }) => plural === 'toys'); i++) {
    await host.clock.sleep(5);
    next = await discovery.discover();
  }
  expect(next.resources.find(({ plural }) => plural === 'toys')).toMatchObject({ group: 'example.com', kind: 'Toy', namespaced: true });
  expect(next).toEqual(await discoverResources(client));
});

test('discovery that fails is asked anew, and what was known stays known', async () => {
  const { client } = await startServer();
  let broken = false;
  const discovery = new Discovery(createClient({
    async send(request) {
      if (broken) return { status: 503, headers: {}, body: (async function* none() { yield* []; })() };
      return client.transport.send(request);
    },
  }));
  const first = await discovery.discover();
  broken = true;
  await expect(discovery.discover()).rejects.toThrow('the server is currently unable to handle the request');
  broken = false;
  expect(await discovery.discover()).toBe(first);
});
