import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SchedulerCache } from './cache.ts';
import { fakeNode, fakePod, infoOf } from './fake-cluster.ts';
import { assumedOn } from './pod-info.ts';
import { Snapshot } from './snapshot.ts';

describe('scheduler cache', () => {
  test('assume counts at once, forget takes back, confirmation stays', () => {
    const cache = new SchedulerCache();
    cache.setNode(fakeNode('n'));
    const pod = infoOf(fakePod('p', { requests: { cpu: '1' } }));
    const snapshot = new Snapshot();
    const used = (): number => {
      cache.updateSnapshot(snapshot);
      return snapshot.get('n')!.requested.milliCpu;
    };
    cache.assume(assumedOn(pod, 'n'), 'n');
    expect(used()).toBe(1000);
    expect(() => cache.assume(pod, 'n')).toThrow('already in the cache');
    cache.forget(pod.uid);
    expect(used()).toBe(0);
    cache.assume(assumedOn(pod, 'n'), 'n');
    cache.setPod(assumedOn(pod, 'n'), 'n');
    cache.forget(pod.uid);
    expect(used()).toBe(1000);
  });

  test('an unconfirmed pod expires when a time is set, and only after its binding was written', () => {
    const cache = new SchedulerCache({ assumedTtlMs: 1000 });
    cache.setNode(fakeNode('n'));
    const pod = infoOf(fakePod('p'));
    cache.assume(assumedOn(pod, 'n'), 'n');
    expect(cache.expire(10_000)).toEqual([]);
    cache.finishBinding(pod.uid, 10_000);
    expect(cache.expire(10_999)).toEqual([]);
    expect(cache.expire(11_000).map((each) => each.name)).toEqual(['p']);
    expect(cache.podCount).toBe(0);
  });

  test('a snapshot copies only what changed', () => {
    const cache = new SchedulerCache();
    for (const name of ['a', 'b', 'c']) cache.setNode(fakeNode(name));
    const snapshot = new Snapshot();
    cache.updateSnapshot(snapshot);
    const before = snapshot.nodes.map((node) => node.pods);
    cache.setPod(infoOf(fakePod('p', { nodeName: 'b' })), 'b');
    cache.updateSnapshot(snapshot);
    expect(snapshot.nodes.map((node, i) => node.pods !== before[i])).toEqual([false, true, false]);
  });

  test('zones take turns in the order of nodes', () => {
    const cache = new SchedulerCache();
    for (const [name, zone] of [['a1', 'a'], ['a2', 'a'], ['a3', 'a'], ['b1', 'b'], ['c1', 'c']]) cache.setNode(fakeNode(name!, { labels: { 'topology.kubernetes.io/zone': zone! } }));
    const snapshot = new Snapshot();
    cache.updateSnapshot(snapshot);
    expect(snapshot.nodes.map((node) => node.name)).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  });

  test('image states count nodes', () => {
    const cache = new SchedulerCache();
    cache.setNode(fakeNode('a', { images: { 'x:1': 5 } }));
    cache.setNode(fakeNode('b', { images: { 'x:1': 5 } }));
    const snapshot = new Snapshot();
    cache.updateSnapshot(snapshot);
    expect(snapshot.get('a')!.images.get('x:1')).toEqual({ sizeBytes: 5, nodeCount: 2 });
    cache.removeNode('b');
    cache.setNode(fakeNode('a', { images: { 'x:1': 5 } }));
    cache.updateSnapshot(snapshot);
    expect(snapshot.nodes.map((node) => node.name)).toEqual(['a']);
    expect(snapshot.get('a')!.images.get('x:1')).toEqual({ sizeBytes: 5, nodeCount: 1 });
  });

  test('whatever happens, an incremental snapshot equals one made from nothing', () => {
    const nodeName = fc.constantFrom('a', 'b', 'c');
    const podName = fc.constantFrom('p', 'q', 'r', 's');
    const step = fc.oneof(
      fc.record({ do: fc.constant('setNode' as const), node: nodeName, cpu: fc.constantFrom('1', '2'), zone: fc.constantFrom('x', 'y') }),
      fc.record({ do: fc.constant('removeNode' as const), node: nodeName }),
      fc.record({ do: fc.constant('setPod' as const), node: nodeName, pod: podName, cpu: fc.constantFrom('100m', '200m') }),
      fc.record({ do: fc.constant('removePod' as const), pod: podName }),
      fc.record({ do: fc.constant('assume' as const), node: nodeName, pod: podName }),
      fc.record({ do: fc.constant('forget' as const), pod: podName }),
      fc.record({ do: fc.constant('snapshot' as const) }),
    );
    const view = (snapshot: Snapshot): unknown => [...snapshot.byName.values()].map((node) => ({
      name: node.name, requested: node.requested.milliCpu, nonZero: node.nonZeroMilliCpu, allocatable: node.allocatable.milliCpu, labels: node.labels, pods: node.pods.map((pod) => pod.uid).toSorted(),
    })).toSorted((x, y) => (x.name < y.name ? -1 : 1));
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cache = new SchedulerCache();
      const kept = new Snapshot();
      for (const each of steps) {
        if (each.do === 'setNode') cache.setNode(fakeNode(each.node, { cpu: each.cpu, labels: { 'topology.kubernetes.io/zone': each.zone } }));
        else if (each.do === 'removeNode') cache.removeNode(each.node);
        else if (each.do === 'setPod') cache.setPod(infoOf(fakePod(each.pod, { nodeName: each.node, requests: { cpu: each.cpu } })), each.node);
        else if (each.do === 'removePod') cache.removePod(`pod-default-${each.pod}`);
        else if (each.do === 'assume') {
          if (cache.nodeOf(`pod-default-${each.pod}`) === undefined) cache.assume(infoOf(fakePod(each.pod)), each.node);
        } else if (each.do === 'forget') cache.forget(`pod-default-${each.pod}`);
        else cache.updateSnapshot(kept);
      }
      cache.updateSnapshot(kept);
      const fresh = new Snapshot();
      cache.updateSnapshot(fresh);
      expect(view(kept)).toEqual(view(fresh));
      expect(new Set(kept.nodes)).toEqual(new Set(kept.byName.values()));
    }), { numRuns: 300 });
  });
});
