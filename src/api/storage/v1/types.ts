/**
 * Types of the group storage, version v1.
 * @package io.k8s.api.storage.v1
 */
import type { PersistentVolumeSpec, TopologySelectorTerm } from '../../core/v1/types.ts';
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** CSI driver. */
export interface CSIDriver extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: CSIDriverSpec;
}

/** CSI driver spec. */
export interface CSIDriverSpec {
  /** Whether: attach required. @proto 1 @pointer */
  attachRequired?: boolean;
  /** Whether: pod info on mount. @proto 2 @pointer */
  podInfoOnMount?: boolean;
  /** List of volume lifecycle modes. @proto 3 @listType set */
  volumeLifecycleModes?: string[];
  /** Whether: storage capacity. @proto 4 @pointer */
  storageCapacity?: boolean;
  /** Fs group policy. @proto 5 @pointer */
  fsGroupPolicy?: string;
  /** List of token requests. @proto 6 @listType atomic */
  tokenRequests?: TokenRequest[];
  /** Whether: requires republish. @proto 7 @pointer */
  requiresRepublish?: boolean;
  /** Whether: se linux mount. @proto 8 @pointer */
  seLinuxMount?: boolean;
  /** Node allocatable update period, in seconds. @proto 9 @pointer */
  nodeAllocatableUpdatePeriodSeconds?: Int64;
  /** Whether: service account token in secrets. @proto 10 @pointer */
  serviceAccountTokenInSecrets?: boolean;
  /** Whether: prevent pod scheduling if missing. @proto 11 @pointer */
  preventPodSchedulingIfMissing?: boolean;
}

/** CSI node. */
export interface CSINode extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: CSINodeSpec;
}

/** CSI node driver. */
export interface CSINodeDriver {
  /** Name. @proto 1 @required */
  name: string;
  /** Node ID. @proto 2 @required */
  nodeID: string;
  /** List of topology keys. @proto 3 @keepEmpty @listType atomic */
  topologyKeys?: string[];
  /** Allocatable. @proto 4 @pointer */
  allocatable?: VolumeNodeResources;
}

/** CSI node spec. */
export interface CSINodeSpec {
  /** List of drivers. @proto 1 @required @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  drivers: CSINodeDriver[];
}

/** CSI storage capacity. */
export interface CSIStorageCapacity extends KubeObject {
  /** Node topology. @proto 2 @pointer */
  nodeTopology?: LabelSelector;
  /** Name of the storage class. @proto 3 @required */
  storageClassName: string;
  /** Capacity. @proto 4 @pointer */
  capacity?: Quantity;
  /** Maximum volume size. @proto 5 @pointer */
  maximumVolumeSize?: Quantity;
}

/** Storage class. */
export interface StorageClass extends KubeObject {
  /** Provisioner. @proto 2 @required */
  provisioner: string;
  /** Parameters, by key. @proto 3 */
  parameters?: Record<string, string>;
  /** Reclaim policy. @proto 4 @pointer @enum Delete|Recycle|Retain */
  reclaimPolicy?: string;
  /** List of mount options. @proto 5 @listType atomic */
  mountOptions?: string[];
  /** Whether: allow volume expansion. @proto 6 @pointer */
  allowVolumeExpansion?: boolean;
  /** Volume binding mode. @proto 7 @pointer @enum Immediate|WaitForFirstConsumer */
  volumeBindingMode?: string;
  /** List of allowed topologies. @proto 8 @listType atomic */
  allowedTopologies?: TopologySelectorTerm[];
}

/** Token request. */
export interface TokenRequest {
  /** Audience. @proto 1 @required */
  audience: string;
  /** Expiration, in seconds. @proto 2 @pointer */
  expirationSeconds?: Int64;
}

/** Volume attachment. */
export interface VolumeAttachment extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: VolumeAttachmentSpec;
  /** Status. @proto 3 */
  status?: VolumeAttachmentStatus;
}

/** Volume attachment source. */
export interface VolumeAttachmentSource {
  /** Name of the persistent volume. @proto 1 @pointer */
  persistentVolumeName?: string;
  /** Inline volume spec. @proto 2 @pointer */
  inlineVolumeSpec?: PersistentVolumeSpec;
}

/** Volume attachment spec. */
export interface VolumeAttachmentSpec {
  /** Attacher. @proto 1 @required */
  attacher: string;
  /** Source. @proto 2 @required */
  source: VolumeAttachmentSource;
  /** Name of the node. @proto 3 @required */
  nodeName: string;
}

/** Volume attachment status. */
export interface VolumeAttachmentStatus {
  /** Whether: attached. @proto 1 @required */
  attached: boolean;
  /** Attachment metadata, by key. @proto 2 */
  attachmentMetadata?: Record<string, string>;
  /** Attach error. @proto 3 @pointer */
  attachError?: VolumeError;
  /** Detach error. @proto 4 @pointer */
  detachError?: VolumeError;
}

/** Volume attributes class. */
export interface VolumeAttributesClass extends KubeObject {
  /** Name of the driver. @proto 2 @required */
  driverName: string;
  /** Parameters, by key. @proto 3 */
  parameters?: Record<string, string>;
}

/** Volume error. */
export interface VolumeError {
  /** Time. @proto 1 */
  time?: Time;
  /** Message. @proto 2 */
  message?: string;
  /** Error code. @proto 3 @pointer */
  errorCode?: Int32;
}

/** Volume node resources. */
export interface VolumeNodeResources {
  /** Count. @proto 1 @pointer */
  count?: Int32;
}
