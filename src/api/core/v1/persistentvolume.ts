/**
 * Persistent volumes and claims.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';
import type { PersistentVolumeClaimSpec } from './claim.ts';
import type { NodeSelector, ObjectReference, SecretReference } from './common.ts';
import type { AWSElasticBlockStoreVolumeSource, AzureDiskVolumeSource, FCVolumeSource, FlockerVolumeSource, GCEPersistentDiskVolumeSource, NFSVolumeSource, PhotonPersistentDiskVolumeSource, PortworxVolumeSource, QuobyteVolumeSource, VsphereVirtualDiskVolumeSource } from './volume-storage.ts';
import type { HostPathVolumeSource } from './volume.ts';

/** A file share of the Azure cloud. */
export interface AzureFilePersistentVolumeSource {
  /** Secret with the account and key of the storage account. @proto 1 @required */
  secretName: string;
  /** Name of the file share in the storage account. @proto 2 @required */
  shareName: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
  /** Where that secret is; the namespace of the claim when empty. @proto 4 @pointer @keepEmpty */
  secretNamespace?: string;
}

/** A volume that a storage driver keeps. */
export interface CSIPersistentVolumeSource {
  /** Name of the driver. @proto 1 @required */
  driver: string;
  /** Identifier of the volume at the driver. @proto 2 @required */
  volumeHandle: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 4 */
  fsType?: string;
  /** Settings for the driver. @proto 5 */
  volumeAttributes?: Record<string, string>;
  /** Reference to the secret that the driver needs for attaching. @proto 6 @pointer */
  controllerPublishSecretRef?: SecretReference;
  /** Reference to the secret that the driver needs for preparing. @proto 7 @pointer */
  nodeStageSecretRef?: SecretReference;
  /** Reference to the secret that the driver needs for mounting. @proto 8 @pointer */
  nodePublishSecretRef?: SecretReference;
  /** Reference to the secret that the driver needs for growing. @proto 9 @pointer */
  controllerExpandSecretRef?: SecretReference;
  /** Reference to the secret that the driver needs for growing on the node. @proto 10 @pointer */
  nodeExpandSecretRef?: SecretReference;
}

/** A file system of a Ceph cluster. */
export interface CephFSPersistentVolumeSource {
  /** Addresses of the Ceph monitors. @proto 1 @required @listType atomic */
  monitors: string[];
  /** Directory to mount; `/` when unset. @proto 2 */
  path?: string;
  /** Name of the user. @proto 3 */
  user?: string;
  /** Path of the file with the key. @proto 4 */
  secretFile?: string;
  /** Reference to the secret with the credentials. @proto 5 @pointer */
  secretRef?: SecretReference;
  /** Whether it is mounted for reading only. @proto 6 */
  readOnly?: boolean;
}

/** A volume of OpenStack's Cinder. */
export interface CinderPersistentVolumeSource {
  /** Identifier of the volume at the provider. @proto 1 @required */
  volumeID: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
  /** Reference to the secret with the credentials. @proto 4 @pointer */
  secretRef?: SecretReference;
}

/** A volume of an exec-based driver; deprecated. */
export interface FlexPersistentVolumeSource {
  /** Name of the driver. @proto 1 @required */
  driver: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
  /** Reference to the secret with the credentials. @proto 3 @pointer */
  secretRef?: SecretReference;
  /** Whether it is mounted for reading only. @proto 4 */
  readOnly?: boolean;
  /** Settings for the driver. @proto 5 */
  options?: Record<string, string>;
}

/** A volume of Gluster; no longer supported. */
export interface GlusterfsPersistentVolumeSource {
  /** Name of the Endpoints with the servers. @proto 1 @required */
  endpoints: string;
  /** Name of the volume. @proto 2 @required */
  path: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
  /** Where the Endpoints object is; the namespace of the claim when empty. @proto 4 @pointer */
  endpointsNamespace?: string;
}

