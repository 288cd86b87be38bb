/** Setting a node's network up, and taking it down. Each step may run again at any time. */
import type { Host } from '../host/types.ts';
import { cniConfig } from './cni.ts';
import { attempt, type Place } from './command.ts';
import { applyFirewall, familyOf, removeFirewall } from './firewall.ts';
import { removeHostPorts } from './hostports.ts';
import { applySysctls, nodeSysctls, readSysctl, restoreSysctls } from './sysctl.ts';

export interface NodeNetworkOptions {
  /** Begins the names of everything made; unique to the cluster on this machine, at most 8 letters, digits and dashes. Default `kubets`. */
  prefix?: string;
  nodeName: string;
  /** The node's own folder for network files; `prepareNodeNetwork` creates `cni/net.d` and `cni/state` in it. */
  dir: string;
  /** The node's ranges of pod addresses (`spec.podCIDRs`). */
  podCidrs: readonly string[];
  /** All pod addresses of the cluster. */
  clusterCidrs: readonly string[];
  /** Destinations besides the cluster's pods that shall see a pod's own address. */
  directCidrs?: readonly string[];
  /** Default: the smallest of the machine's default route; `ip link` shows it. */
  mtu?: number;
  /** The tool for masquerading. Default `iptables`. */
  firewall?: 'iptables' | 'nftables';
  /** The network namespace of the node, where the caller does not run in it. */
  namespace?: string;
}

export interface NodeNetwork {
  /** For containerd's `conf_dir`. */
  cniConfDir: string;
  /** Name of the bridge (absent with routed pairs). */
  bridge?: string;
  networkName: string;
}

const placeOf = (host: Pick<Host, 'exec'>, namespace: string | undefined): Place => ({ exec: host.exec, ...(namespace === undefined ? {} : { namespace }) });

/** Folders and names that follow from the options: where a node's CNI files lie. */
export function nodeNetworkPaths(options: Pick<NodeNetworkOptions, 'dir' | 'prefix' | 'nodeName'>): { cniConfDir: string; cniStateDir: string; sysctlFile: string; bridge: string; networkName: string } {
  const prefix = options.prefix ?? 'kubets';
  if (!/^[a-z][a-z0-9-]{0,7}$/.test(prefix)) throw new Error(`The prefix "${prefix}" must be 1 to 8 lower-case letters, digits and dashes, and begin with a letter`);
  return { cniConfDir: `${options.dir}/cni/net.d`, cniStateDir: `${options.dir}/cni/state`, sysctlFile: `${options.dir}/sysctls.json`, bridge: `${prefix}-br0`, networkName: `${prefix}-${options.nodeName}` };
}

/** The MTU of the interface of the default route; undefined where there is none. */
async function defaultMtu(place: Place): Promise<number | undefined> {
  const routes = await attempt(place, 'ip', ['-j', 'route', 'show', 'default']);
  const device = routes.code === 0 ? (JSON.parse(routes.stdout || '[]') as { dev?: string }[])[0]?.dev : undefined;
  if (device === undefined) return undefined;
  const link = await attempt(place, 'ip', ['-j', 'link', 'show', 'dev', device]);
  return link.code === 0 ? (JSON.parse(link.stdout) as { mtu: number }[])[0]?.mtu : undefined;
}

/** Without bridge netfilter the answers between two pods of a bridge would skip the NAT rules; routed pairs then serve instead. */
async function choosePlugin(place: Place): Promise<'bridge' | 'ptp'> {
  if ((await readSysctl(place, 'net/bridge/bridge-nf-call-iptables')) !== undefined) return 'bridge';
  await attempt(place, 'modprobe', ['br_netfilter']).catch(() => undefined);
  return (await readSysctl(place, 'net/bridge/bridge-nf-call-iptables')) === undefined ? 'ptp' : 'bridge';
}

/**
 * Makes the machine (or namespace) ready for pods: kernel settings, masquerading, forwarding, and at last the CNI configuration, whose appearance is what makes
 * the runtime report its network as ready. Call it once the node's pod ranges are known.
 */
