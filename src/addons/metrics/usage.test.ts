import { describe, expect, test } from 'vitest';
import { readResourceMetrics, type NodeReading, type Reading } from './exposition.ts';
import { nodeUsage, podUsage } from './usage.ts';

test('the text of a kubelet, with what makes no sense passed over', () => {
  const { node, pods } = readResourceMetrics([
    '# HELP node_cpu_usage_seconds_total x', 'node_cpu_usage_seconds_total 12.5 1700000000123', 'node_memory_working_set_bytes 4096 1700000000123', 'node_swap_usage_bytes 1',
    'container_cpu_usage_seconds_total{container="a\\"b",namespace="n",pod="p"} 1.5e-3', 'container_start_time_seconds{container="a\\"b",namespace="n",pod="p"} 1.7e+09',
    'container_cpu_usage_seconds_total{container="c",namespace="n"} 3', 'container_memory_working_set_bytes{container="c",namespace="n",pod="q"} NaN', 'container_toString 1', '}{', '',
  ].join('\n'), 7);
  expect(node).toEqual({ cpuSeconds: 12.5, atMs: 1_700_000_000_123, memoryBytes: 4096 });
  expect([...pods]).toEqual([['n/p', { namespace: 'n', name: 'p', containers: new Map([['a"b', { cpuSeconds: 0.0015, atMs: 7, startedMs: 1.7e12 }]]) }]]);
});

describe('usage of a container', () => {
  const at = (atMs: number, cpuSeconds: number, startedMs = 0, memoryBytes = 10): Reading => ({ atMs, cpuSeconds, memoryBytes, startedMs });
  test.each<[string, Reading | undefined, Reading, { cpuNanoCores: number; windowMs: number } | undefined]>([
    ['between two readings', at(100_000, 5), at(115_000, 8), { cpuNanoCores: 200_000_000, windowMs: 15_000 }],
    ['idle is no absence', at(100_000, 5), at(115_000, 5), { cpuNanoCores: 0, windowMs: 15_000 }],
    ['one reading of an old container', undefined, at(100_000, 5), undefined],
    ['one reading of a fresh container', undefined, at(100_000, 5, 80_000), { cpuNanoCores: 250_000_000, windowMs: 20_000 }],
    ['one reading of a container that is too fresh', undefined, at(100_000, 5, 95_000), undefined],
    ['restarted between readings, long enough ago', at(100_000, 50), at(115_000, 3, 103_000), { cpuNanoCores: 250_000_000, windowMs: 12_000 }],
    ['restarted between readings, just now', at(100_000, 50), at(115_000, 3, 110_000), undefined],
    ['the same reading twice', at(100_000, 5), at(100_000, 5), undefined],
    ['a counter that fell', at(100_000, 5), at(115_000, 4), undefined],
    ['no memory is told', at(100_000, 5), { atMs: 115_000, cpuSeconds: 8 }, undefined],
  ])('%s', (_name, before, after, expected) => {
    const reading = (one: Reading) => ({ namespace: 'n', name: 'p', containers: new Map([['c', one]]) });
    const measured = podUsage(before && reading(before), reading(after));
    expect(measured && { cpuNanoCores: measured.usage.get('c')!.cpuNanoCores, windowMs: measured.windowMs }).toEqual(expected);
    expect(measured?.timestampMs).toBe(expected && after.atMs);
  });

  test('of a pod all containers are told or none, with the time of the one read first', () => {
    const pod = (...all: [string, Reading][]) => ({ namespace: 'n', name: 'p', containers: new Map(all) });
    const before = pod(['a', at(100_000, 1)], ['b', at(100_100, 1)]);
    expect(podUsage(before, pod(['a', at(115_000, 4)], ['b', at(114_100, 2)]))).toMatchObject({ timestampMs: 114_100, windowMs: 14_000 });
    expect(podUsage(before, pod(['a', at(115_000, 4)], ['b', at(115_000, 2)], ['new', at(115_000, 0, 114_000)]))).toBeUndefined();
    expect(podUsage(before, pod())).toBeUndefined();
  });
});

test('a node needs two readings', () => {
  const reading = (atMs: number, cpuSeconds: number): NodeReading => ({ node: { atMs, cpuSeconds, memoryBytes: 1 }, pods: new Map() });
  expect(nodeUsage(undefined, reading(1_000, 1))).toBeUndefined();
  expect(nodeUsage(reading(1_000, 1), reading(3_000, 2))).toEqual({ usage: { cpuNanoCores: 500_000_000, memoryBytes: 1 }, timestampMs: 3_000, windowMs: 2_000 });
});
