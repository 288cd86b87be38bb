/**
 * Types of the group networking, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.networking.v1beta1 @offByDefault
 */
import type { TypedLocalObjectReference } from '../../core/v1/types.ts';
import type { Int32, IntOrString } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject } from '../../meta/v1/types.ts';

/** A path, and where its requests go. @unpublished */
export interface HTTPIngressPath {
  /** What the request's path must match, as its pathType says; begins with `/`. @proto 1 */
  path?: string;
  /** How the path is compared: Exact, Prefix or ImplementationSpecific. @proto 3 @pointer */
  pathType?: string;
  /** Where requests go. @proto 2 @required */
  backend: IngressBackend;
}

/** Paths of a host, and where their requests go. @unpublished */
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

/** Rules for HTTP from outside to services. @unpublished */
export interface Ingress extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: IngressSpec;
  /** What is: written by the system. @proto 3 */
  status?: IngressStatus;
}

/** Where requests go. @unpublished */
export interface IngressBackend {
  /** The service that requests go to. @proto 1 */
  serviceName?: string;
  /** Port of the service, by number or name. @proto 2 */
  servicePort?: IntOrString;
  /** Name of the resource, in the plural. @proto 3 @pointer */
  resource?: TypedLocalObjectReference;
}

/** A kind of Ingress controller. @unpublished */
export interface IngressClass extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: IngressClassSpec;
}

/** An object with more settings of the controller. @unpublished */
export interface IngressClassParametersReference {
  /** Group of the kind that is referred to; empty for the core group. @proto 1 @pointer */
  apiGroup?: string;
  /** Name of the kind, as `Pod`. @proto 2 @required */
  kind: string;
  /** Name of the object. @proto 3 @required */
  name: string;
  /** Cluster or Namespace. @proto 4 @required @pointer */
  scope: string;
  /** Namespace of the object. @proto 5 @pointer */
  namespace?: string;
}

/** What is wanted of an ingress class. @unpublished */
export interface IngressClassSpec {
  /** Name of the controller. @proto 1 */
  controller?: string;
  /** Settings for the driver. @proto 2 @pointer */
  parameters?: IngressClassParametersReference;
}

/** An address that an Ingress is reached at. @unpublished */
export interface IngressLoadBalancerIngress {
  /** Its address. @proto 1 */
  ip?: string;
  /** Its name. @proto 2 */
  hostname?: string;
  /** State of each port. @proto 4 @listType atomic */
  ports?: IngressPortStatus[];
}

/** Where an Ingress is reached. @unpublished */
export interface IngressLoadBalancerStatus {
  /** Addresses of the load balancer. @proto 1 @listType atomic */
  ingress?: IngressLoadBalancerIngress[];
}

/** A port of an Ingress, and whether it works. @unpublished */
export interface IngressPortStatus {
  /** Number of the port. @proto 1 @required */
  port: Int32;
  /** TCP, UDP or SCTP. @proto 2 @required @enum SCTP|TCP|UDP */
  protocol: string;
  /** What went wrong. @proto 3 @pointer */
  error?: string;
}

/** A host, and where its requests go. @unpublished */
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

/** What is wanted of an ingress. @unpublished */
export interface IngressSpec {
  /** Which ingress controller. @proto 4 @pointer */
  ingressClassName?: string;
  /** Where requests go that no rule fits. @proto 1 @pointer */
  backend?: IngressBackend;
  /** Certificates, by host. @proto 2 @listType atomic */
  tls?: IngressTLS[];
  /** Where requests go, by host; what no rule fits goes to the default backend. @proto 3 @listType atomic */
  rules?: IngressRule[];
}

/** How an ingress is doing, as the system has found it. @unpublished */
export interface IngressStatus {
  /** Addresses of the load balancer. @proto 1 */
  loadBalancer?: IngressLoadBalancerStatus;
}

/** Hosts, and the certificate they are served with. @unpublished */
export interface IngressTLS {
  /** Hosts that the certificate is for. @proto 1 @listType atomic */
  hosts?: string[];
  /** The secret with certificate and key; the controller's own when empty. @proto 2 */
  secretName?: string;
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
