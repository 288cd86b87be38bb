/** Nodes, limit ranges, quotas, events, replication controllers and pod templates. */
import { own } from '../../../../base/own.ts';
import { internalForm } from '../../../internal-form.ts';
import type { FieldError } from '../../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, notSupported, required } from '../../../meta/field.ts';
import { checkStrictCidr, parseCidr } from '../../../meta/addresses.ts';
import { byteLength, labelValue, qualifiedName } from '../../../meta/names.ts';
import { compareQuantity, quantityToMilli } from '../../../meta/quantity.ts';
import { each, faultsAt, nonNegative, repeats, sameValue, validateLabels } from '../../../meta/validation.ts';
import type { Event, LimitRange, LimitRangeItem, Node, PodTemplateSpec, ReplicationController, ResourceQuota, Taint } from '../types.ts';
import { isOvercommitAllowed } from '../resources.ts';
import { duplicatesOf, isStandardResource, needOneOf, shownQuantity, validateContainerResourceName, validateResourceAmount, validateResourceName } from './common.ts';
import { validatePodTemplate } from './podspec.ts';
import { TAINT_EFFECTS } from './scheduling.ts';

const SPEC = new FieldPath('spec');
/** The API names this place so. */
const TAINTS = new FieldPath('metadata.taints');
const EVENT_TEXT_MAX = 128;
const EVENT_MESSAGE_MAX = 1024;

export function validateTaints(path: FieldPath, taints: readonly Taint[] | undefined): FieldError[] {
  const seen = repeats();
  return (taints ?? []).flatMap((taint, i) => {
    const at = path.index(i);
    const faults = labelValue(taint.value ?? '');
    const twice = seen(`${taint.effect}/${taint.key}`);
    return [
      ...faultsAt(at.child('key'), taint.key ?? '', qualifiedName(taint.key ?? '')),
      ...(faults.length > 0 ? [invalidValue(at.child('value'), taint.value, faults.join(';'))] : []),
      ...needOneOf(at.child('effect'), taint.effect, TAINT_EFFECTS),
      ...(twice ? [{ ...duplicate(at, shownTaint(taint)), detail: `${duplicate(at, shownTaint(taint)).detail}: taints must be unique by key and effect pair` }] : []),
    ];
  });
}

export function validateNode(node: Node): FieldError[] {
  const cidrs = node.spec?.podCIDRs ?? [];
  const path = SPEC.child('podCIDRs');
  const errors = [...validateTaints(TAINTS, node.spec?.taints), ...cidrs.flatMap((cidr, i) => checkStrictCidr(path.index(i), cidr))];
  if (cidrs.length > 2) errors.push(invalidValue(path, cidrs, 'may specify no more than one CIDR for each IP family'));
  if (cidrs.length === 2 && parseCidr(cidrs[0]!)?.address.family === parseCidr(cidrs[1]!)?.address.family) errors.push(invalidValue(path, cidrs, 'may specify no more than one CIDR for each IP family'));
  errors.push(...duplicatesOf(cidrs, (cidr) => cidr, (cidr, i) => duplicate(path.index(i), cidr)));
  for (const [field, list] of Object.entries({ capacity: node.status?.capacity, allocatable: node.status?.allocatable })) {
    for (const [name, amount] of Object.entries(list ?? {})) {
      errors.push(...validateResourceAmount(new FieldPath('status').child(field, name), name, amount));
    }
  }
  return errors;
}

export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const was = old.spec ?? {};
  const spec = node.spec ?? {};
  const errors: FieldError[] = [];
  const addresses = node.status?.addresses ?? [];
  errors.push(...duplicatesOf(addresses, (address) => `${address.type}/${address.address}`, (address, i) => duplicate(new FieldPath('status.addresses').index(i), address)));
  if ((was.podCIDRs ?? []).length > 0 && !sameValue(spec.podCIDRs, was.podCIDRs)) errors.push(forbiddenField(SPEC.child('podCIDRs'), 'node updates may not change podCIDR except from "" to valid'));
  if (was.providerID && spec.providerID !== was.providerID) errors.push(forbiddenField(SPEC.child('providerID'), 'node updates may not change providerID except from "" to valid'));
  if (was.externalID !== spec.externalID) errors.push(forbiddenField(SPEC.child('externalID'), 'may not be updated'));
  return errors;
}

const shownTaint = (taint: object): object | undefined => internalForm('io.k8s.api.core.v1.Taint', { ...taint });

function limitNames(limit: LimitRangeItem): string[] {
  return [...new Set([limit.min, limit.max, limit.default, limit.defaultRequest, limit.maxLimitRequestRatio].flatMap((list) => Object.keys(list ?? {})))].toSorted();
}

