/** For unit tests and benchmarks only: nodes and pods in a few words, and snapshots of them. */
import type { Container, Node, Pod, PodSpec, Taint } from '../api/core/v1/types.ts';
import { SchedulerCache } from './cache.ts';
import type { Cycle, Lookups } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { NO_LABELS, podInfoOf } from './pod-info.ts';
import type { PodInfo } from './pod-info.ts';
import { Snapshot } from './snapshot.ts';

export interface NodeShape {
  labels?: Record<string, string>;
  taints?: Taint[];
  unschedulable?: boolean;
  cpu?: string;
  memory?: string;
  pods?: string;
  extra?: Record<string, string>;
  /** Image names to bytes. */
  images?: Record<string, number>;
}

export function fakeNode(name: string, shape: NodeShape = {}): Node {
  return {
    apiVersion: 'v1', kind: 'Node',
    metadata: { name, uid: `node-${name}`, labels: { 'kubernetes.io/hostname': name, ...shape.labels } },
    spec: { ...(shape.taints ? { taints: shape.taints } : {}), ...(shape.unschedulable ? { unschedulable: true } : {}) },
    status: {
      allocatable: { cpu: shape.cpu ?? '4', memory: shape.memory ?? '32Gi', pods: shape.pods ?? '110', ...shape.extra },
      images: Object.entries(shape.images ?? {}).map(([image, sizeBytes]) => ({ names: [image], sizeBytes })),
    },
  };
}

export interface PodShape extends Partial<Omit<PodSpec, 'containers'>> {
  namespace?: string;
  labels?: Record<string, string>;
  requests?: Record<string, string>;
  image?: string;
  hostPort?: number;
  containers?: Container[];
  status?: Pod['status'];
}

export function fakePod(name: string, shape: PodShape = {}): Pod {
  const { namespace = 'default', labels, requests, image = 'app', hostPort, containers, status, ...spec } = shape;
  const container: Container = {
    name: 'main', image,
    ...(requests ? { resources: { requests } } : {}),
    ...(hostPort === undefined ? {} : { ports: [{ containerPort: hostPort, hostPort, protocol: 'TCP' }] }),
  };
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name, namespace, uid: `pod-${namespace}-${name}`, ...(labels ? { labels } : {}) },
    spec: { schedulerName: 'default-scheduler', ...spec, containers: containers ?? [container] },
    status: status ?? { phase: 'Pending' },
  };
}

export const NO_LOOKUPS: Lookups = {
  namespaceLabels: () => NO_LABELS,
  claim: () => undefined,
  volume: () => undefined,
  volumes: () => [],
  storageClass: () => undefined,
  csiNode: () => undefined,
  csiDriver: () => undefined,
  storageCapacities: () => [],
  resourceClaim: () => undefined,
  resourceClaims: () => [],
  resourceSlices: () => [],
  deviceClass: () => undefined,
  deviceClasses: () => [],
  disruptionBudgets: () => [],
  siblings: () => undefined,
};

export interface FakeSnapshot {
  cache: SchedulerCache;
  snapshot: Snapshot;
  node(name: string): NodeInfo;
  cycle(pod: Pod, lookups?: Partial<Lookups>): Cycle;
}

/** Nodes, and pods that are bound to them by `spec.nodeName`. */
export function fakeSnapshot(nodes: readonly Node[], pods: readonly Pod[] = []): FakeSnapshot {
  const cache = new SchedulerCache();
  for (const node of nodes) cache.setNode(node);
  for (const pod of pods) cache.setPod(podInfoOf(pod), pod.spec!.nodeName!);
  const snapshot = new Snapshot();
  cache.updateSnapshot(snapshot);
  return {
    cache, snapshot,
    node: (name) => snapshot.get(name)!,
    cycle: (pod, lookups = {}) => ({ pod: podInfoOf(pod), snapshot, lookups: { ...NO_LOOKUPS, ...lookups }, state: new Map() }),
  };
}

export const infoOf = (pod: Pod): PodInfo => podInfoOf(pod);
