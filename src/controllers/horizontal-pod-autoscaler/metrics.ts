/** Reading the three metrics APIs, whoever serves them, and putting a metric of an autoscaler against its target. */
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../api/autoscaling/v2/types.ts';
import { formatQuantity, quantityOf, quantityToMilli } from '../../api/meta/quantity.ts';
import { formatLabelSelector } from '../../api/meta/selectors.ts';
import { StatusError } from '../../api/meta/status.ts';
import { parseDuration, parseTime } from '../../api/meta/time.ts';
import type { LabelSelector } from '../../api/meta/v1/types.ts';
import type { Client } from '../../client/types.ts';
import { averageReplicas, MetricError, sharedReplicas, utilizationReplicas, valueReplicas, type PodSample, type PodsQuestion, type Proposal } from './replicas.ts';

interface PodMetrics {
  metadata: { name: string };
  timestamp: string;
  window: string;
  containers?: { name: string; usage: Record<string, string> }[];
}

interface MetricValue {
  describedObject: { name: string };
  timestamp: string;
  windowSeconds?: number;
  value: string;
}

/** Where a sample's window is not told. */
const defaultWindowMs = 60_000;
const customVersions = ['v1beta2', 'v1beta1'] as const;

/** As the three APIs answer; each method throws MetricError in upstream's words. */
export class MetricsReader {
  readonly #client: Client;
  /** Which version of custom.metrics.k8s.io answered. */
  #customVersion: string | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Usage of a resource by pod: of all its containers, or of one. */
  async resource(namespace: string, selector: string, resource: string, container?: string): Promise<Map<string, PodSample>> {
    let items: PodMetrics[];
    try {
      ({ items } = await this.#client.request<{ items: PodMetrics[] }>({ method: 'GET', path: `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`, query: { labelSelector: selector } }));
    } catch (error) {
      throw new MetricError(`unable to fetch metrics from resource metrics API: ${reasonOf(error, 'get pods.metrics.k8s.io')}`);
    }
    if (items.length === 0) throw new MetricError('no metrics returned from resource metrics API');
    const samples = new Map<string, PodSample>();
    for (const pod of items) {
      const containers = (pod.containers ?? []).filter((each) => container === undefined || each.name === container);
      if (container !== undefined && containers.length === 0) throw new MetricError(`container ${container} not present in metrics for pod ${namespace}/${pod.metadata.name}`);
      // A container without the value says nothing about the pod as a whole.
      if (containers.length === 0 || containers.some((each) => each.usage[resource] === undefined)) continue;
      const milli = containers.reduce((total, each) => total + quantityToMilli(each.usage[resource]!), 0);
      samples.set(pod.metadata.name, { milli, timestampMs: parseTime(pod.timestamp), windowMs: Number(parseDuration(pod.window) / 1_000_000n) });
    }
    return samples;
  }

  async #custom(path: string, query: Record<string, string>): Promise<MetricValue[]> {
    let last: unknown;
    for (const version of this.#customVersion ? [this.#customVersion] : customVersions) {
      try {
        const { items } = await this.#client.request<{ items: MetricValue[] }>({ method: 'GET', path: `/apis/custom.metrics.k8s.io/${version}/${path}`, query });
        this.#customVersion = version;
        if (items.length === 0) break;
        return items;
      } catch (error) {
        last = error;
        if (!(error instanceof StatusError) || error.code !== 404) break;
      }
    }
    if (last !== undefined) {
      this.#customVersion = undefined;
      throw new MetricError(`unable to fetch metrics from custom metrics API: ${last instanceof Error ? last.message : String(last)}`);
    }
    throw new MetricError('no metrics returned from custom metrics API');
  }

  async pods(namespace: string, selector: string, metric: string, metricSelector: LabelSelector | undefined): Promise<Map<string, PodSample>> {
    const items = await this.#custom(`namespaces/${namespace}/pods/*/${encodeURIComponent(metric)}`, { labelSelector: selector, ...selectorQuery('metricLabelSelector', metricSelector) });
    return new Map(items.map((item) => [item.describedObject.name, {
      milli: quantityToMilli(item.value), timestampMs: parseTime(item.timestamp), windowMs: item.windowSeconds === undefined ? defaultWindowMs : item.windowSeconds * 1000,
    }]));
  }

