/**
 * Types of the group storage, version v1alpha1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.storage.v1alpha1 @offByDefault
 */
import type { PersistentVolumeSpec } from '../../core/v1/types.ts';
import type { Int32, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** How much room a storage driver has in one place. @unpublished */
export interface CSIStorageCapacity extends KubeObject {
  /** Nodes that can use it. @proto 2 @pointer */
  nodeTopology?: LabelSelector;
  /** Class of the volumes that the capacity is for. @proto 3 @required */
  storageClassName: string;
  /** How much there is. @proto 4 @pointer */
  capacity?: Quantity;
  /** Size of the largest volume. @proto 5 @pointer */
  maximumVolumeSize?: Quantity;
}

/** A volume that is, or is to be, attached to a node. @unpublished */
export interface VolumeAttachment extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: VolumeAttachmentSpec;
  /** What is: written by the system. @proto 3 */
  status?: VolumeAttachmentStatus;
}

/** What is attached. @unpublished */
export interface VolumeAttachmentSource {
  /** The PersistentVolume that is to be attached. @proto 1 @pointer */
  persistentVolumeName?: string;
  /** The volume itself, when it stands in a pod. @proto 2 @pointer */
  inlineVolumeSpec?: PersistentVolumeSpec;
}

/** What is wanted of a volume attachment. @unpublished */
export interface VolumeAttachmentSpec {
  /** Name of the driver. @proto 1 @required */
  attacher: string;
  /** Which volume. @proto 2 @required */
  source: VolumeAttachmentSource;
  /** Where the volume is to be attached. @proto 3 @required */
  nodeName: string;
}

/** How a volume attachment is doing, as the system has found it. @unpublished */
export interface VolumeAttachmentStatus {
  /** Whether it is attached. @proto 1 @required */
  attached: boolean;
  /** What the driver says about it. @proto 2 */
  attachmentMetadata?: Record<string, string>;
  /** What went wrong when attaching. @proto 3 @pointer */
  attachError?: VolumeError;
  /** What went wrong when detaching. @proto 4 @pointer */
  detachError?: VolumeError;
}

/** Settings of volumes that can be changed while they are used. @unpublished */
export interface VolumeAttributesClass extends KubeObject {
  /** The storage driver that knows these parameters. @proto 2 @required */
  driverName: string;
  /** Settings for the driver. @proto 3 */
  parameters?: Record<string, string>;
}

/** What went wrong with a volume, and when. @unpublished */
export interface VolumeError {
  /** When it went wrong. @proto 1 */
  time?: Time | null;
  /** Why, as a sentence for people. @proto 2 */
  message?: string;
  /** What went wrong, as gRPC numbers it. @proto 3 @pointer */
  errorCode?: Int32;
}
