/** Why a pod is where it is, or nowhere: what every plug-in says of every node, not only the first that refuses. */
import { decide, totalScores } from '../decide.ts';
import type { Cycle, Lookups, Status } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { runPreEnqueue } from '../profile.ts';
import type { Profile } from '../profile.ts';
import type { Snapshot } from '../snapshot.ts';
import { changesAnywhere, changesFor } from './changes.ts';

export interface NodeExplanation {
  node: string;
  /** Empty: the node would take the pod. */
  rejections: { plugin: string; reasons: readonly string[]; changes: string[] }[];
  /** For nodes that would: each plug-in's score (0 to 100) with its weight, and their sum. */
  scores: { plugin: string; score: number; weight: number }[];
  total: number;
}

export interface Explanation {
  pod: { namespace: string; name: string };
  /** Where it is, when it has been placed. */
  placedOn?: string;
  /** The scheduler that it asks for, when that is another than whose plug-ins answer here. */
  otherScheduler?: string;
  /** The node on which the scheduler is making room for it. */
  nominatedNode?: string;
  /** What the scheduler says in the pod's status, made anew; absent when some node would take it. */
  message?: string;
  /** What preemption would do: these pods would be evicted from the node. */
  preemption?: { node: string; victims: string[] };
  /** What stops the pod whatever the node. */
  everywhere: { plugin: string; reasons: readonly string[]; changes: string[] }[];
  /** Nodes that would do first, the best in front; then those with the fewest changes. */
  nodes: NodeExplanation[];
}

export interface ExplainInput {
  profile: Profile;
  pod: PodInfo;
  /** Without the pod itself. */
  snapshot: Snapshot;
  lookups: Lookups;
}

const plain = ({ plugin, reasons }: Status): { plugin: string; reasons: readonly string[] } => ({ plugin, reasons });

/** Scores by plug-in, on the nodes that will do. */
function scoresOf(profile: Profile, cycle: Cycle, nodes: readonly NodeInfo[]): Map<string, NodeExplanation['scores']> {
  const byNode = new Map<string, NodeExplanation['scores']>(nodes.map((node) => [node.name, []]));
  for (const { plugin, weight } of profile.score) {
    if (plugin.preScore?.(cycle, nodes) === false) continue;
    const scores = Float64Array.from(nodes, (node) => plugin.score(cycle, node));
    plugin.normalize?.(cycle, scores);
    for (const [i, node] of nodes.entries()) byNode.get(node.name)!.push({ plugin: plugin.name, score: scores[i]!, weight });
  }
  return byNode;
}

/** The attempt that the scheduler would make now, over all nodes. */
function attempt({ profile, pod, snapshot, lookups }: ExplainInput): Pick<Explanation, 'message' | 'preemption'> {
  const { decision } = decide({ profile, pod, snapshot, lookups, startIndex: 0, percentageOfNodesToScore: 100, random: () => 0, nominatedTo: () => [] });
  if (decision.type === 'placed') return {};
  const { message, victims, nominatedNodeName } = decision;
  return { message, ...(nominatedNodeName && victims.length > 0 ? { preemption: { node: nominatedNodeName, victims: victims.map((victim) => `${victim.namespace}/${victim.name}`) } } : {}) };
}

export function explainPod({ profile, pod, snapshot, lookups }: ExplainInput): Explanation {
  const cycle: Cycle = { pod, snapshot, lookups, state: new Map() };
  const gate = runPreEnqueue(profile, pod);
  const anywhere = (status: Status): Explanation['everywhere'][number] => ({ ...plain(status), changes: changesAnywhere(cycle, status) });
  const everywhere = gate ? [anywhere(gate)] : [];
  const silent = new Set<string>();
  let only: ReadonlySet<string> | undefined;
  for (const plugin of profile.preFilter) {
    const result = plugin.preFilter(cycle);
    if (result?.status) everywhere.push(anywhere(result.status));
    if (result?.status || result?.skip) silent.add(plugin.name);
    if (result?.nodeNames) only = only ? new Set([...only].filter((name) => result.nodeNames!.has(name))) : result.nodeNames;
  }
  const filters = profile.filter.filter((plugin) => !silent.has(plugin.name));
  const nodes = snapshot.nodes.map((node): NodeExplanation => {
    const refusals = filters.flatMap((plugin) => plugin.filter(cycle, node) ?? []);
    if (refusals.length === 0 && only && !only.has(node.name)) refusals.push({ plugin: 'PreFilter', code: 'unresolvable', reasons: ['node(s) didn\'t satisfy plugin(s)'] });
    return { node: node.name, rejections: refusals.map((status) => ({ ...plain(status), changes: changesFor(cycle, node, status) })), scores: [], total: 0 };
  });
  const feasible = snapshot.nodes.filter((_node, i) => nodes[i]!.rejections.length === 0);
  const scores = scoresOf(profile, cycle, feasible);
  const totals = totalScores(profile, cycle, feasible);
  const sums = new Map(feasible.map((node, i) => [node.name, totals[i]!]));
  for (const each of nodes) {
    each.scores = scores.get(each.node) ?? [];
    each.total = sums.get(each.node) ?? 0;
  }
  const changes = (each: NodeExplanation): number => each.rejections.reduce((sum, { changes: own }) => sum + own.length, 0);
  nodes.sort((a, b) => changes(a) - changes(b) || b.total - a.total || (a.node < b.node ? -1 : 1));
  const placedOn = pod.pod.spec?.nodeName;
  const nominatedNode = pod.pod.status?.nominatedNodeName;
  return { pod: { namespace: pod.namespace, name: pod.name }, ...(placedOn ? { placedOn } : {}), ...(nominatedNode ? { nominatedNode } : {}), ...attempt({ profile, pod, snapshot, lookups }), everywhere, nodes };
}
