/** Which volume a claim that waits for its node could get there, and whether one could be made there. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { compileNodeSelector, type NodeMatcher } from '../../api/core/v1/scheduling-terms.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import type { CSIStorageCapacity, StorageClass } from '../../api/storage/v1/types.ts';
import type { Cycle, Lookups } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { amountOf } from '../resource-amounts.ts';
import { SELECTED_NODE_ANNOTATION } from '../writes.ts';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
const BIND_COMPLETED_ANNOTATION = 'pv.kubernetes.io/bind-completed';
/** Older than the field, and still before it. */
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** Volumes by name that placed pods are about to be given, with the claim that gets them: the API does not show it yet. */
export type Promised = Map<string, string>;

/** A volume that would suit a claim, and the nodes that can use it. */
interface Candidate {
  volume: PersistentVolume;
  usable: NodeMatcher | undefined;
}

/** Room for new volumes in one part of the cluster, as a driver reports it. */
interface Room {
  bytes: number;
  covers: (node: NodeInfo) => boolean;
}

/** Where the class's provisioner can make a volume; undefined rooms: it does not say how much it has. */
interface Provisioning {
  allowed: (node: NodeInfo) => boolean;
  rooms: readonly Room[] | undefined;
}

/** A claim that gets its volume with the node. */
export interface Waiting {
  claim: PersistentVolumeClaim;
  bytes: number;
  /** A volume for it is being made for this node. */
  selectedNode: string | undefined;
  /** The volume that is kept for this very claim: no other will do. */
  reserved: Candidate | undefined;
  /** Smallest first. */
  candidates: readonly Candidate[];
  provisioning: Provisioning | undefined;
}

/** A volume for each claim, or 'provision'. */
export type Arranged = Map<PersistentVolumeClaim, PersistentVolume | 'provision'>;

export function nodeMatcherOf(volume: PersistentVolume): NodeMatcher | undefined {
  const required = volume.spec?.nodeAffinity?.required;
  return required && compileNodeSelector(required);
}

export const classOf = (claim: PersistentVolumeClaim): string => claim.metadata.annotations?.[CLASS_ANNOTATION] ?? claim.spec?.storageClassName ?? '';
const classOfVolume = (volume: PersistentVolume): string => volume.metadata.annotations?.[CLASS_ANNOTATION] ?? volume.spec?.storageClassName ?? '';

/** Claim and volume have found each other for good: a claim that only names its volume is not bound yet. */
export const isBound = (claim: PersistentVolumeClaim): boolean => Boolean(claim.spec?.volumeName) && claim.metadata.annotations?.[BIND_COMPLETED_ANNOTATION] !== undefined;

const sizeOf = (volume: PersistentVolume): number => amountOf(volume.spec?.capacity?.['storage'], 1);
const wantedOf = (claim: PersistentVolumeClaim): number => amountOf(claim.spec?.resources?.requests?.['storage'], 1);

function isReservedFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const reference = spec?.claimRef;
  return reference?.name === metadata.name && reference?.namespace === metadata.namespace && (!reference?.uid || reference.uid === metadata.uid);
}

