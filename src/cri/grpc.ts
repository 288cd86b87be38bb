/** A ContainerRuntime over gRPC on a unix socket: containerd, CRI-O or anything else that serves CRI v1. */
import type { Client, ServiceError } from '@grpc/grpc-js';
import type { Host } from '../host/types.ts';
import { Codec } from './codec.ts';
import { criEnums, criMessages } from './messages.ts';
import { isRuntimeError, RuntimeError } from './runtime.ts';
import type {
  Container, ContainerConfig, ContainerFilter, ContainerRuntime, ContainerStats, ContainerStatus, ExecResult, FilesystemUsage, Image, ImageAuth,
  LinuxResources, RuntimeErrorCode, RuntimeEvent, RuntimeStatus, RuntimeVersion, Sandbox, SandboxConfig, SandboxFilter, SandboxStatus, StreamRequest, Subscription,
} from './runtime.ts';

export interface GrpcRuntimeOptions {
  /** `unix:///run/containerd/containerd.sock`. */
  endpoint: string;
  /** How long the first call waits for the runtime to answer. Default 60 s. */
  startupTimeoutMs?: number;
}

/** Deadline of ordinary calls, as the kubelet's --runtime-request-timeout. */
export const requestTimeoutMs = 120_000;
/** Setting up a sandbox's network may take longer. */
export const sandboxTimeoutMs = 240_000;
/** A pull may take as long as the registry sends. */
export const pullTimeoutMs = 60 * 60_000;
/** What a stop or a synchronous exec gets beyond its own time limit. */
export const graceTimeoutMs = 15_000;
const startupPollMs = 50;
const maxMessageBytes = 16 * 1024 * 1024;
/** How long an event stream may stay silent before it counts as offered: a runtime without it refuses at once. */
const streamRefusalMs = 2_000;

/** gRPC's status codes by number. https://grpc.io/docs/guides/status-codes/ */
const codeNames: readonly (RuntimeErrorCode | 'OK')[] = [
  'OK', 'Canceled', 'Unknown', 'InvalidArgument', 'DeadlineExceeded', 'NotFound', 'AlreadyExists', 'PermissionDenied', 'ResourceExhausted',
  'FailedPrecondition', 'Aborted', 'OutOfRange', 'Unimplemented', 'Internal', 'Unavailable', 'DataLoss', 'Unauthenticated',
];

const codec = new Codec(criMessages, criEnums);

function runtimeError(verb: string, error: ServiceError): RuntimeError {
  const code = codeNames[error.code] ?? 'Unknown';
  return new RuntimeError(verb, code === 'OK' ? 'Unknown' : code, error.details || error.message, error);
}

/** containerd's words between opening its socket and having read its state. */
function isInitializing(error: unknown): boolean {
  return isRuntimeError(error, 'Unknown', 'Unavailable') && error.message.includes('not initialized yet');
}

class GrpcRuntime implements ContainerRuntime {
  readonly #host: Pick<Host, 'clock'>;
  readonly #endpoint: string;
  readonly #startupTimeoutMs: number;
  #client: Promise<Client> | undefined;
  #ready: Promise<void> | undefined;
  #closed = false;

  constructor(host: Pick<Host, 'clock'>, options: GrpcRuntimeOptions) {
    if (!options.endpoint.startsWith('unix://')) throw new Error(`the runtime endpoint "${options.endpoint}" is not supported: use unix:///path/to/socket`);
    this.#host = host;
    this.#endpoint = options.endpoint;
    this.#startupTimeoutMs = options.startupTimeoutMs ?? 60_000;
  }

