import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fakePod } from './fake-cluster.ts';
import { SchedulerMetrics } from './metrics.ts';
import { podResourcesText } from './resource-metrics.ts';

const FACTS = '../shared/k8s-api/metrics.json';

interface Fact {
  name: string;
  type: string;
  stability: string;
  labels: string[];
  buckets?: number[];
}

const facts: Fact[] = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { metrics: Fact[] }).metrics.filter(({ name }) => name.startsWith('scheduler_')) : [];
if (facts.length === 0) process.stderr.write(`SKIPPED: metrics against upstream's list, which is not there (${FACTS})\n`);

test.skipIf(facts.length === 0)('every stable and beta metric of upstream’s scheduler is there, with its type, labels and buckets', () => {
  const own = new Map(new SchedulerMetrics().registry.facts().map((each) => [each.name, each]));
  for (const { name, type, labels, buckets } of facts) {
    const { type: ownType, labelNames, buckets: ownBuckets } = own.get(name) ?? {};
    expect({ type: ownType, labels: labelNames, buckets: ownBuckets }, name).toEqual({ type: type.toLowerCase(), labels, buckets });
  }
  expect(facts.length).toBeGreaterThan(10);
});

test('what pods ask for is told by pod and resource', () => {
  const limits = { cpu: '500m', memory: '1Gi', 'example.com/gpu': '2', pods: '3' };
  const text = podResourcesText([
    fakePod('a', { priority: 5, nodeName: 'n', containers: [{ name: 'c', image: 'app', resources: { requests: { cpu: '250m' }, limits } }], initContainers: [{ name: 'i', image: 'app', resources: { requests: { cpu: '1', memory: '1Mi' } } }], overhead: { cpu: '10m' } }),
    fakePod('done', { requests: { cpu: '1' }, status: { phase: 'Succeeded' } }),
  ]);
  const of = (resource: string, unit: string): string => `{namespace="default",pod="a",node="n",scheduler="default-scheduler",priority="5",resource="${resource}",unit="${unit}"}`;
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).toSorted()).toEqual([
    `kube_pod_resource_limit${of('cpu', 'cores')} 0.51`,
    `kube_pod_resource_limit${of('example.com/gpu', 'integer')} 2`,
    `kube_pod_resource_limit${of('memory', 'bytes')} 1.073741824e+09`,
    `kube_pod_resource_request${of('cpu', 'cores')} 1.01`,
    `kube_pod_resource_request${of('memory', 'bytes')} 1.048576e+06`,
  ]);
});
