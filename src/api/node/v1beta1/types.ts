/**
 * Types of the group node, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.node.v1beta1 @offByDefault
 */
import type { Toleration } from '../../core/v1/types.ts';
import type { Quantity } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** What running a pod costs beside its containers. @unpublished */
export interface Overhead {
  /** What each pod needs more. @proto 1 */
  podFixed?: Record<string, Quantity>;
}

/** A way of running containers. @unpublished */
export interface RuntimeClass extends KubeObject {
  /** Name of the container runtime's handler. @proto 2 @required */
  handler: string;
  /** What pods need beside their containers. @proto 3 @pointer */
  overhead?: Overhead;
  /** Which nodes can do it. @proto 4 @pointer */
  scheduling?: Scheduling;
}

/** Where pods of a class can run. @unpublished */
export interface Scheduling {
  /** Labels that a node must have. @proto 1 @mapType atomic */
  nodeSelector?: Record<string, string>;
  /** Taints that do not keep the pod away. @proto 2 @listType atomic */
  tolerations?: Toleration[];
}
