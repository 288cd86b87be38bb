/**
 * Affinity and spreading against a second reading of the documentation that looks at every pod of every node, shares no code with them and knows
 * no index: thousands of random small clusters, each from a seed that a failure prints.
 */
import { describe, expect, test } from 'vitest';
import type { LabelSelector } from '../api/meta/v1/types.ts';
import type { Node, Pod, PodAffinityTerm, TopologySpreadConstraint } from '../api/core/v1/types.ts';
import { Dice, Hits } from './equivalence.fixture.ts';
import { fakeNode, fakePod, fakeSnapshot } from './fake-cluster.ts';
import type { Plugin } from './framework.ts';
import { interPodAffinity } from './plugins/inter-pod-affinity.ts';
import { podTopologySpread } from './plugins/pod-topology-spread.ts';

const [ZONE, HOST] = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'];
const NAMESPACES: Record<string, Record<string, string>> = { default: { team: 'a' }, other: { team: 'b' }, third: { team: 'a' } };
type Labels = Record<string, string>;

// ---- random clusters ----

const randomLabels = (dice: Dice): Labels => ({ ...(dice.chance(80) ? { app: dice.one(['web', 'db']) } : {}), ...(dice.chance(50) ? { version: dice.one(['1', '2']) } : {}) });

function randomSelector(dice: Dice): LabelSelector | undefined {
  if (dice.chance(10)) return undefined;
  if (dice.chance(60)) return { matchLabels: { app: dice.one(['web', 'db']) } };
  const operator = dice.one(['In', 'NotIn', 'Exists', 'DoesNotExist']);
  return { matchExpressions: [{ key: dice.one(['app', 'version']), operator, ...(operator === 'In' || operator === 'NotIn' ? { values: [dice.one(['web', 'db', '1'])] } : {}) }] };
}

function randomTerm(dice: Dice): PodAffinityTerm {
  const labelSelector = randomSelector(dice);
  return {
    topologyKey: dice.one([ZONE, HOST]),
    ...(labelSelector ? { labelSelector } : {}),
    ...(dice.chance(25) ? { namespaces: [dice.one(Object.keys(NAMESPACES))] } : {}),
    ...(dice.chance(20) ? { namespaceSelector: dice.chance(50) ? {} : { matchLabels: { team: dice.one(['a', 'b']) } } } : {}),
    ...(labelSelector && dice.chance(15) ? { [dice.one(['matchLabelKeys', 'mismatchLabelKeys'])]: ['version'] } : {}),
  };
}

const terms = (dice: Dice, percent: number): PodAffinityTerm[] => (dice.chance(percent) ? Array.from({ length: 1 + dice.int(2) }, () => randomTerm(dice)) : []);
const weighted = (dice: Dice, percent: number) => terms(dice, percent).map((podAffinityTerm) => ({ weight: 1 + dice.int(100), podAffinityTerm }));

function randomPod(dice: Dice, name: string, extra: object = {}): Pod {
  const pod = fakePod(name, {
    namespace: dice.one(Object.keys(NAMESPACES)), labels: randomLabels(dice), ...extra,
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms(dice, 25), preferredDuringSchedulingIgnoredDuringExecution: weighted(dice, 25) },
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms(dice, 20), preferredDuringSchedulingIgnoredDuringExecution: weighted(dice, 25) },
    },
  });
  return pod;
}

interface World { nodes: Node[]; there: Pod[] }

function randomWorld(dice: Dice): World {
  const nodes = Array.from({ length: 1 + dice.int(5) }, (_, i) => fakeNode(`n${i}`, {
    labels: { ...(dice.chance(85) ? { [ZONE]: dice.one(['a', 'b', 'c']) } : {}), ...(dice.chance(50) ? { disk: 'ssd' } : {}) },
    taints: dice.chance(20) ? [{ key: 't', effect: dice.one(['NoSchedule', 'PreferNoSchedule']) }] : [],
  }));
  const there = dice.upTo(8, () => dice.one(nodes)).map((node, i) => {
    const pod = randomPod(dice, `there-${i}`, { nodeName: node.metadata.name });
    if (dice.chance(10)) pod.metadata.deletionTimestamp = '2030-01-01T00:00:00Z';
    return pod;
  });
  return { nodes, there };
}

// ---- the plain reading ----

function plainSelects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return equal && (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key in labels;
    if (operator === 'DoesNotExist') return !(key in labels);
    return operator === 'In' ? key in labels && values.includes(labels[key]!) : !(key in labels && values.includes(labels[key]!));
  });
}

