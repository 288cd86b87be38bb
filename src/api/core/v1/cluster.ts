/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Bytes, Int32, Int64, MicroTime, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, ObjectMeta, TypeMeta } from '../../meta/v1/types.ts';
import type { LocalObjectReference, ObjectReference } from './common.ts';
import type { PodTemplateSpec } from './pod.ts';

/** Binding. @noList */
export interface Binding extends KubeObject {
  /** Target. @proto 2 @required */
  target: ObjectReference;
}

/** Component condition. */
export interface ComponentCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** Message. @proto 3 */
  message?: string;
  /** Error. @proto 4 */
  error?: string;
}

/** Component status. */
export interface ComponentStatus extends KubeObject {
  /** List of conditions. @proto 2 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: ComponentCondition[];
}

/** Config map. */
export interface ConfigMap extends KubeObject {
  /** Whether: immutable. @proto 4 @pointer */
  immutable?: boolean;
  /** Data, by key. @proto 2 */
  data?: Record<string, string>;
  /** Binary data, by key. @proto 3 */
  binaryData?: Record<string, Bytes>;
}

/** Event. */
export interface Event extends KubeObject {
  /** Name, labels and the rest that all objects have. @proto 1 @required */
  metadata: ObjectMeta;
  /** Involved object. @proto 2 @required */
  involvedObject: ObjectReference;
  /** Reason. @proto 3 */
  reason?: string;
  /** Message. @proto 4 */
  message?: string;
  /** Source. @proto 5 */
  source?: EventSource;
  /** First timestamp. @proto 6 */
  firstTimestamp?: Time;
  /** Last timestamp. @proto 7 */
  lastTimestamp?: Time;
  /** Count. @proto 8 */
  count?: Int32;
  /** Type. @proto 9 */
  type?: string;
  /** When: event time. @proto 10 */
  eventTime?: MicroTime;
  /** Series. @proto 11 @pointer */
  series?: EventSeries;
  /** Action. @proto 12 */
  action?: string;
  /** Related. @proto 13 @pointer */
  related?: ObjectReference;
  /** Reporting component. @proto 14 @keepEmpty */
  reportingComponent?: string;
  /** Reporting instance. @proto 15 @keepEmpty */
  reportingInstance?: string;
}

/** Event series. */
export interface EventSeries {
  /** Count. @proto 1 */
  count?: Int32;
  /** When: last observed time. @proto 2 */
  lastObservedTime?: MicroTime;
}

/** Event source. */
export interface EventSource {
  /** Component. @proto 1 */
  component?: string;
  /** Host. @proto 2 */
  host?: string;
}

/** Limit range. */
export interface LimitRange extends KubeObject {
  /** Spec. @proto 2 */
  spec?: LimitRangeSpec;
}

/** Limit range item. */
export interface LimitRangeItem {
  /** Type. @proto 1 @required */
  type: string;
  /** Max, by key. @proto 2 */
  max?: Record<string, Quantity>;
  /** Min, by key. @proto 3 */
  min?: Record<string, Quantity>;
  /** Default, by key. @proto 4 */
  default?: Record<string, Quantity>;
  /** Default request, by key. @proto 5 */
  defaultRequest?: Record<string, Quantity>;
  /** Max limit request ratio, by key. @proto 6 */
  maxLimitRequestRatio?: Record<string, Quantity>;
}

/** Limit range spec. */
export interface LimitRangeSpec {
  /** List of limits. @proto 1 @required @listType atomic */
  limits: LimitRangeItem[];
}

/** Namespace. */
export interface Namespace extends KubeObject {
  /** Spec. @proto 2 */
  spec?: NamespaceSpec;
  /** Status. @proto 3 */
  status?: NamespaceStatus;
}

/** Namespace condition. */
export interface NamespaceCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last transition time. @proto 4 */
  lastTransitionTime?: Time;
  /** Reason. @proto 5 */
  reason?: string;
  /** Message. @proto 6 */
  message?: string;
}

/** Namespace spec. */
export interface NamespaceSpec {
  /** List of finalizers. @proto 1 @listType atomic */
  finalizers?: string[];
}

