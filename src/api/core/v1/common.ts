/**
 * Parts that several core kinds share: references, selectors, amounts, taints.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';

/** An entry of a config map. @atomic */
export interface ConfigMapKeySelector {
  /** Name of the config map. @proto 1 @via 1 @default "" */
  name?: string;
  /** Under which key the value is found. @proto 2 @required */
  key: string;
  /** Whether it may be missing. @proto 3 @pointer */
  optional?: boolean;
}

/** A value in a file that another container has written. @atomic */
export interface FileKeySelector {
  /** The volume of the pod that holds the file; an emptyDir. @proto 1 @required */
  volumeName: string;
  /** Path of the file in the volume. @proto 2 @required */
  path: string;
  /** Under which key the value stands in the file. @proto 3 @required */
  key: string;
  /** Whether it may be missing. @proto 4 @pointer @default false */
  optional?: boolean;
}

/** A key, and the file that it becomes. */
export interface KeyToPath {
  /** Which key of the map is written to the file. @proto 1 @required */
  key: string;
  /** Path of the file below the mount. @proto 2 @required */
  path: string;
  /** Permissions of the file. @proto 3 @pointer */
  mode?: Int32;
}

/** An address of a load balancer. */
export interface LoadBalancerIngress {
  /** Its address. @proto 1 */
  ip?: string;
  /** Its name. @proto 2 */
  hostname?: string;
  /** Whether packets arrive with the balancer's address (VIP) or the node's (Proxy). @proto 3 @pointer */
  ipMode?: string;
  /** State of each port. @proto 4 @listType atomic */
  ports?: PortStatus[];
}

/** Where a load balancer takes requests. */
export interface LoadBalancerStatus {
  /** Addresses of the load balancer. @proto 1 @listType atomic */
  ingress?: LoadBalancerIngress[];
}

/** An object in the same namespace, by name. @atomic */
export interface LocalObjectReference {
  /** Name of the object, in the same namespace. @proto 1 @default "" */
  name?: string;
}

/** A choice of nodes: one of the terms must match. @atomic */
export interface NodeSelector {
  /** Sets of requirements, of which one must hold. @proto 1 @required @listType atomic */
  nodeSelectorTerms: NodeSelectorTerm[];
}

/** A label of the node, and which values it may have. */
export interface NodeSelectorRequirement {
  /** Which label of the node is looked at. @proto 1 @required */
  key: string;
  /** In, NotIn, Exists, DoesNotExist, Gt or Lt. @proto 2 @required @enum DoesNotExist|Exists|Gt|In|Lt|NotIn */
  operator: string;
  /** What the value is compared with. @proto 3 @listType atomic */
  values?: string[];
}

/** Conditions that must all hold. @atomic */
export interface NodeSelectorTerm {
  /** Conditions on labels of the node. @proto 1 @listType atomic */
  matchExpressions?: NodeSelectorRequirement[];
  /** Conditions on fields of the node, as metadata.name. @proto 2 @listType atomic */
  matchFields?: NodeSelectorRequirement[];
}

/** A field of the pod itself. @atomic */
export interface ObjectFieldSelector {
  /** Version of the object that the path is written for. @proto 1 */
  apiVersion?: string;
  /** Path of the field, as `metadata.name`. @proto 2 @required */
  fieldPath: string;
}

/** A reference to an object or a part of it. @atomic */
export interface ObjectReference {
  /** Name of the kind, as `Pod`. @proto 1 */
  kind?: string;
  /** Namespace of the object. @proto 2 */
  namespace?: string;
  /** Name of the object. @proto 3 */
  name?: string;
  /** Unique identifier of the object. @proto 4 */
  uid?: string;
  /** Group and version, as `apps/v1`; core kinds have the version alone. @proto 5 */
  apiVersion?: string;
  /** Version of the object in the store; opaque, only good for comparing. @proto 6 */
  resourceVersion?: string;
  /** Path of a part, as `spec.containers{name}`. @proto 7 */
  fieldPath?: string;
}

/** A port of a load balancer, and whether it works. */
export interface PortStatus {
  /** Number of the port. @proto 1 @required */
  port: Int32;
  /** TCP, UDP or SCTP. @proto 2 @required @enum SCTP|TCP|UDP */
  protocol: string;
  /** What is wrong with it. @proto 3 @pointer */
  error?: string;
}

/** What must be true of the object for a delete to go on. @unpublished */
export interface Preconditions {
  /** The object must have this identifier. @proto 1 @pointer */
  uid?: string;
}

