/** What the scheduler tells about itself, under upstream's names. */
import type { Pod } from '../api/core/v1/types.ts';
import { Counter, Histogram, MetricsRegistry } from '../base/metrics.ts';

import { DEFAULT_SCHEDULER_NAME } from './plugins/index.ts';
import type { SchedulingQueue } from './queue.ts';
import { podResourcesText } from './resource-metrics.ts';

const doubling = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => Number((first * 2 ** i).toPrecision(6)));

export type PendingQueue = 'active' | 'backoff' | 'unschedulable' | 'gated';

export class SchedulerMetrics {
  readonly registry = new MetricsRegistry();
  readonly attempts = this.registry.register(new Counter('scheduler_schedule_attempts_total', "Number of attempts to schedule pods, by the result. 'unschedulable' means a pod could not be scheduled, while 'error' means an internal scheduler problem.", ['profile', 'result']));
  readonly attemptSeconds = this.registry.register(new Histogram('scheduler_scheduling_attempt_duration_seconds', 'Scheduling attempt latency in seconds (scheduling algorithm + binding)', ['profile', 'result'], doubling(0.001, 15)));
  readonly podAttempts = this.registry.register(new Histogram('scheduler_pod_scheduling_attempts', 'Number of attempts to successfully schedule a pod.', [], [1, 2, 4, 8, 16]));
  readonly sliSeconds = this.registry.register(new Histogram('scheduler_pod_scheduling_sli_duration_seconds', 'E2e latency for a pod being scheduled, from the time the pod enters the scheduling queue and might involve multiple scheduling attempts.', ['attempts'], doubling(0.01, 20)));
  readonly pointSeconds = this.registry.register(new Histogram('scheduler_framework_extension_point_duration_seconds', 'Latency for running all plugins of a specific extension point.', ['extension_point', 'profile', 'status'], doubling(0.0001, 12)));
  readonly permitWaitSeconds = this.registry.register(new Histogram('scheduler_permit_wait_duration_seconds', 'Duration of waiting on permit.', ['result'], doubling(0.001, 15)));
  readonly preemptions = this.registry.register(new Counter('scheduler_preemption_attempts_total', 'Total preemption attempts in the cluster till now'));
  readonly victims = this.registry.register(new Histogram('scheduler_preemption_victims', 'Number of selected preemption victims', [], [1, 2, 4, 8, 16, 32, 64]));
  readonly incoming = this.registry.register(new Counter('scheduler_queue_incoming_pods_total', 'Number of pods added to scheduling queues by event and queue type.', ['event', 'queue']));
  readonly pending = this.registry.register(new Counter('scheduler_pending_pods', "Number of pending pods, by the queue type. 'active' means number of pods in activeQ; 'backoff' means number of pods in backoffQ; 'unschedulable' means number of pods in unschedulablePods that the scheduler attempted to schedule and failed; 'gated' is the number of unschedulable pods that the scheduler never attempted to schedule because they are gated.", ['queue'], 'gauge'));
  readonly unschedulable = this.registry.register(new Counter('scheduler_unschedulable_pods', 'The number of unschedulable pods broken down by plugin name. A pod will increment the gauge for all plugins that caused it to not schedule and so this metric only have meaning when broken down by plugin.', ['plugin', 'profile'], 'gauge'));
  readonly goroutines = this.registry.register(new Counter('scheduler_goroutines', 'Number of running goroutines split by the work they do such as binding.', ['operation'], 'gauge'));
  readonly evaluations = this.registry.register(new Counter('scheduler_plugin_evaluation_total', 'Number of attempts to schedule pods by each plugin and the extension point (available only in PreFilter, Filter, PreScore, and Score).', ['extension_point', 'plugin', 'profile']));

  constructor() {
    this.registry.countMetrics();
  }

  /** Pods as the scheduler sees them, once it does. */
  pods: (() => readonly Pod[]) | undefined;
  /** Plug-ins that have kept pods waiting, for the gauge that must go back to zero. */
  readonly #blocked = new Map<string, { plugin: string; profile: string }>();

  /** Numbers that are read when somebody asks. */
  gauge(queue: SchedulingQueue, bindings: number): void {
    const counts = queue.counts();
    this.pending.set(['active'], counts.active);
    this.pending.set(['backoff'], counts.backoff);
    this.pending.set(['unschedulable'], counts.waiting);
    this.pending.set(['gated'], counts.gated);
    this.goroutines.set(['binding'], bindings);
    for (const { plugin, profile } of this.#blocked.values()) this.unschedulable.set([plugin, profile], 0);
    for (const { pod, rejectors } of queue.refusedPods()) {
      const profile = pod.pod.spec?.schedulerName || DEFAULT_SCHEDULER_NAME;
      for (const plugin of rejectors) {
        this.#blocked.set(`${profile}/${plugin}`, { plugin, profile });
        this.unschedulable.add([plugin, profile]);
      }
    }
  }

  /** What pods ask for and may have, by resource: the page `/metrics/resources`. */
  resourcesText(): string {
    return podResourcesText(this.pods?.() ?? []);
  }

  text(): string {
    return this.registry.text();
  }
}
