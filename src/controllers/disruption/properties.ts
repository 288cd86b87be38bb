import { isPodReady } from '../../api/core/v1/pods.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { PodDisruptionBudgets, Pods } from '../../api/resources.ts';
import { isGoing, nameOf, safety, unobserved, type Properties } from '../property.ts';

export const properties: Properties = {
  safety: [
    safety<PodDisruptionBudget>({
      name: 'budgets allow only what there is', promise: 'a budget never allows fewer than none to go, nor more than are healthy beyond those that must stay', of: PodDisruptionBudgets,
      broken({ type, object }) {
        const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = type === 'updated' ? (object.status ?? {}) : {};
        return disruptionsAllowed < 0 || disruptionsAllowed > Math.max(0, currentHealthy - desiredHealthy)
          ? `${nameOf(object)} allows ${disruptionsAllowed} to go: ${currentHealthy} are healthy, ${desiredHealthy} must be` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'budgets count truly', promise: 'currentHealthy is the number of ready pods that the budget selects, and that nobody let go',
    *missing(world) {
      for (const budget of world.list(PodDisruptionBudgets)) {
        yield* unobserved(budget);
        const matches = labelSelectorOf(budget.spec?.selector);
        const gone = budget.status?.disruptedPods ?? {};
        const healthy = world.list(Pods, budget.metadata.namespace).filter((pod) => matches(pod.metadata.labels) && isPodReady(pod) && !isGoing(pod) && gone[pod.metadata.name!] === undefined).length;
        const isBlind = budget.status?.conditions?.some(({ reason }) => reason === 'SyncFailed');
        if (!isBlind && (budget.status?.currentHealthy ?? 0) !== healthy) yield `${nameOf(budget)} counts ${budget.status?.currentHealthy ?? 0} healthy pods, and there are ${healthy}`;
      }
    },
  }],
};
