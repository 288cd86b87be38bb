/** Rules of resource slices: the devices that drivers offer, what they are like and what they share (KEP-4381, KEP-4815). */
import { validateNodeSelector } from '../../core/v1/validation/scheduling.ts';
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import { internalForm } from '../../internal-form.ts';
import type { FieldError, FieldPath } from '../../meta/field.ts';
import { invalidValue, notSupported, required, tooLong, tooMany } from '../../meta/field.ts';
import { byteLength, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../meta/names.ts';
import { each, faultsAt, immutable, sameValue } from '../../meta/validation.ts';
import { labelled, limited, limitedSet, LIST_MAX, neededLabel, SPEC, validateBinding, validatePool, validateQualified } from './names.ts';
import { validateCapacity } from './capacity.ts';
import type { Counter, Device, DeviceAttribute, DeviceCounterConsumption, DeviceTaint, ResourceSlice, ResourceSliceSpec } from './types.ts';
import { EFFECTS } from './validation.ts';

const DEVICES_MAX = 128;
/** Where devices have taints, lists as attributes or use counters, which make them larger. */
const LARGE_DEVICES_MAX = 64;
const COUNTER_SETS_MAX = 8;
const COUNTER_USES_MAX = 2;
const TAINTS_MAX = 16;
const TEXT_MAX_BYTES = 64;
const ATTRIBUTE_VALUES_MAX = 48;
/** Keys of attributes and capacities are shown up to the longest good one. */
const QUALIFIED_MAX = 63 + 1 + 32;
const LABEL_MAX = 63;
const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

/** `before` is the taint as it is stored: an effect that stays is not judged again. */
export function validateTaint(path: FieldPath, taint: DeviceTaint | undefined, before?: DeviceTaint): FieldError[] {
  const { key = '', value = '', effect = '' } = taint ?? {};
  const errors = [...faultsAt(path.child('key'), key, qualifiedName(key)), ...(value === '' ? [] : faultsAt(path.child('value'), value, labelValue(value)))];
  if (before !== undefined && (before.effect ?? '') === effect) return errors;
  if (effect === '') errors.push(required(path.child('effect')));
  else if (!EFFECTS.includes(effect)) errors.push(notSupported(path.child('effect'), effect, EFFECTS));
  return errors;
}

const textFault = (path: FieldPath, text: string): FieldError[] => (byteLength(text) > TEXT_MAX_BYTES ? [tooLong(path, TEXT_MAX_BYTES)] : []);

function versionFaults(path: FieldPath, text: string): FieldError[] {
  return [...(SEMVER.test(text) ? [] : [invalidValue(path, text, 'must be a string compatible with semver.org spec 2.0.0')]), ...textFault(path, text)];
}

const LISTS = ['bools', 'ints', 'strings', 'versions'] as const;

function validateAttribute(path: FieldPath, attribute: DeviceAttribute): FieldError[] {
  const { string: text, version, strings, versions } = attribute;
  const given = (['int', 'bool', 'string', 'version', ...LISTS] as const).filter((field) => attribute[field] !== undefined).length;
  const errors = [
    ...(text === undefined ? [] : textFault(path.child('string'), text)), ...(version === undefined ? [] : versionFaults(path.child('version'), version)),
    ...each(strings, (item, i) => textFault(path.child('strings').index(i), item)), ...each(versions, (item, i) => versionFaults(path.child('versions').index(i), item)),
  ];
  return given === 1 ? errors : [...errors, invalidValue(path, given === 0 ? '' : internalForm('io.k8s.api.resource.v1.DeviceAttribute', { ...attribute }), 'exactly one value must be specified')];
}

/** Of a key that is too long the middle is left out where errors show it. */
function shortened(key: string, max: number): string {
  if (key.length <= max) return key;
  const rest = max - 3;
  return `${key.slice(0, Math.floor((rest + 1) / 2))}...${key.slice(key.length - Math.floor(rest / 2))}`;
}

/** The keys' own faults are told of the whole map, those of a value at its key. */
function validateMap<T>(path: FieldPath, map: Readonly<Record<string, T>> | undefined, keyMax: number, checkKey: (path: FieldPath, key: string) => FieldError[], checkValue?: (path: FieldPath, value: T) => FieldError[]): FieldError[] {
  return Object.entries(map ?? {}).flatMap(([key, value]) => [...checkKey(path, key), ...(checkValue?.(path.key(shortened(key, keyMax)), value) ?? [])]);
}

function validateCounters(path: FieldPath, counters: Readonly<Record<string, Counter>> | undefined): FieldError[] {
  const size = Object.keys(counters ?? {}).length;
  if (size === 0) return [required(path)];
  return size > LIST_MAX ? [tooMany(path, size, LIST_MAX)] : validateMap(path, counters, LABEL_MAX, (at, key) => faultsAt(at, key, dnsLabel(key)));
}

function validateUse(at: FieldPath, use: DeviceCounterConsumption): FieldError[] {
  return [...neededLabel(at.child('counterSet'), use.counterSet), ...validateCounters(at.child('counters'), use.counters)];
}

const PLACES = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
type Place = Partial<Pick<ResourceSliceSpec, (typeof PLACES)[number]>>;

/** The fields that say where devices are: those that say something, and what is wrong with each. `empty` is what is said of a node without a name. */
function validatePlaces(path: FieldPath, place: Place, empty: string): { given: string[]; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const { nodeName, nodeSelector } = place;
  if (nodeName === '') errors.push(invalidValue(path.child('nodeName'), '', empty));
  else if (nodeName !== undefined) errors.push(...faultsAt(path.child('nodeName'), nodeName, dnsSubdomain(nodeName)));
  if (nodeSelector !== undefined) errors.push(...validateNodeSelector(path.child('nodeSelector'), nodeSelector));
  return { given: PLACES.filter((field) => place[field] !== undefined && place[field] !== false && place[field] !== '').map((field) => `\`${field}\``), errors };
}

const falsehoods = (path: FieldPath, place: Place): FieldError[] =>
  (['allNodes', 'perDeviceNodeSelection'] as const).flatMap((field) => (place[field] === false ? [invalidValue(path.child(field), false, 'must be either unset or set to true')] : []));

/** Where a device is, in slices whose devices say so each for itself. */
function validatePlace(path: FieldPath, { nodeName, nodeSelector, allNodes }: Device, perDevice: boolean): FieldError[] {
  const place: Place = { ...(nodeName === undefined ? {} : { nodeName }), ...(nodeSelector === undefined ? {} : { nodeSelector }), ...(allNodes === undefined ? {} : { allNodes }) };
  if (!perDevice) return Object.keys(place).length === 0 ? [] : [invalidValue(path, undefined, '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec')];
  const text = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  const { given, errors } = validatePlaces(path, place, 'must not be empty');
  errors.push(...falsehoods(path, place));
  if (given.length === 1) return errors;
  return [...errors, given.length === 0 ? required(path, text) : invalidValue(path, `{${given.join(', ')}}`, text)];
}

function validateAmounts(path: FieldPath, device: Device, before: Device | undefined): FieldError[] {
  const { attributes = {}, capacity = {} } = device;
  const errors: FieldError[] = [];
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > LIST_MAX) errors.push(invalidValue(path, count, `the total number of attributes and capacities must not exceed ${LIST_MAX}`));
  const values = Object.values(attributes).reduce((sum, attribute) => sum + Math.max(1, LISTS.reduce((items, list) => items + (attribute[list]?.length ?? 0), 0)), 0);
  if (values > ATTRIBUTE_VALUES_MAX) errors.push(invalidValue(path, values, `the total number of attribute values must not exceed ${ATTRIBUTE_VALUES_MAX}`));
  errors.push(...validateMap(path.child('attributes'), attributes, QUALIFIED_MAX, validateQualified, validateAttribute));
  // What is as it was is not judged by newer rules.
  if (before !== undefined && sameValue(before.capacity, device.capacity)) return errors;
  return [...errors, ...validateMap(path.child('capacity'), capacity, QUALIFIED_MAX, validateQualified, (at, one) => validateCapacity(at, one, device.allowMultipleAllocations === true))];
}

