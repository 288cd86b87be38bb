/** Strategies of the group apiregistration.k8s.io. */
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
      prepareForCreate(service) {
        service.status = {};
      },
      validate: validateApiService, validateStatus: validateApiServiceStatus,
    }),
  };
}