/** A disk over iSCSI. */
export interface ISCSIPersistentVolumeSource {
  /** Address of the target, with a port if it is not 3260. @proto 1 @required */
  targetPortal: string;
  /** Name of the target. @proto 2 @required */
  iqn: string;
  /** Number of the disk at the target. @proto 3 @required */
  lun: Int32;
  /** Interface to use; `default` is TCP. @proto 4 @default "default" */
  iscsiInterface?: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 5 */
  fsType?: string;
  /** Whether it is mounted for reading only. @proto 6 */
  readOnly?: boolean;
  /** More addresses of the target. @proto 7 @listType atomic */
  portals?: string[];
  /** Whether discovery needs credentials. @proto 8 */
  chapAuthDiscovery?: boolean;
  /** Whether sessions need credentials. @proto 11 */
  chapAuthSession?: boolean;
  /** Reference to the secret with the credentials. @proto 10 @pointer */
  secretRef?: SecretReference;
  /** What the node calls itself to the target; a name made for the volume when empty. @proto 12 @pointer */
  initiatorName?: string;
}

/** A disk or folder of one node. */
export interface LocalVolumeSource {
  /** Path on the node. @proto 1 @required */
  path: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 @pointer */
  fsType?: string;
}

/** How a modify volume is doing, as the system has found it. */
export interface ModifyVolumeStatus {
  /** Class that the volume is being changed to. @proto 1 */
  targetVolumeAttributesClassName?: string;
  /** Pending, InProgress or Infeasible. @proto 2 @required @enum InProgress|Infeasible|Pending */
  status: string;
}

/** A piece of storage of the cluster. */
export interface PersistentVolume extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: PersistentVolumeSpec;
  /** What is: written by the system. @proto 3 */
  status?: PersistentVolumeStatus;
}

/** A wish for storage, and the volume that fulfils it. */
export interface PersistentVolumeClaim extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: PersistentVolumeClaimSpec;
  /** What is: written by the system. @proto 3 */
  status?: PersistentVolumeClaimStatus;
}

/** A remark about the state of a persistent volume claim. */
export interface PersistentVolumeClaimCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the condition was last looked at. @proto 3 */
  lastProbeTime?: Time | null;
  /** When the status last changed from one value to another. @proto 4 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 5 */
  reason?: string;
  /** Why, as a sentence for people. @proto 6 */
  message?: string;
}

/** How a persistent volume claim is doing, as the system has found it. */
export interface PersistentVolumeClaimStatus {
  /** Pending, Bound or Lost. @proto 1 @enum Bound|Lost|Pending */
  phase?: string;
  /** How it may be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod. @proto 2 @listType atomic @enum ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod */
  accessModes?: string[];
  /** Size of the volume. @proto 3 */
  capacity?: Record<string, Quantity>;
  /** Remarks about the state, one a type. @proto 4 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: PersistentVolumeClaimCondition[];
  /** Resources that have been given out. @proto 5 */
  allocatedResources?: Record<string, Quantity>;
  /** How a change of size is going. @proto 7 @mapType granular @enum ControllerResizeInProgress|ControllerResizeInfeasible|NodeResizeInProgress|NodeResizeInfeasible|NodeResizePending */
  allocatedResourceStatuses?: Record<string, string>;
  /** Class that the volume has. @proto 8 @pointer */
  currentVolumeAttributesClassName?: string;
  /** How a change of the class is going. @proto 9 @pointer */
  modifyVolumeStatus?: ModifyVolumeStatus;
}

