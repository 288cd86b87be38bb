import { afterEach, describe, expect, test } from 'vitest';
import type { Node, Pod } from '../api/core/v1/types.ts';
import { conflict, forbidden } from '../api/meta/status.ts';
import { fakePod } from './fake-cluster.ts';
import { setUp } from './scheduler.fixture.ts';

describe('scheduler', () => {
  let cluster: ReturnType<typeof setUp>;
  afterEach(() => cluster.stop());

  test('binds pods and says so', async () => {
    cluster = setUp();
    cluster.node('n');
    cluster.pod('a');
    cluster.start();
    cluster.pod('b');
    await cluster.advance();
    expect(cluster.bindings.toSorted()).toEqual(['a n', 'b n']);
    expect(cluster.events()).toContain('Normal Scheduled a: Successfully assigned default/a to n');
  });

  test('never places more on a node than it has, though writes overlap with decisions', async () => {
    cluster = setUp();
    for (const name of ['x', 'y', 'z']) cluster.node(name, { cpu: '2' });
    for (let i = 0; i < 10; i++) cluster.pod(`p${i}`, { requests: { cpu: '1' } });
    cluster.start();
    await cluster.advance();
    const perNode = Map.groupBy(cluster.bindings, (text) => text.split(' ')[1]!);
    expect([...perNode.values()].map((list) => list.length)).toEqual([2, 2, 2]);
    const waiting = cluster.api.objects<Pod>('pods').filter((pod) => !pod.spec!.nodeName);
    expect(waiting).toHaveLength(4);
    expect(waiting[0]!.status).toMatchObject({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: expect.stringContaining('0/3 nodes are available: 3 Insufficient cpu.') }] });
    expect(cluster.events().filter((text) => text.startsWith('Warning FailedScheduling'))).toHaveLength(4);
  });

  test('a pod that fits nowhere is placed when room comes', async () => {
    cluster = setUp();
    cluster.node('small', { cpu: '1' });
    cluster.pod('big', { requests: { cpu: '4' } });
    cluster.start();
    await cluster.advance();
    expect(cluster.bindings).toEqual([]);
    cluster.node('large', { cpu: '8' });
    await cluster.advance(2000);
    expect(cluster.bindings).toEqual(['big large']);
  });

  test('a pod that is deleted makes room', async () => {
    cluster = setUp();
    cluster.node('n', { cpu: '1' });
    cluster.pod('a', { requests: { cpu: '1' } });
    cluster.start();
    await cluster.advance();
    cluster.pod('b', { requests: { cpu: '1' } });
    await cluster.advance();
    expect(cluster.bindings).toEqual(['a n']);
    cluster.api.remove('pods', 'default/a');
    await cluster.advance(3000);
    expect(cluster.bindings).toEqual(['a n', 'b n']);
  });

  test('finished pods take no room', async () => {
    cluster = setUp();
    cluster.node('n', { cpu: '1' });
    cluster.pod('done', { requests: { cpu: '1' }, nodeName: 'n', status: { phase: 'Succeeded' } });
    cluster.pod('a', { requests: { cpu: '1' } });
    cluster.start();
    await cluster.advance();
    expect(cluster.bindings).toEqual(['a n']);
  });

  test('no nodes: waits, without trying over and over', async () => {
    cluster = setUp();
    cluster.pod('a');
    cluster.start();
    await cluster.advance(60_000);
    expect(cluster.get('a').status!.conditions![0]!.message).toBe('no nodes available to schedule pods');
    expect(cluster.api.requests.filter((request) => request.method === 'PATCH')).toHaveLength(1);
    cluster.node('n');
    await cluster.advance();
    expect(cluster.bindings).toEqual(['a n']);
  });

  test('gated pods wait for their gates', async () => {
    cluster = setUp();
    cluster.node('n');
    cluster.pod('a', { schedulingGates: [{ name: 'example.com/hold' }] });
    cluster.start();
    await cluster.advance();
    expect(cluster.get('a').status!.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' }]);
    cluster.pod('a', { schedulingGates: [] });
    await cluster.advance();
    expect(cluster.bindings).toEqual(['a n']);
  });

  test('pods of other schedulers and pods that are being deleted are left alone', async () => {
    cluster = setUp();
    cluster.node('n');
    cluster.pod('foreign', { schedulerName: 'other' });
    cluster.api.put('pods', { ...fakePod('dying'), metadata: { ...fakePod('dying').metadata, deletionTimestamp: '2030-01-01T00:00:00Z', finalizers: ['x'] } });
    cluster.start();
    await cluster.advance();
    expect(cluster.bindings).toEqual([]);
  });

  test('a refused binding gives the room back and is tried again', async () => {
    cluster = setUp();
    cluster.node('n', { cpu: '1' });
    cluster.pod('a', { requests: { cpu: '1' } });
    let tries = 0;
    cluster.refuse(() => (tries++ < 2 ? forbidden({ group: '', plural: 'pods' }, 'a', 'no') : undefined));
    cluster.start();
    await cluster.advance(500);
    expect(cluster.get('a').status!.conditions).toMatchObject([{ reason: 'SchedulerError', message: 'pods "a" is forbidden: no' }]);
    await cluster.advance(5000);
    expect(cluster.bindings).toEqual(['a n']);
  });

  test('bound by somebody else meanwhile: let go', async () => {
    cluster = setUp();
    cluster.node('n');
    cluster.node('m', { unschedulable: true });
    cluster.pod('a');
    cluster.refuse((name) => {
      cluster.api.put('pods', { ...cluster.get(name), spec: { ...cluster.get(name).spec!, nodeName: 'm' } } as Pod);
      return conflict({ group: '', plural: 'pods/binding' }, name, 'pod a is already assigned to node "m"');
    });
    cluster.start();
    await cluster.advance(5000);
    expect(cluster.bindings).toEqual([]);
    expect(cluster.get('a').spec!.nodeName).toBe('m');
    expect(cluster.events()).toEqual([]);
  });

  test('heartbeats of nodes wake nobody', async () => {
    cluster = setUp();
    cluster.node('n', { cpu: '1' });
    cluster.pod('a', { requests: { cpu: '2' } });
    cluster.start();
    await cluster.advance();
    const before = cluster.api.requests.length;
    for (let i = 0; i < 5; i++) {
      const node = structuredClone(cluster.api.object<Node>('nodes', 'n')!);
      node.status!.conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: `2030-01-01T00:00:0${i}Z` }];
      cluster.api.put('nodes', node);
      await cluster.advance();
    }
    expect(cluster.api.requests.length).toBe(before);
  });

  test('one seed, one history', async () => {
    const history = async (seed: string): Promise<string[]> => {
      cluster = setUp(seed);
      for (let i = 0; i < 10; i++) cluster.node(`n${i}`);
      for (let i = 0; i < 50; i++) cluster.pod(`p${i}`);
      cluster.start();
      await cluster.advance();
      await cluster.stop();
      return cluster.bindings;
    };
    const first = await history('one');
    expect(first).toHaveLength(50);
    expect(await history('one')).toEqual(first);
    expect(await history('two')).not.toEqual(first);
  });
});

