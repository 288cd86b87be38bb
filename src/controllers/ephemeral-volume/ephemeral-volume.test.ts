import { expect, test } from 'vitest';
import type { PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startEphemeralVolume } from './controller.ts';
import { decideEphemeral } from './decide.ts';

const template = { metadata: { labels: { a: 'b' } }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
const podOf = (extra: object = {}): Pod => ({
  metadata: { name: 'p', namespace: 'shop', uid: 'u', ...extra },
  spec: { containers: [], volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: template } }, { name: 'other', emptyDir: {} }] },
});
const claimOf = (uid?: string): PersistentVolumeClaim => ({ metadata: { name: 'p-scratch', namespace: 'shop', ...(uid ? { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true }] } : {}) } });

test.each([
  ['none yet', podOf(), undefined, ['create p-scratch']],
  ['its own is there', podOf(), claimOf('u'), []],
  ['another\'s is there', podOf(), claimOf('w'), ['PVC shop/p-scratch was not created for pod shop/p (pod is not owner)']],
  ['nobody\'s is there', podOf(), claimOf(), ['PVC shop/p-scratch was not created for pod shop/p (pod is not owner)']],
  ['a pod that goes', podOf({ deletionTimestamp: '2030-01-01T00:00:00Z' }), undefined, []],
])('decide: %s', (_name, pod, claim, expected) => {
  expect(decideEphemeral(pod, () => claim).map((action) => ('create' in action ? `create ${action.create.metadata.name}` : action.fail))).toEqual(expected);
});

test('eventually each pod has its claim, of its own', async () => {
  const host = virtualHost({ seed: 'ephemeral', settle: turn });
  const context = fakeContext(host);
  context.api.put('pods', podOf());
  context.run(startEphemeralVolume);
  await host.clock.advance(1000);
  const [claim] = context.api.objects<PersistentVolumeClaim>('persistentvolumeclaims');
  expect(claim).toMatchObject({ metadata: { name: 'p-scratch', labels: { a: 'b' }, ownerReferences: [{ kind: 'Pod', uid: 'u', controller: true, blockOwnerDeletion: true }] }, spec: template.spec });
  context.api.remove('persistentvolumeclaims', 'shop/p-scratch');
  await host.clock.advance(1000);
  expect(context.api.objects('persistentvolumeclaims')).toHaveLength(1);
  await context.stop();
});
