/** Rules of storage classes, CSI drivers and nodes, capacities and attachments. */
import { oneOf, ranged } from '../../core/v1/validation/common.ts';
import { validateVolumeSpec } from '../../core/v1/validation/persistentvolumes.ts';
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import type { TopologySelectorTerm } from '../../core/v1/types.ts';
import { immutableStruct, internalForm } from '../../internal-form.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, required, tooLong, tooMany } from '../../meta/field.ts';
import { byteLength, dnsSubdomain, qualifiedName } from '../../meta/names.ts';
import { compareQuantity } from '../../meta/quantity.ts';
import { faultsAt, immutable, repeats, sameValue, validateLabelSelector } from '../../meta/validation.ts';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');
const PARAMETERS_MAX = 512;
const PARAMETERS_MAX_BYTES = 256 * 1024;
const NODE_ID_MAX = 256;
const ERROR_MAX = 1024;

export function validateParameters(path: FieldPath, parameters: Readonly<Record<string, string>> | undefined): FieldError[] {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > PARAMETERS_MAX) return [tooLong(path, PARAMETERS_MAX)];
  const errors = entries.filter(([key]) => key === '').map(([key]) => invalidValue(path, key, 'field can not be empty.'));
  let bytes = 0;
  for (const [key, value] of entries) bytes += byteLength(key) + byteLength(value);
  return bytes > PARAMETERS_MAX_BYTES ? [...errors, tooLong(path, PARAMETERS_MAX_BYTES)] : errors;
}

/** A term as text: the same for terms that choose the same, in whatever order they say it. */
function shownTerm(term: TopologySelectorTerm): string {
  return JSON.stringify((term.matchLabelExpressions ?? []).map(({ key, values }) => [key, ...(values ?? []).toSorted()].join('\n')).toSorted());
}

function validateTopologies(path: FieldPath, terms: readonly TopologySelectorTerm[] | undefined): FieldError[] {
  const seenTerm = repeats();
  return (terms ?? []).flatMap((term, i) => {
    const at = path.index(i);
    const seenKey = repeats();
    const errors: FieldError[] = seenTerm(shownTerm(term)) ? [duplicate(at.child('matchLabelExpressions'), '')] : [];
    for (const [j, expression] of (term.matchLabelExpressions ?? []).entries()) {
      const where = at.child('matchLabelExpressions').index(j);
      if ((expression.values ?? []).length === 0) errors.push(required(where.child('values')));
      const seen = repeats();
      for (const [k, value] of (expression.values ?? []).entries()) if (seen(value)) errors.push(duplicate(where.child('values').index(k), value));
      errors.push(...faultsAt(where.child('key'), expression.key ?? '', qualifiedName(expression.key ?? '')));
      if (seenKey(expression.key ?? '')) errors.push(duplicate(where.child('key'), expression.key));
    }
    return errors;
  });
}

