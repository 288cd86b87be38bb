import { describe, expect, test } from 'vitest';
import { decide, feasibleNodesToFind } from './decide.ts';
import type { Decision } from './decide.ts';
import { NO_LOOKUPS, fakeNode, fakePod, fakeSnapshot, infoOf } from './fake-cluster.ts';
import type { NodeShape, PodShape } from './fake-cluster.ts';
import { DEFAULT_PLUGINS } from './plugins/index.ts';
import { createProfile } from './profile.ts';
import { seededRandom } from '../simulate/virtual-host.ts';

const profile = createProfile('default-scheduler', DEFAULT_PLUGINS);

function run(pod: PodShape, nodes: Record<string, NodeShape>, there: PodShape[] = [], more: { seed?: string; startIndex?: number; percentage?: number } = {}): { decision: Decision; nextStartIndex: number } {
  const { snapshot } = fakeSnapshot(Object.entries(nodes).map(([name, shape]) => fakeNode(name, shape)), there.map((shape, i) => fakePod(`there-${i}`, shape)));
  const random = seededRandom(more.seed ?? 's');
  return decide({
    profile, pod: infoOf(fakePod('p', pod)), snapshot, lookups: NO_LOOKUPS, startIndex: more.startIndex ?? 0,
    percentageOfNodesToScore: more.percentage ?? 0, random: (bound) => random.int(bound), nominatedTo: () => [],
  });
}
const message = (decision: Decision): string => (decision.type === 'unplaced' ? decision.message : `placed on ${decision.nodeName}`);

describe('how many nodes are enough', () => {
  test.each([[50, 0, 50], [99, 10, 99], [100, 0, 100], [1000, 0, 420], [5000, 0, 500], [6000, 0, 300], [20_000, 0, 1000], [1000, 20, 200], [1000, 5, 100], [1000, 100, 1000]])('%i nodes, %i percent: %i', (nodes, percentage, enough) => {
    expect(feasibleNodesToFind(nodes, percentage)).toBe(enough);
  });
});

describe('messages', () => {
  const full = { requests: { cpu: '4' } };
  const rows: [string, PodShape, Record<string, NodeShape>, PodShape[], RegExp][] = [
    ['no nodes', {}, {}, [], /^no nodes available to schedule pods$/],
    ['reasons are counted and sorted', { requests: { cpu: '2' } }, { a: { taints: [{ key: 'x', effect: 'NoSchedule' }] }, b: {}, c: {} }, [{ ...full, nodeName: 'b' }, { ...full, nodeName: 'c' }], /^0\/3 nodes are available: 1 node\(s\) had untolerated taint\(s\), 2 Insufficient cpu\./],
    ['several reasons of one node', { requests: { cpu: '2', memory: '20Gi' } }, { a: {} }, [{ requests: { cpu: '3', memory: '20Gi' }, nodeName: 'a' }], /^0\/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory\./],
    ['nodes that the pod does not name', { requests: { cpu: '9' }, affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }] } } } }, { a: {}, b: {} }, [], /^0\/2 nodes are available: 1 Insufficient cpu, 1 node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]\./],
  ];
  test.each(rows)('%s', (_name, pod, nodes, there, expected) => {
    expect(message(run(pod, nodes, there).decision)).toMatch(expected);
  });
});

describe('choosing', () => {
  test('the emptier node', () => {
    const { decision } = run({ requests: { cpu: '1', memory: '1Gi' } }, { a: {}, b: {} }, [{ requests: { cpu: '2', memory: '16Gi' }, nodeName: 'a' }]);
    expect(message(decision)).toBe('placed on b');
  });

  test('among equals the seed decides, and every one has a chance', () => {
    const nodes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`n${i}`, {}]));
    const of = (seed: string): string => message(run({}, nodes, [], { seed }).decision);
    expect(of('x')).toBe(of('x'));
    expect(new Set(Array.from({ length: 300 }, (_, i) => of(`seed-${i}`))).size).toBe(10);
  });

  test('a large cluster is searched in part, each time from where the last search ended', () => {
    const nodes = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`n${i}`, {}]));
    const first = run({}, nodes, [], { startIndex: 900 });
    expect(first.decision).toMatchObject({ type: 'placed', evaluatedNodes: 420, feasibleNodes: 420 });
    expect(first.nextStartIndex).toBe(320);
  });

  test('a nominated node is taken when it will do', () => {
    const { decision } = run({ requests: { cpu: '1' }, status: { phase: 'Pending', nominatedNodeName: 'a' } }, { a: {}, b: {} }, [{ requests: { cpu: '3' }, nodeName: 'a' }]);
    expect(decision).toMatchObject({ nodeName: 'a', evaluatedNodes: 1 });
  });

  test('plug-ins that refused are named, so that their events wake the pod', () => {
    const { decision } = run({ requests: { cpu: '9' }, nodeSelector: { disk: 'ssd' } }, { a: {}, b: { labels: { disk: 'ssd' } } });
    expect(decision.type === 'unplaced' && [...decision.rejectors].toSorted()).toEqual(['NodeAffinity', 'NodeResourcesFit']);
  });
});
