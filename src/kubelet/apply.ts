/** Carrying out what was decided for a running pod: stop, make the sandbox, start. */
import type { Pod } from '../api/core/v1/types.ts';
import { RuntimeClasses } from '../api/resources.ts';
import { rpcMessage, type SandboxConfig } from '../cri/runtime.ts';
import type { KillAction, StartAction, SyncPlan, Waiting } from './decide.ts';
import { containerEvent, podEvent } from './events.ts';
import type { AnyContainer } from './names.ts';
import { factsOf, type KubeletParts } from './parts.ts';
import { addressesOf, readySandbox, type PodRuntime } from './runtime-state.ts';
import { sandboxConfigOf } from './sandbox-config.ts';
import { startContainer, StartError } from './start-container.ts';
import { Deadline, graceSecondsOf, stopContainer, stopPodContainers } from './termination.ts';
import { VolumeError } from './volumes/manager.ts';
import type { ReadyVolume } from './volumes/types.ts';

/** The longest wait before a container whose configuration is wrong is tried again. */
const configRetryMs = 10_000;
const sandboxRetryMs = 10_000;

/** A sync did not get through; it is tried again, later and later. */
export class SyncError extends Error {
  readonly retryLimitMs?: number;
  constructor(message: string, options: { retryLimitMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'SyncError';
    if (options.retryLimitMs !== undefined) this.retryLimitMs = options.retryLimitMs;
  }
}

/** What a pod's worker remembers between syncs. */
export interface SyncMemory {
  /** Why containers could not be started, by name. */
  startErrors: Map<string, Waiting>;
  /** Until when a container is not tried again, and how often it failed. */
  holds: Map<string, { untilMs: number; failures: number }>;
  /** Containers that the kubelet ended to start them again. */
  mustRestart: Set<string>;
  volumes: ReadonlyMap<string, ReadyVolume> | undefined;
}

export interface ApplyInputs {
  pod: Pod;
  runtime: PodRuntime;
  plan: SyncPlan;
  memory: SyncMemory;
  signal: AbortSignal;
}

export interface ApplyOutcome {
  /** Something was done: look again. */
  acted: boolean;
  wakeAtMs?: number;
}

async function applyKills(parts: KubeletParts, inputs: ApplyInputs): Promise<void> {
  const { pod, runtime, plan, memory } = inputs;
  const podIp = addressesOf(runtime.sandboxes[0])[0] ?? '';
  const all: AnyContainer[] = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const kill = async (action: KillAction): Promise<void> => {
    const spec = all.find((c) => c.name === action.container.name);
    const probe = action.probe === 'startup' ? spec?.startupProbe : spec?.livenessProbe;
    const graceSeconds = action.why === 'probe' ? Number(probe?.terminationGracePeriodSeconds ?? graceSecondsOf(pod)) : graceSecondsOf(pod);
    if (action.restart) memory.mustRestart.add(action.container.id);
    await stopContainer(parts.context, { pod, ...(spec ? { spec } : {}), container: action.container, podIp, deadline: new Deadline(parts.context.host.clock, graceSeconds), message: action.message });
  };
  await Promise.all(plan.kill.map(kill));
}

async function ensureVolumes(parts: KubeletParts, inputs: ApplyInputs): Promise<ReadonlyMap<string, ReadyVolume>> {
  const { pod, runtime, memory } = inputs;
  if (memory.volumes) return memory.volumes;
  try {
    memory.volumes = await parts.volumes.setUp(pod, factsOf(parts, pod, addressesOf(readySandbox(runtime))));
    return memory.volumes;
  } catch (error) {
    if (error instanceof VolumeError) podEvent(parts.context, pod, 'Warning', 'FailedMount', error.message);
    throw new SyncError((error as Error).message, { cause: error });
  }
}

async function sandboxConfig(parts: KubeletParts, pod: Pod, attempt: number): Promise<SandboxConfig> {
  const cgroupParent = parts.context.hollow ? '' : await parts.cgroups.ensure(pod);
  return sandboxConfigOf({ pod, attempt, paths: parts.paths, dns: await parts.dns(), cgroupParent, seccompRoot: parts.seccompRoot });
}

async function replaceSandbox(parts: KubeletParts, inputs: ApplyInputs, attempt: number): Promise<void> {
  const { context, reader } = parts;
  const { pod, runtime } = inputs;
  if (runtime.sandboxes.length > 0) podEvent(context, pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
  if (runtime.containers.some((c) => c.state === 'running')) await stopPodContainers(context, pod, runtime, new Deadline(context.host.clock, graceSecondsOf(pod)));
  for (const sandbox of runtime.sandboxes) {
    await context.runtime.stopPodSandbox(sandbox.id);
    reader.forget(sandbox.id);
  }
  const notReady = parts.notReady(pod);
  if (notReady) {
    podEvent(context, pod, 'Warning', notReady.reason, notReady.message);
    throw new SyncError(notReady.message, { retryLimitMs: sandboxRetryMs });
  }
  if (!context.hollow) await context.host.disk.mkdir(parts.paths.logsOf(pod));
  try {
    await context.runtime.runPodSandbox(await sandboxConfig(parts, pod, attempt), await runtimeHandler(parts, pod));
  } catch (error) {
    const message = `Failed to create pod sandbox: ${rpcMessage(error)}`;
    podEvent(context, pod, 'Warning', 'FailedCreatePodSandBox', message);
    throw new SyncError(message, { retryLimitMs: sandboxRetryMs, cause: error });
  }
}

async function runtimeHandler(parts: KubeletParts, pod: Pod): Promise<string> {
  const name = pod.spec?.runtimeClassName;
  if (!name) return '';
  return (await parts.objects.get(RuntimeClasses, undefined, name, 60_000)).handler;
}

function hold(parts: KubeletParts, memory: SyncMemory, name: string, error: StartError): void {
  const nowMs = parts.context.host.clock.now();
  const failures = (memory.holds.get(name)?.failures ?? 0) + 1;
  const delayMs = Math.min(parts.context.timing.retryMs * 2 ** failures, configRetryMs);
  memory.holds.set(name, { failures, untilMs: error.retryAtMs ?? nowMs + delayMs });
}

/** Starts one; a failure is remembered and does not keep the others from starting. */
async function applyStart(parts: KubeletParts, inputs: ApplyInputs, action: StartAction, volumes: ReadonlyMap<string, ReadyVolume>): Promise<void> {
  const { pod, runtime, memory, signal } = inputs;
  const sandbox = readySandbox(runtime)!;
  const { name } = action.container;
  // A second start within a while is a restart that has to wait longer next time.
  if (action.previous) parts.crashBackoff.raise(`${pod.metadata.uid}/${name}`, parts.context.host.clock.now());
  try {
    await startContainer(parts, { pod, action, sandbox, sandboxConfig: await sandboxConfig(parts, pod, sandbox.metadata.attempt), volumes, runtime, signal });
    memory.startErrors.delete(name);
    memory.holds.delete(name);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof StartError)) throw error;
    memory.startErrors.set(name, { reason: error.reason, message: error.message });
    hold(parts, memory, name, error);
  }
}

