/** The requirement on the aggregator, by its name: an API server of another make behind an APIService, used by kubectl's kind of requests and by a typed client. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { KubeObject } from '../../src/api/meta/v1/types.ts';
import type { Resource } from '../../src/api/meta/resource.ts';
import { APIServices, Namespaces } from '../../src/api/resources.ts';
import { nodeHost } from '../../src/host/node/index.ts';
import { publish, register, send, startRig, type Rig } from '../../src/apiserver/aggregation/rig.fixture.ts';
import { startSampleServer } from './sample-server.ts';

const limit = { timeout: 20_000, interval: 50 };
const users: string[] = [];
const name = 'v1alpha1.wardle.example.com';
const flunders = '/apis/wardle.example.com/v1alpha1/namespaces/sample/flunders';
const Flunders = { group: 'wardle.example.com', version: 'v1alpha1', plural: 'flunders', singular: 'flunder', kind: 'Flunder', namespaced: true } as unknown as Resource<KubeObject>;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  await rig.listen(startSampleServer(nodeHost({ logLevel: 'silent' }), { ...rig.pki.serving, clientCa: rig.pki.front.cert }, users), 9443);
  await publish(rig.admin, 9443);
  await rig.admin.of(Namespaces).create({ metadata: { name: 'sample' } });
}, 60_000);
afterAll(() => rig.close());

const isAvailable = async (status: string): Promise<void> => {
  const { status: found } = await rig.admin.of(APIServices).get(name);
  expect(found?.conditions).toContainEqual(expect.objectContaining({ type: 'Available', status }));
};
const body = (flunder: string): string => JSON.stringify({ apiVersion: 'wardle.example.com/v1alpha1', kind: 'Flunder', metadata: { labels: { 'sample-label': 'true' }, name: flunder, namespace: 'sample' } });

test('[sig-api-machinery] Aggregator Should be able to support the 1.17 Sample API Server using the current Aggregator [LinuxOnly] [Conformance]', async () => {
  await register(rig.admin, 'wardle.example.com', 'v1alpha1', { caBundle: rig.pki.server.cert });
  await vi.waitFor(() => isAvailable('True'), limit);

  // Raw requests.
  await vi.waitFor(async () => expect((await send(rig.transport, flunders)).status).toBe(200), limit);
  const created = await send(rig.transport, flunders, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body('raw') });
  expect([created.status, JSON.parse(created.text).metadata.name]).toEqual([201, 'raw']);
  expect((JSON.parse((await send(rig.transport, flunders)).text) as { items: object[] }).items).toHaveLength(1);
  expect((await send(rig.transport, `${flunders}/raw`, { method: 'DELETE' })).status).toBe(200);
  expect((await send(rig.transport, `${flunders}/raw`)).status).toBe(404);
  expect(users).toContain('system:apiserver');

  // Discovery leads to it, as for any other group.
  const { resources } = JSON.parse((await send(rig.transport, '/apis/wardle.example.com/v1alpha1')).text) as { resources: { name: string }[] };
  expect(resources.map((resource) => resource.name)).toContain('flunders');
  expect((JSON.parse((await send(rig.transport, '/apis')).text) as { groups: { name: string }[] }).groups.map((group) => group.name)).toContain('wardle.example.com');

  // A client that knows the kind only from there.
  const client = rig.admin.of(Flunders).inNamespace('sample');
  await client.create({ metadata: { name: 'dynamic' } });
  expect((await client.list()).items.map(({ metadata }) => metadata.name)).toEqual(['dynamic']);
  expect((await client.patch('dynamic', { metadata: { labels: { patched: 'true' } } }, { type: 'merge' })).metadata.labels).toEqual({ patched: 'true' });
  await client.delete('dynamic');
  await expect(client.get('dynamic')).rejects.toMatchObject({ code: 404 });
  await client.create({ metadata: { name: 'one-of-many' } });
  await client.deleteCollection();
  expect((await client.list()).items).toEqual([]);

  // The APIService's own verbs.
  const services = rig.admin.of(APIServices);
  const status = await services.getSubresource<{ status: object }>(name, 'status');
  expect(status.status).toBeDefined();
  const patched = await services.patch(name, { spec: { versionPriority: 400 } }, { type: 'merge' });
  expect(patched.spec?.versionPriority).toBe(400);
  expect((await services.list()).items.map(({ metadata }) => metadata.name)).toContain(name);
  const conditions = [...(patched.status?.conditions ?? []), { type: 'StatusUpdated', status: 'True', reason: 'E2E', message: 'Set from e2e test' }];
  await vi.waitFor(async () => services.updateStatus({ ...(await services.get(name)), status: { conditions } }), limit);
  expect((await services.get(name)).status?.conditions).toContainEqual(expect.objectContaining({ type: 'StatusUpdated', reason: 'E2E' }));
  await vi.waitFor(async () => {
    const newest = await services.get(name);
    const updated = await services.update({ ...newest, metadata: { ...newest.metadata, labels: { 'e2e-apiservice': 'patched' } } });
    expect(updated.metadata.labels).toEqual({ 'e2e-apiservice': 'patched' });
  }, limit);
  await services.deleteCollection({ labelSelector: 'e2e-apiservice=patched' });
  await expect(services.get(name)).rejects.toMatchObject({ code: 404 });
  await vi.waitFor(async () => expect((await send(rig.transport, flunders)).status).toBe(404), limit);
  // The server's own are where they were.
  expect((await services.list()).items.map(({ metadata }) => metadata.name)).toContain('v1.apps');
}, 60_000);
