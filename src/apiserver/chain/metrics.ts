/** Counts requests and takes their time. */
import type { Clock } from '../../host/types.ts';
import type { ServerMetrics } from '../endpoints/server-metrics.ts';
import type { RequestInfo, ServerRequest, ServerResponse, Stage } from '../types.ts';
import { withEnd } from '../body.ts';
import { infoOf, isLongRunning } from './request-info.ts';

/** `LIST`, `WATCH`, `APPLY`, `CONNECT` …: the verb as the metrics have it. */
function verbOf(request: ServerRequest, info: RequestInfo): string {
  if (request.wantsUpgrade || ['exec', 'attach', 'portforward', 'proxy'].includes(info.subresource)) return 'CONNECT';
  if (request.method === 'PATCH' && (request.headers['content-type'] ?? '').startsWith('application/apply-patch')) return 'APPLY';
  if (!info.isResourceRequest) return request.method;
  switch (info.verb) {
    case 'create': return 'POST';
    case 'update': return 'PUT';
    case 'deletecollection': return 'DELETECOLLECTION';
    default: return info.verb.toUpperCase();
  }
}

function scopeOf(info: RequestInfo): string {
  if (!info.isResourceRequest) return '';
  if (info.name !== '' || info.verb === 'create') return 'resource';
  return info.namespace === '' ? 'cluster' : 'namespace';
}

export function measure(clock: Clock, metrics: ServerMetrics): Stage {
  const component = 'apiserver';
  return {
    name: 'metrics',
    async handle(request, next) {
      const info = infoOf(request);
      const started = clock.monotonic();
      const verb = verbOf(request, info);
      const scope = scopeOf(info);
      const what = info.isResourceRequest ? [info.apiGroup, info.resource, scope, info.subresource] : ['', '', '', info.path.startsWith('/healthz') || info.path.startsWith('/livez') || info.path.startsWith('/readyz') ? info.path : ''];
      const dryRun = request.query.get('dryRun') ?? '';
      const finish = (response: ServerResponse): void => {
        const system = (request.authenticatedUser ?? request.user)?.name.startsWith('system:apiserver') ?? false;
        metrics.requests.add([String(response.status), component, dryRun, ...what, String(system), verb, info.apiVersion]);
        if (!isLongRunning(info)) metrics.durations.observe([component, dryRun, ...what, verb, info.apiVersion], (clock.monotonic() - started) / 1000);
        if (typeof response.body === 'string' || response.body instanceof Uint8Array) metrics.sizes.observe([component, ...what, verb, info.apiVersion], response.body.length);
      };
      const response = await next(request);
      finish(response);
      if (isLongRunning(info) && response.body && typeof response.body !== 'string' && !(response.body instanceof Uint8Array)) {
        const labels = [component, ...what, verb, info.apiVersion];
        metrics.longRunning.add(labels);
        response.body = withEnd(response.body, () => metrics.longRunning.add(labels, -1));
      }
      return response;
    },
  };
}
