import type { PersistentVolume } from '../../api/core/v1/types.ts';
import { isPodTerminal } from '../../api/core/v1/pods.ts';
import type { VolumeAttachment } from '../../api/storage/v1/types.ts';
import { CSIDrivers, Nodes, PersistentVolumeClaims, PersistentVolumes, Pods, VolumeAttachments } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties, type World } from '../property.ts';

/** Volumes that must be attached, by the nodes whose pods want them. */
function wantedVolumes(world: World): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const pod of world.list(Pods)) {
    const node = pod.spec?.nodeName;
    if (!node || isPodTerminal(pod) || !world.get(Nodes, undefined, node)) continue;
    for (const each of pod.spec?.volumes ?? []) {
      const claim = each.persistentVolumeClaim && world.get(PersistentVolumeClaims, pod.metadata.namespace, each.persistentVolumeClaim.claimName);
      const volume = claim?.status?.phase === 'Bound' ? world.get(PersistentVolumes, undefined, claim.spec?.volumeName ?? '') : undefined;
      if (!volume?.spec?.csi || world.get(CSIDrivers, undefined, volume.spec.csi.driver)?.spec?.attachRequired === false) continue;
      wanted.set(volume.metadata.name!, (wanted.get(volume.metadata.name!) ?? new Set()).add(node));
    }
  }
  return wanted;
}

const isShared = (volume: PersistentVolume): boolean => (volume.spec?.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
const attachmentsOf = (world: World, volume: string): VolumeAttachment[] => world.list(VolumeAttachments).filter((each) => each.spec.source.persistentVolumeName === volume);

export const properties: Properties = {
  safety: [
    safety<VolumeAttachment>({
      name: 'volumes of one node stay on one node', promise: 'a volume that only one node may use is attached to no second one', of: VolumeAttachments, alone: true,
      broken({ type, object }, world) {
        const volume = type === 'created' ? world.get(PersistentVolumes, undefined, object.spec.source.persistentVolumeName ?? '') : undefined;
        if (!volume || isShared(volume)) return undefined;
        const other = attachmentsOf(world, volume.metadata.name!).find((each) => each.spec.nodeName !== object.spec.nodeName);
        return other && `${nameOf(volume)} is attached to ${other.spec.nodeName}, and was to ${object.spec.nodeName} as well`;
      },
    }),
    safety<VolumeAttachment>({
      name: 'mounted volumes stay attached', promise: 'nothing is detached from a healthy node that says it uses it', of: VolumeAttachments, alone: true,
      broken({ type, object }, world) {
        const node = type === 'deleted' ? world.get(Nodes, undefined, object.spec.nodeName) : undefined;
        const csi = node && world.get(PersistentVolumes, undefined, object.spec.source.persistentVolumeName ?? '')?.spec?.csi;
        const isReady = node?.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
        return csi && isReady && node.status?.volumesInUse?.includes(`kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`) ? `${nameOf(object)} was taken from ${node.metadata.name}, which uses it` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'what pods want is attached', promise: 'a volume that a pod of a node wants is attached to that node, or to another that has it alone',
    *missing(world) {
      for (const [volume, nodes] of wantedVolumes(world)) {
        const there = new Set(attachmentsOf(world, volume).filter((each) => !isGoing(each)).map((each) => each.spec.nodeName));
        const shared = isShared(world.get(PersistentVolumes, undefined, volume)!);
        for (const node of nodes) if (!there.has(node) && (shared || there.size === 0)) yield `volume ${volume} is wanted on ${node}, and is not attached there`;
      }
    },
  }],
};
