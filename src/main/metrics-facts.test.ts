/** No metric that upstream calls stable or beta is forgotten: each is a component's, or is named here with the reason why there is none. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createServerMetrics } from '../apiserver/endpoints/server-metrics.ts';
import { setUpLimits } from '../apiserver/fairness/setup.ts';
import { QueueMetrics } from '../client/queue-metrics.ts';
import { ControllerMetrics } from '../controllers/metrics.ts';
import { nodeHost } from '../host/node/index.ts';
import { ProbeMetrics } from '../kubelet/probes/metrics.ts';
import { resourceMetricsText } from '../kubelet/resource-metrics.ts';
import { fakePod } from '../scheduler/fake-cluster.ts';
import { SchedulerMetrics } from '../scheduler/metrics.ts';
import { podResourcesText } from '../scheduler/resource-metrics.ts';
import { buildInfo } from './package.ts';

const factsFile = new URL('../../../shared/k8s-api/metrics.json', import.meta.url);
const haveFacts = existsSync(factsFile);
if (!haveFacts) console.warn('metrics of all components are not compared with the facts: the file is absent');

/** What does not happen here, so that there is nothing to count. */
const absent = {
  'no authentication configuration file': ['apiserver_authentication_config_controller_automatic_reload_last_timestamp_seconds', 'apiserver_authentication_config_controller_automatic_reloads_total'],
  'no authorization configuration file': ['apiserver_authorization_config_controller_automatic_reload_last_timestamp_seconds', 'apiserver_authorization_config_controller_automatic_reloads_total'],
  'no image volumes': ['kubelet_image_volume_mounted_errors_total', 'kubelet_image_volume_mounted_succeed_total', 'kubelet_image_volume_requested_total'],
};

test.skipIf(!haveFacts)('each stable and beta metric is told by some component, or named as absent', () => {
  const { metrics: facts } = JSON.parse(readFileSync(factsFile, 'utf8')) as { metrics: { name: string }[] };
  const host = nodeHost({ logLevel: 'silent' });
  const server = createServerMetrics(buildInfo(host));
  setUpLimits({ host, metrics: server, limits: undefined, fairness: true, count: () => 0 });
  const controllers = new QueueMetrics(host.clock).registry;
  void new ControllerMetrics(controllers);
  const registries = [server.registry, server.indicators, controllers, new SchedulerMetrics().registry, new ProbeMetrics().registry];
  const usage = { labels: {}, cpuNanos: 1, memoryBytes: 1, startedMs: 1, atMs: 1 };
  const resources = { requests: { cpu: '1' }, limits: { cpu: '1' } };
  const texts = [resourceMetricsText({ node: usage, pods: [usage], containers: [usage] }), podResourcesText([fakePod('a', { containers: [{ name: 'c', image: 'i', resources }] })])];
  const told = new Set([
    ...registries.flatMap((registry) => registry.facts().map(({ name }) => name)),
    ...texts.flatMap((text) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!)),
    // The program writes it itself: `control-plane.test.ts` reads it.
    'running_managed_controllers',
  ]);
  const left = facts.map(({ name }) => name).filter((name) => !told.has(name));
  expect(left.toSorted()).toEqual(Object.values(absent).flat().toSorted());
});