async function applyStarts(parts: KubeletParts, inputs: ApplyInputs): Promise<ApplyOutcome> {
  const { plan, memory, signal } = inputs;
  const nowMs = parts.context.host.clock.now();
  const due = plan.start.filter(({ container }) => (memory.holds.get(container.name)?.untilMs ?? 0) <= nowMs);
  if (due.length > 0) {
    const volumes = await ensureVolumes(parts, inputs);
    for (const action of due) {
      if (signal.aborted) break;
      await applyStart(parts, inputs, action, volumes);
    }
    return { acted: true };
  }
  const waits = plan.start.map(({ container }) => memory.holds.get(container.name)!.untilMs);
  return waits.length > 0 ? { acted: false, wakeAtMs: Math.min(...waits) } : { acted: false };
}

/** Rejects with SyncError when it did not get through. */
export async function applyPlan(parts: KubeletParts, inputs: ApplyInputs): Promise<ApplyOutcome> {
  const { pod, plan, memory } = inputs;
  for (const [name, { reason, message }] of plan.waiting) containerEvent(parts.context, pod, { name }, 'Warning', 'BackOff', reason === 'CrashLoopBackOff' ? message.replace(/^back-off \S+ restarting failed container=(\S+) pod=(\S+)$/, 'Back-off restarting failed container $1 in pod $2') : message);
  if (plan.createSandbox) {
    // The volumes need nothing of the sandbox: both are made at once.
    const [sandbox, volumes] = await Promise.allSettled([replaceSandbox(parts, inputs, plan.createSandbox.attempt), ensureVolumes(parts, inputs)]);
    if (sandbox.status === 'rejected') throw sandbox.reason;
    if (volumes.status === 'rejected') throw volumes.reason;
    memory.holds.clear();
    return { acted: true };
  }
  if (plan.kill.length > 0) {
    await applyKills(parts, inputs);
    return { acted: true };
  }
  return applyStarts(parts, inputs);
}
