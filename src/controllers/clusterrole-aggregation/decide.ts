import { labelSelectorOf } from '../../api/meta/selectors.ts';
import type { ClusterRole, PolicyRule } from '../../api/rbac/v1/types.ts';

/**
 * The rules that an aggregated role must have: those of all roles that its selectors choose (itself left out), in the order of their
 * names, each rule once. Undefined when it is not aggregated or has them already.
 */
export function decideAggregation(snapshot: { role: ClusterRole | undefined; roles: readonly ClusterRole[] }): PolicyRule[] | undefined {
  const { role, roles } = snapshot;
  if (!role?.aggregationRule) return undefined;
  const matchers = (role.aggregationRule.clusterRoleSelectors ?? []).map(labelSelectorOf);
  const sources = roles
    .filter((other) => other.metadata.name !== role.metadata.name && matchers.some((matches) => matches(other.metadata.labels)))
    .sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
  const rules = new Map<string, PolicyRule>();
  for (const source of sources) for (const rule of source.rules ?? []) rules.set(identityOf(rule), rules.get(identityOf(rule)) ?? rule);
  const wanted = [...rules.values()];
  const same = wanted.length === (role.rules ?? []).length && wanted.every((rule, i) => identityOf(rule) === identityOf(role.rules![i]!));
  return same ? undefined : wanted;
}

function identityOf(rule: PolicyRule): string {
  return JSON.stringify([rule.verbs, rule.apiGroups ?? [], rule.resources ?? [], rule.resourceNames ?? [], rule.nonResourceURLs ?? []]);
}
