/**
 * Types of the group discovery, version v1.
 * @package io.k8s.api.discovery.v1
 */
import type { ObjectReference } from '../../core/v1/types.ts';
import type { Int32 } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';

/** Endpoint. */
export interface Endpoint {
  /** List of addresses. @proto 1 @required @listType set */
  addresses: string[];
  /** Conditions. @proto 2 */
  conditions?: EndpointConditions;
  /** Hostname. @proto 3 @pointer */
  hostname?: string;
  /** Reference to the target. @proto 4 @pointer */
  targetRef?: ObjectReference;
  /** Deprecated topology, by key. @proto 5 */
  deprecatedTopology?: Record<string, string>;
  /** Name of the node. @proto 6 @pointer */
  nodeName?: string;
  /** Zone. @proto 7 @pointer */
  zone?: string;
  /** Hints. @proto 8 @pointer */
  hints?: EndpointHints;
}

/** Endpoint conditions. */
export interface EndpointConditions {
  /** Whether: ready. @proto 1 @pointer */
  ready?: boolean;
  /** Whether: serving. @proto 2 @pointer */
  serving?: boolean;
  /** Whether: terminating. @proto 3 @pointer */
  terminating?: boolean;
}

/** Endpoint hints. */
export interface EndpointHints {
  /** List of for zones. @proto 1 @listType atomic */
  forZones?: ForZone[];
  /** List of for nodes. @proto 2 @listType atomic */
  forNodes?: ForNode[];
}

/** Endpoint port. @atomic */
export interface EndpointPort {
  /** Name. @proto 1 @pointer */
  name?: string;
  /** Protocol. @proto 2 @pointer @enum SCTP|TCP|UDP */
  protocol?: string;
  /** Port. @proto 3 @pointer */
  port?: Int32;
  /** App protocol. @proto 4 @pointer */
  appProtocol?: string;
}

/** Endpoint slice. */
export interface EndpointSlice extends KubeObject {
  /** Address type. @proto 4 @required @enum FQDN|IPv4|IPv6 */
  addressType: string;
  /** List of endpoints. @proto 2 @keepEmpty @listType atomic */
  endpoints?: Endpoint[];
  /** List of ports. @proto 3 @keepEmpty @listType atomic */
  ports?: EndpointPort[];
}

/** For node. */
export interface ForNode {
  /** Name. @proto 1 @required */
  name: string;
}

/** For zone. */
export interface ForZone {
  /** Name. @proto 1 @required */
  name: string;
}
