/** What every kind of volume is given, and what it answers with. One file a kind; `index.ts` lists them in order. */
import type { Pod, Volume } from '../../api/core/v1/types.ts';
import type { KubeletContext } from '../config.ts';
import type { PodFacts } from '../fields.ts';
import type { PodPaths } from '../names.ts';
import type { ObjectCache } from '../objects.ts';
import type { Mounts } from './mounts.ts';
import type { TokenSource } from './tokens.ts';

export interface VolumeInputs {
  context: KubeletContext;
  paths: PodPaths;
  objects: ObjectCache;
  tokens: TokenSource;
  mounts: Mounts;
  pod: Pod;
  facts: PodFacts;
  /** How old fetched objects may be, in milliseconds. */
  maxAgeMs: number;
}

/** An object that a volume is filled from. */
export interface Source {
  kind: 'ConfigMap' | 'Secret';
  name: string;
}

/** A volume that is ready to be mounted into containers. */
export interface ReadyVolume {
  /** Where it lies on the node. */
  hostPath: string;
  /** The volume itself cannot be written, whatever the mount asks for. */
  readOnly?: boolean;
}

export interface VolumeKind {
  /** As in folder names: `kubernetes.io~empty-dir`. */
  folder: string;
  handles(volume: Volume): boolean;
  /** Makes the volume, or brings it up to date; running it again changes nothing that is right already. */
  setUp(inputs: VolumeInputs, volume: Volume): Promise<ReadyVolume>;
  /** Its content follows objects of the API and must be looked after while the pod runs. */
  changes?(volume: Volume): boolean;
  /** The objects of the pod's namespace that its content follows. */
  follows?(volume: Volume): Source[];
}

/** A kind of volume, or something within one, that this kubelet does not offer. Trying again does not help. */
export class UnsupportedVolumeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnsupportedVolumeError';
  }
}
