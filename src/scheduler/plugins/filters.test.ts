import { describe, expect, test } from 'vitest';
import { fakeNode, fakePod, fakeSnapshot } from '../fake-cluster.ts';
import type { NodeShape, PodShape } from '../fake-cluster.ts';
import type { Plugin } from '../framework.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeDeclaredFeatures } from './node-declared-features.ts';
import { createNodeResourcesFit, nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { taintToleration } from './taint-toleration.ts';

/** The word of one filter on one node: 'ok', or `code: reasons`. */
function verdict(plugin: Plugin, pod: PodShape, node: NodeShape, there: readonly PodShape[] = []): string {
  const { cycle, node: find } = fakeSnapshot([fakeNode('n', node)], there.map((shape, i) => fakePod(`there-${i}`, { ...shape, nodeName: 'n' })));
  const run = cycle(fakePod('p', pod));
  const pre = plugin.preFilter?.(run);
  if (pre?.skip) return 'ok';
  const status = pre?.status ?? plugin.filter!(run, find('n'));
  return status ? `${status.code}: ${status.reasons.join(', ')}` : 'ok';
}

type Row = [string, PodShape, NodeShape, string, PodShape[]?];
function table(plugin: Plugin, rows: readonly Row[]): void {
  describe(plugin.name, () => {
    test.each(rows)('%s', (_name, pod, node, expected, there = []) => expect(verdict(plugin, pod, node, there)).toBe(expected));
  });
}

const taint = (key: string, effect: string, value?: string): NodeShape => ({ taints: [{ key, effect, ...(value ? { value } : {}) }] });
const untolerated = 'unresolvable: node(s) had untolerated taint(s)';
table(taintToleration, [
  ['no taints', {}, {}, 'ok'],
  ['NoSchedule', {}, taint('a', 'NoSchedule'), untolerated],
  ['NoExecute', {}, taint('a', 'NoExecute'), untolerated],
  ['PreferNoSchedule only scores', {}, taint('a', 'PreferNoSchedule'), 'ok'],
  ['Exists', { tolerations: [{ key: 'a', operator: 'Exists' }] }, taint('a', 'NoSchedule', 'x'), 'ok'],
  ['Equal, other value', { tolerations: [{ key: 'a', value: 'y' }] }, taint('a', 'NoSchedule', 'x'), untolerated],
  ['Equal is the default', { tolerations: [{ key: 'a', value: 'x' }] }, taint('a', 'NoSchedule', 'x'), 'ok'],
  ['other effect', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }] }, taint('a', 'NoSchedule'), untolerated],
  ['everything', { tolerations: [{ operator: 'Exists' }] }, taint('a', 'NoExecute', 'x'), 'ok'],
  ['one of two', { tolerations: [{ key: 'a', operator: 'Exists' }] }, { taints: [{ key: 'a', effect: 'NoSchedule' }, { key: 'b', effect: 'NoSchedule' }] }, untolerated],
]);

table(nodeUnschedulable, [
  ['schedulable', {}, {}, 'ok'],
  ['cordoned', {}, { unschedulable: true }, 'unresolvable: node(s) were unschedulable'],
  ['cordoned, tolerated', { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] }, { unschedulable: true }, 'ok'],
]);

table(nodeName, [
  ['none asked for', {}, {}, 'ok'],
  ['this one', { nodeName: 'n' }, {}, 'ok'],
  ['another', { nodeName: 'm' }, {}, "unresolvable: node(s) didn't match the requested node name"],
]);

const required = (...matchExpressions: { key: string; operator: string; values?: string[] }[]): PodShape =>
  ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } } });
const named = (...values: string[]): PodShape =>
  ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values }] }] } } } });
