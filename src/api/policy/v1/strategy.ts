/** Strategies of the group policy. */
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { PodDisruptionBudget } from './types.ts';
import { validateBudget, validateBudgetStatus } from './validation.ts';

/** Kind to strategy. */
export function policyStrategies(): Record<string, Strategy<never>> {
  return {
    PodDisruptionBudget: makeStrategy<PodDisruptionBudget>({
      namespaced: true, generation: ['spec'], status: true, unconditionalUpdate: false, validate: validateBudget, validateStatus: validateBudgetStatus,
    }),
  };
}
