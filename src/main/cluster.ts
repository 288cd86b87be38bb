/** What a cluster on this machine is made of, as `up` decided it; kept in the data directory, so that the next `up` finds the same cluster. */
import { resolve } from 'node:path';
import { UserError, type ProxyMode, type RuntimeName, type UpRequest } from '../cli/operations.ts';
import type { Host } from '../host/types.ts';
import { describeNodeNamespace, type NodeNamespaceOptions } from '../network/index.ts';
import type { Layout } from './layout.ts';
import type { EtcdSettings } from './store.ts';

export interface ClusterNode {
  name: string;
  ip: string;
  podCidr: string;
  /** The network namespace that the node lives in; absent for the machine's own. */
  namespace?: string;
}

export interface Cluster {
  formatVersion: 1;
  id: string;
  runtime: RuntimeName;
  nodeIp: string;
  port: number;
  serviceCidr: string;
  clusterCidr: string;
  clusterDomain: string;
  dnsIp: string;
  proxyMode: ProxyMode;
  logLevel: string;
  /** Where the state is; absent: in the data directory. */
  etcd?: EtcdSettings;
  /** Absolute path of the scheduler's configuration file. */
  schedulerConfig?: string;
  nodes: ClusterNode[];
}

/** Names that images made on the machine get. No registry has them. */
export const pauseImageName = 'kubets.local/pause:1';
export const busyboxImageName = 'kubets.local/busybox:1';

interface Ipv4Cidr {
  base: number;
  prefix: number;
}

