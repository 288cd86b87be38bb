import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { compareQuantity } from '../../api/meta/quantity.ts';
import type { StorageClass } from '../../api/storage/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startPersistentVolumeBinder } from './controller.ts';
import { bindCompletedAnnotation, boundByControllerAnnotation, boundClaim, boundStatus, boundVolume, decideClaim, decideVolume, defaultClassOf, selectedNodeAnnotation, unboundVolume, type ClaimSnapshot } from './decide.ts';
import { findVolume, mismatch } from './matching.ts';

type VolumeSpec = NonNullable<PersistentVolume['spec']>;
type ClaimSpec = NonNullable<PersistentVolumeClaim['spec']>;

function volume(name: string, storage: string, spec: Partial<VolumeSpec> = {}, phase = 'Available', metadata: PersistentVolume['metadata'] = {}): PersistentVolume {
  return { metadata: { name, uid: `uid-${name}`, ...metadata }, spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], storageClassName: 'manual', ...spec }, status: { phase } };
}
function claim(storage = '5Gi', spec: Partial<ClaimSpec> = {}, metadata: PersistentVolumeClaim['metadata'] = {}): PersistentVolumeClaim {
  return { metadata: { name: 'data', namespace: 'shop', uid: 'c1', ...metadata }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'manual', resources: { requests: { storage } }, ...spec }, status: { phase: 'Pending' } };
}
const reference = (uid?: string, name = 'data') => ({ namespace: 'shop', name, ...(uid ? { uid } : {}) });

describe('which volume', () => {
  const rows: [string, PersistentVolumeClaim, PersistentVolume[], boolean, string | undefined][] = [
    ['the smallest that is large enough', claim(), [volume('large', '20Gi'), volume('small', '1Gi'), volume('fit', '6Gi')], false, 'fit'],
    ['the first by name of two alike', claim(), [volume('b', '5Gi'), volume('a', '5Gi')], false, 'a'],
    ['few access modes before little room', claim(), [volume('open', '5Gi', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }), volume('plain', '50Gi')], false, 'plain'],
    ['all access modes must be there', claim('1Gi', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }), [volume('plain', '5Gi')], false, undefined],
    ['another class', claim(), [volume('a', '5Gi', { storageClassName: 'fast' })], false, undefined],
    ['no class is a class', claim('1Gi', { storageClassName: '' }), [volume('a', '5Gi'), volume('b', '5Gi', { storageClassName: undefined })], false, 'b'],
    ['block and file system', claim('1Gi', { volumeMode: 'Block' }), [volume('a', '5Gi'), volume('b', '5Gi', { volumeMode: 'Block' })], false, 'b'],
    ['labels', claim('1Gi', { selector: { matchLabels: { disk: 'ssd' } } }), [volume('a', '5Gi'), volume('b', '5Gi', {}, 'Available', { labels: { disk: 'ssd' } })], false, 'b'],
    ['attributes class', claim('1Gi', { volumeAttributesClassName: 'gold' }), [volume('a', '5Gi'), volume('b', '5Gi', { volumeAttributesClassName: 'gold' })], false, 'b'],
    ['only available ones', claim(), [volume('a', '5Gi', {}, 'Released'), volume('b', '5Gi', {}, 'Pending')], false, undefined],
    ['not those being deleted', claim(), [volume('a', '5Gi', {}, 'Available', { deletionTimestamp: '2030-01-01T00:00:00Z' })], false, undefined],
    ['not those of others', claim(), [volume('a', '5Gi', { claimRef: reference(undefined, 'other') })], false, undefined],
    ['reserved by name, whatever its class', claim(), [volume('a', '5Gi'), volume('mine', '50Gi', { claimRef: reference(), storageClassName: 'x' })], false, 'mine'],
    ['reserved, but too small', claim(), [volume('a', '5Gi'), volume('mine', '1Gi', { claimRef: reference() })], false, 'a'],
    ['reserved for an earlier claim of this name', claim(), [volume('mine', '5Gi', { claimRef: reference('c0') })], false, undefined],
    ['waiting: free ones are the scheduler’s', claim(), [volume('a', '5Gi')], true, undefined],
    ['waiting: what the scheduler reserved', claim(), [volume('a', '5Gi'), volume('b', '9Gi', { claimRef: reference('c1') })], true, 'b'],
  ];
  test.each(rows)('%s', (_name, each, volumes, waits, expected) => {
    expect(findVolume(each, volumes, waits)?.metadata.name).toBe(expected);
  });

  test('never one that is too small or taken, always one when there is one', () => {
    const arbitrary = fc.record({ size: fc.integer({ min: 1, max: 9 }), taken: fc.boolean(), phase: fc.constantFrom('Available', 'Bound', 'Released') });
    fc.assert(fc.property(fc.array(arbitrary), fc.integer({ min: 1, max: 9 }), (sizes, wanted) => {
      const volumes = sizes.map(({ size, taken, phase }, i) => volume(`v${i}`, `${size}Gi`, taken ? { claimRef: reference('x', 'other') } : {}, phase));
      const fitting = volumes.filter((each) => !each.spec?.claimRef && each.status?.phase === 'Available' && compareQuantity(each.spec!.capacity!['storage']!, `${wanted}Gi`) >= 0);
      const found = findVolume(claim(`${wanted}Gi`), volumes, false);
      expect(found === undefined).toBe(fitting.length === 0);
      if (found) expect(fitting.every((each) => compareQuantity(found.spec!.capacity!['storage']!, each.spec!.capacity!['storage']!) <= 0)).toBe(true);
    }));
  });

  test.each<[string, PersistentVolume, PersistentVolumeClaim, string | undefined]>([
    ['fits', volume('v', '5Gi'), claim(), undefined],
    ['size', volume('v', '1Gi'), claim(), 'requested PV is too small'],
    ['class', volume('v', '5Gi', { storageClassName: 'x' }), claim(), 'storageClassName does not match'],
    ['attributes class', volume('v', '5Gi', { volumeAttributesClassName: 'x' }), claim(), 'volumeAttributesClassName does not match'],
    ['mode', volume('v', '5Gi', { volumeMode: 'Block' }), claim(), 'incompatible volumeMode'],
    ['access mode', volume('v', '5Gi', { accessModes: ['ReadOnlyMany'] }), claim(), 'incompatible accessMode'],
  ])('asked for by name: %s', (_name, each, of, expected) => {
    expect(mismatch(each, of)).toBe(expected);
  });
});

