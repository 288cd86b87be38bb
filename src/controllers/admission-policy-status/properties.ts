import type { ValidatingAdmissionPolicy } from '../../api/admissionregistration/v1/types.ts';
import { ValidatingAdmissionPolicies } from '../../api/resources.ts';
import { nameOf, safety, unobserved, type Properties } from '../property.ts';

export const properties: Properties = {
  safety: [
    safety<ValidatingAdmissionPolicy>({
      name: 'policies are judged as they are', promise: 'the status never speaks of a generation that the policy has not had', of: ValidatingAdmissionPolicies,
      broken: ({ type, object }) => (type !== 'deleted' && (object.status?.observedGeneration ?? 0) > (object.metadata.generation ?? 0) ? `${nameOf(object)} is of generation ${object.metadata.generation}, and its status speaks of ${object.status?.observedGeneration}` : undefined),
    }),
  ],
  liveness: [{
    name: 'policies are checked', promise: 'the expressions of every policy have been checked since its last change',
    *missing(world) {
      for (const policy of world.list(ValidatingAdmissionPolicies)) yield* unobserved(policy);
    },
  }],
};
