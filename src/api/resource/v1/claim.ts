/**
 * Types of the group resource, version v1.
 * @package io.k8s.api.resource.v1
 */
import type { NodeSelector } from '../../core/v1/types.ts';
import type { Int64, Quantity, RawExtension, Time } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../meta/v1/types.ts';

/** Allocated device status. */
export interface AllocatedDeviceStatus {
  /** Driver. @proto 1 @required */
  driver: string;
  /** Pool. @proto 2 @required */
  pool: string;
  /** Device. @proto 3 @required */
  device: string;
  /** Share ID. @proto 7 @pointer */
  shareID?: string;
  /** List of conditions. @proto 4 @keepEmpty @listType map @listKeys type */
  conditions?: Condition[];
  /** Data. @proto 5 @pointer */
  data?: RawExtension;
  /** Network data. @proto 6 @pointer */
  networkData?: NetworkDeviceData;
}

/** Allocation result. */
export interface AllocationResult {
  /** Devices. @proto 1 */
  devices?: DeviceAllocationResult;
  /** Node selector. @proto 3 @pointer */
  nodeSelector?: NodeSelector;
  /** Allocation timestamp. @proto 5 @pointer */
  allocationTimestamp?: Time;
}

/** CEL device selector. */
export interface CELDeviceSelector {
  /** Expression. @proto 1 @required */
  expression: string;
}

/** Capacity requirements. */
export interface CapacityRequirements {
  /** Requests, by key. @proto 1 */
  requests?: Record<string, Quantity>;
}

