/**
 * The filters and simple scores against a second reading of the documentation, written as plainly as possible and sharing no code with them:
 * thousands of random small clusters, each from a seed that a failure prints.
 */
import { describe, expect, test } from 'vitest';
import type { ContainerPort, Node, NodeSelectorTerm, Pod, Taint, Toleration } from '../api/core/v1/types.ts';
import { decide } from './decide.ts';
import { Dice, Hits } from './equivalence.fixture.ts';
import { NO_LOOKUPS, fakeNode, fakePod, fakeSnapshot, infoOf } from './fake-cluster.ts';
import type { Cycle } from './framework.ts';
import { DEFAULT_PLUGINS } from './plugins/index.ts';
import { createProfile, runPreEnqueue } from './profile.ts';

// ---- random clusters ----

const KEYS = ['disk', 'zone', 'cores'] as const;
const VALUES: Record<string, readonly string[]> = { disk: ['ssd', 'hdd'], zone: ['a', 'b', 'c'], cores: ['4', '8', 'many'] };
const EFFECTS = ['NoSchedule', 'NoExecute', 'PreferNoSchedule'];

/** MiB. An image has one size, wherever it lies. */
const IMAGES: Record<string, number> = { 'app:latest': 700, 'db:5': 2500, 'none:latest': 15 };

function randomNode(dice: Dice, name: string): Node {
  const labels = Object.fromEntries(dice.some(KEYS, 3).map((key) => [key, dice.one(VALUES[key]!)]));
  const taints: Taint[] = dice.some(['t1', 't2'], 2).map((key) => ({ key, value: dice.one(['x', 'y']), effect: dice.one(EFFECTS) }));
  return fakeNode(name, {
    labels, taints, unschedulable: dice.chance(10), cpu: dice.one(['500m', '1', '2', '4']), memory: dice.one(['512Mi', '1Gi', '4G']), pods: dice.one(['1', '3', '110']),
    extra: dice.chance(30) ? { 'example.com/gpu': dice.one(['1', '2']) } : {},
    images: Object.fromEntries(dice.some(Object.keys(IMAGES), 3).map((image) => [image, IMAGES[image]! * 1024 * 1024])),
  });
}

const requirement = (dice: Dice) => {
  const key = dice.one(KEYS);
  const operator = dice.one(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']);
  if (operator === 'Exists' || operator === 'DoesNotExist') return { key, operator };
  return { key, operator, values: operator === 'Gt' || operator === 'Lt' ? [dice.one(['4', '6', '8'])] : [dice.one(VALUES[key]!), ...dice.some(VALUES[key]!, 1)] };
};
const term = (dice: Dice, names: readonly string[]): NodeSelectorTerm => ({
  ...(dice.chance(80) ? { matchExpressions: Array.from({ length: 1 + dice.int(2) }, () => requirement(dice)) } : {}),
  ...(dice.chance(20) ? { matchFields: [{ key: 'metadata.name', operator: dice.one(['In', 'NotIn']), values: [dice.one(names)] }] } : {}),
});

function randomToleration(dice: Dice, key: string): Toleration {
  const toleration: Toleration = dice.chance(10) ? { operator: 'Exists' } : dice.chance(50) ? { key, operator: 'Exists' } : { key, value: dice.one(['x', 'y']) };
  if (dice.chance(50)) toleration.effect = dice.one(EFFECTS);
  return toleration;
}

function randomPod(dice: Dice, name: string, nodeNames: readonly string[]): Pod {
  const tolerations = dice.some(['t1', 't2', 'node.kubernetes.io/unschedulable'], 2).map((key) => randomToleration(dice, key));
  const requests = { ...(dice.chance(70) ? { cpu: dice.one(['100m', '0.25', '1', '3']) } : {}), ...(dice.chance(60) ? { memory: dice.one(['64Mi', '500M', '2Gi']) } : {}), ...(dice.chance(15) ? { 'example.com/gpu': '1' } : {}) };
  const init = dice.chance(30) ? [{ name: 'init', image: 'db:5', resources: { requests: { cpu: dice.one(['50m', '2']) } }, restartPolicy: dice.one(['Always', undefined]) }] : [];
  const ports: ContainerPort[] = dice.chance(25) ? [{ containerPort: 80, hostPort: dice.one([80, 81]), protocol: dice.one(['TCP', 'TCP', 'UDP']), ...(dice.chance(40) ? { hostIP: dice.one(['127.0.0.1', '10.0.0.1', '0.0.0.0']) } : {}) }] : [];
  return fakePod(name, {
    tolerations, initContainers: init, containers: [{ name: 'main', image: dice.one(['app', 'db:5', 'none']), resources: { requests }, ports }],
    ...(dice.chance(15) ? { volumes: [{ name: 'data', image: { reference: dice.one(['db:5', 'none']) } }] } : {}),
    ...(dice.chance(20) ? { nodeSelector: { disk: dice.one(['ssd', 'hdd']) } } : {}),
    ...(dice.chance(10) ? { overhead: { cpu: '10m', memory: '10Mi' } } : {}),
    ...(dice.chance(50)
      ? {
          affinity: {
            nodeAffinity: {
              ...(dice.chance(50) ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: Array.from({ length: 1 + dice.int(2) }, () => term(dice, nodeNames)) } } : {}),
              ...(dice.chance(50) ? { preferredDuringSchedulingIgnoredDuringExecution: Array.from({ length: 1 + dice.int(2) }, () => ({ weight: 1 + dice.int(100), preference: term(dice, nodeNames) })) } : {}),
            },
          },
        }
      : {}),
  });
}

