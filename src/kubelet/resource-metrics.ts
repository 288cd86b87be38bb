/** The answer to /metrics/resource: cumulative CPU and the working set of node, pods and containers, each with the moment it was read. */

/** One thing that uses resources; `labels` name it. */
export interface ResourceUsage {
  labels: Readonly<Record<string, string>>;
  cpuNanos?: number | undefined;
  memoryBytes?: number | undefined;
  startedMs?: number | undefined;
  atMs: number;
}

export interface ResourceReading {
  node: ResourceUsage;
  pods: readonly ResourceUsage[];
  containers: readonly ResourceUsage[];
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number, atMs?: number): string {
  const text = Object.entries(labels).map(([key, each]) => `${key}=${JSON.stringify(each)}`).join(',');
  return `${name}${text === '' ? '' : `{${text}}`} ${value}${atMs === undefined ? '' : ` ${atMs}`}`;
}

function family(name: string, help: string, type: 'counter' | 'gauge', all: readonly ResourceUsage[], valueOf: (usage: ResourceUsage) => number | undefined, timed = true): string[] {
  const lines = all.flatMap((usage) => {
    const value = valueOf(usage);
    return value === undefined ? [] : [sample(name, usage.labels, value, timed ? usage.atMs : undefined)];
  });
  return lines.length === 0 ? [] : [`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

/** In Prometheus' text form, under the names that upstream's kubelets use. */
export function resourceMetricsText({ node, pods, containers }: ResourceReading): string {
  const seconds = ({ cpuNanos }: ResourceUsage): number | undefined => (cpuNanos === undefined ? undefined : cpuNanos / 1e9);
  const bytes = ({ memoryBytes }: ResourceUsage): number | undefined => memoryBytes;
  return [
    ...family('container_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the container in core-seconds', 'counter', containers, seconds),
    ...family('container_memory_working_set_bytes', 'Current working set of the container in bytes', 'gauge', containers, bytes),
    ...family('container_start_time_seconds', 'Start time of the container since unix epoch in seconds', 'gauge', containers, ({ startedMs }) => (startedMs === undefined ? undefined : startedMs / 1000), false),
    ...family('node_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the node in core-seconds', 'counter', [node], seconds),
    ...family('node_memory_working_set_bytes', 'Current working set of the node in bytes', 'gauge', [node], bytes),
    ...family('pod_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the pod in core-seconds', 'counter', pods, seconds),
    ...family('pod_memory_working_set_bytes', 'Current working set of the pod in bytes', 'gauge', pods, bytes),
    '# HELP resource_scrape_error [STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
    '# TYPE resource_scrape_error gauge',
    'resource_scrape_error 0',
    '',
  ].join('\n');
}
