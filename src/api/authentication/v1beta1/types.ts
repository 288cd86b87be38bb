/**
 * Types of the group authentication, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.authentication.v1beta1 @offByDefault
 */
import type { KubeObject } from '../../meta/v1/types.ts';
import type { UserInfo as UserInfoV1 } from '../v1/types.ts';

/** Several values of one extra attribute of a user. @wrapped */
export type ExtraValue = string[];

/** Tells who one is to the server. @noList @unpublished */
export interface SelfSubjectReview extends KubeObject {
  /** What is: written by the system. @proto 2 */
  status?: SelfSubjectReviewStatus;
}

/** How a self subject review is doing, as the system has found it. @unpublished */
export interface SelfSubjectReviewStatus {
  /** Who asks. @proto 1 */
  userInfo?: UserInfoV1;
}

/** Asks whether a token is good and whose it is. @noList @unpublished */
export interface TokenReview extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: TokenReviewSpec;
  /** What is: written by the system. @proto 3 */
  status?: TokenReviewStatus;
}

/** What is wanted of a token review. @unpublished */
export interface TokenReviewSpec {
  /** The token that is to be checked. @proto 1 @required @omitEmpty */
  token: string;
  /** Whom a token is meant for. @proto 2 @listType atomic */
  audiences?: string[];
}

/** How a token review is doing, as the system has found it. @unpublished */
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

/** Somebody who makes requests. @unpublished */
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
