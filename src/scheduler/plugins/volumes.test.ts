import { describe, expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, Volume } from '../../api/core/v1/types.ts';
import type { CSIStorageCapacity, StorageClass } from '../../api/storage/v1/types.ts';
import { NO_LOOKUPS, fakeNode, fakePod, fakeSnapshot } from '../fake-cluster.ts';
import type { BindContext, Plugin } from '../framework.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { createVolumeBinding, volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

const ZONE = 'topology.kubernetes.io/zone';
const nodes = [fakeNode('a', { labels: { [ZONE]: 'x' } }), fakeNode('b', { labels: { [ZONE]: 'y' } })];
const uses: Volume[] = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];

const claim = (spec: Partial<NonNullable<PersistentVolumeClaim['spec']>> = {}, phase = 'Pending', metadata: object = {}): PersistentVolumeClaim => ({
  metadata: { name: 'data', namespace: 'default', uid: 'data', ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'local', resources: { requests: { storage: '1Gi' } }, ...spec },
  status: { phase },
});
const complete = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
const pinnedTo = (...names: string[]) => ({ required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: names }] }] } });
const volume = (name: string, node: string, extra: Partial<NonNullable<PersistentVolume['spec']>> = {}, labels: Record<string, string> = {}): PersistentVolume => ({
  metadata: { name, labels }, status: { phase: 'Available' },
  spec: { storageClassName: 'local', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' }, nodeAffinity: pinnedTo(node), ...extra },
});
const storageClass = (extra: Partial<StorageClass> = {}): StorageClass => ({ metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer', ...extra });

/** With capacities, the driver is one that counts its storage. */
interface World { claim?: PersistentVolumeClaim; volumes?: PersistentVolume[]; storageClass?: StorageClass; capacities?: CSIStorageCapacity[] }
const capacity = (zone: string, size: string, extra: Partial<CSIStorageCapacity> = {}): CSIStorageCapacity => ({ metadata: { name: zone }, storageClassName: 'local', nodeTopology: { matchLabels: { [ZONE]: zone } }, capacity: size, ...extra });
function lookupsOf({ claim: found, volumes = [], storageClass: kind, capacities }: World) {
  return { csiDriver: (name: string) => capacities && { metadata: { name }, spec: { storageCapacity: true } }, storageCapacities: () => capacities ?? [], claim: () => found, volumes: () => volumes, volume: (name: string) => volumes.find((each) => each.metadata.name === name), storageClass: () => kind };
}

/** The word on nodes a and b, or on all at once. */
function verdict(plugin: Plugin, world: World): string {
  const { cycle, node } = fakeSnapshot(nodes);
  const run = cycle(fakePod('p', { volumes: uses }), lookupsOf(world));
  const pre = plugin.preFilter!(run);
  if (pre?.skip) return 'skip';
  if (pre?.status) return pre.status.reasons[0]!;
  return ['a', 'b'].map((name) => plugin.filter!(run, node(name))?.reasons[0] ?? 'ok').join(' | ');
}

const conflict = "node(s) didn't match PersistentVolume's node affinity";
const full = 'node(s) did not have enough free storage';
const none = "node(s) didn't find available persistent volumes to bind";

describe('VolumeBinding', () => {
  const rows: [string, World, string][] = [
    ['no such claim', {}, 'persistentvolumeclaim "data" not found'],
    ['claim on its way out', { claim: claim({}, 'Bound', { deletionTimestamp: 'now' }) }, 'persistentvolumeclaim "data" is being deleted'],
    ['claim that lost its volume', { claim: claim({ volumeName: 'v' }, 'Lost') }, 'persistentvolumeclaim "data" bound to non-existent persistentvolume "v"'],
    ['not bound, class binds at once', { claim: claim(), storageClass: storageClass({ volumeBindingMode: 'Immediate' }) }, 'pod has unbound immediate PersistentVolumeClaims'],
    ['bound, volume on one node', { claim: claim({ volumeName: 'v' }, 'Bound', complete), volumes: [volume('v', 'a')] }, `ok | ${conflict}`],
    ['bound, volume that is gone', { claim: claim({ volumeName: 'v' }, 'Bound', complete) }, 'persistentvolume "v" not found'],
    ['names its volume, and is not bound to it yet', { claim: claim({ volumeName: 'v' }), volumes: [volume('v', 'a')], storageClass: storageClass() }, 'pod has unbound immediate PersistentVolumeClaims'],
    ['waiting, a volume is kept for the claim: no other will do', { claim: claim(), storageClass: storageClass(), volumes: [volume('v', 'a'), volume('kept', 'b', { capacity: { storage: '9Gi' }, claimRef: { namespace: 'default', name: 'data' } })] }, `${none} | ok`],
    ['waiting, a volume is kept for a claim of the same name before', { claim: claim(), storageClass: storageClass(), volumes: [volume('v', 'a'), volume('kept', 'b', { claimRef: { namespace: 'default', name: 'data', uid: 'before' } })] }, `ok | ${none}`],
    ['waiting, provisioning for a node has begun: no other volume is taken', { claim: claim({}, 'Pending', { annotations: { 'volume.kubernetes.io/selected-node': 'a' } }), storageClass: storageClass({ provisioner: 'example.com/x' }), volumes: [volume('v', 'b')] }, `ok | ${none}`],
    ['waiting, class by its old annotation', { claim: claim({ storageClassName: 'other' }, 'Pending', { annotations: { 'volume.beta.kubernetes.io/storage-class': 'local' } }), storageClass: storageClass(), volumes: [volume('v', 'a')] }, `ok | ${none}`],
    ['waiting, the driver counts its storage: enough in one zone', { claim: claim(), storageClass: storageClass({ provisioner: 'example.com/x' }), capacities: [capacity('y', '2Gi'), capacity('x', '500Mi')] }, `${full} | ok`],
    ['waiting, the driver counts its storage: a limit on single volumes', { claim: claim(), storageClass: storageClass({ provisioner: 'example.com/x' }), capacities: [capacity('x', '9Gi', { maximumVolumeSize: '500Mi' }), capacity('y', '1Gi')] }, `${full} | ok`],
    ['waiting, the driver counts its storage: of another class', { claim: claim(), storageClass: storageClass({ provisioner: 'example.com/x' }), capacities: [capacity('x', '9Gi', { storageClassName: 'other' })] }, `${full} | ${full}`],
    ['waiting, the driver counts its storage: reachable from nowhere', { claim: claim(), storageClass: storageClass({ provisioner: 'example.com/x' }), capacities: [{ ...capacity('x', '9Gi'), nodeTopology: undefined as never }] }, `${full} | ${full}`],
    ['waiting, the driver counts its storage: a volume that is there needs none', { claim: claim(), storageClass: storageClass({ provisioner: 'example.com/x' }), volumes: [volume('v', 'a')], capacities: [] }, `ok | ${full}`],
    ['bound, volume anywhere', { claim: claim({ volumeName: 'v' }, 'Bound', complete), volumes: [volume('v', 'a', { nodeAffinity: undefined as never })] }, 'ok | ok'],
    ['waiting, a free volume on one node', { claim: claim(), storageClass: storageClass(), volumes: [volume('v', 'b')] }, `${none} | ok`],
    ['waiting, volume too small', { claim: claim(), storageClass: storageClass(), volumes: [volume('v', 'b', { capacity: { storage: '500Mi' } })] }, `${none} | ${none}`],
    ['waiting, volume of other access', { claim: claim(), storageClass: storageClass(), volumes: [volume('v', 'b', { accessModes: ['ReadOnlyMany'] })] }, `${none} | ${none}`],
    ['waiting, provisioner anywhere', { claim: claim(), storageClass: storageClass({ provisioner: 'example.com/x' }) }, 'ok | ok'],
    ['waiting, provisioner in one zone', { claim: claim(), storageClass: storageClass({ provisioner: 'example.com/x', allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['y'] }] }] }) }, `${none} | ok`],
    ['waiting, provisioning for another node has begun', { claim: claim({}, 'Pending', { annotations: { 'volume.kubernetes.io/selected-node': 'a' } }), storageClass: storageClass({ provisioner: 'example.com/x' }) }, `ok | ${none}`],
  ];
  test.each(rows)('%s', (_name, world, expected) => expect(verdict(volumeBinding, world)).toBe(expected));

  test('a pod without claims is none of its business', () => {
    const { cycle } = fakeSnapshot(nodes);
    expect(volumeBinding.preFilter!(cycle(fakePod('p')))).toEqual({ skip: true });
  });

  test.each([
    ['a free volume is kept for the claim: the smallest that suits', { claim: claim(), storageClass: storageClass(), volumes: [volume('large', 'a', { capacity: { storage: '9Gi' } }), volume('small', 'a')] }, ['reserve small']],
    ['the provisioner is told the node', { claim: claim(), storageClass: storageClass({ provisioner: 'example.com/x' }) }, ['select a']],
  ])('before binding: %s', async (_name, world: World, expected) => {
    const { cycle } = fakeSnapshot(nodes);
    const run = cycle(fakePod('p', { volumes: uses }), lookupsOf(world));
    volumeBinding.preFilter!(run);
    const calls: string[] = [];
    const context = {
      selectNode: async (_claim: unknown, nodeName: string) => void calls.push(`select ${nodeName}`),
      reserveVolume: async (kept: PersistentVolume) => void calls.push(`reserve ${kept.metadata.name}`),
      until: async () => false,
      lookups: { ...NO_LOOKUPS, ...lookupsOf(world) },
    } as unknown as BindContext;
    expect(volumeBinding.reserve!(run, 'a')).toBeUndefined();
    const status = await volumeBinding.preBind!(run, 'a', context);
    volumeBinding.unreserve!(run, 'a');
    expect(calls).toEqual(expected);
    expect(status?.reasons).toEqual(['binding volumes: timed out waiting for the condition']);
  });
});

