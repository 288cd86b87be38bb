/**
 * Types of the group apiserverinternal, version v1alpha1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.apiserverinternal.v1alpha1 @offByDefault
 */
import type { Int64, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, ObjectMeta } from '../../meta/v1/types.ts';

/** What one API server writes and can read. */
export interface ServerStorageVersion {
  /** Name of the API server. @proto 1 @required @omitEmpty */
  apiServerID: string;
  /** Version that it writes. @proto 2 @required @omitEmpty */
  encodingVersion: string;
  /** Versions that it can read. @proto 3 @required @omitEmpty @listType set */
  decodableVersions: string[];
  /** Versions that it serves. @proto 4 @listType set */
  servedVersions?: string[];
}

/** Which versions of a resource each API server writes and can read. */
export interface StorageVersion extends KubeObject {
  /** Name, labels and the rest that all objects have. @proto 1 @required @omitEmpty */
  metadata: ObjectMeta;
  /** What is wanted. @proto 2 @keepEmpty */
  spec?: StorageVersionSpec;
  /** What is: written by the system. @proto 3 @keepEmpty */
  status?: StorageVersionStatus;
}

/** A remark about the state. */
export interface StorageVersionCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** What is: written by the system. @proto 2 @required */
  status: string;
  /** Generation of the object that it was written for. @proto 3 */
  observedGeneration?: Int64;
  /** When the status last changed from one value to another. @proto 4 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 5 @required */
  reason: string;
  /** Why, as a sentence for people. @proto 6 @required @omitEmpty */
  message: string;
}

/** Nothing is asked for. */
export interface StorageVersionSpec {
}

/** What the API servers have said of a resource. */
export interface StorageVersionStatus {
  /** What each API server has said. @proto 1 @listType map @listKeys apiServerID */
  storageVersions?: ServerStorageVersion[];
  /** Version that all of them write; absent while they differ. @proto 2 @pointer */
  commonEncodingVersion?: string;
  /** Remarks about the state, one a type. @proto 3 @listType map @listKeys type */
  conditions?: StorageVersionCondition[];
}