describe('preemption', () => {
  let cluster: ReturnType<typeof setUp>;
  afterEach(() => cluster.stop());

  test('victims are told, deleted, and the room is kept for the pod that needs it', async () => {
    cluster = setUp();
    cluster.node('n', { cpu: '1' });
    cluster.api.put('pods', { ...fakePod('old', { requests: { cpu: '1' }, nodeName: 'n' }), metadata: { ...fakePod('old').metadata, finalizers: ['example.com/slow'] } });
    cluster.start();
    await cluster.advance();
    cluster.pod('vip', { requests: { cpu: '1' }, priority: 100 });
    await cluster.advance();
    expect(cluster.get('vip').status).toMatchObject({ nominatedNodeName: 'n' });
    expect(cluster.get('old').metadata.deletionTimestamp).toBeDefined();
    expect(cluster.get('old').status!.conditions).toMatchObject([{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: 'default-scheduler: preempting to accommodate a higher priority pod' }]);
    expect(cluster.events()).toContain('Normal Preempted old: Preempted by pod pod-default-vip on node n');
    // A less important pod that comes while the victim is leaving does not get the room.
    cluster.pod('late', { requests: { cpu: '1' }, priority: 50 });
    cluster.api.remove('pods', 'default/old');
    await cluster.advance(15_000);
    expect(cluster.bindings).toEqual(['vip n']);
  });

  test('a less important pod that hoped for the room looks for another place', async () => {
    cluster = setUp();
    cluster.node('n', { cpu: '1' });
    cluster.api.put('pods', { ...fakePod('old', { requests: { cpu: '1' }, nodeName: 'n' }), metadata: { ...fakePod('old').metadata, finalizers: ['example.com/slow'] } });
    cluster.start();
    await cluster.advance();
    cluster.pod('middle', { requests: { cpu: '1' }, priority: 50 });
    await cluster.advance();
    expect(cluster.get('middle').status?.nominatedNodeName).toBe('n');
    // Two more cannot hope for it, and one of them is more important; nothing is left for the first.
    cluster.pod('vip', { requests: { cpu: '1' }, priority: 100 });
    await cluster.advance();
    expect([cluster.get('vip').status?.nominatedNodeName, cluster.get('middle').status?.nominatedNodeName]).toEqual(['n', undefined]);
    cluster.api.remove('pods', 'default/old');
    await cluster.advance(15_000);
    expect(cluster.bindings).toEqual(['vip n']);
  });

  test('a nomination that somebody takes back no longer keeps room', async () => {
    cluster = setUp();
    cluster.node('n', { cpu: '1' });
    cluster.pod('hoping', { requests: { cpu: '1' }, priority: 50, schedulingGates: [{ name: 'x' }], status: { phase: 'Pending', nominatedNodeName: 'n' } });
    cluster.start();
    await cluster.advance();
    cluster.pod('small', { requests: { cpu: '500m' } });
    await cluster.advance();
    expect(cluster.bindings).toEqual([]);
    cluster.api.put('pods', { ...cluster.get('hoping'), status: { phase: 'Pending' } } as Pod);
    cluster.node('n', { cpu: '1', labels: { changed: 'yes' } });
    cluster.pod('other', { requests: { cpu: '500m' } });
    await cluster.advance(10_000);
    expect(cluster.bindings).toContain('other n');
  });
});

describe('pods that are deleted while they are being bound', () => {
  let cluster: ReturnType<typeof setUp>;
  afterEach(() => cluster.stop());

  test.each([
    ['the deletion is seen before the answer', true],
    ['the binding is never seen', false],
  ])('take no room: %s', async (_name, before) => {
    cluster = setUp();
    cluster.node('n', { cpu: '1' });
    cluster.pod('a', { requests: { cpu: '1' } });
    cluster.api.intercept = ({ method, target }) => {
      if (method !== 'POST' || target.subresource !== 'binding') return undefined;
      cluster.bindings.push(target.name);
      // The server has bound the pod, and it was deleted at once: the watch shows only that.
      if (before) cluster.api.remove('pods', `default/${target.name}`);
      return undefined;
    };
    cluster.start();
    await cluster.advance(100);
    if (!before) cluster.api.remove('pods', 'default/a');
    await cluster.advance(100);
    cluster.pod('b', { requests: { cpu: '1' } });
    await cluster.advance(2000);
    expect(cluster.bindings).toEqual(['a', 'b']);
  });
});
