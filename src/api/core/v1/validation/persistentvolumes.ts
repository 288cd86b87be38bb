/** Persistent volumes. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
import type { FieldError } from '../../../meta/field.ts';
import { FieldPath, forbiddenField, notSupported, required } from '../../../meta/field.ts';
import { dnsSubdomain, labelName } from '../../../meta/names.ts';
import { faultsAt, immutable, sameValue } from '../../../meta/validation.ts';
import type { PersistentVolume, PersistentVolumeSource, PersistentVolumeSpec, SecretReference, Volume } from '../types.ts';
import { validateAccessModes, validateSize, VOLUME_MODES } from './claims.ts';
import { need, noBacksteps, oneOf } from './common.ts';
import { validateNodeSelector } from './scheduling.ts';
import { validateDriverName, validateSource, VOLUME_SOURCES } from './volumes.ts';

const PV_SOURCES: readonly (keyof PersistentVolumeSource & string)[] = [
  'hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker', 'nfs', 'rbd', 'quobyte', 'cephfs', 'iscsi', 'cinder', 'fc', 'flexVolume', 'azureFile',
  'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'scaleIO', 'local', 'storageos', 'csi',
];

function validateSecretReference(path: FieldPath, reference: SecretReference | undefined): FieldError[] {
  return reference === undefined ? [] : [...need(path.child('name'), reference.name), ...need(path.child('namespace'), reference.namespace)];
}

const CSI_SECRETS = ['controllerPublishSecretRef', 'nodeStageSecretRef', 'nodePublishSecretRef', 'controllerExpandSecretRef', 'nodeExpandSecretRef'] as const;

function validatePersistentSource(path: FieldPath, kind: keyof PersistentVolumeSource, spec: PersistentVolumeSpec): FieldError[] {
  if (kind === 'local') return [...need(path.child('path'), spec.local!.path), ...noBacksteps(path.child('path'), spec.local!.path ?? '')];
  if (kind === 'csi') {
    const csi = spec.csi!;
    return [
      ...validateDriverName(path.child('driver'), csi.driver),
      ...need(path.child('volumeHandle'), csi.volumeHandle),
      ...CSI_SECRETS.flatMap((field) => validateSecretReference(path.child(field), csi[field])),
    ];
  }
  return (VOLUME_SOURCES as readonly string[]).includes(kind) ? validateSource(path, kind as keyof Volume, spec[kind]) : [];
}

/** The spec of a volume; inline ones of attachments need no class, policy or access to a claim. */
export function validateVolumeSpec(path: FieldPath, spec: PersistentVolumeSpec, inline = false): FieldError[] {
  const errors = validateAccessModes(path.child('accessModes'), spec.accessModes, '');
  const capacity = spec.capacity ?? {};
  const names = Object.keys(capacity);
  if (!inline) {
    if (names.length === 0) errors.push(required(path.child('capacity')));
    if (names.length !== 1 || names[0] !== 'storage') errors.push(notSupported(path.child('capacity'), capacity, ['storage']));
  }
  for (const name of names) errors.push(...validateSize(path.child('capacity').key(name), capacity[name]!));
  if (!inline) errors.push(...oneOf(path.child('persistentVolumeReclaimPolicy'), spec.persistentVolumeReclaimPolicy, ['Delete', 'Recycle', 'Retain']));
  const affinity = spec.nodeAffinity;
  if (affinity) {
    const at = path.child('nodeAffinity');
    errors.push(...(affinity.required === undefined ? [required(at.child('required'), 'must specify required node constraints')] : validateNodeSelector(at.child('required'), affinity.required)));
  }
  const given = PV_SOURCES.filter((kind) => spec[kind] !== undefined);
  if (given.length === 0) errors.push(required(path, 'must specify a volume type'));
  for (const [i, kind] of given.entries()) {
    if (i === 0) errors.push(...validatePersistentSource(path.child(kind), kind, spec));
    else errors.push(forbiddenField(path.child(kind), 'may not specify more than 1 volume type'));
  }
  if (spec.local && !affinity) errors.push(required(path.child('nodeAffinity'), 'Local volume requires node affinity'));
  if (spec.hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    errors.push(forbiddenField(path.child('persistentVolumeReclaimPolicy'), "may not be 'recycle' for a hostPath mount of '/'"));
  }
  if (spec.storageClassName) errors.push(...faultsAt(path.child('storageClassName'), spec.storageClassName, dnsSubdomain(spec.storageClassName)));
  if (spec.claimRef?.namespace) errors.push(...faultsAt(path.child('claimRef', 'namespace'), spec.claimRef.namespace, labelName(spec.claimRef.namespace)));
  return [...errors, ...oneOf(path.child('volumeMode'), spec.volumeMode, VOLUME_MODES)];
}

export function validateVolume(volume: PersistentVolume): FieldError[] {
  return validateVolumeSpec(new FieldPath('spec'), volume.spec ?? {});
}

export function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors: FieldError[] = [];
  const changed = PV_SOURCES.some((kind) => kind !== 'csi' && !sameValue(volume.spec?.[kind], old.spec?.[kind]));
  if (changed || !sameValue(withoutExpandSecret(volume), withoutExpandSecret(old))) {
    errors.push(forbiddenField(new FieldPath('spec.persistentvolumesource'), 'spec.persistentvolumesource is immutable after creation'));
  }
  errors.push(...immutable(new FieldPath('volumeMode'), volume.spec?.volumeMode, old.spec?.volumeMode));
  if (old.spec?.nodeAffinity) errors.push(...immutable(new FieldPath('nodeAffinity'), volume.spec?.nodeAffinity, old.spec.nodeAffinity));
  return errors;
}

/** The secrets for growing a volume may change, as they are of no use to what is attached already. */
function withoutExpandSecret(volume: PersistentVolume): unknown {
  const { controllerExpandSecretRef: _a, nodeExpandSecretRef: _b, ...rest } = volume.spec?.csi ?? { driver: '', volumeHandle: '' };
  return volume.spec?.csi === undefined ? undefined : rest;
}
