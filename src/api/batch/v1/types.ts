/**
 * Types of the group batch, version v1.
 * @package io.k8s.api.batch.v1
 */
import type { ObjectReference, PodTemplateSpec } from '../../core/v1/types.ts';
import type { Int32, Int64, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector, ObjectMeta } from '../../meta/v1/types.ts';

/** Makes jobs at set times. */
export interface CronJob extends KubeObject {
  /** What is wanted. @proto 2 @required @omitEmpty */
  spec: CronJobSpec;
  /** What is: written by the system. @proto 3 */
  status?: CronJobStatus;
}

/** What is wanted of a cron job. */
export interface CronJobSpec {
  /** When, in cron's form: minute, hour, day of the month, month, day of the week. @proto 1 @required */
  schedule: string;
  /** Time zone of the schedule, as `Europe/Berlin`. @proto 8 @pointer */
  timeZone?: string;
  /** How late a job may still start, in seconds. @proto 2 @pointer */
  startingDeadlineSeconds?: Int64;
  /** What happens when the job before still runs: Allow, Forbid or Replace. @proto 3 @enum Allow|Forbid|Replace */
  concurrencyPolicy?: string;
  /** Whether nothing is started for now. @proto 4 @pointer */
  suspend?: boolean;
  /** The jobs to make. @proto 5 @required */
  jobTemplate: JobTemplateSpec;
  /** How many finished jobs are kept. @proto 6 @pointer */
  successfulJobsHistoryLimit?: Int32;
  /** How many failed jobs are kept. @proto 7 @pointer */
  failedJobsHistoryLimit?: Int32;
}

/** How a cron job is doing, as the system has found it. */
export interface CronJobStatus {
  /** Jobs that run. @proto 1 @listType atomic */
  active?: ObjectReference[];
  /** When a job was last due. @proto 4 @pointer */
  lastScheduleTime?: Time;
  /** When a job last finished well. @proto 5 @pointer */
  lastSuccessfulTime?: Time;
}

/** Runs pods until enough of them have finished well. */
export interface Job extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: JobSpec;
  /** What is: written by the system. @proto 3 */
  status?: JobStatus;
}

/** A remark about the state of a job. */
export interface JobCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the condition was last looked at. @proto 3 */
  lastProbeTime?: Time | null;
  /** When the status last changed from one value to another. @proto 4 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 5 */
  reason?: string;
  /** Why, as a sentence for people. @proto 6 */
  message?: string;
}

/** What is wanted of a job. */
export interface JobSpec {
  /** How many pods run at once. @proto 1 @pointer */
  parallelism?: Int32;
  /** How many pods must finish well. @proto 2 @pointer */
  completions?: Int32;
  /** How long the job may run before it is failed. @proto 3 @pointer */
  activeDeadlineSeconds?: Int64;
  /** Which failures count, and what they lead to. @proto 11 @pointer */
  podFailurePolicy?: PodFailurePolicy;
  /** When the job counts as done before all pods are. @proto 16 @pointer */
  successPolicy?: SuccessPolicy;
  /** How many failures are borne. @proto 7 @pointer */
  backoffLimit?: Int32;
  /** How many failures of each index are borne. @proto 12 @pointer */
  backoffLimitPerIndex?: Int32;
  /** How many indexes may fail. @proto 13 @pointer */
  maxFailedIndexes?: Int32;
  /** Selects the pods; normally set by the system. @proto 4 @pointer */
  selector?: LabelSelector;
  /** Whether the selector is set by hand. @proto 5 @pointer */
  manualSelector?: boolean;
  /** The pods to make. @proto 6 @required */
  template: PodTemplateSpec;
  /** How long the finished job is kept, in seconds. @proto 8 @pointer */
  ttlSecondsAfterFinished?: Int32;
  /** NonIndexed, or Indexed for pods with numbers. @proto 9 @pointer @enum Indexed|NonIndexed */
  completionMode?: string;
  /** Whether nothing is started for now. @proto 10 @pointer */
  suspend?: boolean;
  /** When a pod is replaced: TerminatingOrFailed, or Failed once it has ended. @proto 14 @pointer @enum Failed|TerminatingOrFailed */
  podReplacementPolicy?: string;
  /** Who runs the job, when not the job controller. @proto 15 @pointer */
  managedBy?: string;
}

