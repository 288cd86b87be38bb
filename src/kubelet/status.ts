/** What the API shall say about a pod: a pure function of the pod, what the runtime has of it, and what the kubelet remembers. */
import { getCondition, isSidecar, setCondition } from '../api/core/v1/pods.ts';
import { podQosClass } from '../api/core/v1/resources.ts';
import type { Container, ContainerState, ContainerStatus, EphemeralContainer, Pod, PodCondition, PodStatus, VolumeMount, VolumeMountStatus } from '../api/core/v1/types.ts';
import { formatTime } from '../api/meta/time.ts';
import { kindOfInit, shallRestart, type ContainerKind, type Waiting } from './decide.ts';
import { addressesOf, newestContainer, readySandbox, type PodContainer, type PodRuntime } from './runtime-state.ts';
import type { AnyContainer } from './names.ts';

export interface StatusSnapshot {
  pod: Pod;
  runtime: PodRuntime;
  nowMs: number;
  nodeIp: string;
  /** Scheme of container ids. */
  runtimeName: string;
  /** Why containers wait, by name. */
  waiting: ReadonlyMap<string, Waiting>;
  /** What probes say of a container; undefined: it has no such probe, or no result yet. */
  probe(containerId: string, kind: 'startup' | 'readiness'): 'success' | 'failure' | undefined;
  /** Last words of an ended container. */
  terminationMessage(containerId: string): string | undefined;
  /** Containers that were ended by the kubelet to be started again. */
  mustRestart: ReadonlySet<string>;
  /** The pod is over by the kubelet's decision (evicted, deadline, refused). */
  verdict?: { phase: 'Failed'; reason: string; message: string; conditions?: PodCondition[] };
  /** The pod's containers are being ended, or have been: nothing of it starts again. */
  terminating: boolean;
  /** All containers have ended for good. */
  terminated: boolean;
}

type Probed = Pick<StatusSnapshot, 'probe'>;

const rfc3339 = (ms: number): string => formatTime(ms);

function terminatedState(status: PodContainer, snapshot: StatusSnapshot): NonNullable<ContainerState['terminated']> {
  const message = snapshot.terminationMessage(status.id) || status.message;
  return {
    exitCode: status.exitCode,
    reason: status.reason || (status.exitCode === 0 ? 'Completed' : 'Error'),
    ...(message ? { message } : {}),
    startedAt: rfc3339(status.startedAt || status.createdAt),
    finishedAt: rfc3339(status.finishedAt || status.createdAt),
    containerID: `${snapshot.runtimeName}://${status.id}`,
  };
}

/** A container that the API knew as running and the runtime does not know at all. */
function lostState(old: ContainerStatus): ContainerState | undefined {
  if (old.state?.terminated) return old.state;
  if (!old.state?.running) return undefined;
  return {
    terminated: {
      exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated',
      ...(old.containerID ? { containerID: old.containerID } : {}), startedAt: old.state.running.startedAt, finishedAt: old.state.running.startedAt,
    },
  };
}

function defaultWaiting(snapshot: StatusSnapshot, kind: ContainerKind, initialized: boolean): Waiting {
  const hasInit = (snapshot.pod.spec?.initContainers ?? []).length > 0;
  return { reason: hasInit && !initialized && kind !== 'ephemeral' ? 'PodInitializing' : 'ContainerCreating', message: '' };
}

/** Without a probe, running is started, and started is ready. */
export function isStarted(container: { startupProbe?: unknown }, status: PodContainer | undefined, probes: Probed): boolean {
  if (status?.state !== 'running') return false;
  return container.startupProbe === undefined || probes.probe(status.id, 'startup') === 'success';
}

export function isReady(container: { startupProbe?: unknown; readinessProbe?: unknown }, status: PodContainer | undefined, probes: Probed): boolean {
  if (!status || !isStarted(container, status, probes)) return false;
  return container.readinessProbe === undefined || probes.probe(status.id, 'readiness') === 'success';
}

/** A container of a pod that is over, of which nothing can be found. */
const unlocated: ContainerState = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated' } };