/** Whether the volume is as large, as open and of the class and mode that the claim asks for. */
function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { spec } = volume;
  if (sizeOf(volume) < wantedOf(claim) || classOfVolume(volume) !== classOf(claim) || volume.metadata.deletionTimestamp) return false;
  if ((spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return false;
  if ((spec?.volumeAttributesClassName ?? '') !== (claim.spec?.volumeAttributesClassName ?? '')) return false;
  if (!(claim.spec?.accessModes ?? []).every((mode) => spec?.accessModes?.includes(mode))) return false;
  return !claim.spec?.selector || labelSelectorOf(claim.spec.selector)(volume.metadata.labels);
}

/** Free volumes that would suit the claim, and the one that is kept for it. */
function candidatesFor(volumes: readonly PersistentVolume[], claim: PersistentVolumeClaim, promised: Promised): Pick<Waiting, 'reserved' | 'candidates'> {
  const candidate = (volume: PersistentVolume): Candidate => ({ volume, usable: nodeMatcherOf(volume) });
  const kept = volumes.find((volume) => isReservedFor(volume, claim) && !volume.metadata.deletionTimestamp);
  if (kept) return { reserved: suits(kept, claim) ? candidate(kept) : undefined, candidates: [] };
  const free = volumes.filter((volume) => !volume.spec?.claimRef && volume.status?.phase === 'Available' && (promised.get(volume.metadata.name!) ?? claim.metadata.uid) === claim.metadata.uid && suits(volume, claim));
  return { reserved: undefined, candidates: free.toSorted((a, b) => sizeOf(a) - sizeOf(b)).map(candidate) };
}

function roomOf({ capacity, maximumVolumeSize, nodeTopology }: CSIStorageCapacity): Room {
  const limit = maximumVolumeSize ?? capacity;
  const matches = nodeTopology ? labelSelectorOf(nodeTopology) : undefined;
  // Without a topology the driver's storage cannot be reached from any node.
  return { bytes: limit === undefined ? -1 : amountOf(limit, 1), covers: (node) => matches?.(node.labels) ?? false };
}

function provisioningOf(lookups: Lookups, storageClass: StorageClass): Provisioning | undefined {
  const { provisioner, allowedTopologies = [], metadata } = storageClass;
  if (!provisioner || provisioner === NO_PROVISIONER) return undefined;
  const allowed = (node: NodeInfo): boolean => allowedTopologies.length === 0
    || allowedTopologies.some((term) => (term.matchLabelExpressions ?? []).every(({ key, values }) => node.labels[key] !== undefined && values.includes(node.labels[key])));
  const counts = lookups.csiDriver(provisioner)?.spec?.storageCapacity === true;
  return { allowed, rooms: counts ? lookups.storageCapacities().filter((each) => each.storageClassName === metadata.name).map(roomOf) : undefined };
}

/** Claims that wait for the pod's node, smallest first: so the smallest volumes go to them. Looked up once a cycle, not once a node. */
export function waitingClaims({ lookups }: Cycle, claims: readonly PersistentVolumeClaim[], promised: Promised): Waiting[] {
  const volumes = lookups.volumes();
  return claims.map((claim): Waiting => {
    const storageClass = lookups.storageClass(classOf(claim));
    return {
      claim, bytes: wantedOf(claim), selectedNode: claim.metadata.annotations?.[SELECTED_NODE_ANNOTATION] || undefined,
      ...candidatesFor(volumes, claim, promised), provisioning: storageClass && provisioningOf(lookups, storageClass),
    };
  }).toSorted((a, b) => a.bytes - b.bytes);
}

const usableOn = ({ usable }: Candidate, node: NodeInfo): boolean => usable?.(node.name, node.labels) ?? true;

function volumeFor({ reserved, candidates }: Waiting, node: NodeInfo, taken: ReadonlySet<string>): PersistentVolume | undefined {
  if (reserved) return usableOn(reserved, node) ? reserved.volume : undefined;
  for (const candidate of candidates) if (!taken.has(candidate.volume.metadata.name!) && usableOn(candidate, node)) return candidate.volume;
  return undefined;
}

/** What stands in the way of a claim on a node. */
export type Obstacle = 'no volume' | 'no room';

/** For each waiting claim a volume of the node, or 'provision'. */
export function arrange(waiting: readonly Waiting[], node: NodeInfo): Arranged | Obstacle {
  const arranged: Arranged = new Map();
  const taken = new Set<string>();
  let full = false;
  for (const each of waiting) {
    if (each.selectedNode !== undefined && each.selectedNode !== node.name) return 'no volume';
    const volume = each.selectedNode === undefined ? volumeFor(each, node, taken) : undefined;
    if (volume) taken.add(volume.metadata.name!);
    else if (!each.provisioning?.allowed(node)) return 'no volume';
    else if (each.provisioning.rooms && !each.provisioning.rooms.some(({ bytes, covers }) => bytes >= each.bytes && covers(node))) full = true;
    arranged.set(each.claim, volume ?? 'provision');
  }
  return full ? 'no room' : arranged;
}
