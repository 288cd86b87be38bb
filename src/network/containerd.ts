/** containerd's configuration for one node: everything of its own, nothing shared with another node or with the machine's containerd. */
import type { Host } from '../host/types.ts';

export interface ContainerdOptions {
  /** Persistent data: images, snapshots. */
  root: string;
  /** Data that does not outlive a boot: running tasks, network namespaces of pods. */
  state: string;
  socket: string;
  cniConfDir: string;
  /** Default `/usr/lib/cni` (Debian's). */
  cniBinDir?: string;
  sandboxImage: string;
  snapshotter: 'overlayfs' | 'native';
  /** Never lower an OOM score below the daemon's own: needed without CAP_SYS_RESOURCE. */
  restrictOomScoreAdj: boolean;
  disableApparmor: boolean;
  logLevel?: 'debug' | 'info' | 'warn' | 'error';
}

const text = (value: string): string => JSON.stringify(value);

/** The text of config.toml, version 2, which containerd 1.6 reads as it is and 2.x converts. */
export function containerdConfig(options: ContainerdOptions): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = ${text(options.root)}
state = ${text(options.state)}
# What this node does not use is not loaded: it only costs start-up time and warnings.
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]

[grpc]
  address = ${text(options.socket)}

[ttrpc]
  address = ${text(`${options.socket}.ttrpc`)}

[debug]
  level = ${text(options.logLevel ?? 'info')}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(`${options.root}/opt`)}

[${cri}]
  sandbox_image = ${text(options.sandboxImage)}
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  restrict_oom_score_adj = ${options.restrictOomScoreAdj}
  disable_apparmor = ${options.disableApparmor}
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true

  [${cri}.cni]
    bin_dir = ${text(options.cniBinDir ?? '/usr/lib/cni')}
    conf_dir = ${text(options.cniConfDir)}
    max_conf_num = 1

  [${cri}.containerd]
    snapshotter = ${text(options.snapshotter)}
    default_runtime_name = "runc"
    discard_unpacked_layers = false

    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [${cri}.containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}

/** Bit of CAP_SYS_RESOURCE in the capability sets. */
const capSysResource = 24n;

/** What this machine allows, as far as containerd's configuration depends on it. */
export async function probeContainerdSettings(host: Pick<Host, 'disk' | 'exec' | 'random'>, root: string): Promise<Pick<ContainerdOptions, 'snapshotter' | 'restrictOomScoreAdj' | 'disableApparmor'>> {
  const status = await host.disk.readText('/proc/self/status');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const apparmor = await host.disk.readText('/sys/module/apparmor/parameters/enabled').catch(() => 'N');
  const parser = await host.disk.stat('/sbin/apparmor_parser');
  return {
    snapshotter: (await overlayWorks(host, root)) ? 'overlayfs' : 'native',
    restrictOomScoreAdj: ((effective >> capSysResource) & 1n) === 0n,
    disableApparmor: !apparmor.startsWith('Y') || parser === undefined,
  };
}

/** Tries a mount in a scratch folder next to the data: an overlay cannot lie on every file system (not on an overlay, for one). */
async function overlayWorks(host: Pick<Host, 'disk' | 'exec' | 'random'>, root: string): Promise<boolean> {
  const scratch = `${root}/overlay-probe-${host.random.uuid().slice(0, 8)}`;
  for (const name of ['lower', 'upper', 'work', 'merged']) await host.disk.mkdir(`${scratch}/${name}`);
  try {
    const layers = `lowerdir=${scratch}/lower,upperdir=${scratch}/upper,workdir=${scratch}/work`;
    const mounted = await host.exec.run('mount', ['-t', 'overlay', 'overlay', '-o', layers, `${scratch}/merged`]);
    if (mounted.code !== 0) return false;
    await host.exec.run('umount', [`${scratch}/merged`]);
    return true;
  } finally {
    await host.disk.remove(scratch);
  }
}
