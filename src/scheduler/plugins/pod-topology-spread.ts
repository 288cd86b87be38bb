/**
 * Keeps pods of one kind evenly over zones, nodes or any other domain that a node label names: constraints that forbid (DoNotSchedule) filter,
 * those that only wish (ScheduleAnyway) score.
 */
import type { TopologySpreadConstraint } from '../../api/core/v1/types.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import type { ClusterEvent } from '../events.ts';
import { MAX_NODE_SCORE, refusal } from '../framework.ts';
import type { Cycle, Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { toleratedBy } from '../../api/core/v1/scheduling-terms.ts';
import { NO_LABELS } from '../pod-info.ts';
import type { Labels, PodInfo } from '../pod-info.ts';
import { remember } from '../snapshot.ts';
import { Tally } from '../tally.ts';
import { requiredNodeMatcher } from './node-affinity.ts';

const NAME = 'PodTopologySpread';
const HOSTNAME = 'kubernetes.io/hostname';
export const SPREAD_MISMATCH = refusal(NAME, 'unschedulable', "node(s) didn't match pod topology spread constraints");
export const SPREAD_LABEL_MISSING = refusal(NAME, 'unresolvable', "node(s) didn't match pod topology spread constraints (missing required label)");

interface Constraint {
  topologyKey: string;
  maxSkew: number;
  minDomains: number;
  matches: (labels: Labels) => boolean;
  honorAffinity: boolean;
  honorTaints: boolean;
}

function compile(constraint: TopologySpreadConstraint, pod: PodInfo): Constraint {
  const fromPod = (constraint.matchLabelKeys ?? []).filter((key) => pod.labels[key] !== undefined).map((key) => ({ key, operator: 'In', values: [pod.labels[key]!] }));
  const selector = constraint.labelSelector;
  return {
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    matches: selector ? labelSelectorOf({ ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...fromPod] }) : () => false,
    honorAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorTaints: (constraint.nodeTaintsPolicy ?? 'Ignore') === 'Honor',
  };
}

const constraintsOf = (pod: PodInfo, whenUnsatisfiable: string): Constraint[] =>
  (pod.pod.spec?.topologySpreadConstraints ?? []).filter((each) => each.whenUnsatisfiable === whenUnsatisfiable).map((each) => compile(each, pod));

const hardOf = new WeakMap<PodInfo, readonly Constraint[]>();

/** Whether a pod on a node that came, changed or went counts for what keeps the waiting pod out. */
export function countsFor(pod: PodInfo, { pod: other, old }: ClusterEvent): boolean {
  if (other?.namespace !== pod.namespace) return false;
  let hard = hardOf.get(pod);
  if (!hard) hardOf.set(pod, (hard = constraintsOf(pod, 'DoNotSchedule')));
  // What keeps it out then are the profile's constraints, over pods that only a cycle knows.
  return hard.length === 0 || hard.some((constraint) => constraint.matches(other.labels) || (old !== undefined && constraint.matches(old.metadata.labels ?? NO_LABELS)));
}

/** For pods that state nothing themselves: replicas wish to be apart, over nodes and over zones. */
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
];

/** Constraints of the profile, over the pods that serve with this one. */
function defaultConstraints(cycle: Cycle, constraints: readonly TopologySpreadConstraint[]): Constraint[] {
  if (constraints.length === 0) return [];
  const matches = cycle.lookups.siblings(cycle.pod.pod);
  return matches ? constraints.map((each) => ({ ...compile(each, cycle.pod), matches })) : [];
}

/** Nodes that count for a constraint, and how many of them each domain has. */
interface Domains {
  nodes: ReadonlySet<string>;
  sizes: ReadonlyMap<string, number>;
}

