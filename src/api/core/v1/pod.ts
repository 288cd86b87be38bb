/**
 * Pods and how they are doing.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, ObjectMeta } from '../../meta/v1/types.ts';
import type { Affinity, TopologySpreadConstraint } from './affinity.ts';
import type { LocalObjectReference, ResourceRequirements, SELinuxOptions, Toleration } from './common.ts';
import type { AppArmorProfile, Container, ContainerExtendedResourceRequest, EphemeralContainer, SeccompProfile, WindowsSecurityContextOptions } from './container.ts';
import type { ContainerStatus } from './container-status.ts';
import type { NodeAllocatableResourceClaimStatus } from './node.ts';
import type { Volume } from './volume.ts';

/** Names for an address, for the pod's hosts file. */
export interface HostAlias {
  /** The address. @proto 1 @required */
  ip: string;
  /** The names. @proto 2 @listType atomic */
  hostnames?: string[];
}

/** An address of the node that a pod is on. */
export interface HostIP {
  /** An address of the node. @proto 1 @required */
  ip: string;
}

/** A group of containers that run together on one node. */
export interface Pod extends KubeObject {
  /** The containers and how to run them. @proto 2 */
  spec?: PodSpec;
  /** How the pod is doing; written by its node. @proto 3 */
  status?: PodStatus;
}

/** A remark about a pod's state. */
export interface PodCondition {
  /** PodScheduled, Initialized, ContainersReady, Ready or another. @proto 1 @required */
  type: string;
  /** The generation of the object that this status speaks of. @proto 7 */
  observedGeneration?: Int64;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the condition was last looked at. @proto 3 */
  lastProbeTime?: Time | null;
  /** When the status last changed from one value to another. @proto 4 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 5 */
  reason?: string;
  /** Why, as a sentence for people. @proto 6 */
  message?: string;
}

/** Settings of the name resolver, added to those of the DNS policy. */
export interface PodDNSConfig {
  /** Addresses of name servers. @proto 1 @listType atomic */
  nameservers?: string[];
  /** Domains to search. @proto 2 @listType atomic */
  searches?: string[];
  /** Options of the resolver. @proto 3 @listType atomic */
  options?: PodDNSConfigOption[];
}

/** A line of resolv.conf's options. */
export interface PodDNSConfigOption {
  /** Name of the option, as `ndots`. @proto 1 */
  name?: string;
  /** Value of the option, if it takes one. @proto 2 @pointer */
  value?: string;
}

/** The claim that was made for a pod's extended resources. */
export interface PodExtendedResourceClaimStatus {
  /** List of request mappings. @proto 1 @required @listType atomic */
  requestMappings: ContainerExtendedResourceRequest[];
  /** The claim that holds the devices. @proto 2 @required */
  resourceClaimName: string;
}

/** An address of a pod. */
export interface PodIP {
  /** An address of the pod. @proto 1 @required */
  ip: string;
}

/** The operating system of the containers. */
export interface PodOS {
  /** `linux` or `windows`. @proto 1 @required */
  name: string;
}

/** A condition that must hold for a pod to be ready. */
export interface PodReadinessGate {
  /** A condition that must be true for the pod to be ready. @proto 1 @required */
  conditionType: string;
}

/** A claim for devices that containers can name. */
export interface PodResourceClaim {
  /** Name by which containers refer to it. @proto 1 @required */
  name: string;
  /** Name of a ResourceClaim in the pod's namespace. @proto 3 @pointer */
  resourceClaimName?: string;
  /** Name of a template that a claim of the pod's own is made from. @proto 4 @pointer */
  resourceClaimTemplateName?: string;
}

/** The claim that was made for a pod. */
export interface PodResourceClaimStatus {
  /** Name of the claim in the pod's spec. @proto 1 @required */
  name: string;
  /** Name of the ResourceClaim that was made. @proto 2 @pointer */
  resourceClaimName?: string;
}

/** Something that must be out of the way before the pod is scheduled. */
export interface PodSchedulingGate {
  /** Name of the gate. @proto 1 @required */
  name: string;
}

/** The group that a pod is scheduled with. @union [{"fields-to-discriminateBy":{"podGroupName":"PodGroupName"}}] */
export interface PodSchedulingGroup {
  /** Name of the pod group that the pod is scheduled with. @proto 1 @pointer */
  podGroupName?: string;
}