function boundPod(dice: Dice, name: string, nodeNames: readonly string[]): Pod {
  const pod = randomPod(dice, name, nodeNames);
  pod.spec!.nodeName = dice.one(nodeNames);
  return pod;
}

// ---- the plain reading ----

const UNITS: Record<string, number> = { '': 1, m: 0.001, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };
function units(text: string | undefined, milli = false): number {
  const [, number, unit] = /^([0-9.]+)([a-zA-Z]*)$/.exec(text ?? '0')!;
  return Math.round(Number(number) * UNITS[unit!]! * (milli ? 1000 : 1));
}

function plainRequest(pod: Pod, resource: string, standIn = 0): number {
  const milli = resource === 'cpu';
  const of = (requests: Record<string, string> | undefined): number => (requests?.[resource] === undefined ? standIn : units(requests[resource], milli));
  const containers = pod.spec!.containers.map((c) => of(c.resources?.requests));
  const sidecars = (pod.spec!.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => of(c.resources?.requests));
  const inits = (pod.spec!.initContainers ?? []).filter((c) => c.restartPolicy !== 'Always').map((c) => of(c.resources?.requests));
  const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
  // The only init containers of these pods stand first, so that no sidecar runs beside an ordinary one.
  return Math.max(sum(containers) + sum(sidecars), ...inits) + units(pod.spec!.overhead?.[resource], milli);
}

function plainTolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some((t) => {
    const effect = !t.effect || t.effect === taint.effect;
    if (!t.key) return t.operator === 'Exists' && effect;
    return effect && t.key === taint.key && (t.operator === 'Exists' || (t.value ?? '') === (taint.value ?? ''));
  });
}

function plainTerm(t: NodeSelectorTerm, node: Node): boolean {
  const checks = [
    ...(t.matchExpressions ?? []).map((r) => [r, node.metadata.labels![r.key]] as const),
    ...(t.matchFields ?? []).map((r) => [r, node.metadata.name] as const),
  ];
  return checks.length > 0 && checks.every(([{ operator, values = [] }, has]) => {
    if (operator === 'Exists') return has !== undefined;
    if (operator === 'DoesNotExist') return has === undefined;
    if (operator === 'In') return values.some((value) => value === has);
    if (operator === 'NotIn') return !values.some((value) => value === has);
    const number = /^-?\d+$/.test(has ?? '') ? Number(has) : undefined;
    return number !== undefined && (operator === 'Gt' ? number > Number(values[0]) : number < Number(values[0]));
  });
}

