/**
 * Types of the group authentication, version v1.
 * @package io.k8s.api.authentication.v1
 */
import type { Int64, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** The object that a token lives and dies with. */
export interface BoundObjectReference {
  /** Name of the kind, as `Pod`. @proto 1 */
  kind?: string;
  /** Group and version, as `apps/v1`; core kinds have the version alone. @proto 2 */
  apiVersion?: string;
  /** Name of the object. @proto 3 */
  name?: string;
  /** Unique identifier of the object. @proto 4 */
  uid?: string;
}

/** Several values of one extra attribute of a user. @wrapped */
export type ExtraValue = string[];

/** Tells who one is to the server. @noList */
export interface SelfSubjectReview extends KubeObject {
  /** What is: written by the system. @proto 2 */
  status?: SelfSubjectReviewStatus;
}

/** How a self subject review is doing, as the system has found it. */
export interface SelfSubjectReviewStatus {
  /** Who asks. @proto 1 */
  userInfo?: UserInfo;
}

/** Asks for a token of a service account. @noList */
export interface TokenRequest extends KubeObject {
  /** What is wanted. @proto 2 @keepEmpty */
  spec?: TokenRequestSpec;
  /** What is: written by the system. @proto 3 */
  status?: TokenRequestStatus;
}

/** What is wanted of a token request. */
export interface TokenRequestSpec {
  /** Whom a token is meant for. @proto 1 @keepEmpty @listType atomic */
  audiences?: string[];
  /** How long it is to be valid, in seconds. @proto 4 @pointer @keepEmpty */
  expirationSeconds?: Int64;
  /** Object with which the token dies. @proto 3 @pointer @keepEmpty */
  boundObjectRef?: BoundObjectReference;
}

/** How a token request is doing, as the system has found it. */
export interface TokenRequestStatus {
  /** The token itself; it is shown this once. @proto 1 @keepEmpty */
  token?: string;
  /** When it ends. @proto 2 @keepEmpty */
  expirationTimestamp?: Time | null;
}

/** Asks whether a token is good and whose it is. @noList */
export interface TokenReview extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: TokenReviewSpec;
  /** What is: written by the system. @proto 3 */
  status?: TokenReviewStatus;
}

/** What is wanted of a token review. */
export interface TokenReviewSpec {
  /** The token that is to be checked. @proto 1 @required @omitEmpty */
  token: string;
  /** Whom a token is meant for. @proto 2 @listType atomic */
  audiences?: string[];
}

/** How a token review is doing, as the system has found it. */
export interface TokenReviewStatus {
  /** Whether the token is good. @proto 1 */
  authenticated?: boolean;
  /** Whose it is. @proto 2 */
  user?: UserInfo;
  /** Whom a token is meant for. @proto 4 @listType atomic */
  audiences?: string[];
  /** What went wrong. @proto 3 */
  error?: string;
}

/** Somebody who makes requests. */
export interface UserInfo {
  /** Name of the user. @proto 1 */
  username?: string;
  /** Identifier of the user. @proto 2 */
  uid?: string;
  /** Groups that the user belongs to. @proto 3 @listType atomic */
  groups?: string[];
  /** More about the user, as the authenticator tells it. @proto 4 */
  extra?: Record<string, ExtraValue>;
}
