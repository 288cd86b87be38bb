/**
 * The container runtime as the kubelet sees it: the verbs of the container runtime interface (CRI v1) with our own shapes. Times are milliseconds
 * since 1970 (0: not yet), sizes are bytes. `grpc.ts` speaks to a real runtime, `hollow.ts` only pretends; `conformance.ts` holds both to one behaviour.
 */

export type Labels = Record<string, string>;
export type SandboxState = 'ready' | 'notReady';
export type ContainerState = 'created' | 'running' | 'exited' | 'unknown';
export type NamespaceMode = 'pod' | 'container' | 'node' | 'target';

export interface SandboxMetadata {
  name: string;
  uid: string;
  namespace: string;
  attempt: number;
}

export interface NamespaceOptions {
  network?: NamespaceMode;
  pid?: NamespaceMode;
  ipc?: NamespaceMode;
  /** The container whose namespace is joined, with mode `target`. */
  targetId?: string;
}

export interface SecurityProfile {
  profileType: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  localhostRef?: string;
}

export interface SelinuxOptions {
  user?: string;
  role?: string;
  type?: string;
  level?: string;
}

/** What sandboxes and containers have in common. */
export interface LinuxSecurityContext {
  namespaceOptions?: NamespaceOptions;
  selinuxOptions?: SelinuxOptions;
  runAsUser?: number;
  runAsGroup?: number;
  readonlyRootfs?: boolean;
  supplementalGroups?: number[];
  supplementalGroupsPolicy?: 'Merge' | 'Strict';
  privileged?: boolean;
  seccomp?: SecurityProfile;
  apparmor?: SecurityProfile;
}

export interface ContainerSecurityContext extends LinuxSecurityContext {
  capabilities?: { addCapabilities?: string[]; dropCapabilities?: string[]; addAmbientCapabilities?: string[] };
  runAsUsername?: string;
  noNewPrivs?: boolean;
  maskedPaths?: string[];
  readonlyPaths?: string[];
}

export interface LinuxResources {
  cpuPeriod?: number;
  cpuQuota?: number;
  cpuShares?: number;
  memoryLimitInBytes?: number;
  oomScoreAdj?: number;
  cpusetCpus?: string;
  cpusetMems?: string;
  hugepageLimits?: { pageSize: string; limit: number }[];
  /** Files of a cgroup v2 and what is written to them. */
  unified?: Record<string, string>;
  memorySwapLimitInBytes?: number;
}

export interface PortMapping {
  protocol: 'TCP' | 'UDP' | 'SCTP';
  containerPort: number;
  hostPort: number;
  hostIp?: string;
}

export interface DnsConfig {
  servers: string[];
  searches: string[];
  options: string[];
}

export interface SandboxConfig {
  metadata: SandboxMetadata;
  hostname?: string;
  logDirectory?: string;
  dnsConfig?: DnsConfig;
  portMappings?: PortMapping[];
  labels?: Labels;
  annotations?: Labels;
  linux?: {
    cgroupParent?: string;
    securityContext?: LinuxSecurityContext;
    sysctls?: Record<string, string>;
    overhead?: LinuxResources;
    resources?: LinuxResources;
  };
}

export interface Sandbox {
  id: string;
  metadata: SandboxMetadata;
  state: SandboxState;
  createdAt: number;
  labels: Labels;
  annotations: Labels;
  runtimeHandler: string;
}

export interface SandboxStatus extends Sandbox {
  network?: { ip: string; additionalIps: { ip: string }[] };
}

export interface ImageSpec {
  image: string;
  annotations?: Labels;
  userSpecifiedImage?: string;
  runtimeHandler?: string;
}

export interface Mount {
  containerPath: string;
  hostPath: string;
  readonly?: boolean;
  selinuxRelabel?: boolean;
  propagation?: 'private' | 'hostToContainer' | 'bidirectional';
  recursiveReadOnly?: boolean;
  image?: ImageSpec;
  imageSubPath?: string;
}