const hostPorts = (pod: Pod): ContainerPort[] => pod.spec!.containers.flatMap((c) => (c.ports ?? []).filter((p) => p.hostPort));
/** The same port and protocol, and addresses that have something in common. */
const clash = (a: ContainerPort, b: ContainerPort): boolean => {
  const [mine, theirs] = [a.hostIP ?? '0.0.0.0', b.hostIP ?? '0.0.0.0'];
  return a.hostPort === b.hostPort && a.protocol === b.protocol && (mine === theirs || mine === '0.0.0.0' || theirs === '0.0.0.0');
};

/** For each plug-in whether it refuses the node. */
function plainRefusals(pod: Pod, node: Node, there: readonly Pod[]): Record<string, boolean> {
  const tolerations = pod.spec!.tolerations ?? [];
  const required = pod.spec!.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const lacks = ['cpu', 'memory', 'example.com/gpu'].some((resource) => {
    const wanted = plainRequest(pod, resource);
    const used = there.reduce((sum, other) => sum + plainRequest(other, resource), 0);
    return wanted > 0 && wanted + used > units(node.status!.allocatable![resource], resource === 'cpu');
  });
  return {
    NodeUnschedulable: node.spec!.unschedulable === true && !plainTolerates(tolerations, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }),
    NodeName: pod.spec!.nodeName !== undefined && pod.spec!.nodeName !== node.metadata.name,
    TaintToleration: (node.spec!.taints ?? []).some((taint) => taint.effect !== 'PreferNoSchedule' && !plainTolerates(tolerations, taint)),
    NodeAffinity: Object.entries(pod.spec!.nodeSelector ?? {}).some(([key, value]) => node.metadata.labels![key] !== value) || (required !== undefined && !required.nodeSelectorTerms.some((each) => plainTerm(each, node))),
    NodePorts: hostPorts(pod).some((port) => there.some((other) => hostPorts(other).some((taken) => clash(port, taken)))),
    NodeResourcesFit: there.length + 1 > units(node.status!.allocatable!['pods']) || lacks,
    NodeDeclaredFeatures: pod.spec!.containers.some((each) => each.restartPolicyRules?.length) && !node.status!.declaredFeatures?.includes('RestartAllContainersOnContainerExits'),
  };
}

const scale = (values: number[], reverse: boolean): number[] => {
  const max = Math.max(0, ...values);
  return values.map((value) => (max === 0 ? 0 : Math.floor((value * 100) / max))).map((value) => (reverse ? 100 - value : value));
};

