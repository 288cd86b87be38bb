import { projectedPayload } from './content.ts';
import { defaultFileMode, fillVolume } from './file-volume.ts';
import type { VolumeProjection } from '../../api/core/v1/types.ts';
import type { Source, VolumeKind } from './types.ts';

function sourcesOf({ configMap, secret }: VolumeProjection): Source[] {
  return [...(configMap ? [{ kind: 'ConfigMap', name: configMap.name ?? '' } as const] : []), ...(secret ? [{ kind: 'Secret', name: secret.name ?? '' } as const] : [])];
}

/** `projected`: several sources in one folder; in memory where a token or Secret is among them. */
export const projectedVolume: VolumeKind = {
  folder: 'kubernetes.io~projected',
  handles: (volume) => volume.projected !== undefined,
  changes: () => true,
  follows: (volume) => (volume.projected!.sources ?? []).flatMap(sourcesOf),
  async setUp(inputs, volume) {
    const { sources = [], defaultMode } = volume.projected!;
    const isSecret = sources.some((source) => source.secret !== undefined || source.serviceAccountToken !== undefined);
    return fillVolume(inputs, this.folder, volume.name, await projectedPayload(inputs, sources, defaultMode ?? defaultFileMode), isSecret);
  },
};
