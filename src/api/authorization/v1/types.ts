/**
 * Types of the group authorization, version v1.
 * @package io.k8s.api.authorization.v1
 */
import type { FieldSelectorRequirement, KubeObject, LabelSelectorRequirement } from '../../meta/v1/types.ts';

/** Several values of one extra attribute of a user. @wrapped */
export type ExtraValue = string[];

/** Field selector attributes. */
export interface FieldSelectorAttributes {
  /** Raw selector. @proto 1 */
  rawSelector?: string;
  /** List of requirements. @proto 2 @listType atomic */
  requirements?: FieldSelectorRequirement[];
}

/** Label selector attributes. */
export interface LabelSelectorAttributes {
  /** Raw selector. @proto 1 */
  rawSelector?: string;
  /** List of requirements. @proto 2 @listType atomic */
  requirements?: LabelSelectorRequirement[];
}

/** Local subject access review. @noList */
export interface LocalSubjectAccessReview extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: SubjectAccessReviewSpec;
  /** Status. @proto 3 */
  status?: SubjectAccessReviewStatus;
}

/** Non resource attributes. */
export interface NonResourceAttributes {
  /** Path. @proto 1 */
  path?: string;
  /** Verb. @proto 2 */
  verb?: string;
}

/** Non resource rule. */
export interface NonResourceRule {
  /** List of verbs. @proto 1 @required @listType atomic */
  verbs: string[];
  /** List of non resource UR ls. @proto 2 @listType atomic */
  nonResourceURLs?: string[];
}

/** Resource attributes. */
export interface ResourceAttributes {
  /** Namespace. @proto 1 */
  namespace?: string;
  /** Verb. @proto 2 */
  verb?: string;
  /** Group. @proto 3 */
  group?: string;
  /** Version. @proto 4 */
  version?: string;
  /** Resource. @proto 5 */
  resource?: string;
  /** Subresource. @proto 6 */
  subresource?: string;
  /** Name. @proto 7 */
  name?: string;
  /** Field selector. @proto 8 @pointer */
  fieldSelector?: FieldSelectorAttributes;
  /** Label selector. @proto 9 @pointer */
  labelSelector?: LabelSelectorAttributes;
}

/** Resource rule. */
export interface ResourceRule {
  /** List of verbs. @proto 1 @required @listType atomic */
  verbs: string[];
  /** List of api groups. @proto 2 @listType atomic */
  apiGroups?: string[];
  /** List of resources. @proto 3 @listType atomic */
  resources?: string[];
  /** List of resource names. @proto 4 @listType atomic */
  resourceNames?: string[];
}

/** Self subject access review. @noList */
export interface SelfSubjectAccessReview extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: SelfSubjectAccessReviewSpec;
  /** Status. @proto 3 */
  status?: SubjectAccessReviewStatus;
}

/** Self subject access review spec. */
export interface SelfSubjectAccessReviewSpec {
  /** Resource attributes. @proto 1 @pointer */
  resourceAttributes?: ResourceAttributes;
  /** Non resource attributes. @proto 2 @pointer */
  nonResourceAttributes?: NonResourceAttributes;
}

/** Self subject rules review. @noList */
export interface SelfSubjectRulesReview extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: SelfSubjectRulesReviewSpec;
  /** Status. @proto 3 */
  status?: SubjectRulesReviewStatus;
}

/** Self subject rules review spec. */
export interface SelfSubjectRulesReviewSpec {
  /** Namespace. @proto 1 */
  namespace?: string;
}

/** Subject access review. @noList */
export interface SubjectAccessReview extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: SubjectAccessReviewSpec;
  /** Status. @proto 3 */
  status?: SubjectAccessReviewStatus;
}

/** Subject access review spec. */
export interface SubjectAccessReviewSpec {
  /** Resource attributes. @proto 1 @pointer */
  resourceAttributes?: ResourceAttributes;
  /** Non resource attributes. @proto 2 @pointer */
  nonResourceAttributes?: NonResourceAttributes;
  /** User. @proto 3 */
  user?: string;
  /** List of groups. @proto 4 @listType atomic */
  groups?: string[];
  /** Extra, by key. @proto 5 */
  extra?: Record<string, ExtraValue>;
  /** Uid. @proto 6 */
  uid?: string;
}

/** Subject access review status. */
export interface SubjectAccessReviewStatus {
  /** Whether: allowed. @proto 1 @required */
  allowed: boolean;
  /** Whether: denied. @proto 4 */
  denied?: boolean;
  /** Reason. @proto 2 */
  reason?: string;
  /** Evaluation error. @proto 3 */
  evaluationError?: string;
}

/** Subject rules review status. */
export interface SubjectRulesReviewStatus {
  /** List of resource rules. @proto 1 @required @listType atomic */
  resourceRules: ResourceRule[];
  /** List of non resource rules. @proto 2 @required @listType atomic */
  nonResourceRules: NonResourceRule[];
  /** Whether: incomplete. @proto 3 @required */
  incomplete: boolean;
  /** Evaluation error. @proto 4 */
  evaluationError?: string;
}