function stateOf(snapshot: StatusSnapshot, container: AnyContainer, kind: ContainerKind, status: PodContainer | undefined, old: ContainerStatus | undefined, initialized: boolean): Pick<ContainerStatus, 'state' | 'lastState'> {
  const previous = snapshot.runtime.containers.find((c) => c.name === container.name && c !== status && c.state === 'exited');
  const last = previous ? { terminated: terminatedState(previous, snapshot) } : old?.lastState?.terminated ? { terminated: old.lastState.terminated } : {};
  const waiting = snapshot.waiting.get(container.name);
  if (status?.state === 'running') return { state: { running: { startedAt: rfc3339(status.startedAt) } }, lastState: last };
  if (status?.state === 'exited') {
    const again = !snapshot.terminating && waiting !== undefined && (snapshot.mustRestart.has(status.id) || shallRestart(snapshot.pod, container, kind, status.exitCode));
    const terminated = terminatedState(status, snapshot);
    return again ? { state: { waiting: waitingState(waiting) }, lastState: { terminated } } : { state: { terminated }, lastState: last };
  }
  const lost = !status && old ? lostState(old) : undefined;
  if (lost && snapshot.terminating) return { state: lost, lastState: last };
  if (!status && snapshot.terminated && initialized && kind === 'main' && !snapshot.verdict) return { state: unlocated, lastState: last };
  const shown = waiting ?? defaultWaiting(snapshot, kind, initialized);
  return { state: { waiting: waitingState(shown) }, lastState: lost?.terminated ? lost : last };
}

function mountStatus({ name, mountPath, readOnly, recursiveReadOnly }: VolumeMount): VolumeMountStatus {
  if (!readOnly) return { name, mountPath };
  return { name, mountPath, readOnly, recursiveReadOnly: recursiveReadOnly === 'Enabled' ? 'Enabled' : 'Disabled' };
}

function waitingState({ reason, message }: Waiting): NonNullable<ContainerState['waiting']> {
  return { reason, ...(message ? { message } : {}) };
}

function containerStatus(snapshot: StatusSnapshot, container: Container | EphemeralContainer, kind: ContainerKind, initialized: boolean): ContainerStatus {
  const { status: podStatus } = snapshot.pod;
  const old = [...(podStatus?.initContainerStatuses ?? []), ...(podStatus?.containerStatuses ?? []), ...(podStatus?.ephemeralContainerStatuses ?? [])].find((s) => s.name === container.name);
  const status = newestContainer(snapshot.runtime, container.name);
  const { state, lastState } = stateOf(snapshot, container, kind, status, old, initialized);
  const isRunning = status?.state === 'running';
  const user = status?.user?.linux;
  const ready = kind === 'init' ? state?.terminated?.exitCode === 0 : kind !== 'ephemeral' && isReady(container, status, snapshot);
  return {
    name: container.name,
    state: state!,
    lastState: lastState!,
    ready,
    restartCount: status?.restartCount ?? old?.restartCount ?? 0,
    image: status?.image.userSpecifiedImage || status?.image.image || (old?.image ?? container.image ?? ''),
    imageID: status ? status.imageRef || status.imageId : (old?.imageID ?? ''),
    ...(status ? { containerID: `${snapshot.runtimeName}://${status.id}` } : old?.containerID ? { containerID: old.containerID } : {}),
    ...(kind === 'ephemeral' ? {} : { started: kind === 'init' ? isRunning : isStarted(container, status, snapshot) }),
    ...(isRunning && container.resources?.requests ? { allocatedResources: container.resources.requests } : {}),
    ...(isRunning ? { resources: container.resources ?? {} } : {}),
    ...((container.volumeMounts ?? []).length > 0 ? { volumeMounts: container.volumeMounts!.map(mountStatus) } : {}),
    ...(isRunning && user ? { user: { linux: { uid: user.uid, gid: user.gid, ...(user.supplementalGroups.length > 0 ? { supplementalGroups: user.supplementalGroups } : {}) } } } : {}),
  };
}

/** All init containers have done their part: regular ones ended well, sidecars started. */
export function isInitialized(pod: Pod, statuses: readonly ContainerStatus[]): boolean {
  return (pod.spec?.initContainers ?? []).every((container) => {
    const status = statuses.find((s) => s.name === container.name);
    return isSidecar(container) ? status?.started === true : status?.state?.terminated?.exitCode === 0;
  });
}

interface Counts {
  waiting: number;
  running: number;
  stopped: number;
  succeeded: number;
}