  /** The library is loaded when the first call needs it: a process with hollow nodes never does. */
  #connection(): Promise<Client> {
    this.#client ??= import('@grpc/grpc-js').then(({ Client, credentials }) => new Client(this.#endpoint, credentials.createInsecure(), {
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 3_000,
      // containerd 1.6 refuses an authority that is a socket's path.
      'grpc.default_authority': 'localhost',
    }));
    return this.#client;
  }

  async #unary<R>(service: 'RuntimeService' | 'ImageService', verb: string, request: object, timeoutMs: number): Promise<R> {
    if (this.#closed) throw new RuntimeError(verb, 'Canceled', 'the runtime client is closed');
    const client = await this.#connection();
    return new Promise<R>((resolve, reject) => {
      client.makeUnaryRequest<object, R>(
        `/runtime.v1.${service}/${verb}`,
        (value) => codec.encode(`${verb}Request`, value),
        (bytes) => codec.decode<R>(`${verb}Response`, bytes),
        request,
        { deadline: this.#host.clock.now() + timeoutMs },
        (error, response) => (error ? reject(runtimeError(verb, error)) : resolve(response!)),
      );
    });
  }

  #call<R>(verb: string, request: object = {}, timeoutMs = requestTimeoutMs): Promise<R> {
    return this.#patiently('RuntimeService', verb, request, timeoutMs);
  }

  #image<R>(verb: string, request: object = {}, timeoutMs = requestTimeoutMs): Promise<R> {
    return this.#patiently('ImageService', verb, request, timeoutMs);
  }

  /** A runtime that was started anew refuses calls until it has looked at what it runs: nothing of them was done, so they are asked again. */
  async #patiently<R>(service: 'RuntimeService' | 'ImageService', verb: string, request: object, timeoutMs: number): Promise<R> {
    this.#ready ??= this.ready();
    await this.#ready;
    const { clock } = this.#host;
    const deadline = clock.monotonic() + this.#startupTimeoutMs;
    for (;;) {
      try {
        return await this.#unary<R>(service, verb, request, timeoutMs);
      } catch (error) {
        if (!isInitializing(error) || clock.monotonic() >= deadline || this.#closed) throw error;
      }
      await clock.sleep(startupPollMs);
    }
  }

  ready(signal?: AbortSignal): Promise<void> {
    const ready = this.#waitUntilReady(signal).catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    this.#ready = ready;
    return ready;
  }

  async #waitUntilReady(signal?: AbortSignal): Promise<void> {
    const { clock } = this.#host;
    const deadline = clock.monotonic() + this.#startupTimeoutMs;
    for (;;) {
      try {
        const timeoutMs = Math.max(1_000, deadline - clock.monotonic());
        await this.#unary('RuntimeService', 'Version', { version: 'v1' }, timeoutMs);
        await this.#unary('RuntimeService', 'Status', {}, timeoutMs);
        return;
      } catch (error) {
        // The socket is there before the service is: the first answers are "unavailable" or "unknown service".
        const early = isRuntimeError(error, 'Unavailable', 'Unimplemented', 'DeadlineExceeded', 'Unknown');
        if (!early || clock.monotonic() >= deadline || signal?.aborted || this.#closed) throw error;
      }
      await clock.sleep(startupPollMs, signal);
    }
  }

  version(): Promise<RuntimeVersion> {
    return this.#call('Version', { version: 'v1' });
  }

  async status(): Promise<RuntimeStatus> {
    interface Answer {
      status?: { conditions: RuntimeStatus['conditions'] };
      runtimeHandlers: { name: string; features?: { recursiveReadOnlyMounts: boolean; userNamespaces: boolean } }[];
      features?: { supplementalGroupsPolicy: boolean };
    }
    const answer = await this.#call<Answer>('Status');
    return {
      conditions: answer.status?.conditions ?? [],
      handlers: answer.runtimeHandlers.map(({ name, features }) => ({ name, recursiveReadOnlyMounts: features?.recursiveReadOnlyMounts ?? false, userNamespaces: features?.userNamespaces ?? false })),
      supplementalGroupsPolicy: answer.features?.supplementalGroupsPolicy ?? false,
    };
  }

  async updateRuntimeConfig(podCidr: string): Promise<void> {
    await this.#call('UpdateRuntimeConfig', { runtimeConfig: { networkConfig: { podCidr } } });
  }

  async runPodSandbox(config: SandboxConfig, runtimeHandler = ''): Promise<string> {
    return (await this.#call<{ podSandboxId: string }>('RunPodSandbox', { config, runtimeHandler }, sandboxTimeoutMs)).podSandboxId;
  }

  async stopPodSandbox(id: string): Promise<void> {
    await this.#tolerateMissing(this.#call('StopPodSandbox', { podSandboxId: id }));
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.#tolerateMissing(this.#call('RemovePodSandbox', { podSandboxId: id }));
  }

  async podSandboxStatus(id: string): Promise<SandboxStatus> {
    return this.#need('PodSandboxStatus', (await this.#call<{ status?: SandboxStatus }>('PodSandboxStatus', { podSandboxId: id })).status);
  }

  async listPodSandboxes(filter: SandboxFilter = {}): Promise<Sandbox[]> {
    const request = { filter: { id: filter.id, labelSelector: filter.labelSelector, ...(filter.state ? { state: { state: filter.state } } : {}) } };
    return (await this.#call<{ items: Sandbox[] }>('ListPodSandbox', request)).items;
  }

  async createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: SandboxConfig): Promise<string> {
    return (await this.#call<{ containerId: string }>('CreateContainer', { podSandboxId: sandboxId, config, sandboxConfig })).containerId;
  }

  async startContainer(id: string): Promise<void> {
    await this.#call('StartContainer', { containerId: id });
  }

  async stopContainer(id: string, timeoutSeconds: number): Promise<void> {
    await this.#tolerateMissing(this.#call('StopContainer', { containerId: id, timeout: Math.round(timeoutSeconds) }, timeoutSeconds * 1000 + requestTimeoutMs));
  }

  async removeContainer(id: string): Promise<void> {
    await this.#tolerateMissing(this.#call('RemoveContainer', { containerId: id }));
  }

  async listContainers(filter: ContainerFilter = {}): Promise<Container[]> {
    const request = { filter: { id: filter.id, podSandboxId: filter.podSandboxId, labelSelector: filter.labelSelector, ...(filter.state ? { state: { state: filter.state } } : {}) } };
    return (await this.#call<{ containers: Container[] }>('ListContainers', request)).containers;
  }

  async containerStatus(id: string): Promise<ContainerStatus> {
    return this.#need('ContainerStatus', (await this.#call<{ status?: ContainerStatus }>('ContainerStatus', { containerId: id })).status);
  }

  async updateContainerResources(id: string, resources: LinuxResources): Promise<void> {
    await this.#call('UpdateContainerResources', { containerId: id, linux: resources });
  }

  async reopenContainerLog(id: string): Promise<void> {
    await this.#call('ReopenContainerLog', { containerId: id });
  }

  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    // Zero means no limit to the runtime; the call's own deadline then bounds it.
    const timeoutMs = timeoutSeconds > 0 ? timeoutSeconds * 1000 + graceTimeoutMs : requestTimeoutMs;
    return this.#call('ExecSync', { containerId: id, cmd: command, timeout: Math.ceil(timeoutSeconds) }, timeoutMs);
  }

  async exec(id: string, command: readonly string[], streams: StreamRequest): Promise<string> {
    return (await this.#call<{ url: string }>('Exec', { containerId: id, cmd: command, ...streams })).url;
  }

  async attach(id: string, streams: StreamRequest): Promise<string> {
    return (await this.#call<{ url: string }>('Attach', { containerId: id, ...streams })).url;
  }

  async portForward(sandboxId: string, ports: readonly number[]): Promise<string> {
    return (await this.#call<{ url: string }>('PortForward', { podSandboxId: sandboxId, port: ports })).url;
  }

  async containerStats(id: string): Promise<ContainerStats> {
    return this.#need('ContainerStats', (await this.#call<{ stats?: ContainerStats }>('ContainerStats', { containerId: id })).stats);
  }

  async listContainerStats(filter: { id?: string; podSandboxId?: string; labelSelector?: Record<string, string> } = {}): Promise<ContainerStats[]> {
    return (await this.#call<{ stats: ContainerStats[] }>('ListContainerStats', { filter })).stats;
  }

  async listImages(): Promise<Image[]> {
    return (await this.#image<{ images: Image[] }>('ListImages')).images;
  }

  async imageStatus(image: string): Promise<Image | undefined> {
    return (await this.#image<{ image?: Image }>('ImageStatus', { image: { image } })).image;
  }

  async pullImage(image: string, auth?: ImageAuth, sandboxConfig?: SandboxConfig): Promise<string> {
    return (await this.#image<{ imageRef: string }>('PullImage', { image: { image }, auth, sandboxConfig }, pullTimeoutMs)).imageRef;
  }

  async removeImage(image: string): Promise<void> {
    await this.#tolerateMissing(this.#image('RemoveImage', { image: { image } }));
  }

  async imageFsInfo(): Promise<{ images: FilesystemUsage[]; containers: FilesystemUsage[] }> {
    const answer = await this.#image<{ imageFilesystems: FilesystemUsage[]; containerFilesystems: FilesystemUsage[] }>('ImageFsInfo');
    return { images: answer.imageFilesystems, containers: answer.containerFilesystems };
  }

  async subscribe(listener: (event: RuntimeEvent) => void): Promise<Subscription | undefined> {
    await this.ready();
    const client = await this.#connection();
    interface Answer { containerId: string; podSandboxStatus?: SandboxStatus }
    const stream = client.makeServerStreamRequest<object, Answer>(
      '/runtime.v1.RuntimeService/GetContainerEvents',
      (value) => codec.encode('GetEventsRequest', value),
      (bytes) => codec.decode<Answer>('ContainerEventResponse', bytes),
      {},
    );
    const ended = new Promise<void>((resolve) => {
      stream.on('error', () => resolve());
      stream.on('end', () => resolve());
    });
    let over = false;
    void ended.then(() => (over = true));
    stream.on('data', (event: Answer) => listener({ containerId: event.containerId, podUid: event.podSandboxStatus?.metadata.uid }));
    const accepted = new Promise<void>((resolve) => {
      stream.once('metadata', () => resolve());
      stream.once('data', () => resolve());
    });
    await Promise.race([ended, accepted, this.#host.clock.sleep(streamRefusalMs)]);
    if (over) return undefined;
    // A reconnect loses what happened in between.
    return { complete: false, ended, close: () => stream.cancel() };
  }

  async close(): Promise<void> {
    this.#closed = true;
    (await this.#client)?.close();
  }

  #need<T>(verb: string, value: T | undefined): T {
    if (value === undefined) throw new RuntimeError(verb, 'NotFound', 'the runtime answered without a status');
    return value;
  }

  async #tolerateMissing(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!isRuntimeError(error, 'NotFound')) throw error;
    }
  }
}

/** A client of the runtime behind a unix socket. It connects on the first call, and that call waits until the runtime answers. */
export function grpcRuntime(host: Pick<Host, 'clock'>, options: GrpcRuntimeOptions): ContainerRuntime {
  return new GrpcRuntime(host, options);
}
