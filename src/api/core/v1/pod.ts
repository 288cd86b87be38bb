/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, ObjectMeta } from '../../meta/v1/types.ts';
import type { Affinity, TopologySpreadConstraint } from './affinity.ts';
import type { LocalObjectReference, ResourceRequirements, SELinuxOptions, Toleration } from './common.ts';
import type { AppArmorProfile, Container, ContainerExtendedResourceRequest, ContainerStatus, EphemeralContainer, SeccompProfile, WindowsSecurityContextOptions } from './container.ts';
import type { NodeAllocatableResourceClaimStatus } from './node.ts';
import type { Volume } from './volume.ts';

/** Host alias. */
export interface HostAlias {
  /** Ip. @proto 1 @required */
  ip: string;
  /** List of hostnames. @proto 2 @listType atomic */
  hostnames?: string[];
}

/** Host IP. */
export interface HostIP {
  /** Ip. @proto 1 @required */
  ip: string;
}

/** Pod. */
export interface Pod extends KubeObject {
  /** Spec. @proto 2 */
  spec?: PodSpec;
  /** Status. @proto 3 */
  status?: PodStatus;
}

/** Pod condition. */
export interface PodCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Observed generation. @proto 7 */
  observedGeneration?: Int64;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last probe time. @proto 3 */
  lastProbeTime?: Time;
  /** When: last transition time. @proto 4 */
  lastTransitionTime?: Time;
  /** Reason. @proto 5 */
  reason?: string;
  /** Message. @proto 6 */
  message?: string;
}

/** Pod DNS config. */
export interface PodDNSConfig {
  /** List of nameservers. @proto 1 @listType atomic */
  nameservers?: string[];
  /** List of searches. @proto 2 @listType atomic */
  searches?: string[];
  /** List of options. @proto 3 @listType atomic */
  options?: PodDNSConfigOption[];
}

/** Pod DNS config option. */
export interface PodDNSConfigOption {
  /** Name. @proto 1 */
  name?: string;
  /** Value. @proto 2 @pointer */
  value?: string;
}

/** Pod extended resource claim status. */
export interface PodExtendedResourceClaimStatus {
  /** List of request mappings. @proto 1 @required @listType atomic */
  requestMappings: ContainerExtendedResourceRequest[];
  /** Name of the resource claim. @proto 2 @required */
  resourceClaimName: string;
}

/** Pod IP. */
export interface PodIP {
  /** Ip. @proto 1 @required */
  ip: string;
}

/** Pod OS. */
export interface PodOS {
  /** Name. @proto 1 @required */
  name: string;
}

/** Pod readiness gate. */
export interface PodReadinessGate {
  /** Condition type. @proto 1 @required */
  conditionType: string;
}

/** Pod resource claim. */
export interface PodResourceClaim {
  /** Name. @proto 1 @required */
  name: string;
  /** Name of the resource claim. @proto 3 @pointer */
  resourceClaimName?: string;
  /** Name of the resource claim template. @proto 4 @pointer */
  resourceClaimTemplateName?: string;
}

/** Pod resource claim status. */
export interface PodResourceClaimStatus {
  /** Name. @proto 1 @required */
  name: string;
  /** Name of the resource claim. @proto 2 @pointer */
  resourceClaimName?: string;
}

/** Pod scheduling gate. */
export interface PodSchedulingGate {
  /** Name. @proto 1 @required */
  name: string;
}

/** Pod scheduling group. @union [{"fields-to-discriminateBy":{"podGroupName":"PodGroupName"}}] */
export interface PodSchedulingGroup {
  /** Name of the pod group. @proto 1 @pointer */
  podGroupName?: string;
}

