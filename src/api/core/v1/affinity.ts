/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Int32 } from '../../meta/v1/scalars.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';
import type { NodeSelector, NodeSelectorTerm } from './common.ts';

/** Affinity. */
export interface Affinity {
  /** Node affinity. @proto 1 @pointer */
  nodeAffinity?: NodeAffinity;
  /** Pod affinity. @proto 2 @pointer */
  podAffinity?: PodAffinity;
  /** Pod anti affinity. @proto 3 @pointer */
  podAntiAffinity?: PodAntiAffinity;
}

/** Node affinity. */
export interface NodeAffinity {
  /** Required during scheduling ignored during execution. @proto 1 @pointer */
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  /** List of preferred during scheduling ignored during execution. @proto 2 @listType atomic */
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredSchedulingTerm[];
}

/** Pod affinity. */
export interface PodAffinity {
  /** List of required during scheduling ignored during execution. @proto 1 @listType atomic */
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  /** List of preferred during scheduling ignored during execution. @proto 2 @listType atomic */
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}

/** Pod affinity term. */
export interface PodAffinityTerm {
  /** Label selector. @proto 1 @pointer */
  labelSelector?: LabelSelector;
  /** List of namespaces. @proto 2 @listType atomic */
  namespaces?: string[];
  /** Topology key. @proto 3 @required */
  topologyKey: string;
  /** Namespace selector. @proto 4 @pointer */
  namespaceSelector?: LabelSelector;
  /** List of match label keys. @proto 5 @listType atomic */
  matchLabelKeys?: string[];
  /** List of mismatch label keys. @proto 6 @listType atomic */
  mismatchLabelKeys?: string[];
}

/** Pod anti affinity. */
export interface PodAntiAffinity {
  /** List of required during scheduling ignored during execution. @proto 1 @listType atomic */
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  /** List of preferred during scheduling ignored during execution. @proto 2 @listType atomic */
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}

/** Preferred scheduling term. */
export interface PreferredSchedulingTerm {
  /** Weight. @proto 1 @required */
  weight: Int32;
  /** Preference. @proto 2 @required */
  preference: NodeSelectorTerm;
}

/** Topology spread constraint. */
export interface TopologySpreadConstraint {
  /** Max skew. @proto 1 @required */
  maxSkew: Int32;
  /** Topology key. @proto 2 @required */
  topologyKey: string;
  /** When unsatisfiable. @proto 3 @required @enum DoNotSchedule|ScheduleAnyway */
  whenUnsatisfiable: string;
  /** Label selector. @proto 4 @pointer */
  labelSelector?: LabelSelector;
  /** Min domains. @proto 5 @pointer */
  minDomains?: Int32;
  /** Node affinity policy. @proto 6 @pointer @enum Honor|Ignore */
  nodeAffinityPolicy?: string;
  /** Node taints policy. @proto 7 @pointer @enum Honor|Ignore */
  nodeTaintsPolicy?: string;
  /** List of match label keys. @proto 8 @listType atomic */
  matchLabelKeys?: string[];
}

/** Weighted pod affinity term. */
export interface WeightedPodAffinityTerm {
  /** Weight. @proto 1 @required */
  weight: Int32;
  /** Pod affinity term. @proto 2 @required */
  podAffinityTerm: PodAffinityTerm;
}
