/** The default profile: every plug-in in the order in which it is asked, with the weight of its score. */
import type { PluginFactory, PluginHandle, WeightedPlugin } from '../framework.ts';
import { defaultBinder } from './default-binder.ts';
import { createDefaultPreemption } from './default-preemption.ts';
import { createDynamicResources } from './dynamic-resources.ts';
import { imageLocality } from './image-locality.ts';
import { createInterPodAffinity } from './inter-pod-affinity.ts';
import { createNodeAffinity } from './node-affinity.ts';
import { nodeDeclaredFeatures } from './node-declared-features.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { createNodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts';
import { createNodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { createPodTopologySpread } from './pod-topology-spread.ts';
import { prioritySort } from './priority-sort.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';
import { unsupported } from './unsupported.ts';
import { createVolumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';

/** How each default plug-in is made. */
export const PLUGIN_FACTORIES: Readonly<Record<string, PluginFactory>> = {
  SchedulingGates: () => schedulingGates,
  PrioritySort: () => prioritySort,
  Unsupported: () => unsupported,
  NodeUnschedulable: () => nodeUnschedulable,
  NodeName: () => nodeName,
  TaintToleration: () => taintToleration,
  NodeAffinity: (args) => createNodeAffinity(args),
  NodePorts: () => nodePorts,
  NodeResourcesFit: (args) => createNodeResourcesFit(args),
  VolumeRestrictions: () => volumeRestrictions,
  NodeVolumeLimits: () => nodeVolumeLimits,
  VolumeBinding: (args) => createVolumeBinding(args),
  VolumeZone: () => volumeZone,
  PodTopologySpread: (args) => createPodTopologySpread(args),
  InterPodAffinity: (args) => createInterPodAffinity(args),
  DynamicResources: (args) => createDynamicResources(args),
  DefaultPreemption: (args) => createDefaultPreemption(args),
  NodeResourcesBalancedAllocation: (args) => createNodeResourcesBalancedAllocation(args),
  ImageLocality: () => imageLocality,
  DefaultBinder: () => defaultBinder,
  NodeDeclaredFeatures: () => nodeDeclaredFeatures,
};

/** The default plug-ins in the order in which they are asked, with the weights of their scores where those are not 1. */
export const DEFAULT_ORDER: readonly { name: string; weight?: number }[] = Object.keys(PLUGIN_FACTORIES).map((name) => {
  const weight = { TaintToleration: 3, NodeAffinity: 2, PodTopologySpread: 2, InterPodAffinity: 2, DynamicResources: 2 }[name];
  return weight === undefined ? { name } : { name, weight };
});

const withoutHandle = undefined as unknown as PluginHandle;

/** The default plug-ins with default arguments, made anew: some remember what their scheduler is about to do. None needs more than the cycle. */
export function defaultPlugins(): WeightedPlugin[] {
  return DEFAULT_ORDER.map(({ name, weight }) => ({ plugin: PLUGIN_FACTORIES[name]!({}, withoutHandle), weight: weight ?? 1 }));
}

/** The same, shared, for decisions that are never carried out. */
export const DEFAULT_PLUGINS: readonly WeightedPlugin[] = defaultPlugins();
