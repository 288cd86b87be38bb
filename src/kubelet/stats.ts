/** What the node and its pods use: the answers to /stats/summary and /metrics. */
import type { ContainerStats } from '../cri/runtime.ts';
import { formatTime } from '../api/meta/time.ts';
import { tellBuild } from '../base/component-metrics.ts';
import { MetricsRegistry } from '../base/metrics.ts';
import { machineUsage } from './machine-usage.ts';
import { labelNames } from './names.ts';
import type { KubeletParts } from './parts.ts';
import type { PodWorkers } from './pod-workers.ts';
import { resourceMetricsText, type ResourceUsage } from './resource-metrics.ts';
import { podCgroupPath } from './resources.ts';
import type { StatsSource } from './server/index.ts';

interface CpuSample {
  nanos: number;
  atMs: number;
}

/** `{ timestamp, value }` lines of Prometheus' text form. */
function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const text = Object.entries(labels).map(([key, each]) => `${key}=${JSON.stringify(each)}`).join(',');
  return `${name}${text === '' ? '' : `{${text}}`} ${value}`;
}

export class StatsReader implements StatsSource {
  readonly #parts: KubeletParts;
  readonly #workers: PodWorkers;
  readonly #startedMs: number;
  readonly #samples = new Map<string, CpuSample>();
  readonly #registry = new MetricsRegistry();

  constructor(parts: KubeletParts, workers: PodWorkers) {
    const { build } = parts.context.config;
    if (build) tellBuild(this.#registry, build);
    this.#parts = parts;
    this.#workers = workers;
    this.#startedMs = parts.context.host.clock.now();
  }

  /** Nanoseconds a second since the last look. */
  #rate(key: string, nanos: number): number {
    const atMs = this.#parts.context.host.clock.now();
    const before = this.#samples.get(key);
    this.#samples.set(key, { nanos, atMs });
    return before && atMs > before.atMs ? Math.max(0, Math.round(((nanos - before.nanos) * 1000) / (atMs - before.atMs))) : 0;
  }

