/** Counts requests and takes their time. */
import type { Clock } from '../../host/types.ts';
import type { ServerMetrics } from '../endpoints/server-metrics.ts';
import type { RequestInfo, ServerRequest, ServerResponse, Stage } from '../types.ts';
import { resourceFor } from '../../api/resources.ts';
import { withEnd } from '../body.ts';
import { isWhole } from '../pieces.ts';
import { infoOf, isLongRunning } from './request-info.ts';

const knownMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE']);

/** `LIST`, `WATCH`, `APPLY`, `CONNECT` …: the verb as the metrics have it. */
function verbOf(request: ServerRequest, info: RequestInfo): string {
  if (request.wantsUpgrade || ['exec', 'attach', 'portforward', 'proxy'].includes(info.subresource)) return 'CONNECT';
  if (request.method === 'PATCH' && (request.headers['content-type'] ?? '').startsWith('application/apply-patch')) return 'APPLY';
  if (!info.isResourceRequest) return knownMethods.has(request.method) ? request.method : 'other';
  switch (info.verb) {
    case 'create': return 'POST';
    case 'update': return 'PUT';
    case 'deletecollection': return 'DELETECOLLECTION';
    default: return info.verb === '' ? 'other' : info.verb.toUpperCase();
  }
}

function scopeOf(info: RequestInfo): string {
  if (!info.isResourceRequest) return '';
  if (info.name !== '' || info.verb === 'create') return 'resource';
  return info.namespace === '' ? 'cluster' : 'namespace';
}

/** Group, resource, scope, subresource and version, for the labels. What no API has is left out: labels that strangers choose would never end. */
function labelsOf(info: RequestInfo): { what: [string, string, string, string]; version: string } {
  if (!info.isResourceRequest) return { what: ['', '', '', /^\/(?:healthz|livez|readyz)(?:\/[a-z-]{1,40})?$/.test(info.path) ? info.path : ''], version: '' };
  const resource = resourceFor(info.apiGroup, info.apiVersion, info.resource);
  if (!resource) return { what: ['', '', '', ''], version: '' };
  const known = resource.subresources.some((subresource) => subresource.name === info.subresource);
  return { what: [info.apiGroup, info.resource, scopeOf(info), known ? info.subresource : ''], version: info.apiVersion };
}

export function measure(clock: Clock, metrics: ServerMetrics): Stage {
  const component = 'apiserver';
  return {
    name: 'metrics',
    async handle(request, next) {
      const info = infoOf(request);
      const started = clock.monotonic();
      const verb = verbOf(request, info);
      const { what, version } = labelsOf(info);
      const dryRun = request.query.get('dryRun') === 'All' ? 'All' : '';
      const finish = (response: ServerResponse): void => {
        const system = (request.authenticatedUser ?? request.user)?.name.startsWith('system:apiserver') ?? false;
        metrics.requests.add([String(response.status), component, dryRun, ...what, String(system), verb, version]);
        if (!isLongRunning(info)) metrics.durations.observe([component, dryRun, ...what, verb, version], (clock.monotonic() - started) / 1000);
        if (response.sharedBytes !== undefined) metrics.sizes.observe([component, ...what, verb, version], response.sharedBytes);
        else if (response.body !== undefined && isWhole(response.body)) metrics.sizes.observe([component, ...what, verb, version], response.body.length);
      };
      const response = await next(request);
      finish(response);
      const { body, events } = response;
      const streams = !isWhole(body);
      if (isLongRunning(info) && (streams || events)) {
        const labels = [component, ...what, verb, version];
        metrics.longRunning.add(labels);
        const ended = (): void => metrics.longRunning.add(labels, -1);
        if (streams) response.body = withEnd(body, ended);
        else if (events) response.events = withEnd(events, ended);
      }
      return response;
    },
  };
}
