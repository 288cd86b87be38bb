/** Rules of Deployments, ReplicaSets, DaemonSets, StatefulSets and ControllerRevisions. */
import { needOneOf } from '../../core/v1/validation/common.ts';
import { restartsAlways } from '../../core/v1/validation/cluster.ts';
import { validatePodTemplate } from '../../core/v1/validation/podspec.ts';
import type { PodTemplateSpec } from '../../core/v1/types.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue, notSupported, required } from '../../meta/field.ts';
import { dnsLabel, percent } from '../../meta/names.ts';
import { labelSelectorOf } from '../../meta/selectors.ts';
import { faultsAt, immutable, isEmptySelector, nonNegative, sameValue, validateLabelSelector } from '../../meta/validation.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';
import type { ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet } from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');

type IntOrPercent = number | string | undefined;

/** A number not below zero, or a percentage. */
export function validateIntOrPercent(path: FieldPath, value: IntOrPercent): FieldError[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? faultsAt(path, value, percent(value)) : nonNegative(path, value);
}

/** The number before the percent sign; undefined for plain numbers. */
export function percentOf(value: IntOrPercent): number | undefined {
  return typeof value === 'string' && /^\d+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}

function notAbove100(path: FieldPath, value: IntOrPercent): FieldError[] {
  return (percentOf(value) ?? 0) > 100 ? [invalidValue(path, value, 'must not be greater than 100%')] : [];
}

const isZero = (value: IntOrPercent): boolean => value === undefined || value === 0 || percentOf(value) === 0;

/** The selector must be there, select something, and select the template's own pods. */
export function validateSelectorAndTemplate(kind: string, selector: LabelSelector | undefined, template: PodTemplateSpec | undefined): FieldError[] {
  const path = SPEC.child('selector');
  const errors: FieldError[] = [];
  if (selector === undefined) errors.push(required(path));
  else {
    errors.push(...validateLabelSelector(path, selector));
    if (isEmptySelector(selector)) errors.push(invalidValue(path, selector, `empty selector is invalid for ${kind}`));
  }
  const at = SPEC.child('template');
  if (template === undefined) return [...errors, required(at)];
  const labels = template.metadata?.labels ?? {};
  if (errors.length === 0 && !labelSelectorOf(selector)(labels)) errors.push(invalidValue(at.child('metadata', 'labels'), labels, '`selector` does not match template `labels`'));
  return [...errors, ...validatePodTemplate(at, template), ...restartsAlways({ daemonset: 'DaemonSet', statefulset: 'StatefulSet' }[kind] ?? 'ReplicaSet', at, template)];
}

export function validateDeployment(deployment: Deployment): FieldError[] {
  const spec = deployment.spec;
  if (spec === undefined) return [required(SPEC)];
  const errors = [...nonNegative(SPEC.child('replicas'), spec.replicas), ...validateSelectorAndTemplate('deployment', spec.selector, spec.template)];
  const path = SPEC.child('strategy');
  const rolling = spec.strategy?.rollingUpdate;
  const at = path.child('rollingUpdate');
  switch (spec.strategy?.type) {
    case 'Recreate':
      if (rolling !== undefined) errors.push(forbiddenField(at, "may not be specified when strategy `type` is 'Recreate'"));
      break;
    case 'RollingUpdate':
      if (rolling === undefined) errors.push(required(at, 'this should be defaulted and never be nil'));
      else {
        errors.push(...validateIntOrPercent(at.child('maxUnavailable'), rolling.maxUnavailable), ...validateIntOrPercent(at.child('maxSurge'), rolling.maxSurge));
        if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) errors.push(invalidValue(at.child('maxUnavailable'), rolling.maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'));
        errors.push(...notAbove100(at.child('maxUnavailable'), rolling.maxUnavailable));
      }
      break;
    default:
      errors.push(notSupported(path, spec.strategy ?? {}, ['Recreate', 'RollingUpdate']));
  }
  errors.push(...nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds), ...nonNegative(SPEC.child('revisionHistoryLimit'), spec.revisionHistoryLimit));
  const deadline = spec.progressDeadlineSeconds;
  errors.push(...nonNegative(SPEC.child('progressDeadlineSeconds'), deadline));
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) errors.push(invalidValue(SPEC.child('progressDeadlineSeconds'), deadline, 'must be greater than minReadySeconds'));
  return errors;
}

