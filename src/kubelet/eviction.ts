/** When memory or disk run short: the node says so, takes no more pods of the kind that makes it worse, and ends pods until it is over. */
import { computeQosClass, podRequests } from '../api/core/v1/resources.ts';
import type { Pod } from '../api/core/v1/types.ts';
import { formatTime } from '../api/meta/time.ts';
import type { Running } from '../client/types.ts';
import { podEvent } from './events.ts';
import type { Pressure } from './node-status.ts';
import type { KubeletParts, Rejection } from './parts.ts';
import type { PodWorker, Verdict } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import { podCgroupPath } from './resources.ts';

const defaultMemoryBytes = 100 * 2 ** 20;
const defaultDiskFraction = 0.1;
const inodeFraction = 0.05;
/** A condition that was true stays so for a while, lest it flaps. */
const transitionMs = 5 * 60_000;
const criticalPriority = 2_000_000_000;

export interface Candidate {
  pod: Pod;
  usedBytes: number;
}

/** Pods in the order in which they have to go: those that use more than they asked for, then by priority, then by how much more. Pure. */
export function rankForEviction(candidates: readonly Candidate[], resource: 'memory' | 'disk'): Candidate[] {
  const excess = ({ pod, usedBytes }: Candidate): number => usedBytes - (resource === 'memory' ? (podRequests(pod).memory ?? 0) : 0);
  const priority = ({ pod }: Candidate): number => pod.spec?.priority ?? 0;
  return candidates
    .filter((c) => priority(c) < criticalPriority)
    .toSorted((a, b) => Number(excess(b) > 0) - Number(excess(a) > 0) || priority(a) - priority(b) || excess(b) - excess(a));
}

/** `MemAvailable` of /proc/meminfo in bytes; undefined where it is not told. */
export function availableMemory(meminfo: string): number | undefined {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo);
  return match ? Number(match[1]) * 1024 : undefined;
}

export class EvictionManager implements Running {
  readonly #parts: KubeletParts;
  readonly #workers: PodWorkers;
  readonly #changed: () => void;
  readonly #abort = new AbortController();
  #loop: Promise<void> | undefined;
  #lastMs: { memory: number; disk: number } = { memory: Number.NEGATIVE_INFINITY, disk: Number.NEGATIVE_INFINITY };
  pressure: Pressure = { memory: false, disk: false, pids: false };

  constructor(parts: KubeletParts, workers: PodWorkers, changed: () => void) {
    this.#parts = parts;
    this.#workers = workers;
    this.#changed = changed;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
  }

  /** Why the node takes no such pod now. */
  refuses(pod: Pod): Rejection | undefined {
    if ((pod.spec?.priority ?? 0) >= criticalPriority) return undefined;
    const conditions = [...(this.pressure.disk ? ['DiskPressure'] : []), ...(this.pressure.memory && computeQosClass(pod) === 'BestEffort' ? ['MemoryPressure'] : [])];
    return conditions.length === 0 ? undefined : { reason: 'Evicted', message: `Pod was rejected: The node had condition: [${conditions.join(', ')}]. ` };
  }

  async #run(): Promise<void> {
    const { host, timing } = this.#parts.context;
    while (!this.#abort.signal.aborted) {
      await this.#look().catch((error: unknown) => host.log.warn('pressure on the node could not be measured', { error: String(error) }));
      await host.clock.sleep(timing.evictionMs, this.#abort.signal);
    }
  }

  async #look(): Promise<void> {
    const { host, config } = this.#parts.context;
    const memory = availableMemory(await host.disk.readText('/proc/meminfo').catch(() => ''));
    const memoryLimit = config.evictionMemoryBytes ?? defaultMemoryBytes;
    const disk = await host.disk.usage(config.rootDir);
    const diskLimit = disk.totalBytes * (config.evictionDiskFraction ?? defaultDiskFraction);
    const lowMemory = memory !== undefined && memory < memoryLimit;
    const lowDisk = disk.freeBytes < diskLimit || (disk.totalInodes > 0 && disk.freeInodes < disk.totalInodes * inodeFraction);
    const nowMs = host.clock.monotonic();
    if (lowMemory) this.#lastMs.memory = nowMs;
    if (lowDisk) this.#lastMs.disk = nowMs;
    const pressure = { memory: nowMs - this.#lastMs.memory < transitionMs, disk: nowMs - this.#lastMs.disk < transitionMs, pids: false };
    const isChanged = pressure.memory !== this.pressure.memory || pressure.disk !== this.pressure.disk;
    this.pressure = pressure;
    if (isChanged) this.#changed();
    if (lowMemory) await this.#evict('memory', memoryLimit, memory);
    else if (lowDisk) await this.#evict('disk', diskLimit, disk.freeBytes);
  }

  /** Ends one pod; the next look tells whether that was enough. */
  async #evict(resource: 'memory' | 'disk', limitBytes: number, availableBytes: number): Promise<void> {
    const { config, host } = this.#parts.context;
    const running = this.#workers.all().filter((worker) => worker.state === 'running' && !worker.isStatic);
    const candidates = await Promise.all(running.map(async (worker): Promise<Candidate & { worker: PodWorker }> => {
      const usage = await this.#parts.cgroups.usage(podCgroupPath(config.cgroupRoot, worker.pod));
      return { worker, pod: worker.pod, usedBytes: usage.workingSetBytes ?? 0 };
    }));
    const first = rankForEviction(candidates, resource)[0];
    const worker = candidates.find((c) => c.pod === first?.pod)?.worker;
    if (!first || !worker) return;
    const name = resource === 'memory' ? 'memory' : 'ephemeral-storage';
    const message = `The node was low on resource: ${name}. Threshold quantity: ${Math.round(limitBytes)}, available: ${Math.floor(availableBytes / 1024)}Ki. `;
    podEvent(this.#parts.context, first.pod, 'Warning', 'Evicted', message);
    const verdict: Verdict = {
      phase: 'Failed', reason: 'Evicted', message,
      conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message, lastTransitionTime: formatTime(host.clock.now()) }],
    };
    worker.terminate(resource === 'memory' ? 1 : Number(first.pod.spec?.terminationGracePeriodSeconds ?? 30), verdict);
  }
}
