/** Ending containers: preStop hooks, time limits that may get shorter while they run, sidecars last. */
import { isSidecar } from '../api/core/v1/pods.ts';
import type { Pod } from '../api/core/v1/types.ts';
import type { Clock } from '../host/types.ts';
import { rpcMessage } from '../cri/runtime.ts';
import type { KubeletContext } from './config.ts';
import { containerEvent } from './events.ts';
import { runHook } from './hooks.ts';
import type { AnyContainer } from './names.ts';
import { addressesOf, type PodContainer, type PodRuntime } from './runtime-state.ts';

/** Whatever is left of the grace period, a container gets this long between being asked and being killed. */
export const minimumGraceSeconds = 2;

/** The moment by which something has to be over. It can come nearer, never further away. */
export class Deadline {
  readonly #clock: Clock;
  #atMs: number;
  #waiters: (() => void)[] = [];

  constructor(clock: Clock, graceSeconds: number) {
    this.#clock = clock;
    this.#atMs = clock.monotonic() + graceSeconds * 1000;
  }

  get remainingSeconds(): number {
    return Math.max(0, (this.#atMs - this.#clock.monotonic()) / 1000);
  }

  shorten(graceSeconds: number): void {
    const atMs = this.#clock.monotonic() + graceSeconds * 1000;
    if (atMs >= this.#atMs) return;
    this.#atMs = atMs;
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  /** Resolves when the deadline is shortened next. */
  shortened(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves when the time is over, shortened or not, or when the signal aborts. */
  async passed(signal: AbortSignal): Promise<void> {
    while (this.remainingSeconds > 0 && !signal.aborted) await Promise.race([this.#clock.sleep(this.remainingSeconds * 1000, signal), this.shortened()]);
  }
}

/** Seconds a pod gets to end: what its deletion says (at least 1), else its spec. */
export function graceSecondsOf(pod: Pod): number {
  if (pod.metadata.deletionTimestamp !== undefined && pod.metadata.deletionGracePeriodSeconds !== undefined) return Math.max(1, Number(pod.metadata.deletionGracePeriodSeconds));
  return Math.max(1, Number(pod.spec?.terminationGracePeriodSeconds ?? 30));
}

export interface StopRequest {
  pod: Pod;
  /** Absent for a container whose pod is known from the runtime only. */
  spec?: AnyContainer;
  container: PodContainer;
  podIp: string;
  deadline: Deadline;
  message: string;
}

async function preStop(context: KubeletContext, request: StopRequest): Promise<void> {
  const { pod, spec, container, deadline, podIp } = request;
  const handler = spec?.lifecycle?.preStop;
  if (!handler || deadline.remainingSeconds <= 0) return;
  const abort = new AbortController();
  const hook = runHook(context, handler, { pod, container: spec, containerId: container.id, podIp }, Math.ceil(deadline.remainingSeconds), abort.signal).catch((error: unknown) => {
    if (!abort.signal.aborted) containerEvent(context, pod, spec, 'Warning', 'FailedPreStopHook', `PreStopHook failed: ${rpcMessage(error)}`);
  });
  const timer = new AbortController();
  await Promise.race([hook, deadline.passed(timer.signal)]);
  timer.abort();
  abort.abort();
}

/** Stops one container: hook first, then the signal, then the kill. Resolves when it has ended. */
export async function stopContainer(context: KubeletContext, request: StopRequest): Promise<void> {
  const { pod, container, deadline, message } = request;
  containerEvent(context, pod, request.spec ?? { name: container.name }, 'Normal', 'Killing', message);
  await preStop(context, request);
  for (;;) {
    let over = false;
    const stopping = context.runtime.stopContainer(container.id, Math.max(minimumGraceSeconds, Math.ceil(deadline.remainingSeconds))).finally(() => (over = true));
    // A shorter limit is told to the runtime by asking once more; the first call then ends with the second.
    stopping.catch(() => undefined);
    await Promise.race([stopping, deadline.shortened()]);
    if (over) return stopping;
  }
}

function specOf(pod: Pod, name: string): AnyContainer | undefined {
  const { spec } = pod;
  return [...(spec?.containers ?? []), ...(spec?.initContainers ?? []), ...(spec?.ephemeralContainers ?? [])].find((c) => c.name === name);
}

/** Stops all running containers of a pod: first all that are no sidecars, at once; then the sidecars, the last one first. */
export async function stopPodContainers(context: KubeletContext, pod: Pod, runtime: PodRuntime, deadline: Deadline): Promise<void> {
  const running = runtime.containers.filter((c) => c.state === 'running' || c.state === 'unknown');
  const podIp = addressesOf(runtime.sandboxes[0])[0] ?? '';
  const stop = (container: PodContainer): Promise<void> => {
    const spec = specOf(pod, container.name);
    return stopContainer(context, { pod, ...(spec ? { spec } : {}), container, podIp, deadline, message: `Stopping container ${container.name}` });
  };
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar).map((c) => c.name);
  const failures: unknown[] = [];
  const settle = async (group: PodContainer[]): Promise<void> => {
    for (const result of await Promise.allSettled(group.map(stop))) if (result.status === 'rejected') failures.push(result.reason);
  };
  await settle(running.filter((c) => !sidecars.includes(c.name)));
  for (const name of sidecars.toReversed()) await settle(running.filter((c) => c.name === name));
  if (failures.length > 0) throw failures[0];
}
