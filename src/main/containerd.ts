/** A node's own containerd: configured, started apart from the agent so that it outlives it, and filled with the images that no registry has. */
import type { Host } from '../host/types.ts';
import { busyboxImage, importImage, listImages, pauseImage, type ImageArchitecture } from '../images/index.ts';
import { containerdConfig, probeContainerdSettings } from '../network/index.ts';
import { busyboxImageName, pauseImageName, type ClusterNode } from './cluster.ts';
import type { Layout, NodeLayout } from './layout.ts';
import { cniDirectory } from './preflight.ts';
import type { ProcessTable } from './processes.ts';

const startLimitMs = 30_000;
const pollMs = 20;

export type Snapshotter = 'overlayfs' | 'native';

/** Starts the node's containerd unless it runs. Resolves when its socket takes connections, with the snapshotter that it uses. */
export async function ensureContainerd(host: Host, layout: Layout, node: ClusterNode, cniConfDir: string, table: ProcessTable): Promise<Snapshotter> {
  const paths = layout.node(node.name);
  const name = `containerd-${node.name}`;
  await host.disk.mkdir(paths.containerdRoot, 0o711);
  await host.disk.mkdir(paths.containerdState, 0o711);
  const settings = await probeContainerdSettings(host, paths.containerdRoot);
  if (!(await table.running(name))) {
    const config = containerdConfig({ ...settings, root: paths.containerdRoot, state: paths.containerdState, socket: paths.containerdSocket, cniConfDir, cniBinDir: cniDirectory(), sandboxImage: pauseImageName });
    await host.disk.write(paths.containerdConfig, config, { atomic: true });
    const child = await host.exec.spawn('containerd', ['--config', paths.containerdConfig], { detached: true, logFile: `${layout.logs}/${name}.log` });
    await table.record(name, child.pid);
  }
  await waitForSocket(host, paths, table, name);
  return settings.snapshotter;
}

async function waitForSocket(host: Host, paths: NodeLayout, table: ProcessTable, name: string): Promise<void> {
  const deadline = host.clock.monotonic() + startLimitMs;
  for (;;) {
    try {
      (await host.net.connect({ path: paths.containerdSocket }, { timeoutMs: 1000 })).destroy();
      return;
    } catch (error) {
      if (!(await table.running(name))) throw new Error(`${name} has ended; its log tells why`, { cause: error });
      if (host.clock.monotonic() > deadline) throw new Error(`${name} does not answer on ${paths.containerdSocket}`, { cause: error });
    }
    await host.clock.sleep(pollMs);
  }
}

/** Builds the pause and busybox images from local files, and loads those that the node does not have. */
export async function ensureImages(host: Host, layout: Layout, node: ClusterNode, snapshotter: Snapshotter): Promise<void> {
  const access = { socket: layout.node(node.name).containerdSocket, snapshotter };
  const present = new Set((await listImages(host, access)).map((image) => image.name));
  const architecture: ImageArchitecture = host.machine.info().architecture;
  if (!present.has(pauseImageName)) await importImage(host, access, (await pauseImage(architecture, [pauseImageName])).archive);
  if (!present.has(busyboxImageName)) {
    try {
      await importImage(host, access, (await busyboxImage(host, { names: [busyboxImageName] })).archive);
    } catch (error) {
      // Only the examples need it.
      host.log.warn('the busybox image could not be built', { error: String(error) });
    }
  }
}
