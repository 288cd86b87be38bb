/** A node must have what the pod asks for, free; the emptier it then is, the higher it scores (LeastAllocated over CPU and memory). */
import { backedResources } from '../dra/extended.ts';
import { refusal } from '../framework.ts';
import type { Plugin, Status, StatusCode } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { amountOf, amountsOf } from '../resource-amounts.ts';
import type { Amounts } from '../resource-amounts.ts';
import { least, scoreOf } from './resource-strategies.ts';
import type { Score, ScoringStrategy } from './resource-strategies.ts';
import type { Node } from '../../api/core/v1/types.ts';

const NAME = 'NodeResourcesFit';
type Ignores = (resource: string) => boolean;
const TOO_MANY_PODS = 1;
const CPU = 2;
const MEMORY = 4;
const EPHEMERAL_STORAGE = 8;

export const insufficient = (resource: string): string => `Insufficient ${resource}`;
export const TOO_MANY_PODS_REASON = 'Too many pods';

function reasonsOf(mask: number): string[] {
  return [
    ...(mask & TOO_MANY_PODS ? [TOO_MANY_PODS_REASON] : []),
    ...(mask & CPU ? [insufficient('cpu')] : []),
    ...(mask & MEMORY ? [insufficient('memory')] : []),
    ...(mask & EPHEMERAL_STORAGE ? [insufficient('ephemeral-storage')] : []),
  ];
}

const statusesOf = (code: StatusCode): Status[] => Array.from({ length: 16 }, (_, mask) => refusal(NAME, code, ...reasonsOf(mask)));
/** Every combination, made once: a filter of 5,000 full nodes makes no object. */
const UNSCHEDULABLE = statusesOf('unschedulable');
const UNRESOLVABLE = statusesOf('unresolvable');

function refuse(mask: number, missing: readonly string[] | undefined, unresolvable: boolean): Status {
  if (!missing) return (unresolvable ? UNRESOLVABLE : UNSCHEDULABLE)[mask]!;
  return refusal(NAME, unresolvable ? 'unresolvable' : 'unschedulable', ...reasonsOf(mask), ...missing.map(insufficient));
}

/**
 * Undefined when the pod fits; more of a resource than the whole node has cannot be helped by evicting others.
 * `backed`: resources that drivers offer where the node itself has none.
 */
export function fitOf(pod: PodInfo, node: NodeInfo, ignores?: Ignores, backed?: ReadonlyMap<string, string>): Status | undefined {
  const wanted = pod.request.amounts;
  const { allocatable, requested } = node;
  let mask = node.pods.length + 1 > node.allowedPods ? TOO_MANY_PODS : 0;
  let unresolvable = false;
  if (wanted.milliCpu > 0 && wanted.milliCpu > allocatable.milliCpu - requested.milliCpu) {
    mask |= CPU;
    unresolvable ||= wanted.milliCpu > allocatable.milliCpu;
  }
  if (wanted.memory > 0 && wanted.memory > allocatable.memory - requested.memory) {
    mask |= MEMORY;
    unresolvable ||= wanted.memory > allocatable.memory;
  }
  if (wanted.ephemeralStorage > 0 && wanted.ephemeralStorage > allocatable.ephemeralStorage - requested.ephemeralStorage) {
    mask |= EPHEMERAL_STORAGE;
    unresolvable ||= wanted.ephemeralStorage > allocatable.ephemeralStorage;
  }
  if (!wanted.scalars) return mask === 0 ? undefined : refuse(mask, undefined, unresolvable);
  let missing: string[] | undefined;
  for (const [name, amount] of wanted.scalars) {
    if (amount === 0 || ignores?.(name)) continue;
    const capacity = allocatable.scalars?.get(name) ?? 0;
    if (capacity === 0 && backed?.has(name)) continue;
    if (amount <= capacity - (requested.scalars?.get(name) ?? 0)) continue;
    (missing ??= []).push(name);
    unresolvable ||= amount > capacity;
  }
  return mask === 0 && !missing ? undefined : refuse(mask, missing, unresolvable);
}

function covers(capacity: Amounts, wanted: Amounts, ignores?: Ignores): boolean {
  if (wanted.milliCpu > capacity.milliCpu || wanted.memory > capacity.memory || wanted.ephemeralStorage > capacity.ephemeralStorage) return false;
  // What the node itself does not have at all a driver may offer.
  for (const [name, amount] of wanted.scalars ?? []) if (!ignores?.(name) && amount > (capacity.scalars?.get(name) ?? Infinity)) return false;
  return true;
}

export interface NodeResourcesFitArgs {
  /** Extended resources that others look after. */
  ignoredResources?: readonly string[];
  /** All resources of these domains. */
  ignoredResourceGroups?: readonly string[];
  scoringStrategy?: ScoringStrategy;
}

const isLeastOfTwo = ({ type, resources }: ScoringStrategy): boolean =>
  (type ?? 'LeastAllocated') === 'LeastAllocated' && (resources === undefined || (resources.length === 2 && resources.every(({ name, weight }, i) => name === ['cpu', 'memory'][i] && (weight ?? 1) === 1)));

/** The default without loops: it runs for every node that will do. */
const leastOfTwo: Score = (pod, node) => {
  const { milliCpu, memory } = node.allocatable;
  const cpuFree = milliCpu === 0 ? undefined : least(node.nonZeroMilliCpu + pod.request.nonZeroMilliCpu, milliCpu);
  const memoryFree = memory === 0 ? undefined : least(node.nonZeroMemory + pod.request.nonZeroMemory, memory);
  if (cpuFree === undefined) return memoryFree ?? 0;
  return memoryFree === undefined ? cpuFree : Math.trunc((cpuFree + memoryFree) / 2);
};

export function createNodeResourcesFit(args: NodeResourcesFitArgs = {}): Plugin {
  const ignored = new Set(args.ignoredResources);
  const groups = new Set(args.ignoredResourceGroups);
  const isIgnored = (name: string): boolean => ignored.has(name) || groups.has(name.split('/')[0]!);
  const ignores = ignored.size + groups.size > 0 ? isIgnored : undefined;
  const strategy = args.scoringStrategy ?? {};
  const score = isLeastOfTwo(strategy) ? leastOfTwo : scoreOf(strategy);
  return {
    name: NAME,
    filter: (cycle, node) => fitOf(cycle.pod, node, ignores, cycle.pod.request.amounts.scalars && backedResources(cycle)),
    score: ({ pod }, node) => score(pod, node),
    events: () => [
      { resource: 'AssignedPod', actions: ['delete', 'updateScaleDown'] },
      { resource: 'PendingPod', actions: ['updateScaleDown'], hint: (pod, event) => event.pod?.uid === pod.uid },
      { resource: 'DeviceClass', actions: ['add', 'update'], hint: (pod) => pod.request.amounts.scalars !== undefined },
      {
        resource: 'Node',
        actions: ['add', 'updateAllocatable'],
        hint(pod, event) {
          const allocatable = (event.object as Node).status?.allocatable;
          return amountOf(allocatable?.['pods'], 1) > 0 && covers(amountsOf(allocatable), pod.request.amounts, ignores);
        },
      },
    ],
  };
}

export const nodeResourcesFit: Plugin = createNodeResourcesFit();
