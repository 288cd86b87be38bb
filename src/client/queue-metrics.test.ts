import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { startController } from './controller.ts';
import { QueueMetrics } from './queue-metrics.ts';

const factsFile = new URL('../../../shared/k8s-api/metrics.json', import.meta.url);

test('counts what comes, waits, is worked on and fails', async () => {
  const host = virtualHost({ seed: 'queues', settle: turn });
  const metrics = new QueueMetrics(host.clock);
  const value = (series: string): number => Number(metrics.text().split('\n').find((line) => line.startsWith(`${series} `))?.split(' ')[1]);
  let failures = 2;
  const queue = startController({ ...host, queues: metrics }, {
    name: 'test',
    async reconcile(key) {
      await new Promise<void>((resolve) => void host.clock.setTimer(() => resolve(), 2_000));
      return key === 'bad' && failures-- > 0 ? { retry: new Error('not yet') } : { done: true };
    },
  });
  expect(value('workqueue_adds_total{name="test"}')).toBe(0);
  for (const key of ['a', 'b', 'b', 'bad']) queue.add(key);
  await host.clock.advance(500);
  expect([value('workqueue_depth{name="test"}'), value('workqueue_longest_running_processor_seconds{name="test"}'), value('workqueue_unfinished_work_seconds{name="test"}')]).toEqual([2, 0.5, 0.5]);
  await host.clock.advance(60_000);
  expect([value('workqueue_adds_total{name="test"}'), value('workqueue_retries_total{name="test"}'), value('workqueue_depth{name="test"}'), value('workqueue_work_duration_seconds_count{name="test"}'), value('workqueue_work_duration_seconds_sum{name="test"}')]).toEqual([5, 2, 0, 5, 10]);
  // "a" did not wait, "b" waited for it, "bad" for both; its retries waited for nobody.
  expect([value('workqueue_queue_duration_seconds_sum{name="test"}'), value('workqueue_queue_duration_seconds_bucket{name="test",le="1"}'), value('workqueue_queue_duration_seconds_bucket{name="test",le="10"}')]).toEqual([6, 3, 5]);
  await queue.stop();
});

test.skipIf(!existsSync(factsFile))('names, types, labels and buckets are upstream\'s', () => {
  const { metrics } = JSON.parse(readFileSync(factsFile, 'utf8')) as { metrics: { name: string; type: string; labels: string[]; buckets?: (string | number)[] }[] };
  const wanted = metrics.filter(({ name }) => /^(?:workqueue|registered_metrics|hidden_metrics|disabled_metrics)_/.test(name)).map(({ name, type, labels, buckets }) => ({ name, type: type.toLowerCase(), labels, buckets: buckets?.map((each) => Number(Number(each).toPrecision(6))) }));
  const facts = new QueueMetrics({ monotonic: () => 0 }).registry.facts().map(({ name, type, labelNames, buckets }) => ({ name, type, labels: labelNames, buckets: buckets && [...buckets] }));
  expect(facts.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(wanted.sort((a, b) => (a.name < b.name ? -1 : 1)));
});
