/** What controllers count: by the names, kinds, labels and buckets that upstream promises for v1.36, and as much as has happened. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { HorizontalPodAutoscaler } from '../api/autoscaling/v2/types.ts';
import type { CronJob, Job } from '../api/batch/v1/types.ts';
import type { Lease } from '../api/coordination/v1/types.ts';
import type { Node, Pod, Service } from '../api/core/v1/types.ts';
import { formatMicroTime, formatTime } from '../api/meta/time.ts';
import { MetricsRegistry } from '../base/metrics.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import type { StartController } from './context.ts';
import { startCronJob } from './cronjob/controller.ts';
import { startEndpointSlice } from './endpointslice/controller.ts';
import { startHorizontalPodAutoscaler } from './horizontal-pod-autoscaler/controller.ts';
import { startJob } from './job/controller.ts';
import { ControllerMetrics } from './metrics.ts';
import { startNodeLifecycle } from './node-lifecycle/controller.ts';
import { startPodGc } from './pod-gc/controller.ts';
import { about, fakeCluster, type FakeCluster } from './shared/fake-cluster.ts';
import { startTaintEviction } from './taint-eviction/controller.ts';
import { startTtlAfterFinished } from './ttl-after-finished/controller.ts';

const factsFile = new URL('../../../shared/k8s-api/metrics.json', import.meta.url);
const haveFacts = existsSync(factsFile);
if (!haveFacts) console.warn('metrics of controllers are not compared with the facts: the file is absent');

interface Fact { name: string; type: string; stability: string; labels: string[]; buckets?: (number | string)[] }

describe.skipIf(!haveFacts)('the facts', () => {
  const facts = haveFacts ? (JSON.parse(readFileSync(factsFile, 'utf8')) as { metrics: Fact[] }).metrics.filter(({ name }) => /^(?:\w+_controller|node_collector)_/.test(name) && !name.startsWith('apiserver_')) : [];
  const registry = new MetricsRegistry();
  const metrics = new ControllerMetrics(registry);
  const own = new Map(registry.facts().map((fact) => [fact.name, fact]));

  test('there are those of five controllers', () => {
    expect(facts.map(({ name }) => name.split('_controller_')[0]!.split('_collector_')[0]).filter((name, i, all) => all.indexOf(name) === i)).toEqual(['cronjob', 'endpoint_slice', 'horizontal_pod_autoscaler', 'job', 'node']);
  });

  test.each(facts.map((fact) => [fact.stability, fact.name, fact] as const))('%s %s', (stability, name, { type, labels, buckets }) => {
    const { type: ownType, labelNames, buckets: ownBuckets } = own.get(name) ?? {};
    expect({ type: ownType, labels: labelNames, buckets: ownBuckets }).toEqual({ type: type.toLowerCase(), labels, buckets: buckets?.map(Number) });
    const found = Object.values(metrics).flatMap((group: object) => Object.values(group) as { name: string; head(): string }[]).find((each) => each.name === name)!;
    expect(found.head()).toContain(`# HELP ${name} [${stability}] `);
  });
});

interface Bench extends FakeCluster {
  /** The lines that begin so, without what they begin with. */
  lines(prefix: string): string[];
}

function bench(...controllers: StartController[]): Bench {
  const registry = new MetricsRegistry();
  const metrics = new ControllerMetrics(registry);
  const cluster = fakeCluster(virtualHost({ seed: 'metrics', settle: turn }), ...controllers.map((start): StartController => (context) => start({ ...context, metrics })));
  return { ...cluster, lines: (prefix) => registry.text().split('\n').filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length)) };
}

