import { afterEach, expect, test } from 'vitest';
import type { CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { loadResourcesOffByDefault } from '../../api/off-by-default.ts';
import { ConfigMaps, CustomResourceDefinitions, HorizontalPodAutoscalers } from '../../api/resources.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { StorageVersionMigration } from '../../api/storagemigration/v1beta1/types.ts';
import type { DiscoveredResource } from '../../client/index.ts';
import { realCluster } from '../real-cluster.fixture.ts';
import { decideMigration, withState } from './decide.ts';

const name = 'storage-version-migrator-controller';
const on = { runtimeConfig: { 'storagemigration.k8s.io/v1beta1': true } };
const Migrations = (await loadResourcesOffByDefault()).resources.find(({ plural }) => plural === 'storageversionmigrations') as Resource<StorageVersionMigration>;
const migrationOf = (resource: string, group?: string): StorageVersionMigration => ({ metadata: { name: `all-${resource}` }, spec: { resource: { ...(group === undefined ? {} : { group }), resource } as never } });

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

async function clusterOf(options: object = on) {
  const cluster = await realCluster([name], {}, options);
  stop = cluster.stop;
  /** Waits until the migration has ended. */
  async function ended(migration: string): Promise<{ states: string[][]; status: StorageVersionMigration['status'] }> {
    for (let i = 0; i < 200; i++) {
      const { status } = await cluster.get(Migrations, migration);
      const conditions = status?.conditions ?? [];
      if (conditions.some(({ type, status: is }) => type !== 'Running' && is === 'True')) return { states: conditions.map(({ type, status: is, reason, message }) => [type, is, reason, message]), status };
      await cluster.advance(1_000);
    }
    throw new Error('the migration did not end');
  }
  const stored = async (prefix: string): Promise<{ text: string; revision: number }[]> => (await cluster.backend.list(prefix)).entries.map(({ value, modRevision }) => ({ text: Buffer.from(value).toString(), revision: modRevision }));
  return { ...cluster, ended, stored };
}

const succeeded = [['Running', 'False', 'StorageVersionMigrationInProgress', ''], ['Succeeded', 'True', 'StorageVersionMigrationSucceeded', '']];

test('custom resources that lie in an old version are written in the new one', async () => {
  const cluster = await clusterOf();
  const version = (versionName: string, storage: boolean) => ({ name: versionName, served: true, storage, schema: { openAPIV3Schema: { type: 'object' as const, properties: { spec: { type: 'object' as const, properties: { size: { type: 'integer' as const } } } } } } });
  const definition: CustomResourceDefinition = {
    metadata: { name: 'widgets.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget', singular: 'widget', listKind: 'WidgetList' }, versions: [version('v1', true), version('v2', false)] },
  };
  await cluster.create(CustomResourceDefinitions, definition);
  const Widgets = { group: 'example.com', version: 'v1', plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', namespaced: true, verbs: ['get'], shortNames: [], categories: [], subresources: [], storagePrefix: '', schema: '' } as unknown as Resource<KubeObject>;
  await cluster.advance(1_000);
  const before = [];
  for (let i = 0; i < 3; i++) before.push(await cluster.create(Widgets, { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: `w${i}`, namespace: 'default' }, spec: { size: i } } as KubeObject));
  const fresh = await cluster.get(CustomResourceDefinitions, 'widgets.example.com');
  await cluster.run(cluster.client.of(CustomResourceDefinitions).update({ ...fresh, spec: { ...fresh.spec, versions: [version('v1', false), version('v2', true)] } }));
  expect((await cluster.get(CustomResourceDefinitions, 'widgets.example.com')).status?.storedVersions).toEqual(['v1', 'v2']);
  expect((await cluster.stored('/registry/example.com/widgets/')).every(({ text }) => text.includes('"apiVersion":"example.com/v1","kind":"Widget"'))).toBe(true);
  await cluster.create(Migrations, migrationOf('widgets', 'example.com'));
  const { states, status } = await cluster.ended('all-widgets');
  expect(states).toEqual(succeeded);
  expect(Number(status?.resourceVersion)).toBeGreaterThanOrEqual(Number(before[2]!.metadata.resourceVersion));
  const after = await cluster.stored('/registry/example.com/widgets/');
  expect(after.map(({ text }) => text.includes('"apiVersion":"example.com/v2","kind":"Widget"'))).toEqual([true, true, true]);
  // What an object says, and whose fields are whose, stays.
  const { metadata, ...rest } = await cluster.get(Widgets, 'w1', 'default');
  expect(rest).toMatchObject({ spec: { size: 1 } });
  expect(metadata.managedFields?.map(({ manager }) => manager)).not.toContain(name);
  // Then, and only then, may the old version be taken off the list.
  const now = await cluster.get(CustomResourceDefinitions, 'widgets.example.com');
  await cluster.run(cluster.client.of(CustomResourceDefinitions).updateStatus({ ...now, status: { ...now.status!, storedVersions: ['v2'] } }));
  expect(cluster.refused).toEqual([]);
});

