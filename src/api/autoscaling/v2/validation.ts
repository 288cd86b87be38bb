/** Rules of horizontal pod autoscalers. */
import { own } from '../../../base/own.ts';
import { oneOf } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue, notSupported, required } from '../../meta/field.ts';
import { pathSegmentName } from '../../meta/names.ts';
import { compareQuantity } from '../../meta/quantity.ts';
import { faultsAt, nonNegative, validateLabelSelector } from '../../meta/validation.ts';
import type { CrossVersionObjectReference, HPAScalingRules, HorizontalPodAutoscaler, MetricIdentifier, MetricSpec, MetricTarget } from './types.ts';

const SPEC = new FieldPath('spec');
const STABILIZATION_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;
const SOURCES = { ContainerResource: 'containerResource', External: 'external', Object: 'object', Pods: 'pods', Resource: 'resource' } as const;

export function validateTargetReference(path: FieldPath, reference: CrossVersionObjectReference | undefined): FieldError[] {
  const errors = (['kind', 'name'] as const).flatMap((field) => {
    const value = reference?.[field];
    return value ? faultsAt(path.child(field), value, pathSegmentName(value)) : [required(path.child(field))];
  });
  const apiVersion = reference?.apiVersion ?? '';
  return apiVersion.split('/').length > 2 ? [...errors, invalidValue(path.child('apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`)] : errors;
}

export function validateReplicaBounds(path: FieldPath, min: number | undefined, max: number | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (min !== undefined && min < 1) errors.push(invalidValue(path.child('minReplicas'), min, 'must be greater than or equal to 1'));
  if ((max ?? 0) < 1) errors.push(invalidValue(path.child('maxReplicas'), max ?? 0, 'must be greater than 0'));
  if (min !== undefined && (max ?? 0) < min) errors.push(invalidValue(path.child('maxReplicas'), max ?? 0, 'must be greater than or equal to `minReplicas`'));
  return errors;
}

function validateTarget(path: FieldPath, target: MetricTarget | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (!target?.type) errors.push(required(path.child('type'), 'must specify a metric target type'));
  else if (!['Utilization', 'Value', 'AverageValue'].includes(target.type)) errors.push(invalidValue(path.child('type'), target.type, 'must be either Utilization, Value, or AverageValue'));
  for (const field of ['value', 'averageValue'] as const) {
    const amount = target?.[field];
    if (amount !== undefined && compareQuantity(amount, '0') <= 0) errors.push(invalidValue(path.child(field), amount, 'must be positive'));
  }
  const utilization = target?.averageUtilization;
  if (utilization !== undefined && utilization < 1) errors.push(invalidValue(path.child('averageUtilization'), utilization, 'must be greater than 0'));
  return errors;
}

function validateMetricName(path: FieldPath, metric: MetricIdentifier | undefined): FieldError[] {
  return [
    ...(metric?.name ? faultsAt(path.child('name'), metric.name, pathSegmentName(metric.name)) : [required(path.child('name'))]),
    ...validateLabelSelector(path.child('selector'), metric?.selector),
  ];
}

function validateResourceTarget(path: FieldPath, name: string | undefined, target: MetricTarget | undefined): FieldError[] {
  const errors = name ? [] : [required(path.child('name'), 'must specify a resource name')];
  const at = path.child('target');
  errors.push(...validateTarget(at, target));
  const raw = target?.averageValue !== undefined;
  const utilization = target?.averageUtilization !== undefined;
  if (!raw && !utilization) errors.push(required(at.child('averageUtilization'), 'must set either a target raw value or a target utilization'));
  if (raw && utilization) errors.push(forbiddenField(at.child('averageValue'), 'may not set both a target raw value and a target utilization'));
  return errors;
}

function validateEitherValue(path: FieldPath, target: MetricTarget | undefined): FieldError[] {
  const at = path.child('averageValue');
  if (target?.value === undefined && target?.averageValue === undefined) return [required(at, 'must set either a target value for metric or a per-pod target')];
  return target.value !== undefined && target.averageValue !== undefined ? [forbiddenField(at, 'may not set both a target value for metric and a per-pod target')] : [];
}

function validateMetric(path: FieldPath, metric: MetricSpec): FieldError[] {
  if (!metric.type) return [required(path.child('type'), 'must specify a metric source type')];
  const source = own<(typeof SOURCES)[keyof typeof SOURCES]>(SOURCES, metric.type);
  if (source === undefined) return [notSupported(path.child('type'), metric.type, Object.keys(SOURCES))];
  const errors: FieldError[] = [];
  if (metric[source] === undefined) errors.push(required(path.child(source), 'must populate information for the given metric source'));
  for (const other of Object.values(SOURCES)) {
    if (other !== source && metric[other] !== undefined) errors.push(forbiddenField(path.child(other), 'must populate the given metric source only'));
  }
  const at = path.child(source);
  if (metric.object && source === 'object') {
    errors.push(...validateTargetReference(at.child('describedObject'), metric.object.describedObject), ...validateMetricName(at.child('metric'), metric.object.metric));
    errors.push(...validateTarget(at.child('target'), metric.object.target), ...validateEitherValue(at.child('target'), metric.object.target));
  }
  if (metric.external && source === 'external') {
    errors.push(...validateMetricName(at.child('metric'), metric.external.metric), ...validateTarget(at.child('target'), metric.external.target));
    errors.push(...validateEitherValue(at.child('target'), metric.external.target));
  }
  if (metric.pods && source === 'pods') {
    errors.push(...validateMetricName(at.child('metric'), metric.pods.metric), ...validateTarget(at.child('target'), metric.pods.target));
    if (metric.pods.target?.averageValue === undefined) errors.push(required(at.child('target', 'averageValue'), 'must specify a positive target averageValue'));
  }
  if (metric.resource && source === 'resource') errors.push(...validateResourceTarget(at, metric.resource.name, metric.resource.target));
  if (metric.containerResource && source === 'containerResource') {
    if (!metric.containerResource.container) errors.push(required(at.child('container'), 'must specify a container'));
    errors.push(...validateResourceTarget(at, metric.containerResource.name, metric.containerResource.target));
  }
  return errors;
}

function validateScaling(path: FieldPath, rules: HPAScalingRules | undefined): FieldError[] {
  if (rules === undefined) return [];
  const errors: FieldError[] = [];
  const window = rules.stabilizationWindowSeconds;
  if (window !== undefined && window < 0) errors.push(...nonNegative(path.child('stabilizationWindowSeconds'), window));
  if (window !== undefined && window > STABILIZATION_SECONDS_MAX) errors.push(invalidValue(path.child('stabilizationWindowSeconds'), window, `must be less than or equal to ${STABILIZATION_SECONDS_MAX}`));
  if (rules.selectPolicy !== undefined) errors.push(...oneOf(path.child('selectPolicy'), rules.selectPolicy, ['Disabled', 'Max', 'Min']));
  if (rules.tolerance !== undefined && compareQuantity(rules.tolerance, '0') < 0) errors.push(invalidValue(path.child('tolerance'), rules.tolerance, 'must be greater than or equal to 0'));
  const policies = path.child('policies');
  if ((rules.policies ?? []).length === 0) errors.push(required(policies, 'must specify at least one Policy'));
  for (const [i, policy] of (rules.policies ?? []).entries()) {
    const at = policies.index(i);
    if (policy.type !== 'Pods' && policy.type !== 'Percent') errors.push(notSupported(at.child('type'), policy.type ?? '', ['Percent', 'Pods']));
    if (!(policy.value > 0)) errors.push(invalidValue(at.child('value'), policy.value ?? 0, 'must be greater than zero'));
    if (!(policy.periodSeconds > 0)) errors.push(invalidValue(at.child('periodSeconds'), policy.periodSeconds ?? 0, 'must be greater than zero'));
    else if (policy.periodSeconds > PERIOD_SECONDS_MAX) errors.push(invalidValue(at.child('periodSeconds'), policy.periodSeconds, `must be less than or equal to ${PERIOD_SECONDS_MAX}`));
  }
  return errors;
}

export function validateAutoscaler(autoscaler: HorizontalPodAutoscaler): FieldError[] {
  const spec = autoscaler.spec;
  return [
    ...validateReplicaBounds(SPEC, spec?.minReplicas, spec?.maxReplicas),
    ...validateTargetReference(SPEC.child('scaleTargetRef'), spec?.scaleTargetRef),
    ...(spec?.metrics ?? []).flatMap((metric, i) => validateMetric(SPEC.child('metrics').index(i), metric)),
    ...validateScaling(SPEC.child('behavior', 'scaleUp'), spec?.behavior?.scaleUp),
    ...validateScaling(SPEC.child('behavior', 'scaleDown'), spec?.behavior?.scaleDown),
  ];
}

export function validateAutoscalerStatus(autoscaler: { status?: { currentReplicas?: number; desiredReplicas?: number } }): FieldError[] {
  const path = new FieldPath('status');
  return (['currentReplicas', 'desiredReplicas'] as const).flatMap((field) => nonNegative(path.child(field), autoscaler.status?.[field]));
}
