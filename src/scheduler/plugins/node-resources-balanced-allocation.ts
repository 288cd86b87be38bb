/** Prefers nodes on which the pod brings the shares of CPU and memory in use closer together, so that neither runs out alone. */
import { MAX_NODE_SCORE } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import type { Amounts } from '../resource-amounts.ts';

/** 100 when both shares are equal, 50 when one is used up and the other idle. A resource that the node lacks does not count. */
function balance(milliCpu: number, memory: number, allocatable: Amounts): number {
  if (allocatable.milliCpu === 0 || allocatable.memory === 0) return MAX_NODE_SCORE;
  const cpuShare = Math.min(1, milliCpu / allocatable.milliCpu);
  const memoryShare = Math.min(1, memory / allocatable.memory);
  // The standard deviation of two numbers is half their distance.
  return Math.trunc((1 - Math.abs(cpuShare - memoryShare) / 2) * MAX_NODE_SCORE);
}

export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  /** A pod that asks for nothing changes no balance. */
  preScore({ pod }) {
    return pod.request.amounts.milliCpu > 0 || pod.request.amounts.memory > 0;
  },
  score({ pod }, node) {
    const { requested, allocatable } = node;
    const wanted = pod.request.amounts;
    const withPod = balance(requested.milliCpu + wanted.milliCpu, requested.memory + wanted.memory, allocatable);
    const withoutPod = balance(requested.milliCpu, requested.memory, allocatable);
    const half = MAX_NODE_SCORE / 2;
    return half + Math.trunc((half + withPod - withoutPod) / 2);
  },
};