describe('waiting for volumes', () => {
  const world = { claim: claim(), storageClass: storageClass({ provisioner: 'example.com/x' }) };
  /** What the binding's condition says of later states of the claim, one after the other. */
  function watch(states: (PersistentVolumeClaim | undefined)[], volumes: PersistentVolume[] = []): Promise<(boolean | string)[]> {
    const { cycle } = fakeSnapshot(nodes);
    const run = cycle(fakePod('p', { volumes: uses }), lookupsOf(world));
    volumeBinding.preFilter!(run);
    volumeBinding.reserve!(run, 'a');
    let now: PersistentVolumeClaim | undefined;
    const seen: (boolean | string)[] = [];
    const context = {
      selectNode: async () => undefined,
      until: async (condition: () => boolean) => {
        for (const state of states) {
          now = state;
          seen.push(condition());
        }
        return true;
      },
      lookups: { ...NO_LOOKUPS, claim: () => now, volume: (name: string) => volumes.find((each) => each.metadata.name === name) },
    } as unknown as BindContext;
    return volumeBinding.preBind!(run, 'a', context).then(() => seen, (error: Error) => [...seen, error.message]);
  }
  const selected = (node?: string) => claim({}, 'Pending', node ? { annotations: { 'volume.kubernetes.io/selected-node': node } } : {});
  const bound = claim({ volumeName: 'v' }, 'Bound', complete);
  test.each([
    ['the informer is late, then all is well', [selected(), selected('a'), bound], [volume('v', 'a')], [false, false, true]],
    ['the provisioner has no room on the node', [selected('a'), selected()], [], [false, 'binding volumes: provisioning failed for PVC "data"']],
    ['another scheduler chose another node', [selected('b')], [], ['binding volumes: provisioning failed for PVC "data"']],
    ['the claim is gone', [undefined], [], ['binding volumes: persistentvolumeclaim "data" not found']],
    ['the volume came up elsewhere', [bound], [volume('v', 'b')], ['binding volumes: pv "v" node affinity doesn\'t match node "a"']],
  ])('%s', async (_name, states, volumes, expected) => expect(await watch(states, volumes)).toEqual(expected));
});

