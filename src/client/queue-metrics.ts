/** Numbers on the queues of controllers, by upstream's names (`workqueue_…`, label `name`). */
import { Counter, Histogram, MetricsRegistry } from '../base/metrics.ts';
import type { Clock } from '../host/types.ts';
import type { QueueObserver } from './controller.ts';
import type { QueueWatch } from './work-queue.ts';

/** From ten nanoseconds to ten seconds. */
const buckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10];

/** Observes queues of a process and tells of them as text. Costs nothing where nobody asks for one. */
export class QueueMetrics implements QueueObserver {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly registry = new MetricsRegistry();
  readonly #adds = this.registry.register(new Counter('workqueue_adds_total', 'Total number of adds handled by workqueue', ['name']));
  readonly #depth = this.registry.register(new Counter('workqueue_depth', 'Current depth of workqueue', ['name'], 'gauge'));
  readonly #longest = this.registry.register(new Counter('workqueue_longest_running_processor_seconds', 'How many seconds has the longest running processor for workqueue been running.', ['name'], 'gauge'));
  readonly #waited = this.registry.register(new Histogram('workqueue_queue_duration_seconds', 'How long in seconds an item stays in workqueue before being requested.', ['name'], buckets));
  readonly #retries = this.registry.register(new Counter('workqueue_retries_total', 'Total number of retries handled by workqueue', ['name']));
  readonly #unfinished = this.registry.register(new Counter('workqueue_unfinished_work_seconds', 'How many seconds of work is in progress and has not been observed by work_duration.', ['name'], 'gauge'));
  readonly #worked = this.registry.register(new Histogram('workqueue_work_duration_seconds', 'How long in seconds processing an item from workqueue takes.', ['name'], buckets));
  /** Several queues may bear one name. */
  readonly #queues = new Map<string, { length(): number; workingSinceMs(): Iterable<number> }[]>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.registry.countMetrics();
    this.registry.onScrape(() => this.#look());
  }

  observe(name: string, state: { length(): number; workingSinceMs(): Iterable<number> }): QueueWatch {
    const labels = [name];
    this.#queues.set(name, [...(this.#queues.get(name) ?? []), state]);
    this.#adds.add(labels, 0);
    this.#retries.add(labels, 0);
    return {
      added: () => this.#adds.add(labels),
      taken: (seconds) => this.#waited.observe(labels, seconds),
      worked: (seconds) => this.#worked.observe(labels, seconds),
      retried: () => this.#retries.add(labels),
    };
  }

  text(): string {
    return this.registry.text();
  }

  #look(): void {
    const now = this.#clock.monotonic();
    for (const [name, queues] of this.#queues) {
      const running = queues.flatMap((queue) => [...queue.workingSinceMs()]).map((since) => (now - since) / 1000);
      this.#depth.set([name], queues.reduce((sum, queue) => sum + queue.length(), 0));
      this.#longest.set([name], Math.max(0, ...running));
      this.#unfinished.set([name], running.reduce((a, b) => a + b, 0));
    }
  }
}
