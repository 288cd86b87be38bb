import { secretPayload } from './content.ts';
import { defaultFileMode, fillVolume } from './file-volume.ts';
import type { VolumeKind } from './types.ts';

/** `secret`: the keys of a Secret as files, in memory only. */
export const secretVolume: VolumeKind = {
  folder: 'kubernetes.io~secret',
  handles: (volume) => volume.secret !== undefined,
  changes: () => true,
  follows: (volume) => [{ kind: 'Secret', name: volume.secret!.secretName ?? '' }],
  async setUp(inputs, volume) {
    const { secretName, items, optional, defaultMode } = volume.secret!;
    const payload = await secretPayload(inputs, { name: secretName, items, optional }, defaultMode ?? defaultFileMode);
    return fillVolume(inputs, this.folder, volume.name, payload, true);
  },
};
