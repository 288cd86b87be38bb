/**
 * Types of the group autoscaling, version v1.
 * @package io.k8s.api.autoscaling.v1
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Container resource metric source. @unpublished */
export interface ContainerResourceMetricSource {
  /** Name. @proto 1 @required */
  name: string;
  /** Target average utilization. @proto 2 @pointer */
  targetAverageUtilization?: Int32;
  /** Target average value. @proto 3 @pointer */
  targetAverageValue?: Quantity;
  /** Container. @proto 5 @required */
  container: string;
}

/** Container resource metric status. @unpublished */
export interface ContainerResourceMetricStatus {
  /** Name. @proto 1 @required */
  name: string;
  /** Current average utilization. @proto 2 @pointer */
  currentAverageUtilization?: Int32;
  /** Current average value. @proto 3 @required */
  currentAverageValue: Quantity;
  /** Container. @proto 4 @required */
  container: string;
}

/** Cross version object reference. @atomic */
export interface CrossVersionObjectReference {
  /** Kind. @proto 1 @required */
  kind: string;
  /** Name. @proto 2 @required */
  name: string;
  /** Api version. @proto 3 */
  apiVersion?: string;
}

/** External metric source. @unpublished */
export interface ExternalMetricSource {
  /** Name of the metric. @proto 1 @required */
  metricName: string;
  /** Metric selector. @proto 2 @pointer */
  metricSelector?: LabelSelector;
  /** Target value. @proto 3 @pointer */
  targetValue?: Quantity;
  /** Target average value. @proto 4 @pointer */
  targetAverageValue?: Quantity;
}

/** External metric status. @unpublished */
export interface ExternalMetricStatus {
  /** Name of the metric. @proto 1 @required */
  metricName: string;
  /** Metric selector. @proto 2 @pointer */
  metricSelector?: LabelSelector;
  /** Current value. @proto 3 @required */
  currentValue: Quantity;
  /** Current average value. @proto 4 @pointer */
  currentAverageValue?: Quantity;
}

/** Horizontal pod autoscaler. */
export interface HorizontalPodAutoscaler extends KubeObject {
  /** Spec. @proto 2 @required @omitEmpty */
  spec: HorizontalPodAutoscalerSpec;
  /** Status. @proto 3 */
  status?: HorizontalPodAutoscalerStatus;
}

/** Horizontal pod autoscaler condition. @unpublished */
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
  /** Target CPU utilization percentage. @proto 4 @pointer */
  targetCPUUtilizationPercentage?: Int32;
}

/** Horizontal pod autoscaler status. */
export interface HorizontalPodAutoscalerStatus {
  /** Observed generation. @proto 1 @pointer */
  observedGeneration?: Int64;
  /** When: last scale time. @proto 2 @pointer */
  lastScaleTime?: Time;
  /** Current replicas. @proto 3 @required */
  currentReplicas: Int32;
  /** Desired replicas. @proto 4 @required */
  desiredReplicas: Int32;
  /** Current CPU utilization percentage. @proto 5 @pointer */
  currentCPUUtilizationPercentage?: Int32;
}

/** Metric spec. @unpublished */
export interface MetricSpec {
  /** Type. @proto 1 @required @enum ContainerResource|External|Object|Pods|Resource */
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

/** Metric status. @unpublished */
export interface MetricStatus {
  /** Type. @proto 1 @required @enum ContainerResource|External|Object|Pods|Resource */
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

/** Object metric source. @unpublished */
export interface ObjectMetricSource {
  /** Target. @proto 1 @required */
  target: CrossVersionObjectReference;
  /** Name of the metric. @proto 2 @required */
  metricName: string;
  /** Target value. @proto 3 @required */
  targetValue: Quantity;
  /** Selector. @proto 4 @pointer */
  selector?: LabelSelector;
  /** Average value. @proto 5 @pointer */
  averageValue?: Quantity;
}

/** Object metric status. @unpublished */
export interface ObjectMetricStatus {
  /** Target. @proto 1 @required */
  target: CrossVersionObjectReference;
  /** Name of the metric. @proto 2 @required */
  metricName: string;
  /** Current value. @proto 3 @required */
  currentValue: Quantity;
  /** Selector. @proto 4 @pointer */
  selector?: LabelSelector;
  /** Average value. @proto 5 @pointer */
  averageValue?: Quantity;
}

/** Pods metric source. @unpublished */
export interface PodsMetricSource {
  /** Name of the metric. @proto 1 @required */
  metricName: string;
  /** Target average value. @proto 2 @required */
  targetAverageValue: Quantity;
  /** Selector. @proto 3 @pointer */
  selector?: LabelSelector;
}

/** Pods metric status. @unpublished */
export interface PodsMetricStatus {
  /** Name of the metric. @proto 1 @required */
  metricName: string;
  /** Current average value. @proto 2 @required */
  currentAverageValue: Quantity;
  /** Selector. @proto 3 @pointer */
  selector?: LabelSelector;
}

/** Resource metric source. @unpublished */
export interface ResourceMetricSource {
  /** Name. @proto 1 @required */
  name: string;
  /** Target average utilization. @proto 2 @pointer */
  targetAverageUtilization?: Int32;
  /** Target average value. @proto 3 @pointer */
  targetAverageValue?: Quantity;
}

/** Resource metric status. @unpublished */
export interface ResourceMetricStatus {
  /** Name. @proto 1 @required */
  name: string;
  /** Current average utilization. @proto 2 @pointer */
  currentAverageUtilization?: Int32;
  /** Current average value. @proto 3 @required */
  currentAverageValue: Quantity;
}

/** Scale. @noList */
export interface Scale extends KubeObject {
  /** Spec. @proto 2 */
  spec?: ScaleSpec;
  /** Status. @proto 3 */
  status?: ScaleStatus;
}

/** Scale spec. */
export interface ScaleSpec {
  /** Replicas. @proto 1 @default 0 */
  replicas?: Int32;
}

/** Scale status. */
export interface ScaleStatus {
  /** Replicas. @proto 1 @required */
  replicas: Int32;
  /** Selector. @proto 2 */
  selector?: string;
}
