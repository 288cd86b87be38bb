/**
 * Types of the group admission, version v1.
 * @package io.k8s.api.admission.v1
 */
import type { UserInfo } from '../../authentication/v1/types.ts';
import type { Bytes, RawExtension } from '../../meta/v1/scalars.ts';
import type { GroupVersionKind, GroupVersionResource, Status, TypeMeta } from '../../meta/v1/types.ts';

/** Admission request. @unpublished */
export interface AdmissionRequest {
  /** Uid. @proto 1 @keepEmpty */
  uid?: string;
  /** Kind. @proto 2 @keepEmpty */
  kind?: GroupVersionKind;
  /** Resource. @proto 3 @keepEmpty */
  resource?: GroupVersionResource;
  /** Sub resource. @proto 4 */
  subResource?: string;
  /** Request kind. @proto 13 @pointer */
  requestKind?: GroupVersionKind;
  /** Request resource. @proto 14 @pointer */
  requestResource?: GroupVersionResource;
  /** Request sub resource. @proto 15 */
  requestSubResource?: string;
  /** Name. @proto 5 */
  name?: string;
  /** Namespace. @proto 6 */
  namespace?: string;
  /** Operation. @proto 7 @keepEmpty */
  operation?: string;
  /** User info. @proto 8 @keepEmpty */
  userInfo?: UserInfo;
  /** Object. @proto 9 */
  object?: RawExtension;
  /** Old object. @proto 10 */
  oldObject?: RawExtension;
  /** Whether: dry run. @proto 11 @pointer */
  dryRun?: boolean;
  /** Options. @proto 12 */
  options?: RawExtension;
}

/** Admission response. @unpublished */
export interface AdmissionResponse {
  /** Uid. @proto 1 @keepEmpty */
  uid?: string;
  /** Whether: allowed. @proto 2 @keepEmpty */
  allowed?: boolean;
  /** Status. @proto 3 @pointer */
  status?: Status;
  /** Patch. @proto 4 */
  patch?: Bytes;
  /** Patch type. @proto 5 @pointer */
  patchType?: string;
  /** Audit annotations, by key. @proto 6 */
  auditAnnotations?: Record<string, string>;
  /** List of warnings. @proto 7 */
  warnings?: string[];
}

/** Admission review. @unpublished */
export interface AdmissionReview extends TypeMeta {
  /** Request. @proto 1 @pointer */
  request?: AdmissionRequest;
  /** Response. @proto 2 @pointer */
  response?: AdmissionResponse;
}
