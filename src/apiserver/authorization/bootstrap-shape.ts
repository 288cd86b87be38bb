/** How the bootstrap tables write rules and subjects down: words in a string instead of lists of one-word strings. */
import type { ClusterRole, PolicyRule, Role, Subject } from '../../api/rbac/v1/types.ts';

/** A role of the bootstrap tables. With a namespace it is a Role, without one a ClusterRole. */
export interface BootstrapRole {
  name: string;
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
  /** Label sets whose cluster roles are added up into this one. */
  aggregates?: readonly Readonly<Record<string, string>>[];
  rules: readonly PolicyRule[];
}

/** A binding of the bootstrap tables; it refers to the role of its own name unless `role` says another. */
export interface BootstrapBinding {
  name: string;
  namespace?: string;
  role?: string;
  subjects: readonly Subject[];
}

export const read = 'get list watch';
export const write = 'create delete deletecollection patch update';
export const everything = 'create delete deletecollection get list patch update watch';

const words = (text: string): string[] => text.split(' ');

/** A rule over resources; `core` stands for the group without a name. */
export function allow(verbs: string, groups: string, resources: string, names?: string): PolicyRule {
  return {
    apiGroups: words(groups).map((g) => (g === 'core' ? '' : g)),
    ...(names === undefined ? {} : { resourceNames: words(names) }),
    resources: words(resources),
    verbs: words(verbs),
  };
}

/** A rule over paths that are no resources. */
export function visit(verbs: string, paths: string): PolicyRule {
  return { nonResourceURLs: words(paths), verbs: words(verbs) };
}

export const recordEvents: PolicyRule = Object.freeze(allow('create patch update', 'core events.k8s.io', 'events'));

const rbacGroup = 'rbac.authorization.k8s.io';

export const user = (name: string): Subject => ({ apiGroup: rbacGroup, kind: 'User', name });
export const group = (name: string): Subject => ({ apiGroup: rbacGroup, kind: 'Group', name });
/** A service account of kube-system. */
export const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

export const bootstrapLabels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' } as const;
export const autoUpdateAnnotation = 'rbac.authorization.kubernetes.io/autoupdate';

function metadataOf(entry: { name: string; namespace?: string; labels?: Readonly<Record<string, string>> }): ClusterRole['metadata'] {
  return {
    name: entry.name,
    ...(entry.namespace === undefined ? {} : { namespace: entry.namespace }),
    labels: { ...entry.labels, ...bootstrapLabels },
    annotations: { [autoUpdateAnnotation]: 'true' },
  };
}

/** The API object of a table entry. The rules of an aggregated role are left to `aggregation.ts`. */
export function roleObject(entry: BootstrapRole): ClusterRole | Role {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: entry.namespace === undefined ? 'ClusterRole' : 'Role',
    metadata: metadataOf(entry),
    ...(entry.aggregates === undefined ? {} : { aggregationRule: { clusterRoleSelectors: entry.aggregates.map((matchLabels) => ({ matchLabels: { ...matchLabels } })) } }),
    rules: entry.rules.map((rule) => structuredClone(rule)),
  };
}

/** The API object of a binding entry. */
export function bindingObject(entry: BootstrapBinding): { apiVersion: string; kind: string; metadata: ClusterRole['metadata']; roleRef: { apiGroup: string; kind: string; name: string }; subjects: Subject[] } {
  const cluster = entry.namespace === undefined;
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: cluster ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: metadataOf(entry),
    roleRef: { apiGroup: rbacGroup, kind: cluster ? 'ClusterRole' : 'Role', name: entry.role ?? entry.name },
    subjects: entry.subjects.map((subject) => ({ ...subject })),
  };
}
