/**
 * Types of the group imagepolicy, version v1alpha1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.imagepolicy.v1alpha1 @offByDefault
 */
import type { KubeObject } from '../../meta/v1/types.ts';

/** Asks whether the images of a pod may run. @noList @unpublished */
export interface ImageReview extends KubeObject {
  /** What is wanted. @proto 2 @keepEmpty */
  spec?: ImageReviewSpec;
  /** What is: written by the system. @proto 3 */
  status?: ImageReviewStatus;
}

/** One container. @unpublished */
export interface ImageReviewContainerSpec {
  /** Name of the image, as in the pod. @proto 1 */
  image?: string;
}

/** The images, and where they are to run. @unpublished */
export interface ImageReviewSpec {
  /** The containers of the pod. @proto 1 @listType atomic */
  containers?: ImageReviewContainerSpec[];
  /** Annotations of the pod that are meant for image policies. @proto 2 */
  annotations?: Record<string, string>;
  /** Namespace of the pod. @proto 3 */
  namespace?: string;
}

/** Whether they may run. @unpublished */
export interface ImageReviewStatus {
  /** Whether all images may run. @proto 1 @keepEmpty */
  allowed?: boolean;
  /** Why not. @proto 2 */
  reason?: string;
  /** Notes for the audit log. @proto 3 */
  auditAnnotations?: Record<string, string>;
}