  /** `resource` is the described object's plural with its group, as `ingresses.networking.k8s.io`. */
  async object(namespace: string, resource: string, name: string, metric: string, metricSelector: LabelSelector | undefined): Promise<number> {
    const path = resource === 'namespaces' ? `namespaces/${name}/metrics/${encodeURIComponent(metric)}` : `namespaces/${namespace}/${resource}/${name}/${encodeURIComponent(metric)}`;
    const [item] = await this.#custom(path, selectorQuery('metricLabelSelector', metricSelector));
    return quantityToMilli(item!.value);
  }

  async external(namespace: string, metric: string, metricSelector: LabelSelector | undefined): Promise<number> {
    let items: { value: string }[];
    try {
      ({ items } = await this.#client.request<{ items: { value: string }[] }>({
        method: 'GET', path: `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${encodeURIComponent(metric)}`, query: selectorQuery('labelSelector', metricSelector),
      }));
    } catch (error) {
      throw new MetricError(`unable to fetch metrics from external metrics API: ${reasonOf(error, `get ${metric}.external.metrics.k8s.io`)}`);
    }
    if (items.length === 0) throw new MetricError('no metrics returned from external metrics API');
    return items.reduce((total, item) => total + quantityToMilli(item.value), 0);
  }
}

const selectorQuery = (key: string, selector: LabelSelector | undefined): Record<string, string> => (selector ? { [key]: formatLabelSelector(selector) } : {});

/** An API that nobody serves says so in the words that users search for. */
function reasonOf(error: unknown, action: string): string {
  if (error instanceof StatusError && error.code === 404) return `the server could not find the requested resource (${action})`;
  return error instanceof Error ? error.message : String(error);
}

/** One metric of an autoscaler, looked up and judged. */
export interface Judged {
  replicas: number;
  /** What a rescale event names. */
  name: string;
  status: MetricStatus;
}

/** Turns a failure into the condition's reason, with the prefix that goes before its text in events. */
export class JudgementError extends Error {
  readonly reason: string;
  readonly prefix: string;
  constructor(reason: string, prefix: string, message: string) {
    super(message);
    this.reason = reason;
    this.prefix = prefix;
  }
}

export interface JudgeContext {
  autoscaler: HorizontalPodAutoscaler;
  reader: MetricsReader;
  selector: string;
  statusReplicas: number;
  question: Omit<PodsQuestion, 'samples'>;
  /** `deployments.apps` for a reference to one. */
  resourceOf(reference: { kind: string; apiVersion?: string }): Promise<string>;
}

const amount = (milli: number): string => formatQuantity(quantityOf(Math.trunc(milli), -3));

async function ofResource(context: JudgeContext, resource: string, target: MetricTarget, container: string | undefined): Promise<Omit<Judged, 'status'> & { proposal: Proposal }> {
  const { autoscaler, reader, selector, question } = context;
  const asUtilization = target.averageValue === undefined;
  const read = async (): Promise<PodsQuestion & { resource: string }> => {
    try {
      return { ...question, resource, samples: await reader.resource(autoscaler.metadata.namespace!, selector, resource, container) };
    } catch (error) {
      throw new MetricError(`unable to get metrics for resource ${resource}: ${(error as Error).message}`);
    }
  };
  try {
    if (!asUtilization) {
      const proposal = averageReplicas(await read(), quantityToMilli(target.averageValue!));
      return { replicas: proposal.replicas, name: `${resource} resource`, proposal };
    }
    if (target.averageUtilization === undefined) throw new MetricError('invalid resource metric source: neither an average utilization target nor an average value (usage) target was set');
    const proposal = utilizationReplicas({ ...(await read()), ...(container === undefined ? {} : { container }) }, target.averageUtilization);
    return { replicas: proposal.replicas, name: `${resource} resource utilization (percentage of request)`, proposal };
  } catch (error) {
    throw new MetricError(`failed to get ${resource} ${asUtilization ? 'utilization' : 'usage'}: ${(error as Error).message}`);
  }
}

const resourceCurrent = (proposal: Proposal): MetricValueStatus =>
  ({ averageValue: amount(proposal.milli), ...(proposal.utilization === undefined ? {} : { averageUtilization: proposal.utilization }) });