function validateLimitOrder(path: FieldPath, name: string, limit: LimitRangeItem): FieldError[] {
  const errors: FieldError[] = [];
  const amount = { min: own(limit.min, name), 'default request': own(limit.defaultRequest, name), default: own(limit.default, name), max: own(limit.max, name) };
  const above = (low: keyof typeof amount, high: keyof typeof amount, field: string): void => {
    const a = amount[low];
    const b = amount[high];
    if (a !== undefined && b !== undefined && compareQuantity(a, b) > 0) errors.push(invalidValue(path.child(field).key(name), shownQuantity(a), `${low} value ${shownQuantity(a)} is greater than ${high} value ${shownQuantity(b)}`));
  };
  above('min', 'max', 'min');
  above('min', 'default request', 'defaultRequest');
  above('default request', 'max', 'defaultRequest');
  above('default request', 'default', 'defaultRequest');
  above('min', 'default', 'default');
  above('default', 'max', 'default');
  const ratio = own(limit.maxLimitRequestRatio, name);
  if (ratio !== undefined && compareQuantity(ratio, '1') < 0) errors.push(invalidValue(path.child('maxLimitRequestRatio').key(name), shownQuantity(ratio), `ratio ${shownQuantity(ratio)} is less than 1`));
  if (ratio !== undefined && amount.min !== undefined && amount.max !== undefined) {
    const most = quantityToMilli(amount.max) / quantityToMilli(amount.min);
    if (quantityToMilli(ratio) / 1000 > most) errors.push(invalidValue(path.child('maxLimitRequestRatio').key(name), shownQuantity(ratio), `ratio ${shownQuantity(ratio)} is greater than max/min = ${most.toFixed(6)}`));
  }
  if (!isOvercommitAllowed(name) && amount.default !== undefined && amount['default request'] !== undefined && compareQuantity(amount.default, amount['default request']) !== 0) {
    errors.push(invalidValue(path.child('defaultRequest').key(name), shownQuantity(amount['default request']), `default value ${shownQuantity(amount.default)} must equal to defaultRequest value ${shownQuantity(amount['default request'])} in ${name}`));
  }
  return errors;
}

export function validateLimitRange(range: LimitRange): FieldError[] {
  const limits = range.spec?.limits ?? [];
  const path = SPEC.child('limits');
  const errors = duplicatesOf(limits, (limit) => limit.type, (limit, i) => duplicate(path.index(i).child('type'), limit.type));
  for (const [i, limit] of limits.entries()) {
    const at = path.index(i);
    const type = limit.type ?? '';
    errors.push(...faultsAt(at.child('type'), type, qualifiedName(type)));
    if (!type.includes('/') && !['Pod', 'Container', 'PersistentVolumeClaim'].includes(type)) errors.push(invalidValue(at.child('type'), type, 'must be a standard limit type or fully qualified'));
    if (type === 'Pod') {
      if (Object.keys(limit.default ?? {}).length > 0) errors.push(forbiddenField(at.child('default'), 'may not be specified when `type` is \'Pod\''));
      if (Object.keys(limit.defaultRequest ?? {}).length > 0) errors.push(forbiddenField(at.child('defaultRequest'), 'may not be specified when `type` is \'Pod\''));
    }
    if (type === 'PersistentVolumeClaim' && limit.min?.['storage'] === undefined && limit.max?.['storage'] === undefined) errors.push(required(at.child('limits'), 'either minimum or maximum storage value is required, but neither was provided'));
    for (const name of limitNames(limit)) {
      for (const field of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const) {
        if (own(limit[field], name) !== undefined) errors.push(...(type === 'Container' || type === 'Pod' ? validateContainerResourceName : validateResourceName)(at.child(field).key(name), name));
      }
      errors.push(...validateLimitOrder(at, name, limit));
    }
  }
  return errors;
}

const SCOPES: ReadonlySet<string> = new Set(['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating', 'VolumeAttributesClass']);
const POD_RESOURCES = new Set(['pods', 'cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory', 'ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage']);

function fitsScope(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass') return resource === 'persistentvolumeclaims' || resource.endsWith('storage');
  return POD_RESOURCES.has(resource) || resource.startsWith('requests.hugepages-') || resource.startsWith('hugepages-');
}

function validateScopes(path: FieldPath, scopes: readonly string[], hard: Readonly<Record<string, string>>): FieldError[] {
  const errors: FieldError[] = [];
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) errors.push(invalidValue(path, scopes, 'unsupported scope'));
    for (const resource of Object.keys(hard)) {
      if (isStandardResource(resource) && !fitsScope(scope, resource)) errors.push(invalidValue(path, scopes, 'unsupported scope applied to resource'));
    }
  }
  for (const [a, b] of [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']] as const) {
    if (scopes.includes(a) && scopes.includes(b)) errors.push(invalidValue(path, scopes, 'conflicting scopes'));
  }
  return errors;
}

function validateHard(path: FieldPath, hard: Readonly<Record<string, string>> | undefined): FieldError[] {
  return each(Object.entries(hard ?? {}), ([name, amount]) => {
    const at = path.key(name);
    const errors = validateResourceName(at, name);
    // Storage is a resource, and yet none that is counted by that name.
    if (!name.includes('/') && (!isStandardResource(name) || name === 'storage')) errors.push(invalidValue(at, name, 'must be a standard resource for quota'));
    return [...errors, ...validateResourceAmount(at, name, amount)];
  });
}

