import { expect, test } from 'vitest';
import { resourceMetricsText } from './resource-metrics.ts';

test('node, pods and containers, and nothing of what is not known', () => {
  const pod = { namespace: 'shop', pod: 'web' };
  const text = resourceMetricsText({
    node: { labels: {}, cpuNanos: 2_500_000_000, memoryBytes: 4096, atMs: 1_000 },
    pods: [{ labels: pod, cpuNanos: undefined, memoryBytes: 77, atMs: 1_001 }],
    containers: [{ labels: { container: 'c', ...pod }, cpuNanos: 1_250_000_000, memoryBytes: 55, startedMs: 500, atMs: 1_002 }],
  });
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'container_cpu_usage_seconds_total{container="c",namespace="shop",pod="web"} 1.25 1002',
    'container_memory_working_set_bytes{container="c",namespace="shop",pod="web"} 55 1002',
    'container_start_time_seconds{container="c",namespace="shop",pod="web"} 0.5',
    'node_cpu_usage_seconds_total 2.5 1000',
    'node_memory_working_set_bytes 4096 1000',
    'pod_memory_working_set_bytes{namespace="shop",pod="web"} 77 1001',
    'resource_scrape_error 0',
    '',
  ]);
  expect(text).toContain('# TYPE container_cpu_usage_seconds_total counter\n');
});
