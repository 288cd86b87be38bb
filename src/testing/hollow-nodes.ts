/** Nodes that pretend: real kubelets over the hollow runtime, many in one process. */
import type { Client, InformerFactory, Running } from '../client/index.ts';
import { createRecorder } from '../client/index.ts';
import { hollowRuntime } from '../cri/index.ts';
import { MemoryDisk } from '../host/memory-disk.ts';
import type { Host, Machine } from '../host/types.ts';
import { startKubelet } from '../kubelet/index.ts';

export interface HollowNode {
  name: string;
  ip: string;
  podCidr: string;
}

export interface HollowNodesOptions {
  host: Host;
  nodes: readonly HollowNode[];
  /** A client under the node's own identity. */
  clientFor(node: HollowNode): Client;
  /** One watch on all pods for all kubelets of the process, instead of one each; the caller starts and stops it. */
  informers?: InformerFactory;
  cpus?: number;
  memoryBytes?: number;
  labelsFor?(node: HollowNode): Record<string, string>;
}

function machineOf(name: string, cpus: number, memoryBytes: number): Machine {
  return {
    info: () => ({
      hostname: name, cpus, memoryBytes, machineId: name, systemUuid: name, bootId: name,
      kernelVersion: '6.0.0-hollow', osImage: 'Hollow', operatingSystem: 'linux', architecture: 'amd64',
    }),
    isRoot: () => false,
  };
}

/** The hollow nodes of a cluster: names `hollow-1` …, each with a range of pod addresses of its own. */
export function hollowNodeList(count: number): HollowNode[] {
  return Array.from({ length: count }, (_, i) => ({ name: `hollow-${i + 1}`, ip: `10.${128 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`, podCidr: `${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24` }));
}

export async function startHollowNodes(options: HollowNodesOptions): Promise<Running> {
  const kubelets = await Promise.all(options.nodes.map((node) => startOne(node, options)));
  return {
    async stop() {
      await Promise.all(kubelets.map((kubelet) => kubelet.stop()));
    },
  };
}

function startOne(node: HollowNode, options: HollowNodesOptions): Promise<Running> {
  const host: Host = {
    ...options.host,
    log: options.host.log.child('kubelet', { node: node.name }),
    random: options.host.random.fork(node.name),
    disk: new MemoryDisk(options.host.clock),
    machine: machineOf(node.name, options.cpus ?? 8, options.memoryBytes ?? 32 * 2 ** 30),
  };
  const client = options.clientFor(node);
  return startKubelet({
    host,
    client,
    ...(options.informers ? { informers: options.informers } : {}),
    runtime: hollowRuntime(host, { podCidr: node.podCidr }),
    recorder: createRecorder(host, client, 'kubelet'),
    config: {
      nodeName: node.name,
      nodeIp: node.ip,
      podCidr: node.podCidr,
      rootDir: '/var/lib/kubelet',
      clusterDns: ['10.96.0.10'],
      clusterDomain: 'cluster.local',
      cgroupRoot: '/',
      cgroupDriver: 'cgroupfs',
      clientCa: '',
      registerNode: true,
      authentication: 'cert-only',
      labels: { 'type': 'hollow', ...options.labelsFor?.(node) },
    },
  });
}
