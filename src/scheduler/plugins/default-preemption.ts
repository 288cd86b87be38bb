/**
 * When a pod fits nowhere: finds a node on which it would fit without some pods of lower priority, chooses the node where that hurts least, and
 * names the victims. The pod keeps its claim on the node (nominatedNodeName) until they are gone.
 */
import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { refusal } from '../framework.ts';
import type { Cycle, FilterRun, NodeStatuses, Plugin, PostFilterResult, PreemptionCandidate, Status } from '../framework.ts';
import { fitMessage } from '../message.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';

const NAME = 'DefaultPreemption';
const MIN_CANDIDATES_PERCENT = 10;
const MIN_CANDIDATES = 100;

const NOT_HELPFUL = refusal(NAME, 'unresolvable', 'Preemption is not helpful for scheduling');
const NO_VICTIMS = refusal(NAME, 'unresolvable', 'No preemption victims found for incoming pod');

/** A pod that no kubelet has started yet is as young as can be. */
const NOT_STARTED = '~';
const startOf = (pod: PodInfo): string => pod.pod.status?.startTime ?? NOT_STARTED;

/** Higher priority first, then who has run longer. */
const byImportance = (a: PodInfo, b: PodInfo): number => b.priority - a.priority || (startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0);

/** Splits pods by whether evicting them all, in this order, breaks a disruption budget. */
function splitByBudget(cycle: Cycle, pods: readonly PodInfo[]): { violating: PodInfo[]; others: PodInfo[] } {
  const allowed = new Map<PodDisruptionBudget, number>();
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    let violates = false;
    // No budget speaks of a pod without labels, not even by what it lacks.
    const budgets = Object.keys(pod.labels).length === 0 ? [] : cycle.lookups.disruptionBudgets(pod.namespace);
    for (const budget of budgets) {
      const selector = labelSelectorOf(budget.spec?.selector);
      if (selector.isEmpty || !selector(pod.labels) || budget.status?.disruptedPods?.[pod.name] !== undefined) continue;
      const left = (allowed.get(budget) ?? budget.status?.disruptionsAllowed ?? 0) - 1;
      allowed.set(budget, left);
      if (left < 0) violates = true;
    }
    (violates ? violating : others).push(pod);
  }
  return { violating, others };
}

/** The fewest pods, least important first, whose absence lets the newcomer in. */
function victimsOn(cycle: Cycle, original: NodeInfo, run: FilterRun): PreemptionCandidate | Status {
  // Most nodes have nobody to evict, and are passed over without making anything.
  if (!original.pods.some((pod) => pod.priority < cycle.pod.priority)) return NO_VICTIMS;
  const lower = original.pods.filter((pod) => pod.priority < cycle.pod.priority);
  const node = original.copy();
  const tried = run.copy(cycle);
  for (const pod of lower) run.removePod(tried, pod, node);
  const refused = run.fits(tried, node);
  if (refused) return refused;
  const victims: PodInfo[] = [];
  const spare = (pod: PodInfo): boolean => {
    run.addPod(tried, pod, node);
    if (!run.fits(tried, node)) return true;
    run.removePod(tried, pod, node);
    victims.push(pod);
    return false;
  };
  const { violating, others } = splitByBudget(cycle, lower.toSorted(byImportance));
  const violations = violating.filter((pod) => !spare(pod)).length;
  for (const pod of others) spare(pod);
  return { node: original, victims: victims.toSorted(byImportance), violations };
}

/** Fewest broken budgets, then the lowest highest priority, the lowest sum, the fewest victims, the latest start. */
function better(a: PreemptionCandidate, b: PreemptionCandidate): boolean {
  if (a.violations !== b.violations) return a.violations < b.violations;
  const [highestA, highestB] = [a.victims[0]!.priority, b.victims[0]!.priority];
  if (highestA !== highestB) return highestA < highestB;
  // Shifted, so that many victims of negative priority do not look cheaper than few.
  const sum = (candidate: PreemptionCandidate): number => candidate.victims.reduce((total, pod) => total + pod.priority + 2 ** 31, 0);
  if (sum(a) !== sum(b)) return sum(a) < sum(b);
  if (a.victims.length !== b.victims.length) return a.victims.length < b.victims.length;
  const earliest = (candidate: PreemptionCandidate): string => candidate.victims.filter((pod) => pod.priority === candidate.victims[0]!.priority).map(startOf).toSorted()[0]!;
  return earliest(a) > earliest(b);
}

/** Why the pod must not preempt now. */
function ineligible(cycle: Cycle, statuses: NodeStatuses, run: FilterRun): string | undefined {
  const { pod, snapshot } = cycle;
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = run.nominatedNodeOf(pod);
  const node = nominated ? snapshot.get(nominated) : undefined;
  if (!node || statuses.get(node.name)?.code === 'unresolvable') return undefined;
  // Our own word counts before the API shows it: otherwise the pod would look for more victims while its first ones are on their way out.
  const leaving = node.pods.some((other) => other.priority < pod.priority && (run.isLeaving(other) || other.pod.metadata.deletionTimestamp
    && other.pod.status?.conditions?.some((condition) => condition.type === 'DisruptionTarget' && condition.status === 'True' && condition.reason === 'PreemptionByScheduler')));
  return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

const refuse = (message: string): PostFilterResult => ({ victims: [], status: refusal(NAME, 'unschedulable', `preemption: ${message}`) });

function bestOf(candidates: readonly PreemptionCandidate[]): PreemptionCandidate | undefined {
  let best: PreemptionCandidate | undefined;
  for (const candidate of candidates) if (candidate.victims.length > 0 && (!best || better(candidate, best))) best = candidate;
  return best;
}

export interface DefaultPreemptionArgs {
  minCandidateNodesPercentage?: number;
  minCandidateNodesAbsolute?: number;
}

export function createDefaultPreemption(args: DefaultPreemptionArgs = {}): Plugin {
  const percent = args.minCandidateNodesPercentage ?? MIN_CANDIDATES_PERCENT;
  const absolute = args.minCandidateNodesAbsolute ?? MIN_CANDIDATES;
  return {
    name: NAME,
    postFilter(cycle, statuses, run) {
      const why = ineligible(cycle, statuses, run);
      if (why !== undefined) return refuse(why);
      const { nodes } = cycle.snapshot;
      const hopeful = nodes.filter((node) => statuses.get(node.name)?.code === 'unschedulable');
      const enough = Math.max(absolute, Math.trunc((hopeful.length * percent) / 100));
      const start = hopeful.length > 0 ? run.random(hopeful.length) : 0;
      const refused: { node: NodeInfo; status: Status }[] = [];
      const candidates: PreemptionCandidate[] = [];
      // One that breaks no budget is worth looking for, however many others there are.
      let harmless = false;
      for (let i = 0; i < hopeful.length && (candidates.length < enough || !harmless); i++) {
        const node = hopeful[(start + i) % hopeful.length]!;
        const result = victimsOn(cycle, node, run);
        if ('code' in result) refused.push({ node, status: result });
        else if (result.victims.length > 0) {
          candidates.push(result);
          harmless ||= result.violations === 0;
        }
      }
      const best = bestOf(candidates);
      if (best) return { nominatedNodeName: best.node.name, victims: best.victims, candidates, choose: bestOf };
      // A nomination that leads nowhere any more is taken back.
      return { ...refuse(fitMessage({ nodeCount: nodes.length, refused, absent: NOT_HELPFUL })), nominatedNodeName: '' };
    },
  };
}

export const defaultPreemption: Plugin = createDefaultPreemption();
