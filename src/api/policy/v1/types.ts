/**
 * Types of the group policy, version v1.
 * @package io.k8s.api.policy.v1
 */
import type { Int32, Int64, IntOrString, Time } from '../../meta/v1/scalars.ts';
import type { Condition, DeleteOptions, KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Eviction. @noList */
export interface Eviction extends KubeObject {
  /** Delete options. @proto 2 @pointer */
  deleteOptions?: DeleteOptions;
}

/** Pod disruption budget. */
export interface PodDisruptionBudget extends KubeObject {
  /** Spec. @proto 2 */
  spec?: PodDisruptionBudgetSpec;
  /** Status. @proto 3 */
  status?: PodDisruptionBudgetStatus;
}

/** Pod disruption budget spec. */
export interface PodDisruptionBudgetSpec {
  /** Min available. @proto 1 @pointer */
  minAvailable?: IntOrString;
  /** Selector. @proto 2 @pointer @patchStrategy replace */
  selector?: LabelSelector;
  /** Max unavailable. @proto 3 @pointer */
  maxUnavailable?: IntOrString;
  /** Unhealthy pod eviction policy. @proto 4 @pointer @enum AlwaysAllow|IfHealthyBudget */
  unhealthyPodEvictionPolicy?: string;
}

/** Pod disruption budget status. */
export interface PodDisruptionBudgetStatus {
  /** Observed generation. @proto 1 */
  observedGeneration?: Int64;
  /** Disrupted pods, by key. @proto 2 */
  disruptedPods?: Record<string, Time>;
  /** Disruptions allowed. @proto 3 @keepEmpty */
  disruptionsAllowed?: Int32;
  /** Current healthy. @proto 4 @keepEmpty */
  currentHealthy?: Int32;
  /** Desired healthy. @proto 5 @keepEmpty */
  desiredHealthy?: Int32;
  /** Expected pods. @proto 6 @keepEmpty */
  expectedPods?: Int32;
  /** List of conditions. @proto 7 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
}