export async function prepareNodeNetwork(host: Pick<Host, 'exec' | 'disk'>, options: NodeNetworkOptions): Promise<NodeNetwork> {
  if (options.podCidrs.length === 0) throw new Error(`Node "${options.nodeName}" has no range of pod addresses yet`);
  const place = placeOf(host, options.namespace);
  const paths = nodeNetworkPaths(options);
  await host.disk.mkdir(paths.cniConfDir);
  await host.disk.mkdir(paths.cniStateDir);
  const plugin = await choosePlugin(place);
  const families = [...new Set(options.podCidrs.map(familyOf))];
  const earlier = (await host.disk.stat(paths.sysctlFile)) === undefined ? {} : (JSON.parse(await host.disk.readText(paths.sysctlFile)) as Record<string, string>);
  const changed = await applySysctls(place, nodeSysctls(families));
  // What the first preparation found is what a removal must put back.
  await host.disk.write(paths.sysctlFile, JSON.stringify({ ...changed, ...earlier }), { atomic: true });
  await applyFirewall(place, {
    prefix: options.prefix ?? 'kubets',
    tool: options.firewall ?? 'iptables',
    sourceCidrs: options.podCidrs,
    directCidrs: [...options.clusterCidrs, ...(options.directCidrs ?? [])],
    forwardCidrs: options.clusterCidrs,
  });
  const mtu = options.mtu ?? (await defaultMtu(place));
  const config = cniConfig({ networkName: paths.networkName, podCidrs: options.podCidrs, bridge: paths.bridge, stateDir: paths.cniStateDir, plugin, ...(mtu === undefined ? {} : { mtu }) });
  const file = `${paths.cniConfDir}/10-kubets.conflist`;
  const text = `${JSON.stringify(config, null, 2)}\n`;
  // The runtime reloads its network when the file changes: the same content must not be written again.
  const present = (await host.disk.stat(file)) === undefined ? undefined : await host.disk.readText(file);
  if (present !== text) await host.disk.write(file, text, { atomic: true });
  return { cniConfDir: paths.cniConfDir, networkName: paths.networkName, ...(plugin === 'bridge' ? { bridge: paths.bridge } : {}) };
}

/** Removes what `prepareNodeNetwork` and the plug-ins made: rules, bridge, results that CNI remembers, files, kernel settings. Call it when no pod is left. */
export async function removeNodeNetwork(host: Pick<Host, 'exec' | 'disk'>, options: Pick<NodeNetworkOptions, 'dir' | 'prefix' | 'nodeName' | 'namespace'>): Promise<void> {
  const place = placeOf(host, options.namespace);
  const paths = nodeNetworkPaths(options);
  // A namespace that is gone took its rules and interfaces along.
  const exists = options.namespace === undefined || (await host.disk.stat(`/run/netns/${options.namespace}`)) !== undefined;
  if (exists) {
    await removeFirewall(place, options.prefix ?? 'kubets');
    await removeHostPorts(place, paths.networkName);
    await attempt(place, 'ip', ['link', 'delete', paths.bridge]);
    if ((await host.disk.stat(paths.sysctlFile)) !== undefined) await restoreSysctls(place, JSON.parse(await host.disk.readText(paths.sysctlFile)) as Record<string, string>);
  }
  await removeCniResults(host, paths.networkName);
  await host.disk.remove(`${options.dir}/cni`);
  await host.disk.remove(paths.sysctlFile);
}

/** The folder in which the CNI library of the runtime keeps results, whatever the node. */
const resultsDir = '/var/lib/cni/results';

async function removeCniResults(host: Pick<Host, 'disk'>, networkName: string): Promise<void> {
  if ((await host.disk.stat(resultsDir)) === undefined) return;
  for (const name of await host.disk.list(resultsDir)) if (name.startsWith(`${networkName}-`)) await host.disk.remove(`${resultsDir}/${name}`);
  for (const dir of [resultsDir, '/var/lib/cni']) if ((await host.disk.list(dir)).length === 0) await host.disk.removeEmptyDirectory(dir);
}
