/**
 * Config maps, secrets, namespaces, events, quotas and what else stands beside pods and nodes.
 * @package io.k8s.api.core.v1
 */
import type { Bytes, Int32, Int64, MicroTime, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, ObjectMeta, TypeMeta } from '../../meta/v1/types.ts';
import type { LocalObjectReference, ObjectReference } from './common.ts';
import type { PodTemplateSpec } from './pod.ts';

/** Says which node a pod is to run on. @noList */
export interface Binding extends KubeObject {
  /** The node. @proto 2 @required */
  target: ObjectReference;
}

/** Whether it is well, and why not. */
export interface ComponentCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** Why, as a sentence for people. @proto 3 */
  message?: string;
  /** What went wrong. @proto 4 */
  error?: string;
}

/** Whether a part of the control plane is well; deprecated. */
export interface ComponentStatus extends KubeObject {
  /** Remarks about the state, one a type. @proto 2 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: ComponentCondition[];
}

/** Settings for pods to read. */
export interface ConfigMap extends KubeObject {
  /** Whether the data can never change again. @proto 4 @pointer */
  immutable?: boolean;
  /** The settings, as text. @proto 2 */
  data?: Record<string, string>;
  /** Settings that are no text, in base64. @proto 3 */
  binaryData?: Record<string, Bytes>;
}

/** Something that has happened to an object. */
export interface Event extends KubeObject {
  /** Name, labels and the rest that all objects have. @proto 1 @required */
  metadata: ObjectMeta;
  /** The object that it is about. @proto 2 @required */
  involvedObject: ObjectReference;
  /** Why, as one word for programs. @proto 3 */
  reason?: string;
  /** Why, as a sentence for people. @proto 4 */
  message?: string;
  /** The component that tells it. @proto 5 */
  source?: EventSource;
  /** When it first happened. @proto 6 */
  firstTimestamp?: Time | null;
  /** When it last happened. @proto 7 */
  lastTimestamp?: Time | null;
  /** How often it has happened. @proto 8 */
  count?: Int32;
  /** Normal or Warning. @proto 9 */
  type?: string;
  /** When it happened. @proto 10 */
  eventTime?: MicroTime | null;
  /** How it goes on, when it happens again and again. @proto 11 @pointer */
  series?: EventSeries;
  /** What was done about the object. @proto 12 */
  action?: string;
  /** Another object that has to do with it. @proto 13 @pointer */
  related?: ObjectReference;
  /** The component that tells it, as `kubernetes.io/kubelet`. @proto 14 @keepEmpty */
  reportingComponent?: string;
  /** Which instance of the component tells it. @proto 15 @keepEmpty */
  reportingInstance?: string;
}

/** How often the same has happened, and when last. */
export interface EventSeries {
  /** How often it has happened. @proto 1 */
  count?: Int32;
  /** When it last happened. @proto 2 */
  lastObservedTime?: MicroTime | null;
}

/** Who has seen it, and where. */
export interface EventSource {
  /** Name of the component. @proto 1 */
  component?: string;
  /** Node that it runs on. @proto 2 */
  host?: string;
}

/** Limits and defaults of what pods and claims of a namespace may ask for. */
export interface LimitRange extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: LimitRangeSpec;
}

/** Least, most and usual amounts for one sort of object. */
export interface LimitRangeItem {
  /** What is limited: Pod, Container or PersistentVolumeClaim. @proto 1 @required */
  type: string;
  /** The most. @proto 2 */
  max?: Record<string, Quantity>;
  /** The least. @proto 3 */
  min?: Record<string, Quantity>;
  /** Limit of a container that sets none. @proto 4 */
  default?: Record<string, Quantity>;
  /** Request of a container that sets none. @proto 5 */
  defaultRequest?: Record<string, Quantity>;
  /** How many times the request a limit may be. @proto 6 */
  maxLimitRequestRatio?: Record<string, Quantity>;
}

/** What is wanted of a limit range. */
export interface LimitRangeSpec {
  /** The limits, one for each kind of thing. @proto 1 @required @listType atomic */
  limits: LimitRangeItem[];
}

/** A space for names. */
export interface Namespace extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: NamespaceSpec;
  /** What is: written by the system. @proto 3 */
  status?: NamespaceStatus;
}

/** A remark about the state of a namespace. */
export interface NamespaceCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the status last changed from one value to another. @proto 4 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 5 */
  reason?: string;
  /** Why, as a sentence for people. @proto 6 */
  message?: string;
}

/** What is wanted of a namespace. */
export interface NamespaceSpec {
  /** What must be done before the namespace goes. @proto 1 @listType atomic */
  finalizers?: string[];
}

