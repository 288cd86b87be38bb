import { describe, expect, test } from 'vitest';
import { NO_LOOKUPS, fakeNode, fakePod, fakeSnapshot, infoOf } from '../fake-cluster.ts';
import type { NodeShape, PodShape } from '../fake-cluster.ts';
import { DEFAULT_PLUGINS } from '../plugins/index.ts';
import { createProfile } from '../profile.ts';
import { explainPod } from './explain.ts';
import { renderExplanation } from './render.ts';

const ZONE = 'topology.kubernetes.io/zone';
const profile = createProfile('default-scheduler', DEFAULT_PLUGINS);

function explain(pod: PodShape, nodes: Record<string, NodeShape>, there: PodShape[] = []) {
  const bound = there.map((shape, i) => fakePod(`there-${i}`, shape));
  const { snapshot } = fakeSnapshot(Object.entries(nodes).map(([name, shape]) => fakeNode(name, shape)), bound);
  return explainPod({ profile, pod: infoOf(fakePod('p', pod)), snapshot, lookups: NO_LOOKUPS });
}

/** What would have to change for node `n`. */
const changes = (pod: PodShape, node: NodeShape, there: PodShape[] = []): string[] => explain(pod, { n: node }, there.map((each) => ({ nodeName: 'n', ...each }))).nodes[0]!.rejections.flatMap((each) => each.changes);

const anti: PodShape = { labels: { app: 'web' }, affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'web' } }, topologyKey: ZONE }] } } };

describe('the smallest change', () => {
  const rows: [string, PodShape, NodeShape, PodShape[], string[]][] = [
    ['less CPU', { requests: { cpu: '1' } }, { cpu: '1' }, [{ requests: { cpu: '200m' } }], ['request 200m less cpu']],
    ['less memory', { requests: { memory: '3Gi' } }, { memory: '2Gi' }, [], ['request 1024Mi less memory']],
    ['nothing is left', { requests: { cpu: '500m' } }, { cpu: '1' }, [{ requests: { cpu: '1' } }], ['request no cpu, or free 500m of it on the node']],
    ['several resources at once', { requests: { cpu: '3', 'example.com/gpu': '2' } }, { cpu: '2', extra: { 'example.com/gpu': '1' } }, [], ['request 1 less cpu', 'request 1 less example.com/gpu']],
    ['too many pods', {}, { pods: '1' }, [{}], ['have 1 pod(s) fewer on the node (it takes 1)']],
    ['a taint', {}, { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }, { key: 'soft', effect: 'PreferNoSchedule' }] }, [], ['tolerate taint dedicated=db:NoSchedule']],
    ['a cordon', {}, { unschedulable: true }, [], ['uncordon node n']],
    ['a label that is missing', { nodeSelector: { disk: 'ssd' } }, {}, [], ['node n lacks label disk=ssd (it has no such label)']],
    ['a label of another value', { nodeSelector: { disk: 'ssd' } }, { labels: { disk: 'hdd' } }, [], ['node n lacks label disk=ssd (it has disk=hdd)']],
    ['the nearest term of node affinity', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [
      { matchExpressions: [{ key: 'a', operator: 'Exists' }, { key: 'b', operator: 'Exists' }] },
      { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }] },
    ] } } } }, {}, [], ['node affinity wants disk In (ssd, nvme)']],
    ['a host port', { hostPort: 80 }, {}, [{ hostPort: 80 }], ['host port 80/TCP is taken by pod default/there-0']],
    ['anti-affinity', anti, { labels: { [ZONE]: 'a' } }, [{ labels: { app: 'web' } }], [`pod default/there-0 is in ${ZONE}=a, and pod anti-affinity keeps this pod away from it`]],
    ['anti-affinity of one that is there', { labels: { app: 'web' } }, { labels: { [ZONE]: 'a' } }, [{ ...anti, labels: { app: 'db' } }], [`pod default/there-0 in ${ZONE}=a keeps pods like this one away by its anti-affinity`]],
  ];
  test.each(rows)('%s', (_name, pod, node, there, expected) => expect(changes(pod, node, there)).toEqual(expected));
});

test('every plug-in that refuses is named, nodes with fewest changes first, and those that fit with their scores', () => {
  const { nodes } = explain({ requests: { cpu: '2' }, nodeSelector: { disk: 'ssd' } }, {
    worst: { cpu: '1', taints: [{ key: 't', effect: 'NoSchedule' }] },
    near: { cpu: '4' },
    fits: { cpu: '4', labels: { disk: 'ssd' } },
  });
  expect(nodes.map((each) => [each.node, each.rejections.map((rejection) => rejection.plugin)])).toEqual([
    ['fits', []], ['near', ['NodeAffinity']], ['worst', ['TaintToleration', 'NodeAffinity', 'NodeResourcesFit']],
  ]);
  expect(nodes[0]!.scores).toContainEqual({ plugin: 'TaintToleration', score: 100, weight: 3 });
  expect(nodes[0]!.total).toBe(nodes[0]!.scores.reduce((sum, { score, weight }) => sum + score * weight, 0));
});

test('what stops the pod everywhere is said once', () => {
  const { everywhere } = explain({ schedulingGates: [{ name: 'example.com/hold' }] }, { n: {} });
  expect(everywhere).toEqual([{ plugin: 'SchedulingGates', reasons: ['waiting for scheduling gates: [example.com/hold]'] }]);
});

test('for the reader', () => {
  const text = renderExplanation(explain({ requests: { cpu: '2' } }, { a: { cpu: '1' }, b: { cpu: '1' }, c: { cpu: '1', unschedulable: true } }));
  expect(text).toBe([
    'Pod default/p has no node. 0 of 3 nodes would take it now.',
    '',
    'NODE   VERDICT   WHY',
    'a      no        NodeResourcesFit: Insufficient cpu',
    'b      no        NodeResourcesFit: Insufficient cpu',
    'c      no        NodeUnschedulable: node(s) were unschedulable',
    '                 NodeResourcesFit: Insufficient cpu',
    '',
    'The smallest change that would do:',
    '  a, b: request 1 less cpu',
    '  c: uncordon node c; request 1 less cpu',
    '',
  ].join('\n'));
});
