/**
 * Services and endpoints.
 * @package io.k8s.api.core.v1
 */
import type { Int32, IntOrString } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject } from '../../meta/v1/types.ts';
import type { LoadBalancerStatus, ObjectReference } from './common.ts';

/** How long one client stays with one pod. */
export interface ClientIPConfig {
  /** How long a client stays with a pod, in seconds. @proto 1 @pointer */
  timeoutSeconds?: Int32;
}

/** An address behind a service. @atomic */
export interface EndpointAddress {
  /** The address. @proto 1 @required */
  ip: string;
  /** Host name of what has it. @proto 3 */
  hostname?: string;
  /** Node that it is on. @proto 4 @pointer */
  nodeName?: string;
  /** The pod that has it. @proto 2 @pointer */
  targetRef?: ObjectReference;
}

/** A port behind a service. @atomic */
export interface EndpointPort {
  /** Name of the port. @proto 1 */
  name?: string;
  /** Number of the port. @proto 2 @required */
  port: Int32;
  /** TCP, UDP or SCTP. @proto 3 @enum SCTP|TCP|UDP */
  protocol?: string;
  /** Protocol above the port's, as `http` or `kubernetes.io/h2c`. @proto 4 @pointer */
  appProtocol?: string;
}

/** Addresses that share their ports. */
export interface EndpointSubset {
  /** Addresses that are ready. @proto 1 @listType atomic */
  addresses?: EndpointAddress[];
  /** Addresses of pods that do not take requests yet. @proto 2 @listType atomic */
  notReadyAddresses?: EndpointAddress[];
  /** Ports of these addresses. @proto 3 @listType atomic */
  ports?: EndpointPort[];
}

/** Addresses behind a service; EndpointSlice is its successor. */
export interface Endpoints extends KubeObject {
  /** Addresses and ports that belong together. @proto 2 @listType atomic */
  subsets?: EndpointSubset[];
}

/** One name and address for a set of pods. */
export interface Service extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: ServiceSpec;
  /** What is: written by the system. @proto 3 */
  status?: ServiceStatus;
}

/** A port that clients use, and where it leads to. */
export interface ServicePort {
  /** Name of the port; needed when there are several. @proto 1 */
  name?: string;
  /** TCP, UDP or SCTP. @proto 2 @enum SCTP|TCP|UDP @default "TCP" */
  protocol?: string;
  /** Protocol above the port's, as `http` or `kubernetes.io/h2c`. @proto 6 @pointer */
  appProtocol?: string;
  /** Number of the port. @proto 3 @required */
  port: Int32;
  /** Number or name of the pods' port; the same number when unset. @proto 4 */
  targetPort?: IntOrString;
  /** Port of every node that leads to the service. @proto 5 */
  nodePort?: Int32;
}

/** What is wanted of a service. */
export interface ServiceSpec {
  /** Ports of the service. @proto 1 @listType map @listKeys port,protocol @patchStrategy merge @patchMergeKey port */
  ports?: ServicePort[];
  /** Labels of the pods that serve. @proto 2 @mapType atomic */
  selector?: Record<string, string>;
  /** Address of the service in the cluster; `None` for a headless service. @proto 3 */
  clusterIP?: string;
  /** Addresses of the service in the cluster, one a family. @proto 18 @listType atomic */
  clusterIPs?: string[];
  /** ClusterIP, NodePort, LoadBalancer or ExternalName. @proto 4 @enum ClusterIP|ExternalName|LoadBalancer|NodePort */
  type?: string;
  /** Addresses of nodes at which the service is served too. @proto 5 @listType atomic */
  externalIPs?: string[];
  /** Whether a client stays with one pod: None or ClientIP. @proto 7 @enum ClientIP|None */
  sessionAffinity?: string;
  /** Address that is asked of the load balancer; not all of them heed it. @proto 8 */
  loadBalancerIP?: string;
  /** Ranges of addresses that the load balancer lets in. @proto 9 @listType atomic */
  loadBalancerSourceRanges?: string[];
  /** Name that the service stands for, with type ExternalName. @proto 10 */
  externalName?: string;
  /** Where traffic from outside goes: Cluster to any pod, Local to pods of the node. @proto 11 @enum Cluster|Local */
  externalTrafficPolicy?: string;
  /** Port of the nodes at which a load balancer asks for local pods. @proto 12 */
  healthCheckNodePort?: Int32;
  /** Whether pods are found that are not ready. @proto 13 */
  publishNotReadyAddresses?: boolean;
  /** Settings of the session affinity. @proto 14 @pointer */
  sessionAffinityConfig?: SessionAffinityConfig;
  /** IPv4, IPv6 or both, the first being the main one. @proto 19 @listType atomic @enum ""|IPv4|IPv6 */
  ipFamilies?: string[];
  /** SingleStack, PreferDualStack or RequireDualStack. @proto 17 @pointer @enum PreferDualStack|RequireDualStack|SingleStack */
  ipFamilyPolicy?: string;
  /** Whether a load balancer gets node ports. @proto 20 @pointer */
  allocateLoadBalancerNodePorts?: boolean;
  /** Which implementation makes the load balancer. @proto 21 @pointer */
  loadBalancerClass?: string;
  /** Where traffic from inside goes: Cluster to any pod, Local to pods of the node. @proto 22 @pointer @enum Cluster|Local */
  internalTrafficPolicy?: string;
  /** Which pods are better, as PreferSameZone or PreferSameNode. @proto 23 @pointer */
  trafficDistribution?: string;
}

/** How a service is doing, as the system has found it. */
export interface ServiceStatus {
  /** Addresses of the load balancer. @proto 1 */
  loadBalancer?: LoadBalancerStatus;
  /** Remarks about the state, one a type. @proto 2 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
}

/** How requests of one client stay together. */
export interface SessionAffinityConfig {
  /** Settings for ClientIP. @proto 1 @pointer */
  clientIP?: ClientIPConfig;
}
