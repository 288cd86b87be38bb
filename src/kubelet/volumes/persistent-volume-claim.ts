import type { PersistentVolume, Volume } from '../../api/core/v1/types.ts';
import { isControlledBy } from '../../api/meta/objects.ts';
import { PersistentVolumeClaims, PersistentVolumes } from '../../api/resources.ts';
import { checkHostPath } from './host-path.ts';
import { giveToGroup } from './ownership.ts';
import { UnsupportedVolumeError, type VolumeInputs, type VolumeKind } from './types.ts';

/** Names of the source within a persistent volume's spec that are no source. */
const notSources = new Set(['accessModes', 'capacity', 'claimRef', 'mountOptions', 'nodeAffinity', 'persistentVolumeReclaimPolicy', 'storageClassName', 'volumeAttributesClassName', 'volumeMode']);

function claimNameOf(inputs: VolumeInputs, volume: Volume): string {
  return volume.persistentVolumeClaim?.claimName ?? `${inputs.pod.metadata.name}-${volume.name}`;
}

async function boundVolume(inputs: VolumeInputs, volume: Volume): Promise<PersistentVolume> {
  const { objects, pod } = inputs;
  const name = claimNameOf(inputs, volume);
  const claim = await objects.get(PersistentVolumeClaims, pod.metadata.namespace, name);
  if (volume.ephemeral && !isControlledBy(claim, pod)) throw new Error(`PVC "${name}" was not created for pod "${pod.metadata.namespace}/${pod.metadata.name}" (pod is not owner)`);
  if (claim.metadata.deletionTimestamp) throw new Error(`cannot use the PVC "${name}": it is being deleted`);
  if (claim.status?.phase !== 'Bound' || !claim.spec?.volumeName) throw new Error(`PVC "${name}" is not bound`);
  const bound = await objects.get(PersistentVolumes, undefined, claim.spec.volumeName);
  if (bound.spec?.claimRef?.uid !== claim.metadata.uid) throw new Error(`PV "${bound.metadata.name}" is not bound to PVC "${name}"`);
  if (bound.spec?.volumeMode === 'Block') throw new UnsupportedVolumeError(`PV "${bound.metadata.name}" has volumeMode Block, which is not supported by this kubelet`);
  return bound;
}

/** `persistentVolumeClaim` and `ephemeral`: a claim bound to a volume of this node (hostPath or local). */
export const persistentVolumeClaimVolume: VolumeKind = {
  folder: 'kubernetes.io~local-volume',
  handles: (volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined,
  async setUp(inputs, volume) {
    const bound = await boundVolume(inputs, volume);
    const { hostPath, local } = bound.spec!;
    const readOnly = volume.persistentVolumeClaim?.readOnly === true;
    if (hostPath) {
      await checkHostPath(inputs.context.host, hostPath.path, hostPath.type);
      return { hostPath: hostPath.path, readOnly };
    }
    if (local) {
      await checkHostPath(inputs.context.host, local.path, 'Directory');
      const { fsGroup, fsGroupChangePolicy } = inputs.pod.spec?.securityContext ?? {};
      if (fsGroup !== undefined && !readOnly) await giveToGroup(inputs.context.host.disk, local.path, fsGroup, fsGroupChangePolicy);
      return { hostPath: local.path, readOnly };
    }
    const kind = Object.keys(bound.spec ?? {}).find((name) => !notSources.has(name)) ?? 'unknown';
    throw new UnsupportedVolumeError(`PV "${bound.metadata.name}" is of type ${kind}, which is not supported by this kubelet`);
  },
};
