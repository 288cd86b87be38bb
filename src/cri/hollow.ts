/**
 * A runtime that only pretends: sandboxes and containers are records in memory, starting them takes a seeded time, pods get addresses of the
 * node's range, and containers run until they are stopped or until their script ends them (`hollow-script.ts`). It starts nothing and opens nothing.
 */
import { formatIp, networkOf, parseCidr, type Cidr } from '../api/meta/addresses.ts';
import type { Host, Random, Timer } from '../host/types.ts';
import { hollowScript, type HollowFailure, type HollowScript, type ProbeKind } from './hollow-script.ts';
import { RuntimeError } from './runtime.ts';
import type {
  Container, ContainerConfig, ContainerFilter, ContainerRuntime, ContainerStats, ContainerStatus, ExecResult, FilesystemUsage, Image, Labels, LinuxResources,
  Pretender, RuntimeEvent, RuntimeStatus, RuntimeVersion, Sandbox, SandboxConfig, SandboxFilter, SandboxStatus, Subscription,
} from './runtime.ts';

/** A time drawn evenly from [min, max], in milliseconds. */
export type DelayMs = readonly [min: number, max: number];

export interface HollowOptions {
  /** The range that pods get addresses of; may also come later through `updateRuntimeConfig`. */
  podCidr?: string;
  sandboxDelayMs?: DelayMs;
  pullDelayMs?: DelayMs;
  startDelayMs?: DelayMs;
  /** From being asked to stop to having ended. */
  stopDelayMs?: DelayMs;
  /** Asked before each step on an image (the pod's name for `sandbox`): a text makes the step fail with it. */
  fault?: (step: HollowFailure, about: string) => string | undefined;
  /** Begins with what another runtime had; containers that were to end by themselves end when they would have. */
  from?: HollowSnapshot;
}

/** All that a pretending runtime remembers. */
export interface HollowSnapshot {
  sandboxes: readonly object[];
  containers: readonly object[];
  images: readonly Image[];
  pool: { next: number; free: readonly number[] } | undefined;
}

/** A pretending runtime's own face, beside the one that kubelets use. */
export interface HollowRuntimeControl {
  /** The machine loses power: all that ran has ended. What is on disk stays: records of containers, addresses that pods hold. */
  crash(): void;
  /** A container fails by itself; nothing happens where it does not run. */
  fail(containerId: string, exitCode: number): void;
  /** Ids of containers that run. */
  runningContainers(): string[];
  /** What another runtime can begin with. */
  snapshot(): HollowSnapshot;
  /** Pods of which a container runs. */
  running(): { namespace: string; name: string; uid: string }[];
}

/** Annotation by which the kubelet tells a container's role: `init`, `sidecar`, `main` or `ephemeral`. */
export const containerTypeAnnotation = 'kubets.dev/container-type';

const defaults = { sandboxDelayMs: [20, 120], pullDelayMs: [50, 400], startDelayMs: [10, 60], stopDelayMs: [5, 50] } as const;
const exitCodeOfStop = 143;
const exitCodeOfKill = 137;
/** What containerd reports of containers that did not outlive their machine. */
const exitCodeOfLostMachine = 255;
const imageSizeBytes = 50 * 2 ** 20;

interface HollowSandbox extends SandboxStatus {
  config: SandboxConfig;
  /** The place of its address in the node's range, for as long as it holds one. */
  place: number | undefined;
}

interface HollowContainer extends ContainerStatus {
  podSandboxId: string;
  script: HollowScript;
  timer?: Timer;
  /** Called when it has ended. */
  waiters: (() => void)[];
}

function matches(labels: Labels, selector: Labels | undefined): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}

/** Hands out the addresses of a range, the least recently used first: the network's own and the first host's are kept for the node. */
class AddressPool {
  readonly #cidr: Cidr;
  readonly #size: number;
  #next = 2;
  readonly #free: number[] = [];

