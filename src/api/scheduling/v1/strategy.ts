/** Strategies of the group scheduling.k8s.io. */
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { PriorityClass } from './types.ts';
import { validatePriorityClass, validatePriorityClassUpdate } from './validation.ts';

/** Kind to strategy. */
export function schedulingStrategies(): Record<string, Strategy<never>> {
  return {
    // Generation starts at 1 and, as nothing that counts can change, stays there.
    PriorityClass: makeStrategy<PriorityClass>({ namespaced: false, generation: ['value'], validate: validatePriorityClass, validateUpdate: validatePriorityClassUpdate }),
  };
}
