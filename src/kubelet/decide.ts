/**
 * What to do next for a pod that shall run: a pure function of the pod, what the runtime has of it, and what probes and back-offs say.
 * Order of starting: sandbox; init containers one by one (sidecars stay, KEP-753); then all others at once.
 */
import { isSidecar } from '../api/core/v1/pods.ts';
import type { Container, Pod } from '../api/core/v1/types.ts';
import { addressesOf, newestContainer, type PodContainer, type PodRuntime } from './runtime-state.ts';
import { containerHash, podFullName, type AnyContainer } from './names.ts';

export type ContainerKind = 'init' | 'sidecar' | 'main' | 'ephemeral';

export interface Waiting {
  reason: string;
  message: string;
}

export interface SyncSnapshot {
  pod: Pod;
  runtime: PodRuntime;
  nowMs: number;
  /** What probes found out about a container, by its id; undefined: nothing yet, or no such probe. */
  probe(containerId: string, kind: 'startup' | 'liveness'): 'success' | 'failure' | undefined;
  /** The wait that a container has to keep since `sinceMs`, if it is not over. */
  backoff(name: string, sinceMs: number): { delayMs: number; untilMs: number } | undefined;
  /** Containers that were ended by the kubelet to be started again, whatever their exit code. */
  mustRestart: ReadonlySet<string>;
}

export interface StartAction {
  container: AnyContainer;
  kind: ContainerKind;
  restartCount: number;
  /** The attempt before this one. */
  previous?: PodContainer;
}

export interface KillAction {
  container: PodContainer;
  kind: ContainerKind;
  why: 'probe' | 'changed';
  probe?: 'startup' | 'liveness';
  message: string;
  /** Started again afterwards even where its exit code says otherwise. */
  restart: boolean;
}

export interface SyncPlan {
  /** A new sandbox is needed; what is left of the old one goes first. */
  createSandbox?: { attempt: number };
  kill: KillAction[];
  start: StartAction[];
  /** Containers that wait, and why. */
  waiting: Map<string, Waiting>;
  /** When time alone will change the answer. */
  wakeAtMs?: number;
}

