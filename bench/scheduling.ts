/**
 * From a Deployment to ready pods, through API server, controllers, scheduler and hollow kubelets in one process and thread. The nodes are
 * registered and ready before the Deployment is made; what that costs stands apart.
 *
 *   node bench/scheduling.ts [--nodes 500] [--pods 1000] [--out FILE]
 */
import type { Deployment } from '../src/api/apps/v1/types.ts';
import { createInformers } from '../src/client/index.ts';
import { startCluster, Deployments, Nodes, Pods } from '../src/testing/index.ts';
import { count, report, type Figure } from './report.ts';

/** An hour passes before it gives up: on a machine with other work a run may get a small part of a core. */
const LIMIT_MS = 3_600_000;
const [nodes, pods] = [count('nodes', 500), count('pods', 1000)];

/** Milliseconds passed, and of processor time (all threads), since the last lap. */
function stopwatch(): () => { passed: number; cpu: number } {
  let [time, usage] = [performance.now(), process.cpuUsage()];
  return () => {
    const [passed, { user, system }] = [performance.now() - time, process.cpuUsage(usage)];
    [time, usage] = [performance.now(), process.cpuUsage()];
    return { passed, cpu: (user + system) / 1000 };
  };
}

const deployment: Deployment = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'bench' },
  spec: {
    replicas: pods, selector: { matchLabels: { app: 'bench' } },
    template: { metadata: { labels: { app: 'bench' } }, spec: { containers: [{ name: 'c', image: 'hollow/app', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] } },
  },
};

const lap = stopwatch();
const cluster = await startCluster({ nodes });
// Informers are told, by the objects that the watch cache holds: asking for lists of thousands would be half of what is measured.
const informers = createInformers(cluster.host, cluster.client);
const ready = new Set<string>();
const bound = new Set<string>();
informers.of(Nodes).onEvent(({ object }) => {
  const taken = !object.spec?.taints?.length && object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  if (taken) ready.add(object.metadata.name!);
  else ready.delete(object.metadata.name!);
});
informers.of(Pods).onEvent(({ object }) => {
  if (object.metadata.namespace === 'default' && object.spec?.nodeName) bound.add(object.metadata.uid!);
});
const deployments = informers.of(Deployments).lister;
informers.start();
await informers.synced();
await cluster.until('all nodes are ready', () => ready.size === nodes, LIMIT_MS);
const start = lap();
await cluster.client.of(Deployments).inNamespace('default').create(deployment);
await cluster.until('all pods are bound', () => bound.size === pods, LIMIT_MS);
const binding = lap();
await cluster.until('all pods are ready', () => deployments.get('default', 'bench')?.status?.readyReplicas === pods, LIMIT_MS);
const readying = lap();
const figures: Figure[] = [
  { name: `${nodes} nodes ready`, value: start.passed, unit: 'ms' },
  { name: `${nodes} nodes ready: processor time`, value: start.cpu / nodes, unit: 'ms/node' },
  { name: `${pods} pods created and bound`, value: (pods * 1000) / binding.passed, unit: 'pods/s' },
  { name: `${pods} pods ready`, value: binding.passed + readying.passed, unit: 'ms' },
  { name: `${pods} pods ready: processor time`, value: (binding.cpu + readying.cpu) / pods, unit: 'ms/pod' },
  { name: 'memory at the end', value: process.memoryUsage().rss / 2 ** 20, unit: 'MiB' },
];
report('scheduling', figures);
process.exit(0);
