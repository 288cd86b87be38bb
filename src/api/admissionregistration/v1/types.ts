/**
 * Types of the group admissionregistration, version v1.
 * @package io.k8s.api.admissionregistration.v1
 */
import type { Bytes, Int32, Int64 } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Apply configuration. */
export interface ApplyConfiguration {
  /** Expression. @proto 1 */
  expression?: string;
}

/** Audit annotation. */
export interface AuditAnnotation {
  /** Key. @proto 1 @required */
  key: string;
  /** Value expression. @proto 2 @required */
  valueExpression: string;
}

/** Expression warning. */
export interface ExpressionWarning {
  /** Reference to the field. @proto 2 @required */
  fieldRef: string;
  /** Warning. @proto 3 @required */
  warning: string;
}

/** JSON patch. */
export interface JSONPatch {
  /** Expression. @proto 1 */
  expression?: string;
}

/** Match condition. */
export interface MatchCondition {
  /** Name. @proto 1 @required */
  name: string;
  /** Expression. @proto 2 @required */
  expression: string;
}

/** Match resources. @atomic */
export interface MatchResources {
  /** Namespace selector. @proto 1 @pointer */
  namespaceSelector?: LabelSelector;
  /** Object selector. @proto 2 @pointer */
  objectSelector?: LabelSelector;
  /** List of resource rules. @proto 3 @listType atomic */
  resourceRules?: NamedRuleWithOperations[];
  /** List of exclude resource rules. @proto 4 @listType atomic */
  excludeResourceRules?: NamedRuleWithOperations[];
  /** Match policy. @proto 7 @pointer @enum Equivalent|Exact */
  matchPolicy?: string;
}

/** Mutating admission policy. */
export interface MutatingAdmissionPolicy extends KubeObject {
  /** Spec. @proto 2 */
  spec?: MutatingAdmissionPolicySpec;
}

/** Mutating admission policy binding. */
export interface MutatingAdmissionPolicyBinding extends KubeObject {
  /** Spec. @proto 2 */
  spec?: MutatingAdmissionPolicyBindingSpec;
}

/** Mutating admission policy binding spec. */
export interface MutatingAdmissionPolicyBindingSpec {
  /** Name of the policy. @proto 1 */
  policyName?: string;
  /** Reference to the param. @proto 2 @pointer */
  paramRef?: ParamRef;
  /** Match resources. @proto 3 @pointer */
  matchResources?: MatchResources;
}

/** Mutating admission policy spec. */
export interface MutatingAdmissionPolicySpec {
  /** Param kind. @proto 1 @pointer */
  paramKind?: ParamKind;
  /** Match constraints. @proto 2 @pointer */
  matchConstraints?: MatchResources;
  /** List of variables. @proto 3 @listType atomic */
  variables?: Variable[];
  /** List of mutations. @proto 4 @listType atomic */
  mutations?: Mutation[];
  /** Failure policy. @proto 5 @pointer @enum Fail|Ignore */
  failurePolicy?: string;
  /** List of match conditions. @proto 6 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  matchConditions?: MatchCondition[];
  /** Reinvocation policy. @proto 7 @enum IfNeeded|Never */
  reinvocationPolicy?: string;
}

