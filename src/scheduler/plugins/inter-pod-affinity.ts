/**
 * Pods near pods and pods apart from pods: required terms filter, preferred terms score, and terms of pods that are already there count for
 * the newcomer too. Works on kinds of pods and distinct terms (PodIndex), not on single pods.
 */
import { MAX_NODE_SCORE, refusal } from '../framework.ts';
import type { Cycle, Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { termMatches } from '../pod-info.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';
import type { NodeCounts } from '../pod-index.ts';

const NAME = 'InterPodAffinity';
/** What the required affinity of a pod that is there is worth to a newcomer that fulfils it. */
const HARD_AFFINITY_WEIGHT = 1;

export const AFFINITY_MISMATCH = refusal(NAME, 'unresolvable', "node(s) didn't match pod affinity rules");
export const ANTI_AFFINITY_MISMATCH = refusal(NAME, 'unschedulable', "node(s) didn't match pod anti-affinity rules");
export const EXISTING_ANTI_AFFINITY_MISMATCH = refusal(NAME, 'unschedulable', "node(s) didn't satisfy existing pods anti-affinity rules");

/** Counts by topology key and value. */
class Topologies {
  readonly counts = new Map<string, Map<string, number>>();

  add(key: string, value: string | undefined, by: number): void {
    if (value === undefined) return;
    let values = this.counts.get(key);
    if (!values) this.counts.set(key, (values = new Map()));
    const sum = (values.get(value) ?? 0) + by;
    if (sum === 0) values.delete(value);
    else values.set(value, sum);
    if (values.size === 0) this.counts.delete(key);
  }

  addNodes(cycle: Cycle, key: string, nodes: NodeCounts, weight = 1): void {
    for (const [name, count] of nodes) this.add(key, cycle.snapshot.get(name)?.labels[key], count * weight);
  }

  at(key: string, value: string): number {
    return this.counts.get(key)?.get(value) ?? 0;
  }

  get isEmpty(): boolean {
    return this.counts.size === 0;
  }

  copy(): Topologies {
    const copy = new Topologies();
    for (const [key, values] of this.counts) copy.counts.set(key, new Map(values));
    return copy;
  }
}

interface State {
  /** Pods that fulfil all of the newcomer's affinity terms. */
  affinity: Topologies;
  /** Pods that one of its anti-affinity terms speaks of. */
  antiAffinity: Topologies;
  /** Pods whose own anti-affinity speaks of the newcomer. */
  existing: Topologies;
}

const matches = (cycle: Cycle, term: AffinityTerm, pod: { namespace: string; labels: PodInfo['labels'] }): boolean =>
  termMatches(term, pod.namespace, pod.labels, cycle.lookups.namespaceLabels);

const matchesAll = (cycle: Cycle, terms: readonly AffinityTerm[], pod: { namespace: string; labels: PodInfo['labels'] }): boolean =>
  terms.length > 0 && terms.every((term) => matches(cycle, term, pod));

function prepare(cycle: Cycle): State {
  const { pod, snapshot } = cycle;
  const state: State = { affinity: new Topologies(), antiAffinity: new Topologies(), existing: new Topologies() };
  for (const { term, nodes } of snapshot.index.terms('requiredAntiAffinity')) {
    if (matches(cycle, term, pod)) state.existing.addNodes(cycle, term.topologyKey, nodes);
  }
  if (pod.requiredAffinity.length === 0 && pod.requiredAntiAffinity.length === 0) return state;
  for (const group of snapshot.index.groups()) {
    if (matchesAll(cycle, pod.requiredAffinity, group)) for (const term of pod.requiredAffinity) state.affinity.addNodes(cycle, term.topologyKey, group.nodes);
    for (const term of pod.requiredAntiAffinity) if (matches(cycle, term, group)) state.antiAffinity.addNodes(cycle, term.topologyKey, group.nodes);
  }
  return state;
}

function shift(cycle: Cycle, other: PodInfo, node: NodeInfo, by: 1 | -1): void {
  const state = cycle.state.get(NAME) as State | undefined;
  if (!state) return;
  const { pod } = cycle;
  for (const term of other.requiredAntiAffinity) if (matches(cycle, term, pod)) state.existing.add(term.topologyKey, node.labels[term.topologyKey], by);
  if (matchesAll(cycle, pod.requiredAffinity, other)) for (const term of pod.requiredAffinity) state.affinity.add(term.topologyKey, node.labels[term.topologyKey], by);
  for (const term of pod.requiredAntiAffinity) if (matches(cycle, term, other)) state.antiAffinity.add(term.topologyKey, node.labels[term.topologyKey], by);
}

function affinityHolds(cycle: Cycle, state: State, node: NodeInfo): boolean {
  const terms = cycle.pod.requiredAffinity;
  let found = true;
  for (const term of terms) {
    const value = node.labels[term.topologyKey];
    if (value === undefined) return false;
    if (state.affinity.at(term.topologyKey, value) <= 0) found = false;
  }
  // The first pod of a group that wants to be together has nobody to join, and may go anywhere.
  return found || (state.affinity.isEmpty && matchesAll(cycle, terms, cycle.pod));
}

function apartFrom(topologies: Topologies, node: NodeInfo): boolean {
  for (const [key, values] of topologies.counts) {
    const value = node.labels[key];
    if (value !== undefined && (values.get(value) ?? 0) > 0) return false;
  }
  return true;
}

function prepareScores(cycle: Cycle): Topologies {
  const { pod, snapshot } = cycle;
  const scores = new Topologies();
  if (pod.preferredAffinity.length > 0 || pod.preferredAntiAffinity.length > 0) {
    for (const group of snapshot.index.groups()) {
      for (const term of pod.preferredAffinity) if (matches(cycle, term, group)) scores.addNodes(cycle, term.topologyKey, group.nodes, term.weight);
      for (const term of pod.preferredAntiAffinity) if (matches(cycle, term, group)) scores.addNodes(cycle, term.topologyKey, group.nodes, -term.weight);
    }
  }
  const count = (kind: 'requiredAffinity' | 'preferredAffinity' | 'preferredAntiAffinity', weightOf: (term: AffinityTerm) => number): void => {
    for (const { term, nodes } of snapshot.index.terms(kind)) if (matches(cycle, term, pod)) scores.addNodes(cycle, term.topologyKey, nodes, weightOf(term));
  };
  count('requiredAffinity', () => HARD_AFFINITY_WEIGHT);
  count('preferredAffinity', (term) => term.weight);
  count('preferredAntiAffinity', (term) => -term.weight);
  return scores;
}

const SCORES = `${NAME}/scores`;

export const interPodAffinity: Plugin = {
  name: NAME,
  preFilter(cycle) {
    const state = prepare(cycle);
    const { pod } = cycle;
    if (state.existing.isEmpty && pod.requiredAffinity.length === 0 && pod.requiredAntiAffinity.length === 0) return { skip: true };
    cycle.state.set(NAME, state);
    return undefined;
  },
  filter(cycle, node) {
    const state = cycle.state.get(NAME) as State;
    if (!affinityHolds(cycle, state, node)) return AFFINITY_MISMATCH;
    if (!apartFrom(state.antiAffinity, node)) return ANTI_AFFINITY_MISMATCH;
    return apartFrom(state.existing, node) ? undefined : EXISTING_ANTI_AFFINITY_MISMATCH;
  },
  addPod: (cycle, pod, node) => shift(cycle, pod, node, 1),
  removePod: (cycle, pod, node) => shift(cycle, pod, node, -1),
  copyState(state): State {
    const { affinity, antiAffinity, existing } = state as State;
    return { affinity: affinity.copy(), antiAffinity: antiAffinity.copy(), existing: existing.copy() };
  },
  preScore(cycle) {
    const scores = prepareScores(cycle);
    if (scores.isEmpty) return false;
    cycle.state.set(SCORES, scores);
    return true;
  },
  score(cycle, node) {
    let sum = 0;
    for (const [key, values] of (cycle.state.get(SCORES) as Topologies).counts) {
      const value = node.labels[key];
      if (value !== undefined) sum += values.get(value) ?? 0;
    }
    return sum;
  },
  normalize(_cycle, scores) {
    let [min, max] = [Infinity, -Infinity];
    for (const score of scores) {
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
    for (let i = 0; i < scores.length; i++) scores[i] = max === min ? 0 : Math.trunc((MAX_NODE_SCORE * (scores[i]! - min)) / (max - min));
  },
  events: () => [
    { resource: 'AssignedPod', actions: ['add', 'delete', 'updateLabels'] },
    { resource: 'PendingPod', actions: ['updateLabels'], hint: (pod, event) => event.pod?.uid === pod.uid },
    { resource: 'Node', actions: ['add', 'updateLabels'] },
    { resource: 'Namespace', actions: ['add', 'update'] },
  ],
};
