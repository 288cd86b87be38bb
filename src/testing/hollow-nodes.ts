/** Nodes that pretend: real kubelets over the hollow runtime, many in one process. */
import type { Client, InformerFactory, Running } from '../client/index.ts';
import { createRecorder } from '../client/index.ts';
import { hollowRuntime, type ContainerRuntime, type HollowRuntimeControl, type HollowSnapshot } from '../cri/index.ts';
import { MemoryDisk } from '../host/memory-disk.ts';
import type { Host, Machine } from '../host/types.ts';
import { startKubelet, type KubeletTiming } from '../kubelet/index.ts';

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
  /** What each node's runtime begins with, by the node's name. */
  from?: ReadonlyMap<string, HollowSnapshot>;
}

export interface HollowNodes extends Running {
  /** What the runtimes remember, by the node's name. */
  snapshot(): Map<string, HollowSnapshot>;
}

export function machineOf(name: string, cpus: number, memoryBytes: number): Machine {
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

export async function startHollowNodes(options: HollowNodesOptions): Promise<HollowNodes> {
  const started = await Promise.all(options.nodes.map((node) => startOne(node, options)));
  return {
    snapshot: () => new Map(started.map(({ name, runtime }) => [name, runtime.snapshot()])),
    async stop() {
      await Promise.all(started.map(({ kubelet }) => kubelet.stop()));
    },
  };
}

async function startOne(node: HollowNode, options: HollowNodesOptions): Promise<{ name: string; kubelet: Running; runtime: HollowRuntimeControl }> {
  const host: Host = {
    ...options.host,
    log: options.host.log.child('kubelet', { node: node.name }),
    random: options.host.random.fork(node.name),
    disk: new MemoryDisk(options.host.clock),
    machine: machineOf(node.name, options.cpus ?? 8, options.memoryBytes ?? 32 * 2 ** 30),
  };
  const from = options.from?.get(node.name);
  const runtime = hollowRuntime(host, { podCidr: node.podCidr, ...(from ? { from } : {}) });
  const kubelet = await startHollowNode(host, node, {
    client: options.clientFor(node),
    runtime,
    ...(options.informers ? { informers: options.informers } : {}),
    labels: options.labelsFor?.(node) ?? {},
  });
  return { name: node.name, kubelet, runtime };
}

export interface HollowNodeParts {
  client: Client;
  runtime: ContainerRuntime;
  informers?: InformerFactory;
  labels?: Record<string, string>;
  timing?: Partial<KubeletTiming>;
  maxPods?: number;
}

/** One pretending node: a kubelet on a host of its own (disk, machine and chance) over the runtime given. */
export async function startHollowNode(host: Host, node: HollowNode, parts: HollowNodeParts): Promise<Running> {
  const recorder = createRecorder(host, parts.client, 'kubelet');
  return startKubelet({
    host,
    client: parts.client,
    ...(parts.informers ? { informers: parts.informers } : {}),
    runtime: parts.runtime,
    recorder,
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
      ...(parts.timing ? { timing: parts.timing } : {}),
      ...(parts.maxPods === undefined ? {} : { maxPods: parts.maxPods }),
      labels: { 'type': 'hollow', ...parts.labels },
    },
  });
}
