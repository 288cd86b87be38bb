/** nodeSelector and node affinity: what is required must match, what is preferred adds its weight. */
import { normalizeScores, refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import { compileNodeSelector, compileNodeTerm, pinnedNodeNames, type NodeMatcher } from '../../api/core/v1/scheduling-terms.ts';
import type { NodeAffinity, Pod } from '../../api/core/v1/types.ts';
import { NO_LABELS } from '../pod-info.ts';
import type { Labels } from '../pod-info.ts';

const NAME = 'NodeAffinity';
export const NODE_AFFINITY_MISMATCH = refusal(NAME, 'unresolvable', "node(s) didn't match Pod's node affinity/selector");
const NO_NODE_COMES_INTO_QUESTION = refusal(NAME, 'unresolvable', 'pod affinity terms conflict');

interface State {
  required?: NodeMatcher;
  preferred?: { weight: number; matches: NodeMatcher }[];
}

/** nodeSelector and required node affinity as one check; undefined when the pod has neither. */
export function requiredNodeMatcher(pod: Pod): NodeMatcher | undefined {
  const selector = Object.entries(pod.spec?.nodeSelector ?? {});
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const matchesAffinity = required ? compileNodeSelector(required) : undefined;
  if (selector.length === 0) return matchesAffinity;
  return (name: string, labels: Labels) => {
    for (const [key, value] of selector) if (labels[key] !== value) return false;
    return matchesAffinity ? matchesAffinity(name, labels) : true;
  };
}

const NOT_IN_ADDED = refusal(NAME, 'unresolvable', "node(s) didn't match scheduler-enforced node affinity");

export interface NodeAffinityArgs {
  /** Holds for every pod of the profile, beside what the pod itself says. */
  addedAffinity?: NodeAffinity;
}

export function createNodeAffinity(args: NodeAffinityArgs = {}): Plugin {
  const addedTerms = args.addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const added = addedTerms && compileNodeSelector(addedTerms);
  const addedPreferences = (args.addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => ({ weight: term.weight, matches: compileNodeTerm(term.preference) }));
  return {
    name: NAME,
    preFilter(cycle) {
      const required = requiredNodeMatcher(cycle.pod.pod);
      if (!required && !added) return { skip: true };
      cycle.state.set(NAME, (required ? { required } : {}) satisfies State);
      const selector = cycle.pod.pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      const nodeNames = selector ? pinnedNodeNames(selector) : undefined;
      if (!nodeNames) return undefined;
      return nodeNames.size === 0 ? { status: NO_NODE_COMES_INTO_QUESTION } : { nodeNames };
    },
    filter(cycle, node) {
      if (added && !added(node.name, node.labels)) return NOT_IN_ADDED;
      const { required } = cycle.state.get(NAME) as State;
      return !required || required(node.name, node.labels) ? undefined : NODE_AFFINITY_MISMATCH;
    },
    preScore(cycle) {
      const terms = cycle.pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
      if (!terms?.length && addedPreferences.length === 0) return false;
      const preferred = (terms ?? []).filter((term) => term.weight !== 0).map((term) => ({ weight: term.weight, matches: compileNodeTerm(term.preference) })).concat(addedPreferences);
      cycle.state.set(NAME, { ...(cycle.state.get(NAME) as State | undefined), preferred } satisfies State);
      return true;
    },
    score(cycle, node) {
      let sum = 0;
      for (const { weight, matches } of (cycle.state.get(NAME) as State).preferred!) if (matches(node.name, node.labels)) sum += weight;
      return sum;
    },
    normalize: (_cycle, scores) => normalizeScores(scores, false),
    events: () => [
      {
        resource: 'Node',
        actions: ['add', 'updateLabels'],
        hint: (pod, event) => requiredNodeMatcher(pod.pod)?.(event.object!.metadata.name ?? '', event.object!.metadata.labels ?? NO_LABELS) ?? true,
      },
    ],
  };
}

export const nodeAffinity: Plugin = createNodeAffinity();