/** Pod security context. */
export interface PodSecurityContext {
  /** Se linux options. @proto 1 @pointer */
  seLinuxOptions?: SELinuxOptions;
  /** Windows options. @proto 8 @pointer */
  windowsOptions?: WindowsSecurityContextOptions;
  /** Run as user. @proto 2 @pointer */
  runAsUser?: Int64;
  /** Run as group. @proto 6 @pointer */
  runAsGroup?: Int64;
  /** Whether: run as non root. @proto 3 @pointer */
  runAsNonRoot?: boolean;
  /** List of supplemental groups. @proto 4 @listType atomic */
  supplementalGroups?: Int64[];
  /** Supplemental groups policy. @proto 12 @pointer @enum Merge|Strict */
  supplementalGroupsPolicy?: string;
  /** Fs group. @proto 5 @pointer */
  fsGroup?: Int64;
  /** List of sysctls. @proto 7 @listType atomic */
  sysctls?: Sysctl[];
  /** Fs group change policy. @proto 9 @pointer @enum Always|OnRootMismatch */
  fsGroupChangePolicy?: string;
  /** Seccomp profile. @proto 10 @pointer */
  seccompProfile?: SeccompProfile;
  /** App armor profile. @proto 11 @pointer */
  appArmorProfile?: AppArmorProfile;
  /** Se linux change policy. @proto 13 @pointer */
  seLinuxChangePolicy?: string;
}

/** Pod spec. */
export interface PodSpec {
  /** List of volumes. @proto 1 @listType map @listKeys name @patchStrategy merge,retainKeys @patchMergeKey name */
  volumes?: Volume[];
  /** List of init containers. @proto 20 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  initContainers?: Container[];
  /** List of containers. @proto 2 @required @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  containers: Container[];
  /** List of ephemeral containers. @proto 34 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  ephemeralContainers?: EphemeralContainer[];
  /** Restart policy. @proto 3 @enum Always|Never|OnFailure */
  restartPolicy?: string;
  /** Termination grace period, in seconds. @proto 4 @pointer */
  terminationGracePeriodSeconds?: Int64;
  /** Active deadline, in seconds. @proto 5 @pointer */
  activeDeadlineSeconds?: Int64;
  /** Dns policy. @proto 6 @enum ClusterFirst|ClusterFirstWithHostNet|Default|None */
  dnsPolicy?: string;
  /** Node selector, by key. @proto 7 @mapType atomic */
  nodeSelector?: Record<string, string>;
  /** Name of the service account. @proto 8 */
  serviceAccountName?: string;
  /** Service account. @proto 9 */
  serviceAccount?: string;
  /** Whether: automount service account token. @proto 21 @pointer */
  automountServiceAccountToken?: boolean;
  /** Name of the node. @proto 10 */
  nodeName?: string;
  /** Whether: host network. @proto 11 */
  hostNetwork?: boolean;
  /** Whether: host PID. @proto 12 */
  hostPID?: boolean;
  /** Whether: host IPC. @proto 13 */
  hostIPC?: boolean;
  /** Whether: share process namespace. @proto 27 @pointer */
  shareProcessNamespace?: boolean;
  /** Security context. @proto 14 @pointer */
  securityContext?: PodSecurityContext;
  /** List of image pull secrets. @proto 15 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  imagePullSecrets?: LocalObjectReference[];
  /** Hostname. @proto 16 */
  hostname?: string;
  /** Subdomain. @proto 17 */
  subdomain?: string;
  /** Affinity. @proto 18 @pointer */
  affinity?: Affinity;
  /** Name of the scheduler. @proto 19 */
  schedulerName?: string;
  /** List of tolerations. @proto 22 @listType atomic */
  tolerations?: Toleration[];
  /** List of host aliases. @proto 23 @listType map @listKeys ip @patchStrategy merge @patchMergeKey ip */
  hostAliases?: HostAlias[];
  /** Name of the priority class. @proto 24 */
  priorityClassName?: string;
  /** Priority. @proto 25 @pointer */
  priority?: Int32;
  /** Dns config. @proto 26 @pointer */
  dnsConfig?: PodDNSConfig;
  /** List of readiness gates. @proto 28 @listType atomic */
  readinessGates?: PodReadinessGate[];
  /** Name of the runtime class. @proto 29 @pointer */
  runtimeClassName?: string;
  /** Whether: enable service links. @proto 30 @pointer */
  enableServiceLinks?: boolean;
  /** Preemption policy. @proto 31 @pointer @enum Never|PreemptLowerPriority */
  preemptionPolicy?: string;
  /** Overhead, by key. @proto 32 */
  overhead?: Record<string, Quantity>;
  /** List of topology spread constraints. @proto 33 @listType map @listKeys topologyKey,whenUnsatisfiable @patchStrategy merge @patchMergeKey topologyKey */
  topologySpreadConstraints?: TopologySpreadConstraint[];
  /** Whether: set hostname as FQDN. @proto 35 @pointer */
  setHostnameAsFQDN?: boolean;
  /** Os. @proto 36 @pointer */
  os?: PodOS;
  /** Whether: host users. @proto 37 @pointer */
  hostUsers?: boolean;
  /** List of scheduling gates. @proto 38 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  schedulingGates?: PodSchedulingGate[];
  /** List of resource claims. @proto 39 @listType map @listKeys name @patchStrategy merge,retainKeys @patchMergeKey name */
  resourceClaims?: PodResourceClaim[];
  /** Resources. @proto 40 @pointer */
  resources?: ResourceRequirements;
  /** Hostname override. @proto 41 @pointer */
  hostnameOverride?: string;
  /** Scheduling group. @proto 43 @pointer */
  schedulingGroup?: PodSchedulingGroup;
}

