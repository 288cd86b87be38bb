/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Int32, IntOrString } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject } from '../../meta/v1/types.ts';
import type { LoadBalancerStatus, ObjectReference } from './common.ts';

/** Client IP config. */
export interface ClientIPConfig {
  /** Timeout, in seconds. @proto 1 @pointer */
  timeoutSeconds?: Int32;
}

/** Endpoint address. @atomic */
export interface EndpointAddress {
  /** Ip. @proto 1 @required */
  ip: string;
  /** Hostname. @proto 3 */
  hostname?: string;
  /** Name of the node. @proto 4 @pointer */
  nodeName?: string;
  /** Reference to the target. @proto 2 @pointer */
  targetRef?: ObjectReference;
}

/** Endpoint port. @atomic */
export interface EndpointPort {
  /** Name. @proto 1 */
  name?: string;
  /** Port. @proto 2 @required */
  port: Int32;
  /** Protocol. @proto 3 @enum SCTP|TCP|UDP */
  protocol?: string;
  /** App protocol. @proto 4 @pointer */
  appProtocol?: string;
}

/** Endpoint subset. */
export interface EndpointSubset {
  /** List of addresses. @proto 1 @listType atomic */
  addresses?: EndpointAddress[];
  /** List of not ready addresses. @proto 2 @listType atomic */
  notReadyAddresses?: EndpointAddress[];
  /** List of ports. @proto 3 @listType atomic */
  ports?: EndpointPort[];
}

/** Endpoints. */
export interface Endpoints extends KubeObject {
  /** List of subsets. @proto 2 @listType atomic */
  subsets?: EndpointSubset[];
}

/** Service. */
export interface Service extends KubeObject {
  /** Spec. @proto 2 */
  spec?: ServiceSpec;
  /** Status. @proto 3 */
  status?: ServiceStatus;
}

/** Service port. */
export interface ServicePort {
  /** Name. @proto 1 */
  name?: string;
  /** Protocol. @proto 2 @enum SCTP|TCP|UDP @default "TCP" */
  protocol?: string;
  /** App protocol. @proto 6 @pointer */
  appProtocol?: string;
  /** Port. @proto 3 @required */
  port: Int32;
  /** Target port. @proto 4 */
  targetPort?: IntOrString;
  /** Node port. @proto 5 */
  nodePort?: Int32;
}

/** Service spec. */
export interface ServiceSpec {
  /** List of ports. @proto 1 @listType map @listKeys port,protocol @patchStrategy merge @patchMergeKey port */
  ports?: ServicePort[];
  /** Selector, by key. @proto 2 @mapType atomic */
  selector?: Record<string, string>;
  /** Cluster IP. @proto 3 */
  clusterIP?: string;
  /** List of cluster i ps. @proto 18 @listType atomic */
  clusterIPs?: string[];
  /** Type. @proto 4 @enum ClusterIP|ExternalName|LoadBalancer|NodePort */
  type?: string;
  /** List of external i ps. @proto 5 @listType atomic */
  externalIPs?: string[];
  /** Session affinity. @proto 7 @enum ClientIP|None */
  sessionAffinity?: string;
  /** Load balancer IP. @proto 8 */
  loadBalancerIP?: string;
  /** List of load balancer source ranges. @proto 9 @listType atomic */
  loadBalancerSourceRanges?: string[];
  /** Name of the external. @proto 10 */
  externalName?: string;
  /** External traffic policy. @proto 11 @enum Cluster|Local */
  externalTrafficPolicy?: string;
  /** Health check node port. @proto 12 */
  healthCheckNodePort?: Int32;
  /** Whether: publish not ready addresses. @proto 13 */
  publishNotReadyAddresses?: boolean;
  /** Session affinity config. @proto 14 @pointer */
  sessionAffinityConfig?: SessionAffinityConfig;
  /** List of ip families. @proto 19 @listType atomic @enum ""|IPv4|IPv6 */
  ipFamilies?: string[];
  /** Ip family policy. @proto 17 @pointer @enum PreferDualStack|RequireDualStack|SingleStack */
  ipFamilyPolicy?: string;
  /** Whether: allocate load balancer node ports. @proto 20 @pointer */
  allocateLoadBalancerNodePorts?: boolean;
  /** Load balancer class. @proto 21 @pointer */
  loadBalancerClass?: string;
  /** Internal traffic policy. @proto 22 @pointer @enum Cluster|Local */
  internalTrafficPolicy?: string;
  /** Traffic distribution. @proto 23 @pointer */
  trafficDistribution?: string;
}

/** Service status. */
export interface ServiceStatus {
  /** Load balancer. @proto 1 */
  loadBalancer?: LoadBalancerStatus;
  /** List of conditions. @proto 2 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
}

/** Session affinity config. */
export interface SessionAffinityConfig {
  /** Client IP. @proto 1 @pointer */
  clientIP?: ClientIPConfig;
}
