/**
 * The worker of one pod: one step at a time, from the first container to the last trace. Each step looks at the pod and the runtime, decides
 * (`decide.ts`, `status.ts`), and acts; having acted, it looks again at once.
 *
 *   running ──(deleted, evicted, over)──▶ terminating ──(all ended)──▶ terminated ──(gone from the API)──▶ done
 */
import type { Pod, PodCondition } from '../api/core/v1/types.ts';
import { parseTime } from '../api/meta/time.ts';
import { isNotFound, isConflict } from '../api/meta/status.ts';
import { Pods } from '../api/resources.ts';
import type { Timer } from '../host/types.ts';
import { applyPlan, SyncError, type SyncMemory } from './apply.ts';
import { decideSync, type Waiting } from './decide.ts';
import { annotationNames, podNameOf } from './names.ts';
import { factsOf, type KubeletParts } from './parts.ts';
import { addressesOf, type PodRuntime } from './runtime-state.ts';
import { computeStatus, type ComputedStatus } from './status.ts';
import { Deadline, graceSecondsOf, stopPodContainers } from './termination.ts';
import { terminationMessage } from './termination-messages.ts';

export type WorkerState = 'running' | 'terminating' | 'terminated' | 'done';

/** Whether there is anything to do about the newer state. The kubelet's own status writes come back too; they ask for nothing. */
function isNews(before: Pod, after: Pod): boolean {
  const specOf = ({ metadata, spec }: Pod): unknown => metadata.generation ?? JSON.stringify(spec);
  if (specOf(before) !== specOf(after) || before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp) return true;
  const gates = after.spec?.readinessGates ?? [];
  const gateOf = (pod: Pod, type: string): string | undefined => pod.status?.conditions?.find((c) => c.type === type)?.status;
  return gates.some(({ conditionType }) => gateOf(before, conditionType) !== gateOf(after, conditionType));
}

/** Why a pod is over, where its containers do not say so. */
export interface Verdict {
  phase: 'Failed';
  reason: string;
  message: string;
  conditions?: PodCondition[];
}

/** How long a stopping kubelet waits for what a worker is about. */
const stopPatienceMs = 2_000;

const isTerminal = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

export interface PodWorkerHooks {
  /** Nothing of the pod is left anywhere. */
  done(uid: string): void;
}

export class PodWorker {
  readonly uid: string;
  readonly isStatic: boolean;
  readonly #parts: KubeletParts;
  readonly #hooks: PodWorkerHooks;
  #pod: Pod;
  #state: WorkerState;
  #verdict: Verdict | undefined;
  #graceSeconds: number | undefined;
  #deadline: Deadline | undefined;
  #removed = false;
  #released = false;
  #dirty = false;
  #loop: Promise<void> | undefined;
  #wake: Timer | undefined;
  #refresh: Timer | undefined;
  #refreshing: Promise<void> = Promise.resolve();
  #failures = 0;
  #stopped = false;
  readonly #abort = new AbortController();
  readonly #memory: SyncMemory = { startErrors: new Map(), holds: new Map(), mustRestart: new Set(), volumes: undefined };
  readonly #lastWords = new Map<string, string>();
  #waiting: ReadonlyMap<string, Waiting> = new Map();

