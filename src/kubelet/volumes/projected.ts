import { projectedPayload } from './content.ts';
import { defaultFileMode, fillVolume } from './file-volume.ts';
import type { VolumeKind } from './types.ts';

/** `projected`: several sources in one folder; in memory where a token or Secret is among them. */
export const projectedVolume: VolumeKind = {
  folder: 'kubernetes.io~projected',
  handles: (volume) => volume.projected !== undefined,
  changes: () => true,
  async setUp(inputs, volume) {
    const { sources = [], defaultMode } = volume.projected!;
    const isSecret = sources.some((source) => source.secret !== undefined || source.serviceAccountToken !== undefined);
    return fillVolume(inputs, this.folder, volume.name, await projectedPayload(inputs, sources, defaultMode ?? defaultFileMode), isSecret);
  },
};
