import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startPodGc } from './controller.ts';
import { decidePodGc } from './decide.ts';

interface PodOptions { node?: string; phase?: string; terminating?: boolean; created?: string; reason?: string }
function pod(name: string, options: PodOptions = {}): Pod {
  return {
    metadata: { name, namespace: 'x', creationTimestamp: options.created ?? '2030-01-01T00:00:00Z', ...(options.terminating ? { deletionTimestamp: '2030-01-01T00:00:00Z' } : {}) },
    spec: { containers: [], nodeName: options.node },
    status: { phase: options.phase ?? 'Running', reason: options.reason },
  };
}
function node(name: string, ready: string, taint?: string): Node {
  return { metadata: { name }, spec: { taints: taint ? [{ key: taint, effect: 'NoExecute' }] : [] }, status: { conditions: [{ type: 'Ready', status: ready }] } };
}

describe('pod garbage collector', () => {
  const rows: [string, Pod[], Node[], string[], string[]][] = [
    ['a running pod stays', [pod('a', { node: 'n' })], [node('n', 'True')], [], []],
    ['a pod of a node that is gone', [pod('a', { node: 'gone' })], [], ['gone'], ['a orphaned failed']],
    ['a terminal pod of a node that is gone keeps its phase', [pod('a', { node: 'gone', phase: 'Succeeded' })], [], ['gone'], ['a orphaned']],
    ['terminating, never scheduled', [pod('a', { terminating: true, phase: 'Pending' })], [], [], ['a unscheduled failed']],
    ['terminating on a node out of service', [pod('a', { node: 'n', terminating: true })], [node('n', 'Unknown', 'node.kubernetes.io/out-of-service')], [], ['a out-of-service failed']],
    ['a node out of service that is ready', [pod('a', { node: 'n', terminating: true })], [node('n', 'True', 'node.kubernetes.io/out-of-service')], [], []],
    ['not terminating on a node out of service', [pod('a', { node: 'n' })], [node('n', 'Unknown', 'node.kubernetes.io/out-of-service')], [], []],
    [
      'terminated over the threshold: evicted first, then the oldest',
      [pod('new', { phase: 'Succeeded', created: '2030-01-03T00:00:00Z' }), pod('old', { phase: 'Failed', created: '2030-01-01T00:00:00Z' }), pod('mid', { phase: 'Succeeded', created: '2030-01-02T00:00:00Z' }), pod('evicted', { phase: 'Failed', created: '2030-01-04T00:00:00Z', reason: 'Evicted' })],
      [], [], ['evicted terminated', 'old terminated'],
    ],
  ];
  test.each(rows)('decides: %s', (_name, pods, nodes, absent, expected) => {
    const actions = decidePodGc({ pods, nodes: new Map(nodes.map((each) => [each.metadata.name!, each])), absentNodes: new Set(absent), terminatedThreshold: 2 });
    expect(actions.map((action) => `${action.pod.metadata.name} ${action.reason}${action.markFailed ? ' failed' : ''}`)).toEqual(expected);
  });

  test('a pod whose node is gone is failed and removed after the quarantine', async () => {
    const host = virtualHost({ seed: 'pod-gc', settle: turn });
    const context = fakeContext(host);
    context.api.put('nodes', node('n', 'True'));
    context.api.put('pods', pod('a', { node: 'n' }));
    context.api.put('pods', pod('b', { node: 'gone' }));
    context.run(startPodGc);
    const seen: string[] = [];
    context.informers.of((await import('../../api/resources.ts')).Pods).onEvent((event) => {
      if (event.type === 'updated') seen.push(`${event.object.metadata.name} ${event.object.status?.phase} ${event.object.status?.conditions?.[0]?.reason}`);
    });
    await host.clock.advance(35_000);
    expect(context.api.objects('pods')).toHaveLength(2);
    await host.clock.advance(30_000);
    expect(context.api.objects('pods').map((object) => object.metadata.name)).toEqual(['a']);
    expect(seen).toEqual(['b Failed DeletionByPodGC']);
    await context.stop();
  });
});
