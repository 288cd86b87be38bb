/**
 * Devices: what drivers offer and what claims ask for.
 * @package io.k8s.api.resource.v1
 */
import type { NodeSelector } from '../../core/v1/types.ts';
import type { Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';
import type { DeviceSelector, NodeAllocatableResourceMapping, OpaqueDeviceConfiguration } from './claim.ts';
export type * from './claim.ts';

/** How much of a capacity one request may take. */
export interface CapacityRequestPolicy {
  /** How much a request gets that asks for nothing. @proto 1 @pointer @keepEmpty */
  default?: Quantity;
  /** Amounts that may be asked for. @proto 3 @listType atomic */
  validValues?: Quantity[];
  /** Range that may be asked for. @proto 4 @pointer */
  validRange?: CapacityRequestPolicyRange;
}

/** Least, most and step of what a request may take. */
export interface CapacityRequestPolicyRange {
  /** The least. @proto 1 @required @pointer @omitEmpty */
  min: Quantity;
  /** The most. @proto 2 @pointer */
  max?: Quantity;
  /** Amounts are multiples of it. @proto 3 @pointer */
  step?: Quantity;
}

/** How much there is of something that devices share. */
export interface Counter {
  /** How much there is. @proto 1 @required */
  value: Quantity;
}

/** Things that devices of a pool share. */
export interface CounterSet {
  /** Name of the set. @proto 1 @required */
  name: string;
  /** How much there is of each thing that devices share, by name. @proto 2 @required @omitEmpty */
  counters: Record<string, Counter>;
}

/** A device and what it is like. */
export interface Device {
  /** Name of the device; unique in its pool. @proto 1 @required */
  name: string;
  /** What the device is like. @proto 2 */
  attributes?: Record<string, DeviceAttribute>;
  /** How much the device has. @proto 3 */
  capacity?: Record<string, DeviceCapacity>;
  /** What it takes from shared counters. @proto 4 @listType atomic */
  consumesCounters?: DeviceCounterConsumption[];
  /** The one node that can use the device, where that differs between devices of a slice. @proto 5 @pointer */
  nodeName?: string;
  /** Labels that a node must have. @proto 6 @pointer */
  nodeSelector?: NodeSelector;
  /** Whether all nodes can use it. @proto 7 @pointer */
  allNodes?: boolean;
  /** What keeps claims away that do not tolerate it. @proto 8 @listType atomic */
  taints?: DeviceTaint[];
  /** Whether using it ties a claim to the node. @proto 9 @pointer */
  bindsToNode?: boolean;
  /** Conditions that must be true before a pod is bound. @proto 10 @listType atomic */
  bindingConditions?: string[];
  /** Conditions that stop a pod from being bound. @proto 11 @listType atomic */
  bindingFailureConditions?: string[];
  /** Whether several claims can share it. @proto 12 @pointer */
  allowMultipleAllocations?: boolean;
  /** Node allocatable resource mappings, by key. @proto 13 */
  nodeAllocatableResourceMappings?: Record<string, NodeAllocatableResourceMapping>;
}

/** A quality of a device: a number, a truth value, a text or a version. */
export interface DeviceAttribute {
  /** A whole number. @proto 2 @pointer */
  int?: Int64;
  /** True or false. @proto 3 @pointer */
  bool?: boolean;
  /** A text. @proto 4 @pointer */
  string?: string;
  /** A semantic version, as `1.2.3`. @proto 5 @pointer */
  version?: string;
  /** Whole numbers. @proto 6 @listType atomic */
  ints?: Int64[];
  /** True or false, several times. @proto 7 @listType atomic */
  bools?: boolean[];
  /** Texts. @proto 8 @listType atomic */
  strings?: string[];
  /** Several semantic versions. @proto 9 @listType atomic */
  versions?: string[];
}

/** How much a device has of something. */
export interface DeviceCapacity {
  /** How much there is. @proto 1 @required */
  value: Quantity;
  /** How much may be asked for. @proto 2 @pointer */
  requestPolicy?: CapacityRequestPolicy;
}

/** A kind of device that claims can ask for. */
export interface DeviceClass extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: DeviceClassSpec;
}

/** Settings for drivers that a class brings. */
export interface DeviceClassConfiguration {
  /** Settings that only the driver understands. @proto 1 @via 1 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** What is wanted of a device class. */
export interface DeviceClassSpec {
  /** Conditions that must all be met. @proto 1 @listType atomic */
  selectors?: DeviceSelector[];
  /** Settings for drivers. @proto 2 @listType atomic */
  config?: DeviceClassConfiguration[];
  /** Extended resource that stands for the class. @proto 4 @pointer */
  extendedResourceName?: string;
}

/** What a device takes of things that devices share. */
export interface DeviceCounterConsumption {
  /** Name of the set. @proto 1 @required */
  counterSet: string;
  /** How much it takes. @proto 2 @required @omitEmpty */
  counters: Record<string, Counter>;
}

/** Keeps claims away that do not tolerate it. */
export interface DeviceTaint {
  /** What the taint is about, as a label's key. @proto 1 @required */
  key: string;
  /** Value of the taint. @proto 2 */
  value?: string;
  /** NoSchedule, NoExecute or None. @proto 3 @required @enum NoExecute|NoSchedule|None */
  effect: string;
  /** When the taint was added. @proto 4 @pointer */
  timeAdded?: Time;
}

/** The pool that a slice is part of. */
export interface ResourcePool {
  /** Name of the pool. @proto 1 @required */
  name: string;
  /** Rises when the pool changes. @proto 2 @required */
  generation: Int64;
  /** How many slices the pool has. @proto 3 @required */
  resourceSliceCount: Int64;
}

/** Devices that a node or a driver has. */
export interface ResourceSlice extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: ResourceSliceSpec;
}

/** What is wanted of a resource slice. */
export interface ResourceSliceSpec {
  /** Name of the driver. @proto 1 @required */
  driver: string;
  /** Name of the pool. @proto 2 @required */
  pool: ResourcePool;
  /** The one node that can use all devices of the slice. @proto 3 @pointer */
  nodeName?: string;
  /** Labels that a node must have. @proto 4 @pointer */
  nodeSelector?: NodeSelector;
  /** Whether all nodes can use it. @proto 5 @pointer */
  allNodes?: boolean;
  /** What the driver offers in this part of its pool. @proto 6 @listType atomic */
  devices?: Device[];
  /** Whether each device says which nodes can use it. @proto 7 @pointer */
  perDeviceNodeSelection?: boolean;
  /** Counters that devices take from. @proto 8 @listType atomic */
  sharedCounters?: CounterSet[];
}
