/** The main rules of device claims, classes and slices (KEP-4381). Selectors in CEL are compiled where they are used. */
import { validateNodeSelector } from '../../core/v1/validation/scheduling.ts';
import { needOneOf, oneOf } from '../../core/v1/validation/common.ts';
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, invalidValue, notFoundField, required, tooMany } from '../../meta/field.ts';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../meta/names.ts';
import { faultsAt, immutable, sameValue, validateAnnotations, validateConditions, validateLabels } from '../../meta/validation.ts';
import type {
  DeviceClass, DeviceRequest, DeviceSelector, DeviceSubRequest, DeviceTaint, DeviceToleration, ExactDeviceRequest, OpaqueDeviceConfiguration, ResourceClaim, ResourceClaimSpec, ResourceClaimTemplate, ResourceSlice,
} from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');
const LIST_MAX = 32;
const SUBREQUESTS_MAX = 8;
const RESERVED_MAX = 256;
const DEVICES_MAX = 128;
const COUNTER_SETS_MAX = 8;
const POOL_NAME_MAX = 253;

function limited(path: FieldPath, list: readonly unknown[] | undefined, max: number): FieldError[] {
  return (list ?? []).length > max ? [tooMany(path, list!.length, max)] : [];
}

function validateSelectors(path: FieldPath, selectors: readonly DeviceSelector[] | undefined): FieldError[] {
  return [
    ...limited(path, selectors, LIST_MAX),
    ...(selectors ?? []).flatMap((selector, i) => (selector.cel === undefined ? [required(path.index(i).child('cel'))] : selector.cel.expression ? [] : [required(path.index(i).child('cel', 'expression'))])),
  ];
}

function validateOpaque(path: FieldPath, opaque: OpaqueDeviceConfiguration | undefined): FieldError[] {
  if (opaque === undefined) return [required(path, 'exactly one field must be set')];
  const errors = validateDriverName(path.child('driver'), opaque.driver);
  if (opaque.parameters === undefined || opaque.parameters === null) errors.push(required(path.child('parameters')));
  else if (typeof opaque.parameters !== 'object') errors.push(invalidValue(path.child('parameters'), '<value omitted>', 'must be a valid JSON object'));
  return errors;
}

function validateTolerations(path: FieldPath, tolerations: readonly DeviceToleration[] | undefined): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, i) => {
    const at = path.index(i);
    const errors = toleration.key ? faultsAt(at.child('key'), toleration.key, qualifiedName(toleration.key)) : [];
    errors.push(...oneOf(at.child('operator'), toleration.operator, ['Equal', 'Exists']), ...oneOf(at.child('effect'), toleration.effect, ['NoExecute', 'NoSchedule', 'None']));
    if (!toleration.key && toleration.operator !== 'Exists') errors.push(required(at.child('key')));
    if (toleration.operator === 'Exists' && toleration.value) errors.push(invalidValue(at.child('value'), toleration.value, 'must be empty for operator `Exists`'));
    return errors;
  });
}

function validateAmounts(path: FieldPath, request: ExactDeviceRequest | DeviceSubRequest): FieldError[] {
  const errors = request.deviceClassName ? faultsAt(path.child('deviceClassName'), request.deviceClassName, dnsSubdomain(request.deviceClassName)) : [required(path.child('deviceClassName'))];
  errors.push(...validateSelectors(path.child('selectors'), request.selectors), ...validateTolerations(path.child('tolerations'), request.tolerations));
  if (request.allocationMode === 'ExactCount') {
    if (!((request.count ?? 0) > 0)) errors.push(invalidValue(path.child('count'), request.count ?? 0, 'must be greater than zero'));
  } else if (request.allocationMode === 'All') {
    if (request.count) errors.push(invalidValue(path.child('count'), request.count, "must not be specified when allocationMode is 'All'"));
  } else errors.push(...needOneOf(path.child('allocationMode'), request.allocationMode, ['All', 'ExactCount']));
  return errors;
}

function validateRequest(path: FieldPath, request: DeviceRequest): FieldError[] {
  const errors = request.name ? faultsAt(path.child('name'), request.name, dnsLabel(request.name)) : [required(path.child('name'))];
  const several = (request.firstAvailable ?? []).length > 0;
  if (request.exactly === undefined && !several) return [...errors, required(path, 'exactly one of `exactly` or `firstAvailable` is required')];
  if (request.exactly !== undefined && several) return [...errors, invalidValue(path, '', 'exactly one of `exactly` or `firstAvailable` is required')];
  if (request.exactly !== undefined) return [...errors, ...validateAmounts(path.child('exactly'), request.exactly)];
  const at = path.child('firstAvailable');
  errors.push(...limited(at, request.firstAvailable, SUBREQUESTS_MAX));
  for (const [i, sub] of request.firstAvailable!.entries()) {
    errors.push(...(sub.name ? faultsAt(at.index(i).child('name'), sub.name, dnsLabel(sub.name)) : [required(at.index(i).child('name'))]), ...validateAmounts(at.index(i), sub));
    if (request.firstAvailable!.findIndex((other) => other.name === sub.name) < i) errors.push(duplicate(at.index(i).child('name'), sub.name));
  }
  return errors;
}

