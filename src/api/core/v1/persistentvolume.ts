/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector, ObjectMeta } from '../../meta/v1/types.ts';
import type { NodeSelector, ObjectReference, SecretReference, TypedLocalObjectReference, TypedObjectReference, VolumeResourceRequirements } from './common.ts';
import type { AWSElasticBlockStoreVolumeSource, AzureDiskVolumeSource, FCVolumeSource, FlockerVolumeSource, GCEPersistentDiskVolumeSource, HostPathVolumeSource, NFSVolumeSource, PhotonPersistentDiskVolumeSource, PortworxVolumeSource, QuobyteVolumeSource, VsphereVirtualDiskVolumeSource } from './volume.ts';

/** Azure file persistent volume source. */
export interface AzureFilePersistentVolumeSource {
  /** Name of the secret. @proto 1 @required */
  secretName: string;
  /** Name of the share. @proto 2 @required */
  shareName: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
  /** Secret namespace. @proto 4 @pointer @keepEmpty */
  secretNamespace?: string;
}

/** CSI persistent volume source. */
export interface CSIPersistentVolumeSource {
  /** Driver. @proto 1 @required */
  driver: string;
  /** Volume handle. @proto 2 @required */
  volumeHandle: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
  /** Fs type. @proto 4 */
  fsType?: string;
  /** Volume attributes, by key. @proto 5 */
  volumeAttributes?: Record<string, string>;
  /** Reference to the controller publish secret. @proto 6 @pointer */
  controllerPublishSecretRef?: SecretReference;
  /** Reference to the node stage secret. @proto 7 @pointer */
  nodeStageSecretRef?: SecretReference;
  /** Reference to the node publish secret. @proto 8 @pointer */
  nodePublishSecretRef?: SecretReference;
  /** Reference to the controller expand secret. @proto 9 @pointer */
  controllerExpandSecretRef?: SecretReference;
  /** Reference to the node expand secret. @proto 10 @pointer */
  nodeExpandSecretRef?: SecretReference;
}

/** Ceph FS persistent volume source. */
export interface CephFSPersistentVolumeSource {
  /** List of monitors. @proto 1 @required @listType atomic */
  monitors: string[];
  /** Path. @proto 2 */
  path?: string;
  /** User. @proto 3 */
  user?: string;
  /** Secret file. @proto 4 */
  secretFile?: string;
  /** Reference to the secret. @proto 5 @pointer */
  secretRef?: SecretReference;
  /** Whether: read only. @proto 6 */
  readOnly?: boolean;
}

/** Cinder persistent volume source. */
export interface CinderPersistentVolumeSource {
  /** Volume ID. @proto 1 @required */
  volumeID: string;
  /** Fs type. @proto 2 */
  fsType?: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
  /** Reference to the secret. @proto 4 @pointer */
  secretRef?: SecretReference;
}

/** Flex persistent volume source. */
export interface FlexPersistentVolumeSource {
  /** Driver. @proto 1 @required */
  driver: string;
  /** Fs type. @proto 2 */
  fsType?: string;
  /** Reference to the secret. @proto 3 @pointer */
  secretRef?: SecretReference;
  /** Whether: read only. @proto 4 */
  readOnly?: boolean;
  /** Options, by key. @proto 5 */
  options?: Record<string, string>;
}

/** Glusterfs persistent volume source. */
export interface GlusterfsPersistentVolumeSource {
  /** Endpoints. @proto 1 @required */
  endpoints: string;
  /** Path. @proto 2 @required */
  path: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
  /** Endpoints namespace. @proto 4 @pointer */
  endpointsNamespace?: string;
}

/** ISCSI persistent volume source. */
export interface ISCSIPersistentVolumeSource {
  /** Target portal. @proto 1 @required */
  targetPortal: string;
  /** Iqn. @proto 2 @required */
  iqn: string;
  /** Lun. @proto 3 @required */
  lun: Int32;
  /** Iscsi interface. @proto 4 @default "default" */
  iscsiInterface?: string;
  /** Fs type. @proto 5 */
  fsType?: string;
  /** Whether: read only. @proto 6 */
  readOnly?: boolean;
  /** List of portals. @proto 7 @listType atomic */
  portals?: string[];
  /** Whether: chap auth discovery. @proto 8 */
  chapAuthDiscovery?: boolean;
  /** Whether: chap auth session. @proto 11 */
  chapAuthSession?: boolean;
  /** Reference to the secret. @proto 10 @pointer */
  secretRef?: SecretReference;
  /** Name of the initiator. @proto 12 @pointer */
  initiatorName?: string;
}

