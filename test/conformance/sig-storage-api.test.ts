/** The requirements on storage that need only the API and the controllers. The titles are the requirements' code names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/api/core/v1/types.ts';
import type { Resource } from '../../src/api/meta/resource.ts';
import type { KubeObject } from '../../src/api/meta/v1/types.ts';
import type { VolumeAttachment } from '../../src/api/storage/v1/types.ts';
import { ConfigMaps, CSIDrivers, CSINodes, CSIStorageCapacities, PersistentVolumeClaims, PersistentVolumes, Pods, Secrets, StorageClasses, VolumeAttachments, VolumeAttributesClasses } from '../../src/testing/index.ts';
import { checkDiscovery, checkOperations, refusal } from './api-lifecycle.ts';
import { checkStatusEndpoints, hollowCluster, podOf, type HollowCluster, type InNamespace } from './hollow-cluster.ts';

let hollow: HollowCluster;
beforeAll(async () => {
  hollow = await hollowCluster(2, 'storage');
}, 60_000);
afterAll(() => hollow.stop());

const storage = { apiVersion: 'storage.k8s.io/v1' };

test('[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver [Conformance]', () =>
  checkOperations(hollow, hollow.clusterScope, CSIDrivers, (name) => ({ ...storage, kind: 'CSIDriver', metadata: { name }, spec: { attachRequired: false, podInfoOnMount: true, volumeLifecycleModes: ['Ephemeral'] } })));

test('[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode [Conformance]', () =>
  checkOperations(hollow, hollow.clusterScope, CSINodes, (name) => ({ ...storage, kind: 'CSINode', metadata: { name }, spec: { drivers: [{ name: 'driver.example.com', nodeID: name }] } })));

test('[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass [Conformance]', () =>
  checkOperations(hollow, hollow.clusterScope, StorageClasses, (name) => ({ ...storage, kind: 'StorageClass', metadata: { name }, provisioner: 'driver.example.com' })));

test('[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass [Conformance]', () =>
  checkOperations(hollow, hollow.clusterScope, VolumeAttributesClasses, (name) => ({ ...storage, kind: 'VolumeAttributesClass', metadata: { name }, driverName: 'driver.example.com', parameters: { iops: '1000' } })));

test('[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations [Conformance]', async () => {
  const within = await hollow.namespace();
  await checkDiscovery(hollow, CSIStorageCapacities);
  await checkOperations(hollow, within, CSIStorageCapacities, (name) => ({ ...storage, kind: 'CSIStorageCapacity', metadata: { name }, storageClassName: 'any', capacity: '10Gi', nodeTopology: {} }));
});

const attachment = (name: string): VolumeAttachment => ({
  ...storage, kind: 'VolumeAttachment', metadata: { name }, spec: { attacher: 'driver.example.com', nodeName: 'hollow-1', source: { persistentVolumeName: `volume-of-${name}` } },
});

test('[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment [Conformance]', () =>
  checkOperations(hollow, hollow.clusterScope, VolumeAttachments, attachment));

test('[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status [Conformance]', async () => {
  const { clusterScope } = hollow;
  const attached = async (): Promise<boolean | undefined> => (await clusterScope.getSubresource<VolumeAttachment>(VolumeAttachments, 'status', 'status')).status?.attached;
  await clusterScope.create(VolumeAttachments, attachment('status'));
  expect((await clusterScope.patch(VolumeAttachments, 'status', { metadata: { labels: { patched: 'yes' } } })).metadata.labels).toEqual({ patched: 'yes' });
  expect(await attached()).toBe(false);
  const patched = await clusterScope.patch(VolumeAttachments, 'status', { status: { attached: true } }, { subresource: 'status', type: 'merge' });
  expect([patched.status?.attached, await attached()]).toEqual([true, true]);
  await clusterScope.updateSubresource(VolumeAttachments, 'status', 'status', { ...patched, status: { attached: false } });
  expect(await attached()).toBe(false);
  await clusterScope.delete(VolumeAttachments, 'status');
  await clusterScope.gone(VolumeAttachments, 'status');
});

test('[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API [Conformance]', async () => {
  const within = await hollow.namespace();
  // A scheduler that nobody runs leaves the pod where it is: no node has to know the driver.
  const pod = podOf('inline', {}, { schedulerName: 'nobody', volumes: [{ name: 'v', csi: { driver: 'driver.example.com', readOnly: true, volumeAttributes: { size: '1Gi' } } }] });
  await within.create(Pods, pod);
  const { volumes } = (await within.get(Pods, 'inline')).spec!;
  expect(volumes!.find(({ name }) => name === 'v')!.csi).toEqual({ driver: 'driver.example.com', readOnly: true, volumeAttributes: { size: '1Gi' } });
  await within.patch(Pods, 'inline', { metadata: { labels: { patched: 'yes' } } });
  const listed = await within.pods('patched=yes');
  expect(listed.map(({ metadata, spec }) => [metadata.name, spec!.volumes!.some(({ csi }) => csi?.driver === 'driver.example.com')])).toEqual([['inline', true]]);
  await within.delete(Pods, 'inline');
  await within.gone(Pods, 'inline');
  expect(await within.pods()).toEqual([]);
});

const volume = (name: string): PersistentVolume => ({
  apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name, labels: { volume: name } },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain', storageClassName: `class-of-${name}`, csi: { driver: 'driver.example.com', volumeHandle: name } },
});
const claim = (name: string, of: string): PersistentVolumeClaim => ({
  apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, labels: { claim: name } }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: `class-of-${of}`, resources: { requests: { storage: '1Gi' } } },
});

async function pair(within: InNamespace, of: string): Promise<void> {
  await hollow.clusterScope.create(PersistentVolumes, volume(of));
  await within.create(PersistentVolumeClaims, claim('claim', of));
  await within.until('they are bound', async () => (await within.get(PersistentVolumeClaims, 'claim')).status?.phase === 'Bound');
}

test('[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC [Conformance]', async () => {
  const within = await hollow.namespace();
  const { clusterScope } = hollow;
  const both = [[clusterScope, PersistentVolumes, 'first'], [within, PersistentVolumeClaims, 'claim']] as unknown as [InNamespace, Resource<KubeObject>, string][];
  await pair(within, 'first');
  expect((await clusterScope.list(PersistentVolumes, 'volume=first')).map(({ metadata }) => metadata.name)).toEqual(['first']);
  expect((await within.list(PersistentVolumeClaims)).map(({ metadata }) => metadata.name)).toEqual(['claim']);
  for (const [scope, resource, name] of both) {
    await scope.patch(resource, name, { metadata: { labels: { patched: 'yes' } } });
    const found = await scope.get(resource, name);
    expect([found.metadata.labels?.['patched'], found.metadata.uid]).toEqual(['yes', expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  }
  for (const [scope, resource, name] of both.toReversed()) {
    await scope.delete(resource, name);
    await scope.gone(resource, name);
  }

  await pair(within, 'second');
  both[0]![2] = 'second';
  for (const [scope, resource, name] of both) {
    await scope.edit(resource, name, (object) => (object.metadata.labels = { ...object.metadata.labels, updated: 'yes' }));
    expect((await scope.list(resource, 'updated=yes')).map(({ metadata }) => metadata.name)).toEqual([name]);
  }
  for (const [scope, resource, name] of both.toReversed()) {
    await scope.deleteCollection(resource, { labelSelector: 'updated=yes' });
    await scope.gone(resource, name);
  }
});

test('[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status [Conformance]', async () => {
  const within = await hollow.namespace();
  const { clusterScope } = hollow;
  await pair(within, 'status');
  expect(await clusterScope.list(PersistentVolumes, 'volume=status')).toHaveLength(1);
  expect(await within.list(PersistentVolumeClaims)).toHaveLength(1);
  expect((await within.getSubresource<PersistentVolumeClaim>(PersistentVolumeClaims, 'claim', 'status')).status?.phase).toBe('Bound');
  expect((await clusterScope.getSubresource<PersistentVolume>(PersistentVolumes, 'status', 'status')).status?.phase).toBe('Bound');
  await checkStatusEndpoints(hollow, within, PersistentVolumeClaims, 'claim');
  const said = { reason: 'E2E-patched', message: 'Set from a conformance test' };
  const patched = await clusterScope.patch(PersistentVolumes, 'status', { status: said }, { subresource: 'status', type: 'merge' });
  expect(patched.status).toMatchObject(said);
  const updated = await clusterScope.updateSubresource(PersistentVolumes, 'status', 'status', { ...patched, status: { ...patched.status, reason: 'E2E-updated' } });
  expect(updated.status).toMatchObject({ ...said, reason: 'E2E-updated' });
});

/** What holds for ConfigMaps and Secrets alike; `data` is that of the type. */
async function checkImmutable(within: InNamespace, resource: Resource<KubeObject & { data?: Record<string, string>; immutable?: boolean }>, values: readonly [string, string, string]): Promise<void> {
  const object = { apiVersion: 'v1', kind: resource.kind, metadata: { name: 'fixed' }, data: { key: values[0] } };
  await within.create(resource, object);
  await within.edit(resource, 'fixed', (each) => (each.data = { key: values[1] }));
  await within.edit(resource, 'fixed', (each) => (each.immutable = true));
  expect(await within.get(resource, 'fixed')).toMatchObject({ data: { key: values[1] }, immutable: true });
  const changed = await refusal(within.edit(resource, 'fixed', (each) => (each.data = { key: values[2] })));
  expect([changed.status.reason, changed.message]).toEqual(['Invalid', expect.stringContaining('data: Forbidden: field is immutable when `immutable` is set')]);
  const undone = await refusal(within.edit(resource, 'fixed', (each) => (each.immutable = false)));
  expect([undone.status.reason, undone.message]).toEqual(['Invalid', expect.stringContaining('immutable: Forbidden: field is immutable when `immutable` is set')]);
  await within.edit(resource, 'fixed', (each) => (each.metadata.labels = { updated: 'yes' }));
  expect(await within.get(resource, 'fixed')).toMatchObject({ metadata: { labels: { updated: 'yes' } }, data: { key: values[1] }, immutable: true });
  await within.delete(resource, 'fixed');
  await within.gone(resource, 'fixed');
}

test('[sig-storage] ConfigMap should be immutable if `immutable` field is set [Conformance]', async () =>
  checkImmutable(await hollow.namespace(), ConfigMaps, ['one', 'two', 'three']));

test('[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]', async () =>
  checkImmutable(await hollow.namespace(), Secrets, ['b25l', 'dHdv', 'dGhyZWU=']));
