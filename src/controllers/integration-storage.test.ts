/** Quotas, volumes and mirrored endpoints against the real API server, with all of its admission, on the virtual clock. */
import { describe, expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, Pod, ResourceQuota } from '../api/core/v1/types.ts';
import { isNotFound } from '../api/meta/status.ts';
import { ConfigMaps, Endpoints, EndpointSlices, Events, Namespaces, PersistentVolumeClaims, PersistentVolumes, Pods, ResourceQuotas, Secrets, Services, StorageClasses, VolumeAttributesClasses } from '../api/resources.ts';
import { fullResyncPeriodMs } from './resourcequota/controller.ts';
import { realCluster } from './real-cluster.fixture.ts';

async function setUp(...enabled: string[]) {
  const cluster = await realCluster(enabled);
  await cluster.create(Namespaces, { metadata: { name: 'shop' } });
  return {
    ...cluster,
    reasons: async (name: string) => (await cluster.run(cluster.client.of(Events).list())).items.filter((event) => event.involvedObject.name === name).map((event) => event.reason),
    remove: (resource: Parameters<typeof cluster.client.of>[0], name: string, options = {}) => cluster.run((resource.namespaced ? cluster.client.of(resource).inNamespace('shop') : cluster.client.of(resource)).delete(name, options)),
    async stop() {
      await cluster.stop();
      expect(cluster.refused).toEqual([]);
    },
  };
}

