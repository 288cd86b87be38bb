/**
 * Types of the group rbac, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.rbac.v1beta1 @offByDefault
 */
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Which other roles a role is the sum of. @unpublished */
export interface AggregationRule {
  /** Select the cluster roles; one that matches is enough. @proto 1 @listType atomic */
  clusterRoleSelectors?: LabelSelector[];
}

/** Rules of what may be done in the whole cluster. @unpublished */
export interface ClusterRole extends KubeObject {
  /** What the role allows; nothing forbids. @proto 2 @keepEmpty @listType atomic */
  rules?: PolicyRule[];
  /** Selects cluster roles whose rules are taken together here. @proto 3 @pointer */
  aggregationRule?: AggregationRule;
}

/** Who gets the rules of a cluster role, everywhere. @unpublished */
export interface ClusterRoleBinding extends KubeObject {
  /** Who it is about. @proto 2 @listType atomic */
  subjects?: Subject[];
  /** The role whose rights are given; it cannot be exchanged later. @proto 3 @required */
  roleRef: RoleRef;
}

/** What may be done with which resources. @unpublished */
export interface PolicyRule {
  /** What may be done, as `get` or `list`; `*` is everything. @proto 1 @required @listType atomic */
  verbs: string[];
  /** Groups; `*` is all of them. @proto 2 @listType atomic */
  apiGroups?: string[];
  /** Resources in the plural, with `/` before a subresource; `*` is all of them. @proto 3 @listType atomic */
  resources?: string[];
  /** Names; an empty list stands for all. @proto 4 @listType atomic */
  resourceNames?: string[];
  /** Paths that are no resources, as `/healthz`; a `*` at the end stands for the rest. @proto 5 @listType atomic */
  nonResourceURLs?: string[];
}

/** Rules of what may be done in a namespace. @unpublished */
export interface Role extends KubeObject {
  /** What the role allows; nothing forbids. @proto 2 @keepEmpty @listType atomic */
  rules?: PolicyRule[];
}

/** Who gets the rules of a role, in a namespace. @unpublished */
export interface RoleBinding extends KubeObject {
  /** Who it is about. @proto 2 @listType atomic */
  subjects?: Subject[];
  /** The role whose rights are given; it cannot be exchanged later. @proto 3 @required */
  roleRef: RoleRef;
}

/** The role that is given. @unpublished */
export interface RoleRef {
  /** Group of the kind that is referred to; empty for the core group. @proto 1 @keepEmpty */
  apiGroup?: string;
  /** Role or ClusterRole. @proto 2 @required */
  kind: string;
  /** Name of the role. @proto 3 @required */
  name: string;
}

/** Somebody: a user, a group or a service account. @unpublished */
export interface Subject {
  /** User, Group or ServiceAccount. @proto 1 @required */
  kind: string;
  /** Group of the kind that is referred to; empty for the core group. @proto 2 */
  apiGroup?: string;
  /** Name of who it is. @proto 3 @required */
  name: string;
  /** Namespace of the service account. @proto 4 */
  namespace?: string;
}
