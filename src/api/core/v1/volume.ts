/**
 * Volumes of pods.
 * @package io.k8s.api.core.v1
 */
import type { Quantity } from '../../meta/v1/scalars.ts';
import type { PersistentVolumeClaimTemplate } from './claim.ts';
import type { LocalObjectReference } from './common.ts';
import type { ConfigMapVolumeSource, DownwardAPIVolumeSource, ProjectedVolumeSource, SecretVolumeSource } from './volume-files.ts';
import type { AWSElasticBlockStoreVolumeSource, AzureDiskVolumeSource, AzureFileVolumeSource, CephFSVolumeSource, CinderVolumeSource, FCVolumeSource, FlexVolumeSource, FlockerVolumeSource, GCEPersistentDiskVolumeSource, GitRepoVolumeSource, GlusterfsVolumeSource, ISCSIVolumeSource, NFSVolumeSource, PhotonPersistentDiskVolumeSource, PortworxVolumeSource, QuobyteVolumeSource, RBDVolumeSource, ScaleIOVolumeSource, StorageOSVolumeSource, VsphereVirtualDiskVolumeSource } from './volume-storage.ts';

/** A volume that a storage driver makes for one pod. */
export interface CSIVolumeSource {
  /** Name of the driver. @proto 1 @required */
  driver: string;
  /** Whether it is mounted for reading only. @proto 2 @pointer */
  readOnly?: boolean;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 3 @pointer */
  fsType?: string;
  /** Settings for the driver. @proto 4 */
  volumeAttributes?: Record<string, string>;
  /** Reference to the secret that the driver needs for mounting. @proto 5 @pointer */
  nodePublishSecretRef?: LocalObjectReference;
}

/** An empty folder that lives as long as the pod. */
export interface EmptyDirVolumeSource {
  /** Where it is: empty for the node's disk, Memory for its memory, HugePages for huge pages. @proto 1 */
  medium?: string;
  /** The most it may hold. @proto 2 @pointer */
  sizeLimit?: Quantity;
}

/** A claim that is made for the pod and goes with it. */
export interface EphemeralVolumeSource {
  /** The claim to make. @proto 1 @pointer */
  volumeClaimTemplate?: PersistentVolumeClaimTemplate;
}

/** A file or folder of the node. */
export interface HostPathVolumeSource {
  /** Path on the node. @proto 1 @required */
  path: string;
  /** What must be there: empty for no check, DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice or BlockDevice. @proto 2 @pointer @enum ""|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket */
  type?: string;
}

/** The files of an image, to read only. */
export interface ImageVolumeSource {
  /** The image, as `registry/name:tag`. @proto 1 */
  reference?: string;
  /** When the image is pulled: Always, IfNotPresent or Never. @proto 2 @enum Always|IfNotPresent|Never */
  pullPolicy?: string;
}

/** What a claim is bound to. */
export interface PersistentVolumeClaimVolumeSource {
  /** Name of the claim, in the pod's namespace. @proto 1 @required */
  claimName: string;
  /** Whether it is mounted for reading only. @proto 2 */
  readOnly?: boolean;
}

/** Storage that containers of a pod can mount; one source is set. */
export interface Volume {
  /** Name of the volume; unique in the pod. @proto 1 @required */
  name: string;
  /** A file or directory of the node. @proto 1 @via 2 @pointer */
  hostPath?: HostPathVolumeSource;
  /** A directory that lives as long as the pod. @proto 2 @via 2 @pointer */
  emptyDir?: EmptyDirVolumeSource;
  /** A disk of Google Compute Engine. @proto 3 @via 2 @pointer */
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** A disk of AWS. @proto 4 @via 2 @pointer */
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** A git repository; no longer served. @proto 5 @via 2 @pointer */
  gitRepo?: GitRepoVolumeSource;
  /** A secret as files. @proto 6 @via 2 @pointer */
  secret?: SecretVolumeSource;
  /** A directory of an NFS server. @proto 7 @via 2 @pointer */
  nfs?: NFSVolumeSource;
  /** A disk by iSCSI. @proto 8 @via 2 @pointer */
  iscsi?: ISCSIVolumeSource;
  /** A Glusterfs volume. @proto 9 @via 2 @pointer */
  glusterfs?: GlusterfsVolumeSource;
  /** What a claim in the pod's namespace is bound to. @proto 10 @via 2 @pointer */
  persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  /** A block device of Ceph. @proto 11 @via 2 @pointer */
  rbd?: RBDVolumeSource;
  /** A volume of a FlexVolume driver. @proto 12 @via 2 @pointer */
  flexVolume?: FlexVolumeSource;
  /** A volume of OpenStack's Cinder. @proto 13 @via 2 @pointer */
  cinder?: CinderVolumeSource;
  /** A directory of a CephFS. @proto 14 @via 2 @pointer */
  cephfs?: CephFSVolumeSource;
  /** A volume of Flocker. @proto 15 @via 2 @pointer */
  flocker?: FlockerVolumeSource;
  /** Fields of the pod as files. @proto 16 @via 2 @pointer */
  downwardAPI?: DownwardAPIVolumeSource;
  /** A disk by Fibre Channel. @proto 17 @via 2 @pointer */
  fc?: FCVolumeSource;
  /** A share of Azure Files. @proto 18 @via 2 @pointer */
  azureFile?: AzureFileVolumeSource;
  /** A config map as files. @proto 19 @via 2 @pointer */
  configMap?: ConfigMapVolumeSource;
  /** A disk of vSphere. @proto 20 @via 2 @pointer */
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  /** A Quobyte volume. @proto 21 @via 2 @pointer */
  quobyte?: QuobyteVolumeSource;
  /** A data disk of the Azure cloud. @proto 22 @via 2 @pointer */
  azureDisk?: AzureDiskVolumeSource;
  /** A disk of a Photon controller; no longer supported. @proto 23 @via 2 @pointer */
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Several sources in one directory. @proto 26 @via 2 @pointer */
  projected?: ProjectedVolumeSource;
  /** Storage from a Portworx cluster. @proto 24 @via 2 @pointer */
  portworxVolume?: PortworxVolumeSource;
  /** A volume of ScaleIO. @proto 25 @via 2 @pointer */
  scaleIO?: ScaleIOVolumeSource;
  /** A volume of StorageOS. @proto 27 @via 2 @pointer */
  storageos?: StorageOSVolumeSource;
  /** A volume of a CSI driver. @proto 28 @via 2 @pointer */
  csi?: CSIVolumeSource;
  /** A claim that lives as long as the pod. @proto 29 @via 2 @pointer */
  ephemeral?: EphemeralVolumeSource;
  /** The files of an image. @proto 30 @via 2 @pointer */
  image?: ImageVolumeSource;
}