describe('jobs', () => {
  const jobOf = (spec: object): Job => ({
    apiVersion: 'batch/v1', kind: 'Job', metadata: about('work'),
    spec: { parallelism: 2, completions: 2, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false, podReplacementPolicy: 'Failed', selector: { matchLabels: { job: 'work' } }, template: { metadata: { labels: { job: 'work' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'task' }] } }, ...spec },
  });
  function end(cluster: Bench, phase: 'Succeeded' | 'Failed', exitCode: number): void {
    const finishedAt = formatTime(cluster.host.clock.now());
    for (const pod of cluster.pods().filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')) cluster.setPod(pod, { phase, containerStatuses: [{ name: 'main', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode, finishedAt } } }] });
  }

  test('that succeed: their syncs, their pods and their end', async () => {
    const cluster = bench(startJob);
    cluster.context.api.put('jobs', jobOf({}));
    await cluster.advance();
    expect(cluster.lines('job_controller_job_syncs_total').filter((line) => line.includes('pods_created'))).toEqual(['{action="pods_created",completion_mode="NonIndexed",result="success"} 1']);
    expect(cluster.lines('job_controller_job_sync_duration_seconds_count{action="pods_created"')).toEqual([',completion_mode="NonIndexed",result="success"} 1']);
    end(cluster, 'Succeeded', 0);
    await cluster.advance(5_000);
    expect(cluster.lines('job_controller_jobs_finished_total')).toEqual(['{completion_mode="NonIndexed",reason="CompletionsReached",result="succeeded"} 1']);
    expect(cluster.lines('job_controller_job_pods_finished_total')).toEqual(['{completion_mode="NonIndexed",result="failed"} 0', '{completion_mode="NonIndexed",result="succeeded"} 2']);
    expect(cluster.lines('job_controller_terminated_pods_tracking_finalizer_total')).toEqual(['{event="add"} 2', '{event="delete"} 2']);
    await cluster.stop();
  });

  test('indexed ones under a failure policy: each failure by the rule that it met', async () => {
    const cluster = bench(startJob);
    const rules = [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [5] } }, { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }];
    cluster.context.api.put('jobs', jobOf({ completionMode: 'Indexed', podFailurePolicy: { rules } }));
    await cluster.advance();
    end(cluster, 'Failed', 5);
    await cluster.advance(30_000);
    expect(cluster.lines('job_controller_pod_failures_handled_by_failure_policy_total')).toEqual(['{action="Ignore"} 2']);
    end(cluster, 'Failed', 42);
    await cluster.advance(5_000);
    expect(cluster.lines('job_controller_pod_failures_handled_by_failure_policy_total')).toEqual(['{action="FailJob"} 2', '{action="Ignore"} 2']);
    expect(cluster.lines('job_controller_jobs_finished_total')).toEqual(['{completion_mode="Indexed",reason="PodFailurePolicy",result="failed"} 1']);
    expect(cluster.lines('job_controller_job_pods_finished_total')).toEqual(['{completion_mode="Indexed",result="failed"} 2', '{completion_mode="Indexed",result="succeeded"} 0']);
    await cluster.stop();
  });

  test('a suspended one: its pods are deleted; a refused write is an error', async () => {
    const cluster = bench(startJob);
    cluster.context.api.put('jobs', jobOf({}));
    await cluster.advance();
    const { intercept } = cluster.context.api;
    let refusals = 1;
    cluster.context.api.intercept = (request) => {
      if (request.method === 'DELETE' && refusals-- > 0) throw new Error('refused');
      return intercept?.(request);
    };
    cluster.change<Job>('jobs', 'work', (object) => (object.spec!.suspend = true));
    await cluster.advance(60_000);
    expect(cluster.pods()).toEqual([]);
    const deleted = cluster.lines('job_controller_job_syncs_total{action="pods_deleted",completion_mode="NonIndexed",');
    expect(deleted).toEqual(['result="error"} 1', expect.stringMatching(/^result="success"\} [1-9]/)]);
    await cluster.stop();
  });

  test('of cron jobs come so long after their time, and go so long after theirs', async () => {
    const cluster = bench(startCronJob, startTtlAfterFinished);
    const cronJob: CronJob = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: about('report', { uid: 'cron-uid' }), spec: { schedule: '*/10 * * * *', concurrencyPolicy: 'Allow', jobTemplate: { spec: { template: { spec: { containers: [] } }, ttlSecondsAfterFinished: 5 } } } };
    expect(cluster.lines('cronjob_controller_job_creation_skew_duration_seconds_count')).toEqual([' 0']);
    cluster.context.api.put('cronjobs', cronJob);
    await cluster.advance(10 * 60_000 + 2_000);
    expect(cluster.lines('cronjob_controller_job_creation_skew_duration_seconds')).toContain('_bucket{le="1"} 1');
    expect(cluster.lines('cronjob_controller_job_creation_skew_duration_seconds_count')).toEqual([' 1']);
    const [job] = cluster.context.api.objects<Job>('jobs');
    cluster.change<Job>('jobs', job!.metadata.name!, (object) => (object.status = { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: formatTime(cluster.host.clock.now()) }] }));
    await cluster.advance(10_000);
    expect(cluster.lines('ttl_after_finished_controller_job_deletion_duration_seconds_count')).toEqual([' 1']);
    await cluster.stop();
  });
});

