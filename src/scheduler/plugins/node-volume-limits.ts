/** A node can hold only so many volumes of a CSI driver, as its CSINode says; one that several pods of the node use counts once. */
import type { PersistentVolume } from '../../api/core/v1/types.ts';
import { refusal } from '../framework.ts';
import type { Cycle, Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { classOf } from './volume-matching.ts';

const NAME = 'NodeVolumeLimits';
export const TOO_MANY_VOLUMES = refusal(NAME, 'unschedulable', 'node(s) exceed max volume count');

interface Attached {
  driver: string;
  /** Unique among the driver's volumes. */
  handle: string;
  /** The plug-in of before CSI: the volume counts on nodes whose driver has taken over from it. */
  migratedFrom?: string;
}

type Source = Pick<NonNullable<PersistentVolume['spec']>, 'awsElasticBlockStore' | 'gcePersistentDisk' | 'azureDisk' | 'cinder' | 'vsphereVolume'>;

/** Drivers that took over volumes of kinds older than CSI, and what tells such volumes apart. */
const MIGRATED: readonly { driver: string; from: string; handleOf: (source: Source) => string | undefined }[] = [
  { driver: 'ebs.csi.aws.com', from: 'kubernetes.io/aws-ebs', handleOf: (source) => source.awsElasticBlockStore?.volumeID },
  { driver: 'pd.csi.storage.gke.io', from: 'kubernetes.io/gce-pd', handleOf: (source) => source.gcePersistentDisk?.pdName },
  { driver: 'disk.csi.azure.com', from: 'kubernetes.io/azure-disk', handleOf: (source) => source.azureDisk?.diskURI },
  { driver: 'cinder.csi.openstack.org', from: 'kubernetes.io/cinder', handleOf: (source) => source.cinder?.volumeID },
  { driver: 'csi.vsphere.vmware.com', from: 'kubernetes.io/vsphere-volume', handleOf: (source) => source.vsphereVolume?.volumePath },
];
/** On CSINodes: plug-ins whose volumes a driver of the node serves, with commas between. */
const MIGRATED_ANNOTATION = 'storage.alpha.kubernetes.io/migrated-plugins';

function migratedOf(source: Source): Attached | undefined {
  for (const { driver, from, handleOf } of MIGRATED) {
    const handle = handleOf(source);
    if (handle !== undefined) return { driver, handle, migratedFrom: from };
  }
  return undefined;
}

function attachmentOf({ spec }: PersistentVolume): Attached | undefined {
  if (!spec) return undefined;
  return spec.csi ? { driver: spec.csi.driver, handle: spec.csi.volumeHandle } : migratedOf(spec);
}

/** A claim without a volume yet counts as one of its class's provisioner. */
function expectedOf(provisioner: string | undefined, handle: string): Attached | undefined {
  if (!provisioner) return undefined;
  const migrated = MIGRATED.find(({ from }) => from === provisioner);
  return migrated ? { driver: migrated.driver, handle, migratedFrom: provisioner } : { driver: provisioner, handle };
}

/** What the pod's claims, and disks that it names itself, attach to its node. */
function attachedBy(cycle: Cycle, pod: PodInfo): Attached[] {
  const { lookups } = cycle;
  const direct = (pod.pod.spec?.volumes ?? []).flatMap((volume) => migratedOf(volume as Source) ?? []);
  const claimed = pod.claimNames.flatMap((name) => {
    const claim = lookups.claim(pod.namespace, name);
    if (!claim) return [];
    const volume = claim.spec?.volumeName ? lookups.volume(claim.spec.volumeName) : undefined;
    if (volume) return attachmentOf(volume) ?? [];
    return expectedOf(lookups.storageClass(classOf(claim))?.provisioner, `${pod.namespace}/${name}`) ?? [];
  });
  return direct.length === 0 ? claimed : [...direct, ...claimed];
}

const keyOf = ({ driver, handle }: Attached): string => `${driver} ${handle}`;

function fits(cycle: Cycle, node: NodeInfo, wanted: readonly Attached[]): boolean {
  const csiNode = cycle.lookups.csiNode(node.name);
  const drivers = csiNode?.spec.drivers ?? [];
  const limits = new Map(drivers.flatMap(({ name, allocatable }): [string, number][] => (allocatable?.count === undefined ? [] : [[name, allocatable.count]])));
  if (!wanted.some(({ driver }) => limits.has(driver))) return true;
  const migrated = csiNode?.metadata.annotations?.[MIGRATED_ANNOTATION]?.split(',') ?? [];
  const there = new Set<string>();
  const counts = new Map<string, number>();
  const count = (attached: Attached): void => {
    if (attached.migratedFrom !== undefined && !migrated.includes(attached.migratedFrom)) return;
    const key = keyOf(attached);
    if (there.has(key)) return;
    there.add(key);
    counts.set(attached.driver, (counts.get(attached.driver) ?? 0) + 1);
  };
  for (const pod of node.pods) if (pod.pod.spec?.volumes?.length) for (const attached of attachedBy(cycle, pod)) count(attached);
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
    if (!cycle.pod.pod.spec?.volumes?.length) return { skip: true };
    const wanted = attachedBy(cycle, cycle.pod);
    if (wanted.length === 0) return { skip: true };
    cycle.state.set(NAME, wanted);
    return undefined;
  },
  filter: (cycle, node) => (fits(cycle, node, cycle.state.get(NAME) as Attached[]) ? undefined : TOO_MANY_VOLUMES),
  events: () => [
    { resource: 'CSINode', actions: ['add', 'update'] },
    { resource: 'AssignedPod', actions: ['delete'], hint: (_pod, event) => (event.pod?.pod.spec?.volumes?.length ?? 1) > 0 },
    { resource: 'PersistentVolumeClaim', actions: ['add', 'update'] },
  ],
};