/** Whether the term of its owner speaks of the pod. */
function speaksOf(term: PodAffinityTerm, owner: Pod, pod: Pod): boolean {
  const namespace = pod.metadata.namespace!;
  const named = term.namespaces ?? [];
  const own = named.length === 0 && term.namespaceSelector === undefined && namespace === owner.metadata.namespace;
  const bySelector = term.namespaceSelector !== undefined && plainSelects(term.namespaceSelector, NAMESPACES[namespace]!);
  if (!own && !named.includes(namespace) && !bySelector) return false;
  const [mine, theirs] = [owner.metadata.labels ?? {}, pod.metadata.labels ?? {}];
  const alike = (term.matchLabelKeys ?? []).every((key) => mine[key] === undefined || mine[key] === theirs[key]);
  const unlike = (term.mismatchLabelKeys ?? []).every((key) => mine[key] === undefined || mine[key] !== theirs[key]);
  return alike && unlike && plainSelects(term.labelSelector, theirs);
}

const label = (node: Node, key: string): string | undefined => node.metadata.labels![key];
const nodeOf = (world: World, pod: Pod): Node => world.nodes.find((node) => node.metadata.name === pod.spec!.nodeName)!;
const together = (key: string, a: Node, b: Node): boolean => label(a, key) !== undefined && label(a, key) === label(b, key);
const required = (pod: Pod, kind: 'podAffinity' | 'podAntiAffinity'): PodAffinityTerm[] => pod.spec!.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
const preferred = (pod: Pod, kind: 'podAffinity' | 'podAntiAffinity') => pod.spec!.affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

function plainAffinity(world: World, pod: Pod, node: Node): string {
  const wanted = required(pod, 'podAffinity');
  if (wanted.length > 0) {
    const friends = world.there.filter((other) => wanted.every((term) => speaksOf(term, pod, other)));
    const labelled = wanted.every((term) => label(node, term.topologyKey) !== undefined);
    const near = wanted.every((term) => friends.some((other) => together(term.topologyKey, node, nodeOf(world, other))));
    const nobody = friends.every((other) => wanted.every((term) => label(nodeOf(world, other), term.topologyKey) === undefined));
    const first = nobody && wanted.every((term) => speaksOf(term, pod, pod));
    if (!labelled || (!near && !first)) return "node(s) didn't match pod affinity rules";
  }
  const away = world.there.some((other) => required(pod, 'podAntiAffinity').some((term) => speaksOf(term, pod, other) && together(term.topologyKey, node, nodeOf(world, other))));
  if (away) return "node(s) didn't match pod anti-affinity rules";
  const unwelcome = world.there.some((other) => required(other, 'podAntiAffinity').some((term) => speaksOf(term, other, pod) && together(term.topologyKey, node, nodeOf(world, other))));
  return unwelcome ? "node(s) didn't satisfy existing pods anti-affinity rules" : 'ok';
}

function plainAffinityScores(world: World, pod: Pod): number[] {
  const raw = world.nodes.map((node) => {
    let sum = 0;
    for (const other of world.there) {
      const near = (term: PodAffinityTerm): boolean => together(term.topologyKey, node, nodeOf(world, other));
      for (const [kind, sign] of [['podAffinity', 1], ['podAntiAffinity', -1]] as const) {
        for (const { weight, podAffinityTerm: term } of preferred(pod, kind)) if (speaksOf(term, pod, other) && near(term)) sum += sign * weight;
        for (const { weight, podAffinityTerm: term } of preferred(other, kind)) if (speaksOf(term, other, pod) && near(term)) sum += sign * weight;
      }
      for (const term of required(other, 'podAffinity')) if (speaksOf(term, other, pod) && near(term)) sum += 1;
    }
    return sum;
  });
  const [min, max] = [Math.min(...raw), Math.max(...raw)];
  return raw.map((value) => (max === min ? 0 : Math.floor((100 * (value - min)) / (max - min))));
}

/** Taints that the pod does not tolerate keep it away. */
const hard = (node: Node, pod: Pod): boolean => node.spec!.taints!.some((taint) => taint.effect === 'NoSchedule') && !pod.spec!.tolerations?.length;
const inNodeAffinity = (node: Node, pod: Pod): boolean => {
  const terms = pod.spec!.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return !terms || terms.some((term) => term.matchExpressions!.every(({ key, values }) => values!.includes(label(node, key) ?? '')));
};

