/** Strategies of the group apiregistration.k8s.io. */
import { formatTime } from '../../meta/time.ts';
import { pathSegmentName } from '../../meta/names.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { APIService } from './types.ts';
import { validateApiService, validateApiServiceStatus } from './validation.ts';

/** Kind to strategy. */
export function apiregistrationStrategies(): Record<string, Strategy<never>> {
  return {
    APIService: makeStrategy<APIService>({
      namespaced: false, name: pathSegmentName, unconditionalUpdate: false, status: true, statusKeeps: 'all',
      prepareForCreate(service, { now }) {
        // What this server serves itself is there from the first moment.
        service.status = service.spec?.service ? {} : { conditions: [{ type: 'Available', status: 'True', lastTransitionTime: formatTime(now), reason: 'Local', message: 'Local APIServices are always available' }] };
      },
      validate: validateApiService, validateStatus: validateApiServiceStatus,
    }),
  };
}