export function validateSelectorUpdate(object: { spec?: { selector?: LabelSelector } }, old: { spec?: { selector?: LabelSelector } }): FieldError[] {
  return immutable(SPEC.child('selector'), object.spec?.selector, old.spec?.selector);
}

type Counters = object | undefined;
const counter = (status: Counters, field: string): number => ((status ?? {}) as Record<string, number | undefined>)[field] ?? 0;

/** Counters are not negative, and each is at most the one it is a part of. */
function validateCounters(status: Counters, fields: readonly string[], parts: readonly (readonly [string, string, string])[]): FieldError[] {
  return [
    ...fields.flatMap((field) => nonNegative(STATUS.child(field), counter(status, field))),
    ...parts.flatMap(([part, whole, text]) => (counter(status, part) > counter(status, whole) ? [invalidValue(STATUS.child(part), counter(status, part), text)] : [])),
  ];
}

function validateCollisions(status: { collisionCount?: number } | undefined, old: { collisionCount?: number } | undefined): FieldError[] {
  const path = STATUS.child('collisionCount');
  const errors = nonNegative(path, status?.collisionCount);
  if (old?.collisionCount === undefined) return errors;
  return status?.collisionCount === undefined || status.collisionCount < old.collisionCount ? [...errors, invalidValue(path, status?.collisionCount, 'cannot be decremented')] : errors;
}

const OF_REPLICAS = 'cannot be greater than status.replicas';
const OF_READY = 'cannot be greater than readyReplicas';

export function validateDeploymentStatus(deployment: Deployment, old: Deployment): FieldError[] {
  return [
    ...validateCounters(
      deployment.status,
      ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'terminatingReplicas'],
      [['updatedReplicas', 'replicas', OF_REPLICAS], ['readyReplicas', 'replicas', OF_REPLICAS], ['availableReplicas', 'replicas', OF_REPLICAS], ['availableReplicas', 'readyReplicas', OF_READY]],
    ),
    ...validateCollisions(deployment.status, old.status),
  ];
}

export function validateReplicaSet(set: ReplicaSet): FieldError[] {
  const spec = set.spec;
  return [
    ...nonNegative(SPEC.child('replicas'), spec?.replicas),
    ...nonNegative(SPEC.child('minReadySeconds'), spec?.minReadySeconds),
    ...validateSelectorAndTemplate('deployment', spec?.selector, spec?.template),
  ];
}

/** Also of ReplicationControllers, whose counters have the same names. */
export function validateReplicaSetStatus(set: { status?: object }): FieldError[] {
  return validateCounters(
    set.status,
    ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'terminatingReplicas', 'observedGeneration'],
    [['fullyLabeledReplicas', 'replicas', OF_REPLICAS], ['readyReplicas', 'replicas', OF_REPLICAS], ['availableReplicas', 'replicas', OF_REPLICAS], ['availableReplicas', 'readyReplicas', OF_READY]],
  );
}