const mismatch = "unresolvable: node(s) didn't match Pod's node affinity/selector";
const gpu: NodeShape = { labels: { gpu: 'a100', cores: '16' } };
table(nodeAffinity, [
  ['none', {}, {}, 'ok'],
  ['nodeSelector', { nodeSelector: { gpu: 'a100' } }, gpu, 'ok'],
  ['nodeSelector, other value', { nodeSelector: { gpu: 'h100' } }, gpu, mismatch],
  ['In', required({ key: 'gpu', operator: 'In', values: ['h100', 'a100'] }), gpu, 'ok'],
  ['NotIn', required({ key: 'gpu', operator: 'NotIn', values: ['a100'] }), gpu, mismatch],
  ['NotIn, label absent', required({ key: 'zone', operator: 'NotIn', values: ['x'] }), gpu, 'ok'],
  ['Exists', required({ key: 'gpu', operator: 'Exists' }), gpu, 'ok'],
  ['DoesNotExist', required({ key: 'gpu', operator: 'DoesNotExist' }), gpu, mismatch],
  ['Gt', required({ key: 'cores', operator: 'Gt', values: ['8'] }), gpu, 'ok'],
  ['Lt', required({ key: 'cores', operator: 'Lt', values: ['8'] }), gpu, mismatch],
  ['Gt of a word', required({ key: 'gpu', operator: 'Gt', values: ['8'] }), gpu, mismatch],
  ['all of a term', required({ key: 'gpu', operator: 'Exists' }, { key: 'zone', operator: 'Exists' }), gpu, mismatch],
  ['an empty term matches nothing', required(), gpu, mismatch],
  ['by name', named('n', 'm'), {}, 'ok'],
  ['by another name', named('m'), {}, mismatch],
]);

const taken = "unschedulable: node(s) didn't have free ports for the requested pod ports";
table(nodePorts, [
  ['none', {}, {}, 'ok', [{ hostPort: 80 }]],
  ['free', { hostPort: 81 }, {}, 'ok', [{ hostPort: 80 }]],
  ['taken', { hostPort: 80 }, {}, taken, [{ hostPort: 80 }]],
  ['other address', { containers: [{ name: 'm', ports: [{ containerPort: 1, hostPort: 80, hostIP: '10.0.0.1' }] }] }, {}, 'ok', [{ containers: [{ name: 'm', ports: [{ containerPort: 1, hostPort: 80, hostIP: '10.0.0.2' }] }] }]],
  ['0.0.0.0 takes all addresses', { containers: [{ name: 'm', ports: [{ containerPort: 1, hostPort: 80, hostIP: '10.0.0.1' }] }] }, {}, taken, [{ hostPort: 80 }]],
  ['other protocol', { containers: [{ name: 'm', ports: [{ containerPort: 1, hostPort: 80, protocol: 'UDP' }] }] }, {}, 'ok', [{ hostPort: 80 }]],
]);

const init = (cpu: string, restartPolicy?: string): NonNullable<PodShape['initContainers']>[number] => ({ name: `i${cpu}`, resources: { requests: { cpu } }, ...(restartPolicy ? { restartPolicy } : {}) });
table(nodeResourcesFit, [
  ['fits', { requests: { cpu: '4', memory: '32Gi' } }, {}, 'ok'],
  ['too much CPU for what is free', { requests: { cpu: '2' } }, {}, 'unschedulable: Insufficient cpu', [{ requests: { cpu: '3' } }]],
  ['too much CPU for the whole node', { requests: { cpu: '5' } }, {}, 'unresolvable: Insufficient cpu'],
  ['CPU and memory', { requests: { cpu: '2', memory: '20Gi' } }, {}, 'unschedulable: Insufficient cpu, Insufficient memory', [{ requests: { cpu: '3', memory: '20Gi' } }]],
  ['too many pods', {}, { pods: '1' }, 'unschedulable: Too many pods', [{}]],
  ['too many pods and no CPU', { requests: { cpu: '2' } }, { pods: '1' }, 'unschedulable: Too many pods, Insufficient cpu', [{ requests: { cpu: '3' } }]],
  ['nothing asked for, node full', {}, {}, 'ok', [{ requests: { cpu: '4' } }]],
  ['extended resource', { requests: { 'example.com/gpu': '1' } }, { extra: { 'example.com/gpu': '1' } }, 'ok'],
  ['extended resource in use', { requests: { 'example.com/gpu': '1' } }, { extra: { 'example.com/gpu': '1' } }, 'unschedulable: Insufficient example.com/gpu', [{ requests: { 'example.com/gpu': '1' } }]],
  ['extended resource absent', { requests: { 'example.com/gpu': '1' } }, {}, 'unresolvable: Insufficient example.com/gpu'],
  ['the largest init container counts', { requests: { cpu: '1' }, initContainers: [init('5')] }, {}, 'unresolvable: Insufficient cpu'],
  ['init containers run one after another', { requests: { cpu: '1' }, initContainers: [init('3'), init('4')] }, {}, 'ok'],
  ['sidecars add up', { requests: { cpu: '2' }, initContainers: [init('3', 'Always')] }, {}, 'unresolvable: Insufficient cpu'],
  ['overhead adds up', { requests: { cpu: '4' }, overhead: { cpu: '1m' } }, {}, 'unresolvable: Insufficient cpu'],
  ['requests of the pod itself stand for all', { requests: { cpu: '1' }, resources: { requests: { cpu: '5' } } }, {}, 'unresolvable: Insufficient cpu'],
]);