test('built-in objects that lie in another encoding are written anew, the others are left alone', async () => {
  const cluster = await clusterOf({ ...on, storageMediaType: 'application/vnd.kubernetes.protobuf' });
  const old = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'old', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' }, data: { a: 'b' } };
  await cluster.run(cluster.backend.commit({ type: 'create', key: '/registry/configmaps/default/old', value: Buffer.from(JSON.stringify(old)) }));
  await cluster.create(ConfigMaps, { metadata: { name: 'new', namespace: 'default' }, data: { c: 'd' } });
  const [before] = await cluster.stored('/registry/configmaps/default/');
  await cluster.create(Migrations, migrationOf('configmaps'));
  expect((await cluster.ended('all-configmaps')).states).toEqual(succeeded);
  const after = await cluster.stored('/registry/configmaps/default/');
  expect(after.map(({ text }) => text.startsWith('k8s\0'))).toEqual([true, true]);
  expect(after.map(({ revision }) => revision === before!.revision)).toEqual([true, false]);
  expect(await cluster.get(ConfigMaps, 'old', 'default')).toMatchObject({ metadata: { uid: 'u' }, data: { a: 'b' } });
});

test('a resource that nobody knows fails after a minute, one that cannot be listed at once', async () => {
  const cluster = await clusterOf();
  await cluster.create(Migrations, migrationOf('nothings', 'example.com'));
  await cluster.create(Migrations, migrationOf('bindings'));
  expect((await cluster.ended('all-bindings')).states).toEqual([['Failed', 'True', 'StorageVersionMigrationFailed', 'resource does not support list and patch, failing migration']]);
  expect((await cluster.get(Migrations, 'all-nothings')).status?.conditions).toBeUndefined();
  await cluster.advance(61_000);
  expect((await cluster.ended('all-nothings')).states).toEqual([['Failed', 'True', 'StorageVersionMigrationFailed', 'resource does not exist in discovery, failing migration']]);
});

test('where the version is not served nothing runs, and there is no role', async () => {
  const cluster = await clusterOf({});
  await expect(cluster.run(cluster.client.of(Migrations).list())).rejects.toThrow(/could not find the requested resource/);
  await expect(cluster.run(cluster.client.request({ method: 'GET', path: `/apis/rbac.authorization.k8s.io/v1/clusterroles/system:controller:${name}` }))).rejects.toThrow(/not found/);
  await cluster.advance(30_000);
  expect(cluster.refused).toEqual([]);
});

const resource = { ...HorizontalPodAutoscalers, verbs: ['list', 'patch'] } as unknown as DiscoveredResource;
const at = Date.UTC(2026, 0, 1);
test.each<[string, StorageVersionMigration | undefined, DiscoveredResource | undefined, string]>([
  ['gone', undefined, resource, 'nothing'],
  ['being deleted', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, resource, 'nothing'],
  ['has succeeded', { metadata: {}, status: withState({ metadata: {} }, 'Succeeded', '', at) }, resource, 'nothing'],
  ['has failed', { metadata: {}, status: withState({ metadata: {} }, 'Failed', 'x', at) }, resource, 'nothing'],
  ['just made, resource unknown', { metadata: { creationTimestamp: '2026-01-01T00:00:00Z' } }, undefined, 'wait'],
  ['no revision yet', { metadata: {} }, resource, 'begin'],
  ['runs', { metadata: {}, status: { ...withState({ metadata: {} }, 'Running', '', at), resourceVersion: '7' } }, resource, 'migrate'],
])('decide: %s', (_, migration, found, action) => expect(decideMigration(migration, found, at + 1_000).do).toBe(action));
