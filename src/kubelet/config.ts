/** What a kubelet is told at its start, and the numbers it goes by. */
import type { Taint } from '../api/core/v1/types.ts';
import type { BuildInfo } from '../base/component-metrics.ts';
import type { Client, EventRecorder, InformerFactory } from '../client/types.ts';
import type { ContainerRuntime } from '../cri/runtime.ts';
import type { Host } from '../host/types.ts';

export interface KubeletConfig {
  nodeName: string;
  /** The node's own address. */
  nodeIp: string;
  /** The node's range of pod addresses; without it the kubelet waits for the node object's `spec.podCIDR`. */
  podCidr?: string;
  /** Holds pods, volumes and logs. */
  rootDir: string;
  clusterDns: readonly string[];
  clusterDomain: string;
  /** The group that `kubepods` is made in, as `/` or `/cluster-a`. */
  cgroupRoot: string;
  cgroupDriver: 'cgroupfs';
  /** What the program is, for metrics. Absent: they do not say. */
  build?: BuildInfo;
  /** Absent: no server (hollow nodes). */
  serving?: { cert: string; key: string };
  /** Default 10250; 0 takes any free port. */
  port?: number;
  /** Address the server listens on. Default the node's. */
  address?: string;
  /** PEM bundle that clients of the server are verified against. */
  clientCa?: string;
  /** `delegated`: tokens and rights are asked of the API server; `cert-only`: every verified certificate may do everything. */
  authentication: 'delegated' | 'cert-only';
  /** Folder with manifests of pods that the node runs by itself. */
  staticPodPath?: string;
  /** Default 110. */
  maxPods?: number;
  /** Labels that the node is registered with. */
  labels?: Readonly<Record<string, string>>;
  taints?: readonly Taint[];
  /** Default true. */
  registerNode?: boolean;
  /** Amounts kept from pods, as `{ cpu: '100m', memory: '200Mi' }`. */
  systemReserved?: Readonly<Record<string, string>>;
  kubeReserved?: Readonly<Record<string, string>>;
  /** What the node offers, where the machine's own facts shall not count (hollow nodes). */
  capacity?: Readonly<Record<string, string>>;
  /** Folder of the pods' logs. Default `<rootDir>/pod-logs`. */
  podLogsDir?: string;
  /** Sysctls beyond the safe ones that pods may set; a trailing `*` matches the rest. */
  allowedUnsafeSysctls?: readonly string[];
  /** Free memory below which pods are evicted, in bytes. Default 100 MiB. */
  evictionMemoryBytes?: number;
  /** Free share of the disk below which pods are evicted. Default 0.1 (and 0.05 of its inodes). */
  evictionDiskFraction?: number;
  /** Overrides of the rhythm below, in milliseconds. */
  timing?: Partial<KubeletTiming>;
}

/** How often things happen, in milliseconds. Upstream's defaults. */
export interface KubeletTiming {
  /** How often the runtime is looked at where it tells no changes. */
  relistMs: number;
  leaseRenewMs: number;
  leaseDurationMs: number;
  nodeStatusMs: number;
  /** A node status without changes is written this often. */
  nodeReportMs: number;
  /** ConfigMap, Secret, token and downward volumes are brought up to date this often. */
  volumeRefreshMs: number;
  crashBackoffBaseMs: number;
  crashBackoffMaxMs: number;
  imageBackoffBaseMs: number;
  imageBackoffMaxMs: number;
  /** Wait before a failed sync (volume missing, sandbox refused) is tried again; doubles up to the maximum. */
  retryMs: number;
  retryMaxMs: number;
  staticPodsMs: number;
  containerGcMs: number;
  imageGcMs: number;
  logRotateMs: number;
  evictionMs: number;
}

export const defaultTiming: KubeletTiming = {
  relistMs: 1_000,
  leaseRenewMs: 10_000,
  leaseDurationMs: 40_000,
  nodeStatusMs: 10_000,
  nodeReportMs: 300_000,
  volumeRefreshMs: 60_000,
  crashBackoffBaseMs: 10_000,
  crashBackoffMaxMs: 300_000,
  imageBackoffBaseMs: 10_000,
  imageBackoffMaxMs: 300_000,
  retryMs: 500,
  retryMaxMs: 122_000,
  staticPodsMs: 20_000,
  containerGcMs: 60_000,
  imageGcMs: 300_000,
  logRotateMs: 10_000,
  evictionMs: 10_000,
};

export const defaultMaxPods = 110;
export const defaultPort = 10_250;
/** The version that nodes report. */
export const kubeletVersion = 'v1.36.2';

export interface KubeletOptions {
  host: Host;
  client: Client;
  runtime: ContainerRuntime;
  /** Shared by many kubelets of one process; without it the kubelet watches for itself alone. */
  informers?: InformerFactory;
  recorder?: EventRecorder;
  config: KubeletConfig;
}

/** All that the kubelet's parts share. */
export interface KubeletContext {
  host: Host;
  client: Client;
  runtime: ContainerRuntime;
  recorder: EventRecorder;
  config: KubeletConfig;
  timing: KubeletTiming;
  /** Nothing really runs: no mounts, no files, no control groups, no sockets. */
  hollow: boolean;
  /** How the runtime calls itself, as `containerd`: the scheme of container ids. */
  runtimeName: string;
}
