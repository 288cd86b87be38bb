/** `down` and `reset`: stopping what runs, and removing what was made. Only things of this cluster, known by id, name or path, are touched. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, type Progress } from '../cli/operations.ts';
import type { Host } from '../host/types.ts';
import { grpcRuntime } from '../cri/index.ts';
import { removeNodeNamespace, removeNodeNetwork } from '../network/index.ts';
import { cleanupProxy } from '../proxy/index.ts';
import { needCluster, nodeNamespaceOptions, readCluster, type Cluster, type ClusterNode } from './cluster.ts';
import { cgroupRootOf, type Layout } from './layout.ts';
import { Supervisor } from './supervise.ts';

const partGraceMs = 10_000;
const podGraceSeconds = 5;

const containerdPart = (node: ClusterNode): string => `containerd-${node.name}`;

/** Stops the components, API server last, so that nobody loses it while still working. */
async function stopComponents(cluster: Cluster, supervisor: Supervisor): Promise<void> {
  const agents = cluster.runtime === 'hollow' ? ['hollow-nodes'] : cluster.nodes.map((node) => node.name);
  await Promise.all(agents.map((name) => supervisor.table.stop(name, partGraceMs)));
  await supervisor.table.stop('control-plane', partGraceMs);
}

/** Stops and removes every pod sandbox and container of a node, through its runtime. Returns how many pods there were. */
async function stopPods(host: Host, layout: Layout, node: ClusterNode): Promise<number> {
  const runtime = grpcRuntime(host, { endpoint: `unix://${layout.node(node.name).containerdSocket}`, startupTimeoutMs: 5000 });
  try {
    const sandboxes = await runtime.listPodSandboxes();
    await Promise.all(sandboxes.map(async (sandbox) => {
      const containers = await runtime.listContainers({ podSandboxId: sandbox.id });
      await Promise.all(containers.map(async (container) => {
        await runtime.stopContainer(container.id, podGraceSeconds);
        await runtime.removeContainer(container.id);
      }));
      await runtime.stopPodSandbox(sandbox.id);
      await runtime.removePodSandbox(sandbox.id);
    }));
    return sandboxes.length;
  } finally {
    await runtime.close();
  }
}

async function stopNode(host: Host, layout: Layout, node: ClusterNode, supervisor: Supervisor): Promise<number> {
  if (!(await supervisor.table.running(containerdPart(node)))) return 0;
  const pods = await stopPods(host, layout, node);
  await supervisor.table.stop(containerdPart(node), partGraceMs);
  return pods;
}

export async function down(host: Host, layout: Layout, keepPods: boolean, progress: Progress): Promise<void> {
  const cluster = await needCluster(host, layout);
  const supervisor = new Supervisor(host, layout);
  await progress.station('components', () => stopComponents(cluster, supervisor), () => 'stopped');
  if (keepPods || cluster.runtime === 'hollow') return;
  await progress.station('pods', async () => {
    const stopped = await Promise.all(cluster.nodes.map((node) => stopNode(host, layout, node, supervisor)));
    await unmountBelow(host, [layout.dataDir, layout.run]);
    return stopped.reduce((a, b) => a + b, 0);
  }, (count) => `${count} stopped`);
}

async function unmountBelow(host: Host, directories: readonly string[]): Promise<void> {
  for (const point of mountsBelow(directories)) await host.exec.run('umount', ['--lazy', '--', point]);
}

/** Mount points below the given directories, deepest first. */
function mountsBelow(directories: readonly string[]): string[] {
  const unescape = (text: string): string => text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  const points = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter(Boolean).map((line) => unescape(line.split(' ')[4]!));
  return points.filter((point) => directories.some((directory) => point === directory || point.startsWith(`${directory}/`))).toSorted((a, b) => b.length - a.length);
}

/** Shims outlive containerd. Those of this cluster name its socket in their arguments. */
async function stopShims(host: Host, socket: string): Promise<void> {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)) {
    let args: string[];
    try {
      args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    } catch {
      continue;
    }
    if (args[0]?.includes('containerd-shim') && args.includes(socket)) host.exec.signal(pid, 'SIGKILL');
  }
}

function directoriesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
  } catch {
    return [];
  }
}

/** Removes a cgroup with all below it, in every hierarchy, ending what still runs in it. */
async function removeCgroups(host: Host, root: string): Promise<void> {
  async function removeTree(directory: string): Promise<void> {
    for (const child of directoriesBelow(directory)) await removeTree(child);
    const pids = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    for (const pid of pids) host.exec.signal(pid, 'SIGKILL');
    for (let attempt = 0; ; attempt++) {
      try {
        await host.disk.removeEmptyDirectory(directory);
        return;
      } catch (error) {
        // Ended processes leave their cgroup a moment later.
        if (attempt > 100) throw error;
        await host.clock.sleep(20);
      }
    }
  }
  for (const hierarchy of ['/sys/fs/cgroup', ...directoriesBelow('/sys/fs/cgroup')]) {
    const directory = join(hierarchy, root);
    if (await host.disk.stat(directory)) await removeTree(directory);
  }
}

async function removeNode(host: Host, layout: Layout, cluster: Cluster, node: ClusterNode, supervisor: Supervisor): Promise<void> {
  const paths = layout.node(node.name);
  await stopNode(host, layout, node, supervisor).catch((error: unknown) => host.log.warn('pods could not be stopped in good order', { node: node.name, error: String(error) }));
  await supervisor.table.stop(containerdPart(node), partGraceMs);
  await stopShims(host, paths.containerdSocket);
  if (node.namespace === undefined) {
    await cleanupProxy(host);
    await removeNodeNetwork(host, { dir: paths.root, prefix: layout.networkPrefix, nodeName: node.name });
  } else {
    const index = cluster.nodes.indexOf(node);
    await removeNodeNamespace(host, nodeNamespaceOptions(layout, cluster.clusterCidr, index), index === cluster.nodes.length - 1);
  }
}

export async function reset(host: Host, layout: Layout, progress: Progress): Promise<void> {
  const cluster = await readCluster(host, layout);
  if (!cluster) {
    if (await host.disk.stat(layout.dataDir)) throw new UserError(`"${layout.dataDir}" holds no cluster`, 'name the cluster\'s directory with --data-dir');
    progress.line('nothing to reset');
    return;
  }
  const supervisor = new Supervisor(host, layout);
  await progress.station('components', () => stopComponents(cluster, supervisor), () => 'stopped');
  if (cluster.runtime === 'containerd') {
    await progress.station('nodes', async () => {
      for (const node of cluster.nodes) await removeNode(host, layout, cluster, node, supervisor);
      await removeCgroups(host, cgroupRootOf(layout));
    }, () => 'removed');
  }
  await progress.station('files', async () => {
    await unmountBelow(host, [layout.dataDir, layout.run]);
    await host.disk.remove(layout.run);
    // Only what kubets put there: a data directory may be a folder that somebody else uses too.
    for (const path of [layout.pki, layout.store, layout.logs, layout.processes, layout.images, join(layout.dataDir, 'nodes'), layout.adminKubeconfig, layout.clusterFile]) {
      await host.disk.remove(path);
    }
    await host.disk.removeEmptyDirectory(layout.dataDir).catch(() => undefined);
    // The parent is shared by all clusters of the machine: it goes when this was the last.
    await host.disk.removeEmptyDirectory(join(layout.run, '..')).catch(() => undefined);
  }, () => 'removed');
}