function count(pod: Pod, statuses: readonly ContainerStatus[]): Counts {
  const counts: Counts = { waiting: 0, running: 0, stopped: 0, succeeded: 0 };
  for (const container of pod.spec?.containers ?? []) {
    const state = statuses.find((s) => s.name === container.name);
    const ended = state?.state?.terminated;
    if (state?.state?.running) counts.running++;
    else if (ended) {
      counts.stopped++;
      if (ended.exitCode === 0) counts.succeeded++;
    } else if (state?.lastState?.terminated) counts.stopped++;
    else counts.waiting++;
  }
  return counts;
}

/** Whether ended containers all stay ended. */
function endedForGood(snapshot: StatusSnapshot, statuses: readonly ContainerStatus[]): boolean {
  return (snapshot.pod.spec?.containers ?? []).every((container) => {
    const ended = statuses.find((s) => s.name === container.name)?.state?.terminated;
    const id = ended?.containerID?.split('://')[1] ?? '';
    return ended !== undefined && !snapshot.mustRestart.has(id) && !shallRestart(snapshot.pod, container, 'main', ended.exitCode);
  });
}

function failedInit(snapshot: StatusSnapshot, statuses: readonly ContainerStatus[]): boolean {
  return (snapshot.pod.spec?.initContainers ?? []).some((container) => {
    if (isSidecar(container)) return false;
    const ended = statuses.find((s) => s.name === container.name)?.state?.terminated;
    return ended !== undefined && ended.exitCode !== 0 && !shallRestart(snapshot.pod, container, 'init', ended.exitCode);
  });
}

/** The phase as it follows from the containers. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase */
export function phaseOf(snapshot: StatusSnapshot, init: readonly ContainerStatus[], main: readonly ContainerStatus[]): string {
  const { pod } = snapshot;
  if (failedInit(snapshot, init)) return 'Failed';
  const counts = count(pod, main);
  const initialized = isInitialized(pod, init) || counts.running + counts.stopped > 0;
  if (snapshot.terminated) return initialized && counts.stopped === counts.succeeded && counts.waiting === 0 && counts.stopped > 0 ? 'Succeeded' : 'Failed';
  if (!initialized) return 'Pending';
  if (counts.waiting > 0) return 'Pending';
  if (counts.running > 0) return 'Running';
  if (counts.stopped === 0) return 'Pending';
  if (!endedForGood(snapshot, main)) return 'Running';
  return counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed';
}