describe('NodeDeclaredFeatures', () => {
  const wants: PodShape = { containers: [{ name: 'c', image: 'app', restartPolicy: 'Never', restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }] }] };
  const rows: [string, PodShape, string[] | undefined, string][] = [
    ['a pod that needs nothing', {}, undefined, 'skip'],
    ['declared', wants, ['Other', 'RestartAllContainersOnContainerExits'], 'ok'],
    ['not declared', wants, ['Other'], 'node declared features check failed - unsatisfied requirements: RestartAllContainersOnContainerExits'],
    ['an old kubelet', wants, undefined, 'node declared features check failed - unsatisfied requirements: RestartAllContainersOnContainerExits'],
  ];
  test.each(rows)('%s', (_name, shape, declaredFeatures, expected) => {
    const node = fakeNode('n');
    if (declaredFeatures) node.status!.declaredFeatures = declaredFeatures;
    const built = fakeSnapshot([node]);
    const run = built.cycle(fakePod('p', shape));
    const skip = nodeDeclaredFeatures.preFilter!(run)?.skip;
    expect(skip ? 'skip' : (nodeDeclaredFeatures.filter!(run, built.node('n'))?.reasons[0] ?? 'ok')).toBe(expected);
  });
});

describe('NodeResourcesFit strategies', () => {
  const score = (args: object, pod: PodShape, node = fakeNode('n', { cpu: '4', memory: '8Gi', extra: { 'example.com/gpu': '4' } })): number => {
    const built = fakeSnapshot([node], [fakePod('there', { requests: { cpu: '1', memory: '2Gi' }, nodeName: 'n' })]);
    return createNodeResourcesFit(args).score!(built.cycle(fakePod('p', pod)), built.node('n'));
  };
  const wanted: PodShape = { requests: { cpu: '1', memory: '4Gi' } };
  const ratio = (shape: object[], resources?: object[]) => ({ scoringStrategy: { type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape }, ...(resources ? { resources } : {}) } });
  const rising = [{ utilization: 0, score: 0 }, { utilization: 100, score: 10 }];
  const rows: [string, object, PodShape, number][] = [
    // In use with the pod: half of the CPU, three quarters of the memory.
    ['least allocated', {}, wanted, 37],
    ['most allocated', { scoringStrategy: { type: 'MostAllocated' } }, wanted, 62],
    ['weights', { scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 3 }, { name: 'memory', weight: 1 }] } }, wanted, 56],
    ['a resource that the pod does not ask for is left out', { scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }, { name: 'example.com/gpu', weight: 9 }] } }, wanted, 50],
    ['one that it asks for counts', { scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'example.com/gpu', weight: 1 }] } }, { requests: { 'example.com/gpu': '3' } }, 75],
    ['a ratio that rises', ratio(rising), wanted, 63],
    ['a ratio that falls', ratio([{ utilization: 0, score: 10 }, { utilization: 100, score: 0 }], [{ name: 'cpu', weight: 1 }]), wanted, 50],
    ['a ratio with a knee', ratio([{ utilization: 0, score: 0 }, { utilization: 40, score: 8 }, { utilization: 60, score: 10 }], [{ name: 'cpu', weight: 1 }]), wanted, 90],
    ['beyond the last point', ratio([{ utilization: 0, score: 0 }, { utilization: 40, score: 8 }], [{ name: 'memory', weight: 1 }]), wanted, 80],
  ];
  test.each(rows)('%s', (_name, args, pod, expected) => expect(score(args, pod)).toBe(expected));

  test('ignored resources and groups are nobody’s business', () => {
    const pod = fakePod('p', { requests: { 'example.com/gpu': '9', 'vendor.io/x': '1' } });
    const built = fakeSnapshot([fakeNode('n')]);
    const reasons = (args: object): readonly string[] => createNodeResourcesFit(args).filter!(built.cycle(pod), built.node('n'))?.reasons ?? [];
    expect(reasons({})).toEqual(['Insufficient example.com/gpu', 'Insufficient vendor.io/x']);
    expect(reasons({ ignoredResources: ['example.com/gpu'] })).toEqual(['Insufficient vendor.io/x']);
    expect(reasons({ ignoredResources: ['example.com/gpu'], ignoredResourceGroups: ['vendor.io'] })).toEqual([]);
  });
});
