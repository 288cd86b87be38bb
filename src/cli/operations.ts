/** What the commands can ask for. The composition root (`main`) implements it, so that the command line knows no component. */

/** An error for the person at the terminal: one clear line, and what to do about it. Exit code 1. */
export class UserError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UserError';
    this.hint = hint;
  }
}

export type RuntimeName = 'containerd' | 'hollow';
export type ProxyMode = 'auto' | 'iptables' | 'nftables';

export interface UpRequest {
  dataDir: string | undefined;
  nodes: number;
  runtime: RuntimeName;
  foreground: boolean;
  demo: boolean;
  port: number;
  /** Address that other machines and pods reach this machine under; found out when absent. */
  nodeIp: string | undefined;
  proxyMode: ProxyMode;
  serviceCidr: string;
  clusterCidr: string;
  /** Members of an etcd cluster that keeps the state instead of the data directory, separated by commas; and how it is reached. */
  etcdServers?: string;
  etcdCafile?: string;
  etcdCertfile?: string;
  etcdKeyfile?: string;
  etcdPrefix?: string;
  /** A KubeSchedulerConfiguration for the cluster's scheduler. */
  schedulerConfig?: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export interface SimulateRequest {
  /** Files and folders with manifests. */
  files: readonly string[];
  nodes: number;
  durationMs: number;
  shape: { cpu: number; memoryBytes: number; pods: number; zones: number };
  faults: readonly string[];
  seed: string;
  jobMs: number;
  output: 'text' | 'json';
  /** A file for the HTML report. */
  report: string | undefined;
}

export interface ClusterPart {
  name: string;
  state: 'running' | 'stopped';
  pid?: number;
  memoryBytes?: number;
  detail?: string;
}

export interface StatusReport {
  dataDir: string;
  parts: ClusterPart[];
  server?: string;
  nodes: { name: string; ready: boolean; version: string; address: string }[];
  /** Why the API could not be asked, where it could not. */
  problem?: string;
}

/** Tells the person what happens, station by station. */
export interface Progress {
  /** Runs the work, and reports its name with a tick and its time, or a cross. The work may return a text that is shown beside the name. */
  station<T>(name: string, work: () => Promise<T>, detail?: (result: T) => string): Promise<T>;
  line(text: string): void;
}

export interface WhyPodRequest {
  dataDir: string | undefined;
  kubeconfig: string | undefined;
  namespace: string;
  name: string;
  config: string | undefined;
  all: boolean;
  json: boolean;
}

export interface Operations {
  up(request: UpRequest, progress: Progress): Promise<void>;
  down(request: { dataDir: string | undefined; keepPods: boolean }, progress: Progress): Promise<void>;
  reset(request: { dataDir: string | undefined }, progress: Progress): Promise<void>;
  status(request: { dataDir: string | undefined }): Promise<StatusReport>;
  /** The kubeconfig's text; with `merge` it is merged into the user's file, whose path is returned. */
  kubeconfig(request: { dataDir: string | undefined; merge: boolean }): Promise<{ text: string; mergedInto?: string }>;
  /** Runs kubectl with the cluster's kubeconfig; resolves with its exit code. */
  kubectl(request: { dataDir: string | undefined; args: readonly string[] }): Promise<number>;
  buildImage(request: { dataDir: string | undefined; context: string; tag: string; file: string | undefined; output: string | undefined }, progress: Progress): Promise<void>;
  loadImage(request: { dataDir: string | undefined; archive: string }, progress: Progress): Promise<void>;
  listImages(request: { dataDir: string | undefined }): Promise<{ node: string; name: string; sizeBytes: number }[]>;
  /** Runs manifests on hollow nodes on a virtual clock; returns the report's text. */
  simulate(request: SimulateRequest, progress: Progress): Promise<string>;
  /** Why a pod is where it is, or nowhere, as text. */
  why(request: WhyPodRequest): Promise<string>;
  version(): { kubets: string; kubernetes: string; node: string };
  /** Runs one component until a signal ends it. `flags` are upstream's, already split from their values. */
  component(name: string, flags: Readonly<Record<string, string | undefined>>): Promise<void>;
}
