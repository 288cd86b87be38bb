/**
 * Types of the group rbac, version v1.
 * @package io.k8s.api.rbac.v1
 */
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Aggregation rule. */
export interface AggregationRule {
  /** List of cluster role selectors. @proto 1 @listType atomic */
  clusterRoleSelectors?: LabelSelector[];
}

/** Cluster role. */
export interface ClusterRole extends KubeObject {
  /** List of rules. @proto 2 @keepEmpty @listType atomic */
  rules?: PolicyRule[];
  /** Aggregation rule. @proto 3 @pointer */
  aggregationRule?: AggregationRule;
}

/** Cluster role binding. */
export interface ClusterRoleBinding extends KubeObject {
  /** List of subjects. @proto 2 @listType atomic */
  subjects?: Subject[];
  /** Reference to the role. @proto 3 @required */
  roleRef: RoleRef;
}

/** Policy rule. */
export interface PolicyRule {
  /** List of verbs. @proto 1 @required @listType atomic */
  verbs: string[];
  /** List of api groups. @proto 2 @listType atomic */
  apiGroups?: string[];
  /** List of resources. @proto 3 @listType atomic */
  resources?: string[];
  /** List of resource names. @proto 4 @listType atomic */
  resourceNames?: string[];
  /** List of non resource UR ls. @proto 5 @listType atomic */
  nonResourceURLs?: string[];
}

/** Role. */
export interface Role extends KubeObject {
  /** List of rules. @proto 2 @keepEmpty @listType atomic */
  rules?: PolicyRule[];
}

/** Role binding. */
export interface RoleBinding extends KubeObject {
  /** List of subjects. @proto 2 @listType atomic */
  subjects?: Subject[];
  /** Reference to the role. @proto 3 @required */
  roleRef: RoleRef;
}

/** Role ref. @atomic */
export interface RoleRef {
  /** Api group. @proto 1 @keepEmpty */
  apiGroup?: string;
  /** Kind. @proto 2 @required */
  kind: string;
  /** Name. @proto 3 @required */
  name: string;
}

/** Subject. @atomic */
export interface Subject {
  /** Kind. @proto 1 @required */
  kind: string;
  /** Api group. @proto 2 */
  apiGroup?: string;
  /** Name. @proto 3 @required */
  name: string;
  /** Namespace. @proto 4 */
  namespace?: string;
}
