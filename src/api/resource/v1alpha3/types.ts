/**
 * Types of the group resource, version v1alpha3. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.resource.v1alpha3 @offByDefault
 */
import type { Int32, Int64, Time } from '../../meta/v1/scalars.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../meta/v1/types.ts';

/** An expression that a device must meet. @unpublished */
export interface CELDeviceSelector {
  /** An expression in the Common Expression Language. @proto 1 @required */
  expression: string;
}

/** What a device must be like. @unpublished */
export interface DeviceSelector {
  /** An expression over a device. @proto 1 @pointer */
  cel?: CELDeviceSelector;
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

/** How much of one pool is taken. */
export interface PoolStatus {
  /** Name of the driver. @proto 1 @required @omitEmpty */
  driver: string;
  /** The pool that was counted. @proto 2 @required @omitEmpty */
  poolName: string;
  /** Generation of the pool that was counted. @proto 9 @required */
  generation: Int64;
  /** How many slices make up the pool. @proto 8 @pointer */
  resourceSliceCount?: Int32;
  /** Devices in all. @proto 4 @pointer */
  totalDevices?: Int32;
  /** Devices that claims hold. @proto 5 @pointer */
  allocatedDevices?: Int32;
  /** Devices that are free. @proto 6 @pointer */
  availableDevices?: Int32;
  /** Devices that are neither held nor to be had, as for their taints. @proto 7 @pointer */
  unavailableDevices?: Int32;
  /** Node that the pool belongs to. @proto 3 @pointer */
  nodeName?: string;
  /** Why the pool could not be counted. @proto 10 @pointer */
  validationError?: string;
}

/** Asks how much of a driver's pools is taken. */
export interface ResourcePoolStatusRequest extends KubeObject {
  /** Name, labels and the rest that all objects have. @proto 1 @required @omitEmpty */
  metadata: ObjectMeta;
  /** What is wanted. @proto 2 @required */
  spec: ResourcePoolStatusRequestSpec;
  /** What is: written by the system. @proto 3 @pointer */
  status?: ResourcePoolStatusRequestStatus;
}

/** Which pools are meant. */
export interface ResourcePoolStatusRequestSpec {
  /** Name of the driver whose pools are meant. @proto 1 @required */
  driver: string;
  /** Name of the one pool that is meant; all of the driver's when absent. @proto 2 @pointer */
  poolName?: string;
  /** How many pools to tell of at most. @proto 3 @pointer @default 100 */
  limit?: Int32;
}

/** The answer, written once. */
export interface ResourcePoolStatusRequestStatus {
  /** How many pools fit, told or not. @proto 6 @required @pointer @omitEmpty */
  poolCount: Int32;
  /** How much of each pool is taken. @proto 2 @listType atomic */
  pools?: PoolStatus[];
  /** Remarks about the state, one a type. @proto 3 @listType map @listKeys type @patchStrategy merge @patchMergeKey type */
  conditions?: Condition[];
}
