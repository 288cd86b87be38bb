/** Taints: NoSchedule and NoExecute must be tolerated; of the rest, nodes with fewer untolerated PreferNoSchedule taints score higher. */
import { normalizeScores, refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import { toleratedBy } from '../../api/core/v1/scheduling-terms.ts';
import type { Node, Taint, Toleration } from '../../api/core/v1/types.ts';

const NAME = 'TaintToleration';
export const UNTOLERATED_TAINT = refusal(NAME, 'unresolvable', 'node(s) had untolerated taint(s)');

const repels = (taint: Taint): boolean => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';

function tolerated(tolerations: readonly Toleration[] | undefined, taints: readonly Taint[] | undefined): boolean {
  if (!taints) return true;
  for (const taint of taints) if (repels(taint) && !toleratedBy(tolerations, taint)) return false;
  return true;
}

export const taintToleration: Plugin = {
  name: NAME,
  filter(cycle, node) {
    const { taints } = node;
    return taints === undefined || tolerated(cycle.pod.pod.spec?.tolerations, taints) ? undefined : UNTOLERATED_TAINT;
  },
  preScore(cycle) {
    const tolerations = cycle.pod.pod.spec?.tolerations;
    const preferences = tolerations?.filter((toleration) => !toleration.effect || toleration.effect === 'PreferNoSchedule');
    cycle.state.set(NAME, preferences ?? []);
    return true;
  },
  score(cycle, node) {
    const { taints } = node;
    if (!taints) return 0;
    const tolerations = cycle.state.get(NAME) as readonly Toleration[];
    let intolerable = 0;
    for (const taint of taints) if (taint.effect === 'PreferNoSchedule' && !toleratedBy(tolerations, taint)) intolerable++;
    return intolerable;
  },
  normalize: (_cycle, scores) => normalizeScores(scores, true),
  events: () => [
    { resource: 'Node', actions: ['add', 'updateTaints'], hint: (pod, event) => tolerated(pod.pod.spec?.tolerations, (event.object as Node).spec?.taints) },
    { resource: 'PendingPod', actions: ['updateTolerations'], hint: (pod, event) => event.pod?.uid === pod.uid },
  ],
};
