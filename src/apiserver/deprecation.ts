/** APIs that are served and should no longer be used: every request for one is answered with a warning. */
import type { ServerMetrics } from './endpoints/server-metrics.ts';
import type { RequestInfo, ServerRequest } from './types.ts';

interface Deprecation {
  warning: string;
  /** The release that will not have it any more; '' when none is named. */
  removed: string;
}

const deprecations: Readonly<Record<string, Deprecation>> = {
  '/v1/componentstatuses': { warning: 'v1 ComponentStatus is deprecated in v1.19+', removed: '' },
  '/v1/endpoints': { warning: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice', removed: '' },
};

/** Warns of what the request asks for, and notes that somebody did. */
export function noteDeprecation(request: ServerRequest, { apiGroup, apiVersion, resource, subresource }: RequestInfo, metrics: ServerMetrics): void {
  const key = `${apiGroup}/${apiVersion}/${resource}`;
  if (!Object.hasOwn(deprecations, key)) return;
  const { warning, removed } = deprecations[key]!;
  request.warnings.push(warning);
  metrics.deprecatedApis.set([apiGroup, removed, resource, subresource, apiVersion], 1);
}
