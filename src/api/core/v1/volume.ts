/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Quantity } from '../../meta/v1/scalars.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';
import type { KeyToPath, LocalObjectReference, ObjectFieldSelector, ResourceFieldSelector } from './common.ts';
import type { PersistentVolumeClaimTemplate } from './persistentvolume.ts';

/** AWS elastic block store volume source. */
export interface AWSElasticBlockStoreVolumeSource {
  /** Volume ID. @proto 1 @required */
  volumeID: string;
  /** Fs type. @proto 2 */
  fsType?: string;
  /** Partition. @proto 3 */
  partition?: Int32;
  /** Whether: read only. @proto 4 */
  readOnly?: boolean;
}

/** Azure disk volume source. */
export interface AzureDiskVolumeSource {
  /** Name of the disk. @proto 1 @required */
  diskName: string;
  /** Disk URI. @proto 2 @required */
  diskURI: string;
  /** Caching mode. @proto 3 @pointer @enum None|ReadOnly|ReadWrite @default "ReadWrite" */
  cachingMode?: string;
  /** Fs type. @proto 4 @pointer @default "ext4" */
  fsType?: string;
  /** Whether: read only. @proto 5 @pointer @default false */
  readOnly?: boolean;
  /** Kind. @proto 6 @pointer @enum Dedicated|Managed|Shared @default "Shared" */
  kind?: string;
}

/** Azure file volume source. */
export interface AzureFileVolumeSource {
  /** Name of the secret. @proto 1 @required */
  secretName: string;
  /** Name of the share. @proto 2 @required */
  shareName: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
}

/** CSI volume source. */
export interface CSIVolumeSource {
  /** Driver. @proto 1 @required */
  driver: string;
  /** Whether: read only. @proto 2 @pointer */
  readOnly?: boolean;
  /** Fs type. @proto 3 @pointer */
  fsType?: string;
  /** Volume attributes, by key. @proto 4 */
  volumeAttributes?: Record<string, string>;
  /** Reference to the node publish secret. @proto 5 @pointer */
  nodePublishSecretRef?: LocalObjectReference;
}

/** Ceph FS volume source. */
export interface CephFSVolumeSource {
  /** List of monitors. @proto 1 @required @listType atomic */
  monitors: string[];
  /** Path. @proto 2 */
  path?: string;
  /** User. @proto 3 */
  user?: string;
  /** Secret file. @proto 4 */
  secretFile?: string;
  /** Reference to the secret. @proto 5 @pointer */
  secretRef?: LocalObjectReference;
  /** Whether: read only. @proto 6 */
  readOnly?: boolean;
}

/** Cinder volume source. */
export interface CinderVolumeSource {
  /** Volume ID. @proto 1 @required */
  volumeID: string;
  /** Fs type. @proto 2 */
  fsType?: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
  /** Reference to the secret. @proto 4 @pointer */
  secretRef?: LocalObjectReference;
}

/** Cluster trust bundle projection. */
export interface ClusterTrustBundleProjection {
  /** Name. @proto 1 @pointer */
  name?: string;
  /** Name of the signer. @proto 2 @pointer */
  signerName?: string;
  /** Label selector. @proto 3 @pointer */
  labelSelector?: LabelSelector;
  /** Whether: optional. @proto 5 @pointer */
  optional?: boolean;
  /** Path. @proto 4 @required */
  path: string;
}

/** Config map projection. @inlines LocalObjectReference:1 */
export interface ConfigMapProjection {
  /** Name. @proto 1 @via 1 @default "" */
  name?: string;
  /** List of items. @proto 2 @listType atomic */
  items?: KeyToPath[];
  /** Whether: optional. @proto 4 @pointer */
  optional?: boolean;
}

