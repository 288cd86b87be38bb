/** Starting one container: image, configuration, mounts, creation, start, postStart hook. */
import type { Pod } from '../api/core/v1/types.ts';
import { rpcMessage, type Mount, type SandboxConfig, type SandboxStatus } from '../cri/runtime.ts';
import { containerConfigOf, mountPathOf, propagationOf } from './container-config.ts';
import type { StartAction } from './decide.ts';
import { buildEnvironment, ContainerConfigError, type Environment } from './environment.ts';
import { containerEvent } from './events.ts';
import { expand, missingNames } from './expansion.ts';
import { runHook } from './hooks.ts';
import { ImageError } from './images.ts';
import { factsOf, type KubeletParts } from './parts.ts';
import { addressesOf, newestContainer, type PodContainer, type PodRuntime } from './runtime-state.ts';
import { hostsFile } from './sandbox-config.ts';
import { checkNonRoot } from './security.ts';
import { Deadline, graceSecondsOf, stopContainer } from './termination.ts';
import type { ReadyVolume } from './volumes/types.ts';

/** A container could not be started. Reason and message are shown in its status. */
export class StartError extends Error {
  readonly reason: string;
  readonly retryAtMs?: number;
  constructor(reason: string, message: string, retryAtMs?: number) {
    super(message);
    this.name = 'StartError';
    this.reason = reason;
    if (retryAtMs !== undefined) this.retryAtMs = retryAtMs;
  }
}

export interface StartInputs {
  pod: Pod;
  action: StartAction;
  sandbox: SandboxStatus;
  sandboxConfig: SandboxConfig;
  volumes: ReadonlyMap<string, ReadyVolume>;
  runtime: PodRuntime;
  signal: AbortSignal;
}

/** Everyone in the container may write its last words, whoever it runs as. */
const terminationFileMode = 0o666;

/** Stops waiting when the pod is to end: what was waited for goes on alone and its outcome does not matter any more. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new DOMException('the pod is ending', 'AbortError'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function volumeMounts(parts: KubeletParts, inputs: StartInputs, environment: Environment): Promise<Mount[]> {
  const { pod, action, volumes } = inputs;
  const mounts: Mount[] = [];
  for (const [index, mount] of (action.container.volumeMounts ?? []).entries()) {
    const volume = volumes.get(mount.name);
    if (!volume) throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container "${action.container.name}"`);
    const readOnly = mount.readOnly === true || volume.readOnly === true;
    let subPath = mount.subPath ?? '';
    if (mount.subPathExpr) {
      const missing = missingNames(mount.subPathExpr, (name) => environment.has(name));
      if (missing.length > 0) throw new ContainerConfigError(`missing value for "${missing[0]}"`);
      subPath = expand(mount.subPathExpr, (name) => environment.get(name));
    }
    let hostPath = volume.hostPath;
    if (subPath !== '' && !parts.context.hollow) {
      try {
        hostPath = await parts.volumes.subPath(pod, { container: action.container.name, volume: mount.name, index, volumeRoot: volume.hostPath, subPath, readOnly: volume.readOnly === true });
      } catch (error) {
        throw new ContainerConfigError(`failed to prepare subPath for volumeMount "${mount.name}" of container "${action.container.name}": ${(error as Error).message}`);
      }
    }
    mounts.push({ containerPath: mountPathOf(mount.mountPath), hostPath, readonly: readOnly, propagation: propagationOf(mount.mountPropagation), recursiveReadOnly: readOnly && mount.recursiveReadOnly === 'Enabled' });
  }
  return mounts;
}

/** The hosts file and the file for last words. */
async function ownMounts(parts: KubeletParts, inputs: StartInputs, taken: readonly Mount[]): Promise<Mount[]> {
  const { pod, action, sandbox } = inputs;
  const { container } = action;
  const { disk, random } = parts.context.host;
  const uid = pod.metadata.uid!;
  const mounts: Mount[] = [];
  if (!taken.some((m) => m.containerPath === '/etc/hosts')) {
    const path = parts.paths.hostsFile(uid);
    await disk.mkdir(parts.paths.pod(uid));
    const content = hostsFile(pod, addressesOf(sandbox), parts.context.config.clusterDomain, pod.spec?.hostNetwork ? await parts.nodeHosts() : '');
    // In place: the file may be mounted into a running container.
    await disk.write(path, content, { mode: 0o644 });
    mounts.push({ containerPath: '/etc/hosts', hostPath: path, selinuxRelabel: true, readonly: false });
  }
  if (container.terminationMessagePath) {
    const folder = parts.paths.container(uid, container.name);
    await disk.mkdir(folder, 0o750);
    const path = `${folder}/${Buffer.from(random.bytes(4)).toString('hex')}`;
    await disk.write(path, '', { mode: terminationFileMode });
    mounts.push({ containerPath: mountPathOf(container.terminationMessagePath), hostPath: path, selinuxRelabel: true, readonly: false });
  }
  return mounts;
}

