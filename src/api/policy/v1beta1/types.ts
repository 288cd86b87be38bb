/**
 * Types of the group policy, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.policy.v1beta1 @offByDefault
 */
import type { Int32, Int64, IntOrString, Time } from '../../meta/v1/scalars.ts';
import type { Condition, DeleteOptions, KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Asks a pod to go, if its budget allows it. @noList @unpublished */
export interface Eviction extends KubeObject {
  /** How to delete the pod. @proto 2 @pointer */
  deleteOptions?: DeleteOptions;
}

/** How many pods of a kind may be missing when somebody makes them go. @unpublished */
export interface PodDisruptionBudget extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: PodDisruptionBudgetSpec;
  /** What is: written by the system. @proto 3 */
  status?: PodDisruptionBudgetStatus;
}

/** What is wanted of a pod disruption budget. @unpublished */
export interface PodDisruptionBudgetSpec {
  /** How many must be there, as a number or percentage. @proto 1 @pointer */
  minAvailable?: IntOrString;
  /** Which pods. @proto 2 @pointer */
  selector?: LabelSelector;
  /** How many may be missing at a time, as a number or percentage. @proto 3 @pointer */
  maxUnavailable?: IntOrString;
  /** Whether pods that are not ready may always go: IfHealthyBudget or AlwaysAllow. @proto 4 @pointer @enum AlwaysAllow|IfHealthyBudget */
  unhealthyPodEvictionPolicy?: string;
}

/** How a pod disruption budget is doing, as the system has found it. @unpublished */
export interface PodDisruptionBudgetStatus {
  /** The generation of the object that this status speaks of. @proto 1 */
  observedGeneration?: Int64;
  /** Pods that were let go, but are still there. @proto 2 */
  disruptedPods?: Record<string, Time>;
  /** How many pods may go now. @proto 3 @keepEmpty */
  disruptionsAllowed?: Int32;
  /** How many pods are healthy. @proto 4 @keepEmpty */
  currentHealthy?: Int32;
  /** How many must be. @proto 5 @keepEmpty */
  desiredHealthy?: Int32;
  /** How many pods there are. @proto 6 @keepEmpty */
  expectedPods?: Int32;
  /** Remarks about the state, one a type. @proto 7 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
}
