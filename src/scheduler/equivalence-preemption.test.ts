/**
 * Preemption against a second reading of the documentation that shares no code with it: on which node, and which pods go, in thousands of random
 * small clusters, each from a seed that a failure prints. What the reading says decided between two nodes is counted.
 */
import { expect, test } from 'vitest';
import type { Node, Pod } from '../api/core/v1/types.ts';
import type { PodDisruptionBudget } from '../api/policy/v1/types.ts';
import { decide } from './decide.ts';
import { Dice, Hits } from './equivalence.fixture.ts';
import { NO_LOOKUPS, fakeNode, fakePod, fakeSnapshot, infoOf } from './fake-cluster.ts';
import { DEFAULT_PLUGINS } from './plugins/index.ts';
import { createProfile } from './profile.ts';

const CLUSTERS = 4000;
const profile = createProfile('default-scheduler', DEFAULT_PLUGINS);

interface World { nodes: Node[]; there: Pod[]; pod: Pod; budgets: PodDisruptionBudget[]; claimed: { node: string; pod: Pod }[] }

// ---- random clusters ----

const DAYS = ['2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z', '2030-01-03T00:00:00Z'];

function randomPod(dice: Dice, name: string, priority: number, extra: object = {}): Pod {
  const started = dice.chance(80) ? { startTime: dice.one(DAYS) } : {};
  return fakePod(name, {
    priority, requests: { cpu: dice.one(['500m', '1', '1', '2']) }, ...(dice.chance(15) ? { hostPort: 80 } : {}), ...(dice.chance(80) ? { labels: { app: dice.one(['web', 'db']) } } : {}),
    status: { phase: 'Running', ...started }, ...extra,
  });
}

function randomWorld(dice: Dice): World {
  const nodes = Array.from({ length: 2 + dice.int(4) }, (_, i) => fakeNode(`n${i}`, { cpu: dice.one(['1', '2', '2', '4']), pods: dice.one(['3', '110']), taints: dice.chance(8) ? [{ key: 't', effect: 'NoSchedule' }] : [] }));
  const names = nodes.map((node) => node.metadata.name!);
  const budgets = dice.upTo(2, (i): PodDisruptionBudget => ({
    metadata: { name: `b${i}`, namespace: 'default' },
    spec: { selector: dice.one([{ matchLabels: { app: 'web' } }, { matchLabels: { app: 'db' } }, { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, {}]) },
    status: { disruptionsAllowed: dice.int(2), currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...(dice.chance(20) ? { disruptedPods: { 'there-0': DAYS[0]! } } : {}) },
  }));
  const there = Array.from({ length: 4 + dice.int(10) }, (_, i) => randomPod(dice, `there-${i}`, dice.one([-5, 0, 0, 1, 2, 9]), { nodeName: dice.one(names) }));
  const pod = randomPod(dice, 'p', dice.one([1, 2, 5]), { status: { phase: 'Pending' }, ...(dice.chance(5) ? { preemptionPolicy: 'Never' } : {}) });
  // Room on some nodes is promised to pods that are on their way.
  const claimed = dice.chance(15) ? [{ node: dice.one(names), pod: randomPod(dice, 'claimant', dice.one([0, 5]), { status: { phase: 'Pending' } }) }] : [];
  return { nodes, there, pod, budgets, claimed };
}

// ---- the plain reading ----

const cpu = (text: string): number => (text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000);
const wanted = (pod: Pod): number => cpu(pod.spec!.containers[0]!.resources!.requests!['cpu'] as string);
const port = (pod: Pod): boolean => (pod.spec!.containers[0]!.ports?.length ?? 0) > 0;
const priority = (pod: Pod): number => pod.spec!.priority!;
const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);

function fits(world: World, node: Node, others: readonly Pod[]): boolean {
  const { pod } = world;
  const holds = (there: readonly Pod[]): boolean => there.length < Number(node.status!.allocatable!['pods']) && sum([...there, pod].map(wanted)) <= cpu(node.status!.allocatable!['cpu'] as string) && !(port(pod) && there.some(port));
  const coming = world.claimed.filter((each) => each.node === node.metadata.name && priority(each.pod) >= priority(pod)).map((each) => each.pod);
  return node.spec!.taints!.length === 0 && holds(others) && holds([...others, ...coming]);
}

/** A pod that has not started is as if it started now. */
const start = (pod: Pod): number => (pod.status?.startTime ? Date.parse(pod.status.startTime) : Infinity);
const byImportance = (a: Pod, b: Pod): number => priority(b) - priority(a) || (start(a) === start(b) ? 0 : start(a) - start(b));

function covers(budget: PodDisruptionBudget, pod: Pod): boolean {
  const labels = pod.metadata.labels;
  const { matchLabels, matchExpressions } = budget.spec!.selector!;
  if (!labels || (!matchLabels && !matchExpressions) || budget.status!.disruptedPods?.[pod.metadata.name!]) return false;
  return matchLabels ? labels['app'] === matchLabels['app'] : labels['app'] !== 'web';
}

