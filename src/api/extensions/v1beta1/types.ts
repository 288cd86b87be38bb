/**
 * Types of the group extensions, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.extensions.v1beta1 @offByDefault
 */
import type { PodTemplateSpec, TypedLocalObjectReference } from '../../core/v1/types.ts';
import type { Int32, Int64, IntOrString, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector, TypeMeta } from '../../meta/v1/types.ts';

/** Runs one pod on each node that it selects. @unpublished */
export interface DaemonSet extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: DaemonSetSpec;
  /** What is: written by the system. @proto 3 */
  status?: DaemonSetStatus;
}

/** A remark about the state of a daemon set. @unpublished */
export interface DaemonSetCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the status last changed from one value to another. @proto 3 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Why, as a sentence for people. @proto 5 */
  message?: string;
}

/** What is wanted of a daemon set. @unpublished */
export interface DaemonSetSpec {
  /** Selects the pods; must match the template's labels. @proto 1 @pointer */
  selector?: LabelSelector;
  /** The pods to make. @proto 2 @required */
  template: PodTemplateSpec;
  /** How pods are replaced when the template changes. @proto 3 */
  updateStrategy?: DaemonSetUpdateStrategy;
  /** How long a new pod must be ready without a crash before it counts as available. @proto 4 */
  minReadySeconds?: Int32;
  /** Counts changes of the template; the system keeps it. @proto 5 */
  templateGeneration?: Int64;
  /** How many old revisions are kept for going back. @proto 6 @pointer */
  revisionHistoryLimit?: Int32;
}

/** How a daemon set is doing, as the system has found it. @unpublished */
export interface DaemonSetStatus {
  /** How many nodes run a pod that should. @proto 1 @required */
  currentNumberScheduled: Int32;
  /** How many nodes run a pod that should not. @proto 2 @required */
  numberMisscheduled: Int32;
  /** How many nodes should run a pod. @proto 3 @required */
  desiredNumberScheduled: Int32;
  /** How many nodes have a pod that is ready. @proto 4 @required */
  numberReady: Int32;
  /** The generation of the object that this status speaks of. @proto 5 */
  observedGeneration?: Int64;
  /** How many nodes run a pod of the present template. @proto 6 */
  updatedNumberScheduled?: Int32;
  /** How many nodes have a pod that has been ready for minReadySeconds. @proto 7 */
  numberAvailable?: Int32;
  /** How many nodes have none. @proto 8 */
  numberUnavailable?: Int32;
  /** How often the hash in a name had to be changed because the name was taken. @proto 9 @pointer */
  collisionCount?: Int32;
  /** Remarks about the state, one a type. @proto 10 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: DaemonSetCondition[];
}

/** How pods of a daemon set are replaced when its template changes. @unpublished */
export interface DaemonSetUpdateStrategy {
  /** RollingUpdate or OnDelete. @proto 1 */
  type?: string;
  /** Settings for RollingUpdate. @proto 2 @pointer */
  rollingUpdate?: RollingUpdateDaemonSet;
}

/** Keeps a number of pods running and replaces them step by step. @unpublished */
export interface Deployment extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: DeploymentSpec;
  /** What is: written by the system. @proto 3 */
  status?: DeploymentStatus;
}

/** A remark about the state of a deployment. @unpublished */
export interface DeploymentCondition {
  /** Available, Progressing or ReplicaFailure. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the condition was last written. @proto 6 */
  lastUpdateTime?: Time | null;
  /** When the status last changed from one value to another. @proto 7 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Why, as a sentence for people. @proto 5 */
  message?: string;
}

/** Asks for an earlier revision of a deployment. @unpublished */
export interface DeploymentRollback extends TypeMeta {
  /** Name of the deployment. @proto 1 @required */
  name: string;
  /** Annotations to put on the deployment. @proto 2 */
  updatedAnnotations?: Record<string, string>;
  /** Where to go back to. @proto 3 @required */
  rollbackTo: RollbackConfig;
}

