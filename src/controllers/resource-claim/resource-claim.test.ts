import { describe, expect, test } from 'vitest';
import type { Pod } from '../../api/core/v1/types.ts';
import type { ResourceClaim, ResourceClaimTemplate } from '../../api/resource/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startResourceClaim } from './controller.ts';
import { claimFinalizer, decidePodClaims, decideResourceClaim, podClaimAnnotation } from './decide.ts';

const podOf = (spec: Partial<Pod['spec']> = {}, status: Pod['status'] = {}, meta: object = {}): Pod => ({
  metadata: { name: 'p', namespace: 'shop', uid: 'u', ...meta },
  spec: { containers: [], resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpus' }], ...spec }, status,
});
const template: ResourceClaimTemplate = { metadata: { name: 'gpus', namespace: 'shop' }, spec: { metadata: { labels: { a: 'b' } }, spec: { devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'gpu' } }] } } } };
function claimOf(status: ResourceClaim['status'] = {}, owner: string | undefined = 'u', meta: object = {}): ResourceClaim {
  return {
    metadata: {
      name: 'p-gpu-x', namespace: 'shop', annotations: { [podClaimAnnotation]: 'gpu' },
      ...(owner ? { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: owner, controller: true }] } : {}), ...meta,
    }, spec: {}, status,
  };
}
const consumer = (uid: string): { resource: string; name: string; uid: string } => ({ resource: 'pods', name: uid, uid });
const allocation = { devices: {} };

describe('pods', () => {
  const said = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'p-gpu-x' }] };
  const rows: [string, Pod, ResourceClaim[], ResourceClaimTemplate | undefined, string[]][] = [
    ['no claim yet', podOf(), [], template, ['create p-gpu-']],
    ['no template', podOf(), [], undefined, ['fail']],
    ['a claim not written down', podOf(), [claimOf()], template, ['record']],
    ['all there', podOf({}, said), [claimOf()], template, []],
    ['the claim was deleted', podOf({}, said), [], template, ['create p-gpu-']],
    ['another owns it', podOf({}, said), [claimOf({}, 'w')], template, ['fail']],
    ['none is needed', podOf({}, { resourceClaimStatuses: [{ name: 'gpu' }] }), [], template, []],
    ['bound past the scheduler', podOf({ nodeName: 'n' }, said), [claimOf({ allocation })], template, ['reserve']],
    ['reserved', podOf({ nodeName: 'n' }, said), [claimOf({ allocation, reservedFor: [consumer('u')] })], template, []],
    ['a shared claim', podOf({ nodeName: 'n', resourceClaims: [{ name: 'gpu', resourceClaimName: 'p-gpu-x' }] }), [claimOf({ allocation }, undefined)], undefined, ['reserve']],
    ['a pod that ended', podOf({}, { phase: 'Succeeded' }), [], template, []],
  ];
  test.each(rows)('%s', (_name, pod, claims, found, expected) => {
    const actions = decidePodClaims({ pod, claims: (name) => claims.find((claim) => claim.metadata.name === name), owned: claims.filter((claim) => claim.metadata.ownerReferences?.[0]?.uid === 'u'), templates: () => found });
    expect(actions.map((action) => ('create' in action ? `create ${action.create.metadata.generateName!.slice(0, 6)}` : Object.keys(action)[0]))).toEqual(expected);
  });
});

describe('claims', () => {
  const rows: [string, ResourceClaim, string[], boolean, string | undefined, object?][] = [
    ['in use', claimOf({ allocation, reservedFor: [consumer('u')] }), [], false, undefined],
    ['one of two is gone', claimOf({ allocation, reservedFor: [consumer('u'), consumer('w')] }), ['w'], false, 'unreserve', { allocation, reservedFor: [consumer('u')] }],
    ['the last is gone: devices are given back', claimOf({ allocation, reservedFor: [consumer('u')] }), ['u'], false, 'unreserve', {}],
    ['a consumer that is no pod stays', claimOf({ allocation, reservedFor: [{ ...consumer('u'), resource: 'things' }] }), ['u'], false, undefined],
    ['nothing allocated, protected, on its way out', claimOf({}, 'u', { deletionTimestamp: 'x', finalizers: [claimFinalizer] }), [], false, 'unprotect'],
    ['nothing allocated yet, protected by the scheduler', claimOf({}, 'u', { finalizers: [claimFinalizer] }), [], false, undefined],
    ['being deleted, allocated to nobody', claimOf({ allocation }, 'u', { deletionTimestamp: 'x', finalizers: [claimFinalizer] }), [], false, 'unreserve', {}],
    ['its pod is done', claimOf({}), [], true, 'delete'],
    ['its pod is done, another uses it', claimOf({ allocation, reservedFor: [consumer('w')] }), [], true, undefined],
  ];
  test.each(rows)('%s', (_name, claim, gone, ownerDone, expected, status) => {
    const action = decideResourceClaim(claim, (uid) => gone.includes(uid), ownerDone);
    expect(action?.do).toBe(expected);
    if (status) expect(action && 'claim' in action && action.claim.status).toEqual(status);
  });
});

test('eventually a pod has its claim, and when it ended the devices are given back and the claim is gone', async () => {
  const host = virtualHost({ seed: 'claims', settle: turn });
  const context = fakeContext(host);
  context.api.put('resourceclaimtemplates', template);
  context.api.put('pods', podOf());
  context.run(startResourceClaim);
  await host.clock.advance(1000);
  const claim = context.api.objects<ResourceClaim>('resourceclaims')[0];
  expect(context.api.object<Pod>('pods', 'shop/p')!.status!.resourceClaimStatuses).toEqual([{ name: 'gpu', resourceClaimName: claim!.metadata.name }]);
  const allocated: ResourceClaim = { ...claim!, metadata: { ...claim!.metadata, finalizers: [claimFinalizer] }, status: { allocation, reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] } };
  context.api.put('resourceclaims', allocated);
  await host.clock.advance(1000);
  expect(context.api.objects<ResourceClaim>('resourceclaims')[0]!.status!.reservedFor).toHaveLength(1);
  const pod = context.api.object<Pod>('pods', 'shop/p')!;
  const ended: Pod = { ...pod, status: { ...pod.status, phase: 'Succeeded' } };
  context.api.put('pods', ended);
  await host.clock.advance(5000);
  expect(context.api.objects('resourceclaims')).toEqual([]);
  await context.stop();
});
