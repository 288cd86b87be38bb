/**
 * Types of the group flowcontrol, version v1beta3. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.flowcontrol.v1beta3 @offByDefault
 */
import type { Int32, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** A level whose requests never wait. @unpublished */
export interface ExemptPriorityLevelConfiguration {
  /** Share of the requests that run at once. @proto 1 @pointer */
  nominalConcurrencyShares?: Int32;
  /** How much of it others may use when it is idle, in percent. @proto 2 @pointer */
  lendablePercent?: Int32;
}

/** What tells the flows of a schema apart. @unpublished */
export interface FlowDistinguisherMethod {
  /** ByUser or ByNamespace. @proto 1 @required */
  type: string;
}

/** Which requests belong to which priority level. @unpublished */
export interface FlowSchema extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: FlowSchemaSpec;
  /** What is: written by the system. @proto 3 */
  status?: FlowSchemaStatus;
}

/** A remark about the state of a flow schema. @unpublished */
export interface FlowSchemaCondition {
  /** What it is about, as one word. @proto 1 */
  type?: string;
  /** True, False or Unknown. @proto 2 */
  status?: string;
  /** When the status last changed from one value to another. @proto 3 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Why, as a sentence for people. @proto 5 */
  message?: string;
}

/** What is wanted of a flow schema. @unpublished */
export interface FlowSchemaSpec {
  /** Where requests wait that belong to the flow. @proto 1 @required */
  priorityLevelConfiguration: PriorityLevelConfigurationReference;
  /** Order of the schemas: the lowest that matches counts. @proto 2 @keepEmpty */
  matchingPrecedence?: Int32;
  /** How requests are told apart into flows. @proto 3 @pointer */
  distinguisherMethod?: FlowDistinguisherMethod;
  /** Which requests. @proto 4 @listType atomic */
  rules?: PolicyRulesWithSubjects[];
}

/** How a flow schema is doing, as the system has found it. @unpublished */
export interface FlowSchemaStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: FlowSchemaCondition[];
}

/** A group of users. @unpublished */
export interface GroupSubject {
  /** Name of who it is. @proto 1 @required */
  name: string;
}

/** What happens to requests that cannot run at once. @unpublished @union [{"discriminator":"type","fields-to-discriminateBy":{"queuing":"Queuing"}}] */
export interface LimitResponse {
  /** What happens to requests that cannot run now: Queue or Reject. @proto 1 @required */
  type: string;
  /** How they wait. @proto 2 @pointer */
  queuing?: QueuingConfiguration;
}

/** A level whose requests wait their turn. @unpublished */
export interface LimitedPriorityLevelConfiguration {
  /** Share of the requests that run at once. @proto 1 @keepEmpty */
  nominalConcurrencyShares?: Int32;
  /** What happens to requests that cannot run now. @proto 2 */
  limitResponse?: LimitResponse;
  /** How much of it others may use when it is idle, in percent. @proto 3 @pointer */
  lendablePercent?: Int32;
  /** How much more it may use when others are idle, in percent. @proto 4 @pointer */
  borrowingLimitPercent?: Int32;
}

/** Requests for paths that are no resources. @unpublished */
export interface NonResourcePolicyRule {
  /** What may be done, as `get` or `list`; `*` is everything. @proto 1 @required @listType set */
  verbs: string[];
  /** Paths that are no resources, as `/healthz`; a `*` at the end stands for the rest. @proto 6 @required @listType set */
  nonResourceURLs: string[];
}

/** Which requests of whom. @unpublished */
export interface PolicyRulesWithSubjects {
  /** Who it is about. @proto 1 @required @listType atomic */
  subjects: Subject[];
  /** Which requests for resources match. @proto 2 @listType atomic */
  resourceRules?: ResourcePolicyRule[];
  /** Rules for paths that are no resources. @proto 3 @listType atomic */
  nonResourceRules?: NonResourcePolicyRule[];
}

/** How many requests of a level run at once, and how others wait. @unpublished */
export interface PriorityLevelConfiguration extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: PriorityLevelConfigurationSpec;
  /** What is: written by the system. @proto 3 */
  status?: PriorityLevelConfigurationStatus;
}

/** A remark about the state of a priority level configuration. @unpublished */
export interface PriorityLevelConfigurationCondition {
  /** What it is about, as one word. @proto 1 */
  type?: string;
  /** True, False or Unknown. @proto 2 */
  status?: string;
  /** When the status last changed from one value to another. @proto 3 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Why, as a sentence for people. @proto 5 */
  message?: string;
}

/** A priority level, by name. @unpublished */
export interface PriorityLevelConfigurationReference {
  /** Name of the priority level. @proto 1 @required */
  name: string;
}

/** What is wanted of a priority level configuration. @unpublished @union [{"discriminator":"type","fields-to-discriminateBy":{"exempt":"Exempt","limited":"Limited"}}] */
export interface PriorityLevelConfigurationSpec {
  /** Exempt or Limited. @proto 1 @required */
  type: string;
  /** Settings for Limited. @proto 2 @pointer */
  limited?: LimitedPriorityLevelConfiguration;
  /** Settings for Exempt. @proto 3 @pointer */
  exempt?: ExemptPriorityLevelConfiguration;
}

/** How a priority level configuration is doing, as the system has found it. @unpublished */
export interface PriorityLevelConfigurationStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: PriorityLevelConfigurationCondition[];
}

/** How requests of a level wait. @unpublished */
export interface QueuingConfiguration {
  /** How many queues. @proto 1 @keepEmpty */
  queues?: Int32;
  /** How many queues a flow may use. @proto 2 @keepEmpty */
  handSize?: Int32;
  /** How many requests a queue holds. @proto 3 @keepEmpty */
  queueLengthLimit?: Int32;
}

/** Requests for resources. @unpublished */
export interface ResourcePolicyRule {
  /** What may be done, as `get` or `list`; `*` is everything. @proto 1 @required @listType set */
  verbs: string[];
  /** Groups; `*` is all of them. @proto 2 @required @listType set */
  apiGroups: string[];
  /** Resources in the plural, with `/` before a subresource; `*` is all of them. @proto 3 @required @listType set */
  resources: string[];
  /** Whether it is also for requests without a namespace. @proto 4 */
  clusterScope?: boolean;
  /** Namespaces; `*` is all of them. @proto 5 @keepEmpty @listType set */
  namespaces?: string[];
}

/** A service account, by name and namespace. @unpublished */
export interface ServiceAccountSubject {
  /** Namespace of the service account. @proto 1 @required */
  namespace: string;
  /** Name of the service account; `*` is all of them. @proto 2 @required */
  name: string;
}

/** Somebody: a user, a group or a service account. @unpublished @union [{"discriminator":"kind","fields-to-discriminateBy":{"group":"Group","serviceAccount":"ServiceAccount","user":"User"}}] */
export interface Subject {
  /** User, Group or ServiceAccount. @proto 1 @required */
  kind: string;
  /** Name of the user. @proto 2 @pointer */
  user?: UserSubject;
  /** The group that is meant. @proto 3 @pointer */
  group?: GroupSubject;
  /** The service account that is meant. @proto 4 @pointer */
  serviceAccount?: ServiceAccountSubject;
}

/** Somebody who asks, by name. @unpublished */
export interface UserSubject {
  /** Name of who it is. @proto 1 @required */
  name: string;
}