/** Namespace status. */
export interface NamespaceStatus {
  /** Phase. @proto 1 @enum Active|Terminating */
  phase?: string;
  /** List of conditions. @proto 2 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: NamespaceCondition[];
}

/** Range allocation. @noList @unpublished */
export interface RangeAllocation extends KubeObject {
  /** Range. @proto 2 @required */
  range: string;
  /** Data. @proto 3 @required */
  data: Bytes;
}

/** Replication controller. */
export interface ReplicationController extends KubeObject {
  /** Spec. @proto 2 */
  spec?: ReplicationControllerSpec;
  /** Status. @proto 3 */
  status?: ReplicationControllerStatus;
}

/** Replication controller condition. */
export interface ReplicationControllerCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last transition time. @proto 3 */
  lastTransitionTime?: Time;
  /** Reason. @proto 4 */
  reason?: string;
  /** Message. @proto 5 */
  message?: string;
}

/** Replication controller spec. */
export interface ReplicationControllerSpec {
  /** Replicas. @proto 1 @pointer @default 1 */
  replicas?: Int32;
  /** Min ready, in seconds. @proto 4 @default 0 */
  minReadySeconds?: Int32;
  /** Selector, by key. @proto 2 @mapType atomic */
  selector?: Record<string, string>;
  /** Template. @proto 3 @pointer */
  template?: PodTemplateSpec;
}

/** Replication controller status. */
export interface ReplicationControllerStatus {
  /** Replicas. @proto 1 @required */
  replicas: Int32;
  /** Fully labeled replicas. @proto 2 */
  fullyLabeledReplicas?: Int32;
  /** Ready replicas. @proto 4 */
  readyReplicas?: Int32;
  /** Available replicas. @proto 5 */
  availableReplicas?: Int32;
  /** Observed generation. @proto 3 */
  observedGeneration?: Int64;
  /** List of conditions. @proto 6 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: ReplicationControllerCondition[];
}

/** Resource quota. */
export interface ResourceQuota extends KubeObject {
  /** Spec. @proto 2 */
  spec?: ResourceQuotaSpec;
  /** Status. @proto 3 */
  status?: ResourceQuotaStatus;
}

/** Resource quota spec. */
export interface ResourceQuotaSpec {
  /** Hard, by key. @proto 1 */
  hard?: Record<string, Quantity>;
  /** List of scopes. @proto 2 @listType atomic @enum BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass */
  scopes?: string[];
  /** Scope selector. @proto 3 @pointer */
  scopeSelector?: ScopeSelector;
}

/** Resource quota status. */
export interface ResourceQuotaStatus {
  /** Hard, by key. @proto 1 */
  hard?: Record<string, Quantity>;
  /** Used, by key. @proto 2 */
  used?: Record<string, Quantity>;
}

/** Scope selector. @atomic */
export interface ScopeSelector {
  /** List of match expressions. @proto 1 @listType atomic */
  matchExpressions?: ScopedResourceSelectorRequirement[];
}

/** Scoped resource selector requirement. */
export interface ScopedResourceSelectorRequirement {
  /** Name of the scope. @proto 1 @required @enum BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass */
  scopeName: string;
  /** Operator. @proto 2 @required @enum DoesNotExist|Exists|In|NotIn */
  operator: string;
  /** List of values. @proto 3 @listType atomic */
  values?: string[];
}

/** Secret. */
export interface Secret extends KubeObject {
  /** Whether: immutable. @proto 5 @pointer */
  immutable?: boolean;
  /** Data, by key. @proto 2 */
  data?: Record<string, Bytes>;
  /** String data, by key. @proto 4 */
  stringData?: Record<string, string>;
  /** Type. @proto 3 */
  type?: string;
}

/** Serialized reference. @unpublished */
export interface SerializedReference extends TypeMeta {
  /** Reference. @proto 1 */
  reference?: ObjectReference;
}

/** Service account. */
export interface ServiceAccount extends KubeObject {
  /** List of secrets. @proto 2 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  secrets?: ObjectReference[];
  /** List of image pull secrets. @proto 3 @listType atomic */
  imagePullSecrets?: LocalObjectReference[];
  /** Whether: automount service account token. @proto 4 @pointer */
  automountServiceAccountToken?: boolean;
}
