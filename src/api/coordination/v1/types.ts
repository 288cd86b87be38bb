/**
 * Types of the group coordination, version v1.
 * @package io.k8s.api.coordination.v1
 */
import type { Int32, MicroTime } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** A claim to a role, held for a while and renewed. */
export interface Lease extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: LeaseSpec;
}

/** What is wanted of a lease. */
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
