/** Strategies of the group flowcontrol.apiserver.k8s.io. */
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { FlowSchema, PriorityLevelConfiguration } from './types.ts';
import { validateFlowSchema, validateFlowStatus, validatePriorityLevel } from './validation.ts';

/** Kind to strategy. */
export function flowcontrolStrategies(): Record<string, Strategy<never>> {
  const common = { namespaced: false, generation: ['spec'] as const, status: true, statusKeeps: 'all' as const };
  return {
    FlowSchema: makeStrategy<FlowSchema>({ ...common, validate: validateFlowSchema, validateStatus: validateFlowStatus }),
    PriorityLevelConfiguration: makeStrategy<PriorityLevelConfiguration>({ ...common, validate: validatePriorityLevel, validateStatus: validateFlowStatus }),
  };
}