export function validateStorageClass(storage: StorageClass): FieldError[] {
  const provisioner = new FieldPath('provisioner');
  const errors = storage.provisioner ? faultsAt(provisioner, storage.provisioner, qualifiedName(storage.provisioner.toLowerCase())) : [required(provisioner, storage.provisioner ?? '')];
  errors.push(...validateParameters(new FieldPath('parameters'), storage.parameters));
  errors.push(...oneOf(new FieldPath('reclaimPolicy'), storage.reclaimPolicy, ['Delete', 'Retain']));
  const mode = new FieldPath('volumeBindingMode');
  if (storage.volumeBindingMode === undefined) errors.push(required(mode));
  else errors.push(...oneOf(mode, storage.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']));
  return [...errors, ...validateTopologies(new FieldPath('allowedTopologies'), storage.allowedTopologies)];
}

export function validateStorageClassUpdate(storage: StorageClass, old: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  if (!sameValue(storage.parameters ?? {}, old.parameters ?? {})) errors.push(forbiddenField(new FieldPath('parameters'), 'updates to parameters are forbidden.'));
  if (storage.provisioner !== old.provisioner) errors.push(forbiddenField(new FieldPath('provisioner'), 'updates to provisioner are forbidden.'));
  if (storage.reclaimPolicy !== old.reclaimPolicy) errors.push(forbiddenField(new FieldPath('reclaimPolicy'), 'updates to reclaimPolicy are forbidden.'));
  return [...errors, ...immutable(new FieldPath('volumeBindingMode'), storage.volumeBindingMode, old.volumeBindingMode)];
}

export function validateDriver(driver: CSIDriver): FieldError[] {
  const spec = driver.spec;
  const errors = validateDriverName(new FieldPath('metadata.name'), driver.metadata.name);
  if (spec?.attachRequired === undefined) errors.push(required(SPEC.child('attachedRequired')));
  if (spec?.podInfoOnMount === undefined) errors.push(required(SPEC.child('podInfoOnMount')));
  if (spec?.storageCapacity === undefined) errors.push(required(SPEC.child('storageCapacity')));
  if (spec?.fsGroupPolicy === undefined) errors.push(required(SPEC.child('fsGroupPolicy')));
  else errors.push(...oneOf(SPEC.child('fsGroupPolicy'), spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']));
  const requests = spec?.tokenRequests ?? [];
  const seen = repeats();
  for (const [i, request] of requests.entries()) {
    const at = SPEC.child('tokenRequests').index(i);
    if (seen(request.audience)) errors.push(duplicate(at.child('audience'), request.audience));
    const seconds = request.expirationSeconds;
    if (seconds !== undefined && seconds < 600) errors.push(invalidValue(at.child('expirationSeconds'), seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds !== undefined && seconds > 2 ** 32) errors.push(invalidValue(at.child('expirationSeconds'), seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  for (const [i, mode] of (spec?.volumeLifecycleModes ?? []).entries()) errors.push(...oneOf(SPEC.child('volumeLifecycleModes').index(i), mode, ['Ephemeral', 'Persistent']));
  const period = spec?.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < 10) errors.push(invalidValue(SPEC.child('nodeAllocatableUpdatePeriodSeconds'), period, 'must be greater than or equal to 10 seconds'));
  return errors;
}

export function validateDriverUpdate(driver: CSIDriver, old: CSIDriver): FieldError[] {
  return [
    ...immutable(SPEC.child('attachedRequired'), driver.spec.attachRequired, old.spec.attachRequired),
    ...immutable(SPEC.child('volumeLifecycleModes'), driver.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes),
  ];
}

export function validateCsiNode(node: CSINode): FieldError[] {
  const drivers = node.spec?.drivers ?? [];
  const path = SPEC.child('drivers');
  const seen = repeats();
  return drivers.flatMap((driver, i) => {
    const at = path.index(i);
    const errors = validateDriverName(at.child('name'), driver.name);
    if (seen(driver.name)) errors.push(duplicate(at.child('name'), driver.name));
    if (!driver.nodeID) errors.push(required(at.child('nodeID')));
    else if (byteLength(driver.nodeID) > NODE_ID_MAX) errors.push(invalidValue(at.child('nodeID'), driver.nodeID, `must be ${NODE_ID_MAX} characters or less`));
    if ((driver.allocatable?.count ?? 0) < 0) errors.push(...ranged(at.child('allocatable', 'count'), driver.allocatable!.count, 0, 2147483647));
    for (const key of driver.topologyKeys ?? []) errors.push(...faultsAt(at.child('topologyKeys'), key, qualifiedName(key)));
    return errors;
  });
}

/** A driver's entry stays as it was registered, but for how many volumes the node takes. */
export function validateCsiNodeUpdate(node: CSINode, old: CSINode): FieldError[] {
  return (old.spec?.drivers ?? []).flatMap((was) => {
    const i = (node.spec?.drivers ?? []).findIndex((driver) => driver.name === was.name);
    const now = node.spec?.drivers?.[i];
    if (now === undefined || sameValue({ ...now, allocatable: undefined }, { ...was, allocatable: undefined })) return [];
    return [invalidValue(SPEC.child('drivers').index(i), internalForm('io.k8s.api.storage.v1.CSINodeDriver', { ...now }), 'field is immutable')];
  });
}

export function validateCapacity(capacity: CSIStorageCapacity): FieldError[] {
  const errors = validateLabelSelector(new FieldPath('nodeTopology'), capacity.nodeTopology);
  const name = capacity.storageClassName ?? '';
  errors.push(...faultsAt(new FieldPath('storageClassName'), name, dnsSubdomain(name)));
  for (const field of ['capacity', 'maximumVolumeSize'] as const) {
    const amount = capacity[field];
    if (amount !== undefined && compareQuantity(amount, '0') < 0) errors.push(invalidValue(new FieldPath(field), amount, 'must be greater than or equal to 0'));
  }
  return errors;
}

export function validateCapacityUpdate(capacity: CSIStorageCapacity, old: CSIStorageCapacity): FieldError[] {
  return [
    ...immutable(new FieldPath('nodeTopology'), capacity.nodeTopology, old.nodeTopology),
    ...immutable(new FieldPath('storageClassName'), capacity.storageClassName, old.storageClassName),
  ];
}

export function validateAttachment(attachment: VolumeAttachment): FieldError[] {
  const spec = attachment.spec;
  const errors = validateDriverName(SPEC.child('attacher'), spec?.attacher);
  const source = SPEC.child('source');
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = spec?.source ?? {};
  if (inline === undefined && name === undefined) errors.push(required(source, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  if (inline !== undefined && name !== undefined) errors.push(forbiddenField(source, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  if (name !== undefined && inline === undefined) errors.push(...faultsAt(source.child('persistentVolumeName'), name, dnsSubdomain(name)));
  if (inline !== undefined && name === undefined) errors.push(...validateVolumeSpec(source.child('inlineVolumeSpec'), inline, true));
  errors.push(...faultsAt(SPEC.child('nodeName'), spec?.nodeName ?? '', dnsSubdomain(spec?.nodeName ?? '')));
  return [...errors, ...validateAttachmentStatus(attachment)];
}

export function validateAttachmentStatus(attachment: VolumeAttachment): FieldError[] {
  const errors = validateParameters(STATUS.child('attachmentMetadata'), attachment.status?.attachmentMetadata);
  for (const field of ['attachError', 'detachError'] as const) {
    const message = attachment.status?.[field]?.message ?? '';
    if (byteLength(message) > ERROR_MAX) errors.push(tooLong(STATUS.child(field, 'message'), ERROR_MAX));
  }
  return errors;
}

export function validateAttachmentUpdate(attachment: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  return immutableStruct(SPEC, 'io.k8s.api.storage.v1.VolumeAttachmentSpec', attachment.spec, old.spec);
}

export function validateAttributesClass(attributes: VolumeAttributesClass): FieldError[] {
  const path = new FieldPath('parameters');
  const errors = validateDriverName(new FieldPath('driverName'), attributes.driverName);
  const count = Object.keys(attributes.parameters ?? {}).length;
  if (count === 0) return [...errors, required(path, 'must contain at least one key/value pair')];
  return count > PARAMETERS_MAX ? [...errors, tooMany(path, count, PARAMETERS_MAX)] : [...errors, ...validateParameters(path, attributes.parameters)];
}

export function validateAttributesClassUpdate(attributes: VolumeAttributesClass, old: VolumeAttributesClass): FieldError[] {
  const errors: FieldError[] = [];
  if (attributes.driverName !== old.driverName) errors.push(forbiddenField(new FieldPath('driverName'), 'updates to driverName are forbidden.'));
  if (!sameValue(attributes.parameters ?? {}, old.parameters ?? {})) errors.push(forbiddenField(new FieldPath('parameters'), 'updates to parameters are forbidden.'));
  return errors;
}
