/**
 * Types of the group autoscaling, version v2.
 * @package io.k8s.api.autoscaling.v2
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Container resource metric source. */
export interface ContainerResourceMetricSource {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
  /** Name of the container. @proto 3 @required */
  container: string;
}

/** Container resource metric status. */
export interface ContainerResourceMetricStatus {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
  /** Name of the container. @proto 3 @required */
  container: string;
}

/** Cross version object reference. */
export interface CrossVersionObjectReference {
  /** Name of the kind, as `Pod`. @proto 1 @required */
  kind: string;
  /** Name of the object. @proto 2 @required */
  name: string;
  /** Group and version, as `apps/v1`; core kinds have the version alone. @proto 3 */
  apiVersion?: string;
}

/** External metric source. */
export interface ExternalMetricSource {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
}

/** External metric status. */
export interface ExternalMetricStatus {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
}

/** HPA scaling policy. */
export interface HPAScalingPolicy {
  /** Pods or Percent. @proto 1 @required */
  type: string;
  /** By how much the number may change. @proto 2 @required */
  value: Int32;
  /** In how many seconds. @proto 3 @required */
  periodSeconds: Int32;
}

/** HPA scaling rules. */
export interface HPAScalingRules {
  /** How far back to look for the most careful answer, in seconds. @proto 3 @pointer */
  stabilizationWindowSeconds?: Int32;
  /** Which policy counts: Max, Min, or Disabled for no change. @proto 1 @pointer */
  selectPolicy?: string;
  /** How fast the number may change. @proto 2 @listType atomic */
  policies?: HPAScalingPolicy[];
  /** How far a metric may be off before anything happens. @proto 4 @pointer */
  tolerance?: Quantity;
}

/** Changes a number of pods as metrics ask. */
export interface HorizontalPodAutoscaler extends KubeObject {
  /** What is wanted. @proto 2 @required @omitEmpty */
  spec: HorizontalPodAutoscalerSpec;
  /** What is: written by the system. @proto 3 */
  status?: HorizontalPodAutoscalerStatus;
}

/** Horizontal pod autoscaler behavior. */
export interface HorizontalPodAutoscalerBehavior {
  /** How fast to grow. @proto 1 @pointer */
  scaleUp?: HPAScalingRules;
  /** How fast to shrink. @proto 2 @pointer */
  scaleDown?: HPAScalingRules;
}

/** Horizontal pod autoscaler condition. */
export interface HorizontalPodAutoscalerCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the status last changed from one value to another. @proto 3 */
  lastTransitionTime?: Time;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Why, as a sentence for people. @proto 5 */
  message?: string;
}

/** Horizontal pod autoscaler spec. */
export interface HorizontalPodAutoscalerSpec {
  /** What is scaled. @proto 1 @required */
  scaleTargetRef: CrossVersionObjectReference;
  /** The fewest pods. @proto 2 @pointer */
  minReplicas?: Int32;
  /** The most pods. @proto 3 @required */
  maxReplicas: Int32;
  /** What to go by; the one that asks for most pods wins. @proto 4 @listType atomic */
  metrics?: MetricSpec[];
  /** How fast to grow and shrink. @proto 5 @pointer */
  behavior?: HorizontalPodAutoscalerBehavior;
}

/** Horizontal pod autoscaler status. */
export interface HorizontalPodAutoscalerStatus {
  /** The generation of the object that this status speaks of. @proto 1 @pointer */
  observedGeneration?: Int64;
  /** When the number last changed. @proto 2 @pointer */
  lastScaleTime?: Time;
  /** How many pods there were when last looked at. @proto 3 */
  currentReplicas?: Int32;
  /** How many pods are wanted now. @proto 4 @required */
  desiredReplicas: Int32;
  /** What the metrics were when last looked at. @proto 5 @keepEmpty @listType atomic */
  currentMetrics?: MetricStatus[];
  /** Remarks about the state, one a type. @proto 6 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: HorizontalPodAutoscalerCondition[];
}

/** Metric identifier. */
export interface MetricIdentifier {
  /** Name of the metric. @proto 1 @required */
  name: string;
  /** Selects among metrics of that name. @proto 2 @pointer */
  selector?: LabelSelector;
}

/** Metric spec. */
export interface MetricSpec {
  /** Object, Pods, Resource, ContainerResource or External. @proto 1 @required */
  type: string;
  /** A metric of one object. @proto 2 @pointer */
  object?: ObjectMetricSource;
  /** A metric of each pod, averaged over them. @proto 3 @pointer */
  pods?: PodsMetricSource;
  /** Name of the resource, in the plural. @proto 4 @pointer */
  resource?: ResourceMetricSource;
  /** A resource of one container of each pod. @proto 7 @pointer */
  containerResource?: ContainerResourceMetricSource;
  /** A metric from outside the cluster. @proto 5 @pointer */
  external?: ExternalMetricSource;
}

/** Metric status. */
export interface MetricStatus {
  /** Object, Pods, Resource, ContainerResource or External. @proto 1 @required */
  type: string;
  /** A metric of one object. @proto 2 @pointer */
  object?: ObjectMetricStatus;
  /** A metric of each pod, averaged over them. @proto 3 @pointer */
  pods?: PodsMetricStatus;
  /** Name of the resource, in the plural. @proto 4 @pointer */
  resource?: ResourceMetricStatus;
  /** A resource of one container of each pod. @proto 7 @pointer */
  containerResource?: ContainerResourceMetricStatus;
  /** A metric from outside the cluster. @proto 5 @pointer */
  external?: ExternalMetricStatus;
}

/** Metric target. */
export interface MetricTarget {
  /** Utilization, Value or AverageValue. @proto 1 @required */
  type: string;
  /** Wanted value of the metric. @proto 2 @pointer */
  value?: Quantity;
  /** Value of the metric, averaged over the pods. @proto 3 @pointer */
  averageValue?: Quantity;
  /** Use, in percent of what pods request. @proto 4 @pointer */
  averageUtilization?: Int32;
}

/** Metric value status. */
export interface MetricValueStatus {
  /** Value of the metric. @proto 1 @pointer */
  value?: Quantity;
  /** Value of the metric, averaged over the pods. @proto 2 @pointer */
  averageValue?: Quantity;
  /** Use, in percent of what pods request. @proto 3 @pointer */
  averageUtilization?: Int32;
}

/** Object metric source. */
export interface ObjectMetricSource {
  /** The object. @proto 1 @required */
  describedObject: CrossVersionObjectReference;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
  /** Which metric. @proto 3 @required */
  metric: MetricIdentifier;
}

/** Object metric status. */
export interface ObjectMetricStatus {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
  /** The object. @proto 3 @required */
  describedObject: CrossVersionObjectReference;
}

/** Pods metric source. */
export interface PodsMetricSource {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
}

/** Pods metric status. */
export interface PodsMetricStatus {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
}

/** Resource metric source. */
export interface ResourceMetricSource {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
}

/** Resource metric status. */
export interface ResourceMetricStatus {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
}
