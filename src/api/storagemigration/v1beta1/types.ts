/**
 * Types of the group storagemigration, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.storagemigration.v1beta1 @offByDefault
 */
import type { Condition, GroupResource, KubeObject } from '../../meta/v1/types.ts';

/** Has all objects of a resource written anew, in the version that is stored now. */
export interface StorageVersionMigration extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: StorageVersionMigrationSpec;
  /** What is: written by the system. @proto 3 */
  status?: StorageVersionMigrationStatus;
}

/** Which resource is meant. */
export interface StorageVersionMigrationSpec {
  /** The resource whose objects are written anew. @proto 1 @required */
  resource: GroupResource;
}

/** How far it has come. */
export interface StorageVersionMigrationStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
  /** Revision up to which objects are written anew. @proto 2 */
  resourceVersion?: string;
}