test('endpoint slices: what comes and goes with each look, and what there is in all', async () => {
  const cluster = bench((context) => startEndpointSlice({ ...context, settings: { ...context.settings, maxEndpointsPerSlice: 2 } }));
  const { api } = cluster.context;
  const pod = (i: number): Pod => ({ metadata: { name: `p${i}`, namespace: 'default', labels: { app: 'web' } }, spec: { nodeName: 'n', containers: [] }, status: { phase: 'Running', podIP: `10.1.0.${i}`, podIPs: [{ ip: `10.1.0.${i}` }], conditions: [{ type: 'Ready', status: 'True' }] } });
  const service = (name: string, app: string, more: object = {}): Service => ({ metadata: about(name), spec: { selector: { app }, clusterIP: '10.0.0.1', ipFamilies: ['IPv4'], ports: [{ port: 80 }], ...more } });
  const gauges = (): string[] => ['endpoints_desired', 'num_endpoint_slices', 'desired_endpoint_slices'].map((name) => cluster.lines(`endpoint_slice_controller_${name} `)[0]!);
  const sums = (): string[] => ['added', 'removed'].map((name) => cluster.lines(`endpoint_slice_controller_endpoints_${name}_per_sync_sum `)[0]!);
  api.put('nodes', { metadata: { name: 'n' } });
  for (let i = 1; i <= 3; i++) api.put('pods', pod(i));
  api.put('services', service('web', 'web', { trafficDistribution: 'PreferClose' }));
  api.put('services', service('empty', 'none', { trafficDistribution: 'PreferSameNode' }));
  await cluster.advance();
  // Three endpoints in slices of two, and the empty slice of the service without any.
  expect([gauges(), sums()]).toEqual([['3', '3', '3'], ['3', '0']]);
  expect(cluster.lines('endpoint_slice_controller_services_count_by_traffic_distribution')).toEqual(['{traffic_distribution="ImplementationSpecific"} 1', '{traffic_distribution="PreferClose"} 1']);
  expect(cluster.lines('endpoint_slice_controller_changes')).toEqual(['{operation="create"} 3']);
  api.remove('pods', 'default/p1');
  api.remove('pods', 'default/p3');
  await cluster.advance(5_000);
  expect([gauges(), sums()]).toEqual([['1', '2', '2'], ['3', '2']]);
  expect(cluster.lines('endpoint_slice_controller_syncs{result="error"}')).toEqual([]);
  cluster.change<Service>('services', 'web', (object) => delete object.spec!.trafficDistribution);
  api.remove('services', 'default/empty');
  await cluster.advance(5_000);
  expect(gauges()).toEqual(['1', '1', '1']);
  expect(cluster.lines('endpoint_slice_controller_services_count_by_traffic_distribution')).toEqual(['{traffic_distribution="ImplementationSpecific"} 0', '{traffic_distribution="PreferClose"} 0']);
  await cluster.stop();
});