function condition(type: string, isTrue: boolean, reason = '', message = ''): PodCondition {
  return { type, status: isTrue ? 'True' : 'False', ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}

function initializedCondition(snapshot: StatusSnapshot, phase: string, init: readonly ContainerStatus[]): PodCondition {
  if (phase === 'Succeeded') return condition('Initialized', true, 'PodCompleted');
  if (isInitialized(snapshot.pod, init)) return condition('Initialized', true);
  const missing = (snapshot.pod.spec?.initContainers ?? []).filter((c) => {
    const status = init.find((s) => s.name === c.name);
    return kindOfInit(c) === 'sidecar' ? !status?.started : status?.state?.terminated?.exitCode !== 0;
  });
  return condition('Initialized', false, 'ContainersNotInitialized', `containers with incomplete status: [${missing.map((c) => c.name).join(' ')}]`);
}

function containersReadyCondition(snapshot: StatusSnapshot, phase: string, init: readonly ContainerStatus[], main: readonly ContainerStatus[]): PodCondition {
  if (phase === 'Succeeded') return condition('ContainersReady', false, 'PodCompleted');
  if (phase === 'Failed') return condition('ContainersReady', false, 'PodFailed');
  const sidecars = (snapshot.pod.spec?.initContainers ?? []).filter(isSidecar).map((c) => init.find((s) => s.name === c.name));
  const unready = [...sidecars, ...main].filter((s) => s && !s.ready).map((s) => s!.name);
  if (unready.length === 0) return condition('ContainersReady', true);
  return condition('ContainersReady', false, 'ContainersNotReady', `containers with unready status: [${unready.join(' ')}]`);
}

function readyCondition(pod: Pod, containersReady: PodCondition): PodCondition {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const messages: string[] = [];
  for (const { conditionType } of pod.spec?.readinessGates ?? []) {
    const gate = getCondition(pod.status?.conditions, conditionType);
    if (!gate) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (gate.status !== 'True') messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`);
  }
  return messages.length === 0 ? condition('Ready', true) : condition('Ready', false, 'ReadinessGatesNotReady', messages.join(', '));
}

/** Only the kubelet's own conditions: all others belong to somebody else, and stay as they are in the API. */
function conditionsOf(snapshot: StatusSnapshot, phase: string, init: readonly ContainerStatus[], main: readonly ContainerStatus[]): PodCondition[] {
  const { pod, runtime } = snapshot;
  const sandbox = readySandbox(runtime);
  const hasNetwork = sandbox !== undefined && (pod.spec?.hostNetwork === true || addressesOf(sandbox).length > 0);
  const containersReady = containersReadyCondition(snapshot, phase, init, main);
  const wanted = [
    condition('PodReadyToStartContainers', hasNetwork),
    initializedCondition(snapshot, phase, init),
    readyCondition(pod, containersReady),
    containersReady,
    condition('PodScheduled', true),
    ...(snapshot.verdict?.conditions ?? []),
  ];
  const generation = pod.metadata.generation;
  const now = rfc3339(snapshot.nowMs);
  const types = new Set(wanted.map(({ type }) => type));
  let conditions: PodCondition[] = (pod.status?.conditions ?? []).filter(({ type }) => types.has(type));
  for (const each of wanted) conditions = setCondition(conditions, { ...each, ...(generation ? { observedGeneration: generation } : {}) }, now);
  return conditions;
}

function addresses(snapshot: StatusSnapshot): Pick<PodStatus, 'hostIP' | 'hostIPs' | 'podIP' | 'podIPs'> {
  const { pod, runtime, nodeIp } = snapshot;
  const own = pod.spec?.hostNetwork ? (runtime.sandboxes.length > 0 ? [nodeIp] : []) : addressesOf(runtime.sandboxes[0]);
  // A pod that has ended keeps the address it was known by.
  const ips = own.length > 0 ? own : (pod.status?.podIPs ?? []).map(({ ip }) => ip);
  return {
    hostIP: nodeIp,
    hostIPs: [{ ip: nodeIp }],
    ...(ips.length > 0 ? { podIP: ips[0]!, podIPs: ips.map((ip) => ({ ip })) } : {}),
  };
}

function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

export interface ComputedStatus {
  status: PodStatus;
  /** What the containers say the phase is, even while a sidecar still runs and the status does not show it. */
  phase: string;
}

/** The status, and the phase that decides whether the pod is over. */
export function computeStatus(snapshot: StatusSnapshot): ComputedStatus {
  const { pod, runtime, verdict } = snapshot;
  const initContainers = pod.spec?.initContainers ?? [];
  const draft = initContainers.map((c) => containerStatus(snapshot, c, kindOfInit(c), false));
  const initialized = isInitialized(pod, draft);
  const init = initialized ? initContainers.map((c) => containerStatus(snapshot, c, kindOfInit(c), true)) : draft;
  const main = (pod.spec?.containers ?? []).map((c) => containerStatus(snapshot, c, 'main', initialized));
  const ephemeral = (pod.spec?.ephemeralContainers ?? []).map((c) => containerStatus(snapshot, c, 'ephemeral', initialized));
  const phase = verdict?.phase ?? phaseOf(snapshot, init, main);
  const before = pod.status?.phase;
  // A pod that was over stays over, and is not called over while something of it still runs.
  const stillRuns = runtime.containers.some((c) => c.state === 'running');
  const shown = isTerminalPhase(before) ? before! : isTerminalPhase(phase) && stillRuns ? (before === undefined || before === '' ? 'Pending' : before) : phase;
  const failedReason = verdict && isTerminalPhase(shown) ? { reason: verdict.reason, message: verdict.message } : isTerminalPhase(before) ? { ...(pod.status?.reason ? { reason: pod.status.reason } : {}), ...(pod.status?.message ? { message: pod.status.message } : {}) } : {};
  const status: PodStatus = {
    ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
    phase: shown,
    conditions: conditionsOf(snapshot, phase, init, main),
    ...failedReason,
    ...addresses(snapshot),
    startTime: pod.status?.startTime ?? rfc3339(snapshot.nowMs),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: main,
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
    qosClass: podQosClass(pod),
  };
  return { status, phase };
}