export function validateQuota(quota: ResourceQuota): FieldError[] {
  const spec = quota.spec ?? {};
  const hard = spec.hard ?? {};
  const errors = [...validateHard(SPEC.child('hard'), hard), ...validateScopes(SPEC.child('scopes'), spec.scopes ?? [], hard)];
  const path = SPEC.child('scopeSelector', 'matchExpressions');
  for (const [i, requirement] of (spec.scopeSelector?.matchExpressions ?? []).entries()) {
    const at = path.index(i);
    const count = (requirement.values ?? []).length;
    if (!SCOPES.has(requirement.scopeName)) errors.push(invalidValue(at.child('scopeName'), requirement.scopeName ?? '', 'unsupported scope'));
    if (!['PriorityClass', 'VolumeAttributesClass'].includes(requirement.scopeName) && requirement.operator !== 'Exists') errors.push(invalidValue(at.child('operator'), requirement.operator, `must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`));
    if (requirement.operator === 'In' || requirement.operator === 'NotIn') {
      if (count === 0) errors.push(required(at.child('values'), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    } else if (requirement.operator === 'Exists' || requirement.operator === 'DoesNotExist') {
      if (count > 0) errors.push(invalidValue(at.child('values'), requirement.values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    } else errors.push(invalidValue(at.child('operator'), requirement.operator ?? '', 'not a valid selector operator'));
  }
  return errors;
}

export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const scopes = (value: ResourceQuota): string[] => (value.spec?.scopes ?? []).toSorted();
  return sameValue(scopes(quota), scopes(old)) ? [] : [invalidValue(SPEC.child('scopes'), quota.spec?.scopes ?? [], 'field is immutable')];
}

export function validateQuotaStatus(quota: ResourceQuota): FieldError[] {
  return [...validateHard(new FieldPath('status.hard'), quota.status?.hard), ...validateHard(new FieldPath('status.used'), quota.status?.used)];
}

/** An event lies in the namespace of what it is about; what has none is spoken of in `default`. */
export function validateEvent(event: Event): FieldError[] {
  const path = new FieldPath('involvedObject.namespace');
  const about = event.involvedObject?.namespace ?? '';
  const namespace = event.metadata.namespace ?? '';
  const errors: FieldError[] = [];
  if (about === '') {
    if (namespace !== 'default' && namespace !== 'kube-system') errors.push(invalidValue(path, about, 'does not match event.namespace'));
  } else if (about !== namespace) errors.push(invalidValue(path, about, 'does not match event.namespace'));
  // Only the newer clients, which say when it happened, are held to say the rest too.
  return event.eventTime ? [...errors, ...validateNewEvent(event)] : errors;
}

function validateNewEvent(event: Event): FieldError[] {
  const reporter = new FieldPath('reportingController');
  const errors: FieldError[] = event.reportingComponent ? [] : [required(reporter)];
  errors.push(...faultsAt(reporter, event.reportingComponent ?? '', qualifiedName(event.reportingComponent ?? '')));
  const { reportingInstance = '', action = '', reason = '' } = event;
  for (const [field, value] of Object.entries({ reportingInstance, action, reason })) {
    if (value === '') errors.push(required(new FieldPath(field)));
    if (byteLength(value) > EVENT_TEXT_MAX) errors.push(invalidValue(new FieldPath(field), value, `can have at most ${EVENT_TEXT_MAX} characters`));
  }
  if (byteLength(event.message ?? '') > EVENT_MESSAGE_MAX) errors.push(invalidValue(new FieldPath('message'), '', `can have at most ${EVENT_MESSAGE_MAX} characters`));
  return errors;
}

export function validateController(controller: ReplicationController): FieldError[] {
  const spec = controller.spec ?? {};
  const errors = [...nonNegative(SPEC.child('minReadySeconds'), spec.minReadySeconds), ...nonNegative(SPEC.child('replicas'), spec.replicas)];
  if (Object.keys(spec.selector ?? {}).length === 0) errors.push(required(SPEC.child('selector')));
  if (spec.replicas === undefined) errors.push(required(SPEC.child('replicas')));
  const path = SPEC.child('template');
  if (spec.template === undefined) return [...errors, required(path)];
  const labels = spec.template.metadata?.labels ?? {};
  const selector = Object.entries(spec.selector ?? {});
  if (selector.length > 0 && !selector.every(([key, value]) => labels[key] === value)) errors.push(invalidValue(path.child('metadata', 'labels'), labels, '`selector` does not match template `labels`'));
  return [...errors, ...validateLabels(SPEC.child('selector'), spec.selector), ...validatePodTemplate(path, spec.template), ...restartsAlways('ReplicationController', path, spec.template)];
}

/** Controllers that keep pods running need pods that restart. */
export function restartsAlways(kind: string, path: FieldPath, template: PodTemplateSpec | undefined): FieldError[] {
  const policy = template?.spec?.restartPolicy;
  const errors = policy === undefined || policy === 'Always' ? [] : [notSupported(path.child('spec', 'restartPolicy'), policy, ['Always'])];
  if (template?.spec?.activeDeadlineSeconds !== undefined) errors.push(forbiddenField(path.child('spec', 'activeDeadlineSeconds'), `activeDeadlineSeconds in ${kind} is not Supported`));
  return errors;
}
