/** What pods ask for and what they may have, as metrics: the page `/metrics/resources`. */
import type { Container, Pod } from '../api/core/v1/types.ts';
import { Counter, MetricsRegistry } from '../base/metrics.ts';
import { amountOf } from './resource-amounts.ts';

const LABELS = ['namespace', 'pod', 'node', 'scheduler', 'priority', 'resource', 'unit'];

type Kind = 'requests' | 'limits';

/** Unit and size of a resource; undefined for those that are not told. */
function unitOf(resource: string): { unit: string; scale: 1 | 1000 } | undefined {
  if (resource === 'cpu') return { unit: 'cores', scale: 1000 };
  if (resource === 'memory' || resource === 'storage' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-')) return { unit: 'bytes', scale: 1 };
  return resource.startsWith('attachable-volumes-') || resource.includes('/') ? { unit: 'integer', scale: 1 } : undefined;
}

function add(into: Map<string, number>, container: Pick<Container, 'resources'>, kind: Kind): void {
  for (const [name, amount] of Object.entries(container.resources?.[kind] ?? {})) into.set(name, (into.get(name) ?? 0) + amountOf(amount, name === 'cpu' ? 1000 : 1));
}

/** Containers and sidecars together, or the largest ordinary init container beside the sidecars before it; overhead on top. */
function totalsOf(pod: Pod, kind: Kind): Map<string, number> {
  const spec = pod.spec!;
  const totals = new Map<string, number>();
  for (const container of spec.containers) add(totals, container, kind);
  const sidecars = new Map<string, number>();
  const peaks = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    const now = new Map(sidecars);
    add(now, container, kind);
    for (const [name, amount] of now) peaks.set(name, Math.max(peaks.get(name) ?? 0, amount));
    if (container.restartPolicy !== 'Always') continue;
    add(sidecars, container, kind);
    add(totals, container, kind);
  }
  for (const [name, peak] of peaks) totals.set(name, Math.max(totals.get(name) ?? 0, peak));
  for (const [name, amount] of Object.entries(spec.resources?.[kind] ?? {})) totals.set(name, amountOf(amount, name === 'cpu' ? 1000 : 1));
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) if (kind === 'requests' || totals.has(name)) totals.set(name, (totals.get(name) ?? 0) + amountOf(amount, name === 'cpu' ? 1000 : 1));
  return totals;
}

/** The page's text. Pods that have ended ask for nothing. */
export function podResourcesText(pods: readonly Pod[]): string {
  const registry = new MetricsRegistry();
  const gauges = {
    limits: registry.register(new Counter('kube_pod_resource_limit', 'Resources limit for workloads on the cluster, broken down by pod. This shows the resource usage the scheduler and kubelet expect per pod for resources along with the unit for the resource if any.', LABELS, 'gauge')),
    requests: registry.register(new Counter('kube_pod_resource_request', 'Resources requested by workloads on the cluster, broken down by pod. This shows the resource usage the scheduler and kubelet expect per pod for resources along with the unit for the resource if any.', LABELS, 'gauge')),
  };
  for (const pod of pods) {
    if (!pod.spec || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    const { nodeName = '', schedulerName = '', priority } = pod.spec;
    for (const kind of ['limits', 'requests'] as const) {
      for (const [resource, amount] of totalsOf(pod, kind)) {
        const known = unitOf(resource);
        if (known && amount !== 0) gauges[kind].set([pod.metadata.namespace ?? '', pod.metadata.name ?? '', nodeName, schedulerName, priority === undefined ? '' : String(priority), resource, known.unit], amount / known.scale);
      }
    }
  }
  return registry.text();
}
