/**
 * For tests: a containerd of the test's own in a network namespace of its own, with all its files in one folder. Nothing of the machine's own
 * containerd is touched, and `stop` removes every process, mount, namespace, control group and file.
 */
import type { Child, Host } from '../host/types.ts';
import { grpcRuntime } from './grpc.ts';
import type { ContainerRuntime } from './runtime.ts';

export interface TestContainerdOptions {
  /** An empty folder. */
  folder: string;
  /** Image archives (OCI tar) to load. */
  archives: readonly Uint8Array[];
  sandboxImage: string;
  /** Default `10.88.7.0/24`. */
  podCidr?: string;
}

export interface TestContainerd {
  runtime: ContainerRuntime;
  socket: string;
  /** Parent of all control groups that a test makes, as `/kubets-test-…`. */
  cgroupParent: string;
  /** Path of the network namespace. */
  netns: string;
  /** Ends containerd only: containers go on. */
  restartDaemon(): Promise<void>;
  stop(): Promise<void>;
}

type Needs = Pick<Host, 'clock' | 'disk' | 'exec' | 'random' | 'net'>;

const cgroupMount = '/sys/fs/cgroup';

function daemonConfig(folder: string, socket: string, sandboxImage: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[${cri}]
  sandbox_image = "${sandboxImage}"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  restrict_oom_score_adj = true
  disable_apparmor = true
  enable_unprivileged_ports = true
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true
  [${cri}.cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni"
    max_conf_num = 1
  [${cri}.containerd]
    default_runtime_name = "runc"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${cri}.containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}

function cniConfig(folder: string, podCidr: string): string {
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'test',
    plugins: [{ type: 'bridge', bridge: 'test0', isGateway: true, ipMasq: false, ipam: { type: 'host-local', dataDir: `${folder}/ipam`, ranges: [[{ subnet: podCidr }]], routes: [{ dst: '0.0.0.0/0' }] } }],
  });
}

async function must(host: Needs, file: string, args: readonly string[], input?: Uint8Array): Promise<string> {
  const result = await host.exec.run(file, args, input ? { input } : {});
  if (result.code !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${result.stderr}`);
  return result.stdout;
}

async function unmountBelow(host: Needs, folder: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const table = await host.disk.readText('/proc/self/mountinfo');
    const points = table.split('\n').map((line) => line.split(' ')[4] ?? '').filter((point) => point.startsWith(`${folder}/`)).toSorted((a, b) => b.length - a.length);
    if (points.length === 0) return;
    for (const point of points) await host.exec.run('umount', ['-l', point]);
  }
}

/** Shims outlive their daemon; those of this one name its socket. */
async function killShims(host: Needs, socket: string): Promise<void> {
  for (const name of await host.disk.list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const args = (await host.disk.readText(`/proc/${name}/cmdline`).catch(() => '')).split('\0');
    if (args[0]?.includes('containerd-shim') && args.includes(socket)) host.exec.signal(Number(name), 'SIGKILL');
  }
}

async function removeCgroup(host: Needs, path: string): Promise<void> {
  if ((await host.disk.stat(path))?.kind !== 'directory') return;
  const procs = await host.disk.readText(`${path}/cgroup.procs`).catch(() => '');
  for (const pid of procs.split('\n').filter(Boolean)) host.exec.signal(Number(pid), 'SIGKILL');
  for (const name of await host.disk.list(path)) await removeCgroup(host, `${path}/${name}`);
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      return await host.disk.removeEmptyDirectory(path);
    } catch {
      await host.clock.sleep(20);
    }
  }
}

/** Starts it and loads the images. Needs root, containerd, runc and the CNI plug-ins. */
export async function startTestContainerd(host: Needs, options: TestContainerdOptions): Promise<TestContainerd> {
  const { folder } = options;
  const name = `kubets-test-${host.random.uuid().slice(0, 8)}`;
  const netns = `/run/netns/${name}`;
  const socket = `${folder}/containerd.sock`;
  await host.disk.mkdir(`${folder}/cni`);
  await host.disk.write(`${folder}/config.toml`, daemonConfig(folder, socket, options.sandboxImage));
  await host.disk.write(`${folder}/cni/10-test.conflist`, cniConfig(folder, options.podCidr ?? '10.88.7.0/24'));
  await must(host, 'ip', ['netns', 'add', name]);
  await must(host, 'ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  // nsenter becomes containerd: the child's process id is the daemon's.
  const start = (): Promise<Child> => host.exec.spawn('nsenter', [`--net=${netns}`, 'containerd', '--config', `${folder}/config.toml`], { logFile: `${folder}/containerd.log` });
  let daemon = await start();
  const runtime = grpcRuntime(host, { endpoint: `unix://${socket}`, startupTimeoutMs: 30_000 });

  async function end(): Promise<void> {
    daemon.kill('SIGTERM');
    await daemon.exited;
  }

  async function stop(): Promise<void> {
    for (const sandbox of await runtime.listPodSandboxes().catch(() => [])) {
      await runtime.stopPodSandbox(sandbox.id).catch(() => undefined);
      await runtime.removePodSandbox(sandbox.id).catch(() => undefined);
    }
    await runtime.close();
    await end();
    await killShims(host, socket);
    await unmountBelow(host, folder);
    await host.exec.run('ip', ['netns', 'del', name]);
    for (const hierarchy of ['', ...(await host.disk.list(cgroupMount))]) await removeCgroup(host, `${cgroupMount}/${hierarchy}/${name}`);
    await host.disk.remove(folder);
  }

  try {
    await runtime.ready();
    for (const archive of options.archives) await must(host, 'ctr', ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', '-'], archive);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    runtime, socket, netns, stop,
    cgroupParent: `/${name}`,
    async restartDaemon() {
      await end();
      daemon = await start();
      await host.clock.sleep(200);
    },
  };
}
