/**
 * Taints against tolerations and node selectors against nodes: what these terms mean, for everybody who asks.
 * A selector is compiled once, so that the check of each of thousands of nodes is a few comparisons.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/,
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
import { own } from '../../../base/own.ts';
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration } from './types.ts';

const MAX_INT64 = 2n ** 63n - 1n;

/** A 64-bit integer as the comparing operators read it; undefined for any other text. */
function integerOf(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value <= MAX_INT64 && value >= -MAX_INT64 - 1n ? value : undefined;
}

/** An integer in the one form that tolerations and taints take: no sign but `-`, no zeros in front. */
const decimalOf = (text: string | undefined): bigint | undefined => (text !== undefined && /^(?:0|-?[1-9][0-9]*)$/.test(text) ? integerOf(text) : undefined);

/** `left operator right`, where both are integers; false where one is none. */
function compares(operator: string, left: string | undefined, right: string | undefined): boolean {
  const a = decimalOf(left);
  const b = decimalOf(right);
  if (a === undefined || b === undefined) return false;
  return operator === 'Gt' ? a > b : a < b;
}

/**
 * Whether a toleration covers a taint. An empty effect covers all effects, an empty key all keys; without an operator it is `Equal`.
 * `Gt` and `Lt` hold when the taint's value is greater, or less, than the toleration's (KEP-5471; validation lets them in only with the gate).
 */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    case 'Gt':
    case 'Lt':
      return compares(toleration.operator!, taint.value, toleration.value);
    default:
      return false;
  }
}

/** Whether any of the tolerations covers the taint. */
export function toleratedBy(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  if (tolerations) for (const toleration of tolerations) if (tolerates(toleration, taint)) return true;
  return false;
}

/** The first taint of these effects that nothing tolerates. */
export function untoleratedTaint(taints: readonly Taint[] | undefined, tolerations: readonly Toleration[] | undefined, effects: readonly string[]): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !toleratedBy(tolerations, taint));
}

/** Checks a node by its name and labels. */
export type NodeMatcher = (name: string, labels: Readonly<Record<string, string>>) => boolean;

type ValueMatcher = (value: string | undefined) => boolean;

function valueMatcher(requirement: NodeSelectorRequirement): ValueMatcher {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In': {
      if (values.length === 1) return (value) => value === values[0];
      const set = new Set(values);
      return (value) => value !== undefined && set.has(value);
    }
    case 'NotIn': {
      const set = new Set(values);
      return (value) => value === undefined || !set.has(value);
    }
    case 'Exists':
      return (value) => value !== undefined;
    case 'DoesNotExist':
      return (value) => value === undefined;
    case 'Gt':
    case 'Lt':
      return (value) => compares(requirement.operator, value, values[0]);
    default:
      return () => false;
  }
}

/** The preference or requirement of one term alone: all that it asks must hold; a term that asks nothing matches no node. */
export function compileNodeTerm(term: NodeSelectorTerm): NodeMatcher {
  const byLabel = (term.matchExpressions ?? []).map((requirement) => ({ key: requirement.key, matches: valueMatcher(requirement) }));
  const byField = (term.matchFields ?? []).map((requirement) => ({ known: requirement.key === 'metadata.name', matches: valueMatcher(requirement) }));
  if (byLabel.length === 0 && byField.length === 0) return () => false;
  return (name, labels) => {
    for (const { key, matches } of byLabel) if (!matches(own(labels, key))) return false;
    for (const { known, matches } of byField) if (!known || !matches(name)) return false;
    return true;
  };
}

/** Terms are alternatives; the requirements within one must all hold. */
export function compileNodeSelector(selector: NodeSelector): NodeMatcher {
  const terms = selector.nodeSelectorTerms.map(compileNodeTerm);
  if (terms.length === 1) return terms[0]!;
  return (name, labels) => {
    for (const matches of terms) if (matches(name, labels)) return true;
    return false;
  };
}

/** The same for a single check. */
export function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  return compileNodeSelector(selector)(node.metadata.name ?? '', node.metadata.labels ?? {});
}

/** Whether a pod's nodeSelector and its required node affinity allow the node. */
export function matchesNodeAffinity(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (Object.entries(spec.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || matchesNodeSelector(required, node);
}

/**
 * The node names that a selector can match at all, when every term pins one by `metadata.name In […]`; undefined when some term does not.
 * A DaemonSet's pods are pinned so, and need not be tried on thousands of nodes.
 */
export function pinnedNodeNames(selector: NodeSelector): Set<string> | undefined {
  const names = new Set<string>();
  for (const term of selector.nodeSelectorTerms) {
    let pinned: Set<string> | undefined;
    for (const requirement of term.matchFields ?? []) {
      if (requirement.key !== 'metadata.name' || requirement.operator !== 'In') continue;
      const values = new Set(requirement.values ?? []);
      pinned = pinned ? new Set([...pinned].filter((name) => values.has(name))) : values;
    }
    if (!pinned) return undefined;
    for (const name of pinned) names.add(name);
  }
  return names;
}
