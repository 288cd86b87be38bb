import { afterEach, expect, test } from 'vitest';
import type { CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { statusOfEntries } from '../../api/apiserverinternal/v1alpha1/entries.ts';
import type { ServerStorageVersion, StorageVersion } from '../../api/apiserverinternal/v1alpha1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { loadResourcesOffByDefault } from '../../api/off-by-default.ts';
import { CustomResourceDefinitions, Leases } from '../../api/resources.ts';
import { identityName } from '../../apiserver/bootstrap/identity.ts';
import type { ApiServerOptions } from '../../apiserver/options.ts';
import { createApiServer, type ApiServer } from '../../apiserver/server.ts';
import { realCluster } from '../real-cluster.fixture.ts';
import { decideEntries } from './decide.ts';

const StorageVersions = (await loadResourcesOffByDefault()).resources.find(({ plural }) => plural === 'storageversions') as Resource<StorageVersion>;
const [one, two] = [identityName('one'), identityName('two')];
const on = { runtimeConfig: { 'internal.apiserver.k8s.io/v1alpha1': true }, identity: { hostname: 'one' } };

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function clusterOf(options: Partial<ApiServerOptions> = on) {
  const cluster = await realCluster(['storageversion-garbage-collector-controller', 'garbage-collector-controller'], {}, options);
  stops.push(cluster.stop);
  const { host, backend, run, client } = cluster;
  const all = async (): Promise<Map<string, StorageVersion>> => new Map((await run(client.of(StorageVersions).list())).items.map((object) => [object.metadata.name!, object]));
  /** Names of the servers that have an entry in any object. */
  const servers = async (): Promise<string[]> => [...new Set((await all()).values().flatMap(({ status }) => (status?.storageVersions ?? []).map(({ apiServerID }) => apiServerID)))].sort();
  async function until(what: () => Promise<boolean>, stepMs = 1_000): Promise<void> {
    for (let i = 0; i < 200; i++) {
      if (await what()) return;
      await cluster.advance(stepMs);
    }
    throw new Error('it does not come to pass');
  }
  /** Another API server on the same store. */
  async function second(more: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
    const server = await createApiServer({ host, backend, version: '0.0.0', serviceCidr: '10.96.0.0/16', ...on, identity: { hostname: 'two' }, ...more });
    stops.push(() => run(server.stop()));
    await run(server.start());
    await run(server.ready());
    return server;
  }
  return { ...cluster, all, servers, until, second };
}

const condition = (status: string): object => ({ type: 'AllEncodingVersionsEqual', status, reason: status === 'True' ? 'CommonEncodingVersionSet' : 'CommonEncodingVersionUnset', message: `Common encoding version ${status === 'True' ? 'set' : 'unset'}`, lastTransitionTime: expect.any(String) });
const versionsOf = (common: string, decodable: string[], served: string[], ...names: string[]): object => ({
  storageVersions: names.map((apiServerID) => ({ apiServerID, encodingVersion: common, decodableVersions: decodable, servedVersions: served })), commonEncodingVersion: common, conditions: [condition('True')],
});

test('two servers on one store: each has its entries; those of the one that goes are collected with its Lease', async () => {
  const cluster = await clusterOf();
  await cluster.until(async () => (await cluster.all()).get('storage.k8s.io.volumeattributesclasses')?.status?.commonEncodingVersion !== undefined);
  const alone = await cluster.all();
  expect(alone.get('core.pods')?.status).toEqual(versionsOf('v1', ['v1'], ['v1'], one));
  expect(alone.get('autoscaling.horizontalpodautoscalers')?.status).toEqual(versionsOf('autoscaling/v2', ['autoscaling/v1', 'autoscaling/v2'], ['autoscaling/v1', 'autoscaling/v2'], one));
  expect(alone.get('core.events')?.status).toEqual(versionsOf('v1', ['events.k8s.io/v1', 'v1'], ['v1'], one));
  expect(alone.get('events.k8s.io.events')?.status).toEqual(versionsOf('v1', ['events.k8s.io/v1', 'v1'], ['events.k8s.io/v1'], one));
  expect(alone.get('internal.apiserver.k8s.io.storageversions')?.status?.commonEncodingVersion).toBe('internal.apiserver.k8s.io/v1alpha1');
  // What is not stored has none.
  expect([...alone.keys()].filter((name) => name.endsWith('reviews') || name === 'core.bindings')).toEqual([]);
  expect(await cluster.servers()).toEqual([one]);

  // What is there already is not written again.
  const revisions = async (): Promise<string> => [...(await cluster.all()).values()].map(({ metadata }) => metadata.resourceVersion).join();
  const before = await revisions();
  await cluster.advance(1_300_000);
  expect(await revisions()).toBe(before);

  // Two versions more are served, and so there are objects of one server only.
  const other = await cluster.second({ runtimeConfig: { ...on.runtimeConfig, 'storagemigration.k8s.io/v1beta1': true } });
  await cluster.until(async () => (await cluster.all()).get('storagemigration.k8s.io.storageversionmigrations')?.status?.commonEncodingVersion !== undefined);
  await cluster.until(async () => (await cluster.all()).get('storage.k8s.io.volumeattributesclasses')?.status?.storageVersions?.length === 2);
  expect((await cluster.all()).get('core.pods')?.status).toEqual(versionsOf('v1', ['v1'], ['v1'], one, two));

  // Its Lease outlives it by an hour, and so do its entries.
  await cluster.run(other.stop());
  await cluster.advance(1_800_000);
  expect(await cluster.servers()).toEqual([one, two].sort());
  await cluster.until(async () => !(await cluster.names(Leases, 'kube-system')).includes(two), 60_000);
  await cluster.advance(30_000);
  expect(await cluster.servers()).toEqual([one]);
  expect((await cluster.all()).get('core.pods')?.status).toEqual(versionsOf('v1', ['v1'], ['v1'], one));
  expect([...(await cluster.all()).keys()]).toEqual([...alone.keys()]);
  expect(cluster.refused).toEqual([]);
}, 60_000);

test('servers that write different versions have none in common; when one of them goes there is one again', async () => {
  const cluster = await clusterOf();
  await cluster.until(async () => (await cluster.all()).get('storage.k8s.io.volumeattributesclasses')?.status?.commonEncodingVersion !== undefined);
  await cluster.create(Leases, { metadata: { name: 'apiserver-old', namespace: 'kube-system', labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver' } }, spec: { holderIdentity: 'x', leaseDurationSeconds: 1, renewTime: '2020-01-01T00:00:00.000000Z' } });
  const entry = { apiServerID: 'apiserver-old', encodingVersion: 'apps/v1beta2', decodableVersions: ['apps/v1', 'apps/v1beta2'] };
  const write = async (...entries: ServerStorageVersion[]): Promise<void> => {
    const object = await cluster.get(StorageVersions, 'apps.deployments');
    await cluster.run(cluster.client.of(StorageVersions).updateStatus({ ...object, status: statusOfEntries(object, [...object.status!.storageVersions!, ...entries], cluster.host.clock.now()) }));
  };
  await write(entry);
  await cluster.advance(10_000);
  // The Lease has run out, but it is there.
  const { status } = await cluster.get(StorageVersions, 'apps.deployments');
  expect(status).toMatchObject({ storageVersions: [{ apiServerID: one, encodingVersion: 'apps/v1' }, entry], conditions: [condition('False')] });
  expect(status?.commonEncodingVersion).toBeUndefined();
  await cluster.run(cluster.client.of(Leases).inNamespace('kube-system').delete('apiserver-old'));
  await cluster.advance(10_000);
  expect((await cluster.get(StorageVersions, 'apps.deployments')).status).toMatchObject({ storageVersions: [{ apiServerID: one }], commonEncodingVersion: 'apps/v1', conditions: [condition('True')] });
  // An entry whose server never had a Lease goes when it is written, and the object with the last one.
  await write({ ...entry, apiServerID: 'apiserver-never' });
  await cluster.create(StorageVersions, { metadata: { name: 'example.com.gizmos' }, spec: {} });
  await cluster.advance(10_000);
  expect((await cluster.get(StorageVersions, 'apps.deployments')).status?.storageVersions?.map(({ apiServerID }) => apiServerID)).toEqual([one]);
  const empty = await cluster.get(StorageVersions, 'example.com.gizmos');
  await cluster.run(cluster.client.of(StorageVersions).updateStatus({ ...empty, status: statusOfEntries(empty, [entry], 0) }));
  await cluster.advance(10_000);
  expect([...(await cluster.all()).keys()]).not.toContain('example.com.gizmos');
  expect(cluster.refused).toEqual([]);
}, 60_000);

const version = (name: string, storage: boolean, served = true) => ({ name, served, storage, schema: { openAPIV3Schema: { type: 'object' as const } } });
const definition: CustomResourceDefinition = {
  metadata: { name: 'widgets.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget', singular: 'widget', listKind: 'WidgetList' }, versions: [version('v1', true), version('v2', false, false)] },
};

test('a custom resource has its object from when it is served; it follows the definition, and goes with it', async () => {
  const cluster = await clusterOf();
  const entryOf = async (): Promise<object | undefined> => (await cluster.all()).get('example.com.widgets')?.status?.storageVersions?.[0];
  const { metadata } = await cluster.create(CustomResourceDefinitions, definition);
  await cluster.until(async () => (await entryOf()) !== undefined);
  expect(await entryOf()).toEqual({ apiServerID: one, encodingVersion: 'example.com/v1', decodableVersions: ['example.com/v1', 'example.com/v2'], servedVersions: ['example.com/v1'] });
  const owner = (await cluster.all()).get('example.com.widgets')!.metadata.ownerReferences;
  expect(owner).toEqual([{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'widgets.example.com', uid: metadata.uid }]);
  const fresh = await cluster.get(CustomResourceDefinitions, 'widgets.example.com');
  await cluster.run(cluster.client.of(CustomResourceDefinitions).update({ ...fresh, spec: { ...fresh.spec, versions: [version('v1', false), version('v2', true)] } }));
  await cluster.advance(5_000);
  expect(await entryOf()).toEqual({ apiServerID: one, encodingVersion: 'example.com/v2', decodableVersions: ['example.com/v1', 'example.com/v2'], servedVersions: ['example.com/v1', 'example.com/v2'] });
  expect((await cluster.all()).get('example.com.widgets')?.status?.commonEncodingVersion).toBe('example.com/v2');
  await cluster.run(cluster.client.of(CustomResourceDefinitions).delete('widgets.example.com'));
  await cluster.until(async () => !(await cluster.all()).has('example.com.widgets'));
}, 60_000);

test.each<[string, Partial<ApiServerOptions>, boolean]>([
  ['the version is not served', { identity: { hostname: 'one' } }, false],
  ['the gate StorageVersionAPI is off', { ...on, featureGates: { StorageVersionAPI: false } }, true],
  ['servers have no identity', { ...on, featureGates: { APIServerIdentity: false } }, true],
])('nothing is written where %s', async (_, options, served) => {
  const cluster = await clusterOf(options);
  await cluster.advance(30_000);
  if (served) expect(await cluster.servers()).toEqual([]);
  else await expect(cluster.all()).rejects.toThrow(/could not find the requested resource/);
  const role = cluster.run(cluster.client.request({ method: 'GET', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:controller:storage-version-garbage-collector' }));
  if (served) await role;
  else await expect(role).rejects.toThrow(/not found/);
  expect(cluster.refused).toEqual([]);
});

const entriesOf = (...all: [string, string][]): ServerStorageVersion[] => all.map(([apiServerID, encodingVersion]) => ({ apiServerID, encodingVersion, decodableVersions: [encodingVersion] }));
const objectOf = (entries: ServerStorageVersion[], metadata: object = {}): StorageVersion => ({ metadata, status: statusOfEntries({ metadata: {} }, entries, 0) });
const at = Date.UTC(2026, 0, 1);
test.each<[string, StorageVersion | undefined, object]>([
  ['gone', undefined, { do: 'nothing' }],
  ['being deleted', objectOf(entriesOf(['gone', 'v1']), { deletionTimestamp: '2026-01-01T00:00:00Z' }), { do: 'nothing' }],
  ['has just been made', { metadata: {} }, { do: 'nothing' }],
  ['all are there', objectOf(entriesOf(['a', 'v1'], ['b', 'v2'])), { do: 'nothing' }],
  ['the last one is gone', objectOf(entriesOf(['gone', 'v1'])), { do: 'delete' }],
  ['one is gone, the others agree as before', objectOf(entriesOf(['a', 'v1'], ['gone', 'v1'], ['b', 'v1'])), {
    do: 'update', status: { storageVersions: entriesOf(['a', 'v1'], ['b', 'v1']), commonEncodingVersion: 'v1', conditions: [{ ...condition('True'), lastTransitionTime: '1970-01-01T00:00:00Z' }] },
  }],
  ['the one that differed is gone', objectOf(entriesOf(['gone', 'v1'], ['a', 'v2'])), {
    do: 'update', status: { storageVersions: entriesOf(['a', 'v2']), commonEncodingVersion: 'v2', conditions: [{ ...condition('True'), lastTransitionTime: '2026-01-01T00:00:00Z' }] },
  }],
  ['one is gone, the others differ still', objectOf(entriesOf(['a', 'v1'], ['gone', 'v1'], ['b', 'v2'])), {
    do: 'update', status: { storageVersions: entriesOf(['a', 'v1'], ['b', 'v2']), conditions: [{ ...condition('False'), lastTransitionTime: '1970-01-01T00:00:00Z' }] },
  }],
])('decide: %s', (_, object, action) => expect(decideEntries(object, (id) => id !== 'gone', at)).toEqual(action));
