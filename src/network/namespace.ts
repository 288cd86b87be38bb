/**
 * A second node on one machine: a network namespace, tied to the machine by a veth pair. Not by a bridge: a bridge between namespaces together
 * with bridge netfilter drops traffic that a node port sends back the way it came.
 */
import type { Host } from '../host/types.ts';
import { attempt, command, enterNamespace, type Place } from './command.ts';
import { applyFirewall, removeFirewall } from './firewall.ts';
import { applySysctls, nodeSysctls, restoreSysctls } from './sysctl.ts';

export interface NodeNamespaceOptions {
  /** Begins the names of the interfaces and rules; unique to the cluster, at most 8 characters. Default `kubets`. */
  prefix?: string;
  /** Name of the namespace: `/run/netns/NAME`. */
  name: string;
  /** 0 to 199; gives the node its address, and its interface its name. */
  index: number;
  /** An IPv4 /24 for the nodes in namespaces: `.1` is the machine, `.(10+index)` the nodes. Default 198.18.240.0/24, which no real network uses (RFC 2544). */
  nodesCidr?: string;
  /** Ranges that shall see a node's own address: the cluster's pods. */
  clusterCidrs?: readonly string[];
  mtu?: number;
  firewall?: 'iptables' | 'nftables';
  /** A file that remembers the machine's kernel settings from before; the last removal puts them back. Without it they stay as they are. */
  sysctlFile?: string;
}

export interface NodeNamespace {
  name: string;
  /** `/run/netns/NAME` */
  path: string;
  /** The node's address. */
  address: string;
  /** The machine's address, as the node sees it. */
  gateway: string;
  /** The machine's end of the pair. */
  hostInterface: string;
  /** Put these words before a command to run it in the namespace. */
  enter: string[];
}

const defaultNodesCidr = '198.18.240.0/24';

/** Names and addresses, without doing anything. */
export function describeNodeNamespace(options: NodeNamespaceOptions): NodeNamespace {
  const prefix = options.prefix ?? 'kubets';
  const cidr = options.nodesCidr ?? defaultNodesCidr;
  const match = /^(\d+\.\d+\.\d+)\.0\/24$/.exec(cidr);
  if (match === null) throw new Error(`"${cidr}" must be an IPv4 range of the form A.B.C.0/24`);
  if (!Number.isInteger(options.index) || options.index < 0 || options.index > 199) throw new Error(`The index ${options.index} of a node namespace must be 0 to 199`);
  if (!/^[a-z][a-z0-9-]{0,7}$/.test(prefix)) throw new Error(`The prefix "${prefix}" must be 1 to 8 lower-case letters, digits and dashes, and begin with a letter`);
  return {
    name: options.name,
    path: `/run/netns/${options.name}`,
    address: `${match[1]}.${10 + options.index}`,
    gateway: `${match[1]}.1`,
    hostInterface: `${prefix}-n${options.index}`,
    enter: enterNamespace(options.name),
  };
}

const rulesPrefix = (prefix: string | undefined): string => `${prefix ?? 'kubets'}-n`;

/** Makes the namespace, or completes one that is there. The node reaches the machine, its sister nodes, and the world by the machine's address. */
export async function createNodeNamespace(host: Pick<Host, 'exec' | 'disk'>, options: NodeNamespaceOptions): Promise<NodeNamespace> {
  const node = describeNodeNamespace(options);
  const outside: Place = { exec: host.exec };
  const inside: Place = { exec: host.exec, namespace: node.name };
  if ((await host.disk.stat(node.path)) === undefined) await command(outside, 'ip', ['netns', 'add', node.name]);
  if ((await attempt(outside, 'ip', ['link', 'show', node.hostInterface])).code !== 0) {
    const mtu = options.mtu === undefined ? [] : ['mtu', String(options.mtu)];
    await command(outside, 'ip', ['link', 'add', node.hostInterface, ...mtu, 'type', 'veth', 'peer', 'name', 'eth0', ...mtu, 'netns', node.name]);
  }
  await command(outside, 'ip', ['address', 'replace', `${node.gateway}/32`, 'dev', node.hostInterface]);
  await command(outside, 'ip', ['link', 'set', node.hostInterface, 'up']);
  await command(outside, 'ip', ['route', 'replace', `${node.address}/32`, 'dev', node.hostInterface, 'src', node.gateway]);
  for (const args of [['link', 'set', 'lo', 'up'], ['address', 'replace', `${node.address}/32`, 'dev', 'eth0'], ['link', 'set', 'eth0', 'up'], ['route', 'replace', `${node.gateway}/32`, 'dev', 'eth0', 'src', node.address], ['route', 'replace', 'default', 'via', node.gateway, 'dev', 'eth0', 'src', node.address]]) {
    await command(inside, 'ip', args);
  }
  await applySysctls(inside, nodeSysctls([4]));
  const previous = await applySysctls(outside, nodeSysctls([4]));
  if (options.sysctlFile !== undefined && (await host.disk.stat(options.sysctlFile)) === undefined) await host.disk.write(options.sysctlFile, JSON.stringify(previous));
  const cidr = options.nodesCidr ?? defaultNodesCidr;
  await applyFirewall(outside, { prefix: rulesPrefix(options.prefix), tool: options.firewall ?? 'iptables', sourceCidrs: [cidr], directCidrs: [cidr, ...(options.clusterCidrs ?? [])], forwardCidrs: [cidr] });
  return node;
}

/** Removes the namespace and the pair; the rules that all such nodes share go with `last`. Processes inside must have ended. No error where nothing is. */
export async function removeNodeNamespace(host: Pick<Host, 'exec' | 'disk'>, options: NodeNamespaceOptions, last: boolean): Promise<void> {
  const node = describeNodeNamespace(options);
  const outside: Place = { exec: host.exec };
  await attempt(outside, 'ip', ['link', 'delete', node.hostInterface]);
  if ((await host.disk.stat(node.path)) !== undefined) await command(outside, 'ip', ['netns', 'delete', node.name]);
  if (!last) return;
  await removeFirewall(outside, rulesPrefix(options.prefix));
  if (options.sysctlFile !== undefined && (await host.disk.stat(options.sysctlFile)) !== undefined) {
    await restoreSysctls(outside, JSON.parse(await host.disk.readText(options.sysctlFile)) as Record<string, string>);
    await host.disk.remove(options.sysctlFile);
  }
}
