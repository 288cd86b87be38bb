/**
 * Types of the group networking, version v1.
 * @package io.k8s.api.networking.v1
 */
import type { TypedLocalObjectReference } from '../../core/v1/types.ts';
import type { Int32, IntOrString } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** A path, and where its requests go. */
export interface HTTPIngressPath {
  /** What the request's path must match, as its pathType says; begins with `/`. @proto 1 */
  path?: string;
  /** How the path is compared: Exact, Prefix or ImplementationSpecific. @proto 3 @required @pointer @enum Exact|ImplementationSpecific|Prefix */
  pathType: string;
  /** Where requests go. @proto 2 @required */
  backend: IngressBackend;
}

/** Paths of a host, and where their requests go. */
export interface HTTPIngressRuleValue {
  /** The paths, and where their requests go. @proto 1 @required @listType atomic */
  paths: HTTPIngressPath[];
}

/** An address that is in use. */
export interface IPAddress extends KubeObject {
  /** What is wanted. @proto 2 @required @omitEmpty */
  spec: IPAddressSpec;
}

/** What is wanted of a IP address. */
export interface IPAddressSpec {
  /** What uses it. @proto 1 @required @pointer @omitEmpty */
  parentRef: ParentReference;
}

/** Addresses of a network, without some. */
export interface IPBlock {
  /** A range of addresses. @proto 1 @required */
  cidr: string;
  /** Ranges within it that are left out. @proto 2 @listType atomic */
  except?: string[];
}

/** Rules for HTTP from outside to services. */
export interface Ingress extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: IngressSpec;
  /** What is: written by the system. @proto 3 */
  status?: IngressStatus;
}

/** Where requests go. */
export interface IngressBackend {
  /** The service, and its port, that requests go to. @proto 4 @pointer */
  service?: IngressServiceBackend;
  /** Name of the resource, in the plural. @proto 3 @pointer */
  resource?: TypedLocalObjectReference;
}

/** A kind of Ingress controller. */
export interface IngressClass extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: IngressClassSpec;
}

/** An object with more settings of the controller. */
export interface IngressClassParametersReference {
  /** Group of the kind that is referred to; empty for the core group. @proto 1 @pointer */
  apiGroup?: string;
  /** Name of the kind, as `Pod`. @proto 2 @required */
  kind: string;
  /** Name of the object. @proto 3 @required */
  name: string;
  /** Cluster or Namespace. @proto 4 @pointer @keepEmpty */
  scope?: string;
  /** Namespace of the object. @proto 5 @pointer */
  namespace?: string;
}

/** What is wanted of an ingress class. */
export interface IngressClassSpec {
  /** Name of the controller. @proto 1 */
  controller?: string;
  /** Settings for the driver. @proto 2 @pointer */
  parameters?: IngressClassParametersReference;
}

/** An address that an Ingress is reached at. */
export interface IngressLoadBalancerIngress {
  /** Its address. @proto 1 */
  ip?: string;
  /** Its name. @proto 2 */
  hostname?: string;
  /** State of each port. @proto 4 @listType atomic */
  ports?: IngressPortStatus[];
}

/** Where an Ingress is reached. */
export interface IngressLoadBalancerStatus {
  /** Addresses of the load balancer. @proto 1 @listType atomic */
  ingress?: IngressLoadBalancerIngress[];
}

/** A port of an Ingress, and whether it works. */
export interface IngressPortStatus {
  /** Number of the port. @proto 1 @required */
  port: Int32;
  /** TCP, UDP or SCTP. @proto 2 @required @enum SCTP|TCP|UDP */
  protocol: string;
  /** What went wrong. @proto 3 @pointer */
  error?: string;
}

/** A host, and where its requests go. */
export interface IngressRule {
  /** Host name; `*.` at its start stands for any one label. @proto 1 */
  host?: string;
  /** Paths of the host. @proto 1 @via 2 @pointer */
  http?: HTTPIngressRuleValue;
}

/** Where requests of a host go. @unpublished */
export interface IngressRuleValue {
  /** Paths of the host. @proto 1 @pointer */
  http?: HTTPIngressRuleValue;
}

/** A service and its port. */
export interface IngressServiceBackend {
  /** Name of the service. @proto 1 @required */
  name: string;
  /** Port of the service. @proto 2 */
  port?: ServiceBackendPort;
}

