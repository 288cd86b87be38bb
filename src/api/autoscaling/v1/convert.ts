/**
 * Autoscalers between autoscaling/v1 and autoscaling/v2. What v1 has no field for travels in annotations, in the shapes of v1's own metric types.
 */
import type {
  HorizontalPodAutoscaler as AutoscalerV2, MetricSpec as MetricSpecV2, MetricStatus as MetricStatusV2, MetricTarget, MetricValueStatus,
} from '../v2/types.ts';
import type { HorizontalPodAutoscaler as AutoscalerV1, MetricSpec, MetricStatus } from './types.ts';

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

/** The object without the properties that are undefined. */
function defined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

const isCpuUtilization = (metric: MetricSpecV2): boolean => metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.target.averageUtilization !== undefined;

const utilizationOr = (utilization: number | undefined, value: string | undefined): MetricTarget =>
  defined({ type: utilization === undefined ? 'AverageValue' : 'Utilization', averageUtilization: utilization, averageValue: value });

const valueOr = (value: string | undefined, average: string | undefined): MetricTarget =>
  average === undefined ? defined({ type: 'Value', value }) : { type: 'AverageValue', averageValue: average };

function specToV1(metric: MetricSpecV2): MetricSpec {
  const { type, resource, containerResource, pods, object, external } = metric;
  return defined<MetricSpec>({
    type,
    object: object && defined({ target: object.describedObject, metricName: object.metric.name, targetValue: object.target.value ?? '0', selector: object.metric.selector, averageValue: object.target.averageValue }),
    pods: pods && defined({ metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? '0', selector: pods.metric.selector }),
    resource: resource && defined({ name: resource.name, targetAverageUtilization: resource.target.averageUtilization, targetAverageValue: resource.target.averageValue }),
    containerResource: containerResource && defined({
      name: containerResource.name, targetAverageUtilization: containerResource.target.averageUtilization,
      targetAverageValue: containerResource.target.averageValue, container: containerResource.container,
    }),
    external: external && defined({ metricName: external.metric.name, metricSelector: external.metric.selector, targetValue: external.target.value, targetAverageValue: external.target.averageValue }),
  });
}

function specToV2(metric: MetricSpec): MetricSpecV2 {
  const { type, resource, containerResource, pods, object, external } = metric;
  return defined<MetricSpecV2>({
    type,
    object: object && { describedObject: object.target, metric: defined({ name: object.metricName, selector: object.selector }), target: valueOr(object.targetValue, object.averageValue) },
    pods: pods && { metric: defined({ name: pods.metricName, selector: pods.selector }), target: { type: 'AverageValue', averageValue: pods.targetAverageValue } },
    resource: resource && { name: resource.name, target: utilizationOr(resource.targetAverageUtilization, resource.targetAverageValue) },
    containerResource: containerResource && {
      name: containerResource.name, target: utilizationOr(containerResource.targetAverageUtilization, containerResource.targetAverageValue), container: containerResource.container,
    },
    external: external && { metric: defined({ name: external.metricName, selector: external.metricSelector }), target: valueOr(external.targetValue, external.targetAverageValue) },
  });
}

function statusToV1(metric: MetricStatusV2): MetricStatus {
  const { type, resource, containerResource, pods, object, external } = metric;
  return defined<MetricStatus>({
    type,
    object: object && defined({ target: object.describedObject, metricName: object.metric.name, currentValue: object.current.value ?? '0', selector: object.metric.selector, averageValue: object.current.averageValue }),
    pods: pods && defined({ metricName: pods.metric.name, currentAverageValue: pods.current.averageValue ?? '0', selector: pods.metric.selector }),
    resource: resource && defined({ name: resource.name, currentAverageUtilization: resource.current.averageUtilization, currentAverageValue: resource.current.averageValue ?? '0' }),
    containerResource: containerResource && defined({
      name: containerResource.name, currentAverageUtilization: containerResource.current.averageUtilization,
      currentAverageValue: containerResource.current.averageValue ?? '0', container: containerResource.container,
    }),
    external: external && defined({ metricName: external.metric.name, metricSelector: external.metric.selector, currentValue: external.current.value ?? '0', currentAverageValue: external.current.averageValue }),
  });
}

