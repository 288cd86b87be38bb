/**
 * Disks and file systems of clouds, storage clusters and networks. Persistent volumes have most of them too.
 * @package io.k8s.api.core.v1
 */
import type { Int32 } from '../../meta/v1/scalars.ts';
import type { LocalObjectReference } from './common.ts';

/** A disk of Amazon's Elastic Block Store. */
export interface AWSElasticBlockStoreVolumeSource {
  /** Identifier of the volume at the provider. @proto 1 @required */
  volumeID: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
  /** Number of the partition to mount; 0 for the whole disk. @proto 3 */
  partition?: Int32;
  /** Whether it is mounted for reading only. @proto 4 */
  readOnly?: boolean;
}

/** A data disk of the Azure cloud. */
export interface AzureDiskVolumeSource {
  /** Name of the data disk as the cloud has it. @proto 1 @required */
  diskName: string;
  /** Address of the disk. @proto 2 @required */
  diskURI: string;
  /** None, ReadOnly or ReadWrite. @proto 3 @pointer @enum None|ReadOnly|ReadWrite @default "ReadWrite" */
  cachingMode?: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 4 @pointer @default "ext4" */
  fsType?: string;
  /** Whether it is mounted for reading only. @proto 5 @pointer @default false */
  readOnly?: boolean;
  /** Name of the kind, as `Pod`. @proto 6 @pointer @enum Dedicated|Managed|Shared @default "Shared" */
  kind?: string;
}

/** A file share of the Azure cloud. */
export interface AzureFileVolumeSource {
  /** Secret with the account and key of the storage account. @proto 1 @required */
  secretName: string;
  /** Name of the file share in the storage account. @proto 2 @required */
  shareName: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
}

/** A file system of a Ceph cluster. */
export interface CephFSVolumeSource {
  /** Addresses of the Ceph monitors. @proto 1 @required @listType atomic */
  monitors: string[];
  /** Directory to mount; `/` when unset. @proto 2 */
  path?: string;
  /** Name of the user. @proto 3 */
  user?: string;
  /** Path of the file with the key. @proto 4 */
  secretFile?: string;
  /** Reference to the secret with the credentials. @proto 5 @pointer */
  secretRef?: LocalObjectReference;
  /** Whether it is mounted for reading only. @proto 6 */
  readOnly?: boolean;
}

/** A volume of OpenStack's Cinder. */
export interface CinderVolumeSource {
  /** Identifier of the volume at the provider. @proto 1 @required */
  volumeID: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
  /** Reference to the secret with the credentials. @proto 4 @pointer */
  secretRef?: LocalObjectReference;
}

/** A disk over Fibre Channel. */
export interface FCVolumeSource {
  /** Names of the targets. @proto 1 @listType atomic */
  targetWWNs?: string[];
  /** Number of the disk at the target. @proto 2 @pointer */
  lun?: Int32;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 3 */
  fsType?: string;
  /** Whether it is mounted for reading only. @proto 4 */
  readOnly?: boolean;
  /** Identifiers of the disk. @proto 5 @listType atomic */
  wwids?: string[];
}

/** A volume of an exec-based driver; deprecated. */
export interface FlexVolumeSource {
  /** Name of the driver. @proto 1 @required */
  driver: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
  /** Reference to the secret with the credentials. @proto 3 @pointer */
  secretRef?: LocalObjectReference;
  /** Whether it is mounted for reading only. @proto 4 */
  readOnly?: boolean;
  /** Settings for the driver. @proto 5 */
  options?: Record<string, string>;
}

/** A dataset of Flocker; no longer supported. */
export interface FlockerVolumeSource {
  /** What Flocker calls the dataset; its identifier is better. @proto 1 */
  datasetName?: string;
  /** Identifier of the dataset. @proto 2 */
  datasetUUID?: string;
}

/** A disk of Google's cloud. */
export interface GCEPersistentDiskVolumeSource {
  /** Name of the disk. @proto 1 @required */
  pdName: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
  /** Number of the partition to mount; 0 for the whole disk. @proto 3 */
  partition?: Int32;
  /** Whether it is mounted for reading only. @proto 4 */
  readOnly?: boolean;
}

/** A Git repository, checked out; no longer supported. */
export interface GitRepoVolumeSource {
  /** Address of the repository. @proto 1 @required */
  repository: string;
  /** Commit to take. @proto 2 */
  revision?: string;
  /** Directory to put it in. @proto 3 */
  directory?: string;
}

/** A volume of Gluster; no longer supported. */
export interface GlusterfsVolumeSource {
  /** Name of the Endpoints with the servers. @proto 1 @required */
  endpoints: string;
  /** Name of the volume. @proto 2 @required */
  path: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
}

/** A disk over iSCSI. */
export interface ISCSIVolumeSource {
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
  secretRef?: LocalObjectReference;
  /** What the node calls itself to the target; a name made for the volume when empty. @proto 12 @pointer */
  initiatorName?: string;
}

/** A folder of an NFS server. */
export interface NFSVolumeSource {
  /** Name or address of the server. @proto 1 @required */
  server: string;
  /** Path that the server exports. @proto 2 @required */
  path: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
}

/** A disk of a Photon controller; no longer supported. */
export interface PhotonPersistentDiskVolumeSource {
  /** Identifier of the disk. @proto 1 @required */
  pdID: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
}

/** A volume of a Portworx cluster. */
export interface PortworxVolumeSource {
  /** Identifier of the volume at the provider. @proto 1 @required */
  volumeID: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
}

/** A volume of Quobyte; no longer supported. */
export interface QuobyteVolumeSource {
  /** Addresses of the registry. @proto 1 @required */
  registry: string;
  /** Name of the volume. @proto 2 @required */
  volume: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
  /** Name of the user. @proto 4 */
  user?: string;
  /** Group of the user. @proto 5 */
  group?: string;
  /** Tenant that it belongs to. @proto 6 */
  tenant?: string;
}

/** A block device of a Ceph cluster. */
export interface RBDVolumeSource {
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
  secretRef?: LocalObjectReference;
  /** Whether it is mounted for reading only. @proto 8 */
  readOnly?: boolean;
}

/** A volume of ScaleIO; no longer supported. */
export interface ScaleIOVolumeSource {
  /** Address of the gateway. @proto 1 @required */
  gateway: string;
  /** Name of the storage system. @proto 2 @required */
  system: string;
  /** Reference to the secret with the credentials. @proto 3 @required @pointer */
  secretRef: LocalObjectReference;
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
export interface StorageOSVolumeSource {
  /** What StorageOS calls the volume, unique in its namespace. @proto 1 */
  volumeName?: string;
  /** The namespace of StorageOS that the volume is in; the pod's when empty. @proto 2 */
  volumeNamespace?: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 3 */
  fsType?: string;
  /** Whether it is mounted for reading only. @proto 4 */
  readOnly?: boolean;
  /** Reference to the secret with the credentials. @proto 5 @pointer */
  secretRef?: LocalObjectReference;
}

/** A disk of vSphere. */
export interface VsphereVirtualDiskVolumeSource {
  /** Path of the disk. @proto 1 @required */
  volumePath: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
  /** The profile of vSphere's storage policies that is used. @proto 3 */
  storagePolicyName?: string;
  /** Identifier of the storage policy. @proto 4 */
  storagePolicyID?: string;
}
