/** Whether a pod may lie on a node, as far as node selectors and taints say: what the scheduler will say too. */
import type { Node, NodeSelector, NodeSelectorRequirement, Pod, Taint, Toleration } from '../../api/core/v1/types.ts';

/** Whether a toleration covers a taint. An empty effect or key covers all. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  // An empty key is allowed only with Exists.
  return (toleration.operator ?? 'Equal') === 'Equal' && Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '');
}

/** The first taint of these effects that nothing tolerates. */
export function untoleratedTaint(taints: readonly Taint[] | undefined, tolerations: readonly Toleration[] | undefined, effects: readonly string[]): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !tolerations?.some((toleration) => tolerates(toleration, taint)));
}

const integerOf = (text: string | undefined): number => (text !== undefined && /^[+-]?[0-9]+$/.test(text) ? Number(text) : NaN);

function holds(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In': return value !== undefined && values.includes(value);
    case 'NotIn': return value === undefined || !values.includes(value);
    case 'Exists': return value !== undefined;
    case 'DoesNotExist': return value === undefined;
    case 'Gt': return integerOf(value) > integerOf(values[0]);
    case 'Lt': return integerOf(value) < integerOf(values[0]);
    default: return false;
  }
}

/** Terms are alternatives, requirements within one must all hold; a term without any matches nothing. */
export function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms.some((term) => {
    const { matchExpressions = [], matchFields = [] } = term;
    if (matchExpressions.length + matchFields.length === 0) return false;
    return matchExpressions.every((requirement) => holds(requirement, node.metadata.labels?.[requirement.key]))
      && matchFields.every((requirement) => requirement.key === 'metadata.name' && holds(requirement, node.metadata.name));
  });
}

/** nodeSelector and required node affinity. */
export function matchesNodeAffinity(spec: NonNullable<Pod['spec']>, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (Object.entries(spec.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || matchesNodeSelector(required, node);
}
