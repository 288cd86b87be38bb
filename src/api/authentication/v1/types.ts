/**
 * Types of the group authentication, version v1.
 * @package io.k8s.api.authentication.v1
 */
import type { Int64, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** Bound object reference. */
export interface BoundObjectReference {
  /** Kind. @proto 1 */
  kind?: string;
  /** Api version. @proto 2 */
  apiVersion?: string;
  /** Name. @proto 3 */
  name?: string;
  /** Uid. @proto 4 @protoName uID */
  uid?: string;
}

/** Several values of one extra attribute of a user. @wrapped */
export type ExtraValue = string[];

/** Self subject review. @noList */
export interface SelfSubjectReview extends KubeObject {
  /** Status. @proto 2 */
  status?: SelfSubjectReviewStatus;
}

/** Self subject review status. */
export interface SelfSubjectReviewStatus {
  /** User info. @proto 1 */
  userInfo?: UserInfo;
}

/** Token request. @noList */
export interface TokenRequest extends KubeObject {
  /** Spec. @proto 2 @keepEmpty */
  spec?: TokenRequestSpec;
  /** Status. @proto 3 */
  status?: TokenRequestStatus;
}

/** Token request spec. */
export interface TokenRequestSpec {
  /** List of audiences. @proto 1 @keepEmpty @listType atomic */
  audiences?: string[];
  /** Expiration, in seconds. @proto 4 @pointer @keepEmpty */
  expirationSeconds?: Int64;
  /** Reference to the bound object. @proto 3 @pointer @keepEmpty */
  boundObjectRef?: BoundObjectReference;
}

/** Token request status. */
export interface TokenRequestStatus {
  /** Token. @proto 1 @keepEmpty */
  token?: string;
  /** Expiration timestamp. @proto 2 @keepEmpty */
  expirationTimestamp?: Time;
}

/** Token review. @noList */
export interface TokenReview extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: TokenReviewSpec;
  /** Status. @proto 3 */
  status?: TokenReviewStatus;
}

/** Token review spec. */
export interface TokenReviewSpec {
  /** Token. @proto 1 @required @omitEmpty */
  token: string;
  /** List of audiences. @proto 2 @listType atomic */
  audiences?: string[];
}

/** Token review status. */
export interface TokenReviewStatus {
  /** Whether: authenticated. @proto 1 */
  authenticated?: boolean;
  /** User. @proto 2 */
  user?: UserInfo;
  /** List of audiences. @proto 4 @listType atomic */
  audiences?: string[];
  /** Error. @proto 3 */
  error?: string;
}

/** User info. */
export interface UserInfo {
  /** Username. @proto 1 */
  username?: string;
  /** Uid. @proto 2 */
  uid?: string;
  /** List of groups. @proto 3 @listType atomic */
  groups?: string[];
  /** Extra, by key. @proto 4 */
  extra?: Record<string, ExtraValue>;
}
