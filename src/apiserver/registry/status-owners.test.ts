/** Who writes a status owns nothing of the metadata that its kind keeps. */
import { afterEach, expect, test } from 'vitest';
import { startRig, type Rig } from './rig.ts';

let rig: Rig | undefined;
afterEach(() => rig?.stop());

const container = { name: 'c', image: 'i' };
const labels = { a: 'b' };
const workload = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } };
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };
const put = { labels: { later: 'l' }, annotations: { later: 'l' } };
const levels = { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } };

test.each([
  ['deployments: not labels', 'apps/v1', 'Deployment', '/apis/apps/v1/namespaces/default/deployments', workload, put, { annotations: put.annotations }, { 'f:annotations': { '.': {}, 'f:later': {} } }],
  ['sets of replicas: labels too', 'apps/v1', 'ReplicaSet', '/apis/apps/v1/namespaces/default/replicasets', workload, put, put, { 'f:annotations': { '.': {}, 'f:later': {} }, 'f:labels': { '.': {}, 'f:later': {} } }],
  ['pods: no owners', 'v1', 'Pod', '/api/v1/namespaces/default/pods', { containers: [container] }, { ...put, ownerReferences: [owner] }, put, { 'f:annotations': { '.': {}, 'f:later': {} }, 'f:labels': { '.': {}, 'f:later': {} } }],
  ['levels of priority: nothing', 'flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', levels, put, {}, undefined],
] as const)('%s', async (_name, apiVersion, kind, path, spec, sent, kept, owned) => {
  const { send } = (rig = await startRig());
  const made = await send('POST', `${path}?fieldManager=maker`, { apiVersion, kind, metadata: { name: 'x' }, spec });
  expect(made.status).toBe(201);
  const status = kind === 'PriorityLevelConfiguration' ? { conditions: [{ type: 'T', status: 'True' }] } : kind === 'Pod' ? { reason: 'r' } : { observedGeneration: 1 };
  const { body } = await send('PUT', `${path}/x/status?fieldManager=writer`, { ...made.body, metadata: { ...made.body.metadata, ...sent }, status });
  expect({ labels: body.metadata.labels, annotations: body.metadata.annotations, ownerReferences: body.metadata.ownerReferences }).toEqual({ labels: undefined, annotations: undefined, ownerReferences: undefined, ...kept });
  const entry = (of: { metadata: { managedFields: { manager: string; fieldsV1: Record<string, unknown> }[] } }, manager: string): Record<string, unknown> => of.metadata.managedFields.find((one) => one.manager === manager)!.fieldsV1;
  expect(entry(body, 'writer')['f:metadata']).toEqual(owned);
  expect(Object.keys(entry(body, 'writer'))).toContain('f:status');

  const applied = await send('PATCH', `${path}/x/status?fieldManager=applier&force=true`, { apiVersion, kind, metadata: { name: 'x', ...sent }, status }, { headers: { 'content-type': 'application/apply-patch+yaml' } });
  expect(entry(applied.body, 'applier')['f:metadata'] ?? {}).toEqual(Object.fromEntries(Object.keys(kept).map((field) => [`f:${field}`, { 'f:later': {} }])));
});

test('a write of the object owns nothing of the status that it says, and takes nothing of it from its owners', async () => {
  const { send } = (rig = await startRig());
  const path = '/apis/apps/v1/namespaces/default/deployments';
  await send('POST', `${path}?fieldManager=maker`, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: workload, status: { replicas: 9 } });
  const { body } = await send('PUT', `${path}/x/status?fieldManager=writer`, { ...(await send('GET', `${path}/x`)).body, status: { replicas: 1 } });
  const changed = await send('PUT', `${path}/x?fieldManager=other`, { ...body, metadata: { ...body.metadata, labels }, status: { replicas: 5 } });
  const owners = (changed.body.metadata.managedFields as { manager: string; subresource?: string; fieldsV1: object }[]).map(({ manager, subresource, fieldsV1 }) => [manager, subresource, Object.keys(fieldsV1)]);
  expect(owners.toSorted()).toEqual([['maker', undefined, ['f:spec']], ['other', undefined, ['f:metadata']], ['writer', 'status', ['f:status']]]);
  expect(changed.body.status).toEqual({ replicas: 1 });
});
