import { describe, expect, test } from 'vitest';
import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { decide } from '../decide.ts';
import type { Decision } from '../decide.ts';
import { NO_LOOKUPS, fakeNode, fakePod, fakeSnapshot, infoOf } from '../fake-cluster.ts';
import type { NodeShape, PodShape } from '../fake-cluster.ts';
import { createProfile } from '../profile.ts';
import { createDefaultPreemption } from './default-preemption.ts';
import { DEFAULT_PLUGINS } from './index.ts';

const profile = createProfile('default-scheduler', DEFAULT_PLUGINS);
const one = { requests: { cpu: '1' } };

function run(pod: PodShape, nodes: Record<string, NodeShape>, there: Record<string, PodShape>, budgets: PodDisruptionBudget[] = []): Decision {
  const bound = Object.entries(there).map(([name, shape]) => fakePod(name, shape));
  const { snapshot } = fakeSnapshot(Object.entries(nodes).map(([name, shape]) => fakeNode(name, shape)), bound);
  return decide({
    profile, pod: infoOf(fakePod('p', pod)), snapshot, lookups: { ...NO_LOOKUPS, disruptionBudgets: () => budgets }, startIndex: 0,
    percentageOfNodesToScore: 0, random: () => 0, nominatedTo: () => [],
  }).decision;
}

function outcome(decision: Decision): string {
  if (decision.type === 'placed') return `placed on ${decision.nodeName}`;
  const tail = decision.message.split('preemption: ')[1];
  return decision.nominatedNodeName ? `${decision.nominatedNodeName}: ${decision.victims.map((pod) => pod.name).join(' ')}` : (tail ?? decision.message);
}

const small = { cpu: '2' };
const started = (startTime: string): PodShape['status'] => ({ phase: 'Running', startTime });
const budget = (allowed: number): PodDisruptionBudget => ({ metadata: { name: 'b' }, spec: { selector: { matchLabels: { app: 'web' } } }, status: { disruptionsAllowed: allowed } } as PodDisruptionBudget);

