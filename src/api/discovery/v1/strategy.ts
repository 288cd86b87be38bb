/** Strategies of the group discovery.k8s.io. */
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
    }),
  };
}
