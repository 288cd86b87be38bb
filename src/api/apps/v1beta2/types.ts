/**
 * Types of the group apps, version v1beta2. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.apps.v1beta2 @offByDefault
 */
import type { PersistentVolumeClaim, PodTemplateSpec } from '../../core/v1/types.ts';
import type { Int32, Int64, IntOrString, RawExtension, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** An earlier state of an object's template, kept for going back. @unpublished */
export interface ControllerRevision extends KubeObject {
  /** The state. @proto 2 */
  data?: RawExtension;
  /** Number of the revision; higher is later. @proto 3 @required */
  revision: Int64;
}

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
  /** Selects the pods; must match the template's labels. @proto 1 @required @pointer */
  selector: LabelSelector;
  /** The pods to make. @proto 2 @required */
  template: PodTemplateSpec;
  /** How pods are replaced when the template changes. @proto 3 */
  updateStrategy?: DaemonSetUpdateStrategy;
  /** How long a new pod must be ready without a crash before it counts as available. @proto 4 */
  minReadySeconds?: Int32;
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

/** What is wanted of a deployment. @unpublished */
export interface DeploymentSpec {
  /** How many pods are wanted; 1 when unset. @proto 1 @pointer */
  replicas?: Int32;
  /** Selects the pods; must match the template's labels and never changes. @proto 2 @required @pointer */
  selector: LabelSelector;
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
  /** Selects the pods; must match the template's labels. @proto 2 @required @pointer */
  selector: LabelSelector;
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

/** Which pods are replaced, and how many may be missing meanwhile. @unpublished */
export interface RollingUpdateStatefulSetStrategy {
  /** Only pods with this number and above are replaced. @proto 1 @pointer */
  partition?: Int32;
  /** How many may be missing at a time, as a number or percentage. @proto 2 @pointer */
  maxUnavailable?: IntOrString;
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

/** Runs pods with names and storage of their own, in order. @unpublished */
export interface StatefulSet extends KubeObject {
  /** What is wanted. @proto 2 */
  spec?: StatefulSetSpec;
  /** What is: written by the system. @proto 3 */
  status?: StatefulSetStatus;
}

/** A remark about the state of a stateful set. @unpublished */
export interface StatefulSetCondition {
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

/** From which number pods are counted. @unpublished */
export interface StatefulSetOrdinals {
  /** Number of the first pod. @proto 1 @keepEmpty */
  start?: Int32;
}

/** What becomes of claims when their pods or the set go. @unpublished */
export interface StatefulSetPersistentVolumeClaimRetentionPolicy {
  /** What happens to claims when the set goes: Retain or Delete. @proto 1 */
  whenDeleted?: string;
  /** What happens to claims when the set shrinks: Retain or Delete. @proto 2 */
  whenScaled?: string;
}

/** What is wanted of a stateful set. @unpublished */
export interface StatefulSetSpec {
  /** How many pods are wanted; 1 when unset. @proto 1 @pointer */
  replicas?: Int32;
  /** Selects the pods; must match the template's labels. @proto 2 @required @pointer */
  selector: LabelSelector;
  /** The pods to make. @proto 3 @required */
  template: PodTemplateSpec;
  /** Claims that each pod gets. @proto 4 @listType atomic */
  volumeClaimTemplates?: PersistentVolumeClaim[];
  /** Name of the headless service that gives the pods their names. @proto 5 @keepEmpty */
  serviceName?: string;
  /** OrderedReady for one after the other, Parallel for all at once. @proto 6 */
  podManagementPolicy?: string;
  /** How pods are replaced when the template changes. @proto 7 */
  updateStrategy?: StatefulSetUpdateStrategy;
  /** How many old revisions are kept for going back. @proto 8 @pointer */
  revisionHistoryLimit?: Int32;
  /** How long a new pod must be ready without a crash before it counts as available. @proto 9 */
  minReadySeconds?: Int32;
  /** What happens to claims when pods go. @proto 10 @pointer */
  persistentVolumeClaimRetentionPolicy?: StatefulSetPersistentVolumeClaimRetentionPolicy;
  /** How pods are numbered. @proto 11 @pointer */
  ordinals?: StatefulSetOrdinals;
}

/** How a stateful set is doing, as the system has found it. @unpublished */
export interface StatefulSetStatus {
  /** The generation of the object that this status speaks of. @proto 1 */
  observedGeneration?: Int64;
  /** How many pods. @proto 2 @required */
  replicas: Int32;
  /** How many pods are ready. @proto 3 */
  readyReplicas?: Int32;
  /** How many pods are of the current revision. @proto 4 */
  currentReplicas?: Int32;
  /** How many pods are of the updated revision. @proto 5 */
  updatedReplicas?: Int32;
  /** Revision that pods are replaced from. @proto 6 */
  currentRevision?: string;
  /** Revision that pods are replaced with. @proto 7 */
  updateRevision?: string;
  /** How often the hash in a name had to be changed because the name was taken. @proto 9 @pointer */
  collisionCount?: Int32;
  /** Remarks about the state, one a type. @proto 10 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: StatefulSetCondition[];
  /** How many pods have been ready for at least minReadySeconds. @proto 11 @keepEmpty */
  availableReplicas?: Int32;
}

/** How pods of a stateful set are replaced when its template changes. @unpublished */
export interface StatefulSetUpdateStrategy {
  /** RollingUpdate or OnDelete. @proto 1 */
  type?: string;
  /** Settings for RollingUpdate. @proto 2 @pointer */
  rollingUpdate?: RollingUpdateStatefulSetStrategy;
}
