/**
 * Types of the group authorization, version v1.
 * @package io.k8s.api.authorization.v1
 */
import type { FieldSelectorRequirement, KubeObject, LabelSelectorRequirement } from '../../meta/v1/types.ts';

/** Several values of one extra attribute of a user. @wrapped */
export type ExtraValue = string[];

/** The field selector of a request, as an authorizer sees it. */
export interface FieldSelectorAttributes {
  /** The selector, as text. @proto 1 */
  rawSelector?: string;
  /** The selector, read. @proto 2 @listType atomic */
  requirements?: FieldSelectorRequirement[];
}

/** The label selector of a request, as an authorizer sees it. */
export interface LabelSelectorAttributes {
  /** The selector, as text. @proto 1 */
  rawSelector?: string;
  /** The selector, read. @proto 2 @listType atomic */
  requirements?: LabelSelectorRequirement[];
}

/** Asks whether somebody may do something in a namespace. @noList */
export interface LocalSubjectAccessReview extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: SubjectAccessReviewSpec;
  /** What is: written by the system. @proto 3 */
  status?: SubjectAccessReviewStatus;
}

/** A request for a path that is no resource. */
export interface NonResourceAttributes {
  /** What is asked for, as `/healthz`. @proto 1 */
  path?: string;
  /** What is to be done, as `get` or `create`; `*` is everything. @proto 2 */
  verb?: string;
}

/** Paths, and what may be done with them. */
export interface NonResourceRule {
  /** What may be done, as `get` or `list`; `*` is everything. @proto 1 @required @listType atomic */
  verbs: string[];
  /** Paths that are no resources, as `/healthz`; a `*` at the end stands for the rest. @proto 2 @listType atomic */
  nonResourceURLs?: string[];
}

/** A request for a resource. */
export interface ResourceAttributes {
  /** Namespace; empty for kinds of the whole cluster, or all of them. @proto 1 */
  namespace?: string;
  /** What is to be done, as `get` or `create`; `*` is everything. @proto 2 */
  verb?: string;
  /** The group; `*` is all of them. @proto 3 */
  group?: string;
  /** The version; `*` is all of them. @proto 4 */
  version?: string;
  /** Name of the resource, in the plural. @proto 5 */
  resource?: string;
  /** Name of the subresource. @proto 6 */
  subresource?: string;
  /** Name of the object; empty for all. @proto 7 */
  name?: string;
  /** Which fields the request is limited to. @proto 8 @pointer */
  fieldSelector?: FieldSelectorAttributes;
  /** Selects objects by their labels. @proto 9 @pointer */
  labelSelector?: LabelSelectorAttributes;
}

/** Resources, and what may be done with them. */
export interface ResourceRule {
  /** What may be done, as `get` or `list`; `*` is everything. @proto 1 @required @listType atomic */
  verbs: string[];
  /** Groups; `*` is all of them. @proto 2 @listType atomic */
  apiGroups?: string[];
  /** Resources in the plural, with `/` before a subresource; `*` is all of them. @proto 3 @listType atomic */
  resources?: string[];
  /** Names; an empty list stands for all. @proto 4 @listType atomic */
  resourceNames?: string[];
}

/** Asks whether the asker may do something. @noList */
export interface SelfSubjectAccessReview extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: SelfSubjectAccessReviewSpec;
  /** What is: written by the system. @proto 3 */
  status?: SubjectAccessReviewStatus;
}

/** What is wanted of a self subject access review. */
export interface SelfSubjectAccessReviewSpec {
  /** The request, when it is about a resource. @proto 1 @pointer */
  resourceAttributes?: ResourceAttributes;
  /** The request, when it is about a path. @proto 2 @pointer */
  nonResourceAttributes?: NonResourceAttributes;
}

/** Asks what the asker may do in a namespace. @noList */
export interface SelfSubjectRulesReview extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: SelfSubjectRulesReviewSpec;
  /** What is: written by the system. @proto 3 */
  status?: SubjectRulesReviewStatus;
}

/** What is wanted of a self subject rules review. */
export interface SelfSubjectRulesReviewSpec {
  /** Where the rights are asked about. @proto 1 */
  namespace?: string;
}

/** Asks whether somebody may do something. @noList */
export interface SubjectAccessReview extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: SubjectAccessReviewSpec;
  /** What is: written by the system. @proto 3 */
  status?: SubjectAccessReviewStatus;
}

/** What is wanted of a subject access review. */
export interface SubjectAccessReviewSpec {
  /** The request, when it is about a resource. @proto 1 @pointer */
  resourceAttributes?: ResourceAttributes;
  /** The request, when it is about a path. @proto 2 @pointer */
  nonResourceAttributes?: NonResourceAttributes;
  /** Name of the user. @proto 3 */
  user?: string;
  /** Groups that the user belongs to. @proto 4 @listType atomic */
  groups?: string[];
  /** More about the user, as the authenticator tells it. @proto 5 */
  extra?: Record<string, ExtraValue>;
  /** Identifier of the user. @proto 6 */
  uid?: string;
}

/** How a subject access review is doing, as the system has found it. */
export interface SubjectAccessReviewStatus {
  /** Whether it is allowed. @proto 1 @required */
  allowed: boolean;
  /** Whether it is refused for good. @proto 4 */
  denied?: boolean;
  /** Why, as one word for programs. @proto 2 */
  reason?: string;
  /** What went wrong while answering. @proto 3 */
  evaluationError?: string;
}

/** How a subject rules review is doing, as the system has found it. */
export interface SubjectRulesReviewStatus {
  /** What the user may do to resources. @proto 1 @required @listType atomic */
  resourceRules: ResourceRule[];
  /** Rules for paths that are no resources. @proto 2 @required @listType atomic */
  nonResourceRules: NonResourceRule[];
  /** Whether there may be more. @proto 3 @required */
  incomplete: boolean;
  /** What went wrong while answering. @proto 4 */
  evaluationError?: string;
}