/** Config map volume source. @inlines LocalObjectReference:1 */
export interface ConfigMapVolumeSource {
  /** Name. @proto 1 @via 1 @default "" */
  name?: string;
  /** List of items. @proto 2 @listType atomic */
  items?: KeyToPath[];
  /** Default mode. @proto 3 @pointer */
  defaultMode?: Int32;
  /** Whether: optional. @proto 4 @pointer */
  optional?: boolean;
}

/** Downward API projection. */
export interface DownwardAPIProjection {
  /** List of items. @proto 1 @listType atomic */
  items?: DownwardAPIVolumeFile[];
}

/** Downward API volume file. */
export interface DownwardAPIVolumeFile {
  /** Path. @proto 1 @required */
  path: string;
  /** Reference to the field. @proto 2 @pointer */
  fieldRef?: ObjectFieldSelector;
  /** Reference to the resource field. @proto 3 @pointer */
  resourceFieldRef?: ResourceFieldSelector;
  /** Mode. @proto 4 @pointer */
  mode?: Int32;
}

/** Downward API volume source. */
export interface DownwardAPIVolumeSource {
  /** List of items. @proto 1 @listType atomic */
  items?: DownwardAPIVolumeFile[];
  /** Default mode. @proto 2 @pointer */
  defaultMode?: Int32;
}

/** Empty dir volume source. */
export interface EmptyDirVolumeSource {
  /** Medium. @proto 1 */
  medium?: string;
  /** Size limit. @proto 2 @pointer */
  sizeLimit?: Quantity;
}

/** Ephemeral volume source. */
export interface EphemeralVolumeSource {
  /** Volume claim template. @proto 1 @pointer */
  volumeClaimTemplate?: PersistentVolumeClaimTemplate;
}

/** FC volume source. */
export interface FCVolumeSource {
  /** List of target WW ns. @proto 1 @listType atomic */
  targetWWNs?: string[];
  /** Lun. @proto 2 @pointer */
  lun?: Int32;
  /** Fs type. @proto 3 */
  fsType?: string;
  /** Whether: read only. @proto 4 */
  readOnly?: boolean;
  /** List of wwids. @proto 5 @listType atomic */
  wwids?: string[];
}

/** Flex volume source. */
export interface FlexVolumeSource {
  /** Driver. @proto 1 @required */
  driver: string;
  /** Fs type. @proto 2 */
  fsType?: string;
  /** Reference to the secret. @proto 3 @pointer */
  secretRef?: LocalObjectReference;
  /** Whether: read only. @proto 4 */
  readOnly?: boolean;
  /** Options, by key. @proto 5 */
  options?: Record<string, string>;
}

/** Flocker volume source. */
export interface FlockerVolumeSource {
  /** Name of the dataset. @proto 1 */
  datasetName?: string;
  /** Dataset UUID. @proto 2 */
  datasetUUID?: string;
}

/** GCE persistent disk volume source. */
export interface GCEPersistentDiskVolumeSource {
  /** Name of the pd. @proto 1 @required */
  pdName: string;
  /** Fs type. @proto 2 */
  fsType?: string;
  /** Partition. @proto 3 */
  partition?: Int32;
  /** Whether: read only. @proto 4 */
  readOnly?: boolean;
}

/** Git repo volume source. */
export interface GitRepoVolumeSource {
  /** Repository. @proto 1 @required */
  repository: string;
  /** Revision. @proto 2 */
  revision?: string;
  /** Directory. @proto 3 */
  directory?: string;
}

/** Glusterfs volume source. */
export interface GlusterfsVolumeSource {
  /** Endpoints. @proto 1 @required */
  endpoints: string;
  /** Path. @proto 2 @required */
  path: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
}

/** Host path volume source. */
export interface HostPathVolumeSource {
  /** Path. @proto 1 @required */
  path: string;
  /** Type. @proto 2 @pointer @enum ""|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket */
  type?: string;
}

/** ISCSI volume source. */
export interface ISCSIVolumeSource {
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
  secretRef?: LocalObjectReference;
  /** Name of the initiator. @proto 12 @pointer */
  initiatorName?: string;
}

