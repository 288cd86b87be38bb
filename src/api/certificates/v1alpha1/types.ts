/**
 * Types of the group certificates, version v1alpha1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.certificates.v1alpha1 @offByDefault
 */
import type { KubeObject } from '../../meta/v1/types.ts';

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
