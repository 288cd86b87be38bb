/** Volumes of pods: exactly one source each, and what each source needs. */
import { internalForm } from '../../../internal-form.ts';
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { duplicate, forbiddenField, invalidValue, required, tooLong } from '../../../meta/field.ts';
import { byteLength, dnsLabel, dnsSubdomain, inRange } from '../../../meta/names.ts';
import { compareQuantity } from '../../../meta/quantity.ts';
import { faultsAt, validateAnnotations, validateLabels, validateLabelSelector } from '../../../meta/validation.ts';
import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, Volume, VolumeProjection } from '../types.ts';
import { descendingPath, duplicatesOf, need, needOneOf, noBacksteps, oneOf, unreservedPath, validateFileMode } from './common.ts';
import { validateFieldRef, validateResourceFieldRef } from './env.ts';
import { validateClaimSpec } from './claims.ts';

type Check = (path: FieldPath, source: never, podName: string) => FieldError[];

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];
const CSI_DRIVER_NAME_MAX = 63;
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;
const DAY_SECONDS = 86400;

/** A CSI driver's name: a DNS name, case aside, of at most 63 bytes. */
export function validateDriverName(path: FieldPath, name: string | undefined): FieldError[] {
  if (!name) return [required(path)];
  const errors = byteLength(name) > CSI_DRIVER_NAME_MAX ? [tooLong(path, CSI_DRIVER_NAME_MAX)] : [];
  return [...errors, ...faultsAt(path, name, dnsSubdomain(name.toLowerCase()))];
}

function validateItem(path: FieldPath, item: KeyToPath): FieldError[] {
  return [
    ...need(path.child('key'), item.key),
    ...need(path.child('path'), item.path),
    ...(item.path ? unreservedPath(path.child('path'), item.path) : []),
    ...validateFileMode(path.child('mode'), item.mode),
  ];
}