/** Where a volume comes from: one of these. @unpublished */
export interface VolumeSource {
  /** A file or directory of the node. @proto 1 @pointer */
  hostPath?: HostPathVolumeSource;
  /** A directory that lives as long as the pod. @proto 2 @pointer */
  emptyDir?: EmptyDirVolumeSource;
  /** A disk of Google Compute Engine. @proto 3 @pointer */
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** A disk of AWS. @proto 4 @pointer */
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** A git repository; no longer served. @proto 5 @pointer */
  gitRepo?: GitRepoVolumeSource;
  /** A secret as files. @proto 6 @pointer */
  secret?: SecretVolumeSource;
  /** A directory of an NFS server. @proto 7 @pointer */
  nfs?: NFSVolumeSource;
  /** A disk by iSCSI. @proto 8 @pointer */
  iscsi?: ISCSIVolumeSource;
  /** A Glusterfs volume. @proto 9 @pointer */
  glusterfs?: GlusterfsVolumeSource;
  /** What a claim in the pod's namespace is bound to. @proto 10 @pointer */
  persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  /** A block device of Ceph. @proto 11 @pointer */
  rbd?: RBDVolumeSource;
  /** A volume of a FlexVolume driver. @proto 12 @pointer */
  flexVolume?: FlexVolumeSource;
  /** A volume of OpenStack's Cinder. @proto 13 @pointer */
  cinder?: CinderVolumeSource;
  /** A directory of a CephFS. @proto 14 @pointer */
  cephfs?: CephFSVolumeSource;
  /** A volume of Flocker. @proto 15 @pointer */
  flocker?: FlockerVolumeSource;
  /** Fields of the pod as files. @proto 16 @pointer */
  downwardAPI?: DownwardAPIVolumeSource;
  /** A disk by Fibre Channel. @proto 17 @pointer */
  fc?: FCVolumeSource;
  /** A share of Azure Files. @proto 18 @pointer */
  azureFile?: AzureFileVolumeSource;
  /** A config map as files. @proto 19 @pointer */
  configMap?: ConfigMapVolumeSource;
  /** A disk of vSphere. @proto 20 @pointer */
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  /** A Quobyte volume. @proto 21 @pointer */
  quobyte?: QuobyteVolumeSource;
  /** A data disk of the Azure cloud. @proto 22 @pointer */
  azureDisk?: AzureDiskVolumeSource;
  /** A disk of a Photon controller; no longer supported. @proto 23 @pointer */
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Several sources in one directory. @proto 26 @pointer */
  projected?: ProjectedVolumeSource;
  /** Storage from a Portworx cluster. @proto 24 @pointer */
  portworxVolume?: PortworxVolumeSource;
  /** A volume of ScaleIO. @proto 25 @pointer */
  scaleIO?: ScaleIOVolumeSource;
  /** A volume of StorageOS. @proto 27 @pointer */
  storageos?: StorageOSVolumeSource;
  /** A volume of a CSI driver. @proto 28 @pointer */
  csi?: CSIVolumeSource;
  /** A claim that lives as long as the pod. @proto 29 @pointer */
  ephemeral?: EphemeralVolumeSource;
  /** The files of an image. @proto 30 @pointer */
  image?: ImageVolumeSource;
}
