/**
 * Types of the group apiregistration, version v1.
 * @package io.k8s.kube-aggregator.pkg.apis.apiregistration.v1
 */
import type { Bytes, Int32, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** Where a group and version of the API is served. */
export interface APIService extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: APIServiceSpec;
  /** What is: written by the system. @proto 3 */
  status?: APIServiceStatus;
}

/** A remark about the state of a API service. */
export interface APIServiceCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the status last changed from one value to another. @proto 3 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Why, as a sentence for people. @proto 5 */
  message?: string;
}

/** What is wanted of a API service. */
export interface APIServiceSpec {
  /** The service; unset when the server itself serves it. @proto 1 @pointer */
  service?: ServiceReference;
  /** Group that is served. @proto 2 */
  group?: string;
  /** Version that is served. @proto 3 */
  version?: string;
  /** Whether to trust the service whatever its certificate says. @proto 4 */
  insecureSkipTLSVerify?: boolean;
  /** Certificates, PEM, that its own must be signed by. @proto 5 @listType atomic */
  caBundle?: Bytes;
  /** Order of the groups; higher first. @proto 7 @required */
  groupPriorityMinimum: Int32;
  /** Order of the versions of a group; higher first. @proto 8 @required */
  versionPriority: Int32;
}

/** How a API service is doing, as the system has found it. */
export interface APIServiceStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: APIServiceCondition[];
}

/** A service, and where on it requests go. */
export interface ServiceReference {
  /** Namespace of the service. @proto 1 */
  namespace?: string;
  /** Name of the service. @proto 2 */
  name?: string;
  /** Port of the service; 443 when unset. @proto 3 @pointer */
  port?: Int32;
}
