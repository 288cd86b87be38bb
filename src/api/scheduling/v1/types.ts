/**
 * Types of the group scheduling, version v1.
 * @package io.k8s.api.scheduling.v1
 */
import type { Int32 } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** Priority class. */
export interface PriorityClass extends KubeObject {
  /** Value. @proto 2 @keepEmpty */
  value?: Int32;
  /** Whether: global default. @proto 3 */
  globalDefault?: boolean;
  /** Description. @proto 4 */
  description?: string;
  /** Preemption policy. @proto 5 @pointer @enum Never|PreemptLowerPriority */
  preemptionPolicy?: string;
}
