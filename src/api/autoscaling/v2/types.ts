/**
 * Types of the group autoscaling, version v2.
 * @package io.k8s.api.autoscaling.v2
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Container resource metric source. */
export interface ContainerResourceMetricSource {
  /** Name. @proto 1 @required */
  name: string;
  /** Target. @proto 2 @required */
  target: MetricTarget;
  /** Container. @proto 3 @required */
  container: string;
}

/** Container resource metric status. */
export interface ContainerResourceMetricStatus {
  /** Name. @proto 1 @required */
  name: string;
  /** Current. @proto 2 @required */
  current: MetricValueStatus;
  /** Container. @proto 3 @required */
  container: string;
}

/** Cross version object reference. */
export interface CrossVersionObjectReference {
  /** Kind. @proto 1 @required */
  kind: string;
  /** Name. @proto 2 @required */
  name: string;
  /** Api version. @proto 3 */
  apiVersion?: string;
}

/** External metric source. */
export interface ExternalMetricSource {
  /** Metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Target. @proto 2 @required */
  target: MetricTarget;
}

/** External metric status. */
export interface ExternalMetricStatus {
  /** Metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Current. @proto 2 @required */
  current: MetricValueStatus;
}

/** HPA scaling policy. */
export interface HPAScalingPolicy {
  /** Type. @proto 1 @required */
  type: string;
  /** Value. @proto 2 @required */
  value: Int32;
  /** Period, in seconds. @proto 3 @required */
  periodSeconds: Int32;
}

/** HPA scaling rules. */
export interface HPAScalingRules {
  /** Stabilization window, in seconds. @proto 3 @pointer */
  stabilizationWindowSeconds?: Int32;
  /** Select policy. @proto 1 @pointer */
  selectPolicy?: string;
  /** List of policies. @proto 2 @listType atomic */
  policies?: HPAScalingPolicy[];
  /** Tolerance. @proto 4 @pointer */
  tolerance?: Quantity;
}

/** Horizontal pod autoscaler. */
export interface HorizontalPodAutoscaler extends KubeObject {
  /** Spec. @proto 2 @required @omitEmpty */
  spec: HorizontalPodAutoscalerSpec;
  /** Status. @proto 3 */
  status?: HorizontalPodAutoscalerStatus;
}

/** Horizontal pod autoscaler behavior. */
export interface HorizontalPodAutoscalerBehavior {
  /** Scale up. @proto 1 @pointer */
  scaleUp?: HPAScalingRules;
  /** Scale down. @proto 2 @pointer */
  scaleDown?: HPAScalingRules;
}

/** Horizontal pod autoscaler condition. */
export interface HorizontalPodAutoscalerCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last transition time. @proto 3 */
  lastTransitionTime?: Time;
  /** Reason. @proto 4 */
  reason?: string;
  /** Message. @proto 5 */
  message?: string;
}

/** Horizontal pod autoscaler spec. */
export interface HorizontalPodAutoscalerSpec {
  /** Reference to the scale target. @proto 1 @required */
  scaleTargetRef: CrossVersionObjectReference;
  /** Min replicas. @proto 2 @pointer */
  minReplicas?: Int32;
  /** Max replicas. @proto 3 @required */
  maxReplicas: Int32;
  /** List of metrics. @proto 4 @listType atomic */
  metrics?: MetricSpec[];
  /** Behavior. @proto 5 @pointer */
  behavior?: HorizontalPodAutoscalerBehavior;
}

/** Horizontal pod autoscaler status. */
export interface HorizontalPodAutoscalerStatus {
  /** Observed generation. @proto 1 @pointer */
  observedGeneration?: Int64;
  /** When: last scale time. @proto 2 @pointer */
  lastScaleTime?: Time;
  /** Current replicas. @proto 3 */
  currentReplicas?: Int32;
  /** Desired replicas. @proto 4 @required */
  desiredReplicas: Int32;
  /** List of current metrics. @proto 5 @keepEmpty @listType atomic */
  currentMetrics?: MetricStatus[];
  /** List of conditions. @proto 6 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: HorizontalPodAutoscalerCondition[];
}

/** Metric identifier. */
export interface MetricIdentifier {
  /** Name. @proto 1 @required */
  name: string;
  /** Selector. @proto 2 @pointer */
  selector?: LabelSelector;
}

/** Metric spec. */
export interface MetricSpec {
  /** Type. @proto 1 @required */
  type: string;
  /** Object. @proto 2 @pointer */
  object?: ObjectMetricSource;
  /** Pods. @proto 3 @pointer */
  pods?: PodsMetricSource;
  /** Resource. @proto 4 @pointer */
  resource?: ResourceMetricSource;
  /** Container resource. @proto 7 @pointer */
  containerResource?: ContainerResourceMetricSource;
  /** External. @proto 5 @pointer */
  external?: ExternalMetricSource;
}

/** Metric status. */
export interface MetricStatus {
  /** Type. @proto 1 @required */
  type: string;
  /** Object. @proto 2 @pointer */
  object?: ObjectMetricStatus;
  /** Pods. @proto 3 @pointer */
  pods?: PodsMetricStatus;
  /** Resource. @proto 4 @pointer */
  resource?: ResourceMetricStatus;
  /** Container resource. @proto 7 @pointer */
  containerResource?: ContainerResourceMetricStatus;
  /** External. @proto 5 @pointer */
  external?: ExternalMetricStatus;
}

/** Metric target. */
export interface MetricTarget {
  /** Type. @proto 1 @required */
  type: string;
  /** Value. @proto 2 @pointer */
  value?: Quantity;
  /** Average value. @proto 3 @pointer */
  averageValue?: Quantity;
  /** Average utilization. @proto 4 @pointer */
  averageUtilization?: Int32;
}

/** Metric value status. */
export interface MetricValueStatus {
  /** Value. @proto 1 @pointer */
  value?: Quantity;
  /** Average value. @proto 2 @pointer */
  averageValue?: Quantity;
  /** Average utilization. @proto 3 @pointer */
  averageUtilization?: Int32;
}

/** Object metric source. */
export interface ObjectMetricSource {
  /** Described object. @proto 1 @required */
  describedObject: CrossVersionObjectReference;
  /** Target. @proto 2 @required */
  target: MetricTarget;
  /** Metric. @proto 3 @required */
  metric: MetricIdentifier;
}

/** Object metric status. */
export interface ObjectMetricStatus {
  /** Metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Current. @proto 2 @required */
  current: MetricValueStatus;
  /** Described object. @proto 3 @required */
  describedObject: CrossVersionObjectReference;
}

/** Pods metric source. */
export interface PodsMetricSource {
  /** Metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Target. @proto 2 @required */
  target: MetricTarget;
}

/** Pods metric status. */
export interface PodsMetricStatus {
  /** Metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Current. @proto 2 @required */
  current: MetricValueStatus;
}

/** Resource metric source. */
export interface ResourceMetricSource {
  /** Name. @proto 1 @required */
  name: string;
  /** Target. @proto 2 @required */
  target: MetricTarget;
}

/** Resource metric status. */
export interface ResourceMetricStatus {
  /** Name. @proto 1 @required */
  name: string;
  /** Current. @proto 2 @required */
  current: MetricValueStatus;
}
