import { podLimits, resourceAmount } from '../../api/core/v1/resources.ts';
import { UnsupportedVolumeError, type VolumeInputs, type VolumeKind } from './types.ts';
import type { Volume } from '../../api/core/v1/types.ts';

function sizeBytes(inputs: VolumeInputs, volume: Volume): number | undefined {
  const asked = volume.emptyDir?.sizeLimit ? resourceAmount('memory', volume.emptyDir.sizeLimit) : 0;
  const limit = podLimits(inputs.pod).memory ?? 0;
  const bounds = [asked, limit].filter((bytes) => bytes > 0);
  return bounds.length > 0 ? Math.min(...bounds) : undefined;
}

/** `emptyDir`: a folder that lives as long as the pod, on disk or in memory. */
export const emptyDirVolume: VolumeKind = {
  folder: 'kubernetes.io~empty-dir',
  handles: (volume) => volume.emptyDir !== undefined,
  async setUp(inputs, volume) {
    const { disk } = inputs.context.host;
    const path = inputs.paths.volume(inputs.pod.metadata.uid!, this.folder, volume.name);
    const medium = volume.emptyDir!.medium ?? '';
    if (medium !== '' && medium !== 'Memory') throw new UnsupportedVolumeError(`emptyDir medium "${medium}" is not supported by this kubelet`);
    const isNew = (await disk.stat(path)) === undefined;
    if (isNew) await disk.mkdir(path);
    if (medium === 'Memory' && !(await inputs.mounts.isMounted(path))) await inputs.mounts.tmpfs(path, { sizeBytes: sizeBytes(inputs, volume), mode: '0777' });
    else if (!isNew) return { hostPath: path };
    const fsGroup = inputs.pod.spec?.securityContext?.fsGroup;
    if (fsGroup !== undefined) await disk.chown(path, 0, fsGroup);
    await disk.chmod(path, fsGroup === undefined ? 0o777 : 0o2777);
    return { hostPath: path };
  },
};
