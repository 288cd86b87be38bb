/** What the node's server asks of the kubelet. */
import type { Pod } from '../../api/core/v1/types.ts';

export interface ContainerHandle {
  id: string;
  /** Absolute path of its log. */
  logPath: string;
}

/** The pods that the kubelet runs, with their newest status. */
export interface PodLookup {
  byName(namespace: string, name: string): Pod | undefined;
  all(): Pod[];
  /** The newest container of that name, running or not. */
  container(pod: Pod, name: string): Promise<ContainerHandle | undefined>;
  /** The one before it. */
  previousContainer(pod: Pod, name: string): Promise<ContainerHandle | undefined>;
  sandboxId(pod: Pod): Promise<string | undefined>;
}

export interface StatsSource {
  /** The answer to /stats/summary (https://kubernetes.io/docs/reference/instrumentation/node-metrics/). */
  summary(): Promise<object>;
  /** The answer to /metrics/resource: what metrics servers read. */
  resourceMetrics(): Promise<string>;
  /** The answer to /metrics/probes. */
  probeMetrics(): string;
  /** The answer to /metrics, in Prometheus text form. */
  metrics(): Promise<string>;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | AsyncIterable<Uint8Array>;
}

/** An error with an HTTP status and a plain text, as kubelets answer. */
export class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
  }
}
