import { UnsupportedVolumeError, type VolumeKind } from './types.ts';

/** Every kind that nobody before it in the list handles: refused by name. */
export const unsupportedVolume: VolumeKind = {
  folder: 'kubets~unsupported',
  handles: () => true,
  async setUp(_inputs, volume) {
    const kind = Object.keys(volume).find((name) => name !== 'name') ?? 'unknown';
    throw new UnsupportedVolumeError(`volumes of type ${kind} are not supported by this kubelet`);
  },
};
