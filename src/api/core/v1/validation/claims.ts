/** Claims of persistent volumes. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
import type { FieldError } from '../../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue, notSupported, required } from '../../../meta/field.ts';
import { dnsSubdomain, qualifiedName } from '../../../meta/names.ts';
import { compareQuantity } from '../../../meta/quantity.ts';
import { each, faultsAt, immutable, sameValue, validateLabelSelector } from '../../../meta/validation.ts';
import { isNativeResource } from '../resources.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../types.ts';
import { need, oneOf, shownQuantity, validateResourceAmount, validateResourceName } from './common.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

export function validateAccessModes(path: FieldPath, modes: readonly string[] | undefined, missing: string): FieldError[] {
  const list = modes ?? [];
  if (list.length === 0) return [required(path, missing)];
  const errors = list.flatMap((mode) => (ACCESS_MODES.includes(mode) ? [] : [notSupported(path, mode, ACCESS_MODES)]));
  if (list.includes('ReadWriteOncePod') && list.length > 1) errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'));
  return errors;
}

/** A size: not negative, not zero. */
export function validateSize(path: FieldPath, amount: string): FieldError[] {
  return [
    ...validateResourceAmount(path, 'storage', amount),
    ...(compareQuantity(amount, '0') <= 0 ? [invalidValue(path, shownQuantity(amount), 'must be greater than zero')] : []),
  ];
}

function validateDataSource(path: FieldPath, source: { apiGroup?: string; kind: string; name: string } | undefined): FieldError[] {
  if (source === undefined) return [];
  const errors = [...need(path.child('name'), source.name), ...need(path.child('kind'), source.kind)];
  if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim') errors.push(invalidValue(path, source.kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  if (source.apiGroup) errors.push(...faultsAt(path.child('apiGroup'), source.apiGroup, dnsSubdomain(source.apiGroup)));
  return errors;
}

/** What a claim asks for; also the template of a generic ephemeral volume. */
export function validateClaimSpec(path: FieldPath, spec: PersistentVolumeClaimSpec): FieldError[] {
  const errors = [
    ...validateAccessModes(path.child('accessModes'), spec.accessModes, 'at least 1 access mode is required'),
    ...validateLabelSelector(path.child('selector'), spec.selector),
  ];
  const size = spec.resources?.requests?.['storage'];
  const at = path.child('resources').key('storage');
  errors.push(...(size === undefined ? [required(at)] : validateSize(at, size)));
  if (spec.storageClassName) errors.push(...faultsAt(path.child('storageClassName'), spec.storageClassName, dnsSubdomain(spec.storageClassName)));
  errors.push(...oneOf(path.child('volumeMode'), spec.volumeMode, VOLUME_MODES));
  errors.push(...validateDataSource(path.child('dataSource'), spec.dataSource), ...validateDataSource(path.child('dataSourceRef'), spec.dataSourceRef));
  if (spec.dataSource && spec.dataSourceRef && !sameValue(spec.dataSource, { ...spec.dataSourceRef, namespace: undefined })) {
    errors.push(invalidValue(path, path.text, 'must match dataSourceRef'));
  }
  if (spec.volumeAttributesClassName) errors.push(...faultsAt(path.child('volumeAttributesClassName'), spec.volumeAttributesClassName, dnsSubdomain(spec.volumeAttributesClassName)));
  return errors;
}

export function validateClaim(claim: PersistentVolumeClaim): FieldError[] {
  return validateClaimSpec(new FieldPath('spec'), claim.spec ?? {});
}

/** After creation a claim may be bound, and once bound it may grow or take another attributes class. */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const path = new FieldPath('spec');
  const spec = claim.spec ?? {};
  const was = old.spec ?? {};
  const errors: FieldError[] = [];
  const frozen: PersistentVolumeClaimSpec = { ...was };
  if (!was.volumeName) frozen.volumeName = spec.volumeName;
  if (was.storageClassName === undefined) frozen.storageClassName = spec.storageClassName;
  const bound = old.status?.phase === 'Bound';
  const size = spec.resources?.requests?.['storage'];
  const oldSize = was.resources?.requests?.['storage'];
  if (bound) {
    frozen.volumeAttributesClassName = spec.volumeAttributesClassName;
    if (size !== undefined) frozen.resources = { ...was.resources, requests: { ...was.resources?.requests, storage: size } };
    const capacity = old.status?.capacity?.['storage'];
    if (size !== undefined && oldSize !== undefined && compareQuantity(size, oldSize) < 0 && (capacity === undefined || compareQuantity(size, capacity) <= 0)) {
      errors.push(forbiddenField(path.child('resources', 'requests', 'storage'), 'field can not be less than status.capacity'));
    }
    if (was.volumeAttributesClassName && !spec.volumeAttributesClassName) errors.push(forbiddenField(path.child('volumeAttributesClassName'), "update from non-nil value to nil or an empty string is forbidden"));
  }
  if (!sameValue(spec, frozen)) {
    errors.push(forbiddenField(path, 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'));
  }
  errors.push(...immutable(path.child('volumeMode'), spec.volumeMode, was.volumeMode));
  return errors;
}

const RESIZE_STATES = ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizePending', 'NodeResizeInProgress', 'NodeResizeInfeasible'].sort();

/** Of a claim only storage is given out; names of others bear the domain of whoever gives them a meaning. */
function validateResourceKey(path: FieldPath, name: string): FieldError[] {
  const faults = faultsAt(path, name, qualifiedName(name));
  if (faults.length > 0) return faults;
  return isNativeResource(name) && name !== 'storage' ? [notSupported(path, name, ['storage'])] : [];
}

export function validateClaimStatus(claim: PersistentVolumeClaim): FieldError[] {
  const path = new FieldPath('status');
  const states = path.child('allocatedResourceStatus');
  return [
    ...each(['capacity', 'allocatedResources'] as const, (field) => each(Object.entries(claim.status?.[field] ?? {}), ([name, amount]) => {
      const errors = field === 'capacity' ? validateResourceName(path.child(field).key(name), name) : validateResourceKey(path.child(field), name);
      return field === 'capacity' || errors.length === 0 ? [...errors, ...validateResourceAmount(path.child(field).key(name), name, amount)] : errors;
    })),
    // The state is what is wrong, and the resource what is named.
    ...each(Object.entries(claim.status?.allocatedResourceStatuses ?? {}), ([name, state]) => [...validateResourceKey(states, name), ...(RESIZE_STATES.includes(state) ? [] : [notSupported(states, name, RESIZE_STATES)])]),
  ];
}
