import { downwardPayload } from './content.ts';
import { defaultFileMode, fillVolume } from './file-volume.ts';
import type { VolumeKind } from './types.ts';

/** `downwardAPI`: fields of the pod as files. */
export const downwardApiVolume: VolumeKind = {
  folder: 'kubernetes.io~downward-api',
  handles: (volume) => volume.downwardAPI !== undefined,
  changes: () => true,
  async setUp(inputs, volume) {
    const { items, defaultMode } = volume.downwardAPI!;
    return fillVolume(inputs, this.folder, volume.name, downwardPayload(inputs, items ?? [], defaultMode ?? defaultFileMode), false);
  },
};
