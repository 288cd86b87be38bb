/**
 * Types of the group scheduling, version v1alpha2. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.scheduling.v1alpha2 @offByDefault
 */
import type { Int32 } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject } from '../../meta/v1/types.ts';

/** Each pod for itself. */
export interface BasicSchedulingPolicy {
}

/** All or none. */
export interface GangSchedulingPolicy {
  /** How many pods must fit at once. @proto 1 @required */
  minCount: Int32;
}

/** Pods that are scheduled together. */
export interface PodGroup extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: PodGroupSpec;
  /** What is: written by the system. @proto 3 */
  status?: PodGroupStatus;
}

/** A claim that the pods of a group share. */
export interface PodGroupResourceClaim {
  /** Name by which pods refer to the claim. @proto 1 @required */
  name: string;
  /** Name of a claim that is there. @proto 2 @pointer */
  resourceClaimName?: string;
  /** Name of the template that a claim is made from. @proto 3 @pointer */
  resourceClaimTemplateName?: string;
}

/** The claim that was made for a group. */
export interface PodGroupResourceClaimStatus {
  /** Name of the claim in the spec. @proto 1 @required */
  name: string;
  /** Name of the claim that was made. @proto 2 @pointer */
  resourceClaimName?: string;
}

/** Where the pods of a group may be. */
export interface PodGroupSchedulingConstraints {
  /** Domains that the pods must share. @proto 1 @listType atomic */
  topology?: TopologyConstraint[];
}

/** How the pods of a group are scheduled: one of the policies. @union [{"fields-to-discriminateBy":{"basic":"Basic","gang":"Gang"}}] */
export interface PodGroupSchedulingPolicy {
  /** Each pod for itself. @proto 1 @pointer */
  basic?: BasicSchedulingPolicy;
  /** All or none. @proto 2 @pointer */
  gang?: GangSchedulingPolicy;
}

/** How the pods are to be placed. */
export interface PodGroupSpec {
  /** The template that the group was made from. @proto 1 @pointer @keepEmpty */
  podGroupTemplateRef?: PodGroupTemplateReference;
  /** How the pods are scheduled. @proto 2 @required */
  schedulingPolicy: PodGroupSchedulingPolicy;
  /** Where the pods may be. @proto 3 @pointer */
  schedulingConstraints?: PodGroupSchedulingConstraints;
  /** Claims that the pods share. @proto 4 @listType map @listKeys name @patchStrategy merge,retainKeys @patchMergeKey name */
  resourceClaims?: PodGroupResourceClaim[];
  /** Whether pods may be preempted one by one, or only all together. @proto 5 @pointer @enum Pod|PodGroup @default "Pod" */
  disruptionMode?: string;
  /** Name of the class that gives the group its priority. @proto 6 */
  priorityClassName?: string;
  /** The priority; the class fills it in. @proto 7 @pointer */
  priority?: Int32;
}

/** How far the group has come. */
export interface PodGroupStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
  /** Claims that were made for the group. @proto 2 @listType map @listKeys name @patchStrategy merge,retainKeys @patchMergeKey name */
  resourceClaimStatuses?: PodGroupResourceClaimStatus[];
}

/** What groups are made from. */
export interface PodGroupTemplate {
  /** Name of the template, unique in its workload. @proto 1 @required */
  name: string;
  /** How the pods are scheduled. @proto 2 @required */
  schedulingPolicy: PodGroupSchedulingPolicy;
  /** Where the pods may be. @proto 3 @pointer @keepEmpty */
  schedulingConstraints?: PodGroupSchedulingConstraints;
  /** Claims that the pods share. @proto 4 @listType map @listKeys name @patchStrategy merge,retainKeys @patchMergeKey name */
  resourceClaims?: PodGroupResourceClaim[];
  /** Whether pods may be preempted one by one, or only all together. @proto 5 @pointer @enum Pod|PodGroup */
  disruptionMode?: string;
  /** Name of the class that gives the group its priority. @proto 6 */
  priorityClassName?: string;
  /** The priority; the class fills it in. @proto 7 @pointer */
  priority?: Int32;
}

/** Where a group comes from. @union [{"fields-to-discriminateBy":{"workload":"Workload"}}] */
export interface PodGroupTemplateReference {
  /** A template of a workload. @proto 1 @pointer @keepEmpty */
  workload?: WorkloadPodGroupTemplateReference;
}

/** All pods in one domain. */
export interface TopologyConstraint {
  /** Label of nodes whose value names the domain. @proto 1 @required */
  key: string;
}

/** An object in the same namespace, by kind and name. */
export interface TypedLocalObjectReference {
  /** Group of the kind that is referred to; empty for the core group. @proto 1 */
  apiGroup?: string;
  /** Name of the kind, as `Pod`. @proto 2 @required */
  kind: string;
  /** Name of the object. @proto 3 @required */
  name: string;
}

/** What an application consists of, for the scheduler. */
export interface Workload extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: WorkloadSpec;
}

/** Where in a workload a group's template stands. */
export interface WorkloadPodGroupTemplateReference {
  /** The workload that the template is in. @proto 1 @required */
  workloadName: string;
  /** Name of the template in the workload. @proto 2 @required */
  podGroupTemplateName: string;
}

/** The groups of pods. */
export interface WorkloadSpec {
  /** What the pods belong to, as a Job. @proto 1 @pointer */
  controllerRef?: TypedLocalObjectReference;
  /** What the groups of pods are made from, each under a name. @proto 2 @required @listType map @listKeys name */
  podGroupTemplates: PodGroupTemplate[];
}
