/**
 * Role-based access control. Bindings are indexed by subject, so that a request looks only at what its user and groups are bound to,
 * however many roles a cluster has.
 */
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../api/rbac/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '../../api/resources.ts';
import { keyOf } from '../../api/meta/objects.ts';
import type { InformerFactory, Lister } from '../../client/types.ts';
import { serviceAccountUser } from '../authentication/identities.ts';
import type { Attributes, Authorizer, Decision, NonResourceRule, ResourceRule, UserInfo } from '../types.ts';
import { allows, compileRules, type CompiledRules } from './rules.ts';

const userKey = (name: string): string => `u:${name}`;
const groupKey = (name: string): string => `g:${name}`;

function subjectKey(subject: Subject, bindingNamespace: string): string | undefined {
  switch (subject.kind) {
    case 'User': return userKey(subject.name);
    case 'Group': return groupKey(subject.name);
    case 'ServiceAccount': return userKey(serviceAccountUser(subject.namespace || bindingNamespace, subject.name));
    default: return undefined;
  }
}

type Binding = ClusterRoleBinding | RoleBinding;

/** Bindings of one scope (the cluster, or one namespace) by subject. */
class BindingIndex {
  readonly #bySubject = new Map<string, Map<string, Binding>>();

  put(binding: Binding): void {
    const namespace = binding.metadata.namespace ?? '';
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, namespace);
      if (key === undefined) continue;
      let bindings = this.#bySubject.get(key);
      if (!bindings) this.#bySubject.set(key, (bindings = new Map()));
      bindings.set(keyOf(binding), binding);
    }
  }

  remove(binding: Binding): void {
    const namespace = binding.metadata.namespace ?? '';
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, namespace);
      const bindings = key === undefined ? undefined : this.#bySubject.get(key);
      bindings?.delete(keyOf(binding));
      if (bindings?.size === 0) this.#bySubject.delete(key!);
    }
  }

  *of(user: UserInfo): Generator<Binding> {
    yield* this.#bySubject.get(userKey(user.name))?.values() ?? [];
    for (const group of user.groups) yield* this.#bySubject.get(groupKey(group))?.values() ?? [];
  }
}

/** The roles and bindings of the cluster, kept current by informers. */
export class RbacAuthorizer implements Authorizer {
  readonly name = 'RBAC';
  readonly #clusterBindings = new BindingIndex();
  readonly #namespaceBindings = new Map<string, BindingIndex>();
  readonly #roles: Lister<Role>;
  readonly #clusterRoles: Lister<ClusterRole>;
  /** Compiled rules live as long as the role object in the cache. */
  readonly #compiled = new WeakMap<object, CompiledRules>();

  constructor(informers: InformerFactory) {
    this.#roles = informers.of(Roles).lister;
    this.#clusterRoles = informers.of(ClusterRoles).lister;
    informers.of(ClusterRoleBindings).onEvent((event) => {
      if (event.type === 'updated') this.#clusterBindings.remove(event.old);
      if (event.type === 'deleted') this.#clusterBindings.remove(event.object);
      else this.#clusterBindings.put(event.object);
    });
    informers.of(RoleBindings).onEvent((event) => {
      const index = this.#indexOf(event.object.metadata.namespace ?? '');
      if (event.type === 'updated') index.remove(event.old);
      if (event.type === 'deleted') index.remove(event.object);
      else index.put(event.object);
    });
  }

  #indexOf(namespace: string): BindingIndex {
    let index = this.#namespaceBindings.get(namespace);
    if (!index) this.#namespaceBindings.set(namespace, (index = new BindingIndex()));
    return index;
  }

  #rulesOf(binding: Binding): CompiledRules | undefined {
    const { kind, name } = binding.roleRef;
    const role = kind === 'ClusterRole' ? this.#clusterRoles.get(undefined, name) : this.#roles.get(binding.metadata.namespace, name);
    if (!role) return undefined;
    let compiled = this.#compiled.get(role);
    if (!compiled) this.#compiled.set(role, (compiled = compileRules(role.rules ?? [])));
    return compiled;
  }

  *#bindingsOf(user: UserInfo, namespace: string): Generator<Binding> {
    yield* this.#clusterBindings.of(user);
    if (namespace !== '') yield* this.#namespaceBindings.get(namespace)?.of(user) ?? [];
  }

  authorize({ user, info }: Attributes): Decision {
    const missing: string[] = [];
    for (const binding of this.#bindingsOf(user, info.isResourceRequest ? info.namespace : '')) {
      const rules = this.#rulesOf(binding);
      if (!rules) missing.push(`${binding.roleRef.kind === 'ClusterRole' ? 'clusterrole' : 'role'}.rbac.authorization.k8s.io ${JSON.stringify(binding.roleRef.name)} not found`);
      else if (allows(rules, info)) return { decision: 'allow', reason: allowReason(binding, user) };
    }
    const unique = [...new Set(missing)];
    return { decision: 'no-opinion', reason: unique.length === 0 ? '' : `RBAC: ${unique.length === 1 ? unique[0]! : `[${unique.join(', ')}]`}` };
  }

  /** All rules that the user has in a namespace ('' : in the whole cluster). */
  policyRulesFor(user: UserInfo, namespace: string): PolicyRule[] {
    return [...this.#bindingsOf(user, namespace)].flatMap((binding) => this.#rulesOf(binding)?.rules ?? []);
  }

  rulesFor(user: UserInfo, namespace: string): { resourceRules: ResourceRule[]; nonResourceRules: NonResourceRule[]; incomplete: boolean } {
    const resourceRules: ResourceRule[] = [];
    const nonResourceRules: NonResourceRule[] = [];
    for (const rule of this.policyRulesFor(user, namespace)) {
      if (rule.resources?.length) {
        resourceRules.push({ verbs: [...rule.verbs], apiGroups: [...(rule.apiGroups ?? [])], resources: [...rule.resources], ...(rule.resourceNames?.length ? { resourceNames: [...rule.resourceNames] } : {}) });
      }
      if (rule.nonResourceURLs?.length) nonResourceRules.push({ verbs: [...rule.verbs], nonResourceURLs: [...rule.nonResourceURLs] });
    }
    return { resourceRules, nonResourceRules, incomplete: false };
  }

  /** The rules of a role as it stands; undefined when it does not exist. */
  rulesOfRole(kind: string, namespace: string, name: string): readonly PolicyRule[] | undefined {
    const role = kind === 'ClusterRole' ? this.#clusterRoles.get(undefined, name) : this.#roles.get(namespace, name);
    return role && (role.rules ?? []);
  }
}

/** The subject of the binding that means the user. */
function meantBy({ subjects = [], metadata }: Binding, user: UserInfo): string {
  const own = userKey(user.name);
  const subject = subjects.find((one) => (one.kind === 'Group' ? user.groups.includes(one.name) : subjectKey(one, metadata.namespace ?? '') === own));
  if (subject === undefined) return '';
  const name = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || (metadata.namespace ?? '')}` : subject.name;
  return ` to ${subject.kind} ${JSON.stringify(name)}`;
}

function allowReason(binding: Binding, user: UserInfo): string {
  const namespace = binding.metadata.namespace;
  const where = namespace === undefined ? `ClusterRoleBinding ${JSON.stringify(binding.metadata.name)}` : `RoleBinding ${JSON.stringify(`${binding.metadata.name}/${namespace}`)}`;
  return `RBAC: allowed by ${where} of ${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)}${meantBy(binding, user)}`;
}
