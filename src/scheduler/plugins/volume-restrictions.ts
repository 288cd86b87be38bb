/**
 * A claim of access mode ReadWriteOncePod serves one pod at a time (KEP-2485), and disks of kinds older than CSI cannot be mounted twice on a node
 * unless all mounts only read.
 */
import type { Volume } from '../../api/core/v1/types.ts';
import { refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { claimsOf } from './claims.ts';

const NAME = 'VolumeRestrictions';
export const CLAIM_IN_USE = refusal(NAME, 'unschedulable', 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode');
export const DISK_CONFLICT = refusal(NAME, 'unschedulable', 'node(s) had no available disk');

const shares = (names: ReadonlySet<string>, pod: PodInfo, other: PodInfo): boolean =>
  other.namespace === pod.namespace && other.uid !== pod.uid && other.claimNames.some((name) => names.has(name));

const bothRead = (a: { readOnly?: boolean }, b: { readOnly?: boolean }): boolean => a.readOnly === true && b.readOnly === true;

/** Whether two volumes are one disk that cannot be mounted twice. */
function clash(a: Volume, b: Volume): boolean {
  if (a.gcePersistentDisk && b.gcePersistentDisk) return a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName && !bothRead(a.gcePersistentDisk, b.gcePersistentDisk);
  // A block store cannot be attached twice, not even for reading.
  if (a.awsElasticBlockStore && b.awsElasticBlockStore) return a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID;
  if (a.iscsi && b.iscsi) return a.iscsi.iqn === b.iscsi.iqn && !bothRead(a.iscsi, b.iscsi);
  const [mine, theirs] = [a.rbd, b.rbd];
  if (!mine || !theirs) return false;
  return (mine.pool ?? 'rbd') === (theirs.pool ?? 'rbd') && mine.image === theirs.image && mine.monitors.some((each) => theirs.monitors.includes(each)) && !bothRead(mine, theirs);
}

/** Volumes of the pod that may not be shared. */
const disksOf = ({ pod }: PodInfo): Volume[] => (pod.spec?.volumes ?? []).filter((volume) => volume.gcePersistentDisk ?? volume.awsElasticBlockStore ?? volume.iscsi ?? volume.rbd);

const clashes = (disks: readonly Volume[], other: PodInfo): boolean => disks.length > 0 && (other.pod.spec?.volumes ?? []).some((volume) => disks.some((disk) => clash(disk, volume)));

interface State {
  /** Claims of the pod that serve one pod only. */
  names: ReadonlySet<string>;
  /** Pods anywhere that use one of the claims. */
  users: number;
  disks: readonly Volume[];
}

export const volumeRestrictions: Plugin = {
  name: NAME,
  preFilter(cycle) {
    const { pod, snapshot, lookups } = cycle;
    if (!pod.pod.spec?.volumes?.length) return { skip: true };
    const disks = disksOf(pod);
    const exclusive = claimsOf(pod, lookups).filter((claim) => claim.spec?.accessModes?.includes('ReadWriteOncePod'));
    if (exclusive.length === 0 && disks.length === 0) return { skip: true };
    const names = new Set(exclusive.map((claim) => claim.metadata.name!));
    let users = 0;
    if (names.size > 0) for (const node of snapshot.nodes) for (const other of node.pods) if (shares(names, pod, other)) users++;
    cycle.state.set(NAME, { names, users, disks } satisfies State);
    return undefined;
  },
  filter(cycle, node) {
    const { users, disks } = cycle.state.get(NAME) as State;
    if (disks.length > 0) for (const other of node.pods) if (clashes(disks, other)) return DISK_CONFLICT;
    return users > 0 ? CLAIM_IN_USE : undefined;
  },
  addPod(cycle, pod) {
    const state = cycle.state.get(NAME) as State | undefined;
    if (state && shares(state.names, cycle.pod, pod)) state.users++;
  },
  removePod(cycle, pod) {
    const state = cycle.state.get(NAME) as State | undefined;
    if (state && shares(state.names, cycle.pod, pod)) state.users--;
  },
  copyState: (state): State => ({ ...(state as State) }),
  events: () => [
    { resource: 'AssignedPod', actions: ['delete'], hint: (pod, event) => event.pod !== undefined && (shares(new Set(pod.claimNames), pod, event.pod) || clashes(disksOf(pod), event.pod)) },
    { resource: 'PersistentVolumeClaim', actions: ['add', 'update'] },
    { resource: 'Node', actions: ['add'] },
  ],
};