describe('DefaultPreemption', () => {
  const rows: [string, PodShape, Record<string, NodeShape>, Record<string, PodShape>, string, PodDisruptionBudget[]?][] = [
    ['no lower priority', { ...one, priority: 0 }, { a: { cpu: '1' } }, { x: { ...one, nodeName: 'a' } }, '0/1 nodes are available: 1 No preemption victims found for incoming pod.'],
    ['more than the whole node', { requests: { cpu: '5' }, priority: 9 }, { a: small }, { x: { ...one, nodeName: 'a' } }, '0/1 nodes are available: 1 Preemption is not helpful for scheduling.'],
    ['a victim', { ...one, priority: 9 }, { a: { cpu: '1' } }, { x: { ...one, nodeName: 'a' } }, 'a: x'],
    ['no more victims than needed, the least important first', { ...one, priority: 9 }, { a: small }, { x: { ...one, priority: 5, nodeName: 'a' }, y: { ...one, priority: 3, nodeName: 'a' } }, 'a: y'],
    ['the node whose victims matter least', { ...one, priority: 9 }, { a: { cpu: '1' }, b: { cpu: '1' } }, { x: { ...one, priority: 5, nodeName: 'a' }, y: { ...one, priority: 3, nodeName: 'b' } }, 'b: y'],
    ['among equals the one whose victim started last', { ...one, priority: 9 }, { a: { cpu: '1' }, b: { cpu: '1' } }, { x: { ...one, status: started('2030-01-01T00:00:00Z'), nodeName: 'a' }, y: { ...one, status: started('2030-01-02T00:00:00Z'), nodeName: 'b' } }, 'b: y'],
    ['a pod that has not started is younger than any that has', { ...one, priority: 9 }, { a: { cpu: '1' }, b: { cpu: '1' } }, { x: { ...one, status: started('2030-01-01T00:00:00Z'), nodeName: 'a' }, y: { ...one, nodeName: 'b' } }, 'b: y'],
    ['a pod that has not started goes before one that has', { ...one, priority: 9 }, { a: small }, { x: { ...one, nodeName: 'a' }, y: { ...one, status: started('2030-01-01T00:00:00Z'), nodeName: 'a' } }, 'a: x'],
    ['no budget speaks of pods without labels', { ...one, priority: 9 }, { a: { cpu: '1' }, b: { cpu: '1' } }, { x: { ...one, priority: 3, nodeName: 'a' }, y: { ...one, priority: 5, labels: { app: 'api' }, nodeName: 'b' } }, 'a: x', [{ ...budget(0), spec: { selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] } } }]],
    ['disruption budgets are kept where possible', { ...one, priority: 9 }, { a: { cpu: '1' }, b: { cpu: '1' } }, { x: { ...one, labels: { app: 'web' }, nodeName: 'a' }, y: { ...one, priority: 3, nodeName: 'b' } }, 'b: y', [budget(0)]],
    ['and broken where not', { ...one, priority: 9 }, { a: { cpu: '1' } }, { x: { ...one, labels: { app: 'web' }, nodeName: 'a' } }, 'a: x', [budget(0)]],
    ['a polite pod', { ...one, priority: 9, preemptionPolicy: 'Never' }, { a: { cpu: '1' } }, { x: { ...one, nodeName: 'a' } }, 'not eligible due to preemptionPolicy=Never.'],
    ['ports, too', { hostPort: 80, priority: 9 }, { a: {} }, { x: { hostPort: 80, nodeName: 'a' } }, 'a: x'],
    ['anti-affinity, too', { labels: { app: 'db' }, priority: 9 }, { a: {} }, { x: { nodeName: 'a', affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'kubernetes.io/hostname' }] } } } }, 'a: x'],
    ['a taint is not driven out', { ...one, priority: 9 }, { a: { taints: [{ key: 't', effect: 'NoSchedule' }] } }, { x: { ...one, nodeName: 'a' } }, '0/1 nodes are available: 1 Preemption is not helpful for scheduling.'],
  ];
  test.each(rows)('%s', (_name, pod, nodes, there, expected, budgets) => expect(outcome(run(pod, nodes, there, budgets))).toBe(expected));

  test('the message names both', () => {
    const decision = run({ ...one }, { a: { cpu: '1' } }, { x: { ...one, nodeName: 'a' } });
    expect(decision.type === 'unplaced' && decision.message).toBe('0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.');
  });

  test('the search goes on until it has found a node where no budget is broken', () => {
    const few = createProfile('default-scheduler', [...DEFAULT_PLUGINS.filter(({ plugin }) => plugin.name !== 'DefaultPreemption'), { plugin: createDefaultPreemption({ minCandidateNodesAbsolute: 1, minCandidateNodesPercentage: 0 }), weight: 1 }]);
    const names = ['a', 'b', 'c', 'd'];
    const { snapshot } = fakeSnapshot(names.map((name) => fakeNode(name, { cpu: '1' })), names.map((name) => fakePod(`on-${name}`, { ...one, nodeName: name, labels: { app: name === 'd' ? 'other' : 'web' } })));
    const { decision } = decide({ profile: few, pod: infoOf(fakePod('p', { ...one, priority: 9 })), snapshot, lookups: { ...NO_LOOKUPS, disruptionBudgets: () => [budget(0)] }, startIndex: 0, percentageOfNodesToScore: 0, random: () => 0, nominatedTo: () => [] });
    expect(outcome(decision)).toBe('d: on-d');
  });

  test('what this scheduler cannot place it refuses by name', () => {
    const decision = run({ schedulingGroup: { podGroupName: 'g' } }, { a: {} }, {});
    expect(decision.type === 'unplaced' && decision.message).toContain('0/1 nodes are available: pod belongs to a scheduling group, and this scheduler does not support gang scheduling.');
  });
});