export function validateDaemonSet(set: DaemonSet): FieldError[] {
  const spec = set.spec;
  const errors = [
    ...validateSelectorAndTemplate('daemonset', spec?.selector, spec?.template),
    ...nonNegative(SPEC.child('minReadySeconds'), spec?.minReadySeconds),
    ...nonNegative(SPEC.child('revisionHistoryLimit'), spec?.revisionHistoryLimit),
  ];
  const path = SPEC.child('updateStrategy');
  const strategy = spec?.updateStrategy;
  const rolling = strategy?.rollingUpdate;
  const at = path.child('rollingUpdate');
  if (strategy?.type === 'RollingUpdate') {
    if (rolling === undefined) return [...errors, required(at)];
    errors.push(...validateIntOrPercent(at.child('maxUnavailable'), rolling.maxUnavailable), ...notAbove100(at.child('maxUnavailable'), rolling.maxUnavailable));
    errors.push(...validateIntOrPercent(at.child('maxSurge'), rolling.maxSurge), ...notAbove100(at.child('maxSurge'), rolling.maxSurge));
    if (!isZero(rolling.maxUnavailable) && !isZero(rolling.maxSurge)) errors.push(invalidValue(at.child('maxSurge'), rolling.maxSurge, 'may not be set when maxUnavailable is non-zero'));
    if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) errors.push(required(at.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
  } else if (strategy?.type !== 'OnDelete') errors.push(notSupported(path, strategy ?? {}, ['RollingUpdate', 'OnDelete']));
  return errors;
}

export function validateDaemonSetStatus(set: DaemonSet, old: DaemonSet): FieldError[] {
  const fields = ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'];
  return [...validateCounters(set.status, fields, []), ...validateCollisions(set.status, old.status)];
}

/** Updates that wait for deletes have no rolling settings; claims are kept or deleted as said. */
export function validateStatefulSet(set: StatefulSet): FieldError[] {
  const spec = set.spec;
  const errors: FieldError[] = [];
  const policy = spec?.podManagementPolicy;
  if (!policy) errors.push(required(SPEC.child('podManagementPolicy')));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') errors.push(invalidValue(SPEC.child('podManagementPolicy'), policy, "must be 'OrderedReady' or 'Parallel'"));
  errors.push(...validateStatefulStrategy(set));
  const retention = spec?.persistentVolumeClaimRetentionPolicy;
  if (retention !== undefined) {
    for (const field of ['whenDeleted', 'whenScaled'] as const) errors.push(...needOneOf(SPEC.child('persistentVolumeClaimRetentionPolicy', field), retention[field], ['Delete', 'Retain']));
  }
  errors.push(...nonNegative(SPEC.child('replicas'), spec?.replicas), ...nonNegative(SPEC.child('minReadySeconds'), spec?.minReadySeconds));
  errors.push(...nonNegative(SPEC.child('ordinals', 'start'), spec?.ordinals?.start), ...nonNegative(SPEC.child('revisionHistoryLimit'), spec?.revisionHistoryLimit));
  if (spec?.serviceName) errors.push(...faultsAt(SPEC.child('serviceName'), spec.serviceName, dnsLabel(spec.serviceName)));
  return [...errors, ...validateSelectorAndTemplate('statefulset', spec?.selector, spec?.template)];
}

function validateStatefulStrategy(set: StatefulSet): FieldError[] {
  const path = SPEC.child('updateStrategy');
  const strategy = set.spec?.updateStrategy;
  const rolling = strategy?.rollingUpdate;
  switch (strategy?.type ?? '') {
    case '':
      return [required(path)];
    case 'OnDelete':
      return rolling === undefined ? [] : [invalidValue(path.child('rollingUpdate'), rolling, "only allowed for updateStrategy 'RollingUpdate'")];
    case 'RollingUpdate':
      return [...nonNegative(path.child('rollingUpdate', 'partition'), rolling?.partition), ...validateIntOrPercent(path.child('rollingUpdate', 'maxUnavailable'), rolling?.maxUnavailable)];
    default:
      return [invalidValue(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

const STATEFUL_MUTABLE = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'] as const;

export function validateStatefulSetUpdate(set: StatefulSet, old: StatefulSet): FieldError[] {
  const frozen = (value: StatefulSet): object => ({ ...value.spec, ...Object.fromEntries(STATEFUL_MUTABLE.map((field) => [field, undefined])) });
  if (sameValue(frozen(set), frozen(old))) return [];
  const names = STATEFUL_MUTABLE.map((field) => `'${field}'`);
  return [forbiddenField(SPEC, `updates to statefulset spec for fields other than ${names.slice(0, -1).join(', ')} and ${names.at(-1)} are forbidden`)];
}

export function validateStatefulSetStatus(set: StatefulSet, old: StatefulSet): FieldError[] {
  return [
    ...validateCounters(
      set.status,
      ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration'],
      [
        ['readyReplicas', 'replicas', OF_REPLICAS], ['currentReplicas', 'replicas', OF_REPLICAS], ['updatedReplicas', 'replicas', OF_REPLICAS], ['availableReplicas', 'replicas', OF_REPLICAS],
        ['availableReplicas', 'readyReplicas', 'cannot be greater than status.readyReplicas'],
      ],
    ),
    ...validateCollisions(set.status, old.status),
  ];
}

export function validateRevision(revision: ControllerRevision): FieldError[] {
  const errors = revision.data === undefined || revision.data === null ? [required(new FieldPath('data'), 'data is mandatory')] : [];
  return [...errors, ...nonNegative(new FieldPath('revision'), revision.revision)];
}

export function validateRevisionUpdate(revision: ControllerRevision, old: ControllerRevision): FieldError[] {
  return immutable(new FieldPath('data'), revision.data, old.data);
}

