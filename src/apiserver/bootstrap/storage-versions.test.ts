/** What API servers say of themselves in StorageVersions. */
import { afterEach, describe, expect, test } from 'vitest';
import { statusOfEntries } from '../../api/apiserverinternal/v1alpha1/entries.ts';
import type { ServerStorageVersion, StorageVersion } from '../../api/apiserverinternal/v1alpha1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { loadResourcesOffByDefault } from '../../api/off-by-default.ts';
import { RESOURCES } from '../../api/resources.ts';
import { createClient } from '../../client/index.ts';
import type { Transport } from '../../client/types.ts';
import { nodeHost } from '../../host/node/index.ts';
import { memoryBackend } from '../../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';
import { identityName } from './identity.ts';
import { builtInVersions, decideEntry, startStorageVersions, type ResourceVersions } from './storage-versions.ts';

const host = nodeHost({ logLevel: 'silent' });
const off = (await loadResourcesOffByDefault()).resources;
const known = [...RESOURCES, ...off];
const StorageVersions = off.find(({ plural }) => plural === 'storageversions') as Resource<StorageVersion>;
const runtimeConfig = { 'internal.apiserver.k8s.io/v1alpha1': true };
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function start(backend: ReturnType<typeof memoryBackend>, hostname?: string): Promise<ApiServer> {
  const server = await createApiServer({ host, backend, version: '0.0.0', serviceCidr: '10.96.0.0/16', runtimeConfig, ...(hostname === undefined ? {} : { identity: { hostname } }) });
  stops.push(() => server.stop());
  await server.start();
  await server.ready();
  return server;
}

async function eventually(what: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 3_000; i++) {
    if (await what()) return;
    await host.clock.sleep(5);
  }
  throw new Error('it does not come to pass');
}

describe('several servers', () => {
  test('that start at once all have their entries', async () => {
    const backend = memoryBackend({ clock: host.clock });
    const names = ['a', 'b', 'c'];
    const [first] = await Promise.all(names.map((name) => start(backend, name)));
    const versions = createClient(first!.transport(loopbackUser)).of(StorageVersions);
    const expected = names.map(identityName).sort().join();
    const count = builtInVersions([...RESOURCES, StorageVersions], known).length;
    await eventually(async () => (await versions.list()).items.filter(({ status }) => status?.storageVersions?.map(({ apiServerID }) => apiServerID).sort().join() === expected && status.commonEncodingVersion !== undefined).length === count);
    expect((await versions.list()).items.length).toBe(count);
  }, 60_000);

  test('entries that others write in between are kept: the write is tried anew', async () => {
    const backend = memoryBackend({ clock: host.clock });
    const server = await start(backend);
    const transport = server.transport(loopbackUser);
    const versions = createClient(transport).of(StorageVersions);
    const other: ServerStorageVersion = { apiServerID: 'apiserver-other', encodingVersion: 'v2', decodableVersions: ['v2'] };
    let quicker = 0;
    const raced: Transport = {
      async send(request) {
        // Somebody else is quicker with each of the first two writes.
        if (request.method === 'PUT' && quicker < 2) {
          const object = await versions.get('core.pods');
          await versions.updateStatus({ ...object, status: statusOfEntries(object, [{ ...other, decodableVersions: ['v2', `v${++quicker + 2}`] }], 0) });
        }
        return transport.send(request);
      },
    };
    const pods = RESOURCES.filter(({ plural, version }) => plural === 'pods' && version === 'v1');
    const writer = startStorageVersions({ host, client: createClient(raced), resource: StorageVersions, apiServerID: 'apiserver-own', identified: Promise.resolve(), served: pods, known });
    stops.push(() => writer.stop());
    await eventually(async () => (await versions.list()).items.some(({ status }) => status?.storageVersions?.some(({ apiServerID }) => apiServerID === 'apiserver-own')));
    expect(quicker).toBe(2);
    const { status } = await versions.get('core.pods');
    expect(status?.storageVersions).toEqual([{ ...other, decodableVersions: ['v2', 'v4'] }, { apiServerID: 'apiserver-own', encodingVersion: 'v1', decodableVersions: ['v1'], servedVersions: ['v1'] }]);
    expect(status?.commonEncodingVersion).toBeUndefined();
  }, 60_000);
});

test('nothing is written before it is known what as', async () => {
  const backend = memoryBackend({ clock: host.clock });
  const written: string[] = [];
  const commit = backend.commit.bind(backend);
  backend.commit = (change) => {
    written.push(change.key);
    return commit(change);
  };
  await start(backend, 'a');
  for (const resource of ['clusterroles', 'clusterrolebindings', 'roles', 'flowschemas', 'priorityclasses', 'apiservices', 'configmaps']) {
    const first = written.findIndex((key) => key.split('/').includes(resource));
    // Its status, which is what tells.
    const told = written.findLastIndex((key) => key.includes('/storageversions/') && key.endsWith(`.${resource}`));
    expect(first, resource).toBeGreaterThan(0);
    expect(told, resource).toBeGreaterThan(0);
    expect(told, resource).toBeLessThan(first);
  }
}, 60_000);

const own: ResourceVersions = { name: 'example.com.widgets', encodingVersion: 'example.com/v1', decodableVersions: ['example.com/v1'], servedVersions: ['example.com/v1'] };
const owner = (uid: string) => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'widgets.example.com', uid });
const { name, ...versions } = own;
const entry = (apiServerID: string, more: Partial<ServerStorageVersion> = {}): ServerStorageVersion => ({ apiServerID, ...versions, ...more });
const objectOf = (entries: ServerStorageVersion[], more: object = {}): StorageVersion => ({ metadata: { name, ...more }, status: statusOfEntries({ metadata: {} }, entries, 0) });
test.each<[string, StorageVersion | undefined, ResourceVersions, object]>([
  ['not there', undefined, own, { create: { metadata: { name }, spec: {} } }],
  ['not there, of a definition', undefined, { ...own, owner: owner('u') }, { create: { metadata: { name, ownerReferences: [owner('u')] }, spec: {} } }],
  ['says what it should', objectOf([entry('other'), entry('me')]), own, {}],
  ['says what it should, of a definition', objectOf([entry('me')], { ownerReferences: [owner('u')] }), { ...own, owner: owner('u') }, {}],
  ['belongs to an earlier definition', objectOf([entry('me')], { ownerReferences: [owner('before')] }), { ...own, owner: owner('u') }, { owners: [owner('u')] }],
  ['has no entries', { metadata: { name } }, own, { status: { storageVersions: [entry('me')], commonEncodingVersion: 'example.com/v1' } }],
  ['has an entry of another', objectOf([entry('other', { encodingVersion: 'example.com/v2' })]), own, { status: { storageVersions: [{ apiServerID: 'other' }, { apiServerID: 'me' }], conditions: [{ status: 'False' }] } }],
  ['its entry is old', objectOf([entry('me', { encodingVersion: 'example.com/v0' }), entry('other')]), own, { status: { storageVersions: [entry('me'), entry('other')], commonEncodingVersion: 'example.com/v1', conditions: [{ status: 'True', reason: 'CommonEncodingVersionSet' }] } }],
])('decide: %s', (_, object, wanted, change) => {
  const decided = decideEntry(object, wanted, 'me', 1_000);
  expect(decided).toMatchObject(change);
  expect(Object.keys(decided)).toEqual(Object.keys(change));
});
