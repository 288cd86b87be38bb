/**
 * Types of the group authentication, version v1alpha1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.authentication.v1alpha1 @offByDefault
 */
import type { KubeObject } from '../../meta/v1/types.ts';
import type { UserInfo } from '../v1/types.ts';

/** Tells who one is to the server. @noList @unpublished */
export interface SelfSubjectReview extends KubeObject {
  /** What is: written by the system. @proto 2 */
  status?: SelfSubjectReviewStatus;
}

/** How a self subject review is doing, as the system has found it. @unpublished */
export interface SelfSubjectReviewStatus {
  /** Who asks. @proto 1 */
  userInfo?: UserInfo;
}
