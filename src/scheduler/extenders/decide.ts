/**
 * A scheduling cycle in which webhooks have a say: after the filters they may refuse nodes, they add to the scores, and they may change what
 * preemption would do. One cycle at a time, as without them; the decision waits for their answers.
 */
import { best, misfit, placement, prepare, runPostFilters, searchAll, totalScores } from '../decide.ts';
import type { DecideInput, Decision, Prepared } from '../decide.ts';
import { refusal } from '../framework.ts';
import type { PostFilterResult, PreemptionCandidate } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { Extender } from './extender.ts';

type Warn = (message: string, fields: Record<string, unknown>) => void;

/** Asks an extender; one that may be ignored and fails has no say. */
async function ask<T>(extender: Extender, warn: Warn, question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch (error) {
    if (!extender.settings.ignorable) throw error;
    warn('extender does not answer, and is ignored', { extender: extender.name, error: String((error as Error)?.message ?? error) });
    return undefined;
  }
}

async function filtered(input: DecideInput, prepared: Prepared, extenders: readonly Extender[], warn: Warn): Promise<Prepared> {
  let { feasible } = prepared.found;
  const refused = [...prepared.found.refused];
  for (const extender of extenders) {
    if (feasible.length === 0) break;
    if (!extender.settings.filterVerb || !extender.isInterested(input.pod.pod)) continue;
    const verdict = await ask(extender, warn, () => extender.filter(input.pod, feasible));
    if (!verdict) continue;
    for (const [failed, code] of [[verdict.unresolvable, 'unresolvable'], [verdict.failed, 'unschedulable']] as const) {
      for (const [name, reason] of failed) {
        const node = input.snapshot.get(name);
        if (node && !(code === 'unschedulable' && verdict.unresolvable.has(name))) refused.push({ node, status: refusal(extender.name, code, reason) });
      }
    }
    feasible = verdict.feasible;
  }
  return { ...prepared, found: { ...prepared.found, feasible, refused } };
}

async function addScores(input: DecideInput, nodes: readonly NodeInfo[], totals: Float64Array, extenders: readonly Extender[], warn: Warn): Promise<void> {
  const asked = extenders.filter((extender) => extender.settings.prioritizeVerb && extender.isInterested(input.pod.pod));
  const all = await Promise.all(asked.map(async (extender) => {
    try {
      return await extender.prioritize(input.pod, nodes);
    } catch (error) {
      // A preference that cannot be had is no reason not to place the pod.
      warn('extender gave no scores', { extender: extender.name, error: String((error as Error)?.message ?? error) });
      return undefined;
    }
  }));
  for (const scores of all) if (scores) for (const [i, node] of nodes.entries()) totals[i]! += scores.get(node.name) ?? 0;
}

async function preempted(input: DecideInput, post: readonly PostFilterResult[], extenders: readonly Extender[], warn: Warn): Promise<readonly PostFilterResult[]> {
  const [last] = post;
  if (!last?.candidates?.length || !last.choose) return post;
  let candidates: readonly PreemptionCandidate[] = last.candidates;
  for (const extender of extenders) {
    if (!extender.settings.preemptVerb || !extender.isInterested(input.pod.pod)) continue;
    const asked = candidates;
    candidates = (await ask(extender, warn, () => extender.preempt(input.pod, asked))) ?? candidates;
    if (candidates.length === 0) break;
  }
  const chosen = last.choose(candidates);
  return [chosen ? { nominatedNodeName: chosen.node.name, victims: chosen.victims } : { victims: [], nominatedNodeName: '' }, ...post.slice(1)];
}

/** The decision, and where the next search should begin. Rejects when an extender that may not be ignored fails. */
export async function decideWithExtenders(input: DecideInput, extenders: readonly Extender[], warn: Warn): Promise<{ decision: Decision; nextStartIndex: number }> {
  let prepared = prepare(input);
  const { cycle, pre, run } = prepared;
  const hoped = prepared.found.evaluated === 1 && prepared.found.feasible.length === 1 && input.pod.pod.status?.nominatedNodeName === prepared.found.feasible[0]!.name;
  prepared = await filtered(input, prepared, extenders, warn);
  // The node that preemption made room on will not do after all: look at all others.
  if (hoped && prepared.found.feasible.length === 0) prepared = await filtered(input, searchAll(input, cycle, pre, run), extenders, warn);
  const { feasible } = prepared.found;
  const { nextStartIndex } = prepared;
  if (feasible.length === 0) {
    const post = input.snapshot.nodes.length === 0 ? [] : await preempted(input, runPostFilters(input, prepared), extenders, warn);
    return { decision: misfit(input, prepared, post), nextStartIndex };
  }
  if (feasible.length === 1) return { decision: placement(prepared, feasible[0]!.name), nextStartIndex };
  const totals = totalScores(input.profile, cycle, feasible, input);
  await addScores(input, feasible, totals, extenders, warn);
  return { decision: placement(prepared, best(feasible, totals, input.random).name), nextStartIndex };
}
