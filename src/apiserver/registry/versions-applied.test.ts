/** Applies of one object in several versions that the server has of its own. */
import { afterEach, expect, test } from 'vitest';
import { startRig, type Rig } from './rig.ts';

let rig: Rig | undefined;
afterEach(() => rig?.stop());

const target = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' };
const path = (version: string): string => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers/h`;

async function start() {
  const { send } = (rig = await startRig());
  const apply = async (version: string, manager: string, spec: object, query = '') =>
    (await send('PATCH', `${path(version)}?fieldManager=${manager}${query}`, { apiVersion: `autoscaling/${version}`, kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec }, { headers: { 'content-type': 'application/apply-patch+yaml' } })).body;
  return { send, apply };
}

const owners = (body: { metadata: { managedFields: { manager: string; operation: string; apiVersion: string; fieldsV1: Record<string, object> }[] } }): unknown[] =>
  body.metadata.managedFields.map(({ manager, operation, apiVersion, fieldsV1 }) => [manager, operation, apiVersion, Object.keys(fieldsV1['f:spec'] ?? {}).sort()]);
const cpu = (averageUtilization: number): object => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } });

test('an apply takes away what its manager applied in another version', async () => {
  const { apply } = await start();
  await apply('v1', 'one', { maxReplicas: 5, minReplicas: 2, scaleTargetRef: target, targetCPUUtilizationPercentage: 50 });
  const second = await apply('v2', 'one', { maxReplicas: 6, scaleTargetRef: target });
  // Without its own, a scaler has the defaults: one replica at least, four fifths of the processor.
  expect(second.spec).toEqual({ maxReplicas: 6, minReplicas: 1, scaleTargetRef: target, metrics: [cpu(80)] });
  expect(owners(second)).toEqual([['one', 'Apply', 'autoscaling/v2', ['f:maxReplicas', 'f:scaleTargetRef']]]);
  const third = await apply('v1', 'one', { maxReplicas: 6, scaleTargetRef: target, targetCPUUtilizationPercentage: 70 });
  expect(third.spec).toEqual({ maxReplicas: 6, minReplicas: 1, scaleTargetRef: target, targetCPUUtilizationPercentage: 70 });
});

test('what others own in another version stays, and is fought over under its name there', async () => {
  const { apply } = await start();
  await apply('v1', 'one', { maxReplicas: 5, minReplicas: 2, scaleTargetRef: target, targetCPUUtilizationPercentage: 50 });
  await apply('v2', 'two', { minReplicas: 2, metrics: [cpu(50)] });
  const second = await apply('v2', 'one', { maxReplicas: 5, scaleTargetRef: target });
  expect([second.spec.minReplicas, second.spec.metrics]).toEqual([2, [cpu(50)]]);
  expect(await apply('v1', 'one', { maxReplicas: 5, scaleTargetRef: target, targetCPUUtilizationPercentage: 60 })).toMatchObject({ code: 409, message: 'Apply failed with 1 conflict: conflict with "two": .spec.metrics' });
  const forced = await apply('v1', 'one', { maxReplicas: 5, scaleTargetRef: target, targetCPUUtilizationPercentage: 60 }, '&force=true');
  expect(owners(forced)).toEqual([['two', 'Apply', 'autoscaling/v2', ['f:minReplicas']], ['one', 'Apply', 'autoscaling/v1', ['f:maxReplicas', 'f:scaleTargetRef', 'f:targetCPUUtilizationPercentage']]]);
});

test('an update in one version takes fields from who wrote in another', async () => {
  const { send, apply } = await start();
  await apply('v1', 'one', { maxReplicas: 5, scaleTargetRef: target, targetCPUUtilizationPercentage: 50 });
  const { body } = await send('PATCH', `${path('v2')}?fieldManager=u`, { spec: { metrics: [cpu(60)] } }, { headers: { 'content-type': 'application/merge-patch+json' } });
  expect(owners(body)).toEqual([['one', 'Apply', 'autoscaling/v1', ['f:maxReplicas', 'f:scaleTargetRef']], ['u', 'Update', 'autoscaling/v2', ['f:metrics']]]);
});

test('events of both groups', async () => {
  const { send } = await start();
  const event = { metadata: { name: 'e' }, action: 'a', reason: 'r', type: 'Normal', reportingController: 'c.io/c', reportingInstance: 'i', eventTime: '2026-01-01T00:00:00.000000Z' };
  const apply = async (url: string, body: object) => (await send('PATCH', `${url}/namespaces/default/events/e?fieldManager=one`, { kind: 'Event', ...body }, { headers: { 'content-type': 'application/apply-patch+yaml' } })).body;
  await apply('/apis/events.k8s.io/v1', { ...event, apiVersion: 'events.k8s.io/v1', regarding: { namespace: 'default', name: 'n', kind: 'Pod' }, note: 'text' });
  const { reportingController, ...core } = event;
  const { body: { message } } = await send('GET', '/api/v1/namespaces/default/events/e');
  expect(message).toBe('text');
  const second = await apply('/api/v1', { ...core, apiVersion: 'v1', reportingComponent: reportingController, involvedObject: { namespace: 'default', name: 'n', kind: 'Pod' } });
  expect([second.message, second.reportingComponent]).toEqual([undefined, 'c.io/c']);
});
