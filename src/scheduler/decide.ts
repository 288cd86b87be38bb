/**
 * One scheduling cycle as a function: which node takes this pod, or why none does. It reads the snapshot and changes nothing but the cycle's
 * own state, and draws chance only from the stream that it is given: the same snapshot and seed give the same decision.
 */
import type { ResourceClaim } from '../api/resource/v1/types.ts';
import type { Evaluations } from './evaluations.ts';
import { refusal } from './framework.ts';
import type { Cycle, FilterRun, Lookups, NodeStatuses, Plugin, PostFilterResult, Status } from './framework.ts';
import { fitMessage } from './message.ts';
import type { Diagnosis } from './message.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { Profile } from './profile.ts';
import type { Snapshot } from './snapshot.ts';

/** Clusters up to this size are always searched through. */
export const MIN_FEASIBLE_NODES = 100;
const MIN_PERCENTAGE = 5;

/**
 * How many fitting nodes are enough. `percentage` 0 adapts: half of a small cluster, less of a large one (50 - nodes/125, at least 5 percent),
 * never fewer than 100 nodes.
 */
export function feasibleNodesToFind(nodeCount: number, percentage: number): number {
  if (nodeCount < MIN_FEASIBLE_NODES || percentage >= 100) return nodeCount;
  const share = percentage > 0 ? percentage : Math.max(MIN_PERCENTAGE, 50 - Math.trunc(nodeCount / 125));
  return Math.max(MIN_FEASIBLE_NODES, Math.trunc((nodeCount * share) / 100));
}

export interface DecideInput {
  profile: Profile;
  pod: PodInfo;
  snapshot: Snapshot;
  lookups: Lookups;
  /** Where the search begins; the next cycle begins where this one ended. */
  startIndex: number;
  percentageOfNodesToScore: number;
  /** A whole number in [0, bound). */
  random: (bound: number) => number;
  /** Pods that wait for victims to leave this node: room is kept for them. */
  nominatedTo: (nodeName: string) => readonly PodInfo[];
  /** Where a pod waits for victims to leave, ahead of what its status says; and whether a pod is such a victim. */
  nominatedNodeOf?: (uid: string) => string | undefined;
  isLeaving?: (uid: string) => boolean;
  /** Takes the time of the framework's points, for metrics. */
  timer?: PointTimer;
  /** Counts how often each plug-in is asked, for metrics. */
  evaluations?: Evaluations;
}

export interface PointTimer {
  /** Milliseconds that only rise. */
  now(): number;
  took(point: string, sinceMs: number, status: string): void;
}

export interface Placement {
  type: 'placed';
  cycle: Cycle;
  nodeName: string;
  /** Nodes looked at, and those of them that would do. */
  evaluatedNodes: number;
  feasibleNodes: number;
}

export interface Misfit {
  type: 'unplaced';
  cycle: Cycle;
  message: string;
  /** Plug-ins that refused: events that they care about wake the pod. */
  rejectors: ReadonlySet<string>;
  /** Those among them that wait for something of their own, not for room. */
  pending: ReadonlySet<string>;
  nominatedNodeName?: string;
  victims: readonly PodInfo[];
  /** A claim whose devices are to be given back, and one that is to go, for a later attempt's sake. */
  release?: ResourceClaim;
  remove?: ResourceClaim;
  evaluatedNodes: number;
}

export type Decision = Placement | Misfit;

export interface Search {
  feasible: NodeInfo[];
  refused: { node: NodeInfo; status: Status }[];
  evaluated: number;
}

/** Filters that are left after pre-filters said "skip". */
type Filters = readonly (Plugin & Required<Pick<Plugin, 'filter'>>)[];

function firstRefusal(filters: Filters, cycle: Cycle, node: NodeInfo): Status | undefined {
  for (const plugin of filters) {
    const status = plugin.filter(cycle, node);
    if (status) return status;
  }
  return undefined;
}

function copyCycle(profile: Profile, cycle: Cycle): Cycle {
  const state = new Map(cycle.state);
  for (const plugin of profile.filter) {
    const own = state.get(plugin.name);
    if (plugin.copyState && own !== undefined) state.set(plugin.name, plugin.copyState(own));
  }
  return { ...cycle, state };
}

export class Run implements FilterRun {
  readonly filters: Filters;
  readonly #input: DecideInput;