/** Local volume source. */
export interface LocalVolumeSource {
  /** Path. @proto 1 @required */
  path: string;
  /** Fs type. @proto 2 @pointer */
  fsType?: string;
}

/** Modify volume status. */
export interface ModifyVolumeStatus {
  /** Name of the target volume attributes class. @proto 1 */
  targetVolumeAttributesClassName?: string;
  /** Status. @proto 2 @required @enum InProgress|Infeasible|Pending */
  status: string;
}

/** Persistent volume. */
export interface PersistentVolume extends KubeObject {
  /** Spec. @proto 2 */
  spec?: PersistentVolumeSpec;
  /** Status. @proto 3 */
  status?: PersistentVolumeStatus;
}

/** Persistent volume claim. */
export interface PersistentVolumeClaim extends KubeObject {
  /** Spec. @proto 2 */
  spec?: PersistentVolumeClaimSpec;
  /** Status. @proto 3 */
  status?: PersistentVolumeClaimStatus;
}

/** Persistent volume claim condition. */
export interface PersistentVolumeClaimCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last probe time. @proto 3 */
  lastProbeTime?: Time;
  /** When: last transition time. @proto 4 */
  lastTransitionTime?: Time;
  /** Reason. @proto 5 */
  reason?: string;
  /** Message. @proto 6 */
  message?: string;
}

/** Persistent volume claim spec. */
export interface PersistentVolumeClaimSpec {
  /** List of access modes. @proto 1 @listType atomic @enum ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod */
  accessModes?: string[];
  /** Selector. @proto 4 @pointer */
  selector?: LabelSelector;
  /** Resources. @proto 2 */
  resources?: VolumeResourceRequirements;
  /** Name of the volume. @proto 3 */
  volumeName?: string;
  /** Name of the storage class. @proto 5 @pointer */
  storageClassName?: string;
  /** Volume mode. @proto 6 @pointer @enum Block|Filesystem */
  volumeMode?: string;
  /** Data source. @proto 7 @pointer */
  dataSource?: TypedLocalObjectReference;
  /** Reference to the data source. @proto 8 @pointer */
  dataSourceRef?: TypedObjectReference;
  /** Name of the volume attributes class. @proto 9 @pointer */
  volumeAttributesClassName?: string;
}

/** Persistent volume claim status. */
export interface PersistentVolumeClaimStatus {
  /** Phase. @proto 1 @enum Bound|Lost|Pending */
  phase?: string;
  /** List of access modes. @proto 2 @listType atomic @enum ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod */
  accessModes?: string[];
  /** Capacity, by key. @proto 3 */
  capacity?: Record<string, Quantity>;
  /** List of conditions. @proto 4 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: PersistentVolumeClaimCondition[];
  /** Allocated resources, by key. @proto 5 */
  allocatedResources?: Record<string, Quantity>;
  /** Allocated resource statuses, by key. @proto 7 @mapType granular @enum ControllerResizeInProgress|ControllerResizeInfeasible|NodeResizeInProgress|NodeResizeInfeasible|NodeResizePending */
  allocatedResourceStatuses?: Record<string, string>;
  /** Name of the current volume attributes class. @proto 8 @pointer */
  currentVolumeAttributesClassName?: string;
  /** Modify volume status. @proto 9 @pointer */
  modifyVolumeStatus?: ModifyVolumeStatus;
}

/** Persistent volume claim template. */
export interface PersistentVolumeClaimTemplate {
  /** Metadata. @proto 1 */
  metadata?: ObjectMeta;
  /** Spec. @proto 2 @required */
  spec: PersistentVolumeClaimSpec;
}

