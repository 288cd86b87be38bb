/** Strategies of the group node.k8s.io. */
import { selectorWarnings } from '../../core/v1/node-labels.ts';
import { FieldPath } from '../../meta/field.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { RuntimeClass } from './types.ts';
import { validateRuntimeClass, validateRuntimeClassUpdate } from './validation.ts';

/** Kind to strategy. */
export function nodeStrategies(): Record<string, Strategy<never>> {
  return {
    RuntimeClass: makeStrategy<RuntimeClass>({
      namespaced: false, createOnUpdate: true, unconditionalUpdate: false, validate: validateRuntimeClass, validateUpdate: validateRuntimeClassUpdate,
      warnings: (runtime) => selectorWarnings(new FieldPath('scheduling.nodeSelector'), runtime.scheduling?.nodeSelector, false),
    }),
  };
}
