/**
 * Nobody hands out more than they hold: writes of roles and bindings are checked against the writer's own rules, unless the writer has the
 * verb `escalate` (roles) or `bind` (bindings). Upstream has this check in the registry of these kinds; here it is a plug-in like the others.
 */
import { isDeepStrictEqual } from 'node:util';
import { forbidden, notFound } from '../../api/meta/status.ts';
import type { PolicyRule } from '../../api/rbac/v1/types.ts';
import { MASTERS } from '../authentication/identities.ts';
import { ruleText, uncovered } from '../authorization/rules.ts';
import type { RbacAuthorizer } from '../authorization/rbac.ts';
import type { AdmissionPlugin, AdmissionRequest, Authorizer, UserInfo } from '../types.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const everything: PolicyRule[] = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }];

interface RoleLike { rules?: PolicyRule[]; aggregationRule?: unknown; metadata?: { name?: string } }
interface BindingLike { roleRef?: { kind?: string; name?: string }; subjects?: unknown[]; metadata?: { name?: string } }

function refusalText(user: UserInfo, missing: readonly PolicyRule[]): string {
  const groups = `(groups=[${user.groups.map((g) => JSON.stringify(g)).join(' ')}])`;
  return `user ${JSON.stringify(user.name)} ${groups} is attempting to grant RBAC permissions not currently held:\n${compact(missing).map(ruleText).toSorted().join('\n')}`;
}

/** Puts parts that differ only in the verb back together, for a message that can be read. */
function compact(parts: readonly PolicyRule[]): PolicyRule[] {
  const byTarget = new Map<string, PolicyRule>();
  for (const part of parts) {
    const key = JSON.stringify([part.apiGroups, part.resources, part.resourceNames, part.nonResourceURLs]);
    const known = byTarget.get(key);
    if (!known) byTarget.set(key, { ...part, verbs: [...part.verbs] });
    else if (!known.verbs.includes(part.verbs[0]!)) known.verbs.push(part.verbs[0]!);
  }
  return [...byTarget.values()];
}

async function may(authorizer: Authorizer, request: AdmissionRequest, verb: string, resource: string, name: string): Promise<boolean> {
  const { decision } = await authorizer.authorize({
    user: request.user,
    info: { isResourceRequest: true, path: '', verb, apiGroup: rbacGroup, apiVersion: 'v1', namespace: request.namespace, resource, subresource: '', name, parts: [] },
  });
  return decision === 'allow';
}

async function checkRole(request: AdmissionRequest, authorizer: Authorizer, rbac: RbacAuthorizer): Promise<void> {
  const role = request.object as RoleLike;
  const old = request.oldObject as RoleLike | undefined;
  if (old && isDeepStrictEqual(role.rules ?? [], old.rules ?? []) && isDeepStrictEqual(role.aggregationRule, old.aggregationRule)) return;
  const name = role.metadata?.name ?? request.name;
  if (await may(authorizer, request, 'escalate', request.resource.plural, name)) return;
  const owned = rbac.policyRulesFor(request.user, request.namespace);
  const about = { group: rbacGroup, plural: request.resource.plural };
  const missing = uncovered(owned, role.rules ?? []);
  if (missing.length > 0) throw forbidden(about, name, refusalText(request.user, missing));
  if (role.aggregationRule !== undefined && !isDeepStrictEqual(role.aggregationRule, old?.aggregationRule) && uncovered(owned, everything).length > 0) {
    throw forbidden(about, name, 'must have cluster-admin privileges to use the aggregationRule');
  }
}

async function checkBinding(request: AdmissionRequest, authorizer: Authorizer, rbac: RbacAuthorizer): Promise<void> {
  const binding = request.object as BindingLike;
  const old = request.oldObject as BindingLike | undefined;
  if (old && isDeepStrictEqual(binding.subjects ?? [], old.subjects ?? []) && isDeepStrictEqual(binding.roleRef, old.roleRef)) return;
  const { kind = '', name: roleName = '' } = binding.roleRef ?? {};
  const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (await may(authorizer, request, 'bind', plural, roleName)) return;
  const wanted = rbac.rulesOfRole(kind, request.namespace, roleName);
  if (!wanted) throw notFound({ group: rbacGroup, plural }, roleName);
  const missing = uncovered(rbac.policyRulesFor(request.user, request.namespace), wanted);
  if (missing.length > 0) throw forbidden({ group: rbacGroup, plural: request.resource.plural }, binding.metadata?.name ?? request.name, refusalText(request.user, missing));
}

export function rbacEscalation(authorizer: Authorizer, rbac: RbacAuthorizer): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    handles: ({ operation, resource, subresource, user }) => resource.group === rbacGroup && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE') && !user.groups.includes(MASTERS),
    validate: (request) => (request.resource.plural.endsWith('bindings') ? checkBinding(request, authorizer, rbac) : checkRole(request, authorizer, rbac)),
  };
}