/** What is wanted of a deployment. @unpublished */
export interface DeploymentSpec {
  /** How many pods are wanted; 1 when unset. @proto 1 @pointer */
  replicas?: Int32;
  /** Selects the pods; must match the template's labels and never changes. @proto 2 @pointer */
  selector?: LabelSelector;
  /** The pods to make. @proto 3 @required */
  template: PodTemplateSpec;
  /** How pods are replaced when the template changes. @proto 4 @patchStrategy retainKeys */
  strategy?: DeploymentStrategy;
  /** How long a new pod must be ready without a crash before it counts as available. @proto 5 */
  minReadySeconds?: Int32;
  /** How many old revisions are kept for going back. @proto 6 @pointer */
  revisionHistoryLimit?: Int32;
  /** Whether changes of the template wait. @proto 7 */
  paused?: boolean;
  /** An earlier revision to go back to; the controller clears it. @proto 8 @pointer */
  rollbackTo?: RollbackConfig;
  /** After how many seconds without progress the deployment counts as stuck. @proto 9 @pointer */
  progressDeadlineSeconds?: Int32;
}

/** How a deployment is doing, as the system has found it. @unpublished */
export interface DeploymentStatus {
  /** The generation of the object that this status speaks of. @proto 1 */
  observedGeneration?: Int64;
  /** How many pods. @proto 2 */
  replicas?: Int32;
  /** How many pods are of the present template. @proto 3 */
  updatedReplicas?: Int32;
  /** How many pods are ready. @proto 7 */
  readyReplicas?: Int32;
  /** How many pods have been ready for at least minReadySeconds. @proto 4 */
  availableReplicas?: Int32;
  /** How many pods are missing from being available. @proto 5 */
  unavailableReplicas?: Int32;
  /** How many pods are on their way out, and not counted elsewhere. @proto 9 @pointer */
  terminatingReplicas?: Int32;
  /** Remarks about the state, one a type. @proto 6 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: DeploymentCondition[];
  /** How often the hash in a name had to be changed because the name was taken. @proto 8 @pointer */
  collisionCount?: Int32;
}

/** How pods of a deployment are replaced when its template changes. @unpublished */
export interface DeploymentStrategy {
  /** RollingUpdate or Recreate. @proto 1 */
  type?: string;
  /** Settings for RollingUpdate. @proto 2 @pointer */
  rollingUpdate?: RollingUpdateDeployment;
}

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

/** Addresses of a network, without some. @unpublished */
export interface IPBlock {
  /** A range of addresses. @proto 1 @required */
  cidr: string;
  /** Ranges within it that are left out. @proto 2 @listType atomic */
  except?: string[];
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

/** Which traffic pods may have. @unpublished */
export interface NetworkPolicy extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: NetworkPolicySpec;
}

/** Where pods may connect to. @unpublished */
export interface NetworkPolicyEgressRule {
  /** Ports; all of them when none is named. @proto 1 @listType atomic */
  ports?: NetworkPolicyPort[];
  /** Where to; everywhere when nothing is named. @proto 2 @listType atomic */
  to?: NetworkPolicyPeer[];
}

/** Who may connect to pods. @unpublished */
export interface NetworkPolicyIngressRule {
  /** Ports; all of them when none is named. @proto 1 @listType atomic */
  ports?: NetworkPolicyPort[];
  /** Where from; everywhere when nothing is named. @proto 2 @listType atomic */
  from?: NetworkPolicyPeer[];
}

/** Pods, namespaces or addresses at the other end. @unpublished */
export interface NetworkPolicyPeer {
  /** Chooses pods by their labels; in the policy's namespace, or where namespaceSelector says. @proto 1 @pointer */
  podSelector?: LabelSelector;
  /** Selects namespaces by their labels; an empty selector selects all. @proto 2 @pointer */
  namespaceSelector?: LabelSelector;
  /** Addresses. @proto 3 @pointer */
  ipBlock?: IPBlock;
}

