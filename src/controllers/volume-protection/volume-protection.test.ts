import { describe, expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import type { ObjectMeta } from '../../api/meta/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startClaimProtection, startVolumeProtection } from './controller.ts';
import { attributesClassesOf, CLAIM_FINALIZER, decideProtection, podUsesClaim, VOLUME_FINALIZER, withFinalizer, type ProtectionAction } from './decide.ts';

const deleted = { deletionTimestamp: '2030-01-01T00:00:00Z' };
const claim = (metadata: ObjectMeta = {}): PersistentVolumeClaim => ({ metadata: { name: 'data', namespace: 'shop', uid: 'c', ...metadata } });
const pod = (spec: Partial<Pod['spec']> = {}, metadata: ObjectMeta = {}): Pod => ({ metadata: { name: 'p', namespace: 'shop', uid: 'p', ...metadata }, spec: { containers: [], nodeName: 'n', volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }], ...spec } });

describe('protection', () => {
  const rows: [string, ObjectMeta, ProtectionAction][] = [
    ['without a finalizer', {}, 'add'],
    ['with one', { finalizers: [CLAIM_FINALIZER] }, undefined],
    ['being deleted', { ...deleted, finalizers: ['other', CLAIM_FINALIZER] }, 'release'],
    ['being deleted, held by another', { ...deleted, finalizers: ['other'] }, undefined],
  ];
  test.each(rows)('%s', (_name, metadata, expected) => {
    expect(decideProtection(claim(metadata), CLAIM_FINALIZER)).toBe(expected);
  });

  test('other finalizers stay', () => {
    expect(withFinalizer(claim({ finalizers: ['a', CLAIM_FINALIZER, 'b'] }), CLAIM_FINALIZER, false).metadata.finalizers).toEqual(['a', 'b']);
    expect(withFinalizer(claim({ finalizers: ['a'] }), CLAIM_FINALIZER, true).metadata.finalizers).toEqual(['a', CLAIM_FINALIZER]);
  });

  const ephemeral = { volumes: [{ name: 'v', ephemeral: {} }] };
  const owned = claim({ name: 'p-v', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p', controller: true }] });
  test.each<[string, Pod, PersistentVolumeClaim, boolean]>([
    ['a pod on a node', pod(), claim(), true],
    ['an ended pod', { ...pod(), status: { phase: 'Succeeded' } }, claim(), true],
    ['a pod without a node', pod({ nodeName: undefined }), claim(), false],
    ['a pod of another namespace', pod({}, { namespace: 'other' }), claim(), false],
    ['a pod with another claim', pod({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'logs' } }] }), claim(), false],
    ['a pod without volumes', pod({ volumes: undefined }), claim(), false],
    ['an ephemeral volume', pod(ephemeral), owned, true],
    ['an ephemeral volume whose name somebody took', pod(ephemeral), claim({ name: 'p-v' }), false],
    ['an ephemeral volume of a pod that the kubelet is done with', pod(ephemeral, { ...deleted, deletionGracePeriodSeconds: 0 }), owned, false],
  ])('use: %s', (_name, each, of, expected) => {
    expect(podUsesClaim(each, of)).toBe(expected);
  });

  test('attributes classes of a claim on its way from one to another', () => {
    expect(attributesClassesOf({ ...claim(), spec: { volumeAttributesClassName: 'b' }, status: { currentVolumeAttributesClassName: 'a', modifyVolumeStatus: { targetVolumeAttributesClassName: 'b', status: 'InProgress' } } })).toEqual(['b', 'a']);
    expect(attributesClassesOf(claim())).toEqual([]);
  });

  test('claims and volumes made before there was protection get it; the last pod to go frees the claim', async () => {
    const host = virtualHost({ seed: 'protection', settle: turn });
    const context = fakeContext(host);
    context.api.put('persistentvolumeclaims', claim());
    context.api.put('persistentvolumes', { metadata: { name: 'v', uid: 'v' }, status: { phase: 'Bound' } } as PersistentVolume);
    context.api.put('pods', pod());
    context.run(startClaimProtection, startVolumeProtection);
    await host.clock.advance(1_000);
    const finalizers = (plural: string, key: string) => context.api.object(plural, key)?.metadata.finalizers;
    expect([finalizers('persistentvolumeclaims', 'shop/data'), finalizers('persistentvolumes', 'v')]).toEqual([[CLAIM_FINALIZER], [VOLUME_FINALIZER]]);
    context.api.put('persistentvolumeclaims', { ...context.api.object<PersistentVolumeClaim>('persistentvolumeclaims', 'shop/data')!, metadata: { ...context.api.object('persistentvolumeclaims', 'shop/data')!.metadata, ...deleted } });
    await host.clock.advance(60_000);
    expect(finalizers('persistentvolumeclaims', 'shop/data')).toEqual([CLAIM_FINALIZER]);
    context.api.remove('pods', 'shop/p');
    await host.clock.advance(1_000);
    expect(finalizers('persistentvolumeclaims', 'shop/data') ?? []).toEqual([]);
    await context.stop();
  });
});
