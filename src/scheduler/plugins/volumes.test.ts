import { describe, expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, Volume } from '../../api/core/v1/types.ts';
import type { StorageClass } from '../../api/storage/v1/types.ts';
import { NO_LOOKUPS, fakeNode, fakePod, fakeSnapshot } from '../fake-cluster.ts';
import type { BindContext, Plugin } from '../framework.ts';
import { volumeBinding, volumeZone } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';

const ZONE = 'topology.kubernetes.io/zone';
const nodes = [fakeNode('a', { labels: { [ZONE]: 'x' } }), fakeNode('b', { labels: { [ZONE]: 'y' } })];
const uses: Volume[] = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];

const claim = (spec: Partial<NonNullable<PersistentVolumeClaim['spec']>> = {}, phase = 'Pending', metadata: object = {}): PersistentVolumeClaim => ({
  metadata: { name: 'data', namespace: 'default', uid: 'data', ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'local', resources: { requests: { storage: '1Gi' } }, ...spec },
  status: { phase },
});
const pinnedTo = (...names: string[]) => ({ required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: names }] }] } });
const volume = (name: string, node: string, extra: Partial<NonNullable<PersistentVolume['spec']>> = {}, labels: Record<string, string> = {}): PersistentVolume => ({
  metadata: { name, labels }, status: { phase: 'Available' },
  spec: { storageClassName: 'local', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' }, nodeAffinity: pinnedTo(node), ...extra },
});
const storageClass = (extra: Partial<StorageClass> = {}): StorageClass => ({ metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer', ...extra });

interface World { claim?: PersistentVolumeClaim; volumes?: PersistentVolume[]; storageClass?: StorageClass }
function lookupsOf({ claim: found, volumes = [], storageClass: kind }: World) {
  return { claim: () => found, volumes: () => volumes, volume: (name: string) => volumes.find((each) => each.metadata.name === name), storageClass: () => kind };
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
const none = "node(s) didn't find available persistent volumes to bind";

describe('VolumeBinding', () => {
  const rows: [string, World, string][] = [
    ['no such claim', {}, 'persistentvolumeclaim "data" not found'],
    ['claim on its way out', { claim: claim({}, 'Bound', { deletionTimestamp: 'now' }) }, 'persistentvolumeclaim "data" is being deleted'],
    ['claim that lost its volume', { claim: claim({ volumeName: 'v' }, 'Lost') }, 'persistentvolumeclaim "data" bound to non-existent persistentvolume "v"'],
    ['not bound, class binds at once', { claim: claim(), storageClass: storageClass({ volumeBindingMode: 'Immediate' }) }, 'pod has unbound immediate PersistentVolumeClaims'],
    ['bound, volume on one node', { claim: claim({ volumeName: 'v' }, 'Bound'), volumes: [volume('v', 'a')] }, `ok | ${conflict}`],
    ['bound, volume anywhere', { claim: claim({ volumeName: 'v' }, 'Bound'), volumes: [volume('v', 'a', { nodeAffinity: undefined as never })] }, 'ok | ok'],
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
    const context: BindContext = {
      bind: async () => undefined,
      selectNode: async (_claim, nodeName) => void calls.push(`select ${nodeName}`),
      reserveVolume: async (kept) => void calls.push(`reserve ${kept.metadata.name}`),
      until: async () => false,
      lookups: { ...NO_LOOKUPS, ...lookupsOf(world) },
    };
    const status = await volumeBinding.preBind!(run, 'a', context);
    expect(calls).toEqual(expected);
    expect(status?.reasons).toEqual(['binding volumes: timed out waiting for the condition']);
  });
});

describe('VolumeZone', () => {
  const bound = claim({ volumeName: 'v' }, 'Bound');
  test.each([
    ['volume without zone', { claim: bound, volumes: [volume('v', 'a')] }, 'skip'],
    ['volume of one zone', { claim: bound, volumes: [volume('v', 'a', {}, { [ZONE]: 'y' })] }, 'node(s) had no available volume zone | ok'],
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