interface Candidate { node: Node; victims: Pod[]; violations: number }

function candidateOn(world: World, node: Node): Candidate | undefined {
  const there = world.there.filter((pod) => pod.spec!.nodeName === node.metadata.name);
  const lower = there.filter((pod) => priority(pod) < priority(world.pod)).toSorted(byImportance);
  if (fits(world, node, there) || lower.length === 0 || !fits(world, node, there.filter((pod) => !lower.includes(pod)))) return undefined;
  const left = world.budgets.map((budget) => budget.status!.disruptionsAllowed!);
  const violates = new Map(lower.map((pod) => {
    const over = world.budgets.map((budget, i) => covers(budget, pod) && --left[i]! < 0);
    return [pod, over.some(Boolean)];
  }));
  let gone = [...lower];
  // Those whose eviction breaks a budget are spared first.
  for (const pod of [...lower.filter((each) => violates.get(each)), ...lower.filter((each) => !violates.get(each))]) {
    const without = gone.filter((each) => each !== pod);
    if (fits(world, node, there.filter((each) => !without.includes(each)))) gone = without;
  }
  return { node, victims: gone, violations: gone.filter((pod) => violates.get(pod)).length };
}

/** In this order, the smaller the better. */
const MEASURES: [string, (candidate: Candidate) => number][] = [
  ['budgets broken', ({ violations }) => violations],
  ['highest priority', ({ victims }) => Math.max(...victims.map(priority))],
  ['sum of priorities', ({ victims }) => sum(victims.map((pod) => priority(pod) + 2 ** 31))],
  ['number of victims', ({ victims }) => victims.length],
  ['start of the oldest', ({ victims }) => -Math.min(...victims.filter((pod) => priority(pod) === Math.max(...victims.map(priority))).map(start))],
];

function best(candidates: Candidate[], hits: Hits): Candidate[] {
  let left = candidates;
  for (const [name, measure] of MEASURES) {
    const least = Math.min(...left.map(measure));
    const kept = left.filter((each) => measure(each) === least);
    if (kept.length < left.length) hits.add(`decided by ${name}`);
    left = kept;
  }
  return left;
}

// ---- both against each other ----

test(`preemption: ${CLUSTERS} clusters`, () => {
  const hits = new Hits();
  for (let i = 0; i < CLUSTERS; i++) {
    const seed = `preemption-${i}`;
    const dice = new Dice(seed);
    const world = randomWorld(dice);
    const { nodes, there, pod, budgets, claimed } = world;
    const { snapshot } = fakeSnapshot(nodes, there);
    const { decision } = decide({
      profile, pod: infoOf(pod), snapshot, lookups: { ...NO_LOOKUPS, disruptionBudgets: () => budgets }, startIndex: 0, percentageOfNodesToScore: 0,
      random: (bound) => dice.int(bound), nominatedTo: (name) => claimed.filter((each) => each.node === name).map((each) => infoOf(each.pod)),
    });
    if (nodes.some((node) => fits(world, node, there.filter((other) => other.spec!.nodeName === node.metadata.name)))) {
      expect(decision.type, seed).toBe('placed');
      hits.add('placed');
      continue;
    }
    if (decision.type === 'placed') throw new Error(`placed, though no node takes it: ${seed}`);
    if (pod.spec!.preemptionPolicy === 'Never') {
      expect([decision.victims, decision.message.split('preemption: ')[1]], seed).toEqual([[], 'not eligible due to preemptionPolicy=Never.']);
      hits.add('polite');
      continue;
    }
    const candidates = nodes.flatMap((node) => candidateOn(world, node) ?? []);
    if (candidates.length === 0) {
      expect([decision.victims, decision.nominatedNodeName], seed).toEqual([[], '']);
      hits.add('hopeless');
      continue;
    }
    hits.add('preempts');
    const choices = best(candidates, hits);
    const chosen = choices.find(({ node }) => node.metadata.name === decision.nominatedNodeName);
    expect(choices.map(({ node }) => node.metadata.name), seed).toContain(decision.nominatedNodeName);
    const names = (pods: readonly { name: string }[]): string[] => pods.map(({ name }) => name).toSorted();
    expect(names(decision.victims), seed).toEqual(names(chosen!.victims.map(({ metadata }) => ({ name: metadata.name! }))));
    if (chosen!.victims.length > 1) hits.add('several victims');
    if (chosen!.violations > 0) hits.add('budgets broken');
  }
  expect(hits.rare({
    placed: 500, polite: 50, hopeless: 100, preempts: 800, 'several victims': 100, 'budgets broken': 100, 'decided by budgets broken': 100, 'decided by highest priority': 200, 'decided by sum of priorities': 40, 'decided by start of the oldest': 20,
  })).toEqual({});
});
