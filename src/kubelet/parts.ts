/** The kubelet's parts, as pod workers use them. */
import type { Pod, Service } from '../api/core/v1/types.ts';
import type { BackoffTable } from './backoff.ts';
import type { Cgroups } from './cgroups.ts';
import type { KubeletContext } from './config.ts';
import type { PodFacts } from './fields.ts';
import type { ImagePuller } from './images.ts';
import type { PodPaths } from './names.ts';
import type { ObjectCache } from './objects.ts';
import type { Prober } from './probes/prober.ts';
import type { RuntimeReader } from './runtime-state.ts';
import type { DnsInputs } from './sandbox-config.ts';
import type { StatusManager } from './status-manager.ts';
import type { VolumeManager } from './volumes/manager.ts';

export interface Rejection {
  reason: string;
  message: string;
}

export interface KubeletParts {
  context: KubeletContext;
  paths: PodPaths;
  reader: RuntimeReader;
  objects: ObjectCache;
  volumes: VolumeManager;
  images: ImagePuller;
  prober: Prober;
  status: StatusManager;
  cgroups: Cgroups;
  crashBackoff: BackoffTable;
  memoryCapacityBytes: number;
  /** Folder of seccomp profiles that pods name. */
  seccompRoot: string;
  /** Services whose names a pod of the namespace gets in its environment. */
  services(namespace: string): Promise<readonly Service[]>;
  /** Amounts the node offers to pods: thousandths of processors, bytes. */
  allocatable(): Readonly<Record<string, number>>;
  dns(): Promise<DnsInputs>;
  /** Text of the node's /etc/hosts. */
  nodeHosts(): Promise<string>;
  /** Whether the node takes the pod, when it sees it for the first time. */
  admit(pod: Pod): Rejection | undefined;
  /** Why nothing new can be started now (the runtime or its network is not ready). */
  notReady(pod: Pod): Rejection | undefined;
}

/** What fields of the pod yield, with the addresses that it has by now. */
export function factsOf(parts: KubeletParts, pod: Pod, podIps: readonly string[]): PodFacts {
  return { pod, podIps, nodeIp: parts.context.config.nodeIp, allocatable: parts.allocatable() };
}
