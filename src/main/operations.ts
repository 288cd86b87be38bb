/** What the commands do, put together from the parts. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError, type Operations, type Progress, type StatusReport } from '../cli/operations.ts';
import { Nodes } from '../api/resources.ts';
import type { Host } from '../host/types.ts';
import { buildContainerfile, importImage, listImages } from '../images/index.ts';
import { adminAccess, serverUrl } from './access.ts';
import { needCluster, readCluster, type Cluster } from './cluster.ts';
import { runComponent } from './components.ts';
import { kubeconfigText, mergeKubeconfig } from './kubeconfig.ts';
import { findClient, runOnTerminal } from './kubectl.ts';
import { defaultDataDir, layoutOf, type Layout } from './layout.ts';
import { packageVersion } from './package.ts';
import { ProcessTable, type ProcessRecord } from './processes.ts';
import { waitForSignal } from './signals.ts';
import { down, reset } from './teardown.ts';
import { up } from './up.ts';

export const kubernetesVersion = 'v1.36.2';

async function memoryOf(host: Host, pid: number): Promise<number | undefined> {
  const status = await host.disk.readText(`/proc/${pid}/status`).catch(() => '');
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  return match ? Number(match[1]) * 1024 : undefined;
}

async function partOf(host: Host, table: ProcessTable, record: ProcessRecord): Promise<StatusReport['parts'][number]> {
  if (!(await table.running(record.name))) return { name: record.name, state: 'stopped' };
  const memoryBytes = await memoryOf(host, record.pid);
  return { name: record.name, state: 'running', pid: record.pid, ...(memoryBytes === undefined ? {} : { memoryBytes }) };
}

async function status(host: Host, layout: Layout): Promise<StatusReport> {
  const cluster = await needCluster(host, layout);
  const table = new ProcessTable(host, layout.processes);
  const parts = await Promise.all((await table.all()).map((record) => partOf(host, table, record)));
  const report: StatusReport = { dataDir: layout.dataDir, parts, server: serverUrl(cluster), nodes: [] };
  if (!(await table.running('control-plane'))) return { ...report, problem: 'the control plane is stopped; start it with `kubets up`' };
  try {
    const access = await adminAccess(host, layout, cluster);
    for (const node of (await access.client.of(Nodes).list()).items) {
      report.nodes.push({
        name: node.metadata.name!,
        ready: node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false,
        version: node.status?.nodeInfo?.kubeletVersion ?? '',
        address: node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '',
      });
    }
  } catch (error) {
    report.problem = `the API server does not answer: ${(error as Error).message}`;
  }
  return report;
}

async function mergeIntoOwn(host: Host, text: string, merge: (existing: string) => string): Promise<{ text: string; mergedInto: string }> {
  const target = process.env['KUBECONFIG']?.split(':').find(Boolean) ?? join(homedir(), '.kube', 'config');
  const existing = existsSync(target) ? await host.disk.readText(target) : '';
  await host.disk.mkdir(dirname(target), 0o700);
  try {
    await host.disk.write(target, merge(existing), { mode: 0o600, atomic: true });
  } catch (error) {
    throw new UserError(`"${target}" was left as it is: ${(error as Error).message}`);
  }
  return { text, mergedInto: target };
}

/** Nodes with a containerd that runs, and how to reach it. */
async function runningNodes(host: Host, layout: Layout): Promise<{ name: string; socket: string }[]> {
  const cluster = await needCluster(host, layout);
  if (cluster.runtime === 'hollow') throw new UserError('hollow nodes have no images');
  const table = new ProcessTable(host, layout.processes);
  const nodes: { name: string; socket: string }[] = [];
  for (const node of cluster.nodes) if (await table.running(`containerd-${node.name}`)) nodes.push({ name: node.name, socket: layout.node(node.name).containerdSocket });
  if (nodes.length === 0) throw new UserError('no node runs', 'start the cluster with `kubets up`');
  return nodes;
}

async function loadInto(host: Host, nodes: { name: string; socket: string }[], archive: Uint8Array | string, progress: Progress): Promise<void> {
  for (const node of nodes) {
    await progress.station(`loading into ${node.name}`, () => importImage(host, { socket: node.socket }, archive), (names) => names.join(', '));
  }
}

