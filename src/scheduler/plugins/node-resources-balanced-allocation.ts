/** Prefers nodes on which the pod brings the shares of CPU and memory in use closer together, so that neither runs out alone. */
import { MAX_NODE_SCORE } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Amounts } from '../resource-amounts.ts';
import { concerns, usage } from './resource-strategies.ts';
import type { WeightedResource } from './resource-strategies.ts';

/** 100 when both shares are equal, 50 when one is used up and the other idle. A resource that the node lacks does not count. */
function balance(milliCpu: number, memory: number, allocatable: Amounts): number {
  if (allocatable.milliCpu === 0 || allocatable.memory === 0) return MAX_NODE_SCORE;
  const cpuShare = Math.min(1, milliCpu / allocatable.milliCpu);
  const memoryShare = Math.min(1, memory / allocatable.memory);
  // The standard deviation of two numbers is half their distance.
  return Math.trunc((1 - Math.abs(cpuShare - memoryShare) / 2) * MAX_NODE_SCORE);
}

export interface NodeResourcesBalancedAllocationArgs {
  resources?: readonly WeightedResource[];
}

/** The same over any resources: what the standard deviation of their shares leaves of the full score. */
function balanceOf(shares: readonly number[]): number {
  if (shares.length === 0) return MAX_NODE_SCORE;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const deviation = shares.length === 2 ? Math.abs(shares[0]! - shares[1]!) / 2 : Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
  return Math.trunc((1 - deviation) * MAX_NODE_SCORE);
}

function generalBalance(names: readonly string[], pod: PodInfo, node: NodeInfo, withPod: boolean): number {
  const shares: number[] = [];
  for (const name of names) {
    if (!concerns(name, pod)) continue;
    const [used, capacity] = usage(name, pod, node, false);
    if (capacity > 0) shares.push(Math.min(1, (withPod ? used : used - wantedOf(name, pod)) / capacity));
  }
  return balanceOf(shares);
}

function wantedOf(name: string, pod: PodInfo): number {
  const { amounts } = pod.request;
  if (name === 'cpu') return amounts.milliCpu;
  if (name === 'memory') return amounts.memory;
  return name === 'ephemeral-storage' ? amounts.ephemeralStorage : (amounts.scalars?.get(name) ?? 0);
}

const half = MAX_NODE_SCORE / 2;

export function createNodeResourcesBalancedAllocation(args: NodeResourcesBalancedAllocationArgs = {}): Plugin {
  const names = (args.resources ?? [{ name: 'cpu' }, { name: 'memory' }]).map(({ name }) => name);
  const usual = names.length === 2 && names[0] === 'cpu' && names[1] === 'memory';
  return {
    name: 'NodeResourcesBalancedAllocation',
    /** A pod that asks for nothing changes no balance. */
    preScore: ({ pod }) => names.some((name) => wantedOf(name, pod) > 0),
    score({ pod }, node) {
      const { requested, allocatable } = node;
      const wanted = pod.request.amounts;
      const withPod = usual ? balance(requested.milliCpu + wanted.milliCpu, requested.memory + wanted.memory, allocatable) : generalBalance(names, pod, node, true);
      const withoutPod = usual ? balance(requested.milliCpu, requested.memory, allocatable) : generalBalance(names, pod, node, false);
      return half + Math.trunc((half + withPod - withoutPod) / 2);
    },
  };
}

export const nodeResourcesBalancedAllocation: Plugin = createNodeResourcesBalancedAllocation();
