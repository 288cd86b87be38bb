/** The probes of all containers: each runs by its own rhythm, and a change of what it finds wakes the pod's worker. */
import type { Pod, Probe } from '../../api/core/v1/types.ts';
import type { Timer } from '../../host/types.ts';
import type { KubeletContext } from '../config.ts';
import { containerEvent } from '../events.ts';
import type { AnyContainer } from '../names.ts';
import { addressesOf, type PodContainer, type PodRuntime } from '../runtime-state.ts';
import { afterOutcome, initialState, nextRunMs, type ProbeKind, type ProbeResult, type ProbeState } from './decide.ts';
import { ProbeMetrics } from './metrics.ts';
import { runProbe, type ProbeOutcome } from './run.ts';

/** A container's first probe waits a moment, in which most programs come to listen: else the next one is a whole period away. */
const firstRunDelayMs = 300;

const kinds: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];
const titles: Readonly<Record<ProbeKind, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };

function probeOf(container: AnyContainer, kind: ProbeKind): Probe | undefined {
  return kind === 'startup' ? container.startupProbe : kind === 'liveness' ? container.livenessProbe : container.readinessProbe;
}

interface Running {
  kind: ProbeKind;
  probe: Probe;
  state: ProbeState;
  lastRunMs?: number;
  timer?: Timer;
  isRunning: boolean;
}

interface Watched {
  pod: Pod;
  container: AnyContainer;
  status: PodContainer;
  podIp: string;
  /** By the monotonic clock. */
  startedMs: number;
  probes: Running[];
  terminating: boolean;
}

export class Prober {
  readonly #context: KubeletContext;
  readonly #changed: (podUid: string) => void;
  /** By container id. */
  readonly #watched = new Map<string, Watched>();
  /** Containers of a pod, by its uid. */
  readonly #ofPod = new Map<string, Set<string>>();
  /** Where the node has a server that tells of them. */
  readonly #metrics: ProbeMetrics | undefined;
  #stopped = false;

  constructor(context: KubeletContext, changed: (podUid: string) => void) {
    this.#context = context;
    this.#changed = changed;
    if (context.config.serving) this.#metrics = new ProbeMetrics();
  }

  /** The answer to /metrics/probes. */
  metricsText(): string {
    return this.#metrics?.text() ?? '';
  }

  result(containerId: string, kind: ProbeKind): ProbeResult | undefined {
    return this.#watched.get(containerId)?.probes.find((p) => p.kind === kind)?.state.result;
  }

