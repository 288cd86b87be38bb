/** A node can hold only so many volumes of a CSI driver, as its CSINode says; one that several pods of the node use counts once. */
import type { PersistentVolume } from '../../api/core/v1/types.ts';
import { refusal } from '../framework.ts';
import type { Cycle, Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';

const NAME = 'NodeVolumeLimits';
export const TOO_MANY_VOLUMES = refusal(NAME, 'unschedulable', 'node(s) exceed max volume count');

/** Drivers that took over volumes of kinds older than CSI, and what tells such volumes apart. */
const MIGRATED: readonly { driver: string; handleOf: (spec: NonNullable<PersistentVolume['spec']>) => string | undefined }[] = [
  { driver: 'ebs.csi.aws.com', handleOf: (spec) => spec.awsElasticBlockStore?.volumeID },
  { driver: 'pd.csi.storage.gke.io', handleOf: (spec) => spec.gcePersistentDisk?.pdName },
  { driver: 'disk.csi.azure.com', handleOf: (spec) => spec.azureDisk?.diskURI },
  { driver: 'cinder.csi.openstack.org', handleOf: (spec) => spec.cinder?.volumeID },
  { driver: 'csi.vsphere.vmware.com', handleOf: (spec) => spec.vsphereVolume?.volumePath },
];

interface Attached {
  driver: string;
  /** Unique among the driver's volumes. */
  handle: string;
}

function attachmentOf(volume: PersistentVolume): Attached | undefined {
  const { spec } = volume;
  if (!spec) return undefined;
  if (spec.csi) return { driver: spec.csi.driver, handle: spec.csi.volumeHandle };
  for (const { driver, handleOf } of MIGRATED) {
    const handle = handleOf(spec);
    if (handle !== undefined) return { driver, handle };
  }
  return undefined;
}

/** What the pod's claims attach to its node. A claim without a volume yet counts as one of its class's provisioner. */
function attachedBy(cycle: Cycle, pod: PodInfo): Attached[] {
  const { lookups } = cycle;
  return pod.claimNames.flatMap((name) => {
    const claim = lookups.claim(pod.namespace, name);
    if (!claim) return [];
    const volume = claim.spec?.volumeName ? lookups.volume(claim.spec.volumeName) : undefined;
    if (volume) return attachmentOf(volume) ?? [];
    const driver = lookups.storageClass(claim.spec?.storageClassName ?? '')?.provisioner;
    return driver ? [{ driver, handle: `${pod.namespace}/${name}` }] : [];
  });
}

const keyOf = ({ driver, handle }: Attached): string => `${driver} ${handle}`;

function fits(cycle: Cycle, node: NodeInfo, wanted: readonly Attached[]): boolean {
  const drivers = cycle.lookups.csiNode(node.name)?.spec.drivers ?? [];
  const limits = new Map(drivers.flatMap(({ name, allocatable }): [string, number][] => (allocatable?.count === undefined ? [] : [[name, allocatable.count]])));
  if (!wanted.some(({ driver }) => limits.has(driver))) return true;
  const there = new Set<string>();
  const counts = new Map<string, number>();
  const count = (attached: Attached): void => {
    const key = keyOf(attached);
    if (there.has(key)) return;
    there.add(key);
    counts.set(attached.driver, (counts.get(attached.driver) ?? 0) + 1);
  };
  for (const pod of node.pods) if (pod.claimNames.length > 0) for (const attached of attachedBy(cycle, pod)) count(attached);
  for (const attached of wanted) {
    const before = counts.get(attached.driver) ?? 0;
    count(attached);
    const after = counts.get(attached.driver) ?? 0;
    // A volume that is there already takes no further place, however full the node is.
    if (after > before && after > (limits.get(attached.driver) ?? Infinity)) return false;
  }
  return true;
}

export const nodeVolumeLimits: Plugin = {
  name: NAME,
  preFilter(cycle) {
    if (cycle.pod.claimNames.length === 0) return { skip: true };
    const wanted = attachedBy(cycle, cycle.pod);
    if (wanted.length === 0) return { skip: true };
    cycle.state.set(NAME, wanted);
    return undefined;
  },
  filter: (cycle, node) => (fits(cycle, node, cycle.state.get(NAME) as Attached[]) ? undefined : TOO_MANY_VOLUMES),
  events: () => [
    { resource: 'CSINode', actions: ['add', 'update'] },
    { resource: 'AssignedPod', actions: ['delete'], hint: (_pod, event) => (event.pod?.claimNames.length ?? 1) > 0 },
    { resource: 'PersistentVolumeClaim', actions: ['add', 'update'] },
  ],
};
