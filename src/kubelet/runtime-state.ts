/** What the runtime knows about pods, as values: read in whole to notice changes, or for one pod to decide about it. */
import type { Container, ContainerRuntime, ContainerStatus, Sandbox, SandboxStatus } from '../cri/runtime.ts';
import { isRuntimeError } from '../cri/runtime.ts';
import { annotationNames, labelNames } from './names.ts';

/** A container of a pod, in whatever state. */
export interface PodContainer extends ContainerStatus {
  /** Name in the pod's spec. */
  name: string;
  sandboxId: string;
  restartCount: number;
  hash: string;
}

/** Sandboxes and containers of a pod, the newest first. */
export interface PodRuntime {
  uid: string;
  name: string;
  namespace: string;
  sandboxes: readonly SandboxStatus[];
  containers: readonly PodContainer[];
}

export const emptyPodRuntime = (uid: string, name = '', namespace = ''): PodRuntime => ({ uid, name, namespace, sandboxes: [], containers: [] });

const newestFirst = (a: { createdAt: number }, b: { createdAt: number }): number => b.createdAt - a.createdAt;

function podContainer(status: ContainerStatus, sandboxId: string): PodContainer {
  return {
    ...status,
    name: status.labels[labelNames.containerName] ?? status.metadata.name,
    sandboxId,
    restartCount: Number(status.annotations[annotationNames.restartCount] ?? status.metadata.attempt),
    hash: status.annotations[annotationNames.hash] ?? '',
  };
}

/** The pod's newest sandbox, if it is ready. */
export function readySandbox(runtime: PodRuntime): SandboxStatus | undefined {
  return runtime.sandboxes[0]?.state === 'ready' ? runtime.sandboxes[0] : undefined;
}

/** The newest container of that name. */
export function newestContainer(runtime: PodRuntime, name: string): PodContainer | undefined {
  return runtime.containers.find((container) => container.name === name);
}

/** Addresses of the pod, the primary one first. */
export function addressesOf(sandbox: SandboxStatus | undefined): string[] {
  if (!sandbox?.network?.ip) return [];
  return [sandbox.network.ip, ...sandbox.network.additionalIps.map(({ ip }) => ip)];
}

async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isRuntimeError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Reads runtime state and remembers what cannot change any more, so that a look costs few calls. */
export class RuntimeReader {
  readonly #runtime: ContainerRuntime;
  /** By id, valid while the listed state is the same. */
  readonly #containers = new Map<string, ContainerStatus>();
  readonly #sandboxes = new Map<string, SandboxStatus>();

  constructor(runtime: ContainerRuntime) {
    this.#runtime = runtime;
  }

  async #sandboxStatus(sandbox: Sandbox): Promise<SandboxStatus | undefined> {
    const known = this.#sandboxes.get(sandbox.id);
    if (known?.state === sandbox.state) return known;
    const status = await unlessGone(this.#runtime.podSandboxStatus(sandbox.id));
    if (status) this.#sandboxes.set(sandbox.id, status);
    return status;
  }

  async #containerStatus(container: Container): Promise<PodContainer | undefined> {
    const known = this.#containers.get(container.id);
    const status = known?.state === container.state ? known : await unlessGone(this.#runtime.containerStatus(container.id));
    if (!status) return undefined;
    this.#containers.set(container.id, status);
    return podContainer(status, container.podSandboxId);
  }

  /** Must be called after a container's resources were changed in place. */
  forget(id: string): void {
    this.#containers.delete(id);
    this.#sandboxes.delete(id);
  }

  /** The state of one pod, now. */
  async pod(uid: string, name: string, namespace: string): Promise<PodRuntime> {
    const filter = { labelSelector: { [labelNames.podUid]: uid } };
    const [sandboxes, containers] = await Promise.all([this.#runtime.listPodSandboxes(filter), this.#runtime.listContainers(filter)]);
    const [sandboxStatuses, containerStatuses] = await Promise.all([
      Promise.all(sandboxes.map((sandbox) => this.#sandboxStatus(sandbox))),
      Promise.all(containers.map((container) => this.#containerStatus(container))),
    ]);
    return {
      uid, name, namespace,
      sandboxes: sandboxStatuses.filter((s) => s !== undefined).toSorted(newestFirst),
      containers: containerStatuses.filter((c) => c !== undefined).toSorted(newestFirst),
    };
  }

  /** What is there, in brief: uid to a text that changes with the pod's state. */
  async fingerprints(): Promise<Map<string, RuntimePodBrief>> {
    const [sandboxes, containers] = await Promise.all([this.#runtime.listPodSandboxes(), this.#runtime.listContainers()]);
    const pods = new Map<string, RuntimePodBrief>();
    const of = (labels: Record<string, string>): RuntimePodBrief | undefined => {
      const uid = labels[labelNames.podUid];
      if (uid === undefined) return undefined;
      let brief = pods.get(uid);
      if (!brief) pods.set(uid, (brief = { uid, name: labels[labelNames.podName] ?? '', namespace: labels[labelNames.podNamespace] ?? '', fingerprint: '', running: false }));
      return brief;
    };
    const add = (item: Sandbox | Container, live: boolean): void => {
      const brief = of(item.labels);
      if (!brief) return;
      brief.fingerprint += `${item.id}=${item.state};`;
      brief.running ||= live;
    };
    for (const sandbox of sandboxes.toSorted((a, b) => (a.id < b.id ? -1 : 1))) add(sandbox, sandbox.state === 'ready');
    for (const container of containers.toSorted((a, b) => (a.id < b.id ? -1 : 1))) add(container, container.state === 'running');
    this.#forgetMissing(new Set([...sandboxes, ...containers].map(({ id }) => id)));
    return pods;
  }

  #forgetMissing(present: ReadonlySet<string>): void {
    for (const id of this.#containers.keys()) if (!present.has(id)) this.#containers.delete(id);
    for (const id of this.#sandboxes.keys()) if (!present.has(id)) this.#sandboxes.delete(id);
  }
}

export interface RuntimePodBrief {
  uid: string;
  name: string;
  namespace: string;
  fingerprint: string;
  /** A sandbox is ready or a container runs. */
  running: boolean;
}