function plainScores(pod: Pod, nodes: readonly Node[], thereOf: (node: Node) => readonly Pod[], all: readonly Node[] = nodes): Record<string, number[]> {
  const tolerations = (pod.spec!.tolerations ?? []).filter((t) => !t.effect || t.effect === 'PreferNoSchedule');
  const preferred = pod.spec!.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const least = nodes.map((node) => {
    const parts = ([['cpu', 100], ['memory', 200 * 2 ** 20]] as const).map(([resource, standIn]) => {
      const capacity = units(node.status!.allocatable![resource], resource === 'cpu');
      const used = [...thereOf(node), pod].reduce((sum, each) => sum + plainRequest(each, resource, standIn), 0);
      return used > capacity ? 0 : Math.floor(((capacity - used) * 100) / capacity);
    });
    return Math.floor((parts[0]! + parts[1]!) / 2);
  });
  const share = (node: Node, pods: readonly Pod[], resource: 'cpu' | 'memory'): number => Math.min(1, pods.reduce((sum, each) => sum + plainRequest(each, resource), 0) / units(node.status!.allocatable![resource], resource === 'cpu'));
  const even = (node: Node, pods: readonly Pod[]): number => Math.floor((1 - Math.abs(share(node, pods, 'cpu') - share(node, pods, 'memory')) / 2) * 100);
  const asks = plainRequest(pod, 'cpu') > 0 || plainRequest(pod, 'memory') > 0;
  const balanced = nodes.map((node) => (asks ? 50 + Math.floor((50 + even(node, [...thereOf(node), pod]) - even(node, thereOf(node))) / 2) : 0));
  const has = (node: Node, image: string): number => node.status!.images!.find((each) => each.names!.includes(image.includes(':') ? image : `${image}:latest`))?.sizeBytes ?? 0;
  const images = [...pod.spec!.initContainers!, ...pod.spec!.containers].map((container) => container.image!).concat((pod.spec!.volumes ?? []).map((volume) => volume.image!.reference!));
  const locality = nodes.map((node) => {
    const bytes = images.reduce((sum, image) => sum + Math.floor(has(node, image) * (all.filter((other) => has(other, image) > 0).length / all.length)), 0);
    const [min, max] = [23 * 2 ** 20, 1000 * 2 ** 20 * images.length];
    return Math.floor((100 * (Math.min(Math.max(bytes, min), max) - min)) / (max - min));
  });
  return {
    NodeResourcesBalancedAllocation: balanced,
    ImageLocality: locality,
    TaintToleration: scale(nodes.map((node) => (node.spec!.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule' && !plainTolerates(tolerations, taint)).length), true),
    NodeAffinity: scale(nodes.map((node) => preferred.reduce((sum, each) => sum + (plainTerm(each.preference, node) ? each.weight : 0), 0)), false),
    NodeResourcesFit: least,
  };
}

// ---- both against each other ----

const profile = createProfile('default-scheduler', DEFAULT_PLUGINS);
const WEIGHTS: Record<string, number> = { TaintToleration: 3, NodeAffinity: 2, NodeResourcesFit: 1, NodeResourcesBalancedAllocation: 1, ImageLocality: 1 };
const CLUSTERS = 4000;

interface World { nodes: Node[]; there: Pod[]; pod: Pod; on: (node: Node) => Pod[] }

function randomWorld(seed: string): World {
  const dice = new Dice(seed);
  const names = Array.from({ length: 1 + dice.int(6) }, (_, n) => `n${n}`);
  const nodes = names.map((name) => randomNode(dice, name));
  const there = dice.upTo(7, (n) => boundPod(dice, `there-${n}`, names));
  const pod = randomPod(dice, 'p', names);
  if (dice.chance(10)) pod.spec!.containers[0]!.restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }];
  for (const node of nodes) if (dice.chance(60)) node.status!.declaredFeatures = ['RestartAllContainersOnContainerExits'];
  return { nodes, there, pod, on: (node) => there.filter((other) => other.spec!.nodeName === node.metadata.name) };
}

describe('random clusters', () => {
  test(`filters one by one, and the choice by the sum of weighted scores: ${CLUSTERS} clusters`, () => {
    const hits = new Hits();
    for (let i = 0; i < CLUSTERS; i++) {
      const seed = `filters-${i}`;
      const { nodes, there, pod, on } = randomWorld(seed);
      const { snapshot } = fakeSnapshot(nodes, there);
      const refusals = new Map(nodes.map((node) => [node, plainRefusals(pod, node, on(node))]));
      for (const plugin of profile.filter) {
        if (!(plugin.name in refusals.get(nodes[0]!)!)) continue;
        const cycle: Cycle = { pod: infoOf(pod), snapshot, lookups: NO_LOOKUPS, state: new Map() };
        const pre = plugin.preFilter?.(cycle);
        for (const node of nodes) {
          const refuses = !pre?.skip && ((pre?.nodeNames && !pre.nodeNames.has(node.metadata.name!)) || (pre?.status ?? plugin.filter(cycle, snapshot.get(node.metadata.name!)!)) !== undefined);
          expect(refuses, `${plugin.name} on ${node.metadata.name} ${seed}`).toBe(refusals.get(node)![plugin.name]);
          if (refuses) hits.add(plugin.name);
        }
      }
      const fitting = nodes.filter((node) => Object.values(refusals.get(node)!).every((refuses) => !refuses));
      const { decision } = decide({ profile, pod: infoOf(pod), snapshot, lookups: NO_LOOKUPS, startIndex: 0, percentageOfNodesToScore: 0, random: () => 0, nominatedTo: () => [] });
      hits.add(decision.type);
      if (decision.type === 'unplaced') {
        expect(fitting, seed).toEqual([]);
        continue;
      }
      // Pinned pods are tried on their nodes alone; all that fits is found either way.
      expect(decision.feasibleNodes, seed).toBe(fitting.length);
      const scores = plainScores(pod, fitting, on, nodes);
      const totals = fitting.map((_node, at) => Object.entries(WEIGHTS).reduce((sum, [name, weight]) => sum + weight * scores[name]![at]!, 0));
      const best = fitting.filter((_node, at) => totals[at] === Math.max(...totals)).map((node) => node.metadata.name);
      expect(best, seed).toContain(decision.nodeName);
      if (new Set(totals).size > 1) hits.add('scores decided');
    }
    expect(hits.rare({ NodeUnschedulable: 700, TaintToleration: 2000, NodeAffinity: 2000, NodePorts: 100, NodeResourcesFit: 2000, NodeDeclaredFeatures: 200, placed: 800, unplaced: 1500, 'scores decided': 400 })).toEqual({});
  });

  test('a pod that names its node, and one with gates', () => {
    const hits = new Hits();
    for (let i = 0; i < 500; i++) {
      const seed = `names-${i}`;
      const dice = new Dice(seed);
      const { nodes, there, pod } = randomWorld(seed);
      pod.spec!.nodeName = dice.one(['n0', 'n1', 'n7']);
      if (dice.chance(50)) pod.spec!.schedulingGates = dice.some(['example.com/a', 'example.com/b'], 2).map((name) => ({ name }));
      const { snapshot } = fakeSnapshot(nodes, there);
      const plugin = profile.filter.find(({ name }) => name === 'NodeName')!;
      const cycle: Cycle = { pod: infoOf(pod), snapshot, lookups: NO_LOOKUPS, state: new Map() };
      plugin.preFilter!(cycle);
      expect(nodes.filter((node) => !plugin.filter(cycle, snapshot.get(node.metadata.name!)!)).map((node) => node.metadata.name), seed).toEqual(nodes.map((node) => node.metadata.name).filter((name) => name === pod.spec!.nodeName));
      const gate = runPreEnqueue(profile, infoOf(pod));
      expect(gate?.plugin, seed).toBe(pod.spec!.schedulingGates?.length ? 'SchedulingGates' : undefined);
      hits.add(gate ? 'gated' : 'free');
    }
    expect(hits.rare({ gated: 100, free: 100 })).toEqual({});
  });

  test('scores of the simple plug-ins', () => {
    const hits = new Hits();
    for (let i = 0; i < 2500; i++) {
      const seed = `scores-${i}`;
      const { nodes, there, pod, on } = randomWorld(seed);
      const expected = plainScores(pod, nodes, on);
      const { snapshot } = fakeSnapshot(nodes, there);
      const infos = nodes.map((node) => snapshot.get(node.metadata.name!)!);
      for (const { plugin } of profile.score) {
        const plain = expected[plugin.name];
        if (!plain) continue;
        const cycle: Cycle = { pod: infoOf(pod), snapshot, lookups: NO_LOOKUPS, state: new Map() };
        const speaks = plugin.preScore?.(cycle, infos) !== false;
        const values = Float64Array.from(infos, (info) => (speaks ? plugin.score(cycle, info) : 0));
        if (speaks) plugin.normalize?.(cycle, values);
        expect([...values], `${plugin.name} ${seed}`).toEqual(plain);
        if (new Set(plain).size > 1) hits.add(plugin.name);
      }
    }
    // So often at least a plug-in told nodes apart.
    expect(hits.rare({ ImageLocality: 800, NodeAffinity: 150, NodeResourcesBalancedAllocation: 800, NodeResourcesFit: 800, TaintToleration: 400 })).toEqual({});
  });
});
