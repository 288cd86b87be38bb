/**
 * Types of the group apiregistration, version v1.
 * @package io.k8s.kube-aggregator.pkg.apis.apiregistration.v1
 */
import type { Bytes, Int32, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** API service. */
export interface APIService extends KubeObject {
  /** Spec. @proto 2 */
  spec?: APIServiceSpec;
  /** Status. @proto 3 */
  status?: APIServiceStatus;
}

/** API service condition. */
export interface APIServiceCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last transition time. @proto 3 */
  lastTransitionTime?: Time;
  /** Reason. @proto 4 */
  reason?: string;
  /** Message. @proto 5 */
  message?: string;
}

/** API service spec. */
export interface APIServiceSpec {
  /** Service. @proto 1 @pointer */
  service?: ServiceReference;
  /** Group. @proto 2 */
  group?: string;
  /** Version. @proto 3 */
  version?: string;
  /** Whether: insecure skip TLS verify. @proto 4 */
  insecureSkipTLSVerify?: boolean;
  /** Ca bundle. @proto 5 @listType atomic */
  caBundle?: Bytes;
  /** Group priority minimum. @proto 7 @required */
  groupPriorityMinimum: Int32;
  /** Version priority. @proto 8 @required */
  versionPriority: Int32;
}

/** API service status. */
export interface APIServiceStatus {
  /** List of conditions. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: APIServiceCondition[];
}

/** Service reference. */
export interface ServiceReference {
  /** Namespace. @proto 1 */
  namespace?: string;
  /** Name. @proto 2 */
  name?: string;
  /** Port. @proto 3 @pointer */
  port?: Int32;
}
