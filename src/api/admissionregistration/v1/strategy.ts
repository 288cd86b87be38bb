/** Strategies of the group admissionregistration.k8s.io. */
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import { validateMutatingBinding, validateMutatingPolicy, validateValidatingBinding, validateValidatingPolicy } from './policies.ts';
import type {
  MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingWebhookConfiguration, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingWebhookConfiguration,
} from './types.ts';
import { validateWebhooks } from './validation.ts';

/** Kind to strategy. */
export function admissionregistrationStrategies(): Record<string, Strategy<never>> {
  const common = { namespaced: false, unconditionalUpdate: false };
  return {
    ValidatingWebhookConfiguration: makeStrategy<ValidatingWebhookConfiguration>({ ...common, generation: ['webhooks'], validate: validateWebhooks }),
    MutatingWebhookConfiguration: makeStrategy<MutatingWebhookConfiguration>({ ...common, generation: ['webhooks'], validate: validateWebhooks }),
    ValidatingAdmissionPolicy: makeStrategy<ValidatingAdmissionPolicy>({ ...common, generation: ['spec'], status: true, statusKeeps: 'all', validate: validateValidatingPolicy }),
    ValidatingAdmissionPolicyBinding: makeStrategy<ValidatingAdmissionPolicyBinding>({ ...common, generation: ['spec'], validate: validateValidatingBinding }),
    MutatingAdmissionPolicy: makeStrategy<MutatingAdmissionPolicy>({ ...common, generation: ['spec'], validate: validateMutatingPolicy }),
    MutatingAdmissionPolicyBinding: makeStrategy<MutatingAdmissionPolicyBinding>({ ...common, generation: ['spec'], validate: validateMutatingBinding }),
  };
}
