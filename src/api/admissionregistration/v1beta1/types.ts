/**
 * Types of the group admissionregistration, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.admissionregistration.v1beta1 @offByDefault
 */
import type { Bytes, Int32, Int64 } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject, LabelSelector } from '../../meta/v1/types.ts';
import type { RuleWithOperations } from '../v1/types.ts';

/** A change as server-side apply makes it, worked out by an expression. */
export interface ApplyConfiguration {
  /** An expression in the Common Expression Language. @proto 1 */
  expression?: string;
}

/** A note for the audit log, worked out by an expression. @unpublished */
export interface AuditAnnotation {
  /** Second part of the annotation's key in the audit log; the policy's name stands before it. @proto 1 @required */
  key: string;
  /** An expression that makes the value. @proto 2 @required */
  valueExpression: string;
}

/** An expression that looks wrong, and why. @unpublished */
export interface ExpressionWarning {
  /** A field of the pod. @proto 2 @required */
  fieldRef: string;
  /** What is odd about the expression. @proto 3 @required */
  warning: string;
}

/** A change as a list of JSON patch operations, worked out by an expression. */
export interface JSONPatch {
  /** An expression in the Common Expression Language. @proto 1 */
  expression?: string;
}

/** An expression that narrows down what a webhook or policy is asked about. */
export interface MatchCondition {
  /** Name of the condition. @proto 1 @required */
  name: string;
  /** An expression in the Common Expression Language. @proto 2 @required */
  expression: string;
}

/** Which writes are looked at, by rules and selectors. @atomic */
export interface MatchResources {
  /** Selects namespaces by their labels; an empty selector selects all. @proto 1 @pointer */
  namespaceSelector?: LabelSelector;
  /** Selects objects by their labels; an empty selector selects all. @proto 2 @pointer */
  objectSelector?: LabelSelector;
  /** Which requests. @proto 3 @listType atomic */
  resourceRules?: NamedRuleWithOperations[];
  /** Which requests not. @proto 4 @listType atomic */
  excludeResourceRules?: NamedRuleWithOperations[];
  /** How rules meet requests: Exact only as written, Equivalent also through other versions of the same resource. @proto 7 @pointer */
  matchPolicy?: string;
}

/** Changes objects on their way in, by expressions. */
export interface MutatingAdmissionPolicy extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: MutatingAdmissionPolicySpec;
}

/** Puts a mutating policy into force, where and with which parameters. */
export interface MutatingAdmissionPolicyBinding extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: MutatingAdmissionPolicyBindingSpec;
}

/** What is wanted of a mutating admission policy binding. */
export interface MutatingAdmissionPolicyBindingSpec {
  /** The policy that is put into force. @proto 1 */
  policyName?: string;
  /** Which parameters. @proto 2 @pointer */
  paramRef?: ParamRef;
  /** Which of the policy's requests. @proto 3 @pointer */
  matchResources?: MatchResources;
}

/** What is wanted of a mutating admission policy. */
export interface MutatingAdmissionPolicySpec {
  /** Kind of the parameters. @proto 1 @pointer */
  paramKind?: ParamKind;
  /** Which requests the policy is for. @proto 2 @pointer */
  matchConstraints?: MatchResources;
  /** Expressions with names, for others to use. @proto 3 @listType atomic */
  variables?: Variable[];
  /** What is changed. @proto 4 @listType atomic */
  mutations?: Mutation[];
  /** What happens when it cannot be asked or fails: Fail refuses the request, Ignore goes on. @proto 5 @pointer */
  failurePolicy?: string;
  /** Expressions that must all be true for a request to be sent here. @proto 6 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  matchConditions?: MatchCondition[];
  /** Whether it is asked again when a later plug-in has changed the object: Never or IfNeeded. @proto 7 @enum IfNeeded|Never */
  reinvocationPolicy?: string;
}

