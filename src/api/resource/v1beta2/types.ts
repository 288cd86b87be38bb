/**
 * Types of the group resource, version v1beta2. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.resource.v1beta2 @offByDefault
 */
import type { NodeSelector } from '../../core/v1/types.ts';
import type { Int64, Quantity, RawExtension, Time } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../meta/v1/types.ts';

/** How a device is that a claim holds, as its driver tells. */
export interface AllocatedDeviceStatus {
  /** Name of the driver. @proto 1 @required */
  driver: string;
  /** Name of the pool. @proto 2 @required */
  pool: string;
  /** Name of the device. @proto 3 @required */
  device: string;
  /** Identifier of the share of the device. @proto 7 @pointer */
  shareID?: string;
  /** Remarks about the state, one a type. @proto 4 @keepEmpty @listType map @listKeys type */
  conditions?: Condition[];
  /** What the driver tells. @proto 5 @pointer */
  data?: RawExtension;
  /** Addresses of a network device. @proto 6 @pointer */
  networkData?: NetworkDeviceData;
}

/** What a claim was given. */
export interface AllocationResult {
  /** Devices that were given. @proto 1 */
  devices?: DeviceAllocationResult;
  /** Labels that a node must have. @proto 3 @pointer */
  nodeSelector?: NodeSelector;
  /** When they were given. @proto 5 @pointer */
  allocationTimestamp?: Time;
}

/** An expression that a device must meet. */
export interface CELDeviceSelector {
  /** An expression in the Common Expression Language. @proto 1 @required */
  expression: string;
}

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