  constructor(input: DecideInput, filters: Filters) {
    this.#input = input;
    this.filters = filters;
  }

  /**
   * A node must do both with the pods nominated to it, which may come, and without them, which may not (an affinity to one of them must
   * not count on it).
   */
  fits(cycle: Cycle, node: NodeInfo): Status | undefined {
    const nominated = this.#input.nominatedTo(node.name);
    if (nominated.length > 0) {
      const others = nominated.filter((other) => other.uid !== cycle.pod.uid && other.priority >= cycle.pod.priority);
      if (others.length > 0) {
        const [tried, copy] = [this.copy(cycle), node.copy()];
        for (const other of others) this.addPod(tried, other, copy);
        const status = firstRefusal(this.filters, tried, copy);
        if (status) return status;
      }
    }
    return firstRefusal(this.filters, cycle, node);
  }

  addPod(cycle: Cycle, pod: PodInfo, node: NodeInfo): void {
    node.addPod(pod);
    for (const plugin of this.filters) plugin.addPod?.(cycle, pod, node);
  }

  removePod(cycle: Cycle, pod: PodInfo, node: NodeInfo): void {
    node.removePod(pod.uid);
    for (const plugin of this.filters) plugin.removePod?.(cycle, pod, node);
  }

  copy(cycle: Cycle): Cycle {
    return copyCycle(this.#input.profile, cycle);
  }

  random(bound: number): number {
    return this.#input.random(bound);
  }

  nominatedTo(nodeName: string): readonly PodInfo[] {
    return this.#input.nominatedTo(nodeName);
  }

  nominatedNodeOf(pod: PodInfo): string | undefined {
    return this.#input.nominatedNodeOf?.(pod.uid) ?? pod.pod.status?.nominatedNodeName;
  }

  isLeaving(pod: PodInfo): boolean {
    return this.#input.isLeaving?.(pod.uid) ?? false;
  }
}

export interface PreFiltered {
  filters: Filters;
  nodeNames?: ReadonlySet<string>;
  narrowedBy: string[];
  status?: Status;
}

/** An attempt that a plug-in says has failed, not been refused. */
function failOn(status: Status, point: string): void {
  if (status.code === 'error') throw new Error(`running ${point} plugin "${status.plugin}": ${status.reasons.join(', ')}`);
}

function runPreFilters(profile: Profile, cycle: Cycle, evaluations: Evaluations | undefined): PreFiltered {
  const skipped = new Set<string>();
  const narrowedBy: string[] = [];
  let nodeNames: ReadonlySet<string> | undefined;
  let refused: Status | undefined;
  for (const plugin of profile.preFilter) {
    const result = plugin.preFilter(cycle);
    evaluations?.add('PreFilter', plugin.name);
    if (result?.status) {
      failOn(result.status, 'PreFilter');
      // Evicting pods may help: the others prepare themselves too, for preemption to ask them.
      if (result.status.code !== 'unschedulable') return { filters: [], narrowedBy, status: result.status };
      refused ??= result.status;
      continue;
    }
    if (result?.skip) skipped.add(plugin.name);
    if (!result?.nodeNames) continue;
    narrowedBy.push(plugin.name);
    nodeNames = nodeNames ? new Set([...nodeNames].filter((name) => result.nodeNames!.has(name))) : result.nodeNames;
    if (nodeNames.size === 0) {
      const who = narrowedBy.length === 1 ? `node(s) didn't satisfy plugin ${plugin.name}` : `node(s) didn't satisfy plugin(s) [${narrowedBy.toSorted().join(' ')}] simultaneously`;
      return { filters: [], narrowedBy, status: refusal(plugin.name, 'unresolvable', who) };
    }
  }
  const filters = skipped.size === 0 ? profile.filter : profile.filter.filter((plugin) => !skipped.has(plugin.name));
  return { filters, narrowedBy, ...(nodeNames ? { nodeNames } : {}), ...(refused ? { status: refused } : {}) };
}

function search(run: Run, cycle: Cycle, nodes: readonly NodeInfo[], start: number, enough: number): Search {
  const found: Search = { feasible: [], refused: [], evaluated: 0 };
  const count = nodes.length;
  for (let i = 0; i < count && found.feasible.length < enough; i++) {
    const node = nodes[(start + i) % count]!;
    const status = run.fits(cycle, node);
    found.evaluated++;
    if (status) {
      failOn(status, 'Filter');
      found.refused.push({ node, status });
    } else found.feasible.push(node);
  }
  return found;
}

/** Sums of weighted scores, in the order of `nodes`. */
export function totalScores(profile: Profile, cycle: Cycle, nodes: readonly NodeInfo[], { timer, evaluations }: Pick<DecideInput, 'timer' | 'evaluations'> = {}): Float64Array {
  const speakers = timed(timer, 'PreScore', () => profile.score.filter(({ plugin }) => {
    if (plugin.preScore) evaluations?.add('PreScore', plugin.name);
    return plugin.preScore?.(cycle, nodes) !== false;
  }), () => 'Success');
  return timed(timer, 'Score', () => {
    const totals = new Float64Array(nodes.length);
    const scores = new Float64Array(nodes.length);
    for (const { plugin, weight } of speakers) {
      evaluations?.add('Score', plugin.name, nodes.length);
      for (let i = 0; i < nodes.length; i++) scores[i] = plugin.score(cycle, nodes[i]!);
      plugin.normalize?.(cycle, scores);
      for (let i = 0; i < nodes.length; i++) totals[i]! += weight * scores[i]!;
    }
    return totals;
  }, () => 'Success');
}

/** One of the nodes with the highest score, each with the same chance: one draw, however many they are. */
export function best(nodes: readonly NodeInfo[], totals: Float64Array, random: (bound: number) => number): NodeInfo {
  let highest = totals[0]!;
  let ties = 1;
  for (let i = 1; i < nodes.length; i++) {
    const total = totals[i]!;
    if (total > highest) {
      highest = total;
      ties = 1;
    } else if (total === highest) ties++;
  }
  let left = ties === 1 ? 0 : random(ties);
  for (let i = 0; i < nodes.length; i++) if (totals[i] === highest && left-- === 0) return nodes[i]!;
  return nodes[0]!;
}

function absentStatus(narrowedBy: readonly string[]): Status | undefined {
  if (narrowedBy.length === 0) return undefined;
  return refusal(narrowedBy[0]!, 'unresolvable', `node(s) didn't satisfy plugin(s) [${narrowedBy.toSorted().join(' ')}]`);
}

/** What the filters found, before anybody chooses. */
export interface Prepared {
  cycle: Cycle;
  pre: PreFiltered;
  run: Run;
  found: Search;
  nextStartIndex: number;
}

const NOTHING: Search = { feasible: [], refused: [], evaluated: 0 };

const statusWord: Record<Status['code'], string> = { unschedulable: 'Unschedulable', unresolvable: 'UnschedulableAndUnresolvable', pending: 'Pending', error: 'Error' };

/** Does the work of a point, and tells how long it took. */
function timed<T>(timer: PointTimer | undefined, point: string, work: () => T, statusOf: (result: T) => string): T {
  if (!timer) return work();
  const since = timer.now();
  const result = work();
  timer.took(point, since, statusOf(result));
  return result;
}

/** Pre-filters and filters. */
export function prepare(input: DecideInput): Prepared {
  const { profile, pod, snapshot, lookups, timer } = input;
  const cycle: Cycle = { pod, snapshot, lookups, state: new Map() };
  const all = snapshot.nodes;
  if (all.length === 0) return { cycle, pre: { filters: [], narrowedBy: [] }, run: new Run(input, []), found: NOTHING, nextStartIndex: 0 };
  const pre = timed(timer, 'PreFilter', () => runPreFilters(profile, cycle, input.evaluations), ({ status }) => (status ? statusWord[status.code] : 'Success'));
  const run = new Run(input, pre.filters);
  if (pre.status) return { cycle, pre, run, found: NOTHING, nextStartIndex: input.startIndex };
  const nominated = run.nominatedNodeOf(pod);
  const hoped = nominated && (pre.nodeNames?.has(nominated) ?? true) ? snapshot.get(nominated) : undefined;
  const here = input.startIndex % all.length;
  if (hoped && !run.fits(cycle, hoped)) return { cycle, pre, run, found: { feasible: [hoped], refused: [], evaluated: 1 }, nextStartIndex: here };
  return searchAll(input, cycle, pre, run);
}

/** Filters over all nodes that come into question, from where the last search ended, until enough will do. */
export function searchAll(input: DecideInput, cycle: Cycle, pre: PreFiltered, run: Run): Prepared {
  const all = input.snapshot.nodes;
  const nodes = pre.nodeNames ? [...pre.nodeNames].flatMap((name) => input.snapshot.get(name) ?? []) : all;
  const start = pre.nodeNames ? 0 : input.startIndex % all.length;
  const enough = feasibleNodesToFind(nodes.length, input.percentageOfNodesToScore);
  const found = timed(input.timer, 'Filter', () => search(run, cycle, nodes, start, enough), ({ feasible }) => (feasible.length > 0 ? 'Success' : 'Unschedulable'));
  input.evaluations?.filtered(pre.filters, found.evaluated, found.refused);
  return { cycle, pre, run, found, nextStartIndex: pre.nodeNames ? start : (start + found.evaluated) % all.length };
}

/** The placement on one of the nodes that will do. */
export function placement({ cycle, found }: Prepared, nodeName: string): Placement {
  return { type: 'placed', cycle, nodeName, evaluatedNodes: found.evaluated, feasibleNodes: found.feasible.length };
}

/** What post-filters say, last word first. */
export function runPostFilters(input: DecideInput, prepared: Prepared): PostFilterResult[] {
  const { pre, found } = prepared;
  const refused = pre.status ? input.snapshot.nodes.map((node) => ({ node, status: pre.status! })) : found.refused;
  const statuses: NodeStatuses = new Map(refused.map(({ node, status }) => [node.name, status]));
  const results: PostFilterResult[] = [];
  for (const plugin of input.profile.postFilter) {
    const post = timed(input.timer, 'PostFilter', () => plugin.postFilter(prepared.cycle, statuses, prepared.run), (result) => (result?.status ? statusWord[result.status.code] : 'Success'));
    if (!post) continue;
    results.unshift(post);
    if (!post.status) break;
  }
  return results;
}

/** Why nothing will do, with what the post-filters could do about it. */
export function misfit(input: DecideInput, prepared: Prepared, post: readonly PostFilterResult[]): Misfit {
  const { cycle, pre, found } = prepared;
  const nodeCount = input.snapshot.nodes.length;
  const absent = absentStatus(pre.narrowedBy);
  const diagnosis: Diagnosis = { nodeCount, refused: found.refused, ...(pre.status ? { preFilter: pre.status } : {}), ...(absent ? { absent } : {}) };
  const all = [...(pre.status ? [pre.status] : []), ...found.refused.map((entry) => entry.status)];
  const result: Misfit = {
    type: 'unplaced', cycle, message: '', victims: post[0]?.victims ?? [], evaluatedNodes: found.evaluated,
    rejectors: new Set([...all.map((status) => status.plugin), ...pre.narrowedBy]),
    pending: new Set(all.filter((status) => status.code === 'pending').map((status) => status.plugin)),
  };
  // Any node that comes is worth a try, whatever a single plug-in would say of it.
  if (nodeCount === 0) result.rejectors = new Set(input.profile.interests.keys());
  const said = post.toReversed().flatMap((each) => each.status?.reasons ?? []);
  if (said.length > 0) diagnosis.postFilter = said.join(', ');
  const nominated = post.find((each) => each.nominatedNodeName !== undefined)?.nominatedNodeName;
  if (nominated !== undefined) result.nominatedNodeName = nominated;
  const release = post.find((each) => each.release)?.release;
  const remove = post.find((each) => each.remove)?.remove;
  if (release) result.release = release;
  if (remove) result.remove = remove;
  result.message = fitMessage(diagnosis);
  return result;
}

/** The decision, and where the next search should begin. */
export function decide(input: DecideInput): { decision: Decision; nextStartIndex: number } {
  const prepared = prepare(input);
  const { cycle, found, nextStartIndex } = prepared;
  if (found.feasible.length === 0) {
    const post = input.snapshot.nodes.length === 0 ? [] : runPostFilters(input, prepared);
    return { decision: misfit(input, prepared, post), nextStartIndex };
  }
  const node = found.feasible.length === 1
    ? found.feasible[0]!
    : best(found.feasible, totalScores(input.profile, cycle, found.feasible, input), input.random);
  return { decision: placement(prepared, node.name), nextStartIndex };
}
