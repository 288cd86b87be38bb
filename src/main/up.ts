/** `kubets up`: from nothing (or from the state of last time) to a cluster whose nodes are Ready and whose DNS answers. */
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, type Progress, type UpRequest } from '../cli/operations.ts';
import { Nodes } from '../api/resources.ts';
import type { Node } from '../api/core/v1/types.ts';
import type { Host } from '../host/types.ts';
import { createNodeNamespace } from '../network/index.ts';
import { adminAccess, serverUrl, type AdminAccess } from './access.ts';
import { clusterFor, nodeNamespaceOptions, readCluster, writeCluster, type Cluster } from './cluster.ts';
import { ClusterPki } from './cluster-pki.ts';
import { controlPlaneCredentials } from './control-plane-credentials.ts';
import { metricsCredentials } from './metrics.ts';
import { runDemo } from './demo.ts';
import { kubeconfigText } from './kubeconfig.ts';
import type { Layout } from './layout.ts';
import { packageRoot } from './package.ts';
import { checkDirectory, checkMachine, checkPort } from './preflight.ts';
import { Supervisor } from './supervise.ts';

const readyLimitMs = 60_000;
const nodeLimitMs = 90_000;

function chooseNodeIp(host: Host, request: UpRequest): string {
  if (request.nodeIp !== undefined) return request.nodeIp;
  if (request.runtime === 'hollow') return '127.0.0.1';
  const found = host.net.addresses().find((a) => a.family === 4);
  if (!found) throw new UserError('this machine has no IPv4 address but the loopback one', 'give it one, and name it with --node-ip');
  return found.address;
}

function isFreshlyReady(node: Node, sinceMs: number): boolean {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  // Heartbeats have whole seconds.
  return ready?.status === 'True' && Date.parse(ready.lastHeartbeatTime ?? '') >= Math.floor(sinceMs / 1000) * 1000;
}

async function startControlPlane(host: Host, layout: Layout, supervisor: Supervisor, access: AdminAccess): Promise<void> {
  await supervisor.start({ name: 'control-plane', args: ['control-plane', '--data-dir', layout.dataDir] });
  await supervisor.waitUntil('control-plane', async () => (await access.probe('/readyz'))?.status === 200, readyLimitMs);
  await host.disk.write(layout.adminKubeconfig, kubeconfigText(access.kubeconfig), { mode: 0o600, atomic: true });
}

async function startNodes(host: Host, layout: Layout, cluster: Cluster, supervisor: Supervisor): Promise<void> {
  if (cluster.runtime === 'hollow') {
    await supervisor.start({ name: 'hollow-nodes', args: ['hollow-nodes', '--data-dir', layout.dataDir] });
    return;
  }
  for (const [index, node] of cluster.nodes.entries()) {
    if (node.namespace !== undefined) {
      await createNodeNamespace(host, nodeNamespaceOptions(layout, cluster.clusterCidr, index));
    }
    const request = { name: node.name, args: ['node', '--data-dir', layout.dataDir, '--name', node.name], ...(node.namespace === undefined ? {} : { namespace: node.namespace }) };
    await supervisor.start(request);
  }
}

async function waitForNodes(cluster: Cluster, supervisor: Supervisor, access: AdminAccess, sinceMs: number): Promise<void> {
  for (const { name } of cluster.nodes) {
    const part = cluster.runtime === 'hollow' ? 'hollow-nodes' : name;
    await supervisor.waitUntil(part, async () => {
      const node = await access.client.of(Nodes).get(name).catch(() => undefined);
      return node !== undefined && isFreshlyReady(node, sinceMs);
    }, nodeLimitMs);
  }
}

/** Names the first node's role. A node may not give itself one: that would let it draw workloads to it. */
async function labelControlPlane(cluster: Cluster, access: AdminAccess): Promise<void> {
  if (cluster.runtime === 'hollow') return;
  await access.client.of(Nodes).patch(cluster.nodes[0]!.name, { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } }, { type: 'merge' });
}

