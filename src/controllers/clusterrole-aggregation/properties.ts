import { labelSelectorOf } from '../../api/meta/selectors.ts';
import type { ClusterRole, PolicyRule } from '../../api/rbac/v1/types.ts';
import { ClusterRoles } from '../../api/resources.ts';
import { nameOf, safety, type Properties, type World } from '../property.ts';
import { canonicalJson } from '../shared/index.ts';

const texts = (rules: readonly PolicyRule[] | undefined): Set<string> => new Set((rules ?? []).map(canonicalJson));

function sourcesOf(world: World, role: ClusterRole): Set<string> {
  const matchers = (role.aggregationRule?.clusterRoleSelectors ?? []).map(labelSelectorOf);
  return texts(world.list(ClusterRoles).filter((other) => other.metadata.name !== role.metadata.name && matchers.some((matches) => matches(other.metadata.labels))).flatMap((other) => other.rules ?? []));
}

export const properties: Properties = {
  safety: [
    safety<ClusterRole>({
      name: 'aggregation makes no rights', promise: 'no rule is added to an aggregated role that none of its sources has', of: ClusterRoles, alone: true,
      broken({ type, object, old }, world) {
        if (type !== 'updated' || !object.aggregationRule) return undefined;
        const [sources, before] = [sourcesOf(world, object), texts(old!.rules)];
        const made = [...texts(object.rules)].find((rule) => !sources.has(rule) && !before.has(rule));
        return made && `${nameOf(object)} has rule ${made}, which none of its sources has`;
      },
    }),
  ],
  liveness: [{
    name: 'aggregated roles are whole', promise: 'an aggregated role has exactly the rules of the roles that it selects',
    *missing(world) {
      for (const role of world.list(ClusterRoles)) {
        if (!role.aggregationRule) continue;
        const [wanted, actual] = [sourcesOf(world, role), texts(role.rules)];
        if (wanted.size !== actual.size || [...wanted].some((rule) => !actual.has(rule))) yield `${nameOf(role)} has ${actual.size} rules, and its sources have ${wanted.size}`;
      }
    },
  }],
};
