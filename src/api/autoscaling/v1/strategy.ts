/** Strategies of the group autoscaling, version v1. */
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import { validateAutoscalerStatus } from '../v2/validation.ts';
import type { HorizontalPodAutoscaler, Scale } from './types.ts';
import { validateAutoscaler, validateScale } from './validation.ts';

/** Kind to strategy. */
export function autoscalingV1Strategies(): Record<string, Strategy<never>> {
  return {
    HorizontalPodAutoscaler: makeStrategy<HorizontalPodAutoscaler>({
      namespaced: true, status: true,
      prepareForCreate(autoscaler) {
        autoscaler.status = { currentReplicas: 0, desiredReplicas: 0 };
      },
      validate: validateAutoscaler, validateStatus: validateAutoscalerStatus,
    }),
    Scale: makeStrategy<Scale>({ namespaced: true, validate: validateScale }),
  };
}