/** Mutating webhook. */
export interface MutatingWebhook {
  /** Name. @proto 1 @required */
  name: string;
  /** Client config. @proto 2 @required */
  clientConfig: WebhookClientConfig;
  /** List of rules. @proto 3 @listType atomic */
  rules?: RuleWithOperations[];
  /** Failure policy. @proto 4 @pointer @enum Fail|Ignore */
  failurePolicy?: string;
  /** Match policy. @proto 9 @pointer @enum Equivalent|Exact */
  matchPolicy?: string;
  /** Namespace selector. @proto 5 @pointer */
  namespaceSelector?: LabelSelector;
  /** Object selector. @proto 11 @pointer */
  objectSelector?: LabelSelector;
  /** Side effects. @proto 6 @required @pointer @enum None|NoneOnDryRun|Some|Unknown */
  sideEffects: string;
  /** Timeout, in seconds. @proto 7 @pointer */
  timeoutSeconds?: Int32;
  /** List of admission review versions. @proto 8 @required @listType atomic */
  admissionReviewVersions: string[];
  /** Reinvocation policy. @proto 10 @pointer @enum IfNeeded|Never */
  reinvocationPolicy?: string;
  /** List of match conditions. @proto 12 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  matchConditions?: MatchCondition[];
}

/** Mutating webhook configuration. */
export interface MutatingWebhookConfiguration extends KubeObject {
  /** List of webhooks. @proto 2 @listType map @listKeys name @patchStrategy merge @patchMergeKey name @protoName Webhooks */
  webhooks?: MutatingWebhook[];
}

/** Mutation. */
export interface Mutation {
  /** Patch type. @proto 2 @required @enum ApplyConfiguration|JSONPatch */
  patchType: string;
  /** Apply configuration. @proto 3 @pointer */
  applyConfiguration?: ApplyConfiguration;
  /** Json patch. @proto 4 @pointer */
  jsonPatch?: JSONPatch;
}

/** Named rule with operations. @atomic @inlines RuleWithOperations:2,Rule:2 */
export interface NamedRuleWithOperations {
  /** List of resource names. @proto 1 @listType atomic */
  resourceNames?: string[];
  /** List of operations. @proto 1 @via 2 @listType atomic @enum *|CONNECT|CREATE|DELETE|UPDATE */
  operations?: string[];
  /** List of api groups. @proto 1 @via 2,2 @listType atomic */
  apiGroups?: string[];
  /** List of api versions. @proto 2 @via 2,2 @listType atomic */
  apiVersions?: string[];
  /** List of resources. @proto 3 @via 2,2 @listType atomic */
  resources?: string[];
  /** Scope. @proto 4 @via 2,2 @pointer @enum *|Cluster|Namespaced */
  scope?: string;
}

/** Param kind. @atomic */
export interface ParamKind {
  /** Api version. @proto 1 */
  apiVersion?: string;
  /** Kind. @proto 2 */
  kind?: string;
}

/** Param ref. @atomic */
export interface ParamRef {
  /** Name. @proto 1 */
  name?: string;
  /** Namespace. @proto 2 */
  namespace?: string;
  /** Selector. @proto 3 @pointer */
  selector?: LabelSelector;
  /** Parameter not found action. @proto 4 @pointer */
  parameterNotFoundAction?: string;
}

/** Rule. @unpublished */
export interface Rule {
  /** List of api groups. @proto 1 @listType atomic */
  apiGroups?: string[];
  /** List of api versions. @proto 2 @listType atomic */
  apiVersions?: string[];
  /** List of resources. @proto 3 @listType atomic */
  resources?: string[];
  /** Scope. @proto 4 @pointer @enum *|Cluster|Namespaced */
  scope?: string;
}

/** Rule with operations. @inlines Rule:2 */
export interface RuleWithOperations {
  /** List of operations. @proto 1 @listType atomic @enum *|CONNECT|CREATE|DELETE|UPDATE */
  operations?: string[];
  /** List of api groups. @proto 1 @via 2 @listType atomic */
  apiGroups?: string[];
  /** List of api versions. @proto 2 @via 2 @listType atomic */
  apiVersions?: string[];
  /** List of resources. @proto 3 @via 2 @listType atomic */
  resources?: string[];
  /** Scope. @proto 4 @via 2 @pointer @enum *|Cluster|Namespaced */
  scope?: string;
}

/** Service reference. */
export interface ServiceReference {
  /** Namespace. @proto 1 @required */
  namespace: string;
  /** Name. @proto 2 @required */
  name: string;
  /** Path. @proto 3 @pointer */
  path?: string;
  /** Port. @proto 4 @pointer */
  port?: Int32;
}

/** Type checking. */
export interface TypeChecking {
  /** List of expression warnings. @proto 1 @listType atomic */
  expressionWarnings?: ExpressionWarning[];
}

/** Validating admission policy. */
export interface ValidatingAdmissionPolicy extends KubeObject {
  /** Spec. @proto 2 */
  spec?: ValidatingAdmissionPolicySpec;
  /** Status. @proto 3 */
  status?: ValidatingAdmissionPolicyStatus;
}

/** Validating admission policy binding. */
export interface ValidatingAdmissionPolicyBinding extends KubeObject {
  /** Spec. @proto 2 @required @omitEmpty */
  spec: ValidatingAdmissionPolicyBindingSpec;
}

/** Validating admission policy binding spec. */
export interface ValidatingAdmissionPolicyBindingSpec {
  /** Name of the policy. @proto 1 @required @omitEmpty */
  policyName: string;
  /** Reference to the param. @proto 2 @pointer */
  paramRef?: ParamRef;
  /** Match resources. @proto 3 @pointer */
  matchResources?: MatchResources;
  /** List of validation actions. @proto 4 @required @omitEmpty @listType set @enum Audit|Deny|Warn */
  validationActions: string[];
}

/** Validating admission policy spec. */
export interface ValidatingAdmissionPolicySpec {
  /** Param kind. @proto 1 @pointer */
  paramKind?: ParamKind;
  /** Match constraints. @proto 2 @pointer */
  matchConstraints?: MatchResources;
  /** List of validations. @proto 3 @listType atomic */
  validations?: Validation[];
  /** Failure policy. @proto 4 @pointer @enum Fail|Ignore */
  failurePolicy?: string;
  /** List of audit annotations. @proto 5 @listType atomic */
  auditAnnotations?: AuditAnnotation[];
  /** List of match conditions. @proto 6 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  matchConditions?: MatchCondition[];
  /** List of variables. @proto 7 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  variables?: Variable[];
}

/** Validating admission policy status. */
export interface ValidatingAdmissionPolicyStatus {
  /** Observed generation. @proto 1 */
  observedGeneration?: Int64;
  /** Type checking. @proto 2 @pointer */
  typeChecking?: TypeChecking;
  /** List of conditions. @proto 3 @listType map @listKeys type */
  conditions?: Condition[];
}

/** Validating webhook. */
export interface ValidatingWebhook {
  /** Name. @proto 1 @required */
  name: string;
  /** Client config. @proto 2 @required */
  clientConfig: WebhookClientConfig;
  /** List of rules. @proto 3 @listType atomic */
  rules?: RuleWithOperations[];
  /** Failure policy. @proto 4 @pointer @enum Fail|Ignore */
  failurePolicy?: string;
  /** Match policy. @proto 9 @pointer @enum Equivalent|Exact */
  matchPolicy?: string;
  /** Namespace selector. @proto 5 @pointer */
  namespaceSelector?: LabelSelector;
  /** Object selector. @proto 10 @pointer */
  objectSelector?: LabelSelector;
  /** Side effects. @proto 6 @required @pointer @enum None|NoneOnDryRun|Some|Unknown */
  sideEffects: string;
  /** Timeout, in seconds. @proto 7 @pointer */
  timeoutSeconds?: Int32;
  /** List of admission review versions. @proto 8 @required @listType atomic */
  admissionReviewVersions: string[];
  /** List of match conditions. @proto 11 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  matchConditions?: MatchCondition[];
}

/** Validating webhook configuration. */
export interface ValidatingWebhookConfiguration extends KubeObject {
  /** List of webhooks. @proto 2 @listType map @listKeys name @patchStrategy merge @patchMergeKey name @protoName Webhooks */
  webhooks?: ValidatingWebhook[];
}

/** Validation. */
export interface Validation {
  /** Expression. @proto 1 @required @protoName Expression */
  expression: string;
  /** Message. @proto 2 */
  message?: string;
  /** Reason. @proto 3 @pointer */
  reason?: string;
  /** Message expression. @proto 4 */
  messageExpression?: string;
}

/** Variable. @atomic */
export interface Variable {
  /** Name. @proto 1 @required @protoName Name */
  name: string;
  /** Expression. @proto 2 @required @protoName Expression */
  expression: string;
}

/** Webhook client config. */
export interface WebhookClientConfig {
  /** Url. @proto 3 @pointer */
  url?: string;
  /** Service. @proto 1 @pointer */
  service?: ServiceReference;
  /** Ca bundle. @proto 2 */
  caBundle?: Bytes;
}