/** Where a volume is kept: one of these. @unpublished */
export interface PersistentVolumeSource {
  /** A disk of Google Compute Engine. @proto 1 @pointer */
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** A disk of AWS. @proto 2 @pointer */
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** A file or directory of the node. @proto 3 @pointer */
  hostPath?: HostPathVolumeSource;
  /** A Glusterfs volume. @proto 4 @pointer */
  glusterfs?: GlusterfsPersistentVolumeSource;
  /** A directory of an NFS server. @proto 5 @pointer */
  nfs?: NFSVolumeSource;
  /** A block device of Ceph. @proto 6 @pointer */
  rbd?: RBDPersistentVolumeSource;
  /** A disk by iSCSI. @proto 7 @pointer */
  iscsi?: ISCSIPersistentVolumeSource;
  /** A volume of OpenStack's Cinder. @proto 8 @pointer */
  cinder?: CinderPersistentVolumeSource;
  /** A directory of a CephFS. @proto 9 @pointer */
  cephfs?: CephFSPersistentVolumeSource;
  /** A disk by Fibre Channel. @proto 10 @pointer */
  fc?: FCVolumeSource;
  /** A volume of Flocker. @proto 11 @pointer */
  flocker?: FlockerVolumeSource;
  /** A volume of a FlexVolume driver. @proto 12 @pointer */
  flexVolume?: FlexPersistentVolumeSource;
  /** A share of Azure Files. @proto 13 @pointer */
  azureFile?: AzureFilePersistentVolumeSource;
  /** A disk of vSphere. @proto 14 @pointer */
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  /** A Quobyte volume. @proto 15 @pointer */
  quobyte?: QuobyteVolumeSource;
  /** A data disk of the Azure cloud. @proto 16 @pointer */
  azureDisk?: AzureDiskVolumeSource;
  /** A disk of a Photon controller; no longer supported. @proto 17 @pointer */
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Storage from a Portworx cluster. @proto 18 @pointer */
  portworxVolume?: PortworxVolumeSource;
  /** A volume of ScaleIO. @proto 19 @pointer */
  scaleIO?: ScaleIOPersistentVolumeSource;
  /** A disk or directory of one node. @proto 20 @pointer */
  local?: LocalVolumeSource;
  /** A volume of StorageOS. @proto 21 @pointer */
  storageos?: StorageOSPersistentVolumeSource;
  /** A volume of a CSI driver. @proto 22 @pointer */
  csi?: CSIPersistentVolumeSource;
}

/** What is wanted of a persistent volume. */
export interface PersistentVolumeSpec {
  /** Size of the volume. @proto 1 */
  capacity?: Record<string, Quantity>;
  /** A disk of Google Compute Engine. @proto 1 @via 2 @pointer */
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** A disk of AWS. @proto 2 @via 2 @pointer */
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** A file or directory of the node. @proto 3 @via 2 @pointer */
  hostPath?: HostPathVolumeSource;
  /** A Glusterfs volume. @proto 4 @via 2 @pointer */
  glusterfs?: GlusterfsPersistentVolumeSource;
  /** A directory of an NFS server. @proto 5 @via 2 @pointer */
  nfs?: NFSVolumeSource;
  /** A block device of Ceph. @proto 6 @via 2 @pointer */
  rbd?: RBDPersistentVolumeSource;
  /** A disk by iSCSI. @proto 7 @via 2 @pointer */
  iscsi?: ISCSIPersistentVolumeSource;
  /** A volume of OpenStack's Cinder. @proto 8 @via 2 @pointer */
  cinder?: CinderPersistentVolumeSource;
  /** A directory of a CephFS. @proto 9 @via 2 @pointer */
  cephfs?: CephFSPersistentVolumeSource;
  /** A disk by Fibre Channel. @proto 10 @via 2 @pointer */
  fc?: FCVolumeSource;
  /** A volume of Flocker. @proto 11 @via 2 @pointer */
  flocker?: FlockerVolumeSource;
  /** A volume of a FlexVolume driver. @proto 12 @via 2 @pointer */
  flexVolume?: FlexPersistentVolumeSource;
  /** A share of Azure Files. @proto 13 @via 2 @pointer */
  azureFile?: AzureFilePersistentVolumeSource;
  /** A disk of vSphere. @proto 14 @via 2 @pointer */
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  /** A Quobyte volume. @proto 15 @via 2 @pointer */
  quobyte?: QuobyteVolumeSource;
  /** A data disk of the Azure cloud. @proto 16 @via 2 @pointer */
  azureDisk?: AzureDiskVolumeSource;
  /** A disk of a Photon controller; no longer supported. @proto 17 @via 2 @pointer */
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Storage from a Portworx cluster. @proto 18 @via 2 @pointer */
  portworxVolume?: PortworxVolumeSource;
  /** A volume of ScaleIO. @proto 19 @via 2 @pointer */
  scaleIO?: ScaleIOPersistentVolumeSource;
  /** A disk or directory of one node. @proto 20 @via 2 @pointer */
  local?: LocalVolumeSource;
  /** A volume of StorageOS. @proto 21 @via 2 @pointer */
  storageos?: StorageOSPersistentVolumeSource;
  /** A volume of a CSI driver. @proto 22 @via 2 @pointer */
  csi?: CSIPersistentVolumeSource;
  /** How it may be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod. @proto 3 @listType atomic @enum ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod */
  accessModes?: string[];
  /** The claim that it is bound to. @proto 4 @pointer @mapType granular */
  claimRef?: ObjectReference;
  /** What happens when the claim goes: Retain, Delete or Recycle. @proto 5 @enum Delete|Recycle|Retain */
  persistentVolumeReclaimPolicy?: string;
  /** The class that the volume belongs to; only claims of that class get it. @proto 6 */
  storageClassName?: string;
  /** Options for mounting. @proto 7 @listType atomic */
  mountOptions?: string[];
  /** Filesystem or Block. @proto 8 @pointer @enum Block|Filesystem */
  volumeMode?: string;
  /** Nodes that can use it. @proto 9 @pointer */
  nodeAffinity?: VolumeNodeAffinity;
  /** The class whose settings the volume has, or is to get; may be changed later. @proto 10 @pointer */
  volumeAttributesClassName?: string;
}