describe('claims of ephemeral volumes', () => {
  const run = (found: PersistentVolumeClaim | undefined): string => {
    const { cycle } = fakeSnapshot(nodes);
    return volumeBinding.preFilter!(cycle(fakePod('p', { volumes: [{ name: 'scratch', ephemeral: {} }] }), { claim: () => found, volume: () => volume('v', 'a') }))?.status?.reasons[0] ?? 'ok';
  };
  const owned = (uid: string) => claim({ volumeName: 'v' }, 'Bound', { ...complete, ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true }] });
  test.each([
    ['not made yet', undefined, 'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-scratch"'],
    ['another pod’s', owned('other'), 'PVC default/p-scratch was not created for pod default/p (pod is not owner)'],
    ['its own', owned('pod-default-p'), 'ok'],
  ])('%s', (_name, found, expected) => expect(run(found)).toBe(expected));
});

describe('VolumeZone', () => {
  const bound = claim({ volumeName: 'v' }, 'Bound');
  test.each([
    ['volume without zone', { claim: bound, volumes: [volume('v', 'a')] }, 'skip'],
    ['volume of one zone', { claim: bound, volumes: [volume('v', 'a', {}, { [ZONE]: 'y' })] }, 'node(s) had no available volume zone | ok'],
    ['volume with a label of old on a node with the new one', { claim: bound, volumes: [volume('v', 'a', {}, { 'failure-domain.beta.kubernetes.io/zone': 'y' })] }, 'node(s) had no available volume zone | ok'],
    ['volume of two zones', { claim: bound, volumes: [volume('v', 'a', {}, { [ZONE]: 'x__y' })] }, 'ok | ok'],
  ])('%s', (_name, world, expected) => expect(verdict(volumeZone, world)).toBe(expected));
});