function domainsOf(cycle: Cycle, constraint: Constraint, keys: readonly string[]): Domains {
  const spec = cycle.pod.pod.spec;
  const affinity = constraint.honorAffinity ? [spec?.nodeSelector, spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution] : [];
  const tolerations = constraint.honorTaints ? (spec?.tolerations ?? []) : undefined;
  const memoKey = JSON.stringify([NAME, constraint.topologyKey, keys, affinity, tolerations]);
  return remember(cycle.snapshot, memoKey, () => {
    const required = constraint.honorAffinity ? requiredNodeMatcher(cycle.pod.pod) : undefined;
    const nodes = new Set<string>();
    const sizes = new Map<string, number>();
    for (const node of cycle.snapshot.nodes) {
      if (keys.some((key) => node.labels[key] === undefined)) continue;
      if (required && !required(node.name, node.labels)) continue;
      if (tolerations && node.node?.spec?.taints?.some((taint) => taint.effect !== 'PreferNoSchedule' && !toleratedBy(tolerations, taint))) continue;
      nodes.add(node.name);
      const value = node.labels[constraint.topologyKey];
      if (value !== undefined) sizes.set(value, (sizes.get(value) ?? 0) + 1);
    }
    return { nodes, sizes };
  });
}

/** Matching pods by domain, over the nodes that count. Pods that are being deleted are as good as gone. */
function countByDomain(cycle: Cycle, constraint: Constraint, domains: Domains): Tally {
  const tally = new Tally(constraint.topologyKey);
  for (const group of cycle.snapshot.index.groups()) {
    if (group.terminating || group.namespace !== cycle.pod.namespace || !constraint.matches(group.labels)) continue;
    tally.include(group.by(constraint.topologyKey, domains.nodes));
  }
  return tally;
}

interface Hard {
  constraint: Constraint;
  domains: Domains;
  counts: Tally;
  /** The count of the emptiest domain; worked out again after a change. */
  min: number | undefined;
  /** 1 when the newcomer itself is one of the pods that count. */
  self: number;
}

const copyHard = (hard: Hard): Hard => ({ ...hard, counts: hard.counts.copy() });

function minimum(hard: Hard): number {
  if (hard.min !== undefined) return hard.min;
  const { sizes } = hard.domains;
  hard.min = sizes.size < hard.constraint.minDomains ? 0 : hard.counts.min(sizes.keys());
  return hard.min;
}

function shift(cycle: Cycle, other: PodInfo, node: NodeInfo, by: 1 | -1): void {
  for (const hard of (cycle.state.get(NAME) as Hard[] | undefined) ?? []) {
    if (other.namespace !== cycle.pod.namespace || !hard.domains.nodes.has(node.name) || !hard.constraint.matches(other.labels)) continue;
    const value = node.labels[hard.constraint.topologyKey]!;
    hard.counts.change(value, by);
    hard.min = undefined;
  }
}

interface Soft {
  constraint: Constraint;
  /** By domain; for host names the pods of each node. */
  counts: Tally;
  /** Many domains make each single one count for less, so constraints over zones and over nodes are brought to one scale. */
  weight: number;
}

interface Scores {
  soft: Soft[];
  /** A node that lacks a label comes last; the defaults, which nobody asked for, only leave that label out. */
  needAllLabels: boolean;
}

const SCORES = `${NAME}/scores`;

function prepareScores(cycle: Cycle, nodes: readonly NodeInfo[], constraints: readonly Constraint[], needAllLabels: boolean): Soft[] {
  const keys = needAllLabels ? constraints.map((constraint) => constraint.topologyKey) : [];
  const candidates = nodes.filter((node) => keys.every((key) => node.labels[key] !== undefined));
  return constraints.map((constraint) => {
    const counts = countByDomain(cycle, constraint, domainsOf(cycle, constraint, keys));
    const values = new Set(candidates.map((node) => node.labels[constraint.topologyKey]));
    values.delete(undefined);
    const size = constraint.topologyKey === HOSTNAME ? candidates.length : values.size;
    return { constraint, counts, weight: Math.log(size + 2) };
  });
}

export interface PodTopologySpreadArgs {
  defaultingType?: 'System' | 'List';
  defaultConstraints?: readonly TopologySpreadConstraint[];
}

