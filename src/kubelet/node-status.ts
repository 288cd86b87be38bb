/** What the node says of itself: a pure function of the machine, the runtime and the kubelet's settings. */
import { amountsOf } from '../api/core/v1/resources.ts';
import type { Node, NodeCondition, NodeStatus } from '../api/core/v1/types.ts';
import { addQuantity, canonicalQuantity, compareQuantity, formatQuantity, parseQuantity, subtractQuantity } from '../api/meta/quantity.ts';
import { formatTime } from '../api/meta/time.ts';
import type { Image, RuntimeStatus, RuntimeVersion } from '../cri/runtime.ts';
import type { MachineInfo } from '../host/types.ts';
import { defaultMaxPods, kubeletVersion, type KubeletConfig } from './config.ts';

/** Images named in a node's status at most, the largest first. */
const maxImages = 50;
const maxNamesPerImage = 5;

/** What presses on the node. */
export interface Pressure {
  memory: boolean;
  disk: boolean;
  pids: boolean;
}

export interface NodeSnapshot {
  config: KubeletConfig;
  machine: MachineInfo;
  version: RuntimeVersion;
  /** Undefined when the runtime does not answer. */
  runtime: RuntimeStatus | undefined;
  images: readonly Image[];
  /** Bytes of the disk that holds pods' data. */
  diskBytes: number;
  pressure: Pressure;
  nowMs: number;
  /** Port of the server; 0 without one. */
  port: number;
}

/** What the machine has, in the words in which the API gives amounts back: otherwise a status would look changed for ever. */
export function capacityOf({ config, machine, diskBytes }: Pick<NodeSnapshot, 'config' | 'machine' | 'diskBytes'>): Record<string, string> {
  const ki = Math.floor(machine.memoryBytes / 1024);
  const capacity: Record<string, string> = {
    cpu: String(machine.cpus),
    memory: `${ki}Ki`,
    'ephemeral-storage': `${Math.floor(diskBytes / 1024)}Ki`,
    pods: String(config.maxPods ?? defaultMaxPods),
    'hugepages-2Mi': '0',
    'hugepages-1Gi': '0',
    ...config.capacity,
  };
  for (const name of Object.keys(capacity)) capacity[name] = canonicalQuantity(capacity[name]!);
  return capacity;
}

/** What is left of it for pods. */
export function allocatableOf(capacity: Readonly<Record<string, string>>, config: KubeletConfig): Record<string, string> {
  const allocatable: Record<string, string> = { ...capacity };
  for (const [name, quantity] of Object.entries(capacity)) {
    const reserved = [config.systemReserved?.[name], config.kubeReserved?.[name]].filter((text) => text !== undefined).map((text) => parseQuantity(text));
    if (reserved.length === 0) continue;
    const left = subtractQuantity(quantity, reserved.reduce((sum, each) => addQuantity(sum, each)));
    allocatable[name] = compareQuantity(left, '0') < 0 ? '0' : formatQuantity(left);
  }
  return allocatable;
}

/** Amounts as pods are measured by. */
export function allocatableAmounts(config: KubeletConfig, machine: MachineInfo, diskBytes: number): Record<string, number> {
  return amountsOf(allocatableOf(capacityOf({ config, machine, diskBytes }), config));
}

function condition(snapshot: NodeSnapshot, old: readonly NodeCondition[], type: string, isTrue: boolean, reason: string, message: string): NodeCondition {
  const status = isTrue ? 'True' : 'False';
  const before = old.find((c) => c.type === type);
  const now = formatTime(snapshot.nowMs);
  return { type, status, lastHeartbeatTime: now, lastTransitionTime: before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : now, reason, message };
}

