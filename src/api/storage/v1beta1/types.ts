/**
 * Types of the group storage, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.storage.v1beta1 @offByDefault
 */
import type { PersistentVolumeSpec, TopologySelectorTerm } from '../../core/v1/types.ts';
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** How a CSI driver wants to be used. @unpublished */
export interface CSIDriver extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: CSIDriverSpec;
}

/** What is wanted of a storage driver. @unpublished */
export interface CSIDriverSpec {
  /** Whether volumes are attached before they are mounted. @proto 1 @pointer */
  attachRequired?: boolean;
  /** Whether the driver is told which pod it mounts for. @proto 2 @pointer */
  podInfoOnMount?: boolean;
  /** Persistent, Ephemeral or both. @proto 3 @listType atomic */
  volumeLifecycleModes?: string[];
  /** Whether the scheduler looks at free capacity. @proto 4 @pointer */
  storageCapacity?: boolean;
  /** Whether volumes change owner for fsGroup: ReadWriteOnceWithFSType, File or None. @proto 5 @pointer */
  fsGroupPolicy?: string;
  /** Tokens that the driver gets for mounting. @proto 6 @listType atomic */
  tokenRequests?: TokenRequest[];
  /** Whether the driver is called again and again for a mounted volume. @proto 7 @pointer */
  requiresRepublish?: boolean;
  /** Whether volumes can be mounted with an SELinux label. @proto 8 @pointer */
  seLinuxMount?: boolean;
  /** How often the driver is asked how many volumes its nodes can still take, in seconds; 10 at least. @proto 9 @pointer */
  nodeAllocatableUpdatePeriodSeconds?: Int64;
  /** Whether: service account token in secrets. @proto 10 @pointer */
  serviceAccountTokenInSecrets?: boolean;
  /** Whether: prevent pod scheduling if missing. @proto 11 @pointer */
  preventPodSchedulingIfMissing?: boolean;
}

/** Which CSI drivers a node has. @unpublished */
export interface CSINode extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: CSINodeSpec;
}

/** A storage driver on a node. @unpublished */
export interface CSINodeDriver {
  /** Name of the driver. @proto 1 @required */
  name: string;
  /** Name of the node at the driver. @proto 2 @required */
  nodeID: string;
  /** Labels of nodes that the driver uses. @proto 3 @keepEmpty @listType atomic */
  topologyKeys?: string[];
  /** How many volumes the node can have. @proto 4 @pointer */
  allocatable?: VolumeNodeResources;
}

/** What is wanted of a list of a node's storage drivers. @unpublished */
export interface CSINodeSpec {
  /** The storage drivers that run on the node. @proto 1 @required @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  drivers: CSINodeDriver[];
}

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

/** A kind of storage that claims can ask for. @unpublished */
export interface StorageClass extends KubeObject {
  /** Who makes its volumes. @proto 2 @required */
  provisioner: string;
  /** Settings for the driver. @proto 3 */
  parameters?: Record<string, string>;
  /** What happens to a volume when its claim goes: Delete or Retain. @proto 4 @pointer @enum Delete|Recycle|Retain */
  reclaimPolicy?: string;
  /** Options for mounting. @proto 5 @listType atomic */
  mountOptions?: string[];
  /** Whether claims may grow. @proto 6 @pointer */
  allowVolumeExpansion?: boolean;
  /** When volumes are made: Immediate, or WaitForFirstConsumer. @proto 7 @pointer */
  volumeBindingMode?: string;
  /** Where volumes can be made. @proto 8 @listType atomic */
  allowedTopologies?: TopologySelectorTerm[];
}

/** Asks for a token of a service account. @unpublished */
export interface TokenRequest {
  /** Whom the token is meant for. @proto 1 @required */
  audience: string;
  /** How long it is to be valid, in seconds. @proto 2 @pointer */
  expirationSeconds?: Int64;
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

/** Settings of volumes that can be changed while they are used. */
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

/** How many volumes of a driver a node can take. @unpublished */
export interface VolumeNodeResources {
  /** How many volumes. @proto 1 @pointer */
  count?: Int32;
}
