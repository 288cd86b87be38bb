/** Strategies of the group discovery.k8s.io. */
import { addressWarnings } from '../../meta/addresses.ts';
import { FieldPath } from '../../meta/field.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import { sameValue } from '../../meta/validation.ts';
import type { EndpointSlice } from './types.ts';
import { validateSlice, validateSliceUpdate } from './validation.ts';

/** Kind to strategy. */
export function discoveryStrategies(): Record<string, Strategy<never>> {
  return {
    EndpointSlice: makeStrategy<EndpointSlice>({
      namespaced: true, generation: ['addressType', 'endpoints', 'ports'],
      alsoRaises: (slice, old) => !sameValue(slice.metadata.labels ?? {}, old.metadata.labels ?? {}),
      validate: validateSlice, validateUpdate: validateSliceUpdate,
      warnings: (slice) => (slice.addressType === 'FQDN' ? [] : (slice.endpoints ?? []).flatMap((endpoint, i) =>
        (endpoint.addresses ?? []).flatMap((address, j) => addressWarnings(new FieldPath('endpoints').index(i).child('addresses').index(j), address)))),
    }),
  };
}
