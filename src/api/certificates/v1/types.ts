/**
 * Types of the group certificates, version v1.
 * @package io.k8s.api.certificates.v1
 */
import type { Bytes, Int32, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** Certificate signing request. */
export interface CertificateSigningRequest extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: CertificateSigningRequestSpec;
  /** Status. @proto 3 */
  status?: CertificateSigningRequestStatus;
}

/** Certificate signing request condition. */
export interface CertificateSigningRequestCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 6 @required */
  status: string;
  /** Reason. @proto 2 */
  reason?: string;
  /** Message. @proto 3 */
  message?: string;
  /** When: last update time. @proto 4 */
  lastUpdateTime?: Time;
  /** When: last transition time. @proto 5 */
  lastTransitionTime?: Time;
}

/** Certificate signing request spec. */
export interface CertificateSigningRequestSpec {
  /** Request. @proto 1 @required */
  request: Bytes;
  /** Name of the signer. @proto 7 @required */
  signerName: string;
  /** Expiration, in seconds. @proto 8 @pointer */
  expirationSeconds?: Int32;
  /** List of usages. @proto 5 @listType atomic @enum any|cert sign|client auth|code signing|content commitment|crl sign|data encipherment|decipher only|digital signature|email protection|encipher only|ipsec end system|ipsec tunnel|ipsec user|key agreement|key encipherment|microsoft sgc|netscape sgc|ocsp signing|s/mime|server auth|signing|timestamping */
  usages?: string[];
  /** Username. @proto 2 */
  username?: string;
  /** Uid. @proto 3 */
  uid?: string;
  /** List of groups. @proto 4 @listType atomic */
  groups?: string[];
  /** Extra, by key. @proto 6 */
  extra?: Record<string, ExtraValue>;
}

/** Certificate signing request status. */
export interface CertificateSigningRequestStatus {
  /** List of conditions. @proto 1 @listType map @listKeys type */
  conditions?: CertificateSigningRequestCondition[];
  /** Certificate. @proto 2 */
  certificate?: Bytes;
}

/** Several values of one extra attribute of a user. @wrapped */
export type ExtraValue = string[];