/** A port, or several in a row. @unpublished */
export interface NetworkPolicyPort {
  /** TCP, UDP or SCTP. @proto 1 @pointer @enum SCTP|TCP|UDP */
  protocol?: string;
  /** Number or name of the port; all of them when unset. @proto 2 @pointer */
  port?: IntOrString;
  /** Last port of a range that begins with port. @proto 3 @pointer */
  endPort?: Int32;
}

/** What is wanted of a network policy. @unpublished */
export interface NetworkPolicySpec {
  /** Which pods. @proto 1 @required */
  podSelector: LabelSelector;
  /** What may come in. @proto 2 @listType atomic */
  ingress?: NetworkPolicyIngressRule[];
  /** What may go out. @proto 3 @listType atomic */
  egress?: NetworkPolicyEgressRule[];
  /** Ingress, Egress or both. @proto 4 @listType atomic */
  policyTypes?: string[];
}

/** Keeps a number of pods running. @unpublished */
export interface ReplicaSet extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: ReplicaSetSpec;
  /** What is: written by the system. @proto 3 */
  status?: ReplicaSetStatus;
}

/** A remark about the state of a replica set. @unpublished */
export interface ReplicaSetCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the status last changed from one value to another. @proto 3 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Why, as a sentence for people. @proto 5 */
  message?: string;
}

/** What is wanted of a replica set. @unpublished */
export interface ReplicaSetSpec {
  /** How many pods are wanted; 1 when unset. @proto 1 @pointer */
  replicas?: Int32;
  /** How long a new pod must be ready without a crash before it counts as available. @proto 4 */
  minReadySeconds?: Int32;
  /** Selects the pods; must match the template's labels. @proto 2 @pointer */
  selector?: LabelSelector;
  /** The pods to make. @proto 3 */
  template?: PodTemplateSpec;
}

/** How a replica set is doing, as the system has found it. @unpublished */
export interface ReplicaSetStatus {
  /** How many pods. @proto 1 @required */
  replicas: Int32;
  /** How many pods have all labels of the template. @proto 2 */
  fullyLabeledReplicas?: Int32;
  /** How many pods are ready. @proto 4 */
  readyReplicas?: Int32;
  /** How many pods have been ready for at least minReadySeconds. @proto 5 */
  availableReplicas?: Int32;
  /** How many pods are on their way out, and not counted elsewhere. @proto 7 @pointer */
  terminatingReplicas?: Int32;
  /** The generation of the object that this status speaks of. @proto 3 */
  observedGeneration?: Int64;
  /** Remarks about the state, one a type. @proto 6 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: ReplicaSetCondition[];
}

/** Which revision to go back to. @unpublished */
export interface RollbackConfig {
  /** Number of the revision; 0 is the one before. @proto 1 */
  revision?: Int64;
}

/** How many pods may be missing, or double, while they are replaced. @unpublished */
export interface RollingUpdateDaemonSet {
  /** How many may be missing at a time, as a number or percentage. @proto 1 @pointer */
  maxUnavailable?: IntOrString;
  /** How many more than wanted there may be at a time, as a number or percentage. @proto 2 @pointer */
  maxSurge?: IntOrString;
}

/** How many pods may be missing, or in excess, while they are replaced. @unpublished */
export interface RollingUpdateDeployment {
  /** How many may be missing at a time, as a number or percentage. @proto 1 @pointer */
  maxUnavailable?: IntOrString;
  /** How many more than wanted there may be at a time, as a number or percentage. @proto 2 @pointer */
  maxSurge?: IntOrString;
}

/** How many pods something has and wants. @noList @unpublished */
export interface Scale extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: ScaleSpec;
  /** What is: written by the system. @proto 3 */
  status?: ScaleStatus;
}

/** What is wanted of a scale. @unpublished */
export interface ScaleSpec {
  /** How many are wanted. @proto 1 */
  replicas?: Int32;
}

/** How a scale is doing, as the system has found it. @unpublished */
export interface ScaleStatus {
  /** How many there are. @proto 1 @required */
  replicas: Int32;
  /** Selector of the pods, as text. @proto 2 @mapType atomic */
  selector?: Record<string, string>;
  /** Which pods are counted, as text. @proto 3 */
  targetSelector?: string;
}