/** Security settings of all containers. */
export interface PodSecurityContext {
  /** SELinux labels of the processes. @proto 1 @pointer */
  seLinuxOptions?: SELinuxOptions;
  /** Settings for Windows. @proto 8 @pointer */
  windowsOptions?: WindowsSecurityContextOptions;
  /** User number of the processes. @proto 2 @pointer */
  runAsUser?: Int64;
  /** Group number of the processes. @proto 6 @pointer */
  runAsGroup?: Int64;
  /** Whether to refuse to run as user 0. @proto 3 @pointer */
  runAsNonRoot?: boolean;
  /** More groups of the processes. @proto 4 @listType atomic */
  supplementalGroups?: Int64[];
  /** Whether groups from the image are added (Merge) or not (Strict). @proto 12 @pointer @enum Merge|Strict */
  supplementalGroupsPolicy?: string;
  /** Group that owns the pod's volumes; its processes belong to it too. @proto 5 @pointer */
  fsGroup?: Int64;
  /** Kernel settings of the pod's own namespaces. @proto 7 @listType atomic */
  sysctls?: Sysctl[];
  /** When the owner of a volume's files is changed: Always, or OnRootMismatch. @proto 9 @pointer @enum Always|OnRootMismatch */
  fsGroupChangePolicy?: string;
  /** Which system calls are allowed. @proto 10 @pointer */
  seccompProfile?: SeccompProfile;
  /** AppArmor profile of the processes. @proto 11 @pointer */
  appArmorProfile?: AppArmorProfile;
  /** How volumes get their SELinux label: MountOption or Recursive. @proto 13 @pointer */
  seLinuxChangePolicy?: string;
}

/** The containers of a pod, and how and where to run them. */
export interface PodSpec {
  /** Volumes that containers can mount. @proto 1 @listType map @listKeys name @patchStrategy merge,retainKeys @patchMergeKey name */
  volumes?: Volume[];
  /** Containers that run one after the other before the others start; with restartPolicy Always they keep running beside them. @proto 20 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  initContainers?: Container[];
  /** The containers; at least one. @proto 2 @required @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  containers: Container[];
  /** Containers added to a running pod, to look into it. @proto 34 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  ephemeralContainers?: EphemeralContainer[];
  /** When containers are started again: Always, OnFailure or Never. @proto 3 @enum Always|Never|OnFailure */
  restartPolicy?: string;
  /** How long the processes may take to stop before they are killed. @proto 4 @pointer */
  terminationGracePeriodSeconds?: Int64;
  /** How long the pod may run before it is failed and stopped. @proto 5 @pointer */
  activeDeadlineSeconds?: Int64;
  /** Which name servers the containers ask: ClusterFirst, ClusterFirstWithHostNet, Default (the node's) or None. @proto 6 @enum ClusterFirst|ClusterFirstWithHostNet|Default|None */
  dnsPolicy?: string;
  /** Labels that a node must have. @proto 7 @mapType atomic */
  nodeSelector?: Record<string, string>;
  /** Name of the service account that the pod runs as. @proto 8 */
  serviceAccountName?: string;
  /** Old name of serviceAccountName. @proto 9 */
  serviceAccount?: string;
  /** Whether containers get a token of the service account. @proto 21 @pointer */
  automountServiceAccountToken?: boolean;
  /** Node that the pod runs on; set by the scheduler. @proto 10 */
  nodeName?: string;
  /** Whether containers use the node's network. @proto 11 */
  hostNetwork?: boolean;
  /** Whether containers see the node's processes. @proto 12 */
  hostPID?: boolean;
  /** Whether containers share the node's interprocess communication. @proto 13 */
  hostIPC?: boolean;
  /** Whether the containers see each other's processes. @proto 27 @pointer */
  shareProcessNamespace?: boolean;
  /** Security settings of all containers. @proto 14 @pointer */
  securityContext?: PodSecurityContext;
  /** Secrets with credentials for image registries. @proto 15 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  imagePullSecrets?: LocalObjectReference[];
  /** Host name in the pod; its own name when unset. @proto 16 */
  hostname?: string;
  /** Name of the headless service that gives the pod a domain name of its own. @proto 17 */
  subdomain?: string;
  /** Which nodes and which neighbours the pod wants. @proto 18 @pointer */
  affinity?: Affinity;
  /** Name of the scheduler that is to place the pod. @proto 19 */
  schedulerName?: string;
  /** Taints that do not keep the pod away. @proto 22 @listType atomic */
  tolerations?: Toleration[];
  /** Entries for the pod's hosts file. @proto 23 @listType map @listKeys ip @patchStrategy merge @patchMergeKey ip */
  hostAliases?: HostAlias[];
  /** The class that gives the pod its priority; the default class when empty. @proto 24 */
  priorityClassName?: string;
  /** The number behind the priority class; higher goes first. @proto 25 @pointer */
  priority?: Int32;
  /** Settings of the name resolver, added to those of the DNS policy. @proto 26 @pointer */
  dnsConfig?: PodDNSConfig;
  /** Conditions that must be true too before the pod is ready. @proto 28 @listType atomic */
  readinessGates?: PodReadinessGate[];
  /** Name of the RuntimeClass that runs the containers. @proto 29 @pointer */
  runtimeClassName?: string;
  /** Whether containers get environment variables for the namespace's services. @proto 30 @pointer */
  enableServiceLinks?: boolean;
  /** Whether the pod may push out pods of lower priority. @proto 31 @pointer @enum Never|PreemptLowerPriority */
  preemptionPolicy?: string;
  /** What the pod needs beside its containers; set from the RuntimeClass. @proto 32 */
  overhead?: Record<string, Quantity>;
  /** How pods of its kind are spread over zones, nodes or other domains. @proto 33 @listType map @listKeys topologyKey,whenUnsatisfiable @patchStrategy merge @patchMergeKey topologyKey */
  topologySpreadConstraints?: TopologySpreadConstraint[];
  /** Whether the host name is the pod's full domain name. @proto 35 @pointer */
  setHostnameAsFQDN?: boolean;
  /** The operating system of the containers. @proto 36 @pointer */
  os?: PodOS;
  /** Whether containers use the node's user numbers; false gives the pod numbers of its own. @proto 37 @pointer */
  hostUsers?: boolean;
  /** What must be out of the way before the pod is scheduled. @proto 38 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  schedulingGates?: PodSchedulingGate[];
  /** Claims for devices that containers can name. @proto 39 @listType map @listKeys name @patchStrategy merge,retainKeys @patchMergeKey name */
  resourceClaims?: PodResourceClaim[];
  /** What the pod as a whole needs and may use. @proto 40 @pointer */
  resources?: ResourceRequirements;
  /** Host name in the pod, whatever its name and subdomain say. @proto 41 @pointer */
  hostnameOverride?: string;
  /** The group that the pod is scheduled with. @proto 43 @pointer */
  schedulingGroup?: PodSchedulingGroup;
}

