/** Rules of resource slices: the devices that drivers offer, what they are like and what they share (KEP-4381, KEP-4815). */
import { needOneOf, nonNegativeQuantity } from '../../core/v1/validation/common.ts';
import { validateNodeSelector } from '../../core/v1/validation/scheduling.ts';
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import type { FieldError, FieldPath } from '../../meta/field.ts';
import { duplicate, invalidOmitted, invalidValue, notFoundField, required, tooLong } from '../../meta/field.ts';
import { byteLength, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../meta/names.ts';
import { faultsAt, immutable, repeats, sameValue } from '../../meta/validation.ts';
import { labelled, limited, LIST_MAX, SPEC, validateBinding, validatePool, validateQualified } from './names.ts';
import { validateCapacity } from './capacity.ts';
import type { Counter, Device, DeviceAttribute, DeviceTaint, ResourceSlice, ResourceSliceSpec } from './types.ts';

const DEVICES_MAX = 128;
/** Where devices have taints or use counters, which make them larger. */
const LARGE_DEVICES_MAX = 64;
const COUNTER_SETS_MAX = 8;
const COUNTER_USES_MAX = 2;
const TAINTS_MAX = 16;
const TEXT_MAX_BYTES = 64;
const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

export function validateTaint(path: FieldPath, taint: DeviceTaint | undefined): FieldError[] {
  const { key = '', value = '', effect } = taint ?? {};
  return [
    ...faultsAt(path.child('key'), key, qualifiedName(key)),
    ...(value === '' ? [] : faultsAt(path.child('value'), value, labelValue(value))),
    ...needOneOf(path.child('effect'), effect, ['NoExecute', 'NoSchedule', 'None']),
  ];
}

function validateAttribute(path: FieldPath, attribute: DeviceAttribute): FieldError[] {
  const { int, bool, string: text, version } = attribute;
  const given = [int, bool, text, version].filter((value) => value !== undefined).length;
  if (given === 0) return [required(path, 'exactly one value must be specified')];
  if (given > 1) return [invalidValue(path, attribute, 'exactly one value must be specified')];
  if (text !== undefined && byteLength(text) > TEXT_MAX_BYTES) return [tooLong(path.child('string'), TEXT_MAX_BYTES)];
  if (version === undefined) return [];
  if (byteLength(version) > TEXT_MAX_BYTES) return [tooLong(path.child('version'), TEXT_MAX_BYTES)];
  return SEMVER.test(version) ? [] : [invalidValue(path.child('version'), version, 'must be a string compatible with semver.org spec 2.0.0')];
}

function validateCounters(path: FieldPath, counters: Readonly<Record<string, Counter>> | undefined): FieldError[] {
  const entries = Object.entries(counters ?? {});
  if (entries.length === 0) return [required(path)];
  return [...limited(path, entries, LIST_MAX), ...entries.flatMap(([name, counter]) => [...faultsAt(path, name, dnsLabel(name)), ...nonNegativeQuantity(path.key(name), counter.value)])];
}

function validateUses(path: FieldPath, device: Device, known: ReadonlySet<string>): FieldError[] {
  const uses = device.consumesCounters ?? [];
  const seen = repeats();
  return [
    ...limited(path, uses, COUNTER_USES_MAX),
    ...uses.flatMap((use, i) => {
      const at = path.index(i);
      const errors = [...labelled(at.child('counterSet'), use.counterSet), ...validateCounters(at.child('counters'), use.counters)];
      if (known.size > 0 && use.counterSet && !known.has(use.counterSet)) errors.push(notFoundField(at.child('counterSet'), use.counterSet));
      if (seen(use.counterSet)) errors.push(duplicate(at, { counterSet: use.counterSet }));
      return errors;
    }),
  ];
}

const PLACES = ['nodeName', 'nodeSelector', 'allNodes'] as const;

/** Where a device is, in slices whose devices say so each for itself. */
function validatePlace(path: FieldPath, device: Device, perDevice: boolean): FieldError[] {
  const given = PLACES.filter((field) => device[field] !== undefined && device[field] !== false);
  if (!perDevice) return given.map((field) => invalidOmitted(path.child(field), `\`${field}\` can only be set if \`perDeviceNodeSelection\` is set to true in the ResourceSlice spec`));
  const text = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (given.length === 0) return [required(path, text)];
  if (given.length > 1) return [invalidValue(path, `{${given.map((field) => `\`${field}\``).join(', ')}}`, text)];
  return validateNodes(path, device);
}

function validateNodes(path: FieldPath, place: Pick<ResourceSliceSpec, 'nodeName' | 'nodeSelector'>): FieldError[] {
  const errors = place.nodeName === undefined ? [] : faultsAt(path.child('nodeName'), place.nodeName, dnsSubdomain(place.nodeName));
  if (place.nodeSelector === undefined) return errors;
  errors.push(...validateNodeSelector(path.child('nodeSelector'), place.nodeSelector));
  if (place.nodeSelector.nodeSelectorTerms?.length !== 1) errors.push(invalidValue(path.child('nodeSelector', 'nodeSelectorTerms'), place.nodeSelector.nodeSelectorTerms, 'must have exactly one node selector term'));
  return errors;
}

function validateDevice(path: FieldPath, device: Device, known: ReadonlySet<string>, perDevice: boolean, before: Device | undefined): FieldError[] {
  const attributes = Object.entries(device.attributes ?? {});
  const capacity = Object.entries(device.capacity ?? {});
  const errors = labelled(path.child('name'), device.name);
  const count = attributes.length + capacity.length;
  if (count > LIST_MAX) errors.push(invalidValue(path, count, `the total number of attributes and capacities must not exceed ${LIST_MAX}`));
  for (const [name, attribute] of attributes) errors.push(...validateQualified(path.child('attributes').key(name), name), ...validateAttribute(path.child('attributes').key(name), attribute));
  for (const [name] of capacity) errors.push(...validateQualified(path.child('capacity').key(name), name));
  // What is as it was is not judged by newer rules.
  if (before === undefined || !sameValue(before.capacity, device.capacity)) for (const [name, one] of capacity) errors.push(...validateCapacity(path.child('capacity').key(name), one, device.allowMultipleAllocations === true));
  errors.push(...limited(path.child('taints'), device.taints, TAINTS_MAX), ...(device.taints ?? []).flatMap((taint, i) => validateTaint(path.child('taints').index(i), taint)));
  return [...errors, ...validateUses(path.child('consumesCounters'), device, known), ...validatePlace(path, device, perDevice), ...validateBinding(path, device.bindingConditions, device.bindingFailureConditions, qualifiedName)];
}

function validateShared(spec: ResourceSliceSpec): FieldError[] {
  const sets = spec.sharedCounters ?? [];
  const path = SPEC.child('sharedCounters');
  const seen = repeats();
  return [
    ...limited(path, sets, COUNTER_SETS_MAX),
    ...sets.flatMap((set, i) => [
      ...labelled(path.index(i).child('name'), set.name), ...validateCounters(path.index(i).child('counters'), set.counters),
      ...(seen(set.name) ? [duplicate(path.index(i).child('name'), set.name)] : []),
    ]),
  ];
}

const SELECTIONS = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;

export function validateSlice(slice: ResourceSlice, old?: ResourceSlice): FieldError[] {
  const spec: ResourceSliceSpec = slice.spec;
  const pool = spec.pool;
  const errors = [...validateDriverName(SPEC.child('driver'), spec.driver), ...validatePool(SPEC.child('pool', 'name'), pool?.name)];
  if (!((pool?.resourceSliceCount ?? 0) > 0)) errors.push(invalidValue(SPEC.child('pool', 'resourceSliceCount'), pool?.resourceSliceCount ?? 0, 'must be greater than zero'));
  if ((pool?.generation ?? 0) < 0) errors.push(invalidValue(SPEC.child('pool', 'generation'), pool.generation, 'must be greater than or equal to zero'));
  const given = SELECTIONS.filter((field) => spec[field] !== undefined && spec[field] !== false);
  const text = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (given.length === 0) errors.push(required(SPEC, text));
  if (given.length > 1) errors.push(invalidValue(SPEC, `{${given.map((field) => `\`${field}\``).join(', ')}}`, text));
  errors.push(...validateNodes(SPEC, spec), ...validateShared(spec));
  const devices = spec.devices ?? [];
  const path = SPEC.child('devices');
  const large = devices.some((device) => device.taints !== undefined || device.consumesCounters !== undefined);
  errors.push(...limited(path, devices, large ? LARGE_DEVICES_MAX : DEVICES_MAX));
  const known = new Set((spec.sharedCounters ?? []).map((set) => set.name));
  const seen = new Set<string>();
  const before = new Map((old?.spec.devices ?? []).map((device) => [device.name, device]));
  for (const [i, device] of devices.entries()) {
    errors.push(...validateDevice(path.index(i), device, known, spec.perDeviceNodeSelection === true, before.get(device.name)));
    if (seen.has(device.name)) errors.push(duplicate(path.index(i).child('name'), device.name));
    seen.add(device.name);
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
