/** Rules of device claims and classes (KEP-4381). */
import { validateNodeSelector } from '../../core/v1/validation/scheduling.ts';
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import { isExtendedResource } from '../../core/v1/resources.ts';
import { formatCidr, parseCidr } from '../../meta/addresses.ts';
import { immutableStruct } from '../../internal-form.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, notSupported, required, tooLong, tooMany } from '../../meta/field.ts';
import { byteLength, dnsSubdomain, labelValue, qualifiedName } from '../../meta/names.ts';
import { each, faultsAt, sameValue, validateAnnotations, validateConditions, validateLabels } from '../../meta/validation.ts';
import {
  labelled, limited, limitedSet, LIST_MAX, SPEC, validateBinding, validateConfiguration, validateFullyQualified, validatePool, validateRaw, validateSelectors, validateUuid,
} from './names.ts';
import type {
  AllocatedDeviceStatus, DeviceAllocationConfiguration, DeviceClass, DeviceConstraint, DeviceRequest, DeviceRequestAllocationResult, DeviceSubRequest, DeviceToleration, ExactDeviceRequest, NetworkDeviceData, ResourceClaim,
  ResourceClaimConsumerReference, ResourceClaimSpec, ResourceClaimTemplate,
} from './types.ts';

const STATUS = new FieldPath('status');
const SUBREQUESTS_MAX = 8;
const RESERVED_MAX = 256;
const RESULTS_MAX = 32;
const CONFIGS_MAX = 64;
const CONDITIONS_MAX = 8;
const ADDRESSES_MAX = 16;
const INTERFACE_MAX_BYTES = 256;
const HARDWARE_MAX_BYTES = 128;
export const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];