/** Whether an ended container is started again, by its own or the pod's policy (KEP-5307). */
export function shallRestart(pod: Pod, container: AnyContainer, kind: ContainerKind, exitCode: number): boolean {
  if (kind === 'ephemeral') return false;
  if (kind === 'sidecar') return true;
  for (const rule of container.restartPolicyRules ?? []) {
    const values = rule.exitCodes?.values ?? [];
    const fits = rule.exitCodes?.operator === 'NotIn' ? !values.includes(exitCode) : values.includes(exitCode);
    if (rule.exitCodes && fits && rule.action === 'Restart') return true;
  }
  const policy = container.restartPolicy || pod.spec?.restartPolicy || 'Always';
  // An init container that has done its work is done under every policy.
  if (kind === 'init') return exitCode !== 0 && policy !== 'Never';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** `10s`, `1m20s`, `5m0s`: as back-off messages show it. */
export function shortDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

export const kindOfInit = (container: Container): ContainerKind => (isSidecar(container) ? 'sidecar' : 'init');

class Planner {
  readonly snapshot: SyncSnapshot;
  readonly plan: SyncPlan = { kill: [], start: [], waiting: new Map() };
  /** The sandbox whose containers count; undefined when a new one is needed. */
  readonly sandboxId: string | undefined;

  constructor(snapshot: SyncSnapshot) {
    this.snapshot = snapshot;
    this.sandboxId = this.#usableSandbox();
  }

  #usableSandbox(): string | undefined {
    const { sandboxes } = this.snapshot.runtime;
    const newest = sandboxes[0];
    if (newest?.state !== 'ready') return undefined;
    // Two at once come of a crash in the middle of a change: begin anew.
    if (sandboxes.filter((s) => s.state === 'ready').length > 1) return undefined;
    if (!this.snapshot.pod.spec?.hostNetwork && addressesOf(newest).length === 0) return undefined;
    return newest.id;
  }

  /** The newest attempt in the present sandbox. */
  #current(name: string): PodContainer | undefined {
    return this.snapshot.runtime.containers.find((c) => c.name === name && c.sandboxId === this.sandboxId);
  }

  #nextRestartCount(name: string): number {
    const newest = newestContainer(this.snapshot.runtime, name);
    if (newest) return newest.restartCount + 1;
    const { status } = this.snapshot.pod;
    const known = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find((s) => s.name === name);
    // The runtime has forgotten it (the machine was set up anew), the API has not.
    return known && (known.state?.running || known.state?.terminated || known.lastState?.terminated) ? known.restartCount + 1 : 0;
  }

  #start(container: AnyContainer, kind: ContainerKind): void {
    const previous = newestContainer(this.snapshot.runtime, container.name);
    this.plan.start.push({ container, kind, restartCount: this.#nextRestartCount(container.name), ...(previous ? { previous } : {}) });
  }

  #wake(atMs: number): void {
    this.plan.wakeAtMs = Math.min(this.plan.wakeAtMs ?? Number.POSITIVE_INFINITY, atMs);
  }

  /** Starts it, or has it wait for its back-off to end. */
  #restart(container: AnyContainer, kind: ContainerKind, ended: PodContainer): void {
    const wait = this.snapshot.backoff(container.name, ended.finishedAt || ended.createdAt);
    if (!wait) return this.#start(container, kind);
    this.plan.waiting.set(container.name, {
      reason: 'CrashLoopBackOff',
      message: `back-off ${shortDuration(wait.delayMs)} restarting failed container=${container.name} pod=${podFullName(this.snapshot.pod)}`,
    });
    this.#wake(wait.untilMs);
  }

  /** Ends a running container that was changed or found unhealthy. */
  #checkRunning(container: Container, kind: ContainerKind, status: PodContainer): void {
    const kill = (why: KillAction['why'], message: string, probe?: 'startup' | 'liveness'): void => {
      const policy = container.restartPolicy || this.snapshot.pod.spec?.restartPolicy;
      const restart = why === 'changed' || kind === 'sidecar' || policy !== 'Never';
      this.plan.kill.push({ container: status, kind, why, message, restart, ...(probe ? { probe } : {}) });
    };
    if (status.hash !== '' && status.hash !== containerHash(container)) kill('changed', `Container ${container.name} definition changed, will be restarted`);
    else if (this.snapshot.probe(status.id, 'liveness') === 'failure') kill('probe', `Container ${container.name} failed liveness probe, will be restarted`, 'liveness');
    else if (this.snapshot.probe(status.id, 'startup') === 'failure') kill('probe', `Container ${container.name} failed startup probe, will be restarted`, 'startup');
  }

  #hasStarted(container: Container, status: PodContainer): boolean {
    return container.startupProbe === undefined || this.snapshot.probe(status.id, 'startup') === 'success';
  }

  /** Some container after the init containers was made in this sandbox already. */
  #isInitialized(): boolean {
    const names = new Set((this.snapshot.pod.spec?.containers ?? []).map((c) => c.name));
    return this.snapshot.runtime.containers.some((c) => c.sandboxId === this.sandboxId && names.has(c.name));
  }

  /** Returns whether the other containers may run. */
  init(): boolean {
    const all = this.snapshot.pod.spec?.initContainers ?? [];
    const initialized = this.#isInitialized();
    // What was cleaned away behind a later one had been done.
    const furthest = all.findLastIndex((c) => this.#current(c.name) !== undefined);
    for (const [index, container] of all.entries()) {
      const isDone = isSidecar(container) ? this.#sidecar(container) : initialized || this.#oneInit(container, index < furthest);
      if (!isDone && !initialized) return false;
    }
    return true;
  }

  #oneInit(container: Container, isPassed: boolean): boolean {
    const status = this.#current(container.name);
    if (!status) {
      if (!isPassed) this.#start(container, 'init');
      return isPassed;
    }
    if (status.state === 'running') return false;
    if (status.state === 'exited' && status.exitCode === 0) return true;
    if (status.state !== 'exited' || shallRestart(this.snapshot.pod, container, 'init', status.exitCode)) this.#restart(container, 'init', status);
    return false;
  }

  #sidecar(container: Container): boolean {
    const status = this.#current(container.name);
    if (!status) {
      this.#start(container, 'sidecar');
      return false;
    }
    if (status.state === 'running') {
      this.#checkRunning(container, 'sidecar', status);
      return this.#hasStarted(container, status);
    }
    this.#restart(container, 'sidecar', status);
    return false;
  }

  main(): void {
    for (const container of this.snapshot.pod.spec?.containers ?? []) {
      const status = this.#current(container.name);
      if (!status) this.#startUnlessDone(container);
      else if (status.state === 'running') this.#checkRunning(container, 'main', status);
      else if (status.state !== 'exited' || this.snapshot.mustRestart.has(status.id) || shallRestart(this.snapshot.pod, container, 'main', status.exitCode)) this.#restart(container, 'main', status);
    }
  }

  /** A container that ended for good in an earlier sandbox is not started in a later one. */
  #startUnlessDone(container: Container): void {
    const earlier = newestContainer(this.snapshot.runtime, container.name);
    if (earlier?.state === 'exited' && !shallRestart(this.snapshot.pod, container, 'main', earlier.exitCode) && !this.snapshot.mustRestart.has(earlier.id)) return;
    this.#start(container, 'main');
  }

  ephemeral(): void {
    for (const container of this.snapshot.pod.spec?.ephemeralContainers ?? []) {
      if (!newestContainer(this.snapshot.runtime, container.name)) this.#start(container, 'ephemeral');
    }
  }

  /** Whether anything is left to run in a new sandbox. */
  sandboxIsWorthwhile(): boolean {
    const { pod, runtime } = this.snapshot;
    if (runtime.sandboxes.length === 0 && runtime.containers.length === 0) return true;
    const isWaiting = (container: Container, kind: ContainerKind): boolean => {
      const status = newestContainer(runtime, container.name);
      return !status || status.state !== 'exited' || this.snapshot.mustRestart.has(status.id) || shallRestart(pod, container, kind, status.exitCode);
    };
    const failedInit = (pod.spec?.initContainers ?? []).some((c) => {
      const status = newestContainer(runtime, c.name);
      return !isSidecar(c) && status?.state === 'exited' && status.exitCode !== 0 && !shallRestart(pod, c, 'init', status.exitCode);
    });
    // With restart policy Never, a pod whose containers have begun does not begin again.
    if (pod.spec?.restartPolicy === 'Never' && runtime.containers.some((c) => (pod.spec?.containers ?? []).some(({ name }) => name === c.name))) return false;
    return !failedInit && (pod.spec?.containers ?? []).some((c) => isWaiting(c, 'main'));
  }
}

/** The next steps for a pod that shall run. An empty plan means: all is as it should be. */
export function decideSync(snapshot: SyncSnapshot): SyncPlan {
  const planner = new Planner(snapshot);
  const { plan } = planner;
  if (planner.sandboxId === undefined) {
    if (planner.sandboxIsWorthwhile()) plan.createSandbox = { attempt: (snapshot.runtime.sandboxes[0]?.metadata.attempt ?? -1) + 1 };
    return plan;
  }
  planner.ephemeral();
  if (planner.init()) planner.main();
  return plan;
}
