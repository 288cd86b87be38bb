/**
 * Types of the group flowcontrol, version v1.
 * @package io.k8s.api.flowcontrol.v1
 */
import type { Int32, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** Exempt priority level configuration. */
export interface ExemptPriorityLevelConfiguration {
  /** Nominal concurrency shares. @proto 1 @pointer */
  nominalConcurrencyShares?: Int32;
  /** Lendable percent. @proto 2 @pointer */
  lendablePercent?: Int32;
}

/** Flow distinguisher method. */
export interface FlowDistinguisherMethod {
  /** Type. @proto 1 @required */
  type: string;
}

/** Flow schema. */
export interface FlowSchema extends KubeObject {
  /** Spec. @proto 2 */
  spec?: FlowSchemaSpec;
  /** Status. @proto 3 */
  status?: FlowSchemaStatus;
}

/** Flow schema condition. */
export interface FlowSchemaCondition {
  /** Type. @proto 1 */
  type?: string;
  /** Status. @proto 2 */
  status?: string;
  /** When: last transition time. @proto 3 */
  lastTransitionTime?: Time;
  /** Reason. @proto 4 */
  reason?: string;
  /** Message. @proto 5 */
  message?: string;
}

/** Flow schema spec. */
export interface FlowSchemaSpec {
  /** Priority level configuration. @proto 1 @required */
  priorityLevelConfiguration: PriorityLevelConfigurationReference;
  /** Matching precedence. @proto 2 @keepEmpty */
  matchingPrecedence?: Int32;
  /** Distinguisher method. @proto 3 @pointer */
  distinguisherMethod?: FlowDistinguisherMethod;
  /** List of rules. @proto 4 @listType atomic */
  rules?: PolicyRulesWithSubjects[];
}

/** Flow schema status. */
export interface FlowSchemaStatus {
  /** List of conditions. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: FlowSchemaCondition[];
}

/** Group subject. */
export interface GroupSubject {
  /** Name. @proto 1 @required */
  name: string;
}

/** Limit response. @union [{"discriminator":"type","fields-to-discriminateBy":{"queuing":"Queuing"}}] */
export interface LimitResponse {
  /** Type. @proto 1 @required */
  type: string;
  /** Queuing. @proto 2 @pointer */
  queuing?: QueuingConfiguration;
}

/** Limited priority level configuration. */
export interface LimitedPriorityLevelConfiguration {
  /** Nominal concurrency shares. @proto 1 @pointer @keepEmpty */
  nominalConcurrencyShares?: Int32;
  /** Limit response. @proto 2 */
  limitResponse?: LimitResponse;
  /** Lendable percent. @proto 3 @pointer */
  lendablePercent?: Int32;
  /** Borrowing limit percent. @proto 4 @pointer */
  borrowingLimitPercent?: Int32;
}

/** Non resource policy rule. */
export interface NonResourcePolicyRule {
  /** List of verbs. @proto 1 @required @listType set */
  verbs: string[];
  /** List of non resource UR ls. @proto 6 @required @listType set */
  nonResourceURLs: string[];
}

/** Policy rules with subjects. */
export interface PolicyRulesWithSubjects {
  /** List of subjects. @proto 1 @required @listType atomic */
  subjects: Subject[];
  /** List of resource rules. @proto 2 @listType atomic */
  resourceRules?: ResourcePolicyRule[];
  /** List of non resource rules. @proto 3 @listType atomic */
  nonResourceRules?: NonResourcePolicyRule[];
}

/** Priority level configuration. */
export interface PriorityLevelConfiguration extends KubeObject {
  /** Spec. @proto 2 */
  spec?: PriorityLevelConfigurationSpec;
  /** Status. @proto 3 */
  status?: PriorityLevelConfigurationStatus;
}

/** Priority level configuration condition. */
export interface PriorityLevelConfigurationCondition {
  /** Type. @proto 1 */
  type?: string;
  /** Status. @proto 2 */
  status?: string;
  /** When: last transition time. @proto 3 */
  lastTransitionTime?: Time;
  /** Reason. @proto 4 */
  reason?: string;
  /** Message. @proto 5 */
  message?: string;
}

/** Priority level configuration reference. */
export interface PriorityLevelConfigurationReference {
  /** Name. @proto 1 @required */
  name: string;
}

/** Priority level configuration spec. @union [{"discriminator":"type","fields-to-discriminateBy":{"exempt":"Exempt","limited":"Limited"}}] */
export interface PriorityLevelConfigurationSpec {
  /** Type. @proto 1 @required */
  type: string;
  /** Limited. @proto 2 @pointer */
  limited?: LimitedPriorityLevelConfiguration;
  /** Exempt. @proto 3 @pointer */
  exempt?: ExemptPriorityLevelConfiguration;
}

/** Priority level configuration status. */
export interface PriorityLevelConfigurationStatus {
  /** List of conditions. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: PriorityLevelConfigurationCondition[];
}

/** Queuing configuration. */
export interface QueuingConfiguration {
  /** Queues. @proto 1 @keepEmpty */
  queues?: Int32;
  /** Hand size. @proto 2 @keepEmpty */
  handSize?: Int32;
  /** Queue length limit. @proto 3 @keepEmpty */
  queueLengthLimit?: Int32;
}

/** Resource policy rule. */
export interface ResourcePolicyRule {
  /** List of verbs. @proto 1 @required @listType set */
  verbs: string[];
  /** List of api groups. @proto 2 @required @listType set */
  apiGroups: string[];
  /** List of resources. @proto 3 @required @listType set */
  resources: string[];
  /** Whether: cluster scope. @proto 4 */
  clusterScope?: boolean;
  /** List of namespaces. @proto 5 @keepEmpty @listType set */
  namespaces?: string[];
}

/** Service account subject. */
export interface ServiceAccountSubject {
  /** Namespace. @proto 1 @required */
  namespace: string;
  /** Name. @proto 2 @required */
  name: string;
}

/** Subject. @union [{"discriminator":"kind","fields-to-discriminateBy":{"group":"Group","serviceAccount":"ServiceAccount","user":"User"}}] */
export interface Subject {
  /** Kind. @proto 1 @required */
  kind: string;
  /** User. @proto 2 @pointer */
  user?: UserSubject;
  /** Group. @proto 3 @pointer */
  group?: GroupSubject;
  /** Service account. @proto 4 @pointer */
  serviceAccount?: ServiceAccountSubject;
}

/** User subject. */
export interface UserSubject {
  /** Name. @proto 1 @required */
  name: string;
}