  /** Follows what runs: probes of new containers begin, those of ended ones stop. */
  follow(pod: Pod, runtime: PodRuntime, terminating: boolean): void {
    const uid = pod.metadata.uid!;
    const present = new Set<string>();
    const podIp = pod.spec?.hostNetwork ? this.#context.config.nodeIp : (addressesOf(runtime.sandboxes[0])[0] ?? '');
    for (const status of runtime.containers) {
      if (status.state !== 'running') continue;
      const container = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')].find((c) => c.name === status.name);
      if (!container || !kinds.some((kind) => probeOf(container, kind))) continue;
      present.add(status.id);
      const watched = this.#watched.get(status.id) ?? this.#begin(pod, container, status, podIp);
      Object.assign(watched, { pod, podIp, terminating });
    }
    for (const id of this.#ofPod.get(uid) ?? []) if (!present.has(id)) this.#end(id);
    if (present.size > 0) this.#ofPod.set(uid, present);
    else this.#ofPod.delete(uid);
  }

  forgetPod(uid: string): void {
    for (const id of this.#ofPod.get(uid) ?? []) this.#end(id);
    this.#ofPod.delete(uid);
    this.#metrics?.forgetPod(uid);
  }

  stop(): void {
    this.#stopped = true;
    for (const id of Array.from(this.#watched.keys())) this.#end(id);
  }

  #begin(pod: Pod, container: AnyContainer, status: PodContainer, podIp: string): Watched {
    const { clock } = this.#context.host;
    // A container that was ready before the kubelet restarted is taken for ready until its probe says otherwise.
    const known = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find((s) => s.containerID === `${this.#context.runtimeName}://${status.id}`);
    const assumed: Partial<Record<ProbeKind, boolean>> = { startup: known?.started === true, readiness: known?.ready === true };
    const probes = kinds.flatMap((kind): Running[] => {
      const probe = probeOf(container, kind);
      return probe ? [{ kind, probe, isRunning: false, state: assumed[kind] ? { ...initialState, result: 'success' } : initialState }] : [];
    });
    const startedMs = clock.monotonic() - Math.max(0, clock.now() - status.startedAt);
    const watched: Watched = { pod, container, status, podIp, startedMs, probes, terminating: false };
    this.#watched.set(status.id, watched);
    for (const running of probes) this.#schedule(watched, running);
    return watched;
  }

  #end(id: string): void {
    for (const running of this.#watched.get(id)?.probes ?? []) running.timer?.cancel();
    this.#watched.delete(id);
  }

  #hasStarted(watched: Watched): boolean {
    const startup = watched.probes.find((p) => p.kind === 'startup');
    return !startup || startup.state.result === 'success';
  }

  /** Whether the probe has anything left to find out. */
  #isNeeded(watched: Watched, { kind, state }: Running): boolean {
    if (kind === 'startup') return state.result === undefined && !watched.terminating;
    if (!this.#hasStarted(watched)) return false;
    // A container that failed its liveness probe is about to be replaced.
    if (kind === 'liveness') return state.result !== 'failure' && !watched.terminating;
    return true;
  }

  #schedule(watched: Watched, running: Running): void {
    if (this.#stopped || running.isRunning || !this.#watched.has(watched.status.id) || !this.#isNeeded(watched, running)) return;
    const { clock } = this.#context.host;
    // What a hollow container answers never changes by itself.
    if (this.#context.hollow && running.state.result === 'success' && running.lastRunMs !== undefined) return;
    const now = clock.monotonic();
    const atMs = Math.max(nextRunMs(running.probe, watched.startedMs, running.lastRunMs, now), running.lastRunMs === undefined ? watched.startedMs + firstRunDelayMs : 0);
    running.timer?.cancel();
    running.timer = clock.setTimer(() => void this.#run(watched, running), atMs - now);
  }

  async #run(watched: Watched, running: Running): Promise<void> {
    const { clock } = this.#context.host;
    if (!this.#isNeeded(watched, running)) return;
    running.isRunning = true;
    running.lastRunMs = clock.monotonic();
    const outcome = await this.#outcome(watched, running);
    running.isRunning = false;
    if (this.#stopped || !this.#watched.has(watched.status.id)) return;
    const title = titles[running.kind];
    if (outcome.result) this.#metrics?.ended(watched.pod, watched.container.name, title, outcome.result);
    if (outcome.result === 'failure') containerEvent(this.#context, watched.pod, watched.container, 'Warning', 'Unhealthy', `${title} probe failed: ${outcome.output}`);
    else if (outcome.result === undefined) containerEvent(this.#context, watched.pod, watched.container, 'Warning', 'Unhealthy', `${title} probe errored and resulted in unknown state: ${outcome.output}`);
    const before = running.state.result;
    if (outcome.result) running.state = afterOutcome(running.state, outcome.result, running.probe);
    if (running.state.result !== before) {
      this.#changed(watched.pod.metadata.uid!);
      // The others have waited for this one.
      if (running.kind === 'startup' && running.state.result === 'success') for (const other of watched.probes) if (other !== running) this.#schedule(watched, other);
    }
    this.#schedule(watched, running);
  }

  async #outcome(watched: Watched, running: Running): Promise<ProbeOutcome> {
    const { pretender } = this.#context.runtime;
    if (pretender) {
      const pretended = pretender.probe(watched.status.id, running.kind);
      return pretended ? { result: pretended.ok ? 'success' : 'failure', output: pretended.output } : { result: undefined, output: 'container not found' };
    }
    return runProbe(this.#context, running.probe, { pod: watched.pod, container: watched.container, containerId: watched.status.id, podIp: watched.podIp });
  }
}
