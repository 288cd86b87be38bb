/** Claims and slices between v1beta1, where requests and devices are flat or wrapped in other ways, and v1. */
import type { Device, DeviceClaim, DeviceRequest, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../v1/types.ts';
import type * as beta from './types.ts';

const V1 = 'resource.k8s.io/v1';
const V1BETA1 = 'resource.k8s.io/v1beta1';

/** Whether a request of v1beta1 asks for devices itself, not by a list of choices. */
function asksItself(request: beta.DeviceRequest): boolean {
  const { name: _name, firstAvailable: _choices, ...rest } = request;
  return Object.values(rest).some((value) => value !== undefined && value !== '' && value !== 0);
}

function requestToV1(request: beta.DeviceRequest): DeviceRequest {
  const { name, firstAvailable, ...rest } = request;
  return { name, ...(asksItself(request) ? { exactly: { ...rest, deviceClassName: rest.deviceClassName ?? '' } } : {}), ...(firstAvailable === undefined ? {} : { firstAvailable }) } as DeviceRequest;
}

function requestToBeta({ name, exactly, firstAvailable }: DeviceRequest): beta.DeviceRequest {
  return { name, deviceClassName: '', ...exactly, ...(firstAvailable === undefined ? {} : { firstAvailable }) } as beta.DeviceRequest;
}

function deviceToV1({ name, basic }: beta.Device): Device {
  return { name, ...basic } as Device;
}

function deviceToBeta({ name, ...basic }: Device): beta.Device {
  return { name, basic } as beta.Device;
}

function devices<From, To>(claim: { requests?: From[] } | undefined, one: (request: From) => To): object {
  return claim === undefined ? {} : { devices: claim.requests === undefined ? claim : { ...claim, requests: claim.requests.map(one) } };
}

const specToV1 = <Spec extends { devices?: beta.DeviceClaim }>(spec: Spec): Spec => ({ ...spec, ...devices(spec.devices, requestToV1) });
const specToBeta = <Spec extends { devices?: DeviceClaim }>(spec: Spec): Spec => ({ ...spec, ...devices(spec.devices, requestToBeta) });

export function claimToV1(from: beta.ResourceClaim): ResourceClaim {
  return { ...from, apiVersion: V1, spec: specToV1(from.spec) } as unknown as ResourceClaim;
}

export function claimToBeta(from: ResourceClaim): beta.ResourceClaim {
  return { ...from, apiVersion: V1BETA1, spec: specToBeta(from.spec) } as unknown as beta.ResourceClaim;
}

export function templateToV1(from: beta.ResourceClaimTemplate): ResourceClaimTemplate {
  return { ...from, apiVersion: V1, spec: { ...from.spec, spec: specToV1(from.spec.spec) } } as unknown as ResourceClaimTemplate;
}

export function templateToBeta(from: ResourceClaimTemplate): beta.ResourceClaimTemplate {
  return { ...from, apiVersion: V1BETA1, spec: { ...from.spec, spec: specToBeta(from.spec.spec) } } as unknown as beta.ResourceClaimTemplate;
}

export function sliceToV1(from: beta.ResourceSlice): ResourceSlice {
  const { nodeName, allNodes, devices: all, ...spec } = from.spec;
  return {
    ...from, apiVersion: V1,
    spec: { ...spec, ...(nodeName ? { nodeName } : {}), ...(allNodes ? { allNodes } : {}), ...(all === undefined ? {} : { devices: all.map(deviceToV1) }) },
  } as unknown as ResourceSlice;
}

export function sliceToBeta(from: ResourceSlice): beta.ResourceSlice {
  const { devices: all, ...spec } = from.spec;
  return { ...from, apiVersion: V1BETA1, spec: { ...spec, ...(all === undefined ? {} : { devices: all.map(deviceToBeta) }) } } as unknown as beta.ResourceSlice;
}