/** How a persistent volume is doing, as the system has found it. */
export interface PersistentVolumeStatus {
  /** Pending, Available, Bound, Released or Failed. @proto 1 @enum Available|Bound|Failed|Pending|Released */
  phase?: string;
  /** Why, as a sentence for people. @proto 2 */
  message?: string;
  /** Why, as one word for programs. @proto 3 */
  reason?: string;
  /** When the phase last changed. @proto 4 @pointer */
  lastPhaseTransitionTime?: Time;
}

/** A block device of a Ceph cluster. */
export interface RBDPersistentVolumeSource {
  /** Addresses of the Ceph monitors. @proto 1 @required @listType atomic */
  monitors: string[];
  /** Name of the image. @proto 2 @required */
  image: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 3 */
  fsType?: string;
  /** Name of the pool. @proto 4 @default "rbd" */
  pool?: string;
  /** Name of the user. @proto 5 @default "admin" */
  user?: string;
  /** Path of the key ring of the user. @proto 6 @default "/etc/ceph/keyring" */
  keyring?: string;
  /** Reference to the secret with the credentials. @proto 7 @pointer */
  secretRef?: SecretReference;
  /** Whether it is mounted for reading only. @proto 8 */
  readOnly?: boolean;
}

/** A volume of ScaleIO; no longer supported. */
export interface ScaleIOPersistentVolumeSource {
  /** Address of the gateway. @proto 1 @required */
  gateway: string;
  /** Name of the storage system. @proto 2 @required */
  system: string;
  /** Reference to the secret with the credentials. @proto 3 @required @pointer */
  secretRef: SecretReference;
  /** Whether to use TLS. @proto 4 */
  sslEnabled?: boolean;
  /** Name of the protection domain. @proto 5 */
  protectionDomain?: string;
  /** Name of the storage pool. @proto 6 */
  storagePool?: string;
  /** ThickProvisioned or ThinProvisioned. @proto 7 @default "ThinProvisioned" */
  storageMode?: string;
  /** What ScaleIO calls the volume. @proto 8 */
  volumeName?: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 9 @default "xfs" */
  fsType?: string;
  /** Whether it is mounted for reading only. @proto 10 */
  readOnly?: boolean;
}

/** A volume of StorageOS; no longer supported. */
export interface StorageOSPersistentVolumeSource {
  /** What StorageOS calls the volume, unique in its namespace. @proto 1 */
  volumeName?: string;
  /** The namespace of StorageOS that the volume is in; the pod's when empty. @proto 2 */
  volumeNamespace?: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 3 */
  fsType?: string;
  /** Whether it is mounted for reading only. @proto 4 */
  readOnly?: boolean;
  /** Reference to the secret with the credentials. @proto 5 @pointer */
  secretRef?: ObjectReference;
}

/** Which nodes can reach a volume. */
export interface VolumeNodeAffinity {
  /** Which nodes. @proto 1 @pointer */
  required?: NodeSelector;
}
