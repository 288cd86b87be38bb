/**
 * What comes to a pod as files: of config maps and secrets, facts about the pod, tokens and certificates.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64 } from '../../meta/v1/scalars.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';
import type { KeyToPath, ObjectFieldSelector, ResourceFieldSelector } from './common.ts';

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

/** Several sources in one folder. */
export interface ProjectedVolumeSource {
  /** What is put together. @proto 1 @keepEmpty @listType atomic */
  sources?: VolumeProjection[];
  /** Permissions of files that do not set their own, as an octal number or its decimal value. @proto 2 @pointer */
  defaultMode?: Int32;
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