export interface ContainerConfig {
  metadata: { name: string; attempt: number };
  image: ImageSpec;
  command?: string[];
  args?: string[];
  workingDir?: string;
  envs?: { key: string; value: Uint8Array }[];
  mounts?: Mount[];
  devices?: { containerPath: string; hostPath: string; permissions: string }[];
  labels?: Labels;
  annotations?: Labels;
  /** Relative to the sandbox's log directory. */
  logPath?: string;
  stdin?: boolean;
  stdinOnce?: boolean;
  tty?: boolean;
  linux?: { resources?: LinuxResources; securityContext?: ContainerSecurityContext };
  /** `default` or a signal's name, as `SIGTERM` or `SIGRTMIN+1`. */
  stopSignal?: string;
}

export interface Container {
  id: string;
  podSandboxId: string;
  metadata: { name: string; attempt: number };
  image: ImageSpec;
  imageRef: string;
  state: ContainerState;
  createdAt: number;
  labels: Labels;
  annotations: Labels;
  imageId: string;
}

export interface ContainerStatus {
  id: string;
  metadata: { name: string; attempt: number };
  state: ContainerState;
  createdAt: number;
  startedAt: number;
  finishedAt: number;
  exitCode: number;
  image: ImageSpec;
  imageRef: string;
  imageId: string;
  /** Short word why it ended: `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`, `StartError`. */
  reason: string;
  message: string;
  labels: Labels;
  annotations: Labels;
  mounts: Mount[];
  /** Absolute. */
  logPath: string;
  resources?: { linux?: LinuxResources };
  user?: { linux?: { uid: number; gid: number; supplementalGroups: number[] } };
  stopSignal: string;
}

export interface SandboxFilter {
  id?: string;
  state?: SandboxState;
  labelSelector?: Labels;
}

export interface ContainerFilter {
  id?: string;
  state?: ContainerState;
  podSandboxId?: string;
  labelSelector?: Labels;
}

export interface Image {
  id: string;
  repoTags: string[];
  repoDigests: string[];
  size: number;
  /** The user the image runs as by default, where it is a number. */
  uid?: number;
  /** … where it is a name. */
  username: string;
  pinned: boolean;
}

export interface ImageAuth {
  username?: string;
  password?: string;
  auth?: string;
  serverAddress?: string;
  identityToken?: string;
  registryToken?: string;
}

export interface FilesystemUsage {
  timestamp: number;
  fsId?: { mountpoint: string };
  usedBytes?: number;
  inodesUsed?: number;
}

export interface ContainerStats {
  attributes?: { id: string; metadata?: { name: string; attempt: number }; labels: Labels; annotations: Labels };
  cpu?: { timestamp: number; usageCoreNanoSeconds?: number; usageNanoCores?: number };
  memory?: { timestamp: number; workingSetBytes?: number; availableBytes?: number; usageBytes?: number; rssBytes?: number; pageFaults?: number; majorPageFaults?: number };
  writableLayer?: FilesystemUsage;
  swap?: { timestamp: number; swapAvailableBytes?: number; swapUsageBytes?: number };
}

export interface RuntimeVersion {
  runtimeName: string;
  runtimeVersion: string;
  runtimeApiVersion: string;
}

export interface RuntimeStatus {
  /** `RuntimeReady` and `NetworkReady`. */
  conditions: { type: string; status: boolean; reason: string; message: string }[];
  handlers: { name: string; recursiveReadOnlyMounts: boolean; userNamespaces: boolean }[];
  supplementalGroupsPolicy: boolean;
}

export interface ExecResult {
  stdout: Uint8Array;
  stderr: Uint8Array;
  exitCode: number;
}

export interface StreamRequest {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** Something about a sandbox or one of its containers has changed. */
export interface RuntimeEvent {
  containerId: string;
  podUid?: string;
}

export interface Subscription {
  /** True when no change is ever missed: a caller need not look again from time to time. */
  readonly complete: boolean;
  /** Resolves when no more events will come. */
  readonly ended: Promise<void>;
  close(): void;
}

/** What a pretending runtime adds, so that the kubelet opens no sockets to containers that do not exist. */
export interface Pretender {
  /** The outcome of a health check of the container; undefined for a container that is not there. */
  probe(containerId: string, kind: 'startup' | 'liveness' | 'readiness'): { ok: boolean; output: string } | undefined;
}

/** Every method rejects with RuntimeError. */
export interface ContainerRuntime {
  /** Present when nothing really runs. */
  readonly pretender?: Pretender;

