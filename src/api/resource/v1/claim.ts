/**
 * Claims for devices, and what they were given.
 * @package io.k8s.api.resource.v1
 */
import type { NodeSelector } from '../../core/v1/types.ts';
import type { Int64, Quantity, RawExtension, Time } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../meta/v1/types.ts';

/** Allocated device status. */
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

/** Allocation result. */
export interface AllocationResult {
  /** Devices that were given. @proto 1 */
  devices?: DeviceAllocationResult;
  /** Labels that a node must have. @proto 3 @pointer */
  nodeSelector?: NodeSelector;
  /** When they were given. @proto 5 @pointer */
  allocationTimestamp?: Time;
}

/** CEL device selector. */
export interface CELDeviceSelector {
  /** An expression in the Common Expression Language. @proto 1 @required */
  expression: string;
}

/** Capacity requirements. */
export interface CapacityRequirements {
  /** How much of each capacity is asked for. @proto 1 */
  requests?: Record<string, Quantity>;
}

/** Device allocation configuration. */
export interface DeviceAllocationConfiguration {
  /** Where it comes from: FromClass or FromClaim. @proto 1 @required @enum FromClaim|FromClass */
  source: string;
  /** Requests that it is for; all of them when empty. @proto 2 @listType atomic */
  requests?: string[];
  /** Settings that only the driver understands. @proto 1 @via 3 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** Device allocation result. */
export interface DeviceAllocationResult {
  /** Devices that were given. @proto 1 @listType atomic */
  results?: DeviceRequestAllocationResult[];
  /** Settings for drivers. @proto 2 @listType atomic */
  config?: DeviceAllocationConfiguration[];
}

/** Device claim. */
export interface DeviceClaim {
  /** Devices that are asked for. @proto 1 @keepEmpty @listType atomic */
  requests?: DeviceRequest[];
  /** What the devices must have in common. @proto 2 @listType atomic */
  constraints?: DeviceConstraint[];
  /** Settings for drivers. @proto 3 @listType atomic */
  config?: DeviceClaimConfiguration[];
}

/** Device claim configuration. */
export interface DeviceClaimConfiguration {
  /** Requests that it is for; all of them when empty. @proto 1 @listType atomic */
  requests?: string[];
  /** Settings that only the driver understands. @proto 1 @via 2 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** Device configuration. @unpublished */
export interface DeviceConfiguration {
  /** Settings that only the driver understands. @proto 1 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** Device constraint. */
export interface DeviceConstraint {
  /** Requests that it is for; all of them when empty. @proto 1 @listType atomic */
  requests?: string[];
  /** Attribute whose value must be the same. @proto 2 @pointer */
  matchAttribute?: string;
  /** Attribute whose values must differ. @proto 3 @pointer */
  distinctAttribute?: string;
}

/** Device request. */
export interface DeviceRequest {
  /** Name of the request. @proto 1 @required */
  name: string;
  /** One kind of device. @proto 2 @pointer */
  exactly?: ExactDeviceRequest;
  /** Several kinds, of which the first that can be had is taken. @proto 3 @listType atomic */
  firstAvailable?: DeviceSubRequest[];
}

/** Device request allocation result. */
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

/** Device selector. */
export interface DeviceSelector {
  /** An expression over a device. @proto 1 @pointer */
  cel?: CELDeviceSelector;
}

/** Device sub request. */
export interface DeviceSubRequest {
  /** Name of the request. @proto 1 @required */
  name: string;
  /** Name of the device class. @proto 2 @required */
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

/** Device toleration. */
export interface DeviceToleration {
  /** The key. @proto 1 */
  key?: string;
  /** Equal or Exists. @proto 2 @enum Equal|Exists @default "Equal" */
  operator?: string;
  /** Value of the taint, for Equal. @proto 3 */
  value?: string;
  /** NoSchedule, PreferNoSchedule or NoExecute. @proto 4 @enum NoExecute|NoSchedule|None */
  effect?: string;
  /** How long a NoExecute taint is tolerated; forever when unset. @proto 5 @pointer */
  tolerationSeconds?: Int64;
}

/** Exact device request. */
export interface ExactDeviceRequest {
  /** Name of the device class. @proto 1 @required */
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

/** Network device data. */
export interface NetworkDeviceData {
  /** Name of the interface. @proto 1 */
  interfaceName?: string;
  /** Addresses, with their prefix length. @proto 2 @listType atomic */
  ips?: string[];
  /** Hardware address. @proto 3 */
  hardwareAddress?: string;
}

/** Node allocatable resource mapping. */
export interface NodeAllocatableResourceMapping {
  /** Capacity key. @proto 1 @pointer */
  capacityKey?: string;
  /** Allocation multiplier. @proto 2 @pointer */
  allocationMultiplier?: Quantity;
}

/** Opaque device configuration. */
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

/** Resource claim consumer reference. */
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

/** Resource claim spec. */
export interface ResourceClaimSpec {
  /** Devices that are asked for. @proto 1 @keepEmpty */
  devices?: DeviceClaim;
}

/** Resource claim status. */
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

/** Resource claim template spec. */
export interface ResourceClaimTemplateSpec {
  /** Name, labels and the rest that all objects have. @proto 1 */
  metadata?: ObjectMeta;
  /** What is wanted. @proto 2 @required */
  spec: ResourceClaimSpec;
}
