/** What everybody asks about pods: phase, conditions, readiness, containers and ports. Nothing here changes a cached object. */
import type { Container, ContainerPort, ContainerStatus, EphemeralContainer, Pod, PodCondition } from './types.ts';

/** The parts that conditions of all kinds share. */
export interface AnyCondition {
  type: string;
  status: string;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

/** The condition of that type, if there is one. */
export function getCondition<C extends { type?: string }>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of that type is there and `True`. */
export function isConditionTrue(conditions: readonly { type?: string; status?: string }[] | undefined, type: string): boolean {
  return getCondition(conditions, type)?.status === 'True';
}

/**
 * A new list with the condition put in place of the one of the same type, or at the end. The transition time of the old one stays while the
 * status stays; otherwise it is the given one, or `now` (RFC 3339). Answers the same list when nothing at all changed.
 */
export function setCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, condition: C, now?: string): C[] {
  const list = conditions ?? [];
  const at = list.findIndex((existing) => existing.type === condition.type);
  const old = list[at];
  const lastTransitionTime = old !== undefined && old.status === condition.status ? (old.lastTransitionTime ?? condition.lastTransitionTime ?? now) : (condition.lastTransitionTime ?? now);
  const next: C = lastTransitionTime === undefined ? { ...condition } : { ...condition, lastTransitionTime };
  if (old === undefined) return [...list, next];
  if (sameCondition(old, next)) return list as C[];
  return list.with(at, next);
}

function sameCondition(a: object, b: object): boolean {
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => left[key] === right[key]);
}

/** A new list without the condition of that type. */
export function removeCondition<C extends { type?: string }>(conditions: readonly C[] | undefined, type: string): C[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}

/** The phase, `Pending` before anybody has said one. */
export function podPhase(pod: Pod): string {
  return pod.status?.phase || 'Pending';
}

/** Succeeded or Failed: its containers will not run again. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Neither terminal nor being deleted: it counts as a replica. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function isPodTerminating(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined;
}

export function getPodCondition(pod: Pod, type: string): PodCondition | undefined {
  return getCondition(pod.status?.conditions, type);
}

/** Condition Ready is True. */
export function isPodReady(pod: Pod): boolean {
  return isConditionTrue(pod.status?.conditions, 'Ready');
}

/** Ready for at least `minReadySeconds` at `nowMs`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = getPodCondition(pod, 'Ready');
  if (ready?.status !== 'True') return false;
  if (minReadySeconds === 0) return true;
  return !!ready.lastTransitionTime && Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 <= nowMs;
}

/** When it became ready, in milliseconds since 1970; undefined while it is not ready. */
export function podReadySinceMs(pod: Pod): number | undefined {
  const ready = getPodCondition(pod, 'Ready');
  return ready?.status === 'True' && ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : undefined;
}

export function isPodBound(pod: Pod): boolean {
  return (pod.spec?.nodeName ?? '') !== '';
}

export function isPodScheduled(pod: Pod): boolean {
  return isConditionTrue(pod.status?.conditions, 'PodScheduled');
}

/** The API's picture of a pod that a kubelet read from a file. */
export function isMirrorPod(pod: Pod): boolean {
  return pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}

/** Read from a file or URL by the kubelet, not from the API server. */
export function isStaticPod(pod: Pod): boolean {
  const source = pod.metadata.annotations?.['kubernetes.io/config.source'];
  return source !== undefined && source !== 'api';
}

/** An init container that keeps running beside the others (KEP-753). */
export function isSidecar(container: { restartPolicy?: string }): boolean {
  return container.restartPolicy === 'Always';
}

/** Init containers, containers and ephemeral ones, in this order. */
export function allContainers(pod: Pod): (Container | EphemeralContainer)[] {
  const spec = pod.spec;
  return spec === undefined ? [] : [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** The status of a container of any of the three sorts. */
export function containerStatusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const status = pod.status;
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])].find((s) => s.name === name);
}

/** Containers that live as long as the pod: the regular ones and the sidecars. */
export function longRunningContainers(pod: Pod): Container[] {
  return [...(pod.spec?.initContainers ?? []).filter(isSidecar), ...(pod.spec?.containers ?? [])];
}

export interface HostPort {
  /** `0.0.0.0` where none was named. */
  ip: string;
  protocol: string;
  port: number;
}

/** Ports that the pod takes on its node. */
export function hostPortsOf(pod: Pod): HostPort[] {
  return longRunningContainers(pod)
    .flatMap((container) => container.ports ?? [])
    .filter((port) => (port.hostPort ?? 0) > 0)
    .map((port) => ({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol ?? 'TCP', port: port.hostPort! }));
}

/** The number that a service's target port means in this pod; undefined where the pod has no port of that name and protocol. */
export function resolvePort(pod: Pod, target: number | string | undefined, protocol: string, servicePort: number): number | undefined {
  if (target === undefined || target === '' || target === 0) return servicePort;
  if (typeof target === 'number') return target;
  return longRunningContainers(pod)
    .flatMap((container): ContainerPort[] => container.ports ?? [])
    .find((port) => port.name === target && (port.protocol ?? 'TCP') === protocol)?.containerPort;
}

/** All addresses of the pod, the primary one first. */
export function podIpsOf(pod: Pod): string[] {
  const ips = (pod.status?.podIPs ?? []).map((entry) => entry.ip).filter((ip) => ip !== '');
  return ips.length > 0 ? ips : pod.status?.podIP ? [pod.status.podIP] : [];
}

/** Sum of the restarts of all regular containers. */
export function restartCountOf(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, status) => sum + (status.restartCount ?? 0), 0);
}

/** `namespace/name`, which names a pod while it lives. */
export function podKey(pod: Pod): string {
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`;
}

export { podQosClass } from './resources.ts';
