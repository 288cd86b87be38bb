/**
 * Types of the group autoscaling, version v2.
 * @package io.k8s.api.autoscaling.v2
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Use of a resource by one container of the pods. */
export interface ContainerResourceMetricSource {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
  /** Name of the container. @proto 3 @required */
  container: string;
}

/** How much of a resource that container uses now. */
export interface ContainerResourceMetricStatus {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
  /** Name of the container. @proto 3 @required */
  container: string;
}

/** An object, by kind and name. */
export interface CrossVersionObjectReference {
  /** Name of the kind, as `Pod`. @proto 1 @required */
  kind: string;
  /** Name of the object. @proto 2 @required */
  name: string;
  /** Group and version, as `apps/v1`; core kinds have the version alone. @proto 3 */
  apiVersion?: string;
}

/** A metric of something outside the cluster. */
export interface ExternalMetricSource {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
}

/** What that outside metric is now. */
export interface ExternalMetricStatus {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
}

/** How much the number of replicas may change in a span of time. */
export interface HPAScalingPolicy {
  /** Pods or Percent. @proto 1 @required */
  type: string;
  /** By how much the number may change. @proto 2 @required */
  value: Int32;
  /** In how many seconds. @proto 3 @required */
  periodSeconds: Int32;
}

/** How fast the number of replicas changes in one direction. */
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

/** How fast the number of replicas goes up and down. */
export interface HorizontalPodAutoscalerBehavior {
  /** How fast to grow. @proto 1 @pointer */
  scaleUp?: HPAScalingRules;
  /** How fast to shrink. @proto 2 @pointer */
  scaleDown?: HPAScalingRules;
}

/** A remark about the state of a horizontal pod autoscaler. */
export interface HorizontalPodAutoscalerCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the status last changed from one value to another. @proto 3 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Why, as a sentence for people. @proto 5 */
  message?: string;
}

/** What is wanted of a horizontal pod autoscaler. */
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

/** How a horizontal pod autoscaler is doing, as the system has found it. */
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

/** A metric, by name and labels. */
export interface MetricIdentifier {
  /** Name of the metric. @proto 1 @required */
  name: string;
  /** Selects among metrics of that name. @proto 2 @pointer */
  selector?: LabelSelector;
}

/** One metric by which the number of replicas is worked out. */
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

/** What a metric was when it was last read. */
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

/** What a metric ought to be. */
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

/** What a metric is now. */
export interface MetricValueStatus {
  /** Value of the metric. @proto 1 @pointer */
  value?: Quantity;
  /** Value of the metric, averaged over the pods. @proto 2 @pointer */
  averageValue?: Quantity;
  /** Use, in percent of what pods request. @proto 3 @pointer */
  averageUtilization?: Int32;
}

/** A metric of one object, such as requests at an Ingress. */
export interface ObjectMetricSource {
  /** What the metric is about. @proto 1 @required */
  describedObject: CrossVersionObjectReference;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
  /** Which metric. @proto 3 @required */
  metric: MetricIdentifier;
}

/** What that object's metric is now. */
export interface ObjectMetricStatus {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
  /** What the metric is about. @proto 3 @required */
  describedObject: CrossVersionObjectReference;
}

/** A metric of the pods, taken on average. */
export interface PodsMetricSource {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
}

/** What the pods' metric is now, on average. */
export interface PodsMetricStatus {
  /** Which metric. @proto 1 @required */
  metric: MetricIdentifier;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
}

/** Use of a resource by the pods. */
export interface ResourceMetricSource {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** What is wanted. @proto 2 @required */
  target: MetricTarget;
}

/** How much of a resource the pods use now. */
export interface ResourceMetricStatus {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** Present value of the metric. @proto 2 @required */
  current: MetricValueStatus;
}
