/** The requirements on API priority and fairness, by their names, over HTTPS with the typed client. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/meta/v1/types.ts';
import { FlowSchemas, PriorityLevelConfigurations } from '../../src/api/resources.ts';
import type { ResourceClient, WatchEvent } from '../../src/client/types.ts';
import { startTestServer, type TestServer } from './server.ts';

const groupVersion = 'flowcontrol.apiserver.k8s.io/v1';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.stop());

async function isDiscovered(plural: string, kind: string): Promise<void> {
  const groups = (await server.send('GET', '/apis')).body.groups as { name: string; versions: { version: string }[] }[];
  expect(groups.find(({ name }) => name === 'flowcontrol.apiserver.k8s.io')?.versions.map(({ version }) => version)).toContain('v1');
  expect((await server.send('GET', '/apis/flowcontrol.apiserver.k8s.io')).body.versions).toContainEqual({ groupVersion, version: 'v1' });
  const { resources } = (await server.send('GET', `/apis/${groupVersion}`)).body as { resources: { name: string; kind: string; verbs: string[] }[] };
  expect(resources.find(({ name }) => name === plural)).toMatchObject({ kind, verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] });
  expect(resources.find(({ name }) => name === `${plural}/status`)).toMatchObject({ kind, verbs: ['get', 'patch', 'update'] });
}

/** The server writes statuses itself: who updates reads again when it was faster. */
async function onNewest<T extends KubeObject>(client: ResourceClient<T>, name: string, write: (object: T) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write(await client.get(name));
    } catch (error) {
      if ((error as { code?: number }).code !== 409) throw error;
    }
  }
}

/** All verbs of a kind, one after the other, with a watch that hears of each. */
async function supportsAllVerbs<T extends KubeObject & { status?: { conditions?: object[] } }>(client: ResourceClient<T>, name: string, make: (name: string) => T): Promise<void> {
  const labelSelector = `suite=${name}`;
  const { metadata } = await client.list({ labelSelector });
  const created = await client.create(make(`${name}-0`));
  const events: WatchEvent<T>['type'][] = [];
  const watched = (async () => {
    for await (const { type } of client.watch({ labelSelector, resourceVersion: metadata.resourceVersion ?? '', timeoutSeconds: 30 })) {
      events.push(type);
      if (type === 'DELETED') return;
    }
  })();
  expect(await client.get(`${name}-0`)).toMatchObject({ metadata: { uid: created.metadata.uid } });
  expect((await client.list({ labelSelector })).items.map((item) => item.metadata.name)).toEqual([`${name}-0`]);
  const patched = await client.patch(`${name}-0`, { metadata: { annotations: { patched: 'true' } } }, { type: 'merge' });
  expect(patched.metadata.annotations).toMatchObject({ patched: 'true' });
  const updated = await onNewest(client, `${name}-0`, (object) => client.update({ ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, updated: 'true' } } }));
  expect(updated.metadata.annotations).toMatchObject({ patched: 'true', updated: 'true' });
  const withStatus = await client.patch(`${name}-0`, { status: { conditions: [{ type: 'PatchStatusFailed', status: 'False', reason: 'Rocket', lastTransitionTime: '2026-01-01T00:00:00Z' }] } }, { type: 'merge', subresource: 'status' });
  expect(withStatus.status?.conditions).toContainEqual(expect.objectContaining({ type: 'PatchStatusFailed' }));
  const updatedStatus = await onNewest(client, `${name}-0`, (object) => client.updateStatus({ ...object, status: { conditions: [{ type: 'UpdateStatusFailed', status: 'False', reason: 'Rocket', lastTransitionTime: '2026-01-01T00:00:00Z' }] } } as T));
  expect(updatedStatus.status?.conditions).toContainEqual(expect.objectContaining({ type: 'UpdateStatusFailed' }));
  await client.delete(`${name}-0`);
  await expect(client.get(`${name}-0`)).rejects.toMatchObject({ code: 404 });
  await watched;
  expect([events[0], events.at(-1)]).toEqual(['ADDED', 'DELETED']);
  expect(events.filter((type) => type === 'MODIFIED').length).toBeGreaterThanOrEqual(4);
  for (const i of [1, 2]) await client.create(make(`${name}-${i}`));
  await client.deleteCollection({ labelSelector });
  expect((await client.list({ labelSelector })).items).toEqual([]);
}

test('[sig-api-machinery] API priority and fairness should support FlowSchema API operations [Conformance]', async () => {
  await isDiscovered('flowschemas', 'FlowSchema');
  await supportsAllVerbs(server.remote.of(FlowSchemas), 'flow', (name) => ({
    metadata: { name, labels: { suite: 'flow' } },
    spec: {
      matchingPrecedence: 10_000, priorityLevelConfiguration: { name: 'global-default' }, distinguisherMethod: { type: 'ByUser' },
      rules: [{ subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }],
    },
  }));
});

test('[sig-api-machinery] API priority and fairness should support PriorityLevelConfiguration API operations [Conformance]', async () => {
  await isDiscovered('prioritylevelconfigurations', 'PriorityLevelConfiguration');
  await supportsAllVerbs(server.remote.of(PriorityLevelConfigurations), 'level', (name) => ({
    metadata: { name, labels: { suite: 'level' } }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } },
  }));
});