function statusToV2(metric: MetricStatus): MetricStatusV2 {
  const { type, resource, containerResource, pods, object, external } = metric;
  return defined<MetricStatusV2>({
    type,
    object: object && {
      describedObject: object.target, metric: defined({ name: object.metricName, selector: object.selector }),
      current: defined<MetricValueStatus>({ value: object.currentValue, averageValue: object.averageValue }),
    },
    pods: pods && { metric: defined({ name: pods.metricName, selector: pods.selector }), current: { averageValue: pods.currentAverageValue } },
    resource: resource && { name: resource.name, current: defined<MetricValueStatus>({ averageValue: resource.currentAverageValue, averageUtilization: resource.currentAverageUtilization }) },
    containerResource: containerResource && {
      name: containerResource.name, container: containerResource.container,
      current: defined<MetricValueStatus>({ averageValue: containerResource.currentAverageValue, averageUtilization: containerResource.currentAverageUtilization }),
    },
    external: external && {
      metric: defined({ name: external.metricName, selector: external.metricSelector }),
      current: defined<MetricValueStatus>({ value: external.currentValue, averageValue: external.currentAverageValue }),
    },
  });
}

/** autoscaling/v2 → autoscaling/v1. */
export function autoscalerToV1(from: AutoscalerV2): AutoscalerV1 {
  const { spec, status } = from;
  const metrics = spec?.metrics ?? [];
  const others = metrics.filter((metric) => !isCpuUtilization(metric));
  const current = status?.currentMetrics ?? [];
  const annotations: Record<string, string> = { ...from.metadata.annotations };
  if (others.length > 0) annotations[METRICS] = JSON.stringify(others.map(specToV1));
  if (current.length > 0) annotations[CURRENT_METRICS] = JSON.stringify(current.map(statusToV1));
  if ((status?.conditions ?? []).length > 0) annotations[CONDITIONS] = JSON.stringify(status!.conditions);
  if (spec?.behavior !== undefined) annotations[BEHAVIOR] = JSON.stringify(spec.behavior);
  const cpu = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization;
  const currentCpu = current.find((metric) => metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.current.averageUtilization !== undefined);
  return defined<AutoscalerV1>({
    kind: from.kind,
    apiVersion: 'autoscaling/v1',
    metadata: Object.keys(annotations).length === 0 ? from.metadata : { ...from.metadata, annotations },
    spec: spec && defined({ scaleTargetRef: spec.scaleTargetRef, minReplicas: spec.minReplicas, maxReplicas: spec.maxReplicas, targetCPUUtilizationPercentage: cpu }),
    status: defined({
      observedGeneration: status?.observedGeneration, lastScaleTime: status?.lastScaleTime, currentReplicas: status?.currentReplicas ?? 0,
      desiredReplicas: status?.desiredReplicas ?? 0, currentCPUUtilizationPercentage: currentCpu?.resource?.current.averageUtilization,
    }),
  });
}

/** What an annotation holds as JSON; nothing when it is absent or broken. */
function annotated<T>(annotations: Record<string, string> | undefined, key: string): T | undefined {
  const text = annotations?.[key];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

function withoutOurs(metadata: AutoscalerV1['metadata']): AutoscalerV1['metadata'] {
  if (metadata.annotations === undefined) return metadata;
  const { [METRICS]: _metrics, [CURRENT_METRICS]: _current, [CONDITIONS]: _conditions, [BEHAVIOR]: _behavior, ...rest } = metadata.annotations;
  const { annotations: _all, ...bare } = metadata;
  return Object.keys(rest).length === 0 ? bare : { ...metadata, annotations: rest };
}

/** autoscaling/v1 → autoscaling/v2. */
export function autoscalerToV2(from: AutoscalerV1): AutoscalerV2 {
  const { spec, status, metadata } = from;
  const notes = metadata.annotations;
  const cpu = spec?.targetCPUUtilizationPercentage;
  const metrics = (annotated<MetricSpec[]>(notes, METRICS) ?? []).map(specToV2);
  if (cpu !== undefined) metrics.push({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } } });
  const currentCpu = status?.currentCPUUtilizationPercentage;
  const fromField: MetricStatusV2[] | undefined = currentCpu === undefined ? undefined : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: currentCpu } } }];
  return defined<AutoscalerV2>({
    kind: from.kind,
    apiVersion: 'autoscaling/v2',
    metadata: withoutOurs(metadata),
    spec: spec && defined({
      scaleTargetRef: spec.scaleTargetRef, minReplicas: spec.minReplicas, maxReplicas: spec.maxReplicas,
      metrics: metrics.length === 0 ? undefined : metrics, behavior: annotated(notes, BEHAVIOR),
    }) as AutoscalerV2['spec'],
    status: defined({
      observedGeneration: status?.observedGeneration, lastScaleTime: status?.lastScaleTime, currentReplicas: status?.currentReplicas, desiredReplicas: status?.desiredReplicas ?? 0,
      currentMetrics: annotated<MetricStatus[]>(notes, CURRENT_METRICS)?.map(statusToV2) ?? fromField, conditions: annotated(notes, CONDITIONS),
    }) as AutoscalerV2['status'],
  });
}
