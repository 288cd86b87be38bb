/**
 * Where pods want to be: affinity to nodes and to other pods, and spreading.
 * @package io.k8s.api.core.v1
 */
import type { Int32 } from '../../meta/v1/scalars.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';
import type { NodeSelector, NodeSelectorTerm } from './common.ts';

/** Which nodes and which neighbours a pod wants. */
export interface Affinity {
  /** Which nodes. @proto 1 @pointer */
  nodeAffinity?: NodeAffinity;
  /** Which pods it wants to be near. @proto 2 @pointer */
  podAffinity?: PodAffinity;
  /** Which pods it wants to be away from. @proto 3 @pointer */
  podAntiAffinity?: PodAntiAffinity;
}

/** Which nodes a pod must or would rather be on. */
export interface NodeAffinity {
  /** What must hold when the pod is placed; later changes do not move it. @proto 1 @pointer */
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  /** What is better when the pod is placed, with weights. @proto 2 @listType atomic */
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredSchedulingTerm[];
}

/** Near which pods a pod must or would rather be. */
export interface PodAffinity {
  /** What must hold when the pod is placed; later changes do not move it. @proto 1 @listType atomic */
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  /** What is better when the pod is placed, with weights. @proto 2 @listType atomic */
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}

/** Pods, and the domain in which to look for them. */
export interface PodAffinityTerm {
  /** The pods. @proto 1 @pointer */
  labelSelector?: LabelSelector;
  /** Namespaces to look in; the pod's own when none is named. @proto 2 @listType atomic */
  namespaces?: string[];
  /** Label of nodes that tells domains apart, as `topology.kubernetes.io/zone`. @proto 3 @required */
  topologyKey: string;
  /** Selects namespaces by their labels; an empty selector selects all. @proto 4 @pointer */
  namespaceSelector?: LabelSelector;
  /** Labels whose values are taken from the pod itself and must be equal. @proto 5 @listType atomic */
  matchLabelKeys?: string[];
  /** Labels whose values are taken from the pod itself and must differ. @proto 6 @listType atomic */
  mismatchLabelKeys?: string[];
}

/** Away from which pods a pod must or would rather be. */
export interface PodAntiAffinity {
  /** What must hold when the pod is placed; later changes do not move it. @proto 1 @listType atomic */
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  /** What is better when the pod is placed, with weights. @proto 2 @listType atomic */
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}

/** Nodes that are preferred, and how much. */
export interface PreferredSchedulingTerm {
  /** How much it counts, 1 to 100. @proto 1 @required */
  weight: Int32;
  /** Which nodes are better. @proto 2 @required */
  preference: NodeSelectorTerm;
}

/** How pods are spread over domains. */
export interface TopologySpreadConstraint {
  /** By how many pods domains may differ. @proto 1 @required */
  maxSkew: Int32;
  /** Label of nodes that tells domains apart. @proto 2 @required */
  topologyKey: string;
  /** DoNotSchedule, or ScheduleAnyway. @proto 3 @required @enum DoNotSchedule|ScheduleAnyway */
  whenUnsatisfiable: string;
  /** Which pods are counted. @proto 4 @pointer */
  labelSelector?: LabelSelector;
  /** How many domains there must be at least. @proto 5 @pointer */
  minDomains?: Int32;
  /** Whether nodes that the pod may not use are left out: Honor or Ignore. @proto 6 @pointer @enum Honor|Ignore */
  nodeAffinityPolicy?: string;
  /** Whether nodes with taints that the pod does not tolerate are left out: Honor or Ignore. @proto 7 @pointer @enum Honor|Ignore */
  nodeTaintsPolicy?: string;
  /** Labels whose values are taken from the pod itself. @proto 8 @listType atomic */
  matchLabelKeys?: string[];
}

/** Pods that are preferred as neighbours, and how much. */
export interface WeightedPodAffinityTerm {
  /** How much it counts, 1 to 100. @proto 1 @required */
  weight: Int32;
  /** Pods, and the domain in which to look for them. @proto 2 @required */
  podAffinityTerm: PodAffinityTerm;
}
