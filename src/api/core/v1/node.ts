/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, OwnerReference } from '../../meta/v1/types.ts';
import type { Taint } from './common.ts';

/** Attached volume. */
export interface AttachedVolume {
  /** Name. @proto 1 @required */
  name: string;
  /** Device path. @proto 2 @required */
  devicePath: string;
}

/** Avoid pods. @unpublished */
export interface AvoidPods {
  /** List of prefer avoid pods. @proto 1 @listType atomic */
  preferAvoidPods?: PreferAvoidPodsEntry[];
}

/** Config map node config source. */
export interface ConfigMapNodeConfigSource {
  /** Namespace. @proto 1 @required */
  namespace: string;
  /** Name. @proto 2 @required */
  name: string;
  /** Uid. @proto 3 */
  uid?: string;
  /** Resource version. @proto 4 */
  resourceVersion?: string;
  /** Kubelet config key. @proto 5 @required */
  kubeletConfigKey: string;
}

/** Container image. */
export interface ContainerImage {
  /** List of names. @proto 1 @keepEmpty @listType atomic */
  names?: string[];
  /** Size bytes. @proto 2 */
  sizeBytes?: Int64;
}

/** Daemon endpoint. */
export interface DaemonEndpoint {
  /** Port. @proto 1 @required */
  Port: Int32;
}

/** Node. */
export interface Node extends KubeObject {
  /** Spec. @proto 2 */
  spec?: NodeSpec;
  /** Status. @proto 3 */
  status?: NodeStatus;
}

/** Node address. */
export interface NodeAddress {
  /** Type. @proto 1 @required */
  type: string;
  /** Address. @proto 2 @required */
  address: string;
}

/** Node allocatable resource claim status. */
export interface NodeAllocatableResourceClaimStatus {
  /** Name of the resource claim. @proto 1 @required */
  resourceClaimName: string;
  /** List of containers. @proto 2 @listType set */
  containers?: string[];
  /** Resources, by key. @proto 3 @required */
  resources: Record<string, Quantity>;
}

/** Node condition. */
export interface NodeCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last heartbeat time. @proto 3 */
  lastHeartbeatTime?: Time;
  /** When: last transition time. @proto 4 */
  lastTransitionTime?: Time;
  /** Reason. @proto 5 */
  reason?: string;
  /** Message. @proto 6 */
  message?: string;
}

/** Node config source. */
export interface NodeConfigSource {
  /** Config map. @proto 2 @pointer */
  configMap?: ConfigMapNodeConfigSource;
}

/** Node config status. */
export interface NodeConfigStatus {
  /** Assigned. @proto 1 @pointer */
  assigned?: NodeConfigSource;
  /** Active. @proto 2 @pointer */
  active?: NodeConfigSource;
  /** Last known good. @proto 3 @pointer */
  lastKnownGood?: NodeConfigSource;
  /** Error. @proto 4 */
  error?: string;
}

/** Node daemon endpoints. */
export interface NodeDaemonEndpoints {
  /** Kubelet endpoint. @proto 1 */
  kubeletEndpoint?: DaemonEndpoint;
}

/** Node features. */
export interface NodeFeatures {
  /** Whether: supplemental groups policy. @proto 1 @pointer */
  supplementalGroupsPolicy?: boolean;
}

/** Node runtime handler. */
export interface NodeRuntimeHandler {
  /** Name. @proto 1 @keepEmpty */
  name?: string;
  /** Features. @proto 2 @pointer */
  features?: NodeRuntimeHandlerFeatures;
}

/** Node runtime handler features. */
export interface NodeRuntimeHandlerFeatures {
  /** Whether: recursive read only mounts. @proto 1 @pointer */
  recursiveReadOnlyMounts?: boolean;
  /** Whether: user namespaces. @proto 2 @pointer */
  userNamespaces?: boolean;
}

/** Node spec. */
export interface NodeSpec {
  /** Pod CIDR. @proto 1 */
  podCIDR?: string;
  /** List of pod CID rs. @proto 7 @listType set @patchStrategy merge */
  podCIDRs?: string[];
  /** Provider ID. @proto 3 */
  providerID?: string;
  /** Whether: unschedulable. @proto 4 */
  unschedulable?: boolean;
  /** List of taints. @proto 5 @listType atomic */
  taints?: Taint[];
  /** Config source. @proto 6 @pointer */
  configSource?: NodeConfigSource;
  /** External ID. @proto 2 */
  externalID?: string;
}

/** Node status. */
export interface NodeStatus {
  /** Capacity, by key. @proto 1 */
  capacity?: Record<string, Quantity>;
  /** Allocatable, by key. @proto 2 */
  allocatable?: Record<string, Quantity>;
  /** Phase. @proto 3 @enum Pending|Running|Terminated */
  phase?: string;
  /** List of conditions. @proto 4 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: NodeCondition[];
  /** List of addresses. @proto 5 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  addresses?: NodeAddress[];
  /** Daemon endpoints. @proto 6 */
  daemonEndpoints?: NodeDaemonEndpoints;
  /** Node info. @proto 7 */
  nodeInfo?: NodeSystemInfo;
  /** List of images. @proto 8 @listType atomic */
  images?: ContainerImage[];
  /** List of volumes in use. @proto 9 @listType atomic */
  volumesInUse?: string[];
  /** List of volumes attached. @proto 10 @listType atomic */
  volumesAttached?: AttachedVolume[];
  /** Config. @proto 11 @pointer */
  config?: NodeConfigStatus;
  /** List of runtime handlers. @proto 12 @listType atomic */
  runtimeHandlers?: NodeRuntimeHandler[];
  /** Features. @proto 13 @pointer */
  features?: NodeFeatures;
  /** List of declared features. @proto 14 @listType atomic */
  declaredFeatures?: string[];
}

/** Node swap status. */
export interface NodeSwapStatus {
  /** Capacity. @proto 1 @pointer */
  capacity?: Int64;
}

/** Node system info. */
export interface NodeSystemInfo {
  /** Machine ID. @proto 1 @required */
  machineID: string;
  /** System UUID. @proto 2 @required */
  systemUUID: string;
  /** Boot ID. @proto 3 @required */
  bootID: string;
  /** Kernel version. @proto 4 @required */
  kernelVersion: string;
  /** Os image. @proto 5 @required */
  osImage: string;
  /** Container runtime version. @proto 6 @required */
  containerRuntimeVersion: string;
  /** Kubelet version. @proto 7 @required */
  kubeletVersion: string;
  /** Kube proxy version. @proto 8 @required */
  kubeProxyVersion: string;
  /** Operating system. @proto 9 @required */
  operatingSystem: string;
  /** Architecture. @proto 10 @required */
  architecture: string;
  /** Swap. @proto 11 @pointer */
  swap?: NodeSwapStatus;
}

/** Pod signature. @unpublished */
export interface PodSignature {
  /** Pod controller. @proto 1 @pointer */
  podController?: OwnerReference;
}

/** Prefer avoid pods entry. @unpublished */
export interface PreferAvoidPodsEntry {
  /** Pod signature. @proto 1 @required */
  podSignature: PodSignature;
  /** When: eviction time. @proto 2 */
  evictionTime?: Time;
  /** Reason. @proto 3 */
  reason?: string;
  /** Message. @proto 4 */
  message?: string;
}
