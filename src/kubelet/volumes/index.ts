/** All kinds of volumes, in the order in which they are asked. */
import type { Volume } from '../../api/core/v1/types.ts';
import { configMapVolume } from './config-map.ts';
import { downwardApiVolume } from './downward-api.ts';
import { emptyDirVolume } from './empty-dir.ts';
import { hostPathVolume } from './host-path.ts';
import { persistentVolumeClaimVolume } from './persistent-volume-claim.ts';
import { projectedVolume } from './projected.ts';
import { secretVolume } from './secret.ts';
import type { VolumeKind } from './types.ts';
import { unsupportedVolume } from './unsupported.ts';

const kinds: readonly VolumeKind[] = [emptyDirVolume, configMapVolume, secretVolume, projectedVolume, downwardApiVolume, hostPathVolume, persistentVolumeClaimVolume, unsupportedVolume];

/** The kind that handles the volume; the last one refuses by name. */
export function volumeKindOf(volume: Volume): VolumeKind {
  return kinds.find((kind) => kind.handles(volume))!;
}
