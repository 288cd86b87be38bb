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

/** CSI driver spec. @unpublished */
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
  /** Node allocatable update period, in seconds. @proto 9 @pointer */
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

/** CSI node driver. @unpublished */
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

/** CSI node spec. @unpublished */
export interface CSINodeSpec {
  /** The drivers. @proto 1 @required @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  drivers: CSINodeDriver[];
}

/** CSI storage capacity. @unpublished */
export interface CSIStorageCapacity extends KubeObject {
  /** Nodes that can use it. @proto 2 @pointer */
  nodeTopology?: LabelSelector;
  /** Name of the storage class. @proto 3 @required */
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

/** Volume attachment source. @unpublished */
export interface VolumeAttachmentSource {
  /** Name of the volume. @proto 1 @pointer */
  persistentVolumeName?: string;
  /** The volume itself, when it stands in a pod. @proto 2 @pointer */
  inlineVolumeSpec?: PersistentVolumeSpec;
}

/** Volume attachment spec. @unpublished */
export interface VolumeAttachmentSpec {
  /** Name of the driver. @proto 1 @required */
  attacher: string;
  /** Which volume. @proto 2 @required */
  source: VolumeAttachmentSource;
  /** Name of the node. @proto 3 @required */
  nodeName: string;
}

/** Volume attachment status. @unpublished */
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

/** Volume attributes class. */
export interface VolumeAttributesClass extends KubeObject {
  /** Name of the driver. @proto 2 @required */
  driverName: string;
  /** Settings for the driver. @proto 3 */
  parameters?: Record<string, string>;
}

/** Volume error. @unpublished */
export interface VolumeError {
  /** When it went wrong. @proto 1 */
  time?: Time;
  /** Why, as a sentence for people. @proto 2 */
  message?: string;
  /** Code of the error. @proto 3 @pointer */
  errorCode?: Int32;
}

/** Volume node resources. @unpublished */
export interface VolumeNodeResources {
  /** How many volumes. @proto 1 @pointer */
  count?: Int32;
}