/** Persistent volume source. @unpublished */
export interface PersistentVolumeSource {
  /** Gce persistent disk. @proto 1 @pointer */
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** Aws elastic block store. @proto 2 @pointer */
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** Host path. @proto 3 @pointer */
  hostPath?: HostPathVolumeSource;
  /** Glusterfs. @proto 4 @pointer */
  glusterfs?: GlusterfsPersistentVolumeSource;
  /** Nfs. @proto 5 @pointer */
  nfs?: NFSVolumeSource;
  /** Rbd. @proto 6 @pointer */
  rbd?: RBDPersistentVolumeSource;
  /** Iscsi. @proto 7 @pointer */
  iscsi?: ISCSIPersistentVolumeSource;
  /** Cinder. @proto 8 @pointer */
  cinder?: CinderPersistentVolumeSource;
  /** Cephfs. @proto 9 @pointer */
  cephfs?: CephFSPersistentVolumeSource;
  /** Fc. @proto 10 @pointer */
  fc?: FCVolumeSource;
  /** Flocker. @proto 11 @pointer */
  flocker?: FlockerVolumeSource;
  /** Flex volume. @proto 12 @pointer */
  flexVolume?: FlexPersistentVolumeSource;
  /** Azure file. @proto 13 @pointer */
  azureFile?: AzureFilePersistentVolumeSource;
  /** Vsphere volume. @proto 14 @pointer */
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  /** Quobyte. @proto 15 @pointer */
  quobyte?: QuobyteVolumeSource;
  /** Azure disk. @proto 16 @pointer */
  azureDisk?: AzureDiskVolumeSource;
  /** Photon persistent disk. @proto 17 @pointer */
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Portworx volume. @proto 18 @pointer */
  portworxVolume?: PortworxVolumeSource;
  /** Scale IO. @proto 19 @pointer */
  scaleIO?: ScaleIOPersistentVolumeSource;
  /** Local. @proto 20 @pointer */
  local?: LocalVolumeSource;
  /** Storageos. @proto 21 @pointer */
  storageos?: StorageOSPersistentVolumeSource;
  /** Csi. @proto 22 @pointer */
  csi?: CSIPersistentVolumeSource;
}

/** Persistent volume spec. @inlines PersistentVolumeSource:2 */
export interface PersistentVolumeSpec {
  /** Capacity, by key. @proto 1 */
  capacity?: Record<string, Quantity>;
  /** Gce persistent disk. @proto 1 @via 2 @pointer */
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** Aws elastic block store. @proto 2 @via 2 @pointer */
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** Host path. @proto 3 @via 2 @pointer */
  hostPath?: HostPathVolumeSource;
  /** Glusterfs. @proto 4 @via 2 @pointer */
  glusterfs?: GlusterfsPersistentVolumeSource;
  /** Nfs. @proto 5 @via 2 @pointer */
  nfs?: NFSVolumeSource;
  /** Rbd. @proto 6 @via 2 @pointer */
  rbd?: RBDPersistentVolumeSource;
  /** Iscsi. @proto 7 @via 2 @pointer */
  iscsi?: ISCSIPersistentVolumeSource;
  /** Cinder. @proto 8 @via 2 @pointer */
  cinder?: CinderPersistentVolumeSource;
  /** Cephfs. @proto 9 @via 2 @pointer */
  cephfs?: CephFSPersistentVolumeSource;
  /** Fc. @proto 10 @via 2 @pointer */
  fc?: FCVolumeSource;
  /** Flocker. @proto 11 @via 2 @pointer */
  flocker?: FlockerVolumeSource;
  /** Flex volume. @proto 12 @via 2 @pointer */
  flexVolume?: FlexPersistentVolumeSource;
  /** Azure file. @proto 13 @via 2 @pointer */
  azureFile?: AzureFilePersistentVolumeSource;
  /** Vsphere volume. @proto 14 @via 2 @pointer */
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  /** Quobyte. @proto 15 @via 2 @pointer */
  quobyte?: QuobyteVolumeSource;
  /** Azure disk. @proto 16 @via 2 @pointer */
  azureDisk?: AzureDiskVolumeSource;
  /** Photon persistent disk. @proto 17 @via 2 @pointer */
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Portworx volume. @proto 18 @via 2 @pointer */
  portworxVolume?: PortworxVolumeSource;
  /** Scale IO. @proto 19 @via 2 @pointer */
  scaleIO?: ScaleIOPersistentVolumeSource;
  /** Local. @proto 20 @via 2 @pointer */
  local?: LocalVolumeSource;
  /** Storageos. @proto 21 @via 2 @pointer */
  storageos?: StorageOSPersistentVolumeSource;
  /** Csi. @proto 22 @via 2 @pointer */
  csi?: CSIPersistentVolumeSource;
  /** List of access modes. @proto 3 @listType atomic @enum ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod */
  accessModes?: string[];
  /** Reference to the claim. @proto 4 @pointer @mapType granular */
  claimRef?: ObjectReference;
  /** Persistent volume reclaim policy. @proto 5 @enum Delete|Recycle|Retain */
  persistentVolumeReclaimPolicy?: string;
  /** Name of the storage class. @proto 6 */
  storageClassName?: string;
  /** List of mount options. @proto 7 @listType atomic */
  mountOptions?: string[];
  /** Volume mode. @proto 8 @pointer @enum Block|Filesystem */
  volumeMode?: string;
  /** Node affinity. @proto 9 @pointer */
  nodeAffinity?: VolumeNodeAffinity;
  /** Name of the volume attributes class. @proto 10 @pointer */
  volumeAttributesClassName?: string;
}

