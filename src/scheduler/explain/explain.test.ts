import { describe, expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type { StorageClass } from '../../api/storage/v1/types.ts';
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
    ['less CPU', { requests: { cpu: '1' } }, { cpu: '1' }, [{ requests: { cpu: '200m' } }], ['request 200m less cpu, or free as much (the node has 1, 200m of it in use)']],
    ['less memory', { requests: { memory: '3Gi' } }, { memory: '2Gi' }, [], ['request 1Gi less memory (the node has 2Gi)']],
    ['nothing is left', { requests: { cpu: '500m' } }, { cpu: '1' }, [{ requests: { cpu: '1' } }], ['request no cpu, or free 500m of it (the node has 1, 1 of it in use)']],
    ['several resources at once', { requests: { cpu: '3', 'example.com/gpu': '2' } }, { cpu: '2', extra: { 'example.com/gpu': '1' } }, [], ['request 1 less cpu (the node has 2)', 'request 1 less example.com/gpu (the node has 1)']],
    ['a resource that the node does not have', { requests: { 'example.com/gpu': '1' } }, {}, [], ['do not request example.com/gpu, of which the node has none']],
    ['too many pods', {}, { pods: '1' }, [{}], ['have 1 pod(s) fewer on the node (it takes 1)']],
    ['a taint', {}, { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }, { key: 'soft', effect: 'PreferNoSchedule' }] }, [], ['tolerate taint dedicated=db:NoSchedule']],
    ['a cordon', {}, { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] }, [], ['uncordon node n']],
    ['a label that is missing', { nodeSelector: { disk: 'ssd' } }, {}, [], ['give the node label disk=ssd (it has no such label), or take it out of nodeSelector']],
    ['a label of another value', { nodeSelector: { disk: 'ssd' } }, { labels: { disk: 'hdd' } }, [], ['give the node label disk=ssd (it has disk=hdd), or take it out of nodeSelector']],
    ['the nearest term of node affinity', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [
      { matchExpressions: [{ key: 'a', operator: 'Exists' }, { key: 'b', operator: 'Exists' }] },
      { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }] },
    ] } } } }, {}, [], ['give the node what node affinity wants: disk=ssd or nvme']],
    ['a host port', { hostPort: 80 }, {}, [{ hostPort: 80 }], ['use another host port than 80/TCP, which pod default/there-0 has']],
    ['anti-affinity', anti, { labels: { [ZONE]: 'a' } }, [{ labels: { app: 'web' } }], [`have pod default/there-0 elsewhere than in ${ZONE}=a: pod anti-affinity keeps this pod away from it`]],
    ['affinity', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'db' } }, topologyKey: ZONE }] } } }, { labels: { [ZONE]: 'a' } }, [], [`have a pod that pod affinity wants in ${ZONE}=a: one with app=db`]],
    ['spreading', { labels: { app: 'web' }, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] }, {}, [], [`give the node label ${ZONE}, which pods are to be spread over`]],
    ['anti-affinity of one that is there', { labels: { app: 'web' } }, { labels: { [ZONE]: 'a' } }, [{ ...anti, labels: { app: 'db' } }], [`have pod default/there-0 elsewhere than in ${ZONE}=a: it keeps pods like this one away by its anti-affinity`]],
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
  expect(everywhere).toEqual([{ plugin: 'SchedulingGates', reasons: ['waiting for scheduling gates: [example.com/hold]'], changes: ['take the scheduling gates away: example.com/hold'] }]);
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
    '  a, b: request 1 less cpu (the node has 1)',
    '',
  ].join('\n'));
});

describe('volumes', () => {
  const uses = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] };
  const claim = (storageClassName: string, extra: object = {}) => ({ metadata: { name: 'data', namespace: 'default', uid: 'data' }, spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } }, status: { phase: 'Pending' }, ...extra });
  const classes: Record<string, StorageClass> = {
    local: { metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' },
    zonal: { metadata: { name: 'zonal' }, provisioner: 'csi.example.com', volumeBindingMode: 'WaitForFirstConsumer', allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['b'] }] }] },
    now: { metadata: { name: 'now' }, provisioner: 'csi.example.com', volumeBindingMode: 'Immediate' },
  };
  const small: PersistentVolume = { metadata: { name: 'small' }, spec: { storageClassName: 'local', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] }, status: { phase: 'Available' } };
  const explained = (found: PersistentVolumeClaim | undefined) => {
    const { snapshot } = fakeSnapshot([fakeNode('n', { labels: { [ZONE]: 'a' } })]);
    const lookups = { ...NO_LOOKUPS, claim: () => found, storageClass: (name: string) => classes[name], volumes: () => [small], volume: () => small };
    return explainPod({ profile, pod: infoOf(fakePod('p', uses)), snapshot, lookups });
  };
  test.each([
    ['no volume is large enough', claim('local'), 'n: make a volume of class "local" with 5Gi for claim data that the node can use (small has 1Gi)'],
    ['the provisioner leaves the node out', claim('zonal'), 'n: let csi.example.com make a volume of class "zonal" with 5Gi for claim data on the node: its topology or capacity leaves the node out'],
    ['the claim is to be bound at once', claim('now'), 'whatever the node: have csi.example.com make a volume for claim data (class "now" binds at once)'],
    ['the class is not there', claim('none'), 'whatever the node: create storage class "none", which claim data asks for'],
    ['the claim is not there', undefined, 'whatever the node: create claim default/data'],
  ])('%s', (_name, found, expected) => expect(renderExplanation(explained(found))).toContain(`The smallest change that would do:\n  ${expected}\n`));

  test('what holds everywhere is not called a fit', () => {
    expect(renderExplanation(explained(undefined))).toContain('Pod default/p has no node. No node would take it; but for what follows 1 of 1 would.\nWhatever the node, VolumeBinding says: persistentvolumeclaim "data" not found\n');
  });
});

test('what preemption would do is told', () => {
  const explanation = explain({ requests: { cpu: '1' }, priority: 10 }, { n: { cpu: '1' } }, [{ requests: { cpu: '1' }, nodeName: 'n' }]);
  expect(explanation.preemption).toEqual({ node: 'n', victims: ['default/there-0'] });
  expect(explanation.message).toContain('0/1 nodes are available: 1 Insufficient cpu.');
  expect(renderExplanation(explanation)).toContain('Preemption would evict default/there-0 from node n.');
});

test('for programs it is plain data', () => {
  const explanation = explain({ requests: { cpu: '2' }, status: { phase: 'Pending', nominatedNodeName: 'a' } }, { a: { cpu: '1' } });
  expect(JSON.parse(JSON.stringify(explanation))).toEqual({
    pod: { namespace: 'default', name: 'p' }, nominatedNode: 'a',
    message: '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    everywhere: [], nodes: [{ node: 'a', rejections: [{ plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu'], changes: ['request 1 less cpu (the node has 1)'] }], scores: [], total: 0 }],
  });
});
