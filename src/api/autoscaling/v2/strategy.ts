/** Strategies of the group autoscaling, version v2. */
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { HorizontalPodAutoscaler } from './types.ts';
import { validateAutoscaler, validateAutoscalerStatus } from './validation.ts';

/** Kind to strategy. */
export function autoscalingStrategies(): Record<string, Strategy<never>> {
  return {
    HorizontalPodAutoscaler: makeStrategy<HorizontalPodAutoscaler>({
      namespaced: true, status: true,
      prepareForCreate(autoscaler) {
        autoscaler.status = { desiredReplicas: 0 };
      },
      validate: validateAutoscaler, validateStatus: validateAutoscalerStatus,
    }),
  };
}
