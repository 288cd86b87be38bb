/**
 * Types of the group apps, version v1.
 * @package io.k8s.api.apps.v1
 */
import type { PersistentVolumeClaim, PodTemplateSpec } from '../../core/v1/types.ts';
import type { Int32, Int64, IntOrString, RawExtension, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.ts';

/** Controller revision. */
export interface ControllerRevision extends KubeObject {
  /** Data. @proto 2 */
  data?: RawExtension;
  /** Revision. @proto 3 @required */
  revision: Int64;
}

/** Daemon set. */
export interface DaemonSet extends KubeObject {
  /** Spec. @proto 2 */
  spec?: DaemonSetSpec;
  /** Status. @proto 3 */
  status?: DaemonSetStatus;
}

/** Daemon set condition. */
export interface DaemonSetCondition {
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

/** Daemon set spec. */
export interface DaemonSetSpec {
  /** Selector. @proto 1 @required @pointer */
  selector: LabelSelector;
  /** Template. @proto 2 @required */
  template: PodTemplateSpec;
  /** Update strategy. @proto 3 */
  updateStrategy?: DaemonSetUpdateStrategy;
  /** Min ready, in seconds. @proto 4 */
  minReadySeconds?: Int32;
  /** Revision history limit. @proto 6 @pointer */
  revisionHistoryLimit?: Int32;
}

/** Daemon set status. */
export interface DaemonSetStatus {
  /** Current number scheduled. @proto 1 @required */
  currentNumberScheduled: Int32;
  /** Number misscheduled. @proto 2 @required */
  numberMisscheduled: Int32;
  /** Desired number scheduled. @proto 3 @required */
  desiredNumberScheduled: Int32;
  /** Number ready. @proto 4 @required */
  numberReady: Int32;
  /** Observed generation. @proto 5 */
  observedGeneration?: Int64;
  /** Updated number scheduled. @proto 6 */
  updatedNumberScheduled?: Int32;
  /** Number available. @proto 7 */
  numberAvailable?: Int32;
  /** Number unavailable. @proto 8 */
  numberUnavailable?: Int32;
  /** Collision count. @proto 9 @pointer */
  collisionCount?: Int32;
  /** List of conditions. @proto 10 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: DaemonSetCondition[];
}

/** Daemon set update strategy. */
export interface DaemonSetUpdateStrategy {
  /** Type. @proto 1 @enum OnDelete|RollingUpdate */
  type?: string;
  /** Rolling update. @proto 2 @pointer */
  rollingUpdate?: RollingUpdateDaemonSet;
}

/** Deployment. */
export interface Deployment extends KubeObject {
  /** Spec. @proto 2 */
  spec?: DeploymentSpec;
  /** Status. @proto 3 */
  status?: DeploymentStatus;
}

/** Deployment condition. */
export interface DeploymentCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last update time. @proto 6 */
  lastUpdateTime?: Time;
  /** When: last transition time. @proto 7 */
  lastTransitionTime?: Time;
  /** Reason. @proto 4 */
  reason?: string;
  /** Message. @proto 5 */
  message?: string;
}

/** Deployment spec. */
export interface DeploymentSpec {
  /** Replicas. @proto 1 @pointer */
  replicas?: Int32;
  /** Selector. @proto 2 @required @pointer */
  selector: LabelSelector;
  /** Template. @proto 3 @required */
  template: PodTemplateSpec;
  /** Strategy. @proto 4 @patchStrategy retainKeys */
  strategy?: DeploymentStrategy;
  /** Min ready, in seconds. @proto 5 */
  minReadySeconds?: Int32;
  /** Revision history limit. @proto 6 @pointer */
  revisionHistoryLimit?: Int32;
  /** Whether: paused. @proto 7 */
  paused?: boolean;
  /** Progress deadline, in seconds. @proto 9 @pointer */
  progressDeadlineSeconds?: Int32;
}

/** Deployment status. */
export interface DeploymentStatus {
  /** Observed generation. @proto 1 */
  observedGeneration?: Int64;
  /** Replicas. @proto 2 */
  replicas?: Int32;
  /** Updated replicas. @proto 3 */
  updatedReplicas?: Int32;
  /** Ready replicas. @proto 7 */
  readyReplicas?: Int32;
  /** Available replicas. @proto 4 */
  availableReplicas?: Int32;
  /** Unavailable replicas. @proto 5 */
  unavailableReplicas?: Int32;
  /** Terminating replicas. @proto 9 @pointer */
  terminatingReplicas?: Int32;
  /** List of conditions. @proto 6 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: DeploymentCondition[];
  /** Collision count. @proto 8 @pointer */
  collisionCount?: Int32;
}

/** Deployment strategy. */
export interface DeploymentStrategy {
  /** Type. @proto 1 @enum Recreate|RollingUpdate */
  type?: string;
  /** Rolling update. @proto 2 @pointer */
  rollingUpdate?: RollingUpdateDeployment;
}

/** Replica set. */
export interface ReplicaSet extends KubeObject {
  /** Spec. @proto 2 */
  spec?: ReplicaSetSpec;
  /** Status. @proto 3 */
  status?: ReplicaSetStatus;
}

/** Replica set condition. */
export interface ReplicaSetCondition {
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

/** Replica set spec. */
export interface ReplicaSetSpec {
  /** Replicas. @proto 1 @pointer */
  replicas?: Int32;
  /** Min ready, in seconds. @proto 4 */
  minReadySeconds?: Int32;
  /** Selector. @proto 2 @required @pointer */
  selector: LabelSelector;
  /** Template. @proto 3 */
  template?: PodTemplateSpec;
}

/** Replica set status. */
export interface ReplicaSetStatus {
  /** Replicas. @proto 1 @required */
  replicas: Int32;
  /** Fully labeled replicas. @proto 2 */
  fullyLabeledReplicas?: Int32;
  /** Ready replicas. @proto 4 */
  readyReplicas?: Int32;
  /** Available replicas. @proto 5 */
  availableReplicas?: Int32;
  /** Terminating replicas. @proto 7 @pointer */
  terminatingReplicas?: Int32;
  /** Observed generation. @proto 3 */
  observedGeneration?: Int64;
  /** List of conditions. @proto 6 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: ReplicaSetCondition[];
}

/** Rolling update daemon set. */
export interface RollingUpdateDaemonSet {
  /** Max unavailable. @proto 1 @pointer */
  maxUnavailable?: IntOrString;
  /** Max surge. @proto 2 @pointer */
  maxSurge?: IntOrString;
}

/** Rolling update deployment. */
export interface RollingUpdateDeployment {
  /** Max unavailable. @proto 1 @pointer */
  maxUnavailable?: IntOrString;
  /** Max surge. @proto 2 @pointer */
  maxSurge?: IntOrString;
}

/** Rolling update stateful set strategy. */
export interface RollingUpdateStatefulSetStrategy {
  /** Partition. @proto 1 @pointer */
  partition?: Int32;
  /** Max unavailable. @proto 2 @pointer */
  maxUnavailable?: IntOrString;
}

/** Stateful set. */
export interface StatefulSet extends KubeObject {
  /** Spec. @proto 2 */
  spec?: StatefulSetSpec;
  /** Status. @proto 3 */
  status?: StatefulSetStatus;
}

/** Stateful set condition. */
export interface StatefulSetCondition {
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

/** Stateful set ordinals. */
export interface StatefulSetOrdinals {
  /** Start. @proto 1 @keepEmpty */
  start?: Int32;
}

/** Stateful set persistent volume claim retention policy. */
export interface StatefulSetPersistentVolumeClaimRetentionPolicy {
  /** When deleted. @proto 1 */
  whenDeleted?: string;
  /** When scaled. @proto 2 */
  whenScaled?: string;
}

/** Stateful set spec. */
export interface StatefulSetSpec {
  /** Replicas. @proto 1 @pointer */
  replicas?: Int32;
  /** Selector. @proto 2 @required @pointer */
  selector: LabelSelector;
  /** Template. @proto 3 @required */
  template: PodTemplateSpec;
  /** List of volume claim templates. @proto 4 @listType atomic */
  volumeClaimTemplates?: PersistentVolumeClaim[];
  /** Name of the service. @proto 5 @keepEmpty */
  serviceName?: string;
  /** Pod management policy. @proto 6 @enum OrderedReady|Parallel */
  podManagementPolicy?: string;
  /** Update strategy. @proto 7 */
  updateStrategy?: StatefulSetUpdateStrategy;
  /** Revision history limit. @proto 8 @pointer */
  revisionHistoryLimit?: Int32;
  /** Min ready, in seconds. @proto 9 */
  minReadySeconds?: Int32;
  /** Persistent volume claim retention policy. @proto 10 @pointer */
  persistentVolumeClaimRetentionPolicy?: StatefulSetPersistentVolumeClaimRetentionPolicy;
  /** Ordinals. @proto 11 @pointer */
  ordinals?: StatefulSetOrdinals;
}

/** Stateful set status. */
export interface StatefulSetStatus {
  /** Observed generation. @proto 1 */
  observedGeneration?: Int64;
  /** Replicas. @proto 2 @required */
  replicas: Int32;
  /** Ready replicas. @proto 3 */
  readyReplicas?: Int32;
  /** Current replicas. @proto 4 */
  currentReplicas?: Int32;
  /** Updated replicas. @proto 5 */
  updatedReplicas?: Int32;
  /** Current revision. @proto 6 */
  currentRevision?: string;
  /** Update revision. @proto 7 */
  updateRevision?: string;
  /** Collision count. @proto 9 @pointer */
  collisionCount?: Int32;
  /** List of conditions. @proto 10 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: StatefulSetCondition[];
  /** Available replicas. @proto 11 @keepEmpty */
  availableReplicas?: Int32;
}

/** Stateful set update strategy. */
export interface StatefulSetUpdateStrategy {
  /** Type. @proto 1 @enum OnDelete|RollingUpdate */
  type?: string;
  /** Rolling update. @proto 2 @pointer */
  rollingUpdate?: RollingUpdateStatefulSetStrategy;
}