/** A webhook that may change objects on their way in. @unpublished */
export interface MutatingWebhook {
  /** Name of the webhook, a domain name. @proto 1 @required */
  name: string;
  /** How to reach it. @proto 2 @required */
  clientConfig: WebhookClientConfig;
  /** Which requests are sent to it. @proto 3 @listType atomic */
  rules?: RuleWithOperations[];
  /** What happens when it cannot be asked or fails: Fail refuses the request, Ignore goes on. @proto 4 @pointer */
  failurePolicy?: string;
  /** How rules meet requests: Exact only as written, Equivalent also through other versions of the same resource. @proto 9 @pointer */
  matchPolicy?: string;
  /** Selects namespaces by their labels; an empty selector selects all. @proto 5 @pointer */
  namespaceSelector?: LabelSelector;
  /** Selects objects by their labels; an empty selector selects all. @proto 11 @pointer */
  objectSelector?: LabelSelector;
  /** What else a call changes: None or NoneOnDryRun. @proto 6 @pointer */
  sideEffects?: string;
  /** How long an attempt may take, in seconds. @proto 7 @pointer */
  timeoutSeconds?: Int32;
  /** Versions of AdmissionReview that it understands, the best first. @proto 8 @listType atomic */
  admissionReviewVersions?: string[];
  /** Whether it is asked again when a later plug-in has changed the object: Never or IfNeeded. @proto 10 @pointer @enum IfNeeded|Never */
  reinvocationPolicy?: string;
  /** Expressions that must all be true for a request to be sent here. @proto 12 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  matchConditions?: MatchCondition[];
}

/** Webhooks that may change writes. @unpublished */
export interface MutatingWebhookConfiguration extends KubeObject {
  /** Who is asked to change objects, each for what its rules name. @proto 2 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  webhooks?: MutatingWebhook[];
}

/** One change that a policy makes. */
export interface Mutation {
  /** ApplyConfiguration or JSONPatch. @proto 2 @required @enum ApplyConfiguration|JSONPatch */
  patchType: string;
  /** An object that is applied. @proto 3 @pointer */
  applyConfiguration?: ApplyConfiguration;
  /** A list of changes. @proto 4 @pointer */
  jsonPatch?: JSONPatch;
}

/** Which writes are looked at, with the names of the objects. @atomic */
export interface NamedRuleWithOperations {
  /** Names; an empty list stands for all. @proto 1 @listType atomic */
  resourceNames?: string[];
  /** CREATE, UPDATE, DELETE, CONNECT, or `*` for all. @proto 1 @via 2 @listType atomic @enum *|CONNECT|CREATE|DELETE|UPDATE */
  operations?: string[];
  /** Groups; `*` is all of them. @proto 1 @via 2,2 @listType atomic */
  apiGroups?: string[];
  /** Versions; `*` is all of them. @proto 2 @via 2,2 @listType atomic */
  apiVersions?: string[];
  /** Resources in the plural, with `/` before a subresource; `*` is all of them. @proto 3 @via 2,2 @listType atomic */
  resources?: string[];
  /** Scope of the resources: Cluster, Namespaced or `*` for both. @proto 4 @via 2,2 @pointer @enum *|Cluster|Namespaced */
  scope?: string;
}

/** Kind of the objects that hold a policy's parameters. @atomic */
export interface ParamKind {
  /** Group and version, as `apps/v1`; core kinds have the version alone. @proto 1 */
  apiVersion?: string;
  /** Name of the kind, as `Pod`. @proto 2 */
  kind?: string;
}

/** Which objects hold a policy's parameters. @atomic */
export interface ParamRef {
  /** Name of the object. @proto 1 */
  name?: string;
  /** Namespace of the object. @proto 2 */
  namespace?: string;
  /** Selects the parameters by their labels. @proto 3 @pointer */
  selector?: LabelSelector;
  /** What happens when there are none: Allow or Deny. @proto 4 @pointer */
  parameterNotFoundAction?: string;
}

/** A service, and where on it requests go. @unpublished */
export interface ServiceReference {
  /** Namespace of the service. @proto 1 @required */
  namespace: string;
  /** Name of the service. @proto 2 @required */
  name: string;
  /** Path of the requests. @proto 3 @pointer */
  path?: string;
  /** Port of the service; 443 when unset. @proto 4 @pointer */
  port?: Int32;
}

/** What checking the types of a policy's expressions has found. @unpublished */
export interface TypeChecking {
  /** What is odd about the expressions. @proto 1 @listType atomic */
  expressionWarnings?: ExpressionWarning[];
}

/** Refuses objects on their way in, by expressions. @unpublished */
export interface ValidatingAdmissionPolicy extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: ValidatingAdmissionPolicySpec;
  /** What is: written by the system. @proto 3 */
  status?: ValidatingAdmissionPolicyStatus;
}

/** Puts a validating policy into force, where and with which parameters. @unpublished */
export interface ValidatingAdmissionPolicyBinding extends KubeObject {
  /** What is wanted. @proto 2 @required @omitEmpty */
  spec: ValidatingAdmissionPolicyBindingSpec;
}

/** What is wanted of a validating admission policy binding. @unpublished */
export interface ValidatingAdmissionPolicyBindingSpec {
  /** The policy that is put into force. @proto 1 @required @omitEmpty */
  policyName: string;
  /** Which parameters. @proto 2 @pointer */
  paramRef?: ParamRef;
  /** Which of the policy's requests. @proto 3 @pointer */
  matchResources?: MatchResources;
  /** What a failure leads to: Deny, Warn or Audit. @proto 4 @required @omitEmpty @listType set @enum Audit|Deny|Warn */
  validationActions: string[];
}

/** What is wanted of a validating admission policy. @unpublished */
export interface ValidatingAdmissionPolicySpec {
  /** Kind of the parameters. @proto 1 @pointer */
  paramKind?: ParamKind;
  /** Which requests the policy is for. @proto 2 @pointer */
  matchConstraints?: MatchResources;
  /** What must hold. @proto 3 @listType atomic */
  validations?: Validation[];
  /** What happens when it cannot be asked or fails: Fail refuses the request, Ignore goes on. @proto 4 @pointer */
  failurePolicy?: string;
  /** Notes for the audit log. @proto 5 @listType atomic */
  auditAnnotations?: AuditAnnotation[];
  /** Expressions that must all be true for a request to be sent here. @proto 6 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  matchConditions?: MatchCondition[];
  /** Expressions with names, for others to use. @proto 7 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  variables?: Variable[];
}

/** How a validating admission policy is doing, as the system has found it. @unpublished */
export interface ValidatingAdmissionPolicyStatus {
  /** The generation of the object that this status speaks of. @proto 1 */
  observedGeneration?: Int64;
  /** What a check of the types has found. @proto 2 @pointer */
  typeChecking?: TypeChecking;
  /** Remarks about the state, one a type. @proto 3 @listType map @listKeys type */
  conditions?: Condition[];
}

/** A webhook that may refuse writes. @unpublished */
export interface ValidatingWebhook {
  /** Name of the webhook, a domain name. @proto 1 @required */
  name: string;
  /** How to reach it. @proto 2 @required */
  clientConfig: WebhookClientConfig;
  /** Which requests are sent to it. @proto 3 @listType atomic */
  rules?: RuleWithOperations[];
  /** What happens when it cannot be asked or fails: Fail refuses the request, Ignore goes on. @proto 4 @pointer */
  failurePolicy?: string;
  /** How rules meet requests: Exact only as written, Equivalent also through other versions of the same resource. @proto 9 @pointer */
  matchPolicy?: string;
  /** Selects namespaces by their labels; an empty selector selects all. @proto 5 @pointer */
  namespaceSelector?: LabelSelector;
  /** Selects objects by their labels; an empty selector selects all. @proto 10 @pointer */
  objectSelector?: LabelSelector;
  /** What else a call changes: None or NoneOnDryRun. @proto 6 @pointer @listType atomic */
  sideEffects?: string;
  /** How long an attempt may take, in seconds. @proto 7 @pointer */
  timeoutSeconds?: Int32;
  /** Versions of AdmissionReview that it understands, the best first. @proto 8 @listType atomic */
  admissionReviewVersions?: string[];
  /** Expressions that must all be true for a request to be sent here. @proto 11 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  matchConditions?: MatchCondition[];
}

/** Webhooks that may refuse writes. @unpublished */
export interface ValidatingWebhookConfiguration extends KubeObject {
  /** Who is asked to approve of objects, each for what its rules name. @proto 2 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  webhooks?: ValidatingWebhook[];
}

/** An expression that must hold, and what is said when it does not. @unpublished */
export interface Validation {
  /** An expression in the Common Expression Language. @proto 1 @required */
  expression: string;
  /** Why, as a sentence for people. @proto 2 */
  message?: string;
  /** Why, as one word for programs. @proto 3 @pointer */
  reason?: string;
  /** An expression that makes the message. @proto 4 */
  messageExpression?: string;
}

/** A named expression that others can use. @atomic */
export interface Variable {
  /** Name of the variable, for other expressions. @proto 1 @required */
  name: string;
  /** An expression in the Common Expression Language. @proto 2 @required */
  expression: string;
}

/** How a webhook is reached. @unpublished */
export interface WebhookClientConfig {
  /** Where it is, as an https address. @proto 3 @pointer */
  url?: string;
  /** The service, when it runs in the cluster. @proto 1 @pointer */
  service?: ServiceReference;
  /** Certificates, PEM, that its own must be signed by. @proto 2 */
  caBundle?: Bytes;
}
