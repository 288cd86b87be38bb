/**
 * Resource quantities as plain numbers: CPU in thousandths of a core, everything else in whole units (bytes, counts), rounded up as the
 * scheduler's arithmetic does. Numbers, not big integers, because filters compare them millions of times; 2^53 bytes are 8 PiB.
 */
import type { Container, Pod, PodSpec } from '../api/core/v1/types.ts';
import { quantityToMilli, quantityToNumber } from '../api/meta/quantity.ts';

/** Milli-CPU that scoring assumes of a container that asks for none. */
export const DEFAULT_MILLI_CPU = 100;
/** Bytes of memory that scoring assumes of a container that asks for none. */
export const DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024;

/** Parsed quantities are few and repeat: a bounded memory of them saves parsing. */
const REMEMBERED_LIMIT = 4096;
const remembered = new Map<string, number>();

/** The quantity in whole units of `1 / scale`, rounded up: `amountOf('100m', 1000)` is 100, `amountOf('1Ki', 1)` is 1024. */
export function amountOf(quantity: string | number | undefined, scale: 1 | 1000): number {
  if (quantity === undefined) return 0;
  const text = String(quantity);
  const key = scale === 1 ? text : `m${text}`;
  let amount = remembered.get(key);
  if (amount === undefined) {
    amount = scale === 1 ? quantityToNumber(text) : quantityToMilli(text);
    if (remembered.size >= REMEMBERED_LIMIT) remembered.clear();
    remembered.set(key, amount);
  }
  return amount;
}

/** Amounts of every resource. `scalars` holds all beyond the three named ones (huge pages, extended resources). */
export interface Amounts {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  scalars: Map<string, number> | undefined;
}

export function noAmounts(): Amounts {
  return { milliCpu: 0, memory: 0, ephemeralStorage: 0, scalars: undefined };
}

type ResourceList = Readonly<Record<string, string | number>> | undefined;

function setAmount(into: Amounts, name: string, amount: number): void {
  if (name === 'cpu') into.milliCpu = amount;
  else if (name === 'memory') into.memory = amount;
  else if (name === 'ephemeral-storage') into.ephemeralStorage = amount;
  else if (name !== 'pods') (into.scalars ??= new Map()).set(name, amount);
}

/** A resource list of the API as amounts; `pods` is left out. */
export function amountsOf(list: ResourceList): Amounts {
  const into = noAmounts();
  for (const name in list) setAmount(into, name, amountOf(list[name], name === 'cpu' ? 1000 : 1));
  return into;
}

export function addAmounts(into: Amounts, more: Amounts, sign: 1 | -1 = 1): void {
  into.milliCpu += sign * more.milliCpu;
  into.memory += sign * more.memory;
  into.ephemeralStorage += sign * more.ephemeralStorage;
  if (more.scalars) {
    into.scalars ??= new Map();
    for (const [name, amount] of more.scalars) into.scalars.set(name, (into.scalars.get(name) ?? 0) + sign * amount);
  }
}

function raiseTo(into: Amounts, floor: Amounts): void {
  into.milliCpu = Math.max(into.milliCpu, floor.milliCpu);
  into.memory = Math.max(into.memory, floor.memory);
  into.ephemeralStorage = Math.max(into.ephemeralStorage, floor.ephemeralStorage);
  if (floor.scalars) {
    into.scalars ??= new Map();
    for (const [name, amount] of floor.scalars) into.scalars.set(name, Math.max(into.scalars.get(name) ?? 0, amount));
  }
}

/** Written out, so that all amounts are objects of one shape: filters read them millions of times. */
export function copyAmounts({ milliCpu, memory, ephemeralStorage, scalars }: Amounts): Amounts {
  return { milliCpu, memory, ephemeralStorage, scalars: scalars ? new Map(scalars) : undefined };
}

type RequestOf = (container: Container) => Amounts;

/** A running container may hold more than its spec now asks for, while a resize is under way: the larger counts. */
function statusAware(pod: Pod, wanted: RequestOf): RequestOf {
  const statuses = new Map([...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].map((s) => [s.name, s]));
  if (statuses.size === 0) return wanted;
  const infeasible = pod.status?.conditions?.some((c) => c.type === 'PodResizePending' && c.reason === 'Infeasible') ?? false;
  return (container) => {
    const status = statuses.get(container.name);
    const granted = status?.resources?.requests;
    if (!granted && !status?.allocatedResources) return wanted(container);
    const total = infeasible ? amountsOf(granted ?? status?.allocatedResources) : wanted(container);
    raiseTo(total, amountsOf(granted));
    raiseTo(total, amountsOf(status?.allocatedResources));
    return total;
  };
}

/**
 * Regular containers and sidecars add up; an ordinary init container runs alone beside the sidecars that started before it, so the pod needs
 * the larger of the two (KEP-753).
 */
function sumContainers(spec: PodSpec, requestOf: RequestOf): Amounts {
  const total = noAmounts();
  for (const container of spec.containers) addAmounts(total, requestOf(container));
  const sidecars = noAmounts();
  const initPeak = noAmounts();
  for (const container of spec.initContainers ?? []) {
    const request = copyAmounts(requestOf(container));
    if (container.restartPolicy === 'Always') {
      addAmounts(total, request);
      addAmounts(sidecars, request);
      raiseTo(initPeak, sidecars);
    } else {
      addAmounts(request, sidecars);
      raiseTo(initPeak, request);
    }
  }
  raiseTo(total, initPeak);
  return total;
}

/** Requests written on the pod itself stand in place of the containers' sum (KEP-2837). */
function applyPodLevel(total: Amounts, spec: PodSpec): void {
  const requests = spec.resources?.requests;
  for (const name in requests) setAmount(total, name, amountOf(requests[name], name === 'cpu' ? 1000 : 1));
}

export interface PodRequest {
  /** What the pod asks for: what filters count. */
  amounts: Amounts;
  /** The same with a stand-in for containers that name no CPU or memory: what LeastAllocated counts. */
  nonZeroMilliCpu: number;
  nonZeroMemory: number;
}

/** What a pod takes from a node: containers, init containers, sidecars, overhead, pod-level requests, and what a running resize holds. */
export function podRequest(pod: Pod): PodRequest {
  const spec = pod.spec;
  if (!spec) return { amounts: noAmounts(), nonZeroMilliCpu: 0, nonZeroMemory: 0 };
  const plain: RequestOf = (container) => amountsOf(container.resources?.requests);
  const requestOf = pod.spec?.nodeName ? statusAware(pod, plain) : plain;
  const nonZeroOf: RequestOf = (container) => {
    const amounts = { ...requestOf(container) };
    const requests = container.resources?.requests;
    if (requests?.['cpu'] === undefined && amounts.milliCpu === 0) amounts.milliCpu = DEFAULT_MILLI_CPU;
    if (requests?.['memory'] === undefined && amounts.memory === 0) amounts.memory = DEFAULT_MEMORY_BYTES;
    return amounts;
  };
  const amounts = sumContainers(spec, requestOf);
  const nonZero = sumContainers(spec, nonZeroOf);
  applyPodLevel(amounts, spec);
  applyPodLevel(nonZero, spec);
  if (spec.overhead) {
    const overhead = amountsOf(spec.overhead);
    addAmounts(amounts, overhead);
    addAmounts(nonZero, overhead);
  }
  return { amounts, nonZeroMilliCpu: nonZero.milliCpu, nonZeroMemory: nonZero.memory };
}