/** Pod status. */
export interface PodStatus {
  /** Observed generation. @proto 17 */
  observedGeneration?: Int64;
  /** Phase. @proto 1 @enum Failed|Pending|Running|Succeeded|Unknown */
  phase?: string;
  /** List of conditions. @proto 2 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: PodCondition[];
  /** Message. @proto 3 */
  message?: string;
  /** Reason. @proto 4 */
  reason?: string;
  /** Name of the nominated node. @proto 11 */
  nominatedNodeName?: string;
  /** Host IP. @proto 5 */
  hostIP?: string;
  /** List of host i ps. @proto 16 @listType atomic @patchStrategy merge @patchMergeKey ip */
  hostIPs?: HostIP[];
  /** Pod IP. @proto 6 */
  podIP?: string;
  /** List of pod i ps. @proto 12 @listType map @listKeys ip @patchStrategy merge @patchMergeKey ip */
  podIPs?: PodIP[];
  /** When: start time. @proto 7 @pointer */
  startTime?: Time;
  /** List of init container statuses. @proto 10 @listType atomic */
  initContainerStatuses?: ContainerStatus[];
  /** List of container statuses. @proto 8 @listType atomic */
  containerStatuses?: ContainerStatus[];
  /** Qos class. @proto 9 @enum BestEffort|Burstable|Guaranteed */
  qosClass?: string;
  /** List of ephemeral container statuses. @proto 13 @listType atomic */
  ephemeralContainerStatuses?: ContainerStatus[];
  /** Resize. @proto 14 */
  resize?: string;
  /** List of resource claim statuses. @proto 15 @listType map @listKeys name @patchStrategy merge,retainKeys @patchMergeKey name */
  resourceClaimStatuses?: PodResourceClaimStatus[];
  /** Extended resource claim status. @proto 18 @pointer */
  extendedResourceClaimStatus?: PodExtendedResourceClaimStatus;
  /** Allocated resources, by key. @proto 19 */
  allocatedResources?: Record<string, Quantity>;
  /** Resources. @proto 20 @pointer */
  resources?: ResourceRequirements;
  /** List of node allocatable resource claim statuses. @proto 21 @listType atomic */
  nodeAllocatableResourceClaimStatuses?: NodeAllocatableResourceClaimStatus[];
}

/** Pod status result. @noList @unpublished */
export interface PodStatusResult extends KubeObject {
  /** Status. @proto 2 */
  status?: PodStatus;
}

/** Pod template. */
export interface PodTemplate extends KubeObject {
  /** Template. @proto 2 */
  template?: PodTemplateSpec;
}

/** Pod template spec. */
export interface PodTemplateSpec {
  /** Metadata. @proto 1 */
  metadata?: ObjectMeta;
  /** Spec. @proto 2 */
  spec?: PodSpec;
}

/** Sysctl. */
export interface Sysctl {
  /** Name. @proto 1 @required */
  name: string;
  /** Value. @proto 2 @required */
  value: string;
}
