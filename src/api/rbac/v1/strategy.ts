/** Strategies of the group rbac.authorization.k8s.io. */
import { pathName } from '../../meta/names.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from './types.ts';
import { validateBinding, validateBindingUpdate, validateClusterRole, validateRules } from './validation.ts';

/** Kind to strategy. */
export function rbacStrategies(): Record<string, Strategy<never>> {
  const common = { name: pathName, createOnUpdate: true };
  return {
    Role: makeStrategy<Role>({ ...common, namespaced: true, validate: (role) => validateRules(role.rules, true) }),
    ClusterRole: makeStrategy<ClusterRole>({ ...common, namespaced: false, validate: validateClusterRole }),
    RoleBinding: makeStrategy<RoleBinding>({ ...common, namespaced: true, validate: (binding) => validateBinding(binding, ['Role', 'ClusterRole']), validateUpdate: validateBindingUpdate }),
    ClusterRoleBinding: makeStrategy<ClusterRoleBinding>({ ...common, namespaced: false, validate: (binding) => validateBinding(binding, ['ClusterRole']), validateUpdate: validateBindingUpdate }),
  };
}