/** Image volume source. */
export interface ImageVolumeSource {
  /** Reference. @proto 1 */
  reference?: string;
  /** Pull policy. @proto 2 @enum Always|IfNotPresent|Never */
  pullPolicy?: string;
}

/** NFS volume source. */
export interface NFSVolumeSource {
  /** Server. @proto 1 @required */
  server: string;
  /** Path. @proto 2 @required */
  path: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
}

/** Persistent volume claim volume source. */
export interface PersistentVolumeClaimVolumeSource {
  /** Name of the claim. @proto 1 @required */
  claimName: string;
  /** Whether: read only. @proto 2 */
  readOnly?: boolean;
}

/** Photon persistent disk volume source. */
export interface PhotonPersistentDiskVolumeSource {
  /** Pd ID. @proto 1 @required */
  pdID: string;
  /** Fs type. @proto 2 */
  fsType?: string;
}

/** Pod certificate projection. */
export interface PodCertificateProjection {
  /** Name of the signer. @proto 1 @required @omitEmpty */
  signerName: string;
  /** Key type. @proto 2 @required @omitEmpty */
  keyType: string;
  /** Max expiration, in seconds. @proto 3 @pointer */
  maxExpirationSeconds?: Int32;
  /** Credential bundle path. @proto 4 */
  credentialBundlePath?: string;
  /** Key path. @proto 5 */
  keyPath?: string;
  /** Certificate chain path. @proto 6 */
  certificateChainPath?: string;
  /** User annotations, by key. @proto 7 */
  userAnnotations?: Record<string, string>;
}

/** Portworx volume source. */
export interface PortworxVolumeSource {
  /** Volume ID. @proto 1 @required */
  volumeID: string;
  /** Fs type. @proto 2 */
  fsType?: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
}

/** Projected volume source. */
export interface ProjectedVolumeSource {
  /** List of sources. @proto 1 @keepEmpty @listType atomic */
  sources?: VolumeProjection[];
  /** Default mode. @proto 2 @pointer */
  defaultMode?: Int32;
}

/** Quobyte volume source. */
export interface QuobyteVolumeSource {
  /** Registry. @proto 1 @required */
  registry: string;
  /** Volume. @proto 2 @required */
  volume: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
  /** User. @proto 4 */
  user?: string;
  /** Group. @proto 5 */
  group?: string;
  /** Tenant. @proto 6 */
  tenant?: string;
}

/** RBD volume source. */
export interface RBDVolumeSource {
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
  secretRef?: LocalObjectReference;
  /** Whether: read only. @proto 8 */
  readOnly?: boolean;
}

