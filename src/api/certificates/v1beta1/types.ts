/**
 * Types of the group certificates, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.certificates.v1beta1 @offByDefault
 */
import type { Bytes, Int32, Time } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject } from '../../meta/v1/types.ts';

/** Asks for a certificate. @unpublished */
export interface CertificateSigningRequest extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: CertificateSigningRequestSpec;
  /** What is: written by the system. @proto 3 */
  status?: CertificateSigningRequestStatus;
}

/** A remark about the state of a certificate signing request. @unpublished */
export interface CertificateSigningRequestCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 6 @keepEmpty */
  status?: string;
  /** Why, as one word for programs. @proto 2 */
  reason?: string;
  /** Why, as a sentence for people. @proto 3 */
  message?: string;
  /** When the condition was last written. @proto 4 */
  lastUpdateTime?: Time | null;
  /** When the status last changed from one value to another. @proto 5 */
  lastTransitionTime?: Time | null;
}

/** What is wanted of a certificate signing request. @unpublished */
export interface CertificateSigningRequestSpec {
  /** The request in PEM, in base64. @proto 1 @required */
  request: Bytes;
  /** Which signer is asked. @proto 7 @pointer */
  signerName?: string;
  /** How long it is to be valid, in seconds. @proto 8 @pointer */
  expirationSeconds?: Int32;
  /** What the key is for, as `client auth`. @proto 5 @listType atomic */
  usages?: string[];
  /** Who asks. @proto 2 */
  username?: string;
  /** Identifier of the user. @proto 3 */
  uid?: string;
  /** Groups that the user belongs to. @proto 4 @listType atomic */
  groups?: string[];
  /** More about the user, as the authenticator tells it. @proto 6 */
  extra?: Record<string, ExtraValue>;
}

/** How a certificate signing request is doing, as the system has found it. @unpublished */
export interface CertificateSigningRequestStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type */
  conditions?: CertificateSigningRequestCondition[];
  /** The certificate in PEM, in base64, once it is signed. @proto 2 */
  certificate?: Bytes;
}

/** Certificates of authorities that pods of the cluster may trust. */
export interface ClusterTrustBundle extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: ClusterTrustBundleSpec;
}

/** The signer and its certificates. */
export interface ClusterTrustBundleSpec {
  /** The signer that the certificates belong to; empty for none. @proto 1 */
  signerName?: string;
  /** Certificates in PEM, each once. @proto 2 @required */
  trustBundle: string;
}

/** Several values of one extra attribute of a user. @wrapped */
export type ExtraValue = string[];

/** Asks for a certificate that a pod shows who it is with. */
export interface PodCertificateRequest extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: PodCertificateRequestSpec;
  /** What is: written by the system. @proto 3 */
  status?: PodCertificateRequestStatus;
}

/** For whom, and for which key. */
export interface PodCertificateRequestSpec {
  /** Which signer is asked. @proto 1 @required */
  signerName: string;
  /** The pod that the certificate is for. @proto 2 @required */
  podName: string;
  /** Identifier of the pod. @proto 3 @required */
  podUID: string;
  /** Name of the pod's service account. @proto 4 @required */
  serviceAccountName: string;
  /** Identifier of the service account. @proto 5 @required */
  serviceAccountUID: string;
  /** Node on which the pod runs. @proto 6 @required */
  nodeName: string;
  /** Identifier of the node. @proto 7 @required */
  nodeUID: string;
  /** How long the certificate may be valid at most, in seconds. @proto 8 @pointer @default 86400 */
  maxExpirationSeconds?: Int32;
  /** The public key, in PKIX form. @proto 9 @keepEmpty */
  pkixPublicKey?: Bytes;
  /** A signature that proves that the asker has the private key. @proto 10 @keepEmpty */
  proofOfPossession?: Bytes;
  /** A request in PKCS #10 form for signers that need one; only its key and signature count. @proto 12 @required */
  stubPKCS10Request: Bytes;
  /** What the pod's author says to the signer; nobody has checked it. @proto 11 */
  unverifiedUserAnnotations?: Record<string, string>;
}

/** What the signer has answered. */
export interface PodCertificateRequestStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
  /** The certificate and its chain in PEM, once it is issued. @proto 2 */
  certificateChain?: string;
  /** From when the certificate is valid. @proto 4 @pointer */
  notBefore?: Time;
  /** From when the kubelet asks for the next one. @proto 5 @pointer */
  beginRefreshAt?: Time;
  /** Until when the certificate is valid. @proto 6 @pointer */
  notAfter?: Time;
}
