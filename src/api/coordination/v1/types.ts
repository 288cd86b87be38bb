/**
 * Types of the group coordination, version v1.
 * @package io.k8s.api.coordination.v1
 */
import type { Int32, MicroTime } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** Lease. */
export interface Lease extends KubeObject {
  /** Spec. @proto 2 */
  spec?: LeaseSpec;
}

/** Lease spec. */
export interface LeaseSpec {
  /** Holder identity. @proto 1 @pointer */
  holderIdentity?: string;
  /** Lease duration, in seconds. @proto 2 @pointer */
  leaseDurationSeconds?: Int32;
  /** When: acquire time. @proto 3 @pointer */
  acquireTime?: MicroTime;
  /** When: renew time. @proto 4 @pointer */
  renewTime?: MicroTime;
  /** Lease transitions. @proto 5 @pointer */
  leaseTransitions?: Int32;
  /** Strategy. @proto 6 @pointer */
  strategy?: string;
  /** Preferred holder. @proto 7 @pointer */
  preferredHolder?: string;
}
