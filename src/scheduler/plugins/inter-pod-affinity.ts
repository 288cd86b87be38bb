/**
 * Pods near pods and pods apart from pods: required terms filter, preferred terms score, and terms of pods that are already there count for
 * the newcomer too. Works on kinds of pods and distinct terms (PodIndex), not on single pods.
 */
import type { ClusterEvent } from '../events.ts';
import { MAX_NODE_SCORE, refusal } from '../framework.ts';
import type { Cycle, Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { termMatches } from '../pod-info.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';
import { Tally } from '../tally.ts';

const NAME = 'InterPodAffinity';
/** What the required affinity of a pod that is there is worth to a newcomer that fulfils it. */
const HARD_AFFINITY_WEIGHT = 1;

export const AFFINITY_MISMATCH = refusal(NAME, 'unresolvable', "node(s) didn't match pod affinity rules");
export const ANTI_AFFINITY_MISMATCH = refusal(NAME, 'unschedulable', "node(s) didn't match pod anti-affinity rules");
export const EXISTING_ANTI_AFFINITY_MISMATCH = refusal(NAME, 'unschedulable', "node(s) didn't satisfy existing pods anti-affinity rules");

/** One tally a topology key. */
class Tallies {
  readonly all: Tally[] = [];

  of(key: string): Tally {
    for (const tally of this.all) if (tally.key === key) return tally;
    const tally = new Tally(key);
    this.all.push(tally);
    return tally;
  }

  copy(): Tallies {
    const copy = new Tallies();
    for (const tally of this.all) copy.all.push(tally.copy());
    return copy;
  }
}

interface State {
  /** One a required affinity term, in the pod's order: pods that fulfil all of the newcomer's affinity terms. */
  affinity: readonly Tally[];
  /** Pods that one of its anti-affinity terms speaks of. */
  antiAffinity: readonly Tally[];
  /** Pods whose own anti-affinity speaks of the newcomer. */
  existing: Tallies;
  /** Worked out when first asked for: nobody fulfils the affinity anywhere. */
  alone: boolean | undefined;
}

const matches = (cycle: Cycle, term: AffinityTerm, pod: { namespace: string; labels: PodInfo['labels'] }): boolean =>
  termMatches(term, pod.namespace, pod.labels, cycle.lookups.namespaceLabels);

const matchesAll = (cycle: Cycle, terms: readonly AffinityTerm[], pod: { namespace: string; labels: PodInfo['labels'] }): boolean =>
  terms.length > 0 && terms.every((term) => matches(cycle, term, pod));

const tallyOf = (term: AffinityTerm): Tally => new Tally(term.topologyKey);

function prepare(cycle: Cycle): State {
  const { pod, snapshot } = cycle;
  const state: State = { affinity: pod.requiredAffinity.map(tallyOf), antiAffinity: pod.requiredAntiAffinity.map(tallyOf), existing: new Tallies(), alone: undefined };
  for (const placed of snapshot.index.terms('requiredAntiAffinity')) {
    const { term } = placed;
    if (matches(cycle, term, pod)) state.existing.of(term.topologyKey).include(placed.by(term.topologyKey));
  }
  if (state.affinity.length === 0 && state.antiAffinity.length === 0) return state;
  for (const group of snapshot.index.groups()) {
    if (matchesAll(cycle, pod.requiredAffinity, group)) for (const tally of state.affinity) tally.include(group.by(tally.key));
    for (const [i, term] of pod.requiredAntiAffinity.entries()) if (matches(cycle, term, group)) state.antiAffinity[i]!.include(group.by(term.topologyKey));
  }
  return state;
}

function shift(cycle: Cycle, other: PodInfo, node: NodeInfo, by: 1 | -1): void {
  const state = cycle.state.get(NAME) as State | undefined;
  if (!state) return;
  const { pod } = cycle;
  const change = (tally: Tally): void => {
    const value = node.labels[tally.key];
    if (value !== undefined) tally.change(value, by);
  };
  for (const term of other.requiredAntiAffinity) if (matches(cycle, term, pod)) change(state.existing.of(term.topologyKey));
  if (matchesAll(cycle, pod.requiredAffinity, other)) for (const tally of state.affinity) change(tally);
  for (const [i, term] of pod.requiredAntiAffinity.entries()) if (matches(cycle, term, other)) change(state.antiAffinity[i]!);
  state.alone = undefined;
}

function affinityHolds(cycle: Cycle, state: State, node: NodeInfo): boolean {
  let found = true;
  for (const tally of state.affinity) {
    const value = node.labels[tally.key];
    if (value === undefined) return false;
    if (tally.at(value) <= 0) found = false;
  }
  if (found) return true;
  // The first pod of a group that wants to be together has nobody to join, and may go anywhere.
  state.alone ??= state.affinity.every((tally) => tally.isEmpty) && matchesAll(cycle, cycle.pod.requiredAffinity, cycle.pod);
  return state.alone;
}

function apartFrom(tallies: readonly Tally[], node: NodeInfo): boolean {
  for (const tally of tallies) {
    const value = node.labels[tally.key];
    if (value !== undefined && tally.at(value) > 0) return false;
  }
  return true;
}

function prepareScores(cycle: Cycle, hardWeight: number, ignoreExisting: boolean): readonly Tally[] {
  const { pod, snapshot } = cycle;
  const scores = new Tallies();
  const prefers = pod.preferredAffinity.length > 0 || pod.preferredAntiAffinity.length > 0;
  // What those that are there prefer is left out, but for newcomers that have wishes of their own.
  if (ignoreExisting && !prefers) return [];
  if (prefers) {
    for (const group of snapshot.index.groups()) {
      for (const term of pod.preferredAffinity) if (matches(cycle, term, group)) scores.of(term.topologyKey).include(group.by(term.topologyKey), term.weight);
      for (const term of pod.preferredAntiAffinity) if (matches(cycle, term, group)) scores.of(term.topologyKey).include(group.by(term.topologyKey), -term.weight);
    }
  }
  const count = (kind: 'requiredAffinity' | 'preferredAffinity' | 'preferredAntiAffinity', weightOf: (term: AffinityTerm) => number): void => {
    for (const placed of snapshot.index.terms(kind)) {
      const { term } = placed;
      if (matches(cycle, term, pod)) scores.of(term.topologyKey).include(placed.by(term.topologyKey), weightOf(term));
    }
  };
  if (hardWeight > 0) count('requiredAffinity', () => hardWeight);
  count('preferredAffinity', (term) => term.weight);
  count('preferredAntiAffinity', (term) => -term.weight);
  return scores.all.filter((tally) => !tally.isEmpty);
}

/** As `termMatches`, for those who do not know the labels of namespaces: a selector of them may match any. */
const mayMatch = (term: AffinityTerm, pod: Pick<PodInfo, 'namespace' | 'labels'>): boolean => (term.namespaceMatches !== undefined || term.namespaces.has(pod.namespace)) && term.podMatches(pod.labels);

const mayMatchAll = (terms: readonly AffinityTerm[], pod: PodInfo): boolean => terms.length > 0 && terms.every((term) => mayMatch(term, pod));

/** Whether a pod on a node that came, changed its labels or went may let the waiting pod in. */
export function neighbourMatters(pod: PodInfo, { pod: other, actions }: ClusterEvent): boolean {
  if (!other) return true;
  if (!actions.includes('delete')) {
    // A pod that comes can only be one to join; one that changes may also have been, or have had, one to keep away from.
    return mayMatchAll(pod.requiredAffinity, other) || (!actions.includes('add') && (pod.requiredAntiAffinity.length > 0 || other.requiredAntiAffinity.length > 0));
  }
  if (pod.requiredAntiAffinity.some((term) => mayMatch(term, other)) || other.requiredAntiAffinity.some((term) => mayMatch(term, pod))) return true;
  // With the last of its kind gone a pod may be the first.
  return mayMatchAll(pod.requiredAffinity, other) && mayMatchAll(pod.requiredAffinity, pod);
}

const SCORES = `${NAME}/scores`;

export interface InterPodAffinityArgs {
  hardPodAffinityWeight?: number;
  /** Leave out what pods that are there would prefer, for pods that prefer nothing themselves. */
  ignorePreferredTermsOfExistingPods?: boolean;
}

export function createInterPodAffinity(args: InterPodAffinityArgs = {}): Plugin {
  const hardWeight = args.hardPodAffinityWeight ?? HARD_AFFINITY_WEIGHT;
  const ignoreExisting = args.ignorePreferredTermsOfExistingPods ?? false;
  return {
    name: NAME,
    preFilter(cycle) {
      const state = prepare(cycle);
      const { pod } = cycle;
      if (state.existing.all.length === 0 && pod.requiredAffinity.length === 0 && pod.requiredAntiAffinity.length === 0) return { skip: true };
      cycle.state.set(NAME, state);
      return undefined;
    },
    filter(cycle, node) {
      const state = cycle.state.get(NAME) as State;
      if (!affinityHolds(cycle, state, node)) return AFFINITY_MISMATCH;
      if (!apartFrom(state.antiAffinity, node)) return ANTI_AFFINITY_MISMATCH;
      return apartFrom(state.existing.all, node) ? undefined : EXISTING_ANTI_AFFINITY_MISMATCH;
    },
    addPod: (cycle, pod, node) => shift(cycle, pod, node, 1),
    removePod: (cycle, pod, node) => shift(cycle, pod, node, -1),
    copyState(state): State {
      const { affinity, antiAffinity, existing } = state as State;
      const copies = (tallies: readonly Tally[]): Tally[] => tallies.map((tally) => tally.copy());
      return { affinity: copies(affinity), antiAffinity: copies(antiAffinity), existing: existing.copy(), alone: undefined };
    },
    preScore(cycle) {
      const scores = prepareScores(cycle, hardWeight, ignoreExisting);
      if (scores.length === 0) return false;
      cycle.state.set(SCORES, scores);
      return true;
    },
    score(cycle, node) {
      let sum = 0;
      for (const tally of cycle.state.get(SCORES) as readonly Tally[]) {
        const value = node.labels[tally.key];
        if (value !== undefined) sum += tally.at(value);
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
      { resource: 'AssignedPod', actions: ['add', 'delete', 'updateLabels'], hint: neighbourMatters },
      { resource: 'PendingPod', actions: ['updateLabels'], hint: (pod, event) => event.pod?.uid === pod.uid },
      { resource: 'Node', actions: ['add', 'updateLabels'] },
      { resource: 'Namespace', actions: ['add', 'update'] },
    ],
  };
}

export const interPodAffinity: Plugin = createInterPodAffinity();