/** How a pod is doing. */
export interface PodStatus {
  /** The generation of the object that this status speaks of. @proto 17 */
  observedGeneration?: Int64;
  /** Pending, Running, Succeeded, Failed or Unknown. @proto 1 @enum Failed|Pending|Running|Succeeded|Unknown */
  phase?: string;
  /** Remarks about the state, one a type. @proto 2 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: PodCondition[];
  /** Why, as a sentence for people. @proto 3 */
  message?: string;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Node that is being made free for the pod. @proto 11 */
  nominatedNodeName?: string;
  /** Address of the node. @proto 5 */
  hostIP?: string;
  /** Addresses of the node, one a family. @proto 16 @listType atomic @patchStrategy merge @patchMergeKey ip */
  hostIPs?: HostIP[];
  /** Address of the pod. @proto 6 */
  podIP?: string;
  /** Addresses of the pod, one a family. @proto 12 @listType map @listKeys ip @patchStrategy merge @patchMergeKey ip */
  podIPs?: PodIP[];
  /** When the node took the pod up. @proto 7 @pointer */
  startTime?: Time;
  /** How each init container is doing. @proto 10 @listType atomic */
  initContainerStatuses?: ContainerStatus[];
  /** How each container is doing. @proto 8 @listType atomic */
  containerStatuses?: ContainerStatus[];
  /** Guaranteed, Burstable or BestEffort: who is stopped first when memory runs out. @proto 9 @enum BestEffort|Burstable|Guaranteed */
  qosClass?: string;
  /** How each ephemeral container is doing. @proto 13 @listType atomic */
  ephemeralContainerStatuses?: ContainerStatus[];
  /** Old place for how a change of resources is going; see the conditions. @proto 14 */
  resize?: string;
  /** Claims that were made for the pod. @proto 15 @listType map @listKeys name @patchStrategy merge,retainKeys @patchMergeKey name */
  resourceClaimStatuses?: PodResourceClaimStatus[];
  /** The claim that was made for extended resources. @proto 18 @pointer */
  extendedResourceClaimStatus?: PodExtendedResourceClaimStatus;
  /** Resources that have been given out. @proto 19 */
  allocatedResources?: Record<string, Quantity>;
  /** Resources that are in force for the pod as a whole. @proto 20 @pointer */
  resources?: ResourceRequirements;
  /** List of node allocatable resource claim statuses. @proto 21 @listType atomic */
  nodeAllocatableResourceClaimStatuses?: NodeAllocatableResourceClaimStatus[];
}

/** A status alone, as very old kubelets spoke of it. @noList @unpublished */
export interface PodStatusResult extends KubeObject {
  /** What is: written by the system. @proto 2 */
  status?: PodStatus;
}

/** A pod to make others from. */
export interface PodTemplate extends KubeObject {
  /** The pods to make. @proto 2 */
  template?: PodTemplateSpec;
}

/** The metadata and spec that pods are made from. */
export interface PodTemplateSpec {
  /** Labels and annotations of the pods. @proto 1 */
  metadata?: ObjectMeta;
  /** The containers and how to run them. @proto 2 */
  spec?: PodSpec;
}

/** A kernel parameter of a pod. */
export interface Sysctl {
  /** Name of the kernel setting. @proto 1 @required */
  name: string;
  /** What the parameter is set to. @proto 2 @required */
  value: string;
}
