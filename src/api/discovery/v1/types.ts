/**
 * Types of the group discovery, version v1.
 * @package io.k8s.api.discovery.v1
 */
import type { ObjectReference } from '../../core/v1/types.ts';
import type { Int32 } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** A pod, or something like one, behind a service. */
export interface Endpoint {
  /** Addresses that lead to the same place; clients use the first. @proto 1 @required @listType set */
  addresses: string[];
  /** Whether it is ready. @proto 2 */
  conditions?: EndpointConditions;
  /** Host name of what has it. @proto 3 @pointer */
  hostname?: string;
  /** The pod that has it. @proto 4 @pointer */
  targetRef?: ObjectReference;
  /** Labels of the node; no longer used. @proto 5 */
  deprecatedTopology?: Record<string, string>;
  /** Node that it is on. @proto 6 @pointer */
  nodeName?: string;
  /** The zone of the node that the endpoint is on. @proto 7 @pointer */
  zone?: string;
  /** Which zones and nodes are to use it. @proto 8 @pointer */
  hints?: EndpointHints;
}

/** Whether an endpoint takes requests. */
export interface EndpointConditions {
  /** Whether it takes traffic. @proto 1 @pointer */
  ready?: boolean;
  /** Whether it answers, though it may be on its way out. @proto 2 @pointer */
  serving?: boolean;
  /** Whether it is on its way out. @proto 3 @pointer */
  terminating?: boolean;
}

/** Who should rather use an endpoint. */
export interface EndpointHints {
  /** Zones that are to use it. @proto 1 @listType atomic */
  forZones?: ForZone[];
  /** Nodes that are to use it. @proto 2 @listType atomic */
  forNodes?: ForNode[];
}

/** A port behind a service. @atomic */
export interface EndpointPort {
  /** Name of the port. @proto 1 @pointer */
  name?: string;
  /** TCP, UDP or SCTP. @proto 2 @pointer @enum SCTP|TCP|UDP */
  protocol?: string;
  /** Number of the port. @proto 3 @pointer */
  port?: Int32;
  /** Protocol above the port's, as `http` or `kubernetes.io/h2c`. @proto 4 @pointer */
  appProtocol?: string;
}

/** Addresses behind a service, or a part of them. */
export interface EndpointSlice extends KubeObject {
  /** IPv4, IPv6 or FQDN. @proto 4 @required @enum FQDN|IPv4|IPv6 */
  addressType: string;
  /** The addresses. @proto 2 @keepEmpty @listType atomic */
  endpoints?: Endpoint[];
  /** Ports of all of these addresses. @proto 3 @keepEmpty @listType atomic */
  ports?: EndpointPort[];
}

/** A node whose requests should come here. */
export interface ForNode {
  /** Name of the node. @proto 1 @required */
  name: string;
}

/** A zone whose requests should come here. */
export interface ForZone {
  /** Name of the zone. @proto 1 @required */
  name: string;
}