/** What a claim asks for, alone or in a template. */
export function validateClaimSpec(path: FieldPath, spec: ResourceClaimSpec | undefined): FieldError[] {
  const devices = spec?.devices ?? {};
  const at = path.child('devices');
  const requests = devices.requests ?? [];
  const errors = limited(at.child('requests'), requests, LIST_MAX);
  const names = new Set<string>();
  for (const [i, request] of requests.entries()) {
    errors.push(...validateRequest(at.child('requests').index(i), request));
    if (names.has(request.name)) errors.push(duplicate(at.child('requests').index(i).child('name'), request.name));
    names.add(request.name);
    for (const sub of request.firstAvailable ?? []) names.add(`${request.name}/${sub.name}`);
  }
  const referred = (where: FieldPath, list: readonly string[] | undefined): FieldError[] => [
    ...limited(where, list, LIST_MAX),
    ...(list ?? []).flatMap((name, i) => (names.has(name) ? [] : [invalidValue(where.index(i), name, 'must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'')])),
  ];
  errors.push(...limited(at.child('constraints'), devices.constraints, LIST_MAX), ...limited(at.child('config'), devices.config, LIST_MAX));
  for (const [i, constraint] of (devices.constraints ?? []).entries()) {
    const where = at.child('constraints').index(i);
    errors.push(...referred(where.child('requests'), constraint.requests));
    if (constraint.matchAttribute === undefined && constraint.distinctAttribute === undefined) errors.push(required(where.child('matchAttribute')));
  }
  for (const [i, config] of (devices.config ?? []).entries()) {
    const where = at.child('config').index(i);
    errors.push(...referred(where.child('requests'), config.requests), ...validateOpaque(where.child('opaque'), config.opaque));
  }
  return errors;
}

export function validateClaimUpdate(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  return sameValue(claim.spec, old.spec) ? [] : [invalidValue(SPEC, claim.spec, 'field is immutable')];
}

/** The names that results and configurations may refer to: `request` or `request/subrequest`. */
function requestNames(spec: ResourceClaimSpec | undefined): Set<string> {
  const names = new Set<string>();
  for (const request of spec?.devices?.requests ?? []) {
    names.add(request.name);
    for (const sub of request.firstAvailable ?? []) names.add(`${request.name}/${sub.name}`);
  }
  return names;
}

/** An allocation stays until it is cleared; who reserved the claim is known once each. */
export function validateClaimStatus(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  const status = claim.status;
  const errors: FieldError[] = [];
  if (old.status?.allocation && status?.allocation) errors.push(...immutable(STATUS.child('allocation'), status.allocation, old.status.allocation));
  const reserved = status?.reservedFor ?? [];
  const at = STATUS.child('reservedFor');
  errors.push(...limited(at, reserved, RESERVED_MAX));
  for (const [i, consumer] of reserved.entries()) {
    for (const field of ['resource', 'name', 'uid'] as const) if (!consumer[field]) errors.push(required(at.index(i).child(field)));
    if (reserved.findIndex((other) => other.uid === consumer.uid) < i) errors.push(duplicate(at.index(i).child('uid'), consumer.uid));
  }
  if (reserved.length > 0 && status?.allocation === undefined) errors.push(invalidValue(at, reserved, 'may not be specified when `allocated` is not set'));
  const names = requestNames(claim.spec);
  for (const [i, result] of (status?.allocation?.devices?.results ?? []).entries()) {
    const where = STATUS.child('allocation', 'devices', 'results').index(i);
    if (!names.has(result.request)) errors.push(invalidValue(where.child('request'), result.request, 'must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\''));
    errors.push(...validateDriverName(where.child('driver'), result.driver), ...validatePool(where.child('pool'), result.pool));
    if (!result.device) errors.push(required(where.child('device')));
  }
  const allocated = new Set((status?.allocation?.devices?.results ?? []).map((result) => `${result.driver}/${result.pool}/${result.device}`));
  for (const [i, device] of (status?.devices ?? []).entries()) {
    if (!allocated.has(`${device.driver}/${device.pool}/${device.device}`)) errors.push(invalidValue(STATUS.child('devices').index(i), { driver: device.driver, pool: device.pool, device: device.device }, 'must be an allocated device in the claim'));
    errors.push(...validateConditions(STATUS.child('devices').index(i).child('conditions'), device.conditions));
  }
  return errors;
}

export function validateTemplate(template: ResourceClaimTemplate): FieldError[] {
  const meta = template.spec?.metadata;
  return [
    ...validateLabels(SPEC.child('metadata', 'labels'), meta?.labels),
    ...validateAnnotations(SPEC.child('metadata', 'annotations'), meta?.annotations),
    ...validateClaimSpec(SPEC.child('spec'), template.spec?.spec),
  ];
}

export function validateTemplateUpdate(template: ResourceClaimTemplate, old: ResourceClaimTemplate): FieldError[] {
  return sameValue(template.spec, old.spec) ? [] : [invalidValue(SPEC, template.spec, 'field is immutable')];
}

export function validateDeviceClass(deviceClass: DeviceClass): FieldError[] {
  const spec = deviceClass.spec;
  const errors = [...validateSelectors(SPEC.child('selectors'), spec?.selectors), ...limited(SPEC.child('config'), spec?.config, LIST_MAX)];
  for (const [i, config] of (spec?.config ?? []).entries()) errors.push(...validateOpaque(SPEC.child('config').index(i).child('opaque'), config.opaque));
  if (spec?.extendedResourceName !== undefined) errors.push(...faultsAt(SPEC.child('extendedResourceName'), spec.extendedResourceName, qualifiedName(spec.extendedResourceName)));
  return errors;
}

/** A pool's name: DNS names with slashes between them. */
export function validatePool(path: FieldPath, name: string | undefined): FieldError[] {
  if (!name) return [required(path)];
  const errors: FieldError[] = name.length > POOL_NAME_MAX ? [invalidValue(path, name, `must be no more than ${POOL_NAME_MAX} bytes`)] : [];
  return [...errors, ...name.split('/').flatMap((part) => faultsAt(path, part, dnsSubdomain(part)))];
}

export function validateTaint(path: FieldPath, taint: DeviceTaint | undefined): FieldError[] {
  const { key = '', value = '', effect } = taint ?? {};
  return [
    ...faultsAt(path.child('key'), key, qualifiedName(key)),
    ...(value === '' ? [] : faultsAt(path.child('value'), value, labelValue(value))),
    ...needOneOf(path.child('effect'), effect, ['NoExecute', 'NoSchedule', 'None']),
  ];
}

export function validateSlice(slice: ResourceSlice): FieldError[] {
  const spec = slice.spec;
  const errors = [...validateDriverName(SPEC.child('driver'), spec?.driver), ...validatePool(SPEC.child('pool', 'name'), spec?.pool?.name)];
  if (!((spec?.pool?.resourceSliceCount ?? 0) > 0)) errors.push(invalidValue(SPEC.child('pool', 'resourceSliceCount'), spec?.pool?.resourceSliceCount ?? 0, 'must be greater than zero'));
  if ((spec?.pool?.generation ?? 0) < 0) errors.push(invalidValue(SPEC.child('pool', 'generation'), spec.pool.generation, 'must be greater than or equal to zero'));
  const given = [spec?.nodeName !== undefined, spec?.nodeSelector !== undefined, spec?.allNodes === true, spec?.perDeviceNodeSelection === true].filter(Boolean).length;
  const text = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (given === 0) errors.push(required(SPEC, text));
  if (given > 1) errors.push(invalidValue(SPEC, `{${['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'].filter((field) => (spec as unknown as Record<string, unknown>)[field]).map((field) => `\`${field}\``).join(', ')}}`, text));
  if (spec?.nodeName !== undefined) errors.push(...faultsAt(SPEC.child('nodeName'), spec.nodeName, dnsSubdomain(spec.nodeName)));
  if (spec?.nodeSelector !== undefined) {
    errors.push(...validateNodeSelector(SPEC.child('nodeSelector'), spec.nodeSelector));
    if (spec.nodeSelector.nodeSelectorTerms?.length !== 1) errors.push(invalidValue(SPEC.child('nodeSelector', 'nodeSelectorTerms'), spec.nodeSelector.nodeSelectorTerms, 'must have exactly one node selector term'));
  }
  const devices = spec?.devices ?? [];
  const at = SPEC.child('devices');
  errors.push(...limited(at, devices, DEVICES_MAX), ...limited(SPEC.child('sharedCounters'), spec?.sharedCounters, COUNTER_SETS_MAX));
  const sets = new Set((spec?.sharedCounters ?? []).map((set) => set.name));
  for (const [i, device] of devices.entries()) {
    errors.push(...(device.name ? faultsAt(at.index(i).child('name'), device.name, dnsLabel(device.name)) : [required(at.index(i).child('name'))]));
    if (devices.findIndex((other) => other.name === device.name) < i) errors.push(duplicate(at.index(i).child('name'), device.name));
    const count = Object.keys(device.attributes ?? {}).length + Object.keys(device.capacity ?? {}).length;
    if (count > LIST_MAX) errors.push(invalidValue(at.index(i), count, `the total number of attributes and capacities must not exceed ${LIST_MAX}`));
    errors.push(...(device.taints ?? []).flatMap((taint, j) => validateTaint(at.index(i).child('taints').index(j), taint)));
    for (const [j, use] of (device.consumesCounters ?? []).entries()) {
      if (sets.size > 0 && !sets.has(use.counterSet)) errors.push(notFoundField(at.index(i).child('consumesCounters').index(j).child('counterSet'), use.counterSet));
    }
  }
  return errors;
}

export function validateSliceUpdate(slice: ResourceSlice, old: ResourceSlice): FieldError[] {
  return [
    ...immutable(SPEC.child('pool', 'name'), slice.spec.pool?.name, old.spec.pool?.name),
    ...immutable(SPEC.child('driver'), slice.spec.driver, old.spec.driver),
    ...immutable(SPEC.child('nodeName'), slice.spec.nodeName, old.spec.nodeName),
  ];
}
