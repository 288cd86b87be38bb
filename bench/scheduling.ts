/**
 * From a Deployment to bound pods, through API server, controllers, scheduler and hollow kubelets in one process.
 *
 *   node bench/scheduling.ts [--nodes 500] [--pods 1000] [--out FILE]
 */
import { startCluster, Deployments, Pods } from '../src/testing/index.ts';
import { count, report } from './report.ts';

const [nodes, pods] = [count('nodes', 500), count('pods', 1000)];
const beforeStart = performance.now();
const cluster = await startCluster({ nodes });
const started = performance.now();
const deployments = cluster.client.of(Deployments).inNamespace('default');
await deployments.create({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'bench' },
  spec: {
    replicas: pods, selector: { matchLabels: { app: 'bench' } },
    template: { metadata: { labels: { app: 'bench' } }, spec: { containers: [{ name: 'c', image: 'hollow/app', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] } },
  },
});
const list = async (): Promise<{ bound: number }> => {
  const { items } = await cluster.client.of(Pods).inNamespace('default').list({ resourceVersion: '0' });
  return { bound: items.filter((pod) => pod.spec?.nodeName).length };
};
await cluster.until('all pods are bound', async () => (await list()).bound === pods, 600_000);
const bound = performance.now();
await cluster.until('all pods are ready', async () => (await deployments.get('bench')).status?.readyReplicas === pods, 600_000);
const ready = performance.now();
report('scheduling', [
  { name: `start with ${nodes} nodes`, value: started - beforeStart, unit: 'ms' },
  { name: `${pods} pods created and bound`, value: (pods * 1000) / (bound - started), unit: 'pods/s' },
  { name: `${pods} pods ready`, value: ready - started, unit: 'ms' },
  { name: 'memory at the end', value: process.memoryUsage().rss / 2 ** 20, unit: 'MiB' },
]);
process.exit(0);
