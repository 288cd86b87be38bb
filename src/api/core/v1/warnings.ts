/** What volumes, claims, nodes and service accounts may say and had better not: texts for `Warning` headers. */
import { addressWarnings } from '../../meta/addresses.ts';
import { FieldPath } from '../../meta/field.ts';
import { fractionWarnings, volumeWarnings } from './pod-warnings.ts';
import { termWarnings } from './node-labels.ts';
import type { Endpoints, Node, PersistentVolume, PersistentVolumeClaim, ServiceAccount } from './types.ts';

const ANNOTATIONS = new FieldPath('metadata.annotations');
const SPEC = new FieldPath('spec');
const STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';
const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options';
const MOUNTABLE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';

function annotationWarning(annotations: Readonly<Record<string, string>> | undefined, name: string, text: string): string[] {
  return annotations?.[name] === undefined ? [] : [`${ANNOTATIONS.key(name)}: ${text}`];
}

export function storageWarnings({ metadata, spec }: PersistentVolume): string[] {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return [
    ...annotationWarning(metadata.annotations, STORAGE_CLASS, 'deprecated since v1.8; use "storageClassName" attribute instead'),
    ...annotationWarning(metadata.annotations, MOUNT_OPTIONS, 'deprecated since v1.31; use "mountOptions" attribute instead'),
    ...(spec?.persistentVolumeReclaimPolicy === 'Recycle' ? [`${SPEC.child('persistentVolumeReclaimPolicy')}: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.`] : []),
    ...terms.flatMap((term, i) => termWarnings(SPEC.child('nodeAffinity', 'required', 'nodeSelectorTerms').index(i), term)),
    ...volumeWarnings(SPEC, spec ?? {}),
    ...fractionWarnings(SPEC.child('capacity'), spec?.capacity, ['storage']),
  ];
}

export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  return [
    ...annotationWarning(metadata.annotations, STORAGE_CLASS, 'deprecated since v1.8; use "storageClassName" attribute instead'),
    ...fractionWarnings(SPEC.child('resources', 'requests'), spec?.resources?.requests, ['storage']),
  ];
}

export function nodeWarnings({ spec }: Node): string[] {
  return [
    ...(spec?.configSource === undefined ? [] : [`${SPEC.child('configSource')}: the feature is removed`]),
    ...(spec?.externalID ? [`${SPEC.child('externalID')}: this field is deprecated, and is unused by Kubernetes`] : []),
  ];
}

/** Addresses in odd forms; those of controllers have none. */
export function endpointsWarnings({ metadata, subsets = [] }: Endpoints): string[] {
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return [];
  return subsets.flatMap((subset, i) => (['addresses', 'notReadyAddresses'] as const).flatMap((field) => (subset[field] ?? []).flatMap(({ ip }, j) =>
    addressWarnings(new FieldPath('subsets').index(i).child(field).index(j).child('ip'), ip ?? ''))));
}

/** What an account has had before is not said again. */
export function accountWarnings({ metadata }: ServiceAccount, old?: ServiceAccount): string[] {
  return old?.metadata.annotations?.[MOUNTABLE_SECRETS] !== undefined ? [] : annotationWarning(metadata.annotations, MOUNTABLE_SECRETS, 'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets');
}
