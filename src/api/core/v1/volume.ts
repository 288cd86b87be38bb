/**
 * Volumes of pods and their sources.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Quantity } from '../../meta/v1/scalars.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';
import type { PersistentVolumeClaimTemplate } from './claim.ts';
import type { KeyToPath, LocalObjectReference, ObjectFieldSelector, ResourceFieldSelector } from './common.ts';

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

/** Certificates of authorities, as a file. */
export interface ClusterTrustBundleProjection {
  /** Name of the bundle. @proto 1 @pointer */
  name?: string;
  /** Which signer is asked. @proto 2 @pointer */
  signerName?: string;
  /** Selects objects by their labels. @proto 3 @pointer */
  labelSelector?: LabelSelector;
  /** Whether it may be missing. @proto 5 @pointer */
  optional?: boolean;
  /** Path of the file below the mount. @proto 4 @required */
  path: string;
}

/** Keys of a config map, as files. */
export interface ConfigMapProjection {
  /** Name of the config map. @proto 1 @via 1 @default "" */
  name?: string;
  /** Which entries, and as which files; all of them when unset. @proto 2 @listType atomic */
  items?: KeyToPath[];
  /** Whether it may be missing. @proto 4 @pointer */
  optional?: boolean;
}

/** Keys of a config map, as files. */
export interface ConfigMapVolumeSource {
  /** Name of the config map. @proto 1 @via 1 @default "" */
  name?: string;
  /** Which entries, and as which files; all of them when unset. @proto 2 @listType atomic */
  items?: KeyToPath[];
  /** Permissions of files that do not set their own, as an octal number or its decimal value. @proto 3 @pointer */
  defaultMode?: Int32;
  /** Whether it may be missing. @proto 4 @pointer */
  optional?: boolean;
}

/** Facts about the pod, as files. */
export interface DownwardAPIProjection {
  /** Which entries, and as which files; all of them when unset. @proto 1 @listType atomic */
  items?: DownwardAPIVolumeFile[];
}

/** One fact about the pod, and the file that it is written to. */
export interface DownwardAPIVolumeFile {
  /** Path of the file below the mount. @proto 1 @required */
  path: string;
  /** A field of the pod. @proto 2 @pointer */
  fieldRef?: ObjectFieldSelector;
  /** A resource of a container. @proto 3 @pointer */
  resourceFieldRef?: ResourceFieldSelector;
  /** Permissions of the file. @proto 4 @pointer */
  mode?: Int32;
}

/** Facts about the pod, as files. */
export interface DownwardAPIVolumeSource {
  /** Which entries, and as which files; all of them when unset. @proto 1 @listType atomic */
  items?: DownwardAPIVolumeFile[];
  /** Permissions of files that do not set their own, as an octal number or its decimal value. @proto 2 @pointer */
  defaultMode?: Int32;
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

/** A file or folder of the node. */
export interface HostPathVolumeSource {
  /** Path on the node. @proto 1 @required */
  path: string;
  /** What must be there: empty for no check, DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice or BlockDevice. @proto 2 @pointer @enum ""|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket */
  type?: string;
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

/** The files of an image, to read only. */
export interface ImageVolumeSource {
  /** The image, as `registry/name:tag`. @proto 1 */
  reference?: string;
  /** When the image is pulled: Always, IfNotPresent or Never. @proto 2 @enum Always|IfNotPresent|Never */
  pullPolicy?: string;
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

/** What a claim is bound to. */
export interface PersistentVolumeClaimVolumeSource {
  /** Name of the claim, in the pod's namespace. @proto 1 @required */
  claimName: string;
  /** Whether it is mounted for reading only. @proto 2 */
  readOnly?: boolean;
}

/** A disk of a Photon controller; no longer supported. */
export interface PhotonPersistentDiskVolumeSource {
  /** Identifier of the disk. @proto 1 @required */
  pdID: string;
  /** File system to mount, as `ext4`; the driver's own default when empty. @proto 2 */
  fsType?: string;
}

/** A key made for the pod and its certificate, as files. */
export interface PodCertificateProjection {
  /** Which signer is asked. @proto 1 @required @omitEmpty */
  signerName: string;
  /** Kind of the key, as `ED25519` or `ECDSAP256`. @proto 2 @required @omitEmpty */
  keyType: string;
  /** How long the certificate may be valid, in seconds. @proto 3 @pointer */
  maxExpirationSeconds?: Int32;
  /** File for key and certificates together. @proto 4 */
  credentialBundlePath?: string;
  /** File for the key. @proto 5 */
  keyPath?: string;
  /** File for the certificates. @proto 6 */
  certificateChainPath?: string;
  /** Settings for the signer. @proto 7 */
  userAnnotations?: Record<string, string>;
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

/** Several sources in one folder. */
export interface ProjectedVolumeSource {
  /** What is put together. @proto 1 @keepEmpty @listType atomic */
  sources?: VolumeProjection[];
  /** Permissions of files that do not set their own, as an octal number or its decimal value. @proto 2 @pointer */
  defaultMode?: Int32;
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

/** Keys of a secret, as files. */
export interface SecretProjection {
  /** Name of the secret. @proto 1 @via 1 @default "" */
  name?: string;
  /** Which entries, and as which files; all of them when unset. @proto 2 @listType atomic */
  items?: KeyToPath[];
  /** Whether it may be missing. @proto 4 @pointer */
  optional?: boolean;
}

/** Keys of a secret, as files. */
export interface SecretVolumeSource {
  /** The secret whose keys become files. @proto 1 */
  secretName?: string;
  /** Which entries, and as which files; all of them when unset. @proto 2 @listType atomic */
  items?: KeyToPath[];
  /** Permissions of files that do not set their own, as an octal number or its decimal value. @proto 3 @pointer */
  defaultMode?: Int32;
  /** Whether it may be missing. @proto 4 @pointer */
  optional?: boolean;
}

/** A token of the pod's service account, as a file that is renewed. */
export interface ServiceAccountTokenProjection {
  /** Whom the token is meant for; the API server when unset. @proto 1 */
  audience?: string;
  /** How long it is to be valid, in seconds. @proto 2 @pointer */
  expirationSeconds?: Int64;
  /** Path of the file below the mount. @proto 3 @required */
  path: string;
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

/** One source of a projected volume. */
export interface VolumeProjection {
  /** Keys of a secret, as files. @proto 1 @pointer */
  secret?: SecretProjection;
  /** Fields of the pod. @proto 2 @pointer */
  downwardAPI?: DownwardAPIProjection;
  /** Keys of a config map, as files. @proto 3 @pointer */
  configMap?: ConfigMapProjection;
  /** A token of the pod's service account. @proto 4 @pointer */
  serviceAccountToken?: ServiceAccountTokenProjection;
  /** Trusted certificates. @proto 5 @pointer */
  clusterTrustBundle?: ClusterTrustBundleProjection;
  /** A private key made for the pod, and a certificate for it that a signer issues. @proto 6 @pointer */
  podCertificate?: PodCertificateProjection;
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
