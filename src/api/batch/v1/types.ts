/**
 * Types of the group batch, version v1.
 * @package io.k8s.api.batch.v1
 */
import type { ObjectReference, PodTemplateSpec } from '../../core/v1/types.ts';
import type { Int32, Int64, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector, ObjectMeta } from '../../meta/v1/types.ts';

/** Cron job. */
export interface CronJob extends KubeObject {
  /** Spec. @proto 2 @required @omitEmpty */
  spec: CronJobSpec;
  /** Status. @proto 3 */
  status?: CronJobStatus;
}

/** Cron job spec. */
export interface CronJobSpec {
  /** Schedule. @proto 1 @required */
  schedule: string;
  /** Time zone. @proto 8 @pointer */
  timeZone?: string;
  /** Starting deadline, in seconds. @proto 2 @pointer */
  startingDeadlineSeconds?: Int64;
  /** Concurrency policy. @proto 3 @enum Allow|Forbid|Replace */
  concurrencyPolicy?: string;
  /** Whether: suspend. @proto 4 @pointer */
  suspend?: boolean;
  /** Job template. @proto 5 @required */
  jobTemplate: JobTemplateSpec;
  /** Successful jobs history limit. @proto 6 @pointer */
  successfulJobsHistoryLimit?: Int32;
  /** Failed jobs history limit. @proto 7 @pointer */
  failedJobsHistoryLimit?: Int32;
}

/** Cron job status. */
export interface CronJobStatus {
  /** List of active. @proto 1 @listType atomic */
  active?: ObjectReference[];
  /** When: last schedule time. @proto 4 @pointer */
  lastScheduleTime?: Time;
  /** When: last successful time. @proto 5 @pointer */
  lastSuccessfulTime?: Time;
}

/** Job. */
export interface Job extends KubeObject {
  /** Spec. @proto 2 */
  spec?: JobSpec;
  /** Status. @proto 3 */
  status?: JobStatus;
}

/** Job condition. */
export interface JobCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last probe time. @proto 3 */
  lastProbeTime?: Time;
  /** When: last transition time. @proto 4 */
  lastTransitionTime?: Time;
  /** Reason. @proto 5 */
  reason?: string;
  /** Message. @proto 6 */
  message?: string;
}

/** Job spec. */
export interface JobSpec {
  /** Parallelism. @proto 1 @pointer */
  parallelism?: Int32;
  /** Completions. @proto 2 @pointer */
  completions?: Int32;
  /** Active deadline, in seconds. @proto 3 @pointer */
  activeDeadlineSeconds?: Int64;
  /** Pod failure policy. @proto 11 @pointer */
  podFailurePolicy?: PodFailurePolicy;
  /** Success policy. @proto 16 @pointer */
  successPolicy?: SuccessPolicy;
  /** Backoff limit. @proto 7 @pointer */
  backoffLimit?: Int32;
  /** Backoff limit per index. @proto 12 @pointer */
  backoffLimitPerIndex?: Int32;
  /** Max failed indexes. @proto 13 @pointer */
  maxFailedIndexes?: Int32;
  /** Selector. @proto 4 @pointer */
  selector?: LabelSelector;
  /** Whether: manual selector. @proto 5 @pointer */
  manualSelector?: boolean;
  /** Template. @proto 6 @required */
  template: PodTemplateSpec;
  /** Ttl seconds after finished. @proto 8 @pointer */
  ttlSecondsAfterFinished?: Int32;
  /** Completion mode. @proto 9 @pointer @enum Indexed|NonIndexed */
  completionMode?: string;
  /** Whether: suspend. @proto 10 @pointer */
  suspend?: boolean;
  /** Pod replacement policy. @proto 14 @pointer @enum Failed|TerminatingOrFailed */
  podReplacementPolicy?: string;
  /** Managed by. @proto 15 @pointer */
  managedBy?: string;
}

/** Job status. */
export interface JobStatus {
  /** List of conditions. @proto 1 @listType atomic @patchStrategy merge @patchMergeKey type */
  conditions?: JobCondition[];
  /** When: start time. @proto 2 @pointer */
  startTime?: Time;
  /** When: completion time. @proto 3 @pointer */
  completionTime?: Time;
  /** Active. @proto 4 */
  active?: Int32;
  /** Succeeded. @proto 5 */
  succeeded?: Int32;
  /** Failed. @proto 6 */
  failed?: Int32;
  /** Terminating. @proto 11 @pointer */
  terminating?: Int32;
  /** Completed indexes. @proto 7 */
  completedIndexes?: string;
  /** Failed indexes. @proto 10 @pointer */
  failedIndexes?: string;
  /** Uncounted terminated pods. @proto 8 @pointer */
  uncountedTerminatedPods?: UncountedTerminatedPods;
  /** Ready. @proto 9 @pointer */
  ready?: Int32;
}

/** Job template spec. */
export interface JobTemplateSpec {
  /** Metadata. @proto 1 */
  metadata?: ObjectMeta;
  /** Spec. @proto 2 */
  spec?: JobSpec;
}

/** Pod failure policy. */
export interface PodFailurePolicy {
  /** List of rules. @proto 1 @required @listType atomic */
  rules: PodFailurePolicyRule[];
}

/** Pod failure policy on exit codes requirement. */
export interface PodFailurePolicyOnExitCodesRequirement {
  /** Name of the container. @proto 1 @pointer */
  containerName?: string;
  /** Operator. @proto 2 @required @enum In|NotIn */
  operator: string;
  /** List of values. @proto 3 @required @listType set */
  values: Int32[];
}

/** Pod failure policy on pod conditions pattern. */
export interface PodFailurePolicyOnPodConditionsPattern {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @keepEmpty */
  status?: string;
}

/** Pod failure policy rule. */
export interface PodFailurePolicyRule {
  /** Action. @proto 1 @required @enum Count|FailIndex|FailJob|Ignore */
  action: string;
  /** On exit codes. @proto 2 @pointer */
  onExitCodes?: PodFailurePolicyOnExitCodesRequirement;
  /** List of on pod conditions. @proto 3 @listType atomic */
  onPodConditions?: PodFailurePolicyOnPodConditionsPattern[];
}

/** Success policy. */
export interface SuccessPolicy {
  /** List of rules. @proto 1 @required @listType atomic */
  rules: SuccessPolicyRule[];
}

/** Success policy rule. */
export interface SuccessPolicyRule {
  /** Succeeded indexes. @proto 1 @pointer */
  succeededIndexes?: string;
  /** Succeeded count. @proto 2 @pointer */
  succeededCount?: Int32;
}

/** Uncounted terminated pods. */
export interface UncountedTerminatedPods {
  /** List of succeeded. @proto 1 @listType set */
  succeeded?: string[];
  /** List of failed. @proto 2 @listType set */
  failed?: string[];
}
