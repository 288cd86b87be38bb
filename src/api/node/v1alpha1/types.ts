/**
 * Types of the group node, version v1alpha1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.node.v1alpha1 @offByDefault
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
  /** What is wanted. @proto 2 @required */
  spec: RuntimeClassSpec;
}

/** What is wanted of a runtime class. @unpublished */
export interface RuntimeClassSpec {
  /** Name of the handler in the container runtime. @proto 1 @required */
  runtimeHandler: string;
  /** What running a pod costs beside its containers. @proto 2 @pointer */
  overhead?: Overhead;
  /** Nodes on which the runtime is to be found. @proto 3 @pointer */
  scheduling?: Scheduling;
}

/** Where pods of a class can run. @unpublished */
export interface Scheduling {
  /** Labels that a node must have. @proto 1 @mapType atomic */
  nodeSelector?: Record<string, string>;
  /** Taints that do not keep the pod away. @proto 2 @listType atomic */
  tolerations?: Toleration[];
}