/** How a namespace is doing, as the system has found it. */
export interface NamespaceStatus {
  /** Active or Terminating. @proto 1 @enum Active|Terminating */
  phase?: string;
  /** Remarks about the state, one a type. @proto 2 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: NamespaceCondition[];
}

/** What has been given out of a range of numbers or addresses. @noList @unpublished */
export interface RangeAllocation extends KubeObject {
  /** What is shared out, as `10.96.0.0/16`. @proto 2 @required */
  range: string;
  /** Which of it is taken, a bit each. @proto 3 @required */
  data: Bytes;
}

/** Keeps a number of pods running; ReplicaSet is its successor. */
export interface ReplicationController extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: ReplicationControllerSpec;
  /** What is: written by the system. @proto 3 */
  status?: ReplicationControllerStatus;
}

/** A remark about the state of a replication controller. */
export interface ReplicationControllerCondition {
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

/** What is wanted of a replication controller. */
export interface ReplicationControllerSpec {
  /** How many pods are wanted; 1 when unset. @proto 1 @pointer @default 1 */
  replicas?: Int32;
  /** How long a new pod must be ready without a crash before it counts as available. @proto 4 @default 0 */
  minReadySeconds?: Int32;
  /** Selects the pods; must match the template's labels. @proto 2 @mapType atomic */
  selector?: Record<string, string>;
  /** The pods to make. @proto 3 @pointer */
  template?: PodTemplateSpec;
}

/** How a replication controller is doing, as the system has found it. */
export interface ReplicationControllerStatus {
  /** How many pods. @proto 1 @required */
  replicas: Int32;
  /** How many pods have all labels of the template. @proto 2 */
  fullyLabeledReplicas?: Int32;
  /** How many pods are ready. @proto 4 */
  readyReplicas?: Int32;
  /** How many pods have been ready for at least minReadySeconds. @proto 5 */
  availableReplicas?: Int32;
  /** The generation of the object that this status speaks of. @proto 3 */
  observedGeneration?: Int64;
  /** Remarks about the state, one a type. @proto 6 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: ReplicationControllerCondition[];
}

/** Limits of what a namespace may use in all. */
export interface ResourceQuota extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: ResourceQuotaSpec;
  /** What is: written by the system. @proto 3 */
  status?: ResourceQuotaStatus;
}

/** What is wanted of a resource quota. */
export interface ResourceQuotaSpec {
  /** The limits. @proto 1 */
  hard?: Record<string, Quantity>;
  /** Which pods count, all of these. @proto 2 @listType atomic @enum BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass */
  scopes?: string[];
  /** Which pods count, by expressions. @proto 3 @pointer */
  scopeSelector?: ScopeSelector;
}

/** How a resource quota is doing, as the system has found it. */
export interface ResourceQuotaStatus {
  /** The limits. @proto 1 */
  hard?: Record<string, Quantity>;
  /** What is in use. @proto 2 */
  used?: Record<string, Quantity>;
}

/** Objects of certain qualities, which a quota counts. @atomic */
export interface ScopeSelector {
  /** Conditions on scopes. @proto 1 @listType atomic */
  matchExpressions?: ScopedResourceSelectorRequirement[];
}

/** A quality that objects must have for a quota to count them. */
export interface ScopedResourceSelectorRequirement {
  /** The quality of objects that is looked at, as PriorityClass. @proto 1 @required @enum BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass */
  scopeName: string;
  /** In, NotIn, Exists or DoesNotExist. @proto 2 @required @enum DoesNotExist|Exists|In|NotIn */
  operator: string;
  /** Values, for In and NotIn. @proto 3 @listType atomic */
  values?: string[];
}

/** Data that few may read. */
export interface Secret extends KubeObject {
  /** Whether the data can never change again. @proto 5 @pointer */
  immutable?: boolean;
  /** The data, in base64. @proto 2 */
  data?: Record<string, Bytes>;
  /** Data as text; goes into data when written and is never read back. @proto 4 */
  stringData?: Record<string, string>;
  /** What the secret is for, as `Opaque` or `kubernetes.io/tls`. @proto 3 */
  type?: string;
}

/** A reference to an object, as text in an annotation. @unpublished */
export interface SerializedReference extends TypeMeta {
  /** The object. @proto 1 */
  reference?: ObjectReference;
}

/** An identity for pods. */
export interface ServiceAccount extends KubeObject {
  /** Secrets that its pods may use. @proto 2 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  secrets?: ObjectReference[];
  /** Secrets with credentials for image registries. @proto 3 @listType atomic */
  imagePullSecrets?: LocalObjectReference[];
  /** Whether containers get a token of the service account. @proto 4 @pointer */
  automountServiceAccountToken?: boolean;
}