describe('VolumeRestrictions', () => {
  const run = (accessModes: string[], there: boolean): string => {
    const { cycle, node } = fakeSnapshot(nodes, there ? [fakePod('other', { volumes: uses, nodeName: 'b' })] : []);
    const made = cycle(fakePod('p', { volumes: uses }), { claim: () => claim({ accessModes }) });
    if (volumeRestrictions.preFilter!(made)?.skip) return 'skip';
    return volumeRestrictions.filter!(made, node('a'))?.reasons[0] ?? 'ok';
  };
  test('ReadWriteOncePod serves one pod', () => {
    expect(run(['ReadWriteOnce'], true)).toBe('skip');
    expect(run(['ReadWriteOncePod'], false)).toBe('ok');
    expect(run(['ReadWriteOncePod'], true)).toBe('node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode');
  });
});

describe('disks that cannot be mounted twice on a node', () => {
  const rbd = (image: string, extra: object = {}) => ({ rbd: { monitors: ['m1', 'm2'], image, pool: 'p', ...extra } });
  const rows: [string, object, object, boolean][] = [
    ['a disk for writing', { gcePersistentDisk: { pdName: 'd' } }, { gcePersistentDisk: { pdName: 'd', readOnly: true } }, true],
    ['a disk for reading', { gcePersistentDisk: { pdName: 'd', readOnly: true } }, { gcePersistentDisk: { pdName: 'd', readOnly: true } }, false],
    ['another disk', { gcePersistentDisk: { pdName: 'd' } }, { gcePersistentDisk: { pdName: 'e' } }, false],
    ['a block store, even for reading', { awsElasticBlockStore: { volumeID: 'd', readOnly: true } }, { awsElasticBlockStore: { volumeID: 'd', readOnly: true } }, true],
    ['a target', { iscsi: { iqn: 'i', targetPortal: 't', lun: 0 } }, { iscsi: { iqn: 'i', targetPortal: 't', lun: 1 } }, true],
    ['an image of monitors in common', rbd('i'), rbd('i', { monitors: ['m2', 'm3'] }), true],
    ['an image of other monitors', rbd('i'), rbd('i', { monitors: ['m3'] }), false],
    ['an image of another pool', rbd('i'), rbd('i', { pool: 'q' }), false],
  ];
  test.each(rows)('%s', (_name, mine, theirs, conflicts) => {
    const { cycle, node } = fakeSnapshot(nodes, [fakePod('other', { volumes: [{ name: 'v', ...theirs }], nodeName: 'a' })]);
    const run = cycle(fakePod('p', { volumes: [{ name: 'v', ...mine }] }));
    expect(volumeRestrictions.preFilter!(run)).toBeUndefined();
    expect(['a', 'b'].map((name) => volumeRestrictions.filter!(run, node(name))?.reasons[0])).toEqual([conflicts ? 'node(s) had no available disk' : undefined, undefined]);
  });
});

