/**
 * Which kinds of pods lie on which nodes. Pods of one workload have equal labels and equal affinity terms, so a cluster with thousands of pods
 * has few distinct ones: affinity and spreading evaluate a selector once a kind instead of once a pod.
 */
import type { AffinityTerm, Labels, PodInfo } from './pod-info.ts';

/** How many of something lie on each node. */
export type NodeCounts = ReadonlyMap<string, number>;

/** Pods with equal namespace and labels, those being deleted apart from the others. */
export interface PodGroup {
  readonly namespace: string;
  readonly labels: Labels;
  readonly terminating: boolean;
  readonly nodes: NodeCounts;
}

export type TermKind = 'requiredAffinity' | 'requiredAntiAffinity' | 'preferredAffinity' | 'preferredAntiAffinity';
const TERM_KINDS: readonly TermKind[] = ['requiredAffinity', 'requiredAntiAffinity', 'preferredAffinity', 'preferredAntiAffinity'];

/** An affinity term that pods on some nodes carry. */
export interface PlacedTerm {
  readonly term: AffinityTerm;
  readonly nodes: NodeCounts;
}

interface Counted {
  nodes: Map<string, number>;
}

function count(entry: Counted, nodeName: string, by: 1 | -1): void {
  const now = (entry.nodes.get(nodeName) ?? 0) + by;
  if (now === 0) entry.nodes.delete(nodeName);
  else entry.nodes.set(nodeName, now);
}

function groupKey(pod: PodInfo): string {
  const names = Object.keys(pod.labels).toSorted();
  const labels = names.map((name) => `${name}=${pod.labels[name]}`).join(',');
  return `${pod.namespace}/${pod.pod.metadata.deletionTimestamp ? 'terminating' : ''}/${labels}`;
}

export class PodIndex {
  readonly #groups = new Map<string, PodGroup & Counted>();
  readonly #terms: Record<TermKind, Map<string, PlacedTerm & Counted>> = {
    requiredAffinity: new Map(), requiredAntiAffinity: new Map(), preferredAffinity: new Map(), preferredAntiAffinity: new Map(),
  };

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
      group = { namespace: pod.namespace, labels: pod.labels, terminating: pod.pod.metadata.deletionTimestamp !== undefined, nodes: new Map() };
      this.#groups.set(key, group);
    }
    count(group, nodeName, by);
    if (group.nodes.size === 0) this.#groups.delete(key);
    for (const kind of TERM_KINDS) {
      for (const term of pod[kind]) this.#changeTerm(kind, term, nodeName, by);
    }
  }

  #changeTerm(kind: TermKind, term: AffinityTerm, nodeName: string, by: 1 | -1): void {
    const terms = this.#terms[kind];
    let placed = terms.get(term.key);
    if (!placed) {
      placed = { term, nodes: new Map() };
      terms.set(term.key, placed);
    }
    count(placed, nodeName, by);
    if (placed.nodes.size === 0) terms.delete(term.key);
  }
}
