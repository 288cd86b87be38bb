/**
 * Types of the group resource, version v1.
 * @package io.k8s.api.resource.v1
 */
import type { NodeSelector } from '../../core/v1/types.ts';
import type { Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject } from '../../meta/v1/types.ts';
import type { DeviceSelector, NodeAllocatableResourceMapping, OpaqueDeviceConfiguration } from './claim.ts';
export type * from './claim.ts';

/** Capacity request policy. */
export interface CapacityRequestPolicy {
  /** Default. @proto 1 @pointer @keepEmpty */
  default?: Quantity;
  /** List of valid values. @proto 3 @listType atomic */
  validValues?: Quantity[];
  /** Valid range. @proto 4 @pointer */
  validRange?: CapacityRequestPolicyRange;
}

/** Capacity request policy range. */
export interface CapacityRequestPolicyRange {
  /** Min. @proto 1 @required @pointer @omitEmpty */
  min: Quantity;
  /** Max. @proto 2 @pointer */
  max?: Quantity;
  /** Step. @proto 3 @pointer */
  step?: Quantity;
}

/** Counter. */
export interface Counter {
  /** Value. @proto 1 @required */
  value: Quantity;
}

/** Counter set. */
export interface CounterSet {
  /** Name. @proto 1 @required */
  name: string;
  /** Counters, by key. @proto 2 @required @omitEmpty */
  counters: Record<string, Counter>;
}

/** Device. */
export interface Device {
  /** Name. @proto 1 @required */
  name: string;
  /** Attributes, by key. @proto 2 */
  attributes?: Record<string, DeviceAttribute>;
  /** Capacity, by key. @proto 3 */
  capacity?: Record<string, DeviceCapacity>;
  /** List of consumes counters. @proto 4 @listType atomic */
  consumesCounters?: DeviceCounterConsumption[];
  /** Name of the node. @proto 5 @pointer */
  nodeName?: string;
  /** Node selector. @proto 6 @pointer */
  nodeSelector?: NodeSelector;
  /** Whether: all nodes. @proto 7 @pointer */
  allNodes?: boolean;
  /** List of taints. @proto 8 @listType atomic */
  taints?: DeviceTaint[];
  /** Whether: binds to node. @proto 9 @pointer */
  bindsToNode?: boolean;
  /** List of binding conditions. @proto 10 @listType atomic */
  bindingConditions?: string[];
  /** List of binding failure conditions. @proto 11 @listType atomic */
  bindingFailureConditions?: string[];
  /** Whether: allow multiple allocations. @proto 12 @pointer */
  allowMultipleAllocations?: boolean;
  /** Node allocatable resource mappings, by key. @proto 13 */
  nodeAllocatableResourceMappings?: Record<string, NodeAllocatableResourceMapping>;
}

/** Device attribute. */
export interface DeviceAttribute {
  /** Int. @proto 2 @pointer */
  int?: Int64;
  /** Whether: bool. @proto 3 @pointer */
  bool?: boolean;
  /** String. @proto 4 @pointer */
  string?: string;
  /** Version. @proto 5 @pointer */
  version?: string;
  /** List of ints. @proto 6 @listType atomic */
  ints?: Int64[];
  /** List of bools. @proto 7 @listType atomic */
  bools?: boolean[];
  /** List of strings. @proto 8 @listType atomic */
  strings?: string[];
  /** List of versions. @proto 9 @listType atomic */
  versions?: string[];
}

/** Device capacity. */
export interface DeviceCapacity {
  /** Value. @proto 1 @required */
  value: Quantity;
  /** Request policy. @proto 2 @pointer */
  requestPolicy?: CapacityRequestPolicy;
}

/** Device class. */
export interface DeviceClass extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: DeviceClassSpec;
}

/** Device class configuration. @inlines DeviceConfiguration:1 */
export interface DeviceClassConfiguration {
  /** Opaque. @proto 1 @via 1 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** Device class spec. */
export interface DeviceClassSpec {
  /** List of selectors. @proto 1 @listType atomic */
  selectors?: DeviceSelector[];
  /** List of config. @proto 2 @listType atomic */
  config?: DeviceClassConfiguration[];
  /** Name of the extended resource. @proto 4 @pointer */
  extendedResourceName?: string;
}

/** Device counter consumption. */
export interface DeviceCounterConsumption {
  /** Counter set. @proto 1 @required */
  counterSet: string;
  /** Counters, by key. @proto 2 @required @omitEmpty */
  counters: Record<string, Counter>;
}

/** Device taint. */
export interface DeviceTaint {
  /** Key. @proto 1 @required */
  key: string;
  /** Value. @proto 2 */
  value?: string;
  /** Effect. @proto 3 @required @enum NoExecute|NoSchedule|None */
  effect: string;
  /** Time added. @proto 4 @pointer */
  timeAdded?: Time;
}

/** Resource pool. */
export interface ResourcePool {
  /** Name. @proto 1 @required */
  name: string;
  /** Generation. @proto 2 @required */
  generation: Int64;
  /** Resource slice count. @proto 3 @required */
  resourceSliceCount: Int64;
}

/** Resource slice. */
export interface ResourceSlice extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: ResourceSliceSpec;
}

/** Resource slice spec. */
export interface ResourceSliceSpec {
  /** Driver. @proto 1 @required */
  driver: string;
  /** Pool. @proto 2 @required */
  pool: ResourcePool;
  /** Name of the node. @proto 3 @pointer */
  nodeName?: string;
  /** Node selector. @proto 4 @pointer */
  nodeSelector?: NodeSelector;
  /** Whether: all nodes. @proto 5 @pointer */
  allNodes?: boolean;
  /** List of devices. @proto 6 @listType atomic */
  devices?: Device[];
  /** Whether: per device node selection. @proto 7 @pointer */
  perDeviceNodeSelection?: boolean;
  /** List of shared counters. @proto 8 @listType atomic */
  sharedCounters?: CounterSet[];
}
