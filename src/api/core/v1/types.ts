/**
 * All types of the group, by subject. Import from here.
 */
export type * from './claim.ts';
export type * from './volume.ts';
export type * from './volume-files.ts';
export type * from './volume-storage.ts';
export type * from './affinity.ts';
export type * from './container.ts';
export type * from './container-status.ts';
export type * from './probe.ts';
export type * from './node.ts';
export type * from './persistentvolume.ts';
export type * from './cluster.ts';
export type * from './service.ts';
export type * from './common.ts';
export type * from './pod.ts';
export type * from './connect.ts';