const unitBytes: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

function sizeBytes(text: string): number {
  const [amount, unit] = text.split(' ');
  return Math.round(Number(amount) * (unitBytes[unit ?? 'B'] ?? 1));
}

async function attached(host: Host, layout: Layout, progress: Progress): Promise<void> {
  progress.line('Ctrl-C stops the cluster.');
  await waitForSignal();
  await down(host, layout, false, progress);
}

function resolveDataDir(host: Host, dataDir: string | undefined): string {
  return dataDir ?? process.env['KUBETS_DATA_DIR'] ?? defaultDataDir(host.machine.isRoot());
}

export function createOperations(host: Host): Operations {
  const layout = (dataDir: string | undefined): Layout => layoutOf(resolveDataDir(host, dataDir), host.machine.isRoot());
  const clusterOf = (place: Layout): Promise<Cluster> => needCluster(host, place);
  return {
    async up(request, progress) {
      await up(host, layout(request.dataDir), request, progress);
      if (request.foreground) await attached(host, layout(request.dataDir), progress);
    },
    down: ({ dataDir, keepPods }, progress) => down(host, layout(dataDir), keepPods, progress),
    reset: ({ dataDir }, progress) => reset(host, layout(dataDir), progress),
    status: ({ dataDir }) => status(host, layout(dataDir)),
    async kubeconfig({ dataDir, merge }) {
      const place = layout(dataDir);
      const { kubeconfig } = await adminAccess(host, place, await clusterOf(place));
      const text = kubeconfigText(kubeconfig);
      return merge ? mergeIntoOwn(host, text, (existing) => mergeKubeconfig(existing, kubeconfig)) : { text };
    },
    async kubectl({ dataDir, args }) {
      const place = layout(dataDir);
      await clusterOf(place);
      return runOnTerminal(await findClient('kubectl'), args, { KUBECONFIG: place.adminKubeconfig });
    },
    async buildImage({ dataDir, context, tag, file, output }, progress) {
      const architecture = host.machine.info().architecture;
      const image = await progress.station(`building ${tag}`, () => buildContainerfile(host, { contextDir: context, names: [tag], architecture, ...(file === undefined ? {} : { file }) }));
      if (output === undefined) await loadInto(host, await runningNodes(host, layout(dataDir)), image.archive, progress);
      else await host.disk.write(output, image.archive);
    },
    async loadImage({ dataDir, archive }, progress) {
      if (!existsSync(archive)) throw new UserError(`"${archive}" does not exist`);
      await loadInto(host, await runningNodes(host, layout(dataDir)), archive, progress);
    },
    async listImages({ dataDir }) {
      const rows: { node: string; name: string; sizeBytes: number }[] = [];
      for (const node of await runningNodes(host, layout(dataDir))) {
        for (const image of await listImages(host, { socket: node.socket })) rows.push({ node: node.name, name: image.name, sizeBytes: sizeBytes(image.size) });
      }
      return rows;
    },
    // A room that nobody else needs: loaded when it is asked for.
    simulate: async (request, progress) => (await import('./simulate.ts')).simulate(host, request, progress),
    async why({ dataDir, kubeconfig, json, all, ...pod }) {
      const { clientOf, renderExplanation, whyPod } = await import('./why.ts');
      const place = layout(dataDir);
      const client = kubeconfig === undefined ? (await adminAccess(host, place, await clusterOf(place))).client : await clientOf(host, kubeconfig);
      const explanation = await whyPod(host, client, pod);
      return json ? `${JSON.stringify(explanation, undefined, 2)}\n` : renderExplanation(explanation, all);
    },
    version: () => ({ kubets: packageVersion(), kubernetes: kubernetesVersion, node: process.version }),
    component: (name, flags) => runComponent(name, flags, async (dataDir) => {
      const place = layout(dataDir);
      const cluster = await readCluster(host, place);
      if (!cluster) throw new UserError(`there is no cluster in "${place.dataDir}"`);
      return { layout: place, cluster };
    }),
  };
}