test('autoscalers: rounds and metrics by what they lead to', async () => {
  const cluster = bench(startHorizontalPodAutoscaler);
  const { api } = cluster.context;
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 1 }, status: { replicas: 1, selector: 'app=web' } };
  const old = formatTime(cluster.host.clock.now() - 3_600_000);
  const usage: { cpu?: string } = {};
  const answer = (value: object) => ({ status: 200, headers: {}, body: (async function* body() { yield Buffer.from(JSON.stringify(value)); })() });
  api.intercept = ({ method, target, path, json }) => {
    if (target.subresource === 'scale') {
      if (method === 'PUT') Object.assign(scale.spec, (json as typeof scale).spec);
      return answer(scale);
    }
    if (!path.startsWith('/apis/metrics.k8s.io/')) return undefined;
    return answer({ items: usage.cpu === undefined ? [] : [{ metadata: { name: 'a' }, timestamp: formatTime(cluster.host.clock.now()), window: '30s', containers: [{ name: 'c', usage }] }] });
  };
  api.put('pods', { metadata: { name: 'a', namespace: 'default', labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] }, status: { phase: 'Running', startTime: old, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: old }] } } as Pod);
  api.put('horizontalpodautoscalers', { metadata: about('web'), spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 9, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] } } as HorizontalPodAutoscaler);
  await cluster.advance(5_000);
  expect(cluster.lines('horizontal_pod_autoscaler_controller_reconciliations_total')).toEqual(['{action="none",error="internal"} 1']);
  expect(cluster.lines('horizontal_pod_autoscaler_controller_metric_computation_total')).toEqual(['{action="none",error="internal",metric_type="Resource"} 1']);
  usage.cpu = '1';
  await cluster.advance(15_000);
  expect(scale.spec.replicas).toBe(2);
  expect(cluster.lines('horizontal_pod_autoscaler_controller_reconciliations_total')).toEqual(['{action="none",error="internal"} 1', '{action="scale_up",error="none"} 1']);
  expect(cluster.lines('horizontal_pod_autoscaler_controller_reconciliation_duration_seconds_count{action="scale_up"')).toEqual([',error="none"} 1']);
  expect(cluster.lines('horizontal_pod_autoscaler_controller_metric_computation_total{action="scale_up"')).toEqual([',error="none",metric_type="Resource"} 1']);
  expect(cluster.lines('horizontal_pod_autoscaler_controller_metric_computation_duration_seconds_count{action="scale_up"')).toEqual([',error="none",metric_type="Resource"} 1']);
  await cluster.stop();
});

test('nodes: zones, nodes given up in them, and pods that go with them', async () => {
  const cluster = bench(startNodeLifecycle, startTaintEviction, startPodGc);
  const { api } = cluster.context;
  const { clock } = cluster.host;
  const now = (): string => formatTime(clock.now());
  const dead = new Set<string>();
  for (let i = 0; i < 4; i++) {
    api.put('nodes', { metadata: { name: `n${i}`, labels: { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': `z${i % 2}` } }, spec: {}, status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: now(), lastTransitionTime: now() }] } } as Node);
  }
  api.put('pods', { metadata: { name: 'driven', namespace: 'default' }, spec: { containers: [], nodeName: 'n1' }, status: { phase: 'Running' } } as Pod);
  api.put('pods', { metadata: { name: 'orphan', namespace: 'default' }, spec: { containers: [], nodeName: 'gone' }, status: { phase: 'Running' } } as Pod);
  const beat = (): void => {
    for (let i = 0; i < 4; i++) if (!dead.has(`n${i}`)) api.put('leases', { metadata: { name: `n${i}`, namespace: 'kube-node-lease' }, spec: { renewTime: formatMicroTime(clock.now()) } } as Lease);
    clock.setTimer(beat, 10_000);
  };
  beat();
  await cluster.advance(30_000);
  const zone = (name: string): string => `{zone="r:\0:${name}"}`;
  expect(cluster.lines('node_collector_evictions_total')).toEqual([`${zone('z0')} 0`, `${zone('z1')} 0`]);
  dead.add('n1');
  await cluster.advance(120_000);
  expect(cluster.lines('node_collector_evictions_total')).toEqual([`${zone('z0')} 0`, `${zone('z1')} 1`]);
  expect(cluster.lines('node_collector_zone_health')).toEqual([`${zone('z0')} 100`, `${zone('z1')} 50`]);
  expect(cluster.lines('node_collector_zone_size')).toEqual([`${zone('z0')} 2`, `${zone('z1')} 2`]);
  expect(cluster.lines('node_collector_unhealthy_nodes_in_zone')).toEqual([`${zone('z0')} 0`, `${zone('z1')} 1`]);
  expect(cluster.lines('taint_eviction_controller_pod_deletions_total')).toEqual([' 1']);
  expect(cluster.lines('pod_gc_collector_force_delete_pods_total')).toEqual(['{namespace="default",reason="orphaned"} 1']);
  expect(cluster.lines('pod_gc_collector_force_delete_pod_errors_total')).toEqual([]);
  await cluster.stop();
});
