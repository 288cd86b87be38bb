/**
 * Nodes and how they are doing.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, OwnerReference } from '../../meta/v1/types.ts';
import type { Taint } from './common.ts';

/** A volume that is attached to a node. */
export interface AttachedVolume {
  /** Name of the volume. @proto 1 @required */
  name: string;
  /** Where the node sees the volume as a device. @proto 2 @required */
  devicePath: string;
}

/** Pods that a node should not get. @unpublished */
export interface AvoidPods {
  /** List of prefer avoid pods. @proto 1 @listType atomic */
  preferAvoidPods?: PreferAvoidPodsEntry[];
}

/** A config map with a kubelet's settings. */
export interface ConfigMapNodeConfigSource {
  /** Namespace of the object. @proto 1 @required */
  namespace: string;
  /** Name of the object. @proto 2 @required */
  name: string;
  /** Unique identifier of the object. @proto 3 */
  uid?: string;
  /** Version of the object in the store; opaque, only good for comparing. @proto 4 */
  resourceVersion?: string;
  /** Key of the map under which the kubelet's settings are found. @proto 5 @required */
  kubeletConfigKey: string;
}

/** An image that a node has. */
export interface ContainerImage {
  /** Names of the image. @proto 1 @keepEmpty @listType atomic */
  names?: string[];
  /** Size of the image. @proto 2 */
  sizeBytes?: Int64;
}

/** A port that a daemon listens on. */
export interface DaemonEndpoint {
  /** Number of the port. @proto 1 @required */
  Port: Int32;
}

/** A machine that runs pods. */
export interface Node extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: NodeSpec;
  /** What is: written by the system. @proto 3 */
  status?: NodeStatus;
}

/** Where a node is reached, and what sort of address that is. */
export interface NodeAddress {
  /** Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS. @proto 1 @required */
  type: string;
  /** The address or name. @proto 2 @required */
  address: string;
}

/** What of a node's own resources a claim takes. */
export interface NodeAllocatableResourceClaimStatus {
  /** The claim that holds the devices. @proto 1 @required */
  resourceClaimName: string;
  /** Containers that use them. @proto 2 @listType set */
  containers?: string[];
  /** Resources that the claim takes from the node. @proto 3 @required */
  resources: Record<string, Quantity>;
}

/** A remark about the state of a node. */
export interface NodeCondition {
  /** Ready, MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable or another. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the node last told it. @proto 3 */
  lastHeartbeatTime?: Time | null;
  /** When the status last changed from one value to another. @proto 4 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 5 */
  reason?: string;
  /** Why, as a sentence for people. @proto 6 */
  message?: string;
}

/** Where a kubelet's settings come from. */
export interface NodeConfigSource {
  /** Where a node's settings stand in the cluster. @proto 2 @pointer */
  configMap?: ConfigMapNodeConfigSource;
}

/** How a node config is doing, as the system has found it. */
export interface NodeConfigStatus {
  /** What the kubelet is going to try. @proto 1 @pointer */
  assigned?: NodeConfigSource;
  /** What the kubelet runs with now. @proto 2 @pointer */
  active?: NodeConfigSource;
  /** What the kubelet falls back to when it cannot use what was assigned. @proto 3 @pointer */
  lastKnownGood?: NodeConfigSource;
  /** What went wrong. @proto 4 */
  error?: string;
}

/** Ports of a node's daemons. */
export interface NodeDaemonEndpoints {
  /** Where the kubelet listens. @proto 1 */
  kubeletEndpoint?: DaemonEndpoint;
}

/** What a node's container runtime can do. */
export interface NodeFeatures {
  /** Whether supplementalGroupsPolicy is understood. @proto 1 @pointer */
  supplementalGroupsPolicy?: boolean;
}

/** A handler of the container runtime. */
export interface NodeRuntimeHandler {
  /** Name of the handler; empty for the default. @proto 1 @keepEmpty */
  name?: string;
  /** What it can do. @proto 2 @pointer */
  features?: NodeRuntimeHandlerFeatures;
}

/** What a handler of the container runtime can do. */
export interface NodeRuntimeHandlerFeatures {
  /** Whether mounts can be read-only all the way down. @proto 1 @pointer */
  recursiveReadOnlyMounts?: boolean;
  /** Whether pods can have user numbers of their own. @proto 2 @pointer */
  userNamespaces?: boolean;
}