  #containerSummary(stats: ContainerStats): Record<string, unknown> {
    const time = (ms: number | undefined): string => formatTime(ms || this.#parts.context.host.clock.now());
    const nanos = stats.cpu?.usageCoreNanoSeconds ?? 0;
    return {
      name: stats.attributes?.labels[labelNames.containerName] ?? '',
      startTime: formatTime(this.#startedMs),
      cpu: { time: time(stats.cpu?.timestamp), usageNanoCores: stats.cpu?.usageNanoCores ?? this.#rate(stats.attributes?.id ?? '', nanos), usageCoreNanoSeconds: nanos },
      memory: { time: time(stats.memory?.timestamp), workingSetBytes: stats.memory?.workingSetBytes ?? 0, ...(stats.memory?.usageBytes === undefined ? {} : { usageBytes: stats.memory.usageBytes }), ...(stats.memory?.rssBytes === undefined ? {} : { rssBytes: stats.memory.rssBytes }) },
      rootfs: { time: time(stats.writableLayer?.timestamp), usedBytes: stats.writableLayer?.usedBytes ?? 0, inodesUsed: stats.writableLayer?.inodesUsed ?? 0 },
    };
  }

  async summary(): Promise<object> {
    const { context, cgroups } = this.#parts;
    const { host, config, runtime } = context;
    const [containers, disk, machine] = await Promise.all([runtime.listContainerStats(), host.disk.usage(config.rootDir), machineUsage(host.disk)]);
    const now = formatTime(host.clock.now());
    const nodeNanos = machine.cpuNanos;
    const pods = await Promise.all(this.#workers.all().map(async ({ pod }) => {
      const { uid, name, namespace } = pod.metadata;
      const usage = await cgroups.usage(podCgroupPath(config.cgroupRoot, pod));
      return {
        podRef: { name, namespace, uid },
        startTime: pod.status?.startTime ?? now,
        containers: containers.filter((c) => c.attributes?.labels[labelNames.podUid] === uid).map((c) => this.#containerSummary(c)),
        cpu: { time: now, usageNanoCores: this.#rate(`pod/${uid}`, usage.cpuNanos ?? 0), usageCoreNanoSeconds: usage.cpuNanos ?? 0 },
        memory: { time: now, usageBytes: usage.memoryBytes ?? 0, workingSetBytes: usage.workingSetBytes ?? 0 },
      };
    }));
    const { totalBytes: total, availableBytes: available } = machine;
    const fs = { time: now, availableBytes: disk.freeBytes, capacityBytes: disk.totalBytes, usedBytes: disk.totalBytes - disk.freeBytes, inodesFree: disk.freeInodes, inodes: disk.totalInodes, inodesUsed: disk.totalInodes - disk.freeInodes };
    return {
      node: {
        nodeName: config.nodeName,
        startTime: formatTime(this.#startedMs),
        cpu: { time: now, usageNanoCores: this.#rate('node', nodeNanos), usageCoreNanoSeconds: nodeNanos },
        memory: { time: now, availableBytes: available, usageBytes: total - machine.freeBytes, workingSetBytes: total - available },
        fs,
        runtime: { imageFs: fs },
      },
      pods,
    };
  }

  async resourceMetrics(): Promise<string> {
    const { context, cgroups } = this.#parts;
    const { host, config, runtime } = context;
    const [stats, running, machine] = await Promise.all([runtime.listContainerStats(), runtime.listContainers({ state: 'running' }), machineUsage(host.disk)]);
    const atMs = host.clock.now();
    const started = new Map(running.map(({ id, createdAt }) => [id, createdAt]));
    const of = new Map(this.#workers.all().map(({ pod }) => [pod.metadata.uid!, pod]));
    const pods = await Promise.all([...of.values()].map(async (pod): Promise<ResourceUsage> => {
      const usage = await cgroups.usage(podCgroupPath(config.cgroupRoot, pod));
      return { labels: { namespace: pod.metadata.namespace!, pod: pod.metadata.name! }, cpuNanos: usage.cpuNanos, memoryBytes: usage.workingSetBytes, atMs: host.clock.now() };
    }));
    const containers = stats.flatMap(({ attributes, cpu, memory }): ResourceUsage[] => {
      const pod = of.get(attributes?.labels[labelNames.podUid] ?? '');
      if (!pod || !started.has(attributes!.id)) return [];
      const labels = { container: attributes!.labels[labelNames.containerName] ?? '', namespace: pod.metadata.namespace!, pod: pod.metadata.name! };
      return [{ labels, cpuNanos: cpu?.usageCoreNanoSeconds, memoryBytes: memory?.workingSetBytes, startedMs: started.get(attributes!.id), atMs: Math.round(cpu?.timestamp || atMs) }];
    });
    return resourceMetricsText({ node: { labels: {}, cpuNanos: machine.cpuNanos, memoryBytes: machine.totalBytes - machine.availableBytes, atMs }, pods, containers });
  }

  probeMetrics(): string {
    return this.#parts.prober.metricsText();
  }

  async metrics(): Promise<string> {
    const workers = this.#workers.all();
    const containers = await this.#parts.context.runtime.listContainers();
    const count = (state: string): number => containers.filter((c) => c.state === state).length;
    return [
      '# HELP kubelet_running_pods Number of pods that have a running pod sandbox',
      '# TYPE kubelet_running_pods gauge',
      line('kubelet_running_pods', {}, workers.filter((w) => w.state === 'running').length),
      '# HELP kubelet_running_containers Number of containers currently running',
      '# TYPE kubelet_running_containers gauge',
      ...['created', 'exited', 'running', 'unknown'].map((state) => line('kubelet_running_containers', { container_state: state }, count(state))),
      '# HELP kubelet_node_name The node\'s name. The count is always 1.',
      '# TYPE kubelet_node_name gauge',
      line('kubelet_node_name', { node: this.#parts.context.config.nodeName }, 1),
      this.#registry.text(),
    ].join('\n');
  }
}