/** How much of each capacity is wanted. */
export interface CapacityRequirements {
  /** How much of each capacity is asked for. @proto 1 */
  requests?: Record<string, Quantity>;
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

/** Settings for drivers that go with an allocation. */
export interface DeviceAllocationConfiguration {
  /** Where it comes from: FromClass or FromClaim. @proto 1 @required @enum FromClaim|FromClass */
  source: string;
  /** Requests that it is for; all of them when empty. @proto 2 @listType atomic */
  requests?: string[];
  /** Settings that only the driver understands. @proto 1 @via 3 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** The devices that a claim was given. */
export interface DeviceAllocationResult {
  /** Devices that were given. @proto 1 @listType atomic */
  results?: DeviceRequestAllocationResult[];
  /** Settings for drivers. @proto 2 @listType atomic */
  config?: DeviceAllocationConfiguration[];
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

/** Which devices are wanted. */
export interface DeviceClaim {
  /** Devices that are asked for. @proto 1 @keepEmpty @listType atomic */
  requests?: DeviceRequest[];
  /** What the devices must have in common. @proto 2 @listType atomic */
  constraints?: DeviceConstraint[];
  /** Settings for drivers. @proto 3 @listType atomic */
  config?: DeviceClaimConfiguration[];
}

/** Settings for drivers that a claim brings. */
export interface DeviceClaimConfiguration {
  /** Requests that it is for; all of them when empty. @proto 1 @listType atomic */
  requests?: string[];
  /** Settings that only the driver understands. @proto 1 @via 2 @pointer */
  opaque?: OpaqueDeviceConfiguration;
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

/** Settings for a driver. @unpublished */
export interface DeviceConfiguration {
  /** Settings that only the driver understands. @proto 1 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** What several devices must have in common. */
export interface DeviceConstraint {
  /** Requests that it is for; all of them when empty. @proto 1 @listType atomic */
  requests?: string[];
  /** Attribute whose value must be the same. @proto 2 @pointer */
  matchAttribute?: string;
  /** Attribute whose values must differ. @proto 3 @pointer */
  distinctAttribute?: string;
}

/** What a device takes of things that devices share. */
export interface DeviceCounterConsumption {
  /** Name of the set. @proto 1 @required */
  counterSet: string;
  /** How much it takes. @proto 2 @required @omitEmpty */
  counters: Record<string, Counter>;
}

/** One request for devices, or several to choose from. */
export interface DeviceRequest {
  /** Name of the request. @proto 1 @required */
  name: string;
  /** One kind of device. @proto 2 @pointer */
  exactly?: ExactDeviceRequest;
  /** Several kinds, of which the first that can be had is taken. @proto 3 @listType atomic */
  firstAvailable?: DeviceSubRequest[];
}

/** A device that a request was given. */
export interface DeviceRequestAllocationResult {
  /** Name of the request. @proto 1 @required */
  request: string;
  /** Name of the driver. @proto 2 @required */
  driver: string;
  /** Name of the pool. @proto 3 @required */
  pool: string;
  /** Name of the device. @proto 4 @required */
  device: string;
  /** Whether devices may be used that others have, for looking after them. @proto 5 @pointer */
  adminAccess?: boolean;
  /** Taints that do not keep the pod away. @proto 6 @listType atomic */
  tolerations?: DeviceToleration[];
  /** Conditions that must be true before a pod is bound. @proto 7 @listType atomic */
  bindingConditions?: string[];
  /** Conditions that stop a pod from being bound. @proto 8 @listType atomic */
  bindingFailureConditions?: string[];
  /** Identifier of the share of the device. @proto 9 @pointer */
  shareID?: string;
  /** How much of each capacity is taken. @proto 10 */
  consumedCapacity?: Record<string, Quantity>;
}

/** What a device must be like. */
export interface DeviceSelector {
  /** An expression over a device. @proto 1 @pointer */
  cel?: CELDeviceSelector;
}

/** One of several requests, of which the first that can be met counts. */
export interface DeviceSubRequest {
  /** Name of the request. @proto 1 @required */
  name: string;
  /** The class that sets what the device must be like beside the request's own selectors. @proto 2 @required */
  deviceClassName: string;
  /** Conditions that must all be met. @proto 3 @listType atomic */
  selectors?: DeviceSelector[];
  /** ExactCount or All. @proto 4 @enum All|ExactCount */
  allocationMode?: string;
  /** How many devices. @proto 5 */
  count?: Int64;
  /** Taints that do not keep the pod away. @proto 6 @listType atomic */
  tolerations?: DeviceToleration[];
  /** How much there is. @proto 7 @pointer */
  capacity?: CapacityRequirements;
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

/** Taints devices that a selector chooses. */
export interface DeviceTaintRule extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: DeviceTaintRuleSpec;
  /** What is: written by the system. @proto 3 */
  status?: DeviceTaintRuleStatus;
}

/** Which devices are tainted, and how. */
export interface DeviceTaintRuleSpec {
  /** Which devices get the taint; absent for none. @proto 1 @pointer */
  deviceSelector?: DeviceTaintSelector;
  /** What is put on the devices that are chosen. @proto 2 @required @omitEmpty */
  taint: DeviceTaint;
}

/** What the eviction controller says. */
export interface DeviceTaintRuleStatus {
  /** Remarks about the state, one a type. @proto 1 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
}

/** Chooses devices; what is left out chooses all. */
export interface DeviceTaintSelector {
  /** Name of the driver whose devices are meant. @proto 2 @pointer */
  driver?: string;
  /** Name of the pool whose devices are meant. @proto 3 @pointer */
  pool?: string;
  /** Name of the device that is meant. @proto 4 @pointer */
  device?: string;
}

/** A taint that a claim does not mind. */
export interface DeviceToleration {
  /** The taint that is tolerated; empty for every key. @proto 1 */
  key?: string;
  /** Equal or Exists. @proto 2 @enum Equal|Exists @default "Equal" */
  operator?: string;
  /** Value of the taint, for Equal. @proto 3 */
  value?: string;
  /** NoSchedule, NoExecute or None. @proto 4 @enum NoExecute|NoSchedule|None */
  effect?: string;
  /** How long a NoExecute taint is tolerated; forever when unset. @proto 5 @pointer */
  tolerationSeconds?: Int64;
}

/** A request for devices of one sort. */
export interface ExactDeviceRequest {
  /** The class that sets what the device must be like beside the request's own selectors. @proto 1 @required */
  deviceClassName: string;
  /** Conditions that must all be met. @proto 2 @listType atomic */
  selectors?: DeviceSelector[];
  /** ExactCount or All. @proto 3 @enum All|ExactCount */
  allocationMode?: string;
  /** How many devices. @proto 4 */
  count?: Int64;
  /** Whether devices may be used that others have, for looking after them. @proto 5 @pointer */
  adminAccess?: boolean;
  /** Taints that do not keep the pod away. @proto 6 @listType atomic */
  tolerations?: DeviceToleration[];
  /** How much there is. @proto 7 @pointer */
  capacity?: CapacityRequirements;
}

/** Addresses of a network device. */
export interface NetworkDeviceData {
  /** What the interface is called inside the pod. @proto 1 */
  interfaceName?: string;
  /** Addresses, with their prefix length. @proto 2 @listType atomic */
  ips?: string[];
  /** The MAC address, or what the network has in its place. @proto 3 */
  hardwareAddress?: string;
}

/** What a device takes of a node's own resource. */
export interface NodeAllocatableResourceMapping {
  /** The capacity of the device that is counted. @proto 1 @pointer */
  capacityKey?: string;
  /** How much of the node's resource one unit takes. @proto 2 @pointer */
  allocationMultiplier?: Quantity;
}

/** Settings that only a driver understands. */
export interface OpaqueDeviceConfiguration {
  /** Name of the driver. @proto 1 @required */
  driver: string;
  /** Settings for the driver. @proto 2 @required */
  parameters: RawExtension;
}

/** Asks for devices. */
export interface ResourceClaim extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: ResourceClaimSpec;
  /** What is: written by the system. @proto 3 */
  status?: ResourceClaimStatus;
}

/** A pod, or something else, that uses a claim. */
export interface ResourceClaimConsumerReference {
  /** Group of the kind that is referred to; empty for the core group. @proto 1 */
  apiGroup?: string;
  /** Name of the resource, in the plural. @proto 3 @required */
  resource: string;
  /** Name of who may use it. @proto 4 @required */
  name: string;
  /** Identifier of who may use it. @proto 5 @required */
  uid: string;
}

/** What is wanted of a resource claim. */
export interface ResourceClaimSpec {
  /** Devices that are asked for. @proto 1 @keepEmpty */
  devices?: DeviceClaim;
}

/** How a resource claim is doing, as the system has found it. */
export interface ResourceClaimStatus {
  /** Devices that were given. @proto 1 @pointer */
  allocation?: AllocationResult;
  /** Who may use them. @proto 2 @listType map @listKeys uid @patchStrategy merge @patchMergeKey uid */
  reservedFor?: ResourceClaimConsumerReference[];
  /** How the devices are doing. @proto 4 @listType map @listKeys driver,device,pool,shareID */
  devices?: AllocatedDeviceStatus[];
}

/** A claim to make others from. */
export interface ResourceClaimTemplate extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: ResourceClaimTemplateSpec;
}

/** What is wanted of a resource claim template. */
export interface ResourceClaimTemplateSpec {
  /** Name, labels and the rest that all objects have. @proto 1 */
  metadata: ObjectMeta;
  /** What is wanted. @proto 2 @required */
  spec: ResourceClaimSpec;
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
