/**
 * Types of the group node, version v1.
 * @package io.k8s.api.node.v1
 */
import type { Toleration } from '../../core/v1/types.ts';
import type { Quantity } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** Overhead. */
export interface Overhead {
  /** Pod fixed, by key. @proto 1 */
  podFixed?: Record<string, Quantity>;
}

/** Runtime class. */
export interface RuntimeClass extends KubeObject {
  /** Handler. @proto 2 @required */
  handler: string;
  /** Overhead. @proto 3 @pointer */
  overhead?: Overhead;
  /** Scheduling. @proto 4 @pointer */
  scheduling?: Scheduling;
}

/** Scheduling. */
export interface Scheduling {
  /** Node selector, by key. @proto 1 @mapType atomic */
  nodeSelector?: Record<string, string>;
  /** List of tolerations. @proto 2 @listType atomic */
  tolerations?: Toleration[];
}
