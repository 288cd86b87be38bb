/**
 * Types of the group autoscaling, version v1.
 * @package io.k8s.api.autoscaling.v1
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Use of a resource by one container of the pods. @unpublished */
export interface ContainerResourceMetricSource {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** Wanted use, in percent of what pods request. @proto 2 @pointer */
  targetAverageUtilization?: Int32;
  /** Wanted value of the metric, averaged over the pods. @proto 3 @pointer */
  targetAverageValue?: Quantity;
  /** Name of the container. @proto 5 @required */
  container: string;
}

/** How much of a resource that container uses now. @unpublished */
export interface ContainerResourceMetricStatus {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** Present use, in percent of what pods request. @proto 2 @pointer */
  currentAverageUtilization?: Int32;
  /** Present value of the metric, averaged over the pods. @proto 3 @required */
  currentAverageValue: Quantity;
  /** Name of the container. @proto 4 @required */
  container: string;
}

/** An object, by kind and name. @atomic */
export interface CrossVersionObjectReference {
  /** Name of the kind, as `Pod`. @proto 1 @required */
  kind: string;
  /** Name of the object. @proto 2 @required */
  name: string;
  /** Group and version, as `apps/v1`; core kinds have the version alone. @proto 3 */
  apiVersion?: string;
}

/** A metric of something outside the cluster. @unpublished */
export interface ExternalMetricSource {
  /** What is measured, under the name that the metrics API has for it. @proto 1 @required */
  metricName: string;
  /** Selects among metrics of that name. @proto 2 @pointer */
  metricSelector?: LabelSelector;
  /** Wanted value of the metric. @proto 3 @pointer */
  targetValue?: Quantity;
  /** Wanted value of the metric, averaged over the pods. @proto 4 @pointer */
  targetAverageValue?: Quantity;
}

/** What that outside metric is now. @unpublished */
export interface ExternalMetricStatus {
  /** What is measured, under the name that the metrics API has for it. @proto 1 @required */
  metricName: string;
  /** Selects among metrics of that name. @proto 2 @pointer */
  metricSelector?: LabelSelector;
  /** Present value of the metric. @proto 3 @required */
  currentValue: Quantity;
  /** Present value of the metric, averaged over the pods. @proto 4 @pointer */
  currentAverageValue?: Quantity;
}

/** Changes a number of pods as metrics ask. */
export interface HorizontalPodAutoscaler extends KubeObject {
  /** What is wanted. @proto 2 @required @omitEmpty */
  spec: HorizontalPodAutoscalerSpec;
  /** What is: written by the system. @proto 3 */
  status?: HorizontalPodAutoscalerStatus;
}

/** A remark about the state of a horizontal pod autoscaler. @unpublished */
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
  /** Wanted use of the CPU, in percent of what pods request. @proto 4 @pointer */
  targetCPUUtilizationPercentage?: Int32;
}

/** How a horizontal pod autoscaler is doing, as the system has found it. */
export interface HorizontalPodAutoscalerStatus {
  /** The generation of the object that this status speaks of. @proto 1 @pointer */
  observedGeneration?: Int64;
  /** When the number last changed. @proto 2 @pointer */
  lastScaleTime?: Time;
  /** How many pods there were when last looked at. @proto 3 @required */
  currentReplicas: Int32;
  /** How many pods are wanted now. @proto 4 @required */
  desiredReplicas: Int32;
  /** Present use of the CPU, in percent of what pods request. @proto 5 @pointer */
  currentCPUUtilizationPercentage?: Int32;
}

/** One metric by which the number of replicas is worked out. @unpublished */
export interface MetricSpec {
  /** Object, Pods, Resource, ContainerResource or External. @proto 1 @required @enum ContainerResource|External|Object|Pods|Resource */
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

/** What a metric was when it was last read. @unpublished */
export interface MetricStatus {
  /** Object, Pods, Resource, ContainerResource or External. @proto 1 @required @enum ContainerResource|External|Object|Pods|Resource */
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

/** A metric of one object, such as requests at an Ingress. @unpublished */
export interface ObjectMetricSource {
  /** What is wanted. @proto 1 @required */
  target: CrossVersionObjectReference;
  /** What is measured, under the name that the metrics API has for it. @proto 2 @required */
  metricName: string;
  /** Wanted value of the metric. @proto 3 @required */
  targetValue: Quantity;
  /** Selects among metrics of that name. @proto 4 @pointer */
  selector?: LabelSelector;
  /** Value of the metric, averaged over the pods. @proto 5 @pointer */
  averageValue?: Quantity;
}

/** What that object's metric is now. @unpublished */
export interface ObjectMetricStatus {
  /** What the metric is about. @proto 1 @required */
  target: CrossVersionObjectReference;
  /** What is measured, under the name that the metrics API has for it. @proto 2 @required */
  metricName: string;
  /** Present value of the metric. @proto 3 @required */
  currentValue: Quantity;
  /** Selects among metrics of that name. @proto 4 @pointer */
  selector?: LabelSelector;
  /** Value of the metric, averaged over the pods. @proto 5 @pointer */
  averageValue?: Quantity;
}

/** A metric of the pods, taken on average. @unpublished */
export interface PodsMetricSource {
  /** What is measured, under the name that the metrics API has for it. @proto 1 @required */
  metricName: string;
  /** Wanted value of the metric, averaged over the pods. @proto 2 @required */
  targetAverageValue: Quantity;
  /** Selects among metrics of that name. @proto 3 @pointer */
  selector?: LabelSelector;
}

/** What the pods' metric is now, on average. @unpublished */
export interface PodsMetricStatus {
  /** What is measured, under the name that the metrics API has for it. @proto 1 @required */
  metricName: string;
  /** Present value of the metric, averaged over the pods. @proto 2 @required */
  currentAverageValue: Quantity;
  /** Selects among metrics of that name. @proto 3 @pointer */
  selector?: LabelSelector;
}

/** Use of a resource by the pods. @unpublished */
export interface ResourceMetricSource {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** Wanted use, in percent of what pods request. @proto 2 @pointer */
  targetAverageUtilization?: Int32;
  /** Wanted value of the metric, averaged over the pods. @proto 3 @pointer */
  targetAverageValue?: Quantity;
}

/** How much of a resource the pods use now. @unpublished */
export interface ResourceMetricStatus {
  /** Name of the resource, as `cpu`. @proto 1 @required */
  name: string;
  /** Present use, in percent of what pods request. @proto 2 @pointer */
  currentAverageUtilization?: Int32;
  /** Present value of the metric, averaged over the pods. @proto 3 @required */
  currentAverageValue: Quantity;
}

/** How many pods something has and wants. @noList */
export interface Scale extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: ScaleSpec;
  /** What is: written by the system. @proto 3 */
  status?: ScaleStatus;
}

/** What is wanted of a scale. */
export interface ScaleSpec {
  /** How many are wanted. @proto 1 @default 0 */
  replicas?: Int32;
}

/** How a scale is doing, as the system has found it. */
export interface ScaleStatus {
  /** How many there are. @proto 1 @required */
  replicas: Int32;
  /** Selector of the pods, as text. @proto 2 */
  selector?: string;
}