/** What is wanted of a node. */
export interface NodeSpec {
  /** Range of addresses for pods of the node. @proto 1 */
  podCIDR?: string;
  /** Ranges of addresses for pods of the node, one a family. @proto 7 @listType set @patchStrategy merge */
  podCIDRs?: string[];
  /** Identifier of the machine at its provider. @proto 3 */
  providerID?: string;
  /** Whether no new pods are to be placed on it. @proto 4 */
  unschedulable?: boolean;
  /** What keeps pods away that do not tolerate it. @proto 5 @listType atomic */
  taints?: Taint[];
  /** No longer used. @proto 6 @pointer */
  configSource?: NodeConfigSource;
  /** No longer used. @proto 2 */
  externalID?: string;
}

/** How a node is doing, as the system has found it. */
export interface NodeStatus {
  /** What the machine has. @proto 1 */
  capacity?: Record<string, Quantity>;
  /** What of it pods may use. @proto 2 */
  allocatable?: Record<string, Quantity>;
  /** No longer used. @proto 3 @enum Pending|Running|Terminated */
  phase?: string;
  /** Remarks about the state, one a type. @proto 4 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: NodeCondition[];
  /** Addresses and names of the node. @proto 5 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  addresses?: NodeAddress[];
  /** Where the node's daemons listen. @proto 6 */
  daemonEndpoints?: NodeDaemonEndpoints;
  /** Versions and identifiers of the machine. @proto 7 */
  nodeInfo?: NodeSystemInfo;
  /** Images that are on the node. @proto 8 @listType atomic */
  images?: ContainerImage[];
  /** Volumes that are attached and mounted. @proto 9 @listType atomic */
  volumesInUse?: string[];
  /** What is attached to the node, as the attach controller knows it. @proto 10 @listType atomic */
  volumesAttached?: AttachedVolume[];
  /** No longer used. @proto 11 @pointer */
  config?: NodeConfigStatus;
  /** What the container runtime's handlers can do. @proto 12 @listType atomic */
  runtimeHandlers?: NodeRuntimeHandler[];
  /** What the container runtime can do. @proto 13 @pointer */
  features?: NodeFeatures;
  /** Features that the node says it has. @proto 14 @listType atomic */
  declaredFeatures?: string[];
}

/** How much swap a node has. */
export interface NodeSwapStatus {
  /** Size of the swap memory, in bytes. @proto 1 @pointer */
  capacity?: Int64;
}

/** Machine, kernel and programs of a node. */
export interface NodeSystemInfo {
  /** Identifier of the installation, from /etc/machine-id. @proto 1 @required */
  machineID: string;
  /** Identifier of the machine, from its firmware. @proto 2 @required */
  systemUUID: string;
  /** Identifier of this boot. @proto 3 @required */
  bootID: string;
  /** What the kernel calls itself (`uname -r`). @proto 4 @required */
  kernelVersion: string;
  /** Name of the operating system. @proto 5 @required */
  osImage: string;
  /** Name and version of the container runtime. @proto 6 @required */
  containerRuntimeVersion: string;
  /** Release of the kubelet, as `v1.36.2`. @proto 7 @required */
  kubeletVersion: string;
  /** No longer used. @proto 8 @required */
  kubeProxyVersion: string;
  /** `linux` or `windows`. @proto 9 @required */
  operatingSystem: string;
  /** Architecture of the processor, as `amd64`. @proto 10 @required */
  architecture: string;
  /** The node's swap memory. @proto 11 @pointer */
  swap?: NodeSwapStatus;
}

/** Pods, by who made them. @unpublished */
export interface PodSignature {
  /** Who made the pods that are kept away. @proto 1 @pointer */
  podController?: OwnerReference;
}

/** Pods that a node should not get, and why. @unpublished */
export interface PreferAvoidPodsEntry {
  /** Which pods are better placed elsewhere. @proto 1 @required */
  podSignature: PodSignature;
  /** When: eviction time. @proto 2 */
  evictionTime?: Time | null;
  /** Why, as one word for programs. @proto 3 */
  reason?: string;
  /** Why, as a sentence for people. @proto 4 */
  message?: string;
}