/** What is wanted of an ingress. */
export interface IngressSpec {
  /** Which ingress controller. @proto 4 @pointer */
  ingressClassName?: string;
  /** Where requests go that no rule matches. @proto 1 @pointer */
  defaultBackend?: IngressBackend;
  /** Certificates, by host. @proto 2 @listType atomic */
  tls?: IngressTLS[];
  /** Where requests go, by host; what no rule fits goes to the default backend. @proto 3 @listType atomic */
  rules?: IngressRule[];
}

/** How an ingress is doing, as the system has found it. */
export interface IngressStatus {
  /** Addresses of the load balancer. @proto 1 */
  loadBalancer?: IngressLoadBalancerStatus;
}

/** Hosts, and the certificate they are served with. */
export interface IngressTLS {
  /** Hosts that the certificate is for. @proto 1 @listType atomic */
  hosts?: string[];
  /** The secret with certificate and key; the controller's own when empty. @proto 2 */
  secretName?: string;
}

/** Which traffic pods may have. */
export interface NetworkPolicy extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: NetworkPolicySpec;
}

/** Where pods may connect to. */
export interface NetworkPolicyEgressRule {
  /** Ports; all of them when none is named. @proto 1 @listType atomic */
  ports?: NetworkPolicyPort[];
  /** Where to; everywhere when nothing is named. @proto 2 @listType atomic */
  to?: NetworkPolicyPeer[];
}

/** Who may connect to pods. */
export interface NetworkPolicyIngressRule {
  /** Ports; all of them when none is named. @proto 1 @listType atomic */
  ports?: NetworkPolicyPort[];
  /** Where from; everywhere when nothing is named. @proto 2 @listType atomic */
  from?: NetworkPolicyPeer[];
}

/** Pods, namespaces or addresses at the other end. */
export interface NetworkPolicyPeer {
  /** Chooses pods by their labels; in the policy's namespace, or where namespaceSelector says. @proto 1 @pointer */
  podSelector?: LabelSelector;
  /** Selects namespaces by their labels; an empty selector selects all. @proto 2 @pointer */
  namespaceSelector?: LabelSelector;
  /** Addresses. @proto 3 @pointer */
  ipBlock?: IPBlock;
}

/** A port, or several in a row. */
export interface NetworkPolicyPort {
  /** TCP, UDP or SCTP. @proto 1 @pointer @enum SCTP|TCP|UDP */
  protocol?: string;
  /** Number or name of the port; all of them when unset. @proto 2 @pointer */
  port?: IntOrString;
  /** Last port of a range that begins with port. @proto 3 @pointer */
  endPort?: Int32;
}

/** What is wanted of a network policy. */
export interface NetworkPolicySpec {
  /** Which pods. @proto 1 @keepEmpty */
  podSelector?: LabelSelector;
  /** What may come in. @proto 2 @listType atomic */
  ingress?: NetworkPolicyIngressRule[];
  /** What may go out. @proto 3 @listType atomic */
  egress?: NetworkPolicyEgressRule[];
  /** Ingress, Egress or both. @proto 4 @listType atomic @enum Egress|Ingress */
  policyTypes?: string[];
}

/** The object that an address belongs to. */
export interface ParentReference {
  /** The group; empty for the core group. @proto 1 */
  group?: string;
  /** Name of the resource, in the plural. @proto 2 @required @omitEmpty */
  resource: string;
  /** Namespace of the object. @proto 3 */
  namespace?: string;
  /** Name of the object. @proto 4 @required @omitEmpty */
  name: string;
}

/** A port of a service, by name or number. @atomic */
export interface ServiceBackendPort {
  /** Name of the port. @proto 1 */
  name?: string;
  /** Number of the port. @proto 2 */
  number?: Int32;
}

/** A range of addresses for services. */
export interface ServiceCIDR extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: ServiceCIDRSpec;
  /** What is: written by the system. @proto 3 */
  status?: ServiceCIDRStatus;
}

/** What is wanted of a network of service addresses. */
export interface ServiceCIDRSpec {
  /** The ranges, one a family. @proto 1 @listType atomic */
  cidrs?: string[];
}

/** How a network of service addresses is doing, as the system has found it. */
export interface ServiceCIDRStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
}