  constructor(parts: KubeletParts, pod: Pod, hooks: PodWorkerHooks, options: { verdict?: Verdict } = {}) {
    this.#parts = parts;
    this.#pod = pod;
    this.#hooks = hooks;
    this.uid = pod.metadata.uid!;
    this.isStatic = pod.metadata.annotations?.[annotationNames.configSource] === 'file';
    this.#verdict = options.verdict;
    this.#state = options.verdict || isTerminal(pod.status?.phase) || pod.metadata.deletionTimestamp ? 'terminating' : 'running';
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Counts against the node's room: one that the API has forgotten gives way to its successor while it ends. */
  get isActive(): boolean {
    return !this.#removed && !this.#released && this.#verdict?.reason === undefined && !isTerminal(this.#pod.status?.phase);
  }

  /** As the API (or the manifest) has it. */
  get apiPod(): Pod {
    return this.#pod;
  }

  /** The pod with the newest status that is known here. */
  get pod(): Pod {
    const wanted = this.#parts.status.get(this.uid);
    if (!wanted) return this.#pod;
    // What others write (readiness gates, a scheduler's conditions) is only in the API's copy.
    const foreign = (this.#pod.status?.conditions ?? []).filter((c) => !wanted.conditions?.some((w) => w.type === c.type));
    return { ...this.#pod, status: { ...this.#pod.status, ...wanted, conditions: [...(wanted.conditions ?? []), ...foreign] } };
  }

  update(pod: Pod): void {
    const before = this.#pod;
    this.#pod = pod;
    const { labels, annotations } = pod.metadata;
    const isRelabelled = JSON.stringify([before.metadata.labels, before.metadata.annotations]) !== JSON.stringify([labels, annotations]);
    if (isRelabelled) this.#refreshVolumes();
    if (pod.metadata.deletionTimestamp) this.terminate(graceSecondsOf(pod));
    if (isRelabelled || isNews(before, pod)) this.poke();
  }

  /** The API has no such pod any more. */
  remove(): void {
    this.#removed = true;
    this.terminate(graceSecondsOf(this.#pod));
    this.poke();
  }

  /** Begins to end it; a second call can only make it quicker. */
  terminate(graceSeconds: number, verdict?: Verdict): void {
    this.#verdict ??= verdict;
    this.#graceSeconds = Math.min(this.#graceSeconds ?? Number.POSITIVE_INFINITY, graceSeconds);
    this.#deadline?.shorten(graceSeconds);
    if (this.#state !== 'running') return;
    this.#state = 'terminating';
    this.#abort.abort();
    this.poke();
  }

  /** Something has changed: look again, soon. */
  poke(): void {
    if (this.#stopped || this.#state === 'done') return;
    this.#dirty = true;
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
      if (this.#dirty) this.poke();
    });
  }

  /** Stops looking; containers go on. What takes long (a pull, a container that will not end) is left to itself. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.cancel();
    this.#refresh?.cancel();
    this.#parts.volumes.unfollow(this.uid);
    this.#abort.abort();
    if (!this.#loop) return;
    const patience = new AbortController();
    await Promise.race([this.#loop, this.#parts.context.host.clock.sleep(stopPatienceMs, patience.signal)]);
    patience.abort();
  }

  async #run(): Promise<void> {
    // Whoever pokes goes on first: several changes of one moment become one step.
    await Promise.resolve();
    while (this.#dirty && !this.#stopped && this.#state !== 'done') {
      this.#dirty = false;
      this.#wake?.cancel();
      const state = this.#state;
      try {
        const acted = await this.#step();
        this.#failures = 0;
        if (acted) this.#dirty = true;
      } catch (error) {
        if (this.#stopped) return;
        this.#failed(error, state);
      }
    }
  }

  #failed(error: unknown, state: WorkerState): void {
    const { timing, host } = this.#parts.context;
    const limitMs = error instanceof SyncError && error.retryLimitMs !== undefined ? error.retryLimitMs : timing.retryMaxMs;
    const delayMs = Math.min(timing.retryMs * 2 ** this.#failures++, limitMs);
    host.log.debug('pod sync failed', { pod: podNameOf(this.#pod), error: (error as Error)?.message ?? String(error), retryMs: delayMs });
    // What failed was cut short, and there is something else to do now.
    if (state !== this.#state) this.#dirty = true;
    else this.#wakeAfter(delayMs);
  }

  #wakeAfter(delayMs: number): void {
    this.#wake?.cancel();
    this.#wake = this.#parts.context.host.clock.setTimer(() => this.poke(), delayMs);
  }

  async #step(): Promise<boolean> {
    switch (this.#state) {
      case 'running': return this.#syncRunning();
      case 'terminating': return this.#syncTerminating();
      case 'terminated': return this.#syncTerminated();
      default: return false;
    }
  }

  async #look(): Promise<PodRuntime> {
    const { name, namespace } = this.#pod.metadata;
    const runtime = await this.#parts.reader.pod(this.uid, name!, namespace!);
    if (!this.#parts.context.hollow) {
      for (const container of runtime.containers) {
        if (container.state === 'exited' && !this.#lastWords.has(container.id)) this.#lastWords.set(container.id, await terminationMessage(this.#parts.context.host, container));
      }
    }
    return runtime;
  }

  /** Works out the status and has it written. */
  #report(runtime: PodRuntime, terminating: boolean, terminated: boolean): ComputedStatus {
    const { context, prober, status } = this.#parts;
    const computed = computeStatus({
      pod: this.pod,
      runtime,
      nowMs: context.host.clock.now(),
      nodeIp: context.config.nodeIp,
      runtimeName: context.runtimeName,
      waiting: new Map([...this.#waiting, ...this.#memory.startErrors]),
      probe: (id, kind) => prober.result(id, kind),
      terminationMessage: (id) => this.#lastWords.get(id),
      mustRestart: this.#memory.mustRestart,
      ...(this.#verdict ? { verdict: this.#verdict } : {}),
      terminating,
      terminated,
    });
    status.set(this.uid, computed.status);
    return computed;
  }

  async #syncRunning(): Promise<boolean> {
    const { context, prober, crashBackoff } = this.#parts;
    const runtime = await this.#look();
    if (this.#abort.signal.aborted) return true;
    const nowMs = context.host.clock.now();
    prober.follow(this.pod, runtime, false);
    const { pod } = this;
    const plan = decideSync({
      pod, runtime, nowMs,
      probe: (id, kind) => prober.result(id, kind),
      backoff: (name, sinceMs) => crashBackoff.waiting(`${this.uid}/${name}`, sinceMs, nowMs),
      mustRestart: this.#memory.mustRestart,
    });
    this.#waiting = plan.waiting;
    const { phase, status } = this.#report(runtime, false, false);
    if (isTerminal(phase)) {
      this.terminate(graceSecondsOf(pod));
      return true;
    }
    const deadlineMs = pod.spec?.activeDeadlineSeconds ? parseTime(status.startTime!) + Number(pod.spec.activeDeadlineSeconds) * 1000 : Number.POSITIVE_INFINITY;
    if (nowMs >= deadlineMs) {
      this.terminate(graceSecondsOf(pod), { phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' });
      return true;
    }
    this.#parts.volumes.follow(pod, () => this.#contentChanged());
    const outcome = await applyPlan(this.#parts, { pod, runtime, plan, memory: this.#memory, signal: this.#abort.signal });
    this.#scheduleRefresh();
    const wakeAtMs = Math.min(plan.wakeAtMs ?? Number.POSITIVE_INFINITY, outcome.wakeAtMs ?? Number.POSITIVE_INFINITY, deadlineMs);
    if (!outcome.acted && Number.isFinite(wakeAtMs)) this.#wakeAfter(Math.max(0, wakeAtMs - context.host.clock.now()));
    return outcome.acted;
  }

  /** What volumes are filled from has changed, or what they wait for has come. */
  #contentChanged(): void {
    if (this.#memory.volumes === undefined) this.poke();
    this.#refreshVolumes();
  }

  /** Keeps volumes up to date that follow objects of the API, should a change not have been heard of, and tokens that grow old. */
  #scheduleRefresh(): void {
    if (this.#refresh || this.#stopped || this.#state !== 'running' || !this.#parts.volumes.changes(this.#pod)) return;
    const { clock, random } = this.#parts.context.host;
    const delayMs = this.#parts.context.timing.volumeRefreshMs * (1 + random.next() * 0.5);
    this.#refresh = clock.setTimer(() => {
      this.#refresh = undefined;
      this.#refreshVolumes();
      void this.#refreshing.finally(() => this.#scheduleRefresh());
    }, delayMs);
  }

  /** One at a time; the end of the pod waits for it. */
  #refreshVolumes(): void {
    this.#refreshing = this.#refreshing.then(() => this.#refreshOnce());
  }

  async #refreshOnce(): Promise<void> {
    if (this.#state !== 'running' || this.#stopped || !this.#parts.volumes.changes(this.#pod)) return;
    try {
      const ips = (this.pod.status?.podIPs ?? []).map(({ ip }) => ip);
      await this.#parts.volumes.setUp(this.#pod, factsOf(this.#parts, this.#pod, ips), { onlyChanging: true });
    } catch (error) {
      this.#parts.context.host.log.warn('volumes not brought up to date', { pod: podNameOf(this.#pod), error: (error as Error).message });
    }
  }

  async #syncTerminating(): Promise<boolean> {
    const { context, prober, reader, volumes } = this.#parts;
    const { pod } = this;
    this.#refresh?.cancel();
    volumes.unfollow(this.uid);
    this.#deadline ??= new Deadline(context.host.clock, this.#graceSeconds ?? graceSecondsOf(pod));
    const runtime = await this.#look();
    prober.follow(pod, runtime, true);
    this.#waiting = new Map();
    const isOver = isTerminal(pod.status?.phase) && !runtime.containers.some((c) => c.state === 'running');
    if (!isOver) this.#report(runtime, true, false);
    await stopPodContainers(context, pod, runtime, this.#deadline);
    for (const sandbox of runtime.sandboxes) {
      await context.runtime.stopPodSandbox(sandbox.id);
      reader.forget(sandbox.id);
    }
    const after = await this.#look();
    const left = after.containers.filter((c) => c.state === 'running');
    if (left.length > 0) throw new SyncError(`containers still run: ${left.map((c) => c.name).join(', ')}`);
    this.#report(after, true, true);
    this.#state = 'terminated';
    return true;
  }

  async #syncTerminated(): Promise<boolean> {
    const { context, prober, volumes, cgroups, images, crashBackoff, status } = this.#parts;
    if (!this.#released) {
      prober.forgetPod(this.uid);
      await this.#refreshing;
      await volumes.tearDown(this.uid);
      if (!context.hollow) await cgroups.remove(this.#pod);
      images.forgetPod(this.uid);
      crashBackoff.clearAll(`${this.uid}/`);
      this.#released = true;
    }
    if (!this.#removed) {
      await status.flushed(this.uid);
      if (this.#stopped) return false;
      if (this.#pod.metadata.deletionTimestamp && !this.isStatic) await this.#deleteFromApi();
      return false;
    }
    await this.#removeTraces();
    this.#state = 'done';
    this.#hooks.done(this.uid);
    return false;
  }

  async #deleteFromApi(): Promise<void> {
    const { name, namespace } = this.#pod.metadata;
    try {
      await this.#parts.context.client.of(Pods).inNamespace(namespace!).delete(name!, { gracePeriodSeconds: 0, preconditions: { uid: this.uid } });
    } catch (error) {
      // Gone, or another pod of the same name: the watch tells.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  /** Containers, sandboxes, logs and files. */
  async #removeTraces(): Promise<void> {
    const { context, paths } = this.#parts;
    const runtime = await this.#look();
    for (const container of runtime.containers) await context.runtime.removeContainer(container.id);
    for (const sandbox of runtime.sandboxes) await context.runtime.removePodSandbox(sandbox.id);
    if (context.hollow) return;
    await context.host.disk.remove(paths.logsOf(this.#pod));
    await context.host.disk.remove(paths.pod(this.uid));
  }

  /** Address of the pod, for those who ask. */
  async addresses(): Promise<string[]> {
    return addressesOf((await this.#look()).sandboxes[0]);
  }
}
