/** The eviction subresource: a delete that asks the pod's disruption budget first (https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/). */
import { failure, tooManyRequests } from '../../../api/meta/status.ts';
import { labelSelectorOf } from '../../../api/meta/selectors.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import type { PodDisruptionBudget } from '../../../api/policy/v1/types.ts';

/** Disruptions that a budget may have open at once before it is taken to be out of step with its controller. */
const disruptedPodsLimit = 2_000;

/** What an eviction comes to: the budget to write first, if any; then the pod is deleted. */
export interface EvictionDecision {
  budget?: PodDisruptionBudget;
}

const isReady = (pod: Pod): boolean => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

/** Pods that have ended, have not begun, or are going anyway disturb nobody. */
function needsNoBudget(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined;
}

function disturbsNobody(pod: Pod, budget: PodDisruptionBudget): boolean {
  if (isReady(pod)) return false;
  if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function refuseFor(budget: PodDisruptionBudget): never {
  const name = budget.metadata.name!;
  const { desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {};
  throw tooManyRequests('Cannot evict pod as it would violate the pod\'s disruption budget.', 0, [
    { reason: 'DisruptionBudget', message: `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently` },
  ]);
}

function retryLater(budget: PodDisruptionBudget): never {
  throw tooManyRequests('Cannot evict pod as it would violate the pod\'s disruption budget.', 10, [
    { reason: 'DisruptionBudget', message: `The disruption budget ${budget.metadata.name} is still being processed by the server.` },
  ]);
}

/** Decides over the budgets of the pod's namespace. Throws StatusError 429 when a budget forbids it now, 500 when several budgets claim the pod. */
export function decideEviction(pod: Pod, budgets: readonly PodDisruptionBudget[], nowMs: number): EvictionDecision {
  if (needsNoBudget(pod)) return {};
  const matching = budgets.filter((budget) => budget.metadata.namespace === pod.metadata.namespace && budget.spec?.selector && labelSelectorOf(budget.spec.selector)(pod.metadata.labels ?? {}));
  if (matching.length === 0) return {};
  if (matching.length > 1) throw failure(500, 'InternalError', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  const budget = matching[0]!;
  if (disturbsNobody(pod, budget)) return {};
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = budget.status ?? {};
  if (observedGeneration < (budget.metadata.generation ?? 0)) retryLater(budget);
  if (disruptionsAllowed < 0) throw failure(403, 'Forbidden', `pdb disruptions allowed is negative for budget ${budget.metadata.name}`);
  if (Object.keys(disruptedPods).length > disruptedPodsLimit) throw failure(403, 'Forbidden', `DisruptedPods map too big - too many evictions not confirmed by PDB controller for budget ${budget.metadata.name}`);
  if (disruptionsAllowed === 0) refuseFor(budget);
  return {
    budget: {
      ...budget,
      status: { ...budget.status!, disruptionsAllowed: disruptionsAllowed - 1, disruptedPods: { ...disruptedPods, [pod.metadata.name!]: formatTime(nowMs) } },
    },
  };
}