/** Nodes that count for a constraint: they have all labels that the constraints name, and its policies say nothing against them. */
function eligible(world: World, pod: Pod, all: TopologySpreadConstraint[], constraint: TopologySpreadConstraint): Node[] {
  return world.nodes.filter((node) => all.every((each) => label(node, each.topologyKey) !== undefined)
    && ((constraint.nodeAffinityPolicy ?? 'Honor') === 'Ignore' || (inNodeAffinity(node, pod) && Object.entries(pod.spec!.nodeSelector ?? {}).every(([key, value]) => label(node, key) === value)))
    && (constraint.nodeTaintsPolicy !== 'Honor' || !hard(node, pod)));
}

function counted(constraint: TopologySpreadConstraint, pod: Pod, other: Pod): boolean {
  const [mine, theirs] = [pod.metadata.labels!, other.metadata.labels!];
  return other.metadata.namespace === pod.metadata.namespace && !other.metadata.deletionTimestamp && plainSelects(constraint.labelSelector, theirs)
    && (constraint.matchLabelKeys ?? []).every((key) => mine[key] === undefined || mine[key] === theirs[key]);
}

function plainSpread(world: World, pod: Pod, node: Node): string {
  const all = pod.spec!.topologySpreadConstraints!.filter((each) => each.whenUnsatisfiable === 'DoNotSchedule');
  for (const constraint of all) {
    const key = constraint.topologyKey;
    if (label(node, key) === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
    const nodes = eligible(world, pod, all, constraint);
    const inDomain = (value: string | undefined): number => world.there.filter((other) => nodes.includes(nodeOf(world, other)) && label(nodeOf(world, other), key) === value && counted(constraint, pod, other)).length;
    const domains = [...new Set(nodes.map((each) => label(each, key)))];
    const min = domains.length === 0 || domains.length < (constraint.minDomains ?? 1) ? 0 : Math.min(...domains.map(inDomain));
    const self = counted(constraint, pod, pod) ? 1 : 0;
    if (inDomain(label(node, key)) + self - min > constraint.maxSkew) return "node(s) didn't match pod topology spread constraints";
  }
  return 'ok';
}

function plainSpreadScores(world: World, pod: Pod): number[] {
  const all = pod.spec!.topologySpreadConstraints!.filter((each) => each.whenUnsatisfiable === 'ScheduleAnyway');
  const labelled = world.nodes.filter((node) => all.every((each) => label(node, each.topologyKey) !== undefined));
  const raw = labelled.map((node) => Math.round(all.reduce((sum, constraint) => {
    const key = constraint.topologyKey;
    const nodes = eligible(world, pod, all, constraint);
    const count = world.there.filter((other) => nodes.includes(nodeOf(world, other)) && together(key, node, nodeOf(world, other)) && counted(constraint, pod, other)).length;
    const size = key === HOST ? labelled.length : new Set(labelled.map((each) => label(each, key))).size;
    return sum + count * Math.log(size + 2) + constraint.maxSkew - 1;
  }, 0)));
  const [min, max] = [Math.min(...raw), Math.max(0, ...raw)];
  return world.nodes.map((node) => {
    const at = labelled.indexOf(node);
    if (at < 0) return 0;
    return max === 0 ? 100 : Math.floor((100 * (max + min - raw[at]!)) / max);
  });
}

// ---- both against each other ----

const CLUSTERS = 2500;

function built(world: World, pod: Pod) {
  const { cycle, node } = fakeSnapshot(world.nodes, world.there);
  return { run: cycle(pod, { namespaceLabels: (name) => NAMESPACES[name]! }), infos: world.nodes.map((each) => node(each.metadata.name!)) };
}

function verdicts(plugin: Plugin, world: World, pod: Pod): string[] {
  const { run, infos } = built(world, pod);
  const skip = plugin.preFilter!(run)?.skip;
  return infos.map((info) => (skip ? 'ok' : (plugin.filter!(run, info)?.reasons[0] ?? 'ok')));
}

function scores(plugin: Plugin, world: World, pod: Pod): number[] | undefined {
  const { run, infos } = built(world, pod);
  if (plugin.preScore!(run, infos) === false) return undefined;
  const values = Float64Array.from(infos, (info) => plugin.score!(run, info));
  plugin.normalize!(run, values);
  return [...values].map((value) => value + 0);
}

function randomConstraint(dice: Dice, whenUnsatisfiable: string): TopologySpreadConstraint {
  const labelSelector = randomSelector(dice);
  return {
    maxSkew: 1 + dice.int(2), topologyKey: dice.one([ZONE, HOST]), whenUnsatisfiable, ...(labelSelector ? { labelSelector } : {}),
    ...(whenUnsatisfiable === 'DoNotSchedule' && dice.chance(20) ? { minDomains: 1 + dice.int(3) } : {}),
    ...(dice.chance(30) ? { nodeAffinityPolicy: dice.one(['Honor', 'Ignore']) } : {}),
    ...(dice.chance(30) ? { nodeTaintsPolicy: dice.one(['Honor', 'Ignore']) } : {}),
    ...(labelSelector && dice.chance(20) ? { matchLabelKeys: ['version'] } : {}),
  };
}

describe('random neighbours', () => {
  test(`affinity: ${CLUSTERS} clusters`, () => {
    const hits = new Hits();
    const seen = new Map<string, number>();
    for (let i = 0; i < CLUSTERS; i++) {
      const seed = `affinity-${i}`;
      const dice = new Dice(seed);
      const world = randomWorld(dice);
      const pod = randomPod(dice, 'p');
      const expected = world.nodes.map((node) => plainAffinity(world, pod, node));
      for (const word of expected) seen.set(word, (seen.get(word) ?? 0) + 1);
      expect(verdicts(interPodAffinity, world, pod), seed).toEqual(expected);
      const plain = plainAffinityScores(world, pod);
      expect(scores(interPodAffinity, world, pod) ?? world.nodes.map(() => 0), `scores of ${seed}`).toEqual(plain);
      if (new Set(plain).size > 1) hits.add('scores tell apart');
      for (const each of [pod, ...world.there]) {
        for (const term of [...required(each, 'podAffinity'), ...required(each, 'podAntiAffinity')]) for (const field of ['namespaces', 'namespaceSelector', 'matchLabelKeys', 'mismatchLabelKeys'] as const) if (term[field] !== undefined) hits.add(field);
      }
    }
    // The clusters would show nothing if one word were rare.
    expect([...seen.values()].every((count) => count > CLUSTERS / 20)).toBe(true);
    expect(seen.size).toBe(4);
    expect(hits.rare({ namespaces: 500, namespaceSelector: 500, matchLabelKeys: 300, mismatchLabelKeys: 300, 'scores tell apart': 500 })).toEqual({});
  });

  test(`spreading: ${CLUSTERS} clusters`, () => {
    const hits = new Hits();
    const seen = new Map<string, number>();
    for (let i = 0; i < CLUSTERS; i++) {
      const seed = `spread-${i}`;
      const dice = new Dice(seed);
      const world = randomWorld(dice);
      const constraints = [...dice.upTo(2, () => randomConstraint(dice, 'DoNotSchedule')), ...dice.upTo(2, () => randomConstraint(dice, 'ScheduleAnyway'))];
      const pod = randomPod(dice, 'p', { topologySpreadConstraints: constraints, ...(dice.chance(30) ? { nodeSelector: { disk: 'ssd' } } : {}), ...(dice.chance(30) ? { tolerations: [{ key: 't', operator: 'Exists' }] } : {}) });
      if (dice.chance(30)) pod.spec!.affinity!.nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['a', dice.one(['b', 'c'])] }] }] } };
      for (const each of constraints) {
        for (const field of ['minDomains', 'nodeAffinityPolicy', 'nodeTaintsPolicy', 'matchLabelKeys'] as const) if (each[field] !== undefined) hits.add(`${field} ${field.endsWith('Policy') ? String(each[field]) : ''}`.trim());
      }
      const expected = world.nodes.map((node) => plainSpread(world, pod, node));
      for (const word of expected) seen.set(word, (seen.get(word) ?? 0) + 1);
      expect(verdicts(podTopologySpread, world, pod), seed).toEqual(expected);
      if (!constraints.some((each) => each.whenUnsatisfiable === 'ScheduleAnyway')) continue;
      const plain = plainSpreadScores(world, pod);
      expect(scores(podTopologySpread, world, pod), `scores of ${seed}`).toEqual(plain);
      if (new Set(plain).size > 1) hits.add('scores tell apart');
    }
    expect([...seen.values()].every((count) => count > CLUSTERS / 20)).toBe(true);
    expect(seen.size).toBe(3);
    expect(hits.rare({ minDomains: 300, 'nodeAffinityPolicy Ignore': 300, 'nodeAffinityPolicy Honor': 300, 'nodeTaintsPolicy Ignore': 300, 'nodeTaintsPolicy Honor': 300, matchLabelKeys: 300, 'scores tell apart': 300 })).toEqual({});
  });
});
