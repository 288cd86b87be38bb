import { configMapPayload } from './content.ts';
import { defaultFileMode, fillVolume } from './file-volume.ts';
import type { VolumeKind } from './types.ts';

/** `configMap`: the keys of a ConfigMap as files. */
export const configMapVolume: VolumeKind = {
  folder: 'kubernetes.io~configmap',
  handles: (volume) => volume.configMap !== undefined,
  changes: () => true,
  follows: (volume) => [{ kind: 'ConfigMap', name: volume.configMap!.name ?? '' }],
  async setUp(inputs, volume) {
    const payload = await configMapPayload(inputs, volume.configMap!, volume.configMap!.defaultMode ?? defaultFileMode);
    return fillVolume(inputs, this.folder, volume.name, payload, false);
  },
};
