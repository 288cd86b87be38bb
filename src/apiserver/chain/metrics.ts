/** Counts requests and takes their time. */
import type { CounterSeries, HistogramSeries } from '../../base/metrics.ts';
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

/** What requests of one sort are counted under. */
interface Sort {
  /** Group, resource, scope, subresource, verb and version. */
  labels: readonly string[];
  duration: HistogramSeries | undefined;
  size: HistogramSeries | undefined;
  /** By status code, of clients that are not the server itself and write for good: nearly all. */
  requests: Map<number, CounterSeries>;
}

/** Custom resources, whose requests are counted as long as there are definitions of them. */
export interface CustomSorts {
  /** The subresources of one that is served; undefined where none is. */
  subresourcesOf(group: string, version: string, plural: string): readonly string[] | undefined;
  /** Calls with the name of each definition that came, changed or went. */
  onChange(listener: (definition: string) => void): void;
  /** Whether there is such a definition. */
  has(definition: string): boolean;
}

/** Group, resource, scope and subresource, for the labels. What no API has is left out: labels that strangers choose would never end. */
function labelsOf(info: RequestInfo, custom: CustomSorts | undefined): [string, string, string, string] {
  if (!info.isResourceRequest) return ['', '', '', /^\/(?:healthz|livez|readyz)(?:\/[a-z-]{1,40})?$/.test(info.path) ? info.path : ''];
  const resource = resourceFor(info.apiGroup, info.apiVersion, info.resource);
  const subresources = resource ? resource.subresources.map(({ name }) => name) : custom?.subresourcesOf(info.apiGroup, info.apiVersion, info.resource);
  if (subresources === undefined) return ['', '', '', ''];
  return [info.apiGroup, info.resource, scopeOf(info), subresources.includes(info.subresource) ? info.subresource : ''];
}

/** Finds the sort of a request without looking up each of its series: only sorts of known resources and subresources are kept, so that they end. */
class Sorts {
  readonly #kept = new Map<string, Sort>();
  /** Definitions of whose objects something has been counted. */
  readonly #counted = new Set<string>();
  readonly #custom: CustomSorts | undefined;

  constructor(custom: CustomSorts | undefined, metrics: ServerMetrics) {
    this.#custom = custom;
    custom?.onChange((definition) => this.#changed(definition, metrics));
  }

  /** Kinds come and go without an end: with a definition goes what has been counted of its objects. */
  #changed(definition: string, { requests, durations, sizes, longRunning }: ServerMetrics): void {
    if (!this.#counted.has(definition)) return;
    const dot = definition.indexOf('.');
    const [resource, group] = [definition.slice(0, dot), definition.slice(dot + 1)];
    for (const [key, { labels }] of this.#kept) if (labels[0] === group && labels[1] === resource) this.#kept.delete(key);
    if (this.#custom!.has(definition)) return;
    this.#counted.delete(definition);
    for (const metric of [requests, durations, sizes, longRunning]) metric.forgetAll([group, resource]);
  }

  of(info: RequestInfo, verb: string): Sort {
    const key = info.isResourceRequest ? `${verb}/${info.apiGroup}/${info.apiVersion}/${info.resource}/${info.subresource}/${scopeOf(info)}` : '';
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const [group, resource, scope, subresource] = labelsOf(info, this.#custom);
    const version = resource === '' ? '' : info.apiVersion;
    const sort: Sort = { labels: [group, resource, scope, subresource, verb, version], duration: undefined, size: undefined, requests: new Map() };
    if (this.#custom?.has(`${resource}.${group}`) === true) this.#counted.add(`${resource}.${group}`);
    if (resource !== '' && subresource === info.subresource) this.#kept.set(key, sort);
    return sort;
  }
}

export function measure(clock: Clock, metrics: ServerMetrics, custom?: CustomSorts): Stage {
  const component = 'apiserver';
  const sorts = new Sorts(custom, metrics);
  return {
    name: 'metrics',
    async handle(request, next) {
      const info = infoOf(request);
      const started = clock.monotonic();
      const sort = sorts.of(info, verbOf(request, info));
      const { labels } = sort;
      const dryRun = request.query.get('dryRun') === 'All' ? 'All' : '';
      const finish = (response: ServerResponse): void => {
        const system = (request.authenticatedUser ?? request.user)?.name.startsWith('system:apiserver') ?? false;
        const counted = (): CounterSeries => metrics.requests.at([String(response.status), component, dryRun, ...labels.slice(0, 4), String(system), ...labels.slice(4)]);
        const plain = !system && dryRun === '';
        let requests = plain ? sort.requests.get(response.status) : counted();
        if (requests === undefined) sort.requests.set(response.status, (requests = counted()));
        requests.add();
        if (!isLongRunning(info)) {
          const duration = dryRun === '' ? (sort.duration ??= metrics.durations.at([component, '', ...labels])) : metrics.durations.at([component, dryRun, ...labels]);
          duration.observe((clock.monotonic() - started) / 1000);
        }
        const bytes = response.sharedBytes ?? (response.body !== undefined && isWhole(response.body) ? response.body.length : undefined);
        if (bytes !== undefined) (sort.size ??= metrics.sizes.at([component, ...labels])).observe(bytes);
      };
      const response = await next(request);
      finish(response);
      const { body, events } = response;
      const streams = !isWhole(body);
      if (isLongRunning(info) && (streams || events)) {
        const open = metrics.longRunning.at([component, ...labels]);
        open.add();
        const ended = (): void => open.add(-1);
        if (streams) response.body = withEnd(body, ended);
        else if (events) response.events = withEnd(events, ended);
      }
      return response;
    },
  };
}
