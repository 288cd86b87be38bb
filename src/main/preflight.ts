/** What must be so before anything is started. Each failure is one clear line that says what to do. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError, type UpRequest } from '../cli/operations.ts';
import type { Host } from '../host/types.ts';
import type { Layout } from './layout.ts';

/** Where Debian keeps programs that a plain user's PATH may leave out, and CNI plug-ins. */
export const cniDirectories = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'] as const;
const extraDirectories = ['/usr/local/sbin', '/usr/sbin', '/sbin', ...cniDirectories];

const needed: readonly (readonly [program: string, debianPackage: string])[] = [
  ['containerd', 'containerd'],
  ['runc', 'runc'],
  ['bridge', 'containernetworking-plugins'],
  ['iptables-restore', 'iptables'],
  ['nft', 'nftables'],
  ['ip', 'iproute2'],
  ['nsenter', 'util-linux'],
];

export function findProgram(program: string): string | undefined {
  for (const directory of [...(process.env['PATH'] ?? '').split(delimiter), ...extraDirectories]) {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return join(directory, program);
    } catch {
      // Not here; the next directory.
    }
  }
  return undefined;
}

/** The folder with the CNI plug-ins. */
export function cniDirectory(): string {
  const found = findProgram('host-local');
  return found === undefined ? cniDirectories[0] : join(found, '..');
}

/** Pods are bound by control groups: one tree (v2), or one for each controller (v1). */
async function checkControlGroups(host: Host): Promise<void> {
  const has = async (name: string): Promise<boolean> => (await host.disk.stat(`/sys/fs/cgroup/${name}`)) !== undefined;
  if ((await has('cgroup.controllers')) || ((await has('cpu')) && (await has('memory')))) return;
  throw new UserError('no control groups are mounted at /sys/fs/cgroup', 'mount them; `ip netns exec` hides them, `nsenter --net=/run/netns/NAME` does not');
}

export async function checkMachine(host: Host, request: UpRequest): Promise<void> {
  if (request.runtime === 'hollow') return;
  const hollow = 'or run `kubets up --runtime hollow`: the same control plane, with nodes that only pretend to run containers';
  if (host.machine.info().operatingSystem !== 'linux') throw new UserError('containers need Linux', `use a Linux machine, ${hollow}`);
  if (!host.machine.isRoot()) throw new UserError('containers, network namespaces and service rules need root', `run it with sudo, ${hollow}`);
  const missing = needed.filter(([program]) => findProgram(program) === undefined);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
    throw new UserError(`missing programs: ${missing.map(([program]) => program).join(', ')}`, `run: apt-get install --no-install-recommends ${packages}`);
  }
  await checkControlGroups(host);
}

export async function checkDirectory(host: Host, layout: Layout): Promise<void> {
  try {
    await host.disk.mkdir(layout.dataDir, 0o755);
    const probe = join(layout.dataDir, '.probe');
    await host.disk.write(probe, 'probe');
    await host.disk.remove(probe);
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'unknown error';
    const why: Record<string, string> = { EACCES: 'permission denied', EROFS: 'the file system is read-only', ENOSPC: 'the disk is full', ENOTDIR: 'a part of the path is not a directory', EEXIST: 'it is not a directory' };
    throw new UserError(`the data directory "${layout.dataDir}" cannot be written: ${why[code] ?? code}`, 'choose another with --data-dir');
  }
}

/** A port that somebody else holds is best found before certificates are made for it. */
export async function checkPort(host: Host, port: number): Promise<void> {
  try {
    const listener = await host.net.listenTcp({ address: '0.0.0.0', port, onConnection: (socket) => socket.destroy() });
    await listener.close();
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'EADDRINUSE') throw new UserError(`port ${port} is in use by another program`, 'choose another with --port, or stop the program that holds it');
    if (code === 'EACCES') throw new UserError(`port ${port} may not be opened without root`, 'choose one above 1023 with --port');
    throw error;
  }
}
