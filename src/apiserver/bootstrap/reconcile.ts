/** Writes the objects that a cluster has from its start, and brings them up to date at every later start. All that can be is written at once. */
import { isDeepStrictEqual } from 'node:util';
import { FlowSchemas, PriorityLevelConfigurations, ClusterRoleBindings, ClusterRoles, RoleBindings, Roles, Namespaces, PriorityClasses } from '../../api/resources.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { isAlreadyExists, isConflict } from '../../api/meta/status.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../api/rbac/v1/types.ts';
import type { PriorityClass } from '../../api/scheduling/v1/types.ts';
import type { Client } from '../../client/types.ts';
import type { Lookup } from '../lookup.ts';
import { BOOTSTRAP_CLUSTER_ROLE_BINDINGS, BOOTSTRAP_ROLE_BINDINGS } from '../authorization/bootstrap-bindings.ts';
import { BOOTSTRAP_CLUSTER_ROLES } from '../authorization/bootstrap-cluster-roles.ts';
import { BOOTSTRAP_CONTROLLER_ROLES, CONTROLLER_ROLES_OFF_BY_DEFAULT } from '../authorization/bootstrap-controller-roles.ts';
import { BOOTSTRAP_ROLES } from '../authorization/bootstrap-namespace-roles.ts';
import { account, autoUpdateAnnotation, bindingObject, roleObject } from '../authorization/bootstrap-shape.ts';
import { resolveAggregation } from '../authorization/aggregation.ts';
import { uncovered } from '../authorization/rules.ts';
import { autoUpdateSpec, bootstrapFlowSchemas, bootstrapPriorityLevels, MANDATORY } from './flow-control.ts';

export const systemNamespaces = ['kube-system', 'kube-public', 'default', 'kube-node-lease'] as const;
const controllerRolePrefix = 'system:controller:';
const fieldManager = 'kube-apiserver';