  constructor(text: string) {
    const cidr = parseCidr(text);
    if (!cidr) throw new RuntimeError('UpdateRuntimeConfig', 'InvalidArgument', `"${text}" is not an address range`);
    this.#cidr = cidr;
    const isIpv4 = cidr.address.family === 'IPv4';
    const hostBits = (isIpv4 ? 32 : 128) - cidr.prefixLength;
    // The last address of an IPv4 range is its broadcast address.
    this.#size = 2 ** Math.min(hostBits, 30) - (isIpv4 ? 1 : 0);
  }

  /** A pool that goes on where this one is. */
  state(): { next: number; free: readonly number[] } {
    return { next: this.#next, free: [...this.#free] };
  }

  restore({ next, free }: { next: number; free: readonly number[] }): void {
    this.#next = next;
    this.#free.splice(0, this.#free.length, ...free);
  }

  release(place: number): void {
    this.#free.push(place);
  }

  take(): { ip: string; place: number } {
    const offset = this.#next < this.#size ? this.#next++ : this.#free.shift();
    if (offset === undefined) throw new RuntimeError('RunPodSandbox', 'Unknown', 'no IP addresses available in the range of this node');
    const base = networkOf(this.#cidr);
    const bytes = Array.from(base.bytes);
    let carry = offset;
    for (let at = bytes.length - 1; carry > 0 && at >= 0; at--) {
      carry += bytes[at]!;
      bytes[at] = carry & 0xff;
      carry >>>= 8;
    }
    return { ip: formatIp({ ...base, bytes }), place: offset };
  }
}

class HollowRuntime implements ContainerRuntime, Pretender, HollowRuntimeControl {
  readonly #clock: Host['clock'];
  readonly #random: Random;
  readonly #delays: Required<Omit<HollowOptions, 'podCidr' | 'fault' | 'from'>>;
  readonly #fault: NonNullable<HollowOptions['fault']>;
  readonly #sandboxes = new Map<string, HollowSandbox>();
  readonly #containers = new Map<string, HollowContainer>();
  readonly #images = new Map<string, Image>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  #pool: AddressPool | undefined;
  #closed = false;

  constructor(host: Pick<Host, 'clock' | 'random'>, options: HollowOptions) {
    this.#clock = host.clock;
    this.#random = host.random.fork('hollow-runtime');
    this.#delays = { ...defaults, ...options };
    this.#fault = options.fault ?? (() => undefined);
    if (options.podCidr !== undefined) this.#pool = new AddressPool(options.podCidr);
    if (options.from) this.#restore(options.from);
  }

  get pretender(): Pretender {
    return this;
  }

  #check(step: HollowFailure, verb: string, about: string): void {
    const problem = this.#fault(step, about);
    if (problem !== undefined) throw new RuntimeError(verb, 'Unknown', problem);
  }

  crash(): void {
    for (const container of this.#containers.values()) this.#end(container, exitCodeOfLostMachine, 'Unknown');
    for (const sandbox of this.#sandboxes.values()) sandbox.state = 'notReady';
  }

  fail(containerId: string, exitCode: number): void {
    const container = this.#containers.get(containerId);
    if (container?.state === 'running') this.#end(container, exitCode);
  }

  snapshot(): HollowSnapshot {
    const containers = Array.from(this.#containers.values(), ({ timer: _timer, waiters: _waiters, ...container }) => structuredClone(container));
    const sandboxes = Array.from(this.#sandboxes.values(), (sandbox) => structuredClone(sandbox));
    return { sandboxes, containers, images: [...this.#images.values()], pool: this.#pool?.state() };
  }

  #restore({ sandboxes, containers, images, pool }: HollowSnapshot): void {
    for (const sandbox of structuredClone(sandboxes) as HollowSandbox[]) this.#sandboxes.set(sandbox.id, sandbox);
    for (const container of structuredClone(containers) as HollowContainer[]) {
      container.waiters = [];
      this.#containers.set(container.id, container);
      const { exit } = container.script;
      if (exit && container.state === 'running') container.timer = this.#clock.setTimer(() => this.#end(container, exit.code), container.startedAt + exit.afterMs - this.#clock.now());
    }
    for (const image of images) for (const name of image.repoTags) this.#images.set(name, image);
    if (pool) this.#pool?.restore(pool);
  }

  runningContainers(): string[] {
    return [...this.#containers.values()].filter(({ state }) => state === 'running').map(({ id }) => id);
  }

  running(): { namespace: string; name: string; uid: string }[] {
    const ids = new Set<string>();
    for (const { state, podSandboxId } of this.#containers.values()) if (state === 'running') ids.add(podSandboxId);
    return Array.from(ids, (id) => {
      const { namespace, name, uid } = this.#sandboxes.get(id)!.metadata;
      return { namespace, name, uid };
    });
  }

  #id(): string {
    return Buffer.from(this.#random.bytes(32)).toString('hex');
  }

  #wait([min, max]: DelayMs): Promise<void> {
    const delayMs = min + this.#random.next() * (max - min);
    return delayMs > 0 ? this.#clock.sleep(delayMs) : Promise.resolve();
  }

  #tell(containerId: string, podUid: string | undefined): void {
    for (const listener of this.#listeners) queueMicrotask(() => listener({ containerId, podUid }));
  }

  #sandbox(verb: string, id: string): HollowSandbox {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) throw new RuntimeError(verb, 'NotFound', `sandbox "${id}": not found`);
    return sandbox;
  }

  #container(verb: string, id: string): HollowContainer {
    const container = this.#containers.get(id);
    if (!container) throw new RuntimeError(verb, 'NotFound', `container "${id}": not found`);
    return container;
  }

  async ready(): Promise<void> {
    if (this.#closed) throw new RuntimeError('Version', 'Unavailable', 'the hollow runtime is closed');
  }

  async version(): Promise<RuntimeVersion> {
    return { runtimeName: 'hollow', runtimeVersion: '1.0.0', runtimeApiVersion: 'v1' };
  }

  async status(): Promise<RuntimeStatus> {
    const network = this.#pool !== undefined;
    return {
      conditions: [
        { type: 'RuntimeReady', status: true, reason: '', message: '' },
        { type: 'NetworkReady', status: network, reason: network ? '' : 'NetworkPluginNotReady', message: network ? '' : 'no pod address range yet' },
      ],
      handlers: [{ name: '', recursiveReadOnlyMounts: true, userNamespaces: true }],
      supplementalGroupsPolicy: true,
    };
  }

  async updateRuntimeConfig(podCidr: string): Promise<void> {
    this.#pool ??= new AddressPool(podCidr);
  }

  async runPodSandbox(config: SandboxConfig, runtimeHandler = ''): Promise<string> {
    const onHost = config.linux?.securityContext?.namespaceOptions?.network === 'node';
    await this.#wait(this.#delays.sandboxDelayMs);
    if (hollowScript('', config.annotations ?? {}).fail === 'sandbox') throw new RuntimeError('RunPodSandbox', 'Unknown', 'failed to create pod sandbox: as the annotation asks');
    this.#check('sandbox', 'RunPodSandbox', config.metadata.name);
    if (!onHost && !this.#pool) throw new RuntimeError('RunPodSandbox', 'Unknown', 'the node has no pod address range yet');
    const address = onHost ? undefined : this.#pool!.take();
    const id = this.#id();
    this.#sandboxes.set(id, {
      id, config, runtimeHandler,
      metadata: { ...config.metadata },
      state: 'ready',
      createdAt: this.#clock.now(),
      labels: { ...config.labels },
      annotations: { ...config.annotations },
      network: { ip: address?.ip ?? '', additionalIps: [] },
      place: address?.place,
    });
    this.#tell(id, config.metadata.uid);
    return id;
  }

  async stopPodSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    for (const container of this.#containers.values()) if (container.podSandboxId === id) this.#end(container, exitCodeOfKill);
    if (sandbox.place !== undefined) this.#pool?.release(sandbox.place);
    sandbox.place = undefined;
    if (sandbox.state === 'notReady') return;
    sandbox.state = 'notReady';
    this.#tell(id, sandbox.metadata.uid);
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.stopPodSandbox(id);
    for (const container of Array.from(this.#containers.values())) if (container.podSandboxId === id) this.#containers.delete(container.id);
    this.#sandboxes.delete(id);
  }

  async podSandboxStatus(id: string): Promise<SandboxStatus> {
    const { config: _config, place: _place, ...status } = this.#sandbox('PodSandboxStatus', id);
    return status;
  }

  async listPodSandboxes(filter: SandboxFilter = {}): Promise<Sandbox[]> {
    const found: Sandbox[] = [];
    for (const { config: _config, place: _place, network: _network, ...sandbox } of this.#sandboxes.values()) {
      if ((filter.id ?? sandbox.id) === sandbox.id && (filter.state ?? sandbox.state) === sandbox.state && matches(sandbox.labels, filter.labelSelector)) found.push(sandbox);
    }
    return found;
  }

  async createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: SandboxConfig): Promise<string> {
    const sandbox = this.#sandbox('CreateContainer', sandboxId);
    const image = this.#image(config.image.image);
    if (!image) throw new RuntimeError('CreateContainer', 'NotFound', `failed to create container: image "${config.image.image}": not found`);
    const annotations = { ...sandboxConfig.annotations, ...config.annotations };
    const script = hollowScript(config.image.userSpecifiedImage || config.image.image, annotations, config.annotations?.[containerTypeAnnotation] === 'init');
    this.#check('create', 'CreateContainer', config.image.image);
    if (script.fail === 'create') throw new RuntimeError('CreateContainer', 'Unknown', 'failed to create container: as the annotation asks');
    const same = [...this.#containers.values()].find((c) => c.podSandboxId === sandbox.id && c.metadata.name === config.metadata.name && c.metadata.attempt === config.metadata.attempt);
    if (same) throw new RuntimeError('CreateContainer', 'Unknown', `failed to reserve container name "${config.metadata.name}_${config.metadata.attempt}": it is reserved for "${same.id}"`);
    const id = this.#id();
    this.#containers.set(id, {
      id, script,
      podSandboxId: sandboxId,
      metadata: { ...config.metadata },
      state: 'created',
      createdAt: this.#clock.now(),
      startedAt: 0,
      finishedAt: 0,
      exitCode: 0,
      image: { ...config.image },
      imageRef: image.repoDigests[0] ?? image.id,
      imageId: image.id,
      reason: '',
      message: '',
      labels: { ...config.labels },
      annotations: { ...config.annotations },
      mounts: config.mounts ?? [],
      logPath: config.logPath ? `${sandboxConfig.logDirectory ?? ''}/${config.logPath}` : '',
      resources: { linux: { ...config.linux?.resources } },
      stopSignal: config.stopSignal ?? 'default',
      waiters: [],
    });
    this.#tell(id, sandbox.metadata.uid);
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const container = this.#container('StartContainer', id);
    if (container.state !== 'created') throw new RuntimeError('StartContainer', 'FailedPrecondition', `container is in ${container.state} state`);
    await this.#wait(this.#delays.startDelayMs);
    // Its sandbox may have been stopped meanwhile.
    if (container.state !== 'created' || !this.#containers.has(id)) throw new RuntimeError('StartContainer', 'FailedPrecondition', `container is in ${container.state} state`);
    if (container.script.fail === 'start') {
      this.#end(container, 128, 'StartError', 'failed to start container: as the annotation asks');
      throw new RuntimeError('StartContainer', 'Unknown', 'failed to start container: as the annotation asks');
    }
    const problem = this.#fault('start', container.image.image);
    if (problem !== undefined) {
      this.#end(container, 128, 'StartError', problem);
      throw new RuntimeError('StartContainer', 'Unknown', problem);
    }
    container.state = 'running';
    container.startedAt = this.#clock.now();
    const { exit } = container.script;
    if (exit) container.timer = this.#clock.setTimer(() => this.#end(container, exit.code), exit.afterMs);
    this.#tell(id, this.#sandboxes.get(container.podSandboxId)?.metadata.uid);
  }

  #end(container: HollowContainer, exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error', message = ''): void {
    if (container.state === 'exited') return;
    container.timer?.cancel();
    Object.assign(container, { state: 'exited', finishedAt: this.#clock.now(), exitCode, reason, message });
    for (const waiter of container.waiters.splice(0)) waiter();
    this.#tell(container.id, this.#sandboxes.get(container.podSandboxId)?.metadata.uid);
  }

  async stopContainer(id: string, timeoutSeconds: number): Promise<void> {
    const container = this.#containers.get(id);
    if (!container || container.state === 'exited') return;
    const ended = new Promise<void>((resolve) => container.waiters.push(resolve));
    const [min, max] = this.#delays.stopDelayMs;
    const willingAfterMs = container.script.ignoresStop ? Number.POSITIVE_INFINITY : min + this.#random.next() * (max - min);
    const killed = willingAfterMs > timeoutSeconds * 1000;
    const timer = this.#clock.setTimer(() => this.#end(container, killed ? exitCodeOfKill : exitCodeOfStop), killed ? timeoutSeconds * 1000 : willingAfterMs);
    await ended;
    timer.cancel();
  }

  async removeContainer(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (!container) return;
    if (container.state === 'running') this.#end(container, exitCodeOfKill);
    this.#containers.delete(id);
  }

  #listed(container: HollowContainer): Container {
    const { id, podSandboxId, metadata, image, imageRef, state, createdAt, labels, annotations, imageId } = container;
    return { id, podSandboxId, metadata, image, imageRef, state, createdAt, labels, annotations, imageId };
  }

  async listContainers(filter: ContainerFilter = {}): Promise<Container[]> {
    const found: Container[] = [];
    for (const container of this.#containers.values()) {
      if ((filter.id ?? container.id) !== container.id || (filter.state ?? container.state) !== container.state) continue;
      if ((filter.podSandboxId ?? container.podSandboxId) !== container.podSandboxId || !matches(container.labels, filter.labelSelector)) continue;
      found.push(this.#listed(container));
    }
    return found;
  }

  async containerStatus(id: string): Promise<ContainerStatus> {
    const { script: _script, timer: _timer, waiters: _waiters, podSandboxId: _sandbox, ...status } = this.#container('ContainerStatus', id);
    return status;
  }

  async updateContainerResources(id: string, resources: LinuxResources): Promise<void> {
    const container = this.#container('UpdateContainerResources', id);
    container.resources = { linux: { ...container.resources?.linux, ...resources } };
  }

  async reopenContainerLog(id: string): Promise<void> {
    this.#container('ReopenContainerLog', id);
  }

  async execSync(id: string): Promise<ExecResult> {
    const container = this.#container('ExecSync', id);
    if (container.state !== 'running') throw new RuntimeError('ExecSync', 'FailedPrecondition', `container is in ${container.state} state`);
    return { stdout: new Uint8Array(), stderr: new Uint8Array(), exitCode: container.script.execExitCode };
  }

  async exec(): Promise<string> {
    throw new RuntimeError('Exec', 'Unimplemented', 'a hollow container runs nothing');
  }

  async attach(): Promise<string> {
    throw new RuntimeError('Attach', 'Unimplemented', 'a hollow container runs nothing');
  }

  async portForward(): Promise<string> {
    throw new RuntimeError('PortForward', 'Unimplemented', 'a hollow pod listens on nothing');
  }

  #statsOf(container: HollowContainer): ContainerStats {
    const timestamp = this.#clock.now();
    const { id, metadata, labels, annotations } = container;
    return {
      attributes: { id, metadata, labels, annotations },
      cpu: { timestamp, usageCoreNanoSeconds: 0, usageNanoCores: 0 },
      memory: { timestamp, workingSetBytes: 0, usageBytes: 0 },
      writableLayer: { timestamp, usedBytes: 0, inodesUsed: 0 },
    };
  }

  async containerStats(id: string): Promise<ContainerStats> {
    return this.#statsOf(this.#container('ContainerStats', id));
  }

  async listContainerStats(filter: { id?: string; podSandboxId?: string; labelSelector?: Labels } = {}): Promise<ContainerStats[]> {
    return [...this.#containers.values()]
      .filter((c) => c.state === 'running' && (filter.id ?? c.id) === c.id && (filter.podSandboxId ?? c.podSandboxId) === c.podSandboxId && matches(c.labels, filter.labelSelector))
      .map((c) => this.#statsOf(c));
  }

  async listImages(): Promise<Image[]> {
    return [...this.#images.values()];
  }

  async imageStatus(image: string): Promise<Image | undefined> {
    return this.#image(image);
  }

  /** By name or by id. */
  #image(name: string): Image | undefined {
    if (!name.startsWith('sha256:')) return this.#images.get(name);
    return [...this.#images.values()].find((image) => image.id === name);
  }

  async pullImage(image: string, _auth?: unknown, sandboxConfig?: SandboxConfig): Promise<string> {
    await this.#wait(this.#delays.pullDelayMs);
    if (hollowScript(image, sandboxConfig?.annotations ?? {}).fail === 'pull') {
      throw new RuntimeError('PullImage', 'NotFound', `failed to pull and unpack image "${image}": not found`);
    }
    this.#check('pull', 'PullImage', image);
    const known = this.#images.get(image);
    if (known) return known.id;
    // The same name has the same id on every node, as a real image has.
    let hash = 0n;
    for (const byte of Buffer.from(image)) hash = BigInt.asUintN(256, (hash * 1_099_511_628_211n) ^ BigInt(byte));
    const id = `sha256:${hash.toString(16).padStart(64, '0')}`;
    const repository = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
    this.#images.set(image, { id, repoTags: [image], repoDigests: [`${repository}@${id}`], size: imageSizeBytes, username: '', pinned: false });
    return id;
  }

  async removeImage(image: string): Promise<void> {
    for (const [name, known] of Array.from(this.#images)) if (name === image || known.id === image) this.#images.delete(name);
  }

  async imageFsInfo(): Promise<{ images: FilesystemUsage[]; containers: FilesystemUsage[] }> {
    const usage = { timestamp: this.#clock.now(), fsId: { mountpoint: '/' }, usedBytes: this.#images.size * imageSizeBytes, inodesUsed: 0 };
    return { images: [usage], containers: [usage] };
  }

  async subscribe(listener: (event: RuntimeEvent) => void): Promise<Subscription> {
    this.#listeners.add(listener);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    return {
      complete: true,
      ended,
      close: () => {
        this.#listeners.delete(listener);
        resolve();
      },
    };
  }

  probe(containerId: string, kind: ProbeKind): { ok: boolean; output: string } | undefined {
    const container = this.#containers.get(containerId);
    if (!container || container.state !== 'running') return undefined;
    const ok = !container.script.unhealthy.has(kind);
    return { ok, output: ok ? '' : 'unhealthy as the annotation asks' };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const container of this.#containers.values()) container.timer?.cancel();
    this.#listeners.clear();
  }
}

/** A runtime that pretends. Its delays and ids come from `host.random`, its time from `host.clock`. */
export function hollowRuntime(host: Pick<Host, 'clock' | 'random'>, options: HollowOptions = {}): ContainerRuntime & HollowRuntimeControl {
  return new HollowRuntime(host, options);
}
