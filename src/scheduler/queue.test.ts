import { describe, expect, test } from 'vitest';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import type { EventInterest } from './events.ts';
import { fakeNode, fakePod, infoOf } from './fake-cluster.ts';
import type { PodShape } from './fake-cluster.ts';
import { prioritySort } from './plugins/priority-sort.ts';
import { schedulingGates } from './plugins/scheduling-gates.ts';
import { SchedulingQueue } from './queue.ts';

const interests = new Map<string, readonly EventInterest[]>([
  ['Fit', [{ resource: 'Node', actions: ['add'] }]],
  ['Picky', [{ resource: 'Node', actions: ['add'], hint: (_pod, event) => event.object?.metadata.name === 'good' }]],
]);

function setUp() {
  const { clock } = virtualHost({ seed: 'queue', settle: turn });
  const queue = new SchedulingQueue({ clock, before: (a, b) => prioritySort.queueSort!(a, b), gate: (pod) => schedulingGates.preEnqueue!(pod), interests: () => interests, onReady: () => undefined });
  const add = (name: string, shape: PodShape = {}): void => queue.add(infoOf(fakePod(name, shape)));
  const take = (): string | undefined => queue.take()?.pod.name;
  const uid = (name: string): string => `pod-default-${name}`;
  const nodeAdded = (name: string): void => queue.notify({ resource: 'Node', actions: ['add'], object: fakeNode(name) });
  return { clock, queue, add, take, uid, nodeAdded };
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
});