/** Device allocation configuration. @inlines DeviceConfiguration:3 */
export interface DeviceAllocationConfiguration {
  /** Source. @proto 1 @required @enum FromClaim|FromClass */
  source: string;
  /** List of requests. @proto 2 @listType atomic */
  requests?: string[];
  /** Opaque. @proto 1 @via 3 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** Device allocation result. */
export interface DeviceAllocationResult {
  /** List of results. @proto 1 @listType atomic */
  results?: DeviceRequestAllocationResult[];
  /** List of config. @proto 2 @listType atomic */
  config?: DeviceAllocationConfiguration[];
}

/** Device claim. */
export interface DeviceClaim {
  /** List of requests. @proto 1 @keepEmpty @listType atomic */
  requests?: DeviceRequest[];
  /** List of constraints. @proto 2 @listType atomic */
  constraints?: DeviceConstraint[];
  /** List of config. @proto 3 @listType atomic */
  config?: DeviceClaimConfiguration[];
}

/** Device claim configuration. @inlines DeviceConfiguration:2 */
export interface DeviceClaimConfiguration {
  /** List of requests. @proto 1 @listType atomic */
  requests?: string[];
  /** Opaque. @proto 1 @via 2 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** Device configuration. @unpublished */
export interface DeviceConfiguration {
  /** Opaque. @proto 1 @pointer */
  opaque?: OpaqueDeviceConfiguration;
}

/** Device constraint. */
export interface DeviceConstraint {
  /** List of requests. @proto 1 @listType atomic */
  requests?: string[];
  /** Match attribute. @proto 2 @pointer */
  matchAttribute?: string;
  /** Distinct attribute. @proto 3 @pointer */
  distinctAttribute?: string;
}

/** Device request. */
export interface DeviceRequest {
  /** Name. @proto 1 @required */
  name: string;
  /** Exactly. @proto 2 @pointer */
  exactly?: ExactDeviceRequest;
  /** List of first available. @proto 3 @listType atomic */
  firstAvailable?: DeviceSubRequest[];
}

/** Device request allocation result. */
export interface DeviceRequestAllocationResult {
  /** Request. @proto 1 @required */
  request: string;
  /** Driver. @proto 2 @required */
  driver: string;
  /** Pool. @proto 3 @required */
  pool: string;
  /** Device. @proto 4 @required */
  device: string;
  /** Whether: admin access. @proto 5 @pointer */
  adminAccess?: boolean;
  /** List of tolerations. @proto 6 @listType atomic */
  tolerations?: DeviceToleration[];
  /** List of binding conditions. @proto 7 @listType atomic */
  bindingConditions?: string[];
  /** List of binding failure conditions. @proto 8 @listType atomic */
  bindingFailureConditions?: string[];
  /** Share ID. @proto 9 @pointer */
  shareID?: string;
  /** Consumed capacity, by key. @proto 10 */
  consumedCapacity?: Record<string, Quantity>;
}

/** Device selector. */
export interface DeviceSelector {
  /** Cel. @proto 1 @pointer */
  cel?: CELDeviceSelector;
}

/** Device sub request. */
export interface DeviceSubRequest {
  /** Name. @proto 1 @required */
  name: string;
  /** Name of the device class. @proto 2 @required */
  deviceClassName: string;
  /** List of selectors. @proto 3 @listType atomic */
  selectors?: DeviceSelector[];
  /** Allocation mode. @proto 4 @enum All|ExactCount */
  allocationMode?: string;
  /** Count. @proto 5 */
  count?: Int64;
  /** List of tolerations. @proto 6 @listType atomic */
  tolerations?: DeviceToleration[];
  /** Capacity. @proto 7 @pointer */
  capacity?: CapacityRequirements;
}

/** Device toleration. */
export interface DeviceToleration {
  /** Key. @proto 1 */
  key?: string;
  /** Operator. @proto 2 @enum Equal|Exists @default "Equal" */
  operator?: string;
  /** Value. @proto 3 */
  value?: string;
  /** Effect. @proto 4 @enum NoExecute|NoSchedule|None */
  effect?: string;
  /** Toleration, in seconds. @proto 5 @pointer */
  tolerationSeconds?: Int64;
}

/** Exact device request. */
export interface ExactDeviceRequest {
  /** Name of the device class. @proto 1 @required */
  deviceClassName: string;
  /** List of selectors. @proto 2 @listType atomic */
  selectors?: DeviceSelector[];
  /** Allocation mode. @proto 3 @enum All|ExactCount */
  allocationMode?: string;
  /** Count. @proto 4 */
  count?: Int64;
  /** Whether: admin access. @proto 5 @pointer */
  adminAccess?: boolean;
  /** List of tolerations. @proto 6 @listType atomic */
  tolerations?: DeviceToleration[];
  /** Capacity. @proto 7 @pointer */
  capacity?: CapacityRequirements;
}

/** Network device data. */
export interface NetworkDeviceData {
  /** Name of the interface. @proto 1 */
  interfaceName?: string;
  /** List of ips. @proto 2 @listType atomic */
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
  /** Driver. @proto 1 @required */
  driver: string;
  /** Parameters. @proto 2 @required */
  parameters: RawExtension;
}

/** Resource claim. */
export interface ResourceClaim extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: ResourceClaimSpec;
  /** Status. @proto 3 */
  status?: ResourceClaimStatus;
}

/** Resource claim consumer reference. */
export interface ResourceClaimConsumerReference {
  /** Api group. @proto 1 */
  apiGroup?: string;
  /** Resource. @proto 3 @required */
  resource: string;
  /** Name. @proto 4 @required */
  name: string;
  /** Uid. @proto 5 @required */
  uid: string;
}

/** Resource claim spec. */
export interface ResourceClaimSpec {
  /** Devices. @proto 1 @keepEmpty */
  devices?: DeviceClaim;
}

/** Resource claim status. */
export interface ResourceClaimStatus {
  /** Allocation. @proto 1 @pointer */
  allocation?: AllocationResult;
  /** List of reserved for. @proto 2 @listType map @listKeys uid @patchStrategy merge @patchMergeKey uid */
  reservedFor?: ResourceClaimConsumerReference[];
  /** List of devices. @proto 4 @listType map @listKeys driver,device,pool,shareID */
  devices?: AllocatedDeviceStatus[];
}

/** Resource claim template. */
export interface ResourceClaimTemplate extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: ResourceClaimTemplateSpec;
}

/** Resource claim template spec. */
export interface ResourceClaimTemplateSpec {
  /** Metadata. @proto 1 */
  metadata?: ObjectMeta;
  /** Spec. @proto 2 @required */
  spec: ResourceClaimSpec;
}