const classes: Record<string, StorageClass> = {
  local: { metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' },
  csi: { metadata: { name: 'csi' }, provisioner: 'example.com/disks' },
  late: { metadata: { name: 'late' }, provisioner: 'example.com/disks', volumeBindingMode: 'WaitForFirstConsumer' },
};
const completed = { annotations: { [bindCompletedAnnotation]: 'yes' } };

describe('what a claim needs next', () => {
  const short = (snapshot: Partial<ClaimSnapshot>): string => {
    const action = decideClaim({ claim: claim(), volume: undefined, volumes: [], classes: (name) => classes[name], defaultClass: undefined, waitingPod: undefined, ...snapshot });
    switch (action.do) {
      case 'bind': return `bind ${action.volume.metadata.name}`;
      case 'phase': return `${action.phase}${action.event ? ` ${action.event.type} ${action.event.reason}` : ''}`;
      case 'class': return `class ${action.name}`;
      case 'provision': return `provision ${action.provisioner} ${action.event.reason}`;
      case 'retry': return `retry ${action.why}`;
    }
  };
  const plain = claim();
  delete plain.spec!.storageClassName;
  const rows: [string, Partial<ClaimSnapshot>, string][] = [
    ['a free volume', { volumes: [volume('v', '5Gi')] }, 'bind v'],
    ['a class that is not there', {}, 'Pending Warning ProvisioningFailed'],
    ['no class', { claim: claim('1Gi', { storageClassName: '' }) }, 'Pending Normal FailedBinding'],
    ['no class named, no default', { claim: plain }, 'Pending Normal FailedBinding'],
    ['no class named, a default', { claim: plain, defaultClass: 'csi' }, 'class csi'],
    ['a provisioner outside', { claim: claim('1Gi', { storageClassName: 'csi' }) }, 'provision example.com/disks ExternalProvisioning'],
    ['waits for a pod', { claim: claim('1Gi', { storageClassName: 'local' }), volumes: [volume('v', '5Gi', { storageClassName: 'local' })] }, 'Pending Normal WaitForFirstConsumer'],
    ['waits for the pod’s node', { claim: claim('1Gi', { storageClassName: 'local' }), waitingPod: 'p' }, 'Pending Normal WaitForPodScheduled'],
    ['the node is chosen, the provisioner outside is asked', { claim: claim('1Gi', { storageClassName: 'late' }, { annotations: { [selectedNodeAnnotation]: 'n' } }) }, 'provision example.com/disks ExternalProvisioning'],
    ['the node is chosen, but nobody provisions', { claim: claim('1Gi', { storageClassName: 'local' }, { annotations: { [selectedNodeAnnotation]: 'n' } }) }, 'Pending Warning ProvisioningFailed'],
    ['named', { claim: claim('1Gi', { volumeName: 'v' }), volume: volume('v', '5Gi') }, 'bind v'],
    ['named, not there yet', { claim: claim('1Gi', { volumeName: 'v' }) }, 'Pending'],
    ['named, does not suit', { claim: claim('9Gi', { volumeName: 'v' }), volume: volume('v', '5Gi') }, 'Pending Warning VolumeMismatch'],
    ['named, somebody else’s', { claim: claim('1Gi', { volumeName: 'v' }), volume: volume('v', '5Gi', { claimRef: reference('x', 'other') }) }, 'Pending Warning FailedBinding'],
    ['half bound, and the volume went elsewhere', { claim: claim('1Gi', { volumeName: 'v' }, { annotations: { [boundByControllerAnnotation]: 'yes' } }), volume: volume('v', '5Gi', { claimRef: reference('x', 'other') }) }, 'retry volume "v" already bound to a different claim.'],
    ['bound', { claim: claim('1Gi', { volumeName: 'v' }, completed), volume: volume('v', '5Gi', { claimRef: reference('c1') }) }, 'bind v'],
    ['bound, and the volume forgot', { claim: claim('1Gi', { volumeName: 'v' }, completed), volume: volume('v', '5Gi') }, 'bind v'],
    ['bound, and the volume is gone', { claim: claim('1Gi', { volumeName: 'v' }, completed) }, 'Lost Warning ClaimLost'],
    ['bound, and the name was taken away', { claim: claim('1Gi', {}, completed) }, 'Lost Warning ClaimLost'],
    ['bound to another’s volume', { claim: claim('1Gi', { volumeName: 'v' }, completed), volume: volume('v', '5Gi', { claimRef: reference('c2') }) }, 'Lost Warning ClaimMisbound'],
  ];
  test.each(rows)('%s', (_name, snapshot, expected) => {
    expect(short(snapshot)).toBe(expected);
  });

  test('the default class: the youngest of those that say so', () => {
    const marked = (name: string, creationTimestamp: string, value = 'true'): StorageClass => ({ metadata: { name, creationTimestamp, annotations: { 'storageclass.kubernetes.io/is-default-class': value } }, provisioner: 'x' });
    expect(defaultClassOf([marked('old', '2029-01-01T00:00:00Z'), marked('b', '2030-01-01T00:00:00Z'), marked('a', '2030-01-01T00:00:00Z'), marked('no', '2031-01-01T00:00:00Z', 'false')])).toBe('a');
    expect(defaultClassOf([classes['local']!])).toBeUndefined();
  });
});

describe('what a volume needs next', () => {
  const bound = claim('1Gi', { volumeName: 'v' });
  const held = (spec: Partial<VolumeSpec> = {}, phase = 'Bound', metadata: PersistentVolume['metadata'] = {}): PersistentVolume => volume('v', '5Gi', { claimRef: reference('c1'), ...spec }, phase, metadata);
  const rows: [string, PersistentVolume, PersistentVolumeClaim | undefined, object | undefined][] = [
    ['free', volume('v', '5Gi', {}, 'Pending'), undefined, { do: 'phase', phase: 'Available' }],
    ['reserved by name', volume('v', '5Gi', { claimRef: reference() }, 'Pending'), undefined, { do: 'phase', phase: 'Available' }],
    ['bound', held({}, 'Available'), bound, { do: 'phase', phase: 'Bound' }],
    ['its claim does not know yet', held(), claim(), { do: 'wake' }],
    ['its claim wants the other mode', held({ volumeMode: 'Block' }), claim(), { do: 'wake', event: { type: 'Warning', reason: 'VolumeMismatch' } }],
    ['its claim found another', held({}, 'Available', { annotations: { [boundByControllerAnnotation]: 'yes' } }), claim('1Gi', { volumeName: 'w' }), { do: 'unbind', keepReservation: false }],
    ['its claim found another, a user had reserved it', held({}, 'Available'), claim('1Gi', { volumeName: 'w' }), { do: 'unbind', keepReservation: true }],
    ['its claim found another, and it was made for it', held({ persistentVolumeReclaimPolicy: 'Delete' }, 'Available', { annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' } }), claim('1Gi', { volumeName: 'w' }), { do: 'phase', phase: 'Released' }],
    ['its claim is gone', held(), undefined, { do: 'phase', phase: 'Released' }],
    ['Retain', held({ persistentVolumeReclaimPolicy: 'Retain' }, 'Released'), undefined, undefined],
    ['Delete, and nobody can', held({ persistentVolumeReclaimPolicy: 'Delete' }, 'Released'), undefined, { do: 'phase', phase: 'Failed', event: { type: 'Warning', reason: 'VolumeFailedDelete' } }],
    ['Delete, by the provisioner outside', held({ persistentVolumeReclaimPolicy: 'Delete' }, 'Released', { annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' } }), undefined, undefined],
    ['Delete, by a CSI driver', held({ persistentVolumeReclaimPolicy: 'Delete', csi: { driver: 'example.com', volumeHandle: 'h' } }, 'Released'), undefined, undefined],
    ['Recycle', held({ persistentVolumeReclaimPolicy: 'Recycle' }, 'Released'), undefined, { do: 'phase', phase: 'Failed', event: { type: 'Warning', reason: 'VolumeFailedRecycle' } }],
    ['failed stays so', held({ persistentVolumeReclaimPolicy: 'Delete' }, 'Failed'), undefined, undefined],
  ];
  test.each(rows)('%s', (_name, each, of, expected) => {
    const action = decideVolume({ volume: each, claim: of });
    if (expected === undefined) expect(action).toBeUndefined();
    else expect(action).toMatchObject(expected);
  });
});

describe('binding', () => {
  test('both sides refer to each other, and are written once', () => {
    const reserved = boundVolume(volume('v', '5Gi'), claim())!;
    expect(reserved.spec!.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data', uid: 'c1' });
    expect(reserved.metadata.annotations).toEqual({ [boundByControllerAnnotation]: 'yes' });
    expect(boundVolume(reserved, claim())).toBeUndefined();
    const done = boundClaim(claim(), reserved)!;
    expect([done.spec!.volumeName, done.metadata.annotations]).toEqual(['v', { [boundByControllerAnnotation]: 'yes', [bindCompletedAnnotation]: 'yes' }]);
    expect(boundClaim(done, reserved)).toBeUndefined();
    expect(boundStatus(done, reserved)).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' } });
  });

  test('a user’s choice is not marked as ours, and comes back as a reservation', () => {
    const chosen = boundVolume(volume('v', '5Gi', { claimRef: reference() }), claim())!;
    expect(chosen.metadata.annotations).toBeUndefined();
    expect(boundClaim(claim('1Gi', { volumeName: 'v' }), chosen)!.metadata.annotations).toEqual({ [bindCompletedAnnotation]: 'yes' });
    expect(unboundVolume(chosen, true).spec!.claimRef).toEqual({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data' });
    expect(unboundVolume(boundVolume(volume('v', '5Gi'), claim())!, false)).toMatchObject({ metadata: { annotations: {} }, spec: { capacity: { storage: '5Gi' } } });
    expect(unboundVolume(chosen, false).spec).not.toHaveProperty('claimRef');
  });

  test('many claims and volumes: nobody shares, nobody waits in vain, and then all is quiet', async () => {
    const host = virtualHost({ seed: 'binder', settle: turn });
    const context = fakeContext(host);
    context.run(startPersistentVolumeBinder);
    for (let i = 0; i < 20; i++) {
      context.api.put('persistentvolumes', volume(`v${i}`, `${(i % 5) + 1}Gi`, {}, 'Pending'));
      context.api.put('persistentvolumeclaims', claim(`${(i % 5) + 1}Gi`, {}, { name: `c${i}`, uid: `c${i}` }));
    }
    await host.clock.advance(60_000);
    const claims = context.api.objects<PersistentVolumeClaim>('persistentvolumeclaims');
    expect(claims.every((each) => each.status?.phase === 'Bound')).toBe(true);
    expect(new Set(claims.map((each) => each.spec?.volumeName)).size).toBe(20);
    for (const each of context.api.objects<PersistentVolume>('persistentvolumes')) {
      expect(each.status?.phase).toBe('Bound');
      expect(claims.find(({ metadata }) => metadata.uid === each.spec?.claimRef?.uid)?.spec?.volumeName).toBe(each.metadata.name);
    }
    const quiet = context.api.revision;
    await host.clock.advance(60_000);
    expect(context.api.revision).toBe(quiet);
    await context.stop();
  });
});
