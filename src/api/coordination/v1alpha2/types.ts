/**
 * Types of the group coordination, version v1alpha2. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.coordination.v1alpha2 @offByDefault
 */
import type { MicroTime } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** A process that would like to hold a lease. */
export interface LeaseCandidate extends KubeObject {
  /** What is wanted. @proto 2 @required @omitEmpty */
  spec: LeaseCandidateSpec;
}

/** The process, the lease, and what it knows of versions. */
export interface LeaseCandidateSpec {
  /** Name of the lease that the candidate wants. @proto 1 @required */
  leaseName: string;
  /** When the candidate was last asked whether it is there. @proto 2 @pointer */
  pingTime?: MicroTime;
  /** When the candidate last said that it is there. @proto 3 @pointer */
  renewTime?: MicroTime;
  /** Version of the program. @proto 4 @required */
  binaryVersion: string;
  /** Version that the program behaves as. @proto 5 */
  emulationVersion?: string;
  /** How the holder is chosen. @proto 6 @required @omitEmpty */
  strategy: string;
}
