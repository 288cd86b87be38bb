/**
 * What a claim to storage asks for.
 * @package io.k8s.api.core.v1
 */
import type { LabelSelector, ObjectMeta } from '../../meta/v1/types.ts';
import type { TypedLocalObjectReference, TypedObjectReference, VolumeResourceRequirements } from './common.ts';

/** What is wanted of a persistent volume claim. */
export interface PersistentVolumeClaimSpec {
  /** How it may be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod. @proto 1 @listType atomic @enum ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod */
  accessModes?: string[];
  /** Labels that the volume must have. @proto 4 @pointer */
  selector?: LabelSelector;
  /** How much storage is needed. @proto 2 */
  resources?: VolumeResourceRequirements;
  /** Name of the volume that the claim is bound to. @proto 3 */
  volumeName?: string;
  /** The class that the volume must have; the default class when absent, none when empty. @proto 5 @pointer */
  storageClassName?: string;
  /** Filesystem or Block. @proto 6 @pointer @enum Block|Filesystem */
  volumeMode?: string;
  /** Snapshot or claim that the volume starts as a copy of. @proto 7 @pointer */
  dataSource?: TypedLocalObjectReference;
  /** As dataSource, for any kind of object. @proto 8 @pointer */
  dataSourceRef?: TypedObjectReference;
  /** The class whose settings the volume has, or is to get; may be changed later. @proto 9 @pointer */
  volumeAttributesClassName?: string;
}

/** What a pod's own claim is made from. */
export interface PersistentVolumeClaimTemplate {
  /** Labels and annotations of the claim. @proto 1 */
  metadata?: ObjectMeta;
  /** The claim. @proto 2 @required */
  spec: PersistentVolumeClaimSpec;
}
