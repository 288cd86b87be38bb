/** Rules of horizontal pod autoscalers in their first version, and of the scale subresource. */
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue } from '../../meta/field.ts';
import { nonNegative } from '../../meta/validation.ts';
import { validateReplicaBounds, validateTargetReference } from '../v2/validation.ts';
import type { HorizontalPodAutoscaler, Scale } from './types.ts';

const SPEC = new FieldPath('spec');

export function validateAutoscaler(autoscaler: HorizontalPodAutoscaler): FieldError[] {
  const spec = autoscaler.spec;
  const percentage = spec?.targetCPUUtilizationPercentage;
  return [
    ...validateReplicaBounds(SPEC, spec?.minReplicas, spec?.maxReplicas),
    ...validateTargetReference(SPEC.child('scaleTargetRef'), spec?.scaleTargetRef),
    ...(percentage !== undefined && percentage < 1 ? [invalidValue(SPEC.child('targetCPUUtilizationPercentage'), percentage, 'must be greater than 0')] : []),
  ];
}

export function validateScale(scale: Scale): FieldError[] {
  return nonNegative(SPEC.child('replicas'), scale.spec?.replicas);
}
