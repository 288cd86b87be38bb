/** Rules of device claims and classes (KEP-4381). */
import { needOneOf, oneOf, validateContainerResourceName } from '../../core/v1/validation/common.ts';
import { validateNodeSelector } from '../../core/v1/validation/scheduling.ts';
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import { formatCidr, parseCidr } from '../../meta/addresses.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, invalidValue, required, tooLong } from '../../meta/field.ts';
import { byteLength, dnsSubdomain, qualifiedName } from '../../meta/names.ts';
import { each, faultsAt, immutable, repeats, sameValue, validateAnnotations, validateConditions, validateLabels } from '../../meta/validation.ts';
import { labelled, limited, LIST_MAX, repeated, SPEC, validateBinding, validateOpaque, validatePool, validateQualified, validateRaw, validateSelectors, validateUuid } from './names.ts';
import type {
  DeviceClass, DeviceRequest, DeviceSubRequest, DeviceToleration, ExactDeviceRequest, NetworkDeviceData, ResourceClaim, ResourceClaimSpec, ResourceClaimTemplate,
} from './types.ts';

const STATUS = new FieldPath('status');
const SUBREQUESTS_MAX = 8;
const RESERVED_MAX = 256;
const TOLERATIONS_MAX = 16;
const RESULTS_MAX = 32;
const CONFIGS_MAX = 64;
const ADDRESSES_MAX = 16;
const INTERFACE_MAX_BYTES = 256;
const HARDWARE_MAX_BYTES = 128;

function validateTolerations(path: FieldPath, tolerations: readonly DeviceToleration[] | undefined): FieldError[] {
  return [...limited(path, tolerations, TOLERATIONS_MAX), ...(tolerations ?? []).flatMap((toleration, i) => {
    const at = path.index(i);
    const errors = toleration.key ? faultsAt(at.child('key'), toleration.key, qualifiedName(toleration.key)) : [];
    errors.push(...oneOf(at.child('operator'), toleration.operator, ['Equal', 'Exists']), ...oneOf(at.child('effect'), toleration.effect, ['NoExecute', 'NoSchedule', 'None']));
    if (!toleration.key && toleration.operator !== 'Exists') errors.push(required(at.child('key')));
    if (toleration.operator === 'Exists' && toleration.value) errors.push(invalidValue(at.child('value'), toleration.value, 'must be empty for operator `Exists`'));
    return errors;
  })];
}

function validateAmounts(path: FieldPath, request: ExactDeviceRequest | DeviceSubRequest, stored: boolean): FieldError[] {
  const errors = request.deviceClassName ? faultsAt(path.child('deviceClassName'), request.deviceClassName, dnsSubdomain(request.deviceClassName)) : [required(path.child('deviceClassName'))];
  errors.push(...validateSelectors(path.child('selectors'), request.selectors, stored), ...validateTolerations(path.child('tolerations'), request.tolerations));
  if (request.allocationMode === 'ExactCount') {
    if (!((request.count ?? 0) > 0)) errors.push(invalidValue(path.child('count'), request.count ?? 0, 'must be greater than zero'));
  } else if (request.allocationMode === 'All') {
    if (request.count) errors.push(invalidValue(path.child('count'), request.count, "must not be specified when allocationMode is 'All'"));
  } else errors.push(...needOneOf(path.child('allocationMode'), request.allocationMode, ['All', 'ExactCount']));
  return errors;
}

function validateRequest(path: FieldPath, request: DeviceRequest, stored: boolean): FieldError[] {
  const errors = labelled(path.child('name'), request.name);
  const several = (request.firstAvailable ?? []).length > 0;
  if (request.exactly === undefined && !several) return [...errors, required(path, 'exactly one of `exactly` or `firstAvailable` is required')];
  if (request.exactly !== undefined && several) return [...errors, invalidValue(path, '', 'exactly one of `exactly` or `firstAvailable` is required')];
  if (request.exactly !== undefined) return [...errors, ...validateAmounts(path.child('exactly'), request.exactly, stored)];
  const at = path.child('firstAvailable');
  errors.push(...limited(at, request.firstAvailable, SUBREQUESTS_MAX));
  const seen = repeats();
  for (const [i, sub] of request.firstAvailable!.entries()) {
    errors.push(...labelled(at.index(i).child('name'), sub.name), ...validateAmounts(at.index(i), sub, stored));
    if (seen(sub.name)) errors.push(duplicate(at.index(i).child('name'), sub.name));
  }
  return errors;
}

