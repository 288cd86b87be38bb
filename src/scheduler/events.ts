/** What happens in the cluster, as far as it may let a waiting pod be placed after all. */
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Node, Pod } from '../api/core/v1/types.ts';
import type { PodInfo } from './pod-info.ts';

export type EventResource = 'Node' | 'AssignedPod' | 'PendingPod' | 'PersistentVolume' | 'PersistentVolumeClaim' | 'StorageClass' | 'CSINode' | 'CSIDriver' | 'CSIStorageCapacity' | 'Namespace' | 'ResourceClaim' | 'ResourceSlice' | 'DeviceClass';

/** Updates of nodes and pods say what changed, so that a plug-in wakes pods only for what it looks at. */
export type EventAction =
  | 'add' | 'delete' | 'update'
  | 'updateAllocatable' | 'updateLabels' | 'updateTaints' | 'updateUnschedulable' | 'updateImages' | 'updateFeatures'
  | 'updateScaleDown' | 'updateGates' | 'updateTolerations' | 'updateClaims';

export interface ClusterEvent {
  resource: EventResource;
  actions: readonly EventAction[];
  object?: KubeObject;
  old?: KubeObject;
  /** Set for events about pods. */
  pod?: PodInfo;
}

/**
 * A plug-in's word on which events may undo its own refusal. The hint looks closer: false leaves the pod waiting. Without a hint every such
 * event wakes the pod.
 */
export interface EventInterest {
  resource: EventResource;
  actions: readonly EventAction[];
  hint?: (pod: PodInfo, event: ClusterEvent) => boolean;
}

const differs = (a: unknown, b: unknown): boolean => a !== b && JSON.stringify(a) !== JSON.stringify(b);

/** What changed between two states of a node; empty when nothing that scheduling looks at did. */
export function nodeActions(old: Node, node: Node): EventAction[] {
  const actions: EventAction[] = [];
  if (differs(old.status?.allocatable, node.status?.allocatable)) actions.push('updateAllocatable');
  if (differs(old.metadata.labels, node.metadata.labels)) actions.push('updateLabels');
  if (differs(old.spec?.taints, node.spec?.taints)) actions.push('updateTaints');
  if ((old.spec?.unschedulable ?? false) !== (node.spec?.unschedulable ?? false)) actions.push('updateUnschedulable');
  if (differs(old.status?.images, node.status?.images)) actions.push('updateImages');
  if (differs(old.status?.declaredFeatures, node.status?.declaredFeatures)) actions.push('updateFeatures');
  return actions;
}

/** What changed between two states of a bound pod. */
export function assignedPodActions(old: PodInfo, pod: PodInfo): EventAction[] {
  const actions: EventAction[] = [];
  const [before, after] = [old.request.amounts, pod.request.amounts];
  if (after.milliCpu < before.milliCpu || after.memory < before.memory || after.ephemeralStorage < before.ephemeralStorage) actions.push('updateScaleDown');
  if (differs(old.labels, pod.labels)) actions.push('updateLabels');
  if (!old.pod.metadata.deletionTimestamp && pod.pod.metadata.deletionTimestamp) actions.push('update');
  return actions;
}

/** What changed between two states of a waiting pod. */
export function pendingPodActions(old: Pod, pod: Pod): EventAction[] {
  const actions: EventAction[] = [];
  if (differs(old.spec?.schedulingGates, pod.spec?.schedulingGates)) actions.push('updateGates');
  if (differs(old.spec?.tolerations, pod.spec?.tolerations)) actions.push('updateTolerations');
  if (differs(old.metadata.labels, pod.metadata.labels)) actions.push('updateLabels');
  if (differs(old.status?.resourceClaimStatuses, pod.status?.resourceClaimStatuses)) actions.push('updateClaims');
  if (differs(old.spec, pod.spec)) actions.push('updateScaleDown');
  return actions;
}
