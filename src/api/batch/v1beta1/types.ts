/**
 * Types of the group batch, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.batch.v1beta1 @offByDefault
 */
import type { ObjectReference } from '../../core/v1/types.ts';
import type { Int32, Int64, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, ObjectMeta } from '../../meta/v1/types.ts';
import type { JobSpec } from '../v1/types.ts';

/** Makes jobs at set times. @unpublished */
export interface CronJob extends KubeObject {
  /** What is wanted. @proto 2 @required @omitEmpty */
  spec: CronJobSpec;
  /** What is: written by the system. @proto 3 */
  status?: CronJobStatus;
}

/** What is wanted of a cron job. @unpublished */
export interface CronJobSpec {
  /** When, in cron's form: minute, hour, day of the month, month, day of the week. @proto 1 @required */
  schedule: string;
  /** Time zone of the schedule, as `Europe/Berlin`. @proto 8 @pointer */
  timeZone?: string;
  /** How late a job may still start, in seconds. @proto 2 @pointer */
  startingDeadlineSeconds?: Int64;
  /** What happens when the job before still runs: Allow, Forbid or Replace. @proto 3 */
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

/** How a cron job is doing, as the system has found it. @unpublished */
export interface CronJobStatus {
  /** Jobs that run. @proto 1 @listType atomic */
  active?: ObjectReference[];
  /** When a job was last due. @proto 4 @pointer */
  lastScheduleTime?: Time;
  /** When a job last finished well. @proto 5 @pointer */
  lastSuccessfulTime?: Time;
}

/** What jobs are made from. @unpublished */
export interface JobTemplateSpec {
  /** Labels and annotations of the jobs. @proto 1 */
  metadata: ObjectMeta;
  /** The job. @proto 2 */
  spec?: JobSpec;
}
