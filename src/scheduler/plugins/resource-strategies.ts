/** How NodeResourcesFit turns shares of resources in use into a score: LeastAllocated, MostAllocated, RequestedToCapacityRatio. */
import { MAX_NODE_SCORE } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';

export interface WeightedResource {
  name: string;
  weight?: number;
}

export interface UtilizationPoint {
  /** Percent in use, 0 to 100. */
  utilization: number;
  /** 0 to 10. */
  score: number;
}

export interface ScoringStrategy {
  type?: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
  resources?: readonly WeightedResource[];
  requestedToCapacityRatio?: { shape?: readonly UtilizationPoint[] };
}

export type Score = (pod: PodInfo, node: NodeInfo) => number;

/** Shapes are given on a scale to 10. */
const SHAPE_SCALE = MAX_NODE_SCORE / 10;

/** What is in use with the pod there, and what there is. `nonZero`: containers that name no CPU or memory count with a stand-in. */
export function usage(name: string, pod: PodInfo, node: NodeInfo, nonZero: boolean): [used: number, capacity: number] {
  const { allocatable, requested } = node;
  const wanted = pod.request.amounts;
  if (name === 'cpu') return [nonZero ? node.nonZeroMilliCpu + pod.request.nonZeroMilliCpu : requested.milliCpu + wanted.milliCpu, allocatable.milliCpu];
  if (name === 'memory') return [nonZero ? node.nonZeroMemory + pod.request.nonZeroMemory : requested.memory + wanted.memory, allocatable.memory];
  if (name === 'ephemeral-storage') return [requested.ephemeralStorage + wanted.ephemeralStorage, allocatable.ephemeralStorage];
  return [(requested.scalars?.get(name) ?? 0) + (wanted.scalars?.get(name) ?? 0), allocatable.scalars?.get(name) ?? 0];
}

/** Beyond CPU, memory and local storage a resource counts only for pods that ask for it. */
export function concerns(name: string, pod: PodInfo): boolean {
  return name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || (pod.request.amounts.scalars?.get(name) ?? 0) > 0;
}

export function least(used: number, capacity: number): number {
  return used > capacity ? 0 : Math.trunc(((capacity - used) * MAX_NODE_SCORE) / capacity);
}

export function most(used: number, capacity: number): number {
  return Math.trunc((Math.min(used, capacity) * MAX_NODE_SCORE) / capacity);
}

/** Straight lines between the points; level before the first and after the last. */
export function ratioOf(shape: readonly UtilizationPoint[]): (used: number, capacity: number) => number {
  const at = (percent: number): number => {
    for (const [i, point] of shape.entries()) {
      if (percent > point.utilization) continue;
      const score = point.score * SHAPE_SCALE;
      const before = shape[i - 1];
      if (!before) return score;
      const from = before.score * SHAPE_SCALE;
      return from + Math.trunc(((score - from) * (percent - before.utilization)) / (point.utilization - before.utilization));
    }
    return shape.at(-1)!.score * SHAPE_SCALE;
  };
  return (used, capacity) => (capacity === 0 || used > capacity ? at(100) : at(Math.trunc((used * 100) / capacity)));
}

/** The weighted mean over the strategy's resources. */
export function scoreOf(strategy: ScoringStrategy): Score {
  const resources = (strategy.resources ?? [{ name: 'cpu' }, { name: 'memory' }]).map(({ name, weight }) => ({ name, weight: weight || 1 }));
  const byRatio = strategy.type === 'RequestedToCapacityRatio';
  const each = byRatio ? ratioOf(strategy.requestedToCapacityRatio?.shape ?? []) : strategy.type === 'MostAllocated' ? most : least;
  return (pod, node) => {
    let [sum, weights] = [0, 0];
    for (const { name, weight } of resources) {
      if (!concerns(name, pod)) continue;
      const [used, capacity] = usage(name, pod, node, true);
      if (capacity === 0) continue;
      const score = each(used, capacity);
      // A ratio of zero says nothing, and is left out of the mean.
      if (byRatio && score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    if (weights === 0) return 0;
    return byRatio ? Math.round(sum / weights) : Math.trunc(sum / weights);
  };
}
