/** Taints against tolerations and node selectors against nodes, compiled once a pod so that a check of a node is a few comparisons. */
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Taint, Toleration } from '../api/core/v1/types.ts';
import type { Labels } from './pod-info.ts';

/** An integer without sign games, as the Gt, Lt comparisons of the API read them. */
function integerOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?[0-9]+$/.test(text) ? Number(text) : undefined;
}

/** Whether a toleration covers a taint. An empty effect or key covers all. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? 'Equal') {
    case '':
    case 'Equal':
      // An empty key is allowed only with Exists.
      return Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}

export const toleratedBy = (tolerations: readonly Toleration[] | undefined, taint: Taint): boolean =>
  tolerations?.some((toleration) => tolerates(toleration, taint)) ?? false;

/** Checks a node by its name and labels. */
export type NodeMatcher = (name: string, labels: Labels) => boolean;

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
    case 'Lt': {
      const limit = integerOf(values[0]);
      const greater = requirement.operator === 'Gt';
      return (value) => {
        const number = integerOf(value);
        if (limit === undefined || number === undefined) return false;
        return greater ? number > limit : number < limit;
      };
    }
    default:
      return () => false;
  }
}

function termMatcher(term: NodeSelectorTerm): NodeMatcher {
  const byLabel = (term.matchExpressions ?? []).map((requirement) => ({ key: requirement.key, matches: valueMatcher(requirement) }));
  const byField = (term.matchFields ?? []).map((requirement) => ({ known: requirement.key === 'metadata.name', matches: valueMatcher(requirement) }));
  // A term without any requirement matches no node.
  if (byLabel.length === 0 && byField.length === 0) return () => false;
  return (name, labels) => {
    for (const { key, matches } of byLabel) if (!matches(labels[key])) return false;
    for (const { known, matches } of byField) if (!known || !matches(name)) return false;
    return true;
  };
}

/** The preference or requirement of one term alone. */
export function compileNodeTerm(term: NodeSelectorTerm): NodeMatcher {
  return termMatcher(term);
}

/** Terms are alternatives; the requirements within one must all hold. */
export function compileNodeSelector(selector: NodeSelector): NodeMatcher {
  const terms = selector.nodeSelectorTerms.map(termMatcher);
  if (terms.length === 1) return terms[0]!;
  return (name, labels) => {
    for (const matches of terms) if (matches(name, labels)) return true;
    return false;
  };
}

/**
 * The node names that a selector can match at all, when every term pins one by `metadata.name In […]`; undefined when some term does not.
 * A DaemonSet's pods are pinned so, and are then not tried on thousands of nodes.
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
