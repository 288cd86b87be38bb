/**
 * How much of each resource a pod asks for. Amounts are numbers: processor time in thousandths of a core, everything else in whole units
 * (bytes, pieces), rounded up as the API does. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */
import { own } from '../../../base/own.ts';
import { quantityToMilli, quantityToNumber } from '../../meta/quantity.ts';
import type { Container, Pod, ResourceRequirements } from './types.ts';

/** Resource name to amount. */
export type Amounts = Record<string, number>;

type Quantities = Readonly<Record<string, string>> | undefined;

/** A quantity as a number: `500m` of cpu is 500, `1Ki` of memory is 1024. Fractions round up. */
export function resourceAmount(resource: string, quantity: string): number {
  return resource === 'cpu' ? quantityToMilli(quantity) : quantityToNumber(quantity);
}

/** All quantities of a list as amounts. */
export function amountsOf(list: Quantities): Amounts {
  const amounts: Amounts = {};
  for (const resource in list) amounts[resource] = resourceAmount(resource, list[resource]!);
  return amounts;
}

export function addAmounts(into: Amounts, more: Amounts): Amounts {
  for (const resource in more) into[resource] = (own(into, resource) ?? 0) + more[resource]!;
  return into;
}

/** The larger of both for each resource. */
export function maxAmounts(into: Amounts, other: Amounts): Amounts {
  for (const resource in other) into[resource] = Math.max(own(into, resource) ?? 0, other[resource]!);
  return into;
}

export interface PodAmountsOptions {
  /** Leave out what the runtime class adds for the sandbox. */
  excludeOverhead?: boolean;
  /** While a resize is under way, count the larger of what is asked for, granted and in use (KEP-1287). */
  useStatus?: boolean;
  /** What a container that says nothing is counted with, by resource. */
  missing?: Amounts;
}

function containerAmounts(pod: Pod, container: Container, which: 'requests' | 'limits', options: PodAmountsOptions): Amounts {
  const amounts = amountsOf(container.resources?.[which]);
  if (options.useStatus) {
    const status = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find((s) => s.name === container.name);
    const infeasible = pod.status?.conditions?.some((c) => c.type === 'PodResizePending' && c.reason === 'Infeasible') ?? false;
    if (status?.resources !== undefined) {
      const known = maxAmounts(amountsOf(status.resources[which]), which === 'requests' ? amountsOf(status.allocatedResources) : {});
      // A resize that can never happen must not hold on to what it asked for.
      if (infeasible && Object.keys(known).length > 0) return known;
      maxAmounts(amounts, known);
    }
  }
  for (const resource in options.missing) amounts[resource] ??= options.missing[resource]!;
  return amounts;
}

/** Sum of what runs together: containers and sidecars, or one init container beside the sidecars started before it, whichever is more. */
function sumOfContainers(pod: Pod, which: 'requests' | 'limits', options: PodAmountsOptions): Amounts {
  const total: Amounts = {};
  for (const container of pod.spec?.containers ?? []) addAmounts(total, containerAmounts(pod, container, which, options));
  const sidecars: Amounts = {};
  const highest: Amounts = {};
  for (const container of pod.spec?.initContainers ?? []) {
    const amounts = containerAmounts(pod, container, which, options);
    if (container.restartPolicy === 'Always') {
      addAmounts(total, amounts);
      addAmounts(sidecars, amounts);
      maxAmounts(highest, sidecars);
    } else maxAmounts(highest, addAmounts(amounts, sidecars));
  }
  return maxAmounts(total, highest);
}

/** Resources that may be set for the pod as a whole (KEP-2837). */
export function isPodLevelResource(resource: string): boolean {
  return resource === 'cpu' || resource === 'memory' || isHugePages(resource);
}

function withPodLevel(amounts: Amounts, level: Quantities): Amounts {
  for (const resource in level) if (isPodLevelResource(resource)) amounts[resource] = resourceAmount(resource, level[resource]!);
  return amounts;
}

/** What the scheduler reserves for the pod: containers, sidecars, init containers, pod-level requests and overhead. */
export function podRequests(pod: Pod, options: PodAmountsOptions = {}): Amounts {
  const amounts = withPodLevel(sumOfContainers(pod, 'requests', options), pod.spec?.resources?.requests);
  return options.excludeOverhead ? amounts : addAmounts(amounts, amountsOf(pod.spec?.overhead));
}

/** What the pod may use at most. A resource that no container limits is absent; overhead counts only where there is a limit. */
export function podLimits(pod: Pod, options: PodAmountsOptions = {}): Amounts {
  const amounts = withPodLevel(sumOfContainers(pod, 'limits', options), pod.spec?.resources?.limits);
  if (options.excludeOverhead) return amounts;
  const overhead = amountsOf(pod.spec?.overhead);
  for (const resource in overhead) if ((own(amounts, resource) ?? 0) > 0) amounts[resource]! += overhead[resource]!;
  return amounts;
}

export function isHugePages(resource: string): boolean {
  return resource.startsWith('hugepages-');
}

/** A name without a domain, or in `kubernetes.io`. */
export function isNativeResource(resource: string): boolean {
  return !resource.includes('/') || resource.includes('kubernetes.io/');
}

/** A resource of somebody else's domain (`example.com/gpu`), counted in whole pieces and never overcommitted. */
export function isExtendedResource(resource: string): boolean {
  return !isNativeResource(resource) && !resource.startsWith('requests.');
}

/** Whether limits may exceed requests. */
export function isOvercommitAllowed(resource: string): boolean {
  return isNativeResource(resource) && !isHugePages(resource);
}

const QOS_RESOURCES = ['cpu', 'memory'] as const;

function addQos(into: Amounts, list: Quantities): string[] {
  const found = QOS_RESOURCES.filter((resource) => list?.[resource] !== undefined && quantityToMilli(list[resource]!) > 0);
  for (const resource of found) into[resource] = (into[resource] ?? 0) + quantityToMilli(list![resource]!);
  return found;
}

/** Guaranteed, Burstable or BestEffort, worked out from the spec. https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
export function computeQosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const spec = pod.spec;
  const level: (ResourceRequirements | undefined)[] = spec?.resources ? [spec.resources] : [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map((c) => c.resources);
  const requests: Amounts = {};
  const limits: Amounts = {};
  let allLimited = true;
  for (const resources of level) {
    addQos(requests, resources?.requests);
    if (addQos(limits, resources?.limits).length < QOS_RESOURCES.length) allLimited = false;
  }
  if (Object.keys(requests).length + Object.keys(limits).length === 0) return 'BestEffort';
  const equal = Object.keys(requests).length === Object.keys(limits).length && Object.keys(requests).every((resource) => requests[resource] === limits[resource]);
  return allLimited && equal ? 'Guaranteed' : 'Burstable';
}

/** The class that the API server recorded at creation; worked out where it is missing. */
export function podQosClass(pod: Pod): string {
  return pod.status?.qosClass || computeQosClass(pod);
}