test('a volume that one claim is about to get is not promised to another', () => {
  const plugin = createVolumeBinding();
  const world = { volumes: [volume('only', 'a')], storageClass: storageClass() };
  const run = (uid: string) => fakeSnapshot(nodes).cycle(fakePod(`p-${uid}`, { volumes: uses }), lookupsOf({ ...world, claim: claim({}, 'Pending', { uid }) }));
  const node = fakeSnapshot(nodes).node('a');
  const [first, second, third] = [run('one'), run('two'), run('two')];
  plugin.preFilter!(first);
  expect(plugin.filter!(first, node)).toBeUndefined();
  plugin.reserve!(first, 'a');
  plugin.preFilter!(second);
  expect(plugin.filter!(second, node)?.reasons).toEqual([none]);
  plugin.unreserve!(first, 'a');
  plugin.preFilter!(third);
  expect(plugin.filter!(third, node)).toBeUndefined();
});

describe('NodeVolumeLimits', () => {
  const csi = (name: string, driver = 'csi.example.com'): PersistentVolume => ({ metadata: { name }, spec: { csi: { driver, volumeHandle: name } } });
  const old = (name: string): PersistentVolume => ({ metadata: { name }, spec: { awsElasticBlockStore: { volumeID: name } } });
  /** Claims are named as their volumes; `unbound` ones have none. */
  const using = (...claims: string[]): Volume[] => claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
  const all = [csi('v1'), csi('v2'), csi('v3'), csi('w1', 'other.example.com'), old('e1'), { metadata: { name: 'd1' }, spec: { gcePersistentDisk: { pdName: 'd1' } } }];
  const rows: [string, string[], string[][], Record<string, number> | undefined, string][] = [
    ['room', ['v1'], [['v2']], { 'csi.example.com': 2 }, 'ok'],
    ['full', ['v1'], [['v2'], ['v3']], { 'csi.example.com': 2 }, 'node(s) exceed max volume count'],
    ['a volume that is there counts once', ['v1'], [['v1'], ['v1', 'v2']], { 'csi.example.com': 2 }, 'ok'],
    ['volumes of another driver do not count', ['v1'], [['w1']], { 'csi.example.com': 1 }, 'ok'],
    ['no limit known', ['v1'], [['v2'], ['v3']], {}, 'ok'],
    ['no CSINode', ['v1'], [['v2']], undefined, 'ok'],
    ['volumes older than CSI count for the driver that took over', ['e1'], [], { 'ebs.csi.aws.com': 0 }, 'node(s) exceed max volume count'],
    ['volumes whose driver has not taken over on the node', ['d1'], [], { 'pd.csi.storage.gke.io': 0 }, 'ok'],
    ['a claim without volume counts for its class', ['unbound'], [['v1']], { 'csi.example.com': 1 }, 'node(s) exceed max volume count'],
    ['several at once', ['v1', 'v2'], [], { 'csi.example.com': 1 }, 'node(s) exceed max volume count'],
  ];
  test.each(rows)('%s', (_name, wanted, there, limits, expected) => {
    const pods = there.map((claims, i) => fakePod(`there-${i}`, { volumes: using(...claims), nodeName: 'a' }));
    const { cycle, node } = fakeSnapshot(nodes, pods);
    const run = cycle(fakePod('p', { volumes: using(...wanted) }), {
      claim: (namespace, name) => ({ metadata: { name, namespace }, spec: { storageClassName: 'c', ...(name === 'unbound' ? {} : { volumeName: name }) } }),
      volume: (name) => all.find((each) => each.metadata.name === name),
      storageClass: () => storageClass({ provisioner: 'csi.example.com' }),
      csiNode: (name) => limits && { metadata: { name, annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': 'kubernetes.io/aws-ebs' } }, spec: { drivers: Object.entries(limits).map(([driver, count]) => ({ name: driver, nodeID: name, allocatable: { count } })) } },
    });
    expect(nodeVolumeLimits.preFilter!(run)).toBeUndefined();
    expect(nodeVolumeLimits.filter!(run, node('a'))?.reasons[0] ?? 'ok').toBe(expected);
  });
});