function ipv4Number(text: string): number | undefined {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

const ipv4Text = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

function parseCidr(flag: string, text: string, maxPrefix: number): Ipv4Cidr {
  const [address, prefixText] = text.split('/');
  const base = ipv4Number(address ?? '');
  const prefix = Number(prefixText);
  if (base === undefined || !Number.isInteger(prefix) || prefix < 8 || prefix > maxPrefix) {
    throw new UserError(`${flag}: invalid value "${text}": must be an IPv4 range such as 10.96.0.0/16, with a prefix from 8 to ${maxPrefix}`);
  }
  return { base: base - (base % 2 ** (32 - prefix)), prefix };
}

/** The address `offset` places into a range. */
export function addressIn(cidr: string, offset: number): string {
  const { base } = parseCidr('cidr', cidr, 32);
  return ipv4Text(base + offset);
}

/** The `index`-th /24 of the pods' range. */
export function podCidrOf(clusterCidr: string, index: number): string {
  const { base, prefix } = parseCidr('--cluster-cidr', clusterCidr, 24);
  if (index >= 2 ** (24 - prefix)) throw new UserError(`--nodes: the range ${clusterCidr} of --cluster-cidr has room for ${2 ** (24 - prefix)} nodes only`);
  return `${ipv4Text(base + index * 256)}/24`;
}

export async function readCluster(host: Host, layout: Layout): Promise<Cluster | undefined> {
  let text: string;
  try {
    text = await host.disk.readText(layout.clusterFile);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    if ((error as { code?: string }).code === 'EACCES') throw new UserError(`"${layout.clusterFile}" cannot be read: permission denied`, 'run as the user who started the cluster');
    throw error;
  }
  let cluster: Cluster;
  try {
    cluster = JSON.parse(text) as Cluster;
  } catch {
    throw new UserError(`"${layout.clusterFile}" is damaged: it is not JSON`, 'restore it, or remove the cluster with `kubets reset --yes`');
  }
  if (cluster.formatVersion !== 1) throw new UserError(`"${layout.clusterFile}" has format ${String(cluster.formatVersion)}; this kubets reads format 1`, 'use the kubets that made it');
  return cluster;
}

/** As `readCluster`, but a data directory without a cluster is an error. */
export async function needCluster(host: Host, layout: Layout): Promise<Cluster> {
  const cluster = await readCluster(host, layout);
  if (!cluster) throw new UserError(`there is no cluster in "${layout.dataDir}"`, 'start one with `kubets up`, or name its directory with --data-dir');
  return cluster;
}

export async function writeCluster(host: Host, layout: Layout, cluster: Cluster): Promise<void> {
  await host.disk.write(layout.clusterFile, `${JSON.stringify(cluster, undefined, 2)}\n`, { mode: 0o644, atomic: true, durable: true });
}

function nodesFor(request: UpRequest, layout: Layout, nodeIp: string): ClusterNode[] {
  if (request.runtime === 'hollow') {
    return Array.from({ length: request.nodes }, (_, i) => ({ name: `hollow-${i + 1}`, ip: `10.${200 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`, podCidr: podCidrOf(request.clusterCidr, i) }));
  }
  return Array.from({ length: request.nodes }, (_, i) => {
    const node = { name: `node-${i + 1}`, podCidr: podCidrOf(request.clusterCidr, i) };
    if (i === 0) return { ...node, ip: nodeIp };
    const namespace = nodeNamespaceOptions(layout, request.clusterCidr, i);
    return { ...node, ip: describeNodeNamespace(namespace).address, namespace: namespace.name };
  });
}

/** The network namespace of the node with this index (the first node, 0, lives in the machine's own). */
export function nodeNamespaceOptions(layout: Layout, clusterCidr: string, index: number): NodeNamespaceOptions {
  return { prefix: layout.networkPrefix, name: `kubets-${layout.id}-${index + 1}`, index, clusterCidrs: [clusterCidr] };
}

function etcdOf(request: UpRequest): EtcdSettings | undefined {
  const servers = (request.etcdServers ?? '').split(',').map((one) => one.trim()).filter(Boolean);
  const { etcdCafile: caFile, etcdCertfile: certFile, etcdKeyfile: keyFile, etcdPrefix: prefix } = request;
  if (servers.length === 0) {
    if (caFile ?? certFile ?? keyFile ?? prefix) throw new UserError('--etcd-cafile, --etcd-certfile, --etcd-keyfile and --etcd-prefix need --etcd-servers');
    return undefined;
  }
  return { servers, ...(caFile ? { caFile } : {}), ...(certFile ? { certFile } : {}), ...(keyFile ? { keyFile } : {}), ...(prefix ? { prefix } : {}) };
}

/** The cluster that a request describes; of an existing one only what a restart may change is taken from the request. */
export function clusterFor(request: UpRequest, layout: Layout, existing: Cluster | undefined, nodeIp: string): Cluster {
  parseCidr('--service-cidr', request.serviceCidr, 28);
  if (existing && existing.runtime !== request.runtime) {
    throw new UserError(`the cluster in "${layout.dataDir}" runs on ${existing.runtime}, not on ${request.runtime}`, 'choose another --data-dir, or remove it with `kubets reset --yes`');
  }
  const etcd = etcdOf(request);
  if (existing && etcd && !existing.etcd) throw new UserError(`the cluster in "${layout.dataDir}" keeps its state in the data directory, not in etcd`, 'choose another --data-dir');
  const base = existing ?? {
    formatVersion: 1 as const,
    id: layout.id,
    runtime: request.runtime,
    serviceCidr: request.serviceCidr,
    clusterCidr: request.clusterCidr,
    clusterDomain: 'cluster.local',
    dnsIp: addressIn(request.serviceCidr, 10),
  };
  const nodes = nodesFor({ ...request, clusterCidr: base.clusterCidr, nodes: Math.max(request.nodes, existing?.nodes.length ?? 1) }, layout, nodeIp);
  const { schedulerConfig: before, ...rest } = base as typeof base & Pick<Cluster, 'schedulerConfig'>;
  const schedulerConfig = request.schedulerConfig === undefined ? before : request.schedulerConfig && resolve(request.schedulerConfig);
  return { ...rest, ...(schedulerConfig ? { schedulerConfig } : {}), ...(etcd ? { etcd } : {}), nodeIp, port: request.port, proxyMode: request.proxyMode, logLevel: request.logLevel, nodes };
}