export function createPodTopologySpread(args: PodTopologySpreadArgs = {}): Plugin {
  const defaults: readonly TopologySpreadConstraint[] = args.defaultingType === 'List' ? (args.defaultConstraints ?? []) : SYSTEM_DEFAULTS;
  const defaultsFor = (cycle: Cycle, when: string): Constraint[] => defaultConstraints(cycle, defaults.filter((each) => each.whenUnsatisfiable === when));
  const states = (cycle: Cycle): boolean => (cycle.pod.pod.spec?.topologySpreadConstraints ?? []).length > 0;
  return {
    name: NAME,
    preFilter(cycle) {
      const constraints = states(cycle) ? constraintsOf(cycle.pod, 'DoNotSchedule') : defaultsFor(cycle, 'DoNotSchedule');
      if (constraints.length === 0) return { skip: true };
      const keys = constraints.map((constraint) => constraint.topologyKey);
      const state = constraints.map((constraint): Hard => {
        const domains = domainsOf(cycle, constraint, keys);
        const counts = countByDomain(cycle, constraint, domains);
        return { constraint, domains, counts, min: undefined, self: constraint.matches(cycle.pod.labels) ? 1 : 0 };
      });
      cycle.state.set(NAME, state);
      return undefined;
    },
    filter(cycle, node) {
      for (const hard of cycle.state.get(NAME) as Hard[]) {
        const value = node.labels[hard.constraint.topologyKey];
        if (value === undefined) return SPREAD_LABEL_MISSING;
        if (hard.counts.at(value) + hard.self - minimum(hard) > hard.constraint.maxSkew) return SPREAD_MISMATCH;
      }
      return undefined;
    },
    addPod: (cycle, pod, node) => shift(cycle, pod, node, 1),
    removePod: (cycle, pod, node) => shift(cycle, pod, node, -1),
    copyState: (state): Hard[] => (state as Hard[]).map(copyHard),
    preScore(cycle, nodes) {
      const own = states(cycle);
      // The defaults of the system, which nobody asked for, leave out only the label that a node lacks.
      const needAllLabels = own || args.defaultingType === 'List';
      const constraints = own ? constraintsOf(cycle.pod, 'ScheduleAnyway') : defaultsFor(cycle, 'ScheduleAnyway');
      if (constraints.length === 0) return false;
      cycle.state.set(SCORES, { soft: prepareScores(cycle, nodes, constraints, needAllLabels), needAllLabels } satisfies Scores);
      return true;
    },
    /** The fewer the better; below zero for nodes that lack a label. */
    score(cycle, node) {
      let sum = 0;
      const { soft, needAllLabels } = cycle.state.get(SCORES) as Scores;
      for (const { constraint, counts, weight } of soft) {
        const value = node.labels[constraint.topologyKey];
        if (value === undefined) {
          if (needAllLabels) return -1;
          continue;
        }
        sum += counts.at(value) * weight + (constraint.maxSkew - 1);
      }
      return Math.round(sum);
    },
    normalize(_cycle, scores) {
      let [min, max] = [Infinity, 0];
      for (const score of scores) {
        if (score < 0) continue;
        min = Math.min(min, score);
        max = Math.max(max, score);
      }
      for (let i = 0; i < scores.length; i++) {
        const score = scores[i]!;
        scores[i] = score < 0 ? 0 : max === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (max + min - score)) / max);
      }
    },
    events: () => [
      {
        resource: 'AssignedPod', actions: ['add', 'delete', 'update', 'updateLabels'],
        hint: countsFor,
      },
      { resource: 'PendingPod', actions: ['updateLabels', 'updateTolerations'], hint: (pod, event) => event.pod?.uid === pod.uid },
      { resource: 'Node', actions: ['add', 'delete', 'updateLabels', 'updateTaints'] },
    ],
  };
}

export const podTopologySpread: Plugin = createPodTopologySpread();
