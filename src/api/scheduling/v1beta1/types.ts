/**
 * Types of the group scheduling, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.scheduling.v1beta1 @offByDefault
 */
import type { Int32 } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** A name for a priority. @unpublished */
export interface PriorityClass extends KubeObject {
  /** The priority; a higher number goes first. @proto 2 @keepEmpty */
  value?: Int32;
  /** Whether it is for pods that name none. @proto 3 */
  globalDefault?: boolean;
  /** What it is for, for people. @proto 4 */
  description?: string;
  /** Whether its pods may push out others: PreemptLowerPriority or Never. @proto 5 @pointer @enum Never|PreemptLowerPriority */
  preemptionPolicy?: string;
}
