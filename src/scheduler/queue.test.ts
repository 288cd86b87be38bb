import { describe, expect, test } from 'vitest';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import type { EventInterest } from './events.ts';
import { fakeNode, fakePod, infoOf } from './fake-cluster.ts';
import type { PodShape } from './fake-cluster.ts';
import { prioritySort } from './plugins/priority-sort.ts';
import { schedulingGates } from './plugins/scheduling-gates.ts';
import { refusal } from './framework.ts';
import { SchedulingQueue } from './queue.ts';

const interests = new Map<string, readonly EventInterest[]>([
  ['Fit', [{ resource: 'Node', actions: ['add'] }]],
  ['Gate', [{ resource: 'Namespace', actions: ['update'], hint: (pod, event) => event.object?.metadata.name === pod.name }]],
  ['Picky', [{ resource: 'Node', actions: ['add'], hint: (_pod, event) => event.object?.metadata.name === 'good' }]],
]);

function setUp(closed = new Set<string>()) {
  const { clock } = virtualHost({ seed: 'queue', settle: turn });
  const queue = new SchedulingQueue({ clock, before: (a, b) => prioritySort.queueSort!(a, b), gate: (pod) => schedulingGates.preEnqueue!(pod) ?? (closed.has(pod.name) ? refusal('Gate', 'unresolvable', 'closed') : undefined), interests: () => interests, onReady: () => undefined });
  const namespaceChanged = (name: string): void => queue.notify({ resource: 'Namespace', actions: ['update'], object: { metadata: { name } } });
  const add = (name: string, shape: PodShape = {}): void => queue.add(infoOf(fakePod(name, shape)));
  const take = (): string | undefined => queue.take()?.pod.name;
  const uid = (name: string): string => `pod-default-${name}`;
  const nodeAdded = (name: string): void => queue.notify({ resource: 'Node', actions: ['add'], object: fakeNode(name) });
  return { clock, queue, add, take, uid, nodeAdded, namespaceChanged };
}