  /** Waits until the runtime answers, however long after its socket appeared; rejects when the start-up time is over. */
  ready(signal?: AbortSignal): Promise<void>;
  version(): Promise<RuntimeVersion>;
  status(): Promise<RuntimeStatus>;
  /** Tells the runtime the node's share of pod addresses. */
  updateRuntimeConfig(podCidr: string): Promise<void>;

  /** Creates and starts a sandbox; resolves with its id. */
  runPodSandbox(config: SandboxConfig, runtimeHandler?: string): Promise<string>;
  /** Ends what runs in it and gives its network back. No error when it is stopped or gone. */
  stopPodSandbox(id: string): Promise<void>;
  removePodSandbox(id: string): Promise<void>;
  podSandboxStatus(id: string): Promise<SandboxStatus>;
  listPodSandboxes(filter?: SandboxFilter): Promise<Sandbox[]>;

  createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: SandboxConfig): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Asks it to end, and kills it after `timeoutSeconds`. Resolves when it has ended. No error when it is gone. */
  stopContainer(id: string, timeoutSeconds: number): Promise<void>;
  removeContainer(id: string): Promise<void>;
  listContainers(filter?: ContainerFilter): Promise<Container[]>;
  containerStatus(id: string): Promise<ContainerStatus>;
  updateContainerResources(id: string, resources: LinuxResources): Promise<void>;
  /** After the log file was renamed: go on in a new one. */
  reopenContainerLog(id: string): Promise<void>;

  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult>;
  /** These three answer with the URL of a streaming server that awaits exactly this session. */
  exec(id: string, command: readonly string[], streams: StreamRequest): Promise<string>;
  attach(id: string, streams: StreamRequest): Promise<string>;
  portForward(sandboxId: string, ports: readonly number[]): Promise<string>;

  containerStats(id: string): Promise<ContainerStats>;
  listContainerStats(filter?: { id?: string; podSandboxId?: string; labelSelector?: Labels }): Promise<ContainerStats[]>;

  listImages(): Promise<Image[]>;
  /** Undefined when the image is not on the node. */
  imageStatus(image: string): Promise<Image | undefined>;
  /** Resolves with the image's reference (its digest or id). */
  pullImage(image: string, auth?: ImageAuth, sandboxConfig?: SandboxConfig): Promise<string>;
  removeImage(image: string): Promise<void>;
  imageFsInfo(): Promise<{ images: FilesystemUsage[]; containers: FilesystemUsage[] }>;

  /** Undefined when the runtime offers no events (containerd before 1.7). */
  subscribe(listener: (event: RuntimeEvent) => void): Promise<Subscription | undefined>;
  close(): Promise<void>;
}

export type RuntimeErrorCode =
  | 'Canceled' | 'Unknown' | 'InvalidArgument' | 'DeadlineExceeded' | 'NotFound' | 'AlreadyExists' | 'PermissionDenied' | 'ResourceExhausted'
  | 'FailedPrecondition' | 'Aborted' | 'OutOfRange' | 'Unimplemented' | 'Internal' | 'Unavailable' | 'DataLoss' | 'Unauthenticated';

/** A refusal or failure of the runtime, with gRPC's word for its kind. The message is the runtime's own. */
export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode;
  /** The verb that failed, as `RunPodSandbox`. */
  readonly verb: string;
  constructor(verb: string, code: RuntimeErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'RuntimeError';
    this.code = code;
    this.verb = verb;
  }
}

export function isRuntimeError(error: unknown, ...codes: RuntimeErrorCode[]): error is RuntimeError {
  return error instanceof RuntimeError && (codes.length === 0 || codes.includes(error.code));
}

/** `rpc error: code = NotFound desc = …`: how runtime failures read in events and statuses. */
export function rpcMessage(error: unknown): string {
  if (error instanceof RuntimeError) return `rpc error: code = ${error.code} desc = ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
