/** The requirements on events, by their names, over HTTPS. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.send('POST', '/api/v1/namespaces', { metadata: { name: 'events-test' } });
}, 60_000);
afterAll(() => server.stop());

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into all kinds of objects.
type Any = any;

async function ok(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Any> {
  const answer = await server.send(method, path, body, headers);
  expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
  return answer.body;
}

const core = '/api/v1/namespaces/events-test/events';
const named = (items: Any[]): string[] => items.map((item) => item.metadata.name as string);
const about = { kind: 'Pod', namespace: 'events-test', name: 'some-pod' };
const coreEvent = (name: string, label: string): object => ({ metadata: { name, labels: { suite: label } }, involvedObject: about, reason: 'Test', message: 'This is a test event', type: 'Normal', source: { component: 'conformance' } });

test('[sig-instrumentation] Events should manage the lifecycle of an event [Conformance]', async () => {
  const everywhere = '/api/v1/events?labelSelector=suite%3Dlifecycle';
  await ok('POST', core, coreEvent('lifecycle', 'lifecycle'));
  expect(named((await ok('GET', everywhere)).items)).toEqual(['lifecycle']);
  const patched = await ok('PATCH', `${core}/lifecycle`, { message: 'This is a test event - patched' }, { 'content-type': 'application/strategic-merge-patch+json' });
  expect(patched.message).toBe('This is a test event - patched');
  expect((await ok('GET', `${core}/lifecycle`)).message).toBe('This is a test event - patched');
  const series = { count: 100, lastObservedTime: '2020-09-09T00:00:00.000000Z' };
  await ok('PUT', `${core}/lifecycle`, { ...patched, series });
  expect((await ok('GET', `${core}/lifecycle`)).series).toEqual(series);
  await ok('DELETE', `${core}/lifecycle`);
  expect((await ok('GET', everywhere)).items).toEqual([]);
});

test('[sig-instrumentation] Events should delete a collection of events [Conformance]', async () => {
  const chosen = `${core}?labelSelector=suite%3Dcollection`;
  for (const name of ['test-event-1', 'test-event-2', 'test-event-3']) await ok('POST', core, coreEvent(name, 'collection'));
  expect(named((await ok('GET', chosen)).items)).toEqual(['test-event-1', 'test-event-2', 'test-event-3']);
  await ok('DELETE', chosen);
  expect((await ok('GET', chosen)).items).toEqual([]);
});

const newer = '/apis/events.k8s.io/v1/namespaces/events-test/events';
const newEvent = (name: string, label: string): object => ({
  apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name, labels: { suite: label } }, regarding: about, eventTime: '2026-01-02T03:04:05.000006Z', action: 'Do', reason: 'Test', note: `This is ${name}`, type: 'Normal',
  reportingController: 'test-controller', reportingInstance: 'test-node',
});

test('[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed [Conformance]', async () => {
  const created = await ok('POST', newer, newEvent('fetched', 'api'));
  for (const path of [`${newer}?labelSelector=suite%3Dapi`, '/apis/events.k8s.io/v1/events?labelSelector=suite%3Dapi', `${newer}?fieldSelector=reportingController%3Dtest-controller`]) expect(named((await ok('GET', path)).items)).toEqual(['fetched']);
  expect(await ok('GET', `${newer}/fetched`)).toEqual(created);
  const patched = await ok('PATCH', `${newer}/fetched`, { series: { count: 2, lastObservedTime: '2014-01-01T00:00:00.000000Z' } }, { 'content-type': 'application/strategic-merge-patch+json' });
  expect(patched.series).toEqual({ count: 2, lastObservedTime: '2014-01-01T00:00:00.000000Z' });
  const updated = await ok('PUT', `${newer}/fetched`, { ...patched, series: { count: 100, lastObservedTime: '2014-01-01T00:00:00.000000Z' } });
  expect(updated.series.count).toBe(100);
  // The same event, as the older API shows it.
  expect(await ok('GET', `${core}/fetched`)).toMatchObject({ message: 'This is fetched', reportingComponent: 'test-controller', series: { count: 100 } });
  await ok('DELETE', `${newer}/fetched`);
  expect((await server.send('GET', `${newer}/fetched`)).status).toBe(404);
  expect((await ok('GET', `${newer}?labelSelector=suite%3Dapi`)).items).toEqual([]);
});

test('[sig-instrumentation] Events API should delete a collection of events [Conformance]', async () => {
  const chosen = `${newer}?labelSelector=suite%3Dmany`;
  for (const name of ['test-event-a', 'test-event-b', 'test-event-c']) await ok('POST', newer, newEvent(name, 'many'));
  expect(named((await ok('GET', chosen)).items)).toEqual(['test-event-a', 'test-event-b', 'test-event-c']);
  await ok('DELETE', chosen);
  expect((await ok('GET', chosen)).items).toEqual([]);
});
