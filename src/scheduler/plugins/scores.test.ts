import { describe, expect, test } from 'vitest';
import { fakeNode, fakePod, fakeSnapshot } from '../fake-cluster.ts';
import type { NodeShape, PodShape } from '../fake-cluster.ts';
import { normalizeScores } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import { imageLocality, normalizedImageName } from './image-locality.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { taintToleration } from './taint-toleration.ts';

/** Normalized scores by node; undefined when the plug-in has nothing to say. */
function scores(plugin: Plugin, pod: PodShape, nodes: Record<string, NodeShape>, there: Record<string, PodShape> = {}): Record<string, number> | undefined {
  const bound = Object.entries(there).map(([node, shape]) => fakePod(`on-${node}`, { ...shape, nodeName: node }));
  const { cycle, snapshot } = fakeSnapshot(Object.entries(nodes).map(([name, shape]) => fakeNode(name, shape)), bound);
  const run = cycle(fakePod('p', pod));
  if (plugin.preScore?.(run, snapshot.nodes) === false) return undefined;
  const values = Float64Array.from(snapshot.nodes, (node) => plugin.score!(run, node));
  plugin.normalize?.(run, values);
  return Object.fromEntries(snapshot.nodes.map((node, i) => [node.name, values[i]!]));
}

describe('normalizing', () => {
  test.each([
    ['highest becomes 100', [0, 5, 10], false, [0, 50, 100]],
    ['reversed', [0, 5, 10], true, [100, 50, 0]],
    ['all zero', [0, 0], false, [0, 0]],
    ['all zero reversed', [0, 0], true, [100, 100]],
    ['rounds down', [1, 3], false, [33, 100]],
  ])('%s', (_name, values, reverse, expected) => {
    const given = Float64Array.from(values);
    normalizeScores(given, reverse);
    expect([...given]).toEqual(expected);
  });
});

test('LeastAllocated: the emptier node, with stand-ins for what is not asked for', () => {
  expect(scores(nodeResourcesFit, { requests: { cpu: '1', memory: '8Gi' } }, { a: {}, b: {} }, { b: { requests: { cpu: '2', memory: '16Gi' } } })).toEqual({ a: 75, b: 25 });
  // 100m of 4 and 200 MiB of 32 GiB: 97 and 99.
  expect(scores(nodeResourcesFit, {}, { a: {} })).toEqual({ a: 98 });
});

test('BalancedAllocation: what the pod does to the balance', () => {
  const pod = { requests: { cpu: '2', memory: '1Gi' } };
  // Alone: from 100 (empty) to 76; beside a pod that took memory: from 76 to 98.
  expect(scores(nodeResourcesBalancedAllocation, pod, { a: {}, b: {} }, { b: { requests: { memory: '16Gi' } } })).toEqual({ a: 63, b: 86 });
  expect(scores(nodeResourcesBalancedAllocation, {}, { a: {} })).toBeUndefined();
});

test('TaintToleration: fewer untolerated preferences are better', () => {
  const soft = (...keys: string[]): NodeShape => ({ taints: keys.map((key) => ({ key, effect: 'PreferNoSchedule' })) });
  expect(scores(taintToleration, { tolerations: [{ key: 'a', operator: 'Exists', effect: 'PreferNoSchedule' }] }, { x: soft('a'), y: soft('a', 'b'), z: soft('b', 'c') })).toEqual({ x: 100, y: 50, z: 0 });
});

test('NodeAffinity: weights of matching preferences add up', () => {
  const prefer = (weight: number, key: string) => ({ weight, preference: { matchExpressions: [{ key, operator: 'Exists' }] } });
  const pod: PodShape = { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [prefer(10, 'a'), prefer(30, 'b')] } } };
  expect(scores(nodeAffinity, pod, { x: { labels: { a: '' } }, y: { labels: { a: '', b: '' } }, z: {} })).toEqual({ x: 25, y: 100, z: 0 });
  expect(scores(nodeAffinity, {}, { x: {} })).toBeUndefined();
});

test('ImageLocality: bytes that are there, weighed by how widely', () => {
  const MIB = 1024 * 1024;
  const nodes = { a: { images: { 'app:latest': 1000 * MIB } }, b: { images: { 'app:latest': 1000 * MIB } }, c: { images: { 'other:1': 1000 * MIB } } };
  expect(scores(imageLocality, { image: 'app' }, nodes)).toEqual({ a: 65, b: 65, c: 0 });
  expect(['app', 'app:1', 'host:5000/app', 'host:5000/app@sha256:aa'].map(normalizedImageName)).toEqual(['app:latest', 'app:1', 'host:5000/app:latest', 'host:5000/app@sha256:aa']);
});