const pod = (name: string, spec: Partial<Pod['spec']> = {}, cpu = '100m'): Pod => ({ metadata: { name, namespace: 'shop' }, spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }], ...spec } });
const volume = (name: string, storage: string, spec: Partial<PersistentVolume['spec']> = {}): PersistentVolume => ({
  metadata: { name }, spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/srv/${name}` }, storageClassName: 'manual', persistentVolumeReclaimPolicy: 'Retain', ...spec },
});
const claim = (name: string, storage: string, spec: Partial<PersistentVolumeClaim['spec']> = {}): PersistentVolumeClaim => ({
  metadata: { name, namespace: 'shop' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName: 'manual', ...spec },
});
const mount = (claimName: string): Partial<Pod['spec']> => ({ nodeName: 'n1', volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] });

describe('resource quotas', () => {
  test('a namespace with a quota takes objects until it is full, and again after some went', async () => {
    const cluster = await setUp('resourcequota-controller');
    const quota: ResourceQuota = { metadata: { name: 'q', namespace: 'shop' }, spec: { hard: { pods: '2', 'requests.cpu': '1', configmaps: '1', 'count/deployments.apps': '1', 'count/secrets': '2', 'count/wishes.example.com': '1' } } };
    await cluster.create(ResourceQuotas, quota);
    await cluster.advance(3_000);
    const used = async () => (await cluster.get(ResourceQuotas, 'q')).status?.used;
    const empty = { pods: '0', 'requests.cpu': '0', configmaps: '0', 'count/deployments.apps': '0', 'count/secrets': '0' };
    expect(await used()).toEqual(empty);
    await cluster.create(Pods, pod('a'));
    await cluster.create(Pods, pod('b', {}, '500m'));
    await cluster.create(ConfigMaps, { metadata: { name: 'one', namespace: 'shop' } });
    await cluster.create(Secrets, { metadata: { name: 's', namespace: 'shop' } });
    await cluster.advance(1_000);
    expect(await used()).toEqual({ ...empty, pods: '2', 'requests.cpu': '600m', configmaps: '1', 'count/secrets': '1' });
    await expect(cluster.create(Pods, pod('c'))).rejects.toThrow('exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2');
    await expect(cluster.create(ConfigMaps, { metadata: { name: 'two', namespace: 'shop' } })).rejects.toThrow('exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1');
    await cluster.remove(Pods, 'a', { gracePeriodSeconds: 0 });
    await cluster.remove(ConfigMaps, 'one');
    await cluster.advance(1_000);
    expect(await used()).toEqual({ ...empty, pods: '1', 'requests.cpu': '500m', 'count/secrets': '1' });
    await cluster.create(Pods, pod('c'));
    await cluster.run(cluster.client.of(Pods).inNamespace('shop').patch('b', { status: { phase: 'Succeeded' } }, { subresource: 'status' }));
    await cluster.advance(2_000);
    expect(await used()).toMatchObject({ pods: '1', 'requests.cpu': '100m' });
    await cluster.run(cluster.client.of(ResourceQuotas).inNamespace('shop').patch('q', { spec: { hard: { pods: '5' } } }));
    await cluster.advance(1_000);
    expect((await cluster.get(ResourceQuotas, 'q')).status?.hard?.['pods']).toBe('5');
    await cluster.stop();
  });

  test('scopes choose pods; a wrong number is put right by the full count; a settled quota is not written', async () => {
    const cluster = await setUp('resourcequota-controller');
    await cluster.create(ResourceQuotas, { metadata: { name: 'plain', namespace: 'shop' }, spec: { hard: { pods: '5' }, scopes: ['BestEffort'] } });
    await cluster.create(ResourceQuotas, { metadata: { name: 'busy', namespace: 'shop' }, spec: { hard: { pods: '5' }, scopes: ['NotBestEffort'] } });
    await cluster.advance(1_000);
    await cluster.create(Pods, pod('a'));
    await cluster.create(Pods, pod('b'));
    await cluster.create(Pods, pod('c', { containers: [{ name: 'c', image: 'i' }] }));
    await cluster.advance(1_000);
    const used = async (name: string) => (await cluster.get(ResourceQuotas, name)).status?.used;
    expect([await used('plain'), await used('busy')]).toEqual([{ pods: '1' }, { pods: '2' }]);
    await cluster.run(cluster.client.of(ResourceQuotas).inNamespace('shop').patch('busy', { status: { used: { pods: '4' } } }, { subresource: 'status' }));
    await cluster.advance(fullResyncPeriodMs);
    expect(await used('busy')).toEqual({ pods: '2' });
    const revision = (await cluster.get(ResourceQuotas, 'busy')).metadata.resourceVersion;
    await cluster.advance(2 * fullResyncPeriodMs);
    expect((await cluster.get(ResourceQuotas, 'busy')).metadata.resourceVersion).toBe(revision);
    await cluster.stop();
  });
});

describe('volumes', () => {
  const binder = ['persistentvolume-binder-controller', 'persistentvolumeclaim-protection-controller', 'persistentvolume-protection-controller', 'volumeattributesclass-protection-controller'];

  test('a claim gets the volume that fits, keeps it while a pod uses it, and leaves it behind', async () => {
    const cluster = await setUp(...binder);
    await cluster.create(PersistentVolumes, volume('large', '10Gi'));
    await cluster.create(PersistentVolumes, volume('small', '2Gi'));
    await cluster.create(PersistentVolumes, volume('other', '2Gi', { storageClassName: 'fast' }));
    await cluster.create(PersistentVolumeClaims, claim('data', '1Gi'));
    await cluster.advance(2_000);
    const bound = await cluster.get(PersistentVolumeClaims, 'data');
    expect(bound.spec?.volumeName).toBe('small');
    expect(bound.status).toMatchObject({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } });
    expect(bound.metadata.annotations).toEqual({ 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' });
    expect(bound.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    const small = await cluster.get(PersistentVolumes, 'small');
    expect([small.status?.phase, small.spec?.claimRef?.uid]).toEqual(['Bound', bound.metadata.uid]);
    expect((await cluster.get(PersistentVolumes, 'large')).status?.phase).toBe('Available');

    await cluster.create(Pods, pod('user', mount('data')));
    await cluster.remove(PersistentVolumeClaims, 'data');
    await cluster.remove(PersistentVolumes, 'small');
    await cluster.advance(60_000);
    expect((await cluster.get(PersistentVolumeClaims, 'data')).metadata.deletionTimestamp).toBeDefined();
    expect((await cluster.get(PersistentVolumes, 'small')).metadata.deletionTimestamp).toBeDefined();
    await cluster.remove(Pods, 'user', { gracePeriodSeconds: 0 });
    await cluster.advance(5_000);
    await expect(cluster.get(PersistentVolumeClaims, 'data')).rejects.toSatisfy(isNotFound);
    await expect(cluster.get(PersistentVolumes, 'small')).rejects.toSatisfy(isNotFound);
    await cluster.stop();
  });

  test('named and reserved volumes, Released, Failed, Lost', async () => {
    const cluster = await setUp(...binder);
    await cluster.create(PersistentVolumes, volume('kept', '1Gi'));
    await cluster.create(PersistentVolumes, volume('doomed', '1Gi', { persistentVolumeReclaimPolicy: 'Delete', claimRef: { namespace: 'shop', name: 'reserved' } }));
    await cluster.create(PersistentVolumeClaims, claim('named', '1Gi', { volumeName: 'kept' }));
    await cluster.create(PersistentVolumeClaims, claim('reserved', '1Gi'));
    await cluster.create(PersistentVolumeClaims, claim('hungry', '5Gi'));
    await cluster.create(PersistentVolumeClaims, claim('none', '5Gi', { storageClassName: '' }));
    await cluster.advance(2_000);
    expect((await cluster.get(PersistentVolumeClaims, 'named')).status?.phase).toBe('Bound');
    expect((await cluster.get(PersistentVolumeClaims, 'reserved')).spec?.volumeName).toBe('doomed');
    expect((await cluster.get(PersistentVolumeClaims, 'hungry')).status?.phase).toBe('Pending');
    expect(await cluster.reasons('hungry')).toEqual(['ProvisioningFailed']);
    expect(await cluster.reasons('none')).toEqual(['FailedBinding']);
    await cluster.create(PersistentVolumes, volume('late', '8Gi'));
    await cluster.advance(2_000);
    expect((await cluster.get(PersistentVolumeClaims, 'hungry')).status?.phase).toBe('Bound');

    await cluster.remove(PersistentVolumeClaims, 'named');
    await cluster.remove(PersistentVolumeClaims, 'reserved');
    await cluster.remove(PersistentVolumes, 'late');
    await cluster.run(cluster.client.of(PersistentVolumes).patch('late', { metadata: { finalizers: null } }, { type: 'merge' }));
    await cluster.advance(2_000);
    expect((await cluster.get(PersistentVolumes, 'kept')).status?.phase).toBe('Released');
    expect((await cluster.get(PersistentVolumes, 'doomed')).status).toMatchObject({ phase: 'Failed', message: 'error getting deleter volume plugin for volume "doomed": no deletable volume plugin matched' });
    expect(await cluster.reasons('doomed')).toEqual(['VolumeFailedDelete']);
    expect((await cluster.get(PersistentVolumeClaims, 'hungry')).status?.phase).toBe('Lost');
    expect(await cluster.reasons('hungry')).toContain('ClaimLost');
    // A released volume is not given to the next claim of the same name.
    await cluster.create(PersistentVolumeClaims, claim('named', '1Gi'));
    await cluster.advance(30_000);
    expect((await cluster.get(PersistentVolumeClaims, 'named')).status?.phase).toBe('Pending');
    await cluster.stop();
  });

  test('a class that waits binds what the scheduler reserved; a claim without a class takes the default', async () => {
    const cluster = await setUp(...binder);
    await cluster.create(StorageClasses, { metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' });
    await cluster.create(PersistentVolumes, volume('disk', '5Gi', { storageClassName: 'local' }));
    const waiting = await cluster.create(PersistentVolumeClaims, claim('data', '1Gi', { storageClassName: 'local' }));
    const plain = claim('plain', '1Gi');
    delete plain.spec!.storageClassName;
    await cluster.create(PersistentVolumeClaims, plain);
    await cluster.advance(20_000);
    expect((await cluster.get(PersistentVolumeClaims, 'data')).status?.phase).toBe('Pending');
    expect(await cluster.reasons('data')).toEqual(['WaitForFirstConsumer']);
    const { namespace, name, uid } = waiting.metadata;
    await cluster.run(cluster.client.of(PersistentVolumes).patch('disk', { metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } }, spec: { claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid } } }, { type: 'merge' }));
    await cluster.create(StorageClasses, { metadata: { name: 'outside', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }, provisioner: 'example.com/disks' });
    await cluster.advance(2_000);
    expect((await cluster.get(PersistentVolumeClaims, 'data')).status?.phase).toBe('Bound');
    const given = await cluster.get(PersistentVolumeClaims, 'plain');
    expect([given.spec?.storageClassName, given.metadata.annotations?.['volume.kubernetes.io/storage-provisioner']]).toEqual(['outside', 'example.com/disks']);
    await cluster.stop();
  });

  test('an attributes class stays while a claim names it', async () => {
    const cluster = await setUp(...binder);
    await cluster.create(VolumeAttributesClasses, { metadata: { name: 'gold' }, driverName: 'example.com', parameters: { iops: '1' } });
    await cluster.create(PersistentVolumeClaims, claim('data', '1Gi', { volumeAttributesClassName: 'gold' }));
    await cluster.remove(VolumeAttributesClasses, 'gold');
    await cluster.advance(5_000);
    expect((await cluster.get(VolumeAttributesClasses, 'gold')).metadata.deletionTimestamp).toBeDefined();
    await cluster.remove(PersistentVolumeClaims, 'data');
    await cluster.advance(5_000);
    await expect(cluster.get(VolumeAttributesClasses, 'gold')).rejects.toSatisfy(isNotFound);
    await cluster.stop();
  });
});

describe('endpoints kept by hand', () => {
  test('are mirrored, follow changes, and go with their service', async () => {
    const cluster = await setUp('endpointslice-mirroring-controller', 'endpointslice-controller', 'endpoints-controller');
    await cluster.create(Services, { metadata: { name: 'db', namespace: 'shop' }, spec: { ports: [{ port: 5432 }] } });
    await cluster.create(Endpoints, { metadata: { name: 'db', namespace: 'shop', labels: { team: 'a' } }, subsets: [{ addresses: [{ ip: '192.0.2.1' }], notReadyAddresses: [{ ip: '192.0.2.2' }], ports: [{ port: 5432 }] }] });
    await cluster.advance(2_000);
    const slices = async () => (await cluster.run(cluster.client.of(EndpointSlices).inNamespace('shop').list())).items;
    const [slice, ...more] = await slices();
    expect(more).toEqual([]);
    expect(slice!.metadata.labels).toEqual({ team: 'a', 'kubernetes.io/service-name': 'db', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' });
    expect(slice!.endpoints).toEqual([{ addresses: ['192.0.2.1'], conditions: { ready: true } }, { addresses: ['192.0.2.2'], conditions: { ready: false } }]);
    expect(slice!.metadata.ownerReferences).toMatchObject([{ kind: 'Endpoints', name: 'db', controller: true, blockOwnerDeletion: true }]);
    await cluster.advance(60_000);
    expect((await slices())[0]!.metadata.resourceVersion).toBe(slice!.metadata.resourceVersion);
    const object = await cluster.get(Endpoints, 'db');
    await cluster.run(cluster.client.of(Endpoints).update({ ...object, subsets: [{ addresses: [{ ip: '192.0.2.9' }, { ip: '2001:db8::1' }], ports: [{ port: 5433 }] }] }));
    await cluster.advance(2_000);
    expect((await slices()).map(({ addressType, endpoints, ports }) => [addressType, endpoints?.[0]?.addresses[0], ports?.[0]?.port]).sort()).toEqual([['IPv4', '192.0.2.9', 5433], ['IPv6', '2001:db8::1', 5433]]);
    await cluster.remove(Services, 'db');
    await cluster.advance(2_000);
    expect(await slices()).toEqual([]);
    await cluster.stop();
  });
});