function validateToleration(at: FieldPath, { key, operator, value, effect }: DeviceToleration): FieldError[] {
  const errors = key ? faultsAt(at.child('key'), key, qualifiedName(key)) : [];
  if (operator === 'Exists') {
    if (value) errors.push(invalidValue(at.child('value'), value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') errors.push(...faultsAt(at.child('value'), value ?? '', labelValue(value ?? '')));
  else errors.push(operator ? notSupported(at.child('operator'), operator, ['Equal', 'Exists']) : required(at.child('operator')));
  if (effect && !EFFECTS.includes(effect)) errors.push(notSupported(at.child('effect'), effect, EFFECTS));
  return errors;
}

function validateAmounts(path: FieldPath, request: ExactDeviceRequest | DeviceSubRequest, stored: boolean): FieldError[] {
  const { deviceClassName, allocationMode = '', count = 0 } = request;
  const errors = deviceClassName ? faultsAt(path.child('deviceClassName'), deviceClassName, dnsSubdomain(deviceClassName)) : [required(path.child('deviceClassName'))];
  errors.push(...validateSelectors(path.child('selectors'), request.selectors, stored));
  if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(invalidValue(path.child('count'), count, 'must be greater than zero'));
  } else if (allocationMode === 'All') {
    if (count !== 0) errors.push(invalidValue(path.child('count'), count, "must not be specified when allocationMode is 'All'"));
  } else errors.push(notSupported(path.child('allocationMode'), allocationMode, ['All', 'ExactCount']));
  return [...errors, ...each(request.tolerations, (toleration, i) => validateToleration(path.child('tolerations').index(i), toleration))];
}

function validateRequest(path: FieldPath, { name, exactly, firstAvailable = [] }: DeviceRequest, stored: boolean): FieldError[] {
  const errors = labelled(path.child('name'), name);
  if (exactly === undefined && firstAvailable.length === 0) return [...errors, required(path, 'exactly one of `exactly` or `firstAvailable` is required')];
  if (exactly !== undefined && firstAvailable.length > 0) return [...errors, invalidValue(path, undefined, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set')];
  if (exactly !== undefined) return [...errors, ...validateAmounts(path.child('exactly'), exactly, stored)];
  return [...errors, ...limitedSet(path.child('firstAvailable'), firstAvailable, SUBREQUESTS_MAX, (sub) => sub.name, (at, sub) => [...labelled(at.child('name'), sub.name), ...validateAmounts(at, sub, stored)])];
}

/** The names that constraints, settings and results may refer to: `request` or `request/subrequest`. */
function requestNames(spec: ResourceClaimSpec | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  for (const request of spec?.devices?.requests ?? []) {
    names.add(request.name);
    for (const sub of request.firstAvailable ?? []) names.add(`${request.name}/${sub.name}`);
  }
  return names;
}

function validateReference(path: FieldPath, name: string, names: ReadonlySet<string>): FieldError[] {
  const parts = name.split('/');
  const unknown = invalidValue(path, name, "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'");
  if (parts.length > 2) return [unknown];
  return [...parts.flatMap((part) => labelled(path, part)), ...(names.has(name) ? [] : [unknown])];
}

const validateReferences = (path: FieldPath, list: readonly string[] | undefined, names: ReadonlySet<string>): FieldError[] =>
  limitedSet(path, list, LIST_MAX, String, (at, name) => validateReference(at, name, names));

function validateConstraint(path: FieldPath, { requests, matchAttribute, distinctAttribute }: DeviceConstraint, names: ReadonlySet<string>): FieldError[] {
  const errors = validateReferences(path.child('requests'), requests, names);
  if (matchAttribute !== undefined) return [...errors, ...validateFullyQualified(path.child('matchAttribute'), matchAttribute)];
  if (distinctAttribute !== undefined) return [...errors, ...validateFullyQualified(path.child('distinctAttribute'), distinctAttribute)];
  return [...errors, required(path, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set')];
}

/** What a claim asks for, alone or in a template. `stored`: it is there already. */
export function validateClaimSpec(path: FieldPath, spec: ResourceClaimSpec | undefined, stored: boolean): FieldError[] {
  const devices = spec?.devices ?? {};
  const at = path.child('devices');
  const names = requestNames(spec);
  return [
    ...limitedSet(at.child('requests'), devices.requests, LIST_MAX, (request) => request.name, (where, request) => validateRequest(where, request, stored)),
    ...limited(at.child('constraints'), devices.constraints, LIST_MAX, (where, constraint) => validateConstraint(where, constraint, names)),
    ...limited(at.child('config'), devices.config, LIST_MAX, (where, config) => [...validateReferences(where.child('requests'), config.requests, names), ...validateConfiguration(where, config, stored)]),
  ];
}

/** What is asked for stays: of a change nothing more is said than that. */
export function validateClaimUpdate(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  return immutableStruct(SPEC, 'io.k8s.api.resource.v1.ResourceClaimSpec', claim.spec, old.spec);
}

function validateConsumer(at: FieldPath, consumer: ResourceClaimConsumerReference): FieldError[] {
  return (['resource', 'name', 'uid'] as const).flatMap((field) => (consumer[field] ? [] : [required(at.child(field))]));
}

/** An allocation stays until it is cleared; who reserved the claim is known once each. */
export function validateClaimStatus(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  const { reservedFor = [], allocation } = claim.status ?? {};
  const at = STATUS.child('reservedFor');
  const errors = [...limitedSet(at, reservedFor, RESERVED_MAX, (consumer) => consumer.uid, validateConsumer), ...validateDevices(claim)];
  if (reservedFor.length > 0) {
    const isOld = (consumer: ResourceClaimConsumerReference): boolean => (old.status?.reservedFor ?? []).some((known) => sameValue(known, consumer));
    if (allocation === undefined) errors.push(forbiddenField(at, 'may not be specified when `allocated` is not set'));
    else if (claim.metadata.deletionTimestamp && !reservedFor.every(isOld)) errors.push(forbiddenField(at, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'));
  }
  if (old.status?.allocation && allocation) return [...errors, ...immutableStruct(STATUS.child('allocation'), 'io.k8s.api.resource.v1.AllocationResult', allocation, old.status.allocation)];
  return [...errors, ...validateAllocation(claim)];
}

function validateResult(at: FieldPath, result: DeviceRequestAllocationResult, names: ReadonlySet<string>): FieldError[] {
  return [
    ...validateReference(at.child('request'), result.request, names), ...validateDriverName(at.child('driver'), result.driver), ...validatePool(at.child('pool'), result.pool), ...labelled(at.child('device'), result.device),
    ...validateBinding(at, result.bindingConditions, result.bindingFailureConditions), ...each(result.tolerations, (toleration, i) => validateToleration(at.child('tolerations').index(i), toleration)), ...validateUuid(at.child('shareID'), result.shareID),
  ];
}

function validateGivenConfiguration(at: FieldPath, entry: DeviceAllocationConfiguration, names: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (!entry.source) errors.push(required(at.child('source')));
  else if (entry.source !== 'FromClaim' && entry.source !== 'FromClass') errors.push(notSupported(at.child('source'), entry.source, ['FromClaim', 'FromClass']));
  return [...errors, ...validateReferences(at.child('requests'), entry.requests, names), ...validateConfiguration(at, entry, false)];
}

/** Which devices the claim got, and how they are set up. */
function validateAllocation(claim: ResourceClaim): FieldError[] {
  const allocation = claim.status?.allocation;
  if (allocation === undefined) return [];
  const names = requestNames(claim.spec);
  const path = STATUS.child('allocation', 'devices');
  const { results, config } = allocation.devices ?? {};
  return [
    ...limited(path.child('results'), results, RESULTS_MAX, (at, result) => validateResult(at, result, names)),
    ...limited(path.child('config'), config, CONFIGS_MAX, (at, entry) => validateGivenConfiguration(at, entry, names)),
    ...(allocation.nodeSelector === undefined ? [] : validateNodeSelector(STATUS.child('allocation', 'nodeSelector'), allocation.nodeSelector)),
  ];
}

function validateNetwork(path: FieldPath, network: NetworkDeviceData | undefined): FieldError[] {
  if (network === undefined) return [];
  const errors: FieldError[] = [];
  if (byteLength(network.interfaceName ?? '') > INTERFACE_MAX_BYTES) errors.push(tooLong(path.child('interfaceName'), INTERFACE_MAX_BYTES));
  if (byteLength(network.hardwareAddress ?? '') > HARDWARE_MAX_BYTES) errors.push(tooLong(path.child('hardwareAddress'), HARDWARE_MAX_BYTES));
  return [...errors, ...limitedSet(path.child('ips'), network.ips, ADDRESSES_MAX, String, checkInterfaceAddress)];
}

/** An address with the length of its network's prefix, in canonical form. */
function checkInterfaceAddress(path: FieldPath, text: string): FieldError[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return [invalidValue(path, text, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)')];
  return formatCidr(cidr) === text ? [] : [invalidValue(path, text, `must be in canonical form ("${formatCidr(cidr)}")`)];
}

/** What tells devices apart, as errors show it. */
function shownDevice({ driver, pool, device, shareID }: Pick<AllocatedDeviceStatus, 'driver' | 'pool' | 'device' | 'shareID'>): object {
  return { driver, pool, device, ...(shareID === undefined ? {} : { shareID }) };
}

function validateReported(path: FieldPath, device: AllocatedDeviceStatus, allocated: ReadonlySet<string>): FieldError[] {
  const errors = [
    ...validateDriverName(path.child('driver'), device.driver), ...validatePool(path.child('pool'), device.pool), ...labelled(path.child('device'), device.device), ...validateUuid(path.child('shareID'), device.shareID),
  ];
  if (!allocated.has(JSON.stringify(shownDevice(device)))) errors.push(invalidValue(path, shownDevice(device), 'must be an allocated device in the claim'));
  const conditions = device.conditions ?? [];
  if (conditions.length > CONDITIONS_MAX) errors.push(tooMany(path.child('conditions'), conditions.length, CONDITIONS_MAX));
  errors.push(...validateConditions(path.child('conditions'), conditions), ...(device.data === undefined ? [] : validateRaw(path.child('data'), device.data, false)));
  return [...errors, ...validateNetwork(path.child('networkData'), device.networkData)];
}

/** What drivers say of the devices that they have given away. */
function validateDevices(claim: ResourceClaim): FieldError[] {
  const allocated = new Set((claim.status?.allocation?.devices?.results ?? []).map((result) => JSON.stringify(shownDevice(result))));
  const path = STATUS.child('devices');
  const seen = new Set<string>();
  const devices = claim.status?.devices;
  return [
    ...each(devices, (device, i) => validateReported(path.index(i), device, allocated)),
    ...each(devices, (device, i) => {
      const id = JSON.stringify(shownDevice(device));
      const before = seen.has(id);
      seen.add(id);
      return before ? [duplicate(path.index(i), shownDevice(device))] : [];
    }),
  ];
}

export function validateTemplate(template: ResourceClaimTemplate): FieldError[] {
  const meta = template.spec?.metadata;
  return [
    ...validateAnnotations(SPEC.child('metadata', 'annotations'), meta?.annotations),
    ...validateLabels(SPEC.child('metadata', 'labels'), meta?.labels),
    ...validateClaimSpec(SPEC.child('spec'), template.spec?.spec, false),
  ];
}

export function validateTemplateUpdate(template: ResourceClaimTemplate, old: ResourceClaimTemplate): FieldError[] {
  return immutableStruct(SPEC, 'io.k8s.api.resource.v1.ResourceClaimTemplateSpec', template.spec, old.spec);
}

export function validateDeviceClass(deviceClass: DeviceClass, old?: DeviceClass): FieldError[] {
  const spec = deviceClass.spec;
  // What is as it was is not judged by newer rules.
  const isStored = (field: 'selectors' | 'config'): boolean => old !== undefined && sameValue(spec?.[field], old.spec?.[field]);
  const errors = validateSelectors(SPEC.child('selectors'), spec?.selectors, isStored('selectors'));
  errors.push(...limited(SPEC.child('config'), spec?.config, LIST_MAX, (at, config) => validateConfiguration(at, config, isStored('config'))));
  const name = spec?.extendedResourceName;
  const isExtended = name === undefined || (isExtendedResource(name) && qualifiedName(`requests.${name}`).length === 0);
  return isExtended ? errors : [...errors, invalidValue(SPEC.child('extendedResourceName'), name, 'must be a valid extended resource name')];
}
