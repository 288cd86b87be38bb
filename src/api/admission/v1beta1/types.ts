/**
 * Types of the group admission, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.admission.v1beta1 @offByDefault
 */
import type { UserInfo } from '../../authentication/v1/types.ts';
import type { Bytes, RawExtension } from '../../meta/v1/scalars.ts';
import type { GroupVersionKind, GroupVersionResource, Status, TypeMeta } from '../../meta/v1/types.ts';

/** What a webhook is asked: the write, who asks for it, and both states of the object. @unpublished */
export interface AdmissionRequest {
  /** Identifier of this question; the answer repeats it. @proto 1 @keepEmpty */
  uid?: string;
  /** Name of the kind, as `Pod`. @proto 2 @keepEmpty */
  kind?: GroupVersionKind;
  /** Name of the resource, in the plural. @proto 3 @keepEmpty */
  resource?: GroupVersionResource;
  /** Name of the subresource. @proto 4 */
  subResource?: string;
  /** Kind that the client wrote, when it was another version. @proto 13 @pointer */
  requestKind?: GroupVersionKind;
  /** Resource that the client wrote to, when it was another version. @proto 14 @pointer */
  requestResource?: GroupVersionResource;
  /** Subresource that the client wrote to. @proto 15 */
  requestSubResource?: string;
  /** Name of the object. @proto 5 */
  name?: string;
  /** Namespace of the object. @proto 6 */
  namespace?: string;
  /** CREATE, UPDATE, DELETE or CONNECT. @proto 7 @keepEmpty */
  operation?: string;
  /** Who asks. @proto 8 @keepEmpty */
  userInfo?: UserInfo;
  /** The object as it is to be. @proto 9 */
  object?: RawExtension;
  /** The object as it is. @proto 10 */
  oldObject?: RawExtension;
  /** `All` when nothing is to be stored. @proto 11 @pointer */
  dryRun?: boolean;
  /** Options of the write. @proto 12 */
  options?: RawExtension;
}

/** What a webhook answers: whether the write may go on, and what it changes. @unpublished */
export interface AdmissionResponse {
  /** Identifier of the question. @proto 1 @keepEmpty */
  uid?: string;
  /** Whether the write may go on. @proto 2 @keepEmpty */
  allowed?: boolean;
  /** What is: written by the system. @proto 3 @pointer */
  status?: Status;
  /** Changes of the object, in base64. @proto 4 */
  patch?: Bytes;
  /** Form of the patch: JSONPatch. @proto 5 @pointer */
  patchType?: string;
  /** Notes for the audit log. @proto 6 */
  auditAnnotations?: Record<string, string>;
  /** Texts to show to the client. @proto 7 */
  warnings?: string[];
}

/** A question to an admission webhook, and the webhook's answer. @unpublished */
export interface AdmissionReview extends TypeMeta {
  /** The question. @proto 1 @pointer */
  request?: AdmissionRequest;
  /** The answer. @proto 2 @pointer */
  response?: AdmissionResponse;
}
