/** The default profile: every plug-in in the order in which it is asked, with the weight of its score. */
import type { WeightedPlugin } from '../framework.ts';
import { defaultBinder } from './default-binder.ts';
import { defaultPreemption } from './default-preemption.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { prioritySort } from './priority-sort.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';
import { unsupported } from './unsupported.ts';
import { volumeBinding, volumeZone } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';

export const DEFAULT_PLUGINS: readonly WeightedPlugin[] = [
  { plugin: schedulingGates, weight: 1 },
  { plugin: prioritySort, weight: 1 },
  { plugin: unsupported, weight: 1 },
  { plugin: nodeUnschedulable, weight: 1 },
  { plugin: nodeName, weight: 1 },
  { plugin: taintToleration, weight: 3 },
  { plugin: nodeAffinity, weight: 2 },
  { plugin: nodePorts, weight: 1 },
  { plugin: nodeResourcesFit, weight: 1 },
  { plugin: volumeRestrictions, weight: 1 },
  { plugin: volumeBinding, weight: 1 },
  { plugin: volumeZone, weight: 1 },
  { plugin: podTopologySpread, weight: 2 },
  { plugin: interPodAffinity, weight: 2 },
  { plugin: defaultPreemption, weight: 1 },
  { plugin: nodeResourcesBalancedAllocation, weight: 1 },
  { plugin: imageLocality, weight: 1 },
  { plugin: defaultBinder, weight: 1 },
];