/** Scale IO volume source. */
export interface ScaleIOVolumeSource {
  /** Gateway. @proto 1 @required */
  gateway: string;
  /** System. @proto 2 @required */
  system: string;
  /** Reference to the secret. @proto 3 @required @pointer */
  secretRef: LocalObjectReference;
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

/** Secret projection. @inlines LocalObjectReference:1 */
export interface SecretProjection {
  /** Name. @proto 1 @via 1 @default "" */
  name?: string;
  /** List of items. @proto 2 @listType atomic */
  items?: KeyToPath[];
  /** Whether: optional. @proto 4 @pointer */
  optional?: boolean;
}

/** Secret volume source. */
export interface SecretVolumeSource {
  /** Name of the secret. @proto 1 */
  secretName?: string;
  /** List of items. @proto 2 @listType atomic */
  items?: KeyToPath[];
  /** Default mode. @proto 3 @pointer */
  defaultMode?: Int32;
  /** Whether: optional. @proto 4 @pointer */
  optional?: boolean;
}

/** Service account token projection. */
export interface ServiceAccountTokenProjection {
  /** Audience. @proto 1 */
  audience?: string;
  /** Expiration, in seconds. @proto 2 @pointer */
  expirationSeconds?: Int64;
  /** Path. @proto 3 @required */
  path: string;
}

/** Storage OS volume source. */
export interface StorageOSVolumeSource {
  /** Name of the volume. @proto 1 */
  volumeName?: string;
  /** Volume namespace. @proto 2 */
  volumeNamespace?: string;
  /** Fs type. @proto 3 */
  fsType?: string;
  /** Whether: read only. @proto 4 */
  readOnly?: boolean;
  /** Reference to the secret. @proto 5 @pointer */
  secretRef?: LocalObjectReference;
}

/** Volume. @inlines VolumeSource:2 */
export interface Volume {
  /** Name. @proto 1 @required */
  name: string;
  /** Host path. @proto 1 @via 2 @pointer */
  hostPath?: HostPathVolumeSource;
  /** Empty dir. @proto 2 @via 2 @pointer */
  emptyDir?: EmptyDirVolumeSource;
  /** Gce persistent disk. @proto 3 @via 2 @pointer */
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** Aws elastic block store. @proto 4 @via 2 @pointer */
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** Git repo. @proto 5 @via 2 @pointer */
  gitRepo?: GitRepoVolumeSource;
  /** Secret. @proto 6 @via 2 @pointer */
  secret?: SecretVolumeSource;
  /** Nfs. @proto 7 @via 2 @pointer */
  nfs?: NFSVolumeSource;
  /** Iscsi. @proto 8 @via 2 @pointer */
  iscsi?: ISCSIVolumeSource;
  /** Glusterfs. @proto 9 @via 2 @pointer */
  glusterfs?: GlusterfsVolumeSource;
  /** Persistent volume claim. @proto 10 @via 2 @pointer */
  persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  /** Rbd. @proto 11 @via 2 @pointer */
  rbd?: RBDVolumeSource;
  /** Flex volume. @proto 12 @via 2 @pointer */
  flexVolume?: FlexVolumeSource;
  /** Cinder. @proto 13 @via 2 @pointer */
  cinder?: CinderVolumeSource;
  /** Cephfs. @proto 14 @via 2 @pointer */
  cephfs?: CephFSVolumeSource;
  /** Flocker. @proto 15 @via 2 @pointer */
  flocker?: FlockerVolumeSource;
  /** Downward API. @proto 16 @via 2 @pointer */
  downwardAPI?: DownwardAPIVolumeSource;
  /** Fc. @proto 17 @via 2 @pointer */
  fc?: FCVolumeSource;
  /** Azure file. @proto 18 @via 2 @pointer */
  azureFile?: AzureFileVolumeSource;
  /** Config map. @proto 19 @via 2 @pointer */
  configMap?: ConfigMapVolumeSource;
  /** Vsphere volume. @proto 20 @via 2 @pointer */
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  /** Quobyte. @proto 21 @via 2 @pointer */
  quobyte?: QuobyteVolumeSource;
  /** Azure disk. @proto 22 @via 2 @pointer */
  azureDisk?: AzureDiskVolumeSource;
  /** Photon persistent disk. @proto 23 @via 2 @pointer */
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Projected. @proto 26 @via 2 @pointer */
  projected?: ProjectedVolumeSource;
  /** Portworx volume. @proto 24 @via 2 @pointer */
  portworxVolume?: PortworxVolumeSource;
  /** Scale IO. @proto 25 @via 2 @pointer */
  scaleIO?: ScaleIOVolumeSource;
  /** Storageos. @proto 27 @via 2 @pointer */
  storageos?: StorageOSVolumeSource;
  /** Csi. @proto 28 @via 2 @pointer */
  csi?: CSIVolumeSource;
  /** Ephemeral. @proto 29 @via 2 @pointer */
  ephemeral?: EphemeralVolumeSource;
  /** Image. @proto 30 @via 2 @pointer */
  image?: ImageVolumeSource;
}

/** Volume projection. */
export interface VolumeProjection {
  /** Secret. @proto 1 @pointer */
  secret?: SecretProjection;
  /** Downward API. @proto 2 @pointer */
  downwardAPI?: DownwardAPIProjection;
  /** Config map. @proto 3 @pointer */
  configMap?: ConfigMapProjection;
  /** Service account token. @proto 4 @pointer */
  serviceAccountToken?: ServiceAccountTokenProjection;
  /** Cluster trust bundle. @proto 5 @pointer */
  clusterTrustBundle?: ClusterTrustBundleProjection;
  /** Pod certificate. @proto 6 @pointer */
  podCertificate?: PodCertificateProjection;
}

/** Volume source. @unpublished */
export interface VolumeSource {
  /** Host path. @proto 1 @pointer */
  hostPath?: HostPathVolumeSource;
  /** Empty dir. @proto 2 @pointer */
  emptyDir?: EmptyDirVolumeSource;
  /** Gce persistent disk. @proto 3 @pointer */
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  /** Aws elastic block store. @proto 4 @pointer */
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  /** Git repo. @proto 5 @pointer */
  gitRepo?: GitRepoVolumeSource;
  /** Secret. @proto 6 @pointer */
  secret?: SecretVolumeSource;
  /** Nfs. @proto 7 @pointer */
  nfs?: NFSVolumeSource;
  /** Iscsi. @proto 8 @pointer */
  iscsi?: ISCSIVolumeSource;
  /** Glusterfs. @proto 9 @pointer */
  glusterfs?: GlusterfsVolumeSource;
  /** Persistent volume claim. @proto 10 @pointer */
  persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  /** Rbd. @proto 11 @pointer */
  rbd?: RBDVolumeSource;
  /** Flex volume. @proto 12 @pointer */
  flexVolume?: FlexVolumeSource;
  /** Cinder. @proto 13 @pointer */
  cinder?: CinderVolumeSource;
  /** Cephfs. @proto 14 @pointer */
  cephfs?: CephFSVolumeSource;
  /** Flocker. @proto 15 @pointer */
  flocker?: FlockerVolumeSource;
  /** Downward API. @proto 16 @pointer */
  downwardAPI?: DownwardAPIVolumeSource;
  /** Fc. @proto 17 @pointer */
  fc?: FCVolumeSource;
  /** Azure file. @proto 18 @pointer */
  azureFile?: AzureFileVolumeSource;
  /** Config map. @proto 19 @pointer */
  configMap?: ConfigMapVolumeSource;
  /** Vsphere volume. @proto 20 @pointer */
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
  /** Quobyte. @proto 21 @pointer */
  quobyte?: QuobyteVolumeSource;
  /** Azure disk. @proto 22 @pointer */
  azureDisk?: AzureDiskVolumeSource;
  /** Photon persistent disk. @proto 23 @pointer */
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  /** Projected. @proto 26 @pointer */
  projected?: ProjectedVolumeSource;
  /** Portworx volume. @proto 24 @pointer */
  portworxVolume?: PortworxVolumeSource;
  /** Scale IO. @proto 25 @pointer */
  scaleIO?: ScaleIOVolumeSource;
  /** Storageos. @proto 27 @pointer */
  storageos?: StorageOSVolumeSource;
  /** Csi. @proto 28 @pointer */
  csi?: CSIVolumeSource;
  /** Ephemeral. @proto 29 @pointer */
  ephemeral?: EphemeralVolumeSource;
  /** Image. @proto 30 @pointer */
  image?: ImageVolumeSource;
}

/** Vsphere virtual disk volume source. */
export interface VsphereVirtualDiskVolumeSource {
  /** Volume path. @proto 1 @required */
  volumePath: string;
  /** Fs type. @proto 2 */
  fsType?: string;
  /** Name of the storage policy. @proto 3 */
  storagePolicyName?: string;
  /** Storage policy ID. @proto 4 */
  storagePolicyID?: string;
}
