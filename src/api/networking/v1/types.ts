/**
 * Types of the group networking, version v1.
 * @package io.k8s.api.networking.v1
 */
import type { TypedLocalObjectReference } from '../../core/v1/types.ts';
import type { Int32, IntOrString } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** HTTP ingress path. */
export interface HTTPIngressPath {
  /** Path. @proto 1 */
  path?: string;
  /** Path type. @proto 3 @required @pointer @enum Exact|ImplementationSpecific|Prefix */
  pathType: string;
  /** Backend. @proto 2 @required */
  backend: IngressBackend;
}

/** HTTP ingress rule value. */
export interface HTTPIngressRuleValue {
  /** List of paths. @proto 1 @required @listType atomic */
  paths: HTTPIngressPath[];
}

/** IP address. */
export interface IPAddress extends KubeObject {
  /** Spec. @proto 2 @required @omitEmpty */
  spec: IPAddressSpec;
}

/** IP address spec. */
export interface IPAddressSpec {
  /** Reference to the parent. @proto 1 @required @pointer @omitEmpty */
  parentRef: ParentReference;
}

/** IP block. */
export interface IPBlock {
  /** Cidr. @proto 1 @required */
  cidr: string;
  /** List of except. @proto 2 @listType atomic */
  except?: string[];
}

/** Ingress. */
export interface Ingress extends KubeObject {
  /** Spec. @proto 2 */
  spec?: IngressSpec;
  /** Status. @proto 3 */
  status?: IngressStatus;
}

/** Ingress backend. */
export interface IngressBackend {
  /** Service. @proto 4 @pointer */
  service?: IngressServiceBackend;
  /** Resource. @proto 3 @pointer */
  resource?: TypedLocalObjectReference;
}

/** Ingress class. */
export interface IngressClass extends KubeObject {
  /** Spec. @proto 2 */
  spec?: IngressClassSpec;
}

/** Ingress class parameters reference. */
export interface IngressClassParametersReference {
  /** Api group. @proto 1 @pointer @protoName aPIGroup */
  apiGroup?: string;
  /** Kind. @proto 2 @required */
  kind: string;
  /** Name. @proto 3 @required */
  name: string;
  /** Scope. @proto 4 @pointer @keepEmpty */
  scope?: string;
  /** Namespace. @proto 5 @pointer */
  namespace?: string;
}

/** Ingress class spec. */
export interface IngressClassSpec {
  /** Controller. @proto 1 */
  controller?: string;
  /** Parameters. @proto 2 @pointer */
  parameters?: IngressClassParametersReference;
}

/** Ingress load balancer ingress. */
export interface IngressLoadBalancerIngress {
  /** Ip. @proto 1 */
  ip?: string;
  /** Hostname. @proto 2 */
  hostname?: string;
  /** List of ports. @proto 4 @listType atomic */
  ports?: IngressPortStatus[];
}

/** Ingress load balancer status. */
export interface IngressLoadBalancerStatus {
  /** List of ingress. @proto 1 @listType atomic */
  ingress?: IngressLoadBalancerIngress[];
}

/** Ingress port status. */
export interface IngressPortStatus {
  /** Port. @proto 1 @required */
  port: Int32;
  /** Protocol. @proto 2 @required @enum SCTP|TCP|UDP */
  protocol: string;
  /** Error. @proto 3 @pointer */
  error?: string;
}

/** Ingress rule. @inlines IngressRuleValue:2 */
export interface IngressRule {
  /** Host. @proto 1 */
  host?: string;
  /** Http. @proto 1 @via 2 @pointer */
  http?: HTTPIngressRuleValue;
}

/** Ingress rule value. @unpublished */
export interface IngressRuleValue {
  /** Http. @proto 1 @pointer */
  http?: HTTPIngressRuleValue;
}

/** Ingress service backend. */
export interface IngressServiceBackend {
  /** Name. @proto 1 @required */
  name: string;
  /** Port. @proto 2 */
  port?: ServiceBackendPort;
}

/** Ingress spec. */
export interface IngressSpec {
  /** Name of the ingress class. @proto 4 @pointer */
  ingressClassName?: string;
  /** Default backend. @proto 1 @pointer */
  defaultBackend?: IngressBackend;
  /** List of tls. @proto 2 @listType atomic */
  tls?: IngressTLS[];
  /** List of rules. @proto 3 @listType atomic */
  rules?: IngressRule[];
}

/** Ingress status. */
export interface IngressStatus {
  /** Load balancer. @proto 1 */
  loadBalancer?: IngressLoadBalancerStatus;
}

/** Ingress TLS. */
export interface IngressTLS {
  /** List of hosts. @proto 1 @listType atomic */
  hosts?: string[];
  /** Name of the secret. @proto 2 */
  secretName?: string;
}

/** Network policy. */
export interface NetworkPolicy extends KubeObject {
  /** Spec. @proto 2 */
  spec?: NetworkPolicySpec;
}

/** Network policy egress rule. */
export interface NetworkPolicyEgressRule {
  /** List of ports. @proto 1 @listType atomic */
  ports?: NetworkPolicyPort[];
  /** List of to. @proto 2 @listType atomic */
  to?: NetworkPolicyPeer[];
}

/** Network policy ingress rule. */
export interface NetworkPolicyIngressRule {
  /** List of ports. @proto 1 @listType atomic */
  ports?: NetworkPolicyPort[];
  /** List of from. @proto 2 @listType atomic */
  from?: NetworkPolicyPeer[];
}

/** Network policy peer. */
export interface NetworkPolicyPeer {
  /** Pod selector. @proto 1 @pointer */
  podSelector?: LabelSelector;
  /** Namespace selector. @proto 2 @pointer */
  namespaceSelector?: LabelSelector;
  /** Ip block. @proto 3 @pointer */
  ipBlock?: IPBlock;
}

/** Network policy port. */
export interface NetworkPolicyPort {
  /** Protocol. @proto 1 @pointer @enum SCTP|TCP|UDP */
  protocol?: string;
  /** Port. @proto 2 @pointer */
  port?: IntOrString;
  /** End port. @proto 3 @pointer */
  endPort?: Int32;
}

/** Network policy spec. */
export interface NetworkPolicySpec {
  /** Pod selector. @proto 1 @keepEmpty */
  podSelector?: LabelSelector;
  /** List of ingress. @proto 2 @listType atomic */
  ingress?: NetworkPolicyIngressRule[];
  /** List of egress. @proto 3 @listType atomic */
  egress?: NetworkPolicyEgressRule[];
  /** List of policy types. @proto 4 @listType atomic @enum Egress|Ingress */
  policyTypes?: string[];
}

/** Parent reference. */
export interface ParentReference {
  /** Group. @proto 1 */
  group?: string;
  /** Resource. @proto 2 @required @omitEmpty */
  resource: string;
  /** Namespace. @proto 3 */
  namespace?: string;
  /** Name. @proto 4 @required @omitEmpty */
  name: string;
}

/** Service backend port. @atomic */
export interface ServiceBackendPort {
  /** Name. @proto 1 */
  name?: string;
  /** Number. @proto 2 */
  number?: Int32;
}

/** Service CIDR. */
export interface ServiceCIDR extends KubeObject {
  /** Spec. @proto 2 */
  spec?: ServiceCIDRSpec;
  /** Status. @proto 3 */
  status?: ServiceCIDRStatus;
}

/** Service CIDR spec. */
export interface ServiceCIDRSpec {
  /** List of cidrs. @proto 1 @listType atomic */
  cidrs?: string[];
}

/** Service CIDR status. */
export interface ServiceCIDRStatus {
  /** List of conditions. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
}
