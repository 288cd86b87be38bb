/** What a claim and a volume must do next. One step each: what it changes brings them back. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type { StorageClass } from '../../api/storage/v1/types.ts';
import { classOfClaim, findVolume, isReservedFor, mismatch, namesClass, sameVolumeMode } from './matching.ts';

/** On a claim: the binding is finished. What it binds to now is for good. */
export const bindCompletedAnnotation = 'pv.kubernetes.io/bind-completed';
/** On either: the binding was this controller's choice (or the scheduler's), not the user's, and may be undone. */
export const boundByControllerAnnotation = 'pv.kubernetes.io/bound-by-controller';
export const selectedNodeAnnotation = 'volume.kubernetes.io/selected-node';
export const provisionerAnnotations: readonly string[] = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner'];
const provisionedByAnnotation = 'pv.kubernetes.io/provisioned-by';
const defaultClassAnnotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];
/** Provisioners that upstream had built in: nothing outside answers to them. */
const builtInPrefix = 'kubernetes.io/';

export interface EventText {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

const warning = (reason: string, message: string): EventText => ({ type: 'Warning', reason, message });
const normal = (reason: string, message: string): EventText => ({ type: 'Normal', reason, message });

export type ClaimAction =
  | { do: 'bind'; volume: PersistentVolume }
  /** Set the phase; the event tells why, each time unless `onChange`. */
  | { do: 'phase'; phase: 'Pending' | 'Lost'; event?: EventText; onChange?: boolean }
  /** Take the default class. */
  | { do: 'class'; name: string }
  /** Ask the provisioner that the class names. */
  | { do: 'provision'; provisioner: string; event: EventText }
  | { do: 'retry'; why: string };

export interface ClaimSnapshot {
  claim: PersistentVolumeClaim;
  /** The one that the claim names. */
  volume: PersistentVolume | undefined;
  /** All, to choose among. */
  volumes: readonly PersistentVolume[];
  classes: (name: string) => StorageClass | undefined;
  defaultClass: string | undefined;
  /** A pod that uses the claim and waits for a node. */
  waitingPod: string | undefined;
}

/** The class for claims that name none: of several, the youngest, then the first by name. */
export function defaultClassOf(classes: readonly StorageClass[]): string | undefined {
  const marked = classes.filter(({ metadata }) => defaultClassAnnotations.some((name) => metadata.annotations?.[name] === 'true'));
  const age = (each: StorageClass): string => each.metadata.creationTimestamp ?? '';
  return marked.sort((a, b) => (age(a) > age(b) ? -1 : age(a) < age(b) ? 1 : a.metadata.name! < b.metadata.name! ? -1 : 1))[0]?.metadata.name;
}

function decideBoundClaim({ claim, volume }: ClaimSnapshot): ClaimAction {
  const lost = (reason: string, message: string): ClaimAction => ({ do: 'phase', phase: 'Lost', event: warning(reason, message), onChange: true });
  if (!claim.spec?.volumeName) return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  if (!volume) return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  const reference = volume.spec?.claimRef;
  if (!reference || reference.uid === claim.metadata.uid || (!reference.uid && isReservedFor(volume, claim))) return { do: 'bind', volume };
  return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

/** The claim asks for a volume by name. */
function decideNamed({ claim, volume }: ClaimSnapshot): ClaimAction {
  if (!volume) return { do: 'phase', phase: 'Pending' };
  if (!volume.spec?.claimRef) {
    const why = mismatch(volume, claim);
    if (why === undefined) return { do: 'bind', volume };
    return { do: 'phase', phase: 'Pending', event: warning('VolumeMismatch', `Cannot bind to requested volume ${JSON.stringify(volume.metadata.name)}: ${why}`) };
  }
  if (isReservedFor(volume, claim)) return { do: 'bind', volume };
  const why = `volume ${JSON.stringify(volume.metadata.name)} already bound to a different claim.`;
  if (claim.metadata.annotations?.[boundByControllerAnnotation] !== undefined) return { do: 'retry', why };
  return { do: 'phase', phase: 'Pending', event: warning('FailedBinding', why) };
}

/** There is no volume: who could make one? */
function decideProvisioning({ claim, classes }: ClaimSnapshot): ClaimAction {
  const name = classOfClaim(claim);
  const pending = (event: EventText): ClaimAction => ({ do: 'phase', phase: 'Pending', event });
  if (name === '') return pending(normal('FailedBinding', 'no persistent volumes available for this claim and no storage class is set'));
  const storageClass = classes(name);
  if (!storageClass) return pending(warning('ProvisioningFailed', `storageclass.storage.k8s.io ${JSON.stringify(name)} not found`));
  const { provisioner } = storageClass;
  if (provisioner.startsWith(builtInPrefix)) return pending(warning('ProvisioningFailed', `no volume plugin matched name: ${provisioner}`));
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  return { do: 'provision', provisioner, event: normal('ExternalProvisioning', message) };
}

/** What the claim needs next. Always something: what is there already is not written again. */
export function decideClaim(snapshot: ClaimSnapshot): ClaimAction {
  const { claim, volumes, classes, defaultClass, waitingPod } = snapshot;
  if (claim.metadata.annotations?.[bindCompletedAnnotation] !== undefined) return decideBoundClaim(snapshot);
  if (claim.spec?.volumeName) return decideNamed(snapshot);
  const waits = classes(classOfClaim(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
  const volume = findVolume(claim, volumes, waits);
  if (volume) return { do: 'bind', volume };
  if (!namesClass(claim) && defaultClass !== undefined) return { do: 'class', name: defaultClass };
  if (waits && claim.metadata.annotations?.[selectedNodeAnnotation] === undefined) {
    const event = waitingPod === undefined
      ? normal('WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
      : normal('WaitForPodScheduled', `waiting for pod ${waitingPod} to be scheduled`);
    return { do: 'phase', phase: 'Pending', event };
  }
  return decideProvisioning(snapshot);
}

export type VolumeAction =
  | { do: 'phase'; phase: 'Available' | 'Bound' | 'Released' | 'Failed'; event?: EventText }
  /** Let go of the claim: wholly, or keep the reservation by name that a user made. */
  | { do: 'unbind'; keepReservation: boolean }
  /** It is the claim's turn. */
  | { do: 'wake'; event?: EventText };

/** What becomes of a volume whose claim is gone. Undefined: nothing more to do here. */
function decideReclaim(volume: PersistentVolume): VolumeAction | undefined {
  const policy = volume.spec?.persistentVolumeReclaimPolicy ?? 'Retain';
  const failed = (reason: string, message: string): VolumeAction => ({ do: 'phase', phase: 'Failed', event: warning(reason, message) });
  switch (policy) {
    case 'Retain':
      return undefined;
    case 'Delete': {
      const provisioner = volume.metadata.annotations?.[provisionedByAnnotation] ?? '';
      // Whoever made the volume removes it.
      if (volume.spec?.csi || (provisioner !== '' && !provisioner.startsWith(builtInPrefix))) return undefined;
      return failed('VolumeFailedDelete', `error getting deleter volume plugin for volume ${JSON.stringify(volume.metadata.name)}: no deletable volume plugin matched`);
    }
    case 'Recycle':
      return failed('VolumeFailedRecycle', 'No recycler plugin found for the volume!');
    default:
      return failed('VolumeUnknownReclaimPolicy', 'Volume has unrecognized PersistentVolumeReclaimPolicy');
  }
}

/** The volume is free of its claim: Released first, then what its policy says. */
function decideReleased(volume: PersistentVolume): VolumeAction | undefined {
  const { phase } = volume.status ?? {};
  if (phase !== 'Released' && phase !== 'Failed') return { do: 'phase', phase: 'Released' };
  return phase === 'Failed' ? undefined : decideReclaim(volume);
}

/** What the volume needs next; `claim` is the one that its claimRef means, undefined when that is gone (or another has its name). */
export function decideVolume({ volume, claim }: { volume: PersistentVolume; claim: PersistentVolumeClaim | undefined }): VolumeAction | undefined {
  const reference = volume.spec?.claimRef;
  if (!reference) return { do: 'phase', phase: 'Available' };
  // Reserved by name: the claim takes it.
  if (!reference.uid) return { do: 'phase', phase: 'Available' };
  if (!claim) return decideReleased(volume);
  if (!claim.spec?.volumeName) {
    if (sameVolumeMode(volume, claim)) return { do: 'wake' };
    return { do: 'wake', event: warning('VolumeMismatch', `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${JSON.stringify(claim.metadata.name)} due to incompatible volumeMode.`) };
  }
  if (claim.spec.volumeName === volume.metadata.name) return { do: 'phase', phase: 'Bound' };
  // The claim found another.
  const provisioned = volume.metadata.annotations?.[provisionedByAnnotation] !== undefined;
  if (provisioned && volume.spec?.persistentVolumeReclaimPolicy === 'Delete') return decideReleased(volume);
  return { do: 'unbind', keepReservation: volume.metadata.annotations?.[boundByControllerAnnotation] === undefined };
}

/** Both sides as they are once bound. The revisions stay: each is written only if nobody changed it since. */
export function boundVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume | undefined {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  if (volume.spec?.claimRef?.uid === uid) return undefined;
  const chosenHere = !isReservedFor(volume, claim);
  return {
    ...volume,
    metadata: { ...volume.metadata, ...(chosenHere ? { annotations: { ...volume.metadata.annotations, [boundByControllerAnnotation]: 'yes' } } : {}) },
    spec: { ...volume.spec, claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion } },
  };
}

export function boundClaim(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim | undefined {
  const annotations = { ...claim.metadata.annotations };
  const chosenHere = claim.spec?.volumeName !== volume.metadata.name;
  if (!chosenHere && annotations[bindCompletedAnnotation] !== undefined) return undefined;
  if (chosenHere) annotations[boundByControllerAnnotation] = 'yes';
  annotations[bindCompletedAnnotation] = 'yes';
  return { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName: volume.metadata.name } };
}

/** Once bound, a claim says what it got. */
export function boundStatus(claim: PersistentVolumeClaim, volume: PersistentVolume): NonNullable<PersistentVolumeClaim['status']> {
  const { accessModes, capacity, volumeAttributesClassName } = volume.spec ?? {};
  const known = claim.status?.phase === 'Bound' ? claim.status.capacity : undefined;
  return {
    ...claim.status, phase: 'Bound', accessModes,
    // Later the claim's own capacity follows the resizing of the file system, not the volume.
    capacity: known ?? (capacity?.['storage'] === undefined ? {} : { storage: capacity['storage'] }),
    ...(volumeAttributesClassName ? { currentVolumeAttributesClassName: volumeAttributesClassName } : {}),
  };
}

/** The volume without its claim. */
export function unboundVolume(volume: PersistentVolume, keepReservation: boolean): PersistentVolume {
  const { claimRef, ...spec } = volume.spec ?? {};
  if (keepReservation && claimRef) {
    const { uid: _uid, resourceVersion: _resourceVersion, ...reservation } = claimRef;
    return { ...volume, spec: { ...spec, claimRef: reservation } };
  }
  const { [boundByControllerAnnotation]: _bound, ...annotations } = volume.metadata.annotations ?? {};
  return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
}

