/**
 * Which kinds of pods lie on which nodes. Pods of one workload have equal labels and equal affinity terms, so a cluster with thousands of pods
 * has few distinct ones: affinity and spreading evaluate a selector once a kind instead of once a pod.
 */
import type { AffinityTerm, Labels, PodInfo } from './pod-info.ts';

/** How many of something lie on each node. */
export type NodeCounts = ReadonlyMap<string, number>;

/** Nodes that count for a question: one object for as long as the same nodes do. */
export type NodeSet = ReadonlySet<string>;

/** Things on nodes, countable by any label of those nodes. */
export interface Counts {
  readonly nodes: NodeCounts;
  /** How many lie on nodes of each value of the label, over all nodes or those of the set. Kept up to date from the first question on. */
  by(topologyKey: string, within?: NodeSet): ReadonlyMap<string, number>;
}

/** Pods with equal namespace and labels, those being deleted apart from the others. */
export interface PodGroup extends Counts {
  readonly namespace: string;
  readonly labels: Labels;
  readonly terminating: boolean;
}

export type TermKind = 'requiredAffinity' | 'requiredAntiAffinity' | 'preferredAffinity' | 'preferredAntiAffinity';
const TERM_KINDS: readonly TermKind[] = ['requiredAffinity', 'requiredAntiAffinity', 'preferredAffinity', 'preferredAntiAffinity'];

/** An affinity term that pods on some nodes carry. */
export interface PlacedTerm extends Counts {
  readonly term: AffinityTerm;
}

/** Labels of nodes, and a number that changes whenever any of them does. */
export interface NodeLabels {
  layout: number;
  of(nodeName: string): Labels | undefined;
}

interface View {
  readonly topologyKey: string;
  readonly within: NodeSet | undefined;
  readonly counts: Map<string, number>;
}

/** Views kept at most a group: questions of ever new shapes must not slow down what changes. */
const VIEWS_LIMIT = 8;

function change(counts: Map<string, number>, key: string, by: number): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}

class Counted implements Counts {
  readonly nodes = new Map<string, number>();
  readonly #labels: NodeLabels;
  #views: View[] = [];
  #layout = -1;

  constructor(labels: NodeLabels) {
    this.#labels = labels;
  }

  count(nodeName: string, by: 1 | -1): void {
    change(this.nodes, nodeName, by);
    if (this.#views.length === 0) return;
    if (this.#layout !== this.#labels.layout) {
      this.#views = [];
      return;
    }
    const labels = this.#labels.of(nodeName);
    for (const view of this.#views) {
      const value = labels?.[view.topologyKey];
      if (value !== undefined && (view.within?.has(nodeName) ?? true)) change(view.counts, value, by);
    }
  }

  by(topologyKey: string, within?: NodeSet): ReadonlyMap<string, number> {
    if (this.#layout !== this.#labels.layout) {
      this.#views = [];
      this.#layout = this.#labels.layout;
    }
    for (const view of this.#views) if (view.topologyKey === topologyKey && view.within === within) return view.counts;
    const counts = new Map<string, number>();
    for (const [name, count] of this.nodes) {
      const value = this.#labels.of(name)?.[topologyKey];
      if (value !== undefined && (within?.has(name) ?? true)) change(counts, value, count);
    }
    if (this.#views.length >= VIEWS_LIMIT) this.#views.shift();
    this.#views.push({ topologyKey, within, counts });
    return counts;
  }
}

class Group extends Counted implements PodGroup {
  readonly namespace: string;
  readonly labels: Labels;
  readonly terminating: boolean;

  constructor(pod: PodInfo, nodeLabels: NodeLabels) {
    super(nodeLabels);
    this.namespace = pod.namespace;
    this.labels = pod.labels;
    this.terminating = pod.pod.metadata.deletionTimestamp !== undefined;
  }
}

class Term extends Counted implements PlacedTerm {
  readonly term: AffinityTerm;

  constructor(term: AffinityTerm, nodeLabels: NodeLabels) {
    super(nodeLabels);
    this.term = term;
  }
}

const NO_NODE_LABELS: NodeLabels = { layout: 0, of: () => undefined };

function groupKey(pod: PodInfo): string {
  const names = Object.keys(pod.labels).toSorted();
  const labels = names.map((name) => `${name}=${pod.labels[name]}`).join(',');
  return `${pod.namespace}/${pod.pod.metadata.deletionTimestamp ? 'terminating' : ''}/${labels}`;
}

export class PodIndex {
  readonly #nodeLabels: NodeLabels;
  readonly #groups = new Map<string, Group>();
  readonly #terms: Record<TermKind, Map<string, Term>> = {
    requiredAffinity: new Map(), requiredAntiAffinity: new Map(), preferredAffinity: new Map(), preferredAntiAffinity: new Map(),
  };

  constructor(nodeLabels: NodeLabels = NO_NODE_LABELS) {
    this.#nodeLabels = nodeLabels;
  }

  groups(): Iterable<PodGroup> {
    return this.#groups.values();
  }

  terms(kind: TermKind): Iterable<PlacedTerm> {
    return this.#terms[kind].values();
  }

  hasTerms(kind: TermKind): boolean {
    return this.#terms[kind].size > 0;
  }

  add(pod: PodInfo, nodeName: string): void {
    this.#change(pod, nodeName, 1);
  }

  remove(pod: PodInfo, nodeName: string): void {
    this.#change(pod, nodeName, -1);
  }

  #change(pod: PodInfo, nodeName: string, by: 1 | -1): void {
    const key = groupKey(pod);
    let group = this.#groups.get(key);
    if (!group) {
      group = new Group(pod, this.#nodeLabels);
      this.#groups.set(key, group);
    }
    group.count(nodeName, by);
    if (group.nodes.size === 0) this.#groups.delete(key);
    for (const kind of TERM_KINDS) {
      for (const term of pod[kind]) this.#changeTerm(kind, term, nodeName, by);
    }
  }

  #changeTerm(kind: TermKind, term: AffinityTerm, nodeName: string, by: 1 | -1): void {
    const terms = this.#terms[kind];
    let placed = terms.get(term.key);
    if (!placed) {
      placed = new Term(term, this.#nodeLabels);
      terms.set(term.key, placed);
    }
    placed.count(nodeName, by);
    if (placed.nodes.size === 0) terms.delete(term.key);
  }
}
