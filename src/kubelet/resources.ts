/** Processor and memory of pods and containers as the kernel's control groups take them. Pure. */
import { computeQosClass, podLimits, podRequests, resourceAmount } from '../api/core/v1/resources.ts';
import type { Pod } from '../api/core/v1/types.ts';
import type { LinuxResources } from '../cri/runtime.ts';
import type { AnyContainer } from './names.ts';

/** Length of a period of the processor's bandwidth control, in microseconds. */
export const cpuPeriodUs = 100_000;
const minQuotaUs = 1_000;
const minShares = 2;
const maxShares = 262_144;
const sharesPerCpu = 1024;
const systemCriticalPriority = 2_000_000_000;

/** Thousandths of a processor as weight. */
export function sharesOf(milliCpu: number): number {
  if (milliCpu === 0) return minShares;
  return Math.min(Math.max(Math.floor((milliCpu * sharesPerCpu) / 1000), minShares), maxShares);
}

/** Thousandths of a processor as microseconds a period; 0: no limit. */
export function quotaOf(milliCpu: number): number {
  return milliCpu === 0 ? 0 : Math.max(Math.floor((milliCpu * cpuPeriodUs) / 1000), minQuotaUs);
}

/** How willingly the kernel kills it when memory runs out, from -997 (guaranteed) to 1000 (best effort). */
export function oomScoreOf(pod: Pod, container: AnyContainer, memoryCapacityBytes: number): number {
  if ((pod.spec?.priority ?? 0) >= systemCriticalPriority) return -997;
  const qos = computeQosClass(pod);
  if (qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const request = container.resources?.requests?.memory;
  const share = request ? resourceAmount('memory', request) / memoryCapacityBytes : 0;
  // Never as safe as a guaranteed pod, never as exposed as best effort.
  return Math.min(Math.max(Math.floor(1000 - 1000 * share), 3), 999);
}

function amount(list: Readonly<Record<string, string>> | undefined, resource: string): number | undefined {
  const text = list?.[resource];
  return text === undefined ? undefined : resourceAmount(resource, text);
}

/** What the runtime is told about one container. */
export function containerResources(pod: Pod, container: AnyContainer, memoryCapacityBytes: number): LinuxResources {
  const { requests, limits } = container.resources ?? {};
  const podLevel = pod.spec?.resources?.limits;
  const cpuLimit = amount(limits, 'cpu') ?? amount(podLevel, 'cpu') ?? 0;
  const memoryLimit = amount(limits, 'memory') ?? amount(podLevel, 'memory') ?? 0;
  const hugepageLimits = Object.entries(limits ?? {}).filter(([name]) => name.startsWith('hugepages-')).map(([name, quantity]) => ({ pageSize: `${name.slice('hugepages-'.length).replace(/i$/, '')}B`, limit: resourceAmount(name, quantity) }));
  return {
    cpuPeriod: cpuPeriodUs,
    cpuQuota: quotaOf(cpuLimit),
    cpuShares: sharesOf(amount(requests, 'cpu') ?? amount(limits, 'cpu') ?? 0),
    memoryLimitInBytes: memoryLimit,
    oomScoreAdj: oomScoreOf(pod, container, memoryCapacityBytes),
    ...(hugepageLimits.length > 0 ? { hugepageLimits } : {}),
  };
}

export interface PodCgroupLimits {
  cpuShares: number;
  /** Absent: no limit. */
  cpuQuotaUs?: number;
  memoryBytes?: number;
}

/** Limits of the pod's own group: set only where every container has one, since otherwise one of them may take all. */
export function podCgroupLimits(pod: Pod): PodCgroupLimits {
  const requests = podRequests(pod);
  const limits = podLimits(pod);
  const everyContainerHas = (resource: string): boolean =>
    pod.spec?.resources?.limits?.[resource] !== undefined || [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].every((c) => c.resources?.limits?.[resource] !== undefined);
  return {
    cpuShares: sharesOf(requests.cpu ?? 0),
    ...(everyContainerHas('cpu') && limits.cpu ? { cpuQuotaUs: quotaOf(limits.cpu) } : {}),
    ...(everyContainerHas('memory') && limits.memory ? { memoryBytes: limits.memory } : {}),
  };
}

/** Path of the pod's control group below the node's root, as `/kubepods/burstable/pod<uid>`. */
export function podCgroupPath(cgroupRoot: string, pod: Pod): string {
  const root = cgroupRoot === '/' ? '' : cgroupRoot.replace(/\/+$/, '');
  const qos = computeQosClass(pod);
  const tier = qos === 'Guaranteed' ? '' : `/${qos.toLowerCase()}`;
  return `${root}/kubepods${tier}/pod${pod.metadata.uid}`;
}