/** How a job is doing, as the system has found it. */
export interface JobStatus {
  /** Remarks about the state, one a type. @proto 1 @listType atomic @patchStrategy merge @patchMergeKey type */
  conditions?: JobCondition[];
  /** When the job started. @proto 2 @pointer */
  startTime?: Time;
  /** When the job finished. @proto 3 @pointer */
  completionTime?: Time;
  /** How many pods run or wait. @proto 4 */
  active?: Int32;
  /** How many pods have finished well. @proto 5 */
  succeeded?: Int32;
  /** How many pods have failed. @proto 6 */
  failed?: Int32;
  /** How many pods are on their way out. @proto 11 @pointer */
  terminating?: Int32;
  /** Indexes that have finished well, as `1,3-5`. @proto 7 */
  completedIndexes?: string;
  /** Indexes that have failed, as `1,3-5`. @proto 10 @pointer */
  failedIndexes?: string;
  /** Pods that have ended, but are not in the counts yet. @proto 8 @pointer */
  uncountedTerminatedPods?: UncountedTerminatedPods;
  /** How many pods are ready. @proto 9 @pointer */
  ready?: Int32;
}

/** What jobs are made from. */
export interface JobTemplateSpec {
  /** Labels and annotations of the jobs. @proto 1 */
  metadata?: ObjectMeta;
  /** The job. @proto 2 */
  spec?: JobSpec;
}

/** What a job does about pods that fail. */
export interface PodFailurePolicy {
  /** The rules; the first that matches counts. @proto 1 @required @listType atomic */
  rules: PodFailurePolicyRule[];
}

/** Exit codes that a rule is for. */
export interface PodFailurePolicyOnExitCodesRequirement {
  /** Which container; all of them when unset. @proto 1 @pointer */
  containerName?: string;
  /** In or NotIn. @proto 2 @required @enum In|NotIn */
  operator: string;
  /** Exit codes. @proto 3 @required @listType set */
  values: Int32[];
}

/** A condition of the pod that a rule is for. */
export interface PodFailurePolicyOnPodConditionsPattern {
  /** Name of the condition. @proto 1 @required */
  type: string;
  /** Value of the condition. @proto 2 @keepEmpty */
  status?: string;
}

/** What is done about failures of one sort. */
export interface PodFailurePolicyRule {
  /** FailJob, FailIndex, Ignore or Count. @proto 1 @required @enum Count|FailIndex|FailJob|Ignore */
  action: string;
  /** Exit codes that the rule is for. @proto 2 @pointer */
  onExitCodes?: PodFailurePolicyOnExitCodesRequirement;
  /** Conditions that the rule is for. @proto 3 @listType atomic */
  onPodConditions?: PodFailurePolicyOnPodConditionsPattern[];
}

/** When a job counts as done before all its pods are. */
export interface SuccessPolicy {
  /** The rules; one that is met is enough. @proto 1 @required @listType atomic */
  rules: SuccessPolicyRule[];
}

/** Which pods must succeed for that. */
export interface SuccessPolicyRule {
  /** Indexes that must finish well, as `1,3-5`. @proto 1 @pointer */
  succeededIndexes?: string;
  /** How many must finish well. @proto 2 @pointer */
  succeededCount?: Int32;
}

/** Pods that have ended and are not in the counts yet. */
export interface UncountedTerminatedPods {
  /** Identifiers of pods that finished well. @proto 1 @listType set */
  succeeded?: string[];
  /** Identifiers of pods that failed. @proto 2 @listType set */
  failed?: string[];
}