function failed(parts: KubeletParts, inputs: StartInputs, reason: string, message: string, retryAtMs?: number): StartError {
  containerEvent(parts.context, inputs.pod, inputs.action.container, 'Warning', 'Failed', `Error: ${message || reason}`);
  return new StartError(reason, message, retryAtMs);
}

async function createContainer(parts: KubeletParts, inputs: StartInputs): Promise<string> {
  const { pod, action, sandbox, sandboxConfig } = inputs;
  const { container } = action;
  const { context } = parts;
  let image;
  try {
    image = await unlessAborted(parts.images.ensure(pod, container, sandboxConfig), inputs.signal);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    containerEvent(context, pod, container, 'Warning', error.reason === 'InvalidImageName' ? 'InspectFailed' : 'Failed', error.reason === 'InvalidImageName' ? error.message : `Error: ${error.reason}`);
    throw new StartError(error.reason, error.message, error.retryAtMs);
  }
  let config;
  try {
    checkNonRoot(pod, container, image);
    const environment = await buildEnvironment({ facts: factsOf(parts, pod, addressesOf(sandbox)), container, services: await parts.services(pod.metadata.namespace!), objects: parts.objects });
    const mounts = await volumeMounts(parts, inputs, environment);
    if (!context.hollow) {
      mounts.push(...(await ownMounts(parts, inputs, mounts)));
      await context.host.disk.mkdir(`${parts.paths.logsOf(pod)}/${container.name}`);
    }
    const target = 'targetContainerName' in container && container.targetContainerName ? newestContainer(inputs.runtime, container.targetContainerName)?.id : undefined;
    config = containerConfigOf({ pod, action, image, environment, mounts, memoryCapacityBytes: parts.memoryCapacityBytes, seccompRoot: parts.seccompRoot, ...(target ? { targetId: target } : {}) });
  } catch (error) {
    throw failed(parts, inputs, 'CreateContainerConfigError', (error as Error).message);
  }
  try {
    const id = await context.runtime.createContainer(sandbox.id, config, sandboxConfig);
    containerEvent(context, pod, container, 'Normal', 'Created', 'Container created');
    return id;
  } catch (error) {
    throw failed(parts, inputs, 'CreateContainerError', rpcMessage(error));
  }
}

async function postStart(parts: KubeletParts, inputs: StartInputs, id: string): Promise<void> {
  const { pod, action, signal, sandbox } = inputs;
  const { container } = action;
  const handler = container.lifecycle?.postStart;
  if (!handler) return;
  const podIp = pod.spec?.hostNetwork ? parts.context.config.nodeIp : (addressesOf(sandbox)[0] ?? '');
  try {
    await unlessAborted(runHook(parts.context, handler, { pod, container, containerId: id, podIp }, 0, signal), signal);
  } catch (error) {
    if (signal.aborted) return;
    containerEvent(parts.context, pod, container, 'Warning', 'FailedPostStartHook', `PostStartHook failed: ${rpcMessage(error)}`);
    const runtime = await parts.reader.pod(pod.metadata.uid!, pod.metadata.name!, pod.metadata.namespace!);
    const status: PodContainer | undefined = runtime.containers.find((c) => c.id === id);
    if (status?.state === 'running') {
      const deadline = new Deadline(parts.context.host.clock, graceSecondsOf(pod));
      await stopContainer(parts.context, { pod, spec: container, container: status, podIp, deadline, message: `FailedPostStartHook` });
    }
    throw new StartError('PostStartHookError', (error as Error).message);
  }
}

/** Resolves when the container runs and its postStart hook is done. Rejects with StartError. */
export async function startContainer(parts: KubeletParts, inputs: StartInputs): Promise<void> {
  const { pod, action, signal } = inputs;
  const id = await createContainer(parts, inputs);
  if (signal.aborted) return;
  try {
    await parts.context.runtime.startContainer(id);
  } catch (error) {
    throw failed(parts, inputs, 'RunContainerError', rpcMessage(error));
  }
  containerEvent(parts.context, pod, action.container, 'Normal', 'Started', 'Container started');
  await postStart(parts, inputs, id);
}