function validateFile(path: FieldPath, file: DownwardAPIVolumeFile): FieldError[] {
  const errors = [...need(path.child('path'), file.path), ...(file.path ? unreservedPath(path.child('path'), file.path) : [])];
  if (file.fieldRef) {
    errors.push(...validateFieldRef(path.child('fieldRef'), file.fieldRef, 'volume'));
    if (file.resourceFieldRef) errors.push(invalidValue(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (file.resourceFieldRef) errors.push(...validateResourceFieldRef(path.child('resourceFieldRef'), file.resourceFieldRef, 'volume'));
  else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  return [...errors, ...validateFileMode(path.child('mode'), file.mode)];
}

function items<T>(path: FieldPath, list: readonly T[] | undefined, check: (path: FieldPath, item: T) => FieldError[]): FieldError[] {
  return (list ?? []).flatMap((item, i) => check(path.child('items').index(i), item));
}

function absolutePath(path: FieldPath, value: string): FieldError[] {
  return value.startsWith('/') ? [] : [invalidValue(path, value, 'must be an absolute path')];
}

const PROJECTIONS: Record<keyof VolumeProjection, (path: FieldPath, source: never) => FieldError[]> = {
  secret: (path, source: NonNullable<VolumeProjection['secret']>) => [...need(path.child('name'), source.name), ...items(path, source.items, validateItem)],
  configMap: (path, source: NonNullable<VolumeProjection['configMap']>) => [...need(path.child('name'), source.name), ...items(path, source.items, validateItem)],
  downwardAPI: (path, source: NonNullable<VolumeProjection['downwardAPI']>) => items(path, source.items, validateFile),
  serviceAccountToken: (path, source: NonNullable<VolumeProjection['serviceAccountToken']>) => {
    const errors: FieldError[] = [];
    const seconds = source.expirationSeconds ?? 3600;
    if (seconds < TOKEN_SECONDS_MIN) errors.push(invalidValue(path.child('expirationSeconds'), seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds > TOKEN_SECONDS_MAX) errors.push(invalidValue(path.child('expirationSeconds'), seconds, 'may not specify a duration larger than 2^32 seconds'));
    return [...errors, ...need(path.child('path'), source.path), ...(source.path ? unreservedPath(path.child('path'), source.path) : [])];
  },
  clusterTrustBundle: (path, source: NonNullable<VolumeProjection['clusterTrustBundle']>) => {
    const errors: FieldError[] = [];
    if (source.name !== undefined && source.signerName !== undefined) errors.push(invalidValue(path, internalForm('io.k8s.api.core.v1.ClusterTrustBundleProjection', { ...source }), 'only one of name and signerName may be used'));
    if (source.name === undefined && source.signerName === undefined) errors.push(required(path, 'either name or signerName must be specified'));
    if (source.name !== undefined && source.labelSelector) errors.push(invalidValue(path.child('labelSelector'), source.labelSelector, 'labelSelector must be unset if name is specified'));
    errors.push(...validateLabelSelector(path.child('labelSelector'), source.labelSelector));
    return [...errors, ...need(path.child('path'), source.path), ...(source.path ? unreservedPath(path.child('path'), source.path) : [])];
  },
  podCertificate: (path, source: NonNullable<VolumeProjection['podCertificate']>) => {
    const errors = [...need(path.child('signerName'), source.signerName), ...needOneOf(path.child('keyType'), source.keyType, ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096'])];
    const seconds = source.maxExpirationSeconds;
    const max = source.signerName?.startsWith('kubernetes.io/') ? DAY_SECONDS : DAY_SECONDS * 91;
    if (seconds !== undefined) errors.push(...faultsAt(path.child('maxExpirationSeconds'), seconds, inRange(seconds, 3600, max)));
    for (const field of ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const) {
      if (source[field]) errors.push(...unreservedPath(path.child(field), source[field]));
    }
    if (!source.credentialBundlePath && !source.keyPath && !source.certificateChainPath) errors.push(required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'));
    return errors;
  },
};

function pathsOf(source: VolumeProjection): string[] {
  const paths: string[] = [];
  const add = (path: string | undefined): void => {
    if (path !== undefined && path !== '') paths.push(path);
  };
  for (const { path } of source.secret?.items ?? []) paths.push(path);
  for (const { path } of source.configMap?.items ?? []) paths.push(path);
  for (const { path } of source.downwardAPI?.items ?? []) paths.push(path);
  add(source.serviceAccountToken?.path);
  add(source.clusterTrustBundle?.path);
  add(source.podCertificate?.credentialBundlePath);
  add(source.podCertificate?.keyPath);
  add(source.podCertificate?.certificateChainPath);
  return paths;
}

const PROJECTION_KINDS = Object.keys(PROJECTIONS) as (keyof VolumeProjection)[];

function validateProjected(path: FieldPath, source: ProjectedVolumeSource): FieldError[] {
  const errors = validateFileMode(path.child('defaultMode'), source.defaultMode);
  const taken = new Set<string>();
  for (const [i, projection] of (source.sources ?? []).entries()) {
    const at = path.child('sources').index(i);
    const given = PROJECTION_KINDS.filter((kind) => projection[kind] !== undefined);
    if (given.length === 0) errors.push(required(at, 'one of secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle or podCertificate is required'));
    for (const [j, kind] of given.entries()) {
      if (j === 0) errors.push(...PROJECTIONS[kind](at.child(kind), projection[kind] as never));
      else errors.push(forbiddenField(at.child(kind), 'may not specify more than 1 volume type'));
    }
    for (const name of pathsOf(projection)) {
      if (taken.has(name)) errors.push(invalidValue(path, given[0] === 'serviceAccountToken' ? name : (projection.secret?.name ?? projection.configMap?.name ?? name), 'conflicting duplicate paths'));
      taken.add(name);
    }
  }
  return errors;
}

function validateEphemeral(path: FieldPath, source: NonNullable<Volume['ephemeral']>): FieldError[] {
  const template = source.volumeClaimTemplate;
  const at = path.child('volumeClaimTemplate');
  if (template === undefined) return [required(at)];
  const meta = template.metadata ?? {};
  const other = Object.keys(meta).filter((field) => !['labels', 'annotations'].includes(field) && (meta as Record<string, unknown>)[field] !== undefined);
  return [
    ...validateLabels(at.child('metadata', 'labels'), meta.labels),
    ...validateAnnotations(at.child('metadata', 'annotations'), meta.annotations),
    ...(other.length > 0 ? [forbiddenField(at.child('metadata', other[0]!), 'may not be set')] : []),
    ...validateClaimSpec(at.child('spec'), template.spec),
  ];
}

/** Sources that only need some texts to be there. */
const NEEDED: Partial<Record<keyof Volume, readonly string[]>> = {
  gcePersistentDisk: ['pdName'], awsElasticBlockStore: ['volumeID'], gitRepo: ['repository'], glusterfs: ['endpoints', 'path'], cinder: ['volumeID'], rbd: ['image'],
  vsphereVolume: ['volumePath'], photonPersistentDisk: ['pdID'], portworxVolume: ['volumeID'], azureFile: ['secretName', 'shareName'], azureDisk: ['diskName', 'diskURI'],
  scaleIO: ['gateway', 'system', 'volumeName'], quobyte: ['registry', 'volume'], storageos: ['volumeName'], flexVolume: ['driver'], persistentVolumeClaim: ['claimName'],
  iscsi: ['targetPortal', 'iqn'], nfs: ['server', 'path'], hostPath: ['path'], secret: ['secretName'], configMap: ['name'],
};

const CHECKS: Partial<Record<keyof Volume, Check>> = {
  emptyDir: (path, source: NonNullable<Volume['emptyDir']>) =>
    (source.sizeLimit !== undefined && compareQuantity(source.sizeLimit, '0') < 0 ? [forbiddenField(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity')] : []),
  hostPath: (path, source: NonNullable<Volume['hostPath']>) => [...noBacksteps(path.child('path'), source.path ?? ''), ...oneOf(path.child('type'), source.type, HOST_PATH_TYPES)],
  secret: (path, source: NonNullable<Volume['secret']>) => [...validateFileMode(path.child('defaultMode'), source.defaultMode), ...items(path, source.items, validateItem)],
  configMap: (path, source: NonNullable<Volume['configMap']>) => [...validateFileMode(path.child('defaultMode'), source.defaultMode), ...items(path, source.items, validateItem)],
  downwardAPI: (path, source: NonNullable<Volume['downwardAPI']>) => [...validateFileMode(path.child('defaultMode'), source.defaultMode), ...items(path, source.items, validateFile)],
  projected: (path, source: ProjectedVolumeSource) => validateProjected(path, source),
  nfs: (path, source: NonNullable<Volume['nfs']>) => (source.path ? absolutePath(path.child('path'), source.path) : []),
  gitRepo: (path, source: NonNullable<Volume['gitRepo']>) => (source.directory ? descendingPath(path.child('directory'), source.directory) : []),
  csi: (path, source: NonNullable<Volume['csi']>) => [
    ...validateDriverName(path.child('driver'), source.driver),
    ...(source.nodePublishSecretRef && !source.nodePublishSecretRef.name ? [required(path.child('nodePublishSecretRef', 'name'))] : []),
  ],
  ephemeral: (path, source: NonNullable<Volume['ephemeral']>) => validateEphemeral(path, source),
  image: (path, source: NonNullable<Volume['image']>) => [
    ...need(path.child('reference'), source.reference),
    ...oneOf(path.child('pullPolicy'), source.pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ],
  rbd: (path, source: NonNullable<Volume['rbd']>) => ((source.monitors ?? []).length === 0 ? [required(path.child('monitors'))] : []),
  cephfs: (path, source: NonNullable<Volume['cephfs']>) => ((source.monitors ?? []).length === 0 ? [required(path.child('monitors'))] : []),
  fc: (path, source: NonNullable<Volume['fc']>) => {
    const targets = (source.targetWWNs ?? []).length > 0;
    const wwids = (source.wwids ?? []).length > 0;
    if (!targets && !wwids) return [required(path.child('targetWWNs'), 'must specify either targetWWNs or wwids, but not both')];
    if (targets && wwids) return [invalidValue(path.child('targetWWNs'), source.targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')];
    if (targets && source.lun === undefined) return [required(path.child('lun'), 'lun is required if targetWWNs is specified')];
    return targets ? faultsAt(path.child('lun'), source.lun, inRange(source.lun!, 0, 255)) : [];
  },
  flocker: (path, source: NonNullable<Volume['flocker']>) => {
    if (!source.datasetName && !source.datasetUUID) return [required(path, 'one of datasetName and datasetUUID is required')];
    return source.datasetName && source.datasetUUID ? [invalidValue(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')] : [];
  },
  iscsi: (path, source: NonNullable<Volume['iscsi']>) => {
    const errors = source.iqn && !/^(iqn|eui|naa)\./.test(source.iqn) ? [invalidValue(path.child('iqn'), source.iqn, 'must be valid format starting with iqn, eui, or naa')] : [];
    errors.push(...faultsAt(path.child('lun'), source.lun, inRange(source.lun ?? 0, 0, 255)));
    if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) errors.push(required(path.child('secretRef')));
    return errors;
  },
};

/** All source kinds in the API's order. */
export const VOLUME_SOURCES: readonly (keyof Volume & string)[] = [
  'emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi', 'glusterfs', 'flocker', 'persistentVolumeClaim', 'rbd', 'cinder',
  'cephfs', 'quobyte', 'downwardAPI', 'fc', 'flexVolume', 'configMap', 'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos',
  'projected', 'scaleIO', 'csi', 'ephemeral', 'image',
];

/** Checks one source of a pod's or persistent volume's sources, which share most kinds. */
export function validateSource(path: FieldPath, kind: keyof Volume, source: unknown): FieldError[] {
  const needed = (NEEDED[kind] ?? []).flatMap((field) => need(path.child(field), (source as Record<string, unknown>)[field]));
  return [...needed, ...(CHECKS[kind]?.(path, source as never, '') ?? [])];
}

/** The sources that a volume names, in the API's order; nearly always one, which its own fields tell faster than a look for each of thirty. */
function sourcesOf(volume: Volume): readonly (keyof Volume & string)[] {
  const fields = Object.keys(volume) as (keyof Volume & string)[];
  const given = fields.filter((field) => field !== 'name' && volume[field] !== undefined);
  return given.length <= 1 ? given : VOLUME_SOURCES.filter((kind) => volume[kind] !== undefined);
}

function validateVolume(path: FieldPath, volume: Volume): FieldError[] {
  const errors = volume.name ? faultsAt(path.child('name'), volume.name, dnsLabel(volume.name)) : [required(path.child('name'))];
  const given = sourcesOf(volume);
  if (given.length === 0) errors.push(required(path, 'must specify a volume type'));
  for (const [i, kind] of given.entries()) {
    if (i === 0) errors.push(...validateSource(path.child(kind), kind, volume[kind]));
    else errors.push(forbiddenField(path.child(kind), 'may not specify more than 1 volume type'));
  }
  return errors;
}

/** Claims that are made for generic ephemeral volumes bear the pod's name and the volume's. */
function validateMadeClaims(path: FieldPath, volumes: readonly Volume[], podName: string): FieldError[] {
  const made = new Set(volumes.filter((volume) => volume.ephemeral !== undefined).map((volume) => `${podName}-${volume.name}`));
  if (made.size === 0) return [];
  return volumes.flatMap((volume, i) => {
    const claim = volume.persistentVolumeClaim?.claimName ?? '';
    if (made.has(claim)) return [invalidValue(path.index(i).child('persistentVolumeClaim', 'claimName'), claim, 'must not reference a PVC that gets created for an ephemeral volume')];
    if (volume.ephemeral === undefined) return [];
    const name = `${podName}-${volume.name}`;
    return dnsSubdomain(name).map((fault) => invalidValue(path.index(i).child('name'), volume.name, `PVC name ${JSON.stringify(name)}: ${fault}`));
  });
}

/** `podName` is that of a pod; a template has none. */
export function validateVolumes(path: FieldPath, volumes: readonly Volume[] | undefined, podName?: string): FieldError[] {
  const list = volumes ?? [];
  if (list.length === 0) return [];
  return [
    ...list.flatMap((volume, i) => validateVolume(path.index(i), volume)),
    ...duplicatesOf(list, (volume) => volume.name, (volume, i) => duplicate(path.index(i).child('name'), volume.name)),
    ...(podName ? validateMadeClaims(path, list, podName) : []),
  ];
}
