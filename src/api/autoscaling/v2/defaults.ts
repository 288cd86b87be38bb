/** What the server fills in on horizontal pod autoscalers. */
import type { Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import type { HPAScalingRules, HorizontalPodAutoscaler } from './types.ts';

const CPU_UTILIZATION_PERCENT = 80;
const POLICY_PERIOD_SECONDS = 15;

function scaleUp(rules: HPAScalingRules): void {
  rules.stabilizationWindowSeconds ??= 0;
  if (unset(rules.selectPolicy)) rules.selectPolicy = 'Max';
  rules.policies ??= [
    { type: 'Pods', value: 4, periodSeconds: POLICY_PERIOD_SECONDS },
    { type: 'Percent', value: 100, periodSeconds: POLICY_PERIOD_SECONDS },
  ];
}

function scaleDown(rules: HPAScalingRules): void {
  if (unset(rules.selectPolicy)) rules.selectPolicy = 'Max';
  rules.policies ??= [{ type: 'Percent', value: 100, periodSeconds: POLICY_PERIOD_SECONDS }];
}

function autoscaler({ spec }: HorizontalPodAutoscaler): void {
  if (spec === undefined) return;
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0) {
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_UTILIZATION_PERCENT } } }];
  }
  if (spec.behavior === undefined) return;
  scaleUp((spec.behavior.scaleUp ??= {}));
  scaleDown((spec.behavior.scaleDown ??= {}));
}

export const autoscalingDefaulters: Defaulters = {
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler': autoscaler,
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler': ({ spec }: HorizontalPodAutoscaler) => {
    if (spec !== undefined) spec.minReplicas ??= 1;
  },
};