function validateDevice(path: FieldPath, device: Device, perDevice: boolean, before: Device | undefined): FieldError[] {
  return [
    ...labelled(path.child('name'), device.name), ...validateAmounts(path, device, before),
    ...(before !== undefined && sameValue(before.taints, device.taints) ? [] : limited(path.child('taints'), device.taints, TAINTS_MAX, (at, taint) => validateTaint(at, taint))),
    ...limitedSet(path.child('consumesCounters'), device.consumesCounters, COUNTER_USES_MAX, (use) => use.counterSet, validateUse),
    ...validatePlace(path, device, perDevice), ...validateBinding(path, device.bindingConditions, device.bindingFailureConditions),
  ];
}

const isLarge = ({ taints, consumesCounters, attributes }: Device): boolean =>
  (taints ?? []).length > 0 || (consumesCounters ?? []).length > 0 || Object.values(attributes ?? {}).some((attribute) => LISTS.some((list) => attribute[list] !== undefined));

export function validateSlice(slice: ResourceSlice, old?: ResourceSlice): FieldError[] {
  const spec: ResourceSliceSpec = slice.spec;
  const pool = SPEC.child('pool');
  const { resourceSliceCount = 0, generation = 0 } = spec.pool ?? {};
  const errors = [...validateDriverName(SPEC.child('driver'), spec.driver), ...validatePool(pool.child('name'), spec.pool?.name)];
  if (resourceSliceCount <= 0) errors.push(invalidValue(pool.child('resourceSliceCount'), resourceSliceCount, 'must be greater than zero'));
  if (generation < 0) errors.push(invalidValue(pool.child('generation'), generation, 'must be greater than or equal to zero'));
  if (old !== undefined) errors.push(...validateSliceUpdate(slice, old));
  const text = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  const places = validatePlaces(SPEC, spec, 'must be either unset or set to a non-empty string');
  errors.push(...places.errors);
  const terms = spec.nodeSelector?.nodeSelectorTerms;
  if (spec.nodeSelector !== undefined && terms?.length !== 1) errors.push(invalidValue(SPEC.child('nodeSelector', 'nodeSelectorTerms'), terms, 'must have exactly one node selector term'));
  errors.push(...falsehoods(SPEC, spec));
  if (places.given.length === 0) errors.push(required(SPEC, text));
  if (places.given.length > 1) errors.push(invalidValue(SPEC, `{${places.given.join(', ')}}`, `${text}, but multiple fields are set`));
  if (spec.sharedCounters !== undefined && spec.devices !== undefined) errors.push(invalidValue(SPEC, '', 'only one of `sharedCounters` or `devices` is allowed'));
  const before = new Map((old?.spec.devices ?? []).map((device) => [device.name, device]));
  const max = (spec.devices ?? []).some(isLarge) ? LARGE_DEVICES_MAX : DEVICES_MAX;
  return [
    ...errors,
    ...limitedSet(SPEC.child('devices'), spec.devices, max, (device) => device.name, (at, device) => validateDevice(at, device, spec.perDeviceNodeSelection === true, before.get(device.name))),
    ...limitedSet(SPEC.child('sharedCounters'), spec.sharedCounters, COUNTER_SETS_MAX, (set) => set.name, (at, set) => [...neededLabel(at.child('name'), set.name), ...validateCounters(at.child('counters'), set.counters)]),
  ];
}

/** Where a slice belongs stays. */
function validateSliceUpdate(slice: ResourceSlice, old: ResourceSlice): FieldError[] {
  return [
    ...immutable(SPEC.child('pool', 'name'), slice.spec.pool?.name, old.spec.pool?.name),
    ...immutable(SPEC.child('driver'), slice.spec.driver, old.spec.driver),
    ...immutable(SPEC.child('nodeName'), slice.spec.nodeName, old.spec.nodeName),
  ];
}

/** Fields of features that are off in v1.36 (lists as attributes, resources of nodes that devices take) are dropped, unless the stored slice has them. */
export function dropFromSlice(slice: ResourceSlice, old?: ResourceSlice): void {
  const devices = slice.spec.devices ?? [];
  const before = old?.spec.devices ?? [];
  const hasLists = (device: Device): boolean => Object.values(device.attributes ?? {}).some((attribute) => LISTS.some((list) => attribute[list] !== undefined));
  if (!before.some(hasLists)) {
    for (const device of devices) for (const attribute of Object.values(device.attributes ?? {})) for (const list of LISTS) delete attribute[list];
  }
  if (!before.some((device) => device.nodeAllocatableResourceMappings !== undefined)) for (const device of devices) delete device.nodeAllocatableResourceMappings;
}
