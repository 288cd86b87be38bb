/**
 * Types of the group coordination, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.coordination.v1beta1 @offByDefault
 */
import type { Int32, MicroTime } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** A claim to a role, held for a while and renewed. @unpublished */
export interface Lease extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: LeaseSpec;
}

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

/** What is wanted of a lease. @unpublished */
export interface LeaseSpec {
  /** Who holds it. @proto 1 @pointer */
  holderIdentity?: string;
  /** How long it holds after renewTime, in seconds. @proto 2 @pointer */
  leaseDurationSeconds?: Int32;
  /** When its holder got it. @proto 3 @pointer */
  acquireTime?: MicroTime;
  /** When its holder last renewed it. @proto 4 @pointer */
  renewTime?: MicroTime;
  /** How often it has changed hands. @proto 5 @pointer */
  leaseTransitions?: Int32;
  /** How a leader is chosen among candidates. @proto 6 @pointer */
  strategy?: string;
  /** Who is to have it next. @proto 7 @pointer */
  preferredHolder?: string;
}