/** Asks for devices. */
export interface ResourceClaim {
  /** Name of the claim in the pod's spec. @proto 1 @required */
  name: string;
  /** Which request of the claim; all of them when unset. @proto 2 */
  request?: string;
}

/** A container's request or limit. @atomic */
export interface ResourceFieldSelector {
  /** Name of the container; needed in volumes. @proto 1 */
  containerName?: string;
  /** Which resource, as `limits.cpu`. @proto 2 @required */
  resource: string;
  /** Unit of the value that is shown. @proto 3 */
  divisor?: Quantity;
}

/** What is needed and what may be used. */
export interface ResourceRequirements {
  /** The most that may be used. @proto 1 */
  limits?: Record<string, Quantity>;
  /** What is set aside; the limits when unset. @proto 2 */
  requests?: Record<string, Quantity>;
  /** Claims of the pod that the container uses. @proto 3 @listType map @listKeys name */
  claims?: ResourceClaim[];
}

/** The SELinux label of a process. */
export interface SELinuxOptions {
  /** User part of the label. @proto 1 */
  user?: string;
  /** Role part of the label. @proto 2 */
  role?: string;
  /** Type part of the label. @proto 3 */
  type?: string;
  /** Level part of the label. @proto 4 */
  level?: string;
}

/** An entry of a secret. @atomic */
export interface SecretKeySelector {
  /** Name of the secret. @proto 1 @via 1 @default "" */
  name?: string;
  /** Under which key the value is found. @proto 2 @required */
  key: string;
  /** Whether it may be missing. @proto 3 @pointer */
  optional?: boolean;
}

/** A secret, by name and namespace. @atomic */
export interface SecretReference {
  /** Name of the secret. @proto 1 */
  name?: string;
  /** Namespace of the secret. @proto 2 */
  namespace?: string;
}

/** Keeps pods away that do not tolerate it. */
export interface Taint {
  /** Key of the taint. @proto 1 @required */
  key: string;
  /** Value of the taint. @proto 2 */
  value?: string;
  /** NoSchedule, PreferNoSchedule or NoExecute. @proto 3 @required @enum NoExecute|NoSchedule|PreferNoSchedule */
  effect: string;
  /** When the taint was added. @proto 4 @pointer */
  timeAdded?: Time;
}

/** A taint that does not keep the pod away. */
export interface Toleration {
  /** Key of the taint; empty, with Exists, stands for all. @proto 1 */
  key?: string;
  /** Equal or Exists. @proto 2 @enum Equal|Exists|Gt|Lt */
  operator?: string;
  /** Value of the taint, for Equal. @proto 3 */
  value?: string;
  /** Effect of the taint; empty stands for all. @proto 4 @enum NoExecute|NoSchedule|PreferNoSchedule */
  effect?: string;
  /** How long a NoExecute taint is tolerated; forever when unset. @proto 5 @pointer */
  tolerationSeconds?: Int64;
}

/** A label of the node, and which values it may have. */
export interface TopologySelectorLabelRequirement {
  /** Which label of the node is looked at. @proto 1 @required */
  key: string;
  /** Values of the label. @proto 2 @required @listType atomic */
  values: string[];
}

/** Where volumes may be made, by labels of nodes. @atomic */
export interface TopologySelectorTerm {
  /** Conditions on labels of nodes. @proto 1 @listType atomic */
  matchLabelExpressions?: TopologySelectorLabelRequirement[];
}

/** An object in the same namespace, by kind and name. @atomic */
export interface TypedLocalObjectReference {
  /** Group of the kind that is referred to; empty for the core group. @proto 1 @pointer @keepEmpty */
  apiGroup?: string;
  /** Name of the kind, as `Pod`. @proto 2 @required */
  kind: string;
  /** Name of the object. @proto 3 @required */
  name: string;
}

/** An object by kind, name and perhaps namespace. */
export interface TypedObjectReference {
  /** Group of the kind that is referred to; empty for the core group. @proto 1 @pointer @keepEmpty */
  apiGroup?: string;
  /** Name of the kind, as `Pod`. @proto 2 @required */
  kind: string;
  /** Name of the object. @proto 3 @required */
  name: string;
  /** Namespace of the object. @proto 4 @pointer */
  namespace?: string;
}

/** How large a volume must be, and may be. */
export interface VolumeResourceRequirements {
  /** The most that may be used. @proto 1 */
  limits?: Record<string, Quantity>;
  /** What is set aside; the limits when unset. @proto 2 */
  requests?: Record<string, Quantity>;
}