/** Persistent volume status. */
export interface PersistentVolumeStatus {
  /** Phase. @proto 1 @enum Available|Bound|Failed|Pending|Released */
  phase?: string;
  /** Message. @proto 2 */
  message?: string;
  /** Reason. @proto 3 */
  reason?: string;
  /** When: last phase transition time. @proto 4 @pointer */
  lastPhaseTransitionTime?: Time;
}

/** RBD persistent volume source. */
export interface RBDPersistentVolumeSource {
  /** List of monitors. @proto 1 @required @listType atomic */
  monitors: string[];
  /** Image. @proto 2 @required */
  image: string;
  /** Fs type. @proto 3 */
  fsType?: string;
  /** Pool. @proto 4 @default "rbd" */
  pool?: string;
  /** User. @proto 5 @default "admin" */
  user?: string;
  /** Keyring. @proto 6 @default "/etc/ceph/keyring" */
  keyring?: string;
  /** Reference to the secret. @proto 7 @pointer */
  secretRef?: SecretReference;
  /** Whether: read only. @proto 8 */
  readOnly?: boolean;
}

/** Scale IO persistent volume source. */
export interface ScaleIOPersistentVolumeSource {
  /** Gateway. @proto 1 @required */
  gateway: string;
  /** System. @proto 2 @required */
  system: string;
  /** Reference to the secret. @proto 3 @required @pointer */
  secretRef: SecretReference;
  /** Whether: ssl enabled. @proto 4 */
  sslEnabled?: boolean;
  /** Protection domain. @proto 5 */
  protectionDomain?: string;
  /** Storage pool. @proto 6 */
  storagePool?: string;
  /** Storage mode. @proto 7 @default "ThinProvisioned" */
  storageMode?: string;
  /** Name of the volume. @proto 8 */
  volumeName?: string;
  /** Fs type. @proto 9 @default "xfs" */
  fsType?: string;
  /** Whether: read only. @proto 10 */
  readOnly?: boolean;
}

/** Storage OS persistent volume source. */
export interface StorageOSPersistentVolumeSource {
  /** Name of the volume. @proto 1 */
  volumeName?: string;
  /** Volume namespace. @proto 2 */
  volumeNamespace?: string;
  /** Fs type. @proto 3 */
  fsType?: string;
  /** Whether: read only. @proto 4 */
  readOnly?: boolean;
  /** Reference to the secret. @proto 5 @pointer */
  secretRef?: ObjectReference;
}

/** Volume node affinity. */
export interface VolumeNodeAffinity {
  /** Required. @proto 1 @pointer */
  required?: NodeSelector;
}
