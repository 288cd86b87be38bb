/**
 * Types of the group certificates, version v1.
 * @package io.k8s.api.certificates.v1
 */
import type { Bytes, Int32, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** Asks for a certificate. */
export interface CertificateSigningRequest extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: CertificateSigningRequestSpec;
  /** What is: written by the system. @proto 3 */
  status?: CertificateSigningRequestStatus;
}

/** A remark about the state of a certificate signing request. */
export interface CertificateSigningRequestCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 6 @required */
  status: string;
  /** Why, as one word for programs. @proto 2 */
  reason?: string;
  /** Why, as a sentence for people. @proto 3 */
  message?: string;
  /** When the condition was last written. @proto 4 */
  lastUpdateTime?: Time | null;
  /** When the status last changed from one value to another. @proto 5 */
  lastTransitionTime?: Time | null;
}

/** What is wanted of a certificate signing request. */
export interface CertificateSigningRequestSpec {
  /** The request in PEM, in base64. @proto 1 @required */
  request: Bytes;
  /** Which signer is asked. @proto 7 @required */
  signerName: string;
  /** How long it is to be valid, in seconds. @proto 8 @pointer */
  expirationSeconds?: Int32;
  /** What the key is for, as `client auth`. @proto 5 @listType atomic @enum any|cert sign|client auth|code signing|content commitment|crl sign|data encipherment|decipher only|digital signature|email protection|encipher only|ipsec end system|ipsec tunnel|ipsec user|key agreement|key encipherment|microsoft sgc|netscape sgc|ocsp signing|s/mime|server auth|signing|timestamping */
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

/** How a certificate signing request is doing, as the system has found it. */
export interface CertificateSigningRequestStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type */
  conditions?: CertificateSigningRequestCondition[];
  /** The certificate in PEM, in base64, once it is signed. @proto 2 */
  certificate?: Bytes;
}

/** Several values of one extra attribute of a user. @wrapped */
export type ExtraValue = string[];