/** Asks the cluster's DNS for the API server's own name, as a pod would. */
async function waitForDns(cluster: Cluster, supervisor: Supervisor): Promise<string> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([cluster.dnsIp]);
  let answer = '';
  await supervisor.waitUntil(cluster.nodes[0]!.name, async () => {
    const found = await resolver.resolve4(`kubernetes.default.svc.${cluster.clusterDomain}`).catch(() => []);
    answer = found[0] ?? '';
    return answer !== '';
  }, nodeLimitMs);
  return answer;
}

function nextSteps(layout: Layout, cluster: Cluster, isDefaultDirectory: boolean): string {
  const flag = isDefaultDirectory ? '' : ` --data-dir ${layout.dataDir}`;
  const lines = [
    '',
    `The cluster is up: ${serverUrl(cluster)}`,
    `  kubeconfig   ${layout.adminKubeconfig}`,
    `  try          export KUBECONFIG=${layout.adminKubeconfig}; kubectl get pods -A   (or: ./kubets kubectl get pods -A)`,
    `  stop         ./kubets down${flag}      remove: ./kubets reset --yes${flag}`,
  ];
  if (cluster.runtime === 'hollow') lines.push('', 'Its nodes are hollow: pods are scheduled and reported Running, but no container runs.');
  return lines.join('\n');
}

/** What is wrong with the scheduler's configuration is told now, not in the control plane's log. */
async function checkSchedulerConfig(host: Host, path: string): Promise<void> {
  const { readSchedulerSetup } = await import('./scheduler-component.ts');
  await readSchedulerSetup(host, { config: path }, '--scheduler-config');
}

export async function up(host: Host, layout: Layout, request: UpRequest, progress: Progress): Promise<void> {
  await checkMachine(host, request);
  await checkDirectory(host, layout);
  const supervisor = new Supervisor(host, layout);
  const existing = await readCluster(host, layout);
  const runs = (await supervisor.table.running('control-plane')) !== undefined;
  const cluster = runs && existing ? clusterFor({ ...request, port: existing.port }, layout, existing, existing.nodeIp) : clusterFor(request, layout, existing, chooseNodeIp(host, request));
  if (!runs) await checkPort(host, cluster.port);
  if (cluster.schedulerConfig) await checkSchedulerConfig(host, cluster.schedulerConfig);
  const startedMs = host.clock.now();
  await writeCluster(host, layout, cluster);
  const access = await progress.station('certificates', async () => {
    const pki = new ClusterPki(host, layout.pki);
    await controlPlaneCredentials(pki, cluster);
    if (cluster.runtime !== 'hollow') await metricsCredentials(pki);
    return adminAccess(host, layout, cluster);
  });
  await progress.station('control plane', () => startControlPlane(host, layout, supervisor, access), () => serverUrl(cluster));
  const freshSinceMs = (await supervisor.table.running(cluster.nodes[0]!.name)) ? 0 : startedMs;
  await progress.station(cluster.runtime === 'hollow' ? `${cluster.nodes.length} hollow node(s)` : `${cluster.nodes.length} node(s)`, async () => {
    await startNodes(host, layout, cluster, supervisor);
    await waitForNodes(cluster, supervisor, access, cluster.runtime === 'hollow' ? 0 : freshSinceMs);
    await labelControlPlane(cluster, access);
  }, () => 'Ready');
  if (cluster.runtime === 'containerd') await progress.station('cluster DNS', () => waitForDns(cluster, supervisor), (ip) => `kubernetes.default.svc.${cluster.clusterDomain} is ${ip}`);
  if (request.demo) {
    if (cluster.runtime === 'hollow') throw new UserError('--demo needs containers that really run', 'leave out --runtime hollow');
    const manifest = (name: string): string => readFileSync(join(packageRoot(), 'examples', 'hello', name), 'utf8');
    await runDemo(host, access.client, { hello: manifest('hello.yaml'), visit: manifest('visit.yaml') }, progress);
  }
  progress.line(nextSteps(layout, cluster, request.dataDir === undefined));
}