/** Why the node cannot run pods; empty when it can. */
export function notReadyReasons({ runtime }: Pick<NodeSnapshot, 'runtime'>): string[] {
  if (!runtime) return ['container runtime is down'];
  const failed = (type: string): { reason: string; message: string } | undefined => runtime.conditions.find((c) => c.type === type && !c.status);
  const core = failed('RuntimeReady');
  const network = failed('NetworkReady');
  return [
    ...(core ? [`container runtime not ready: RuntimeReady=false reason:${core.reason} message:${core.message}`] : []),
    ...(network ? [`container runtime network not ready: NetworkReady=false reason:${network.reason} message:${network.message}`] : []),
  ];
}

function conditionsOf(snapshot: NodeSnapshot, old: readonly NodeCondition[]): NodeCondition[] {
  const { pressure } = snapshot;
  const reasons = notReadyReasons(snapshot);
  return [
    pressure.memory ? condition(snapshot, old, 'MemoryPressure', true, 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available') : condition(snapshot, old, 'MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    pressure.disk ? condition(snapshot, old, 'DiskPressure', true, 'KubeletHasDiskPressure', 'kubelet has disk pressure') : condition(snapshot, old, 'DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressure.pids ? condition(snapshot, old, 'PIDPressure', true, 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available') : condition(snapshot, old, 'PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    reasons.length === 0 ? condition(snapshot, old, 'Ready', true, 'KubeletReady', 'kubelet is posting ready status') : condition(snapshot, old, 'Ready', false, 'KubeletNotReady', reasons.length === 1 ? reasons[0]! : `[${reasons.join(', ')}]`),
  ];
}

/** The whole status. Conditions of others are not in it: they stay in the API as they are. */
export function nodeStatusOf(snapshot: NodeSnapshot, old: NodeStatus | undefined): NodeStatus {
  const { config, machine, version, runtime, images, port } = snapshot;
  const capacity = capacityOf(snapshot);
  return {
    capacity,
    allocatable: allocatableOf(capacity, config),
    conditions: conditionsOf(snapshot, old?.conditions ?? []),
    addresses: [{ type: 'InternalIP', address: config.nodeIp }, { type: 'Hostname', address: config.nodeName }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: `${version.runtimeName}://${version.runtimeVersion}`,
      kubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: machine.operatingSystem,
      architecture: machine.architecture,
    },
    images: images
      .toSorted((a, b) => b.size - a.size)
      .slice(0, maxImages)
      .map((image) => ({ names: [...image.repoDigests, ...image.repoTags].slice(0, maxNamesPerImage), sizeBytes: image.size })),
    ...(runtime && runtime.handlers.length > 0
      ? { runtimeHandlers: runtime.handlers.map(({ name, recursiveReadOnlyMounts, userNamespaces }) => ({ name, features: { recursiveReadOnlyMounts, userNamespaces } })) }
      : {}),
    ...(runtime ? { features: { supplementalGroupsPolicy: runtime.supplementalGroupsPolicy } } : {}),
  };
}

/** The status but for its heartbeats: what must be told at once when it changes. No images are as good as an empty list of them. */
export function withoutHeartbeats({ images, ...status }: NodeStatus): NodeStatus {
  return { ...status, ...(images && images.length > 0 ? { images } : {}), conditions: (status.conditions ?? []).map(({ lastHeartbeatTime: _at, ...rest }) => rest) };
}

/** The object that a node registers itself with. */
export function nodeObject(config: KubeletConfig, machine: MachineInfo, status: NodeStatus): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: config.nodeName,
      labels: {
        'kubernetes.io/hostname': config.nodeName, 'kubernetes.io/os': machine.operatingSystem, 'kubernetes.io/arch': machine.architecture,
        'beta.kubernetes.io/os': machine.operatingSystem, 'beta.kubernetes.io/arch': machine.architecture,
        ...config.labels,
      },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: {
      ...(config.taints && config.taints.length > 0 ? { taints: [...config.taints] } : {}),
      ...(config.podCidr ? { podCIDR: config.podCidr, podCIDRs: [config.podCidr] } : {}),
    },
    status,
  };
}