describe('scheduling queue', () => {
  test('highest priority first, then first come', async () => {
    const { clock, add, take } = setUp();
    add('a');
    await clock.advance(10);
    add('b');
    add('c', { priority: 100 });
    expect([take(), take(), take(), take()]).toEqual(['c', 'a', 'b', undefined]);
  });

  test('a refused pod waits until an event that its refusers care about', () => {
    const { queue, add, take, uid, nodeAdded } = setUp();
    add('a');
    take();
    queue.refused(uid('a'), new Set(['Picky']));
    nodeAdded('bad');
    expect(queue.counts()).toMatchObject({ waiting: 1 });
    nodeAdded('good');
    expect(queue.counts()).toMatchObject({ waiting: 0, backoff: 1 });
    // Nothing else to do: the backoff need not be waited out.
    expect(take()).toBe('a');
  });

  test('behind other pods a refused pod waits its backoff out', async () => {
    const { clock, queue, add, take, uid, nodeAdded } = setUp();
    add('a');
    take();
    queue.refused(uid('a'), new Set(['Fit']));
    add('b');
    nodeAdded('x');
    expect(take()).toBe('b');
    await clock.advance(1000);
    expect(queue.counts()).toMatchObject({ active: 1, backoff: 0 });
  });

  test('errors: backoff doubles from one second to ten', async () => {
    const { clock, queue, add, take, uid } = setUp();
    add('a');
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      expect(take()).toBe('a');
      queue.failed(uid('a'));
      const from = clock.now();
      while (queue.counts().active === 0) await clock.advance(500);
      waits.push(clock.now() - from);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test('after five minutes without any event a pod is tried anyway', async () => {
    const { clock, queue, add, take, uid } = setUp();
    add('a');
    take();
    queue.refused(uid('a'), new Set(['Picky']));
    await clock.advance(4 * 60_000);
    expect(queue.counts()).toMatchObject({ waiting: 1 });
    await clock.advance(2 * 60_000);
    expect(queue.counts()).toMatchObject({ active: 1 });
  });

  test('a gated pod comes in when its last gate goes', () => {
    const { queue, add, take } = setUp();
    add('a', { schedulingGates: [{ name: 'x' }] });
    expect(take()).toBeUndefined();
    expect(queue.counts()).toMatchObject({ gated: 1 });
    queue.update(infoOf(fakePod('a')));
    expect(take()).toBe('a');
  });

  test('a removed pod is not taken, wherever it was', () => {
    const { queue, add, take, uid } = setUp();
    for (const name of ['a', 'b']) add(name);
    queue.remove(uid('a'));
    expect([take(), take()]).toEqual(['b', undefined]);
    queue.remove(uid('b'));
    queue.failed(uid('b'));
    expect(queue.counts()).toEqual({ active: 0, backoff: 0, waiting: 0, gated: 0 });
  });

  test('a pod that a plug-in gates comes in with the event that the plug-in cares about', () => {
    const closed = new Set(['a', 'b']);
    const { queue, add, take, nodeAdded, namespaceChanged } = setUp(closed);
    for (const name of ['a', 'b']) add(name);
    expect(queue.counts()).toMatchObject({ gated: 2 });
    closed.clear();
    nodeAdded('good');
    namespaceChanged('other');
    expect(take()).toBeUndefined();
    namespaceChanged('b');
    expect([take(), take()]).toEqual(['b', undefined]);
    expect(queue.counts()).toMatchObject({ gated: 1 });
  });

  test('what a plug-in has waited for ends the backoff, too', () => {
    const { queue, add, take, uid, nodeAdded } = setUp();
    add('a');
    take();
    queue.refused(uid('a'), new Set(['Picky', 'Fit']), new Set(['Picky']));
    nodeAdded('good');
    expect(queue.counts()).toMatchObject({ active: 1, backoff: 0 });
    // The same while the pod is being tried.
    take();
    nodeAdded('good');
    queue.refused(uid('a'), new Set(['Fit', 'Picky']), new Set(['Picky']));
    expect(queue.counts()).toMatchObject({ active: 1, backoff: 0 });
    // But not with another plug-in's event.
    take();
    queue.refused(uid('a'), new Set(['Fit', 'Picky']), new Set(['Picky']));
    nodeAdded('bad');
    expect(queue.counts()).toMatchObject({ active: 0, backoff: 1 });
  });

  test('a pod that is wanted at once while it is being tried is tried again', () => {
    const { queue, add, take, uid } = setUp();
    add('a');
    take();
    queue.activate(uid('a'));
    queue.refused(uid('a'), new Set(['Fit']));
    expect(queue.counts()).toMatchObject({ active: 1 });
    take();
    queue.refused(uid('a'), new Set(['Fit']));
    expect(queue.counts()).toMatchObject({ waiting: 1 });
  });

  test('of pods whose backoffs end together the most important comes first', async () => {
    const { clock, queue, add, take, uid } = setUp();
    for (const name of ['a', 'b']) add(name, { priority: name === 'a' ? 1 : 2 });
    take();
    take();
    queue.refused(uid('a'), new Set(['Fit']));
    await clock.advance(100);
    queue.refused(uid('b'), new Set(['Fit']));
    queue.notify({ resource: 'Node', actions: ['add'], object: fakeNode('x') });
    expect(queue.counts()).toMatchObject({ backoff: 2 });
    expect([take(), take()]).toEqual(['b', 'a']);
  });

  test('errors in a row and refusals have backoffs of their own', async () => {
    const { clock, queue, add, take, uid, nodeAdded } = setUp();
    add('a');
    for (let i = 0; i < 3; i++) {
      take();
      queue.failed(uid('a'));
      await clock.advance(4000);
    }
    take();
    queue.refused(uid('a'), new Set(['Fit']));
    add('b');
    nodeAdded('x');
    await clock.advance(1000);
    expect(queue.counts()).toMatchObject({ active: 2 });
  });
});