async function ofObject(context: JudgeContext, spec: NonNullable<MetricSpec['object']>): Promise<Judged> {
  const { autoscaler, reader, question, statusReplicas } = context;
  const { metric, describedObject, target } = spec;
  const namespace = autoscaler.metadata.namespace!;
  let milli: number;
  try {
    milli = await reader.object(namespace, await context.resourceOf(describedObject), describedObject.name, metric.name, metric.selector);
  } catch (error) {
    throw new MetricError(`unable to get metric ${metric.name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/${(error as Error).message}`);
  }
  const byAverage = target.type === 'AverageValue' && target.averageValue !== undefined;
  if (!byAverage && target.value === undefined) throw new MetricError('invalid object metric source: neither a value target nor an average value target was set');
  const proposal = byAverage
    ? sharedReplicas(statusReplicas, milli, quantityToMilli(target.averageValue!), question.tolerance)
    : valueReplicas(question.currentReplicas, milli, quantityToMilli(target.value!), question.tolerance, question.pods);
  const name = byAverage ? `external metric ${metric.name}` : `${describedObject.kind} metric ${metric.name}`;
  return { replicas: proposal.replicas, name, status: { type: 'Object', object: { describedObject, metric, current: { [byAverage ? 'averageValue' : 'value']: amount(proposal.milli) } } } };
}

async function ofExternal(context: JudgeContext, spec: NonNullable<MetricSpec['external']>): Promise<Judged> {
  const { autoscaler, reader, question, statusReplicas } = context;
  const { metric, target } = spec;
  const namespace = autoscaler.metadata.namespace!;
  if (target.averageValue === undefined && target.value === undefined) throw new MetricError('invalid external metric source: neither a value target nor an average value target was set');
  let milli: number;
  try {
    milli = await reader.external(namespace, metric.name, metric.selector);
  } catch (error) {
    throw new MetricError(`unable to get external metric ${namespace}/${metric.name}/${formatLabelSelector(metric.selector)}: ${(error as Error).message}`);
  }
  const proposal = target.averageValue === undefined
    ? valueReplicas(question.currentReplicas, milli, quantityToMilli(target.value!), question.tolerance, question.pods)
    : sharedReplicas(statusReplicas, milli, quantityToMilli(target.averageValue), question.tolerance);
  const current = target.averageValue === undefined ? { value: amount(proposal.milli) } : { averageValue: amount(proposal.milli) };
  return { replicas: proposal.replicas, name: `external metric ${metric.name}(${formatLabelSelector(metric.selector)})`, status: { type: 'External', external: { metric, current } } };
}

async function ofPods(context: JudgeContext, spec: NonNullable<MetricSpec['pods']>): Promise<Judged> {
  const { autoscaler, reader, selector, question } = context;
  let samples: Map<string, PodSample>;
  try {
    samples = await reader.pods(autoscaler.metadata.namespace!, selector, spec.metric.name, spec.metric.selector);
  } catch (error) {
    throw new MetricError(`unable to get metric ${spec.metric.name}: ${(error as Error).message}`);
  }
  const proposal = averageReplicas({ ...question, samples }, quantityToMilli(spec.target.averageValue ?? '0'));
  return { replicas: proposal.replicas, name: `pods metric ${spec.metric.name}`, status: { type: 'Pods', pods: { metric: spec.metric, current: { averageValue: amount(proposal.milli) } } } };
}

function failing(reason: string, prefix: string): (error: unknown) => never {
  return (error) => {
    throw new JudgementError(reason, prefix, error instanceof Error ? error.message : String(error));
  };
}

/** How many replicas the metric asks for. Throws JudgementError. */
export async function judge(context: JudgeContext, spec: MetricSpec): Promise<Judged> {
  if (spec.type === 'Resource' && spec.resource) {
    const { name, target } = spec.resource;
    const { proposal, ...rest } = await ofResource(context, name, target, undefined).catch(failing('FailedGetResourceMetric', `failed to get ${name} resource metric value`));
    return { ...rest, status: { type: 'Resource', resource: { name, current: resourceCurrent(proposal) } } };
  }
  if (spec.type === 'ContainerResource' && spec.containerResource) {
    const { name, target, container } = spec.containerResource;
    const { proposal, ...rest } = await ofResource(context, name, target, container).catch(failing('FailedGetContainerResourceMetric', `failed to get ${name} container metric value`));
    return { ...rest, status: { type: 'ContainerResource', containerResource: { name, container, current: resourceCurrent(proposal) } } };
  }
  if (spec.type === 'Pods' && spec.pods) return ofPods(context, spec.pods).catch(failing('FailedGetPodsMetric', 'failed to get pods metric value'));
  if (spec.type === 'Object' && spec.object) return ofObject(context, spec.object).catch(failing('FailedGetObjectMetric', 'failed to get object metric value'));
  if (spec.type === 'External' && spec.external) return ofExternal(context, spec.external).catch(failing('FailedGetExternalMetric', `failed to get ${spec.external.metric.name} external metric value`));
  throw new JudgementError('InvalidMetricSourceType', '', `unknown metric source type "${spec.type}"`);
}
