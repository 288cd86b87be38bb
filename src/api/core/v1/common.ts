/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';

/** Config map key selector. @atomic @inlines LocalObjectReference:1 */
export interface ConfigMapKeySelector {
  /** Name. @proto 1 @via 1 @default "" */
  name?: string;
  /** Key. @proto 2 @required */
  key: string;
  /** Whether: optional. @proto 3 @pointer */
  optional?: boolean;
}

/** File key selector. @atomic */
export interface FileKeySelector {
  /** Name of the volume. @proto 1 @required */
  volumeName: string;
  /** Path. @proto 2 @required */
  path: string;
  /** Key. @proto 3 @required */
  key: string;
  /** Whether: optional. @proto 4 @pointer @default false */
  optional?: boolean;
}

/** Key to path. */
export interface KeyToPath {
  /** Key. @proto 1 @required */
  key: string;
  /** Path. @proto 2 @required */
  path: string;
  /** Mode. @proto 3 @pointer */
  mode?: Int32;
}

/** Load balancer ingress. */
export interface LoadBalancerIngress {
  /** Ip. @proto 1 */
  ip?: string;
  /** Hostname. @proto 2 */
  hostname?: string;
  /** Ip mode. @proto 3 @pointer */
  ipMode?: string;
  /** List of ports. @proto 4 @listType atomic */
  ports?: PortStatus[];
}

/** Load balancer status. */
export interface LoadBalancerStatus {
  /** List of ingress. @proto 1 @listType atomic */
  ingress?: LoadBalancerIngress[];
}

/** Local object reference. @atomic */
export interface LocalObjectReference {
  /** Name. @proto 1 @default "" */
  name?: string;
}

/** Node selector. @atomic */
export interface NodeSelector {
  /** List of node selector terms. @proto 1 @required @listType atomic */
  nodeSelectorTerms: NodeSelectorTerm[];
}

/** Node selector requirement. */
export interface NodeSelectorRequirement {
  /** Key. @proto 1 @required */
  key: string;
  /** Operator. @proto 2 @required @enum DoesNotExist|Exists|Gt|In|Lt|NotIn */
  operator: string;
  /** List of values. @proto 3 @listType atomic */
  values?: string[];
}

/** Node selector term. @atomic */
export interface NodeSelectorTerm {
  /** List of match expressions. @proto 1 @listType atomic */
  matchExpressions?: NodeSelectorRequirement[];
  /** List of match fields. @proto 2 @listType atomic */
  matchFields?: NodeSelectorRequirement[];
}

/** Object field selector. @atomic */
export interface ObjectFieldSelector {
  /** Api version. @proto 1 */
  apiVersion?: string;
  /** Field path. @proto 2 @required */
  fieldPath: string;
}

/** Object reference. @atomic */
export interface ObjectReference {
  /** Kind. @proto 1 */
  kind?: string;
  /** Namespace. @proto 2 */
  namespace?: string;
  /** Name. @proto 3 */
  name?: string;
  /** Uid. @proto 4 */
  uid?: string;
  /** Api version. @proto 5 */
  apiVersion?: string;
  /** Resource version. @proto 6 */
  resourceVersion?: string;
  /** Field path. @proto 7 */
  fieldPath?: string;
}

/** Port status. */
export interface PortStatus {
  /** Port. @proto 1 @required */
  port: Int32;
  /** Protocol. @proto 2 @required @enum SCTP|TCP|UDP */
  protocol: string;
  /** Error. @proto 3 @pointer */
  error?: string;
}

/** Preconditions. @unpublished */
export interface Preconditions {
  /** Uid. @proto 1 @pointer */
  uid?: string;
}

/** Resource claim. */
export interface ResourceClaim {
  /** Name. @proto 1 @required */
  name: string;
  /** Request. @proto 2 */
  request?: string;
}

/** Resource field selector. @atomic */
export interface ResourceFieldSelector {
  /** Name of the container. @proto 1 */
  containerName?: string;
  /** Resource. @proto 2 @required */
  resource: string;
  /** Divisor. @proto 3 */
  divisor?: Quantity;
}

/** Resource requirements. */
export interface ResourceRequirements {
  /** Limits, by key. @proto 1 */
  limits?: Record<string, Quantity>;
  /** Requests, by key. @proto 2 */
  requests?: Record<string, Quantity>;
  /** List of claims. @proto 3 @listType map @listKeys name */
  claims?: ResourceClaim[];
}

/** SE linux options. */
export interface SELinuxOptions {
  /** User. @proto 1 */
  user?: string;
  /** Role. @proto 2 */
  role?: string;
  /** Type. @proto 3 */
  type?: string;
  /** Level. @proto 4 */
  level?: string;
}

/** Secret key selector. @atomic @inlines LocalObjectReference:1 */
export interface SecretKeySelector {
  /** Name. @proto 1 @via 1 @default "" */
  name?: string;
  /** Key. @proto 2 @required */
  key: string;
  /** Whether: optional. @proto 3 @pointer */
  optional?: boolean;
}

/** Secret reference. @atomic */
export interface SecretReference {
  /** Name. @proto 1 */
  name?: string;
  /** Namespace. @proto 2 */
  namespace?: string;
}

/** Taint. */
export interface Taint {
  /** Key. @proto 1 @required */
  key: string;
  /** Value. @proto 2 */
  value?: string;
  /** Effect. @proto 3 @required @enum NoExecute|NoSchedule|PreferNoSchedule */
  effect: string;
  /** Time added. @proto 4 @pointer */
  timeAdded?: Time;
}

/** Toleration. */
export interface Toleration {
  /** Key. @proto 1 */
  key?: string;
  /** Operator. @proto 2 @enum Equal|Exists|Gt|Lt */
  operator?: string;
  /** Value. @proto 3 */
  value?: string;
  /** Effect. @proto 4 @enum NoExecute|NoSchedule|PreferNoSchedule */
  effect?: string;
  /** Toleration, in seconds. @proto 5 @pointer */
  tolerationSeconds?: Int64;
}

/** Topology selector label requirement. */
export interface TopologySelectorLabelRequirement {
  /** Key. @proto 1 @required */
  key: string;
  /** List of values. @proto 2 @required @listType atomic */
  values: string[];
}

/** Topology selector term. @atomic */
export interface TopologySelectorTerm {
  /** List of match label expressions. @proto 1 @listType atomic */
  matchLabelExpressions?: TopologySelectorLabelRequirement[];
}

/** Typed local object reference. @atomic */
export interface TypedLocalObjectReference {
  /** Api group. @proto 1 @pointer @keepEmpty */
  apiGroup?: string;
  /** Kind. @proto 2 @required */
  kind: string;
  /** Name. @proto 3 @required */
  name: string;
}

/** Typed object reference. */
export interface TypedObjectReference {
  /** Api group. @proto 1 @pointer @keepEmpty */
  apiGroup?: string;
  /** Kind. @proto 2 @required */
  kind: string;
  /** Name. @proto 3 @required */
  name: string;
  /** Namespace. @proto 4 @pointer */
  namespace?: string;
}

/** Volume resource requirements. */
export interface VolumeResourceRequirements {
  /** Limits, by key. @proto 1 */
  limits?: Record<string, Quantity>;
  /** Requests, by key. @proto 2 */
  requests?: Record<string, Quantity>;
}