/** Creates, or does nothing when somebody was faster. */
export async function ensure<T extends KubeObject>(client: Client, resource: Resource<T>, object: T): Promise<void> {
  try {
    await client.of(resource).create(object, { fieldManager });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Finds an object of the same name in the caches. */
function cached<T extends KubeObject>(lookup: Lookup, resource: Resource<T>): (wanted: T) => T | undefined {
  return ({ metadata }) => lookup.get(resource, metadata.namespace, metadata.name ?? '');
}

/** Creates what is lacking; `merge` returns the object to write over one that is there, or undefined when it is good as it is. */
async function reconcileAll<T extends KubeObject>(client: Client, resource: Resource<T>, existingOf: (wanted: T) => T | undefined, wanted: readonly T[], merge: (existing: T, wanted: T) => T | undefined): Promise<void> {
  await Promise.all(wanted.map(async (object) => {
    const existing = existingOf(object);
    if (!existing) return ensure(client, resource, object);
    const merged = merge(existing, object);
    if (!merged) return;
    // Somebody may write at the same moment; the next start looks again.
    await client.of(resource).update(merged, { fieldManager }).catch((error: unknown) => {
      if (!isConflict(error)) throw error;
    });
  }));
}

const wantsUpdates = (object: KubeObject): boolean => object.metadata.annotations?.[autoUpdateAnnotation] === 'true';

function withMetadata<T extends KubeObject>(existing: T, wanted: T): { object: T; changed: boolean } {
  const labels = { ...wanted.metadata.labels, ...existing.metadata.labels };
  const annotations = { ...wanted.metadata.annotations, ...existing.metadata.annotations };
  const changed = !isDeepStrictEqual(labels, existing.metadata.labels ?? {}) || !isDeepStrictEqual(annotations, existing.metadata.annotations ?? {});
  // The existing one is the cache's own: what is not changed of it is shared, and nothing is written to.
  return { object: { ...existing, metadata: { ...existing.metadata, labels, annotations } }, changed };
}

/** Adds the rules that are missing; never takes one away. */
function mergeRole<T extends ClusterRole | Role>(existing: T, wanted: T): T | undefined {
  if (!wantsUpdates(existing)) return undefined;
  const { object, changed } = withMetadata<T>(existing, wanted);
  if ('aggregationRule' in wanted && wanted.aggregationRule) {
    const missing = (wanted.aggregationRule.clusterRoleSelectors ?? []).filter((selector) => !((existing as ClusterRole).aggregationRule?.clusterRoleSelectors ?? []).some((own) => isDeepStrictEqual(own, selector)));
    if (missing.length === 0) return changed ? object : undefined;
    (object as ClusterRole).aggregationRule = { clusterRoleSelectors: [...((existing as ClusterRole).aggregationRule?.clusterRoleSelectors ?? []), ...missing] };
    return object;
  }
  // As they were written is how they mostly are: only others have to be weighed rule by rule.
  const missing = isDeepStrictEqual(existing.rules, wanted.rules) ? [] : uncovered(existing.rules ?? [], wanted.rules ?? []);
  if (missing.length === 0) return changed ? object : undefined;
  object.rules = [...(existing.rules ?? []), ...missing];
  return object;
}

/** Adds the subjects that are missing. A binding that refers to another role than it should is left alone: its role cannot be changed. */
function mergeBinding<T extends ClusterRoleBinding | RoleBinding>(existing: T, wanted: T): T | undefined {
  if (!wantsUpdates(existing)) return undefined;
  const { object, changed } = withMetadata<T>(existing, wanted);
  const missing = (wanted.subjects ?? []).filter((subject) => !(existing.subjects ?? []).some((own) => own.kind === subject.kind && own.name === subject.name && (own.namespace ?? '') === (subject.namespace ?? '')));
  if (missing.length > 0) object.subjects = [...(object.subjects ?? []), ...missing];
  return missing.length > 0 || changed ? object : undefined;
}

/** Whether a resource is served that is off by default, by its `group/version/plural`. */
export type ServesMore = (key: string) => boolean;

const onlyDefault: ServesMore = () => false;
const controllerRoles = (serves: ServesMore) => [...BOOTSTRAP_CONTROLLER_ROLES, ...Object.entries(CONTROLLER_ROLES_OFF_BY_DEFAULT).flatMap(([key, role]) => (serves(key) ? [role] : []))];

/** The cluster roles of a new cluster, aggregated ones with their sums. */
export function bootstrapClusterRoles(serves: ServesMore = onlyDefault): ClusterRole[] {
  const roles = [...BOOTSTRAP_CLUSTER_ROLES, ...controllerRoles(serves)].map((entry) => roleObject(entry) as ClusterRole);
  resolveAggregation(roles);
  return roles;
}

export function bootstrapClusterRoleBindings(serves: ServesMore = onlyDefault): ClusterRoleBinding[] {
  const controllers = controllerRoles(serves).map(({ name }) => ({ name, subjects: [account(name.slice(controllerRolePrefix.length))] }));
  return [...BOOTSTRAP_CLUSTER_ROLE_BINDINGS, ...controllers].map((entry) => bindingObject(entry) as ClusterRoleBinding);
}

/** The namespaces of the roles must be there. */
export async function reconcileRbac(client: Client, lookup: Lookup, serves: ServesMore = onlyDefault): Promise<void> {
  await Promise.all([
    reconcileAll(client, ClusterRoles, cached(lookup, ClusterRoles), bootstrapClusterRoles(serves), mergeRole),
    reconcileAll(client, ClusterRoleBindings, cached(lookup, ClusterRoleBindings), bootstrapClusterRoleBindings(serves), mergeBinding),
    reconcileAll(client, Roles, cached(lookup, Roles), BOOTSTRAP_ROLES.map((entry) => roleObject(entry) as Role), mergeRole),
    reconcileAll(client, RoleBindings, cached(lookup, RoleBindings), BOOTSTRAP_ROLE_BINDINGS.map((entry) => bindingObject(entry) as RoleBinding), mergeBinding),
  ]);
}

export async function reconcileNamespaces(client: Client, lookup: Lookup): Promise<void> {
  await Promise.all(systemNamespaces.filter((name) => !lookup.get(Namespaces, undefined, name)).map((name) => ensure(client, Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })));
}

export function bootstrapPriorityClasses(): PriorityClass[] {
  const make = (name: string, value: number, description: string): PriorityClass => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description });
  return [
    make('system-node-critical', 2_000_001_000, 'For pods that their node cannot do without.'),
    make('system-cluster-critical', 2_000_000_000, 'For pods that the cluster cannot do without, on whichever node.'),
  ];
}

export async function reconcilePriorityClasses(client: Client, lookup: Lookup): Promise<void> {
  await reconcileAll(client, PriorityClasses, cached(lookup, PriorityClasses), bootstrapPriorityClasses(), () => undefined);
}

export async function reconcileFlowControl(client: Client, lookup: Lookup): Promise<void> {
  const merge = <T extends KubeObject & { spec?: unknown }>(existing: T, wanted: T): T | undefined => {
    const mine = MANDATORY.has(wanted.metadata.name ?? '') || existing.metadata.annotations?.[autoUpdateSpec] === 'true';
    return !mine || covers(existing.spec, wanted.spec) ? undefined : { ...structuredClone(existing), spec: wanted.spec };
  };
  await Promise.all([
    reconcileAll(client, PriorityLevelConfigurations, cached(lookup, PriorityLevelConfigurations), bootstrapPriorityLevels(), merge),
    reconcileAll(client, FlowSchemas, cached(lookup, FlowSchemas), bootstrapFlowSchemas(), merge),
  ]);
}

/** Whether `actual` holds everything that `wanted` says; what defaulting has added does not matter. */
export function covers(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(actual) && actual.length === wanted.length && wanted.every((item, i) => covers(actual[i], item));
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof actual !== 'object' || actual === null) return Object.keys(wanted).length === 0;
    return Object.entries(wanted).every(([key, value]) => covers((actual as Record<string, unknown>)[key], value));
  }
  // Zero values are left out when written.
  return actual === wanted || (actual === undefined && (wanted === 0 || wanted === '' || wanted === false));
}