/** What a claim asks for, alone or in a template. `stored`: it is there already. */
export function validateClaimSpec(path: FieldPath, spec: ResourceClaimSpec | undefined, stored: boolean): FieldError[] {
  const devices = spec?.devices ?? {};
  const at = path.child('devices');
  const requests = devices.requests ?? [];
  const errors = limited(at.child('requests'), requests, LIST_MAX);
  const names = new Set<string>();
  for (const [i, request] of requests.entries()) {
    errors.push(...validateRequest(at.child('requests').index(i), request, stored));
    if (names.has(request.name)) errors.push(duplicate(at.child('requests').index(i).child('name'), request.name));
    names.add(request.name);
    for (const sub of request.firstAvailable ?? []) names.add(`${request.name}/${sub.name}`);
  }
  const referred = (where: FieldPath, list: readonly string[] | undefined): FieldError[] => [
    ...limited(where, list, LIST_MAX), ...repeated(where, list),
    ...(list ?? []).flatMap((name, i) => (names.has(name) ? [] : [invalidValue(where.index(i), name, 'must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'')])),
  ];
  errors.push(...limited(at.child('constraints'), devices.constraints, LIST_MAX), ...limited(at.child('config'), devices.config, LIST_MAX));
  for (const [i, constraint] of (devices.constraints ?? []).entries()) {
    const where = at.child('constraints').index(i);
    errors.push(...referred(where.child('requests'), constraint.requests));
    for (const field of ['matchAttribute', 'distinctAttribute'] as const) if (constraint[field] !== undefined) errors.push(...validateQualified(where.child(field), constraint[field], true));
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
  const seen = repeats();
  for (const [i, consumer] of reserved.entries()) {
    for (const field of ['resource', 'name', 'uid'] as const) if (!consumer[field]) errors.push(required(at.index(i).child(field)));
    if (seen(consumer.uid)) errors.push(duplicate(at.index(i).child('uid'), consumer.uid));
  }
  if (reserved.length > 0 && status?.allocation === undefined) errors.push(invalidValue(at, reserved, 'may not be specified when `allocated` is not set'));
  return [...errors, ...validateAllocation(claim), ...validateDevices(claim)];
}

const UNKNOWN_REQUEST = 'must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'';

/** Which devices the claim got, and how they are set up. */
function validateAllocation(claim: ResourceClaim): FieldError[] {
  const allocation = claim.status?.allocation;
  if (allocation === undefined) return [];
  const names = requestNames(claim.spec);
  const path = STATUS.child('allocation', 'devices');
  const { results = [], config = [] } = allocation.devices ?? {};
  const errors = [...limited(path.child('results'), results, RESULTS_MAX), ...limited(path.child('config'), config, CONFIGS_MAX)];
  for (const [i, result] of results.entries()) {
    const at = path.child('results').index(i);
    if (!names.has(result.request)) errors.push(invalidValue(at.child('request'), result.request, UNKNOWN_REQUEST));
    errors.push(...validateDriverName(at.child('driver'), result.driver), ...validatePool(at.child('pool'), result.pool), ...labelled(at.child('device'), result.device));
    errors.push(...validateBinding(at, result.bindingConditions, result.bindingFailureConditions, qualifiedName), ...validateTolerations(at.child('tolerations'), result.tolerations), ...validateUuid(at.child('shareID'), result.shareID));
  }
  for (const [i, entry] of config.entries()) {
    const at = path.child('config').index(i);
    errors.push(...needOneOf(at.child('source'), entry.source, ['FromClaim', 'FromClass']), ...validateOpaque(at.child('opaque'), entry.opaque));
    errors.push(...limited(at.child('requests'), entry.requests, LIST_MAX), ...repeated(at.child('requests'), entry.requests));
    for (const [j, name] of (entry.requests ?? []).entries()) if (entry.source === 'FromClaim' && !names.has(name)) errors.push(invalidValue(at.child('requests').index(j), name, UNKNOWN_REQUEST));
  }
  if (allocation.nodeSelector !== undefined) errors.push(...validateNodeSelector(STATUS.child('allocation', 'nodeSelector'), allocation.nodeSelector));
  return errors;
}

function validateNetwork(path: FieldPath, network: NetworkDeviceData | undefined): FieldError[] {
  if (network === undefined) return [];
  const errors: FieldError[] = [];
  if (byteLength(network.interfaceName ?? '') > INTERFACE_MAX_BYTES) errors.push(tooLong(path.child('interfaceName'), INTERFACE_MAX_BYTES));
  if (byteLength(network.hardwareAddress ?? '') > HARDWARE_MAX_BYTES) errors.push(tooLong(path.child('hardwareAddress'), HARDWARE_MAX_BYTES));
  errors.push(...limited(path.child('ips'), network.ips, ADDRESSES_MAX), ...repeated(path.child('ips'), network.ips));
  return [...errors, ...each(network.ips, (ip, i) => checkInterfaceAddress(path.child('ips').index(i), ip))];
}

/** An address with the length of its network's prefix, in canonical form. */
function checkInterfaceAddress(path: FieldPath, text: string): FieldError[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return [invalidValue(path, text, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)')];
  return formatCidr(cidr) === text ? [] : [invalidValue(path, text, `must be in canonical form (${formatCidr(cidr)})`)];
}

/** What drivers say of the devices that they have given away. */
function validateDevices(claim: ResourceClaim): FieldError[] {
  const allocated = new Set((claim.status?.allocation?.devices?.results ?? []).map((result) => JSON.stringify([result.driver, result.pool, result.device, result.shareID])));
  const seen = new Set<string>();
  return each(claim.status?.devices, (device, i) => {
    const path = STATUS.child('devices').index(i);
    const id = JSON.stringify([device.driver, device.pool, device.device, device.shareID]);
    const shown = { driver: device.driver, pool: device.pool, device: device.device, ...(device.shareID === undefined ? {} : { shareID: device.shareID }) };
    const errors: FieldError[] = allocated.has(id) ? [] : [invalidValue(path, shown, 'must be an allocated device in the claim')];
    if (seen.has(id)) errors.push(duplicate(path, shown));
    seen.add(id);
    if (device.data !== undefined) errors.push(...validateRaw(path.child('data'), device.data));
    return [...errors, ...validateConditions(path.child('conditions'), device.conditions), ...validateNetwork(path.child('networkData'), device.networkData), ...validateUuid(path.child('shareID'), device.shareID)];
  });
}

export function validateTemplate(template: ResourceClaimTemplate, old?: ResourceClaimTemplate): FieldError[] {
  const meta = template.spec?.metadata;
  return [
    ...validateLabels(SPEC.child('metadata', 'labels'), meta?.labels),
    ...validateAnnotations(SPEC.child('metadata', 'annotations'), meta?.annotations),
    ...validateClaimSpec(SPEC.child('spec'), template.spec?.spec, old !== undefined),
  ];
}

export function validateTemplateUpdate(template: ResourceClaimTemplate, old: ResourceClaimTemplate): FieldError[] {
  return sameValue(template.spec, old.spec) ? [] : [invalidValue(SPEC, template.spec, 'field is immutable')];
}

export function validateDeviceClass(deviceClass: DeviceClass, old?: DeviceClass): FieldError[] {
  const spec = deviceClass.spec;
  const stored = old !== undefined && sameValue(spec?.selectors, old.spec?.selectors);
  const errors = [...validateSelectors(SPEC.child('selectors'), spec?.selectors, stored), ...limited(SPEC.child('config'), spec?.config, LIST_MAX)];
  for (const [i, config] of (spec?.config ?? []).entries()) errors.push(...validateOpaque(SPEC.child('config').index(i).child('opaque'), config.opaque));
  if (spec?.extendedResourceName !== undefined) errors.push(...validateContainerResourceName(SPEC.child('extendedResourceName'), spec.extendedResourceName));
  return errors;
}
