import { describe, expect, test } from 'vitest';
import type { Event } from '../api/core/v1/types.ts';
import { forbidden } from '../api/meta/status.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { createClient } from './client.ts';
import { fakeApi } from './fake-api.ts';
import { createRecorder, eventBurst } from './recorder.ts';

const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7' } };

function setUp() {
  const host = virtualHost({ seed: 'events', settle: turn });
  const api = fakeApi(host.clock);
  return { host, api, recorder: createRecorder(host, createClient(api), 'test-controller'), events: () => api.objects<Event>('events') };
}

describe('event recorder', () => {
  test('writes an event beside its object', async () => {
    const { host, recorder, events } = setUp();
    recorder.event(pod, 'Warning', 'Broken', 'it broke');
    await host.clock.advance(0);
    expect(events()).toHaveLength(1);
    expect(events()[0]).toMatchObject({
      metadata: { namespace: 'shop' }, type: 'Warning', reason: 'Broken', message: 'it broke', count: 1,
      firstTimestamp: '2030-01-01T00:00:00Z', lastTimestamp: '2030-01-01T00:00:00Z',
      source: { component: 'test-controller' }, reportingComponent: 'test-controller',
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
    });
    expect(events()[0]!.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
  });

  test('events about cluster-scoped objects go to the default namespace', async () => {
    const { host, recorder, events } = setUp();
    recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }, 'Normal', 'NodeReady', 'ready');
    await host.clock.advance(0);
    expect(events()[0]?.metadata.namespace).toBe('default');
  });

  test('equal events are counted on one object', async () => {
    const { host, recorder, events } = setUp();
    for (let i = 0; i < 3; i++) {
      recorder.event(pod, 'Normal', 'Pulled', 'image');
      await host.clock.advance(10_000);
    }
    expect(events()).toHaveLength(1);
    expect(events()[0]).toMatchObject({ count: 3, firstTimestamp: '2030-01-01T00:00:00Z', lastTimestamp: '2030-01-01T00:00:20Z' });
  });

  test('an event that was deleted meanwhile is written anew with its count', async () => {
    const { host, api, recorder, events } = setUp();
    recorder.event(pod, 'Normal', 'Pulled', 'image');
    await host.clock.advance(0);
    api.remove('events', `shop/${events()[0]!.metadata.name}`);
    recorder.event(pod, 'Normal', 'Pulled', 'image');
    await host.clock.advance(0);
    expect(events()[0]).toMatchObject({ count: 2 });
  });

  test('many alike are folded into one', async () => {
    const { host, recorder, events } = setUp();
    for (let i = 0; i < 14; i++) recorder.event(pod, 'Warning', 'FailedCreate', `attempt ${i}`);
    await host.clock.advance(0);
    expect(events()).toHaveLength(10);
    expect(events().at(-1)).toMatchObject({ message: '(combined from similar events): attempt 13', count: 5 });
  });

  test('an object that talks too much is cut short, and may talk again later', async () => {
    const { host, recorder, events } = setUp();
    for (let i = 0; i < 100; i++) recorder.event(pod, 'Normal', `Reason${i}`, 'x');
    await host.clock.advance(0);
    expect(events()).toHaveLength(eventBurst);
    await host.clock.advance(301_000);
    recorder.event(pod, 'Normal', 'Later', 'x');
    await host.clock.advance(0);
    expect(events()).toHaveLength(eventBurst + 1);
  });

  test('writes again when the server comes back; gives up at once when refused', async () => {
    const { host, api, recorder, events } = setUp();
    let broken = true;
    api.intercept = (request) => {
      if (broken) throw new Error('unreachable');
      return request.target.namespace === 'shop' ? undefined : forbidden({ group: '', plural: 'events' }, '', 'no');
    };
    recorder.event(pod, 'Normal', 'A', 'x');
    await host.clock.advance(30_000);
    broken = false;
    await host.clock.advance(10_000);
    expect(events()).toHaveLength(1);
    const before = api.requests.length;
    recorder.event({ ...pod, metadata: { ...pod.metadata, namespace: 'other' } }, 'Normal', 'A', 'x');
    await host.clock.advance(100_000);
    expect(api.requests.length - before).toBe(1);
    await recorder.stop();
  });
});
